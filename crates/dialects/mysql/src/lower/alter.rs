//! One table that changes.

use std::collections::HashMap;

use realign_model::{Check, Column, DataType, GeneratedKind, Ident, IntWidth, PrimaryKey};
use realign_planner::{Aspect, AspectDifference, Loss, Phase, Risk, Step, TableChange, TableItem};

use super::scene::Scene;
use super::{index, keys, one, options};
use crate::facts::{Capability, can, is_mariadb};
use crate::render::{self, ident, object_name};
use crate::{prechecks, risk};

/// A column that changes: its present name for questions to the data, the column as it is
/// after declared renames, as it will be, and in what.
pub(crate) struct Modified<'a> {
    pub(crate) from: Ident,
    pub(crate) is: &'a Column,
    pub(crate) wish: &'a Column,
    pub(crate) differences: &'a [AspectDifference],
}

/// The steps of a changed table.
pub(super) fn table(change: &TableChange, scene: &Scene<'_>) -> Vec<Step> {
    let mut steps = renames(change, scene);
    steps.extend(keys::of_table(change, scene));
    steps.extend(options::steps(change, scene));
    steps.extend(drop_checks(change, scene));
    let indexes = index::plan(change, scene);
    steps.extend(indexes.before);
    steps.extend(columns(change, &indexes.clauses, scene));
    steps.extend(indexes.after);
    steps.extend(add_checks(change, scene));
    steps
}

/// Declared renames of columns: before all else, since everything else says the new names.
fn renames(change: &TableChange, scene: &Scene<'_>) -> Vec<Step> {
    let facts = scene.facts;
    let table = &change.is.name;
    let mut steps = Vec::new();
    for item in &change.items {
        let TableItem::RenameColumn { from, to } = item else {
            continue;
        };
        let sql = |a: &Ident, b: &Ident| {
            let alter = format!("ALTER TABLE {}", object_name(table, facts));
            let (old, new) = (ident(a, facts), ident(b, facts));
            if can(facts, Capability::RenameColumn) {
                return format!("{alter} RENAME COLUMN {old} TO {new}");
            }
            let mut column = change
                .is
                .column_ignoring_case(to.as_str())
                .cloned()
                .unwrap_or_else(|| Column::new(b.clone(), DataType::int(IntWidth::W32)));
            column.name = b.clone();
            format!(
                "{alter} CHANGE {old} {}",
                render::column(&column, &change.is, facts)
            )
        };
        let mut step = one(Phase::Rename, &table.to_string(), sql(from, to));
        step.undo = vec![sql(to, from)];
        step.raise(
            Risk::Breaking,
            risk::RENAMES,
            format!("code that still says {from} fails from then on"),
        );
        let old_table = scene.names.old_table(table, facts);
        risk::mention_views(&mut step, &old_table.name.text, Some(from.as_str()), scene);
        risk::triggers(&mut step, from, change, scene);
        if let Some(column) = change.target.column_ignoring_case(to.as_str()) {
            note_origin(&mut step, column);
        }
        step.prechecks
            .extend(prechecks::tied_rename(from, change, scene));
        steps.push(step);
    }
    steps
}

/// The columns that change, in declared order.
pub(crate) fn modified<'a>(change: &'a TableChange, scene: &Scene<'_>) -> Vec<Modified<'a>> {
    let mut list: Vec<Modified<'a>> = Vec::new();
    let mut at: HashMap<String, usize> = HashMap::new();
    for item in &change.items {
        let (name, differences) = match item {
            TableItem::ModifyColumn {
                wish, differences, ..
            } => (&wish.name, differences.as_slice()),
            // A check that belongs to a column goes and comes with its definition.
            TableItem::DropCheck(check)
            | TableItem::AddCheck(check)
            | TableItem::ReplaceCheck { is: check, .. } => match of_column(check, scene) {
                Some(name) => (name, &[][..]),
                None => continue,
            },
            _ => continue,
        };
        let key = name.text.to_lowercase();
        if let Some(known) = at.get(&key) {
            if !differences.is_empty() {
                list[*known].differences = differences;
            }
            continue;
        }
        let (Some(is), Some(wish)) = (
            change.is.column_ignoring_case(&name.text),
            change.target.column_ignoring_case(&name.text),
        ) else {
            continue;
        };
        at.insert(key, list.len());
        list.push(Modified {
            from: scene
                .names
                .old_column(&change.is.name, &is.name, scene.facts),
            is,
            wish,
            differences,
        });
    }
    list
}

