//! Type names: the model's families to text and back.
//!
//! The engine keeps any words as the type of a column. A live type becomes a family only
//! when that family prints exactly the same words; everything else stays native, so that
//! a table made anew keeps what was written. [`family`] sees through the spelling.

use realign_model::{DataType, FloatWidth, IntWidth, TextSize};

/// How the engine stores values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affinity {
    /// Text.
    Text,
    /// Numbers where a text looks like one.
    Numeric,
    /// Whole numbers.
    Integer,
    /// Floating point.
    Real,
    /// As given.
    Blob,
}

/// The text of a type, in Doctrine's spelling.
pub(crate) fn render(data_type: &DataType) -> String {
    let length = |name: &str, len: Option<u32>| match len {
        Some(len) => format!("{name}({len})"),
        None => name.to_owned(),
    };
    match data_type {
        DataType::Int {
            width, unsigned, ..
        } => {
            let name = match width {
                IntWidth::W8 => "TINYINT",
                IntWidth::W16 => "SMALLINT",
                IntWidth::W24 => "MEDIUMINT",
                IntWidth::W32 => "INTEGER",
                IntWidth::W64 => "BIGINT",
            };
            let sign = if *unsigned { " UNSIGNED" } else { "" };
            format!("{name}{sign}")
        }
        DataType::Boolean => "BOOLEAN".to_owned(),
        DataType::Decimal {
            precision, scale, ..
        } => match (precision, scale) {
            (Some(precision), Some(scale)) => format!("NUMERIC({precision}, {scale})"),
            (Some(precision), None) => format!("NUMERIC({precision})"),
            (None, _) => "NUMERIC".to_owned(),
        },
        DataType::Float {
            width: FloatWidth::Double,
            ..
        } => "DOUBLE PRECISION".to_owned(),
        DataType::Float {
            width: FloatWidth::Single,
            ..
        } => "REAL".to_owned(),
        DataType::Char { len } => length("CHAR", *len),
        DataType::Varchar { len } => length("VARCHAR", *len),
        DataType::Text { .. } => "CLOB".to_owned(),
        DataType::Binary { .. } | DataType::Varbinary { .. } | DataType::Blob { .. } => {
            "BLOB".to_owned()
        }
        DataType::Date => "DATE".to_owned(),
        DataType::Time { .. } => "TIME".to_owned(),
        DataType::DateTime { .. } => "DATETIME".to_owned(),
        DataType::Timestamp { .. } => "TIMESTAMP".to_owned(),
        DataType::Year => "YEAR".to_owned(),
        DataType::Interval => "INTERVAL".to_owned(),
        DataType::Json { .. } => "JSON".to_owned(),
        DataType::Uuid => "UUID".to_owned(),
        DataType::Bit { len, .. } => length("BIT", *len),
        DataType::Enum { values } | DataType::Set { values } => length(
            "VARCHAR",
            values
                .iter()
                .map(|v| u32::try_from(v.chars().count()).unwrap_or(u32::MAX))
                .max(),
        ),
        DataType::Array(_) => "BLOB".to_owned(),
        DataType::Native(text) => text.clone(),
    }
}

/// The type of these words: a family when it prints them just so, native otherwise.
pub(crate) fn parse(text: &str) -> DataType {
    // The words of nearly every column, without taking them apart.
    match text {
        "INTEGER" => return DataType::int(IntWidth::W32),
        "VARCHAR(255)" => return DataType::varchar(255),
        "DATETIME" => return DataType::DateTime { precision: None },
        "BOOLEAN" => return DataType::Boolean,
        "TEXT" | "INT" => return DataType::Native(text.to_owned()),
        // No family prints small letters.
        _ if text.bytes().any(|byte| byte.is_ascii_lowercase()) => {
            return DataType::Native(text.to_owned());
        }
        _ => {}
    }
    let family = family_of(text);
    if render(&family) == text {
        family
    } else {
        DataType::Native(text.to_owned())
    }
}

/// What a type is, whatever its spelling. Types of one family hold the same values, have the
/// same affinity and are one type to Doctrine.
pub(crate) fn family(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Native(text) => family_of(text),
        other => match family_of(&render(other)) {
            DataType::Native(_) => other.clone(),
            family => family,
        },
    }
}

