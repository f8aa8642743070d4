//! Indexes and foreign keys.

use crate::app::{ID, everywhere, on};

const PERSON: (&str, &str) = (
    "person",
    r#"<id name="id" type="integer"><generator strategy="AUTO"/></id><field name="name" type="string" length="30"/>"#,
);

fn note(more: &str) -> String {
    format!(
        r#"{more}{ID}<field name="number" type="integer"/><field name="title" type="string" length="40"/><many-to-one field="owner" target-entity="App\Person"><join-column name="owner_id"/></many-to-one>"#
    )
}

const ROWS: &str = "INSERT INTO person (id, name) VALUES (1, 'Ada'); INSERT INTO note (id, number, title, owner_id) VALUES (1, 5, 'x', 1), (2, 6, 'y', NULL)";

#[test]
fn a_foreign_key_under_another_name_is_the_same() {
    everywhere(|app| {
        app.maps(&[PERSON, ("note", &note(""))]);
        app.creates();
        app.sql(&app.by_engine(&[
            ("sqlite", "DROP TABLE note; CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, owner_id INTEGER DEFAULT NULL, number INTEGER NOT NULL, title VARCHAR(40) NOT NULL, CONSTRAINT another_name FOREIGN KEY (owner_id) REFERENCES person (id) NOT DEFERRABLE INITIALLY IMMEDIATE); CREATE INDEX IDX_CFBDFA147E3C61F9 ON note (owner_id)"),
            ("else", "ALTER TABLE note DROP CONSTRAINT FK_CFBDFA147E3C61F9; ALTER TABLE note ADD CONSTRAINT another_name FOREIGN KEY (owner_id) REFERENCES person (id)"),
        ]));
        app.sql(ROWS);
        let before = app.shape();
        app.is_settled();
        app.updates();
        assert_eq!(before.differences(&app.shape()), "");
    });
}

