//! Values that do not fit another type.

mod number;
mod time;

use realign_model::{Column, DataType, Ident, IntWidth, TextSize};
use realign_planner::TableChange;

use crate::assemble::charset_of;
use crate::compare::{character_bytes, collation_of, declared_collation, mysql_options};
use crate::render::string_literal;
use number::{to_decimal, to_float, to_int};
use time::{to_date, to_moment, to_time};

/// Values that a change refuses or changes.
pub(super) struct Narrow {
    pub(super) code: &'static str,
    pub(super) condition: String,
    pub(super) message: String,
    pub(super) count_text: String,
    pub(super) help: &'static str,
    /// The server would change them without a word.
    pub(super) lossy: bool,
}

const TOO_LONG: &str = "R202";
const OUT_OF_RANGE: &str = "R203";
const LESS_EXACT: &str = "R206";
const NOT_OF_TYPE: &str = "R207";
const NO_SUCH_WORD: &str = "R208";
const NO_SUCH_CHARACTER: &str = "R209";

fn narrow(code: &'static str, condition: String, message: &str, count_text: &str) -> Narrow {
    Narrow {
        code,
        condition,
        message: message.to_owned(),
        count_text: count_text.to_owned(),
        help: "mend these rows first",
        lossy: false,
    }
}

fn lossy(condition: String, count_text: &str) -> Narrow {
    Narrow {
        lossy: true,
        help: "",
        ..narrow(
            LESS_EXACT,
            condition,
            "can't keep all that its values say",
            count_text,
        )
    }
}

/// The character set that a column will have.
fn future_charset(wish: &Column, change: &TableChange) -> Option<String> {
    wish.charset
        .clone()
        .or_else(|| wish.collation.as_deref().map(charset_of))
        .or_else(|| declared_collation(&change.target).map(charset_of))
        .or_else(|| mysql_options(&change.is).and_then(|options| options.charset.clone()))
}

/// The collation that a column will have, when that is known.
fn future_collation(wish: &Column, change: &TableChange) -> Option<String> {
    wish.collation
        .clone()
        .or_else(|| {
            declared_collation(&change.target)
                .filter(|name| name.contains('_'))
                .map(str::to_owned)
        })
        .or_else(|| mysql_options(&change.is).and_then(|options| options.collation.clone()))
}

/// A present value as it will be compared: in its new collation.
pub(super) fn as_will_be(
    column: &str,
    live: &Column,
    name: &Ident,
    change: &TableChange,
) -> String {
    let Some(wish) = change.target.column_ignoring_case(name.as_str()) else {
        return column.to_owned();
    };
    if !live.data_type.is_text() || !wish.data_type.is_text() {
        return column.to_owned();
    }
    match (future_charset(wish, change), future_collation(wish, change)) {
        (Some(charset), Some(collation))
            if collation_of(live, &change.is) != Some(collation.as_str()) =>
        {
            format!("CONVERT({column} USING {charset}) COLLATE {collation}")
        }
        _ => column.to_owned(),
    }
}

/// What to ask before a column gets another type or character set.
pub(super) fn conditions(
    column: &str,
    is: &Column,
    wish: &Column,
    change: &TableChange,
) -> Vec<Narrow> {
    let mut found = to_type(column, is, wish, change);
    if let (true, true, Some(old), Some(new)) = (
        is.data_type.is_text(),
        wish.data_type.is_text(),
        collation_of(is, &change.is).map(charset_of),
        future_charset(wish, change),
    ) {
        let same = |a: &str, b: &str| a.replace("utf8mb3", "utf8") == b.replace("utf8mb3", "utf8");
        if !same(&old, &new) && new != "utf8mb4" && old != "ascii" {
            found.push(narrow(
                NO_SUCH_CHARACTER,
                format!(
                    "BINARY {column} <> BINARY CONVERT(CONVERT({column} USING {new}) USING {old})"
                ),
                &format!("can't become {new}"),
                "{n} values have characters that it lacks",
            ));
        }
    }
    found
}