/// The one statement for columns and primary key, with the index changes that have to be in it.
fn columns(change: &TableChange, index_clauses: &[String], scene: &Scene<'_>) -> Option<Step> {
    let facts = scene.facts;
    let target = &change.target;
    let mut clauses = Vec::new();
    let mut undo = Vec::new();
    let mut step = one(Phase::Alter, &target.name.to_string(), String::new());
    for item in &change.items {
        if let TableItem::AddColumn(column) = item {
            clauses.push(format!("ADD {}", definition(column, change, scene)));
            undo.push(format!("DROP {}", ident(&column.name, facts)));
            risk::add_column(&mut step, column, change, scene);
            step.prechecks
                .extend(prechecks::added_column(column, change, scene));
            note_origin(&mut step, column);
        }
    }
    let mut lossy = false;
    for item in &change.items {
        if let TableItem::DropColumn(column) = item {
            lossy = true;
            clauses.push(format!("DROP {}", ident(&column.name, facts)));
            drop_column(&mut step, column, change, scene);
        }
    }
    for modified in modified(change, scene) {
        if made_anew(&modified) {
            lossy = true;
            let name = ident(&modified.is.name, facts);
            clauses.push(format!("DROP {name}"));
            clauses.push(format!("ADD {}", definition(modified.wish, change, scene)));
            risk::made_anew(&mut step, &modified, change, scene);
            note_origin(&mut step, modified.wish);
            continue;
        }
        clauses.push(format!(
            "CHANGE {} {}",
            ident(&modified.is.name, facts),
            definition(modified.wish, change, scene)
        ));
        undo.push(format!(
            "CHANGE {} {}",
            ident(&modified.wish.name, facts),
            render::column(modified.is, &change.is, facts)
        ));
        risk::modify_column(&mut step, &modified, change, scene);
        step.prechecks
            .extend(prechecks::modified_column(&modified, change, scene));
        note_origin(&mut step, modified.wish);
    }
    clauses.extend(index_clauses.iter().cloned());
    primary_key(&mut step, change, &mut clauses, &mut undo, scene);
    if clauses.is_empty() {
        return None;
    }
    let alter = format!("ALTER TABLE {} ", object_name(&target.name, facts));
    step.statements[0].sql = format!("{alter}{}", clauses.join(", "));
    if !lossy && index_clauses.is_empty() && !undo.is_empty() {
        step.undo = vec![format!("{alter}{}", undo.join(", "))];
    }
    Some(step)
}

/// A column that becomes VIRTUAL or was it: no server changes that in place.
fn made_anew(modified: &Modified<'_>) -> bool {
    let is_virtual = |column: &Column| {
        column
            .generated
            .as_ref()
            .is_some_and(|generated| generated.kind == GeneratedKind::Virtual)
    };
    modified
        .differences
        .iter()
        .any(|difference| difference.aspect == Aspect::Generated)
        && is_virtual(modified.is) != is_virtual(modified.wish)
}

/// A column with the checks that are part of its definition.
fn definition(column: &Column, change: &TableChange, scene: &Scene<'_>) -> String {
    let checks = render::column_checks(column, checks_of(column, change), scene.facts);
    render::column(column, &change.target, scene.facts) + &checks
}

/// The checks of a column that are there afterwards.
fn checks_of<'a>(column: &'a Column, change: &'a TableChange) -> impl Iterator<Item = &'a Check> {
    let goes = |check: &Check| {
        change.items.iter().any(|item| match item {
            TableItem::DropCheck(gone) | TableItem::ReplaceCheck { is: gone, .. } => {
                gone.column == check.column && gone.expr == check.expr
            }
            _ => false,
        })
    };
    change.target.checks.iter().filter(move |check| {
        check
            .column
            .as_ref()
            .is_some_and(|name| name.text.eq_ignore_ascii_case(&column.name.text))
            && !goes(check)
    })
}

