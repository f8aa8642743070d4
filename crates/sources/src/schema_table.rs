//! A table under construction, with the habits of DBAL's `Schema\Table`: maps by
//! normalised name, and indexes that come and go with foreign keys.

use indexmap::IndexMap;
use realign_model::{ObjectName, Origin};
use realign_planner::DoctrineColumn;

use crate::declared::Options;
use crate::fulfil::TableIndex;
use crate::metadata::Context;
use crate::names::{generated, ident, is_legal_index_name, normalized};

/// The key under which the primary key stands among the indexes.
pub(crate) const PRIMARY: &str = "primary";

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct SchemaTable {
    pub(crate) name: ObjectName,
    /// `getName()`: what generated names hash.
    pub(crate) hashed: String,
    pub(crate) columns: IndexMap<String, SchemaColumn>,
    pub(crate) indexes: IndexMap<String, TableIndex>,
    implicit: IndexMap<String, TableIndex>,
    pub(crate) foreign_keys: IndexMap<String, SchemaForeignKey>,
    pub(crate) options: Options,
    pub(crate) origin: Origin,
}

/// A column, its name as handed in.
#[derive(Debug, Clone)]
pub(crate) struct SchemaColumn {
    pub(crate) column: DoctrineColumn,
    /// Made for a join column out of the column it refers to.
    pub(crate) derived: bool,
}

/// A foreign key.
#[derive(Debug, Clone)]
pub(crate) struct SchemaForeignKey {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) target: ObjectName,
    pub(crate) target_columns: Vec<String>,
    pub(crate) on_delete: Option<String>,
    pub(crate) origin: Origin,
}

/// Why an index can't be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IndexRefusal {
    UnknownColumn(String),
    IllegalName(String),
    NameTwice(String),
}

/// An index to be added; without a name it gets a generated one.
pub(crate) struct NewIndex<'i> {
    pub(crate) name: Option<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) unique: bool,
    pub(crate) flags: Vec<String>,
    pub(crate) options: Options,
    pub(crate) origin: &'i Origin,
}

impl<'i> NewIndex<'i> {
    /// A unique index over columns, with a generated name.
    pub(crate) fn unique(columns: Vec<String>, origin: &'i Origin) -> Self {
        Self {
            name: None,
            columns,
            unique: true,
            flags: Vec::new(),
            options: Options::new(),
            origin,
        }
    }
}

impl SchemaTable {
    pub(crate) fn new(name: ObjectName, origin: Origin) -> Self {
        Self {
            hashed: name.to_string(),
            name,
            columns: IndexMap::new(),
            indexes: IndexMap::new(),
            implicit: IndexMap::new(),
            foreign_keys: IndexMap::new(),
            options: Options::new(),
            origin,
        }
    }

    pub(crate) fn has_column(&self, raw: &str) -> bool {
        self.columns.contains_key(&normalized(raw))
    }

    /// `setPrimaryKey`: an index named `primary`; its columns become NOT NULL.
    pub(crate) fn set_primary_key(
        &mut self,
        columns: Vec<String>,
        origin: &Origin,
        context: Context<'_>,
    ) -> Result<(), IndexRefusal> {
        for column in &columns {
            if let Some(found) = self.columns.get_mut(&normalized(column)) {
                found.column.not_null = true;
            }
        }
        let key = TableIndex {
            unique: true,
            primary: true,
            ..TableIndex::over(PRIMARY.to_owned(), columns, origin.clone())
        };
        self.insert_index(key, context).map(|_| ())
    }

    /// `addIndex` and `addUniqueIndex`.
    pub(crate) fn add_index(
        &mut self,
        index: NewIndex<'_>,
        context: Context<'_>,
    ) -> Result<(), IndexRefusal> {
        let prefix = if index.unique { "UNIQ" } else { "IDX" };
        let name = index
            .name
            .unwrap_or_else(|| self.generated_name(prefix, &index.columns, context));
        let index = TableIndex {
            unique: index.unique,
            flags: index.flags,
            options: index.options,
            ..TableIndex::over(name, index.columns, index.origin.clone())
        };
        self.insert_index(index, context).map(|_| ())
    }

    /// `addForeignKeyConstraint`: the key, and a plain index over its columns unless one
    /// is there that fulfils it.
    pub(crate) fn add_foreign_key(&mut self, key: NewForeignKey, context: Context<'_>) {
        let name = self.generated_name("FK", &key.columns, context);
        let index = TableIndex::over(
            self.generated_name("IDX", &key.columns, context),
            key.columns.clone(),
            key.origin.clone(),
        );
        self.foreign_keys.insert(
            normalized(&name),
            SchemaForeignKey {
                name,
                columns: key.columns,
                target: key.target,
                target_columns: key.target_columns,
                on_delete: key.on_delete,
                origin: key.origin,
            },
        );
        let lengths = context.dbal(2, 9);
        if self
            .indexes
            .values()
            .any(|existing| index.is_fulfilled_by(existing, lengths))
        {
            return;
        }
        let candidate = index.clone();
        // It can only fail on a checksum that two column lists share.
        if let Ok(key) = self.insert_index(index, context) {
            self.implicit.insert(key, candidate);
        }
    }

