use indexmap::IndexMap;
use realign_model::{DataType, Ident, IndexKind, Origin, TableOptions};
use realign_planner::{
    Diagnostic, DoctrineColumn, DoctrineIndex, DoctrinePlatform, Facts, IdSource, OptionValue,
    TableDefaults,
};

use super::PLATFORM;
use crate::facts::offline;
use crate::no_table;
use crate::render::{column_body, create_index, index_inline, table_options};

fn facts(server: &str, profile: &str) -> Facts {
    let mut facts = offline(server).unwrap();
    facts.doctrine = profile.parse().unwrap();
    facts
}

fn mapped(type_name: &str) -> DoctrineColumn {
    DoctrineColumn {
        name: Ident::new("c"),
        type_name: type_name.to_owned(),
        // What the schema tool passes on for a string without a length.
        length: (type_name == "string").then_some(255),
        precision: None,
        scale: None,
        fixed: false,
        unsigned: false,
        not_null: true,
        default: None,
        autoincrement: false,
        comment: None,
        definition: None,
        version: false,
        values: Vec::new(),
        options: IndexMap::new(),
        origin: Origin::None,
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

/// Columns measured with the releases themselves: MySQL with DBAL 2.13, 3.9 and 4.2.
#[test]
fn measured_declarations() {
    let rows = [
        (
            with("boolean", |c| c.default = Some("1".to_owned())),
            [
                "TINYINT(1) DEFAULT '1' NOT NULL",
                "TINYINT(1) DEFAULT 1 NOT NULL",
                "TINYINT(1) DEFAULT 1 NOT NULL",
            ],
        ),
        (
            with("boolean", |c| c.default = Some("false".to_owned())),
            [
                "TINYINT(1) DEFAULT 'false' NOT NULL",
                "TINYINT(1) DEFAULT false NOT NULL",
                "TINYINT(1) DEFAULT false NOT NULL",
            ],
        ),
        (
            with("datetime_immutable", |c| {
                c.default = Some("CURRENT_TIMESTAMP".to_owned());
            }),
            [
                "DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL COMMENT '(DC2Type:datetime_immutable)'",
                "DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL COMMENT '(DC2Type:datetime_immutable)'",
                "DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL",
            ],
        ),
        (
            with("guid", |c| {
                c.not_null = false;
                c.comment = Some("it's".to_owned());
            }),
            [
                "CHAR(36) DEFAULT NULL COMMENT 'it''s(DC2Type:guid)'",
                "CHAR(36) DEFAULT NULL COMMENT 'it''s(DC2Type:guid)'",
                "CHAR(36) DEFAULT NULL COMMENT 'it''s'",
            ],
        ),
        (
            with("decimal", |c| {
                (c.precision, c.scale) = (Some(10), Some(2));
                c.default = Some("0.00".to_owned());
            }),
            ["NUMERIC(10, 2) DEFAULT '0.00' NOT NULL"; 3],
        ),
        (
            with("bigint", |c| {
                c.unsigned = true;
                c.default = Some("5".to_owned());
            }),
            ["BIGINT UNSIGNED DEFAULT 5 NOT NULL"; 3],
        ),
        (
            with("string", |c| {
                c.length = Some(80);
                c.not_null = false;
                c.default = Some("x'y\\z".to_owned());
            }),
            ["VARCHAR(80) DEFAULT 'x''y\\\\z'"; 3],
        ),
        (
            with("integer", |c| {
                c.not_null = false;
                c.comment = Some("hey".to_owned());
            }),
            ["INT DEFAULT NULL COMMENT 'hey'"; 3],
        ),
        (
            with("integer", |c| c.default = Some("3".to_owned())),
            ["INT DEFAULT 3 NOT NULL"; 3],
        ),
        (
            with("integer", |c| c.autoincrement = true),
            ["INT AUTO_INCREMENT NOT NULL"; 3],
        ),
        (
            with("date", |c| c.default = Some("CURRENT_DATE".to_owned())),
            ["DATE DEFAULT CURRENT_DATE NOT NULL"; 3],
        ),
        (
            with("time", |c| c.default = Some("CURRENT_TIME".to_owned())),
            ["TIME DEFAULT CURRENT_TIME NOT NULL"; 3],
        ),
        (
            with("datetime", |c| {
                c.default = Some("current_timestamp".to_owned())
            }),
            ["DATETIME DEFAULT 'current_timestamp' NOT NULL"; 3],
        ),
    ];
    for (column, expected) in rows {
        for (profile, expected) in [D213, D39, D42].into_iter().zip(expected) {
            let found = declared(&column, &facts(MYSQL80, profile)).unwrap();
            assert_eq!(found, expected, "{} with {profile}", column.type_name);
        }
    }
    let json = with("json", |c| c.not_null = false);
    for (profile, expected) in [
        (D213, "LONGTEXT DEFAULT NULL COMMENT '(DC2Type:json)'"),
        (D39, "JSON DEFAULT NULL COMMENT '(DC2Type:json)'"),
        (D42, "JSON DEFAULT NULL"),
    ] {
        assert_eq!(declared(&json, &facts(MARIADB, profile)).unwrap(), expected);
    }
}

#[test]
fn defaults_of_texts_are_dropped_where_dbal_drops_them() {
    let column = with("text", |c| c.default = Some("x".to_owned()));
    for (server, profile, expected) in [
        (MYSQL80, D36, "LONGTEXT NOT NULL"),
        (MYSQL80, D42, "LONGTEXT NOT NULL"),
        (MARIADB, D213, "LONGTEXT NOT NULL"),
        (MARIADB, D30, "LONGTEXT NOT NULL"),
        (MARIADB, D36, "LONGTEXT DEFAULT 'x' NOT NULL"),
        (MARIADB, D42, "LONGTEXT DEFAULT 'x' NOT NULL"),
    ] {
        let mut remarks = Vec::new();
        let facts = facts(server, profile);
        let made = PLATFORM.column(&column, &facts, &mut remarks).unwrap();
        assert_eq!(
            column_body(&made, &no_table(), &facts),
            expected,
            "{server} {profile}"
        );
        assert_eq!(remarks.is_empty(), expected.contains("DEFAULT"));
    }
}

#[test]
fn old_releases_quote_without_escaping_unless_that_breaks_the_statement() {
    for (default, profile, expected) in [
        ("a\\nb", D29, "'a\\nb'"),
        ("a\\nb", D213, "'a\\\\nb'"),
        ("it''s", D29, "'it''s'"),
        ("it's", D29, "'it''s'"),
        ("a\\", D29, "'a\\\\'"),
        ("plain", D25, "'plain'"),
    ] {
        let column = with("string", |c| c.default = Some(default.to_owned()));
        assert_eq!(
            declared(&column, &facts(MYSQL57, profile)).unwrap(),
            format!("VARCHAR(255) DEFAULT {expected} NOT NULL"),
            "{default} {profile}"
        );
    }
}

#[test]
fn collations_are_in_backticks_since_2_10() {
    let column = with("string", |c| {
        c.options.insert("collation".to_owned(), text("utf8_bin"));
        c.options.insert("charset".to_owned(), text(""));
    });
    assert_eq!(
        declared(&column, &facts(MYSQL57, D29)).unwrap(),
        "VARCHAR(255) NOT NULL COLLATE utf8_bin"
    );
    assert_eq!(
        declared(&column, &facts(MYSQL57, D213)).unwrap(),
        "VARCHAR(255) NOT NULL COLLATE `utf8_bin`"
    );
}

#[test]
fn release_2_5_has_no_unsigned_reals() {
    let column = with("float", |c| c.unsigned = true);
    assert_eq!(
        declared(&column, &facts(MYSQL57, D25)).unwrap(),
        "DOUBLE PRECISION NOT NULL"
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
    assert_eq!(made.default.unwrap().text, "'xx'");
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
            "column definition of c: can't read `what`",
            "column definition of c makes a key of its own",
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
            "a type of the application's own needs a column-definition that says its SQL",
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
        assert_eq!(error.code, "D060");
        assert_eq!(error.message, message);
        assert_eq!(error.help.as_deref(), Some(help));
    }
    let empty = with("integer", |c| c.default = Some(String::new()));
    assert_eq!(
        declared(&empty, &facts(MYSQL80, D36)).unwrap_err().code,
        "D061"
    );
}

fn index(flags: &[&str], unique: bool, options: &[(&str, OptionValue)]) -> DoctrineIndex {
    DoctrineIndex {
        name: Ident::new("ft"),
        columns: vec![Ident::new("s"), Ident::new("id")],
        unique,
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        options: options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        origin: Origin::None,
    }
}

fn list(values: &[&str]) -> OptionValue {
    OptionValue::Map(
        values
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), text(value)))
            .collect(),
    )
}

