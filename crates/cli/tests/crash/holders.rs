//! Who may write: one of many, the next when a holder is dead, and never again one whose time
//! is over.

use rustix::process::Signal;

use crate::app::{App, Engine, MARIADB, MYSQL, POSTGRES, SQLITE, State, Way};

/// Seconds of a short lease; long enough for a holder on a busy machine to keep it.
const LEASE: u64 = 5;

fn undisturbed(engine: Engine, way: Way) -> Option<State> {
    let app = App::new(engine.name, engine.database()?, way);
    app.arrives();
    Some(app.state())
}

/// Twenty begin at once: half of them wait for each other, half go away.
fn twenty(engine: Engine) {
    let Some(wanted) = undisturbed(engine, Way::Migrate) else {
        return;
    };
    let app = App::new(
        engine.name,
        engine.database().expect("as before"),
        Way::Migrate,
    );
    let running: Vec<_> = (0..20)
        .map(|number| {
            let wait = if number % 2 == 0 { 100 } else { 0 };
            app.program(&format!(
                "migrate -n --allow-no-migration --lock-wait {wait}"
            ))
            .start()
        })
        .collect();
    let ended: Vec<_> = running
        .into_iter()
        .map(crate::program::Running::ended)
        .collect();
    let mut worked = 0;
    for (number, ended) in ended.iter().enumerate() {
        match ended.code() {
            0 => worked += usize::from(ended.text.contains("4 migrations executed")),
            75 if number % 2 == 1 => {}
            code => panic!("on {}, exit {code}: {}", engine.name, ended.text),
        }
    }
    assert_eq!(worked, 1, "one does the work on {}", engine.name);
    app.stands_as(&wanted, &|| "twenty at once".to_owned());
    app.arrives();
}

#[test]
fn one_of_twenty_works_on_sqlite() {
    twenty(SQLITE);
}

#[test]
fn one_of_twenty_works_on_mariadb() {
    twenty(MARIADB);
}

#[test]
fn one_of_twenty_works_on_mysql() {
    twenty(MYSQL);
}

#[test]
fn one_of_twenty_works_on_postgresql() {
    twenty(POSTGRES);
}

/// The places of a run at which statements of the application are sent.
fn places(engine: Engine, way: Way, words: &[&str]) -> Vec<usize> {
    let Some(database) = engine.database() else {
        return Vec::new();
    };
    let app = App::new(engine.name, database, way);
    let file = app.path("places.txt");
    let ended = app.forward().counting_into(&file).run();
    assert_eq!(ended.code(), 0, "{}", ended.text);
    let passed = std::fs::read_to_string(&file).expect("the program writes its places down");
    words
        .iter()
        .map(|word| {
            let at = passed.lines().position(|line| line.contains(word));
            at.unwrap_or_else(|| panic!("no place `{word}` in\n{passed}")) + 1
        })
        .collect()
}

/// A holder that is halted for longer than its lease is taken over, and runs nothing more.
fn halted(engine: Engine, way: Way, words: &[&str]) {
    let Some(wanted) = undisturbed(engine, way) else {
        return;
    };
    for number in places(engine, way, words) {
        let app = App::new(engine.name, engine.database().expect("as before"), way);
        app.leases(LEASE);
        let mut first = app.forward().halting_at(number).start();
        assert!(first.halted(), "{}", first.said());
        // The second waits until the lease has run out, and then does the whole work.
        let second = app.forward().run();
        assert_eq!(second.code(), 0, "on {}: {}", engine.name, second.text);
        assert!(
            second.text.contains("has been taken over"),
            "{}",
            second.text
        );
        app.stands_as(&wanted, &|| {
            format!("halted at {number}\n{}", app.outputs())
        });
        first.signal(Signal::CONT);
        let first = first.ended();
        assert_ne!(first.code(), 0, "on {}: {}", engine.name, first.text);
        app.stands_as(&wanted, &|| {
            format!("went on from {number}: {}", first.text)
        });
        app.arrives();
    }
}

