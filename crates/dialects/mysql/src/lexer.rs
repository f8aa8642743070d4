//! Tokens of MySQL's SQL, loss-free: their spans cover the input without a gap.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Blanks and line breaks.
    Blank,
    /// A comment, markers included. The text of `/*! … */` is a comment too.
    Comment,
    /// A bare word: keyword or identifier.
    Word,
    /// An identifier in backticks.
    Quoted,
    /// A string in `'` or `"`, its introducer (`_utf8mb4`) not included.
    String,
    /// A number, `0x1F`, `b'01'` and `x'1F'` included.
    Number,
    /// One character of anything else.
    Symbol,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Its bytes.
    pub(crate) span: Range<usize>,
}

/// All tokens of a text, blanks and comments included.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let (kind, length) = next_token(&text[start..], first);
        tokens.push(Token {
            kind,
            span: start..start + length,
        });
        start += length;
    }
    tokens
}

/// The kind and the length of the token that a text begins with.
pub(crate) fn next_token(text: &str, first: char) -> (TokenKind, usize) {
    let second = text[first.len_utf8()..].chars().next();
    match (first, second) {
        (c, _) if c.is_whitespace() => (TokenKind::Blank, run_length(text, char::is_whitespace)),
        ('#', _) => (TokenKind::Comment, line_length(text)),
        ('-', Some('-')) if starts_line_comment(text) => (TokenKind::Comment, line_length(text)),
        ('/', Some('*')) => (
            TokenKind::Comment,
            text[2..].find("*/").map_or(text.len(), |end| end + 4),
        ),
        ('`', _) => (TokenKind::Quoted, quoted_length(text, b'`', false)),
        ('\'', _) => (TokenKind::String, quoted_length(text, b'\'', true)),
        ('"', _) => (TokenKind::String, quoted_length(text, b'"', true)),
        ('b' | 'B' | 'x' | 'X', Some('\'')) => (
            TokenKind::Number,
            1 + quoted_length(&text[1..], b'\'', false),
        ),
        (c, _) if c.is_ascii_digit() => (TokenKind::Number, number_length(text)),
        ('.', Some(c)) if c.is_ascii_digit() => (TokenKind::Number, number_length(text)),
        (c, _) if is_word(c) => (TokenKind::Word, run_length(text, is_word)),
        (c, _) => (TokenKind::Symbol, c.len_utf8()),
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn run_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn line_length(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// MySQL takes `--` for a comment only before a blank or at the end: `5--1` is 6.
fn starts_line_comment(text: &str) -> bool {
    text[2..]
        .chars()
        .next()
        .is_none_or(|c| c.is_whitespace() || c.is_control())
}

/// The length of a quoted text from its opening quote on; without a closing one, all the rest.
pub(crate) fn quoted_length(text: &str, quote: u8, escapes: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if escapes && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    if bytes[0] == b'0' && matches!(bytes.get(1), Some(b'x' | b'X')) {
        return 2 + run_length(&text[2..], |c| c.is_ascii_hexdigit());
    }
    let mut at = run_length(text, |c| c.is_ascii_digit());
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        at += run_length(&text[at..], |c| c.is_ascii_digit());
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let digits = run_length(&text[at + 1 + sign..], |c| c.is_ascii_digit());
        if digits > 0 {
            at += 1 + sign + digits;
        }
    }
    at
}

/// A walk over the tokens of a text, blanks and comments left out.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
}

impl<'a> Cursor<'a> {
    /// A walk from the start of a text.
    pub(crate) fn new(text: &'a str) -> Self {
        let mut tokens = tokens(text);
        tokens.retain(|token| !matches!(token.kind, TokenKind::Blank | TokenKind::Comment));
        Self {
            text,
            tokens,
            next: 0,
        }
    }

    /// True when nothing is left.
    pub(crate) fn is_at_end(&self) -> bool {
        self.next >= self.tokens.len()
    }

    /// The place in the list of tokens, for [`Self::back_to`].
    pub(crate) fn mark(&self) -> usize {
        self.next
    }

    /// The byte at which the next token starts; at the end, the length of the text.
    pub(crate) fn offset(&self) -> usize {
        self.tokens
            .get(self.next)
            .map_or(self.text.len(), |token| token.span.start)
    }

    /// Goes back to a place.
    pub(crate) fn back_to(&mut self, mark: usize) {
        self.next = mark;
    }

    /// The kind and text of the next token.
    pub(crate) fn peek(&self) -> Option<(TokenKind, &'a str)> {
        let token = self.tokens.get(self.next)?;
        Some((token.kind, &self.text[token.span.clone()]))
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self) -> Option<(TokenKind, &'a str)> {
        let token = self.peek()?;
        self.next += 1;
        Some(token)
    }

    /// The next token when it is a bare word.
    pub(crate) fn peek_word(&self) -> Option<&'a str> {
        self.peek()
            .filter(|(kind, _)| *kind == TokenKind::Word)
            .map(|(_, text)| text)
    }

    /// Takes the next token if it is this word, letter case aside.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let found = self
            .peek_word()
            .is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    /// Takes these words in a row, or nothing.
    pub(crate) fn eat_words(&mut self, words: &[&str]) -> bool {
        let mark = self.mark();
        let found = words.iter().all(|word| self.eat_word(word));
        if !found {
            self.back_to(mark);
        }
        found
    }

    /// Takes the next token if it is this symbol.
    pub(crate) fn eat_symbol(&mut self, symbol: &str) -> bool {
        let found = self.peek() == Some((TokenKind::Symbol, symbol));
        self.next += usize::from(found);
        found
    }

    /// Takes a text in parentheses, which may nest, and gives what is between the outer ones.
    pub(crate) fn eat_group(&mut self) -> Option<&'a str> {
        let mark = self.mark();
        if !self.eat_symbol("(") {
            return None;
        }
        let start = self.tokens[mark].span.end;
        let mut depth = 1_usize;
        while let Some((kind, text)) = self.take() {
            match (kind, text) {
                (TokenKind::Symbol, "(") => depth += 1,
                (TokenKind::Symbol, ")") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let end = self.tokens[self.next - 1].span.start;
                return Some(self.text[start..end].trim());
            }
        }
        self.back_to(mark);
        None
    }

    /// Takes any of these words.
    pub(crate) fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat_word(word))
    }

    /// True when the next token is this word, letter case aside.
    pub(crate) fn at_word(&self, word: &str) -> bool {
        self.peek_word()
            .is_some_and(|next| next.eq_ignore_ascii_case(word))
    }

    /// True when the next token is this symbol.
    pub(crate) fn at_symbol(&self, symbol: &str) -> bool {
        self.peek() == Some((TokenKind::Symbol, symbol))
    }

    /// The text between a place and the present one, as written.
    pub(crate) fn text_since(&self, mark: usize) -> &'a str {
        match (self.tokens.get(mark), self.next.checked_sub(1)) {
            (Some(first), Some(last)) if last >= mark => {
                &self.text[first.span.start..self.tokens[last].span.end]
            }
            _ => "",
        }
    }

    /// All that is left, as written.
    pub(crate) fn rest(&self) -> &'a str {
        self.tokens
            .get(self.next)
            .map_or("", |token| self.text[token.span.start..].trim_end())
    }
}

