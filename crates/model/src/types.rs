//! Data types: families that compare across engines, and `Native` for the rest.

use serde::{Deserialize, Serialize};

/// Width of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum IntWidth {
    /// 8 bits: MySQL's `TINYINT`.
    W8,
    /// 16 bits: `SMALLINT`.
    W16,
    /// 24 bits: MySQL's `MEDIUMINT`.
    W24,
    /// 32 bits: `INT`.
    W32,
    /// 64 bits: `BIGINT`.
    W64,
}

/// Width of a binary floating point number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FloatWidth {
    /// Single precision: `FLOAT`, `REAL` on PostgreSQL.
    Single,
    /// Double precision.
    Double,
}

/// Tier of an unbounded text or blob. Engines without tiers have `Long` only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TextSize {
    /// Up to 255 bytes.
    Tiny,
    /// Up to 65,535 bytes.
    Normal,
    /// Up to 16,777,215 bytes.
    Medium,
    /// The engine's largest.
    Long,
}

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DataType {
    /// An integer.
    Int {
        /// Its width.
        width: IntWidth,
        /// No negative values (MySQL; text only on SQLite).
        unsigned: bool,
        /// Display width or the number in parentheses, where the engine keeps one.
        display: Option<u32>,
        /// Filled with zeros on display (MySQL).
        zerofill: bool,
    },
    /// True or false. MySQL stores it as `TINYINT(1)`.
    Boolean,
    /// Exact decimal.
    Decimal {
        /// Digits in all; none is the engine's own default.
        precision: Option<u32>,
        /// Digits after the point.
        scale: Option<u32>,
        /// No negative values (MySQL).
        unsigned: bool,
    },
    /// Binary floating point.
    Float {
        /// Single or double.
        width: FloatWidth,
        /// No negative values (MySQL).
        unsigned: bool,
        /// MySQL's deprecated `(M,D)`.
        digits: Option<(u32, u32)>,
    },
    /// Fixed-length text, length in characters.
    Char {
        /// None is the engine's default (1).
        len: Option<u32>,
    },
    /// Text with a limit, length in characters.
    Varchar {
        /// None is without a limit, where the engine has that.
        len: Option<u32>,
    },
    /// Text without a declared limit.
    Text {
        /// Tier.
        size: TextSize,
    },
    /// Fixed-length bytes.
    Binary {
        /// None is the engine's default (1).
        len: Option<u32>,
    },
    /// Bytes with a limit.
    Varbinary {
        /// Length in bytes.
        len: Option<u32>,
    },
    /// Bytes without a declared limit.
    Blob {
        /// Tier.
        size: TextSize,
    },
    /// A day.
    Date,
    /// A time of day.
    Time {
        /// Digits of a second; none is the engine's default.
        precision: Option<u32>,
        /// With an offset (PostgreSQL).
        zone: bool,
    },
    /// Date and time as written, without zone: `DATETIME`, PostgreSQL's `timestamp`.
    DateTime {
        /// Digits of a second; none is the engine's default.
        precision: Option<u32>,
    },
    /// An instant: MySQL's `TIMESTAMP`, PostgreSQL's `timestamptz`.
    Timestamp {
        /// Digits of a second; none is the engine's default.
        precision: Option<u32>,
    },
    /// MySQL's `YEAR`.
    Year,
    /// A span of time (PostgreSQL).
    Interval,
    /// JSON. `binary` is PostgreSQL's `jsonb`.
    Json {
        /// Stored parsed.
        binary: bool,
    },
    /// A UUID type of the engine's own.
    Uuid,
    /// Bit string.
    Bit {
        /// Number of bits.
        len: Option<u32>,
        /// Up to that number (PostgreSQL's `varbit`).
        varying: bool,
    },
    /// One of a list of words, declared in place (MySQL).
    Enum {
        /// The words, in order.
        values: Vec<String>,
    },
    /// Any of a list of words (MySQL).
    Set {
        /// The words, in order.
        values: Vec<String>,
    },
    /// Array of another type (PostgreSQL).
    Array(Box<DataType>),
    /// A type that one engine has, as that engine prints it; also every type
    /// name that SQLite accepts and no family covers.
    Native(String),
}

impl DataType {
    /// A signed integer without display width.
    pub fn int(width: IntWidth) -> Self {
        Self::Int {
            width,
            unsigned: false,
            display: None,
            zerofill: false,
        }
    }

    /// An unsigned integer without display width.
    pub fn unsigned(width: IntWidth) -> Self {
        Self::Int {
            width,
            unsigned: true,
            display: None,
            zerofill: false,
        }
    }

    /// Limited text of `len` characters.
    pub fn varchar(len: u32) -> Self {
        Self::Varchar { len: Some(len) }
    }

    /// True when values are character data, so that a collation applies.
    pub fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Char { .. }
                | Self::Varchar { .. }
                | Self::Text { .. }
                | Self::Enum { .. }
                | Self::Set { .. }
        )
    }

    /// True for the whole-number types.
    pub fn is_integer(&self) -> bool {
        matches!(self, Self::Int { .. })
    }
}
