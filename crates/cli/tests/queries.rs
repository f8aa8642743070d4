//! How many queries a comparison sends does not depend on how many tables there are.

use std::fmt::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use realign::planner::Profile;
use realign::runtime::backup::Copier;
use realign::runtime::{
    Connect, Connection, Error, Ran, RanAll, RanLooking, Session, Target, inspect,
};
use realign_testkit::{
    Live, Server, mariadb_with, mysql_or_say, mysql_with, postgres_with, sqlite_file,
};
use tempfile::TempDir;

const FEW: usize = 5;
const MANY: usize = 500;
/// More than any engine is asked, so that an empty log is no proof.
const MOST: usize = 60;

#[test]
fn mariadb_is_asked_as_often_for_many_tables_as_for_few() {
    let [few, many] = [FEW, MANY].map(|tables| logged(mariadb_with(&LOGGED), tables));
    holds(few, many);
}

#[test]
fn mysql_is_asked_as_often_for_many_tables_as_for_few() {
    if let (Some(_), Some(server)) = (mysql_or_say(), mysql_with(&LOGGED)) {
        let [few, many] = [FEW, MANY].map(|tables| logged(server, tables));
        holds(few, many);
    }
}

#[test]
fn postgresql_is_asked_as_often_for_many_tables_as_for_few() {
    let server = postgres_with(&["log_statement=all", "log_line_prefix=<%d> "]);
    let [few, many] = [FEW, MANY].map(|tables| {
        let database = server.database();
        let sent = || {
            let line = format!("<{}> LOG:  ", database.name());
            let log = server.log();
            let lines = log.lines().filter_map(|text| text.strip_prefix(&line));
            lines
                .filter(|text| text.starts_with("statement: ") || text.starts_with("execute "))
                .count()
        };
        let mapping = made(&database.url(), tables);
        let before = sent();
        in_sync(&database.url(), &mapping);
        sent() - before
    });
    holds(few, many);
}

#[test]
fn sqlite_is_asked_as_often_for_many_tables_as_for_few() {
    let [few, many] = [FEW, MANY].map(|tables| {
        let file = sqlite_file();
        let mapping = made(&file.url(), tables);
        in_sync(&file.url(), &mapping);
        let target = Target {
            scheme: "sqlite".to_owned(),
            database: file.path().display().to_string(),
            ..Target::default()
        };
        let engine = realign::engine(&target).expect("a known engine");
        let counting = Counting {
            inner: engine.connect(&target).expect("an address"),
            count: Arc::default(),
        };
        let mut connection = Connection::open(&counting).expect("a session");
        let found = inspect(&mut connection, engine.dialect, Profile::default()).expect("a schema");
        assert_eq!(found.database.tables.len(), tables);
        counting.count.load(Ordering::Relaxed)
    });
    holds(few, many);
}

fn holds(few: usize, many: usize) {
    assert_eq!(few, many, "queries for {FEW} tables and for {MANY}");
    assert!((1..MOST).contains(&few), "{few}");
}

/// Writes down every statement that arrives.
const LOGGED: [&str; 2] = ["--general-log=1", "--log-output=TABLE"];

/// How many statements the server wrote down for one comparison.
fn logged(server: &'static Server, tables: usize) -> usize {
    let database = server.database();
    let mapping = made(&database.url(), tables);
    let account = server.user(&[&format!("ALL ON `{}`.*", database.name())]);
    in_sync(&server.url_as(&account, database.name()), &mapping);
    let query = format!(
        "SELECT COUNT(*) FROM mysql.general_log \
         WHERE command_type IN ('Query', 'Prepare', 'Execute') AND user_host LIKE '{}[%'",
        account.name
    );
    server.rows("", &query)[0][0].parse().expect("a number")
}

