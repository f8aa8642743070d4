//! A whole schema, made and taken away, in Doctrine's order and words.

mod code;
mod early;
mod gone;
mod sequences;
mod types;

use std::collections::BTreeSet;

use realign_model::{Database, Ident, Index, ObjectName, RoutineKind, Table, TableOptions};
use realign_planner::{Change, Facts, Loss, Object, Phase, Statement, Step};

use crate::facts::default_schema;
use crate::lower::step;
use crate::render::{self, catalog_name, ident, object_name, string_literal};
use crate::{dependents, keeping, locks, risk};

/// The statements that make these objects in an empty database.
pub(crate) fn create(database: &Database, facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    let names = database
        .tables
        .iter()
        .map(|t| &t.name)
        .chain(database.sequences.iter().map(|s| &s.name))
        .chain(database.views.iter().map(|v| &v.name))
        .chain(database.routines.iter().map(|r| &r.name))
        .chain(database.enums.iter().map(|e| &e.name))
        .chain(database.domains.iter().map(|d| &d.name))
        .chain(database.opaque.iter().map(|o| &o.name));
    let declared = database.namespaces.iter().map(|n| &n.name);
    let of_extensions = database.extensions.iter().filter_map(|e| e.schema.as_ref());
    steps.extend(schemas(
        declared
            .chain(of_extensions)
            .chain(names.filter_map(|name| name.schema.as_ref())),
        &[],
        facts,
    ));
    steps.extend(within_schemas(database, facts));
    locks::ask_of_schema(&mut steps, database);
    steps
}

/// The same where their schemas are there.
pub(crate) fn within_schemas(database: &Database, facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    let early = early::routines(database);
    steps.extend(types::extensions(database));
    steps.extend(types::types(database));
    for routine in database.routines.iter().filter(|r| early.contains(&r.name)) {
        steps.push(code::routine(routine, Phase::Prepare));
    }
    steps.extend(types::opaque(database, true));
    let owners = Owners::of(database);
    let sequences: Vec<Step> = database
        .sequences
        .iter()
        .filter(|sequence| sequences::stands_alone(sequence, &owners))
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
    let tables: Vec<Step> = parents_first(database)
        .into_iter()
        .map(|table| table_step(table, (database, &owners), facts))
        .collect();
    // The order of the two changed with the builder of 3.4.
    if facts.doctrine.dbal_at_least(3, 4) {
        steps.extend(sequences);
        steps.extend(tables);
    } else {
        // A default that names a sequence needs it, whatever the order is for.
        let (first, later): (Vec<Step>, Vec<Step>) = sequences
            .into_iter()
            .partition(|_| database.sequences.iter().any(|s| s.owned_by.is_some()));
        steps.extend(first);
        steps.extend(tables);
        steps.extend(later);
    }
    steps.extend(sequences::owners(database, &owners));
    steps.extend(database.tables.iter().filter_map(foreign_key_step));
    for routine in database
        .routines
        .iter()
        .filter(|r| !early.contains(&r.name))
    {
        steps.push(code::routine(routine, Phase::CreateDependents));
    }
    for view in dependents::in_order(database.views.iter().collect()) {
        steps.push(dependents::create_view(view));
    }
    for trigger in &database.triggers {
        steps.push(dependents::create_trigger(trigger, Phase::CreateDependents));
    }
    steps.extend(types::opaque(database, false));
    steps.extend(database.tables.iter().filter_map(code::switches));
    steps.extend(code::comments(database));
    steps
}

pub(crate) use code::{is_unchecked, key_clause, routine as create_routine};
pub(crate) use early::{needed as needed_routines, routines as early_routines};
pub(crate) use gone::{
    lets_go, removal, replace as replace_opaque, stands_on_now, step_of as drop_opaque,
    types_last_first,
};
pub(crate) use sequences::{Owners, logging as sequence_logging, made_along, owners_of};
pub(crate) use types::{create_opaque, domain_checks};

/// Tables, each after those whose columns it has.
fn parents_first(database: &Database) -> Vec<&Table> {
    if database.tables.iter().all(|t| parents(t).is_empty()) {
        return database.tables.iter().collect();
    }
    let there: BTreeSet<&ObjectName> = database.tables.iter().map(|t| &t.name).collect();
    let mut made: BTreeSet<&ObjectName> = BTreeSet::new();
    let mut left: Vec<&Table> = database.tables.iter().collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let before = left.len();
        left.retain(|table| {
            let ready = parents(table)
                .into_iter()
                .all(|parent| made.contains(parent) || !there.contains(parent));
            if ready {
                made.insert(&table.name);
                ordered.push(*table);
            }
            !ready
        });
        if left.len() == before {
            // Nothing inherits from itself; what only looks so is taken as given.
            ordered.append(&mut left);
        }
    }
    ordered
}

