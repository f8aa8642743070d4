//! DBAL's platform classes for MySQL and MariaDB.

mod options;
mod sized;
mod value;

use indexmap::IndexMap;
use realign_model::{
    Column, ForeignKey, Ident, Identity, Index, IndexKind, ObjectName, TableOptions,
};
use realign_planner::{
    DbalType, Diagnostic, DoctrineColumn, DoctrineIndex, DoctrinePlatform, Facts, IdSource,
    OptionValue, TableDefaults,
};

pub(crate) use options::derived_collation;

use crate::clauses;

/// The one value.
pub(crate) static PLATFORM: Platform = Platform;

/// The platform that DBAL would choose for a server.
pub(crate) struct Platform;

impl DoctrinePlatform for Platform {
    fn column(
        &self,
        column: &DoctrineColumn,
        facts: &Facts,
        remarks: &mut Vec<Diagnostic>,
    ) -> Result<Column, Diagnostic> {
        match &column.definition {
            // The text decides; the type may be one of the application's own.
            Some(definition) => Ok(from_definition(column, definition, facts, remarks)),
            None => from_type(column, DbalType::named(column, facts)?, facts, remarks),
        }
    }

    fn index(&self, index: &DoctrineIndex, facts: &Facts, remarks: &mut Vec<Diagnostic>) -> Index {
        let mut made = Index::over(
            Some(index.name.clone()),
            index.columns.clone(),
            index.unique,
        );
        made.origin = index.origin.clone();
        // Of several flags DBAL prints the first of these; UNIQUE leaves no room for either.
        let has = |flag: &str| index.flags.iter().any(|f| f.eq_ignore_ascii_case(flag));
        if !index.unique {
            if has("fulltext") {
                made.kind = IndexKind::Fulltext { parser: None };
            } else if has("spatial") {
                made.kind = IndexKind::Spatial;
            }
        }
        if let Some(lengths) = index.options.get("lengths") {
            if facts.doctrine.dbal_at_least(2, 9) {
                options::set_prefixes(&mut made, lengths, index, remarks);
            } else {
                remarks.push(
                    index.option_ignored("lengths", "DBAL before 2.9 knows no prefix lengths"),
                );
            }
        }
        if index.options.contains_key("where") {
            remarks.push(index.option_ignored(
                "where",
                "MySQL and MariaDB have no partial indexes: this one covers all rows",
            ));
        }
        made
    }

    fn table_options(
        &self,
        options: &IndexMap<String, OptionValue>,
        defaults: &TableDefaults,
        facts: &Facts,
    ) -> (TableOptions, Option<String>) {
        options::table_options(options, defaults, facts)
    }

    fn id_source(&self, strategy: &str, _facts: &Facts) -> IdSource {
        // SEQUENCE makes nothing here: the platform has none, and the column stays plain.
        match strategy.to_ascii_uppercase().as_str() {
            "AUTO" | "IDENTITY" => IdSource::Identity,
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
        crate::render::quote_ident(name)
    }

    fn max_identifier_length(&self, _facts: &Facts) -> usize {
        // The servers take 64 characters; DBAL stays one below.
        63
    }

    fn table_name(&self, schema: Option<Ident>, name: Ident, _facts: &Facts) -> ObjectName {
        // A schema is a database of the same server.
        ObjectName::new(schema, name)
    }

    fn within_reach(&self, table: &ObjectName, facts: &Facts) -> Option<ObjectName> {
        let here = facts.setting("current_database");
        let folded = matches!(facts.setting("lower_case_table_names"), "1" | "2");
        match &table.schema {
            None => Some(table.clone()),
            Some(schema)
                if schema.text == here || folded && schema.text.eq_ignore_ascii_case(here) =>
            {
                Some(ObjectName::new(None, table.name.clone()))
            }
            Some(_) => None,
        }
    }
}

/// A column with a `column-definition`: what is printed is the text, what is compared is what
/// could be read from it.
fn from_definition(
    column: &DoctrineColumn,
    definition: &str,
    facts: &Facts,
    remarks: &mut Vec<Diagnostic>,
) -> Column {
    let parsed = clauses::parse(&column.name, definition, facts);
    let mut made = parsed.column;
    made.definition = Some(definition.to_owned());
    made.origin = column.origin.clone();
    if let Some(unread) = parsed.unread {
        remarks.push(column.definition_unread(
            &format!("`{unread}`"),
            "it is sent as written, but this is not compared",
        ));
    }
    if parsed.unique || parsed.primary {
        remarks.push(column.definition_makes("a key"));
    }
    if !parsed.checks.is_empty() || parsed.references.is_some() {
        remarks.push(column.definition_makes("a check or reference"));
    }
    made
}

/// A column as `AbstractPlatform::getColumnDeclarationSQL` declares it.
fn from_type(
    column: &DoctrineColumn,
    dbal_type: DbalType,
    facts: &Facts,
    remarks: &mut Vec<Diagnostic>,
) -> Result<Column, Diagnostic> {
    let mut made = Column::new(
        column.name.clone(),
        match column.type_sql() {
            Some(sql) => crate::types::parse(sql, facts),
            None => value::data_type(dbal_type, column, facts)?,
        },
    );
    made.nullable = !column.not_null;
    made.default = value::default(dbal_type, column, facts, remarks)?;
    if column.autoincrement && dbal_type.is_integer() {
        made.identity = Some(Identity::AutoIncrement);
    }
    if !value::refuses_collation(dbal_type, facts) {
        let charset = text_option(column, "charset");
        made.rare.put(charset, |rare| &mut rare.charset);
        let collation = text_option(column, "collation");
        made.rare.put(collation, |rare| &mut rare.collation);
    }
    let comment = column.comment.clone().filter(|text| !text.is_empty());
    made.rare.put(comment, |rare| &mut rare.comment);
    if !facts.doctrine.dbal_at_least(4, 0) {
        made.type_mark = Some(column.type_mark(value::asks_for_mark(dbal_type, facts)));
    }
    made.origin = column.origin.clone();
    for option in ["unique", "check"] {
        if text_option(column, option).is_some_and(|text| text != "false" && text != "0") {
            remarks.push(
                Diagnostic::warning(
                    "D064",
                    format!(
                        "column {}: the option `{option}` is not taken over",
                        column.name
                    ),
                )
                .at(column.origin.clone())
                .with_help(match option {
                    "unique" => "declare a unique constraint of the table instead",
                    _ => "write the check into a column-definition",
                }),
            );
        }
    }
    Ok(made)
}

/// A platform option that is set and not empty.
fn text_option(column: &DoctrineColumn, name: &str) -> Option<String> {
    column
        .options
        .get(name)
        .and_then(OptionValue::as_str)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
