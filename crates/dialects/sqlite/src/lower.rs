//! Changes to steps, and the steps of whole objects.

use realign_model::{Database, Table, Trigger, View};
use realign_planner::{Change, Facts, Lowering, Object, Phase, Statement, Step};

use crate::alter::Whole;
use crate::catalog::VIRTUAL_TABLE;
use crate::foreign_keys::foreign_key_check;
use crate::renames::rename_table;
use crate::{render, risk};

/// The steps of these changes.
pub(crate) fn lower(changes: &[Change], lowering: &Lowering<'_>) -> Vec<Step> {
    let whole = Whole::of(changes, lowering);
    let mut steps = whole.around_renames();
    for change in changes {
        match change {
            Change::CreateTable(table) => steps.push(create_table(table, lowering.facts)),
            Change::DropTable(table) => steps.push(drop_table(table)),
            Change::RenameTable { from, to } => steps.push(rename_table(from, to)),
            Change::AlterTable(change) => steps.extend(whole.alter(change)),
            // The engine has no sequences.
            Change::CreateSequence(_) | Change::DropSequence(_) | Change::AlterSequence { .. } => {}
            Change::CreateView(view) => steps.push(create_view(view)),
            Change::DropView(view) => steps.push(drop_view(view)),
            Change::ReplaceView { is, wish } => {
                steps.push(drop_view(is));
                steps.push(create_view(wish));
            }
            Change::CreateTrigger(trigger) => steps.push(create_trigger(trigger)),
            Change::DropTrigger(trigger) => steps.push(drop_trigger(trigger)),
            Change::ReplaceTrigger { is, wish } => {
                steps.push(drop_trigger(is));
                steps.push(create_trigger(wish));
            }
            Change::CreateObject(object) => steps.extend(create_object(object)),
            // The engine has no other objects, and what is not understood never goes: it may
            // hold rows.
            Change::DropObject(object) => steps.extend(drop_object(object)),
            Change::ReplaceObject { .. } => {}
        }
    }
    steps.extend(foreign_key_check(changes, lowering));
    steps
}

/// The steps that make everything in an empty database.
pub(crate) fn create(database: &Database, facts: &Facts) -> Vec<Step> {
    let tables = database
        .tables
        .iter()
        .map(|table| create_table(table, facts));
    let views = database.views.iter().map(create_view);
    let triggers = database.triggers.iter().map(create_trigger);
    let objects = Object::all(database);
    let others = objects.iter().filter_map(create_object);
    tables.chain(others).chain(views).chain(triggers).collect()
}

/// The steps that drop everything, dependants first.
pub(crate) fn drop_all(database: &Database) -> Vec<Step> {
    let triggers = database.triggers.iter().rev().map(drop_trigger);
    let views = database.views.iter().rev().map(drop_view);
    let tables = database.tables.iter().rev().map(drop_table);
    let objects = Object::all(database);
    let others = objects.iter().rev().filter_map(drop_object);
    triggers.chain(views).chain(others).chain(tables).collect()
}

/// The step that makes something of which only the text is known: a virtual table.
fn create_object(object: &Object) -> Option<Step> {
    let Object::Opaque(opaque) = object else {
        return None;
    };
    let sql = opaque.text.trim().trim_end_matches(';');
    // Tables behind a virtual table come along with it.
    if opaque.kind != VIRTUAL_TABLE || sql.is_empty() {
        return None;
    }
    let mut step = Step::new(
        Phase::Create,
        opaque.name.to_string(),
        vec![Statement::new(sql)],
    );
    step.undo = vec![format!("DROP TABLE {}", render::object(&opaque.name))];
    step.origin = opaque.origin.clone();
    Some(step)
}

/// The step that takes a virtual table away, with all that is behind it.
fn drop_object(object: &Object) -> Option<Step> {
    let Object::Opaque(opaque) = object else {
        return None;
    };
    if opaque.kind != VIRTUAL_TABLE {
        return None;
    }
    let name = render::object(&opaque.name);
    let mut step = Step::new(
        Phase::Drop,
        opaque.name.to_string(),
        vec![Statement::new(format!("DROP TABLE {name}"))],
    );
    risk::virtual_table_goes(&mut step, &opaque.name);
    Some(step)
}

fn create_table(table: &Table, facts: &Facts) -> Step {
    let statements = render::create_with_indexes(table, facts)
        .into_iter()
        .map(Statement::new)
        .collect();
    let mut step = Step::new(Phase::Create, table.name.to_string(), statements);
    step.undo = vec![format!("DROP TABLE {}", render::object(&table.name))];
    step.origin = table.origin.clone();
    step
}

fn drop_table(table: &Table) -> Step {
    let sql = format!("DROP TABLE {}", render::object(&table.name));
    let mut step = Step::new(
        Phase::Drop,
        table.name.to_string(),
        vec![Statement::new(sql)],
    );
    risk::table_goes(&mut step, table);
    step
}

/// The step that makes a view.
pub(crate) fn create_view(view: &View) -> Step {
    let sql = view.source_text.clone().unwrap_or_else(|| {
        let columns = if view.columns.is_empty() {
            String::new()
        } else {
            format!(" ({})", render::names(&view.columns))
        };
        format!(
            "CREATE VIEW {}{columns} AS {}",
            render::object(&view.name),
            view.query
        )
    });
    let mut step = Step::new(
        Phase::CreateDependents,
        view.name.to_string(),
        vec![Statement::new(sql)],
    );
    step.undo = vec![format!("DROP VIEW {}", render::object(&view.name))];
    step.origin = view.origin.clone();
    step
}

/// The step that drops a view.
pub(crate) fn drop_view(view: &View) -> Step {
    let sql = format!("DROP VIEW {}", render::object(&view.name));
    let mut step = Step::new(
        Phase::DropDependents,
        view.name.to_string(),
        vec![Statement::new(sql)],
    );
    step.undo = view.source_text.iter().cloned().collect();
    step
}

/// The step that makes a trigger.
pub(crate) fn create_trigger(trigger: &Trigger) -> Step {
    let sql = trigger.source_text.text.clone();
    let mut step = Step::new(
        Phase::CreateDependents,
        trigger.name.to_string(),
        vec![Statement::new(sql)],
    );
    step.undo = vec![format!("DROP TRIGGER {}", render::object(&trigger.name))];
    step.origin = trigger.origin.clone();
    step
}

/// The step that drops a trigger.
pub(crate) fn drop_trigger(trigger: &Trigger) -> Step {
    let sql = format!("DROP TRIGGER {}", render::object(&trigger.name));
    let mut step = Step::new(
        Phase::DropDependents,
        trigger.name.to_string(),
        vec![Statement::new(sql)],
    );
    step.undo = vec![trigger.source_text.text.clone()];
    step
}

/// A name as it is compared.
pub(crate) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}
