//! Foreign keys: dropped, added, and standing aside.

use realign_model::{ForeignKey, RefAction, Table};
use realign_planner::{Phase, Risk, Step, TableChange, TableItem};

use super::one;
use super::scene::Scene;
use crate::create::gets_foreign_keys;
use crate::render::{foreign_key_add, ident, object_name};
use crate::{prechecks, risk};

/// The steps that take foreign keys aside and put them back.
pub(super) fn lifts(scene: &Scene<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
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
        let mut back = add_key(table, &key, scene);
        back.prechecks
            .extend(prechecks::lost_partner(table, &key, scene));
        steps.push(back);
    }
    steps
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
