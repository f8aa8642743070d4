//! Migrations whose work the database has already.
//!
//! Asked only when the server has refused a statement of one: what is there already
//! can't be made again. What its definitions make is taken out of the schema as it is, made again
//! on paper, and compared with what is there: only when nothing differs, and nothing is left that
//! can't be told, the migration is included.

mod added;

use std::collections::HashSet;

use realign_model::{Database, Ident, ObjectName};
use realign_planner::migration::Direction;
use realign_planner::{
    Effect, ObjectKind, ObjectRef, Policy, SchemaScript, Scope, Severity, StatementKind, diff,
};

use super::Loaded;
use super::ahead::Ahead;
use crate::kernel::{Site, UnitFailure, UnitStatement};
use crate::{Connection, Error, ErrorKind, inspect_known};

/// True when this failure may be one of a migration that is included: the server has refused it.
/// Statements of it that ran before make no difference: they as well are held to what is there.
pub(super) fn may_be(migration: &Loaded, failure: &UnitFailure) -> bool {
    defines(migration)
        && failure.statement.is_some()
        && failure.signal.is_none()
        && !failure.lost
        && failure.error.kind == ErrorKind::Refused
}

/// How many migrations after one may be what has changed its objects since.
const REACH: usize = 32;

/// True when every statement of the first of these migrations is a definition, and all that they
/// make, change or drop is as they leave it. What the ones after it have changed since counts as
/// well, when all of it is there: a schema that was made anew has the work of all of them.
pub(super) fn is(
    connection: &mut Connection,
    site: &Site,
    migrations: &[Loaded],
) -> Result<bool, Error> {
    let whole = migrations.iter().take_while(|one| defines(one)).count();
    if whole == 0 {
        return Ok(false);
    }
    let found = inspect_known(connection, site.dialect, site.facts.clone())?;
    Ok(is_in(site, &found.database, migrations, whole))
}

fn is_in(site: &Site, is: &Database, migrations: &[Loaded], whole: usize) -> bool {
    let all_of = |count: usize| -> Vec<&UnitStatement> {
        let some = migrations.iter().take(count);
        some.flat_map(|migration| &migration.unit.statements)
            .collect()
    };
    let mut counts = std::iter::once(whole).chain(1..whole.min(REACH));
    counts.any(|count| holds(site, is, &all_of(count)))
}

/// True for one of which nothing but definitions stands once it has run.
pub(super) fn defines(migration: &Loaded) -> bool {
    let statements = &migration.unit.statements;
    let is_one = |one: &UnitStatement| one.nature.kind == StatementKind::Definition;
    migration.direction == Direction::Up
        && !migration.begun
        && statements.iter().any(is_one)
        && statements.iter().all(|one| is_one(one) || one.is_aside())
}

/// What a run would leave out, for who only looks: the schema is asked once, and only when there is
/// a migration that could be refused.
pub(super) struct Foresight<'l> {
    seen: Seen,
    /// What those before change that would be run.
    changed: Vec<ObjectRef>,
    /// What is there once they have.
    made: HashSet<&'l Effect>,
}

enum Seen {
    NotAsked,
    Nothing,
    Schema(Database),
}

impl<'l> Foresight<'l> {
    pub(super) fn new() -> Self {
        Self {
            seen: Seen::NotAsked,
            changed: Vec::new(),
            made: HashSet::new(),
        }
    }

    /// True when the first of these would be refused, and is included; false as well where that
    /// can't be told before those ahead of it have run.
    pub(super) fn tells(
        &mut self,
        connection: &mut Connection,
        site: &Site,
        migrations: &'l [Loaded],
        ahead: &mut Ahead<'_>,
    ) -> Result<bool, Error> {
        let Some(first) = migrations.first() else {
            return Ok(false);
        };
        let changed = |object| self.changed.iter().any(|one| alike(one, object));
        let included = if !defines(first) || !first.unit.statements.iter().any(could_be_refused) {
            false
        } else if !touched(first).any(changed) {
            let schema = self.schema(connection, site)?;
            schema.is_some_and(|schema| would_be(site, schema, migrations))
        } else if self.repeats(first) {
            // What is there by then is made by those ahead of it.
            match unless_kept_from(ahead.schema(connection, site))? {
                Some(Some(schema)) => would_be(site, schema, migrations),
                _ => false,
            }
        } else {
            false
        };
        if !included {
            self.changed.extend(touched(first).cloned());
            let statements = first.unit.statements.iter();
            let effects = statements.flat_map(|statement| &statement.nature.effects);
            self.made.extend(effects.filter(|effect| !goes(effect)));
        }
        Ok(included)
    }

