//! SIGINT, SIGTERM and SIGHUP: the first stops after the running statement, the second cancels it on the
//! server, and the next run goes on.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::app::{App, Engine, MARIADB, MYSQL, POSTGRES, SQLITE, Way};
use crate::program::Program;

/// Between two statements one that takes as long as the knob says.
fn slow(engine: Engine) -> Option<App> {
    let app = App::new(engine.name, engine.database()?, Way::Long);
    let (knob, slow) = match engine.name {
        "postgresql" => (
            "INSERT INTO knob VALUES (60);",
            "UPDATE small SET n = n + CASE WHEN pg_sleep((SELECT s FROM knob)) IS NULL THEN 10 ELSE 10 END WHERE id = 2;",
        ),
        "sqlite" => (
            "INSERT INTO knob VALUES (400000000);",
            "UPDATE small SET n = n + 10 + 0 * (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < (SELECT s FROM knob)) SELECT COUNT(*) FROM c) WHERE id = 2;",
        ),
        _ => (
            "INSERT INTO knob VALUES (60);",
            "UPDATE small SET n = n + 10 + SLEEP((SELECT s FROM knob)) WHERE id = 2;",
        ),
    };
    app.database
        .client(&format!("CREATE TABLE knob (s INT NOT NULL); {knob}"));
    app.write(
        "migrations/20260201000000_long.sql",
        &format!(
            "-- realign:transaction off\nUPDATE small SET n = n * 2 WHERE id = 1;\n{slow}\nUPDATE small SET n = n * 3 WHERE id = 3;\n"
        ),
    );
    Some(app)
}

fn numbers(app: &App) -> Vec<String> {
    app.database
        .rows("SELECT n FROM small ORDER BY id")
        .into_iter()
        .flatten()
        .collect()
}

fn await_words(running: &crate::program::Running, words: &str) {
    let begun = Instant::now();
    while !running.said().contains(words) {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "`{words}` was not said: {}",
            running.said()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The second signal cancels the statement on its server: nobody waits a minute.
fn twice(engine: Engine, signal: Signal, code: i32) {
    let Some(app) = slow(engine) else {
        return;
    };
    let begun = Instant::now();
    let running = app.program("migrate -n -v").start();
    // Progress names the statement once it takes a second.
    await_words(&running, "UPDATE small SET n = n + ");
    running.signal(signal);
    await_words(&running, "stopping after the running statement");
    running.signal(signal);
    let ended = running.ended().with(code);
    assert!(begun.elapsed() < Duration::from_secs(55), "{}", ended.text);
    assert_eq!(numbers(&app), ["2", "2", "3", "4"], "{}", ended.text);
    app.database.client("UPDATE knob SET s = 0");
    let next = app.forward().run().with(0);
    assert!(
        next.text.contains("stopped by a signal") || engine.name == "sqlite",
        "{}",
        next.text
    );
    assert_eq!(numbers(&app), ["2", "12", "9", "4"]);
}

/// The first signal lets the running statement come to its end, and nothing begins after it.
fn once(engine: Engine, signal: Signal, code: i32) {
    let Some(app) = slow(engine) else {
        return;
    };
    app.database.client("UPDATE knob SET s = 2");
    if engine.name == "sqlite" {
        app.database.client("UPDATE knob SET s = 4000000");
    }
    // Whoever runs the tests may ignore a lost line.
    let heard = "env --default-signal=HUP";
    let running = Program::begun_by(heard, app.folder(), "migrate -n -v").start();
    await_words(&running, "UPDATE small SET n = n + ");
    running.signal(signal);
    if signal == Signal::HUP {
        // The system tells of a lost line, and the shell tells again.
        await_words(&running, "stopping after the running statement");
        running.signal(signal);
    }
    let ended = running.ended().with(code);
    assert_eq!(numbers(&app), ["2", "12", "3", "4"], "{}", ended.text);
    let next = app.forward().run().with(0);
    assert_eq!(numbers(&app), ["2", "12", "9", "4"], "{}", next.text);
    assert!(
        next.text.contains("Going on at statement 3"),
        "{}",
        next.text
    );
}

#[test]
fn a_first_signal_stops_after_the_statement() {
    once(MARIADB, Signal::INT, 130);
    once(POSTGRES, Signal::TERM, 143);
    once(SQLITE, Signal::INT, 130);
}

#[test]
fn a_lost_line_stops_after_the_statement() {
    once(MARIADB, Signal::HUP, 129);
    once(SQLITE, Signal::HUP, 129);
}

/// Whoever gives it goes away on purpose.
#[test]
fn what_was_started_with_nohup_goes_on() {
    let app = slow(POSTGRES).expect("a server that is always there");
    app.database.client("UPDATE knob SET s = 2");
    let running = Program::begun_by("nohup", app.folder(), "migrate -n -v").start();
    await_words(&running, "UPDATE small SET n = n + ");
    running.signal(Signal::HUP);
    let ended = running.ended().with(0);
    assert_eq!(numbers(&app), ["2", "12", "9", "4"], "{}", ended.text);
}

#[test]
fn a_second_signal_cancels_on_mariadb() {
    twice(MARIADB, Signal::INT, 130);
}

#[test]
fn a_second_signal_cancels_on_mysql() {
    twice(MYSQL, Signal::TERM, 143);
}

#[test]
fn a_second_signal_cancels_on_postgresql() {
    twice(POSTGRES, Signal::INT, 130);
}

/// In a process of its own engine there is no server to ask: it ends at once, and its
/// transaction with it.
#[test]
fn a_second_signal_ends_on_sqlite() {
    twice(SQLITE, Signal::TERM, 143);
}

/// Also while it takes rows, in a transaction with others, of which then nothing stands.
#[test]
fn signals_reach_a_copy() {
    let database = POSTGRES.database().expect("a server that is always there");
    let app = App::new(POSTGRES.name, database, Way::Long);
    app.database.client(
        "CREATE TABLE knob (s INT NOT NULL); INSERT INTO knob VALUES (60);
         CREATE OR REPLACE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_sleep((SELECT s FROM knob)); RETURN NEW; END $$;",
    );
    app.write(
        "migrations/20260201000000_long.sql",
        "UPDATE small SET n = n * 2 WHERE id = 1;\nCOPY poured FROM stdin;\n1\n2\n\\.\n\
         UPDATE small SET n = n * 3 WHERE id = 3;\n",
    );
    let poured = || app.database.rows("SELECT COUNT(*) FROM poured");
    let running = app.program("migrate -n -v").start();
    await_words(&running, "COPY poured FROM stdin");
    running.signal(Signal::TERM);
    await_words(&running, "stopping after the running statement");
    running.signal(Signal::TERM);
    let ended = running.ended().with(143);
    assert_eq!(poured(), [["0"]], "{}", ended.text);
    assert_eq!(numbers(&app), ["1", "2", "3", "4"], "{}", ended.text);
    app.database.client("UPDATE knob SET s = 1");
    app.arrives();
    assert_eq!(poured(), [["2"]]);
    assert_eq!(numbers(&app), ["2", "2", "9", "4"]);
}
