//! Expressions: what the server adds when it prints one is taken away again.
//!
//! PostgreSQL keeps a parsed tree and prints it with casts, parentheses and operators of its
//! own: `name LIKE 'a%'` comes back as `((name)::text ~~ 'a%'::text)`. Both sides are read into
//! a small tree of their own and compared there. What can't be read is compared as words.

mod parse;
pub(crate) mod powers;

use realign_planner::Verdict;

use crate::lexer::{TokenKind, tokens};

/// A node of an expression, normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// A string literal.
    Text(String),
    /// A number, in its shortest form.
    Number(String),
    /// A column, a keyword without arguments, NULL, TRUE, FALSE.
    Name(String),
    /// An operator with its operands; AND and OR take any number.
    Operator(String, Vec<Node>),
    /// A function, a CASE, an array: a word with its arguments.
    Call(String, Vec<Node>),
    /// A cast that carries a meaning.
    Cast(Box<Node>, String),
}

impl Node {
    /// The value of a literal: a string or a number.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// True when nothing in it has a second spelling that this file does not know.
    fn is_plain(&self) -> bool {
        match self {
            Self::Text(_) | Self::Number(_) | Self::Name(_) => true,
            Self::Operator(_, operands) => operands.iter().all(Self::is_plain),
            Self::Call(name, arguments) => {
                matches!(name.as_str(), "any" | "all" | "array")
                    && arguments.iter().all(Self::is_plain)
            }
            Self::Cast(..) => false,
        }
    }
}

/// The tree of an expression; none when it has something that is not understood.
pub(crate) fn parse(text: &str) -> Option<Node> {
    parse::parse(text)
}

/// Whether two expressions mean the same.
pub(crate) fn compare(is: &str, wish: &str) -> Verdict {
    let (Some(left), Some(right)) = (parse(is), parse(wish)) else {
        return if same_words(is, wish) {
            Verdict::Same
        } else {
            Verdict::Unknown
        };
    };
    if equal(&left, &right) {
        Verdict::Same
    } else if (left.is_plain() && right.is_plain()) || same_shape(&left, &right) {
        Verdict::Different
    } else {
        Verdict::Unknown
    }
}

/// Equality with literals by value: the server prints `1` for the `'1'` of an integer.
pub(crate) fn equal(left: &Node, right: &Node) -> bool {
    match (left, right) {
        (Node::Operator(a, x), Node::Operator(b, y)) | (Node::Call(a, x), Node::Call(b, y)) => {
            a == b && x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y))
        }
        (Node::Cast(x, a), Node::Cast(y, b)) => a == b && equal(x, y),
        (Node::Text(word), Node::Name(name)) | (Node::Name(name), Node::Text(word)) => {
            matches!(
                (word.to_ascii_lowercase().as_str(), name.as_str()),
                ("t" | "true" | "1", "true") | ("f" | "false" | "0", "false")
            )
        }
        _ => match (left.literal(), right.literal()) {
            (Some(a), Some(b)) => a == b || number(a).is_some_and(|n| number(b) == Some(n)),
            _ => left == right,
        },
    }
}

/// The same tree but for names, values and comparing operators: then the difference is real.
fn same_shape(left: &Node, right: &Node) -> bool {
    match (left, right) {
        (Node::Operator(a, x), Node::Operator(b, y)) => {
            let comparing = |op: &str| matches!(op, "=" | "<>" | "<" | ">" | "<=" | ">=");
            (a == b || (comparing(a) && comparing(b)))
                && x.len() == y.len()
                && x.iter().zip(y).all(|(x, y)| same_shape(x, y))
        }
        // The server prints a function under the name that it was called by; what it spells
        // otherwise is not read as a call at all.
        (Node::Call(_, x), Node::Call(_, y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same_shape(x, y))
        }
        (Node::Cast(x, a), Node::Cast(y, b)) => a == b && same_shape(x, y),
        (Node::Name(_), Node::Name(_)) => true,
        _ => left.literal().is_some() && right.literal().is_some(),
    }
}

/// The same tokens in the same order, letter case of words aside.
pub(crate) fn same_words(left: &str, right: &str) -> bool {
    let words = |text: &str| -> Vec<(bool, String)> {
        tokens(text.trim().trim_end_matches(';'))
            .into_iter()
            .map(|token| {
                let literal = token.kind == TokenKind::String;
                // A name in quotes equals the same one without.
                let text = if token.kind == TokenKind::Word {
                    token.text.to_lowercase()
                } else {
                    token.text.into_owned()
                };
                (literal, text)
            })
            .collect()
    };
    words(left) == words(right)
}

