//! What is not compared on purpose: each row of each engine's table, tried out.
//!
//! A database is made and its schema kept as the declaration; then just the one aspect is
//! changed in the live database. The change has to be real, and `validate --complete` has to be fine.

#![allow(
    clippy::print_stdout,
    reason = "the engine of a failure is there to be read"
)]

#[path = "../pains/app.rs"]
#[allow(dead_code, reason = "the pains use more of it")]
mod app;
mod probes;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use app::{App, on};
use probes::{PROBES, Probe};
use realign_testkit::Live as _;

fn not_reported(app: &App, probe: &Probe) {
    println!("{}: {}", app.engine, probe.aspect);
    app.sql(probe.before);
    app.keeps_its_schema();
    let before = app.database.rows(probe.seen);
    app.run_against_kept(&["schema", "validate", "--complete"])
        .exits(0);
    app.sql(probe.change);
    assert_ne!(
        before,
        app.database.rows(probe.seen),
        "{}: nothing was changed",
        probe.aspect
    );
    app.run_against_kept(&["schema", "validate", "--complete"])
        .exits(0);
    let left = app
        .run_against_kept(&["schema", "update", "--dump-sql", "--complete"])
        .exits(0);
    assert_eq!(left.out, "", "{}", left.told());
}

macro_rules! engines {
    ($($test:ident $every:ident $engine:literal $dialect:literal;)*) => {$(
        #[test]
        fn $test() {
            for probe in PROBES.iter().filter(|probe| probe.engines.contains(&$engine)) {
                on(&[$engine], |app| not_reported(app, probe));
            }
        }

        #[test]
        fn $every() {
            every_row_is_tried($dialect);
        }
    )*};
}

engines! {
    what_sqlite_does_not_compare every_row_of_sqlite_is_tried "sqlite" "sqlite";
    what_mariadb_does_not_compare every_row_of_mariadb_is_tried "mariadb" "mysql";
    what_mysql_does_not_compare every_row_of_mysql_is_tried "mysql" "mysql";
    what_postgresql_does_not_compare every_row_of_postgresql_is_tried "postgresql" "postgresql";
}

/// The table and the probes speak of the same things.
fn every_row_is_tried(dialect: &str) {
    let engines = match dialect {
        "mysql" => &["mysql", "mariadb"][..],
        "sqlite" => &["sqlite"],
        "postgresql" => &["postgresql"],
        other => panic!("no engines of {other}"),
    };
    let tried: BTreeSet<&str> = PROBES
        .iter()
        .filter(|probe| probe.engines.iter().any(|engine| engines.contains(engine)))
        .map(|probe| probe.aspect)
        .collect();
    let engine = realign::engines()
        .iter()
        .find(|engine| engine.dialect.name() == dialect)
        .expect("the dialect is registered");
    let rows = engine.dialect.not_compared();
    let told: BTreeSet<&str> = rows.iter().map(|row| row.aspect).collect();
    assert_eq!(tried, told);
    assert_eq!(told.len(), rows.len(), "a row stands twice");
    for row in rows {
        assert!(!row.versions.is_empty() && row.reason.len() > 20, "{row:?}");
    }
}

/// What the book says of it: the tables, engine by engine.
const PAGE: &str = "docs/book/src/not-compared.md";

#[test]
fn the_book_has_every_row() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(PAGE);
    let page = std::fs::read_to_string(&path).expect("the page is there");
    for engine in realign::engines() {
        let mut table = String::from("| aspect | versions | why |\n| --- | --- | --- |\n");
        for row in engine.dialect.not_compared() {
            let _ = writeln!(
                table,
                "| {} | {} | {} |",
                row.aspect, row.versions, row.reason
            );
        }
        assert!(
            page.contains(&table),
            "{PAGE} lacks this table of {}:\n{table}",
            engine.dialect.name()
        );
    }
}
