//! Numbers.

use realign_model::{DataType, FloatWidth, IntWidth};

use super::{NOT_OF_TYPE, Narrow, OUT_OF_RANGE, lossy, narrow};
use crate::render::string_literal;

/// Least and greatest value of an integer.
fn range(width: IntWidth, unsigned: bool) -> (i128, i128) {
    let bits = match width {
        IntWidth::W8 => 8,
        IntWidth::W16 => 16,
        IntWidth::W24 => 24,
        IntWidth::W32 => 32,
        IntWidth::W64 => 64,
    };
    if unsigned {
        (0, (1_i128 << bits) - 1)
    } else {
        (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1)
    }
}

fn int_range(data_type: &DataType) -> Option<(i128, i128)> {
    match data_type {
        DataType::Int {
            width, unsigned, ..
        } => Some(range(*width, *unsigned)),
        DataType::Boolean => Some(range(IntWidth::W8, false)),
        DataType::Year => Some((0, 2155)),
        _ => None,
    }
}

pub(super) fn out_of_range(condition: String) -> Narrow {
    narrow(
        OUT_OF_RANGE,
        condition,
        "can't hold all of its values any more",
        "{n} values are out of range",
    )
}

fn not_a_number(column: &str, pattern: &str) -> Narrow {
    narrow(
        NOT_OF_TYPE,
        format!(
            "{column} IS NOT NULL AND {column} NOT REGEXP {}",
            string_literal(pattern)
        ),
        "can't become a number",
        "{n} values are none",
    )
}

pub(super) fn to_int(column: &str, is: &DataType, width: IntWidth, unsigned: bool) -> Vec<Narrow> {
    let (least, greatest) = range(width, unsigned);
    if let Some((low, high)) = int_range(is) {
        let mut parts = Vec::new();
        if low < least {
            parts.push(format!("{column} < {least}"));
        }
        if high > greatest {
            parts.push(format!("{column} > {greatest}"));
        }
        return if parts.is_empty() {
            Vec::new()
        } else {
            vec![out_of_range(parts.join(" OR "))]
        };
    }
    let outside = |value: &str| format!("({value} < {least} OR {value} > {greatest})");
    match is {
        DataType::Decimal { .. } | DataType::Float { .. } => vec![
            out_of_range(outside(&format!("ROUND({column})"))),
            lossy(
                format!("{column} <> ROUND({column})"),
                "{n} values have a fraction that would be rounded away",
            ),
        ],
        text if text.is_text() => {
            let pattern = "^[[:space:]]*[-+]?[0-9]+[[:space:]]*$";
            vec![
                not_a_number(column, pattern),
                out_of_range(format!(
                    "{column} REGEXP {} AND {}",
                    string_literal(pattern),
                    outside(&format!("CAST({column} AS DECIMAL(65, 0))"))
                )),
            ]
        }
        DataType::Bit { .. } => vec![out_of_range(format!("{column} + 0 > {greatest}"))],
        _ => Vec::new(),
    }
}

pub(super) fn to_decimal(
    column: &str,
    is: &DataType,
    precision: u32,
    scale: u32,
    unsigned: bool,
) -> Vec<Narrow> {
    let whole = precision.saturating_sub(scale);
    let bound = format!("1{}", "0".repeat(whole as usize));
    let value = match is {
        text if text.is_text() => format!("CAST({column} AS DECIMAL(65, 30))"),
        _ => column.to_owned(),
    };
    let mut found = Vec::new();
    if is.is_text() {
        found.push(not_a_number(
            column,
            "^[[:space:]]*[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)[[:space:]]*$",
        ));
    }
    let (digits, old_scale, old_unsigned) = match is {
        DataType::Decimal {
            precision,
            scale,
            unsigned,
        } => {
            let scale = scale.unwrap_or(0);
            (
                precision.unwrap_or(10).saturating_sub(scale),
                scale,
                *unsigned,
            )
        }
        DataType::Int {
            width, unsigned, ..
        } => {
            let digits = range(*width, *unsigned).1.to_string().len();
            (u32::try_from(digits).unwrap_or(u32::MAX), 0, *unsigned)
        }
        DataType::Boolean => (3, 0, false),
        DataType::Year => (4, 0, true),
        _ => (u32::MAX, u32::MAX, false),
    };
    // Rounding may carry into one more digit.
    if digits > whole || (digits == whole && old_scale > scale) {
        found.push(out_of_range(format!(
            "ABS(ROUND({value}, {scale})) >= {bound}"
        )));
    }
    if unsigned && !old_unsigned {
        found.push(out_of_range(format!("{value} < 0")));
    }
    if old_scale > scale {
        found.push(lossy(
            format!("{value} <> ROUND({value}, {scale})"),
            "{n} values have more digits after the point",
        ));
    }
    found
}

pub(super) fn to_float(
    column: &str,
    is: &DataType,
    width: FloatWidth,
    unsigned: bool,
) -> Vec<Narrow> {
    let mut found = Vec::new();
    if is.is_text() {
        found.push(not_a_number(
            column,
            "^[[:space:]]*[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?[[:space:]]*$",
        ));
    }
    if matches!(
        (is, width),
        (
            DataType::Float {
                width: FloatWidth::Double,
                ..
            },
            FloatWidth::Single
        )
    ) {
        found.push(out_of_range(format!("ABS({column}) > 3.402823466e38")));
    }
    let was_unsigned = matches!(
        is,
        DataType::Float { unsigned: true, .. }
            | DataType::Int { unsigned: true, .. }
            | DataType::Decimal { unsigned: true, .. }
    );
    if unsigned && !was_unsigned && !is.is_text() {
        found.push(out_of_range(format!("{column} < 0")));
    }
    found
}
