//! Names: renamed columns, tables, keys and indexes.

use realign_testkit::Live as _;

use crate::app::{ID, everywhere};

fn named(column: &str) -> String {
    format!(r#"{ID}<field name="{column}" type="string" length="30"/>"#)
}

#[test]
fn a_declared_rename_of_a_column_keeps_its_values() {
    everywhere(|app| {
        app.maps(&[("person", &named("surname"))]);
        app.creates();
        app.sql("INSERT INTO person (id, surname) VALUES (1, 'Lovelace')");
        app.maps(&[("person", &named("family_name"))]);
        app.configured("[renames]\n\"person.surname\" = \"family_name\"\n");
        app.run(&["schema", "update", "--force"]).exits(0);
        assert_eq!(app.one("SELECT family_name FROM person"), "Lovelace");
        // Already carried out it is none any more.
        app.is_completely_settled();
    });
}

#[test]
fn a_rename_of_a_column_is_never_guessed() {
    everywhere(|app| {
        app.maps(&[("person", &named("surname"))]);
        app.creates();
        app.sql("INSERT INTO person (id, surname) VALUES (1, 'Lovelace')");
        let optional =
            named("family_name").replace(r#"length="30""#, r#"length="30" nullable="true""#);
        app.maps(&[("person", &optional)]);
        // A field with that name and type, so it may have been meant: said, not done.
        let planned = app.run(&["schema", "update", "--dump-sql"]).exits(0);
        assert!(!planned.out.contains("surname TO"), "{}", planned.told());
        app.updates();
        app.is_settled();
        let kept = app.database.rows("SELECT surname FROM person");
        assert_eq!(kept, [["Lovelace"]]);
    });
}

#[test]
fn a_declared_rename_of_a_table_keeps_its_rows() {
    everywhere(|app| {
        let note = r#"<many-to-one field="owner" target-entity="App\Person"><join-column name="owner_id"/></many-to-one>"#;
        app.maps(&[("person", &named("name")), ("note", &format!("{ID}{note}"))]);
        app.creates();
        app.sql("INSERT INTO person (id, name) VALUES (7, 'Ada'); INSERT INTO note (id, owner_id) VALUES (1, 7)");
        app.configured("[renames]\nperson = \"human\"\n");
        app.maps(&[
            ("human", &named("name")),
            ("note", &format!("{ID}{}", note.replace("Person", "Human"))),
        ]);
        app.run(&["schema", "update", "--force"]).exits(0);
        assert_eq!(app.one("SELECT name FROM human WHERE id = 7"), "Ada");
        assert_eq!(app.one("SELECT owner_id FROM note"), "7");
        assert!(!app.has("table person"));
        if app.engine == "postgresql" {
            // The new counter begins behind the rows; the one with the old name is left over.
            assert_eq!(app.one("SELECT nextval('human_id_seq')"), "8");
            app.is_settled();
            app.updates_completely();
        }
        app.is_completely_settled();
    });
}

#[test]
fn a_rename_of_which_both_names_are_there_is_an_error() {
    everywhere(|app| {
        app.maps(&[("person", &named("name"))]);
        app.creates();
        app.sql("ALTER TABLE person ADD family_name VARCHAR(30) DEFAULT NULL");
        app.maps(&[("person", &named("family_name"))]);
        app.configured("[renames]\n\"person.name\" = \"family_name\"\n");
        let before = app.shape();
        let refused = app.run(&["schema", "update", "--force"]).exits(1);
        refused.says(&["name", "family_name"]);
        assert_eq!(before.differences(&app.shape()), "");
    });
}

/// Words that an engine keeps for itself.
#[test]
fn a_reserved_word_as_name_never_comes_back() {
    everywhere(|app| {
        let body = format!(
            r#"{ID}<field name="group" column="`group`" type="string" length="20"/><field name="key" column="`key`" type="integer"/><field name="rank" column="`rank`" type="integer"/>"#
        );
        app.maps(&[("`order`", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}
