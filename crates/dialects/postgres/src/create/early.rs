//! Routines that tables need: they are made before them.

use std::collections::{HashMap, HashSet};

use realign_model::{Database, IndexTarget, ObjectName, Table};
use realign_planner::{Change, Object, TableChange, TableItem};

use crate::objects::names_in;
use crate::parse::RoutineText;

/// The routines that something uses which a plan makes before other routines: new tables, and what
/// is new in the others.
pub(crate) fn needed(changes: &[Change], wish: &Database) -> HashSet<ObjectName> {
    let mut made = Database {
        routines: wish.routines.clone(),
        ..Database::default()
    };
    for change in changes {
        match change {
            Change::CreateTable(table) => made.tables.push(table.clone()),
            Change::AlterTable(change) => made.tables.push(new_in(change)),
            Change::CreateObject(Object::Domain(domain))
            | Change::ReplaceObject {
                wish: Object::Domain(domain),
                ..
            } => made.domains.push(domain.clone()),
            _ => {}
        }
    }
    routines(&made)
}

/// What a table gets.
fn new_in(change: &TableChange) -> Table {
    let mut table = Table::new(change.target.name.clone());
    for item in &change.items {
        if let TableItem::AddColumn(column) | TableItem::ModifyColumn { wish: column, .. } = item {
            table.columns.push(column.clone());
        } else if let TableItem::AddIndex(index) | TableItem::ReplaceIndex { wish: index, .. } =
            item
        {
            table.indexes.push(index.clone());
        } else if let TableItem::AddCheck(check) | TableItem::ReplaceCheck { wish: check, .. } =
            item
        {
            table.checks.push(check.clone());
        }
    }
    table
}

/// The routines that expressions of tables, types and operators use, and what those use.
pub(crate) fn routines(database: &Database) -> HashSet<ObjectName> {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, routine) in database.routines.iter().enumerate() {
        let name = routine.name.name.text.to_lowercase();
        by_name.entry(name).or_default().push(at);
    }
    if by_name.is_empty() {
        return HashSet::new();
    }
    let mut found: HashSet<usize> = HashSet::new();
    let mut open: Vec<usize> = Vec::new();
    let mut look = |text: &str, open: &mut Vec<usize>| {
        for name in names_in(text) {
            for at in by_name.get(&name.to_lowercase()).into_iter().flatten() {
                if found.insert(*at) {
                    open.push(*at);
                }
            }
        }
    };
    for table in &database.tables {
        each_text(table, |text| look(text, &mut open));
    }
    for domain in &database.domains {
        let checks = domain.checks.iter().map(|(_, check)| check);
        for expr in checks.chain(&domain.default) {
            look(expr.as_str(), &mut open);
        }
    }
    for opaque in &database.opaque {
        if super::types::is_early(&opaque.kind) {
            look(&opaque.text, &mut open);
        }
    }
    while let Some(at) = open.pop() {
        let Some(routine) = database.routines.get(at) else {
            continue;
        };
        let text = routine.source_text.as_str();
        look(text, &mut open);
        if let Some(read) = RoutineText::read(text) {
            for body in &read.body {
                look(body, &mut open);
            }
        }
    }
    found
        .into_iter()
        .filter_map(|at| database.routines.get(at))
        .map(|routine| routine.name.clone())
        .collect()
}

/// Every text of a table that the server reads while it makes it.
fn each_text(table: &Table, mut look: impl FnMut(&str)) {
    for column in &table.columns {
        let generated = column.generated.iter().map(|g| &g.expr);
        for expr in column.default.iter().chain(generated) {
            look(expr.as_str());
        }
    }
    for index in &table.indexes {
        for part in &index.parts {
            if let IndexTarget::Expr(expr) = &part.target {
                look(expr.as_str());
            }
        }
        if let Some(predicate) = &index.predicate {
            look(predicate.as_str());
        }
    }
    for check in &table.checks {
        look(check.expr.as_str());
    }
    for line in &table.opaque {
        look(line);
    }
    if let Some(partitioning) = &table.partitioning {
        look(partitioning.clause.as_str());
    }
}
