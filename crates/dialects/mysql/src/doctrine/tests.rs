mod defaults;
mod options;

use realign_model::DataType;
use realign_planner::{Diagnostic, DoctrineColumn, DoctrinePlatform, Facts, IdSource, OptionValue};

use super::PLATFORM;
use crate::facts::offline;
use crate::no_table;
use crate::render::column_body;

fn facts(server: &str, profile: &str) -> Facts {
    let mut facts = offline(server).unwrap();
    facts.doctrine = profile.parse().unwrap();
    facts
}

fn mapped(type_name: &str) -> DoctrineColumn {
    DoctrineColumn {
        // What the schema tool passes on for a string without a length.
        length: (type_name == "string").then_some(255),
        ..DoctrineColumn::new("c", type_name)
    }
}

fn with(type_name: &str, change: impl FnOnce(&mut DoctrineColumn)) -> DoctrineColumn {
    let mut column = mapped(type_name);
    change(&mut column);
    column
}

fn text(value: &str) -> OptionValue {
    OptionValue::Text(value.to_owned())
}

fn declared(column: &DoctrineColumn, facts: &Facts) -> Result<String, Diagnostic> {
    PLATFORM
        .column(column, facts, &mut Vec::new())
        .map(|made| column_body(&made, &no_table(), facts))
}

const D25: &str = "orm-2.5/dbal-2.5";
const D29: &str = "orm-2.6/dbal-2.9";
const D213: &str = "orm-2.8/dbal-2.13";
const D30: &str = "orm-2.9/dbal-3.0";
const D36: &str = "orm-2.14/dbal-3.6";
const D39: &str = "orm-2.20/dbal-3.9";
const D40: &str = "orm-3.0/dbal-4.0";
const D42: &str = "orm-3.3/dbal-4.2";
const MARIADB: &str = "mariadb-10.11";
const MYSQL57: &str = "mysql-5.7.40";
const MYSQL80: &str = "mysql-8.0.31";

