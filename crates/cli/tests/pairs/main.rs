//! Random pairs of mappings, with rows: one of two outcomes, told apart by a model of our own.
//!
//! Either the database converges and every value that both mappings have is kept, or the
//! update is refused before its first statement and the database is as it was. Which of the
//! two it has to be is decided by [`verdict`] from the mappings and the rows alone.
//!
//! `REALIGN_PAIRS` is the number of pairs an engine (50 by default), `REALIGN_SEED` the first seed.

#![allow(
    clippy::print_stdout,
    reason = "the seeds and the share of refusals are there to be read"
)]

#[path = "../corpus/program.rs"]
#[allow(dead_code, reason = "the corpus tests use more of it")]
mod program;

mod mapping;
mod random;
mod verdict;

use std::path::Path;

use mapping::Mapping;
use program::Program;
use random::Random;
use realign_testkit::{
    Live, Shape, fill, mariadb, mysql_or_say, postgres, rows, rows_lost, sqlite_file,
};
use verdict::Engine;

/// The most that may be refused, in percent: a generator that only makes refusals proves nothing.
const MOST_REFUSED: usize = 30;

/// Pairs are split over this many tests, which run side by side.
const SHARES: u64 = 2;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[test]
fn pairs_on_sqlite_first_share() {
    run_share(Engine::SQLITE, 0, sqlite_file);
}

#[test]
fn pairs_on_sqlite_second_share() {
    run_share(Engine::SQLITE, 1, sqlite_file);
}

#[test]
fn pairs_on_mariadb_first_share() {
    run_share(Engine::MARIADB, 0, || mariadb().database());
}

#[test]
fn pairs_on_mariadb_second_share() {
    run_share(Engine::MARIADB, 1, || mariadb().database());
}

#[test]
fn pairs_on_mysql_first_share() {
    if let Some(server) = mysql_or_say() {
        run_share(Engine::MYSQL, 0, || server.database());
    }
}

#[test]
fn pairs_on_mysql_second_share() {
    if let Some(server) = mysql_or_say() {
        run_share(Engine::MYSQL, 1, || server.database());
    }
}

#[test]
fn pairs_on_postgresql_first_share() {
    run_share(Engine::POSTGRESQL, 0, || postgres().database());
}

#[test]
fn pairs_on_postgresql_second_share() {
    run_share(Engine::POSTGRESQL, 1, || postgres().database());
}

fn run_share<L: Live>(engine: Engine, share: u64, database: impl Fn() -> L) {
    let count = number("REALIGN_PAIRS", 50);
    let first = number("REALIGN_SEED", 1);
    let (mut converged, mut refused) = (0, 0);
    for seed in (first..first + count).filter(|seed| seed % SHARES == share) {
        if run_pair(engine, seed, &database) {
            converged += 1;
        } else {
            refused += 1;
        }
    }
    let percent = 100 * refused / (converged + refused).max(1);
    println!(
        "{}: seeds {first} to {}, share {share}: {converged} converged, {refused} refused in advance ({percent} %)",
        engine.name,
        first + count - 1
    );
    assert!(
        percent < MOST_REFUSED || converged + refused < 20,
        "{percent} % refused: the generator is too wild"
    );
}

/// Runs one pair; true when it converged.
fn run_pair<L: Live>(engine: Engine, seed: u64, database: &impl Fn() -> L) -> bool {
    let mut random = Random::new(seed);
    let before = Mapping::random(&mut random);
    let after = before.changed(&mut random);
    let complete = random.chance(40);
    let folder =
        tempfile::TempDir::with_prefix("pairs-").expect("the temporary folder can be written");
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    before.write(&old);
    after.write(&new);

    let live = database();
    let program = Program::new(live.url(), &old);
    program.create();
    fill(&live, 3);
    let rows_before = rows(&live);
    let shape_before = Shape::of(&live);

    let reasons = verdict::refusals(engine, &before, &after, &rows_before);
    let program = program.mapped(&new);
    let mut command = vec!["schema", "update", "--force"];
    if complete {
        command.extend(["--complete", "--allow", "destructive", "--no-quarantine"]);
    }
    let run = program.run(&command);
    let context = || {
        format!(
            "seed {seed} on {} (REALIGN_SEED={seed} REALIGN_PAIRS=1), complete {complete}\nexpected refusals: {reasons:?}\n{}\nold\n{}\nnew\n{}",
            engine.name,
            run.told(),
            listing(&old),
            listing(&new)
        )
    };
    if !reasons.is_empty() {
        assert_eq!(run.code(), 1, "a refusal is expected\n{}", context());
        assert_eq!(
            rows(&live),
            rows_before,
            "a refused update changed rows\n{}",
            context()
        );
        let difference = shape_before.differences(&Shape::of(&live));
        assert_eq!(
            difference,
            "",
            "a refused update changed the schema\n{}",
            context()
        );
        return false;
    }
    assert_eq!(run.code(), 0, "it has to converge\n{}", context());
    let mut options = Vec::new();
    if complete {
        options.push("--complete");
    }
    let validated = program.validate(&options);
    assert_eq!(validated.code(), 0, "{}\n{}", validated.told(), context());
    assert_eq!(
        program.dump(&options),
        "",
        "something is left to do\n{}",
        context()
    );
    let kept = after_common(&rows_before, &after, complete);
    assert_eq!(
        rows_lost(&kept, &rows(&live)),
        "",
        "values are lost\n{}",
        context()
    );
    let fresh = database();
    Program::new(fresh.url(), &new).create();
    let difference = Shape::of(&fresh).differences(&Shape::of(&live));
    if complete {
        assert_eq!(difference, "", "not what a fresh one is\n{}", context());
        return true;
    }
    // What nobody declared stays; what is declared has to be there as in a fresh one.
    let missing = difference.lines().any(|line| line.starts_with('-'));
    assert!(!missing, "not there:\n{difference}\n{}", context());
    true
}

type Rows = std::collections::BTreeMap<String, realign_testkit::TableRows>;

/// The rows that have to be there afterwards: all of them, or those of declared tables.
fn after_common(before: &Rows, after: &Mapping, complete: bool) -> Rows {
    before
        .iter()
        .filter(|(name, _)| !complete || after.entity(name).is_some())
        .map(|(name, rows)| (name.clone(), rows.clone()))
        .collect()
}

fn listing(folder: &Path) -> String {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    names.sort();
    names
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap_or_default())
        .collect()
}
