//! Changes to steps: one statement a change, in Doctrine's words where Doctrine has them.
//!
//! Everything runs in one transaction. The phases of the planner decide the order, so that each
//! step only says what it is; what a combination needs besides (a foreign key that has to go
//! while a type changes, a view around it) is added at the end.

mod columns;
mod computed;
pub(crate) mod convert;
mod counting;
mod heirs;
mod keys;
mod removals;
mod scene;
mod standing;
mod swapped;
mod table;

use std::collections::HashSet;
use std::fmt::Write as _;

use realign_model::{ObjectName, Sequence, Table};
use realign_planner::{Change, Loss, Lowering, Object, Phase, Statement, Step};

use crate::parse::RoutineText;
use crate::prechecks::Before;
use crate::render::{self, ident, object_name, string_literal};
use crate::{create, dependents, locks, objects, risk};

pub(crate) use scene::Scene;

/// The steps that these changes need.
pub(crate) fn lower(changes: &[Change], lowering: &Lowering<'_>) -> Vec<Step> {
    let scene = Scene::new(changes, lowering);
    let mut steps = create::missing_schemas(changes, lowering.is, lowering.facts);
    steps.extend(objects::create_types(changes, lowering.facts));
    let mut renames = Vec::new();
    let owners = create::Owners::of(lowering.wish);
    let needed = create::needed_routines(changes, lowering.wish);
    let renames_of_tables: Vec<(&ObjectName, &ObjectName)> = changes
        .iter()
        .filter_map(|change| match change {
            Change::RenameTable { from, to } => Some((from, to)),
            _ => None,
        })
        .collect();
    for change in changes {
        match change {
            Change::CreateTable(table) => {
                steps.push(create::table_step(
                    table,
                    (lowering.wish, &owners),
                    lowering.facts,
                ));
                steps.extend(create::foreign_key_step(table));
            }
            Change::DropTable(table) => drop_table(table, &scene, &mut steps),
            Change::RenameTable { from, to } => {
                let mut step = step(
                    Phase::Rename,
                    to.to_string(),
                    format!(
                        "ALTER TABLE {} RENAME TO {}",
                        object_name(from),
                        ident(&to.name)
                    ),
                );
                risk::RENAMES.on(&mut step);
                step.undo = vec![format!(
                    "ALTER TABLE {} RENAME TO {}",
                    object_name(to),
                    ident(&from.name)
                )];
                steps.push(step);
            }
            Change::AlterTable(change) => table::alter(change, &scene, &mut steps, &mut renames),
            Change::CreateSequence(sequence) => steps.push(create_sequence(sequence, &scene)),
            Change::DropSequence(sequence) => {
                let adopted = changes
                    .iter()
                    .any(|change| counting::is_adopted(sequence, change, &scene));
                if !adopted {
                    steps.push(drop_sequence(sequence));
                }
            }
            Change::AlterSequence { is, wish } => steps.push(alter_sequence(is, wish)),
            Change::CreateView(view) => steps.push(dependents::create_view(view)),
            Change::DropView(view) => steps.push(dependents::drop_view(view, Phase::Drop)),
            Change::ReplaceView { is, wish } => {
                steps.extend(dependents::replace_view(is, wish, lowering));
            }
            Change::CreateTrigger(trigger) => {
                steps.push(dependents::create_trigger(trigger, Phase::CreateDependents));
            }
            Change::DropTrigger(trigger) => {
                steps.push(dependents::drop_trigger(trigger, Phase::Drop));
            }
            Change::CreateObject(object) if objects::is_type(object) => {}
            Change::CreateObject(object) => {
                let mut made = objects::create(object, lowering.facts);
                // What an index or a default calls has to be there before it.
                let is_early = matches!(object, Object::Routine(_))
                    && create::early_routines(lowering.wish).contains(&object.name());
                for step in made.iter_mut().filter(|_| is_early) {
                    step.phase = Phase::Prepare;
                }
                steps.append(&mut made);
            }
            Change::DropObject(Object::Opaque(opaque)) => {
                let table = create::stands_on_now(opaque, &renames_of_tables);
                steps.extend(create::drop_opaque(opaque, table));
            }
            Change::DropObject(object) => {
                let mut gone = objects::drop(object, lowering.facts);
                if let Object::Routine(routine) = object
                    && removals::is_of_what_goes(routine, changes)
                {
                    for step in &mut gone {
                        step.phase = Phase::DropDependents;
                    }
                }
                steps.append(&mut gone);
            }
            Change::ReplaceObject { is, wish } => {
                let mut made = objects::replace(is, wish, &scene);
                if is_needed(wish, &needed) {
                    let again = made.iter_mut();
                    for step in again.filter(|s| s.phase == Phase::CreateDependents) {
                        step.phase = Phase::Prepare;
                    }
                }
                steps.append(&mut made);
            }
            Change::ReplaceTrigger { is, wish } => {
                steps.push(dependents::drop_trigger(is, Phase::DropDependents));
                steps.push(dependents::create_trigger(wish, Phase::CreateDependents));
            }
        }
    }
    removals::triggers(changes, lowering.is, &mut steps);
    removals::order(lowering.is, &mut steps);
    counters(lowering, &mut steps);
    keys::order_renames(renames, &mut steps);
    keys::displaced(&scene, &mut steps);
    swapped::aside(changes, &scene, &mut steps);
    standing::ask(changes, &scene, &mut steps);
    dependents::around(changes, lowering, &mut steps);
    locks::ask_of_changes(&mut steps, changes);
    steps
}

