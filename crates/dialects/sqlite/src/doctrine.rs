//! Doctrine's platform for this engine: what a mapped column, index or key becomes.

mod kind;
#[cfg(test)]
mod tests;

use indexmap::IndexMap;
use realign_model::{
    Column, DataType, Expr, ForeignKey, Generated, Ident, Identity, Index, ObjectName, SqliteTable,
    TableOptions,
};
use realign_planner::{
    DbalType, Diagnostic, DoctrineColumn, DoctrineIndex, DoctrinePlatform, Facts, IdSource,
    OptionValue, TableDefaults,
};

use crate::keywords;
use crate::stored;
use crate::types;

/// The one value of the platform.
pub(crate) static PLATFORM: Platform = Platform;

/// DBAL's platform class for this engine.
#[derive(Debug)]
pub(crate) struct Platform;

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
                remarks.push(index.option_ignored(name, reason));
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

    fn within_reach(&self, table: &ObjectName, _facts: &Facts) -> Option<ObjectName> {
        match &table.schema {
            None => Some(table.clone()),
            Some(schema) if schema.text.eq_ignore_ascii_case("main") => {
                Some(ObjectName::new(None, table.name.clone()))
            }
            // An attached database.
            Some(_) => None,
        }
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
    match stored::definition(definition) {
        Ok((read, around)) => {
            read_into(&mut made, &read);
            let keys = around
                .constraints
                .iter()
                .filter(|c| !matches!(c.kind, stored::ConstraintKind::Check(..)))
                .count();
            if keys > 0 {
                remarks.push(column.definition_makes("a key or reference"));
            }
        }
        Err(reason) => {
            made.data_type = DataType::Native(definition.to_owned());
            remarks.push(
                column.definition_unread(&reason, "it is sent as written, and compared as text"),
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
    let collation = read.collation.clone();
    column.rare.put(collation, |rare| &mut rare.collation);
    column.identity = read.autoincrement.then_some(Identity::AutoIncrement);
    let generated = read.generated.as_ref().map(|(text, kind)| Generated {
        expr: Expr::new(text),
        kind: *kind,
    });
    column.rare.put(generated, |rare| &mut rare.generated);
}

/// A column as `AbstractPlatform::getColumnDeclarationSQL` declares it.
fn from_type(column: &DoctrineColumn, facts: &Facts) -> Result<Column, Diagnostic> {
    let profile = facts.doctrine;
    let dbal_type = DbalType::named(column, facts)?;
    column.check_default(dbal_type)?;
    let autoincrement = column.autoincrement && dbal_type.is_integer();
    let mut made = Column::new(
        column.name.clone(),
        match column.type_sql() {
            Some(sql) => types::parse(sql),
            None => kind::data_type(dbal_type, column, facts)?,
        },
    );
    made.nullable = !column.not_null;
    made.default = column
        .default
        .as_deref()
        .map(|text| Expr::new(kind::default(dbal_type, text, facts)));
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
    made.rare.put(option("charset"), |rare| &mut rare.charset);
    made.rare
        .put(option("collation"), |rare| &mut rare.collation);
    if profile.dbal_at_least(2, 6) {
        let comment = column.comment.clone().filter(|text| !text.is_empty());
        made.rare.put(comment, |rare| &mut rare.comment);
        if !profile.dbal_at_least(4, 0) {
            made.type_mark = Some(column.type_mark(kind::is_marked(dbal_type)));
        }
    }
    made.origin = column.origin.clone();
    Ok(made)
}