#[test]
fn indexes_honour_flags_and_lengths() {
    let facts = facts(MYSQL80, D42);
    let mut remarks = Vec::new();
    let mut inline =
        |index: &DoctrineIndex| index_inline(&PLATFORM.index(index, &facts, &mut remarks), &facts);
    assert_eq!(
        inline(&index(&["fulltext"], false, &[])),
        "FULLTEXT INDEX ft (s, id)"
    );
    assert_eq!(
        inline(&index(&["spatial"], false, &[])),
        "SPATIAL INDEX ft (s, id)"
    );
    assert_eq!(
        inline(&index(&["fulltext"], true, &[])),
        "UNIQUE INDEX ft (s, id)"
    );
    assert_eq!(
        inline(&index(&[], false, &[("lengths", list(&["10"]))])),
        "INDEX ft (s(10), id)"
    );
    assert_eq!(
        inline(&index(&[], false, &[("lengths", list(&["", "7"]))])),
        "INDEX ft (s, id(7))"
    );
    assert!(remarks.is_empty());
}

#[test]
fn what_an_index_can_not_have_is_said() {
    let mut remarks = Vec::new();
    let partial = index(&[], true, &[("where", text("a > 1"))]);
    let made = PLATFORM.index(&partial, &facts(MYSQL80, D36), &mut remarks);
    assert!(made.predicate.is_none());
    let lengths = index(&[], false, &[("lengths", list(&["x", "3"]))]);
    let made = PLATFORM.index(&lengths, &facts(MYSQL80, D36), &mut remarks);
    assert_eq!(made.parts[1].prefix, Some(3));
    let made = PLATFORM.index(&lengths, &facts(MYSQL80, D25), &mut remarks);
    assert_eq!(made.parts[1].prefix, None);
    assert_eq!(made.kind, IndexKind::Plain);
    let codes: Vec<_> = remarks.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["D064"; 3]);
    assert_eq!(
        create_index(
            &realign_model::ObjectName::bare("t"),
            &made,
            &facts(MYSQL80, D36)
        ),
        "CREATE INDEX ft ON t (s, id)"
    );
}

