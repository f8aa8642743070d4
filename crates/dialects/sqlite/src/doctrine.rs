//! Doctrine's platform for this engine: what a mapped column, index or key becomes.

use indexmap::IndexMap;
use realign_model::{
    Column, DataType, Expr, FloatWidth, ForeignKey, Generated, Ident, Identity, Index, IntWidth,
    ObjectName, SqliteTable, TableOptions, TextSize,
};
use realign_planner::{
    Diagnostic, DoctrineColumn, DoctrineIndex, DoctrinePlatform, Facts, IdSource, OptionValue,
    TableDefaults,
};

use crate::keywords;
use crate::stored;
use crate::types;

/// The one value of the platform.
pub(crate) static PLATFORM: Platform = Platform;

/// DBAL's platform class for this engine.
#[derive(Debug)]
pub(crate) struct Platform;

/// Above this length a text column becomes a `CLOB` (DBAL 2 and 3).
const LONGEST_VARCHAR: u32 = 4000;

impl DoctrinePlatform for Platform {
    fn column(
        &self,
        column: &DoctrineColumn,
        facts: &Facts,
        remarks: &mut Vec<Diagnostic>,
    ) -> Result<Column, Diagnostic> {
        match &column.definition {
            Some(definition) => Ok(from_definition(column, definition, remarks)),
            None => from_type(column, facts),
        }
    }

    fn index(&self, index: &DoctrineIndex, _facts: &Facts, remarks: &mut Vec<Diagnostic>) -> Index {
        for (name, reason) in [
            ("where", "DBAL makes no partial indexes on this platform"),
            ("lengths", "indexes here have no prefix lengths"),
        ] {
            if index.options.contains_key(name) {
                remarks.push(
                    Diagnostic::warning(
                        "D064",
                        format!(
                            "index {}: the option `{name}` has no effect here",
                            index.name
                        ),
                    )
                    .at(index.origin.clone())
                    .with_note(reason),
                );
            }
        }
        let mut made = Index::over(
            Some(index.name.clone()),
            index.columns.iter().cloned(),
            index.unique,
        );
        made.origin = index.origin.clone();
        made
    }

    fn table_options(
        &self,
        options: &IndexMap<String, OptionValue>,
        _defaults: &TableDefaults,
        facts: &Facts,
    ) -> (TableOptions, Option<String>) {
        let comment = options
            .get("comment")
            .and_then(OptionValue::as_str)
            .filter(|_| facts.doctrine.dbal_at_least(2, 10))
            .map(|text| text.trim_matches([' ', '\'']).to_owned());
        (TableOptions::Sqlite(SqliteTable::default()), comment)
    }

    fn id_source(&self, strategy: &str, _facts: &Facts) -> IdSource {
        match strategy.to_ascii_uppercase().as_str() {
            "AUTO" | "IDENTITY" => IdSource::Identity,
            // A sequence, or a value of the application: a plain column.
            _ => IdSource::Plain,
        }
    }

    fn supports_foreign_keys(&self, facts: &Facts) -> bool {
        // The platform of DBAL 2 says no; the ORM asks it up to 2.6.
        facts.doctrine.dbal_at_least(3, 0) || facts.doctrine.orm_at_least(2, 7)
    }

    fn foreign_key(&self, key: ForeignKey, _facts: &Facts) -> ForeignKey {
        key
    }

    fn quote(&self, name: &str) -> String {
        keywords::always(name)
    }

    fn max_identifier_length(&self, _facts: &Facts) -> usize {
        63
    }

    fn table_name(&self, schema: Option<Ident>, name: Ident, facts: &Facts) -> ObjectName {
        if facts.doctrine.dbal_at_least(4, 0) {
            // An attached database.
            return ObjectName::new(schema, name);
        }
        let name = match schema {
            Some(schema) => Ident {
                text: format!("{}__{}", schema.text, name.text),
                quoted: schema.quoted || name.quoted,
            },
            None => name,
        };
        ObjectName::new(None, name)
    }
}

/// A column with a `column-definition`: what is printed is the text, what is compared is
/// what could be read from it.
fn from_definition(
    column: &DoctrineColumn,
    definition: &str,
    remarks: &mut Vec<Diagnostic>,
) -> Column {
    let mut made = Column::new(column.name.clone(), DataType::Native(String::new()));
    made.definition = Some(definition.to_owned());
    made.origin = column.origin.clone();
    let mut warn = |message: String, note: &str| {
        remarks.push(
            Diagnostic::warning("D062", message)
                .at(column.origin.clone())
                .with_note(note),
        );
    };
    match stored::definition(definition) {
        Ok((read, around)) => {
            read_into(&mut made, &read);
            let keys = around
                .constraints
                .iter()
                .filter(|c| !matches!(c.kind, stored::ConstraintKind::Check(..)))
                .count();
            if keys > 0 {
                warn(
                    format!(
                        "column definition of {} makes a key of its own",
                        column.name
                    ),
                    "declare the key in the mapping: keys of a definition are not compared",
                );
            }
        }
        Err(reason) => {
            made.data_type = DataType::Native(definition.to_owned());
            warn(
                format!("column definition of {}: {reason}", column.name),
                "it is sent as written, and compared as text",
            );
        }
    }
    made
}

