//! A platform for tests: simple types, backticks, no opinions; and mappings as text.

#![allow(
    dead_code,
    clippy::format_push_string,
    reason = "each test uses its share of it"
)]

use indexmap::IndexMap;
use realign_model::{
    Column, DataType, Expr, ForeignKey, Ident, Identity, Index, IntWidth, ObjectName, Origin,
    RefAction, TableOptions, TextSize,
};
use realign_planner::{
    Diagnostic, DoctrineColumn, DoctrineIndex, DoctrinePlatform, Facts, IdSource, OptionValue,
    TableDefaults,
};
use realign_sources::{DoctrineOptions, Mapping, SourceFile, load_doctrine_xml};

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

    fn within_reach(&self, table: &ObjectName, _facts: &Facts) -> Option<ObjectName> {
        let other = table
            .schema
            .as_ref()
            .is_some_and(|name| name.text == "other");
        (!other).then(|| table.clone())
    }
}

/// The releases that tests name.
pub(crate) fn facts(profile: &str) -> Facts {
    Facts {
        doctrine: profile.parse().expect("a profile"),
        ..Facts::default()
    }
}

/// Reads entities and other elements, each list in one file, with default options.
pub(crate) fn load(files: &[&str], profile: &str) -> Mapping {
    load_with(
        files,
        profile,
        &DoctrineOptions::default(),
        TestPlatform::default(),
    )
}

/// Reads files whose root element is left out.
pub(crate) fn load_with(
    files: &[&str],
    profile: &str,
    options: &DoctrineOptions,
    platform: TestPlatform,
) -> Mapping {
    let files: Vec<SourceFile> = files
        .iter()
        .enumerate()
        .map(|(number, body)| SourceFile {
            path: format!("f{number}.xml"),
            text: format!(
                "<doctrine-mapping xmlns=\"http://doctrine-project.org/schemas/orm/doctrine-mapping\">\n{body}\n</doctrine-mapping>"
            ),
        })
        .collect();
    load_doctrine_xml(&files, options, &platform, &facts(profile))
}

/// The codes of what was said, with lines.
pub(crate) fn said(mapping: &Mapping) -> Vec<String> {
    mapping
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let place = match &diagnostic.origin {
                Origin::File { path, line, .. } => format!("{path}:{line}"),
                Origin::None | Origin::Server => "nowhere".to_owned(),
            };
            format!("{} {place} {}", diagnostic.code, diagnostic.message)
        })
        .collect()
}

/// A mapping without errors as text, one line an item.
pub(crate) fn describe(mapping: &Mapping) -> String {
    let mut text = String::new();
    for table in &mapping.database.tables {
        text.push_str(&format!("{}\n", table.name));
        for column in &table.columns {
            text.push_str(&format!("  {}\n", describe_column(column)));
        }
        if let Some(key) = &table.primary_key {
            text.push_str(&format!("  PRIMARY ({})\n", list(key.columns())));
        }
        for index in &table.indexes {
            let kind = if index.unique { "UNIQUE" } else { "INDEX" };
            let columns = list(index.columns());
            text.push_str(&format!("  {kind} {} ({columns})\n", index.name_str()));
        }
        for key in &table.foreign_keys {
            let action = key.on_delete.map_or("", RefAction::sql);
            text.push_str(
                format!(
                    "  {} ({}) -> {} ({}) {action}",
                    key.name_str(),
                    list(key.columns.iter()),
                    key.ref_table,
                    list(key.ref_columns.iter())
                )
                .trim_end(),
            );
            text.push('\n');
        }
    }
    for sequence in &mapping.database.sequences {
        text.push_str(&format!(
            "sequence {} by {} from {}\n",
            sequence.name, sequence.increment, sequence.start
        ));
    }
    text
}

fn list<'i>(names: impl Iterator<Item = &'i Ident>) -> String {
    let names: Vec<&str> = names.map(Ident::as_str).collect();
    names.join(", ")
}

fn describe_column(column: &Column) -> String {
    let kind = match &column.data_type {
        DataType::Int {
            width, unsigned, ..
        } => {
            let name = match width {
                IntWidth::W16 => "SMALLINT",
                IntWidth::W64 => "BIGINT",
                _ => "INT",
            };
            format!("{name}{}", if *unsigned { " UNSIGNED" } else { "" })
        }
        DataType::Varchar { len } => format!("VARCHAR({})", len.map_or(0, |len| len)),
        DataType::Decimal {
            precision, scale, ..
        } => format!(
            "NUMERIC({}, {})",
            precision.unwrap_or(10),
            scale.unwrap_or(0)
        ),
        other => format!("{other:?}")
            .split([' ', '(', '{'])
            .next()
            .unwrap_or_default()
            .to_uppercase(),
    };
    let quote = if column.name.quoted { "`" } else { "" };
    let mut text = format!("{quote}{}{quote} {kind}", column.name);
    if let Some(definition) = &column.definition {
        text = format!("{quote}{}{quote} [{definition}]", column.name);
    }
    if column.identity.is_some() {
        text.push_str(" AUTO");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    text.push_str(if column.nullable { " NULL" } else { "" });
    if let Some(comment) = &column.comment {
        text.push_str(&format!(" '{comment}'"));
    }
    text
}
