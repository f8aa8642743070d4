//! Data types as text: as the catalogue prints them, and as Doctrine spells them.

use realign_model::{DataType, FloatWidth, IntWidth, TextSize};
use realign_planner::Facts;

use crate::facts::{Capability, can, is_mariadb};
use crate::lexer::{Cursor, TokenKind, string_value};
use crate::render::string_literal;

/// The type of a text as in `COLUMN_TYPE`, letter case aside. Whatever is not known becomes
/// [`DataType::Native`]. A default display width (`int(11)`) is no information and left out;
/// defaults that the engine fills in (`decimal` is `decimal(10,0)`) are filled in.
pub(crate) fn parse(column_type: &str, facts: &Facts) -> DataType {
    let mut cursor = Cursor::new(column_type);
    match read(&mut cursor, facts) {
        Some(data_type) if cursor.is_at_end() => data_type,
        _ => DataType::Native(spell(column_type)),
    }
}

/// Takes a type with its parameters and `UNSIGNED`, `ZEROFILL` from the front of a column's
/// definition. None when the text does not start like a type at all.
pub(crate) fn read(cursor: &mut Cursor<'_>, facts: &Facts) -> Option<DataType> {
    let mark = cursor.mark();
    let word = cursor.peek_word()?.to_ascii_lowercase();
    cursor.take();
    let known = match word.as_str() {
        "tinyint" | "int1" => read_int(cursor, IntWidth::W8),
        "smallint" | "int2" => read_int(cursor, IntWidth::W16),
        "mediumint" | "int3" | "middleint" => read_int(cursor, IntWidth::W24),
        "int" | "integer" | "int4" => read_int(cursor, IntWidth::W32),
        "bigint" | "int8" => read_int(cursor, IntWidth::W64),
        "bool" | "boolean" => Some(DataType::Boolean),
        "decimal" | "numeric" | "dec" | "fixed" => read_decimal(cursor),
        "float" | "float4" => read_float(cursor, FloatWidth::Single),
        "double" | "float8" | "real" => {
            cursor.eat_word("precision");
            read_float(cursor, FloatWidth::Double)
        }
        "bit" => read_length(cursor, |len| DataType::Bit {
            len: Some(len.unwrap_or(1)),
            varying: false,
        }),
        "char" | "character" | "nchar" => {
            if cursor.eat_word("varying") {
                read_length(cursor, |len| DataType::Varchar { len })
            } else {
                read_char(cursor)
            }
        }
        "varchar" | "varcharacter" | "nvarchar" => {
            read_length(cursor, |len| DataType::Varchar { len })
        }
        "national" => read_national(cursor),
        "long" => {
            // `LONG`, `LONG VARCHAR` and `LONG VARBINARY` are old names of the medium tier.
            if cursor.eat_word("varbinary") {
                Some(blob(TextSize::Medium))
            } else {
                cursor.eat_word("varchar");
                Some(text(TextSize::Medium))
            }
        }
        "tinytext" => Some(text(TextSize::Tiny)),
        "mediumtext" => Some(text(TextSize::Medium)),
        "longtext" => Some(text(TextSize::Long)),
        // A length asks for the smallest tier that holds as many characters, of 4 bytes each.
        "text" => read_length(cursor, |len| text(tier(len, 4))),
        "tinyblob" => Some(blob(TextSize::Tiny)),
        "mediumblob" => Some(blob(TextSize::Medium)),
        "longblob" => Some(blob(TextSize::Long)),
        "blob" => read_length(cursor, |len| blob(tier(len, 1))),
        "binary" => read_length(cursor, |len| DataType::Binary {
            len: Some(len.unwrap_or(1)),
        }),
        "varbinary" => read_length(cursor, |len| DataType::Varbinary { len }),
        "date" => Some(DataType::Date),
        "time" => read_fraction(cursor, |precision| DataType::Time {
            precision,
            zone: false,
        }),
        "datetime" => read_fraction(cursor, |precision| DataType::DateTime { precision }),
        "timestamp" => read_fraction(cursor, |precision| DataType::Timestamp { precision }),
        "year" => read_length(cursor, |_| DataType::Year),
        "json" => Some(DataType::Json { binary: false }),
        "enum" => read_words(cursor).map(|values| DataType::Enum { values }),
        "set" => read_words(cursor).map(|values| DataType::Set { values }),
        "uuid" if is_mariadb(facts) => Some(DataType::Uuid),
        _ => None,
    };
    if known.is_some() {
        return known;
    }
    // Unknown, or known with parameters that are not: kept as it stands.
    cursor.back_to(mark);
    cursor.take();
    if cursor.peek().is_some_and(|(_, next)| next == "(") {
        cursor.eat_group()?;
    }
    while ["unsigned", "signed", "zerofill"]
        .iter()
        .any(|modifier| cursor.eat_word(modifier))
    {}
    Some(DataType::Native(spell(cursor.text_since(mark))))
}

fn text(size: TextSize) -> DataType {
    DataType::Text { size }
}

