//! Sessions of another that hold something for as long as a test wants.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::need;
use crate::database::Live as _;
use crate::launch::postgres_program;
use crate::server::{PASSWORD, USER};
use crate::{PostgresDatabase, TestDatabase};

/// What a session says once it holds what it was told to.
const HELD: &str = "it is held";
/// The state of a session whose statement waits for another's table.
const WAITS: &str = "Waiting for table metadata lock";
/// When a test gives up: no machine is that slow.
const PATIENCE: Duration = Duration::from_mins(10);

/// A session that stays open; it ends with the value.
#[derive(Debug)]
pub struct Holding {
    child: Child,
    input: Option<ChildStdin>,
}

impl Holding {
    /// Runs a client with this script, and comes back when all of it has run.
    fn begin(command: &mut Command, script: &str) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the client runs");
        let mut input = child.stdin.take().expect("standard input is a pipe");
        writeln!(input, "{script}\nSELECT '{HELD}';").expect("the client reads");
        input.flush().expect("the client reads");
        let output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let held = output
            .lines()
            .any(|line| line.is_ok_and(|line| line.contains(HELD)));
        assert!(held, "the client ended: {script}");
        Self {
            child,
            input: Some(input),
        }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        drop(self.input.take());
        // Its server may be dead by now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl TestDatabase {
    /// A session that runs a script and holds what that takes: `LOCK TABLES t WRITE;`.
    pub fn holding(&self, script: &str) -> Holding {
        let port = format!("--port={}", self.server().port());
        Holding::begin(
            Command::new(need("mariadb", "mariadb-client"))
                .args(["--no-defaults", "--host=127.0.0.1", &port])
                .arg(format!("--user={USER}"))
                .args(["--batch", "--unbuffered", self.name()])
                .env("MYSQL_PWD", PASSWORD),
            script,
        )
    }

    /// Comes back when a statement with these words waits for a table that another session holds.
    /// False when there is nobody any more who could send one.
    pub fn is_waiting(&self, words: &str, somebody: &mut dyn FnMut() -> bool) -> bool {
        let waits = |row: &Vec<String>| {
            row.get(6).is_some_and(|state| state.starts_with(WAITS))
                && row.get(7).is_some_and(|sql| sql.contains(words))
        };
        let so = || self.rows("SHOW FULL PROCESSLIST").iter().any(waits);
        waited(&so, somebody)
    }
}

impl PostgresDatabase {
    /// A session that runs a script and holds what that takes.
    pub fn holding(&self, script: &str) -> Holding {
        let port = format!("--port={}", self.server().port());
        Holding::begin(
            Command::new(postgres_program("psql"))
                .args(["-X", "-q", "--host=127.0.0.1", &port])
                .args([&format!("--username={USER}"), self.name()])
                .env("PGPASSWORD", PASSWORD),
            script,
        )
    }

    /// Comes back when a session waits for what another one holds. False when there is nobody any
    /// more who could.
    pub fn is_waiting(&self, somebody: &mut dyn FnMut() -> bool) -> bool {
        let query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
             AND datname = current_database()";
        waited(&|| !self.rows(query).is_empty(), somebody)
    }
}

/// Looks again and again until something is so, or there is nobody who could bring it about.
fn waited(so: &dyn Fn() -> bool, somebody: &mut dyn FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while !so() {
        if !somebody() {
            return false;
        }
        assert!(begun.elapsed() < PATIENCE, "nobody waits");
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}
