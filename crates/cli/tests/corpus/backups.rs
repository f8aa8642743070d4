//! Backups of real applications' databases, filled, on every engine: each row and each definition
//! comes back.

use std::collections::BTreeSet;
use std::path::Path;

use realign_testkit::{Live, Shape, fill, mariadb, mysql_or_say, postgres, rows, sqlite_file};
use tempfile::TempDir;

use crate::layout::Corpus;
use crate::program::Program;

/// Creates what a mapping declares, fills it, and has it backed up, proven and restored elsewhere.
fn comes_back(from: &impl Live, into: &impl Live, mapping: &Path, more: &str) {
    let program = Program::new(from.url(), mapping);
    program.create();
    fill(from, 5);
    // After the rows, as a trigger of it refuses some of them.
    if !more.is_empty() {
        from.client(more);
    }
    let before = (Shape::of(from), rows(from));
    let folder = TempDir::new().expect("a folder");
    let to = folder.path().to_str().expect("plain");
    program
        .run(&["backup", "create", "--verify", "--to", to])
        .exits(0);
    let file = std::fs::read_dir(folder.path())
        .expect("is there")
        .map(|entry| entry.expect("an entry").path())
        .collect::<Vec<_>>();
    assert_eq!(file.len(), 1, "{file:?}");
    let file = file[0].to_str().expect("plain");
    program
        .run(&["backup", "restore", file, "--into", &into.url()])
        .exits(0);
    assert_eq!(differing(&before.0, &Shape::of(into)), "");
    assert!(rows(into) == before.1, "rows differ");
    assert!(before.1.values().all(|table| table.values.len() >= 5));
}

/// What differs, apart from a default that MySQL prints once it was written.
fn differing(before: &Shape, after: &Shape) -> String {
    let text = before.differences(after);
    let of = |sign: char| {
        let lines = text.lines().filter(move |line| line.starts_with(sign));
        let plain = lines.map(|line| line[1..].replace("CHARACTER SET utf8mb4 COLLATE", "COLLATE"));
        plain.collect::<BTreeSet<String>>()
    };
    if of('-') == of('+') {
        String::new()
    } else {
        text
    }
}

#[test]
fn ixp_manager_on_mariadb() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let views = corpus.file("ixp-manager", "v4.9.3", "views.sql");
    comes_back(
        &mariadb().database(),
        &mariadb().database(),
        &corpus.mapping("ixp-manager", "v4.9.3"),
        &views,
    );
}

#[test]
fn ixp_manager_on_postgresql() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let mapping = corpus.portable_mapping("ixp-manager", "v4.9.3");
    comes_back(
        &postgres().database(),
        &postgres().database(),
        mapping.path(),
        "",
    );
}

#[test]
fn ixp_manager_on_sqlite() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let mapping = corpus.portable_mapping("ixp-manager", "v4.9.3");
    comes_back(&sqlite_file(), &sqlite_file(), mapping.path(), "");
}

#[test]
fn mautic_on_mariadb() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    comes_back(
        &mariadb().database(),
        &mariadb().database(),
        &corpus.mapping("mautic", "5.1.1"),
        "",
    );
}

#[test]
fn ixp_manager_on_mysql() {
    let (Some(corpus), Some(server)) = (Corpus::found(), mysql_or_say()) else {
        return;
    };
    comes_back(
        &server.database(),
        &server.database(),
        &corpus.mapping("ixp-manager", "v4.9.3"),
        "",
    );
}