fn family_of(text: &str) -> DataType {
    let lower = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_ascii_lowercase();
    let native = || DataType::Native(lower.clone());
    let (name, arguments) = match lower.split_once('(') {
        None => (lower.as_str(), None),
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(arguments) => (name.trim_end(), Some(arguments)),
            None => return native(),
        },
    };
    let (name, unsigned) = match name.strip_suffix(" unsigned") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let numbers: Option<Vec<u32>> = arguments.map_or_else(
        || Some(Vec::new()),
        |list| list.split(',').map(|n| n.trim().parse().ok()).collect(),
    );
    let Some(numbers) = numbers else {
        return native();
    };
    let int = |width| DataType::Int {
        width,
        unsigned,
        display: None,
        zerofill: false,
    };

    match (name, numbers.as_slice()) {
        ("tinyint", []) => int(IntWidth::W8),
        ("smallint" | "int2", []) => int(IntWidth::W16),
        ("int" | "integer" | "mediumint" | "int4" | "serial", []) => int(IntWidth::W32),
        ("bigint" | "int8" | "bigserial", []) => int(IntWidth::W64),
        _ if unsigned => native(),
        ("boolean" | "bool", []) => DataType::Boolean,
        ("numeric" | "decimal", []) => DataType::Decimal {
            precision: None,
            scale: None,
            unsigned: false,
        },
        ("numeric" | "decimal", [precision]) => decimal(*precision, 0),
        ("numeric" | "decimal", [precision, scale]) => decimal(*precision, *scale),
        ("double" | "double precision" | "float" | "real", []) => DataType::Float {
            width: FloatWidth::Double,
            unsigned: false,
            digits: None,
        },
        ("char" | "character", []) => DataType::Char { len: None },
        ("char" | "character", [len]) => DataType::Char { len: Some(*len) },
        ("varchar" | "nvarchar" | "varchar2" | "character varying", []) => {
            DataType::Varchar { len: None }
        }
        ("varchar" | "nvarchar" | "varchar2" | "character varying", [len]) => {
            DataType::varchar(*len)
        }
        ("clob" | "text" | "tinytext" | "mediumtext" | "longtext", []) => DataType::Text {
            size: TextSize::Long,
        },
        ("blob", []) => DataType::Blob {
            size: TextSize::Long,
        },
        ("date", []) => DataType::Date,
        ("time", []) => DataType::Time {
            precision: None,
            zone: false,
        },
        ("datetime" | "timestamp", []) => DataType::DateTime { precision: None },
        _ => native(),
    }
}

fn decimal(precision: u32, scale: u32) -> DataType {
    DataType::Decimal {
        precision: Some(precision),
        scale: Some(scale),
        unsigned: false,
    }
}

/// The affinity of a type, by the engine's five rules over its words.
pub(crate) fn affinity(data_type: &DataType) -> Affinity {
    let text = render(data_type).to_ascii_uppercase();
    if text.contains("INT") {
        Affinity::Integer
    } else if ["CHAR", "CLOB", "TEXT"].iter().any(|w| text.contains(w)) {
        Affinity::Text
    } else if text.is_empty() || text.contains("BLOB") {
        Affinity::Blob
    } else if ["REAL", "FLOA", "DOUB"].iter().any(|w| text.contains(w)) {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// True when the type makes a single-column primary key the row's own number.
pub(crate) fn is_rowid_type(data_type: &DataType) -> bool {
    render(data_type).eq_ignore_ascii_case("INTEGER")
}

/// How many characters the type promises to hold.
pub(crate) fn text_length(data_type: &DataType) -> Option<u32> {
    match family(data_type) {
        DataType::Char { len } | DataType::Varchar { len } => len,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_prints_the_same() {
        for text in [
            "INTEGER",
            "INTEGER UNSIGNED",
            "int",
            "INT",
            "BIGINT",
            "VARCHAR(255)",
            "varchar(20)",
            "NUMERIC(10, 2)",
            "NUMERIC(10,2)",
            "DOUBLE PRECISION",
            "TEXT",
            "CLOB",
            "DATETIME",
            "",
            "POINT",
            "VARCHAR(x)",
            "FLOAT(10, 2)",
            "BLOB(",
            "UNSIGNED BIG INT",
        ] {
            assert_eq!(render(&parse(text)), text);
        }
        assert_eq!(parse("INTEGER"), DataType::int(IntWidth::W32));
        assert!(matches!(parse("INT"), DataType::Native(_)));
    }

    #[test]
    fn families_see_through_spelling() {
        for (a, b) in [
            ("INT", "integer"),
            ("TEXT", "CLOB"),
            ("decimal(10)", "NUMERIC(10, 0)"),
            ("DOUBLE", "DOUBLE PRECISION"),
            ("timestamp", "DATETIME"),
            ("varchar ( 20 )", "VARCHAR(20)"),
            ("Point", "POINT"),
        ] {
            assert_eq!(family(&parse(a)), family(&parse(b)), "{a} {b}");
        }
        for (a, b) in [
            ("INTEGER", "BIGINT"),
            ("INTEGER", "INTEGER UNSIGNED"),
            ("VARCHAR(20)", "VARCHAR(21)"),
            ("VARCHAR(36)", "CHAR(36)"),
            ("NUMERIC(10, 2)", "NUMERIC(10, 3)"),
            ("TINYINT", "BOOLEAN"),
            ("", "BLOB"),
        ] {
            assert_ne!(family(&parse(a)), family(&parse(b)), "{a} {b}");
        }
    }

    #[test]
    fn affinity_follows_the_words() {
        for (text, expected) in [
            ("CHARINT", Affinity::Integer),
            ("VARCHAR(2)", Affinity::Text),
            ("", Affinity::Blob),
            ("DOUBLE PRECISION", Affinity::Real),
            ("DATETIME", Affinity::Numeric),
            ("BOOLEAN", Affinity::Numeric),
        ] {
            assert_eq!(affinity(&parse(text)), expected, "{text}");
        }
    }
}
