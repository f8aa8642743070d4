//! Real mappings against recordings of the real Doctrine. Runs where the corpus is.

#![allow(clippy::print_stderr, reason = "a test that could not run says so")]

mod database;

use std::path::{Path, PathBuf};

use database::{Live, listing};
use realign_model::Database;
use realign_planner::{Dialect, Policy, create_plan};
use realign_sources::{DoctrineOptions, SourceFile, load_doctrine_xml};
use realign_sqlite::SQLITE;

/// The corpus, unless it is not on this machine.
fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("REALIGN_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus"),
        PathBuf::from,
    );
    if path.is_dir() {
        Some(path)
    } else {
        eprintln!("not run: no corpus at {}", path.display());
        None
    }
}

/// The mapping of a release; `portable` takes the files that replace some of it.
fn mapping(release: &Path, portable: bool, qualified: bool) -> Database {
    let mut paths: Vec<PathBuf> = files(&release.join("mappings"));
    if portable {
        for replacement in files(&release.join("mappings-portable")) {
            paths.retain(|path| path.file_name() != replacement.file_name());
            paths.push(replacement);
        }
    }
    let sources: Vec<SourceFile> = paths
        .iter()
        .map(|path| SourceFile {
            path: path.display().to_string(),
            text: std::fs::read_to_string(path).expect("readable"),
        })
        .collect();
    let read = load_doctrine_xml(
        &sources,
        &DoctrineOptions {
            qualify_index_names: qualified,
            ..DoctrineOptions::default()
        },
        SQLITE.doctrine(),
        &database::facts(),
    );
    assert!(!read.has_errors(), "{:#?}", read.diagnostics);
    read.database
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// The statements of a recording.
fn recorded(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path)
        .expect("readable")
        .lines()
        .map(|line| line.trim_end_matches(';').replace("\\n", "\n"))
        .collect()
}

fn created(database: &Database) -> Vec<String> {
    create_plan(database, &SQLITE, &database::facts())
        .steps
        .iter()
        .flat_map(|step| &step.statements)
        .map(|statement| statement.sql.clone())
        .collect()
}

fn releases(corpus: &Path) -> Vec<PathBuf> {
    let mut all = files(&corpus.join("ixp-manager"));
    all.extend(files(&corpus.join("mautic")));
    all.retain(|path| path.join("mappings").is_dir());
    all
}

#[test]
fn create_is_what_doctrine_prints() {
    let Some(corpus) = corpus() else { return };
    for release in releases(&corpus) {
        for (file, portable) in [("create.sql", false), ("create-portable.sql", true)] {
            let path = release.join("expected/sqlite").join(file);
            if !path.exists() {
                continue;
            }
            let mut ours = created(&mapping(&release, portable, false));
            let mut theirs = recorded(&path);
            ours.sort();
            theirs.sort();
            let missing: Vec<&String> = theirs.iter().filter(|s| !ours.contains(s)).collect();
            let extra: Vec<&String> = ours.iter().filter(|s| !theirs.contains(s)).collect();
            assert!(
                missing.is_empty() && extra.is_empty(),
                "{}: missing {missing:#?}\nextra {extra:#?}",
                path.display()
            );
            assert_eq!(ours.len(), theirs.len());
        }
    }
}

/// Puts a row into every table, foreign keys aside.
fn fill(live: &mut Live, database: &Database) {
    live.run("PRAGMA foreign_keys = OFF");
    for table in &database.tables {
        let name = SQLITE.quote(&table.name.name, &database::facts());
        for n in 1..=3 {
            let mut columns = Vec::new();
            let mut values = Vec::new();
            for column in &table.columns {
                columns.push(SQLITE.quote(&column.name, &database::facts()));
                values.push(if column.data_type.is_text() {
                    format!("'x{n}'")
                } else {
                    n.to_string()
                });
            }
            live.run(&format!(
                "INSERT INTO {name} ({}) VALUES ({})",
                columns.join(", "),
                values.join(", ")
            ));
        }
    }
}

