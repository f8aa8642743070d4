//! A schema written in SQL is read as the database that its own client makes of it.

use std::fs;

use realign_model::Database;
use realign_planner::{
    Dialect as _, Diff, Facts, Interpreted, Policy, SchemaScript, Scope, Severity, Weight, diff,
};
use realign_postgres::POSTGRES;

use realign_testkit::corpus;

use crate::support::TestDatabase;

/// What a script makes of a database.
pub(crate) fn read(path: &str, text: &str, onto: Database, facts: &Facts) -> Interpreted {
    POSTGRES
        .interpret()
        .interpret(&SchemaScript { path, text }, onto, facts)
}

/// Lines of a comparison in which everything counts.
fn lines(diff: &Diff) -> Vec<String> {
    diff.findings
        .iter()
        .map(|f| {
            format!(
                "{:?} {} {:?}: {} | database {:?} | declared {:?}",
                f.weight,
                f.object,
                f.aspect,
                f.reason,
                f.database.as_ref().map(|s| &s.written),
                f.declared.as_ref().map(|s| &s.written)
            )
        })
        .collect()
}

const FILES: &[&str] = &[
    "chinook/postgresql.sql",
    "danbooru/2022/structure.sql",
    "danbooru/2024/structure.sql",
    "danbooru/head/structure.sql",
    "icinga-director/releases/v1.10.0/pgsql.sql",
    "icinga-director/releases/v1.11.0/pgsql.sql",
    "icinga-director/releases/v1.5.0/pgsql.sql",
    "icinga-director/releases/v1.8.0/pgsql.sql",
    "icinga-director/schema/pgsql.sql",
    "icingadb/releases/v1.0.0/pgsql.sql",
    "icingadb/releases/v1.1.1/pgsql.sql",
    "icingadb/releases/v1.2.0/pgsql.sql",
    "icingadb/releases/v1.4.0/pgsql.sql",
    "icingadb/releases/v1.5.1/pgsql.sql",
    "icingadb/schema/pgsql/schema.sql",
    "musicbrainz/structure.sql",
    "roundcube/SQL/postgres.initial.sql",
    "roundcube/releases/1.0.0/postgres.initial.sql",
    "roundcube/releases/1.3.0/postgres.initial.sql",
    "roundcube/releases/1.6.0/postgres.initial.sql",
    "roundcube/releases/v0.9.5/postgres.initial.sql",
    "sakila/postgresql.sql",
];

/// The statements that make a schema in an empty database.
fn creation(wish: &Database, facts: &Facts) -> String {
    let plan = realign_planner::create_plan(wish, &POSTGRES, facts);
    crate::support::script(&plan)
}

/// A file of each kind, or every file in a full run.
fn files() -> impl Iterator<Item = &'static str> {
    let full = std::env::var("REALIGN_PAIRS").is_ok();
    let some = [
        "chinook/postgresql.sql",
        "danbooru/head/structure.sql",
        "icinga-director/schema/pgsql.sql",
        "icingadb/schema/pgsql/schema.sql",
        "musicbrainz/structure.sql",
        "roundcube/SQL/postgres.initial.sql",
        "sakila/postgresql.sql",
    ];
    let wanted = move |file: &&'static str| full || some.contains(file);
    FILES.iter().copied().filter(wanted)
}

#[test]
fn what_is_inspected_can_be_made_again() {
    let Some(corpus) = corpus() else { return };
    let mut trouble = Vec::new();
    for file in files() {
        let text = fs::read_to_string(corpus.join("schemas").join(file)).expect("a schema");
        let database = TestDatabase::new();
        database.load(&text);
        let found = database.inspect();
        let script = creation(&found.database, &found.facts);
        let made = TestDatabase::new();
        if let Err(e) = made.try_run(&script) {
            trouble.push(format!("{file}: {e}"));
            continue;
        }
        let (is, was) = (made.dump(), database.dump());
        let more = is.iter().filter(|d| !was.contains(d));
        trouble.extend(more.map(|d| format!("{file}: made {d}")));
        let less = was.iter().filter(|d| !is.contains(d));
        trouble.extend(less.map(|d| format!("{file}: lost {d}")));
    }
    assert!(
        trouble.is_empty(),
        "{}\n{}",
        trouble.len(),
        trouble.join("\n")
    );
}

/// Everything in a schema that is compared by its text.
fn texts(database: &Database) -> usize {
    let others = database.views.len() + database.routines.len() + database.triggers.len();
    let tables = database.tables.iter().map(|table| {
        let columns = table.columns.iter();
        let written = columns.filter(|c| c.default.is_some() || c.generated.is_some());
        let parts = table.indexes.iter().flat_map(|index| &index.parts);
        written.count()
            + table.checks.len()
            + parts.filter(|part| part.as_column().is_none()).count()
            + table
                .indexes
                .iter()
                .filter(|i| i.predicate.is_some())
                .count()
    });
    others + tables.sum::<usize>()
}

#[test]
fn what_a_script_declares_is_what_its_client_makes() {
    let Some(corpus) = corpus() else { return };
    let mut trouble = Vec::new();
    for file in files() {
        let text = fs::read_to_string(corpus.join("schemas").join(file)).expect("a schema");
        let database = TestDatabase::new();
        database.load(&text);
        let found = database.inspect();
        let made = read(file, &text, Database::default(), &found.facts);
        for problem in &made.diagnostics {
            if problem.severity == Severity::Error {
                trouble.push(format!("{file}: {problem:?}"));
            }
        }
        let complete = Policy {
            complete: true,
            scope: Scope::ALL,
            ..Policy::default()
        };
        // A script may leave the version of an extension open.
        let mut live = found.database.clone();
        for extension in &mut live.extensions {
            extension.version = None;
        }
        for (way, is, wish) in [
            ("missing in the text", &live, &made.database),
            ("missing in the database", &made.database, &live),
        ] {
            let diff = diff(is, wish, &POSTGRES, &found.facts, &complete);
            // The server prints a query from its tree: what can't be told of it is capped.
            let open = diff.of(Weight::CannotTell).count();
            let all = texts(&live);
            if open * 100 > all {
                trouble.push(format!("{file}, {way}: {open} of {all} can't be told"));
            }
            let mut diff = diff;
            diff.findings
                .retain(|finding| finding.weight != Weight::CannotTell);
            trouble.extend(
                lines(&diff)
                    .into_iter()
                    .map(|l| format!("{file}, {way}: {l}")),
            );
        }
    }
    assert!(
        trouble.is_empty(),
        "{}\n{}",
        trouble.len(),
        trouble.join("\n")
    );
}
