//! SQL text as tokens with their places: the only file that names the parser crate.
//!
//! The engine keeps the text of each object as it was written. It has read that text
//! itself, so what is asked here is only where its parts are, never whether it is right.

mod usual;

use fallible_iterator::FallibleIterator as _;
use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::{Error, Parser, ParserError, Tokenizer};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A bare word: a keyword or a name.
    Word,
    /// A name in `"`, `` ` `` or `[`.
    Quoted,
    /// A text in `'`.
    Text,
    /// A number.
    Number,
    /// A blob literal.
    Blob,
    /// Anything else.
    Symbol,
}

/// A token of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// As written.
    pub(crate) text: &'a str,
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
}

impl Token<'_> {
    /// True for that bare word, letter case aside.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// True for that symbol.
    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        // Nearly all have one byte, and a comparison of texts calls for help.
        let (own, other) = (self.text.as_bytes(), symbol.as_bytes());
        self.kind == Kind::Symbol
            && own.len() == other.len()
            && own.first() == other.first()
            && own.get(1) == other.get(1)
            && own.get(2) == other.get(2)
    }

    /// True for a word or a quoted name that is this name, letter case aside.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        match self.kind {
            Kind::Word => self.text.eq_ignore_ascii_case(name),
            Kind::Quoted => {
                // Nearly all others are told by their length: quotes only add to it.
                self.text.len() >= name.len() + 2 && unquote(self.text).eq_ignore_ascii_case(name)
            }
            Kind::Text | Kind::Number | Kind::Blob | Kind::Symbol => false,
        }
    }

    /// The name that the token can stand for: a word, or what is in quotes. The engine
    /// takes even a text literal where a name has to be.
    pub(crate) fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_owned()),
            Kind::Quoted | Kind::Text => Some(unquote(self.text)),
            Kind::Number | Kind::Blob | Kind::Symbol => None,
        }
    }
}

/// The tokens of a text, comments and blanks left out.
pub(crate) fn tokens(sql: &str) -> Result<Vec<Token<'_>>, String> {
    match usual::tokens(sql) {
        Some(found) => Ok(found),
        None => scanned(sql),
    }
}

/// The same from the engine's own scanner, which knows every kind of token and what is wrong.
fn scanned(sql: &str) -> Result<Vec<Token<'_>>, String> {
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut found = Vec::with_capacity(sql.len() / 5);
    loop {
        let (start, token, end) = scanner.scan(sql.as_bytes()).map_err(in_words)?;
        if token.is_none() {
            return Ok(found);
        }
        let text = sql
            .get(start..end)
            .ok_or_else(|| format!("a character is cut at byte {start}"))?;
        found.push(Token {
            kind: kind(text),
            text,
            start,
            end,
        });
    }
}

/// The engine reads a text up to its first zero byte. The parser's crate reads on, and panics when
/// it compares a name that holds one: for a name in brackets, zero is its mark for no quote.
pub(crate) const ZERO: char = '\0';

/// Whether a text is one statement, asked of the grammar; why not, in its words.
pub(crate) fn check(sql: &str) -> Result<(), String> {
    if let Some(place) = sql.find(ZERO) {
        let (line, column) = line_and_column(sql, place);
        return Err(placed(
            "a zero byte, where the engine stops reading",
            line,
            column,
        ));
    }
    let arena = bumpalo::Bump::new();
    let mut parser = Parser::new(&arena, sql.as_bytes());
    match parser.next() {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err("there is no statement".to_owned()),
        Err(error) => Err(in_words(error)),
    }
}

