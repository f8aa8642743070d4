//! What is written in the words of an enumerated type stands aside while the type is swapped: the
//! server would go on comparing the new type with the old one's words.

use realign_model::{Check, EnumType, Expr, Ident, Index, IndexTarget, ObjectName, Table};
use realign_planner::{Change, Object, Phase, Statement, Step, TableItem};

use super::scene::Scene;
use super::table::{drop_check, drop_index};
use crate::render::{live_object, object_name};
use crate::{create, objects, render, risk};

/// Takes checks and indexes over such columns away before a swap and puts back those that no
/// change takes away.
pub(super) fn aside(changes: &[Change], scene: &Scene<'_>, steps: &mut Vec<Step>) {
    let swapped: Vec<&EnumType> = changes
        .iter()
        .filter_map(|change| match change {
            Change::ReplaceObject {
                is: Object::Enum(is),
                wish: Object::Enum(wish),
            } if objects::swaps(is, wish, scene.wish) => Some(is),
            _ => None,
        })
        .collect();
    if swapped.is_empty() {
        return;
    }
    for table in &scene.is.tables {
        if scene.is_dropped(&table.name) || is_renamed(table, scene) {
            continue;
        }
        let columns: Vec<&Ident> = table
            .columns
            .iter()
            .filter(|column| {
                let mut kinds = swapped.iter().map(|kind| live_object(&kind.name));
                kinds.any(|kind| objects::is_of_type(&column.data_type, &kind))
            })
            .map(|column| &column.name)
            .collect();
        let says = |text: &str| {
            let names = objects::names_in(text);
            let stands = |column: &&Ident| {
                let name = column.text.to_lowercase();
                names.iter().any(|n| n.to_lowercase() == name)
            };
            columns.iter().any(stands)
        };
        for check in &table.checks {
            if says(check.expr.as_str()) && !is_inherited(check, table, scene) {
                let gone = drop_check(&table.name, check);
                let name = object_name(&table.name);
                let again = format!("ALTER TABLE {name} ADD {}", render::check(table, check));
                stand_aside(gone, vec![again], steps);
            }
        }
        for index in &table.indexes {
            if in_index(index).any(&says) && !table.is_partition() {
                let gone = drop_index(index, &table.name);
                let again = create::make_index(&table.name, index);
                stand_aside(gone, again, steps);
            }
        }
    }
}

/// A table whose parts have other names before and after.
fn is_renamed(table: &Table, scene: &Scene<'_>) -> bool {
    scene.change_of(&table.name).is_some_and(|change| {
        let renames = |item: &TableItem| matches!(item, TableItem::RenameColumn { .. });
        scene.was(&change.is.name) != table.name
            || scene.now(change) != table.name
            || change.items.iter().any(renames)
    })
}

/// A check that comes and goes with that of a table above.
fn is_inherited(check: &Check, table: &Table, scene: &Scene<'_>) -> bool {
    let has = |above: &ObjectName| {
        let above = scene.live(above);
        above.is_some_and(|above| above.checks.iter().any(|other| other.name == check.name))
    };
    create::parents(table).into_iter().any(has)
}

/// What an index says beside the names of columns.
fn in_index(index: &Index) -> impl Iterator<Item = &str> {
    let parts = index.parts.iter().filter_map(|part| match &part.target {
        IndexTarget::Expr(expr) => Some(expr),
        IndexTarget::Column(_) => None,
    });
    parts.chain(&index.predicate).map(Expr::as_str)
}

fn stand_aside(mut gone: Step, again: Vec<String>, steps: &mut Vec<Step>) {
    if let Some(own) = steps
        .iter_mut()
        .find(|step| step.statements == gone.statements)
    {
        own.phase = Phase::DropFirst;
        return;
    }
    gone.phase = Phase::DropFirst;
    "stands aside while the words of a type change".clone_into(&mut gone.title);
    let again = again.into_iter().map(Statement::new).collect();
    let mut back = Step::new(Phase::Prepare, gone.object.clone(), again);
    "stood in the way, and is put back".clone_into(&mut back.title);
    risk::REWRITES.on(&mut back);
    steps.extend([gone, back]);
}
