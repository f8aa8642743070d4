//! Types whose size decides what they become: text, bytes and decimals.

use realign_model::{DataType, TextSize};
use realign_planner::{Diagnostic, DoctrineColumn, Profile};

/// Longest VARCHAR and VARBINARY that DBAL up to 3 asks for; above it becomes TEXT or BLOB.
const MAX_VARIABLE_LENGTH: u32 = 65_535;
/// Longest CHAR.
const MAX_FIXED_LENGTH: u32 = 255;
/// What DBAL up to 3 takes for a length that nobody gave.
pub(super) const DEFAULT_LENGTH: u32 = 255;

pub(super) fn string(column: &DoctrineColumn, profile: Profile) -> Result<DataType, Diagnostic> {
    let fixed = column.fixed;
    if profile.dbal_at_least(4, 0) {
        return match column.length {
            Some(length) => Ok(variable_or_fixed(fixed, length)),
            None if fixed => Ok(DataType::Char { len: None }),
            None => Err(no_length(column)),
        };
    }
    let length = column.length.unwrap_or(DEFAULT_LENGTH);
    let longest = if fixed && profile.dbal_at_least(2, 8) {
        MAX_FIXED_LENGTH
    } else {
        MAX_VARIABLE_LENGTH
    };
    Ok(if length > longest {
        text(Some(length))
    } else {
        variable_or_fixed(fixed, non_zero(length))
    })
}

fn no_length(column: &DoctrineColumn) -> Diagnostic {
    column.type_lacks(
        "`length`",
        "DBAL 4 has no default length on MySQL and MariaDB",
    )
}

pub(super) fn variable_or_fixed(fixed: bool, length: u32) -> DataType {
    let len = Some(length);
    if fixed {
        DataType::Char { len }
    } else {
        DataType::Varchar { len }
    }
}

/// DBAL up to 3 takes a length of 0 for none.
fn non_zero(length: u32) -> u32 {
    if length == 0 { DEFAULT_LENGTH } else { length }
}

pub(super) fn binary(column: &DoctrineColumn, profile: Profile) -> Result<DataType, Diagnostic> {
    let of = |len: Option<u32>| {
        if column.fixed {
            DataType::Binary { len }
        } else {
            DataType::Varbinary { len }
        }
    };
    if profile.dbal_at_least(4, 0) {
        return match column.length {
            Some(_) => Ok(of(column.length)),
            None if column.fixed => Ok(of(None)),
            None => Err(no_length(column)),
        };
    }
    let length = column.length.unwrap_or(DEFAULT_LENGTH);
    Ok(if length > MAX_VARIABLE_LENGTH {
        blob(Some(length))
    } else {
        of(Some(non_zero(length)))
    })
}

pub(super) fn text(length: Option<u32>) -> DataType {
    DataType::Text { size: tier(length) }
}

pub(super) fn blob(length: Option<u32>) -> DataType {
    DataType::Blob { size: tier(length) }
}

fn tier(length: Option<u32>) -> TextSize {
    match length {
        None | Some(0) => TextSize::Long,
        Some(1..=255) => TextSize::Tiny,
        Some(256..=65_535) => TextSize::Normal,
        Some(65_536..=16_777_215) => TextSize::Medium,
        Some(_) => TextSize::Long,
    }
}

pub(super) fn decimal(
    column: &DoctrineColumn,
    profile: Profile,
    unsigned: bool,
) -> Result<DataType, Diagnostic> {
    let precision = match column.precision {
        None if profile.dbal_at_least(4, 0) => {
            return Err(column.type_lacks("`precision`", "DBAL 4 has no default precision"));
        }
        // DBAL up to 3 takes 0 for none.
        None => 10,
        Some(0) if !profile.dbal_at_least(4, 0) => 10,
        Some(precision) => precision,
    };
    Ok(DataType::Decimal {
        precision: Some(precision),
        scale: Some(column.scale.unwrap_or(0)),
        unsigned,
    })
}