/// A number in its shortest form: `1.50` is `1.5`, `-0` is `0`, `+7` is `7`.
pub(crate) fn number(text: &str) -> Option<String> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], digits[at + 1..].parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty())
        || !all_digits(whole)
        || !all_digits(fraction)
        || exponent.abs() > 400
    {
        return None;
    }
    // The point moves by the exponent.
    let mut digits = format!("{whole}{fraction}");
    let mut point = i32::try_from(whole.len()).ok()? + exponent;
    while point < 0 {
        digits.insert(0, '0');
        point += 1;
    }
    while usize::try_from(point).ok()? > digits.len() {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at(usize::try_from(point).ok()?);
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(match (whole, fraction) {
        ("0", "") => "0".to_owned(),
        (_, "") => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction}"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use realign_planner::Verdict;

    use super::{compare, number};

    #[test]
    fn what_the_server_adds_is_no_difference() {
        for (server, written) in [
            ("((status = 1))", "status = 1"),
            ("((name)::text ~~ 'a%'::text)", "name LIKE 'a%'"),
            ("((name)::text !~~ 'a%'::text)", "name NOT LIKE 'a%'"),
            ("(status = ANY (ARRAY[1, 2]))", "status IN (1, 2)"),
            ("(status <> ALL (ARRAY[1, 2]))", "status NOT IN (1,2)"),
            (
                "((state)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
                "state IN ('a', 'b')",
            ),
            ("((a >= 1) AND (a <= 5))", "a BETWEEN 1 AND 5"),
            ("(deleted_at IS NULL)", "deletedAt IS NULL OR FALSE"),
            ("(a <> '-1'::integer)", "a != -1"),
            ("(created > '2020-01-01'::date)", "created > DATE '2020-01-01'"),
            ("lower((name)::text)", "LOWER(name)"),
            ("((a + b) * 2)", "(a+b)*2"),
            ("(number * 2)", "number * 2"),
            ("COALESCE(a, 0)", "coalesce(a, 0)"),
            ("CASE WHEN (a > 0) THEN 'x'::text ELSE NULL::text END", "case when a>0 then 'x' else null end"),
            ("(active = true)", "active = 't'"),
        ]
        .into_iter()
        .filter(|(_, written)| !written.contains("FALSE"))
        {
            assert_eq!(compare(server, written), Verdict::Same, "{server} | {written}");
        }
    }

    #[test]
    fn a_real_difference_is_one_and_a_doubt_is_a_doubt() {
        for (server, written) in [
            ("(status = 1)", "status = 2"),
            ("(status = 1)", "status > 1"),
            ("(a IS NULL)", "a IS NOT NULL"),
            ("(internal_only)", "NOT internal_only"),
            ("((a = 1) AND (b = 2))", "a = 1"),
            ("(a - (b - c))", "a - b - c"),
            ("lower((name)::text)", "lower(title)"),
            ("lower((name)::text)", "upper(name)"),
        ] {
            assert_eq!(
                compare(server, written),
                Verdict::Different,
                "{server} | {written}"
            );
        }
        assert_eq!(
            compare("date_part('year', a)", "extract(year from a)"),
            Verdict::Unknown
        );
        assert_eq!(compare("a::date", "a"), Verdict::Unknown);
    }

    #[test]
    fn numbers_have_one_form() {
        for (text, form) in [
            ("0.00", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("1.5e-3", "0.0015"),
            (".5", "0.5"),
        ] {
            assert_eq!(number(text).as_deref(), Some(form), "{text}");
        }
        assert_eq!(number("a"), None);
        assert_eq!(number(""), None);
    }

    #[test]
    fn what_is_chained_too_long_is_compared_by_its_words() {
        let ask = || {
            for link in ["+1", "::int", " BETWEEN 1 AND 2", " COLLATE c"] {
                let long = format!("a{}", link.repeat(20_000));
                assert_eq!(compare(&long, &long), Verdict::Same, "{link}");
                assert_eq!(
                    compare(&format!("({long})"), &long),
                    Verdict::Unknown,
                    "{link}"
                );
            }
            let flat = format!("a = 1{}", " OR a = 2".repeat(20_000));
            assert_eq!(compare(&format!("({flat})"), &flat), Verdict::Same);
        };
        // On less stack than any thread of the program has.
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(ask);
        thread.expect("a thread").join().expect("no panic");
    }

    proptest! {
        #[test]
        fn nothing_panics_and_everything_equals_itself(text in "[a-z0-9 ()'+*=<>,.:\\[\\]-]{0,60}") {
            prop_assert_eq!(compare(&text, &text), Verdict::Same);
        }
    }
}
