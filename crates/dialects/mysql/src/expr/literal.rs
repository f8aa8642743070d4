//! Defaults, normalised by the type of their column.

use realign_model::{DataType, Expr, FloatWidth};

use super::canonical;
use crate::lexer::{Cursor, TokenKind, string_value};

/// A default as compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Default {
    /// None, or NULL.
    None,
    /// A literal, in the form that its type gives it.
    Value(String),
    /// Something computed, in its canonical form.
    Computed(String),
    /// Something that could not be read.
    Unread(String),
}

impl Default {
    /// The normal form as text.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::None => "NULL",
            Self::Value(text) | Self::Computed(text) | Self::Unread(text) => text,
        }
    }
}

/// The default of a column of this type.
pub(crate) fn default_of(expr: Option<&Expr>, data_type: &DataType) -> Default {
    let Some(expr) = expr else {
        return Default::None;
    };
    let text = without_parentheses(expr.text.trim());
    if text.eq_ignore_ascii_case("NULL") {
        return Default::None;
    }
    match literal(text, data_type) {
        Some(value) => Default::Value(by_type(&value, data_type)),
        None => canonical(text).map_or_else(
            || Default::Unread(text.to_owned()),
            |form| Default::Computed(form.text),
        ),
    }
}

/// What is between parentheses that surround the whole.
fn without_parentheses(text: &str) -> &str {
    let mut cursor = Cursor::new(text);
    match cursor.eat_group() {
        Some(inner) if cursor.is_at_end() => without_parentheses(inner),
        _ => text,
    }
}

/// The value of a text that is one literal: a string, a number, TRUE or FALSE. Digits of bytes
/// are letters in a column of letters.
fn literal(text: &str, data_type: &DataType) -> Option<String> {
    let mut cursor = Cursor::new(text);
    let mut sign = "";
    if cursor.eat_symbol("-") {
        sign = "-";
    } else {
        cursor.eat_symbol("+");
    }
    let (mut kind, mut token) = cursor.take()?;
    if kind == TokenKind::Word && token.starts_with('_') && !cursor.is_at_end() {
        (kind, token) = cursor.take()?;
    }
    let mut value = (kind == TokenKind::String).then(|| string_value(token));
    // Strings side by side are one.
    while let Some((TokenKind::String, more)) = cursor.peek().filter(|_| value.is_some()) {
        let (Some(Some(text)), Some(more)) = (&mut value, string_value(more)) else {
            return None;
        };
        text.push_str(&more);
        cursor.take();
    }
    if !cursor.is_at_end() {
        return None;
    }
    let letters = matches!(
        data_type,
        DataType::Char { .. }
            | DataType::Varchar { .. }
            | DataType::Text { .. }
            | DataType::Binary { .. }
            | DataType::Varbinary { .. }
            | DataType::Blob { .. }
    );
    match kind {
        TokenKind::String if sign.is_empty() => value.flatten(),
        TokenKind::Number if letters && sign.is_empty() && bytes(token).is_some() => bytes(token),
        TokenKind::Number => Some(format!("{sign}{}", number(token))),
        TokenKind::Word if token.eq_ignore_ascii_case("true") => Some("1".to_owned()),
        TokenKind::Word if token.eq_ignore_ascii_case("false") => Some("0".to_owned()),
        _ => None,
    }
}

/// The bytes of a hexadecimal literal, a letter each.
fn bytes(token: &str) -> Option<String> {
    let lower = token.to_ascii_lowercase();
    let digits = match lower.strip_prefix("x'") {
        Some(digits) => digits.trim_end_matches('\''),
        None => lower.strip_prefix("0x")?,
    };
    let digits = if digits.len() % 2 == 1 {
        format!("0{digits}")
    } else {
        digits.to_owned()
    };
    let pairs = (0..digits.len())
        .step_by(2)
        .map(|at| digits.get(at..at + 2));
    pairs
        .map(|pair| u8::from_str_radix(pair?, 16).ok().map(char::from))
        .collect()
}

