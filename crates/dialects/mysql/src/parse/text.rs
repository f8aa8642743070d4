//! A statement as the server reads it: executable comments opened, other comments gone, names in
//! backticks, backslashes in strings as escapes. What follows need not know the session's modes.

use std::borrow::Cow;

use realign_planner::script::{Cutter as _, LexKind};

use crate::render::quote_ident;
use crate::split::Reading;

/// The text of one statement in the plainest spelling, and where its bytes come from.
#[derive(Debug)]
pub(crate) struct Plain<'a> {
    /// The text.
    pub(crate) text: Cow<'a, str>,
    /// Places in the text with their places in the source; between two the bytes are the same.
    /// Empty when the text is the source.
    places: Vec<(usize, usize)>,
}

impl Plain<'_> {
    /// The byte of the source that a byte of the text comes from.
    pub(crate) fn source(&self, at: usize) -> usize {
        let next = self.places.partition_point(|(plain, _)| *plain <= at);
        match next.checked_sub(1).and_then(|last| self.places.get(last)) {
            Some((plain, source)) => source + (at - plain),
            None => at,
        }
    }
}

/// The plain text of a statement in a session.
pub(crate) fn plain<'a>(sql: &'a str, reading: &Reading<'_>) -> Plain<'a> {
    let differs = ["/*", "--", "#"].iter().any(|mark| sql.contains(mark))
        || (reading.names_in_quotes() && sql.contains('"'))
        || (!reading.escapes() && sql.contains('\\'));
    if !differs {
        return Plain {
            text: Cow::Borrowed(sql),
            places: Vec::new(),
        };
    }
    let mut text = String::with_capacity(sql.len());
    let mut places = vec![(0, 0)];
    let mut at = 0;
    while at < sql.len() {
        let (kind, length) = reading.piece(sql, at);
        let length = length.max(1);
        let end = (at + length).min(sql.len());
        let piece = sql.get(at..end).unwrap_or_default();
        at = end;
        match kind {
            LexKind::Comment | LexKind::Bracket => text.push(' '),
            LexKind::Name if piece.starts_with('"') => {
                text.push_str(&quote_ident(&unquoted(piece)));
            }
            LexKind::Text if !reading.escapes() && piece.contains('\\') => {
                text.push_str(&piece.replace('\\', "\\\\"));
            }
            LexKind::Blank
            | LexKind::Word
            | LexKind::Name
            | LexKind::Text
            | LexKind::Number
            | LexKind::Mark => {
                text.push_str(piece);
                continue;
            }
        }
        places.push((text.len(), at));
    }
    Plain {
        text: Cow::Owned(text),
        places,
    }
}

/// The name in double quotes.
fn unquoted(piece: &str) -> String {
    let body = piece.get(1..).unwrap_or_default();
    body.strip_suffix('"').unwrap_or(body).replace("\"\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::offline;

    fn read(sql: &str, version: &str, mode: &str) -> String {
        let mut facts = offline(version).unwrap();
        facts
            .settings
            .insert("sql_mode".to_owned(), mode.to_owned());
        plain(sql, &Reading::of(&facts)).text.into_owned()
    }

    #[test]
    fn executable_comments_are_opened_where_the_server_runs_them() {
        let sql = "CREATE TABLE t (a INT /*!80023 INVISIBLE */) /*M!100100 ENGINE=Aria*/ -- x";
        assert_eq!(
            read(sql, "mysql-8.0.31", ""),
            "CREATE TABLE t (a INT   INVISIBLE  )    "
        );
        let on_mariadb = read(sql, "mariadb-10.11", "");
        let words: Vec<&str> = on_mariadb.split_whitespace().collect();
        assert_eq!(
            words,
            ["CREATE", "TABLE", "t", "(a", "INT", ")", "ENGINE=Aria"]
        );
    }

    #[test]
    fn modes_no_longer_matter() {
        assert_eq!(
            read(
                r#""a""b" 'x\'"#,
                "mysql-8.0",
                "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"
            ),
            "`a\"b` 'x\\\\'"
        );
    }

    #[test]
    fn places_lead_back_to_the_source() {
        let facts = offline("mysql-8.0").unwrap();
        let sql = "a /* long comment */ b # c\n d";
        let plain = plain(sql, &Reading::of(&facts));
        for word in ["a", "b", "d"] {
            let at = plain.text.find(word).unwrap();
            assert_eq!(plain.source(at), sql.rfind(word).unwrap(), "{word}");
        }
    }
}
