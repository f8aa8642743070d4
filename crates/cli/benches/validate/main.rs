//! How long `schema validate` takes when all is in sync, beside the queries that it sends.
//!
//! Run it with `cargo bench --bench validate`; `REALIGN_BENCH_TABLES=1000` leaves the larger
//! size out, and `REALIGN_BENCH_ENGINES=sqlite,mariadb` some engines. "Raw" opens a session and fetches the very queries that
//! `validate` sends, through the same driver, and looks at none of the answers. All run in turn
//! on the same machine; a number is the median of the rounds. CPU and memory are those of the
//! `realign` process, as the kernel tells them when it ends; the server's are not in them.
//!
//! A peer runs in turn with them where its command line is given, for a database that it made
//! itself: `REALIGN_BENCH_PEER="php vendor/bin/doctrine orm:validate-schema"`.

#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]
#![allow(clippy::cast_precision_loss, reason = "numbers to look at")]

mod mapping;
mod process;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use realign::planner::{CatalogQuery, Profile, Rows};
use realign::runtime::{Connection, Secret, Target, facts};
use realign_testkit::{Live, mariadb, mysql, postgres, sqlite_file};

use process::{Used, words};

const SIZES: [usize; 2] = [1000, 10_000];
const ROUNDS: usize = 7;

fn main() {
    let sizes = chosen("REALIGN_BENCH_TABLES").map_or(SIZES.to_vec(), |list| {
        list.iter().filter_map(|word| word.parse().ok()).collect()
    });
    let engines = chosen("REALIGN_BENCH_ENGINES");
    let asked = |engine: &str| {
        engines
            .as_ref()
            .is_none_or(|list| list.iter().any(|name| name == engine))
    };
    println!("schema validate in sync, tables of 12 columns, medians of {ROUNDS}");
    println!("machine: {}", process::machine());
    peers();
    println!(
        "\n| engine | tables | validate | raw queries | user CPU | user CPU a table | peak memory | queries |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: | --: |");
    for tables in sizes {
        let mapping = mapping::of(tables);
        let row = |engine: &str, database: &dyn Live| {
            println!("{}", measured(engine, tables, database, mapping.path()));
        };
        if asked("sqlite") {
            row("SQLite", &sqlite_file());
        }
        if asked("mariadb") {
            row("MariaDB", &mariadb().database());
        }
        match mysql().filter(|_| asked("mysql")) {
            Some(server) => row("MySQL", &server.database()),
            None => println!("| MySQL | {tables} | not on this machine, or not asked | | | | | |"),
        }
        if asked("postgres") {
            row("PostgreSQL", &postgres().database());
        }
    }
    let (empty, one) = (sqlite_file(), mapping::of(1));
    let runs: Vec<Used> = (0..ROUNDS)
        .map(|_| process::realign(&empty.url(), one.path(), &["validate"], 2))
        .collect();
    println!(
        "\nSQLite, empty: validate {}",
        milliseconds(median(runs.iter().map(|run| run.wall)))
    );
    let size = fs::metadata(env!("CARGO_BIN_EXE_realign")).map_or(0, |binary| binary.len());
    println!("binary: {:.1} MB", size as f64 / 1e6);
}

/// The words of a variable, if it is set.
fn chosen(variable: &str) -> Option<Vec<String>> {
    let text = std::env::var(variable).ok()?;
    Some(text.split(',').map(|word| word.trim().to_owned()).collect())
}

/// One row of the table. The engine's own client makes the tables.
fn measured(engine: &str, tables: usize, database: &dyn Live, mapping: &Path) -> String {
    let url = &database.url();
    database.client(&process::statements(url, mapping));
    let target = target(url);
    let (mut ours, mut raw, mut queries) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (took, sent) = catalogue(&target);
        raw.push(took);
        queries = sent;
        ours.push(process::realign(url, mapping, &["validate"], 0));
    }
    let cpu = median(ours.iter().map(|run| run.user));
    format!(
        "| {engine} | {tables} | {} | {} | {} | {:.0} us | {:.0} MB | {queries} |",
        milliseconds(median(ours.iter().map(|run| run.wall))),
        milliseconds(median(raw)),
        milliseconds(cpu),
        cpu.as_secs_f64() * 1e6 / tables as f64,
        median(ours.iter().map(|run| run.peak)) as f64 / 1e6,
    )
}

/// The queries of an inspection, fetched and dropped: how long it took, and how many they were.
fn catalogue(target: &Target) -> (Duration, usize) {
    let engine = realign::engine(target).expect("a known engine");
    let begun = Instant::now();
    let connect = engine.connect(target).expect("an address");
    let mut session = Connection::open(connect.as_ref()).expect("a session");
    let facts = facts(&mut session, engine.dialect, Profile::default()).expect("facts");
    let mut fetch = |queries: &[CatalogQuery]| -> Vec<Rows> {
        let texts: Vec<String> = queries.iter().map(|query| query.sql.clone()).collect();
        let answers = session.query_all(&texts).expect("catalogue queries");
        answers.into_iter().map(|answer| answer.rows).collect()
    };
    let queries = engine.dialect.catalog(&facts);
    let answers = fetch(&queries);
    let details = engine.dialect.catalog_details(&answers, &facts);
    fetch(&details);
    let sent = engine.dialect.facts_queries().len() + queries.len() + details.len();
    (begun.elapsed(), sent)
}

/// The target of a test database's URL.
fn target(url: &str) -> Target {
    let (scheme, rest) = url.split_once(':').expect("a URL");
    let Some(rest) = rest.strip_prefix("//") else {
        return Target {
            scheme: scheme.to_owned(),
            database: rest.to_owned(),
            ..Target::default()
        };
    };
    let (account, place) = rest.split_once('@').expect("an account");
    let (user, password) = account.split_once(':').expect("a password");
    let (address, database) = place.split_once('/').expect("a database");
    let (host, port) = address.split_once(':').expect("a port");
    Target {
        scheme: scheme.to_owned(),
        host: host.to_owned(),
        port: port.parse().ok(),
        user: Some(user.to_owned()),
        password: Some(Secret::new(password)),
        database: database.to_owned(),
        ..Target::default()
    }
}

/// Other tools of the kind: what they took, or what would have been run.
fn peers() {
    if let Ok(line) = std::env::var("REALIGN_BENCH_PEER") {
        let runs: Vec<Used> = (0..ROUNDS).map(|_| process::peer(&words(&line))).collect();
        println!(
            "peer: {} (user CPU {}, peak memory {:.0} MB): {line}",
            milliseconds(median(runs.iter().map(|run| run.wall))),
            milliseconds(median(runs.iter().map(|run| run.user))),
            median(runs.iter().map(|run| run.peak)) as f64 / 1e6,
        );
        return;
    }
    for (name, program, line) in [
        (
            "Doctrine",
            "php",
            "php vendor/bin/doctrine orm:validate-schema",
        ),
        ("Alembic", "alembic", "alembic check"),
    ] {
        let there = if process::is_installed(program) {
            "not measured: set REALIGN_BENCH_PEER to its command line, e.g."
        } else {
            "not on this machine; with it, REALIGN_BENCH_PEER would be"
        };
        println!("{name}: {there} `{line}`");
    }
}

fn median<T: Ord + Copy>(values: impl IntoIterator<Item = T>) -> T {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values[values.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}
