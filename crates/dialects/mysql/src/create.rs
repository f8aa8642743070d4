//! A whole schema: its creation and its removal.

use realign_model::{
    Database, ObjectName, Opaque, Origin, RoutineKind, SessionSettings, Table, TableOptions,
    Trigger, View,
};
use realign_planner::{Facts, Loss, Phase, Risk, Scripts as _, Statement, Step};

use crate::MySql;
use crate::interpret::is_shown_table;
use crate::program::{self, definer};
use crate::render::{create_table, foreign_key_add, ident, object_name};
use crate::{sequence, settings};

/// The steps that create everything in an empty database: sequences, tables with their indexes in
/// the order of their declaration, all foreign keys, then what reads tables.
pub(crate) fn create(database: &Database, facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    for sequence in &database.sequences {
        let name = object_name(&sequence.name, facts);
        let sql = format!("CREATE SEQUENCE {}", sequence::clause(sequence, facts));
        let mut step = step(Phase::Prepare, &sequence.name, sql);
        step.undo = vec![format!("DROP SEQUENCE {name}")];
        step.origin = sequence.origin.clone();
        steps.push(step);
    }
    for table in &database.tables {
        let mut step = step(Phase::Create, &table.name, create_table(table, facts));
        step.undo = vec![format!("DROP TABLE {}", object_name(&table.name, facts))];
        step.origin = table.origin.clone();
        steps.push(step);
    }
    for opaque in &database.opaque {
        steps.extend(create_shown(opaque, facts));
    }
    for table in &database.tables {
        if !gets_foreign_keys(table, facts) {
            continue;
        }
        for key in &table.foreign_keys {
            let mut step = step(
                Phase::AddForeignKeys,
                &table.name,
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
            steps.push(step);
        }
    }
    for routine in &database.routines {
        let kind = routine_kind(routine.kind);
        steps.push(create_object(
            kind,
            &routine.name,
            (&routine.source_text, &routine.settings),
            &routine.origin,
            facts,
        ));
    }
    for view in &database.views {
        let sql = create_view(view, facts);
        let mut step = Step::new(
            Phase::CreateDependents,
            view.name.to_string(),
            within(&view.settings, false, sql),
        );
        if step.statements.len() > 1 {
            step.title = format!("view {} is created", view.name);
        }
        step.undo = vec![format!("DROP VIEW {}", object_name(&view.name, facts))];
        step.origin = view.origin.clone();
        steps.push(step);
    }
    for trigger in &database.triggers {
        steps.push(create_object(
            "TRIGGER",
            &trigger.name,
            (&trigger.source_text, &trigger.settings),
            &trigger.origin,
            facts,
        ));
    }
    for event in &database.events {
        steps.push(create_object(
            "EVENT",
            &event.name,
            (&event.source_text, &event.settings),
            &event.origin,
            facts,
        ));
    }
    steps
}

/// A table that is only shown, by its own statements.
fn create_shown(opaque: &Opaque, facts: &Facts) -> Option<Step> {
    if !is_made_from_text(opaque) {
        return None;
    }
    let statements = MySql.split(&opaque.text, facts).statements;
    let statements = statements
        .into_iter()
        .map(|found| Statement::new(found.sql));
    let name = opaque.name.to_string();
    let mut step = Step::new(Phase::Create, name, statements.collect());
    step.undo = vec![format!("DROP TABLE {}", object_name(&opaque.name, facts))];
    step.origin = opaque.origin.clone();
    Some(step)
}

/// A statement between those that set its session up and back.
fn within(own: &SessionSettings, has_body: bool, sql: String) -> Vec<Statement> {
    let around = settings::around(own, has_body, &sql);
    let mut made = Statement::new(sql);
    if has_body {
        made.client = for_the_client(&made.sql);
    }
    match around {
        Some((before, after)) => vec![Statement::new(before), made, Statement::new(after)],
        None => vec![made],
    }
}

/// Something that is its whole statement.
fn create_object(
    kind: &str,
    name: &ObjectName,
    (text, own): program::Said<'_>,
    origin: &Origin,
    facts: &Facts,
) -> Step {
    let mut step = Step::new(
        Phase::CreateDependents,
        name.to_string(),
        within(own, true, text.text.clone()),
    );
    step.title = format!("{} {name} is created", kind.to_lowercase());
    step.undo = vec![format!("DROP {kind} {}", object_name(name, facts))];
    step.origin = origin.clone();
    step
}

fn routine_kind(kind: RoutineKind) -> &'static str {
    match kind {
        RoutineKind::Function | RoutineKind::Aggregate => "FUNCTION",
        RoutineKind::Procedure => "PROCEDURE",
    }
}

/// A body with semicolons between delimiters of its own: the client sends what is before each
/// semicolon otherwise.
pub(crate) fn for_the_client(text: &str) -> Option<String> {
    if !text.contains(';') {
        return None;
    }
    let delimiter = [";;", "$$", "//", "||", "~~"]
        .into_iter()
        .find(|delimiter| !text.contains(delimiter))?;
    Some(format!(
        "DELIMITER {delimiter}\n{text}\n{delimiter}\nDELIMITER ;"
    ))
}

/// Whether foreign keys of a table are made at all: DBAL up to 3 leaves them out for every
/// engine but InnoDB, DBAL 4 does not ask.
pub(crate) fn gets_foreign_keys(table: &Table, facts: &Facts) -> bool {
    if facts.doctrine.dbal_at_least(4, 0) {
        return true;
    }
    match &table.options {
        TableOptions::MySql(options) => options
            .engine
            .as_deref()
            .is_none_or(|engine| engine.trim().eq_ignore_ascii_case("InnoDB")),
        TableOptions::None | TableOptions::Sqlite(_) | TableOptions::Postgres(_) => true,
    }
}

