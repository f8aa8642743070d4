//! Dates and times.

use realign_model::DataType;

use super::number::out_of_range;
use super::{NOT_OF_TYPE, Narrow, lossy, narrow};

fn not_a_date(column: &str, word: &str) -> Narrow {
    narrow(
        NOT_OF_TYPE,
        format!("{column} IS NOT NULL AND CAST({column} AS {word}) IS NULL"),
        &format!("can't become {word}"),
        "{n} values are none",
    )
}

pub(super) fn to_date(column: &str, is: &DataType) -> Vec<Narrow> {
    match is {
        DataType::DateTime { .. } | DataType::Timestamp { .. } => vec![lossy(
            format!("TIME({column}) <> '00:00:00'"),
            "{n} values have a time that would go",
        )],
        text if text.is_text() => vec![not_a_date(column, "DATE")],
        _ => Vec::new(),
    }
}

/// Digits of a second that would go.
fn fraction(column: &str, old: u32, new: u32) -> Vec<Narrow> {
    if old <= new {
        return Vec::new();
    }
    vec![lossy(
        format!(
            "MICROSECOND({column}) % {} <> 0",
            10_u64.pow(6 - new.min(6))
        ),
        "{n} values have digits of a second that would be rounded away",
    )]
}

pub(super) fn to_time(column: &str, is: &DataType, precision: u32) -> Vec<Narrow> {
    match is {
        DataType::Time { precision: old, .. } => fraction(column, old.unwrap_or(0), precision),
        DataType::DateTime { .. } | DataType::Timestamp { .. } => vec![lossy(
            format!("{column} IS NOT NULL"),
            "{n} values have a date that would go",
        )],
        text if text.is_text() => vec![not_a_date(column, "TIME")],
        _ => Vec::new(),
    }
}

pub(super) fn to_moment(column: &str, is: &DataType, precision: u32, instant: bool) -> Vec<Narrow> {
    let mut found = match is {
        DataType::DateTime { precision: old } | DataType::Timestamp { precision: old } => {
            fraction(column, old.unwrap_or(0), precision)
        }
        text if text.is_text() => vec![not_a_date(column, "DATETIME")],
        _ => Vec::new(),
    };
    if instant && !matches!(is, DataType::Timestamp { .. }) {
        found.push(out_of_range(format!(
            "{column} IS NOT NULL AND (COALESCE(UNIX_TIMESTAMP({column}), 0) = 0 OR UNIX_TIMESTAMP({column}) > 2147483647)"
        )));
    }
    found
}