/// What is wrong and where in the text; the parser's own words hold its types.
fn in_words(error: Error) -> String {
    let (what, place) = match error {
        Error::ParserError(ParserError::SyntaxError(near), place) if near.is_empty() => {
            ("the text ends too early".into(), place)
        }
        Error::ParserError(ParserError::SyntaxError(near), place) => {
            (format!("`{near}` can't stand here"), place)
        }
        Error::ParserError(other, place) => (other.to_string(), place),
        Error::UnrecognizedToken(place) => ("a character that can't stand here".into(), place),
        Error::UnterminatedLiteral(place) => ("a quote that is never closed".into(), place),
        Error::UnterminatedBracket(place) => ("a `[` that is never closed".into(), place),
        Error::UnterminatedBlockComment(place) => ("a comment that is never closed".into(), place),
        Error::BadVariableName(place) => ("a parameter without a name".into(), place),
        Error::BadNumber(place) => ("a number that is none".into(), place),
        Error::ExpectedEqualsSign(place) => ("a `!` without `=`".into(), place),
        Error::MalformedBlobLiteral(place) => ("a blob literal that is none".into(), place),
        Error::MalformedHexInteger(place) => ("a hexadecimal number that is none".into(), place),
        // The crate may add more.
        other => return other.to_string(),
    };
    match place {
        Some(place) => placed(&what, place.line, place.column),
        None => what,
    }
}

fn placed(what: &str, line: usize, column: usize) -> String {
    format!("{what} (line {line}, column {column} of it)")
}

/// Both from 1, the column in bytes, as the scanner counts them.
fn line_and_column(sql: &str, place: usize) -> (usize, usize) {
    let before = &sql[..place];
    let line = before.matches('\n').count() + 1;
    let begin = before.rfind('\n').map_or(0, |end| end + 1);
    (line, place - begin + 1)
}

fn kind(text: &str) -> Kind {
    let mut bytes = text.bytes();
    match (bytes.next(), bytes.next()) {
        (Some(b'x' | b'X'), Some(b'\'')) => Kind::Blob,
        (Some(b'\''), _) => Kind::Text,
        (Some(b'"' | b'`' | b'['), _) => Kind::Quoted,
        (Some(b'0'..=b'9'), _) | (Some(b'.'), Some(b'0'..=b'9')) => Kind::Number,
        (Some(first), _) if first == b'_' || first.is_ascii_alphabetic() || !first.is_ascii() => {
            Kind::Word
        }
        _ => Kind::Symbol,
    }
}

/// True for a word of the engine's grammar, whether it is reserved or not.
pub(crate) fn is_keyword(word: &str) -> bool {
    // The list asserts that it is asked for words of two letters at least.
    (2..=17).contains(&word.len())
        && word.is_ascii()
        && sqlite3_parser::dialect::keyword_token(word.as_bytes()).is_some()
}

/// What stands between quotes, doubled ones undone.
pub(crate) fn unquote(text: &str) -> String {
    let Some(quote) = text.chars().next() else {
        return String::new();
    };
    let close = if quote == '[' { ']' } else { quote };
    let Some(inner) = text
        .strip_prefix(quote)
        .and_then(|rest| rest.strip_suffix(close))
    else {
        return text.to_owned();
    };
    if quote == '[' {
        return inner.to_owned();
    }
    let mut doubled = String::new();
    doubled.push(quote);
    doubled.push(quote);
    inner.replace(&doubled, &quote.to_string())
}

/// Replaces each name `from` by `to`, which is printed as it stands.
pub(crate) fn rename(sql: &str, from: &str, to: &str) -> String {
    match tokens(sql) {
        Ok(found) => replaced(sql, &found, from, to),
        Err(_) => sql.to_owned(),
    }
}

/// The same in a text that has the name `beside` in it; none for any other.
pub(crate) fn rename_beside(sql: &str, beside: &str, from: &str, to: &str) -> Option<String> {
    let found = tokens(sql).ok()?;
    let mentioned = found.iter().any(|token| token.is_name(beside));
    mentioned.then(|| replaced(sql, &found, from, to))
}