#[test]
fn every_release_step_keeps_the_rows_and_ends_as_a_fresh_database() {
    let Some(corpus) = corpus() else { return };
    for product in ["ixp-manager", "mautic"] {
        let all: Vec<PathBuf> = files(&corpus.join(product))
            .into_iter()
            .filter(|p| p.join("mappings").is_dir())
            .collect();
        for pair in all.windows(2) {
            let name = format!("{} -> {}", pair[0].display(), pair[1].display());
            let (old, new) = (mapping(&pair[0], true, true), mapping(&pair[1], true, true));
            let mut live = Live::after(&created(&old));
            assert!(live.diff(&old, &Policy::default()).in_sync(), "{name}");
            fill(&mut live, &old);
            let counts = |live: &mut Live| -> Vec<(String, String)> {
                old.tables
                    .iter()
                    .filter(|t| new.tables.iter().any(|n| n.name == t.name))
                    .map(|t| {
                        let table = SQLITE.quote(&t.name.name, &database::facts());
                        let count = live.rows(&format!("SELECT count(*) FROM {table}"));
                        (t.name.to_string(), count[0].clone())
                    })
                    .collect()
            };
            let before = counts(&mut live);
            let policy = Policy {
                complete: true,
                ..Policy::default()
            };
            let plan = live.update(&new, &policy);
            assert!(!plan.is_empty(), "{name}");
            assert_eq!(before, counts(&mut live), "{name}");
            let again = live.plan(&new, &policy);
            assert!(again.is_empty(), "{name}: {}", listing(&again));
            let mut fresh = Live::after(&created(&new));
            let (ours, theirs) = (parts(live.texts()), parts(fresh.texts()));
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(ours, theirs, "{name}");
            }
            assert_eq!(ours.len(), theirs.len(), "{name}");
        }
    }
}

/// Stored texts with the order of columns taken out.
fn parts(texts: Vec<String>) -> Vec<Vec<String>> {
    texts
        .into_iter()
        .map(|text| {
            let mut parts: Vec<String> = text.split(", ").map(str::to_owned).collect();
            if text.starts_with("CREATE TABLE")
                && let Some(last) = parts.last_mut()
            {
                last.truncate(last.len() - 1);
            }
            parts.sort();
            parts
        })
        .collect()
}

#[test]
fn real_schemas_are_read_whole_and_can_be_made_again() {
    let Some(corpus) = corpus() else { return };
    let mut scripts: Vec<PathBuf> = Vec::new();
    collect(&corpus.join("schemas"), &mut scripts);
    assert!(!scripts.is_empty());
    for script in scripts {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("app.db");
        let loaded = std::process::Command::new("sqlite3")
            .arg(&file)
            .stdin(std::fs::File::open(&script).expect("readable"))
            .output();
        let Ok(loaded) = loaded else {
            eprintln!("not run: no sqlite3 client");
            return;
        };
        assert!(loaded.status.success(), "{}", script.display());
        let mut live = Live::open(&file);
        let seen = live.inspect();
        assert!(
            seen.remarks.is_empty(),
            "{}: {:#?}",
            script.display(),
            seen.remarks
        );
        assert!(!seen.database.tables.is_empty());
        let own = live.diff(&seen.database, &database::complete());
        assert!(
            own.findings.is_empty(),
            "{}: {:#?}",
            script.display(),
            own.findings
        );
        // What is printed from the model is read as the same model.
        let mut again = Live::after(&created(&seen.database));
        let found = again.diff(&seen.database, &database::complete());
        assert!(
            found.findings.is_empty(),
            "{}: {:#?}",
            script.display(),
            found.findings
        );
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in files(folder) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "sql")
            && name.is_some_and(|n| n.starts_with("sqlite"))
        {
            found.push(path);
        }
    }
}
