//! From one type to another: which words the server needs, and which values it would not take.

use realign_model::{DataType, FloatWidth, Ident, IntWidth};
use realign_planner::{Facts, Precheck};

use crate::facts::since;
use crate::prechecks::Before;
use crate::render::ident;
use crate::types;

/// Kinds of types that convert alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Int,
    Decimal,
    Float,
    Text,
    Bytes,
    Date,
    Time,
    Moment,
    Json,
    Uuid,
    Other,
}

pub(crate) fn kind(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Boolean => Kind::Bool,
        DataType::Int { .. } | DataType::Year => Kind::Int,
        DataType::Decimal { .. } => Kind::Decimal,
        DataType::Float { .. } => Kind::Float,
        DataType::Char { .. }
        | DataType::Varchar { .. }
        | DataType::Text { .. }
        | DataType::Enum { .. }
        | DataType::Set { .. } => Kind::Text,
        DataType::Binary { .. } | DataType::Varbinary { .. } | DataType::Blob { .. } => Kind::Bytes,
        DataType::Date => Kind::Date,
        DataType::Time { .. } => Kind::Time,
        DataType::DateTime { .. } | DataType::Timestamp { .. } => Kind::Moment,
        DataType::Json { .. } => Kind::Json,
        DataType::Uuid => Kind::Uuid,
        DataType::Interval | DataType::Bit { .. } | DataType::Array(_) | DataType::Native(_) => {
            Kind::Other
        }
    }
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Int | Kind::Decimal | Kind::Float)
}

/// True when values of the two compare with one another without a cast.
pub(super) fn comparable(is: &DataType, wish: &DataType) -> bool {
    let (a, b) = (kind(is), kind(wish));
    (a == b && a != Kind::Other) || (is_number(a) && is_number(b)) || is == wish
}

/// The expression of a USING clause; none where the server has an assignment cast.
pub(super) fn using(is: &DataType, wish: &DataType, column: &Ident) -> Option<String> {
    let name = ident(column);
    let target = types::render(wish);
    match (kind(is), kind(wish)) {
        (a, b) if is_number(a) && is_number(b) => None,
        (Kind::Bytes, Kind::Text) => Some(format!("convert_from({name}, 'UTF8')")),
        (Kind::Text, Kind::Bytes) => Some(format!("convert_to({name}, 'UTF8')")),
        (_, Kind::Text) => None,
        (Kind::Date | Kind::Moment, Kind::Date | Kind::Moment)
        | (Kind::Moment | Kind::Time, Kind::Time)
        | (Kind::Json, Kind::Json) => None,
        (Kind::Bool, b) if is_number(b) => Some(format!("{name}::int")),
        (a, Kind::Bool) if is_number(a) => Some(format!("{name} <> 0")),
        (Kind::Text, Kind::Bool) => Some(format!("trim({name})::boolean")),
        (Kind::Text, _) => Some(format!("{name}::{target}")),
        (Kind::Other, _) if is == wish => None,
        _ => Some(format!("{name}::text::{target}")),
    }
}

/// What the data has to meet before the type changes.
pub(super) fn prechecks(
    is: &DataType,
    wish: &DataType,
    column: &Ident,
    before: &Before,
    facts: &Facts,
) -> Vec<Precheck> {
    let name = ident(column);
    let spelled = types::render(wish);
    let check = |code: &str, condition: &str, count_text: &str, lossy: bool| {
        let message = if lossy {
            format!("{}.{column} loses something as {spelled}", before.table)
        } else {
            format!("{}.{column} can't become {spelled}", before.table)
        };
        let mut check = before.rows(code, condition, column, message, count_text);
        check.lossy = lossy;
        "mend these values, then run it again".clone_into(&mut check.help);
        check
    };
    let mut found = Vec::new();
    let (from, to) = (kind(is), kind(wish));
    match (from, to) {
        (_, Kind::Text) if from != Kind::Bytes => {
            if let Some(limit) = text_limit(wish)
                && text_limit(is).is_none_or(|present| present > limit)
            {
                let value = if from == Kind::Text {
                    name.clone()
                } else {
                    format!("{name}::text")
                };
                found.push(check(
                    "R202",
                    &format!("length({value}) > {limit}"),
                    "{n} values are longer",
                    false,
                ));
            }
        }
        (Kind::Text, _) if to != Kind::Bytes => {
            if let Some(condition) = unreadable(&name, wish, facts) {
                found.push(check("R206", &condition, "{n} values are none", false));
            }
        }
        (a, Kind::Bool) if is_number(a) => {
            found.push(check(
                "R209",
                &format!("{name} NOT IN (0, 1)"),
                "{n} values are neither 0 nor 1",
                true,
            ));
        }
        (a, b) if is_number(a) && is_number(b) => {
            if let Some((low, high)) = range(wish)
                && !fits(is, wish)
            {
                found.push(check(
                    "R203",
                    &format!("{name} < {low} OR {name} > {high}"),
                    "{n} values are out of its range",
                    false,
                ));
            }
            if let Some(digits) = scale(wish)
                && scale(is).is_none_or(|present| present > digits)
            {
                found.push(check(
                    "R209",
                    &format!("{name}::numeric <> round({name}::numeric, {digits})"),
                    "{n} values have more digits after the point",
                    true,
                ));
            }
        }
        (Kind::Moment | Kind::Time, Kind::Moment | Kind::Time | Kind::Date) => {
            if let Some(condition) = loses_time(&name, is, wish) {
                found.push(check("R209", &condition, "{n} values are more exact", true));
            }
        }
        (a, b) if a == b || using(is, wish, column).is_none() => {}
        (Kind::Bytes, Kind::Text) | (Kind::Text, Kind::Bytes) | (Kind::Date, Kind::Moment) => {}
        (Kind::Bool, b) if is_number(b) => {}
        _ => found.push(check(
            "R206",
            &format!("{name} IS NOT NULL"),
            "{n} values have no counterpart",
            false,
        )),
    }
    found
}

