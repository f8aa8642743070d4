//! DBAL's types: what each becomes, what its default looks like, and whether it leaves a mark.

use realign_model::{DataType, Expr, FloatWidth, IntWidth, TextSize};
use realign_planner::{Diagnostic, DoctrineColumn, Facts, Profile};

use crate::facts::is_mariadb;
use crate::platform::PlatformClass;
use crate::render::string_literal;

use super::sized::{DEFAULT_LENGTH, binary, blob, decimal, string, text, variable_or_fixed};

/// A type that DBAL brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DbalType {
    Integer(IntWidth),
    String,
    AsciiString,
    Text,
    Blob,
    Binary,
    Boolean,
    Decimal,
    Float,
    SmallFloat,
    Date,
    Time,
    DateTime,
    DateInterval,
    Guid,
    Json,
    JsonArray,
    /// `simple_array`, `array`, `object`: serialised into a text.
    Serialised,
    Enum,
    /// The immutable kinds of date and time, which leave a mark.
    ImmutableDate,
    ImmutableTime,
    ImmutableDateTime,
}

/// The first release of DBAL that has a type.
type Since = (u32, u32);
/// The first one that has it no more.
type Until = Option<(u32, u32)>;

const EVER: Since = (0, 0);

/// All types by name, with the releases that have them.
const TYPES: &[(&str, DbalType, Since, Until)] = &[
    ("string", DbalType::String, EVER, None),
    ("ascii_string", DbalType::AsciiString, (2, 12), None),
    ("integer", DbalType::Integer(IntWidth::W32), EVER, None),
    ("bigint", DbalType::Integer(IntWidth::W64), EVER, None),
    ("smallint", DbalType::Integer(IntWidth::W16), EVER, None),
    ("text", DbalType::Text, EVER, None),
    ("blob", DbalType::Blob, EVER, None),
    ("binary", DbalType::Binary, EVER, None),
    ("boolean", DbalType::Boolean, EVER, None),
    ("decimal", DbalType::Decimal, EVER, None),
    ("float", DbalType::Float, EVER, None),
    ("smallfloat", DbalType::SmallFloat, (4, 1), None),
    ("date", DbalType::Date, EVER, None),
    ("date_immutable", DbalType::ImmutableDate, (2, 6), None),
    ("time", DbalType::Time, EVER, None),
    ("time_immutable", DbalType::ImmutableTime, (2, 6), None),
    ("datetime", DbalType::DateTime, EVER, None),
    (
        "datetime_immutable",
        DbalType::ImmutableDateTime,
        (2, 6),
        None,
    ),
    ("datetimetz", DbalType::DateTime, EVER, None),
    (
        "datetimetz_immutable",
        DbalType::ImmutableDateTime,
        (2, 6),
        None,
    ),
    ("vardatetime", DbalType::DateTime, EVER, None),
    (
        "vardatetime_immutable",
        DbalType::ImmutableDateTime,
        (2, 6),
        None,
    ),
    ("dateinterval", DbalType::DateInterval, (2, 6), None),
    ("guid", DbalType::Guid, EVER, None),
    ("json", DbalType::Json, (2, 6), None),
    ("json_array", DbalType::JsonArray, EVER, Some((3, 0))),
    ("simple_array", DbalType::Serialised, EVER, None),
    ("array", DbalType::Serialised, EVER, Some((4, 0))),
    ("object", DbalType::Serialised, EVER, Some((4, 0))),
    ("enum", DbalType::Enum, (4, 2), None),
];

impl DbalType {
    /// The type that a column names, if the profile's DBAL has it.
    pub(super) fn named(column: &DoctrineColumn, facts: &Facts) -> Result<Self, Diagnostic> {
        let Some((_, dbal_type, since, until)) =
            TYPES.iter().find(|(name, ..)| *name == column.type_name)
        else {
            return Err(unknown_type(column));
        };
        let dbal = facts.doctrine.dbal;
        if dbal < *since {
            return Err(not_in_release(column, facts.doctrine)
                .with_help(format!("DBAL has it since {}.{}", since.0, since.1)));
        }
        if let Some(until) = until.filter(|until| dbal >= *until) {
            return Err(not_in_release(column, facts.doctrine).with_help(format!(
                "DBAL dropped it in {}.{}; `json` is the usual successor",
                until.0, until.1
            )));
        }
        Ok(*dbal_type)
    }

    pub(super) fn is_integer(self) -> bool {
        matches!(self, Self::Integer(_))
    }

