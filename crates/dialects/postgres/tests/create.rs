//! `schema create` of real mappings against what the real Doctrine printed, byte for byte and as
//! a multiset. Without the corpus it says so and passes.

#![allow(missing_docs, reason = "a test program")]

use std::fs;
use std::path::Path;

use realign_model::Database;
use realign_planner::Dialect as _;
use realign_postgres::POSTGRES;
use realign_sources::{DoctrineOptions, SourceFile, load_doctrine_xml};
use realign_testkit::corpus;

/// The mapping of these folders; a file of a later one replaces that of an earlier one.
fn mapping(folders: &[&Path]) -> Database {
    let mut files = std::collections::BTreeMap::new();
    for folder in folders {
        for entry in fs::read_dir(folder).expect("mappings").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(
                name.clone(),
                SourceFile {
                    path: name,
                    text: fs::read_to_string(entry.path()).expect("text"),
                },
            );
        }
    }
    let facts = POSTGRES.offline_facts("postgresql-15").expect("known");
    let files: Vec<SourceFile> = files.into_values().collect();
    let read = load_doctrine_xml(
        &files,
        &DoctrineOptions::default(),
        POSTGRES.doctrine(),
        &facts,
    );
    assert!(!read.has_errors(), "{:#?}", read.diagnostics);
    read.database
}

fn statements(database: &Database) -> Vec<String> {
    let facts = POSTGRES.offline_facts("postgresql-15").expect("known");
    let mut all: Vec<String> = POSTGRES
        .create(database, &facts)
        .into_iter()
        .flat_map(|step| step.statements)
        .map(|s| format!("{};", s.sql.replace('\n', " ")))
        .collect();
    all.sort();
    all
}

fn recorded(path: &Path) -> Vec<String> {
    let mut all: Vec<String> = fs::read_to_string(path)
        .expect("a recording")
        .lines()
        .map(str::to_owned)
        .collect();
    all.sort();
    all
}

fn compare(database: &Database, path: &Path) {
    let (ours, theirs) = (statements(database), recorded(path));
    let more: Vec<_> = ours
        .iter()
        .filter(|s| !theirs.contains(s))
        .take(5)
        .collect();
    let less: Vec<_> = theirs
        .iter()
        .filter(|s| !ours.contains(s))
        .take(5)
        .collect();
    assert!(
        ours == theirs,
        "{}: more {more:#?} less {less:#?}",
        path.display()
    );
}

#[test]
fn real_mappings_make_the_recorded_statements() {
    let Some(corpus) = corpus() else { return };
    for version in [
        "v4.4.8", "v4.6.0", "v4.7.0", "v4.7.3", "v4.8.0", "v4.9.0", "v4.9.3",
    ] {
        let folder = corpus.join("ixp-manager").join(version);
        let plain = mapping(&[&folder.join("mappings")]);
        compare(&plain, &folder.join("expected/postgresql/create.sql"));
        let portable = folder.join("mappings-portable");
        if portable.is_dir() {
            let wish = mapping(&[&folder.join("mappings"), &portable]);
            compare(
                &wish,
                &folder.join("expected/postgresql/create-portable.sql"),
            );
        }
    }
    for version in ["5.0.4", "5.1.1"] {
        let folder = corpus.join("mautic").join(version);
        let wish = mapping(&[&folder.join("mappings")]);
        compare(&wish, &folder.join("expected/postgresql/create.sql"));
    }
}
