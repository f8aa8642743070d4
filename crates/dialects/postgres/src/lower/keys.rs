//! Foreign keys: those that change, and those that stand in the way of another change. New names
//! of indexes, in an order in which each is free.

use realign_model::{ForeignKey, Ident, Index, ObjectName, PrimaryKey, Table};
use realign_planner::{Aspect, Phase, Precheck, Step, TableChange, TableItem};

use super::convert;
use super::scene::Scene;
use super::step;
use super::table::IndexRename;
use crate::render::{self, beside, ident, object_name};
use crate::{reference, risk, types};

/// A foreign key that comes.
pub(super) fn add(
    key: &ForeignKey,
    change: &TableChange,
    table: &ObjectName,
    scene: &Scene<'_>,
) -> Step {
    let mut step = step(
        Phase::AddForeignKeys,
        table.to_string(),
        render::add_foreign_key(table, key),
    );
    risk::CHECKS_KEY.on(&mut step);
    step.prechecks.extend(orphans(key, change, scene));
    if let Some(name) = &key.name {
        step.undo = vec![format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            object_name(table),
            ident(name)
        )];
    }
    step.origin = key.origin.clone();
    step
}

/// Asks for rows that refer to nothing, with the names of before.
fn orphans(key: &ForeignKey, change: &TableChange, scene: &Scene<'_>) -> Option<Precheck> {
    let mut columns = Vec::new();
    for column in &key.columns {
        // A new column holds nothing, or was refused on its own.
        columns.push(Scene::column_before(change, column)?);
    }
    let before = scene.before(change);
    let Some(target) = scene.live(&key.ref_table) else {
        return Some(before.orphans(key, &columns, None, false));
    };
    let their_change = scene.change_of(&target.name);
    let mut theirs = Vec::new();
    for column in ref_columns(key, scene) {
        let name = match their_change {
            Some(change) => Scene::column_before(change, &column),
            None => target
                .columns
                .iter()
                .find(|c| Scene::same_column(&c.name, &column))
                .map(|c| c.name.clone()),
        };
        match name {
            Some(name) => theirs.push(name),
            // What is referred to is new, and so is its value in each row.
            None => return Some(before.orphans(key, &columns, None, false)),
        }
    }
    let as_text = columns.iter().zip(&theirs).any(|(mine, their)| {
        let live = scene.live(&change.is.name).unwrap_or(&change.is);
        match (find(live, mine), find(target, their)) {
            (Some(a), Some(b)) => !convert::comparable(&a.data_type, &b.data_type),
            _ => false,
        }
    });
    Some(before.orphans(key, &columns, Some((&target.name, &theirs)), as_text))
}

fn find<'t>(table: &'t Table, name: &Ident) -> Option<&'t realign_model::Column> {
    table
        .columns
        .iter()
        .find(|c| Scene::same_column(&c.name, name))
}

/// The referenced columns; those of the primary key when none are named.
fn ref_columns(key: &ForeignKey, scene: &Scene<'_>) -> Vec<Ident> {
    if !key.ref_columns.is_empty() {
        return key.ref_columns.clone();
    }
    scene
        .wished(&key.ref_table)
        .or_else(|| scene.live(&key.ref_table))
        .and_then(|table| table.primary_key.as_deref())
        .map(|key| key.columns().cloned().collect())
        .unwrap_or_default()
}

/// A foreign key that goes; nothing without a name.
pub(super) fn drop(key: &ForeignKey, table: &ObjectName) -> Option<Step> {
    let name = key.name.as_ref()?;
    let mut step = step(
        Phase::DropForeignKeys,
        table.to_string(),
        format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            object_name(table),
            ident(name)
        ),
    );
    step.undo = vec![render::add_foreign_key(table, key)];
    Some(step)
}