    /// True when it makes what one ahead of it makes.
    fn repeats(&self, migration: &Loaded) -> bool {
        let mut statements = migration.unit.statements.iter();
        statements.any(|statement| {
            let mut effects = statement.nature.effects.iter();
            makes_anew(statement) && effects.any(|effect| self.made.contains(effect))
        })
    }

    /// The schema as it stands, where it can be looked at.
    fn schema(
        &mut self,
        connection: &mut Connection,
        site: &Site,
    ) -> Result<Option<&Database>, Error> {
        if matches!(self.seen, Seen::NotAsked) {
            let found = inspect_known(connection, site.dialect, site.facts.clone());
            self.seen = match unless_kept_from(found)? {
                Some(found) => Seen::Schema(found.database),
                None => Seen::Nothing,
            };
        }
        Ok(match &self.seen {
            Seen::Schema(schema) => Some(schema),
            Seen::NotAsked | Seen::Nothing => None,
        })
    }
}

/// What was found; nothing is said where a right is missing, or somebody is in the way.
fn unless_kept_from<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind, ErrorKind::Refused | ErrorKind::Locked) => Ok(None),
        Err(error) => Err(error),
    }
}

/// True when the first of these would be refused where this is the schema, and is included.
fn would_be(site: &Site, schema: &Database, migrations: &[Loaded]) -> bool {
    let Some(first) = migrations.first() else {
        return false;
    };
    let own = first.unit.statements.iter();
    let mut own = own.filter(|statement| !statement.is_aside());
    let refused = |statement: &UnitStatement| {
        let effects = &statement.nature.effects;
        let mut before = schema.clone();
        makes_anew(statement) && effects.iter().any(|effect| take(&mut before, effect))
            || added::take(site, &mut before, statement) == Some(true)
    };
    let is_refused = own.any(refused);
    let whole = migrations.iter().take_while(|one| defines(one)).count();
    is_refused && is_in(site, schema, migrations, whole)
}

/// True for a statement that makes something and is refused where that is there.
fn makes_anew(statement: &UnitStatement) -> bool {
    let nature = &statement.nature;
    nature.kind == StatementKind::Definition
        && !nature.repeatable
        && !nature.effects.is_empty()
        && !nature.effects.iter().any(goes)
}

/// True for a statement that may be refused by reason of what is there.
fn could_be_refused(statement: &UnitStatement) -> bool {
    makes_anew(statement) || added::may_add(statement)
}

fn touched(migration: &Loaded) -> impl Iterator<Item = &ObjectRef> {
    let statements = migration.unit.statements.iter();
    statements.flat_map(|statement| &statement.nature.touches)
}

fn alike(one: &ObjectRef, other: &ObjectRef) -> bool {
    one.name.eq_ignore_ascii_case(&other.name)
}

fn holds(site: &Site, is: &Database, statements: &[&UnitStatement]) -> bool {
    let mut before = is.clone();
    let mut made: Vec<(usize, &str)> = Vec::new();
    let mut dropped: Vec<&Effect> = Vec::new();
    // The last is taken out first: an index before the table that it was made on.
    for (at, statement) in statements.iter().enumerate().rev() {
        if statement.is_aside() {
            continue;
        }
        let effects = &statement.nature.effects;
        if !effects.is_empty() && effects.iter().all(goes) {
            // It only drops: there is nothing to make on paper.
            if effects.iter().any(|effect| take(&mut before, effect)) {
                return false;
            }
            dropped.extend(effects);
            continue;
        }
        // Of one that makes and drops nobody knows what it dropped.
        if effects.iter().any(goes) {
            return false;
        }
        let passed = |effect: &Effect| dropped.iter().any(|gone| ends(gone, effect));
        if !effects.is_empty() && effects.iter().all(passed) {
            continue;
        }
        let taken = effects.iter().all(|effect| take(&mut before, effect));
        if !taken || added::take(site, &mut before, statement) == Some(false) {
            return false;
        }
        made.push((at, statement.sql.as_str()));
    }
    // One that only drops, and finds nothing to drop, may as well name it wrongly.
    if made.is_empty() {
        return false;
    }
    let mut after = before;
    for (at, sql) in made.into_iter().rev() {
        let settings = statements.iter().take(at);
        let mut text = String::new();
        for setting in settings.filter(|one| one.nature.plain_setting) {
            text.push_str(&setting.sql);
            text.push_str("\n;\n");
        }
        text.push_str(sql);
        let script = SchemaScript {
            path: "",
            text: &text,
        };
        let read = site
            .dialect
            .interpret()
            .interpret(&script, after, &site.facts);
        let fails = |severity: Severity| severity == Severity::Error;
        if read.skipped_bytes > 0 || read.diagnostics.iter().any(|told| fails(told.severity)) {
            return false;
        }
        after = read.database;
    }
    let policy = Policy {
        complete: true,
        scope: Scope::ALL,
        ..Policy::default()
    };
    let told = |wish: &Database| diff(is, wish, site.dialect, &site.facts, &policy);
    let (same, found) = (told(is), told(&after));
    // What is said of a database that is compared with itself says nothing of the migration.
    found.changes.len() <= same.changes.len()
        && found
            .findings
            .iter()
            .all(|finding| same.findings.contains(finding))
}

