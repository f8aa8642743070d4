//! SIGKILL at each place before and after a statement that is sent under the lock.

use crate::app::{App, Engine, MARIADB, MYSQL, POSTGRES, SQLITE, Way};
use crate::{schemas, tally};

/// How many places of one way on one engine are tried in a run that is not a full one.
const SAMPLE: usize = 6;

/// Kills at places of this way; all of them in a full run.
fn killed_at_each(engine: Engine, way: Way) {
    let new = || Some(App::new(engine.name, engine.database()?, way));
    killed(engine, way, &new, |places| tally::sample(places, SAMPLE));
}

/// Kills at places of migrations of which some are there already: half as many.
fn killed_where_included(engine: Engine) {
    let way = Way::Included;
    let new = || Some(App::new(engine.name, engine.database()?, way));
    killed(engine, way, &new, |places| {
        tally::sample(places, SAMPLE / 2)
    });
}

/// The same where nothing stands before the end, wherever it is killed: a full run tries some, too.
fn killed_where_included_together(engine: Engine) {
    let way = Way::IncludedTogether;
    let new = || Some(App::new(engine.name, engine.database()?, way));
    let count = if tally::full() {
        4 * SAMPLE
    } else {
        SAMPLE / 2
    };
    killed(engine, way, &new, |places| tally::some(places, count));
}

/// Kills while a dump of this database is brought in: it has so many places that also a full run
/// tries some only.
fn killed_in_a_dump(engine: Engine, schema: &str) {
    let Some(from) = engine.database() else {
        return;
    };
    from.client(schema);
    let dump = from.dumped();
    let new = || {
        let app = App::new(engine.name, engine.database()?, Way::Dump);
        app.write("migrations/20260101000000_dump.sql", &dump);
        app.write(
            "migrations/20260102000000_more.sql",
            "CREATE TABLE more (id INT PRIMARY KEY); INSERT INTO more VALUES (1);",
        );
        Some(app)
    };
    let count = if tally::full() { 4 * SAMPLE } else { SAMPLE };
    killed(engine, Way::Dump, &new, |places| tally::some(places, count));
}

fn killed(
    engine: Engine,
    way: Way,
    new: &dyn Fn() -> Option<App>,
    chosen: impl Fn(usize) -> Vec<usize>,
) {
    let Some(undisturbed) = new() else {
        return;
    };
    let places = undisturbed.path("places.txt");
    let ended = undisturbed.forward().counting_into(&places).run();
    assert_eq!(ended.code(), 0, "on {}: {}", engine.name, ended.text);
    let wanted = undisturbed.state();
    if matches!(way, Way::Included | Way::IncludedTogether) {
        let found = ["included", "executed"].map(|outcome| undisturbed.recorded(outcome));
        let said = undisturbed.outputs();
        assert_eq!(found, [4, 2], "on {}: {said}", engine.name);
    }
    let passed = std::fs::read_to_string(&places).expect("the program writes its places down");
    let passed: Vec<&str> = passed.lines().collect();
    assert!(passed.len() > 10, "few places: {passed:?}");
    let mut killed = 0;
    for number in chosen(passed.len()) {
        let app = new().expect("as before");
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

#[test]
fn a_dump_on_sqlite() {
    killed_in_a_dump(SQLITE, schemas::SQLITE);
}

#[test]
fn a_dump_on_mariadb() {
    killed_in_a_dump(MARIADB, schemas::MYSQL);
}

/// By MariaDB's program, which writes generated columns as values: without those.
#[test]
fn a_dump_on_mysql() {
    killed_in_a_dump(MYSQL, &schemas::without_generated());
}

#[test]
fn a_dump_on_postgresql() {
    killed_in_a_dump(POSTGRES, schemas::POSTGRES);
}

#[test]
fn included_on_sqlite() {
    killed_where_included(SQLITE);
    killed_where_included_together(SQLITE);
}

#[test]
fn included_on_mariadb() {
    killed_where_included(MARIADB);
}

#[test]
fn included_on_mysql() {
    killed_where_included(MYSQL);
}

#[test]
fn included_on_postgresql() {
    killed_where_included(POSTGRES);
    killed_where_included_together(POSTGRES);
}
