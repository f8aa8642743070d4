//! Constraints that a statement adds to a table that is there.
//!
//! What ALTER TABLE adds is not read off its words: it is made on paper, on the table without any
//! keys and checks of its own, and if that fails without its primary key as well.

use realign_model::{Database, Ident, Table};
use realign_planner::{ObjectKind, SchemaScript, Severity, StatementKind};

use super::{is_called, less, same};
use crate::kernel::{Site, UnitStatement};

/// True for a statement that may add some.
pub(super) fn may_add(statement: &UnitStatement) -> bool {
    let nature = &statement.nature;
    let touched = nature.touches.first();
    nature.kind == StatementKind::Definition
        && nature.effects.is_empty()
        && touched.is_some_and(|object| object.kind == ObjectKind::Table)
}

/// Takes the constraints that a statement adds out of a schema, and says whether all of them were
/// in it. None for a statement that adds none, or does anything else as well.
pub(super) fn take(site: &Site, schema: &mut Database, statement: &UnitStatement) -> Option<bool> {
    if !may_add(statement) {
        return None;
    }
    let object = statement.nature.touches.first()?;
    let called = |table: &Table| is_called(&table.name, object);
    let mut places = schema.tables.iter().enumerate();
    let (place, table) = places.find(|(_, table)| called(table))?;
    if places.any(|(_, table)| called(table)) {
        // Two schemas have one of that name.
        return None;
    }
    let sql = &statement.sql;
    let added = adds(site, schema, (place, table), sql)
        .or_else(|| adds(site, schema, (place, &without_key(table)?), sql))?;
    let table = schema.tables.get_mut(place)?;
    let named = |own: Option<&Ident>, name: &Ident| own.is_some_and(|own| same(own, &name.text));
    let mut all = true;
    if added.adds_key {
        all &= table.primary_key.take().is_some();
    }
    let added = added.table;
    for key in added.foreign_keys {
        let name = key.name?;
        all &= less(&mut table.foreign_keys, |own| {
            named(own.name.as_ref(), &name)
        });
    }
    for check in added.checks {
        let name = check.name?;
        all &= less(&mut table.checks, |own| named(own.name.as_ref(), &name));
    }
    for index in added.indexes {
        let name = index.name?;
        let found = less(&mut table.indexes, |own| named(own.name.as_ref(), &name));
        // One that a server makes for a foreign key may be another's.
        all &= found || !index.unique;
    }
    Some(all)
}

/// The table without its primary key, if it has one.
fn without_key(table: &Table) -> Option<Table> {
    let mut bare = table.clone();
    bare.primary_key.take().map(|_| bare)
}

/// What a statement adds to a table.
struct Added {
    /// The table with what is added alone.
    table: Table,
    /// Its primary key is added.
    adds_key: bool,
}

/// What the statement makes of the table when that has no indexes, foreign keys and checks: these
/// are what it adds.
fn adds(
    site: &Site,
    schema: &Database,
    (place, table): (usize, &Table),
    sql: &str,
) -> Option<Added> {
    let bare = Table {
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        ..table.clone()
    };
    let mut paper = schema.clone();
    *paper.tables.get_mut(place)? = bare.clone();
    let script = SchemaScript {
        path: "",
        text: sql,
    };
    let facts = &site.facts;
    let read = site.dialect.interpret().interpret(&script, paper, facts);
    let fails = read.diagnostics.iter();
    if read.skipped_bytes > 0
        || fails
            .into_iter()
            .any(|told| told.severity == Severity::Error)
    {
        return None;
    }
    if read.database.tables.len() != schema.tables.len() {
        return None;
    }
    let mut tables = read.database.tables.into_iter();
    let made = tables.find(|made| made.name == bare.name)?;
    let adds_key = bare.primary_key.is_none() && made.primary_key.is_some();
    let adds_any = adds_key || made.indexes.len() + made.foreign_keys.len() + made.checks.len() > 0;
    let only = made.columns == bare.columns
        && (adds_key || made.primary_key == bare.primary_key)
        && made.options == bare.options
        && made.rare == bare.rare;
    (adds_any && only).then_some(Added {
        table: made,
        adds_key,
    })
}
