//! A database and a folder of migrations.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use realign_testkit::{
    Live, PostgresDatabase, SqliteFile, TestDatabase, mariadb_with, postgres_with, sqlite_file,
};
use tempfile::TempDir;

use crate::tools::Tool;

/// Every commit reaches the disk, as servers are configured that hold something.
const MARIADB: &[&str] = &[
    "--innodb-flush-method=fsync",
    "--innodb-flush-log-at-trx-commit=1",
];
const POSTGRES: &[&str] = &["fsync=on", "synchronous_commit=on", "full_page_writes=on"];

/// An engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgresql,
    MariaDb,
}

impl Engine {
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::Postgresql, Self::MariaDb];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgresql => "postgresql",
            Self::MariaDb => "mariadb",
        }
    }
}

#[derive(Debug)]
enum Base {
    Sqlite(SqliteFile),
    Postgresql(PostgresDatabase),
    MariaDb(TestDatabase),
}

/// A database of its own, and as many migrations as wanted.
#[derive(Debug)]
pub(crate) struct Place {
    base: Base,
    folder: TempDir,
}

impl Place {
    pub(crate) fn new(engine: Engine, tool: &Tool, count: usize) -> Self {
        let base = match engine {
            Engine::Sqlite => Base::Sqlite(sqlite_file()),
            Engine::Postgresql => Base::Postgresql(postgres_with(POSTGRES).database()),
            Engine::MariaDb => Base::MariaDb(mariadb_with(MARIADB).database()),
        };
        let folder = tempfile::tempdir().expect("a folder");
        for number in 0..count {
            let name = format!("{}_m.sql", version(number));
            let mut text = String::new();
            let (before, after) = tool.sections();
            let _ = writeln!(text, "{before}CREATE TABLE t{number} (id INTEGER);{after}");
            fs::write(folder.path().join(name), text).expect("written");
        }
        Self { base, folder }
    }

    /// The folder of migrations.
    pub(crate) fn migrations(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Its URL as every tool reads it.
    pub(crate) fn url(&self) -> String {
        match &self.base {
            Base::Sqlite(file) => file.url(),
            Base::Postgresql(database) => format!("{}?sslmode=disable", database.url()),
            Base::MariaDb(database) => database.url().replacen("mariadb:", "mysql:", 1),
        }
    }

    /// Its URL for Realign.
    pub(crate) fn own_url(&self) -> String {
        match &self.base {
            Base::Sqlite(file) => file.url(),
            Base::Postgresql(database) => database.url(),
            Base::MariaDb(database) => database.url(),
        }
    }
}

/// A moment for each number, 14 digits: hours, minutes and seconds of a few days.
fn version(number: usize) -> String {
    let (minutes, seconds) = (number / 60, number % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let (days, hours) = (hours / 24, hours % 24);
    format!("202601{:02}{hours:02}{minutes:02}{seconds:02}", days + 1)
}
