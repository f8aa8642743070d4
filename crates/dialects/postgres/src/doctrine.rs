//! DBAL's platform class for PostgreSQL.

use indexmap::IndexMap;
use realign_model::{
    Column, DataType, Expr, FloatWidth, ForeignKey, Ident, Identity, Index, IntWidth, ObjectName,
    PostgresTable, TableOptions, TextSize,
};
use realign_planner::{
    Diagnostic, DoctrineColumn, DoctrineIndex, DoctrinePlatform, Facts, IdSource, OptionValue,
    TableDefaults,
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
        out.data_type = data_type(column, facts)?;
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
            out.default = Some(Expr::new(default_text(column, default, facts)?));
        }
        Ok(out)
    }

    fn index(
        &self,
        index: &DoctrineIndex,
        _facts: &Facts,
        _remarks: &mut Vec<Diagnostic>,
    ) -> Index {
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
            TableOptions::Postgres(PostgresTable {
                unlogged,
                ..PostgresTable::default()
            }),
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
            remarks.push(
                Diagnostic::warning(
                    "D131",
                    format!(
                        "the column-definition of {} also makes a key or check, which is not compared",
                        column.name
                    ),
                )
                .at(column.origin.clone())
                .with_note(read.beside.join(", "))
                .with_help("declare it as an index, unique constraint or association of the mapping"),
            );
        }
    } else {
        remarks.push(
            Diagnostic::warning(
                "D130",
                format!(
                    "the column-definition of {} can't be read, so that it is not compared",
                    column.name
                ),
            )
            .at(column.origin.clone())
            .with_note(format!("column-definition=\"{definition}\""))
            .with_help("begin it with a type, followed by DEFAULT, NOT NULL, COLLATE or GENERATED"),
        );
        out.data_type = DataType::Native(definition.to_owned());
    }
    out
}

fn data_type(column: &DoctrineColumn, facts: &Facts) -> Result<DataType, Diagnostic> {
    let four = facts.doctrine.dbal_at_least(4, 0);
    let since = |major, minor| facts.doctrine.dbal_at_least(major, minor);
    let text = DataType::Text {
        size: TextSize::Long,
    };
    let blob = DataType::Blob {
        size: TextSize::Long,
    };
    let float = |width| DataType::Float {
        width,
        unsigned: false,
        digits: None,
    };
    Ok(match column.type_name.as_str() {
        "ascii_string" if !since(2, 12) => return Err(unknown_type(column, facts)),
        "string" | "ascii_string" => string(column, four, text),
        "text" => text,
        "simple_array" => text,
        "array" | "object" if !four => text,
        "json_array" if !since(3, 0) => DataType::Json {
            binary: is_set(column, "jsonb"),
        },
        "json" if since(2, 6) => DataType::Json {
            binary: is_set(column, "jsonb"),
        },
        "blob" | "binary" => blob,
        "integer" => DataType::int(IntWidth::W32),
        "bigint" => DataType::int(IntWidth::W64),
        "smallint" => DataType::int(IntWidth::W16),
        "boolean" => DataType::Boolean,
        "decimal" => decimal(column, four)?,
        "float" => float(FloatWidth::Double),
        "smallfloat" if since(4, 1) => float(FloatWidth::Single),
        "date" => DataType::Date,
        "date_immutable" if since(2, 6) => DataType::Date,
        "time" => time(),
        "time_immutable" if since(2, 6) => time(),
        "datetime" | "vardatetime" => DataType::DateTime { precision: Some(0) },
        "datetime_immutable" | "vardatetime_immutable" if since(2, 6) => {
            DataType::DateTime { precision: Some(0) }
        }
        "datetimetz" => DataType::Timestamp { precision: Some(0) },
        "datetimetz_immutable" if since(2, 6) => DataType::Timestamp { precision: Some(0) },
        "dateinterval" if since(2, 6) => DataType::varchar(255),
        "guid" => DataType::Uuid,
        "enum" if since(4, 2) => {
            let longest = column.values.iter().map(|v| v.chars().count()).max();
            DataType::Varchar {
                len: longest.and_then(|n| u32::try_from(n).ok()),
            }
        }
        _ => return Err(unknown_type(column, facts)),
    })
}

fn time() -> DataType {
    DataType::Time {
        precision: Some(0),
        zone: false,
    }
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
        return Err(Diagnostic::error(
            "D132",
            format!("{} is a decimal without a precision", column.name),
        )
        .at(column.origin.clone())
        .with_help("give it precision and scale: precision=\"10\" scale=\"2\""));
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

fn unknown_type(column: &DoctrineColumn, facts: &Facts) -> Diagnostic {
    Diagnostic::error(
        "D101",
        format!(
            "column {} has the type `{}`, which {} does not have",
            column.name, column.type_name, facts.doctrine
        ),
    )
    .at(column.origin.clone())
    .with_help("write one of Doctrine's types, or give the column a column-definition")
}

/// The mark of a type that can't be told from the column's; the empty word is none.
fn type_mark(column: &DoctrineColumn, facts: &Facts) -> String {
    // `json_array` came without a mark where JSON is native only until 2.5.
    let marked = match column.type_name.as_str() {
        "array" | "object" | "simple_array" | "dateinterval" => true,
        "json_array" => facts.doctrine.dbal_at_least(2, 6),
        name => name.ends_with("_immutable"),
    };
    if marked {
        column.type_name.clone()
    } else {
        String::new()
    }
}

/// `AbstractPlatform::getDefaultValueDeclarationSQL`, without the word DEFAULT.
fn default_text(
    column: &DoctrineColumn,
    default: &str,
    facts: &Facts,
) -> Result<String, Diagnostic> {
    let four = facts.doctrine.dbal_at_least(4, 0);
    let kind = column.type_name.as_str();
    Ok(match kind {
        "integer" | "bigint" | "smallint" => default.to_owned(),
        "datetime"
        | "datetime_immutable"
        | "datetimetz"
        | "datetimetz_immutable"
        | "vardatetime"
        | "vardatetime_immutable"
            if default == "CURRENT_TIMESTAMP" =>
        {
            default.to_owned()
        }
        "time" if default == "CURRENT_TIME" => default.to_owned(),
        "date" if default == "CURRENT_DATE" => default.to_owned(),
        // The immutable types are subclasses up to 3, and have an interface in common from 4 on.
        "time_immutable" if default == "CURRENT_TIME" => default.to_owned(),
        "date_immutable" if default == "CURRENT_DATE" => default.to_owned(),
        "boolean" => {
            let word = boolean(default).ok_or_else(|| {
                Diagnostic::error(
                    "D133",
                    format!("the default `{default}` of {} is no boolean", column.name),
                )
                .at(column.origin.clone())
                .with_help("write 1, 0, true or false")
            })?;
            if four || facts.doctrine.dbal_at_least(3, 0) {
                word.to_owned()
            } else {
                format!("'{word}'")
            }
        }
        // Before 2.6 quotes inside a default were not doubled, which no server accepts.
        _ => string_literal(default),
    })
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
