//! What each DBAL type is on this engine.

use realign_model::{DataType, FloatWidth, IntWidth, TextSize};
use realign_planner::{DbalType, Diagnostic, DoctrineColumn, Facts};

use crate::keywords;

/// Above this length a text column becomes a `CLOB` (DBAL 2 and 3).
const LONGEST_VARCHAR: u32 = 4000;

/// The type that this platform declares.
pub(super) fn data_type(
    dbal_type: DbalType,
    column: &DoctrineColumn,
    facts: &Facts,
) -> Result<DataType, Diagnostic> {
    let old = !facts.doctrine.dbal_at_least(4, 0);
    let integer = |width| {
        if column.autoincrement {
            DataType::int(IntWidth::W32)
        } else if column.unsigned {
            DataType::unsigned(width)
        } else {
            DataType::int(width)
        }
    };
    let float = |width| DataType::Float {
        width,
        unsigned: false,
        digits: None,
    };
    Ok(match dbal_type {
        DbalType::SmallInt => integer(IntWidth::W16),
        DbalType::Integer => integer(IntWidth::W32),
        DbalType::BigInt => integer(IntWidth::W64),
        DbalType::String | DbalType::AsciiString => string(column, old),
        DbalType::Text
        | DbalType::SimpleArray
        | DbalType::Array
        | DbalType::Object
        | DbalType::Json
        | DbalType::JsonArray => clob(),
        DbalType::Blob | DbalType::Binary => DataType::Blob {
            size: TextSize::Long,
        },
        DbalType::Boolean => DataType::Boolean,
        DbalType::Decimal => {
            let precision = match column.precision.filter(|p| *p > 0 || !old) {
                Some(precision) => precision,
                None if old => 10,
                None => {
                    return Err(column.type_lacks("`precision`", "DBAL 4 has no default precision"));
                }
            };
            DataType::Decimal {
                precision: Some(precision),
                scale: Some(column.scale.unwrap_or(0)),
                unsigned: false,
            }
        }
        DbalType::Float => float(FloatWidth::Double),
        DbalType::SmallFloat => float(FloatWidth::Single),
        DbalType::Date | DbalType::DateImmutable => DataType::Date,
        DbalType::Time | DbalType::TimeImmutable => DataType::Time {
            precision: None,
            zone: false,
        },
        DbalType::DateTime
        | DbalType::DateTimeImmutable
        | DbalType::DateTimeTz
        | DbalType::DateTimeTzImmutable
        | DbalType::VarDateTime
        | DbalType::VarDateTimeImmutable => DataType::DateTime { precision: None },
        DbalType::DateInterval if column.fixed => DataType::Char { len: Some(255) },
        DbalType::DateInterval => DataType::varchar(255),
        DbalType::Guid => DataType::Char { len: Some(36) },
        DbalType::Enum => DataType::Varchar {
            len: Some(column.longest_value()?),
        },
    })
}

fn clob() -> DataType {
    DataType::Text {
        size: TextSize::Long,
    }
}

fn string(column: &DoctrineColumn, old: bool) -> DataType {
    if !old {
        let len = column.length;
        return if column.fixed {
            DataType::Char { len }
        } else {
            DataType::Varchar { len }
        };
    }
    match (column.length.unwrap_or(255), column.fixed) {
        (length, _) if length > LONGEST_VARCHAR => clob(),
        (0, true) => DataType::Char { len: Some(255) },
        (0, false) => DataType::Native("TEXT".to_owned()),
        (length, true) => DataType::Char { len: Some(length) },
        (length, false) => DataType::varchar(length),
    }
}

/// True when DBAL 2 and 3 write the type's name into the comment.
pub(super) fn is_marked(dbal_type: DbalType) -> bool {
    dbal_type.is_immutable()
        || matches!(
            dbal_type,
            DbalType::Guid
                | DbalType::Json
                | DbalType::JsonArray
                | DbalType::DateInterval
                | DbalType::SimpleArray
                | DbalType::Array
                | DbalType::Object
        )
}

/// The text behind `DEFAULT`.
pub(super) fn default(dbal_type: DbalType, text: &str, facts: &Facts) -> String {
    let bare = dbal_type.is_integer()
        || dbal_type.takes_clock(text)
        || dbal_type == DbalType::Boolean && facts.doctrine.dbal_at_least(3, 0);
    if bare {
        text.to_owned()
    } else {
        keywords::literal(text)
    }
}
