//! What the books keep of statements: servers take no value of any size, and a dump may hold more
//! than all that the books are for.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::kernel::UnitStatement;

/// A statement up to this size is kept as it is.
const WHOLE: usize = 64 * 1024;
/// And all of a migration together up to this one.
const TOGETHER: usize = 1024 * 1024;
/// How much is shown of a long one, and of one that has no room any more.
const SHOWN: (usize, usize) = (200, 24);

/// Each statement as it is kept: itself, or a line of comment with its beginning, its length and
/// a digest. What is kept of one hangs on nothing behind it.
pub fn kept(statements: &[UnitStatement]) -> Vec<String> {
    let mut room = TOGETHER;
    let one = |statement: &UnitStatement| {
        let text = statement.text();
        let left = room.checked_sub(text.len());
        if let Some(left) = left.filter(|_| text.len() <= WHOLE) {
            room = left;
            return text.into_owned();
        }
        let shown = if room > WHOLE { SHOWN.0 } else { SHOWN.1 };
        let short = shortened(&text, shown);
        room = room.saturating_sub(short.len());
        short
    };
    statements.iter().map(one).collect()
}

/// The same as one text.
pub(super) fn joined(statements: &[UnitStatement]) -> String {
    let mut text = String::new();
    for (statement, kept) in statements.iter().zip(kept(statements)) {
        if is_shortened(&kept) {
            text.push_str(&kept);
        } else {
            text.push_str(&statement.script());
        }
        text.push('\n');
    }
    text
}

fn shortened(text: &str, shown: usize) -> String {
    let mut short = "-- ".to_owned();
    let words = text.chars().take(shown);
    short.extend(words.map(|c| if c.is_control() { ' ' } else { c }));
    let _ = write!(short, "… ({} bytes, sha256 ", text.len());
    for byte in Sha256::digest(text.as_bytes()).iter().take(8) {
        let _ = write!(short, "{byte:02x}");
    }
    short.push(')');
    short
}

/// True for what stands in the place of a statement: it is a line of comment.
pub fn is_shortened(kept: &str) -> bool {
    kept.starts_with("-- ")
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
        assert!(length < 3 * TOGETHER, "{length}");
        // What comes behind changes nothing before it.
        assert_eq!(kept(&all[..1500]), texts[..1500]);
    }
}
