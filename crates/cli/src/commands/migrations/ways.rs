//! The two ways of a migration: there and back, out of two schemas.

use std::collections::{BTreeMap, HashMap, HashSet};

use realign::model::{Database, Ident, Namespace, ObjectName, Sequence, Table};
use realign::planner::{
    Change, Dialect, Diff, Facts, Object, Phase, Plan, Policy, Renames, Scope, Severity, Statement,
    Step, TableItem, diff, plan, renamed,
};
use realign::runtime::{Error, ErrorKind};

/// The statements of one way.
pub(super) struct Way {
    /// What it has to begin with.
    pub(super) opening: Vec<Statement>,
    /// What it does.
    pub(super) plan: Plan,
}

/// Names of what goes.
type Gone<'a> = HashSet<&'a ObjectName>;

/// There and back.
pub(super) struct Ways {
    /// To what is declared.
    pub(super) up: Way,
    /// To what was there before.
    pub(super) down: Way,
}

/// The way there and the way back; none when nothing differs.
pub(super) fn ways(
    is: &Database,
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
    policy: &Policy,
) -> anyhow::Result<Option<Ways>> {
    let sizes = BTreeMap::new();
    let changes = diff(is, wish, dialect, facts, policy);
    let up = plan(&changes, is, wish, dialect, facts, &sizes, policy);
    if let Some(refusal) = up.refusals.iter().find(|r| r.severity == Severity::Error) {
        let error = Error::new(ErrorKind::Refused, refusal.message.clone());
        return Err(match &refusal.help {
            Some(help) => error.with_help(help.clone()).into(),
            None => error.into(),
        });
    }
    if up.is_empty() {
        return Ok(None);
    }
    // The way back begins with the whole database, not with what has changed alone: what stands
    // on that has to make room for it on the way back as well.
    let from = renamed(is, wish, dialect, facts, policy).unwrap_or_else(|| is.clone());
    let after = settled(changed(from, &changes), wish);
    let down = back(&after, is.clone(), &up, reversed(&changes), dialect, facts);
    Ok(Some(Ways {
        up: Way {
            opening: dialect.script_opening(&made(&changes), facts),
            plan: up,
        },
        down,
    }))
}

/// The way that takes away all that is in a database, which this plan makes.
pub(super) fn away(database: &Database, made: &Plan, dialect: &dyn Dialect, facts: &Facts) -> Way {
    let nothing = Database::default();
    back(database, nothing, made, Renames::default(), dialect, facts)
}

