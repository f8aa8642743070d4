//! The tokens that nearly every text is made of. The scanner of the parser crate looks each word up
//! among the keywords, which nobody asks for here.

use super::{Kind, Token};

/// The tokens of a text; none when there is one among them that only the scanner knows.
pub(super) fn tokens(sql: &str) -> Option<Vec<Token<'_>>> {
    let bytes = sql.as_bytes();
    let mut found = Vec::with_capacity(sql.len() / 6);
    let mut start = 0;
    while let Some(first) = bytes.get(start) {
        if first.is_ascii_whitespace() {
            start += 1;
            continue;
        }
        let (kind, length) = match first {
            b'-' if bytes.get(start + 1) == Some(&b'-') => {
                start += rest(bytes, start).iter().position(|b| *b == b'\n')?;
                continue;
            }
            b'/' if bytes.get(start + 1) == Some(&b'*') => {
                start += 2 + sql.get(start + 2..)?.find("*/")? + 2;
                continue;
            }
            b'\'' => (Kind::Text, quoted(rest(bytes, start), b'\'')?),
            quote @ (b'"' | b'`') => (Kind::Quoted, quoted(rest(bytes, start), *quote)?),
            b'[' => {
                let end = rest(bytes, start).iter().position(|b| *b == b']')?;
                (Kind::Quoted, end + 1)
            }
            b'0'..=b'9' => (Kind::Number, number(rest(bytes, start))?),
            b'x' | b'X' if bytes.get(start + 1) == Some(&b'\'') => return None,
            first if starts_word(*first) => {
                let after = rest(bytes, start).iter().position(|b| !goes_on(*b));
                (Kind::Word, after.unwrap_or(bytes.len() - start))
            }
            first => (Kind::Symbol, symbol(*first, bytes.get(start + 1).copied())?),
        };
        let end = start + length;
        found.push(Token {
            kind,
            text: sql.get(start..end)?,
            start,
            end,
        });
        start = end;
    }
    Some(found)
}

fn rest(bytes: &[u8], start: usize) -> &[u8] {
    bytes.get(start..).unwrap_or_default()
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

fn goes_on(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

/// The length of a quoted text; none when it is never closed.
fn quoted(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 1;
    loop {
        at += rest(text, at).iter().position(|byte| *byte == quote)? + 1;
        if text.get(at) != Some(&quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// The length of digits, with a point and digits behind them; none for any other number.
fn number(text: &[u8]) -> Option<usize> {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(text);
    if text.get(length) == Some(&b'.') {
        length += 1;
        length += digits(rest(text, length));
    }
    let ends = text.get(length).is_none_or(|next| !goes_on(*next));
    ends.then_some(length)
}

/// The length of a mark; none for one that only the scanner knows.
fn symbol(first: u8, second: Option<u8>) -> Option<usize> {
    match (first, second) {
        (b'.', Some(b'0'..=b'9')) | (b'-', Some(b'>')) => None,
        (b'<', Some(b'=' | b'>' | b'<'))
        | (b'>', Some(b'=' | b'>'))
        | (b'=', Some(b'='))
        | (b'|', Some(b'|')) => Some(2),
        (
            b'(' | b')' | b',' | b';' | b'.' | b'=' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/'
            | b'%' | b'|' | b'&' | b'~',
            _,
        ) => Some(1),
        _ => None,
    }
}
