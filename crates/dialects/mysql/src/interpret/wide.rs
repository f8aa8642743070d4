//! Where the columns of a wide table stand, by their names.

use std::collections::HashMap;

use realign_model::{Column, Table};

/// So many columns are looked through as quickly.
const FEW: usize = 32;

/// One in so many columns has to be new before all their names are noted: a table that loses
/// columns as it gets others would have them noted over and over.
const WORTH: usize = 8;

/// The places of a table's columns, for as long as it only gets more of them.
#[derive(Debug, Default)]
pub(super) struct Wide {
    /// None is not noted.
    at: Option<HashMap<String, usize>>,
    /// So many columns came since one went.
    added: usize,
}

impl Wide {
    /// Notes the places of the columns of a table that has many, or gets so many more, once it is
    /// worth it.
    pub(super) fn note(&mut self, table: &Table, more: usize) {
        self.added += more;
        let all = table.columns.len() + more;
        if self.at.is_some() || all <= FEW || self.added * WORTH < all {
            return;
        }
        let names = table.columns.iter().map(|column| key(&column.name.text));
        // Of two with one name the first is meant.
        let numbered = names.enumerate().map(|(at, name)| (name, at));
        self.at = Some(numbered.rev().collect());
    }

    /// Where the column of that name stands.
    pub(super) fn find(&self, table: &Table, name: &str) -> Option<usize> {
        match &self.at {
            Some(at) => at.get(&key(name)).copied(),
            None => table
                .columns
                .iter()
                .position(|column| column.name.text.eq_ignore_ascii_case(name)),
        }
    }

    /// Adds a column, which has a new name.
    pub(super) fn push(&mut self, table: &mut Table, column: Column) {
        if let Some(at) = &mut self.at {
            at.insert(key(&column.name.text), table.columns.len());
        }
        if table.columns.len() == table.columns.capacity() {
            // A list that doubles would hold as much again for nothing.
            table.columns.reserve_exact(1 + table.columns.len() / 8);
        }
        table.columns.push(column);
    }

    /// The columns no longer stand where they stood.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// The places of the columns of the table that was altered last: scripts alter one table after the
/// other.
#[derive(Debug, Default)]
pub(super) struct LastWide {
    table: usize,
    wide: Wide,
}

impl LastWide {
    /// What is known of the table at a place.
    pub(super) fn take_of(&mut self, table: usize) -> Wide {
        let wide = std::mem::take(&mut self.wide);
        if self.table == table {
            wide
        } else {
            Wide::default()
        }
    }

    /// Keeps it for the next statement.
    pub(super) fn put_back(&mut self, table: usize, wide: Wide) {
        *self = Self { table, wide };
    }
}

fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}