/// The way back to a database, from all that a way there led to.
fn back(
    after: &Database,
    mut before: Database,
    there: &Plan,
    renames: Renames,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Way {
    // The way there may have made the first table of a schema, and that is to go again.
    before.namespaces.extend(namespaces(after));
    let policy = Policy {
        complete: true,
        ignore: Vec::new(),
        protected: Vec::new(),
        renames,
        scope: Scope::ALL,
    };
    let changes = diff(after, &before, dialect, facts, &policy);
    let sizes = BTreeMap::new();
    let mut plan = plan(&changes, after, &before, dialect, facts, &sizes, &policy);
    // A schema is compared with nothing: one that the way there makes is empty by now, and would
    // be in the way of the next time.
    let schemas = there
        .steps
        .iter()
        .filter(|s| s.object.starts_with("schema "));
    plan.steps.extend(schemas.rev().map(|made| {
        let undo = made.undo.iter().cloned().map(Statement::new).collect();
        Step::new(Phase::Drop, made.object.clone(), undo)
    }));
    Way {
        opening: dialect.script_opening(&made(&changes), facts),
        plan,
    }
}

/// True when there is something that nothing declares.
pub(super) fn undeclared(
    is: &Database,
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
    policy: Policy,
) -> bool {
    let policy = Policy {
        complete: true,
        ..policy
    };
    !diff(is, wish, dialect, facts, &policy).changes.is_empty()
}

/// A database after changes. Its declared renames are carried out already.
fn changed(mut database: Database, changes: &Diff) -> Database {
    let (mut tables, mut views, mut sequences) = (Gone::new(), Gone::new(), Gone::new());
    let mut altered: HashMap<&ObjectName, &Table> = HashMap::new();
    for change in &changes.changes {
        match change {
            Change::DropTable(table) => {
                tables.insert(&table.name);
            }
            Change::AlterTable(change) => {
                altered.insert(&change.is.name, &change.target);
            }
            Change::DropView(view) | Change::ReplaceView { is: view, .. } => {
                views.insert(&view.name);
            }
            Change::DropSequence(sequence) | Change::AlterSequence { is: sequence, .. } => {
                sequences.insert(&sequence.name);
            }
            _ => {}
        }
    }
    database
        .tables
        .retain(|table| !tables.contains(&table.name));
    database.views.retain(|view| !views.contains(&view.name));
    database.sequences.retain(|s| !sequences.contains(&s.name));
    for table in &mut database.tables {
        if let Some(target) = altered.get(&table.name) {
            *table = (*target).clone();
        }
    }
    for change in &changes.changes {
        match change {
            Change::CreateTable(table) => database.tables.push(table.clone()),
            Change::CreateSequence(wish) | Change::AlterSequence { wish, .. } => {
                database.sequences.push(wish.clone());
            }
            Change::CreateView(wish) | Change::ReplaceView { wish, .. } => {
                database.views.push(wish.clone());
            }
            Change::CreateTrigger(trigger) => database.triggers.push(trigger.clone()),
            Change::DropTrigger(gone) => database.triggers.retain(|trigger| trigger != gone),
            Change::ReplaceTrigger { is, wish } => {
                database.triggers.retain(|trigger| trigger != is);
                database.triggers.push(wish.clone());
            }
            Change::CreateObject(object) => object.clone().put_into(&mut database),
            Change::DropObject(gone) => take_out(gone, &mut database),
            Change::ReplaceObject { is, wish } => {
                take_out(is, &mut database);
                wish.clone().put_into(&mut database);
            }
            Change::RenameTable { .. }
            | Change::DropTable(_)
            | Change::AlterTable(_)
            | Change::DropView(_)
            | Change::DropSequence(_) => {}
        }
    }
    database
}

/// What goes with its table has gone with it, and what comes with one has come.
fn settled(mut database: Database, wish: &Database) -> Database {
    let tables = database.tables.iter().map(|table| &table.name);
    let views = database.views.iter().map(|view| &view.name);
    let there: HashSet<ObjectName> = tables.chain(views).cloned().collect();
    database.triggers.retain(|t| there.contains(&t.table));
    let stands = |table: &ObjectName| there.contains(table);
    database
        .opaque
        .retain(|opaque| opaque.table.as_ref().is_none_or(stands));
    let columns: HashSet<(&ObjectName, &Ident)> = database
        .tables
        .iter()
        .flat_map(|table| table.columns.iter().map(|c| (&table.name, &c.name)))
        .collect();
    let is_owned = |sequence: &Sequence| {
        let owner = sequence.owned_by.as_ref();
        owner.is_some_and(|(table, column)| columns.contains(&(table, column)))
    };
    let mut sequences = std::mem::take(&mut database.sequences);
    sequences.retain(|s| s.owned_by.is_none() || s.loose || is_owned(s));
    let known: HashSet<ObjectName> = sequences.iter().map(|s| s.name.clone()).collect();
    let along = wish.sequences.iter().filter(|s| is_owned(s));
    sequences.extend(along.filter(|s| !known.contains(&s.name)).cloned());
    database.sequences = sequences;
    database
}

fn take_out(object: &Object, database: &mut Database) {
    match object {
        Object::Routine(gone) => database.routines.retain(|routine| routine != gone),
        Object::Event(gone) => database.events.retain(|event| event != gone),
        Object::Enum(gone) => database.enums.retain(|kind| kind.name != gone.name),
        Object::Domain(gone) => database.domains.retain(|domain| domain.name != gone.name),
        Object::Extension(gone) => database.extensions.retain(|other| other != gone),
        Object::Opaque(gone) => database.opaque.retain(|opaque| opaque != gone),
    }
}

/// What changes make, for what a script has to begin with.
fn made(changes: &Diff) -> Database {
    let mut database = Database::default();
    for change in &changes.changes {
        match change {
            Change::CreateTable(table) => database.tables.push(table.clone()),
            Change::AlterTable(change) => database.tables.push(change.target.clone()),
            Change::CreateObject(object) | Change::ReplaceObject { wish: object, .. } => {
                object.clone().put_into(&mut database);
            }
            _ => {}
        }
    }
    database
}

/// The schemas of what is in a database.
fn namespaces(database: &Database) -> Vec<Namespace> {
    let tables = database.tables.iter().map(|table| &table.name);
    let views = database.views.iter().map(|view| &view.name);
    let sequences = database.sequences.iter().map(|sequence| &sequence.name);
    let routines = database.routines.iter().map(|routine| &routine.name);
    tables
        .chain(views)
        .chain(sequences)
        .chain(routines)
        .filter_map(|name: &ObjectName| name.schema.clone())
        .map(|name| Namespace { name })
        .collect()
}

/// The renames that were carried out, backwards.
fn reversed(changes: &Diff) -> Renames {
    let mut renames = Renames::default();
    for change in &changes.changes {
        if let Change::RenameTable { from, to } = change {
            renames.tables.push((to.to_string(), from.to_string()));
        }
    }
    for change in &changes.changes {
        let Change::AlterTable(change) = change else {
            continue;
        };
        let name = change.target.name.to_string();
        let former = renames.tables.iter().find(|(to, _)| *to == name);
        let former = former.map_or_else(|| name.clone(), |(_, from)| from.clone());
        for item in &change.items {
            if let TableItem::RenameColumn { from, to } = item {
                renames
                    .columns
                    .push((former.clone(), to.to_string(), from.to_string()));
            }
        }
    }
    renames
}

/// What a filter of tables lets through: tables and views of these names, what belongs to such a
/// table, and all that belongs to none.
pub(super) fn kept(database: &Database, keep: &dyn Fn(&str) -> bool) -> Database {
    let mut kept = database.clone();
    kept.tables.retain(|table| keep(&table.name.to_string()));
    kept.views.retain(|view| keep(&view.name.to_string()));
    kept.triggers
        .retain(|trigger| keep(&trigger.table.to_string()));
    kept.opaque.retain(|opaque| {
        let table = opaque.table.as_ref();
        table.is_none_or(|table| keep(&table.to_string()))
    });
    let tables = database.tables.iter().map(|table| table.name.to_string());
    let tables: HashSet<String> = tables.collect();
    kept.sequences.retain(|sequence| {
        let table = table_of(sequence, &tables);
        table.is_none_or(|table| keep(&table))
    });
    kept
}

/// The table of these whose values come from a sequence: its owner, or the one that it is named
/// after.
fn table_of(sequence: &Sequence, tables: &HashSet<String>) -> Option<String> {
    if let Some((table, _)) = &sequence.owned_by {
        return Some(table.to_string());
    }
    let name = sequence.name.to_string();
    let mut before = name.rmatch_indices('_').map(|(at, _)| &name[..at]);
    before
        .find(|before| tables.contains(*before))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use realign::model::{Database, ObjectName, Sequence, Table};

    use super::kept;

    fn sequence(name: &str) -> Sequence {
        Sequence {
            name: ObjectName::bare(name),
            data_type: None,
            start: 1,
            increment: 1,
            min: None,
            max: None,
            cache: None,
            cycle: false,
            unlogged: false,
            owned_by: None,
            loose: false,
            origin: realign::model::Origin::None,
        }
    }

    #[test]
    fn sequences_go_with_the_table_that_they_are_named_after() {
        let database = Database {
            tables: ["cust", "cust_tag"]
                .into_iter()
                .map(|name| Table::new(ObjectName::bare(name)))
                .collect(),
            sequences: ["cust_id_seq", "cust_tag_id_seq", "numbers"]
                .into_iter()
                .map(sequence)
                .collect(),
            ..Database::default()
        };
        let left = kept(&database, &|name| name == "cust");
        let names: Vec<String> = left.sequences.iter().map(|s| s.name.to_string()).collect();
        assert_eq!(names, ["cust_id_seq", "numbers"]);
    }
}