fn suffix(options: &[(&str, &str)], defaults: &TableDefaults, profile: &str) -> String {
    let facts = facts(MYSQL80, profile);
    let options = options
        .iter()
        .map(|(name, value)| ((*name).to_owned(), text(value)))
        .collect();
    let mut table = no_table();
    (table.options, table.comment) = PLATFORM.table_options(&options, defaults, &facts);
    table_options(&table, &facts)
}

#[test]
fn table_options_follow_the_release() {
    let none = TableDefaults::default();
    let usual = " DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_unicode_ci` ENGINE = InnoDB";
    for (options, profile, expected) in [
        (&[][..], D36, usual),
        (
            &[],
            D29,
            " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ENGINE = InnoDB",
        ),
        (&[], D42, ""),
        (
            &[("charset", "utf8")],
            D213,
            " DEFAULT CHARACTER SET utf8 COLLATE `utf8_unicode_ci` ENGINE = InnoDB",
        ),
        (
            &[("charset", "latin1")],
            D36,
            " DEFAULT CHARACTER SET latin1 ENGINE = InnoDB",
        ),
        (
            &[("collate", "latin1_bin"), ("engine", "MyISAM")],
            D36,
            " DEFAULT CHARACTER SET latin1 COLLATE `latin1_bin` ENGINE = MyISAM",
        ),
        (
            &[("collation", "utf8mb4_bin")],
            D36,
            " DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_bin` ENGINE = InnoDB",
        ),
        // DBAL 2 does not know this name of the option, DBAL 4 not the other.
        (&[("collation", "utf8mb4_bin")], D213, usual),
        (&[("collate", "utf8mb4_bin")], D42, ""),
        (
            &[("collation", "utf8mb4_bin")],
            D42,
            " COLLATE `utf8mb4_bin`",
        ),
        (
            &[
                ("comment", "it's"),
                ("row_format", "DYNAMIC"),
                ("auto_increment", "100"),
                ("partition_options", "PARTITION BY HASH (id)"),
            ],
            D36,
            " DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_unicode_ci` ENGINE = InnoDB \
             AUTO_INCREMENT = 100 COMMENT = 'it''s'  ROW_FORMAT = DYNAMIC PARTITION BY HASH (id)",
        ),
        (
            &[("comment", "c"), ("engine", "InnoDB")],
            D42,
            " ENGINE = InnoDB COMMENT = 'c' ",
        ),
        (
            &[("comment", "'c'")],
            D29,
            " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ENGINE = InnoDB COMMENT = 'c' ",
        ),
        (
            &[
                ("table_options", "ENGINE=Aria CHARSET=latin1"),
                ("engine", "InnoDB"),
            ],
            D36,
            " ENGINE=Aria CHARSET=latin1",
        ),
    ] {
        assert_eq!(
            suffix(options, &none, profile),
            expected,
            "{options:?} {profile}"
        );
    }
}