    /// The type that this platform declares.
    pub(super) fn data_type(
        self,
        column: &DoctrineColumn,
        facts: &Facts,
    ) -> Result<DataType, Diagnostic> {
        let profile = facts.doctrine;
        // DBAL 2.5 knows UNSIGNED on integers only.
        let unsigned_real = column.unsigned && profile.dbal_at_least(2, 6);
        Ok(match self {
            Self::Integer(width) => DataType::Int {
                width,
                unsigned: column.unsigned,
                display: None,
                zerofill: false,
            },
            Self::String | Self::AsciiString => string(column, profile)?,
            Self::Text | Self::Serialised => text(column.length),
            Self::Blob => blob(column.length),
            Self::Binary => binary(column, profile)?,
            Self::Boolean => DataType::Boolean,
            Self::Decimal => decimal(column, profile, unsigned_real)?,
            Self::Float | Self::SmallFloat => DataType::Float {
                width: if self == Self::Float {
                    FloatWidth::Double
                } else {
                    FloatWidth::Single
                },
                unsigned: unsigned_real,
                digits: None,
            },
            Self::Date | Self::ImmutableDate => DataType::Date,
            Self::Time | Self::ImmutableTime => DataType::Time {
                precision: None,
                zone: false,
            },
            Self::DateTime | Self::ImmutableDateTime if column.version => {
                DataType::Timestamp { precision: None }
            }
            Self::DateTime | Self::ImmutableDateTime => DataType::DateTime { precision: None },
            Self::DateInterval => variable_or_fixed(column.fixed, DEFAULT_LENGTH),
            Self::Guid => DataType::Char { len: Some(36) },
            Self::Json | Self::JsonArray => json(column, facts),
            Self::Enum => {
                if column.values.is_empty() {
                    return Err(missing(column, "`values`", "an enum has to list its words"));
                }
                DataType::Enum {
                    values: column.values.clone(),
                }
            }
        })
    }

    /// The default as this DBAL spells it; a remark where the server will refuse it.
    pub(super) fn default(
        self,
        column: &DoctrineColumn,
        facts: &Facts,
        remarks: &mut Vec<Diagnostic>,
    ) -> Result<Option<Expr>, Diagnostic> {
        let Some(default) = &column.default else {
            return Ok(None);
        };
        let profile = facts.doctrine;
        if matches!(self, Self::Text | Self::Blob) && drops_text_defaults(facts) {
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
        if default.trim().is_empty() && matches!(self, Self::Integer(_) | Self::Boolean) {
            return Err(Diagnostic::error(
                "D061",
                format!(
                    "column {}: an empty default is no value of type `{}`",
                    column.name, column.type_name
                ),
            )
            .at(column.origin.clone())
            .with_help("leave the option out, or give a number"));
        }
        let current = match self {
            Self::DateTime | Self::ImmutableDateTime => Some("CURRENT_TIMESTAMP"),
            Self::Time | Self::ImmutableTime => Some("CURRENT_TIME"),
            Self::Date | Self::ImmutableDate => Some("CURRENT_DATE"),
            _ => None,
        };
        let text = match self {
            Self::Integer(_) => default.clone(),
            Self::Boolean if profile.dbal_at_least(3, 0) => default.clone(),
            Self::Boolean => format!("'{default}'"),
            _ if current == Some(default.as_str()) => default.clone(),
            _ => quoted(default, profile),
        };
        Ok(Some(Expr::new(text)))
    }

    /// True where MariaDB decides the collation itself and refuses another.
    pub(super) fn refuses_collation(self, facts: &Facts) -> bool {
        self == Self::Json && is_mariadb(facts) && json_is_an_alias(facts)
    }

    /// True when DBAL 2 or 3 marks the column in its comment.
    pub(super) fn asks_for_mark(self, facts: &Facts) -> bool {
        let native_json = PlatformClass::of(facts).has_native_json();
        match self {
            Self::Serialised
            | Self::DateInterval
            | Self::Guid
            | Self::ImmutableDate
            | Self::ImmutableTime
            | Self::ImmutableDateTime => true,
            Self::Json => !native_json,
            Self::JsonArray => facts.doctrine.dbal_at_least(2, 6) || !native_json,
            Self::Integer(_)
            | Self::String
            | Self::AsciiString
            | Self::Text
            | Self::Blob
            | Self::Binary
            | Self::Boolean
            | Self::Decimal
            | Self::Float
            | Self::SmallFloat
            | Self::Date
            | Self::Time
            | Self::DateTime
            | Self::Enum => false,
        }
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

pub(super) fn missing(column: &DoctrineColumn, what: &str, why: &str) -> Diagnostic {
    Diagnostic::error(
        "D061",
        format!(
            "column {}: type `{}` needs {what}",
            column.name, column.type_name
        ),
    )
    .at(column.origin.clone())
    .with_note(why)
}

fn not_in_release(column: &DoctrineColumn, profile: Profile) -> Diagnostic {
    Diagnostic::error(
        "D101",
        format!(
            "column {}: DBAL {}.{} has no type `{}`",
            column.name, profile.dbal.0, profile.dbal.1, column.type_name
        ),
    )
    .at(column.origin.clone())
}

fn unknown_type(column: &DoctrineColumn) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "D101",
        format!(
            "column {}: unknown type `{}`",
            column.name, column.type_name
        ),
    )
    .at(column.origin.clone());
    let nearest = TYPES
        .iter()
        .map(|(name, ..)| {
            (
                strsim::normalized_damerau_levenshtein(name, &column.type_name.to_lowercase()),
                name,
            )
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness >= 0.7);
    match nearest {
        Some((_, name)) => diagnostic.with_help(format!("did you mean `{name}`?")),
        None => diagnostic.with_help(
            "a type of the application's own needs a column-definition that says its SQL",
        ),
    }
}