/// One row a type: DBAL 2.13 and 3.6 on MySQL 8.0, then DBAL 4.2. A dash is an error.
#[test]
fn every_type_is_declared_as_dbal_does() {
    let rows: Vec<(DoctrineColumn, [&str; 3])> = vec![
        (mapped("string"), ["VARCHAR(255) NOT NULL"; 3]),
        (
            with("string", |c| (c.length, c.fixed) = (Some(40), true)),
            ["CHAR(40) NOT NULL"; 3],
        ),
        (
            with("string", |c| c.length = Some(70_000)),
            [
                "MEDIUMTEXT NOT NULL",
                "MEDIUMTEXT NOT NULL",
                "VARCHAR(70000) NOT NULL",
            ],
        ),
        (
            with("string", |c| (c.length, c.fixed) = (Some(300), true)),
            ["TEXT NOT NULL", "TEXT NOT NULL", "CHAR(300) NOT NULL"],
        ),
        (
            with("string", |c| c.length = None),
            ["VARCHAR(255) NOT NULL", "VARCHAR(255) NOT NULL", "-"],
        ),
        (
            mapped("ascii_string"),
            ["VARCHAR(255) NOT NULL", "VARCHAR(255) NOT NULL", "-"],
        ),
        (
            with("ascii_string", |c| c.length = Some(9)),
            ["VARCHAR(9) NOT NULL"; 3],
        ),
        (mapped("text"), ["LONGTEXT NOT NULL"; 3]),
        (
            with("text", |c| c.length = Some(255)),
            ["TINYTEXT NOT NULL"; 3],
        ),
        (
            with("text", |c| c.length = Some(65_535)),
            ["TEXT NOT NULL"; 3],
        ),
        (
            with("text", |c| c.length = Some(65_536)),
            ["MEDIUMTEXT NOT NULL"; 3],
        ),
        (
            with("text", |c| c.length = Some(16_777_216)),
            ["LONGTEXT NOT NULL"; 3],
        ),
        (mapped("blob"), ["LONGBLOB NOT NULL"; 3]),
        (with("blob", |c| c.length = Some(256)), ["BLOB NOT NULL"; 3]),
        (
            mapped("binary"),
            ["VARBINARY(255) NOT NULL", "VARBINARY(255) NOT NULL", "-"],
        ),
        (
            with("binary", |c| (c.length, c.fixed) = (Some(16), true)),
            ["BINARY(16) NOT NULL"; 3],
        ),
        (
            with("binary", |c| c.length = Some(70_000)),
            [
                "MEDIUMBLOB NOT NULL",
                "MEDIUMBLOB NOT NULL",
                "VARBINARY(70000) NOT NULL",
            ],
        ),
        (mapped("integer"), ["INT NOT NULL"; 3]),
        (
            with("integer", |c| (c.unsigned, c.autoincrement) = (true, true)),
            ["INT UNSIGNED AUTO_INCREMENT NOT NULL"; 3],
        ),
        (mapped("bigint"), ["BIGINT NOT NULL"; 3]),
        (mapped("smallint"), ["SMALLINT NOT NULL"; 3]),
        (mapped("boolean"), ["TINYINT(1) NOT NULL"; 3]),
        (
            mapped("decimal"),
            ["NUMERIC(10, 0) NOT NULL", "NUMERIC(10, 0) NOT NULL", "-"],
        ),
        (
            with("decimal", |c| {
                (c.precision, c.scale, c.unsigned) = (Some(10), Some(2), true);
            }),
            ["NUMERIC(10, 2) UNSIGNED NOT NULL"; 3],
        ),
        (mapped("float"), ["DOUBLE PRECISION NOT NULL"; 3]),
        (
            with("float", |c| c.unsigned = true),
            ["DOUBLE PRECISION UNSIGNED NOT NULL"; 3],
        ),
        (
            with("smallfloat", |c| c.unsigned = true),
            ["-", "-", "FLOAT UNSIGNED NOT NULL"],
        ),
        (mapped("date"), ["DATE NOT NULL"; 3]),
        (
            mapped("date_immutable"),
            [
                "DATE NOT NULL COMMENT '(DC2Type:date_immutable)'",
                "DATE NOT NULL COMMENT '(DC2Type:date_immutable)'",
                "DATE NOT NULL",
            ],
        ),
        (mapped("time"), ["TIME NOT NULL"; 3]),
        (
            mapped("time_immutable"),
            [
                "TIME NOT NULL COMMENT '(DC2Type:time_immutable)'",
                "TIME NOT NULL COMMENT '(DC2Type:time_immutable)'",
                "TIME NOT NULL",
            ],
        ),
        (mapped("datetime"), ["DATETIME NOT NULL"; 3]),
        (mapped("datetimetz"), ["DATETIME NOT NULL"; 3]),
        (mapped("vardatetime"), ["DATETIME NOT NULL"; 3]),
        (
            with("datetime", |c| {
                c.version = true;
                c.default = Some("CURRENT_TIMESTAMP".to_owned());
            }),
            ["TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL"; 3],
        ),
        (
            mapped("datetimetz_immutable"),
            [
                "DATETIME NOT NULL COMMENT '(DC2Type:datetimetz_immutable)'",
                "DATETIME NOT NULL COMMENT '(DC2Type:datetimetz_immutable)'",
                "DATETIME NOT NULL",
            ],
        ),
        (
            mapped("dateinterval"),
            [
                "VARCHAR(255) NOT NULL COMMENT '(DC2Type:dateinterval)'",
                "VARCHAR(255) NOT NULL COMMENT '(DC2Type:dateinterval)'",
                "VARCHAR(255) NOT NULL",
            ],
        ),
        (
            mapped("guid"),
            [
                "CHAR(36) NOT NULL COMMENT '(DC2Type:guid)'",
                "CHAR(36) NOT NULL COMMENT '(DC2Type:guid)'",
                "CHAR(36) NOT NULL",
            ],
        ),
        (mapped("json"), ["JSON NOT NULL"; 3]),
        (
            mapped("json_array"),
            ["JSON NOT NULL COMMENT '(DC2Type:json_array)'", "-", "-"],
        ),
        (
            mapped("simple_array"),
            [
                "LONGTEXT NOT NULL COMMENT '(DC2Type:simple_array)'",
                "LONGTEXT NOT NULL COMMENT '(DC2Type:simple_array)'",
                "LONGTEXT NOT NULL",
            ],
        ),
        (
            mapped("array"),
            [
                "LONGTEXT NOT NULL COMMENT '(DC2Type:array)'",
                "LONGTEXT NOT NULL COMMENT '(DC2Type:array)'",
                "-",
            ],
        ),
        (
            with("object", |c| c.not_null = false),
            [
                "LONGTEXT DEFAULT NULL COMMENT '(DC2Type:object)'",
                "LONGTEXT DEFAULT NULL COMMENT '(DC2Type:object)'",
                "-",
            ],
        ),
        (
            with("enum", |c| {
                c.values = vec!["a".to_owned(), "it's".to_owned()];
                c.default = Some("a".to_owned());
            }),
            ["-", "-", "ENUM('a', 'it''s') DEFAULT 'a' NOT NULL"],
        ),
        (mapped("enum"), ["-"; 3]),
        (mapped("String"), ["-"; 3]),
    ];
    for (column, expected) in rows {
        for (profile, expected) in [D213, D36, D42].into_iter().zip(expected) {
            let found = declared(&column, &facts(MYSQL80, profile));
            assert_eq!(
                found.as_deref().unwrap_or("-"),
                expected,
                "{} with {profile}",
                column.type_name
            );
        }
    }
}

