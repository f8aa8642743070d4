//! Scripts as the `sqlite3` shell reads them.

use std::ops::Range;

use realign_planner::script::{Command, Cutter, LexKind, Lexeme, Nesting, Seen};

/// The one way in which this engine reads text.
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
            LexKind::Name => name(text).into(),
            LexKind::Text | LexKind::Word | LexKind::Number | LexKind::Mark => text.into(),
        };
        found.push(Lexeme { kind, text, span });
    }
    found
}

fn name(text: &str) -> String {
    let Some(quote) = text.chars().next() else {
        return String::new();
    };
    let end = if quote == '[' { ']' } else { quote };
    let body = &text[1..];
    let body = body.strip_suffix(end).unwrap_or(body);
    if quote == '[' {
        body.to_owned()
    } else {
        body.replace(&format!("{quote}{quote}"), &quote.to_string())
    }
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
        if let Some(body) = rest.strip_prefix("/*") {
            let length = body.find("*/").map_or(rest.len(), |end| end + 4);
            return (LexKind::Comment, length);
        }
        match first {
            '\'' => (LexKind::Text, quoted_length(rest, b'\'')),
            'x' | 'X' if chars.next() == Some('\'') => {
                (LexKind::Text, 1 + quoted_length(&rest[1..], b'\''))
            }
            '"' => (LexKind::Name, quoted_length(rest, b'"')),
            '`' => (LexKind::Name, quoted_length(rest, b'`')),
            '[' => (
                LexKind::Name,
                rest.find(']').map_or(rest.len(), |end| end + 1),
            ),
            c if c.is_ascii_digit() => (
                LexKind::Number,
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_')
                    .unwrap_or(rest.len()),
            ),
            c if is_word(c) => (
                LexKind::Word,
                rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
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
            // The engine itself takes the end of the text for the end of a comment. One that takes
            // in what was meant to begin a section was not meant to go on so far.
            LexKind::Comment => {
                let is_closed = piece.len() >= 4 && piece.ends_with("*/");
                let is_directive = |line: &str| {
                    let comment = line.trim_start().strip_prefix("--");
                    comment.is_some_and(|text| text.trim_start().starts_with("realign:"))
                };
                piece.starts_with("/*") && !is_closed && piece.lines().any(is_directive)
            }
            LexKind::Name if piece.starts_with('[') => !piece.ends_with(']'),
            LexKind::Name | LexKind::Text => {
                let piece = piece.trim_start_matches(['x', 'X']);
                let bytes = piece.as_bytes();
                bytes.len() < 2 || !is_closed(bytes)
            }
            _ => false,
        }
    }

    fn command(&self, line: &str) -> Option<Command> {
        let word = line.strip_prefix('.')?.split_whitespace().next()?;
        Some(match word {
            "bail" | "changes" | "echo" | "headers" | "header" | "mode" | "print" | "timeout"
            | "timer" | "width" | "nullvalue" | "separator" | "quit" | "exit" => Command::Harmless,
            _ => Command::Problem(format!(".{word} is a command of the shell, and no SQL")),
        })
    }

    fn nesting(&self, seen: &Seen<'_>, word: &str) -> Nesting {
        // Asked of each word of a script.
        if !matches!(word, "BEGIN" | "CASE" | "END") {
            return Nesting::Same;
        }
        let trigger = seen.begins("CREATE")
            && (seen.head.iter().take(4)).any(|head| head.eq_ignore_ascii_case("TRIGGER"));
        if !trigger || seen.after_mark(".") {
            return Nesting::Same;
        }
        match word {
            "BEGIN" if seen.depth == 0 && seen.parentheses == 0 => Nesting::Open,
            "CASE" if seen.depth > 0 => Nesting::Open,
            "END" if seen.depth > 0 => Nesting::Close,
            _ => Nesting::Same,
        }
    }

    fn parentheses_hold(&self) -> bool {
        false
    }

    fn takes_rows(&self, _: &str) -> bool {
        false
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn quoted_length(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

fn is_closed(bytes: &[u8]) -> bool {
    let quote = bytes[0];
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use realign_planner::script::split;

    use super::*;

    #[test]
    fn triggers_are_whole_and_quotes_hide() {
        let statements = [
            "SELECT ';', \";\", `;`, [;], x'00'",
            "CREATE TEMP TRIGGER t AFTER UPDATE OF a ON b WHEN new.a > CASE WHEN 1 THEN 2 END BEGIN UPDATE b SET a = CASE a WHEN 1 THEN 2 ELSE 3 END; SELECT 1; END",
            "BEGIN",
            "INSERT INTO t VALUES (1)",
            "COMMIT",
        ];
        let found = split(
            &format!(".mode list\n{};\n", statements.join(";\n")),
            &Reading,
        );
        assert_eq!(found.problems, []);
        let texts: Vec<&str> = found.statements.iter().map(|s| s.sql.as_str()).collect();
        assert_eq!(texts, statements);
        assert_eq!(split(".read x\nSELECT 'a", &Reading).problems.len(), 2);
    }
}