/// Takes over what a stored column says.
pub(crate) fn read_into(column: &mut Column, read: &stored::StoredColumn) {
    column.data_type = types::parse(&read.type_text);
    column.nullable = !read.not_null;
    column.default = read
        .default
        .as_deref()
        .filter(|text| !text.eq_ignore_ascii_case("NULL"))
        .map(Expr::new);
    column.collation.clone_from(&read.collation);
    column.identity = read.autoincrement.then_some(Identity::AutoIncrement);
    column.generated = read.generated.as_ref().map(|(text, kind)| Generated {
        expr: Expr::new(text),
        kind: *kind,
    });
}

/// A column as `AbstractPlatform::getColumnDeclarationSQL` declares it.
fn from_type(column: &DoctrineColumn, facts: &Facts) -> Result<Column, Diagnostic> {
    let profile = facts.doctrine;
    let kind = Kind::of(&column.type_name).ok_or_else(|| unknown(column))?;
    if let Some((major, minor)) = gone_from(&column.type_name)
        && profile.dbal_at_least(major, minor)
    {
        return Err(not_there(column, facts));
    }
    if let Some((major, minor)) = since(&column.type_name)
        && !profile.dbal_at_least(major, minor)
    {
        return Err(not_there(column, facts));
    }
    let autoincrement = column.autoincrement && matches!(kind, Kind::Integer(_));
    let mut made = Column::new(column.name.clone(), kind.data_type(column, facts)?);
    made.nullable = !column.not_null;
    made.default = column
        .default
        .as_deref()
        .map(|text| Expr::new(kind.default(text, facts)));
    // Before 2.8 the row number alone gave the values: a plain INTEGER primary key.
    if autoincrement && profile.dbal_at_least(2, 8) {
        made.identity = Some(Identity::AutoIncrement);
    }
    let option = |name: &str| {
        column
            .options
            .get(name)
            .and_then(OptionValue::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    made.charset = option("charset");
    made.collation = option("collation");
    if profile.dbal_at_least(2, 6) {
        made.comment = column.comment.clone().filter(|text| !text.is_empty());
        if !profile.dbal_at_least(4, 0) {
            let marked = kind.is_marked(&column.type_name);
            made.type_mark = Some(if marked {
                column.type_name.clone()
            } else {
                String::new()
            });
        }
    }
    made.origin = column.origin.clone();
    Ok(made)
}

/// What a DBAL type is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
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
    fn of(name: &str) -> Option<Self> {
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
    fn is_marked(self, name: &str) -> bool {
        matches!(self, Self::Guid | Self::Json | Self::Interval)
            || matches!(name, "simple_array" | "array" | "object")
            || name.ends_with("_immutable")
    }

    fn data_type(self, column: &DoctrineColumn, facts: &Facts) -> Result<DataType, Diagnostic> {
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
    fn default(self, text: &str, facts: &Facts) -> String {
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
fn gone_from(name: &str) -> Option<(u32, u32)> {
    match name {
        "json_array" => Some((3, 0)),
        "array" | "object" => Some((4, 0)),
        _ => None,
    }
}

/// The DBAL release that brought a type.
fn since(name: &str) -> Option<(u32, u32)> {
    match name {
        "json" | "dateinterval" => Some((2, 6)),
        name if name.ends_with("_immutable") => Some((2, 6)),
        "ascii_string" => Some((2, 12)),
        "smallfloat" => Some((4, 1)),
        "enum" => Some((4, 2)),
        _ => None,
    }
}

fn unknown(column: &DoctrineColumn) -> Diagnostic {
    Diagnostic::error(
        "D060",
        format!(
            "column {}: unknown type `{}`",
            column.name, column.type_name
        ),
    )
    .at(column.origin.clone())
}

fn not_there(column: &DoctrineColumn, facts: &Facts) -> Diagnostic {
    let (major, minor) = facts.doctrine.dbal;
    Diagnostic::error(
        "D060",
        format!(
            "column {}: DBAL {major}.{minor} has no type `{}`",
            column.name, column.type_name
        ),
    )
    .at(column.origin.clone())
}

fn bad(column: &DoctrineColumn, what: &str) -> Diagnostic {
    Diagnostic::error(
        "D061",
        format!("column {}: type `{}` {what}", column.name, column.type_name),
    )
    .at(column.origin.clone())
}

#[cfg(test)]
mod tests;