/// True when something is gone after it.
fn goes(effect: &Effect) -> bool {
    match effect {
        Effect::Object(_, exists)
        | Effect::Column { exists, .. }
        | Effect::Index { exists, .. } => !exists,
    }
}

/// True when what a later statement dropped is what this one made, or the table that it stands in.
fn ends(gone: &Effect, made: &Effect) -> bool {
    match (gone, made) {
        (Effect::Object(gone, _), Effect::Object(made, _)) => gone == made,
        (Effect::Object(gone, _), Effect::Column { table, .. } | Effect::Index { table, .. }) => {
            gone == table
        }
        (
            Effect::Column { table, column, .. },
            Effect::Column {
                table: of,
                column: name,
                ..
            },
        ) => (table, column) == (of, name),
        (
            Effect::Index { table, index, .. },
            Effect::Index {
                table: of,
                index: name,
                ..
            },
        ) => (table, index) == (of, name),
        (Effect::Column { .. } | Effect::Index { .. }, _) => false,
    }
}

/// Takes what an effect tells of out of a schema; false when it was not there.
fn take(database: &mut Database, effect: &Effect) -> bool {
    match effect {
        Effect::Object(object, _) => take_object(database, object),
        Effect::Column { table, column, .. } => {
            let tables = database.tables.iter_mut();
            tables
                .filter(|there| is_called(&there.name, table))
                .any(|there| less(&mut there.columns, |own| same(&own.name, column)))
        }
        Effect::Index { table, index, .. } => {
            let tables = database.tables.iter_mut();
            tables
                .filter(|there| is_called(&there.name, table))
                .any(|there| {
                    less(&mut there.indexes, |own| {
                        own.name.as_ref().is_some_and(|name| same(name, index))
                    })
                })
        }
    }
}

fn take_object(database: &mut Database, object: &ObjectRef) -> bool {
    let called = |name: &ObjectName| is_called(name, object);
    match object.kind {
        ObjectKind::Table => less(&mut database.tables, |own| called(&own.name)),
        ObjectKind::View => less(&mut database.views, |own| called(&own.name)),
        ObjectKind::Trigger => less(&mut database.triggers, |own| called(&own.name)),
        ObjectKind::Procedure | ObjectKind::Function => {
            less(&mut database.routines, |own| called(&own.name))
        }
        ObjectKind::Event => less(&mut database.events, |own| called(&own.name)),
        ObjectKind::Sequence => less(&mut database.sequences, |own| called(&own.name)),
        ObjectKind::Type => {
            let is_enum = less(&mut database.enums, |own| called(&own.name));
            is_enum || less(&mut database.domains, |own| called(&own.name))
        }
        ObjectKind::Extension => less(&mut database.extensions, |own| {
            same(&own.name, &object.name)
        }),
        ObjectKind::Schema => less(&mut database.namespaces, |own| {
            same(&own.name, &object.name)
        }),
        ObjectKind::Index => database.tables.iter_mut().any(|table| {
            less(&mut table.indexes, |own| {
                own.name
                    .as_ref()
                    .is_some_and(|name| same(name, &object.name))
            })
        }),
    }
}

/// Takes out of a list what is meant; false when it was not in there.
fn less<T>(list: &mut Vec<T>, meant: impl Fn(&T) -> bool) -> bool {
    let before = list.len();
    list.retain(|item| !meant(item));
    list.len() < before
}

/// A name that is taken for another's leaves a difference, and with it the migration is run.
fn same(name: &Ident, text: &str) -> bool {
    name.text.eq_ignore_ascii_case(text)
}

fn is_called(name: &ObjectName, object: &ObjectRef) -> bool {
    same(&name.name, &object.name)
}
