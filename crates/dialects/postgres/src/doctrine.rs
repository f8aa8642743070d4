//! DBAL's platform class for PostgreSQL.

use indexmap::IndexMap;
use realign_model::{
    Column, DataType, Expr, FloatWidth, ForeignKey, Ident, Identity, Index, IntWidth, ObjectName,
    PostgresTable, TableOptions, TextSize,
};
use realign_planner::{
    DbalType, Diagnostic, DoctrineColumn, DoctrineIndex, DoctrinePlatform, Facts, IdSource,
    OptionValue, TableDefaults,
};

use crate::clauses;
use crate::render::{quote_ident, string_literal};

/// The one value.
pub(crate) static PLATFORM: Platform = Platform;

/// `PostgreSQLPlatform` (9.4 and newer) of DBAL 2 to 4.
pub(crate) struct Platform;

/// Length above which DBAL 2 and 3 make a text of a string.
const LONGEST_STRING: u32 = 65535;

impl DoctrinePlatform for Platform {
    fn column(
        &self,
        column: &DoctrineColumn,
        facts: &Facts,
        remarks: &mut Vec<Diagnostic>,
    ) -> Result<Column, Diagnostic> {
        let marks = !facts.doctrine.dbal_at_least(4, 0);
        let mut out = Column::new(column.name.clone(), DataType::Boolean);
        out.origin = column.origin.clone();
        out.nullable = !column.not_null;
        out.comment = column.comment.clone().filter(|c| !c.is_empty());
        out.type_mark = marks.then(|| type_mark(column, facts));
        if let Some(definition) = &column.definition {
            return Ok(defined(out, column, definition, remarks));
        }
        let dbal_type = DbalType::named(column, facts)?;
        column.check_default(dbal_type)?;
        out.data_type = match column.type_sql() {
            Some(sql) => crate::types::parse(sql),
            None => data_type(dbal_type, column, facts)?,
        };
        let text = |name: &str| column.options.get(name).and_then(OptionValue::as_str);
        out.charset = text("charset").map(str::to_owned);
        out.collation = text("collation").map(str::to_owned);
        if column.autoincrement && out.data_type.is_integer() {
            out.identity = Some(if facts.doctrine.dbal_at_least(4, 0) {
                Identity::Identity { always: false }
            } else {
                Identity::Serial
            });
        } else if let Some(default) = &column.default {
            out.default = Some(Expr::new(default_text(dbal_type, column, default, facts)?));
        }
        Ok(out)
    }

    fn index(&self, index: &DoctrineIndex, _facts: &Facts, remarks: &mut Vec<Diagnostic>) -> Index {
        if index.options.contains_key("lengths") {
            remarks.push(index.option_ignored("lengths", "indexes here have no prefix lengths"));
        }
        let mut out = Index::over(
            Some(index.name.clone()),
            index.columns.clone(),
            index.unique,
        );
        out.predicate = index
            .options
            .get("where")
            .and_then(OptionValue::as_str)
            .filter(|text| !text.trim().is_empty())
            .map(Expr::new);
        out.origin = index.origin.clone();
        out
    }

    fn table_options(
        &self,
        options: &IndexMap<String, OptionValue>,
        _defaults: &TableDefaults,
        _facts: &Facts,
    ) -> (TableOptions, Option<String>) {
        let text = |name: &str| options.get(name).and_then(OptionValue::as_str);
        // The platform asks for the value `true` and an XML file gives text, so that DBAL never
        // prints the word; the wish is clear all the same.
        let unlogged = text("unlogged").is_some_and(|t| matches!(t, "true" | "1"));
        (
            TableOptions::Postgres(Box::new(PostgresTable {
                unlogged,
                ..PostgresTable::default()
            })),
            text("comment").map(str::to_owned),
        )
    }

    fn id_source(&self, strategy: &str, facts: &Facts) -> IdSource {
        match strategy {
            "AUTO" if facts.doctrine.dbal_at_least(4, 0) => IdSource::Identity,
            "AUTO" | "SEQUENCE" => IdSource::Sequence,
            "IDENTITY" => IdSource::Identity,
            _ => IdSource::Plain,
        }
    }

    fn supports_foreign_keys(&self, _facts: &Facts) -> bool {
        true
    }

    fn foreign_key(&self, key: ForeignKey, _facts: &Facts) -> ForeignKey {
        key
    }

    fn quote(&self, name: &str) -> String {
        quote_ident(name)
    }

    fn max_identifier_length(&self, _facts: &Facts) -> usize {
        63
    }

    fn table_name(&self, schema: Option<Ident>, name: Ident, _facts: &Facts) -> ObjectName {
        ObjectName::new(schema, name)
    }

    fn within_reach(&self, table: &ObjectName, _facts: &Facts) -> Option<ObjectName> {
        Some(table.clone())
    }
}

/// A column with a definition of the person's own: printed as it stands, compared by what
/// could be read from it.
fn defined(
    mut out: Column,
    column: &DoctrineColumn,
    definition: &str,
    remarks: &mut Vec<Diagnostic>,
) -> Column {
    out.definition = Some(definition.to_owned());
    if let Some(read) = clauses::parse(definition) {
        out.data_type = read.data_type;
        out.nullable = !read.not_null;
        out.default = read.default;
        out.identity = read.identity;
        out.generated = read.generated;
        out.collation = read.collation;
        if !read.beside.is_empty() {
            remarks.push(column.definition_makes(&read.beside.join(", ")));
        }
    } else {
        remarks.push(column.definition_unread(
            &format!("`{definition}`"),
            "it is sent as written, but not compared",
        ));
        out.data_type = DataType::Native(definition.to_owned());
    }
    out
}