/// Longest text that a type takes.
fn text_limit(data_type: &DataType) -> Option<u32> {
    match data_type {
        DataType::Char { len } => Some(len.unwrap_or(1)),
        DataType::Varchar { len } => *len,
        _ => None,
    }
}

/// Smallest and largest value, where the type has them.
fn range(data_type: &DataType) -> Option<(String, String)> {
    let pair = |n: i64| Some(((-n - 1).to_string(), n.to_string()));
    match data_type {
        DataType::Int { width, .. } => match width {
            IntWidth::W8 | IntWidth::W16 => pair(i64::from(i16::MAX)),
            IntWidth::W24 | IntWidth::W32 => pair(i64::from(i32::MAX)),
            // The smallest is written apart: its positive counterpart is no bigint.
            IntWidth::W64 => Some((
                "-9223372036854775808".to_owned(),
                "9223372036854775807".to_owned(),
            )),
        },
        DataType::Decimal {
            precision: Some(precision),
            scale,
            ..
        } => {
            let whole = precision.saturating_sub(scale.unwrap_or(0));
            let limit = format!(
                "1{}",
                "0".repeat(usize::try_from(whole).unwrap_or(0).min(1000))
            );
            // Rounding may still carry a value over the edge; the server then refuses.
            Some((
                format!("-({limit} - 0.{})", half(*scale)),
                format!("({limit} - 0.{})", half(*scale)),
            ))
        }
        _ => None,
    }
}

/// Half of the last digit, as digits after the point.
fn half(scale: Option<u32>) -> String {
    format!(
        "{}5",
        "0".repeat(usize::try_from(scale.unwrap_or(0)).unwrap_or(0).min(1000))
    )
}

/// True when every value of the first is in the range of the second.
fn fits(is: &DataType, wish: &DataType) -> bool {
    let digits = |data_type: &DataType| match data_type {
        DataType::Int { width, .. } => Some(match width {
            IntWidth::W8 | IntWidth::W16 => 5,
            IntWidth::W24 | IntWidth::W32 => 10,
            IntWidth::W64 => 19,
        }),
        DataType::Decimal {
            precision: Some(p),
            scale,
            ..
        } => Some(p.saturating_sub(scale.unwrap_or(0))),
        _ => None,
    };
    match (is, wish) {
        (DataType::Int { width: a, .. }, DataType::Int { width: b, .. }) => a <= b,
        (DataType::Decimal { .. }, DataType::Int { .. }) => {
            digits(is).is_some_and(|n| digits(wish).is_some_and(|m| n < m))
        }
        _ => digits(is).is_some_and(|n| digits(wish).is_some_and(|m| n <= m)),
    }
}

/// Digits after the point that a type keeps.
fn scale(data_type: &DataType) -> Option<u32> {
    match data_type {
        DataType::Int { .. } | DataType::Year => Some(0),
        DataType::Decimal {
            precision: Some(_),
            scale,
            ..
        } => Some(scale.unwrap_or(0)),
        DataType::Float {
            width: FloatWidth::Single | FloatWidth::Double,
            ..
        } => None,
        _ => None,
    }
}

/// When a moment would be rounded or cut.
fn loses_time(name: &str, is: &DataType, wish: &DataType) -> Option<String> {
    let precision = |data_type: &DataType| match data_type {
        DataType::DateTime { precision }
        | DataType::Timestamp { precision }
        | DataType::Time { precision, .. } => precision.unwrap_or(6),
        _ => 0,
    };
    match (kind(is), kind(wish)) {
        (Kind::Moment, Kind::Date) => Some(format!("{name} <> {name}::date")),
        (Kind::Moment, Kind::Time) => Some(format!("{name} IS NOT NULL")),
        _ if precision(wish) < precision(is) => Some(format!(
            "{name} <> {name}::{}",
            types::render(&rounded(is, precision(wish)))
        )),
        _ => None,
    }
}

