//! Columns of tables with many of them, found by their names.
//!
//! A table is altered column by column, and one with a thousand columns has a long script: none of
//! its statements may walk through all of them. What goes leaves its place empty until the end.

use std::collections::HashMap;

use realign_model::{Column, Ident, Table};

use crate::lower::fold;

/// So many columns are looked through as quickly.
const FEW: usize = 32;

/// The tables with many columns that were altered.
#[derive(Debug, Default)]
pub(super) struct Wide {
    tables: HashMap<usize, Places>,
}

/// The columns of a table.
#[derive(Debug, Default)]
struct Places {
    /// Where the column of a folded name stands.
    at: HashMap<String, usize>,
    gone: Vec<usize>,
}

impl Wide {
    /// Where the column of that name stands in the table at a place.
    pub(super) fn find(&mut self, at: usize, table: &Table, name: &str) -> Option<usize> {
        if table.columns.len() <= FEW && !self.tables.contains_key(&at) {
            let mut columns = table.columns.iter();
            return columns.position(|column| column.name.text.eq_ignore_ascii_case(name));
        }
        let places = self.tables.entry(at).or_insert_with(|| {
            let names = table.columns.iter().map(|column| fold(&column.name.text));
            // Of two with one name the first is meant.
            let numbered = names.enumerate().map(|(at, name)| (name, at));
            Places {
                at: numbered.rev().collect(),
                gone: Vec::new(),
            }
        });
        places.at.get(&fold(name)).copied()
    }

    /// Adds a column, which has a new name.
    pub(super) fn push(&mut self, at: usize, table: &mut Table, column: Column) {
        if let Some(places) = self.tables.get_mut(&at) {
            let name = fold(&column.name.text);
            places.at.insert(name, table.columns.len());
        }
        if table.columns.len() == table.columns.capacity() {
            // A list that doubles would hold as much again for nothing.
            table.columns.reserve_exact(1 + table.columns.len() / 8);
        }
        table.columns.push(column);
    }

    /// A column has another name from now on.
    pub(super) fn rename(&mut self, at: usize, from: &str, to: &str) {
        if let Some(places) = self.tables.get_mut(&at)
            && let Some(place) = places.at.remove(&fold(from))
        {
            places.at.insert(fold(to), place);
        }
    }

    /// Takes the column at a place away.
    pub(super) fn remove(&mut self, at: usize, table: &mut Table, place: usize) {
        match (self.tables.get_mut(&at), table.columns.get_mut(place)) {
            (Some(places), Some(column)) => {
                places.at.remove(&fold(&column.name.text));
                places.gone.push(place);
                *column = Column::new(Ident::new(""), column.data_type.clone());
            }
            (None, Some(_)) => {
                table.columns.remove(place);
            }
            (_, None) => {}
        }
    }

    /// The table at a place is gone.
    pub(super) fn forget(&mut self, at: usize) {
        self.tables.remove(&at);
    }

    /// Closes the gaps that the table at a place has.
    fn settle(&mut self, at: usize, table: &mut Table) {
        let Some(places) = self.tables.remove(&at) else {
            return;
        };
        let mut gone = places.gone;
        gone.sort_unstable();
        if !gone.is_empty() {
            let mut at = 0;
            table.columns.retain(|_| {
                at += 1;
                gone.binary_search(&(at - 1)).is_err()
            });
        }
        table.columns.shrink_to_fit();
    }

    /// The same for all.
    pub(super) fn settle_all(&mut self, tables: &mut [Table]) {
        let places: Vec<usize> = self.tables.keys().copied().collect();
        for at in places {
            if let Some(table) = tables.get_mut(at) {
                self.settle(at, table);
            }
        }
    }
}
