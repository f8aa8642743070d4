//! Mappings with the rarer features, against recordings of what Doctrine makes of them.
//!
//! `cases` holds a folder of mapping files each. `recorded` holds what ORM 2.14 with DBAL 3.6 and
//! ORM 3.3 with DBAL 4.2 print for them, by platform, with a line `-- CASE` before each. A case
//! that is not recorded for a platform makes no sense there: sequences, where there are none.

mod changes;
#[path = "../corpus/program.rs"]
#[allow(dead_code, reason = "the corpus tests use more of it")]
mod program;
mod takeover;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use program::Program;
use realign_testkit::{Live, Shape, mariadb, mysql_or_say, postgres, sqlite_file};

/// Whose rules, and the file that they are recorded in.
const RELEASES: [(&str, &str); 2] = [
    ("orm-2.14/dbal-3.6", "orm-2.14-dbal-3.6"),
    ("orm-3.3/dbal-4.2", "orm-3.3-dbal-4.2"),
];

/// Platforms, and the server version that means them.
const PLATFORMS: [(&str, &str); 5] = [
    ("sqlite", "sqlite"),
    ("mariadb", "mariadb-10.11"),
    ("mysql57", "mysql-5.7.40"),
    ("mysql80", "mysql-8.0.31"),
    ("postgresql", "postgresql-15"),
];

/// A recording that is no SQL but the reason why Doctrine makes none.
const REFUSED: &str = "-- refused: ";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mappings")
}

/// The names of all cases.
fn cases() -> Vec<String> {
    let entries = fs::read_dir(folder().join("cases")).expect("the cases are here");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("a folder")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// What was recorded of each case.
fn recordings(release: &str, platform: &str) -> BTreeMap<String, String> {
    let path = folder().join(format!("recorded/{release}.{platform}.sql"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases = cases();
    let mut recorded: BTreeMap<String, String> = BTreeMap::new();
    let mut case = String::new();
    for line in text.lines() {
        match line.strip_prefix("-- ") {
            Some(name) if cases.iter().any(|known| known == name) => name.clone_into(&mut case),
            _ => {
                let script = recorded.entry(case.clone()).or_default();
                script.push_str(line);
                script.push('\n');
            }
        }
    }
    recorded
}

/// The statements of a script, each as often as it is there.
fn statements(script: &str) -> BTreeMap<&str, usize> {
    let mut counted = BTreeMap::new();
    for statement in script.split(";\n").filter(|part| !part.trim().is_empty()) {
        *counted.entry(statement).or_default() += 1;
    }
    counted
}

#[test]
fn every_statement_is_doctrines() {
    let (mut faults, mut compared) = (String::new(), 0);
    for (doctrine, release) in RELEASES {
        for (platform, server_version) in PLATFORMS {
            let recorded = recordings(release, platform);
            for case in cases() {
                let Some(expected) = recorded.get(&case) else {
                    continue;
                };
                compared += 1;
                let mapping = folder().join("cases").join(&case);
                let program = Program::offline(server_version, &mapping).under(doctrine);
                let run = program.run(&["schema", "create", "--dump-sql"]);
                let refused = expected.starts_with(REFUSED);
                if run.code() != i32::from(refused) {
                    let _ = writeln!(faults, "== {case} on {platform}\n{}", run.told());
                } else if !refused && statements(expected) != statements(&run.out) {
                    let _ = writeln!(
                        faults,
                        "== {case} on {platform} by {doctrine}\nrecorded\n{expected}ours\n{}",
                        run.out
                    );
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(compared > 200, "{compared} recordings");
}

/// All cases in one database: made by us, by the client, and by Doctrine's statements. Each is in
/// sync, and all are alike.
fn made_in_every_way<L: Live>(platform: &str, database: impl Fn() -> L) {
    for (doctrine, release) in RELEASES {
        let mut recorded = recordings(release, platform);
        recorded.retain(|_, script| !script.starts_with(REFUSED));
        let on = |live: &L| {
            let mut sources = recorded
                .keys()
                .map(|case| folder().join("cases").join(case));
            let first = sources.next().expect("there are cases");
            let program = Program::new(live.url(), &first).under(doctrine);
            sources.fold(program, |program, case| {
                program.with(&["--schema", &format!("doctrine-xml:{}", case.display())])
            })
        };
        let (ours, piped, theirs) = (database(), database(), database());
        let dumped = on(&piped).run(&["schema", "create", "--dump-sql"]).exits(0);
        on(&ours).create();
        settled(&on(&ours));
        piped.client(&dumped.out);
        theirs.client(&recorded.values().map(String::as_str).collect::<String>());
        settled(&on(&theirs));
        let shape = Shape::of(&ours);
        for (other, way) in [(&piped, "the client"), (&theirs, "Doctrine's statements")] {
            let difference = shape.differences(&Shape::of(other));
            assert_eq!(difference, "", "by {doctrine} through {way}");
        }
    }
}

/// In sync to the last undeclared object, and nothing left to do.
fn settled(program: &Program) {
    program.validate(&["--complete", "--skip-mapping"]).exits(0);
    assert_eq!(program.dump(&["--complete"]), "", "left to do");
}

#[test]
fn made_in_every_way_on_sqlite() {
    made_in_every_way("sqlite", sqlite_file);
}

#[test]
fn made_in_every_way_on_mariadb() {
    made_in_every_way("mariadb", || mariadb().database());
}

#[test]
fn made_in_every_way_on_mysql() {
    if let Some(server) = mysql_or_say() {
        made_in_every_way("mysql80", || server.database());
    }
}

#[test]
fn made_in_every_way_on_postgresql() {
    made_in_every_way("postgresql", || postgres().database());
}
