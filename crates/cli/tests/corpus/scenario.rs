//! What has to hold after every change, whatever the engine.

use std::collections::BTreeMap;
use std::path::Path;

use realign_testkit::{Live, Shape, TableRows, rows, rows_lost};

use crate::layout::{printed, read};
use crate::program::Program;

/// A new database made by us from a mapping.
pub(crate) fn made<D: Live>(database: D, mapping: &Path, options: &[&str]) -> (D, Program) {
    let program = Program::new(database.url(), mapping).with(options);
    program.create();
    (database, program)
}

/// In sync, and nothing left to do.
#[track_caller]
pub(crate) fn settled(program: &Program) {
    program.validate(&["--skip-mapping"]).exits(0);
    let left = program.dump(&[]);
    assert!(printed(&left).is_empty(), "left to do:\n{left}");
}

/// In sync to the last undeclared object, and nothing left to do.
#[track_caller]
pub(crate) fn completely_settled(program: &Program) {
    program.validate(&["--skip-mapping", "--complete"]).exits(0);
    let left = program.dump(&["--complete"]);
    assert!(
        printed(&left).is_empty(),
        "left to do with --complete:\n{left}"
    );
}

/// All of these rows are still there, as far as their columns are.
#[track_caller]
pub(crate) fn kept(before: &BTreeMap<String, TableRows>, database: &impl Live) {
    let lost = rows_lost(before, &rows(database));
    assert!(lost.is_empty(), "rows are lost:\n{lost}");
}

/// The rows of tables that another database has as well.
pub(crate) fn common(
    rows: &BTreeMap<String, TableRows>,
    other: &impl Live,
) -> BTreeMap<String, TableRows> {
    let names: Vec<String> = other.tables().into_iter().map(|table| table.name).collect();
    rows.iter()
        .filter(|(name, _)| names.contains(name))
        .map(|(name, rows)| (name.clone(), rows.clone()))
        .collect()
}

/// A step from one mapping to the next on a database with rows, in every way that there is.
///
/// `database` makes a new one, `fill` puts rows into it.
pub(crate) fn step<D: Live>(
    database: impl Fn() -> D,
    fill: impl Fn(&D),
    from: &Path,
    to: &Path,
    options: &[&str],
) {
    let (fresh, _) = made(database(), to, options);
    let wanted = Shape::of(&fresh);

    // Plain update: everything declared is there, and no value is gone.
    let (live, old) = made(database(), from, options);
    fill(&live);
    let before = rows(&live);
    let new = old.mapped(to);
    let statements = new.dump(&[]);
    new.update();
    settled(&new);
    kept(&before, &live);
    let plain = Shape::of(&live);
    let differences = wanted.differences(&plain);
    let missing: Vec<&str> = differences
        .lines()
        .filter(|line| line.starts_with('-'))
        .collect();
    assert!(
        missing.is_empty(),
        "declared and not there after update:\n{differences}"
    );

    // The same through the engine's own client.
    let (piped, old) = made(database(), from, options);
    fill(&piped);
    piped.client(&statements);
    settled(&old.mapped(to));
    kept(&before, &piped);
    let differences = plain.differences(&Shape::of(&piped));
    assert!(
        differences.is_empty(),
        "--dump-sql through the client gives another schema:\n{differences}"
    );

    // With --complete nothing else is left, and the engine prints what it prints of a fresh one.
    let doomed = undeclared(&before, &fresh);
    if !doomed.is_empty() {
        let refused = new
            .run(&["schema", "update", "--force", "--complete"])
            .exits(1);
        for name in doomed
            .iter()
            .map(String::as_str)
            .chain(["--allow destructive"])
        {
            assert!(
                refused.err.contains(name),
                "{name} is not named\n{}",
                refused.told()
            );
        }
        kept(&before, &live);
    }
    new.update_complete();
    completely_settled(&new);
    kept(&common(&before, &fresh), &live);
    let differences = wanted.differences(&Shape::of(&live));
    assert!(
        differences.is_empty(),
        "not what a fresh database has:\n{differences}"
    );
}

/// Tables and columns that only the first has.
fn undeclared(rows: &BTreeMap<String, TableRows>, other: &impl Live) -> Vec<String> {
    let tables = other.tables();
    let mut names = Vec::new();
    for (name, rows) in rows {
        match tables.iter().find(|table| table.name == *name) {
            None => names.push(name.clone()),
            Some(table) => names.extend(
                rows.columns
                    .iter()
                    .filter(|column| table.column(column).is_none())
                    .cloned(),
            ),
        }
    }
    names
}

/// The statements of a script without those that were recorded as refused.
pub(crate) fn accepted(script: &str, errors: &Path) -> String {
    let refused = if errors.exists() {
        read(errors)
    } else {
        String::new()
    };
    let refused: Vec<&str> = refused
        .lines()
        .filter(|line| !line.starts_with("-- "))
        .collect();
    let mut statements = String::new();
    for line in script.lines().filter(|line| !refused.contains(line)) {
        statements.push_str(&line.replace("\\n", "\n"));
        statements.push('\n');
    }
    statements
}
