//! SIGKILL at each place before and after a statement that is sent under the lock.

use crate::app::{App, Engine, MARIADB, MYSQL, POSTGRES, SQLITE, Way};
use crate::tally;

/// How many places of one way on one engine are tried in a run that is not a full one.
const SAMPLE: usize = 6;

/// Kills at places of this way; all of them in a full run.
fn killed_at_each(engine: Engine, way: Way) {
    let Some(database) = engine.database() else {
        return;
    };
    let undisturbed = App::new(engine.name, database, way);
    let places = undisturbed.path("places.txt");
    let ended = undisturbed.forward().counting_into(&places).run();
    assert_eq!(ended.code(), 0, "on {}: {}", engine.name, ended.text);
    let wanted = undisturbed.state();
    let passed = std::fs::read_to_string(&places).expect("the program writes its places down");
    let passed: Vec<&str> = passed.lines().collect();
    assert!(passed.len() > 10, "few places: {passed:?}");
    let mut killed = 0;
    for number in tally::sample(passed.len(), SAMPLE) {
        let app = App::new(engine.name, engine.database().expect("as before"), way);
        let mut running = app.forward().halting_at(number).start();
        assert!(
            running.halted(),
            "it did not come to place {number}: {}",
            running.said()
        );
        assert!(running.kill(), "it was there to be killed");
        killed += 1;
        app.arrives();
        app.stands_as(&wanted, &|| {
            let place = passed.get(number - 1).unwrap_or(&"");
            format!("killed at place {place}\n{}", app.outputs())
        });
    }
    tally::tell(engine.name, &format!("{way:?}"), passed.len(), killed);
}

#[test]
fn migrate_on_sqlite() {
    killed_at_each(SQLITE, Way::Migrate);
}

#[test]
fn migrate_on_mariadb() {
    killed_at_each(MARIADB, Way::Migrate);
}

#[test]
fn migrate_on_mysql() {
    killed_at_each(MYSQL, Way::Migrate);
}

#[test]
fn migrate_on_postgresql() {
    killed_at_each(POSTGRES, Way::Migrate);
}

#[test]
fn update_on_sqlite() {
    killed_at_each(SQLITE, Way::Update);
}

#[test]
fn update_on_mariadb() {
    killed_at_each(MARIADB, Way::Update);
}

#[test]
fn update_on_mysql() {
    killed_at_each(MYSQL, Way::Update);
}

#[test]
fn update_on_postgresql() {
    killed_at_each(POSTGRES, Way::Update);
}