fn blob(size: TextSize) -> DataType {
    DataType::Blob { size }
}

fn tier(length: Option<u32>, bytes_each: u64) -> TextSize {
    match length
        .filter(|len| *len > 0)
        .map(|len| u64::from(len) * bytes_each)
    {
        None | Some(256..=65_535) => TextSize::Normal,
        Some(0..=255) => TextSize::Tiny,
        Some(65_536..=16_777_215) => TextSize::Medium,
        Some(_) => TextSize::Long,
    }
}

/// The numbers in parentheses. The outer none says that they can't be read.
fn read_numbers(cursor: &mut Cursor<'_>) -> Option<Vec<u32>> {
    if cursor.peek().is_none_or(|(_, next)| next != "(") {
        return Some(Vec::new());
    }
    cursor
        .eat_group()?
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect()
}

/// A type with at most one number in parentheses; none when they hold anything else.
fn read_length(
    cursor: &mut Cursor<'_>,
    make: impl FnOnce(Option<u32>) -> DataType,
) -> Option<DataType> {
    match read_numbers(cursor)?.as_slice() {
        [] => Some(make(None)),
        [one] => Some(make(Some(*one))),
        _ => None,
    }
}

/// A type with digits of a second; the engine's default is 0 and left out.
fn read_fraction(
    cursor: &mut Cursor<'_>,
    make: impl FnOnce(Option<u32>) -> DataType,
) -> Option<DataType> {
    read_length(cursor, |digits| make(digits.filter(|digits| *digits > 0)))
}

/// `UNSIGNED` and `ZEROFILL`, which implies it.
fn read_sign(cursor: &mut Cursor<'_>) -> (bool, bool) {
    let (mut unsigned, mut zerofill) = (false, false);
    loop {
        if cursor.eat_word("unsigned") {
            unsigned = true;
        } else if cursor.eat_word("zerofill") {
            (unsigned, zerofill) = (true, true);
        } else if !cursor.eat_word("signed") {
            return (unsigned, zerofill);
        }
    }
}

fn read_int(cursor: &mut Cursor<'_>, width: IntWidth) -> Option<DataType> {
    let display = match read_numbers(cursor)?.as_slice() {
        [] => None,
        [one] => Some(*one),
        _ => return None,
    };
    let (unsigned, zerofill) = read_sign(cursor);
    if width == IntWidth::W8 && display == Some(1) && !unsigned {
        return Some(DataType::Boolean);
    }
    Some(DataType::Int {
        width,
        unsigned,
        display: display.filter(|shown| zerofill || !is_default_display(width, unsigned, *shown)),
        zerofill,
    })
}

fn is_default_display(width: IntWidth, unsigned: bool, display: u32) -> bool {
    display == default_display(width, unsigned)
}

/// The display width that a column gets where none is said.
pub(crate) fn default_display(width: IntWidth, unsigned: bool) -> u32 {
    let signed = match width {
        IntWidth::W8 => 4,
        IntWidth::W16 => 6,
        IntWidth::W24 => 9,
        IntWidth::W32 => 11,
        IntWidth::W64 => return 20,
    };
    // The sign takes one place.
    if unsigned { signed - 1 } else { signed }
}

fn read_decimal(cursor: &mut Cursor<'_>) -> Option<DataType> {
    let numbers = read_numbers(cursor)?;
    let (precision, scale) = match numbers.as_slice() {
        [] => (10, 0),
        [precision] => (*precision, 0),
        [precision, scale] => (*precision, *scale),
        _ => return None,
    };
    let (unsigned, zerofill) = read_sign(cursor);
    (!zerofill).then_some(DataType::Decimal {
        precision: Some(precision),
        scale: Some(scale),
        unsigned,
    })
}

fn read_float(cursor: &mut Cursor<'_>, width: FloatWidth) -> Option<DataType> {
    let (width, digits) = match (width, read_numbers(cursor)?.as_slice()) {
        (width, []) => (width, None),
        // One number is a precision in bits and only chooses the width.
        (FloatWidth::Single, [0..=24]) => (FloatWidth::Single, None),
        (FloatWidth::Single, [25..=53]) => (FloatWidth::Double, None),
        (width, [digits, scale]) => (width, Some((*digits, *scale))),
        _ => return None,
    };
    let (unsigned, zerofill) = read_sign(cursor);
    (!zerofill).then_some(DataType::Float {
        width,
        unsigned,
        digits,
    })
}

fn read_char(cursor: &mut Cursor<'_>) -> Option<DataType> {
    read_length(cursor, |len| DataType::Char {
        len: Some(len.unwrap_or(1)),
    })
}

fn read_national(cursor: &mut Cursor<'_>) -> Option<DataType> {
    if cursor.eat_word("varchar")
        || cursor.eat_words(&["char", "varying"])
        || cursor.eat_words(&["character", "varying"])
    {
        read_length(cursor, |len| DataType::Varchar { len })
    } else if cursor.eat_word("char") || cursor.eat_word("character") {
        read_char(cursor)
    } else {
        None
    }
}