fn data_type(
    dbal_type: DbalType,
    column: &DoctrineColumn,
    facts: &Facts,
) -> Result<DataType, Diagnostic> {
    let four = facts.doctrine.dbal_at_least(4, 0);
    let text = DataType::Text {
        size: TextSize::Long,
    };
    let float = |width| DataType::Float {
        width,
        unsigned: false,
        digits: None,
    };
    Ok(match dbal_type {
        DbalType::String | DbalType::AsciiString => string(column, four, text),
        DbalType::Text | DbalType::SimpleArray | DbalType::Array | DbalType::Object => text,
        DbalType::Json | DbalType::JsonArray => DataType::Json {
            binary: is_set(column, "jsonb"),
        },
        DbalType::Blob | DbalType::Binary => DataType::Blob {
            size: TextSize::Long,
        },
        DbalType::SmallInt => DataType::int(IntWidth::W16),
        DbalType::Integer => DataType::int(IntWidth::W32),
        DbalType::BigInt => DataType::int(IntWidth::W64),
        DbalType::Boolean => DataType::Boolean,
        DbalType::Decimal => decimal(column, four)?,
        DbalType::Float => float(FloatWidth::Double),
        DbalType::SmallFloat => float(FloatWidth::Single),
        DbalType::Date | DbalType::DateImmutable => DataType::Date,
        DbalType::Time | DbalType::TimeImmutable => DataType::Time {
            precision: Some(0),
            zone: false,
        },
        DbalType::DateTime
        | DbalType::DateTimeImmutable
        | DbalType::VarDateTime
        | DbalType::VarDateTimeImmutable => DataType::DateTime { precision: Some(0) },
        DbalType::DateTimeTz | DbalType::DateTimeTzImmutable => {
            DataType::Timestamp { precision: Some(0) }
        }
        DbalType::DateInterval if column.fixed => DataType::Char { len: Some(255) },
        DbalType::DateInterval => DataType::varchar(255),
        DbalType::Guid => DataType::Uuid,
        DbalType::Enum => DataType::Varchar {
            len: Some(column.longest_value()?),
        },
    })
}

fn string(column: &DoctrineColumn, four: bool, text: DataType) -> DataType {
    let len = if four {
        column.length
    } else {
        if column.length.is_some_and(|n| n > LONGEST_STRING) {
            return text;
        }
        Some(column.length.filter(|n| *n > 0).unwrap_or(255))
    };
    if column.fixed {
        DataType::Char { len }
    } else {
        DataType::Varchar { len }
    }
}

fn decimal(column: &DoctrineColumn, four: bool) -> Result<DataType, Diagnostic> {
    if four && column.precision.is_none() {
        return Err(column.type_lacks("`precision`", "DBAL 4 has no default precision"));
    }
    Ok(DataType::Decimal {
        precision: Some(column.precision.filter(|p| *p > 0).unwrap_or(10)),
        scale: Some(column.scale.unwrap_or(0)),
        unsigned: false,
    })
}

fn is_set(column: &DoctrineColumn, option: &str) -> bool {
    column
        .options
        .get(option)
        .and_then(OptionValue::as_str)
        // What PHP takes for true; the word `false` is among it.
        .is_some_and(|text| !matches!(text, "" | "0"))
}

/// The mark of a type that can't be told from the column's; the empty word is none.
fn type_mark(column: &DoctrineColumn, facts: &Facts) -> String {
    let marked = DbalType::of(&column.type_name).is_some_and(|dbal_type| match dbal_type {
        DbalType::Array | DbalType::Object | DbalType::SimpleArray | DbalType::DateInterval => true,
        // It came without a mark where JSON is native only until 2.5.
        DbalType::JsonArray => facts.doctrine.dbal_at_least(2, 6),
        other => other.is_immutable(),
    });
    column.type_mark(marked)
}

/// `AbstractPlatform::getDefaultValueDeclarationSQL`, without the word DEFAULT.
fn default_text(
    dbal_type: DbalType,
    column: &DoctrineColumn,
    default: &str,
    facts: &Facts,
) -> Result<String, Diagnostic> {
    if dbal_type.is_integer() || dbal_type.takes_clock(default) {
        return Ok(default.to_owned());
    }
    if dbal_type == DbalType::Boolean {
        let word = boolean(default)
            .ok_or_else(|| column.default_is_no_value("write 1, 0, true or false"))?;
        return Ok(if facts.doctrine.dbal_at_least(3, 0) {
            word.to_owned()
        } else {
            format!("'{word}'")
        });
    }
    // Before 2.6 quotes inside a default were not doubled, which no server accepts.
    Ok(string_literal(default))
}

/// `PostgreSQLPlatform::convertSingleBooleanValue`: a number by its value, a word by the list.
fn boolean(text: &str) -> Option<&'static str> {
    if let Ok(number) = text.trim().parse::<f64>() {
        return Some(if number == 0.0 { "false" } else { "true" });
    }
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" => Some("true"),
        "f" | "false" | "n" | "no" | "off" => Some("false"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