/// The statement that makes a view: the server's own where there is one.
fn create_view(view: &View, facts: &Facts) -> String {
    if let Some(text) = &view.source_text {
        return text.clone();
    }
    let columns = if view.columns.is_empty() {
        String::new()
    } else {
        let names: Vec<_> = view.columns.iter().map(|name| ident(name, facts)).collect();
        format!(" ({})", names.join(", "))
    };
    let (mut before, mut after) = (String::new(), String::new());
    for option in &view.options {
        if let Some(account) = option.strip_prefix("DEFINER=") {
            before.push_str(&definer(Some(account)));
        } else if option.starts_with("WITH ") {
            after = format!(" {option}");
        } else {
            before.push_str(option);
            before.push(' ');
        }
    }
    format!(
        "CREATE {before}VIEW {}{columns} AS {}{after}",
        object_name(&view.name, facts),
        view.query
    )
}

fn step(phase: Phase, object: &ObjectName, sql: String) -> Step {
    Step::new(phase, object.to_string(), vec![Statement::new(sql)])
}

/// The steps that drop everything, dependants first.
pub(crate) fn drop(database: &Database, facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    for table in &database.tables {
        for key in &table.foreign_keys {
            let Some(name) = key
                .name
                .as_ref()
                .filter(|_| gets_foreign_keys(table, facts))
            else {
                continue;
            };
            let mut step = step(
                Phase::DropForeignKeys,
                &table.name,
                format!(
                    "ALTER TABLE {} DROP FOREIGN KEY {}",
                    object_name(&table.name, facts),
                    ident(name, facts)
                ),
            );
            step.undo = vec![foreign_key_add(&table.name, key, facts)];
            steps.push(step);
        }
    }
    let dependents = database
        .triggers
        .iter()
        .map(|trigger| drop_trigger(trigger, facts))
        .chain(database.views.iter().map(|view| drop_view(view, facts)))
        .chain(database.events.iter().map(|event| {
            drop_program(
                "EVENT",
                &event.name,
                (&event.source_text, &event.settings),
                facts,
            )
        }))
        .chain(database.routines.iter().map(|routine| {
            drop_program(
                routine_kind(routine.kind),
                &routine.name,
                (&routine.source_text, &routine.settings),
                facts,
            )
        }));
    steps.extend(dependents);
    // Before the tables that they refer to; those that refer to them have lost their keys.
    let shown = database.opaque.iter().filter(|o| is_made_from_text(o));
    steps.extend(shown.map(|opaque| drop_shown(opaque, facts)));
    for table in &database.tables {
        steps.push(drop_table(table, facts));
    }
    for sequence in &database.sequences {
        let mut step = drop_object("SEQUENCE", &sequence.name, "", facts);
        step.phase = Phase::Drop;
        steps.push(step);
    }
    steps
}

/// True for a table of which only the statement that makes it is known.
pub(crate) fn is_made_from_text(opaque: &Opaque) -> bool {
    is_shown_table(&opaque.kind) && opaque.text.starts_with("CREATE ")
}

/// A table that is only shown, dropped with what it tells of its past.
fn drop_shown(opaque: &Opaque, facts: &Facts) -> Step {
    let name = object_name(&opaque.name, facts);
    let mut step = step(Phase::Drop, &opaque.name, format!("DROP TABLE {name}"));
    step.raise(
        Risk::Destructive,
        "R301",
        format!(
            "{} {} goes with all its rows, present and past",
            opaque.kind, opaque.name
        ),
    );
    step.losses.push(Loss {
        object: format!("{} {}", opaque.kind, opaque.name),
        count_sql: format!("SELECT COUNT(*) FROM {name}"),
        unit: "rows".to_owned(),
    });
    step.origin = opaque.origin.clone();
    step
}

fn drop_table(table: &Table, facts: &Facts) -> Step {
    let name = object_name(&table.name, facts);
    let mut step = step(Phase::Drop, &table.name, format!("DROP TABLE {name}"));
    step.raise(
        Risk::Destructive,
        "R301",
        format!("table {} goes with all its rows", table.name),
    );
    step.losses.push(Loss {
        object: format!("table {}", table.name),
        count_sql: format!("SELECT COUNT(*) FROM {name}"),
        unit: "rows".to_owned(),
    });
    step.origin = table.origin.clone();
    step
}

fn drop_view(view: &View, facts: &Facts) -> Step {
    drop_object("VIEW", &view.name, &create_view(view, facts), facts)
}

fn drop_trigger(trigger: &Trigger, facts: &Facts) -> Step {
    let said = (&trigger.source_text, &trigger.settings);
    drop_program("TRIGGER", &trigger.name, said, facts)
}

/// Drops something with a body; it comes back with the settings that it ran with.
fn drop_program(
    kind: &str,
    name: &ObjectName,
    (text, own): program::Said<'_>,
    facts: &Facts,
) -> Step {
    let mut step = drop_object(kind, name, "", facts);
    let back = within(own, true, text.text.clone());
    step.undo = back.into_iter().map(|statement| statement.sql).collect();
    step
}

/// Drops something that holds no data; its text, where there is one, takes it back.
fn drop_object(kind: &str, name: &ObjectName, text: &str, facts: &Facts) -> Step {
    let mut step = step(
        Phase::DropDependents,
        name,
        format!("DROP {kind} {}", object_name(name, facts)),
    );
    step.raise(
        Risk::Breaking,
        "R302",
        format!("{} {name} goes", kind.to_lowercase()),
    );
    if !text.is_empty() {
        step.undo = vec![text.to_owned()];
    }
    step
}

#[cfg(test)]
mod tests;
