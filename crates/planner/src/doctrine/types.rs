//! The types of DBAL: their names, and the releases that have them.
//!
//! What each is on an engine is the dialect's business; whether a release has it is Doctrine's,
//! and the same everywhere.

use crate::{Diagnostic, DoctrineColumn, Facts};

/// A type that DBAL brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbalType {
    /// `smallint`
    SmallInt,
    /// `integer`
    Integer,
    /// `bigint`
    BigInt,
    /// `string`
    String,
    /// `ascii_string`
    AsciiString,
    /// `text`
    Text,
    /// `blob`
    Blob,
    /// `binary`
    Binary,
    /// `boolean`
    Boolean,
    /// `decimal`
    Decimal,
    /// `float`
    Float,
    /// `smallfloat`
    SmallFloat,
    /// `date`
    Date,
    /// `date_immutable`
    DateImmutable,
    /// `time`
    Time,
    /// `time_immutable`
    TimeImmutable,
    /// `datetime`
    DateTime,
    /// `datetime_immutable`
    DateTimeImmutable,
    /// `datetimetz`
    DateTimeTz,
    /// `datetimetz_immutable`
    DateTimeTzImmutable,
    /// `vardatetime`
    VarDateTime,
    /// `vardatetime_immutable`
    VarDateTimeImmutable,
    /// `dateinterval`
    DateInterval,
    /// `guid`
    Guid,
    /// `json`
    Json,
    /// `json_array`, which became `json`
    JsonArray,
    /// `simple_array`: words with commas between them
    SimpleArray,
    /// `array`: serialised by PHP
    Array,
    /// `object`: serialised by PHP
    Object,
    /// `enum`
    Enum,
}

/// A release of DBAL: major and minor.
type Release = (u32, u32);

/// The longest name below has 21 letters.
const LONGEST_NAME: usize = 21;
/// In every release that is described.
const EVER: Release = (0, 0);

/// All types by name, the first release that has each, and the first that has it no more.
const TYPES: &[(&str, DbalType, Release, Option<Release>)] = &[
    ("smallint", DbalType::SmallInt, EVER, None),
    ("integer", DbalType::Integer, EVER, None),
    ("bigint", DbalType::BigInt, EVER, None),
    ("string", DbalType::String, EVER, None),
    ("ascii_string", DbalType::AsciiString, (2, 12), None),
    ("text", DbalType::Text, EVER, None),
    ("blob", DbalType::Blob, EVER, None),
    ("binary", DbalType::Binary, EVER, None),
    ("boolean", DbalType::Boolean, EVER, None),
    ("decimal", DbalType::Decimal, EVER, None),
    ("float", DbalType::Float, EVER, None),
    ("smallfloat", DbalType::SmallFloat, (4, 1), None),
    ("date", DbalType::Date, EVER, None),
    ("date_immutable", DbalType::DateImmutable, (2, 6), None),
    ("time", DbalType::Time, EVER, None),
    ("time_immutable", DbalType::TimeImmutable, (2, 6), None),
    ("datetime", DbalType::DateTime, EVER, None),
    (
        "datetime_immutable",
        DbalType::DateTimeImmutable,
        (2, 6),
        None,
    ),
    ("datetimetz", DbalType::DateTimeTz, EVER, None),
    (
        "datetimetz_immutable",
        DbalType::DateTimeTzImmutable,
        (2, 6),
        None,
    ),
    ("vardatetime", DbalType::VarDateTime, EVER, None),
    (
        "vardatetime_immutable",
        DbalType::VarDateTimeImmutable,
        (2, 6),
        None,
    ),
    ("dateinterval", DbalType::DateInterval, (2, 6), None),
    ("guid", DbalType::Guid, EVER, None),
    ("json", DbalType::Json, (2, 6), None),
    ("json_array", DbalType::JsonArray, EVER, Some((3, 0))),
    ("simple_array", DbalType::SimpleArray, EVER, None),
    ("array", DbalType::Array, EVER, Some((4, 0))),
    ("object", DbalType::Object, EVER, Some((4, 0))),
    ("enum", DbalType::Enum, (4, 2), None),
];

