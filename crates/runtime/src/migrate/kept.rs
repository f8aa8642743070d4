//! What the books keep of statements: servers take no value of any size, and a dump may hold more
//! than all that the books are for.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::kernel::UnitStatement;

/// A statement up to this size is kept as it is.
const WHOLE: usize = 64 * 1024;
/// And all of a migration together up to this one.
const TOGETHER: usize = 1024 * 1024;
/// How the line begins that stands in the place of a statement; none begins with a comment.
const COMMENT: &str = "-- ";
/// How many digits of a digest are kept.
const DIGITS: usize = 16;
/// How much is shown of a long one.
const SHOWN: usize = 200;

/// Each statement as it is kept: itself, or a line of comment with its beginning, its length and
/// a digest; behind those that have taken all room a digest only. What is kept of one hangs on
/// nothing behind it.
pub fn kept(statements: &[UnitStatement]) -> Vec<String> {
    let mut room = Some(TOGETHER);
    let one = |statement: &UnitStatement| {
        let text = statement.text();
        let long = (text.len() > WHOLE).then(|| shortened(&text));
        let length = long.as_ref().map_or(text.len(), String::len);
        room = room.and_then(|room| room.checked_sub(length));
        match (room, long) {
            (None, _) => format!("{COMMENT}{}", digest(&text)),
            (Some(_), Some(long)) => long,
            (Some(_), None) => text.into_owned(),
        }
    };
    statements.iter().map(one).collect()
}

/// The same as one text, with a line for all that have no room.
pub(super) fn joined(statements: &[UnitStatement]) -> String {
    let mut text = String::new();
    let mut more = 0_usize;
    for (statement, kept) in statements.iter().zip(kept(statements)) {
        if !is_shortened(&kept) {
            text.push_str(&statement.script());
        } else if kept.len() > COMMENT.len() + DIGITS {
            text.push_str(&kept);
        } else {
            more += 1;
            continue;
        }
        text.push('\n');
    }
    if more > 0 {
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(text, "{COMMENT}and {more} statements more");
    }
    text
}

/// What is kept where there is no room for so many statements at all.
pub(super) fn unkept(count: usize) -> String {
    format!("{COMMENT}{count} statements")
}

fn shortened(text: &str) -> String {
    let mut short = COMMENT.to_owned();
    let words = text.chars().take(SHOWN);
    short.extend(words.map(|c| if c.is_control() { ' ' } else { c }));
    let _ = write!(short, "… ({} bytes, sha256 {})", text.len(), digest(text));
    short
}

fn digest(text: &str) -> String {
    let mut digits = String::with_capacity(DIGITS);
    for byte in Sha256::digest(text.as_bytes()).iter().take(DIGITS / 2) {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// True for what stands in the place of a statement: it is a line of comment.
pub fn is_shortened(kept: &str) -> bool {
    kept.starts_with(COMMENT)
}

#[cfg(test)]
mod tests {
    use realign_model::Origin;
    use realign_planner::{Nature, StatementKind};

    use super::*;
    use crate::kernel::UnitRows;

    fn statement(sql: &str, rows: Option<&str>) -> UnitStatement {
        UnitStatement {
            sql: sql.to_owned(),
            nature: Nature::of(StatementKind::Data),
            origin: Origin::None,
            rows: rows.map(|text| UnitRows {
                text: text.to_owned(),
                line: 1,
            }),
        }
    }

    #[test]
    fn what_is_long_is_kept_by_its_beginning_and_a_digest() {
        let long = "1\n".repeat(WHOLE);
        let other = format!("{long}2\n");
        let all = [
            statement("COPY t FROM stdin", Some("1\n")),
            statement("COPY t FROM stdin", Some(&long)),
            statement("COPY t FROM stdin", Some(&other)),
        ];
        let texts = kept(&all);
        assert_eq!(texts[0], "COPY t FROM stdin;\n1\n\\.");
        assert!(
            texts[1].starts_with("-- COPY t FROM stdin; 1 1 ")
                && texts[1].contains("… (131093 bytes, sha256 ")
                && !texts[1].contains('\n'),
            "{}",
            texts[1]
        );
        assert_ne!(texts[1], texts[2]);
        assert!(is_shortened(&texts[1]) && !is_shortened(&texts[0]));
        assert_eq!(joined(&all[..1]), "COPY t FROM stdin;\n1\n\\.\n");
        assert_eq!(joined(&all[1..2]), format!("{}\n", texts[1]));
    }

    #[test]
    fn all_together_have_a_bound() {
        let one = format!("INSERT INTO t VALUES ('{}')", "x".repeat(1000));
        let all = vec![statement(&one, None); 20_000];
        let texts = kept(&all);
        assert_eq!(texts[0], one);
        assert!(is_shortened(&texts[19_999]));
        let length: usize = texts.iter().map(String::len).sum();
        assert!(length < 2 * TOGETHER, "{length}");
        let text = joined(&all);
        assert!(text.len() < 2 * TOGETHER && text.ends_with(" statements more\n"));
        // What comes behind changes nothing before it.
        assert_eq!(kept(&all[..1500]), texts[..1500]);
    }
}
