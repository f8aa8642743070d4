//! Mappings with every rarer feature, and what a release may make of them: with rows in every
//! table, through the program and through the engine's own client.
//!
//! `cases` holds a file each; `REALIGN_CASE=joined` tries only that one.

#[path = "../corpus/program.rs"]
#[allow(dead_code, reason = "the corpus tests use more of it")]
mod program;

mod case;

use std::collections::BTreeMap;
use std::path::Path;

use case::{Case, Side};
use program::Program;
use realign_testkit::{
    Live, Shape, TableRows, fill, mariadb, mysql_or_say, postgres, rows, rows_lost, sqlite_file,
};
use tempfile::TempDir;

/// Whose rules.
const RELEASES: [&str; 2] = ["orm-2.14/dbal-3.6", "orm-3.3/dbal-4.2"];

type Rows = BTreeMap<String, TableRows>;

#[test]
fn on_sqlite() {
    every_case("sqlite", sqlite_file);
}

#[test]
fn on_mariadb() {
    every_case("mariadb", || mariadb().database());
}

#[test]
fn on_mysql() {
    if let Some(server) = mysql_or_say() {
        every_case("mysql", || server.database());
    }
}

#[test]
fn on_postgresql() {
    every_case("postgresql", || postgres().database());
}

/// Tries every case that makes sense on this engine, and tells all that fail. Those that ask for
/// the same options are one application with one database.
fn every_case<L: Live>(engine: &str, database: impl Fn() -> L) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/variants/cases");
    let cases = Case::all(&folder);
    let mut groups: BTreeMap<(bool, Vec<&str>), Vec<&Case>> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.is_for(engine)) {
        let group = groups.entry((case.has_rows(), case.options()));
        group.or_default().push(case);
    }
    let mut faults = Vec::new();
    for ((has_rows, options), group) in &groups {
        for doctrine in RELEASES {
            let application = Application {
                before: group.iter().map(|c| c.written(Side::Before)).collect(),
                after: group.iter().map(|c| c.written(Side::After)).collect(),
                options,
                doctrine,
                has_rows: *has_rows,
            };
            let tried = std::panic::AssertUnwindSafe(|| changed(&application, &database));
            if let Err(panic) = std::panic::catch_unwind(tried) {
                let told = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                let names: Vec<&str> = group.iter().map(|case| case.name.as_str()).collect();
                faults.push(format!("== {} by {doctrine}\n{told}", names.join(", ")));
            }
        }
    }
    assert!(faults.is_empty(), "on {engine}\n{}", faults.join("\n"));
}

/// Some cases together.
struct Application<'a> {
    before: Vec<TempDir>,
    after: Vec<TempDir>,
    options: &'a [&'a str],
    doctrine: &'static str,
    has_rows: bool,
}

impl Application<'_> {
    /// The program with this database and the mappings of one side.
    fn on(&self, live: &impl Live, side: Side) -> Program {
        let folders = match side {
            Side::Before => &self.before,
            Side::After => &self.after,
        };
        let (first, more) = folders.split_first().expect("a group has a case");
        let program = Program::new(live.url(), first.path())
            .under(self.doctrine)
            .with(self.options);
        more.iter().fold(program, |program, folder| {
            let source = format!("doctrine-xml:{}", folder.path().display());
            program.with(&["--schema", &source])
        })
    }
}

/// From one variant to the other, twice: by the program, and by the client with what the program
/// prints.
fn changed<L: Live>(application: &Application<'_>, database: &impl Fn() -> L) {
    let (ours, piped) = (database(), database());
    let old = application.on(&ours, Side::Before);
    let script = application
        .on(&piped, Side::Before)
        .run(&["schema", "create", "--dump-sql"])
        .exits(0);
    old.create();
    settled(&old, &["--complete"]);
    piped.client(&script.out);
    same(&Shape::of(&ours), &piped, "created through the client");

    if application.has_rows {
        fill(&ours, 3);
        fill(&piped, 3);
    }
    let rows_before = rows(&ours);
    let new = application.on(&ours, Side::After);
    let later = application.on(&piped, Side::After);
    let printed = later.dump(&[]);
    new.update();
    settled(&new, &[]);
    assert_eq!(rows_lost(&rows_before, &rows(&ours)), "", "rows are lost");
    piped.client(&printed);
    same(&Shape::of(&ours), &piped, "updated through the client");
    assert_eq!(rows(&ours), rows(&piped), "rows through the client");

    let removal = ["--complete", "--allow", "destructive", "--no-quarantine"];
    let printed = later.dump(&removal);
    new.update_complete();
    settled(&new, &["--complete"]);
    piped.client(&printed);
    let fresh = database();
    application.on(&fresh, Side::After).create();
    same(&Shape::of(&fresh), &ours, "updated by the program");
    same(&Shape::of(&fresh), &piped, "completed through the client");
    let declared: Vec<String> = rows(&fresh).into_keys().collect();
    let kept: Rows = rows_before
        .into_iter()
        .filter(|(name, _)| declared.contains(name))
        .collect();
    let lost = rows_lost(&kept, &rows(&ours));
    assert_eq!(lost, "", "rows are lost by --complete");
}

/// In sync, and nothing left to do.
#[track_caller]
fn settled(program: &Program, options: &[&str]) {
    let skip = [&["--skip-mapping"], options].concat();
    program.validate(&skip).exits(0);
    assert_eq!(program.dump(options), "", "left to do {options:?}");
}

#[track_caller]
fn same(wanted: &Shape, live: &impl Live, how: &str) {
    let difference = wanted.differences(&Shape::of(live));
    assert_eq!(difference, "", "{how}");
}
