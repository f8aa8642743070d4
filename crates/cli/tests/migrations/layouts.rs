//! Histories of older versions taken over as they stand: the same four counts and the same list as
//! Doctrine has once it has changed the table, `migrate` goes on, and what it adds is written as
//! the history's own version would.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use realign_testkit::Live;

use crate::compare;
use crate::scenario::{self, Scenario, Step};
use crate::state::State;
use crate::world::{Engine, Ran, World};

const COUNTS: [&str; 4] = ["Executed", "Executed Unavailable", "Available", "New"];

/// Takes every recorded history over, without `sync-metadata-storage` before.
pub(crate) fn taken_over<D: Live>(engine: &Engine, make: impl Fn() -> D) {
    let Some(root) = scenario::root() else {
        println!("no corpus: old histories are not taken over");
        return;
    };
    let scenario = Scenario::read(&root);
    let mut world = World::new(engine, &scenario, &root, make());
    let steps = scenario.steps();
    let mut taken = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        if step.reset {
            world.database = make();
        }
        world.arrange(step);
        let Some(layout) = step
            .id
            .strip_suffix("-sync")
            .filter(|id| id.starts_with('h'))
        else {
            continue;
        };
        // A table that is somebody else's has no history to take over.
        if layout == "h-laravel-own" {
            continue;
        }
        one(&mut world, layout, &steps[at..]);
        taken.push(layout.to_owned());
    }
    println!(
        "{}: {} histories: {}",
        engine.name,
        taken.len(),
        taken.join(", ")
    );
    assert!(taken.len() >= 11, "{taken:?}");
}

fn one<D: Live>(world: &mut World<'_, D>, layout: &str, steps: &[Step]) {
    let after = |what: &str| {
        let id = format!("{layout}-{what}");
        steps.iter().find(|step| step.id == id)
    };
    let table = world.now();
    if let Some(step) =
        after("sync-list").or(after("list-2").filter(|_| after("migrate").is_none()))
    {
        let ours = done(world, layout, "migrations:list");
        let ours = compare::ours(&ours.out, &world.place(), &world.database_name());
        let theirs = compare::theirs(&recorded(&world.recording(step), "stdout.txt"));
        assert_eq!(ours, theirs, "{layout}: list");
    }
    if let Some(step) = after("sync-status") {
        let ours = done(world, layout, "migrations:status");
        let theirs = recorded(&world.recording(step), "stdout.txt");
        for count in COUNTS {
            assert_eq!(
                cell(&ours.out, count),
                cell(&theirs, count),
                "{layout}: {count}"
            );
        }
    }
    assert_eq!(
        world.now(),
        table,
        "{layout}: reading has changed something"
    );
    goes_on(world, layout, &table);
    let Some(step) = after("sync-migrate").or(after("migrate")) else {
        return;
    };
    // Changed afterwards, it is what Doctrine has that changed it before.
    done(world, layout, "migrations:sync-metadata-storage");
    let mut theirs = State::default();
    for step in steps.iter().take_while(|other| other.number <= step.number) {
        let folder = world.recording(step);
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        theirs.recorded(
            read("history.sql").as_deref(),
            read("tables.txt").as_deref(),
        );
    }
    let mut ours = world.now();
    // What the old table could not hold of a new row is not known afterwards, unless Realign's
    // own table held the row.
    let held = table.history.as_ref().map_or(0, |history| history.1.len());
    for row in ours.rows.iter_mut().chain(&mut theirs.rows) {
        for cell in row.iter_mut().skip(held) {
            "NULL".clone_into(cell);
        }
    }
    assert!(
        ours.same_rows(&theirs),
        "{layout}:\nours   {:?} {:?}\ntheirs {:?} {:?}",
        ours.history,
        ours.rows,
        theirs.history,
        theirs.rows
    );
    assert_eq!(ours.tables, theirs.tables, "{layout}");
}

/// `migrate` executes what is new, leaves the table and its rows as they are, and adds rows of the
/// same kind.
fn goes_on<D: Live>(world: &mut World<'_, D>, layout: &str, before: &State) {
    let first = "DoctrineMigrations\\Version20240101000000";
    if before.tables.len() == 1 && before.rows.iter().any(|row| row[0] == first) {
        // Recorded only to be read: what its executed migrations made is not there.
        world.database.client(
            "CREATE TABLE author (id INTEGER NOT NULL, name VARCHAR(100) NOT NULL, PRIMARY KEY(id));",
        );
    }
    let status = done(world, layout, "migrations:status");
    let columns = before.history.as_ref().map_or(0, |history| history.1.len());
    let mut names: BTreeSet<String> = before.rows.iter().map(|row| row[0].clone()).collect();
    assert_ne!(cell(&status.out, "New"), "0", "{layout}");
    done(world, layout, "migrations:migrate");
    let now = world.now();
    assert_eq!(now.history, before.history, "{layout}: the table itself");
    // A short name that two classes share is there once.
    names.extend(world.files.iter().map(|class| match columns {
        3 => class.clone(),
        _ => short(class).to_owned(),
    }));
    let found: BTreeSet<String> = now.rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(found, names, "{layout}");
    for row in &before.rows {
        assert!(now.rows.contains(row), "{layout}: {row:?} has changed");
    }
    for row in now.rows.iter().filter(|row| !before.rows.contains(row)) {
        let short = columns < 3;
        assert_eq!(row[0].contains('\\'), !short, "{layout}: {row:?}");
        assert!(
            !short || !row[0].starts_with("Version"),
            "{layout}: {row:?}"
        );
        let moment = row.get(1).is_none_or(|at| at.len() == 19);
        let time = row.get(2).is_none_or(|ms| ms.parse::<u32>().is_ok());
        assert!(moment && time, "{layout}: {row:?}");
    }
    let status = done(world, layout, "migrations:status");
    assert_eq!(cell(&status.out, "New"), "0", "{layout}");
}

/// A class as histories of Doctrine 1 and 2 call it.
fn short(class: &str) -> &str {
    let name = class.rsplit('\\').next().unwrap_or_default();
    name.strip_prefix("Version").unwrap_or(name)
}

fn done<D: Live>(world: &World<'_, D>, layout: &str, command: &str) -> Ran {
    let ran = world.run(&[command.to_owned()], None);
    assert_eq!(ran.code, 0, "{layout}: {command}\n{}{}", ran.out, ran.err);
    ran
}

fn recorded(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("recorded")
}

/// The value beside a title in the table of `status`.
fn cell(table: &str, title: &str) -> String {
    table
        .lines()
        .find_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells.get(2) == Some(&title)).then(|| cells[3].to_owned())
        })
        .unwrap_or_else(|| panic!("no {title} in\n{table}"))
}