fn replaced(sql: &str, found: &[Token<'_>], from: &str, to: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut done = 0;
    for token in found {
        if token.is_name(from) {
            text.push_str(&sql[done..token.start]);
            text.push_str(to);
            done = token.end;
        }
    }
    text.push_str(&sql[done..]);
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn tokens_have_kinds_and_places() {
        let sql = "a \"b\"\"c\" [d] 'e''f' .5 x'00' --no\n<= ä";
        let found = tokens(sql).expect("reads");
        let seen: Vec<(Kind, &str)> = found.iter().map(|t| (t.kind, t.text)).collect();
        assert_eq!(
            seen,
            [
                (Kind::Word, "a"),
                (Kind::Quoted, "\"b\"\"c\""),
                (Kind::Quoted, "[d]"),
                (Kind::Text, "'e''f'"),
                (Kind::Number, ".5"),
                (Kind::Blob, "x'00'"),
                (Kind::Symbol, "<="),
                (Kind::Word, "ä"),
            ]
        );
        assert_eq!(found[1].name().as_deref(), Some("b\"c"));
        assert_eq!(&sql[found[6].start..found[6].end], "<=");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn the_usual_tokens_are_the_scanners(text in "[-a-zA-Z0-9_$ \n\t'\"`\\[\\](),;.<>=!|&~+*/%?:@#\\\\xeéß]{0,40}") {
            if let Some(found) = usual::tokens(&text) {
                let known = scanned(&text);
                prop_assert_eq!(Ok(shape(&found)), known.map(|known| shape(&known)));
            }
        }

        #[test]
        fn those_of_sql_are(
            words in proptest::collection::vec(proptest::sample::select(PIECES), 0..20),
            gap in proptest::sample::select(&["", " ", "\n"][..]),
        ) {
            let text = words.join(gap);
            if let Some(found) = usual::tokens(&text) {
                let known = scanned(&text);
                prop_assert_eq!(Ok(shape(&found)), known.map(|known| shape(&known)));
            }
        }
    }

    const PIECES: &[&str] = &[
        "a",
        "\"b\"\"c\"",
        "[d]",
        "'e''f'",
        ".5",
        "1.5",
        "10",
        "1e5",
        "0x1F",
        "x'00'",
        "--no\n",
        "/* c */",
        "/*",
        "<=",
        "<>",
        "<<",
        "||",
        "->",
        "->>",
        "==",
        "!=",
        ".",
        ",",
        "(",
        ")",
        ";",
        "-",
        "*",
        "/",
        "_x",
        "é",
        "'",
        "1_0",
        "5a",
        ":v",
        "?1",
        "$",
        "\u{a0}",
        "\u{c}",
    ];

    fn shape(found: &[Token<'_>]) -> Vec<(Kind, usize, usize)> {
        found.iter().map(|t| (t.kind, t.start, t.end)).collect()
    }

    #[test]
    fn names_are_replaced_whole() {
        assert_eq!(
            rename("a.x = \"A\" AND 'a' <> aa", "a", "\"b c\""),
            "\"b c\".x = \"b c\" AND 'a' <> aa"
        );
    }

    #[test]
    fn broken_text_is_an_error() {
        for (sql, told) in [
            ("a\n 'open", "a quote that is never closed (line 2, column"),
            ("[open", "a `[` that is never closed (line 1, column"),
            ("a ! b", "a `!` without `=` (line 1, column"),
            ("0x", "a hexadecimal number that is none (line 1, column"),
            ("x'0'", "a blob literal that is none (line 1, column"),
            ("12ab", "a number that is none (line 1, column"),
            ("\\", "a character that can't stand here (line 1, column"),
        ] {
            let error = tokens(sql).expect_err(sql);
            assert!(error.starts_with(told), "{sql}: {error}");
        }
        for (sql, told) in [
            ("CREATE TABLE t (id INT", "the text ends too early"),
            ("CREATE TABLE %", "`%` can't stand here (line 1, column"),
            (
                "CREATE TABLE t (a,\n [\0b])",
                "a zero byte, where the engine stops reading (line 2, column 3 of it)",
            ),
            (
                "CREATE TABLE t (a, \"\0\")",
                "a zero byte, where the engine stops reading (line 1, column 21 of it)",
            ),
            (
                "ALTER TABLE [\0a] RENAME TO [\0b]",
                "a zero byte, where the engine stops reading (line 1, column 14 of it)",
            ),
        ] {
            let error = check(sql).expect_err(sql);
            assert!(error.starts_with(told), "{sql}: {error}");
        }
    }
}
