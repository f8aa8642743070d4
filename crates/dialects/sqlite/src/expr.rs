//! Normal forms of expressions and literals.
//!
//! The engine keeps expressions as they were written, so two that read the same apart from
//! blanks, letter case, quotes of names and needless parentheses are the same, and any
//! others are made the same by writing the declared one.

use crate::tokens::{Kind, Token, tokens, unquote};
use crate::types::Affinity;

/// The normal form of an expression.
pub(crate) fn normal(sql: &str) -> String {
    let Ok(found) = tokens(sql) else {
        return sql.split_whitespace().collect::<Vec<_>>().join(" ");
    };
    let mut tokens = found.as_slice();
    while let Some(inner) = without_parentheses(tokens) {
        tokens = inner;
    }
    let mut text = String::with_capacity(sql.len());
    let mut at = 0;
    while at < tokens.len() {
        // `(x)` around one value says nothing, unless it is an argument list or a set.
        let needless = tokens[at].is_symbol("(")
            && tokens
                .get(at + 1)
                .is_some_and(|t| t.kind != Kind::Symbol && t.kind != Kind::Word)
            && tokens.get(at + 2).is_some_and(|t| t.is_symbol(")"))
            && at
                .checked_sub(1)
                .is_none_or(|before| tokens[before].kind == Kind::Symbol);
        let token = if needless {
            &tokens[at + 1]
        } else {
            &tokens[at]
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word(token));
        at += if needless { 3 } else { 1 };
    }
    text
}

fn word(token: &Token<'_>) -> String {
    match token.kind {
        Kind::Word | Kind::Number | Kind::Blob => token.text.to_ascii_lowercase(),
        Kind::Quoted => unquote(token.text).to_ascii_lowercase(),
        Kind::Text => token.text.to_owned(),
        Kind::Symbol => match token.text {
            "==" => "=".to_owned(),
            "!=" => "<>".to_owned(),
            other => other.to_owned(),
        },
    }
}

/// What is inside, when one pair of parentheses surrounds everything.
fn without_parentheses<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    if !(tokens.first()?.is_symbol("(") && tokens.last()?.is_symbol(")")) {
        return None;
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.checked_sub(1)?;
            if depth == 0 && at + 1 < tokens.len() {
                return None;
            }
        }
    }
    tokens.get(1..tokens.len() - 1)
}

/// True when the expression can stand behind `DEFAULT` without parentheses.
pub(crate) fn is_literal(sql: &str) -> bool {
    let Ok(found) = tokens(sql) else {
        return false;
    };
    match found.as_slice() {
        [one] => one.kind != Kind::Symbol,
        [sign, number] => {
            (sign.is_symbol("-") || sign.is_symbol("+")) && number.kind == Kind::Number
        }
        _ => false,
    }
}

/// True when the expression always gives the same value and is not NULL: what the engine
/// takes as the default of a column that is added to rows.
pub(crate) fn is_constant(sql: &str) -> bool {
    is_literal(sql)
        && tokens(sql).is_ok_and(|found| {
            found
                .iter()
                .all(|t| t.kind != Kind::Word || t.is("TRUE") || t.is("FALSE"))
        })
}

/// The normal form of a default of a column: the value that ends up in a row.
pub(crate) fn default(sql: &str, affinity: Affinity) -> String {
    let Ok(found) = tokens(sql) else {
        return normal(sql);
    };
    let mut tokens = found.as_slice();
    while let Some(inner) = without_parentheses(tokens) {
        tokens = inner;
    }
    let value = match tokens {
        [one] => value(one, ""),
        [sign, one] if sign.is_symbol("-") && one.kind == Kind::Number => value(one, "-"),
        [sign, one] if sign.is_symbol("+") && one.kind == Kind::Number => value(one, ""),
        _ => None,
    };
    match value {
        Some(Literal::Number(number)) => match affinity {
            Affinity::Text => format!("'{number}'"),
            _ => number,
        },
        Some(Literal::Text(text)) => match affinity {
            Affinity::Numeric | Affinity::Integer | Affinity::Real => {
                number(text.trim()).unwrap_or_else(|| crate::keywords::literal(&text))
            }
            Affinity::Text | Affinity::Blob => crate::keywords::literal(&text),
        },
        None => normal(sql),
    }
}

enum Literal {
    Number(String),
    Text(String),
}

fn value(token: &Token<'_>, sign: &str) -> Option<Literal> {
    match token.kind {
        Kind::Number => number(&format!("{sign}{}", token.text)).map(Literal::Number),
        Kind::Text => Some(Literal::Text(unquote(token.text))),
        Kind::Word if token.is("TRUE") => Some(Literal::Number("1".to_owned())),
        Kind::Word if token.is("FALSE") => Some(Literal::Number("0".to_owned())),
        Kind::Word | Kind::Quoted | Kind::Blob | Kind::Symbol => None,
    }
}

/// The shortest form of a number: `0.00` is `0`, `1e2` is `100`.
fn number(text: &str) -> Option<String> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.to_string());
    }
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    if let Some(digits) = hexadecimal {
        return i64::from_str_radix(digits, 16).ok().map(|n| n.to_string());
    }
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    let real: f64 = if plain {
        text.parse().ok()?
    } else {
        return None;
    };
    real.is_finite().then(|| {
        if real == 0.0 {
            "0".to_owned()
        } else {
            real.to_string()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_one_form() {
        for (a, b) in [
            ("( a  > 1 )", "A > 1"),
            ("((\"a\") != 'x')", "a <> 'x'"),
            ("lower(\"Name\")", "LOWER( name )"),
            ("a == (5)", "a = 5"),
        ] {
            assert_eq!(normal(a), normal(b), "{a} {b}");
        }
        for (a, b) in [
            ("a > 1", "a > 2"),
            ("a = 'x'", "a = 'X'"),
            ("(a) + (b)", "(a + b)"),
            ("a IN (1)", "a = 1"),
        ] {
            assert_ne!(normal(a), normal(b), "{a} {b}");
        }
    }

    #[test]
    fn defaults_are_values() {
        use Affinity::{Blob, Integer, Numeric, Text};
        for (a, b, affinity) in [
            ("0.00", "'0'", Numeric),
            ("'0.00'", "0", Numeric),
            ("1", "TRUE", Numeric),
            ("-5", "'-5'", Integer),
            ("0x10", "16", Integer),
            ("current_timestamp", "CURRENT_TIMESTAMP", Numeric),
            ("5", "'5'", Text),
            ("(1)", "1", Integer),
        ] {
            assert_eq!(default(a, affinity), default(b, affinity), "{a} {b}");
        }
        for (a, b, affinity) in [
            ("0", "1", Numeric),
            ("'a'", "'A'", Text),
            ("'00'", "'0'", Text),
            ("5", "'5'", Blob),
            ("'2020-01-01'", "2020", Numeric),
        ] {
            assert_ne!(default(a, affinity), default(b, affinity), "{a} {b}");
        }
    }

    #[test]
    fn only_constants_may_fill_rows() {
        assert!(is_constant("'x'") && is_constant("-1") && is_constant("true"));
        assert!(!is_constant("CURRENT_TIMESTAMP"));
        assert!(!is_constant("NULL"));
        assert!(!is_constant("lower('A')"));
        assert!(is_literal("CURRENT_DATE") && !is_literal("1 + 1"));
    }
}