/// The value of a string literal; none when it is not closed, or not a string at all.
pub(crate) fn string_value(literal: &str) -> Option<String> {
    let quote = literal.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let body = literal.get(1..)?.strip_suffix(quote)?;
    let mut value = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        if c == quote {
            // The lexer lets a quote inside only when it is doubled.
            chars.next();
            value.push(quote);
        } else if c == '\\' {
            match chars.next()? {
                '0' => value.push('\0'),
                'b' => value.push('\u{8}'),
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                'Z' => value.push('\u{1a}'),
                // Escaped for LIKE only: the backslash stays.
                other @ ('%' | '_') => value.extend(['\\', other]),
                other => value.push(other),
            }
        } else {
            value.push(c);
        }
    }
    Some(value)
}

/// The name in a bare word, in backticks or in double quotes.
pub(crate) fn name_value(kind: TokenKind, text: &str) -> Option<String> {
    match kind {
        TokenKind::Word => Some(text.to_owned()),
        TokenKind::Quoted => Some(
            text.strip_prefix('`')?
                .strip_suffix('`')?
                .replace("``", "`"),
        ),
        TokenKind::String => string_value(text),
        TokenKind::Blank | TokenKind::Comment | TokenKind::Number | TokenKind::Symbol => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

    use super::{Cursor, TokenKind, string_value, tokens};

    fn texts(text: &str) -> Vec<(TokenKind, &str)> {
        tokens(text)
            .into_iter()
            .filter(|token| token.kind != TokenKind::Blank)
            .map(|token| (token.kind, &text[token.span]))
            .collect()
    }

    #[test]
    fn every_kind_is_told_apart() {
        use TokenKind::{Comment, Number, Quoted, String, Symbol, Word};
        assert_eq!(
            texts("`a``b` _utf8mb4'it''s' 0x1F b'01' 1.5e-3 5--1 --x\n-- c\n# d\n/* e */ é$"),
            [
                (Quoted, "`a``b`"),
                (Word, "_utf8mb4"),
                (String, "'it''s'"),
                (Number, "0x1F"),
                (Number, "b'01'"),
                (Number, "1.5e-3"),
                (Number, "5"),
                (Symbol, "-"),
                (Symbol, "-"),
                (Number, "1"),
                (Symbol, "-"),
                (Symbol, "-"),
                (Word, "x"),
                (Comment, "-- c"),
                (Comment, "# d"),
                (Comment, "/* e */"),
                (Word, "é$"),
            ]
        );
    }

    #[test]
    fn what_is_not_closed_goes_to_the_end() {
        for text in ["'a\\'", "`a", "\"a", "/* a", "/*/", "x'", "'\\"] {
            assert_eq!(tokens(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn strings_are_unescaped() {
        assert_eq!(
            string_value(r"'it''s\n\\\'%\%'").as_deref(),
            Some("it's\n\\'%\\%")
        );
        assert_eq!(string_value("\"a\"\"b'\"").as_deref(), Some("a\"b'"));
        assert_eq!(string_value("''").as_deref(), Some(""));
        assert_eq!(string_value("'"), None);
        assert_eq!(string_value("'\\'"), None);
        assert_eq!(string_value("a"), None);
    }

    #[test]
    fn groups_nest_and_strings_hide_parentheses() {
        let mut cursor = Cursor::new("(a, (b), ')') rest");
        assert_eq!(cursor.eat_group(), Some("a, (b), ')'"));
        assert_eq!(cursor.rest(), "rest");
        assert_eq!(Cursor::new("(a").eat_group(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn spans_cover_any_text(text in any::<String>()) {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert_eq!(token.span.start, end);
                prop_assert!(token.span.end > token.span.start);
                end = token.span.end;
            }
            prop_assert_eq!(end, text.len());
        }

        #[test]
        fn spans_cover_sql_like_text(text in "[-'\"`\\\\/*#a-zA-Z0-9x.()e+é \n]{0,60}") {
            let covered: usize = tokens(&text).iter().map(|token| token.span.len()).sum();
            prop_assert_eq!(covered, text.len());
            for token in tokens(&text) {
                let _ = string_value(&text[token.span]);
            }
        }
    }
}
