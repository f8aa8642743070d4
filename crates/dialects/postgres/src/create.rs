//! A whole schema, made and taken away, in Doctrine's order and words.

use std::fmt::Write as _;

use std::collections::BTreeSet;

use realign_model::{Database, Ident, ObjectName, RoutineKind, Table};
use realign_planner::{Change, Facts, Loss, Phase, Statement, Step};

use crate::facts::default_schema;
use crate::lower::step;
use crate::render::{self, catalog_name, ident, object_name, string_literal};
use crate::{dependents, risk, types};

/// The statements that make these objects in an empty database.
pub(crate) fn create(database: &Database, facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    let names = database
        .tables
        .iter()
        .map(|t| &t.name)
        .chain(database.sequences.iter().map(|s| &s.name));
    steps.extend(schemas(names, &[], facts));
    steps.extend(types_and_extensions(database));
    let sequences: Vec<Step> = database
        .sequences
        .iter()
        // One that a column owns is made along with it.
        .filter(|sequence| sequence.owned_by.is_none())
        .map(|sequence| {
            let mut step = step(
                Phase::Prepare,
                format!("sequence {}", sequence.name),
                render::create_sequence(sequence),
            );
            step.origin = sequence.origin.clone();
            step
        })
        .collect();
    let tables = database.tables.iter().map(|table| table_step(table, facts));
    // The order of the two changed with the builder of 3.4.
    if facts.doctrine.dbal_at_least(3, 4) {
        steps.extend(sequences);
        steps.extend(tables);
    } else {
        steps.extend(tables);
        steps.extend(sequences);
    }
    steps.extend(database.tables.iter().filter_map(foreign_key_step));
    for routine in &database.routines {
        steps.push(step(
            Phase::CreateDependents,
            routine.name.to_string(),
            routine
                .source_text
                .text
                .trim()
                .trim_end_matches(';')
                .to_owned(),
        ));
    }
    for view in dependents::in_order(database.views.iter().collect()) {
        steps.push(dependents::create_view(view));
    }
    for trigger in &database.triggers {
        steps.push(dependents::create_trigger(trigger, Phase::CreateDependents));
    }
    steps
}

/// A table with its indexes and comments.
pub(crate) fn table_step(table: &Table, facts: &Facts) -> Step {
    let mut statements = vec![render::create_table(table, facts)];
    statements.extend(
        table
            .indexes
            .iter()
            .map(|index| render::make_index(&table.name, index)),
    );
    if let Some(comment) = &table.comment {
        statements.push(format!(
            "COMMENT ON TABLE {} IS {}",
            object_name(&table.name),
            string_literal(comment)
        ));
    }
    statements.extend(
        table
            .columns
            .iter()
            // A definition of the person's own replaces all of it on other engines; the mark of
            // a type is written here all the same.
            .filter(|column| render::comment_text(column).is_some())
            .map(|column| render::comment_on_column(&table.name, column)),
    );
    let mut step = Step::new(
        Phase::Create,
        table.name.to_string(),
        statements.into_iter().map(Statement::new).collect(),
    );
    step.undo = vec![format!("DROP TABLE {}", object_name(&table.name))];
    step.origin = table.origin.clone();
    step
}

/// The foreign keys of a new table; nothing when it has none.
pub(crate) fn foreign_key_step(table: &Table) -> Option<Step> {
    if table.foreign_keys.is_empty() {
        return None;
    }
    let statements = table
        .foreign_keys
        .iter()
        .map(|key| Statement::new(render::add_foreign_key(&table.name, key)))
        .collect();
    let mut step = Step::new(Phase::AddForeignKeys, table.name.to_string(), statements);
    step.origin = table.origin.clone();
    Some(step)
}

/// Schemas that new objects need and the database does not have.
pub(crate) fn missing_schemas(changes: &[Change], is: &Database, facts: &Facts) -> Vec<Step> {
    let names = changes.iter().filter_map(|change| match change {
        Change::CreateTable(table) => Some(&table.name),
        Change::CreateSequence(sequence) => Some(&sequence.name),
        Change::CreateView(view) => Some(&view.name),
        _ => None,
    });
    let present: Vec<&Ident> = is.namespaces.iter().map(|n| &n.name).collect();
    schemas(names, &present, facts)
}

