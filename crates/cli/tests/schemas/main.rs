//! Schemas of real applications, written in the SQL of their engines, through the binary.
//!
//! Each file is loaded by the engine's own client; what Realign reads of it has to be what is
//! there, and what it prints has to make the same. They run where the corpus is.

#![allow(clippy::print_stdout, reason = "a file that a server refuses is told")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use realign_testkit::{Live, Shape, TableRows, corpus, fill, rows, rows_lost, sqlite_file};

/// What a run of the binary left.
struct Run {
    line: String,
    code: i32,
    out: String,
    err: String,
}

impl Run {
    #[track_caller]
    fn ends(self, code: i32) -> Self {
        let cut = |text: &str| text.chars().take(5000).collect::<String>();
        assert_eq!(
            self.code,
            code,
            "{}\n--- stdout\n{}\n--- stderr\n{}",
            self.line,
            cut(&self.out),
            cut(&self.err)
        );
        self
    }
}

/// Runs the binary with one database configured and words after it.
fn realign(url: &str, words: &[&str], input: Option<&str>) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_realign"));
    command
        .args(words)
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .env("REALIGN_DATABASE_URL", url)
        .stdin(std::process::Stdio::null());
    if let Some(text) = input {
        let path = folder.path().join("input");
        std::fs::write(&path, text).expect("written");
        command.stdin(std::fs::File::open(path).expect("opens"));
    }
    let output = command.output().expect("the binary runs");
    Run {
        line: format!("realign {}", words.join(" ")),
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn file(path: &str) -> Option<PathBuf> {
    let path = corpus()?.join("schemas").join(path);
    assert!(path.is_file(), "{}", path.display());
    Some(path)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("readable")
}

/// A file read is what its engine makes of it, and what is printed of that makes the same again.
fn whole<D: Live>(database: impl Fn() -> D, path: &str) {
    if let Some(path) = file(path) {
        is_read_whole(database, &path);
    }
}

fn is_read_whole<D: Live>(database: impl Fn() -> D, path: &Path) {
    let loaded = database();
    loaded.client(&read(path));
    let (url, source) = (loaded.url(), format!("sql:{}", path.display()));
    let compared = ["schema", "diff", &source, &url, "--exit-code"];
    let exact = [&compared[..], &["--scratch", "auto"]].concat();
    realign(&url, &exact, None).ends(0);
    let told = realign(&url, &[&compared[..], &["--format", "json"]].concat(), None);
    let document: serde_json::Value = serde_json::from_str(&told.out).expect("one document");
    assert_eq!(document["skipped_bytes"], 0);
    told.ends(0);
    // Back again: the first that is missing in the second counts as well.
    realign(
        &url,
        &[
            "schema",
            "diff",
            &url,
            &source,
            "--exit-code",
            "--scratch",
            "auto",
        ],
        None,
    )
    .ends(0);
    let document = realign(&url, &["schema", "inspect", "--format", "json"], None).ends(0);
    realign(
        &url,
        &["schema", "diff", "json:-", &url, "--exit-code"],
        Some(&document.out),
    )
    .ends(0);
    let printed = realign(&url, &["schema", "inspect", "--format", "sql"], None).ends(0);
    let again = database();
    again.client(&printed.out);
    let differences = Shape::of(&loaded).differences(&Shape::of(&again));
    assert!(differences.is_empty(), "{differences}");
}

/// A database of the old file, with rows, brought to the new file: nothing is lost, and the
/// engine prints what it prints of the new file loaded.
fn pair<D: Live>(database: impl Fn() -> D, from: &str, to: &str) {
    let (Some(from), Some(to)) = (file(from), file(to)) else {
        return;
    };
    // A third row would hold words that later releases take away, and be refused. Where a release
    // brings a unique column for which there is no value, there can only be one.
    let brought = [2, 1]
        .into_iter()
        .any(|count| becomes(&database, &from, &to, count));
    assert!(brought, "refused with one row as well");
}

/// False when the update was refused, before anything was changed, for two rows that would be alike.
fn becomes<D: Live>(database: &impl Fn() -> D, from: &Path, to: &Path, count: usize) -> bool {
    let live = database();
    live.client(&read(from));
    bare(&live);
    fill(&live, count);
    let before = rows(&live);
    let filled = before.values().any(|table| !table.values.is_empty());
    assert!(filled, "there is nothing that could be lost");
    let url = live.url();
    let source = format!("sql:{}", to.display());
    let words = ["--schema", &source, "--scratch", "auto", "schema"];
    let update = [&words[..], &["update", "--force"]].concat();
    let updated = realign(&url, &update, None);
    if updated.err.contains("would all hold the same value there") {
        updated.ends(1);
        assert_eq!(rows(&live), before);
        return false;
    }
    updated.ends(0);
    let fresh = database();
    fresh.client(&read(to));
    has_become(&live, &before, &fresh, to);
    true
}

/// Takes the rows away that come with a file: they would be in the way of ours.
fn bare(live: &impl Live) {
    for table in live.tables() {
        let _ = live.try_client(&format!("DELETE FROM {};", live.quoted(&table.name)));
    }
}

/// An updated database has the rows that it had before, and with consent the shape of a fresh one.
fn has_become<D: Live>(live: &D, before: &BTreeMap<String, TableRows>, fresh: &D, to: &Path) {
    let url = live.url();
    let source = format!("sql:{}", to.display());
    let words = ["--schema", &source, "--scratch", "auto", "schema"];
    let update = [&words[..], &["update", "--force"]].concat();
    realign(&url, &[&words[..], &["validate"]].concat(), None).ends(0);
    let lost = rows_lost(before, &rows(live));
    assert!(lost.is_empty(), "rows are lost:\n{lost}");
    let consents = ["--complete", "--allow", "destructive", "--no-quarantine"];
    realign(&url, &[&update[..], &consents].concat(), None).ends(0);
    let differences = Shape::of(fresh).differences(&Shape::of(live));
    assert!(differences.is_empty(), "{differences}");
}

macro_rules! schemas {
    ($($name:ident: $database:expr, $path:literal;)*) => {$(
        #[test]
        fn $name() {
            whole(|| $database, $path);
        }
    )*};
}

macro_rules! pairs {
    ($($name:ident: $database:expr, $from:literal => $to:literal;)*) => {$(
        #[test]
        fn $name() {
            pair(|| $database, $from, $to);
        }
    )*};
}

mod postgres;

mod sqlite {
    use super::*;

    schemas! {
        sakila: sqlite_file(), "sakila/sqlite.sql";
        chinook: sqlite_file(), "chinook/sqlite.sql";
        roundcube: sqlite_file(), "roundcube/SQL/sqlite.initial.sql";
        roundcube_0_9_5: sqlite_file(), "roundcube/releases/v0.9.5/sqlite.initial.sql";
        roundcube_1_6_0: sqlite_file(), "roundcube/releases/1.6.0/sqlite.initial.sql";
    }

    pairs! {
        roundcube_0_9_5_to_1_0_0: sqlite_file(), "roundcube/releases/v0.9.5/sqlite.initial.sql" => "roundcube/releases/1.0.0/sqlite.initial.sql";
        roundcube_1_0_0_to_1_1_0: sqlite_file(), "roundcube/releases/1.0.0/sqlite.initial.sql" => "roundcube/releases/1.1.0/sqlite.initial.sql";
        roundcube_1_1_0_to_1_2_0: sqlite_file(), "roundcube/releases/1.1.0/sqlite.initial.sql" => "roundcube/releases/1.2.0/sqlite.initial.sql";
        roundcube_1_2_0_to_1_3_0: sqlite_file(), "roundcube/releases/1.2.0/sqlite.initial.sql" => "roundcube/releases/1.3.0/sqlite.initial.sql";
        roundcube_1_3_0_to_1_4_0: sqlite_file(), "roundcube/releases/1.3.0/sqlite.initial.sql" => "roundcube/releases/1.4.0/sqlite.initial.sql";
        roundcube_1_4_0_to_1_5_0: sqlite_file(), "roundcube/releases/1.4.0/sqlite.initial.sql" => "roundcube/releases/1.5.0/sqlite.initial.sql";
        roundcube_1_5_0_to_1_6_0: sqlite_file(), "roundcube/releases/1.5.0/sqlite.initial.sql" => "roundcube/releases/1.6.0/sqlite.initial.sql";
        roundcube_0_9_5_to_1_6_0: sqlite_file(), "roundcube/releases/v0.9.5/sqlite.initial.sql" => "roundcube/releases/1.6.0/sqlite.initial.sql";
        roundcube_1_6_0_to_now: sqlite_file(), "roundcube/releases/1.6.0/sqlite.initial.sql" => "roundcube/SQL/sqlite.initial.sql";
    }
}

mod mysql;
mod own;
