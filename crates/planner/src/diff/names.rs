//! Names that an undeclared object holds and a declared one needs.
//!
//! Where index or constraint names are unique in the whole schema, a table that was copied or
//! renamed by hand keeps names that the declaration gives to others. Such an object gets
//! another name; nothing of it is lost.

use std::collections::{HashMap, HashSet};

use realign_model::{Database, Ident, Table};

use super::Walk;
use crate::{Aspect, Change, Finding, NameKind, Namespacing, Side, TableChange, TableItem, Weight};

/// Adds the renames that free the names which the collected changes need.
pub(super) fn free_names(walk: &mut Walk<'_>, is: &Database) {
    let index_wide = walk.compare.index_names(walk.facts) != Namespacing::Table;
    let key_wide = walk.compare.foreign_key_names(walk.facts) != Namespacing::Table;
    if !index_wide && !key_wide {
        return;
    }
    let needed = needed_names(walk, index_wide, key_wide);
    if needed.is_empty() {
        return;
    }
    let touched: HashSet<String> = walk
        .out
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::DropTable(table) => Some(walk.table_key(&table.name)),
            _ => None,
        })
        .collect();
    let mut taken: HashSet<String> = needed.keys().cloned().collect();
    for table in &is.tables {
        for index in &table.indexes {
            taken.insert(format!("i{}", walk.fold(NameKind::Index, index.name_str())));
        }
        for key in &table.foreign_keys {
            taken.insert(format!(
                "k{}",
                walk.fold(NameKind::Constraint, key.name_str())
            ));
        }
    }
    let mut extra = Vec::new();
    for table in &is.tables {
        let own = walk.table_key(&table.name);
        // A declared table that needs the name itself is compared by its own declaration.
        if touched.contains(&own) || walk.policy.leaves_table(&table.name.to_string()) {
            continue;
        }
        if let Some(change) =
            renames_in(walk, table, &own, &needed, &mut taken, index_wide, key_wide)
        {
            extra.push((own, change));
        }
    }
    // First of all, so that the names are free when they are needed; a table that changes
    // anyway has its renames in front of its other changes.
    let mut changed: HashMap<String, usize> = HashMap::new();
    for (at, change) in walk.out.changes.iter().enumerate() {
        if let Change::AlterTable(known) = change {
            changed.entry(walk.table_key(&known.is.name)).or_insert(at);
        }
    }
    let mut first = Vec::new();
    for (own, change) in extra {
        match changed.get(&own).map(|at| &mut walk.out.changes[*at]) {
            Some(Change::AlterTable(known)) => {
                merge_renames(known, change);
            }
            _ => first.push(Change::AlterTable(Box::new(change))),
        }
    }
    first.append(&mut walk.out.changes);
    walk.out.changes = first;
}

/// Puts renames in front of the other changes of a table.
fn merge_renames(known: &mut TableChange, renames: TableChange) {
    for item in &renames.items {
        match item {
            TableItem::RenameIndex { is, wish } => {
                for index in known
                    .target
                    .indexes
                    .iter_mut()
                    .filter(|i| i.name == is.name)
                {
                    index.name.clone_from(&wish.name);
                }
            }
            TableItem::ReplaceForeignKey { is, wish } => {
                for key in known
                    .target
                    .foreign_keys
                    .iter_mut()
                    .filter(|k| k.name == is.name)
                {
                    key.name.clone_from(&wish.name);
                }
            }
            _ => {}
        }
    }
    known.items.splice(0..0, renames.items);
}

