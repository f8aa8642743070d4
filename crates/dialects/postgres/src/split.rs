//! Scripts as `psql` reads them.

use std::ops::Range;

use realign_planner::script::{Command, Cutter, LexKind, Lexeme, Nesting, Seen};

use crate::copy::{self, Exchange};
use crate::lexer;

/// The way in which a session reads text: backslashes mean themselves outside of `E''`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading;

/// The pieces of one statement.
pub(crate) fn lexemes(sql: &str) -> Vec<Lexeme<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < sql.len() {
        let (kind, length) = Reading.piece(sql, at);
        let span = at..at + length;
        let text = &sql[span.clone()];
        at += length;
        let text = match kind {
            LexKind::Blank | LexKind::Comment | LexKind::Bracket => continue,
            LexKind::Name => text.trim_matches('"').replace("\"\"", "\"").into(),
            LexKind::Text | LexKind::Word | LexKind::Number | LexKind::Mark => text.into(),
        };
        found.push(Lexeme { kind, text, span });
    }
    found
}

impl Cutter for Reading {
    fn piece(&self, text: &str, at: usize) -> (LexKind, usize) {
        let rest = &text[at..];
        let mut chars = rest.chars();
        let Some(first) = chars.next() else {
            return (LexKind::Blank, 1);
        };
        if first.is_whitespace() || first == '\u{feff}' {
            let length = rest
                .find(|c: char| !c.is_whitespace() && c != '\u{feff}')
                .unwrap_or(rest.len());
            return (LexKind::Blank, length);
        }
        if rest.starts_with("--") {
            return (LexKind::Comment, rest.find('\n').unwrap_or(rest.len()));
        }
        if rest.starts_with("/*") {
            return (LexKind::Comment, lexer::comment_length(rest));
        }
        let quoted = chars.next() == Some('\'');
        match first {
            '\'' => (LexKind::Text, string_length(rest, 0, false)),
            'e' | 'E' if quoted => (LexKind::Text, string_length(rest, 1, true)),
            'b' | 'B' | 'x' | 'X' | 'n' | 'N' if quoted => {
                (LexKind::Text, string_length(rest, 1, false))
            }
            '"' => (LexKind::Name, name_length(rest)),
            '$' => dollar(rest),
            c if c.is_ascii_digit() => (
                LexKind::Number,
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_')
                    .unwrap_or(rest.len()),
            ),
            c if lexer::is_word_start(c) => (
                LexKind::Word,
                rest.find(|c| !lexer::is_word(c)).unwrap_or(rest.len()),
            ),
            c => (LexKind::Mark, c.len_utf8()),
        }
    }

    fn is_open(&self, text: &str, span: Range<usize>, kind: LexKind) -> bool {
        if span.end < text.len() {
            return false;
        }
        let piece = &text[span];
        match kind {
            LexKind::Comment => piece.starts_with("/*") && !is_closed_comment(piece),
            LexKind::Name => piece.len() < 2 || !closes(piece, 0, '"', false),
            LexKind::Text if piece.starts_with('$') => {
                let tag = piece[1..].find('$').map_or(piece, |end| &piece[..end + 2]);
                piece.len() < 2 * tag.len() || !piece.ends_with(tag)
            }
            LexKind::Text => {
                let prefix = usize::from(!piece.starts_with('\''));
                !closes(piece, prefix, '\'', piece.starts_with(['e', 'E']))
            }
            _ => false,
        }
    }

    fn command(&self, line: &str) -> Option<Command> {
        let line = line.trim();
        let word = line.strip_prefix('\\')?.split_whitespace().next()?;
        Some(match word {
            // What pg_dump writes, and what only changes what is printed.
            "restrict" | "unrestrict" | "." | "echo" | "qecho" | "warn" | "pset" | "timing"
            | "encoding" | "set" | "unset" | "q" | "x" | "t" | "a" => Command::Harmless,
            _ => Command::Problem(format!("\\{word} is a command of psql, and no SQL")),
        })
    }

