//! What each DBAL type is on this engine.

use realign_model::{DataType, FloatWidth, IntWidth, TextSize};
use realign_planner::{Diagnostic, DoctrineColumn, Facts};

use crate::keywords;

/// What a DBAL type is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer(IntWidth),
    String,
    Text,
    Blob,
    Boolean,
    Decimal,
    Float(FloatWidth),
    Date,
    Time,
    DateTime,
    Interval,
    Guid,
    Json,
    Enum,
}

impl Kind {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "smallint" => Self::Integer(IntWidth::W16),
            "integer" => Self::Integer(IntWidth::W32),
            "bigint" => Self::Integer(IntWidth::W64),
            "string" | "ascii_string" => Self::String,
            "text" | "simple_array" | "array" | "object" => Self::Text,
            "blob" | "binary" => Self::Blob,
            "boolean" => Self::Boolean,
            "decimal" => Self::Decimal,
            "float" => Self::Float(FloatWidth::Double),
            "smallfloat" => Self::Float(FloatWidth::Single),
            "date" | "date_immutable" => Self::Date,
            "time" | "time_immutable" => Self::Time,
            "datetime"
            | "datetime_immutable"
            | "datetimetz"
            | "datetimetz_immutable"
            | "vardatetime"
            | "vardatetime_immutable" => Self::DateTime,
            "dateinterval" => Self::Interval,
            "guid" => Self::Guid,
            "json" | "json_array" => Self::Json,
            "enum" => Self::Enum,
            _ => return None,
        })
    }

    /// True when DBAL 2 and 3 write the type's name into the comment.
    pub(super) fn is_marked(self, name: &str) -> bool {
        matches!(self, Self::Guid | Self::Json | Self::Interval)
            || matches!(name, "simple_array" | "array" | "object")
            || name.ends_with("_immutable")
    }

    pub(super) fn data_type(
        self,
        column: &DoctrineColumn,
        facts: &Facts,
    ) -> Result<DataType, Diagnostic> {
        let old = !facts.doctrine.dbal_at_least(4, 0);
        let clob = DataType::Text {
            size: TextSize::Long,
        };
        Ok(match self {
            Self::Integer(_) if column.autoincrement => DataType::int(IntWidth::W32),
            Self::Integer(width) if column.unsigned => DataType::unsigned(width),
            Self::Integer(width) => DataType::int(width),
            Self::String if old => match (column.length.unwrap_or(255), column.fixed) {
                (length, _) if length > LONGEST_VARCHAR => clob,
                (0, true) => DataType::Char { len: Some(255) },
                (0, false) => DataType::Native("TEXT".to_owned()),
                (length, true) => DataType::Char { len: Some(length) },
                (length, false) => DataType::varchar(length),
            },
            Self::String if column.fixed => DataType::Char { len: column.length },
            Self::String => DataType::Varchar { len: column.length },
            Self::Text | Self::Json => clob,
            Self::Blob => DataType::Blob {
                size: TextSize::Long,
            },
            Self::Boolean => DataType::Boolean,
            Self::Decimal => {
                let precision = match column.precision.filter(|p| *p > 0 || !old) {
                    Some(precision) => precision,
                    None if old => 10,
                    None => {
                        return Err(bad(column, "needs a precision")
                            .with_help("write precision and scale at the field"));
                    }
                };
                DataType::Decimal {
                    precision: Some(precision),
                    scale: Some(column.scale.unwrap_or(0)),
                    unsigned: false,
                }
            }
            Self::Float(width) => DataType::Float {
                width,
                unsigned: false,
                digits: None,
            },
            Self::Date => DataType::Date,
            Self::Time => DataType::Time {
                precision: None,
                zone: false,
            },
            Self::DateTime => DataType::DateTime { precision: None },
            Self::Interval => DataType::varchar(255),
            Self::Guid => DataType::Char { len: Some(36) },
            Self::Enum => {
                let longest = column.values.iter().map(|v| v.chars().count()).max();
                let Some(longest) = longest else {
                    return Err(bad(column, "needs its values"));
                };
                DataType::Varchar {
                    len: u32::try_from(longest).ok(),
                }
            }
        })
    }

    /// The text behind `DEFAULT`.
    pub(super) fn default(self, text: &str, facts: &Facts) -> String {
        let profile = facts.doctrine;
        match self {
            Self::Integer(_) => text.to_owned(),
            Self::DateTime if text == "CURRENT_TIMESTAMP" => text.to_owned(),
            Self::Time if text == "CURRENT_TIME" => text.to_owned(),
            Self::Date if text == "CURRENT_DATE" => text.to_owned(),
            Self::Boolean if profile.dbal_at_least(3, 0) => text.to_owned(),
            _ => keywords::literal(text),
        }
    }
}

/// The DBAL release that took a type away.
pub(super) fn gone_from(name: &str) -> Option<(u32, u32)> {
    match name {
        "json_array" => Some((3, 0)),
        "array" | "object" => Some((4, 0)),
        _ => None,
    }
}

/// The DBAL release that brought a type.
pub(super) fn since(name: &str) -> Option<(u32, u32)> {
    match name {
        "json" | "dateinterval" => Some((2, 6)),
        name if name.ends_with("_immutable") => Some((2, 6)),
        "ascii_string" => Some((2, 12)),
        "smallfloat" => Some((4, 1)),
        "enum" => Some((4, 2)),
        _ => None,
    }
}

pub(super) fn bad(column: &DoctrineColumn, what: &str) -> Diagnostic {
    Diagnostic::error(
        "D061",
        format!("column {}: type `{}` {what}", column.name, column.type_name),
    )
    .at(column.origin.clone())
}

/// Above this length a text column becomes a `CLOB` (DBAL 2 and 3).
pub(super) const LONGEST_VARCHAR: u32 = 4000;