/// JSON is where vendor, version and release all have a say.
#[test]
fn json_depends_on_vendor_version_and_release() {
    let marked = |sql: &str, word: &str| format!("{sql} NOT NULL COMMENT '(DC2Type:{word})'");
    for (type_name, server, profile, expected) in [
        ("json", MYSQL57, D213, "JSON NOT NULL".to_owned()),
        ("json", MYSQL57, D42, "JSON NOT NULL".to_owned()),
        ("json", MARIADB, D213, marked("LONGTEXT", "json")),
        ("json", MARIADB, D30, marked("LONGTEXT", "json")),
        ("json", MARIADB, D36, marked("LONGTEXT", "json")),
        ("json", MARIADB, "orm-2.16/dbal-3.7", marked("JSON", "json")),
        ("json", MARIADB, D39, marked("JSON", "json")),
        ("json", "mariadb-10.4.2", D39, marked("LONGTEXT", "json")),
        ("json", "mariadb-10.4.2", D42, "JSON NOT NULL".to_owned()),
        ("json", MARIADB, D42, "JSON NOT NULL".to_owned()),
        // Before DBAL 2.7 MariaDB is an old MySQL: a text of any tier.
        (
            "json",
            MARIADB,
            "orm-2.6/dbal-2.6",
            marked("LONGTEXT", "json"),
        ),
        ("json_array", MYSQL57, D25, "JSON NOT NULL".to_owned()),
        ("json_array", MARIADB, D25, marked("LONGTEXT", "json_array")),
        ("json_array", MYSQL57, D29, marked("JSON", "json_array")),
    ] {
        let found = declared(&mapped(type_name), &facts(server, profile)).unwrap();
        assert_eq!(found, expected, "{type_name} {server} {profile}");
    }
    for (type_name, profile) in [
        ("json", D25),
        ("dateinterval", D25),
        ("date_immutable", D25),
    ] {
        assert!(declared(&mapped(type_name), &facts(MYSQL57, profile)).is_err());
    }
    assert!(declared(&mapped("enum"), &facts(MYSQL80, D40)).is_err());
    assert!(declared(&mapped("smallfloat"), &facts(MYSQL80, D40)).is_err());
}