/// The same type with another precision.
fn rounded(data_type: &DataType, digits: u32) -> DataType {
    let precision = Some(digits);
    match data_type {
        DataType::DateTime { .. } => DataType::DateTime { precision },
        DataType::Timestamp { .. } => DataType::Timestamp { precision },
        DataType::Time { zone, .. } => DataType::Time {
            precision,
            zone: *zone,
        },
        other => other.clone(),
    }
}

/// A condition that is true for texts which the cast would refuse, and never refuses itself.
fn unreadable(name: &str, wish: &DataType, facts: &Facts) -> Option<String> {
    // A cast in the same condition could run first, so that the pattern guards it in a CASE.
    if since(facts, 16) && !matches!(kind(wish), Kind::Bool) {
        return Some(format!(
            "NOT pg_input_is_valid({name}::text, '{}')",
            types::render(wish)
        ));
    }
    match wish {
        DataType::Boolean => Some(format!(
            "lower(trim({name})) NOT IN ('t', 'true', 'y', 'yes', 'on', '1', 'f', 'false', 'n', 'no', 'off', '0')"
        )),
        DataType::Int { .. } => {
            let (low, high) = range(wish)?;
            Some(format!(
                "CASE WHEN {name} ~ '^\\s*[-+]?[0-9]{{1,30}}\\s*$' THEN {name}::numeric < {low} OR {name}::numeric > {high} ELSE true END"
            ))
        }
        DataType::Decimal { .. } | DataType::Float { .. } => {
            let pattern = format!(
                "{name} ~ '^\\s*[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{{1,2}})?\\s*$'"
            );
            Some(match range(wish) {
                Some((low, high)) => format!(
                    "CASE WHEN {pattern} THEN {name}::numeric < {low} OR {name}::numeric > {high} ELSE true END"
                ),
                None => format!("NOT ({pattern})"),
            })
        }
        DataType::Uuid => Some(format!(
            "{name} !~* '^\\s*[{{]?[0-9a-f]{{8}}-?([0-9a-f]{{4}}-?){{3}}[0-9a-f]{{12}}[}}]?\\s*$'"
        )),
        DataType::Date | DataType::DateTime { .. } | DataType::Timestamp { .. } => Some(format!(
            "{name} !~ '^\\s*[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?([-+][0-9:]+|Z)?)?\\s*$'"
        )),
        DataType::Time { .. } => Some(format!(
            "{name} !~ '^\\s*([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?\\s*$'"
        )),
        // Older servers have no way to ask without failing; the transaction takes it back.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use realign_model::{Ident, ObjectName};

    use super::{prechecks, using};
    use crate::facts::offline;
    use crate::prechecks::Before;
    use crate::types::parse;

    #[test]
    fn only_what_has_no_assignment_cast_gets_a_using_clause() {
        for (is, wish, clause) in [
            ("integer", "bigint", None),
            ("bigint", "integer", None),
            ("integer", "text", None),
            ("text", "varchar(5)", None),
            ("varchar(5)", "integer", Some("c::INT")),
            ("boolean", "smallint", Some("c::int")),
            ("smallint", "boolean", Some("c <> 0")),
            ("timestamp(0)", "timestamptz(0)", None),
            ("text", "jsonb", Some("c::JSONB")),
            ("json", "jsonb", None),
            ("bytea", "text", Some("convert_from(c, 'UTF8')")),
        ] {
            assert_eq!(
                using(&parse(is), &parse(wish), &Ident::new("c")).as_deref(),
                clause,
                "{is} {wish}"
            );
        }
    }

    #[test]
    fn what_could_be_lost_is_asked_first() {
        let facts = offline("postgresql-15").expect("known");
        let before = Before {
            table: ObjectName::bare("t"),
            key: Vec::new(),
        };
        for (is, wish, codes) in [
            ("integer", "bigint", vec![]),
            ("bigint", "integer", vec!["R203"]),
            ("text", "varchar(5)", vec!["R202"]),
            ("varchar(5)", "varchar(9)", vec![]),
            ("numeric(10,2)", "numeric(8,1)", vec!["R203", "R209"]),
            ("numeric(10,2)", "integer", vec!["R209"]),
            ("timestamp", "timestamp(0)", vec!["R209"]),
            ("timestamp(0)", "date", vec!["R209"]),
            ("text", "integer", vec!["R206"]),
            ("uuid", "integer", vec!["R206"]),
            ("integer", "boolean", vec!["R209"]),
        ] {
            let found: Vec<String> =
                prechecks(&parse(is), &parse(wish), &Ident::new("c"), &before, &facts)
                    .into_iter()
                    .map(|c| c.code)
                    .collect();
            assert_eq!(found, codes, "{is} {wish}");
        }
    }
}
