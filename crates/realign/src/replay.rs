//! A folder of migrations as a schema: the way up through all of them.

use std::cmp::Ordering;
use std::path::Path;

use realign_planner::migration::{MigrationFile, Phase, Placeholders, Section, fill};
use realign_planner::{Diagnostic, Facts, Scripts};
use realign_sources::SourceFile;

/// Words that mark a release before the one of the same numbers.
const EARLIER: [&str; 6] = ["alpha", "beta", "dev", "pre", "preview", "rc"];

/// Puts migrations into the order of their versions and leaves of each file what is run on the
/// way up; everything else becomes blanks, so that places in it stay what they are.
pub(crate) fn ways_up(
    files: Vec<SourceFile>,
    placeholders: &Placeholders,
    scripts: &dyn Scripts,
    facts: &Facts,
) -> (Vec<SourceFile>, Vec<Diagnostic>) {
    let mut files: Vec<SourceFile> = files
        .into_iter()
        .filter(|file| !leads_down(&file.path))
        .collect();
    files
        .sort_by(|a, b| by_version(stem(&a.path), stem(&b.path)).then_with(|| a.path.cmp(&b.path)));
    let mut said = Vec::new();
    for file in &mut files {
        let (read, problems) = MigrationFile::read_for(&file.path, &file.text, scripts, facts);
        said.extend(problems);
        let mut parts: Vec<&Section> = [Phase::PreUp, Phase::Up, Phase::PostUp]
            .into_iter()
            .filter_map(|phase| read.section(phase))
            .collect();
        parts.sort_by_key(|section| section.start);
        file.text = only(&file.text, &parts);
        if read.placeholders {
            filled(file, placeholders, scripts, facts, &mut said);
        }
    }
    (files, said)
}

/// Puts values in place of the placeholders of statements. In rows nothing is one.
fn filled(
    file: &mut SourceFile,
    placeholders: &Placeholders,
    scripts: &dyn Scripts,
    facts: &Facts,
    said: &mut Vec<Diagnostic>,
) {
    if !file.text.contains("${") {
        return;
    }
    let mut made = String::with_capacity(file.text.len());
    let mut from = 0;
    for statement in scripts.split(&file.text, facts).statements {
        let (Some(before), Some(sql)) = (
            file.text.get(from..statement.span.start),
            file.text.get(statement.span.clone()),
        ) else {
            continue;
        };
        match fill(sql, placeholders) {
            Ok(sql) => {
                made.push_str(before);
                made.push_str(&sql);
                from = statement.span.end;
            }
            Err((_, name)) => said.push(
                Diagnostic::error(
                    "M002",
                    format!("nothing is said for the placeholder ${{{name}}}"),
                )
                .at(statement.origin(&file.path))
                .with_help(format!(
                    "give `{name}` a value in [migrations.placeholders]"
                )),
            ),
        }
    }
    made.push_str(file.text.get(from..).unwrap_or_default());
    file.text = made;
}

/// True for the half of a pair of files (`7_x.up.sql`, `7_x.down.sql`) that takes it back.
fn leads_down(path: &str) -> bool {
    let stem = stem(path);
    [".down", "_down", "-down", ".undo"]
        .iter()
        .any(|ending| stem.ends_with(ending))
}

fn stem(path: &str) -> &str {
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str());
    stem.unwrap_or(path)
}

/// What these sections of a text hold, at its place: everything else, directives in them
/// included, is blank, and all lines are as they were.
fn only(text: &str, sections: &[&Section]) -> String {
    let mut made = String::with_capacity(text.len());
    for section in sections {
        blank(text.get(made.len()..section.start), &mut made);
        made.push_str(&section.text);
    }
    blank(text.get(made.len()..), &mut made);
    made
}

fn blank(text: Option<&str>, made: &mut String) {
    for character in text.unwrap_or_default().chars() {
        if matches!(character, '\n' | '\r') {
            made.push(character);
        } else {
            made.extend(std::iter::repeat_n(' ', character.len_utf8()));
        }
    }
}

