//! Routines, comments, and what stands in the lines of a table.

use realign_model::{Database, Ident, Routine, Table};
use realign_planner::{Phase, Statement, Step};

use crate::interpret::{FORCED, SECURE};
use crate::lower::step;
use crate::render::{self, ident, live_ident, object_name, string_literal};

/// Makes a routine.
pub(crate) fn routine(routine: &Routine, phase: Phase) -> Step {
    let text = routine.source_text.text.trim().trim_end_matches(';');
    let mut made = step(phase, routine.name.to_string(), text.to_owned());
    made.origin = routine.origin.clone();
    made
}

/// Comments of objects that have no place for one of their own.
pub(super) fn comments(database: &Database) -> Option<Step> {
    if database.comments.is_empty() {
        return None;
    }
    let statements = database
        .comments
        .iter()
        .map(|comment| {
            Statement::new(format!(
                "COMMENT ON {} IS {}",
                comment.on,
                string_literal(&comment.text)
            ))
        })
        .collect();
    Some(Step::new(Phase::CreateDependents, "comments", statements))
}

/// True when a line of the table says that its rows were never checked.
pub(crate) fn is_unchecked(table: &Table, name: Option<&Ident>, kind: &str) -> bool {
    name.is_some_and(|name| {
        let start = format!("{kind} {name} is NOT VALID");
        table.opaque.iter().any(|line| line.starts_with(&start))
    })
}

/// The statements that make what stands in the lines of a table, triggers aside.
pub(super) fn lines(table: &Table) -> Vec<String> {
    let name = object_name(&table.name);
    let mut statements = Vec::new();
    for line in &table.opaque {
        if line.starts_with("CONSTRAINT ") {
            statements.push(format!("ALTER TABLE {name} ADD {line}"));
        } else if line == SECURE {
            statements.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
        } else if line == FORCED {
            statements.push(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
        }
    }
    for check in &table.checks {
        if is_unchecked(table, check.name.as_ref(), "CHECK") {
            statements.push(format!(
                "ALTER TABLE {name} ADD {} NOT VALID",
                render::check(table, check)
            ));
        }
    }
    statements
}

/// The statements that switch triggers of a table; none when all fire as usual.
pub(super) fn switches(table: &Table) -> Option<Step> {
    let mut statements = Vec::new();
    for line in &table.opaque {
        let Some((trigger, how)) = line
            .strip_prefix("TRIGGER ")
            .and_then(|rest| rest.split_once(" is "))
        else {
            continue;
        };
        let word = match how {
            "DISABLED" => "DISABLE",
            "ENABLED ALWAYS" => "ENABLE ALWAYS",
            "ENABLED ON A REPLICA" => "ENABLE REPLICA",
            _ => continue,
        };
        statements.push(Statement::new(format!(
            "ALTER TABLE {} {word} TRIGGER {}",
            object_name(&table.name),
            ident(&live_ident(trigger))
        )));
    }
    (!statements.is_empty())
        .then(|| Step::new(Phase::CreateDependents, table.name.to_string(), statements))
}

/// The clause of a primary key in CREATE TABLE; a name that the engine would choose is left out.
pub(crate) fn key_clause(table: &Table) -> Option<String> {
    let key = table.primary_key.as_deref()?;
    let name = render::own_key_name(&table.name, key);
    let told = |word: &str| {
        let name = key.name.as_ref()?;
        let start = format!("PRIMARY KEY {name} {word} ");
        let line = table.opaque.iter().find(|line| line.starts_with(&start))?;
        Some(format!(" {word} {}", &line[start.len()..]))
    };
    Some(format!(
        "{}PRIMARY KEY({}){}{}{}",
        match name.trim_start() {
            "" => String::new(),
            name => format!("{name} "),
        },
        render::index_parts(&key.parts),
        told("INCLUDE").unwrap_or_default(),
        told("WITH").unwrap_or_default(),
        render::lateness(key.deferrable, key.initially_deferred)
    ))
}
