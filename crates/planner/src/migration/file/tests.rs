use super::*;

fn read(text: &str) -> MigrationFile {
    let (file, problems) = MigrationFile::read("m.sql", text);
    assert!(problems.is_empty(), "{problems:?}");
    file
}

fn problems(text: &str) -> Vec<String> {
    let (_, problems) = MigrationFile::read("m.sql", text);
    problems
        .iter()
        .map(|problem| match &problem.origin {
            Origin::File { line, column, .. } => format!("{line}:{column} {}", problem.message),
            Origin::None | Origin::Server => problem.message.clone(),
        })
        .collect()
}

#[test]
fn a_file_without_sections_is_up() {
    let file = read(
        "-- realign:description Add customers\n-- realign:transaction off\nCREATE TABLE a (id INT);\n",
    );
    assert_eq!(file.description.as_deref(), Some("Add customers"));
    assert!(!file.transaction);
    let up = file.section(Phase::Up).expect("up");
    assert!(up.text.trim().starts_with("CREATE TABLE a"));
    assert_eq!(file.sections.len(), 1);
    assert_eq!(read("").sections.len(), 1);
}

#[test]
fn sections_directives_and_checks() {
    let file = read(concat!(
        "\u{feff}-- A migration.\r\n",
        "-- realign:requires 20240101000000\r\n",
        "-- realign:lock-timeout 500ms\r\n",
        "--realign:statement-timeout 2min\r\n",
        "-- realign:skip-if \"It is \"\"there\"\".\" table a exists\r\n",
        "\r\n",
        "-- realign:up\r\n",
        "-- realign:warn-if SELECT count(*) FROM b\r\n",
        "CREATE TABLE a (id INT);\r\n",
        "-- realign:note \"Done.\"\r\n",
        "-- realign:down\r\n",
        "DROP TABLE a;",
    ));
    assert_eq!(file.requires[0].value, Version::new("20240101000000"));
    assert_eq!(file.lock_timeout, Some(Duration::from_millis(500)));
    assert_eq!(file.statement_timeout, Some(Duration::from_mins(2)));
    let up = file.section(Phase::Up).expect("up");
    let kinds: Vec<&str> = up.checks.iter().map(|check| check.kind.word()).collect();
    assert_eq!(kinds, ["skip-if", "warn-if", "note"]);
    assert_eq!(up.checks[0].says(), "It is \"there\".");
    assert_eq!(up.checks[1].says(), "SELECT count(*) FROM b");
    let down = file.section(Phase::Down).expect("down");
    assert_eq!(down.text, "DROP TABLE a;");
    assert_eq!(down.line, 12);
}

#[test]
fn statements_keep_their_place() {
    let text = "-- realign:up\n-- realign:note \"ä\"\nSELECT 1;\n";
    let file = read(text);
    let up = file.section(Phase::Up).expect("up");
    let at = up.text.find("SELECT").expect("there");
    assert_eq!(&text[up.start + at..up.start + at + 6], "SELECT");
    match up.place(&file.path, at, at + 6) {
        Origin::File { line, column, .. } => assert_eq!((line, column), (3, 1)),
        Origin::None | Origin::Server => panic!("no place"),
    }
}

#[test]
fn what_comes_first_is_up_when_nothing_else_is() {
    let file = read("-- realign:note \"a\"\nSELECT 1;\n-- realign:down\nSELECT 2;\n");
    let up = file.section(Phase::Up).expect("up");
    assert_eq!(up.text.trim(), "SELECT 1;");
    assert_eq!(up.checks.len(), 1);
    assert_eq!(file.section(Phase::Down).expect("down").line, 4);
    assert_eq!(
        problems("SELECT 1;\n-- realign:up\nSELECT 2;"),
        ["1:1 this statement is in no section"]
    );
}

#[test]
fn every_mistake_at_once() {
    let text = concat!(
        "CREATE TABLE a (id INT);\n",
        "-- realign:transaction maybe\n",
        "-- realign:lock-timeout soon\n",
        "-- realign:requires\n",
        "-- realign:up now\n",
        "-- realign:skip-if tabel a exists\n",
        "  -- realign:upp\n",
        "-- realign:up\n",
        "-- realign:note hello\n",
        "-- realign:irreversible \"why\n",
        "-- realign:description a\n",
        "-- realign:description b\n",
    );
    assert_eq!(
        problems(text),
        [
            "2:24 write `transaction off`",
            "3:25 `soon` is no time",
            "4:1 write `requires VERSION`",
            "5:15 nothing goes after `up`",
            "6:20 `skip-if` can't be read: write `table NAME exists`, `column TABLE.COLUMN is TYPE`, \
             `index NAME missing`, or a query",
            "7:3 there is no directive `upp`",
            "8:12 the section `up` is there twice",
            "9:17 `note` can't be read: write one text in double quotes",
            "10:25 the \" is not closed",
            "12:1 `description` is there twice",
            "1:1 this statement is in no section",
        ]
    );
}

#[test]
fn irreversible_or_a_way_back() {
    let file = read("-- realign:irreversible \"There is no way back.\"\nSELECT 1");
    assert_eq!(file.irreversible.as_deref(), Some("There is no way back."));
    assert_eq!(
        read("-- realign:irreversible").irreversible.as_deref(),
        Some(IRREVERSIBLE)
    );
    assert_eq!(
        problems("-- realign:irreversible\n-- realign:up\n-- realign:down\nSELECT 1"),
        ["4:1 the migration is irreversible, and has a way back"]
    );
}
