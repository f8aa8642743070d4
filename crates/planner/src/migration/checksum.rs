//! A checksum by meaning: what a file does, not how it is laid out.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::MigrationFile;
use crate::{Facts, Scripts};

/// The checksum of a file: over its checks and statements, section by section. Comments, blanks,
/// line ends and the description have no part in it, and neither have values of placeholders.
pub fn checksum(file: &MigrationFile, scripts: &dyn Scripts, facts: &Facts) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    if !file.transaction {
        part("transaction off");
    }
    if !file.placeholders {
        part("placeholders off");
    }
    for section in &file.sections {
        part(section.phase.word());
        for check in &section.checks {
            part(check.kind.word());
            part(&check.condition.to_string());
        }
        for statement in scripts.split(&section.text, facts).statements {
            part(&plain(&statement.sql));
            if let Some(rows) = &statement.rows {
                part(&rows.text.replace("\r\n", "\n"));
            }
        }
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A statement with one blank in place of any number of blanks and comments. Quoted text stays,
/// and so does everything after a quoted backslash: engines disagree on where such text ends.
fn plain(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql.trim();
    let blank = |text: &mut String| {
        if !text.ends_with(' ') {
            text.push(' ');
        }
    };
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            blank(&mut text);
            rest = rest.trim_start();
        } else if rest.starts_with("--") {
            blank(&mut text);
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        } else if rest.starts_with("/*") && !rest.starts_with("/*!") && !rest.starts_with("/*M!") {
            blank(&mut text);
            rest = rest.split_once("*/").map_or("", |(_, rest)| rest);
        } else if matches!(c, '\'' | '"' | '`') {
            let end = rest[1..].find(c).map_or(rest.len(), |at| at + 2);
            let quoted = &rest[..end];
            if quoted.contains('\\') {
                text.push_str(&rest.replace("\r\n", "\n"));
                break;
            }
            text.push_str(quoted);
            rest = &rest[end..];
        } else if c == '$' && rest[1..].contains('$') {
            // The body of a routine between dollars: as it stands.
            text.push_str(&rest.replace("\r\n", "\n"));
            break;
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn layout_and_comments_have_no_meaning() {
        let one = "CREATE TABLE a (id INT, -- the key\r\n  n TEXT /* name */ DEFAULT '--  /*' )";
        let other = "CREATE TABLE  a (id INT, \n n TEXT  DEFAULT '--  /*' )\n";
        assert_eq!(plain(one), plain(other));
        assert_ne!(plain("SELECT 'a  b'"), plain("SELECT 'a b'"));
        assert_ne!(plain("SELECT /*! 1 */ 2"), plain("SELECT 2"));
        assert_ne!(plain(r"SELECT 'a\' -- b'"), plain(r"SELECT 'a\' -- c'"));
        assert_ne!(
            plain("DO $$ BEGIN -- a\n $$"),
            plain("DO $$ BEGIN -- b\n $$")
        );
    }
}