/// A number as written; binary and hexadecimal ones in decimal.
fn number(token: &str) -> String {
    let lower = token.to_ascii_lowercase();
    let (digits, radix) = if let Some(digits) = lower.strip_prefix("0x") {
        (digits, 16)
    } else if let Some(digits) = lower.strip_prefix("0b") {
        (digits, 2)
    } else if let Some(digits) = lower.strip_prefix("b'") {
        (digits.trim_end_matches('\''), 2)
    } else if let Some(digits) = lower.strip_prefix("x'") {
        (digits.trim_end_matches('\''), 16)
    } else {
        return lower;
    };
    u128::from_str_radix(digits, radix).map_or(lower, |n| n.to_string())
}

/// A value as a column of this type keeps it.
fn by_type(value: &str, data_type: &DataType) -> String {
    match data_type {
        DataType::Int { .. } | DataType::Boolean | DataType::Bit { .. } | DataType::Year => {
            decimal(value, 0)
        }
        DataType::Decimal { scale, .. } => decimal(value, scale.unwrap_or(0)),
        DataType::Float {
            width,
            digits: None,
            ..
        } => match (value.trim().parse::<f64>(), width) {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "the column keeps no more of it"
            )]
            (Ok(n), FloatWidth::Single) => Some((n as f32).to_string()),
            (Ok(n), FloatWidth::Double) => Some(n.to_string()),
            (Err(_), _) => None,
        },
        DataType::Float {
            digits: Some((_, scale)),
            ..
        } => decimal(value, *scale),
        DataType::DateTime { precision } | DataType::Timestamp { precision } => {
            Some(moment(value, precision.unwrap_or(0)))
        }
        // Catalogues end such a text at the first zero, and have no letters for high bytes.
        DataType::Binary { .. } | DataType::Varbinary { .. } | DataType::Blob { .. } => {
            let told = value.split('\0').next().unwrap_or_default();
            Some(
                told.chars()
                    .map(|c| if c.is_ascii() { c } else { '?' })
                    .collect(),
            )
        }
        DataType::Time { precision, .. } => Some(clock(value, precision.unwrap_or(0))),
        // Its zeros in front are only shown.
        DataType::Native(text) if text.to_ascii_lowercase().contains("zerofill") => {
            let scale = text.split_once(',').and_then(|(_, rest)| {
                let end = rest.find(')')?;
                rest.get(..end)?.trim().parse().ok()
            });
            match scale {
                Some(scale) => decimal(value, scale),
                None if text.to_ascii_lowercase().starts_with("dec") => decimal(value, 0),
                None => value.trim().parse::<f64>().ok().map(|n| n.to_string()),
            }
        }
        _ => None,
    }
    .unwrap_or_else(|| value.to_owned())
}

/// A decimal number rounded to a scale; none when it is no plain number.
fn decimal(value: &str, scale: u32) -> Option<String> {
    let value = value.trim();
    let (negative, digits) = match value.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, value.strip_prefix('+').unwrap_or(value)),
    };
    let moved;
    let digits = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            moved = shifted(mantissa, exponent.parse().ok()?)?;
            moved.as_str()
        }
        None => digits,
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && fraction.is_empty())
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let scale = scale as usize;
    let mut kept: Vec<u8> = whole.bytes().map(|b| b - b'0').collect();
    let fraction: Vec<u8> = fraction.bytes().map(|b| b - b'0').collect();
    kept.extend((0..scale).map(|at| fraction.get(at).copied().unwrap_or(0)));
    if fraction.get(scale).is_some_and(|digit| *digit >= 5) {
        let mut at = kept.len();
        loop {
            if at == 0 {
                kept.insert(0, 1);
                break;
            }
            at -= 1;
            if kept[at] < 9 {
                kept[at] += 1;
                break;
            }
            kept[at] = 0;
        }
    }
    let mut text: String = kept.iter().map(|digit| char::from(b'0' + digit)).collect();
    let tail = text.split_off(text.len() - scale);
    let head = text.trim_start_matches('0');
    let head = if head.is_empty() { "0" } else { head };
    let zero = head == "0" && tail.bytes().all(|b| b == b'0');
    let sign = if negative && !zero { "-" } else { "" };
    Some(if scale == 0 {
        format!("{sign}{head}")
    } else {
        format!("{sign}{head}.{tail}")
    })
}

/// The longest number that is written out: no column keeps more digits.
const MOST_DIGITS: usize = 400;

