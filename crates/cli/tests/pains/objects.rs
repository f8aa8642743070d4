//! Views, triggers, checks and what else a rebuild could lose.

use realign_testkit::{rows, rows_lost};

use crate::app::{ID, everywhere, on};

fn person(length: u32, more: &str) -> String {
    format!(r#"{ID}<field name="name" type="string" length="{length}"/>{more}"#)
}

#[test]
fn views_and_triggers_outlive_an_update() {
    everywhere(|app| {
        app.maps(&[("person", &person(30, "")), ("log", ID)]);
        app.creates();
        app.sql(&app.by_engine(&[
            ("sqlite", "CREATE VIEW names AS SELECT id, name FROM person; CREATE TRIGGER logged AFTER INSERT ON person BEGIN INSERT INTO log (id) VALUES (NEW.id + 100); END;"),
            ("mariadb", "CREATE VIEW names AS SELECT id, name FROM person; CREATE TRIGGER logged AFTER INSERT ON person FOR EACH ROW INSERT INTO log (id) VALUES (NEW.id + 100);"),
            ("mysql", "CREATE VIEW names AS SELECT id, name FROM person; CREATE TRIGGER logged AFTER INSERT ON person FOR EACH ROW INSERT INTO log (id) VALUES (NEW.id + 100);"),
            ("else", "CREATE VIEW names AS SELECT id, name FROM person; CREATE FUNCTION logging() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (id) VALUES (NEW.id + 100); RETURN NEW; END $$; CREATE TRIGGER logged AFTER INSERT ON person FOR EACH ROW EXECUTE FUNCTION logging();"),
        ]));
        app.sql("INSERT INTO person (id, name) VALUES (1, 'Ada')");
        app.is_settled();
        let wider = person(60, r#"<field name="age" type="integer" nullable="true"/>"#);
        app.maps(&[("person", &wider), ("log", ID)]);
        app.updates();
        app.is_settled();
        app.sql("INSERT INTO person (id, name) VALUES (2, 'Grace')");
        assert_eq!(app.one("SELECT count(*) FROM log"), "2", "{}", app.engine);
        assert_eq!(app.one("SELECT count(*) FROM names"), "2", "{}", app.engine);
    });
}

#[test]
fn a_rebuild_keeps_keys_indexes_counters_and_rows() {
    everywhere(|app| {
        let note = format!(
            r#":::<indexes><index name="by_title" columns="title"/></indexes>{ID}<field name="title" type="string" length="20"/><many-to-one field="owner" target-entity="App\Person"><join-column name="owner_id" nullable="false" on-delete="CASCADE"/></many-to-one><many-to-one field="before" target-entity="App\Note"><join-column name="before_id"/></many-to-one>"#
        );
        app.maps(&[("person", &person(30, "")), ("note", &note)]);
        app.creates();
        app.sql("INSERT INTO person (id, name) VALUES (1, 'Ada'), (41, 'gone'); DELETE FROM person WHERE id = 41;");
        app.sql("INSERT INTO note (id, title, owner_id) VALUES (1, 'x', 1); INSERT INTO note (id, title, owner_id, before_id) VALUES (2, 'y', 1, 1);");
        let before = rows(&app.database);
        app.maps(&[
            ("person", &person(60, "")),
            ("note", &note.replace(r#"length="20""#, r#"length="21""#)),
        ]);
        app.updates();
        app.is_completely_settled();
        assert_eq!(rows_lost(&before, &rows(&app.database)), "");
        // The number of a deleted row is not given away again.
        if app.engine != "postgresql" {
            app.sql("INSERT INTO person (name) VALUES ('new')");
            assert_eq!(
                app.one("SELECT max(id) FROM person"),
                "42",
                "{}",
                app.engine
            );
        }
        let orphan = app
            .database
            .try_client_with_keys("INSERT INTO note (title, owner_id) VALUES ('z', 77)");
        assert!(orphan.is_err(), "{}", app.engine);
    });
}

#[test]
fn a_check_that_can_refuse_rows_is_named_and_mended() {
    everywhere(|app| {
        app.maps(&[("person", &person(30, ""))]);
        app.creates();
        app.sql(&app.by_engine(&[
            ("sqlite", "DROP TABLE person; CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name VARCHAR(30) NOT NULL, CONSTRAINT no_short CHECK (length(name) > 2))"),
            ("else", "ALTER TABLE person ADD CONSTRAINT no_short CHECK (length(name) > 2)"),
        ]));
        app.sql("INSERT INTO person (id, name) VALUES (1, 'Ada')");
        app.differs_and_is_mended(&["no_short", "length(", "> 2"]);
        app.sql("INSERT INTO person (id, name) VALUES (2, 'x')");
    });
}

#[test]
fn a_check_in_a_table_of_somebody_else_is_left_alone() {
    everywhere(|app| {
        app.maps(&[("person", &person(30, ""))]);
        app.creates();
        app.sql("CREATE TABLE audit (id INT PRIMARY KEY, kind VARCHAR(9), CONSTRAINT known CHECK (kind IN ('a', 'b')))");
        let before = app.shape();
        app.is_settled();
        app.maps(&[("person", &person(60, ""))]);
        app.updates();
        let without = before.without(&["person", "sqlite_sequence"]);
        let after = app.shape().without(&["person", "sqlite_sequence"]);
        assert_eq!(without.differences(&after), "");
    });
}

#[test]
fn an_entity_over_a_view_makes_no_second_table() {
    everywhere(|app| {
        app.maps(&[("person", &person(30, ""))]);
        app.creates();
        app.sql("CREATE VIEW tall AS SELECT id, name FROM person");
        // Nobody counts keys for a view.
        let tall = person(30, "").replace("AUTO", "NONE");
        app.maps(&[("person", &person(30, "")), ("tall", &tall)]);
        let before = app.shape();
        app.run(&["schema", "validate", "--verbose"])
            .exits(0)
            .says(&["tall", "is a view in the database"]);
        app.updates();
        assert_eq!(before.differences(&app.shape()), "");
    });
}

#[test]
fn an_enum_in_a_table_of_somebody_else_does_not_end_the_tool() {
    everywhere(|app| {
        app.maps(&[("person", &person(30, ""))]);
        app.creates();
        app.sql(&app.by_engine(&[
            ("sqlite", "CREATE TABLE legacy (id INT, kind ENUM, at TIMESTAMP WITH TIME ZONE, some ANYTHING(3,4), bare, \"odd name\" [strange type]) "),
            ("mariadb", "CREATE TABLE legacy (id INT PRIMARY KEY, kind ENUM('a','b'), flags SET('x','y'), bits BIT(3), place POINT, shape GEOMETRY, y YEAR, u UUID, ip INET6)"),
            ("mysql", "CREATE TABLE legacy (id INT PRIMARY KEY, kind ENUM('a','b'), flags SET('x','y'), bits BIT(3), place POINT SRID 4326, shape GEOMETRY, y YEAR, v VECTOR(3), c GEOMCOLLECTION)"),
            ("else", "CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE DOMAIN small AS INT CHECK (VALUE < 9); CREATE TYPE pair AS (a INT, b INT); CREATE TABLE legacy (id INT PRIMARY KEY, kind mood, s small, p pair, i INET, m MONEY, r INT4RANGE, x XML, a TEXT[], t TSVECTOR)"),
        ]));
        let before = app.shape();
        app.is_settled();
        app.updates();
        assert_eq!(before.differences(&app.shape()), "");
    });
}

#[test]
fn a_custom_type_in_a_column_of_somebody_else_outlives_an_update() {
    everywhere(|app| {
        app.maps(&[("person", &person(30, ""))]);
        app.creates();
        app.sql(&app.by_engine(&[
            ("sqlite", "ALTER TABLE person ADD mood MOODY(3) DEFAULT 'ok'"),
            ("else", "ALTER TABLE person ADD mood ENUM('ok','sad') DEFAULT 'ok'"),
            ("postgresql", "CREATE TYPE mood AS ENUM ('ok', 'sad'); ALTER TABLE person ADD mood mood DEFAULT 'ok'"),
        ]));
        app.sql("INSERT INTO person (id, name, mood) VALUES (1, 'Ada', 'sad')");
        app.is_settled();
        app.maps(&[("person", &person(60, ""))]);
        app.updates();
        app.is_settled();
        assert_eq!(app.one("SELECT mood FROM person"), "sad");
    });
}

#[test]
fn tables_of_other_databases_are_nobodys_business() {
    on(&["mariadb", "mysql"], |app| {
        app.maps(&[("person", &person(30, ""))]);
        app.creates();
        let (here, other) = (app.one("SELECT DATABASE()"), "elsewhere");
        let name = format!("{here}_{other}");
        app.sql(&format!(
            "CREATE DATABASE {name}; CREATE TABLE {name}.person (id INT PRIMARY KEY, kind ENUM('a')); CREATE TABLE {name}.own (id INT PRIMARY KEY, person_id INT, FOREIGN KEY (person_id) REFERENCES {here}.person (id))"
        ));
        app.is_completely_settled();
        let dropped = app.run(&["schema", "update", "--dump-sql", "--complete"]);
        assert!(!dropped.out.contains(other), "{}", dropped.told());
        app.sql(&format!("DROP DATABASE {name}"));
    });
}