    fn nesting(&self, seen: &Seen<'_>, word: &str) -> Nesting {
        if !seen.begins("CREATE") || !(seen.has("FUNCTION") || seen.has("PROCEDURE")) {
            return Nesting::Same;
        }
        match word {
            "BEGIN" if seen.depth == 0 && seen.next_is("ATOMIC") => Nesting::Open,
            "CASE" if seen.depth > 0 => Nesting::Open,
            "END" if seen.depth > 0 => Nesting::Close,
            _ => Nesting::Same,
        }
    }

    /// The actions of a rule stand in them.
    fn parentheses_hold(&self) -> bool {
        true
    }

    fn takes_rows(&self, statement: &str) -> bool {
        match copy::exchange(statement) {
            Some(Exchange::In | Exchange::BinaryIn) => true,
            Some(Exchange::Out) | None => false,
        }
    }
}

fn string_length(text: &str, prefix: usize, escapes: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = prefix + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn name_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' if bytes.get(at + 1) == Some(&b'"') => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// `$tag$ … $tag$`, a parameter `$1`, or a lone dollar.
fn dollar(text: &str) -> (LexKind, usize) {
    let tag = text[1..]
        .find(|c: char| !lexer::is_word(c) || c == '$')
        .filter(|end| {
            text[1 + end..].starts_with('$') && !text[1..].starts_with(|c: char| c.is_ascii_digit())
        })
        .map(|end| &text[..end + 2]);
    if let Some(tag) = tag {
        let body = &text[tag.len()..];
        let length = body.find(tag).map_or(text.len(), |end| 2 * tag.len() + end);
        (LexKind::Text, length)
    } else {
        let digits = text[1..]
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len() - 1);
        (LexKind::Mark, 1 + digits)
    }
}

fn closes(piece: &str, prefix: usize, quote: char, escapes: bool) -> bool {
    let bytes = piece.as_bytes();
    let mut at = prefix + 1;
    while at < bytes.len() {
        if escapes && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] != quote as u8 {
            at += 1;
        } else if bytes.get(at + 1) == Some(&(quote as u8)) {
            at += 2;
        } else {
            return true;
        }
    }
    false
}

fn is_closed_comment(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b'/') => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    return true;
                }
            }
            _ => at += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use realign_planner::script::split;

    use super::*;

    fn cut(script: &str) -> Vec<String> {
        let found = split(script, &Reading);
        assert_eq!(found.problems, [], "{script}");
        found.statements.into_iter().map(|s| s.sql).collect()
    }

    #[test]
    fn quotes_hide_semicolons() {
        let statements = [
            "SELECT ';', \";\", E'\\';', $$;$$, $a$ $b$;$b$ $a$ /* ; /* ; */ ; */",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
            "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))",
            "SELECT '\\'",
            "SELECT $1, a$b",
        ];
        let texts: Vec<String> = statements
            .iter()
            .map(|s| s.split(" /*").next().unwrap_or(s).to_owned())
            .collect();
        assert_eq!(cut(&format!("{};\n", statements.join(";\n"))), texts);
    }

    #[test]
    fn rows_of_a_copy_are_no_statements() {
        let found = split(
            "\\restrict x\nCOPY t (a, b) FROM stdin;\n1\t;\n2\t\\N\n\\.\n\nSELECT 1;\n\\connect db\n",
            &Reading,
        );
        let texts: Vec<&str> = found.statements.iter().map(|s| s.sql.as_str()).collect();
        assert_eq!(texts, ["COPY t (a, b) FROM stdin", "SELECT 1"]);
        let rows = found.statements[0].rows.as_ref().expect("rows");
        assert_eq!((rows.text.as_str(), rows.line), ("1\t;\n2\t\\N\n", 3));
        assert_eq!(found.statements[1].line, 7);
        assert_eq!(found.problems.len(), 1);
    }

    #[test]
    fn what_is_open_is_told() {
        for open in [
            "SELECT 'a",
            "SELECT \"a",
            "/* a /* b */",
            "SELECT $x$ a $y$",
            "SELECT E'a\\'",
        ] {
            assert_eq!(split(open, &Reading).problems.len(), 1, "{open}");
        }
    }
}
