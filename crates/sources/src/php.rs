//! Two habits of PHP that decide what a mapping means.

use crate::declared::IndexKey;

/// `(int) $text`: blanks, a sign, leading digits; a fraction is cut off, an exponent counts.
pub(crate) fn int(text: &str) -> i64 {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let digits = |from: usize| {
        text.as_bytes()[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let sign = usize::from(text.starts_with(['-', '+']));
    let mut end = sign + digits(sign);
    if end == sign {
        return 0;
    }
    let whole = end;
    if text[end..].starts_with('.') {
        end += 1 + digits(end + 1);
    }
    let exponent = text[end..].starts_with(['e', 'E']);
    if exponent {
        let sign = usize::from(text[end + 1..].starts_with(['-', '+']));
        let count = digits(end + 1 + sign);
        if count > 0 {
            let number: f64 = text[..end + 1 + sign + count].parse().unwrap_or(0.0);
            #[allow(
                clippy::cast_possible_truncation,
                reason = "Rust saturates, which is what is wanted"
            )]
            return number as i64;
        }
    }
    let limit = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    text[..whole]
        .trim_start_matches('+')
        .parse()
        .unwrap_or(limit)
}

/// The key that a text becomes in a PHP array: decimal integers become positions.
pub(crate) fn array_key(text: &str) -> IndexKey {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => IndexKey::Position(number),
        _ => IndexKey::Name(text.to_owned()),
    }
}

/// `is_numeric`: such an index name is replaced by a generated one.
pub(crate) fn is_numeric(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let starts = text.trim_start_matches(['-', '+']);
    starts.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.bytes().filter(|b| matches!(b, b'-' | b'+')).count() <= 2
        && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_php_casts_them() {
        for (text, value) in [
            ("255", 255),
            ("12abc", 12),
            (" 7", 7),
            ("", 0),
            ("abc", 0),
            ("-5", -5),
            ("1.9", 1),
            ("1e3", 1000),
            ("1e", 1),
            ("+3", 3),
            ("99999999999999999999", i64::MAX),
        ] {
            assert_eq!(int(text), value, "{text}");
        }
    }

    #[test]
    fn numeric_names_are_positions() {
        assert_eq!(array_key("12"), IndexKey::Position(12));
        assert_eq!(array_key("012"), IndexKey::Name("012".into()));
        assert!(is_numeric("012") && is_numeric("1e5") && is_numeric(".5"));
        assert!(!is_numeric("idx") && !is_numeric("") && !is_numeric("inf"));
    }
}