/// Plain digits with their point so many places further right.
fn shifted(digits: &str, places: i32) -> Option<String> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point = i32::try_from(whole.len()).ok()?.checked_add(places)?;
    if digits.len() > MOST_DIGITS || point.unsigned_abs() as usize > MOST_DIGITS {
        return None;
    }
    let all = format!("{whole}{fraction}");
    Some(match usize::try_from(point) {
        Err(_) => format!("0.{}{all}", "0".repeat(point.unsigned_abs() as usize)),
        Ok(point) if point >= all.len() => format!("{all}{}", "0".repeat(point - all.len())),
        // A digit alone is one byte; anything else is refused by who asked.
        Ok(point) => format!("{}.{}", all.get(..point)?, all.get(point..)?),
    })
}

/// A date with its time.
fn moment(value: &str, precision: u32) -> String {
    let value = value.trim().replacen('T', " ", 1);
    match value.split_once(' ') {
        Some((day, time)) => format!("{day} {}", clock(time, precision)),
        None if value.contains('-') => format!("{value} {}", clock("00:00:00", precision)),
        None => value,
    }
}

/// A time of day with as many digits of a second as the column keeps.
fn clock(value: &str, precision: u32) -> String {
    let (time, fraction) = value.split_once('.').unwrap_or((value, ""));
    let mut text = time.to_owned();
    if text.matches(':').count() == 1 {
        text.push_str(":00");
    }
    if precision > 0 {
        let digits: String = fraction
            .chars()
            .chain(std::iter::repeat('0'))
            .take(precision as usize)
            .collect();
        text.push('.');
        text.push_str(&digits);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use realign_model::IntWidth;

    fn same(a: &str, b: &str, data_type: &DataType) -> bool {
        default_of(Some(&Expr::new(a)), data_type) == default_of(Some(&Expr::new(b)), data_type)
    }

    #[test]
    fn literals_are_compared_as_the_column_keeps_them() {
        let int = DataType::int(IntWidth::W32);
        let money = DataType::Decimal {
            precision: Some(10),
            scale: Some(2),
            unsigned: false,
        };
        let filled = DataType::Native("decimal(12,4) unsigned zerofill".to_owned());
        let text = DataType::varchar(10);
        let bytes = DataType::Binary { len: Some(4) };
        let time = DataType::DateTime { precision: None };
        for (a, b, data_type, expected) in [
            ("'0'", "0.00", &money, true),
            ("'1.005'", "1.01", &money, true),
            ("'9.999'", "10.00", &money, true),
            ("0.01", "0.02", &money, false),
            ("00", "0", &int, true),
            ("'1'", "1", &int, true),
            ("TRUE", "1", &DataType::Boolean, true),
            ("1.5", "00000001.5000", &filled, true),
            ("1.5", "00000001.5001", &filled, false),
            ("'0'", "0", &text, true),
            ("'a'", "\"a\"", &text, true),
            ("'a'", "'A'", &text, false),
            ("'it''s'", "'it\\'s'", &text, true),
            ("'it' 's'", "'its'", &text, true),
            ("x'4142'", "'AB'", &text, true),
            ("_latin1 0x41", "'A'", &text, true),
            ("x'4142'", "'AC'", &text, false),
            ("x'00FF'", "''", &bytes, true),
            ("x'61FF'", "'a?'", &bytes, true),
            ("current_timestamp()", "CURRENT_TIMESTAMP", &time, true),
            ("current_timestamp(6)", "CURRENT_TIMESTAMP", &time, false),
            ("now()", "CURRENT_TIMESTAMP", &time, true),
            ("'2020-01-01'", "'2020-01-01 00:00:00'", &time, true),
            ("(uuid())", "UUID()", &text, true),
            ("'uuid()'", "uuid()", &text, false),
            ("'CURRENT_TIMESTAMP'", "CURRENT_TIMESTAMP", &text, false),
            (
                "b'1'",
                "1",
                &DataType::Bit {
                    len: Some(1),
                    varying: false,
                },
                true,
            ),
        ] {
            assert_eq!(same(a, b, data_type), expected, "{a} / {b}");
        }
    }

    #[test]
    fn null_is_no_default() {
        assert_eq!(
            default_of(Some(&Expr::new("NULL")), &DataType::Date),
            Default::None
        );
        assert_eq!(default_of(None, &DataType::Date), Default::None);
        assert_ne!(
            default_of(Some(&Expr::new("'NULL'")), &DataType::Date),
            Default::None
        );
    }
}