/// A mapping of so many tables, and the tables.
fn made(url: &str, tables: usize) -> TempDir {
    let mut entities = String::new();
    for n in 0..tables {
        let target = n / 2;
        let _ = write!(
            entities,
            "<entity name=\"Thing{n}\" table=\"thing_{n}\">\
             <indexes><index name=\"idx_{n}\" columns=\"word\"/></indexes>\
             <id name=\"id\" type=\"integer\"><generator strategy=\"AUTO\"/></id>\
             <field name=\"word\" type=\"string\" length=\"20\"/>\
             <many-to-one field=\"other\" target-entity=\"Thing{target}\"/></entity>"
        );
    }
    let folder = TempDir::new().expect("the temporary folder can be written");
    let text = format!("<doctrine-mapping>{entities}</doctrine-mapping>");
    std::fs::write(folder.path().join("Things.dcm.xml"), text).expect("a new file");
    realign(url, &folder, &["create", "--force"]);
    folder
}

fn in_sync(url: &str, mapping: &TempDir) {
    realign(url, mapping, &["validate"]);
}

fn realign(url: &str, mapping: &TempDir, command: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_realign"))
        .args(["--database-url", url, "--schema"])
        .arg(format!("doctrine-xml:{}", mapping.path().display()))
        .arg("schema")
        .args(command)
        .output()
        .expect("the binary runs");
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert_eq!(output.status.code(), Some(0), "{command:?}: {told}");
}

/// Counts what its sessions are asked.
struct Counting {
    inner: Box<dyn Connect>,
    count: Arc<AtomicUsize>,
}

impl Connect for Counting {
    fn connect(&self, meanwhile: &mut dyn FnMut()) -> Result<Box<dyn Session>, Error> {
        Ok(Box::new(Counted {
            inner: self.inner.connect(meanwhile)?,
            count: Arc::clone(&self.count),
        }))
    }

    fn display(&self) -> String {
        self.inner.display()
    }

    fn lock_file(&self) -> Option<std::path::PathBuf> {
        self.inner.lock_file()
    }

    fn copier(&self) -> Result<Box<dyn Copier>, Error> {
        self.inner.copier()
    }
}

struct Counted {
    inner: Box<dyn Session>,
    count: Arc<AtomicUsize>,
}

impl Session for Counted {
    fn run(self: Box<Self>, sql: &str) -> Result<Ran, Error> {
        self.count.fetch_add(1, Ordering::Relaxed);
        let count = self.count;
        let (inner, answer) = self.inner.run(sql)?;
        Ok((Box::new(Self { inner, count }), answer))
    }

    fn run_all(self: Box<Self>, statements: &[String]) -> Result<RanAll, Error> {
        self.count.fetch_add(statements.len(), Ordering::Relaxed);
        let count = self.count;
        let (inner, answers) = self.inner.run_all(statements)?;
        Ok((Box::new(Self { inner, count }), answers))
    }

    fn ask(self: Box<Self>, questions: &[String]) -> Result<RanAll, Error> {
        self.count.fetch_add(questions.len(), Ordering::Relaxed);
        let count = self.count;
        let (inner, answers) = self.inner.ask(questions)?;
        Ok((Box::new(Self { inner, count }), answers))
    }

    fn run_between(
        self: Box<Self>,
        opening: &[String],
        sql: &str,
        closing: &[String],
    ) -> Result<Ran, Error> {
        let sent = opening.len() + 1 + closing.len();
        self.count.fetch_add(sent, Ordering::Relaxed);
        let count = self.count;
        let (inner, answer) = self.inner.run_between(opening, sql, closing)?;
        Ok((Box::new(Self { inner, count }), answer))
    }

    fn run_with_rows(self: Box<Self>, sql: &str, rows: &str) -> Result<Ran, Error> {
        self.count.fetch_add(1, Ordering::Relaxed);
        let count = self.count;
        let (inner, answer) = self.inner.run_with_rows(sql, rows)?;
        Ok((Box::new(Self { inner, count }), answer))
    }

    fn run_looking(self: Box<Self>, sql: &str, query: &str) -> Result<RanLooking, Error> {
        self.count.fetch_add(2, Ordering::Relaxed);
        let count = self.count;
        let (inner, answers) = self.inner.run_looking(sql, query)?;
        Ok((Box::new(Self { inner, count }), answers))
    }

    fn server_id(&mut self) -> Option<u64> {
        self.inner.server_id()
    }

    fn commits_often(&mut self) {
        self.inner.commits_often();
    }
}
