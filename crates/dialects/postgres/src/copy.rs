//! COPY between a table and the client that the statement comes from.

use realign_planner::script::{Cutter as _, LexKind, Lexeme};

use crate::split::{Reading, lexemes};

/// What such a COPY exchanges with its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// The client sends rows as text.
    In,
    /// The client sends rows as no script can hold them.
    BinaryIn,
    /// The server sends rows.
    Out,
}

/// What this statement exchanges with its client; none for anything else, also a COPY of a file
/// or a program of the server's. Rows may stand behind it.
pub(crate) fn exchange(sql: &str) -> Option<Exchange> {
    let lexemes = lexemes(alone(sql)?);
    let mut depth = 0_usize;
    let way = lexemes.windows(2).enumerate().find_map(|(at, pair)| {
        if pair[0].is_mark("(") {
            depth += 1;
        } else if pair[0].is_mark(")") {
            depth = depth.saturating_sub(1);
        }
        // The server takes one word for the other.
        let client = depth == 0 && pair[1].is_one_of(&["STDIN", "STDOUT"]);
        match (pair[0].is("FROM"), pair[0].is("TO")) {
            (true, _) if client => Some((at, true)),
            (_, true) if client => Some((at, false)),
            _ => None,
        }
    });
    let (at, comes_in) = way?;
    Some(if !comes_in {
        Exchange::Out
    } else if is_binary(&lexemes, at) {
        Exchange::BinaryIn
    } else {
        Exchange::In
    })
}

/// The statement without what stands behind it, if it is a COPY.
pub(crate) fn alone(sql: &str) -> Option<&str> {
    let mut at = 0;
    let mut known = false;
    while at < sql.len() {
        let (kind, length) = Reading.piece(sql, at);
        let text = &sql[at..at + length];
        match kind {
            LexKind::Blank | LexKind::Comment | LexKind::Bracket => {}
            LexKind::Mark if text == ";" => return known.then_some(&sql[..at]),
            _ if known => {}
            LexKind::Word if text.eq_ignore_ascii_case("COPY") => known = true,
            _ => return None,
        }
        at += length;
    }
    known.then_some(sql)
}

/// `COPY BINARY t`, `WITH BINARY`, `(FORMAT binary)`.
fn is_binary(lexemes: &[Lexeme<'_>], from: usize) -> bool {
    let says = |lexeme: &Lexeme<'_>| {
        let text = lexeme.text.trim_matches(['\'', '"']);
        text.eq_ignore_ascii_case("binary")
    };
    let before = lexemes.get(1).is_some_and(|lexeme| lexeme.is("BINARY"));
    let mut depth = 0_usize;
    before
        || lexemes[from..].windows(2).any(|pair| {
            if pair[0].is_mark("(") {
                depth += 1;
            } else if pair[0].is_mark(")") {
                depth = depth.saturating_sub(1);
            }
            (pair[0].is("FORMAT") && says(&pair[1])) || (depth == 0 && pair[1].is("BINARY"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_from_the_client_or_go_to_it() {
        for (sql, wanted) in [
            ("COPY t FROM STDIN", Some(Exchange::In)),
            ("copy\tpublic.\"t\"(a,b)from stdin", Some(Exchange::In)),
            ("COPY/**/t FROM STDOUT", Some(Exchange::In)),
            (
                "COPY t FROM STDIN WITH (FORMAT csv, HEADER, NULL 'binary') WHERE a > 1",
                Some(Exchange::In),
            ),
            ("COPY t FROM STDIN USING DELIMITERS '|'", Some(Exchange::In)),
            (
                "COPY t FROM STDIN (FORMAT binary)",
                Some(Exchange::BinaryIn),
            ),
            (
                "COPY t FROM STDIN (FORMAT 'BINARY')",
                Some(Exchange::BinaryIn),
            ),
            ("COPY BINARY t FROM STDIN", Some(Exchange::BinaryIn)),
            ("COPY t FROM STDIN WITH BINARY", Some(Exchange::BinaryIn)),
            ("COPY t TO STDOUT", Some(Exchange::Out)),
            ("COPY (SELECT a FROM stdin) TO STDOUT", Some(Exchange::Out)),
            ("COPY (SELECT a FROM stdin) TO '/tmp/x'", None),
            ("COPY stdin FROM '/tmp/x'", None),
            ("COPY t FROM PROGRAM 'cat'", None),
            ("SELECT a FROM stdin", None),
            ("COPY t FROM '/tmp/x';\nx\tFROM STDIN\n\\.", None),
            (
                "COPY t FROM STDIN;\nit's\tTO STDOUT\n\\.",
                Some(Exchange::In),
            ),
        ] {
            assert_eq!(exchange(sql), wanted, "{sql}");
        }
    }

    #[test]
    fn what_stands_behind_is_no_part_of_it() {
        assert_eq!(
            alone("COPY t FROM stdin (DELIMITER ';');\n1;2\n\\."),
            Some("COPY t FROM stdin (DELIMITER ';')")
        );
        assert_eq!(
            alone("/* x */ COPY t FROM stdin"),
            Some("/* x */ COPY t FROM stdin")
        );
        assert_eq!(alone("SELECT 1; COPY t FROM stdin"), None);
        assert_eq!(alone(""), None);
    }
}
