//! Which table a column of a query belongs to.

use std::collections::HashMap;

use realign_model::{Database, ObjectName};

use super::query;

/// What the tables and views of a database are made of, looked up when a query asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns<'d> {
    database: &'d Database,
    /// A live database that the other is going to be carried out on.
    live: Option<&'d Database>,
    /// The database's own name.
    own: &'d str,
}

/// Views that use views deeper than this are not followed.
const DEEPEST: usize = 16;

impl<'d> Columns<'d> {
    /// The columns of a database as it is declared or found.
    pub(crate) fn of(database: &'d Database, own: &'d str) -> Self {
        Self {
            database,
            live: None,
            own,
        }
    }

    /// The columns of a declared database once it is carried out on a live one: those that are
    /// there keep their order, and what is not declared stays.
    pub(crate) fn after(live: &'d Database, wish: &'d Database, own: &'d str) -> Self {
        Self {
            database: wish,
            live: Some(live),
            own,
        }
    }

    /// True for the name of the database itself.
    pub(super) fn is_own(&self, schema: &str) -> bool {
        !self.own.is_empty() && self.own.eq_ignore_ascii_case(schema)
    }

    /// The names of the columns of a table or view; none when it is not known.
    pub(super) fn named(&self, name: &str, depth: usize) -> Option<Vec<String>> {
        if let Some(declared) = table_columns(self.database, name) {
            let live = self.live.and_then(|live| table_columns(live, name));
            let mut all = live.unwrap_or_default();
            for name in declared {
                if !all.contains(&name) {
                    all.push(name);
                }
            }
            return Some(all);
        }
        let mut views = self.database.views.iter();
        let view = views.find(|view| is_named(&view.name, name))?;
        if !view.columns.is_empty() {
            let names = view.columns.iter();
            return Some(names.map(|name| name.text.to_lowercase()).collect());
        }
        if depth > DEEPEST {
            return None;
        }
        query::columns_of(&view.query.text, self, depth + 1)
    }
}

fn is_named(name: &ObjectName, text: &str) -> bool {
    match (&name.schema, text.split_once('.')) {
        (None, None) => name.name.text.eq_ignore_ascii_case(text),
        (Some(schema), Some((a, b))) => {
            schema.text.eq_ignore_ascii_case(a) && name.name.text.eq_ignore_ascii_case(b)
        }
        _ => false,
    }
}

/// The columns that `SELECT *` shows.
fn table_columns(database: &Database, name: &str) -> Option<Vec<String>> {
    let mut tables = database.tables.iter();
    let table = tables.find(|table| is_named(&table.name, name))?;
    let shown = table.columns.iter().filter(|column| !column.invisible);
    Some(
        shown
            .map(|column| column.name.text.to_lowercase())
            .collect(),
    )
}

/// A table, view or query in FROM.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The name that columns are qualified with.
    pub(super) alias: String,
    /// Its columns; none when they are not known.
    pub(super) columns: Option<Vec<String>>,
}

/// The sources of one SELECT.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) sources: Vec<Source>,
    /// The expressions of the select list by their names, for ORDER BY and HAVING.
    pub(super) aliases: HashMap<String, String>,
}

/// Where a column was found.
pub(super) enum Found {
    /// In a source, by this name.
    Column(String),
    /// In none that is known.
    Nowhere,
    /// More than one source could have it.
    Unclear,
}

impl Scope {
    /// The one source that has this column.
    pub(super) fn find(&self, column: &str) -> Found {
        if let [only] = self.sources.as_slice()
            && only.columns.is_none()
        {
            return Found::Column(format!("{}.{column}", only.alias));
        }
        let has = |source: &Source| {
            let columns = source.columns.as_ref();
            columns.is_some_and(|columns| columns.iter().any(|name| name == column))
        };
        // The same column of both sides of USING is one: the left one.
        match self.sources.iter().find(|source| has(source)) {
            Some(source) => Found::Column(format!("{}.{column}", source.alias)),
            None if self.sources.iter().any(|source| source.columns.is_none()) => Found::Unclear,
            None => Found::Nowhere,
        }
    }
}
