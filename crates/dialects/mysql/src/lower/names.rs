//! Names before and after declared renames.
//!
//! Changes speak the new names. Questions to the data, and what is sent before the renames,
//! need the old ones.

use std::collections::HashMap;

use realign_model::{Ident, ObjectName, Table};
use realign_planner::{Change, Compare, Facts, NameKind, TableItem};

use crate::compare::COMPARE;

/// Declared renames, looked up by the new names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    tables: HashMap<String, ObjectName>,
    columns: HashMap<(String, String), Ident>,
    new_tables: HashMap<String, ObjectName>,
    new_columns: HashMap<(String, String), Ident>,
}

/// The form of a table's name that is the same for each of its spellings.
pub(crate) fn table_key(name: &ObjectName, facts: &Facts) -> String {
    COMPARE.fold(NameKind::Table, &name.to_string(), facts)
}

impl Names {
    pub(crate) fn of(changes: &[Change], facts: &Facts) -> Self {
        let mut names = Self::default();
        for change in changes {
            match change {
                Change::RenameTable { from, to } => {
                    names.tables.insert(table_key(to, facts), from.clone());
                    names.new_tables.insert(table_key(from, facts), to.clone());
                }
                Change::AlterTable(change) => {
                    for item in &change.items {
                        if let TableItem::RenameColumn { from, to } = item {
                            let table = table_key(&change.is.name, facts);
                            names
                                .columns
                                .insert((table.clone(), to.text.to_lowercase()), from.clone());
                            names
                                .new_columns
                                .insert((table, from.text.to_lowercase()), to.clone());
                        }
                    }
                }
                _ => {}
            }
        }
        names
    }

    /// The present name of a table.
    pub(crate) fn old_table(&self, new: &ObjectName, facts: &Facts) -> ObjectName {
        self.tables
            .get(&table_key(new, facts))
            .unwrap_or(new)
            .clone()
    }

    /// The present name of a column, given its table's new name.
    pub(crate) fn old_column(&self, table: &ObjectName, new: &Ident, facts: &Facts) -> Ident {
        self.columns
            .get(&(table_key(table, facts), new.text.to_lowercase()))
            .unwrap_or(new)
            .clone()
    }

    fn new_table(&self, old: &ObjectName, facts: &Facts) -> ObjectName {
        self.new_tables
            .get(&table_key(old, facts))
            .unwrap_or(old)
            .clone()
    }

    fn new_column(&self, table: &ObjectName, old: &Ident, facts: &Facts) -> Ident {
        self.new_columns
            .get(&(table_key(table, facts), old.text.to_lowercase()))
            .unwrap_or(old)
            .clone()
    }

    /// A live table as the changes see it: with the renames carried out.
    pub(crate) fn renamed(&self, live: &Table, facts: &Facts) -> Table {
        let mut table = live.clone();
        table.name = self.new_table(&live.name, facts);
        let own = table.name.clone();
        for column in &mut table.columns {
            column.name = self.new_column(&own, &column.name, facts);
        }
        for key in &mut table.foreign_keys {
            key.ref_table = self.new_table(&key.ref_table, facts);
            for name in &mut key.columns {
                *name = self.new_column(&own, name, facts);
            }
            for name in &mut key.ref_columns {
                *name = self.new_column(&key.ref_table, name, facts);
            }
        }
        let parts = table
            .indexes
            .iter_mut()
            .flat_map(|index| &mut index.parts)
            .chain(table.primary_key.iter_mut().flat_map(|key| &mut key.parts));
        for part in parts {
            if let realign_model::IndexTarget::Column(name) = &mut part.target {
                *name = self.new_column(&own, name, facts);
            }
        }
        table
    }
}