impl DbalType {
    /// The type of that name, in whatever release.
    pub fn of(name: &str) -> Option<Self> {
        let (_, found, ..) = TYPES.iter().find(|(known, ..)| *known == name)?;
        Some(*found)
    }

    /// The type that a column names, if the declared release of DBAL has it.
    pub fn named(column: &DoctrineColumn, facts: &Facts) -> Result<Self, Diagnostic> {
        if column.type_sql().is_some() {
            // Its values are written in quotes, as those of whatever DBAL does not know.
            return Ok(Self::String);
        }
        let Some((_, found, since, until)) =
            TYPES.iter().find(|(name, ..)| *name == column.type_name)
        else {
            return Err(unknown(column));
        };
        let dbal = facts.doctrine.dbal;
        if dbal < *since {
            return Err(not_in_release(column, dbal)
                .with_help(format!("DBAL has it since {}.{}", since.0, since.1)));
        }
        if let Some(until) = until.filter(|until| dbal >= *until) {
            return Err(not_in_release(column, dbal).with_help(format!(
                "DBAL dropped it in {}.{}; `json` is the usual successor",
                until.0, until.1
            )));
        }
        Ok(*found)
    }

    /// True for whole numbers.
    pub fn is_integer(self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }

    /// True where a default of that text is the engine's clock and no literal.
    pub fn takes_clock(self, default: &str) -> bool {
        match self {
            Self::DateTime
            | Self::DateTimeImmutable
            | Self::DateTimeTz
            | Self::DateTimeTzImmutable
            | Self::VarDateTime
            | Self::VarDateTimeImmutable => default == "CURRENT_TIMESTAMP",
            Self::Time | Self::TimeImmutable => default == "CURRENT_TIME",
            Self::Date | Self::DateImmutable => default == "CURRENT_DATE",
            Self::SmallInt
            | Self::Integer
            | Self::BigInt
            | Self::String
            | Self::AsciiString
            | Self::Text
            | Self::Blob
            | Self::Binary
            | Self::Boolean
            | Self::Decimal
            | Self::Float
            | Self::SmallFloat
            | Self::DateInterval
            | Self::Guid
            | Self::Json
            | Self::JsonArray
            | Self::SimpleArray
            | Self::Array
            | Self::Object
            | Self::Enum => false,
        }
    }

    /// True for the kinds whose values come back as immutable objects.
    pub fn is_immutable(self) -> bool {
        matches!(
            self,
            Self::DateImmutable
                | Self::TimeImmutable
                | Self::DateTimeImmutable
                | Self::DateTimeTzImmutable
                | Self::VarDateTimeImmutable
        )
    }
}

fn unknown(column: &DoctrineColumn) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "D101",
        match &column.custom {
            Some(custom) => format!(
                "column {}: [schema.types] makes `{}` a `{}`, which DBAL does not have",
                column.name, custom.name, column.type_name
            ),
            None => format!(
                "column {}: unknown type `{}`",
                column.name, column.type_name
            ),
        },
    )
    .at(column.origin.clone());
    // A name of megabytes resembles nothing, and comparing it would take as many.
    let typed = column.type_name.to_lowercase();
    let nearest = TYPES
        .iter()
        .filter(|_| typed.len() <= 2 * LONGEST_NAME)
        .map(|(name, ..)| (strsim::normalized_damerau_levenshtein(name, &typed), name))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness >= 0.7);
    match nearest {
        Some((_, name)) => diagnostic.with_help(format!("did you mean `{name}`?")),
        None => diagnostic.with_help(
            "describe a type of the application's own in [schema.types], or give the field a column-definition",
        ),
    }
}

fn not_in_release(column: &DoctrineColumn, dbal: Release) -> Diagnostic {
    Diagnostic::error(
        "D101",
        format!(
            "column {}: DBAL {}.{} has no type `{}`",
            column.name, dbal.0, dbal.1, column.type_name
        ),
    )
    .at(column.origin.clone())
}
