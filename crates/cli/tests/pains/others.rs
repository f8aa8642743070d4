//! Tables that belong to others.

use crate::app::{ID, everywhere};

const PERSON: (&str, &str) = (
    "person",
    r#"<id name="id" type="integer"><generator strategy="AUTO"/></id><field name="name" type="string" length="30"/>"#,
);

#[test]
fn the_history_of_migrations_is_never_dropped() {
    everywhere(|app| {
        app.maps(&[PERSON]);
        app.creates();
        app.sql("CREATE TABLE doctrine_migration_versions (version VARCHAR(191) NOT NULL PRIMARY KEY, executed_at TIMESTAMP NULL, execution_time INTEGER); INSERT INTO doctrine_migration_versions (version) VALUES ('App\\\\Version1')");
        app.sql("CREATE TABLE migration_versions (version VARCHAR(14) NOT NULL PRIMARY KEY); INSERT INTO migration_versions VALUES ('20200101000000')");
        app.is_completely_settled();
        app.updates_completely();
        for table in ["doctrine_migration_versions", "migration_versions"] {
            assert_eq!(app.one(&format!("SELECT count(*) FROM {table}")), "1");
        }
    });
}

/// The history may have any name: the configuration says which.
#[test]
fn a_history_with_a_name_of_its_own_is_never_dropped() {
    everywhere(|app| {
        app.maps(&[PERSON]);
        app.creates();
        app.sql("CREATE TABLE our_history (version VARCHAR(191) NOT NULL PRIMARY KEY, executed_at TIMESTAMP NULL, execution_time INTEGER); INSERT INTO our_history (version) VALUES ('1')");
        app.configured("[migrations]\ntable = \"our_history\"\n");
        app.is_completely_settled();
        app.updates_completely();
        assert_eq!(app.one("SELECT count(*) FROM our_history"), "1");
    });
}

#[test]
fn a_table_of_somebody_else_goes_only_by_name_and_with_a_yes() {
    everywhere(|app| {
        app.maps(&[PERSON]);
        app.creates();
        app.sql("CREATE TABLE sessions (id VARCHAR(40) NOT NULL PRIMARY KEY); INSERT INTO sessions VALUES ('s')");
        app.is_settled();
        app.updates();
        let refused = app
            .run(&["schema", "update", "--force", "--complete"])
            .exits(1);
        refused.says(&["sessions", "destructive"]);
        assert_eq!(app.one("SELECT count(*) FROM sessions"), "1");
        app.updates_completely();
        assert!(!app.has("table sessions"));
    });
}

#[test]
fn what_is_ignored_stays_even_with_complete() {
    everywhere(|app| {
        app.maps(&[PERSON]);
        app.creates();
        app.sql("CREATE TABLE queue_jobs (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO queue_jobs VALUES (1)");
        app.sql("ALTER TABLE person ADD cf_colour VARCHAR(9) DEFAULT 'red'");
        app.sql("INSERT INTO person (id, name) VALUES (1, 'Ada')");
        app.configured("[schema]\nignore = [\"queue_*\", \"person.cf_*\"]\n");
        app.is_completely_settled();
        app.updates_completely();
        assert_eq!(app.one("SELECT count(*) FROM queue_jobs"), "1");
        assert_eq!(app.one("SELECT cf_colour FROM person"), "red");
    });
}

#[test]
fn a_required_column_of_somebody_else_is_named_and_made_harmless() {
    everywhere(|app| {
        app.maps(&[PERSON]);
        app.sql(&app.by_engine(&[
            ("sqlite", "CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name VARCHAR(30) NOT NULL, legacy VARCHAR(9) NOT NULL)"),
            ("mariadb", "CREATE TABLE person (id INT AUTO_INCREMENT NOT NULL, name VARCHAR(30) NOT NULL, legacy VARCHAR(9) NOT NULL, PRIMARY KEY (id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
            ("mysql", "CREATE TABLE person (id INT AUTO_INCREMENT NOT NULL, name VARCHAR(30) NOT NULL, legacy VARCHAR(9) NOT NULL, PRIMARY KEY (id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
            ("else", "CREATE SEQUENCE person_id_seq INCREMENT BY 1 MINVALUE 1 START 1; CREATE TABLE person (id INT NOT NULL, name VARCHAR(30) NOT NULL, legacy VARCHAR(9) NOT NULL, PRIMARY KEY (id))"),
        ]));
        app.sql("INSERT INTO person (id, name, legacy) VALUES (1, 'Ada', 'old')");
        app.differs_and_is_mended(&["person.legacy"]);
        assert_eq!(app.one("SELECT legacy FROM person"), "old");
        app.sql("INSERT INTO person (id, name) VALUES (2, 'Grace')");
    });
}

/// Views and tables that others restored, with nothing in common with the mapping.
#[test]
fn an_empty_mapping_drops_nothing() {
    everywhere(|app| {
        app.maps(&[("person", ID)]);
        app.creates();
        app.sql("CREATE TABLE loose (a INT, b INT)");
        app.is_settled();
        assert!(app.has("table loose"));
    });
}
