//! Changes into steps.
//!
//! Statements have Doctrine's form: the columns of a table in one ALTER, each index and each
//! foreign key in a statement of its own. What only this engine asks for is added: foreign keys
//! stand aside while a column of theirs changes, and an index that a foreign key needs is
//! replaced in one statement.

mod alter;
mod index;
mod keys;
mod names;
mod options;
mod scene;

use realign_model::{Database, Sequence, Table};
use realign_planner::{Change, Facts, Lowering, Object, Phase, Risk, Statement, Step};

pub(crate) use crate::envelope::envelope;
use crate::prechecks;
use crate::render::object_name;
use crate::{create, key_order, objects, program, risk, sequence, settings};
pub(crate) use alter::Modified;
pub(crate) use keys::followers;
pub(crate) use keys::spelled;
pub(crate) use names::table_key;
pub(crate) use scene::Scene;

/// Turns changes into steps.
pub(crate) fn lower(changes: &[Change], lowering: &Lowering<'_>) -> Vec<Step> {
    let scene = Scene::new(changes, lowering);
    let facts = lowering.facts;
    let mut steps = keys::lifts(&scene);
    // New tables come together, so that their keys follow all of them.
    let new = Database {
        tables: changes
            .iter()
            .filter_map(|change| match change {
                Change::CreateTable(table) => Some(table.clone()),
                _ => None,
            })
            .collect(),
        ..Database::default()
    };
    let new = key_order::all_spelled(&new, &lowering.wish.tables, facts);
    steps.extend(create::create(&new, facts));
    for change in changes {
        match change {
            Change::CreateTable(_) => {}
            Change::DropTable(table) => steps.extend(drop_table(table, &scene)),
            Change::RenameTable { from, to } => {
                let rename = |a, b| {
                    format!(
                        "ALTER TABLE {} RENAME TO {}",
                        object_name(a, facts),
                        object_name(b, facts)
                    )
                };
                let mut step = one(Phase::Rename, &to.to_string(), rename(from, to));
                step.undo = vec![rename(to, from)];
                step.raise(
                    Risk::Breaking,
                    risk::RENAMES,
                    format!("code that still says {from} fails from then on"),
                );
                risk::mention_views(&mut step, &from.name.text, None, &scene);
                steps.push(step);
            }
            Change::AlterTable(change) => steps.extend(alter::table(change, &scene)),
            Change::CreateSequence(sequence) => {
                let mut step = one(
                    Phase::Prepare,
                    &sequence.name.to_string(),
                    format!("CREATE SEQUENCE {}", sequence::clause(sequence, facts)),
                );
                step.undo = vec![format!(
                    "DROP SEQUENCE {}",
                    object_name(&sequence.name, facts)
                )];
                steps.push(step);
            }
            Change::DropSequence(sequence) => {
                let mut step = one(
                    Phase::Drop,
                    &sequence.name.to_string(),
                    format!("DROP SEQUENCE {}", object_name(&sequence.name, facts)),
                );
                step.raise(
                    Risk::Destructive,
                    risk::LOSES,
                    "the last value goes with the sequence",
                );
                step.undo = vec![format!(
                    "CREATE SEQUENCE {}",
                    sequence::clause(sequence, facts)
                )];
                steps.push(step);
            }
            Change::AlterSequence { is, wish } => {
                let alter =
                    |s: &Sequence| format!("ALTER SEQUENCE {}", sequence::altered(s, facts));
                let mut step = one(Phase::Prepare, &wish.name.to_string(), alter(wish));
                step.undo = vec![alter(is)];
                steps.push(step);
            }
            Change::CreateView(_)
            | Change::DropView(_)
            | Change::ReplaceView { .. }
            | Change::CreateTrigger(_)
            | Change::DropTrigger(_)
            | Change::ReplaceTrigger { .. } => steps.extend(dependent(change, facts)),
            Change::CreateObject(object) => steps.extend(objects::create(object, facts)),
            // Before the tables that it refers to; those that refer to it lose their keys first.
            Change::DropObject(object @ Object::Opaque(_)) => {
                steps.splice(0..0, objects::drop(object, facts));
            }
            Change::DropObject(object) => steps.extend(objects::drop(object, facts)),
            Change::ReplaceObject { is, wish } => {
                steps.extend(objects::replace(is, wish, facts));
            }
        }
    }
    steps
}

/// A step of one statement.
fn one(phase: Phase, object: &str, sql: String) -> Step {
    Step::new(phase, object, vec![Statement::new(sql)])
}

fn drop_table(table: &Table, scene: &Scene<'_>) -> Vec<Step> {
    let database = Database {
        tables: vec![table.clone()],
        ..Database::default()
    };
    let mut steps = create::drop(&database, scene.facts);
    if let Some(step) = steps.iter_mut().find(|step| step.phase == Phase::Drop) {
        step.prechecks
            .extend(prechecks::referring_tables(table, scene));
        risk::mention_views(step, &table.name.name.text, None, scene);
    }
    steps
}

/// Views and triggers: made anew, after the tables they look at.
fn dependent(change: &Change, facts: &Facts) -> Vec<Step> {
    let of = |views: Vec<_>, triggers: Vec<_>| Database {
        views,
        triggers,
        ..Database::default()
    };
    let (old, new) = match change.clone() {
        Change::CreateView(view) => (None, Some(of(vec![view], vec![]))),
        Change::DropView(view) => (Some(of(vec![view], vec![])), None),
        Change::ReplaceView { is, wish } => {
            let wish = objects::view_of_the_same(&is, wish);
            (Some(of(vec![is], vec![])), Some(of(vec![wish], vec![])))
        }
        Change::CreateTrigger(trigger) => (None, Some(of(vec![], vec![trigger]))),
        Change::DropTrigger(trigger) => (Some(of(vec![], vec![trigger])), None),
        Change::ReplaceTrigger { is, mut wish } => {
            settings::keep(&is.settings, &mut wish.settings);
            let (old, new) = (&is.source_text, &wish.source_text);
            wish.source_text = program::of_the_same(old, new, facts);
            (Some(of(vec![], vec![is])), Some(of(vec![], vec![wish])))
        }
        _ => (None, None),
    };
    let replaced = new.is_some();
    let mut steps = old.map_or_else(Vec::new, |old| create::drop(&old, facts));
    if replaced {
        // What is made anew is gone only for a moment, and before the tables change.
        for step in &mut steps {
            step.phase = Phase::DropDependents;
        }
    }
    steps.extend(new.map_or_else(Vec::new, |new| create::create(&new, facts)));
    steps
}

#[cfg(test)]
mod tests;