/// The words of an ENUM or a SET.
fn read_words(cursor: &mut Cursor<'_>) -> Option<Vec<String>> {
    let mut inner = Cursor::new(cursor.eat_group()?);
    let mut values = Vec::new();
    loop {
        match inner.take()? {
            (TokenKind::String, literal) => values.push(string_value(literal)?),
            _ => return None,
        }
        if inner.is_at_end() {
            return Some(values);
        }
        if !inner.eat_symbol(",") {
            return None;
        }
    }
}

/// A type that no family covers: upper case outside strings, single blanks.
fn spell(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len());
    for token in crate::lexer::tokens(text.trim()) {
        let part = &text.trim()[token.span];
        match token.kind {
            TokenKind::Blank => spelled.push(' '),
            TokenKind::Word => spelled.push_str(&part.to_uppercase()),
            TokenKind::Comment
            | TokenKind::Quoted
            | TokenKind::String
            | TokenKind::Number
            | TokenKind::Symbol => spelled.push_str(part),
        }
    }
    spelled
}

/// The type in Doctrine's spelling.
pub(crate) fn render(data_type: &DataType, facts: &Facts) -> String {
    match data_type {
        DataType::Int {
            width,
            unsigned,
            display,
            zerofill,
        } => {
            let name = match width {
                IntWidth::W8 => "TINYINT",
                IntWidth::W16 => "SMALLINT",
                IntWidth::W24 => "MEDIUMINT",
                IntWidth::W32 => "INT",
                IntWidth::W64 => "BIGINT",
            };
            let unsigned = sign(*unsigned);
            let zerofill = if *zerofill { " ZEROFILL" } else { "" };
            format!("{}{unsigned}{zerofill}", with_length(name, *display))
        }
        DataType::Boolean => "TINYINT(1)".to_owned(),
        DataType::Decimal {
            precision,
            scale,
            unsigned,
        } => format!(
            "NUMERIC({}, {}){}",
            precision.unwrap_or(10),
            scale.unwrap_or(0),
            sign(*unsigned)
        ),
        DataType::Float {
            width,
            unsigned,
            digits,
        } => {
            let name = match width {
                FloatWidth::Single => "FLOAT",
                FloatWidth::Double => "DOUBLE PRECISION",
            };
            let digits = digits.map_or_else(String::new, |(m, d)| format!("({m}, {d})"));
            format!("{name}{digits}{}", sign(*unsigned))
        }
        DataType::Char { len } => with_length("CHAR", *len),
        // Without a length MySQL has no such type; DBAL's default is the usual one.
        DataType::Varchar { len } => with_length("VARCHAR", Some(len.unwrap_or(255))),
        DataType::Text { size } => tier_name(*size, "TEXT"),
        DataType::Binary { len } => with_length("BINARY", *len),
        DataType::Varbinary { len } => with_length("VARBINARY", Some(len.unwrap_or(255))),
        DataType::Blob { size } => tier_name(*size, "BLOB"),
        DataType::Date => "DATE".to_owned(),
        DataType::Time { precision, .. } => with_length("TIME", *precision),
        DataType::DateTime { precision } => with_length("DATETIME", *precision),
        DataType::Timestamp { precision } => with_length("TIMESTAMP", *precision),
        DataType::Year => "YEAR".to_owned(),
        DataType::Json { .. } => "JSON".to_owned(),
        DataType::Uuid if can(facts, Capability::Uuid) => "UUID".to_owned(),
        DataType::Uuid => "CHAR(36)".to_owned(),
        DataType::Bit { len, .. } => with_length("BIT", *len),
        DataType::Enum { values } => word_list("ENUM", values),
        DataType::Set { values } => word_list("SET", values),
        // Types that only other engines have, as DBAL's nearest type is stored here.
        DataType::Interval => "VARCHAR(255)".to_owned(),
        DataType::Array(_) => "LONGTEXT".to_owned(),
        DataType::Native(text) => text.clone(),
    }
}

/// A spatial type whose values are all of one system of references.
pub(crate) fn with_srid(data_type: &DataType, srid: u64, facts: &Facts) -> DataType {
    DataType::Native(format!("{} SRID {srid}", render(data_type, facts)))
}

fn sign(unsigned: bool) -> &'static str {
    if unsigned { " UNSIGNED" } else { "" }
}

fn with_length(name: &str, length: Option<u32>) -> String {
    length.map_or_else(|| name.to_owned(), |length| format!("{name}({length})"))
}

fn tier_name(size: TextSize, family: &str) -> String {
    let prefix = match size {
        TextSize::Tiny => "TINY",
        TextSize::Normal => "",
        TextSize::Medium => "MEDIUM",
        TextSize::Long => "LONG",
    };
    format!("{prefix}{family}")
}

fn word_list(name: &str, values: &[String]) -> String {
    let values: Vec<_> = values.iter().map(|value| string_literal(value)).collect();
    format!("{name}({})", values.join(", "))
}

#[cfg(test)]
mod tests;
