//! Another session that stands in the way, on PostgreSQL.

use std::io::Write as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::app::{App, POSTGRES, Way};
use crate::tally;

/// A transaction that another session has left open.
struct LeftOpen {
    child: Child,
    typed: ChildStdin,
}

impl LeftOpen {
    /// One that has changed rows of `small`, and goes on seeing all else as it was.
    fn on(app: &App) -> Self {
        let mut child = Command::new("psql")
            .args([&app.database.url(), "-X", "-q"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("psql runs");
        let mut typed = child.stdin.take().expect("a pipe");
        writeln!(
            typed,
            "BEGIN ISOLATION LEVEL REPEATABLE READ; UPDATE small SET n = n;"
        )
        .expect("psql reads");
        seen(
            app,
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND state = 'idle in transaction' AND query LIKE 'UPDATE%'",
        );
        Self { child, typed }
    }

    fn end(mut self) {
        drop(self.typed);
        self.child.wait().expect("psql ends");
    }
}

/// Waits until a query counts one.
fn seen(app: &App, query: &str) {
    let begun = Instant::now();
    while app.database.rows(query) != [["1"]] {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "not seen: {query}\n{}",
            app.outputs()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn app(migration: &str) -> App {
    let database = POSTGRES.database().expect("it is on every machine");
    let app = App::new(POSTGRES.name, database, Way::Long);
    app.write("migrations/20260201000000_long.sql", migration);
    app
}

/// One that is cut off leaves the unfinished twin of its index.
#[test]
fn a_reindex_that_is_killed() {
    let app = app("REINDEX INDEX CONCURRENTLY small_n;");
    app.database.client("CREATE INDEX small_n ON small (n)");
    // The twin waits for it.
    let open = LeftOpen::on(&app);
    let running = app.forward().start();
    seen(&app, "SELECT COUNT(*) FROM pg_index WHERE NOT indisvalid");
    assert!(running.kill(), "it was there to be killed");
    open.end();
    app.arrives();
    let left = app
        .database
        .rows("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid");
    assert!(left.is_empty(), "{left:?}\n{}", app.outputs());
    tally::tell(POSTGRES.name, "in a REINDEX", 0, 1);
}

/// The names of unfinished indexes.
fn unfinished(app: &App) -> Vec<String> {
    let query = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         WHERE NOT i.indisvalid ORDER BY 1";
    app.database.rows(query).into_iter().flatten().collect()
}

/// The same of a whole table and of a schema: its own twins go, what another has left before stays.
#[test]
fn a_reindex_of_many_that_is_killed() {
    let parts = "CREATE TABLE parted (n INT NOT NULL, text TEXT) PARTITION BY RANGE (n); \
         CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (9); \
         CREATE INDEX parted_n ON parted (n);";
    for what in [
        "TABLE CONCURRENTLY small",
        "TABLE CONCURRENTLY parted",
        "SCHEMA CONCURRENTLY public",
    ] {
        let app = app(&format!("REINDEX {what};"));
        app.database.client(parts);
        app.database.client(
            "CREATE INDEX small_n ON small (n); CREATE INDEX small_old_ccnew ON small (n); \
             UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'small_old_ccnew'::regclass;",
        );
        let before = unfinished(&app);
        assert_eq!(before, ["small_old_ccnew"]);
        // The twins wait for it.
        let open = LeftOpen::on(&app);
        let running = app.forward().start();
        seen(
            &app,
            "SELECT LEAST(COUNT(*), 1) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
             WHERE NOT i.indisvalid AND c.relname LIKE '%\\_ccnew' AND c.relname <> 'small_old_ccnew'",
        );
        assert!(running.kill(), "it was there to be killed");
        open.end();
        app.arrives();
        assert_eq!(unfinished(&app), before, "{what}\n{}", app.outputs());
    }
}

/// A limit that is a setting of a transaction holds for a statement that has one of its own.
#[test]
fn a_lock_that_others_hold_is_not_waited_for_without_end() {
    let app = app(
        "-- realign:transaction off\n-- realign:lock-timeout 100ms\nALTER TABLE small ADD COLUMN m INT;",
    );
    let open = LeftOpen::on(&app);
    let ended = app.forward().run().with(75);
    assert!(ended.text.contains("lock timeout"), "{}", ended.text);
    assert!(ended.text.contains("in the way: session"), "{}", ended.text);
    open.end();
    app.arrives();
}
