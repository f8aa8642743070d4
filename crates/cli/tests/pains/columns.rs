//! Types, definitions, collations and comments that come back with every diff.

use crate::app::{ID, MYSQL_LIKE, everywhere, on};

/// All types that every engine has, in each length that changes their name.
const TYPES: &[(&str, &str)] = &[
    ("f01", r#"type="string""#),
    ("f02", r#"type="string" length="1""#),
    ("f03", r#"type="text""#),
    ("f04", r#"type="text" length="255""#),
    ("f05", r#"type="text" length="65535""#),
    ("f06", r#"type="text" length="16777215""#),
    ("f07", r#"type="blob""#),
    ("f08", r#"type="blob" length="65535""#),
    ("f09", r#"type="binary" length="16""#),
    ("f10", r#"type="guid""#),
    ("f11", r#"type="integer""#),
    ("f12", r#"type="smallint""#),
    ("f13", r#"type="bigint""#),
    ("f14", r#"type="boolean""#),
    ("f15", r#"type="decimal" precision="8" scale="3""#),
    ("f16", r#"type="float""#),
    ("f17", r#"type="date""#),
    ("f18", r#"type="time""#),
    ("f19", r#"type="datetime""#),
    ("f20", r#"type="datetimetz""#),
    ("f21", r#"type="date_immutable""#),
    ("f22", r#"type="datetime_immutable""#),
    ("f23", r#"type="json""#),
    ("f24", r#"type="simple_array""#),
    ("f25", r#"type="dateinterval""#),
    ("f26", r#"type="ascii_string" length="20""#),
];

fn all_types() -> String {
    TYPES.iter().fold(ID.to_owned(), |body, (name, attributes)| {
        format!(r#"{body}<field name="{name}" {attributes}/><field name="n{name}" {attributes} nullable="true"/>"#)
    })
}

#[test]
fn the_same_alter_never_comes_back() {
    everywhere(|app| {
        app.maps(&[("everything", &all_types())]);
        for doctrine in ["orm-2.14/dbal-3.6", "orm-2.20/dbal-3.9", "orm-3.3/dbal-4.2"] {
            app.run_as(doctrine, &["schema", "create", "--force"])
                .exits(0);
            app.is_settled_as(doctrine);
            app.sql("DROP TABLE everything");
            if app.engine == "postgresql" {
                app.sql("DROP SEQUENCE IF EXISTS everything_id_seq");
            }
        }
    });
}

/// One generation of Doctrine made it, the next one reads it: comments are no reason for ALTERs.
#[test]
fn a_type_mark_of_an_older_doctrine_is_no_difference() {
    // Who counts the keys is another question, which not all generations answer alike.
    let id = r#"<id name="id" type="integer"><generator strategy="NONE"/></id>"#;
    let body = format!(
        r#"{id}<field name="list" type="simple_array"/><field name="day" type="date_immutable"/><field name="code" type="guid"/>"#
    );
    everywhere(|app| {
        app.maps(&[("paper", &body)]);
        app.creates();
        app.is_settled_as("orm-3.3/dbal-4.2");
    });
}

/// DBAL 3.6 makes a plain text of it on MariaDB, 4.2 a JSON with its check: a difference, once.
#[test]
fn a_json_of_an_older_doctrine_becomes_one_once() {
    everywhere(|app| {
        let body = format!(r#"{ID}<field name="doc" type="json"/>"#);
        app.maps(&[("paper", &body)]);
        app.creates();
        app.sql("INSERT INTO paper (id, doc) VALUES (1, '{\"a\": 1}')");
        app.run_as("orm-3.3/dbal-4.2", &["schema", "update", "--force"])
            .exits(0);
        app.is_settled_as("orm-3.3/dbal-4.2");
        assert_eq!(app.one("SELECT doc FROM paper"), "{\"a\": 1}");
    });
}

#[test]
fn a_column_definition_is_compared_by_its_meaning() {
    everywhere(|app| {
        let written = "VARCHAR(50) DEFAULT 'x' NOT NULL";
        let field = |definition: &str| {
            format!(r#"{ID}<field name="code" type="string" column-definition="{definition}"/>"#)
        };
        app.maps(&[("thing", &field(written))]);
        app.creates();
        app.is_completely_settled();
        // Another spelling of the same is the same.
        app.maps(&[("thing", &field("varchar( 50 )  not null default 'x'"))]);
        app.is_completely_settled();
        // And another meaning is another.
        app.maps(&[("thing", &field("VARCHAR(60) DEFAULT 'x' NOT NULL"))]);
        app.sql("INSERT INTO thing (id) VALUES (1)");
        app.differs_and_is_mended(&["thing.code"]);
    });
}

#[test]
fn a_column_definition_of_an_enum_never_comes_back() {
    on(MYSQL_LIKE, |app| {
        let body = format!(
            r#"{ID}<field name="kind" type="string" column-definition="ENUM('a','b') DEFAULT 'a' NOT NULL"/><field name="wide" type="integer" column-definition="MEDIUMINT UNSIGNED NOT NULL"/>"#
        );
        app.maps(&[("thing", &body)]);
        app.creates();
        app.is_completely_settled();
        app.sql("ALTER TABLE thing MODIFY kind ENUM('a','b','c') NOT NULL DEFAULT 'a'");
        app.differs_and_is_mended(&["thing.kind"]);
    });
}

#[test]
fn a_generated_column_by_definition_never_comes_back() {
    everywhere(|app| {
        let definition = "INT GENERATED ALWAYS AS (number * 2) STORED";
        let body = format!(
            r#"{ID}<field name="number" type="integer"/><field name="twice" type="integer" column-definition="{definition}"/>"#
        );
        app.maps(&[("thing", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

#[test]
fn a_generated_column_of_somebody_else_outlives_an_update() {
    everywhere(|app| {
        let one = format!(r#"{ID}<field name="number" type="integer"/>"#);
        app.maps(&[("thing", &one)]);
        app.creates();
        app.sql("INSERT INTO thing (id, number) VALUES (1, 4)");
        app.sql(&app.by_engine(&[
            (
                "sqlite",
                "ALTER TABLE thing ADD twice INT GENERATED ALWAYS AS (number * 2) VIRTUAL",
            ),
            (
                "else",
                "ALTER TABLE thing ADD twice INT GENERATED ALWAYS AS (number * 2) STORED",
            ),
        ]));
        app.is_settled();
        let two = format!(
            r#"{ID}<field name="number" type="integer"/><field name="more" type="string" length="9" nullable="true"/>"#
        );
        app.maps(&[("thing", &two)]);
        app.updates();
        app.is_settled();
        assert_eq!(app.one("SELECT twice FROM thing"), "8");
    });
}

#[test]
fn tinyint_of_another_width_is_no_boolean() {
    on(&["mariadb"], |app| {
        let body = format!(r#"{ID}<field name="on_air" type="boolean"/>"#);
        app.maps(&[("show", &body)]);
        app.creates();
        app.sql("INSERT INTO `show` (id, on_air) VALUES (1, 1); ALTER TABLE `show` MODIFY on_air TINYINT(4) NOT NULL");
        app.differs_and_is_mended(&["show.on_air", "TINYINT"]);
    });
    // MySQL prints no width but that of the boolean.
    on(&["mysql"], |app| {
        let body = format!(
            r#"{ID}<field name="on_air" type="boolean"/><field name="old" type="integer" column-definition="INT(11) NOT NULL"/>"#
        );
        app.maps(&[("show", &body)]);
        app.creates();
        app.is_completely_settled();
        app.sql("ALTER TABLE `show` MODIFY on_air TINYINT NOT NULL");
        app.differs_and_is_mended(&["show.on_air", "TINYINT"]);
    });
}

#[test]
fn a_tinyint_that_is_no_boolean_never_comes_back() {
    on(MYSQL_LIKE, |app| {
        let body = format!(
            r#"{ID}<field name="level" type="integer" column-definition="TINYINT(4) NOT NULL"/><field name="plain" type="integer" column-definition="TINYINT UNSIGNED DEFAULT 0 NOT NULL"/>"#
        );
        app.maps(&[("switch", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

#[test]
fn a_collation_of_a_column_never_comes_back() {
    on(MYSQL_LIKE, |app| {
        let body = format!(
            r#"{ID}<field name="code" type="string" length="20"><options><option name="collation">utf8mb4_bin</option></options></field><field name="plain" type="string" length="20"/><field name="old" type="string" length="20"><options><option name="charset">utf8</option><option name="collation">utf8_unicode_ci</option></options></field>"#
        );
        app.maps(&[("thing", &body)]);
        app.creates();
        app.is_completely_settled();
        app.sql("ALTER TABLE thing MODIFY code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL");
        app.differs_and_is_mended(&["thing.code", "utf8mb4_bin"]);
    });
}

#[test]
fn a_collation_of_a_table_is_seen_and_converted() {
    on(MYSQL_LIKE, |app| {
        let body = format!(
            r#":::<options><option name="charset">utf8mb4</option><option name="collation">utf8mb4_unicode_ci</option></options>{ID}<field name="name" type="string" length="20"/>"#
        );
        app.maps(&[("thing", &body)]);
        app.creates();
        app.is_completely_settled();
        let before = app.shape();
        app.sql("INSERT INTO thing (id, name) VALUES (1, 'Z\u{fc}rich'); ALTER TABLE thing CONVERT TO CHARACTER SET latin1 COLLATE latin1_swedish_ci");
        app.differs_and_is_mended(&["thing", "utf8mb4_unicode_ci"]);
        assert_eq!(before.differences(&app.shape()), "");
        assert_eq!(app.one("SELECT name FROM thing"), "Z\u{fc}rich");
    });
}

#[test]
fn the_old_name_of_a_character_set_is_the_same() {
    on(MYSQL_LIKE, |app| {
        for collation in ["utf8_unicode_ci", "utf8mb3_unicode_ci"] {
            let charset = collation.split('_').next().unwrap_or_default();
            let body = format!(
                r#":::<options><option name="charset">{charset}</option><option name="collation">{collation}</option></options>{ID}<field name="name" type="string" length="20"/>"#
            );
            app.maps(&[("thing", &body)]);
            app.creates();
            app.is_completely_settled();
            app.sql("DROP TABLE thing");
        }
    });
}

/// The server's own default is another one on every version; nobody declared it.
#[test]
fn a_server_with_another_default_collation_makes_no_difference() {
    on(MYSQL_LIKE, |app| {
        let body = format!(r#"{ID}<field name="name" type="string" length="20"/>"#);
        app.maps(&[("thing", &body)]);
        app.sql("CREATE TABLE thing (id INT AUTO_INCREMENT NOT NULL, name VARCHAR(20) NOT NULL, PRIMARY KEY (id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
        app.is_settled();
        app.updates();
    });
}

#[test]
fn a_comment_with_quotes_never_comes_back() {
    everywhere(|app| {
        let body = format!(
            r#"{ID}<field name="name" type="string"><options><option name="comment">it's a "name" \ or `not`; -- really</option></options></field><field name="doc" type="json"><options><option name="comment">why</option></options></field>"#
        );
        app.maps(&[("thing", &body)]);
        app.creates();
        app.is_completely_settled();
    });
}

/// What Symfony's `uuid` and its like are: DBAL finds them by `Type::addType`, and no XML says so.
const OWN_TYPES: &str = r#"[schema.types]
carbon = "datetime"
slug = "string"
money = { type = "decimal", precision = 12, scale = 4 }
uuid = { type = "binary", length = 16, fixed = true, marked = true, on = { postgresql = "guid" } }
place = { sql = "POINT", on = { sqlite = { sql = "VARCHAR(9)" } } }
"#;

#[test]
fn a_type_of_the_applications_own_is_what_the_configuration_says() {
    everywhere(|app| {
        let body = r#"<id name="id" type="uuid"/><field name="price" type="money"><options><option name="default">0.5</option></options></field><field name="short" type="money" precision="5"/><field name="at" type="place" nullable="true"/><field name="seen" type="carbon"/><field name="slug" type="slug" length="40"/><many-to-one field="up" target-entity="App\Thing"/>"#;
        app.maps(&[("thing", body)]);
        let told = app.run(&["schema", "validate"]).exits(1).told();
        assert!(told.contains("unknown type `uuid`"), "{told}");
        assert!(told.contains("[schema.types]"), "{told}");
        app.configured(OWN_TYPES);
        app.creates();
        app.is_completely_settled();
        let words = app.by_engine(&[
            ("sqlite", "id BLOB NOT NULL --(DC2Type:uuid)"),
            ("postgresql", "thing.id is '(DC2Type:uuid)'"),
            ("else", "binary(16) NOT NULL COMMENT '(DC2Type:uuid)'"),
        ]);
        let printed = app.printed("table thing").to_lowercase();
        assert!(printed.contains(&words.to_lowercase()), "{printed}");
        // The type says more, and the database is told.
        app.configured(&OWN_TYPES.replace("scale = 4", "scale = 2"));
        app.differs_and_is_mended(&["thing.price", "thing.short"]);
    });
}

#[test]
fn a_type_that_says_nothing_or_too_much_is_refused_by_name() {
    on(&["sqlite"], |app| {
        app.maps(&[("thing", ID)]);
        for (line, words) in [
            (
                "geo = { length = 4 }",
                "nothing says what the type `geo` is",
            ),
            (r#"geo = { type = "string", sql = "X" }"#, "both ways"),
            (r#"geo = { sql = " " }"#, "is empty"),
            (
                r#"geo = { type = "string", on = { oracle = "text" } }"#,
                "known are: sqlite, mysql",
            ),
        ] {
            app.configured(&format!("[schema.types]\n{line}\n"));
            app.run(&["schema", "validate"])
                .exits(64)
                .says(&[words, "schema.types.geo"]);
        }
        app.configured("[schema.types]\ngeo = \"strng\"\n");
        app.maps(&[("thing", &format!(r#"{ID}<field name="a" type="geo"/>"#))]);
        app.run(&["schema", "validate"])
            .exits(1)
            .says(&["`geo` a `strng`", "did you mean `string`?"]);
    });
}