/// The column whose definition holds this check; none for a constraint of the table.
fn of_column<'a>(check: &'a Check, scene: &Scene<'_>) -> Option<&'a Ident> {
    check
        .column
        .as_ref()
        .filter(|_| is_mariadb(scene.facts) && check.name.is_none())
}

fn drop_column(step: &mut Step, column: &Column, change: &TableChange, scene: &Scene<'_>) {
    let facts = scene.facts;
    let table = scene.names.old_table(&change.is.name, facts);
    step.raise(
        Risk::Destructive,
        risk::LOSES,
        format!(
            "column {}.{} goes with its values",
            change.is.name, column.name
        ),
    );
    risk::drop_column(step, change, scene);
    // A virtual value comes back whenever the column does.
    if column.generated.is_none() {
        step.losses.push(Loss {
            object: format!("column {}.{}", change.is.name, column.name),
            count_sql: format!(
                "SELECT COUNT({}) FROM {}",
                render::quote_ident(&column.name.text),
                object_name(&table, facts)
            ),
            unit: "values".to_owned(),
        });
    }
    risk::mention_views(step, &table.name.text, Some(column.name.as_str()), scene);
    risk::triggers(step, &column.name, change, scene);
}

fn primary_key(
    step: &mut Step,
    change: &TableChange,
    clauses: &mut Vec<String>,
    undo: &mut Vec<String>,
    scene: &Scene<'_>,
) {
    let facts = scene.facts;
    let set = change.items.iter().find_map(|item| match item {
        TableItem::SetPrimaryKey { is, wish } => Some((is, wish)),
        _ => None,
    });
    let Some((is, wish)) = set else {
        return;
    };
    let both = |a: &Option<PrimaryKey>, b: &Option<PrimaryKey>, list: &mut Vec<String>| {
        if a.is_some() {
            list.push("DROP PRIMARY KEY".to_owned());
        }
        if let Some(key) = b {
            list.push(format!(
                "ADD PRIMARY KEY {}",
                render::index_parts(&key.parts, facts)
            ));
        }
    };
    both(is, wish, clauses);
    both(wish, is, undo);
    risk::primary_key(step, wish.is_some(), change, scene);
    if let Some(key) = wish {
        step.prechecks.extend(prechecks::duplicates(
            &key.parts,
            &format!("{} primary key", change.target.name),
            &key.origin,
            change,
            scene,
        ));
    }
}

fn drop_checks(change: &TableChange, scene: &Scene<'_>) -> Vec<Step> {
    let facts = scene.facts;
    let table = object_name(&change.target.name, facts);
    let mut steps = Vec::new();
    for item in &change.items {
        let (TableItem::DropCheck(check) | TableItem::ReplaceCheck { is: check, .. }) = item else {
            continue;
        };
        let (None, Some(name)) = (of_column(check, scene), &check.name) else {
            continue;
        };
        let word = if is_mariadb(facts) {
            "CONSTRAINT"
        } else {
            "CHECK"
        };
        let mut step = one(
            Phase::Alter,
            &change.target.name.to_string(),
            format!("ALTER TABLE {table} DROP {word} {}", ident(name, facts)),
        );
        step.undo = vec![format!(
            "ALTER TABLE {table} ADD {}",
            render::check(check, facts)
        )];
        steps.push(step);
    }
    steps
}

fn add_checks(change: &TableChange, scene: &Scene<'_>) -> Vec<Step> {
    let facts = scene.facts;
    let table = object_name(&change.target.name, facts);
    let mut steps = Vec::new();
    for item in &change.items {
        let (TableItem::AddCheck(check) | TableItem::ReplaceCheck { wish: check, .. }) = item
        else {
            continue;
        };
        if of_column(check, scene).is_some() {
            continue;
        }
        let mut step = one(
            Phase::Alter,
            &change.target.name.to_string(),
            format!("ALTER TABLE {table} ADD {}", render::check(check, facts)),
        );
        step.origin = check.origin.clone();
        risk::add_check(&mut step, change, scene);
        step.prechecks
            .extend(prechecks::check(check, change, scene));
        steps.push(step);
    }
    steps
}

fn note_origin(step: &mut Step, column: &Column) {
    if step.origin.is_none() {
        step.origin = column.origin.clone();
    }
}
