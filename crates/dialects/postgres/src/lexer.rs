//! Tokens of PostgreSQL's SQL, blanks and comments left out.

use std::borrow::Cow;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A bare word: keyword or name.
    Word,
    /// A name in double quotes; the token's text is the name itself.
    Quoted,
    /// A string; the token's text is its value.
    String,
    /// A number.
    Number,
    /// An operator or a mark.
    Symbol,
}

/// One token, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Its text: of quoted names and strings the value, of words what is written.
    pub(crate) text: Cow<'a, str>,
    /// Its first byte.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
}

impl Token<'_> {
    /// True for that word, letter case aside.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// True for that operator or mark.
    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }
}

/// The tokens of a text. What is never closed reaches to the end.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::with_capacity(text.len() / 8);
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let second = rest[first.len_utf8()..].chars().next();
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        if rest.starts_with("/*") {
            at += comment_length(rest);
            continue;
        }
        let (kind, value, length) = match (first, second) {
            ('\'', _) => string(rest, 0, false),
            ('e' | 'E', Some('\'')) => string(rest, 1, true),
            ('b' | 'B' | 'x' | 'X' | 'n' | 'N', Some('\'')) => {
                let (kind, value, length) = string(rest, 1, false);
                // A bit string keeps its letter: it is no text.
                let value = if first.eq_ignore_ascii_case(&'n') {
                    value
                } else {
                    format!("{}'{value}'", first.to_ascii_uppercase()).into()
                };
                (kind, value, length)
            }
            ('"', _) => {
                let (_, value, length) = quoted(rest, '"', 0, false);
                (TokenKind::Quoted, value, length)
            }
            ('$', _) => dollar(rest),
            ('.', Some(c)) if c.is_ascii_digit() => number(rest),
            (c, _) if c.is_ascii_digit() => number(rest),
            (c, _) if is_word_start(c) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (TokenKind::Word, rest[..length].into(), length)
            }
            (c, _) => {
                let length = symbol_length(rest, c);
                (TokenKind::Symbol, rest[..length].into(), length)
            }
        };
        found.push(Token {
            kind,
            text: value,
            start: at,
            end: at + length,
        });
        at += length;
    }
    found
}

pub(crate) fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

pub(crate) fn is_word(c: char) -> bool {
    is_word_start(c) || c.is_ascii_digit() || c == '$'
}

/// Comments nest.
pub(crate) fn comment_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string(text: &str, prefix: usize, escapes: bool) -> (TokenKind, Cow<'_, str>, usize) {
    quoted(text, '\'', prefix, escapes)
}

/// The value and the length of a quoted text, its quote doubled inside.
fn quoted(
    text: &str,
    quote: char,
    prefix: usize,
    escapes: bool,
) -> (TokenKind, Cow<'_, str>, usize) {
    let body = &text[prefix + 1..];
    // Most have nothing in them that means something else.
    let end = body.find([quote, '\\']).unwrap_or(body.len());
    let rest = &body[end..];
    if rest.is_empty() {
        return (TokenKind::String, body.into(), text.len());
    }
    if rest.starts_with(quote) && !rest[1..].starts_with(quote) {
        return (TokenKind::String, body[..end].into(), prefix + 1 + end + 1);
    }
    let mut value = String::new();
    let mut chars = text[prefix + 1..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
                value.push(quote);
                continue;
            }
            return (TokenKind::String, value.into(), prefix + 1 + at + 1);
        }
        if escapes && c == '\\' {
            match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, other)) => value.push(other),
                None => {}
            }
            continue;
        }
        value.push(c);
    }
    (TokenKind::String, value.into(), text.len())
}

/// `$tag$ … $tag$`, a parameter `$1`, or a lone dollar.
fn dollar(text: &str) -> (TokenKind, Cow<'_, str>, usize) {
    let tag = text[1..]
        .find(|c: char| !is_word(c) || c == '$')
        .filter(|end| text[1 + end..].starts_with('$'))
        .map(|end| &text[..end + 2]);
    let Some(tag) = tag else {
        let digits = text[1..]
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len() - 1);
        return (TokenKind::Symbol, text[..=digits].into(), 1 + digits);
    };
    let body = &text[tag.len()..];
    match body.find(tag) {
        Some(end) => (TokenKind::String, body[..end].into(), 2 * tag.len() + end),
        None => (TokenKind::String, body.into(), text.len()),
    }
}

fn number(text: &str) -> (TokenKind, Cow<'_, str>, usize) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut seen_point = false;
    while at < bytes.len() {
        let c = bytes[at];
        if c.is_ascii_digit() || c == b'_' {
            at += 1;
        } else if c == b'.' && !seen_point && bytes.get(at + 1) != Some(&b'.') {
            seen_point = true;
            at += 1;
        } else if matches!(c, b'e' | b'E')
            && bytes
                .get(at + 1)
                .is_some_and(|n| n.is_ascii_digit() || matches!(n, b'+' | b'-'))
        {
            seen_point = true;
            at += 2;
        } else {
            break;
        }
    }
    (TokenKind::Number, text[..at].into(), at)
}

/// Operators are runs of their characters; a run may not swallow the start of a comment,
/// and ends without a sign unless it holds a character that allows one.
fn symbol_length(text: &str, first: char) -> usize {
    if text.starts_with("::") || text.starts_with(":=") {
        return 2;
    }
    let is_operator = |c: char| "+-*/<>=~!@#%^&|`?".contains(c);
    if !is_operator(first) {
        return first.len_utf8();
    }
    let mut length = text.find(|c| !is_operator(c)).unwrap_or(text.len());
    for comment in ["--", "/*"] {
        if let Some(at) = text[..length].find(comment).filter(|at| *at > 0) {
            length = at;
        }
    }
    while length > 1
        && text[..length].ends_with(['+', '-'])
        && !text[..length].contains(['~', '!', '@', '#', '%', '^', '&', '|', '`', '?'])
    {
        length -= 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TokenKind, tokens};

    fn texts(sql: &str) -> Vec<String> {
        tokens(sql).iter().map(|t| t.text.to_string()).collect()
    }

    #[test]
    fn reads_strings_names_and_operators() {
        assert_eq!(
            texts("'it''s'::character varying(5) <> \"A\"\"b\" -- end"),
            [
                "it's",
                "::",
                "character",
                "varying",
                "(",
                "5",
                ")",
                "<>",
                "A\"b"
            ]
        );
        assert_eq!(texts("a=-1"), ["a", "=", "-", "1"]);
        assert_eq!(texts("$$x 'y'$$ || E'a\\'b'"), ["x 'y'", "||", "a'b"]);
        assert_eq!(texts("/* a /* b */ c */ 1.5e-3"), ["1.5e-3"]);
        assert_eq!(tokens("B'01'")[0].kind, TokenKind::String);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_spans_are_in_order(text in "\\PC{0,60}") {
            let mut last = 0;
            for token in tokens(&text) {
                prop_assert!(token.start >= last && token.end <= text.len());
                prop_assert!(token.end > token.start);
                last = token.end;
            }
        }
    }
}
