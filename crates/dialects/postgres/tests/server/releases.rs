//! From release to release, by the declared schema and by the project's own scripts.

use std::fs;
use std::path::{Path, PathBuf};

use realign_model::Database;
use realign_planner::{Policy, Scope, Severity, Weight, diff};
use realign_postgres::POSTGRES;
use realign_testkit::corpus;

use crate::scripts::read;
use crate::support::{TestDatabase, script};

/// Two releases of one schema, one after the other.
const PAIRS: &[(&str, &str)] = &[
    (
        "roundcube/releases/v0.9.5/postgres.initial.sql",
        "roundcube/releases/1.3.0/postgres.initial.sql",
    ),
    (
        "roundcube/releases/1.3.0/postgres.initial.sql",
        "roundcube/SQL/postgres.initial.sql",
    ),
    (
        "icingadb/releases/v1.0.0/pgsql.sql",
        "icingadb/releases/v1.2.0/pgsql.sql",
    ),
    (
        "icingadb/releases/v1.2.0/pgsql.sql",
        "icingadb/schema/pgsql/schema.sql",
    ),
    (
        "icinga-director/releases/v1.5.0/pgsql.sql",
        "icinga-director/releases/v1.8.0/pgsql.sql",
    ),
    (
        "icinga-director/releases/v1.8.0/pgsql.sql",
        "icinga-director/releases/v1.10.0/pgsql.sql",
    ),
    (
        "icinga-director/releases/v1.10.0/pgsql.sql",
        "icinga-director/releases/v1.11.0/pgsql.sql",
    ),
    (
        "icinga-director/releases/v1.11.0/pgsql.sql",
        "icinga-director/schema/pgsql.sql",
    ),
    ("danbooru/2022/structure.sql", "danbooru/2024/structure.sql"),
    ("danbooru/2024/structure.sql", "danbooru/head/structure.sql"),
];

/// Pairs that every run tries; the others are for a full one.
const USUAL: &[usize] = &[1, 4];

fn load(file: &Path) -> (TestDatabase, String) {
    let text = fs::read_to_string(file).expect("a schema");
    let database = TestDatabase::new();
    database.load(&text);
    (database, text)
}

/// What the engine's own tool prints, but for two spellings of one meaning: a default of NULL,
/// and six digits of a second.
fn shown(database: &TestDatabase) -> Vec<String> {
    let cut = |line: &str| match line.find(" DEFAULT NULL::") {
        Some(at) => line[..at].to_owned(),
        None => line.replace("timestamp(6)", "timestamp"),
    };
    let lines = |part: String| part.lines().map(cut).collect::<Vec<_>>().join("\n");
    database.dump().into_iter().map(lines).collect()
}

#[test]
fn an_old_release_becomes_the_new_one() {
    let Some(corpus) = corpus() else { return };
    let full = std::env::var("REALIGN_PAIRS").is_ok();
    let mut trouble = Vec::new();
    for (at, (old, new)) in PAIRS.iter().enumerate() {
        if !full && !USUAL.contains(&at) {
            continue;
        }
        let (live, _) = load(&corpus.join("schemas").join(old));
        let (fresh, text) = load(&corpus.join("schemas").join(new));
        let facts = live.inspect().facts;
        let wish = read(new, &text, Database::default(), &facts).database;
        let policy = Policy {
            complete: true,
            scope: Scope::ALL,
            ..Policy::default()
        };
        match live.update(&wish, &policy) {
            Ok(plan) => {
                let again = live.plan(&wish, &policy);
                if !again.is_empty() {
                    trouble.push(format!("{new}: a second plan\n{}", script(&again)));
                }
                let (is, was) = (shown(&live), shown(&fresh));
                let more = is.iter().filter(|d| !was.contains(d));
                let less = was.iter().filter(|d| !is.contains(d));
                let lines: Vec<String> = more
                    .map(|d| format!("{old} to {new}: made {d}"))
                    .chain(less.map(|d| format!("{old} to {new}: lost {d}")))
                    .collect();
                if !lines.is_empty() {
                    trouble.push(lines.join("\n"));
                    drop(plan);
                }
            }
            Err(left) => {
                let left: String = left.chars().take(3000).collect();
                trouble.push(format!("{old} to {new}: {left}"));
            }
        }
    }
    assert!(trouble.is_empty(), "{}", trouble.join("\n\n"));
}

/// The scripts of a folder whose number is larger than that of a release.
fn scripts_after(folder: &Path, number: u32) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(folder)
        .expect("scripts")
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            Some((digits.parse().ok()?, entry.path()))
        })
        .filter(|(of, _)| *of > number)
        .collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

#[test]
fn a_chain_of_upgrades_ends_where_the_server_ends() {
    let Some(corpus) = corpus() else { return };
    let schemas = corpus.join("schemas");
    let chains = [
        (
            "icinga-director/releases/v1.5.0/pgsql.sql",
            "icinga-director/schema/pgsql-migrations",
            149,
        ),
        (
            "roundcube/releases/v0.9.5/postgres.initial.sql",
            "roundcube/SQL/postgres",
            2_013_011_700,
        ),
    ];
    for (base, folder, number) in chains {
        let (database, text) = load(&schemas.join(base));
        let facts = database.inspect().facts;
        let mut made = read(base, &text, Database::default(), &facts).database;
        for path in scripts_after(&schemas.join(folder), number) {
            let text = fs::read_to_string(&path).expect("a script");
            let name = path.display().to_string();
            let before = database.inspect().database;
            if database
                .try_run(&format!("BEGIN;\n{text}\nCOMMIT;"))
                .is_err()
            {
                // Some scripts of the folder belong to another line of releases.
                assert_eq!(database.inspect().database, before, "{name}");
                continue;
            }
            let read = read(&name, &text, made, &facts);
            let errors: Vec<_> = read
                .diagnostics
                .iter()
                .filter(|d| d.severity == Severity::Error)
                .collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
            made = read.database;
        }
        let found = database.inspect();
        let policy = Policy {
            complete: true,
            scope: Scope::ALL,
            ..Policy::default()
        };
        let open = diff(&found.database, &made, &POSTGRES, &found.facts, &policy);
        let told: Vec<_> = open
            .findings
            .iter()
            .filter(|f| f.weight != Weight::Note)
            .collect();
        assert!(told.is_empty(), "{base}: {told:#?}");
    }
}
