//! Defaults: two texts of one value.

use realign_model::{Column, DataType};
use realign_planner::Verdict;

use crate::expr::{self, Node};

/// Whether the defaults of two columns are the same, given the type they are for.
pub(crate) fn compare(is: &Column, wish: &Column) -> Verdict {
    let value = |column: &Column| column.default.as_ref().map(|d| d.text.clone());
    match (value(is), value(wish)) {
        (None, None) => Verdict::Same,
        (Some(text), None) | (None, Some(text)) => Verdict::from_equal(is_null(&text)),
        (Some(is), Some(wish_text)) => compare_texts(&is, &wish_text, &wish.data_type),
    }
}

/// The sequence of a `nextval('…')`, without its schema and quotes.
pub(crate) fn sequence_of(default: &str) -> Option<String> {
    let text = sequence_path(default)?;
    let last = text.rsplit('.').next().unwrap_or(&text);
    Some(last.trim_matches('"').to_owned())
}

/// The sequence of a `nextval('…')`, as it is written there.
pub(crate) fn sequence_path(default: &str) -> Option<String> {
    let Node::Call(name, arguments) = expr::parse(default)? else {
        return None;
    };
    let [argument] = arguments.as_slice() else {
        return None;
    };
    if name != "nextval" {
        return None;
    }
    let text = match argument {
        Node::Text(text) => text,
        Node::Cast(inner, _) => inner.literal()?,
        _ => return None,
    };
    Some(text.to_owned())
}

/// The shortest form of a default, for a person who sees both sides.
pub(crate) fn normal(text: &str, data_type: &DataType) -> String {
    match expr::parse(text) {
        Some(node) => match node.literal() {
            Some(value) => literal(value, data_type).0,
            None => match node {
                Node::Name(word) if word == "now" => "CURRENT_TIMESTAMP".to_owned(),
                _ => text.to_owned(),
            },
        },
        None => text.to_owned(),
    }
}

/// True for the default that is none.
pub(crate) fn is_null(text: &str) -> bool {
    matches!(expr::parse(text), Some(Node::Name(word)) if word == "null")
}

/// Whether two texts are the same default, given the type they are for.
pub(crate) fn compare_texts(is: &str, wish: &str, data_type: &DataType) -> Verdict {
    let [is, wish] = [is, wish].map(|text| match data_type {
        DataType::Bit { .. } => without_bit_mark(text),
        _ => text,
    });
    let (Some(left), Some(right)) = (expr::parse(is), expr::parse(wish)) else {
        return expr::compare(is, wish);
    };
    // A boolean is a word on one side and may be text on the other.
    let value = |node: &Node| match node {
        Node::Name(word) if matches!(word.as_str(), "true" | "false") => Some(word.clone()),
        other => other.literal().map(str::to_owned),
    };
    match (value(&left), value(&right)) {
        (Some(a), Some(b)) => {
            let (a, a_certain) = literal(&a, data_type);
            let (b, b_certain) = literal(&b, data_type);
            if a == b {
                Verdict::Same
            } else if a_certain && b_certain {
                Verdict::Different
            } else {
                Verdict::Unknown
            }
        }
        (None, None) => expr::compare(is, wish),
        _ => Verdict::Different,
    }
}

/// `B'101'` as the text that the server prints of it.
fn without_bit_mark(text: &str) -> &str {
    let bits = text.strip_prefix(['B', 'b']);
    bits.filter(|rest| rest.starts_with('\'')).unwrap_or(text)
}

/// A literal as the server would keep it for this type, and whether that is certain.
fn literal(value: &str, data_type: &DataType) -> (String, bool) {
    let unchanged = |certain: bool| (value.to_owned(), certain);
    match data_type {
        DataType::Int { .. }
        | DataType::Decimal { .. }
        | DataType::Float { .. }
        | DataType::Year => match expr::number(value) {
            Some(number) => (number, true),
            None => unchanged(false),
        },
        DataType::Boolean => match value.trim().to_ascii_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "on" | "1" => ("true".to_owned(), true),
            "f" | "false" | "n" | "no" | "off" | "0" => ("false".to_owned(), true),
            _ => unchanged(false),
        },
        DataType::Char { .. } => (value.trim_end_matches(' ').to_owned(), true),
        DataType::Varchar { .. }
        | DataType::Text { .. }
        | DataType::Enum { .. }
        | DataType::Set { .. } => unchanged(true),
        DataType::Json { .. } => match serde_json::from_str::<serde_json::Value>(value) {
            Ok(json) => (json.to_string(), true),
            Err(_) => unchanged(false),
        },
        DataType::Uuid => (value.to_ascii_lowercase(), true),
        DataType::Date
        | DataType::Time { .. }
        | DataType::DateTime { .. }
        | DataType::Timestamp { .. } => {
            let (moment, certain) = without_zone(value.trim(), data_type);
            let trimmed = moment.trim_end_matches(".000000");
            let is_usual = trimmed
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b' ' | b'.'));
            let full = match data_type {
                // A day alone is its midnight.
                DataType::DateTime { .. } if trimmed.len() == 10 => format!("{trimmed} 00:00:00"),
                _ => trimmed.to_owned(),
            };
            (full, is_usual && certain)
        }
        DataType::Native(_) => {
            let is_word = !value.is_empty()
                && value
                    .bytes()
                    .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'));
            unchanged(is_word)
        }
        DataType::Binary { .. }
        | DataType::Varbinary { .. }
        | DataType::Blob { .. }
        | DataType::Interval
        | DataType::Array(_) => unchanged(false),
        DataType::Bit { .. } => unchanged(value.bytes().all(|b| matches!(b, b'0' | b'1'))),
    }
}

