//! Databases that went their own way: what we say of each, what Doctrine says, and the mend.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use realign_testkit::{
    Live, Shape, empty, fill_densely, mariadb, mysql_or_say, postgres, rows, sqlite_file,
};

use crate::layout::{Corpus, folders, read};
use crate::program::{Program, Run};
use crate::scenario::{common, kept, made};

/// The release that the drifts were made from.
const RELEASE: &str = "v4.8.0";

/// What is not brought back to the letter, and why: drift, a part of the line that stays, reason.
const STAYS: [(&str, &str, &str); 11] = [
    (
        "fk-renamed",
        "FOREIGN KEY (",
        "a foreign key's name makes no difference",
    ),
    (
        "charset-table",
        "CHARSET=",
        "a mapping that names no collation declares none",
    ),
    (
        "charset-table",
        "varchar(255)",
        "a column's collation is printed where it is not its character set's first",
    ),
    (
        "extra-trigger",
        "trigger ",
        "a mapping has no words for a trigger, so none is undeclared",
    ),
    (
        "extra-view",
        "view ",
        "a mapping has no words for a view, so none is undeclared",
    ),
    (
        "enum-column",
        "type vkind",
        "a mapping has no words for a type, so none is undeclared",
    ),
    (
        "enum-in-extra-table",
        "type vkind",
        "a mapping has no words for a type, so none is undeclared",
    ),
    (
        "other-schema",
        " side",
        "a schema that no entity is in belongs to others",
    ),
    (
        "identity-id",
        "sequence vendor_id_seq1",
        "a counter on a key that the application fills is in nobody's way",
    ),
    (
        "serial-id",
        "id integer",
        "a counter on a key that the application fills is in nobody's way",
    ),
    (
        "renamed-table",
        "cust_notes_pkey",
        "the table under the other name still held the name of the primary key",
    ),
];

/// What became of one drift.
struct Outcome {
    name: String,
    ours: String,
    doctrine: String,
    why: String,
    fault: Option<String>,
}

/// Doctrine's verdict as it was recorded.
fn doctrines_verdict(folder: &Path) -> (String, String) {
    let recorded = read(&folder.join("validate.json"));
    if recorded.contains("\"in_sync\": true") {
        ("in sync".to_owned(), String::new())
    } else if recorded.contains("\"in_sync\": false") {
        ("differs".to_owned(), String::new())
    } else {
        let error = read(&folder.join("expected.sql.error.txt"));
        (
            "error".to_owned(),
            error.lines().next().unwrap_or_default().to_owned(),
        )
    }
}

/// The lines of a report that say something of an object, without the places in files.
fn said(run: &Run) -> String {
    let lines = run.out.lines().chain(run.err.lines());
    let telling = lines
        .filter(|line| line.starts_with(' ') && !line.ends_with(':') && !line.contains(".dcm.xml:"))
        .take(2)
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    telling.collect::<Vec<_>>().join("; ")
}

/// Lets one database drift, asks for the verdict, and mends it. The database comes back when it is
/// to the letter what a fresh one is, without any rows: making one takes longer than all the rest.
fn one_drift<D: Live>(
    made: impl FnOnce() -> (D, Program),
    fresh: &D,
    folder: &Path,
) -> (Outcome, Option<(D, Program)>) {
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().replacen("drift-", "", 1));
    let name = name.unwrap_or_default();
    let (doctrine, doctrines_words) = doctrines_verdict(folder);
    let mut outcome = Outcome {
        name,
        ours: String::new(),
        doctrine,
        why: String::new(),
        fault: None,
    };
    // A fault is noted with its drift and does not keep the others from being looked at.
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let (live, program) = made();
        live.client(&read(&folder.join("drift.sql")));
        fill_densely(&live, 3);
        if !drifted(&live, &program, fresh, &mut outcome) {
            return None;
        }
        empty(&live);
        Some((live, program))
    }));
    let mut mended = None;
    match result {
        Ok(made) => mended = made,
        Err(panic) => {
            let message = panic.downcast_ref::<String>().cloned();
            let message =
                message.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            outcome.fault = Some(message.unwrap_or_else(|| "a panic without words".to_owned()));
        }
    }
    if outcome.ours != outcome.doctrine && !doctrines_words.is_empty() {
        outcome.why = format!("{} (Doctrine: {doctrines_words})", outcome.why);
    }
    (outcome, mended)
}