/// True for a routine that something new calls: it has to be the declared one before that. One
/// whose body the server keeps as a tree waits, since the tree may read what comes by then.
fn is_needed(object: &Object, needed: &HashSet<ObjectName>) -> bool {
    let Object::Routine(routine) = object else {
        return false;
    };
    let text = RoutineText::read(routine.source_text.as_str());
    needed.contains(&routine.name) && text.is_some_and(|text| text.sql_body.is_none())
}

/// Sequences that columns take their values from and that no column brings along.
fn counters(lowering: &Lowering<'_>, steps: &mut Vec<Step>) {
    let owners = create::Owners::of(lowering.wish);
    let missing: Vec<&Sequence> = lowering
        .wish
        .sequences
        .iter()
        .filter(|wish| wish.owned_by.is_some() && !create::made_along(wish, &owners))
        .filter(|wish| !lowering.is.sequences.iter().any(|is| is.name == wish.name))
        .collect();
    for sequence in &missing {
        let mut step = step(
            Phase::Prepare,
            format!("sequence {}", sequence.name),
            render::create_sequence(sequence),
        );
        step.undo = vec![format!("DROP SEQUENCE {}", object_name(&sequence.name))];
        step.origin = sequence.origin.clone();
        steps.push(step);
    }
    // They come after the columns have their defaults.
    steps.extend(create::owners_of(missing.into_iter(), &owners));
}

/// A step of one statement.
pub(crate) fn step(phase: Phase, object: String, sql: String) -> Step {
    Step::new(phase, object, vec![Statement::new(sql)])
}

fn drop_table(table: &Table, scene: &Scene<'_>, steps: &mut Vec<Step>) {
    for key in &table.foreign_keys {
        if let Some(name) = &key.name {
            steps.push(step(
                Phase::DropForeignKeys,
                table.name.to_string(),
                format!(
                    "ALTER TABLE {} DROP CONSTRAINT {}",
                    object_name(&table.name),
                    ident(name)
                ),
            ));
        }
    }
    let mut step = step(
        Phase::Drop,
        table.name.to_string(),
        format!("DROP TABLE {}", object_name(&table.name)),
    );
    risk::LOSES.on(&mut step);
    step.losses.push(Loss {
        object: format!("table {}", table.name),
        count_sql: format!("SELECT count(*) FROM {}", object_name(&table.name)),
        unit: "rows".to_owned(),
    });
    if !scene.is.views.is_empty() {
        let before = Before {
            table: table.name.clone(),
            key: Vec::new(),
        };
        step.prechecks
            .push(before.views_on(None, &scene.dropped_views));
    }
    steps.push(step);
}

/// A missing sequence starts behind the values that its table already has.
fn create_sequence(sequence: &Sequence, scene: &Scene<'_>) -> Step {
    let mut step = step(
        Phase::Prepare,
        format!("sequence {}", sequence.name),
        render::create_sequence(sequence),
    );
    if let Some((table, column)) = scene.counted_by(&sequence.name) {
        step.statements.push(Statement::new(format!(
            "SELECT setval({}, (SELECT MAX({}) FROM {}))",
            string_literal(&object_name(&sequence.name)),
            ident(&column),
            object_name(&table)
        )));
    }
    step.undo = vec![format!("DROP SEQUENCE {}", object_name(&sequence.name))];
    step.origin = sequence.origin.clone();
    step
}

fn drop_sequence(sequence: &Sequence) -> Step {
    let mut step = step(
        Phase::Drop,
        format!("sequence {}", sequence.name),
        format!("DROP SEQUENCE {} CASCADE", object_name(&sequence.name)),
    );
    risk::LOSES.on(&mut step);
    step.losses.push(Loss {
        object: format!("sequence {}", sequence.name),
        count_sql: format!("SELECT is_called::int FROM {}", object_name(&sequence.name)),
        unit: "counters".to_owned(),
    });
    step
}

fn alter_sequence(is: &Sequence, wish: &Sequence) -> Step {
    let words = |sequence: &Sequence, other: &Sequence| {
        if wish.data_type.is_some() {
            return format!(
                "ALTER SEQUENCE {}{}",
                object_name(&sequence.name),
                render::sequence_options(sequence)
            );
        }
        let mut text = format!(
            "ALTER SEQUENCE {} INCREMENT BY {}",
            object_name(&sequence.name),
            sequence.increment
        );
        if sequence.start != other.start {
            let lowest = sequence.min.unwrap_or(sequence.start);
            let _ = write!(text, " MINVALUE {lowest} START {}", sequence.start);
        }
        if let Some(cache) = sequence.cache.filter(|cache| Some(*cache) != other.cache) {
            let _ = write!(text, " CACHE {cache}");
        }
        text
    };
    let mut step = step(
        Phase::Prepare,
        format!("sequence {}", wish.name),
        words(wish, is),
    );
    step.undo = vec![words(is, wish)];
    if wish.data_type.is_some() && is.unlogged != wish.unlogged {
        let set = create::sequence_logging(wish);
        step.statements.push(Statement::new(set));
        step.undo.insert(0, create::sequence_logging(is));
    }
    step.origin = wish.origin.clone();
    step
}