fn schemas<'a>(
    names: impl Iterator<Item = &'a ObjectName>,
    present: &[&Ident],
    facts: &Facts,
) -> Vec<Step> {
    let mut seen: BTreeSet<String> = present.iter().map(|n| n.text.clone()).collect();
    seen.insert(default_schema(facts).to_owned());
    names
        .filter_map(|name| name.schema.as_ref())
        .filter(|schema| seen.insert(catalog_name(schema)))
        .map(|schema| {
            let mut step = step(
                Phase::Prepare,
                format!("schema {schema}"),
                format!("CREATE SCHEMA {}", ident(schema)),
            );
            step.undo = vec![format!("DROP SCHEMA {}", ident(schema))];
            step
        })
        .collect()
}

/// What columns may be made of.
fn types_and_extensions(database: &Database) -> Vec<Step> {
    let mut steps = Vec::new();
    for extension in &database.extensions {
        steps.push(step(
            Phase::Prepare,
            format!("extension {}", extension.name),
            format!("CREATE EXTENSION IF NOT EXISTS {}", ident(&extension.name)),
        ));
    }
    for words in &database.enums {
        let values: Vec<String> = words.values.iter().map(|v| string_literal(v)).collect();
        steps.push(step(
            Phase::Prepare,
            format!("type {}", words.name),
            format!(
                "CREATE TYPE {} AS ENUM ({})",
                object_name(&words.name),
                values.join(", ")
            ),
        ));
    }
    for domain in &database.domains {
        let mut text = format!(
            "CREATE DOMAIN {} AS {}",
            object_name(&domain.name),
            types::render(&domain.base)
        );
        if let Some(default) = &domain.default {
            let _ = write!(text, " DEFAULT {default}");
        }
        if !domain.nullable {
            text.push_str(" NOT NULL");
        }
        for (name, check) in &domain.checks {
            if let Some(name) = name {
                let _ = write!(text, " CONSTRAINT {}", ident(name));
            }
            let _ = write!(text, " CHECK ({check})");
        }
        steps.push(step(
            Phase::Prepare,
            format!("domain {}", domain.name),
            text,
        ));
    }
    steps
}

/// The statements that take these objects away, dependants first.
pub(crate) fn drop(database: &Database, _facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    for view in dependents::in_order(database.views.iter().collect())
        .into_iter()
        .rev()
    {
        steps.push(dependents::drop_view(view, Phase::Drop));
    }
    for table in &database.tables {
        for name in table
            .foreign_keys
            .iter()
            .filter_map(|key| key.name.as_ref())
        {
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
    // A sequence that a column owns goes with it.
    for sequence in database.sequences.iter().filter(|s| s.owned_by.is_none()) {
        let mut step = step(
            Phase::Drop,
            format!("sequence {}", sequence.name),
            format!("DROP SEQUENCE {} CASCADE", object_name(&sequence.name)),
        );
        risk::LOSES.on(&mut step);
        steps.push(step);
    }
    for table in &database.tables {
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
        steps.push(step);
    }
    for routine in &database.routines {
        let kind = match routine.kind {
            RoutineKind::Function => "FUNCTION",
            RoutineKind::Procedure => "PROCEDURE",
            RoutineKind::Aggregate => "AGGREGATE",
        };
        let arguments = routine.signature.as_deref().unwrap_or_default();
        let mut step = step(
            Phase::Drop,
            routine.name.to_string(),
            format!("DROP {kind} {}({arguments})", object_name(&routine.name)),
        );
        step.undo = vec![routine.source_text.text.clone()];
        steps.push(step);
    }
    for domain in &database.domains {
        steps.push(step(
            Phase::Drop,
            format!("domain {}", domain.name),
            format!("DROP DOMAIN {}", object_name(&domain.name)),
        ));
    }
    for extension in &database.extensions {
        steps.push(step(
            Phase::Drop,
            format!("extension {}", extension.name),
            format!("DROP EXTENSION {}", ident(&extension.name)),
        ));
    }
    for words in &database.enums {
        steps.push(step(
            Phase::Drop,
            format!("type {}", words.name),
            format!("DROP TYPE {}", object_name(&words.name)),
        ));
    }
    steps
}