    /// `_addIndex`: implicit indexes that the new one fulfils go.
    fn insert_index(
        &mut self,
        index: TableIndex,
        context: Context<'_>,
    ) -> Result<String, IndexRefusal> {
        if !is_legal_index_name(&index.name) {
            return Err(IndexRefusal::IllegalName(index.name));
        }
        if let Some(unknown) = index.columns.iter().find(|c| !self.has_column(c)) {
            return Err(IndexRefusal::UnknownColumn(unknown.clone()));
        }
        let key = normalized(&index.name);
        let lengths = context.dbal(2, 9);
        let replaced: Vec<String> = self
            .implicit
            .iter()
            .filter(|(name, implicit)| {
                implicit.is_fulfilled_by(&index, lengths) && self.indexes.contains_key(*name)
            })
            .map(|(name, _)| name.clone())
            .collect();
        if self.indexes.contains_key(&key) && !replaced.contains(&key) {
            return Err(IndexRefusal::NameTwice(index.name));
        }
        for name in replaced {
            self.indexes.shift_remove(&name);
            self.implicit.shift_remove(&name);
        }
        self.indexes.insert(key.clone(), index);
        Ok(key)
    }

    fn generated_name(&self, prefix: &str, columns: &[String], context: Context<'_>) -> String {
        let longest = context.platform.max_identifier_length(context.facts);
        generated(prefix, &self.hashed, columns, longest)
    }

    /// `getColumns`: DBAL 4 keeps the order of insertion; 2.6 to 3 put the primary key
    /// first, then the columns of foreign keys; 2.5 sorts foreign key columns by key.
    ///
    /// Names are compared as handed in with keys in lower case without quotes, so that a
    /// quoted column or one with a capital letter stays among the rest. Foreign keys to another
    /// database don't count: `RemoveNamespacedAssets` has taken them out by then.
    pub(crate) fn ordered_columns(&self, context: Context<'_>) -> Vec<&SchemaColumn> {
        if context.dbal(4, 0) {
            return self.columns.values().collect();
        }
        let primary = self.indexes.get(PRIMARY);
        let primary: Vec<&str> = primary
            .iter()
            .flat_map(|key| key.columns.iter().map(String::as_str))
            .collect();
        let foreign: Vec<&str> = self
            .foreign_keys
            .values()
            .filter(|key| {
                let facts = context.facts;
                context.platform.within_reach(&key.target, facts).is_some()
            })
            .flat_map(|key| key.columns.iter().map(String::as_str))
            .collect();
        let mut columns: Vec<(&String, &SchemaColumn)> = self.columns.iter().collect();
        if context.dbal(2, 6) {
            columns.sort_by_key(|(key, _)| {
                if primary.contains(&key.as_str()) {
                    0
                } else if foreign.contains(&key.as_str()) {
                    1
                } else {
                    2
                }
            });
        } else {
            let keys = primary.iter().chain(&foreign);
            let order: Vec<&str> = keys.copied().collect();
            columns.sort_by_key(|(key, _)| {
                order
                    .iter()
                    .position(|name| name == key)
                    .unwrap_or(order.len())
            });
        }
        columns.into_iter().map(|(_, column)| column).collect()
    }

    /// Adds a column, or says that its name is taken.
    pub(crate) fn add_column(&mut self, raw: &str, column: SchemaColumn) -> bool {
        let key = normalized(raw);
        let free = !self.columns.contains_key(&key);
        if free {
            self.columns.insert(key, column);
        }
        free
    }

    /// The column of that name, for changes in place.
    pub(crate) fn column_mut(&mut self, raw: &str) -> Option<&mut SchemaColumn> {
        self.columns.get_mut(&normalized(raw))
    }

    /// The columns' identifiers.
    pub(crate) fn idents(columns: &[String]) -> Vec<realign_model::Ident> {
        columns.iter().map(|column| ident(column)).collect()
    }
}

/// A foreign key to be added.
pub(crate) struct NewForeignKey {
    pub(crate) columns: Vec<String>,
    pub(crate) target: ObjectName,
    pub(crate) target_columns: Vec<String>,
    pub(crate) on_delete: Option<String>,
    pub(crate) origin: Origin,
}
