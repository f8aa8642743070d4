//! How long `migrations status` and `migrate` take, beside dbmate and sqlx-cli.
//!
//! Run it with `cargo bench --bench migrations`. A peer takes part where its program is in `PATH`,
//! or `REALIGN_BENCH_DBMATE`, `REALIGN_BENCH_SQLX` name it. `REALIGN_BENCH_ENGINES=sqlite,mariadb`
//! leaves engines out, `REALIGN_BENCH_CASES=status,migrate,many` cases, `REALIGN_BENCH_ROUNDS=3`
//! makes it shorter. All run in turn on the same machine, in another order each round, each with a
//! database of its own on one server that writes every commit to the disk; a number is the median
//! of the rounds.

#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]

mod place;
mod tools;

use std::time::Duration;

use place::{Engine, Place};
use tools::{Tool, tools};

const COUNT: usize = 1000;
const MANY: usize = 100_000;

fn main() {
    let rounds = chosen("REALIGN_BENCH_ROUNDS")
        .and_then(|words| words.first()?.parse().ok())
        .unwrap_or(7);
    let folder = tempfile::tempdir().expect("a folder");
    let tools = tools(folder.path());
    println!("migrations, medians of {rounds} rounds in turn");
    for tool in &tools {
        println!("{}: {}", tool.name, tool.version());
    }
    for engine in Engine::ALL {
        if !asked("REALIGN_BENCH_ENGINES", engine.word()) {
            continue;
        }
        if asked("REALIGN_BENCH_CASES", "status") {
            status(engine, &tools, rounds);
        }
        if asked("REALIGN_BENCH_CASES", "migrate") {
            migrate(engine, &tools, rounds);
        }
        if asked("REALIGN_BENCH_CASES", "many") {
            many(engine, &tools, rounds);
        }
    }
}

/// `status` with a thousand executed migrations.
fn status(engine: Engine, tools: &[Tool], rounds: usize) {
    let places: Vec<(&Tool, Place)> = tools
        .iter()
        .filter(|tool| !tool.together)
        .map(|tool| {
            let place = Place::new(engine, tool, COUNT);
            tool.migrate(&place);
            (tool, place)
        })
        .collect();
    told(
        &format!("status, {COUNT} executed"),
        engine,
        rounds,
        &places,
        Tool::status,
    );
}

/// A thousand migrations of one statement, from nothing.
fn migrate(engine: Engine, tools: &[Tool], rounds: usize) {
    let tools: Vec<(&Tool, ())> = tools.iter().map(|tool| (tool, ())).collect();
    told(
        &format!("migrate, {COUNT} new"),
        engine,
        rounds,
        &tools,
        |tool, ()| {
            let place = Place::new(engine, tool, COUNT);
            tool.migrate(&place)
        },
    );
}

/// `status` with a hundred thousand executed migrations, each with its file: ours only, written
/// into its history without running.
fn many(engine: Engine, tools: &[Tool], rounds: usize) {
    let Some(ours) = tools.iter().find(|tool| !tool.is_peer()) else {
        return;
    };
    let place = Place::new(engine, ours, MANY);
    ours.baseline(&place);
    told(
        &format!("status, {MANY} executed"),
        engine,
        rounds,
        &[(ours, place)],
        Tool::status,
    );
}

/// Runs all in turn, and prints the medians.
fn told<T>(
    what: &str,
    engine: Engine,
    rounds: usize,
    all: &[(&Tool, T)],
    run: impl Fn(&Tool, &T) -> Duration,
) {
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); all.len()];
    for round in 0..rounds {
        for at in turn(round, all.len()) {
            let (tool, with) = &all[at];
            times[at].push(run(tool, with));
        }
    }
    println!("\n{} {what}", engine.word());
    for (mut times, (tool, _)) in times.into_iter().zip(all) {
        times.sort_unstable();
        println!(
            "  {:<24} {:>9.1} ms   ({:.1} to {:.1})",
            tool.name,
            milliseconds(times[times.len() / 2]),
            milliseconds(times[0]),
            milliseconds(times[times.len() - 1]),
        );
    }
}

/// The order of a round: each is the first as often as any other, and comes as often after the
/// one as after the other, as it counts what ran before.
fn turn(round: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |at| {
        let at = (at + round / 2) % count;
        if round.is_multiple_of(2) {
            at
        } else {
            count - 1 - at
        }
    })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The words of a variable, if it is set.
fn chosen(variable: &str) -> Option<Vec<String>> {
    let text = std::env::var(variable).ok()?;
    Some(text.split(',').map(|word| word.trim().to_owned()).collect())
}

fn asked(variable: &str, word: &str) -> bool {
    chosen(variable).is_none_or(|words| words.iter().any(|name| name == word))
}
