//! What an engine can't hold, whatever the rows.

use realign_model::{Index, Table};

use crate::{Change, Diagnostic, Dialect, Facts, TableItem};

/// Finds every index that these changes ask for and that the engine can't have. Such a schema
/// can be printed, but not made.
pub(crate) fn impossible_indexes(
    changes: &[Change],
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Vec<Diagnostic> {
    changes
        .iter()
        .flat_map(asked_for)
        .filter_map(|(table, index)| dialect.cannot_index(index, table, facts))
        .collect()
}

/// The same of every table of a new schema.
pub(crate) fn impossible_indexes_of<'t>(
    tables: impl IntoIterator<Item = &'t Table>,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Vec<Diagnostic> {
    tables
        .into_iter()
        .flat_map(|table| table.indexes.iter().map(move |index| (table, index)))
        .filter_map(|(table, index)| dialect.cannot_index(index, table, facts))
        .collect()
}

/// The indexes that a change makes: new ones, and those over columns that become others.
fn asked_for(change: &Change) -> Vec<(&Table, &Index)> {
    match change {
        Change::CreateTable(table) => table.indexes.iter().map(|index| (table, index)).collect(),
        Change::AlterTable(change) => {
            let modified = |index: &Index| {
                change.items.iter().any(|item| match item {
                    TableItem::ModifyColumn { wish, .. } => {
                        index.columns().any(|name| name.text == wish.name.text)
                    }
                    _ => false,
                })
            };
            let made = change.items.iter().filter_map(|item| match item {
                TableItem::AddIndex(index) | TableItem::ReplaceIndex { wish: index, .. } => {
                    Some(index)
                }
                _ => None,
            });
            let made: Vec<&Index> = made.collect();
            let covering = change
                .target
                .indexes
                .iter()
                .filter(|index| modified(index) && !made.contains(index));
            made.iter()
                .copied()
                .chain(covering)
                .map(|index| (&change.target, index))
                .collect()
        }
        _ => Vec::new(),
    }
}