/// Names in the order of the numbers in them: `upgrade_9` before `upgrade_10`, `1.0.0-rc1`
/// before `1.0.0`.
fn by_version(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        match (left.is_empty(), right.is_empty()) {
            (true, true) => return a.cmp(b),
            (true, false) if is_earlier(right) => return Ordering::Greater,
            (true, false) => return Ordering::Less,
            (false, true) if is_earlier(left) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        let (digits_left, digits_right) = (digits(left), digits(right));
        let order = if digits_left.is_empty() || digits_right.is_empty() {
            let (first_left, first_right) = (left.chars().next(), right.chars().next());
            left = &left[first_left.map_or(0, char::len_utf8)..];
            right = &right[first_right.map_or(0, char::len_utf8)..];
            first_left.cmp(&first_right)
        } else {
            left = &left[digits_left.len()..];
            right = &right[digits_right.len()..];
            let (x, y) = (
                digits_left.trim_start_matches('0'),
                digits_right.trim_start_matches('0'),
            );
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn digits(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
}

/// True for the rest of a name that makes it an earlier one: `-rc1`.
fn is_earlier(rest: &str) -> bool {
    let rest = rest
        .trim_start_matches(['-', '_', '.', '~'])
        .to_ascii_lowercase();
    EARLIER.iter().any(|word| rest.starts_with(word))
}

#[cfg(test)]
mod tests {
    use realign_planner::migration::Placeholders;
    use realign_sources::SourceFile;

    fn ways_up(files: Vec<SourceFile>) -> (Vec<SourceFile>, Vec<realign_planner::Diagnostic>) {
        let (engine, facts) = crate::offline("mariadb-10.11").unwrap();
        let values = Placeholders::from([("prefix".to_owned(), "mtc_".to_owned())]);
        super::ways_up(files, &values, engine.dialect.scripts(), &facts)
    }

    fn ordered(names: &[&str]) -> Vec<String> {
        let files = names.iter().map(|name| SourceFile {
            path: format!("m/{name}.sql"),
            text: String::new(),
        });
        let (files, _) = ways_up(files.collect());
        let names = files.iter().map(|file| super::stem(&file.path).to_owned());
        names.collect()
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        assert_eq!(
            ordered(&["upgrade_100", "upgrade_99", "upgrade_9"]),
            ["upgrade_9", "upgrade_99", "upgrade_100"]
        );
        assert_eq!(
            ordered(&["1.1.0", "1.0.0", "1.0.0-rc2", "1.0.10", "1.0.9"]),
            ["1.0.0-rc2", "1.0.0", "1.0.9", "1.0.10", "1.1.0"]
        );
        assert_eq!(
            ordered(&["2_b.up", "2_b.down", "1_a.up"]),
            ["1_a.up", "2_b.up"]
        );
    }

    #[test]
    fn only_the_way_up_is_left_and_places_stay() {
        let text = "-- realign:down\nDROP TABLE ü;\n-- realign:up\nCREATE TABLE ü (a);\n";
        let (files, said) = ways_up(vec![SourceFile {
            path: "1.sql".to_owned(),
            text: text.to_owned(),
        }]);
        assert!(said.is_empty(), "{said:?}");
        assert_eq!(files[0].text.len(), text.len());
        assert_eq!(files[0].text.trim(), "CREATE TABLE ü (a);");
        assert_eq!(files[0].text.find("CREATE"), text.find("CREATE"));
    }

    #[test]
    fn no_directive_is_left_of_it() {
        // Without a blank behind the hyphens this is no comment to every engine.
        let text = "--realign:post-up\nUPDATE t SET a = 1;\n--realign:up\n\
                    CREATE TABLE t (\n--realign:note \"it's done\"\na INT);";
        let (files, said) = ways_up(vec![SourceFile {
            path: "1.sql".to_owned(),
            text: text.to_owned(),
        }]);
        assert!(said.is_empty(), "{said:?}");
        let left = &files[0].text;
        assert_eq!(left.len(), text.len());
        let words: Vec<&str> = left.split_whitespace().collect();
        assert_eq!(
            words.join(" "),
            "UPDATE t SET a = 1; CREATE TABLE t ( a INT);"
        );
    }

    fn made(text: &str) -> (String, usize) {
        let file = SourceFile {
            path: "m/1.sql".to_owned(),
            text: text.to_owned(),
        };
        let (files, problems) = ways_up(vec![file]);
        (files[0].text.clone(), problems.len())
    }

    #[test]
    fn placeholders_have_their_values() {
        let text = "CREATE TABLE ${prefix}a (id INT DEFAULT '$${x}');\nSELECT 1;\n";
        let filled = "CREATE TABLE mtc_a (id INT DEFAULT '${x}');\nSELECT 1;\n";
        assert_eq!(made(text), (filled.to_owned(), 0));
        assert_eq!(made("SELECT '${nobody}';").1, 1);
        let off = "-- realign:placeholders off\nSELECT '${nobody}';\n";
        assert_eq!(made(off).1, 0);
    }
}