#[test]
fn what_the_configuration_says_is_declared() {
    let defaults = TableDefaults {
        charset: Some("utf8".to_owned()),
        collation: Some("utf8_general_ci".to_owned()),
        engine: Some("Aria".to_owned()),
    };
    assert_eq!(
        suffix(&[], &defaults, D36),
        " DEFAULT CHARACTER SET utf8 COLLATE `utf8_general_ci` ENGINE = Aria"
    );
    assert_eq!(
        suffix(&[("charset", "utf8mb4")], &defaults, D36),
        " DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_unicode_ci` ENGINE = Aria"
    );
    assert_eq!(
        suffix(&[], &defaults, D42),
        " DEFAULT CHARACTER SET utf8 COLLATE `utf8_general_ci` ENGINE = Aria"
    );
    let implied = |defaults: &TableDefaults| match PLATFORM
        .table_options(&IndexMap::new(), defaults, &facts(MYSQL80, D36))
        .0
    {
        TableOptions::MySql(options) => options.collation_implied,
        other => panic!("{other:?}"),
    };
    assert!(implied(&TableDefaults::default()));
    assert!(!implied(&defaults));
}

#[test]
fn verbatim_options_are_read_for_comparison() {
    let options = [(
        "table_options".to_owned(),
        text("DEFAULT CHARSET=latin1, ENGINE = `Aria` x=1"),
    )]
    .into_iter()
    .collect();
    let (made, _) =
        PLATFORM.table_options(&options, &TableDefaults::default(), &facts(MYSQL80, D36));
    let TableOptions::MySql(made) = made else {
        panic!("{made:?}")
    };
    assert_eq!(made.engine.as_deref(), Some("Aria"));
    assert_eq!(made.charset.as_deref(), Some("latin1"));
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