/// The names that new objects need, each with the folded name of its table.
fn needed_names(walk: &Walk<'_>, index_wide: bool, key_wide: bool) -> HashMap<String, String> {
    let mut needed = HashMap::new();
    let mut index = |name: &str, table: &str| {
        if index_wide && !name.is_empty() {
            needed.insert(
                format!("i{}", walk.fold(NameKind::Index, name)),
                table.to_owned(),
            );
        }
    };
    let mut keys: Vec<(String, String)> = Vec::new();
    let mut key = |name: &str, table: &str| {
        if key_wide && !name.is_empty() {
            keys.push((
                format!("k{}", walk.fold(NameKind::Constraint, name)),
                table.to_owned(),
            ));
        }
    };
    for change in &walk.out.changes {
        match change {
            Change::CreateTable(table) => {
                let own = walk.table_key(&table.name);
                table.indexes.iter().for_each(|i| index(i.name_str(), &own));
                table
                    .foreign_keys
                    .iter()
                    .for_each(|k| key(k.name_str(), &own));
            }
            Change::AlterTable(change) => {
                let own = walk.table_key(&change.is.name);
                for item in &change.items {
                    match item {
                        TableItem::AddIndex(i)
                        | TableItem::RenameIndex { wish: i, .. }
                        | TableItem::ReplaceIndex { wish: i, .. } => {
                            index(i.name_str(), &own);
                        }
                        TableItem::AddForeignKey(k)
                        | TableItem::ReplaceForeignKey { wish: k, .. } => {
                            key(k.name_str(), &own);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    needed.extend(keys);
    needed
}

/// The renames inside one table, when it holds a name that another one needs and keeps it.
fn renames_in(
    walk: &mut Walk<'_>,
    table: &Table,
    own: &str,
    needed: &HashMap<String, String>,
    taken: &mut HashSet<String>,
    index_wide: bool,
    key_wide: bool,
) -> Option<TableChange> {
    let mut items = Vec::new();
    let mut target = table.clone();
    if index_wide {
        for index in &mut target.indexes {
            let name = format!("i{}", walk.fold(NameKind::Index, index.name_str()));
            if needed.get(&name).is_none_or(|needs| needs == own) || going(walk, own, &name) {
                continue;
            }
            let before = index.clone();
            let free = free_name(
                walk,
                NameKind::Index,
                index.name_str(),
                &table.name.name.text,
                taken,
            );
            note(
                walk,
                table,
                "index",
                index.name_str(),
                &free,
                &needed[&name],
            );
            index.name = Some(Ident::new(free));
            items.push(TableItem::RenameIndex {
                is: before,
                wish: index.clone(),
            });
        }
    }
    if key_wide {
        for key in &mut target.foreign_keys {
            let name = format!("k{}", walk.fold(NameKind::Constraint, key.name_str()));
            if needed.get(&name).is_none_or(|needs| needs == own) || going(walk, own, &name) {
                continue;
            }
            let before = key.clone();
            let free = free_name(
                walk,
                NameKind::Constraint,
                key.name_str(),
                &table.name.name.text,
                taken,
            );
            note(
                walk,
                table,
                "foreign key",
                key.name_str(),
                &free,
                &needed[&name],
            );
            key.name = Some(Ident::new(free));
            items.push(TableItem::ReplaceForeignKey {
                is: before,
                wish: key.clone(),
            });
        }
    }
    (!items.is_empty()).then(|| TableChange {
        is: table.clone(),
        target,
        items,
    })
}

/// True when a collected change already takes that name away from its table.
fn going(walk: &Walk<'_>, own: &str, name: &str) -> bool {
    walk.out.changes.iter().any(|change| match change {
        Change::AlterTable(change) if walk.table_key(&change.is.name) == own => {
            change.items.iter().any(|item| match item {
                TableItem::DropIndex(i)
                | TableItem::RenameIndex { is: i, .. }
                | TableItem::ReplaceIndex { is: i, .. } => {
                    format!("i{}", walk.fold(NameKind::Index, i.name_str())) == name
                }
                TableItem::DropForeignKey(k) => {
                    format!("k{}", walk.fold(NameKind::Constraint, k.name_str())) == name
                }
                _ => false,
            })
        }
        _ => false,
    })
}

/// The name with the table's in front, or with a number behind when that is taken too.
fn free_name(
    walk: &Walk<'_>,
    kind: NameKind,
    name: &str,
    table: &str,
    taken: &mut HashSet<String>,
) -> String {
    let prefix = if kind == NameKind::Index { 'i' } else { 'k' };
    // Every engine allows 60 bytes and a number behind; cut between characters.
    let mut candidate = format!("{table}_{name}");
    while candidate.len() > 60 {
        candidate.pop();
    }
    let base = candidate.clone();
    let mut number = 2;
    while !taken.insert(format!("{prefix}{}", walk.fold(kind, &candidate))) {
        candidate = format!("{base}_{number}");
        number += 1;
    }
    candidate
}

fn note(walk: &mut Walk<'_>, table: &Table, kind: &str, name: &str, free: &str, needs: &str) {
    walk.find(Finding {
        object: format!("{} {kind} {name}", table.name),
        weight: Weight::Note,
        aspect: Aspect::Name,
        declared: Some(Side::plain(free)),
        database: Some(Side::plain(name)),
        reason: format!("has the name that {needs} is declared to use; it gets the name {free}"),
        origin: table.origin.clone(),
    });
}
