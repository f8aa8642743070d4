//! What is drawn: boxes with rows, and links between rows.

use std::collections::HashMap;

use realign_model::{Database, Ident, Table};

use super::TypeText;
use crate::is_key;

/// Everything that is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    /// A box a table, in the order of their names.
    pub(super) boxes: Vec<TableBox>,
    /// The foreign keys.
    pub(super) links: Vec<Link>,
    /// Views, which are only counted.
    pub(super) views: usize,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableBox {
    /// Its name.
    pub(super) name: String,
    /// Its columns.
    pub(super) rows: Vec<Row>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its name.
    pub(super) name: String,
    /// Its type.
    pub(super) kind: String,
    /// Part of the primary key.
    pub(super) key: bool,
    /// Part of a foreign key.
    pub(super) foreign: bool,
    /// Unique by itself.
    pub(super) unique: bool,
    /// NULL is allowed.
    pub(super) nullable: bool,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// The box that refers.
    pub(super) from: usize,
    /// The row that refers.
    pub(super) from_row: usize,
    /// The box that is referred to.
    pub(super) to: usize,
    /// The row that is referred to.
    pub(super) to_row: usize,
    /// The columns that refer.
    pub(super) label: String,
    /// It may refer to nothing.
    pub(super) optional: bool,
    /// At most one row refers to each.
    pub(super) single: bool,
}

/// The longest text of a type that is shown whole.
const LONGEST_TYPE: usize = 26;

impl Picture {
    /// What is drawn of a schema.
    pub(super) fn of(database: &Database, types: &TypeText<'_>) -> Self {
        let mut tables: Vec<&Table> = database.tables.iter().collect();
        tables.sort_by_key(|table| table.name.to_string());
        let places: HashMap<String, usize> = tables
            .iter()
            .enumerate()
            .map(|(at, table)| (table.name.to_string().to_lowercase(), at))
            .collect();
        let mut links = Vec::new();
        for (from, table) in tables.iter().enumerate() {
            for key in &table.foreign_keys {
                // Without its schema a name is one of the table's own.
                let whole = key.ref_table.to_string().to_lowercase();
                let beside = table
                    .name
                    .schema
                    .as_ref()
                    .map(|schema| format!("{schema}.{}", key.ref_table.name).to_lowercase());
                let to = places
                    .get(&whole)
                    .or_else(|| beside.as_ref().and_then(|name| places.get(name)));
                let (Some(&to), Some(first)) = (to, key.columns.first()) else {
                    continue;
                };
                let target = tables[to];
                let referred = key.ref_columns.first().or_else(|| {
                    target
                        .primary_key
                        .as_deref()
                        .and_then(|key| key.columns().next())
                });
                let names: Vec<&str> = key.columns.iter().map(Ident::as_str).collect();
                links.push(Link {
                    from,
                    from_row: row_of(table, first),
                    to,
                    to_row: referred.map_or(0, |name| row_of(target, name)),
                    label: names.join(", "),
                    optional: key.columns.iter().any(|name| {
                        table.columns.iter().any(|column| {
                            column.nullable && column.name.text.eq_ignore_ascii_case(&name.text)
                        })
                    }),
                    single: is_key(table, &key.columns.iter().collect::<Vec<_>>()),
                });
            }
        }
        Self {
            boxes: tables.iter().map(|table| table_box(table, types)).collect(),
            links,
            views: database.views.len(),
        }
    }
}

fn table_box(table: &Table, types: &TypeText<'_>) -> TableBox {
    let is_in = |columns: &[Ident], name: &str| {
        columns
            .iter()
            .any(|column| column.text.eq_ignore_ascii_case(name))
    };
    let rows = table.columns.iter().map(|column| {
        let name = column.name.as_str();
        Row {
            name: name.to_owned(),
            kind: shortened(&types(column)),
            key: table.primary_key.as_deref().is_some_and(|key| {
                key.columns()
                    .any(|part| part.text.eq_ignore_ascii_case(name))
            }),
            foreign: table
                .foreign_keys
                .iter()
                .any(|key| is_in(&key.columns, name)),
            unique: is_key(table, &[&column.name]),
            nullable: column.nullable,
        }
    });
    TableBox {
        name: table.name.to_string(),
        rows: rows.collect(),
    }
}

fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= LONGEST_TYPE {
        return text;
    }
    let start: String = text.chars().take(LONGEST_TYPE - 1).collect();
    format!("{start}…")
}

fn row_of(table: &Table, name: &Ident) -> usize {
    let mut columns = table.columns.iter();
    columns
        .position(|column| column.name.text.eq_ignore_ascii_case(&name.text))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use realign_model::{Column, DataType, Index, ObjectName};

    use super::*;

    #[test]
    fn the_start_of_a_value_is_not_unique_by_itself() {
        let mut table = Table::new(ObjectName::bare("t"));
        let name = || Ident::new("a");
        let kind = DataType::Varchar { len: Some(80) };
        table.columns.push(Column::new(name(), kind));
        table.indexes.push(Index::over(None, [name()], true));
        let unique = |table: &Table| table_box(table, &|_| String::new()).rows[0].unique;
        assert!(unique(&table));
        table.indexes[0].parts[0].prefix = Some(10);
        assert!(!unique(&table));
    }
}
