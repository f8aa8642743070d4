//! A platform for tests: simple types, backticks, no opinions.

use indexmap::IndexMap;
use realign_model::{
    Column, DataType, Expr, ForeignKey, Ident, Identity, Index, IntWidth, ObjectName, TableOptions,
    TextSize,
};
use realign_planner::{
    Diagnostic, DoctrineColumn, DoctrineIndex, DoctrinePlatform, Facts, IdSource, OptionValue,
    TableDefaults,
};

/// What differs between the platforms that tests need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TestPlatform {
    pub(crate) quote: char,
    pub(crate) sequences: bool,
    pub(crate) schemas: bool,
    pub(crate) foreign_keys: bool,
}

impl Default for TestPlatform {
    fn default() -> Self {
        Self {
            quote: '`',
            sequences: false,
            schemas: false,
            foreign_keys: true,
        }
    }
}

impl DoctrinePlatform for TestPlatform {
    fn column(
        &self,
        column: &DoctrineColumn,
        _facts: &Facts,
        _remarks: &mut Vec<Diagnostic>,
    ) -> Result<Column, Diagnostic> {
        let integer = |width| {
            if column.unsigned {
                DataType::unsigned(width)
            } else {
                DataType::int(width)
            }
        };
        let data_type = match column.type_name.as_str() {
            "integer" => integer(IntWidth::W32),
            "smallint" => integer(IntWidth::W16),
            "bigint" => integer(IntWidth::W64),
            "string" => DataType::Varchar { len: column.length },
            "boolean" => DataType::Boolean,
            "decimal" => DataType::Decimal {
                precision: column.precision,
                scale: column.scale,
                unsigned: false,
            },
            "text" | "array" | "simple_array" | "object" | "json" => DataType::Text {
                size: TextSize::Long,
            },
            "datetime" if column.version => DataType::Timestamp { precision: None },
            "datetime" | "datetime_immutable" => DataType::DateTime { precision: None },
            "date" | "date_immutable" => DataType::Date,
            "float" | "guid" | "blob" | "binary" | "time" | "generated" => {
                DataType::Native(column.type_name.clone())
            }
            other => {
                return Err(Diagnostic::error("T001", format!("unknown type {other}")));
            }
        };
        let mut made = Column::new(column.name.clone(), data_type);
        made.nullable = !column.not_null;
        made.default = column.default.as_ref().map(Expr::new);
        made.identity = column.autoincrement.then_some(Identity::AutoIncrement);
        made.comment.clone_from(&column.comment);
        made.definition.clone_from(&column.definition);
        if let Some(OptionValue::Text(collation)) = column.options.get("collation") {
            made.collation = Some(collation.clone());
        }
        Ok(made)
    }

    fn index(
        &self,
        index: &DoctrineIndex,
        _facts: &Facts,
        _remarks: &mut Vec<Diagnostic>,
    ) -> Index {
        Index::over(
            Some(index.name.clone()),
            index.columns.iter().cloned(),
            index.unique,
        )
    }

    fn table_options(
        &self,
        options: &IndexMap<String, OptionValue>,
        _defaults: &TableDefaults,
        _facts: &Facts,
    ) -> (TableOptions, Option<String>) {
        let comment = options.get("comment").and_then(OptionValue::as_str);
        (TableOptions::None, comment.map(str::to_owned))
    }

    fn id_source(&self, strategy: &str, _facts: &Facts) -> IdSource {
        match strategy {
            "AUTO" | "SEQUENCE" if self.sequences => IdSource::Sequence,
            "AUTO" | "IDENTITY" => IdSource::Identity,
            _ => IdSource::Plain,
        }
    }

    fn supports_foreign_keys(&self, _facts: &Facts) -> bool {
        self.foreign_keys
    }

    fn foreign_key(&self, key: ForeignKey, _facts: &Facts) -> ForeignKey {
        key
    }

    fn quote(&self, name: &str) -> String {
        format!("{0}{name}{0}", self.quote)
    }

    fn max_identifier_length(&self, _facts: &Facts) -> usize {
        63
    }

    fn table_name(&self, schema: Option<Ident>, name: Ident, _facts: &Facts) -> ObjectName {
        match schema {
            Some(schema) if !self.schemas => ObjectName {
                schema: None,
                name: Ident {
                    text: format!("{}__{}", schema.text, name.text),
                    quoted: name.quoted,
                },
            },
            schema => ObjectName { schema, name },
        }
    }
}
