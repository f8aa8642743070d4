//! Whole terminal sessions as data: `*.trycmd` files with commands, exit codes and everything that
//! is printed.
//!
//! The form is that of the crate `trycmd`, read by [`script`]; a session lies in one file together
//! with the files that it works on. `SESSIONS=overwrite` writes down what is printed now.

mod gone;
mod letters;
mod run;
mod script;
mod trouble;
mod words;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use realign_testkit::{Live, mariadb, mysql, postgres, sqlite_file};

/// Sessions of every command and option.
#[test]
fn sessions_on_sqlite() {
    all("sqlite", &|| Box::new(sqlite_file()));
}

/// What has to be the same on every engine.
#[test]
fn core_sessions_on_sqlite() {
    all("core", &|| Box::new(sqlite_file()));
}

#[test]
fn core_sessions_on_mariadb() {
    all("core", &|| Box::new(mariadb().database()));
}

#[test]
fn core_sessions_on_mysql() {
    if let Some(server) = mysql() {
        all("core", &|| Box::new(server.database()));
    }
}

#[test]
fn core_sessions_on_postgresql() {
    all("core", &|| Box::new(postgres().database()));
}

/// Engines whose definitions take part in transactions.
#[test]
fn together_on_sqlite() {
    all("together", &|| Box::new(sqlite_file()));
}

#[test]
fn together_on_postgresql() {
    all("together", &|| Box::new(postgres().database()));
}

/// What a server can't promise is said.
#[test]
fn sessions_on_mariadb() {
    all("mariadb", &|| Box::new(mariadb().database()));
}

/// What only its client can say otherwise.
#[test]
fn sessions_on_postgresql() {
    all("postgresql", &|| Box::new(postgres().database()));
}

/// Runs every session of a folder, each in a folder and on a database of its own.
fn all(folder: &str, make: &dyn Fn() -> Box<dyn Live>) {
    let files = files(folder);
    assert!(!files.is_empty(), "no session in {folder}");
    let mut wrong = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        let blocks = script::read(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        let database = make();
        let mut printed = run::session(&blocks, database.as_ref());
        if matches!(folder, "core" | "together" | "postgresql") {
            // What a server of the tests does not keep is not the same on every engine, nor on
            // servers of other tests.
            for printed in &mut printed {
                printed
                    .lines
                    .retain(|line| !line.starts_with("warning: at "));
            }
        }
        if std::env::var("SESSIONS").is_ok_and(|what| what == "overwrite") {
            std::fs::write(&file, script::written(&text, &printed)).expect("written");
            continue;
        }
        for difference in script::differences(&blocks, &printed) {
            let _ = writeln!(wrong, "{}: {difference}", file.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli")
        .join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("a folder of sessions")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "trycmd"))
        .collect();
    files.sort();
    files
}