/// Takes away for the time being each live foreign key that ties a column whose type becomes
/// another kind, or that leans on a key or unique index which goes; and puts it back where both
/// ends are still declared.
pub(super) fn displaced(scene: &Scene<'_>, steps: &mut Vec<Step>) {
    for table in &scene.is.tables {
        if scene.is_dropped(&table.name) {
            continue;
        }
        let own = scene.change_of(&table.name);
        for key in &table.foreign_keys {
            let target = scene.change_of(&key.ref_table);
            let stands = own.is_some_and(|change| changes_kind(change, &key.columns))
                || target.is_some_and(|change| {
                    changes_kind(change, &key.ref_columns) || loses_key(change, &key.ref_columns)
                });
            // One that goes by itself, or is made anew, is taken care of.
            let handled = own.is_some_and(|change| {
                change.items.iter().any(|item| match item {
                    TableItem::DropForeignKey(k) | TableItem::ReplaceForeignKey { is: k, .. } => {
                        k.name == key.name
                    }
                    _ => false,
                })
            });
            if !stands || handled {
                continue;
            }
            let now = own.map_or_else(|| table.name.clone(), |change| scene.now(change));
            steps.extend(drop(key, &now));
            if let Some((name, again)) = put_back(key, table, own, scene) {
                let mut step = step(
                    Phase::AddForeignKeys,
                    name.to_string(),
                    render::add_foreign_key(&name, &again),
                );
                risk::CHECKS_KEY.on(&mut step);
                step.prechecks
                    .extend(mismatch(&again, (table, own), (target, scene)));
                "stood in the way, and is put back".clone_into(&mut step.title);
                steps.push(step);
            }
        }
    }
}

/// A key of a table that nobody declares, between columns that no longer go together. Of declared
/// tables that is found in the declaration.
fn mismatch(
    key: &ForeignKey,
    (table, own): (&Table, Option<&TableChange>),
    (target, scene): (Option<&TableChange>, &Scene<'_>),
) -> Option<Precheck> {
    let mine = own.map_or(table, |change| &change.target);
    let theirs = match target {
        Some(change) => &change.target,
        None => scene.live(&key.ref_table)?,
    };
    let mut pairs = key.columns.iter().zip(&key.ref_columns);
    let (a, b) = pairs.find_map(|(a, b)| {
        let (a, b) = (find(mine, a)?, find(theirs, b)?);
        let base = |column: &realign_model::Column| Scene::base(&column.data_type, scene.wish);
        (!reference::may_refer(&base(a), &base(b))).then_some((a, b))
    })?;
    if scene.wished(&table.name).is_some() {
        return None;
    }
    let said = key.name.as_ref().map_or_else(String::new, |name| {
        format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            object_name(&table.name),
            ident(name)
        )
    });
    Some(Precheck {
        code: "R224".to_owned(),
        message: format!(
            "{}.{} can't become {}",
            theirs.name,
            b.name,
            types::render(&b.data_type)
        ),
        count_text: format!(
            "{}.{}, which is not declared, refers to it and is {}",
            table.name,
            a.name,
            types::render(&a.data_type)
        ),
        count_sql: "SELECT 1".to_owned(),
        sample_sql: String::new(),
        help: format!(
            "`--complete` drops what is not declared; or drop the key by a migration: {said}"
        ),
        lossy: false,
        refused_with: Vec::new(),
        origin: theirs.origin.clone(),
    })
}

/// The key in the names of after; none when one of its ends goes.
fn put_back(
    key: &ForeignKey,
    table: &Table,
    own: Option<&TableChange>,
    scene: &Scene<'_>,
) -> Option<(ObjectName, ForeignKey)> {
    let after = |change: Option<&TableChange>, columns: &[Ident]| -> Option<Vec<Ident>> {
        columns
            .iter()
            .map(|column| match change {
                None => Some(column.clone()),
                Some(change) => column_after(change, column),
            })
            .collect()
    };
    if scene.is_dropped(&key.ref_table) {
        return None;
    }
    let target = scene.change_of(&key.ref_table);
    let mut again = key.clone();
    again.columns = after(own, &key.columns)?;
    again.ref_columns = after(target, &key.ref_columns)?;
    if let Some(target) = target {
        again.ref_table = scene.now(target);
        // Without a unique key over them nothing can refer to these columns.
        if !has_key(&target.target, &again.ref_columns) {
            return None;
        }
    }
    let name = own.map_or_else(|| table.name.clone(), |change| scene.now(change));
    Some((name, again))
}

