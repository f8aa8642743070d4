use realign_planner::DoctrinePlatform;

use super::{
    D25, D29, D30, D36, D39, D42, D213, MARIADB, MYSQL57, MYSQL80, PLATFORM, declared, facts, text,
    with,
};
use crate::no_table;
use crate::render::column_body;

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
                c.default = Some("current_timestamp".to_owned());
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
