//! Defaults that come back with every diff.

use realign_testkit::Live as _;

use crate::app::{ID, MYSQL_LIKE, everywhere, on};

/// A field, its default, and whether NULL is allowed.
fn field(name: &str, attributes: &str, default: &str) -> String {
    format!(
        r#"<field name="{name}" {attributes}><options><option name="default">{default}</option></options></field>"#
    )
}

#[test]
fn a_decimal_default_of_0_never_comes_back() {
    let decimal = r#"type="decimal" precision="10" scale="2""#;
    let body = [
        ID.to_owned(),
        field("zero", decimal, "0"),
        field("zeros", decimal, "0.00"),
        field("short", decimal, "1.5"),
        field("long", decimal, "1.500"),
        field("whole", decimal, "7"),
        field("negative", decimal, "-0.50"),
        field("maybe", &format!("{decimal} nullable=\"true\""), "0"),
        field("bare", r#"type="decimal""#, "0"),
    ]
    .concat();
    everywhere(|app| {
        app.maps(&[("price", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

#[test]
fn a_number_or_truth_as_default_never_comes_back() {
    let body = [
        ID.to_owned(),
        field("off", r#"type="boolean""#, "0"),
        field("on_by", r#"type="boolean""#, "1"),
        field("no", r#"type="boolean""#, "false"),
        field("yes", r#"type="boolean""#, "true"),
        field("rate", r#"type="float""#, "0"),
        field("half", r#"type="float""#, "0.5"),
        field("many", r#"type="bigint""#, "0"),
        field("few", r#"type="smallint""#, "-1"),
        field("plus", r#"type="integer""#, "007"),
    ]
    .concat();
    everywhere(|app| {
        app.maps(&[("flag", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

#[test]
fn a_text_as_default_never_comes_back() {
    let string = r#"type="string" length="40""#;
    let body = [
        ID.to_owned(),
        field("empty", string, ""),
        field("quote", string, "it's"),
        field("backslash", string, "a\\b"),
        field("number", string, "0"),
        field("word", string, "NULL"),
        field("call", string, "now()"),
        field("spaces", string, " a "),
        field("umlaut", string, "\u{e4}\u{2603}"),
        field("moment", string, "CURRENT_TIMESTAMP"),
    ]
    .concat();
    everywhere(|app| {
        app.maps(&[("word", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

#[test]
fn a_moment_as_default_never_comes_back() {
    let body = [
        ID.to_owned(),
        field("at", r#"type="datetime""#, "CURRENT_TIMESTAMP"),
        field("then_at", r#"type="datetime""#, "2000-01-01 00:00:00"),
        field("day", r#"type="date""#, "2000-01-01"),
        field("hour", r#"type="time""#, "12:30:00"),
        field("zoned", r#"type="datetimetz""#, "CURRENT_TIMESTAMP"),
    ]
    .concat();
    everywhere(|app| {
        app.maps(&[("event", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

#[test]
fn a_null_default_is_no_text() {
    let body = format!(
        r#"{ID}<field name="none" type="string" nullable="true"/><field name="doc" type="json" nullable="true"/>{}"#,
        field("word", r#"type="string" nullable="true""#, "NULL"),
    );
    everywhere(|app| {
        app.maps(&[("thing", &body)]);
        app.creates();
        app.is_completely_settled();
        app.sql("INSERT INTO thing (id) VALUES (1)");
        let values = app
            .database
            .rows("SELECT coalesce(none, 'is null'), word FROM thing");
        assert_eq!(values, [["is null", "NULL"]]);
        // Told apart in the database as well.
        app.maps(&[(
            "thing",
            &body.replace(
                r#"<field name="none" type="string" nullable="true"/>"#,
                &field("none", r#"type="string" nullable="true""#, "NULL"),
            ),
        )]);
        app.differs_and_is_mended(&["thing.none", "default"]);
    });
}

/// A MariaDB that is declared as MySQL prints its NULL defaults otherwise: the server is asked.
#[test]
fn a_server_that_is_declared_to_be_another_is_asked_who_it_is() {
    on(MYSQL_LIKE, |app| {
        let body = format!(r#"{ID}<field name="none" type="string" nullable="true"/>"#);
        app.maps(&[("thing", &body)]);
        app.creates();
        for version in ["mysql-5.7", "mariadb-10.11", "mysql-8.0"] {
            app.configured(&format!("[database]\nserver_version = \"{version}\"\n"));
            app.is_settled();
        }
    });
}

#[test]
fn a_json_column_never_comes_back() {
    let body = format!(
        r#"{ID}<field name="doc" type="json"/><field name="maybe" type="json" nullable="true"/><field name="list" type="simple_array" nullable="true"/><field name="old" type="array"/>"#
    );
    everywhere(|app| {
        app.maps(&[("paper", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

/// MySQL takes no literal default on a text, and DBAL leaves it out.
#[test]
fn a_default_of_a_long_text_never_comes_back() {
    let body = format!(
        "{ID}{}{}",
        field("body", r#"type="text""#, "none"),
        field("maybe", r#"type="text" nullable="true""#, "none"),
    );
    everywhere(|app| {
        app.maps(&[("page", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

#[test]
fn an_expression_as_default_of_somebody_else_is_no_crash() {
    everywhere(|app| {
        app.maps(&[("note", ID)]);
        app.creates();
        app.sql(&app.by_engine(&[
            ("sqlite", "CREATE TABLE other (id INTEGER PRIMARY KEY, at TEXT DEFAULT (datetime('now', '+1 day')), code TEXT DEFAULT (lower(hex(randomblob(4)))));"),
            ("mariadb", "CREATE TABLE other (id INT PRIMARY KEY, at DATETIME DEFAULT (now() + INTERVAL 1 DAY), code VARCHAR(40) DEFAULT (uuid()));"),
            ("mysql", "CREATE TABLE other (id INT PRIMARY KEY, at DATETIME DEFAULT (now() + INTERVAL 1 DAY), code VARCHAR(40) DEFAULT (uuid()), doc JSON DEFAULT (json_array()), body TEXT DEFAULT ('x'));"),
            ("else", "CREATE TABLE other (id INT PRIMARY KEY, at TIMESTAMP DEFAULT (now() + INTERVAL '1 day'), code TEXT DEFAULT md5(random()::text));"),
        ]));
        let before = app.shape();
        app.is_settled();
        app.updates();
        assert_eq!(before.differences(&app.shape()), "");
    });
}

#[test]
fn on_update_current_timestamp_never_comes_back() {
    on(MYSQL_LIKE, |app| {
        let definition = "DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL ON UPDATE CURRENT_TIMESTAMP";
        let body = format!(
            r#"{ID}<field name="changed" type="datetime" column-definition="{definition}"/>"#
        );
        app.maps(&[("page", &body)]);
        app.creates();
        app.is_completely_settled();
        app.sql("ALTER TABLE page MODIFY changed DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP");
        app.differs_and_is_mended(&["page.changed"]);
    });
}
