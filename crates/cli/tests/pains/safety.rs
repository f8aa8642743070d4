//! What runs, what it risks, and what is left when it can't.

use crate::app::{ID, everywhere, on};

fn person(attributes: &str) -> String {
    format!(r#"{ID}<field name="name" type="string" {attributes}/>"#)
}

#[test]
fn nothing_runs_without_force_and_the_plan_says_what_it_risks() {
    everywhere(|app| {
        app.maps(&[("person", &person(r#"length="30""#)), ("spare", ID)]);
        app.creates();
        app.sql(
            "INSERT INTO person (id, name) VALUES (1, 'Ada'); INSERT INTO spare (id) VALUES (1)",
        );
        app.maps(&[("person", &person(r#"length="60""#))]);
        let before = app.shape();
        let planned = app.run(&["schema", "update", "--complete"]).exits(1);
        planned.says(&["Nothing is executed yet", "destructive", "spare"]);
        assert_eq!(before.differences(&app.shape()), "");
        assert_eq!(app.one("SELECT count(*) FROM spare"), "1");
    });
}

/// Half of an update is never done where the rows refuse the other half.
#[test]
fn an_update_that_the_rows_refuse_changes_nothing() {
    everywhere(|app| {
        app.maps(&[("person", &person(r#"length="30" nullable="true""#))]);
        app.creates();
        app.sql("INSERT INTO person (id, name) VALUES (1, 'Ada'), (2, NULL), (3, 'Ada')");
        app.maps(&[
            ("brand_new", ID),
            ("person", &person(r#"length="30" unique="true""#)),
        ]);
        let before = app.shape();
        let refused = app.run(&["schema", "update", "--force"]).exits(1);
        refused.says(&["person", "name"]);
        assert_eq!(before.differences(&app.shape()), "", "{}", refused.told());
    });
}

/// Where a plan is one transaction, nothing of one that failed is left to go on with.
#[test]
fn a_plan_that_was_taken_back_is_not_gone_on_with() {
    on(&["postgresql"], |app| {
        app.maps(&[("person", ID)]);
        app.creates();
        let no_type = r#"<field name="name" type="string" column-definition="no_such_type"/>"#;
        let person = |field: &str| format!("{ID}{field}");
        app.maps(&[("brand_new", ID), ("person", &person(no_type))]);
        let failed = app.run(&["schema", "update", "--force"]).exits(1);
        failed.says(&["no_such_type", "nothing was changed"]);
        app.maps(&[("brand_new", ID), ("person", &person(""))]);
        let again = app.run(&["schema", "update", "--force"]).exits(0);
        assert!(!again.told().contains("going on"), "{}", again.told());
        app.is_settled();
    });
}

#[test]
fn a_text_that_no_longer_fits_is_found_in_advance() {
    crate::app::on(&["mariadb", "mysql", "postgresql"], |app| {
        app.maps(&[("person", &person(r#"length="30""#))]);
        app.creates();
        app.sql("INSERT INTO person (id, name) VALUES (1, 'Lovelace')");
        app.maps(&[("person", &person(r#"length="4""#))]);
        let refused = app.run(&["schema", "update", "--force"]).exits(1);
        refused.says(&["person.name"]);
        assert_eq!(app.one("SELECT name FROM person"), "Lovelace");
    });
}

#[test]
fn drop_names_each_table_that_it_leaves() {
    everywhere(|app| {
        app.maps(&[("person", &person(r#"length="30""#)), ("spare", ID)]);
        app.creates();
        app.sql("INSERT INTO person (id, name) VALUES (1, 'Ada')");
        let refused = app.run(&["schema", "drop", "--force"]).exits(1);
        refused.says(&["person"]);
        assert_eq!(app.one("SELECT count(*) FROM person"), "1");
        app.run(&["schema", "drop", "--force", "--allow", "destructive"])
            .exits(0);
        assert!(!app.has("table person") && !app.has("table spare"));
    });
}

/// Another client's table stands on ours: told, not hidden behind half a drop.
#[test]
fn a_drop_that_a_key_of_others_refuses_is_told() {
    everywhere(|app| {
        app.maps(&[("person", &person(r#"length="30""#))]);
        app.creates();
        app.sql("CREATE TABLE badge (id INTEGER NOT NULL PRIMARY KEY, person_id INTEGER, FOREIGN KEY (person_id) REFERENCES person (id))");
        let dropped = app.run(&["schema", "drop", "--force", "--allow", "destructive"]);
        dropped.says(&["badge"]);
        assert!(app.has("table badge"), "{}", dropped.told());
    });
}

/// MySQL 8 and newer warn of the width in TINYINT(1), which Doctrine writes, at each statement.
#[test]
fn a_warning_that_comes_with_each_statement_is_told_once() {
    on(&["mysql"], |app| {
        let flag = [ID, r#"<field name="flag" type="boolean"/>"#].concat();
        let tables = ["one", "two", "three", "four"];
        app.maps(&tables.map(|table| (table, flag.as_str())));
        let told = app.run(&["schema", "update", "--force"]).exits(0);
        let lines: Vec<&str> = told.err.lines().filter(|l| l.contains("1681")).collect();
        let [first, again] = lines.as_slice() else {
            panic!("{}", told.told());
        };
        assert!(first.contains("step 1"), "{first}");
        assert!(again.contains("3 more times"), "{again}");
    });
}