#[test]
fn an_index_that_a_foreign_key_needs_is_replaced() {
    everywhere(|app| {
        app.maps(&[
            PERSON,
            (
                "note",
                &note(r#":::<indexes><index name="own" columns="owner_id,number"/></indexes>"#),
            ),
        ]);
        app.creates();
        app.sql(ROWS);
        app.maps(&[
            PERSON,
            (
                "note",
                &note(r#":::<indexes><index name="own" columns="owner_id,title"/></indexes>"#),
            ),
        ]);
        app.updates();
        app.is_completely_settled();
        app.maps(&[PERSON, ("note", &note(""))]);
        app.updates();
        app.updates_completely();
        app.is_completely_settled();
    });
}

/// The key's own index may go where a longer one begins with its columns.
#[test]
fn the_index_of_a_foreign_key_is_not_asked_for_beside_a_longer_one() {
    everywhere(|app| {
        app.maps(&[PERSON, ("note", &note(""))]);
        app.creates();
        app.sql(&app.by_engine(&[
            ("sqlite", "CREATE INDEX longer ON note (owner_id, number); DROP INDEX IDX_CFBDFA147E3C61F9"),
            ("mariadb", "CREATE INDEX longer ON note (owner_id, number); DROP INDEX IDX_CFBDFA147E3C61F9 ON note"),
            ("mysql", "CREATE INDEX longer ON note (owner_id, number); DROP INDEX IDX_CFBDFA147E3C61F9 ON note"),
            ("else", "CREATE INDEX longer ON note (owner_id, number); DROP INDEX idx_cfbdfa147e3c61f9"),
        ]));
        app.sql(ROWS);
        app.is_settled();
    });
}

/// JOINED children refer to the root by their own key.
#[test]
fn a_joined_child_never_comes_back() {
    everywhere(|app| {
        let root = format!(
            r#"inheritance-type="JOINED":::<discriminator-column name="kind" type="string" length="9"/><discriminator-map><discriminator-mapping value="animal" class="App\Animal"/><discriminator-mapping value="dog" class="App\Dog"/><discriminator-mapping value="puppy" class="App\Puppy"/></discriminator-map>{ID}<field name="name" type="string" length="20"/>"#
        );
        app.maps_children(
            &[("animal", &root)],
            &[
                ("dog", r#"<field name="bark" type="string" length="20"/>"#),
                ("puppy", r#"<field name="age" type="integer"/>"#),
            ],
        );
        app.creates();
        app.is_completely_settled();
        app.sql("INSERT INTO animal (id, name, kind) VALUES (1, 'Rex', 'dog'); INSERT INTO dog (id, bark) VALUES (1, 'wuff')");
        app.is_completely_settled();
        let refused = app
            .database
            .try_client_with_keys("INSERT INTO dog (id, bark) VALUES (9, 'none')");
        assert!(refused.is_err(), "a child needs its root on {}", app.engine);
    });
}

#[test]
fn an_index_over_an_expression_does_not_end_the_tool() {
    on(&["sqlite", "mysql", "postgresql"], |app| {
        app.maps(&[PERSON]);
        app.creates();
        app.sql("INSERT INTO person (id, name) VALUES (1, 'Ada')");
        app.sql(&app.by_engine(&[
            (
                "sqlite",
                "CREATE INDEX by_lower ON person (lower(name), id DESC)",
            ),
            (
                "mysql",
                "CREATE INDEX by_lower ON person ((lower(name)), id DESC)",
            ),
            (
                "else",
                "CREATE INDEX by_lower ON person (lower(name), id DESC)",
            ),
        ]));
        app.is_settled();
        let more = format!(
            r#"{}<field name="age" type="integer" nullable="true"/>"#,
            PERSON.1
        );
        app.maps(&[("person", &more)]);
        app.updates();
        app.is_settled();
        assert!(
            app.has("index by_lower") || app.printed("table person").contains("by_lower"),
            "{:?}",
            app.shape()
        );
        app.updates_completely();
        app.is_completely_settled();
    });
}

#[test]
fn an_index_over_part_of_the_rows_never_comes_back() {
    on(&["sqlite", "postgresql"], |app| {
        let indexed = |predicate: &str| {
            format!(
                r#":::<unique-constraints><unique-constraint name="one_each" columns="number"><options><option name="where">{predicate}</option></options></unique-constraint></unique-constraints><indexes><index name="some" columns="title"><options><option name="where">{predicate}</option></options></index></indexes>{ID}<field name="number" type="integer"/><field name="title" type="string" length="40"/>"#
            )
        };
        app.maps(&[("note", &indexed("(number &gt; 0)"))]);
        app.creates();
        app.sql("INSERT INTO note (id, number, title) VALUES (1, 5, 'x')");
        app.is_completely_settled();
    });
}

#[test]
fn a_partial_index_of_somebody_else_outlives_an_update() {
    on(&["sqlite", "postgresql"], |app| {
        app.maps(&[PERSON]);
        app.creates();
        app.sql("INSERT INTO person (id, name) VALUES (1, 'Ada'); CREATE INDEX later ON person (name) WHERE id > 5");
        app.is_settled();
        let more = PERSON.1.replace(r#"length="30""#, r#"length="60""#);
        app.maps(&[("person", &more)]);
        app.updates();
        app.is_settled();
        assert!(app.has("index later"), "{:?}", app.shape());
        assert!(app.printed("index later").to_lowercase().contains("where"));
    });
}

#[test]
fn a_unique_column_never_comes_back() {
    everywhere(|app| {
        let body = format!(
            r#":::<unique-constraints><unique-constraint name="both" columns="number,title"/></unique-constraints>{ID}<field name="number" type="integer"/><field name="title" type="string" length="40" unique="true"/>"#
        );
        app.maps(&[("note", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

/// Made by hand as a constraint instead of an index: it does the same.
#[test]
fn a_unique_constraint_is_as_good_as_a_unique_index() {
    everywhere(|app| {
        let body = format!(
            r#":::<unique-constraints><unique-constraint name="both" columns="number"/></unique-constraints>{ID}<field name="number" type="integer"/>"#
        );
        app.maps(&[("note", &body)]);
        app.sql(&app.by_engine(&[
            ("sqlite", "CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, number INTEGER NOT NULL, CONSTRAINT both UNIQUE (number))"),
            ("mariadb", "CREATE TABLE note (id INT AUTO_INCREMENT NOT NULL, number INT NOT NULL, PRIMARY KEY (id), CONSTRAINT `both` UNIQUE (number)) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
            ("mysql", "CREATE TABLE note (id INT AUTO_INCREMENT NOT NULL, number INT NOT NULL, PRIMARY KEY (id), CONSTRAINT `both` UNIQUE (number)) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"),
            ("else", "CREATE SEQUENCE note_id_seq INCREMENT BY 1 MINVALUE 1 START 1; CREATE TABLE note (id INT NOT NULL, number INT NOT NULL, PRIMARY KEY (id), CONSTRAINT \"both\" UNIQUE (number))"),
        ]));
        app.is_settled();
    });
}