/// The verdict on a database that drifted, and the way back. True when nothing at all is left of
/// the drift.
fn drifted<D: Live>(live: &D, program: &Program, fresh: &D, outcome: &mut Outcome) -> bool {
    let before = rows(live);
    let verdict = program.validate(&["--verbose"]);
    outcome.ours = match verdict.code() {
        0 => "in sync".to_owned(),
        2 => "differs".to_owned(),
        other => panic!("validate exits {other}\n{}", verdict.told()),
    };
    outcome.why = said(&verdict);
    let planned = !program.dump(&[]).trim().is_empty();
    assert!(
        planned == (verdict.code() == 2),
        "update and validate disagree\n{}\n{}",
        verdict.told(),
        program.dump(&[])
    );

    program.update();
    program.validate(&[]).exits(0);
    assert_eq!(program.dump(&[]), "", "left to do after update");
    kept(&before, live);

    program.update_complete();
    program.validate(&["--complete"]).exits(0);
    assert_eq!(
        program.dump(&["--complete"]),
        "",
        "left to do after update --complete"
    );
    kept(&common(&before, fresh), live);
    let differences = Shape::of(fresh).differences(&Shape::of(live));
    let unexplained: Vec<&str> = differences
        .lines()
        .filter(|line| !line.starts_with("  "))
        .filter(|line| {
            !STAYS
                .iter()
                .any(|(drift, part, _)| *drift == outcome.name && line.contains(part))
        })
        .collect();
    assert!(
        unexplained.is_empty(),
        "not what a fresh database has:\n{differences}"
    );
    differences.is_empty()
}

/// How many databases are at work at once: more than the processors, as each waits for its server.
const AT_ONCE: usize = 3;

/// Goes through all drifts of a platform, some at a time, and prints the listing.
fn listing<D: Live + Sync>(
    engine: &str,
    recorded_on: &str,
    at_least: usize,
    mapping: &Path,
    new: impl Fn() -> D + Sync,
) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let expected = corpus.expected("ixp-manager", RELEASE, recorded_on);
    let names: Vec<String> = folders(&expected)
        .into_iter()
        .filter(|name| name.starts_with("drift-"))
        .collect();
    assert!(names.len() >= at_least, "{} drifts", names.len());
    let (fresh, _) = made(new(), mapping, &[]);
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut mended = None;
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let before = mended.take();
                    let make = || before.unwrap_or_else(|| made(new(), mapping, &[]));
                    let (outcome, after) = one_drift(make, &fresh, &expected.join(name));
                    mended = after;
                    outcomes
                        .lock()
                        .expect("no thread panics while it holds it")
                        .push(outcome);
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("all threads are done");
    outcomes.sort_by(|one, other| one.name.cmp(&other.name));
    let mut table = format!(
        "{:30} {:8} {:8} why\n",
        format!("drift on {engine}"),
        "ours",
        "Doctrine"
    );
    let mut faults = String::new();
    for outcome in &outcomes {
        let same = outcome.ours == outcome.doctrine;
        let why = if same { "" } else { outcome.why.as_str() };
        let _ = writeln!(
            table,
            "{:30} {:8} {:8} {why}",
            outcome.name, outcome.ours, outcome.doctrine
        );
        if let Some(fault) = &outcome.fault {
            let _ = writeln!(faults, "== {}\n{fault}", outcome.name);
        }
    }
    let here = |drift: &str| outcomes.iter().any(|outcome| outcome.name == drift);
    for (drift, _, reason) in STAYS.iter().filter(|(drift, ..)| here(drift)) {
        let _ = writeln!(table, "stays with --complete: {drift}: {reason}");
    }
    println!("{table}");
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn listing_of_sqlite_drifts() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let mapping = corpus.portable_mapping("ixp-manager", RELEASE);
    listing("sqlite", "sqlite", 21, mapping.path(), sqlite_file);
}

#[test]
fn listing_of_mariadb_drifts() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let mapping = corpus.mapping("ixp-manager", RELEASE);
    listing("mariadb", "mariadb", 50, &mapping, || mariadb().database());
}

/// The drifts that were recorded on MariaDB, in MySQL.
#[test]
fn listing_of_mysql_drifts() {
    let (Some(corpus), Some(server)) = (Corpus::found(), mysql_or_say()) else {
        return;
    };
    let mapping = corpus.mapping("ixp-manager", RELEASE);
    listing("mysql", "mariadb", 50, &mapping, || server.database());
}

#[test]
fn listing_of_postgresql_drifts() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let mapping = corpus.portable_mapping("ixp-manager", RELEASE);
    let new = || postgres().database();
    listing("postgresql", "postgresql", 54, mapping.path(), new);
}
