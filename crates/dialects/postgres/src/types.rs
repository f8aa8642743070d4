//! Data types as text: as `format_type` prints them, and as Doctrine spells them.

use realign_model::{DataType, FloatWidth, IntWidth, TextSize};

use crate::lexer::{Token, TokenKind, tokens};
use crate::render::{ident, live_ident};

/// The type of a text, whoever wrote it. What no family covers becomes
/// [`DataType::Native`], so that it is only ever equal to itself.
pub(crate) fn parse(text: &str) -> DataType {
    let tokens = tokens(text);
    match read(&tokens) {
        Some((data_type, taken)) if taken == tokens.len() => data_type,
        _ => DataType::Native(text.trim().to_owned()),
    }
}

/// Takes a type from the front of a column's definition, and says how many tokens it had.
pub(crate) fn read(tokens: &[Token<'_>]) -> Option<(DataType, usize)> {
    let first = tokens.first()?;
    if !matches!(first.kind, TokenKind::Word | TokenKind::Quoted) {
        return None;
    }
    let mut at = 1;
    let word = |at: usize, word: &str| tokens.get(at).is_some_and(|t| t.is_word(word));
    let name = first.text.to_ascii_lowercase();
    let base = if first.kind == TokenKind::Quoted {
        native(tokens, &mut at)
    } else {
        match name.as_str() {
            "smallint" | "int2" => DataType::int(IntWidth::W16),
            "int" | "integer" | "int4" => DataType::int(IntWidth::W32),
            "bigint" | "int8" => DataType::int(IntWidth::W64),
            "bool" | "boolean" => DataType::Boolean,
            "numeric" | "decimal" | "dec" => {
                let (precision, scale) = numbers(tokens, &mut at)?;
                DataType::Decimal {
                    precision,
                    // A precision alone means whole numbers.
                    scale: scale.or(precision.map(|_| 0)),
                    unsigned: false,
                }
            }
            "real" | "float4" => float(FloatWidth::Single),
            "float8" => float(FloatWidth::Double),
            "double" if word(at, "precision") => {
                at += 1;
                float(FloatWidth::Double)
            }
            "float" => match numbers(tokens, &mut at)?.0 {
                Some(digits) if digits < 25 => float(FloatWidth::Single),
                _ => float(FloatWidth::Double),
            },
            "varchar" => DataType::Varchar {
                len: numbers(tokens, &mut at)?.0,
            },
            "char" | "character" | "bpchar" | "nchar" => {
                if word(at, "varying") {
                    at += 1;
                    DataType::Varchar {
                        len: numbers(tokens, &mut at)?.0,
                    }
                } else {
                    DataType::Char {
                        len: Some(numbers(tokens, &mut at)?.0.unwrap_or(1)),
                    }
                }
            }
            "text" => DataType::Text {
                size: TextSize::Long,
            },
            "bytea" => DataType::Blob {
                size: TextSize::Long,
            },
            "date" => DataType::Date,
            "time" | "timetz" => {
                let precision = numbers(tokens, &mut at)?.0;
                DataType::Time {
                    precision,
                    zone: zone(tokens, &mut at) || name == "timetz",
                }
            }
            "timestamp" | "timestamptz" => {
                let precision = numbers(tokens, &mut at)?.0;
                if zone(tokens, &mut at) || name == "timestamptz" {
                    DataType::Timestamp { precision }
                } else {
                    DataType::DateTime { precision }
                }
            }
            // With fields or a precision it is another type.
            "interval"
                if !next_belongs_to_interval(tokens.get(at))
                    || tokens.get(at).is_some_and(|t| t.is_symbol(")")) =>
            {
                DataType::Interval
            }
            "json" => DataType::Json { binary: false },
            "jsonb" => DataType::Json { binary: true },
            "uuid" => DataType::Uuid,
            "bit" | "varbit" => {
                let varying = name == "varbit" || word(at, "varying");
                if word(at, "varying") {
                    at += 1;
                }
                let len = numbers(tokens, &mut at)?.0;
                DataType::Bit {
                    len: if varying { len } else { Some(len.unwrap_or(1)) },
                    varying,
                }
            }
            _ => native(tokens, &mut at),
        }
    };
    let mut data_type = base;
    if word(at, "array") {
        at += 1;
        data_type = DataType::Array(Box::new(data_type));
    }
    while tokens.get(at).is_some_and(|t| t.is_symbol("[")) {
        at += 1;
        if tokens.get(at).is_some_and(|t| t.kind == TokenKind::Number) {
            at += 1;
        }
        if !tokens.get(at)?.is_symbol("]") {
            return None;
        }
        at += 1;
        // The server does not keep the number of dimensions.
        if !matches!(data_type, DataType::Array(_)) {
            data_type = DataType::Array(Box::new(data_type));
        }
    }
    Some((data_type, at))
}

fn float(width: FloatWidth) -> DataType {
    DataType::Float {
        width,
        unsigned: false,
        digits: None,
    }
}

/// A type of the server's own: its name with its schema, and its parameters.
fn native(tokens: &[Token<'_>], at: &mut usize) -> DataType {
    let name = |token: &Token<'_>| {
        if token.kind != TokenKind::Quoted {
            token.text.to_lowercase()
        } else if token.text == "char" {
            // Without quotes it is another type.
            crate::render::quote_ident(&token.text)
        } else {
            ident(&live_ident(&token.text))
        }
    };
    let mut text = name(&tokens[0]);
    if tokens.get(*at).is_some_and(|t| t.is_symbol("."))
        && let Some(second) = tokens.get(*at + 1)
    {
        let second = name(second);
        text = if text == "public" || text == "pg_catalog" {
            second
        } else {
            format!("{text}.{second}")
        };
        *at += 2;
    }
    if text == "interval" {
        // Fields and precision, up to where a clause of the column begins.
        let mut open = false;
        while next_belongs_to_interval(tokens.get(*at)) {
            // A parenthesis that nothing here opened closes something else.
            if tokens[*at].is_symbol(")") && !std::mem::take(&mut open) {
                break;
            }
            open |= tokens[*at].is_symbol("(");
            text.push_str(if tokens[*at].kind == TokenKind::Word {
                " "
            } else {
                ""
            });
            text.push_str(&tokens[*at].text.to_lowercase());
            *at += 1;
        }
        return DataType::Native(text);
    }
    if tokens.get(*at).is_some_and(|t| t.is_symbol("(")) {
        while let Some(token) = tokens.get(*at) {
            text.push_str(&token.text.to_lowercase());
            *at += 1;
            if token.is_symbol(")") {
                break;
            }
        }
    }
    DataType::Native(text)
}

fn next_belongs_to_interval(token: Option<&Token<'_>>) -> bool {
    token.is_some_and(|t| {
        t.is_symbol("(")
            || t.is_symbol(")")
            || t.kind == TokenKind::Number
            || ["year", "month", "day", "hour", "minute", "second", "to"]
                .iter()
                .any(|word| t.is_word(word))
    })
}

/// `(p)` or `(p, s)`, or nothing; none when it is neither.
fn numbers(tokens: &[Token<'_>], at: &mut usize) -> Option<(Option<u32>, Option<u32>)> {
    if !tokens.get(*at).is_some_and(|t| t.is_symbol("(")) {
        return Some((None, None));
    }
    let first = tokens.get(*at + 1)?.text.parse().ok()?;
    if tokens.get(*at + 2)?.is_symbol(")") {
        *at += 3;
        return Some((Some(first), None));
    }
    let second = tokens.get(*at + 3)?.text.parse().ok()?;
    if !tokens.get(*at + 2)?.is_symbol(",") || !tokens.get(*at + 4)?.is_symbol(")") {
        return None;
    }
    *at += 5;
    Some((Some(first), Some(second)))
}

/// `WITH TIME ZONE` is true, `WITHOUT TIME ZONE` and nothing are false.
fn zone(tokens: &[Token<'_>], at: &mut usize) -> bool {
    let word =
        |offset: usize, word: &str| tokens.get(*at + offset).is_some_and(|t| t.is_word(word));
    if !(word(1, "time") && word(2, "zone")) || !(word(0, "with") || word(0, "without")) {
        return false;
    }
    let with = word(0, "with");
    *at += 3;
    with
}

/// The type in Doctrine's words.
pub(crate) fn render(data_type: &DataType) -> String {
    let with = |name: &str, number: Option<u32>| match number {
        Some(n) => format!("{name}({n})"),
        None => name.to_owned(),
    };
    match data_type {
        DataType::Int { width, .. } => match width {
            IntWidth::W8 | IntWidth::W16 => "SMALLINT",
            IntWidth::W24 | IntWidth::W32 => "INT",
            IntWidth::W64 => "BIGINT",
        }
        .to_owned(),
        DataType::Boolean => "BOOLEAN".to_owned(),
        DataType::Decimal {
            precision, scale, ..
        } => match (precision, scale) {
            (Some(p), Some(s)) => format!("NUMERIC({p}, {s})"),
            (Some(p), None) => format!("NUMERIC({p})"),
            (None, _) => "NUMERIC".to_owned(),
        },
        DataType::Float { width, .. } => match width {
            FloatWidth::Single => "REAL",
            FloatWidth::Double => "DOUBLE PRECISION",
        }
        .to_owned(),
        DataType::Char { len } => with("CHAR", *len),
        DataType::Varchar { len } => with("VARCHAR", *len),
        DataType::Text { .. } => "TEXT".to_owned(),
        DataType::Binary { .. } | DataType::Varbinary { .. } | DataType::Blob { .. } => {
            "BYTEA".to_owned()
        }
        DataType::Date => "DATE".to_owned(),
        DataType::Time { precision, zone } => format!(
            "{} {} TIME ZONE",
            with("TIME", *precision),
            if *zone { "WITH" } else { "WITHOUT" }
        ),
        DataType::DateTime { precision } => {
            format!("{} WITHOUT TIME ZONE", with("TIMESTAMP", *precision))
        }
        DataType::Timestamp { precision } => {
            format!("{} WITH TIME ZONE", with("TIMESTAMP", *precision))
        }
        DataType::Year => "SMALLINT".to_owned(),
        DataType::Interval => "INTERVAL".to_owned(),
        DataType::Json { binary } => if *binary { "JSONB" } else { "JSON" }.to_owned(),
        DataType::Uuid => "UUID".to_owned(),
        DataType::Bit { len, varying } => with(if *varying { "BIT VARYING" } else { "BIT" }, *len),
        // Words declared in place have no type here; their longest one decides.
        DataType::Enum { values } | DataType::Set { values } => format!(
            "VARCHAR({})",
            values
                .iter()
                .map(|v| v.chars().count())
                .max()
                .unwrap_or(255)
        ),
        DataType::Array(inner) => format!("{}[]", render(inner)),
        DataType::Native(text) => text.clone(),
    }
}

/// The pseudo-type that makes a sequence along.
pub(crate) fn serial(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int {
            width: IntWidth::W64,
            ..
        } => "BIGSERIAL",
        DataType::Int {
            width: IntWidth::W8 | IntWidth::W16,
            ..
        } => "SMALLSERIAL",
        _ => "SERIAL",
    }
}

/// A type as the catalogue shows it: six digits that were asked for are shown.
pub(crate) fn shown(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Time { .. } | DataType::DateTime { .. } | DataType::Timestamp { .. } => {
            data_type.clone()
        }
        DataType::Array(inner) => DataType::Array(Box::new(shown(inner))),
        other => normal(other),
    }
}

/// The type as the server keeps it, so that two spellings of one become equal.
pub(crate) fn normal(data_type: &DataType) -> DataType {
    match data_type {
        // Six digits are what a time without a precision has.
        DataType::Time { precision, zone } => DataType::Time {
            precision: precision.filter(|p| *p < 6),
            zone: *zone,
        },
        DataType::DateTime { precision } => DataType::DateTime {
            precision: precision.filter(|p| *p < 6),
        },
        DataType::Timestamp { precision } => DataType::Timestamp {
            precision: precision.filter(|p| *p < 6),
        },
        DataType::Array(inner) => DataType::Array(Box::new(normal(inner))),
        other => match parse(&render(other)) {
            DataType::Native(text) => DataType::Native(text.to_lowercase()),
            known => known,
        },
    }
}

#[cfg(test)]
mod tests {
    use realign_model::DataType;

    use super::{normal, parse, render};

    #[test]
    fn what_the_server_prints_is_what_doctrine_writes() {
        for (server, doctrine) in [
            ("integer", "INT"),
            ("smallint", "SMALLINT"),
            ("bigint", "BIGINT"),
            ("boolean", "BOOLEAN"),
            ("numeric(10,2)", "NUMERIC(10, 2)"),
            ("numeric", "NUMERIC"),
            ("double precision", "DOUBLE PRECISION"),
            ("real", "REAL"),
            ("character varying(255)", "VARCHAR(255)"),
            ("character varying", "VARCHAR"),
            ("character(36)", "CHAR(36)"),
            ("text", "TEXT"),
            ("bytea", "BYTEA"),
            ("date", "DATE"),
            ("time(0) without time zone", "TIME(0) WITHOUT TIME ZONE"),
            (
                "timestamp(0) without time zone",
                "TIMESTAMP(0) WITHOUT TIME ZONE",
            ),
            ("timestamp(0) with time zone", "TIMESTAMP(0) WITH TIME ZONE"),
            ("uuid", "UUID"),
            ("json", "JSON"),
            ("jsonb", "JSONB"),
            ("interval", "INTERVAL"),
            ("bit(8)", "BIT(8)"),
            ("bit varying(8)", "BIT VARYING(8)"),
            ("integer[]", "INT[]"),
        ] {
            assert_eq!(render(&parse(server)), doctrine);
            assert_eq!(parse(server), parse(doctrine), "{server}");
            assert!(!matches!(parse(server), DataType::Native(_)), "{server}");
        }
    }

    #[test]
    fn types_of_the_servers_own_are_kept_as_text() {
        for text in [
            "inet",
            "tsvector",
            "geometry(Point,4326)",
            "interval day to second(3)",
        ] {
            assert!(matches!(parse(text), DataType::Native(_)), "{text}");
        }
        assert_eq!(parse("public.mood"), parse("mood"));
        assert_ne!(parse("other.mood"), parse("mood"));
        assert_ne!(parse("\"Mood\""), parse("mood"));
        // A type of the server's own that is no character type.
        assert_eq!(render(&parse("\"char\"")), "\"char\"");
        assert_eq!(render(&parse("app.\"order\"")), "app.\"order\"");
    }

    #[test]
    fn spellings_of_one_type_are_equal() {
        assert_eq!(normal(&parse("timestamp(6)")), normal(&parse("timestamp")));
        assert_ne!(normal(&parse("timestamp(0)")), normal(&parse("timestamp")));
        assert_eq!(parse("char"), parse("character(1)"));
        assert_eq!(parse("numeric(5)"), parse("numeric(5,0)"));
        assert_eq!(normal(&DataType::Year), parse("smallint"));
    }
}
