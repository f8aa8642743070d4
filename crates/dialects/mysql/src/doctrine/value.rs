//! What each DBAL type is here, what its default looks like, and whether it leaves a mark.

use realign_model::{DataType, Expr, FloatWidth, IntWidth, TextSize};
use realign_planner::{DbalType, Diagnostic, DoctrineColumn, Facts, Profile};

use crate::facts::is_mariadb;
use crate::platform::PlatformClass;
use crate::render::string_literal;

use super::sized::{DEFAULT_LENGTH, binary, blob, decimal, string, text, variable_or_fixed};

/// The type that this platform declares.
pub(super) fn data_type(
    dbal_type: DbalType,
    column: &DoctrineColumn,
    facts: &Facts,
) -> Result<DataType, Diagnostic> {
    let profile = facts.doctrine;
    // DBAL 2.5 knows UNSIGNED on integers only.
    let unsigned_real = column.unsigned && profile.dbal_at_least(2, 6);
    let integer = |width| DataType::Int {
        width,
        unsigned: column.unsigned,
        display: None,
        zerofill: false,
    };
    let float = |width| DataType::Float {
        width,
        unsigned: unsigned_real,
        digits: None,
    };
    Ok(match dbal_type {
        DbalType::SmallInt => integer(IntWidth::W16),
        DbalType::Integer => integer(IntWidth::W32),
        DbalType::BigInt => integer(IntWidth::W64),
        DbalType::String | DbalType::AsciiString => string(column, profile)?,
        DbalType::Text | DbalType::SimpleArray | DbalType::Array | DbalType::Object => {
            text(column.length)
        }
        DbalType::Blob => blob(column.length),
        DbalType::Binary => binary(column, profile)?,
        DbalType::Boolean => DataType::Boolean,
        DbalType::Decimal => decimal(column, profile, unsigned_real)?,
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
        | DbalType::VarDateTimeImmutable
            if column.version =>
        {
            DataType::Timestamp { precision: None }
        }
        DbalType::DateTime
        | DbalType::DateTimeImmutable
        | DbalType::DateTimeTz
        | DbalType::DateTimeTzImmutable
        | DbalType::VarDateTime
        | DbalType::VarDateTimeImmutable => DataType::DateTime { precision: None },
        DbalType::DateInterval => variable_or_fixed(column.fixed, DEFAULT_LENGTH),
        DbalType::Guid => DataType::Char { len: Some(36) },
        DbalType::Json | DbalType::JsonArray => json(column, facts),
        DbalType::Enum => {
            column.longest_value()?;
            DataType::Enum {
                values: column.values.clone(),
            }
        }
    })
}

/// The default as this DBAL spells it; a remark where the server will refuse it.
pub(super) fn default(
    dbal_type: DbalType,
    column: &DoctrineColumn,
    facts: &Facts,
    remarks: &mut Vec<Diagnostic>,
) -> Result<Option<Expr>, Diagnostic> {
    let Some(default) = &column.default else {
        return Ok(None);
    };
    let profile = facts.doctrine;
    if matches!(dbal_type, DbalType::Text | DbalType::Blob) && drops_text_defaults(facts) {
        remarks.push(
            Diagnostic::warning(
                "D063",
                format!("column {}: the default is not declared", column.name),
            )
            .at(column.origin.clone())
            .with_note(format!(
                "DBAL leaves out the default of type `{}` here",
                column.type_name
            )),
        );
        return Ok(None);
    }
    column.check_default(dbal_type)?;
    let bare = dbal_type.is_integer() || dbal_type == DbalType::Boolean;
    let text = if dbal_type == DbalType::Boolean && !profile.dbal_at_least(3, 0) {
        format!("'{default}'")
    } else if bare || dbal_type.takes_clock(default) {
        default.clone()
    } else {
        quoted(default, profile)
    };
    Ok(Some(Expr::new(text)))
}

/// True where MariaDB decides the collation itself and refuses another.
pub(super) fn refuses_collation(dbal_type: DbalType, facts: &Facts) -> bool {
    dbal_type == DbalType::Json && is_mariadb(facts) && json_is_an_alias(facts)
}

/// True when DBAL 2 or 3 marks the column in its comment.
pub(super) fn asks_for_mark(dbal_type: DbalType, facts: &Facts) -> bool {
    let native_json = PlatformClass::of(facts).has_native_json();
    match dbal_type {
        DbalType::SimpleArray
        | DbalType::Array
        | DbalType::Object
        | DbalType::DateInterval
        | DbalType::Guid
        | DbalType::DateImmutable
        | DbalType::TimeImmutable
        | DbalType::DateTimeImmutable
        | DbalType::DateTimeTzImmutable
        | DbalType::VarDateTimeImmutable => true,
        DbalType::Json => !native_json,
        DbalType::JsonArray => facts.doctrine.dbal_at_least(2, 6) || !native_json,
        DbalType::SmallInt
        | DbalType::Integer
        | DbalType::BigInt
        | DbalType::String
        | DbalType::AsciiString
        | DbalType::Text
        | DbalType::Blob
        | DbalType::Binary
        | DbalType::Boolean
        | DbalType::Decimal
        | DbalType::Float
        | DbalType::SmallFloat
        | DbalType::Date
        | DbalType::Time
        | DbalType::DateTime
        | DbalType::DateTimeTz
        | DbalType::VarDateTime
        | DbalType::Enum => false,
    }
}

/// MySQL takes no literal default on TEXT and BLOB. MariaDB does, as DBAL knows since 3.4.
fn drops_text_defaults(facts: &Facts) -> bool {
    PlatformClass::of(facts) != PlatformClass::MariaDb || !facts.doctrine.dbal_at_least(3, 4)
}

/// DBAL declares JSON on MariaDB since 3.7, where the server has it as an alias of LONGTEXT
/// with a check (10.4.3); DBAL 4 does so always.
fn json_is_an_alias(facts: &Facts) -> bool {
    facts.doctrine.dbal_at_least(4, 0)
        || (facts.doctrine.dbal_at_least(3, 7) && facts.version.at_least(10, 4, 3))
}

fn json(column: &DoctrineColumn, facts: &Facts) -> DataType {
    match PlatformClass::of(facts) {
        PlatformClass::MySql57 | PlatformClass::MySql80 | PlatformClass::MySql84 => {
            DataType::Json { binary: false }
        }
        PlatformClass::MariaDb if json_is_an_alias(facts) => DataType::Json { binary: false },
        PlatformClass::MariaDb => DataType::Text {
            size: TextSize::Long,
        },
        PlatformClass::MySql => text(column.length),
    }
}

/// A literal as this DBAL quotes it. Before 2.10 it only put quotes around; text that would
/// not survive that is escaped all the same, because the statement would be broken.
fn quoted(default: &str, profile: Profile) -> String {
    let plain = !default.contains(['\'', '\\']);
    let survives = plain || crate::lexer::tokens(&format!("'{default}'")).len() == 1;
    if profile.dbal_at_least(2, 10) || !survives || default.ends_with('\\') {
        string_literal(default)
    } else {
        format!("'{default}'")
    }
}