fn to_type(column: &str, is: &Column, wish: &Column, change: &TableChange) -> Vec<Narrow> {
    match &wish.data_type {
        DataType::Int {
            width, unsigned, ..
        } => to_int(column, &is.data_type, *width, *unsigned),
        DataType::Boolean => to_int(column, &is.data_type, IntWidth::W8, false),
        DataType::Decimal {
            precision,
            scale,
            unsigned,
        } => to_decimal(
            column,
            &is.data_type,
            precision.unwrap_or(10),
            scale.unwrap_or(0),
            *unsigned,
        ),
        DataType::Float {
            width, unsigned, ..
        } => to_float(column, &is.data_type, *width, *unsigned),
        DataType::Char { len } | DataType::Varchar { len } => {
            to_length(column, &is.data_type, len.unwrap_or(1))
        }
        DataType::Binary { len } | DataType::Varbinary { len } => {
            let fits = matches!(is.data_type, DataType::Binary { len: old } | DataType::Varbinary { len: old } if old <= *len);
            let limit = len.unwrap_or(1);
            too_long(
                fits,
                format!("OCTET_LENGTH({column}) > {limit}"),
                limit,
                "bytes",
            )
        }
        DataType::Text { size } => {
            let width = future_charset(wish, change).map_or(4, |c| character_bytes(&c));
            to_tier(column, &is.data_type, *size, width)
        }
        DataType::Blob { size } => to_tier(column, &is.data_type, *size, 1),
        DataType::Date => to_date(column, &is.data_type),
        DataType::Time { precision, .. } => to_time(column, &is.data_type, precision.unwrap_or(0)),
        DataType::DateTime { precision } => {
            to_moment(column, &is.data_type, precision.unwrap_or(0), false)
        }
        DataType::Timestamp { precision } => {
            to_moment(column, &is.data_type, precision.unwrap_or(0), true)
        }
        DataType::Year => match is.data_type {
            DataType::Year => Vec::new(),
            _ => vec![narrow(
                OUT_OF_RANGE,
                format!("{column} <> 0 AND ({column} < 1901 OR {column} > 2155)"),
                "can't become YEAR",
                "{n} values are no year of it",
            )],
        },
        DataType::Json { .. } => match is.data_type {
            DataType::Json { .. } => Vec::new(),
            _ => vec![narrow(
                NOT_OF_TYPE,
                format!("{column} IS NOT NULL AND COALESCE(JSON_VALID({column}), 0) = 0"),
                "can't become JSON",
                "{n} values are no JSON",
            )],
        },
        DataType::Enum { values } => to_enum(column, &is.data_type, values),
        DataType::Set { values } => to_set(column, &is.data_type, values),
        DataType::Bit { len, .. } => {
            let bits = len.unwrap_or(1);
            match is.data_type {
                DataType::Bit { len: Some(old), .. } if old <= bits => Vec::new(),
                _ if bits >= 64 => Vec::new(),
                _ => vec![narrow(
                    OUT_OF_RANGE,
                    format!("{column} + 0 >= {}", 1_u64 << bits),
                    &format!("can't become BIT({bits})"),
                    "{n} values need more bits",
                )],
            }
        }
        DataType::Interval | DataType::Uuid | DataType::Array(_) | DataType::Native(_) => {
            Vec::new()
        }
    }
}

fn too_long(fits: bool, condition: String, limit: u32, unit: &str) -> Vec<Narrow> {
    if fits {
        return Vec::new();
    }
    vec![narrow(
        TOO_LONG,
        condition,
        &format!("can't be cut to {limit} {unit}"),
        "{n} values are longer",
    )]
}

fn to_length(column: &str, is: &DataType, limit: u32) -> Vec<Narrow> {
    let fits = match is {
        DataType::Char { len } | DataType::Varchar { len } => len.unwrap_or(1) <= limit,
        DataType::Int { .. } | DataType::Boolean => limit >= 20,
        DataType::Enum { values } => values
            .iter()
            .all(|word| u32::try_from(word.chars().count()).is_ok_and(|n| n <= limit)),
        _ => false,
    };
    too_long(
        fits,
        format!("CHAR_LENGTH({column}) > {limit}"),
        limit,
        "characters",
    )
}

/// Bytes that a tier of texts and blobs holds.
fn tier_bytes(size: TextSize) -> u64 {
    match size {
        TextSize::Tiny => 255,
        TextSize::Normal => 65_535,
        TextSize::Medium => 16_777_215,
        TextSize::Long => u64::from(u32::MAX),
    }
}

fn to_tier(column: &str, is: &DataType, size: TextSize, width: u32) -> Vec<Narrow> {
    let limit = tier_bytes(size);
    let longest = match is {
        DataType::Text { size } | DataType::Blob { size } => tier_bytes(*size),
        DataType::Char { len } | DataType::Varchar { len } => {
            u64::from(len.unwrap_or(1)) * u64::from(width)
        }
        DataType::Binary { len } | DataType::Varbinary { len } => u64::from(len.unwrap_or(1)),
        DataType::Json { .. } => u64::from(u32::MAX),
        _ => 255,
    };
    if longest <= limit {
        return Vec::new();
    }
    vec![narrow(
        TOO_LONG,
        format!("OCTET_LENGTH({column}) > {limit}"),
        &format!("can't be cut to {limit} bytes"),
        "{n} values are longer",
    )]
}

fn missing_words(condition: String) -> Vec<Narrow> {
    vec![narrow(
        NO_SUCH_WORD,
        condition,
        "can't lose words that are in use",
        "{n} values are none of the declared words",
    )]
}

fn to_enum(column: &str, is: &DataType, values: &[String]) -> Vec<Narrow> {
    if let DataType::Enum { values: old } = is
        && old.iter().all(|word| values.contains(word))
    {
        return Vec::new();
    }
    let words: Vec<String> = values.iter().map(|word| string_literal(word)).collect();
    missing_words(format!("{column} NOT IN ({})", words.join(", ")))
}

fn to_set(column: &str, is: &DataType, values: &[String]) -> Vec<Narrow> {
    if let DataType::Set { values: old } = is {
        let gone: Vec<String> = old
            .iter()
            .filter(|word| !values.contains(word))
            .map(|word| format!("FIND_IN_SET({}, {column}) > 0", string_literal(word)))
            .collect();
        return if gone.is_empty() {
            Vec::new()
        } else {
            missing_words(gone.join(" OR "))
        };
    }
    // Words may stand in any order; each has to be one of the list.
    let mut left = format!("CONCAT(',', {column}, ',')");
    for word in values {
        left = format!(
            "REPLACE({left}, {}, ',')",
            string_literal(&format!(",{word},"))
        );
    }
    missing_words(format!("{column} <> '' AND {left} <> ','"))
}
