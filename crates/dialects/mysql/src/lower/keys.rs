//! Foreign keys: dropped, added, and standing aside.

use std::collections::HashSet;

use realign_model::{Column, DataType, ForeignKey, Ident, RefAction, Table};
use realign_planner::{Phase, Risk, Step, TableChange, TableItem};

use super::names::table_key;
use super::one;
use super::scene::Scene;
use crate::create::gets_foreign_keys;
use crate::render::{self, foreign_key_add, ident, object_name};
use crate::{key_order, prechecks, risk};

/// The steps that take foreign keys aside and put them back.
pub(super) fn lifts(scene: &Scene<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut followed = HashSet::new();
    for (table, key) in scene.lifted() {
        let why = format!(
            "foreign key {} of {} stands aside while a column of it changes",
            key.name_str(),
            table.name
        );
        let key = spelled(key);
        let mut away = drop_key(table, &key, scene);
        away.raise(Risk::Safe, risk::STANDS_ASIDE, why);
        steps.push(away);
        for column in followers(table, &key, scene) {
            let place = (table.name.to_string(), column.name.text.clone());
            if followed.insert(place) {
                steps.push(follow(table, &column, &key, scene));
            }
        }
        let mut back = add_key(table, &key, scene);
        back.prechecks
            .extend(prechecks::lost_partner(table, &key, scene));
        back.prechecks
            .extend(prechecks::refused_again(table, &key, scene));
        steps.push(back);
    }
    steps
}

/// The columns of a table that nobody declares which take a wider type along with what they refer
/// to: the server ties only columns of one type together, and no value is lost.
pub(crate) fn followers(table: &Table, key: &ForeignKey, scene: &Scene<'_>) -> Vec<Column> {
    let declared = scene.change(&table.name).is_some() || {
        let name = table_key(&table.name, scene.facts);
        let mut tables = scene.lowering.wish.tables.iter();
        tables.any(|other| table_key(&other.name, scene.facts) == name)
    };
    if declared {
        return Vec::new();
    }
    let pairs = key.columns.iter().zip(&key.ref_columns);
    pairs
        .filter_map(|(name, referenced)| {
            let child = table.column_ignoring_case(name.as_str())?;
            let parent = scene.future_column(&key.ref_table, referenced)?;
            if is_tied_elsewhere(table, name, key, scene) {
                return None;
            }
            is_wider(&parent.data_type, &child.data_type).then(|| Column {
                data_type: parent.data_type.clone(),
                ..child.clone()
            })
        })
        .collect()
}

/// Whether another foreign key ties the column as well: that one does not stand aside, and the
/// server would refuse the change.
fn is_tied_elsewhere(table: &Table, name: &Ident, key: &ForeignKey, scene: &Scene<'_>) -> bool {
    let own = table_key(&table.name, scene.facts);
    let has = |names: &[Ident]| {
        names
            .iter()
            .any(|other| other.text.eq_ignore_ascii_case(&name.text))
    };
    scene.present.iter().any(|holder| {
        let is_own = table_key(&holder.name, scene.facts) == own;
        holder.foreign_keys.iter().any(|other| {
            (is_own && other.name != key.name && has(&other.columns))
                || (table_key(&other.ref_table, scene.facts) == own && has(&other.ref_columns))
        })
    })
}

/// Whether every whole number of the second type is one of the first, which has more.
fn is_wider(new: &DataType, old: &DataType) -> bool {
    match (new, old) {
        (
            DataType::Int {
                width, unsigned, ..
            },
            DataType::Int {
                width: old,
                unsigned: same,
                ..
            },
        ) => unsigned == same && width > old,
        _ => false,
    }
}

fn follow(table: &Table, column: &Column, key: &ForeignKey, scene: &Scene<'_>) -> Step {
    let facts = scene.facts;
    let change = |column: &Column| {
        let checks = table.checks.iter().filter(|check| {
            let own = check.column.as_ref();
            own.is_some_and(|name| name.text.eq_ignore_ascii_case(&column.name.text))
        });
        format!(
            "ALTER TABLE {} CHANGE {} {}{}",
            object_name(&table.name, facts),
            ident(&column.name, facts),
            render::column(column, table, facts),
            render::column_checks(column, checks, facts)
        )
    };
    let mut step = one(Phase::Alter, &table.name.to_string(), change(column));
    step.undo = table
        .column_ignoring_case(column.name.as_str())
        .map(change)
        .into_iter()
        .collect();
    let why = format!(
        "{} refers to {}, which gets a wider type",
        column.name, key.ref_table
    );
    risk::rewrite(&mut step, &table.name, scene, &why);
    step
}

/// The steps for the foreign keys of a changed table.
pub(super) fn of_table(change: &TableChange, scene: &Scene<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    for item in &change.items {
        let (old, new) = match item {
            TableItem::AddForeignKey(key) => (None, Some(key)),
            TableItem::DropForeignKey(key) => (Some(key), None),
            TableItem::ReplaceForeignKey { is, wish } => (Some(is), Some(wish)),
            _ => continue,
        };
        if let Some(key) = old {
            steps.push(drop_key(&change.is, &spelled(key), scene));
        }
        if let Some(key) = new
            && gets_foreign_keys(&change.target, scene.facts)
        {
            let mut key = key.clone();
            if key.origin == realign_model::Origin::Server {
                key = spelled(&key);
            }
            steps.push(add_key(&change.target, &key, scene));
        }
    }
    steps
}

/// A live key as a person would have written it: without the actions that are the default.
pub(crate) fn spelled(key: &ForeignKey) -> ForeignKey {
    let action = |action: Option<RefAction>| {
        action.filter(|a| !matches!(a, RefAction::NoAction | RefAction::Restrict))
    };
    ForeignKey {
        on_delete: action(key.on_delete),
        on_update: action(key.on_update),
        ..key.clone()
    }
}

fn drop_key(table: &Table, key: &ForeignKey, scene: &Scene<'_>) -> Step {
    let facts = scene.facts;
    let key_name = key
        .name
        .as_ref()
        .map_or_else(String::new, |name| ident(name, facts));
    let mut step = one(
        Phase::DropForeignKeys,
        &table.name.to_string(),
        format!(
            "ALTER TABLE {} DROP FOREIGN KEY {key_name}",
            object_name(&table.name, facts)
        ),
    );
    step.undo = vec![foreign_key_add(&table.name, key, facts)];
    step
}

fn add_key(table: &Table, key: &ForeignKey, scene: &Scene<'_>) -> Step {
    let facts = scene.facts;
    let key = &*key_order::spelled(key, &scene.lowering.wish.tables, facts);
    let mut step = one(
        Phase::AddForeignKeys,
        &table.name.to_string(),
        foreign_key_add(&table.name, key, facts),
    );
    if let Some(name) = &key.name {
        step.undo = vec![format!(
            "ALTER TABLE {} DROP FOREIGN KEY {}",
            object_name(&table.name, facts),
            ident(name, facts)
        )];
    }
    step.origin = key.origin.clone();
    risk::add_foreign_key(&mut step, &table.name, scene);
    step.prechecks.extend(prechecks::orphans(table, key, scene));
    step
}
