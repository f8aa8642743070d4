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
    /// One that has changed rows of `small`.
    fn on(app: &App) -> Self {
        let mut child = Command::new("psql")
            .args([&app.database.url(), "-X", "-q"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("psql runs");
        let mut typed = child.stdin.take().expect("a pipe");
        typed
            .write_all(b"BEGIN; UPDATE small SET n = n;\n")
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
            "not seen: {query}"
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

/// A limit that is a setting of a transaction holds for a statement that has one of its own.
#[test]
fn a_lock_that_others_hold_is_not_waited_for_without_end() {
    let app = app(
        "-- realign:transaction off\n-- realign:lock-timeout 100ms\nALTER TABLE small ADD COLUMN m INT;",
    );
    let open = LeftOpen::on(&app);
    let ended = app.forward().run().with(1);
    assert!(ended.text.contains("lock timeout"), "{}", ended.text);
    assert!(ended.text.contains("in the way: session"), "{}", ended.text);
    open.end();
    app.arrives();
}