#[test]
fn mariadb_decides_the_collation_of_json_itself() {
    let column = with("json", |c| {
        c.options
            .insert("collation".to_owned(), text("utf8mb4_bin"));
        c.options.insert("charset".to_owned(), text("utf8mb4"));
    });
    assert_eq!(
        declared(&column, &facts(MARIADB, D42)).unwrap(),
        "JSON NOT NULL"
    );
    assert_eq!(
        declared(&column, &facts(MARIADB, D36)).unwrap(),
        "LONGTEXT CHARACTER SET utf8mb4 NOT NULL COLLATE `utf8mb4_bin` COMMENT '(DC2Type:json)'"
    );
}

#[test]
fn a_definition_is_printed_as_written_and_read_for_comparison() {
    let facts = facts(MYSQL80, D36);
    let text = "CHAR(2) CHARACTER SET ascii NOT NULL DEFAULT 'xx' COMMENT 'code(DC2Type:cc)'";
    let column = with("country_code", |c| c.definition = Some(text.to_owned()));
    let mut remarks = Vec::new();
    let made = PLATFORM.column(&column, &facts, &mut remarks).unwrap();
    assert!(remarks.is_empty());
    assert_eq!(column_body(&made, &no_table(), &facts), text);
    assert_eq!(made.data_type, DataType::Char { len: Some(2) });
    assert!(!made.nullable);
    assert_eq!(made.default.as_ref().unwrap().text, "'xx'");
    assert_eq!(made.charset.as_deref(), Some("ascii"));
    assert_eq!(made.comment.as_deref(), Some("code"));
    assert_eq!(made.type_mark.as_deref(), Some("cc"));

    let column = with("string", |c| {
        c.definition = Some("INT UNIQUE what".to_owned());
    });
    let made = PLATFORM.column(&column, &facts, &mut remarks).unwrap();
    assert!(made.nullable && made.type_mark.is_none());
    let messages: Vec<_> = remarks.iter().map(|r| r.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "column c: can't read its column-definition: `what`",
            "column c: its column-definition also makes a key",
        ]
    );
}

#[test]
fn a_type_that_is_not_there_says_what_was_meant() {
    for (type_name, profile, message, help) in [
        (
            "interger",
            D36,
            "column c: unknown type `interger`",
            "did you mean `integer`?",
        ),
        (
            "carbon",
            D36,
            "column c: unknown type `carbon`",
            "describe a type of the application's own in [schema.types], or give the field a column-definition",
        ),
        (
            "array",
            D42,
            "column c: DBAL 4.2 has no type `array`",
            "DBAL dropped it in 4.0; `json` is the usual successor",
        ),
        (
            "enum",
            D36,
            "column c: DBAL 3.6 has no type `enum`",
            "DBAL has it since 4.2",
        ),
    ] {
        let error = declared(&mapped(type_name), &facts(MYSQL80, profile)).unwrap_err();
        assert_eq!(error.code, "D101");
        assert_eq!(error.message, message);
        assert_eq!(error.help.as_deref(), Some(help));
    }
    let empty = with("integer", |c| c.default = Some(String::new()));
    assert_eq!(
        declared(&empty, &facts(MYSQL80, D36)).unwrap_err().code,
        "D061"
    );
}

#[test]
fn ids_come_from_the_column_or_from_nowhere() {
    let facts = facts(MARIADB, D36);
    for (strategy, expected) in [
        ("AUTO", IdSource::Identity),
        ("IDENTITY", IdSource::Identity),
        ("SEQUENCE", IdSource::Plain),
        ("NONE", IdSource::Plain),
        ("UUID", IdSource::Plain),
    ] {
        assert_eq!(PLATFORM.id_source(strategy, &facts), expected, "{strategy}");
    }
    assert_eq!(PLATFORM.max_identifier_length(&facts), 63);
    assert_eq!(PLATFORM.quote("a`b"), "`a``b`");
}
