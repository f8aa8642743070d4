//! Databases for one test each.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::catalogue::{self, TableShape};
use crate::client::{need, run};
use crate::launch;
use crate::server::{Server, Vendor};

/// True for the tables in which Realign keeps its lock and its journals.
pub(crate) fn is_book(table: &str) -> bool {
    ["realign_lock", "realign_runs", "realign_upgrades"].contains(&table)
}

/// A database of one test, whatever its engine.
pub trait Live {
    /// Its URL for Realign.
    fn url(&self) -> String;

    /// Runs a script with the engine's own client; the error is what the client said.
    fn try_client(&self, script: &str) -> Result<String, String>;

    /// Rows of one query as text; NULL reads `NULL`.
    fn rows(&self, query: &str) -> Vec<Vec<String>>;

    /// The tables as the engine's own catalogue tells them, by name.
    fn tables(&self) -> Vec<TableShape>;

    /// Each object with its definition as the engine prints it, in parts that have no order.
    fn definitions(&self) -> Vec<(String, Vec<String>)>;

    /// All that it holds, as the engine's own program writes it as a script.
    fn dumped(&self) -> String;

    /// A name in the engine's quotes.
    fn quoted(&self, name: &str) -> String {
        format!("`{name}`")
    }

    /// Bytes, given as pairs of hexadecimal digits, as a literal.
    fn bytes(&self, hex: &str) -> String {
        format!("X'{hex}'")
    }

    /// What stands between the columns and VALUES where each column gets its value from us.
    fn overriding(&self) -> &'static str {
        ""
    }

    /// The statements that bring counters past the rows that were put in.
    fn counted(&self) -> String {
        String::new()
    }

    /// Runs a script with the engine's own client.
    ///
    /// # Panics
    /// With the client's message when a statement fails.
    fn client(&self, script: &str) -> String {
        self.try_client(script)
            .unwrap_or_else(|error| panic!("client: {error}\nin: {}", cut(script)))
    }
}

/// A database on a server, dropped with the value.
#[derive(Debug)]
pub struct TestDatabase {
    server: &'static Server,
    name: String,
}

impl TestDatabase {
    pub(crate) fn new(server: &'static Server, name: String) -> Self {
        Self { server, name }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server that it is on.
    pub fn server(&self) -> &'static Server {
        self.server
    }

    /// Its URL for Realign.
    pub fn url(&self) -> String {
        Live::url(self)
    }

    /// Runs a script with the `mariadb` client; a failing statement is a panic.
    pub fn client(&self, script: &str) -> String {
        Live::client(self, script)
    }
}

impl Live for TestDatabase {
    fn url(&self) -> String {
        self.server.url(&self.name)
    }

    fn try_client(&self, script: &str) -> Result<String, String> {
        self.server.try_client(&self.name, script)
    }

    fn rows(&self, query: &str) -> Vec<Vec<String>> {
        self.server.rows(&self.name, query)
    }

    fn tables(&self) -> Vec<TableShape> {
        match self.server.vendor() {
            Vendor::MariaDb => catalogue::mariadb(self),
            Vendor::MySql => catalogue::mysql(self),
        }
    }

    fn definitions(&self) -> Vec<(String, Vec<String>)> {
        crate::outside::mariadb(self)
    }

    fn dumped(&self) -> String {
        self.server.dumped(&self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A test that fails may have killed the server; its data goes with it then.
        let _ = self
            .server
            .try_client("", &format!("DROP DATABASE IF EXISTS {}", self.name));
    }
}

/// A SQLite file in a folder of its own, removed with the value.
#[derive(Debug)]
pub struct SqliteFile {
    folder: TempDir,
}

/// A new, empty SQLite database.
pub fn sqlite_file() -> SqliteFile {
    let folder = TempDir::with_prefix_in("realign-", launch::scratch())
        .expect("the temporary folder can be written");
    let file = SqliteFile { folder };
    std::fs::write(file.path(), []).expect("a new file can be written");
    file
}

impl SqliteFile {
    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    /// The folder that it is in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its URL for Realign.
    pub fn url(&self) -> String {
        Live::url(self)
    }

    /// Runs a script with the `sqlite3` client; a failing statement is a panic.
    pub fn client(&self, script: &str) -> String {
        Live::client(self, script)
    }

    fn run(&self, options: &[&str], script: &str) -> Result<String, String> {
        let path = self.path();
        let path = path.to_str().expect("temporary paths are UTF-8");
        // What these files hold need not outlive a power cut.
        let mut arguments = vec!["-batch", "-bail", "-cmd", "PRAGMA synchronous = OFF"];
        arguments.extend(options);
        arguments.push(path);
        run(
            need("sqlite3", "sqlite3"),
            &arguments,
            &[("HOME", "/nonexistent")],
            script,
        )
    }
}

impl Live for SqliteFile {
    fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    fn try_client(&self, script: &str) -> Result<String, String> {
        self.run(&[], script)
    }

    fn dumped(&self) -> String {
        self.run(&[], ".dump")
            .unwrap_or_else(|error| panic!("sqlite3: {error}"))
    }

    fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let options = [
            "-list",
            "-noheader",
            "-nullvalue",
            "NULL",
            "-separator",
            "\u{1f}",
        ];
        let options = [&options[..], &["-newline", "\u{1e}"]].concat();
        self.run(&options, query)
            .unwrap_or_else(|error| panic!("sqlite3 client: {error}\nin: {query}"))
            .split_terminator('\u{1e}')
            .map(|row| row.split('\u{1f}').map(str::to_owned).collect())
            .collect()
    }

    fn tables(&self) -> Vec<TableShape> {
        catalogue::sqlite(self)
    }

    fn definitions(&self) -> Vec<(String, Vec<String>)> {
        crate::outside::sqlite(self)
    }
}

fn cut(script: &str) -> String {
    script.chars().take(2000).collect()
}