#[test]
fn a_halted_holder_runs_nothing_more_on_mariadb() {
    halted(
        MARIADB,
        Way::Migrate,
        &[
            "after UPDATE account",
            "before ALTER TABLE person",
            "before COMMIT",
        ],
    );
    halted(MARIADB, Way::Update, &["before ALTER TABLE"]);
}

#[test]
fn a_halted_holder_runs_nothing_more_on_mysql() {
    halted(MYSQL, Way::Migrate, &["before ALTER TABLE person"]);
}

#[test]
fn a_halted_holder_runs_nothing_more_on_postgresql() {
    halted(
        POSTGRES,
        Way::Migrate,
        &[
            "after UPDATE account",
            "before /* realign 1 */ CREATE INDEX CONCURRENTLY",
            "before COMMIT",
        ],
    );
    halted(POSTGRES, Way::Update, &["before ALTER TABLE"]);
}

/// A file's lock has no lease: as long as its process lives nobody else writes, and it goes on.
#[test]
fn a_halted_holder_keeps_a_file() {
    let Some(wanted) = undisturbed(SQLITE, Way::Migrate) else {
        return;
    };
    let app = App::new(
        SQLITE.name,
        SQLITE.database().expect("a file"),
        Way::Migrate,
    );
    let mut first = app.forward().halting_at(12).start();
    assert!(first.halted(), "{}", first.said());
    let second = app.program("migrate -n --lock-wait 1").run().with(75);
    assert!(second.text.contains("is locked by"), "{}", second.text);
    first.signal(Signal::CONT);
    first.ended().with(0);
    app.stands_as(&wanted, &|| "halted and gone on".to_owned());
}

/// A holder that was killed is taken over within its lease: at once on the same system.
fn killed(engine: Engine) {
    let Some(database) = engine.database() else {
        return;
    };
    let app = App::new(engine.name, database, Way::Migrate);
    let mut first = app.forward().halting_at(20).start();
    assert!(first.halted(), "{}", first.said());
    let holder = first.id();
    let locked = app.program("unlock").run();
    assert!(
        locked.text.contains(&format!("process {holder}")),
        "{}",
        locked.text
    );
    assert!(first.kill());
    // It waits for no lease of half a minute.
    let next = app.program("migrate -n --lock-wait 5").run().with(0);
    if engine.name != "sqlite" {
        assert!(next.text.contains("has been taken over"), "{}", next.text);
    }
    app.arrives();
}

#[test]
fn a_killed_holder_is_taken_over() {
    for engine in [SQLITE, MARIADB, MYSQL, POSTGRES] {
        killed(engine);
    }
}

/// What is at work is not told as what was left, and the other way round.
fn told(engine: Engine, standing: &str) {
    let Some(number) = places(engine, Way::Migrate, &["RENAME TO people"]).pop() else {
        return;
    };
    let database = engine.database().expect("as before");
    let app = App::new(engine.name, database, Way::Migrate);
    let mut first = app.forward().halting_at(number).start();
    assert!(first.halted(), "{}", first.said());
    let status = || app.program("migrations status").run().with(0).text;
    let text = status();
    assert!(text.contains("\nAt work      "), "{text}");
    assert!(text.contains("Next: wait, or realign unlock"), "{text}");
    assert!(first.kill());
    let text = status();
    assert!(!text.contains("At work"), "{text}");
    assert!(text.contains(standing), "{text}");
    assert!(text.contains("Next: realign migrate"), "{text}");
}

#[test]
fn a_run_at_work_is_told_from_one_that_was_cut() {
    // Where definitions are in the transaction nothing of it is left.
    for engine in [SQLITE, POSTGRES] {
        told(engine, "New 1");
    }
    for engine in [MARIADB, MYSQL] {
        told(engine, "\nHalf-way     2026");
    }
}
