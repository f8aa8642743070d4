//! What is printed, in the form in which both are compared.

use regex::Regex;

/// Our output, or a file that we wrote, with the recordings' placeholders.
pub(crate) fn ours(text: &str, folder: &str, database: &str) -> String {
    let mut text = text.replace(folder, "<DIR>");
    if !database.is_empty() {
        text = text.replace(database, "app");
    }
    for (pattern, with) in [
        (r"\b20[2-9]\d-\d\d-\d\d \d\d:\d\d:\d\d\b", "<DATE>"),
        (r"\bVersion202[6-9]\d{10}\b", "Version<YYYYMMDDHHII>"),
        (r"\b[0-9.]+ms, used \d+M", "<MS>ms, used <MEM>M"),
        (r"\bQuery took [0-9.]+ms", "Query took <MS>ms"),
        (r"\| [0-9.]+s +\|", "| <SEC> |"),
        (r"/20\d\d/\d\d/", "/<YYYY>/<MM>/"),
    ] {
        text = Regex::new(pattern)
            .expect("an expression")
            .replace_all(&text, with)
            .into_owned();
    }
    common(&text)
}

/// A recorded output: blocks are neither filled with blanks nor wrapped here, and migrations are
/// files of SQL (`sql-files` in the book's table).
pub(crate) fn theirs(text: &str) -> String {
    let text = Regex::new(r"/20\d\d/\d\d/")
        .expect("an expression")
        .replace_all(text, "/<YYYY>/<MM>/")
        .replace("Version<YYYYMMDDHHII>.php\"", "Version<YYYYMMDDHHII>.sql\"");
    common(&unwrapped(&text))
}

/// Joins what a block wraps, and takes away what fills its lines.
fn unwrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut block = false;
    for line in text.split('\n') {
        let mark = [" [OK] ", " [ERROR] ", " [WARNING] "]
            .iter()
            .any(|mark| line.starts_with(mark));
        if mark {
            block = true;
            lines.push(line.trim_end().to_owned());
        } else if block && line.starts_with("      ") && !line.trim().is_empty() {
            if let Some(last) = lines.last_mut() {
                last.push(' ');
                last.push_str(line.trim());
            }
        } else {
            block = false;
            lines.push(line.to_owned());
        }
    }
    lines.join("\n")
}

/// Widths of tables hang on the folder's length: runs of blanks and rules count once.
fn common(text: &str) -> String {
    let blanks = Regex::new(" {2,}").expect("an expression");
    let rules = Regex::new("-{2,}").expect("an expression");
    text.split('\n')
        .map(|line| {
            if line.starts_with('|') || line.starts_with('+') {
                let line = blanks.replace_all(line, " ");
                rules.replace_all(&line, "-").into_owned()
            } else {
                line.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first line that differs, of both.
pub(crate) fn first_difference(ours: &str, theirs: &str) -> String {
    let mut lines = ours.lines();
    let mut others = theirs.lines();
    loop {
        match (lines.next(), others.next()) {
            (None, None) => return "only the end of the last line differs".to_owned(),
            (a, b) if a == b => {}
            (a, b) => {
                return format!(
                    "        ours:   {}\n        theirs: {}",
                    a.unwrap_or("(end)"),
                    b.unwrap_or("(end)")
                );
            }
        }
    }
}