/// The tables whose columns a table has.
pub(crate) fn parents(table: &Table) -> Vec<&ObjectName> {
    match &table.options {
        TableOptions::Postgres(options) => options
            .inherits
            .iter()
            .chain(options.partition_of.iter().map(|part| &part.parent))
            .collect(),
        TableOptions::None | TableOptions::MySql(_) | TableOptions::Sqlite(_) => Vec::new(),
    }
}

/// A table with its indexes and comments. `database` tells what its parents and sequences are.
pub(crate) fn table_step(
    table: &Table,
    (database, owners): (&Database, &Owners<'_>),
    facts: &Facts,
) -> Step {
    let name = object_name(&table.name);
    let mut statements = vec![render::create_table(table, database, facts)];
    statements.extend(sequences::identities(table, owners, facts));
    statements.extend(
        table
            .indexes
            .iter()
            .flat_map(|index| make_index(&table.name, index)),
    );
    statements.extend(keeping::statements(&table.name, keeping::clauses(table)));
    statements.extend(code::lines(table));
    if let Some(comment) = &table.comment {
        statements.push(format!(
            "COMMENT ON TABLE {name} IS {}",
            string_literal(comment)
        ));
    }
    statements.extend(
        table
            .columns
            .iter()
            // A definition of the person's own replaces all of it on other engines; the mark of
            // a type is written here all the same.
            .filter(|column| column.stored_comment().is_some())
            .map(|column| render::comment_on_column(&table.name, column)),
    );
    let mut step = Step::new(
        Phase::Create,
        table.name.to_string(),
        statements.into_iter().map(Statement::new).collect(),
    );
    step.undo = vec![format!("DROP TABLE {name}")];
    step.origin = table.origin.clone();
    step
}

/// The statements that make an index.
pub(crate) fn make_index(table: &ObjectName, index: &Index) -> Vec<String> {
    let mut statements = vec![render::make_index(table, index)];
    statements.extend(keeping::index_statements(table, index));
    statements
}

/// The foreign keys of a new table; nothing when it has none.
pub(crate) fn foreign_key_step(table: &Table) -> Option<Step> {
    if table.foreign_keys.is_empty() {
        return None;
    }
    let statements = table
        .foreign_keys
        .iter()
        .map(|key| {
            let unchecked = if code::is_unchecked(table, key.name.as_ref(), "FOREIGN KEY") {
                " NOT VALID"
            } else {
                ""
            };
            let sql = render::add_foreign_key(&table.name, key);
            Statement::new(format!("{sql}{unchecked}"))
        })
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
        Change::CreateObject(Object::Routine(routine)) => Some(&routine.name),
        Change::CreateObject(Object::Enum(words)) => Some(&words.name),
        Change::CreateObject(Object::Domain(domain)) => Some(&domain.name),
        Change::CreateObject(Object::Opaque(opaque)) => Some(&opaque.name),
        _ => None,
    });
    let of_extensions = changes.iter().filter_map(|change| match change {
        Change::CreateObject(Object::Extension(extension)) => extension.schema.as_ref(),
        _ => None,
    });
    let present: Vec<&Ident> = is.namespaces.iter().map(|n| &n.name).collect();
    schemas(
        names
            .filter_map(|name| name.schema.as_ref())
            .chain(of_extensions),
        &present,
        facts,
    )
}

fn schemas<'a>(
    names: impl Iterator<Item = &'a Ident>,
    present: &[&Ident],
    facts: &Facts,
) -> Vec<Step> {
    let mut seen: BTreeSet<String> = present.iter().map(|n| n.text.clone()).collect();
    seen.insert(default_schema(facts).to_owned());
    names
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

/// The statements that take these objects away, dependants first.
pub(crate) fn drop(database: &Database, _facts: &Facts) -> Vec<Step> {
    let mut steps = gone::steps(database, gone::Turn::First);
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
    // A part of another table goes with it.
    for table in database.tables.iter().filter(|t| !t.is_partition()) {
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
    steps.extend(gone::steps(database, gone::Turn::BeforeRoutines));
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
    steps.extend(gone::steps(database, gone::Turn::Last));
    steps.extend(gone::types_last_first(database));
    for extension in &database.extensions {
        steps.push(step(
            Phase::Drop,
            format!("extension {}", extension.name),
            format!("DROP EXTENSION {}", ident(&extension.name)),
        ));
    }
    locks::ask_of_schema(&mut steps, database);
    steps
}