/// A moment without its zone, which a type without one forgets, and whether that is all of it: of
/// a type with a zone only moments that say UTC have one spelling.
fn without_zone<'v>(value: &'v str, data_type: &DataType) -> (&'v str, bool) {
    // A zone stands behind minutes: a hyphen before them is one of the day.
    let zone = value
        .char_indices()
        .find(|(at, c)| *at > "2026-01-01 00:00".len() - 1 && matches!(c, '+' | '-' | 'Z' | 'z'))
        .map_or(value.len(), |(at, _)| at);
    let (moment, zone) = value.split_at(zone);
    let utc = ["Z", "z"].contains(&zone)
        || zone
            .strip_prefix(['+', '-'])
            .is_some_and(|rest| rest.bytes().all(|b| matches!(b, b'0' | b':')));
    match data_type {
        DataType::DateTime { .. } => (moment, true),
        DataType::Timestamp { .. } if utc => (moment, true),
        DataType::Timestamp { .. } => (value, false),
        _ => (value, true),
    }
}

#[cfg(test)]
mod tests {
    use realign_planner::Verdict;

    use super::{compare_texts, sequence_of};
    use crate::types;

    #[test]
    fn texts_of_one_value_are_the_same() {
        for (server, written, data_type) in [
            ("'x'::character varying", "'x'", "varchar(5)"),
            ("0", "0", "integer"),
            ("'-1'::integer", "-1", "integer"),
            ("0", "00", "integer"),
            ("0.00", "'0'", "numeric(10,2)"),
            ("'0'::numeric", "'0.00'", "numeric(10,2)"),
            ("true", "'true'", "boolean"),
            ("false", "'0'", "boolean"),
            ("CURRENT_TIMESTAMP", "now()", "timestamp(0)"),
            ("now()", "CURRENT_TIMESTAMP", "timestamp(0)"),
            (
                "'2020-01-01 00:00:00'::timestamp without time zone",
                "'2020-01-01'",
                "timestamp(0)",
            ),
            (
                "'1970-01-01 00:00:01'::timestamp without time zone",
                "'1970-01-01 00:00:01+00:00'",
                "timestamp(0)",
            ),
            (
                "'1970-01-01 00:00:01+00'::timestamp with time zone",
                "'1970-01-01 00:00:01Z'",
                "timestamptz",
            ),
            ("'{}'::jsonb", "'{ }'", "jsonb"),
            ("'it''s'::text", "'it''s'", "text"),
            ("'a'::mood", "'a'", "mood"),
            ("'101'::\"bit\"", "b'101'", "bit(3)"),
        ] {
            assert_eq!(
                compare_texts(server, written, &types::parse(data_type)),
                Verdict::Same,
                "{server} | {written}"
            );
        }
    }

    #[test]
    fn texts_of_two_values_differ() {
        for (server, written, data_type) in [
            ("5", "0", "integer"),
            ("'x'::character varying", "'X'", "varchar(5)"),
            ("true", "false", "boolean"),
            ("CURRENT_TIMESTAMP", "'2020-01-01'", "timestamp(0)"),
            ("'b'::mood", "'a'", "mood"),
            ("'0'::text", "'0.0'", "text"),
            ("'1010'::\"bit\"", "B'1'", "bit varying(8)"),
        ] {
            assert_eq!(
                compare_texts(server, written, &types::parse(data_type)),
                Verdict::Different,
                "{server} | {written}"
            );
        }
    }

    #[test]
    fn the_sequence_of_a_default_is_found() {
        assert_eq!(
            sequence_of("nextval('t_id_seq'::regclass)").as_deref(),
            Some("t_id_seq")
        );
        assert_eq!(
            sequence_of("nextval('s.\"T_id_seq\"'::regclass)").as_deref(),
            Some("T_id_seq")
        );
        assert_eq!(sequence_of("5"), None);
    }
}