fn column_after(change: &TableChange, column: &Ident) -> Option<Ident> {
    for item in &change.items {
        match item {
            TableItem::RenameColumn { from, to } if Scene::same_column(from, column) => {
                return Some(to.clone());
            }
            TableItem::DropColumn(dropped) if Scene::same_column(&dropped.name, column) => {
                return None;
            }
            TableItem::ModifyColumn { is, wish, .. } if Scene::same_column(&is.name, column) => {
                return Some(wish.name.clone());
            }
            _ => {}
        }
    }
    Some(column.clone())
}

fn changes_kind(change: &TableChange, columns: &[Ident]) -> bool {
    change.items.iter().any(|item| match item {
        TableItem::ModifyColumn {
            is,
            wish,
            differences,
        } => {
            differences.iter().any(|d| d.aspect == Aspect::Type)
                && columns
                    .iter()
                    .any(|c| Scene::same_column(c, &is.name) || Scene::same_column(c, &wish.name))
                && !convert::comparable(&is.data_type, &wish.data_type)
        }
        TableItem::DropColumn(column) => {
            columns.iter().any(|c| Scene::same_column(c, &column.name))
        }
        _ => false,
    })
}

/// True when the key that these columns are goes, if only to come back.
fn loses_key(change: &TableChange, columns: &[Ident]) -> bool {
    change.items.iter().any(|item| match item {
        TableItem::SetPrimaryKey { is: Some(key), .. } => covers(key, columns),
        TableItem::DropIndex(index) | TableItem::ReplaceIndex { is: index, .. } => {
            index.unique && same_set(&index.columns().cloned().collect::<Vec<_>>(), columns)
        }
        _ => false,
    })
}

fn has_key(table: &Table, columns: &[Ident]) -> bool {
    table
        .primary_key
        .as_deref()
        .is_some_and(|key| covers(key, columns))
        || table.indexes.iter().any(|index: &Index| {
            index.unique
                && index.predicate.is_none()
                && same_set(&index.columns().cloned().collect::<Vec<_>>(), columns)
        })
}

fn covers(key: &PrimaryKey, columns: &[Ident]) -> bool {
    same_set(&key.columns().cloned().collect::<Vec<_>>(), columns)
}

fn same_set(a: &[Ident], b: &[Ident]) -> bool {
    a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| Scene::same_column(x, y)))
}

/// Gives indexes their names, each when it is free; a ring of names gets a word in between.
pub(super) fn order_renames(mut renames: Vec<IndexRename>, steps: &mut Vec<Step>) {
    let text = |index: &Index| index.name_str().to_lowercase();
    let mut number = 0;
    while !renames.is_empty() {
        let free = renames.iter().position(|rename| {
            !renames.iter().any(|other| {
                text(&other.from) == text(&rename.to) && text(&other.from) != text(&rename.from)
            })
        });
        if let Some(at) = free {
            let rename = renames.remove(at);
            steps.push(rename_index(&rename));
            continue;
        }
        number += 1;
        let first = &mut renames[0];
        let between = Index {
            name: Some(Ident::new(format!("realign_rename_{number}"))),
            ..first.from.clone()
        };
        steps.push(rename_index(&IndexRename {
            from: first.from.clone(),
            to: between.clone(),
            table: first.table.clone(),
        }));
        first.from = between;
    }
}

fn rename_index(rename: &IndexRename) -> Step {
    let words = |from: &Index, to: &Index| {
        let name = |index: &Index| index.name.clone().unwrap_or_else(|| "".into());
        format!(
            "ALTER INDEX {} RENAME TO {}",
            beside(&rename.table, &name(from)),
            ident(&name(to))
        )
    };
    let mut step = step(
        Phase::DropFirst,
        rename.table.to_string(),
        words(&rename.from, &rename.to),
    );
    step.undo = vec![words(&rename.to, &rename.from)];
    step.origin = rename.to.origin.clone();
    step
}
