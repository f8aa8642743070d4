//! SIGKILL at moments that nobody chose, and in the middle of statements that take long.

use std::time::{Duration, Instant};

use crate::app::{App, Engine, MARIADB, MYSQL, POSTGRES, SQLITE, Way};
use crate::program::Running;
use crate::tally::{self, Chance};

/// Kills at so many moments between the start and the end of a run.
fn killed_some_time(engine: Engine, way: Way, some: usize, many: usize) {
    let Some(database) = engine.database() else {
        return;
    };
    let undisturbed = App::new(engine.name, database, way);
    let begun = Instant::now();
    let ended = undisturbed.forward().run();
    let whole = begun.elapsed();
    assert_eq!(ended.code(), 0, "on {}: {}", engine.name, ended.text);
    let wanted = undisturbed.state();
    let times = if tally::full() { many } else { some };
    let mut chance = Chance::new(u64::from(way == Way::Long));
    let mut killed = 0;
    for _ in 0..times {
        let app = App::new(engine.name, engine.database().expect("as before"), way);
        let moment = whole * chance.thousandth() / 1000;
        let running = app.forward().start();
        std::thread::sleep(moment);
        killed += usize::from(running.kill());
        app.arrives();
        app.stands_as(&wanted, &|| {
            format!("killed after {moment:?} of {whole:?}\n{}", app.outputs())
        });
    }
    tally::tell(engine.name, &format!("{way:?}, at any moment"), 0, killed);
}

/// How often a run is begun whose statement was over before anybody saw it: all processors may be
/// busy with something else.
const TRIES: usize = 20;

/// A run in the middle of a statement with this word; none when it was over before.
fn at_work(engine: Engine, word: &str, asks: &str) -> Option<(App, Running)> {
    let app = App::new(
        engine.name,
        engine.database().expect("as before"),
        Way::Long,
    );
    let mut running = app.forward().start();
    let begun = Instant::now();
    loop {
        let found = app.database.rows(&asks.replace("WORD", word));
        if found.iter().flatten().any(|count| count != "0") {
            return Some((app, running));
        }
        if running.is_over() {
            return None;
        }
        let is_late = begun.elapsed() > Duration::from_mins(1);
        assert!(!is_late, "`{word}` was not seen: {}", running.said());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Kills while the server is at work on a statement that takes long.
fn killed_in_the_middle(engine: Engine, words: &[&str], asks: &str) {
    let Some(database) = engine.database() else {
        return;
    };
    let undisturbed = App::new(engine.name, database, Way::Long);
    let ended = undisturbed.forward().run();
    assert_eq!(ended.code(), 0, "on {}: {}", engine.name, ended.text);
    let wanted = undisturbed.state();
    for word in words {
        let app = (0..TRIES)
            .find_map(|_| {
                let (app, running) = at_work(engine, word, asks)?;
                running.kill().then_some(app)
            })
            .unwrap_or_else(|| panic!("`{word}` was over {TRIES} times before it was seen"));
        app.arrives();
        app.stands_as(&wanted, &|| format!("killed in {word}\n{}", app.outputs()));
    }
    let killed = words.len();
    tally::tell(engine.name, "in the middle of a statement", 0, killed);
}

const PROCESSES: &str = "SELECT COUNT(*) FROM information_schema.processlist \
     WHERE info LIKE 'WORD%' AND db = DATABASE() AND id <> CONNECTION_ID()";
const BACKENDS: &str = "SELECT COUNT(*) FROM pg_stat_activity \
     WHERE query LIKE '%WORD%' AND datname = current_database() \
     AND state = 'active' AND pid <> pg_backend_pid()";

#[test]
fn in_an_alter_and_an_update_on_mariadb() {
    let words = [
        "ALTER TABLE big ADD COLUMN",
        "UPDATE small SET n = n + 1 + SLEEP",
    ];
    killed_in_the_middle(MARIADB, &words, PROCESSES);
}

#[test]
fn in_an_alter_and_an_update_on_mysql() {
    let words = [
        "ALTER TABLE big ADD COLUMN",
        "UPDATE small SET n = n + 1 + SLEEP",
    ];
    killed_in_the_middle(MYSQL, &words, PROCESSES);
}

#[test]
fn in_an_alter_and_an_update_on_postgresql() {
    let words = [
        "ALTER TABLE big ALTER COLUMN",
        "UPDATE big SET n",
        "*/ COPY poured",
    ];
    killed_in_the_middle(POSTGRES, &words, BACKENDS);
}

#[test]
fn whenever_on_sqlite() {
    killed_some_time(SQLITE, Way::Migrate, 2, 20);
    killed_some_time(SQLITE, Way::Update, 2, 20);
    killed_some_time(SQLITE, Way::Long, 3, 20);
}

#[test]
fn whenever_on_mariadb() {
    killed_some_time(MARIADB, Way::Migrate, 2, 20);
    killed_some_time(MARIADB, Way::Update, 2, 20);
    killed_some_time(MARIADB, Way::Long, 1, 20);
}

#[test]
fn whenever_on_mysql() {
    killed_some_time(MYSQL, Way::Migrate, 2, 20);
    killed_some_time(MYSQL, Way::Update, 1, 20);
    killed_some_time(MYSQL, Way::Long, 1, 20);
}

#[test]
fn whenever_on_postgresql() {
    killed_some_time(POSTGRES, Way::Migrate, 2, 20);
    killed_some_time(POSTGRES, Way::Update, 2, 20);
    killed_some_time(POSTGRES, Way::Long, 1, 20);
}
