use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest,
};
use realign_model::{DataType, FloatWidth, IntWidth, TextSize};
use realign_planner::Facts;
use realign_testkit::Live as _;

use super::{parse, render};
use crate::facts::offline;

fn mariadb() -> Facts {
    offline("mariadb-10.11").unwrap()
}

/// What the catalogue prints, and what it comes to in Doctrine's spelling.
#[test]
fn catalogue_texts_come_out_in_doctrines_spelling() {
    let facts = mariadb();
    for (printed, rendered) in [
        ("int(11)", "INT"),
        ("int", "INT"),
        ("int(10) unsigned", "INT UNSIGNED"),
        ("int(5)", "INT(5)"),
        ("int(10) unsigned zerofill", "INT(10) UNSIGNED ZEROFILL"),
        ("tinyint(1)", "TINYINT(1)"),
        ("tinyint(1) unsigned", "TINYINT(1) UNSIGNED"),
        ("tinyint(4)", "TINYINT"),
        ("tinyint(3) unsigned", "TINYINT UNSIGNED"),
        ("tinyint(2)", "TINYINT(2)"),
        ("smallint(6)", "SMALLINT"),
        ("mediumint(8) unsigned", "MEDIUMINT UNSIGNED"),
        ("mediumint(9)", "MEDIUMINT"),
        ("bigint(20)", "BIGINT"),
        ("bigint(20) unsigned", "BIGINT UNSIGNED"),
        ("decimal(10,2)", "NUMERIC(10, 2)"),
        ("decimal", "NUMERIC(10, 0)"),
        ("numeric(5) unsigned", "NUMERIC(5, 0) UNSIGNED"),
        (
            "decimal(5,2) unsigned zerofill",
            "DECIMAL(5,2) UNSIGNED ZEROFILL",
        ),
        ("double", "DOUBLE PRECISION"),
        ("double precision", "DOUBLE PRECISION"),
        ("real unsigned", "DOUBLE PRECISION UNSIGNED"),
        ("double(8,2)", "DOUBLE PRECISION(8, 2)"),
        ("float", "FLOAT"),
        ("float(10)", "FLOAT"),
        ("float(30)", "DOUBLE PRECISION"),
        ("float(7,4) unsigned", "FLOAT(7, 4) UNSIGNED"),
        ("char(36)", "CHAR(36)"),
        ("char", "CHAR(1)"),
        ("character varying(12)", "VARCHAR(12)"),
        ("national varchar(12)", "VARCHAR(12)"),
        ("varchar(255)", "VARCHAR(255)"),
        ("VarChar( 40 )", "VARCHAR(40)"),
        ("tinytext", "TINYTEXT"),
        ("text", "TEXT"),
        ("text(60)", "TINYTEXT"),
        ("text(1000)", "TEXT"),
        ("text(20000)", "MEDIUMTEXT"),
        ("long varchar", "MEDIUMTEXT"),
        ("mediumtext", "MEDIUMTEXT"),
        ("longtext", "LONGTEXT"),
        ("binary(16)", "BINARY(16)"),
        ("varbinary(20)", "VARBINARY(20)"),
        ("blob", "BLOB"),
        ("longblob", "LONGBLOB"),
        ("date", "DATE"),
        ("time", "TIME"),
        ("time(3)", "TIME(3)"),
        ("datetime", "DATETIME"),
        ("datetime(0)", "DATETIME"),
        ("datetime(6)", "DATETIME(6)"),
        ("timestamp", "TIMESTAMP"),
        ("year(4)", "YEAR"),
        ("json", "JSON"),
        ("uuid", "UUID"),
        ("bit(1)", "BIT(1)"),
        ("bit", "BIT(1)"),
        ("enum('a','it''s')", "ENUM('a', 'it''s')"),
        ("set('x','y\\\\z')", "SET('x', 'y\\\\z')"),
        ("point", "POINT"),
        ("inet6", "INET6"),
        ("vector(3)", "VECTOR(3)"),
        ("enum()", "ENUM()"),
        ("varchar(x)", "VARCHAR(X)"),
        ("int(1,2)", "INT(1,2)"),
    ] {
        assert_eq!(
            render(&parse(printed, &facts), &facts),
            rendered,
            "{printed}"
        );
    }
}

#[test]
fn families_are_recognised() {
    let facts = mariadb();
    assert_eq!(parse("tinyint(1)", &facts), DataType::Boolean);
    assert_eq!(parse("BOOL", &facts), DataType::Boolean);
    assert_eq!(parse("uuid", &facts), DataType::Uuid);
    let mysql = offline("mysql-8.0.31").unwrap();
    assert_eq!(parse("uuid", &mysql), DataType::Native("UUID".to_owned()));
    assert_eq!(
        parse("geometry", &mysql),
        DataType::Native("GEOMETRY".to_owned())
    );
    assert_eq!(
        parse("varchar(10) what is this", &mysql),
        DataType::Native("VARCHAR(10) WHAT IS THIS".to_owned())
    );
    assert_eq!(parse("", &mysql), DataType::Native(String::new()));
}

/// Types in the form that [`parse`] gives them: with the engine's defaults filled in.
fn data_type() -> impl Strategy<Value = DataType> {
    let width = prop_oneof![
        Just(IntWidth::W16),
        Just(IntWidth::W24),
        Just(IntWidth::W32),
        Just(IntWidth::W64)
    ];
    let size = prop_oneof![
        Just(TextSize::Tiny),
        Just(TextSize::Normal),
        Just(TextSize::Medium),
        Just(TextSize::Long)
    ];
    let words = prop::collection::vec("[ -~äß]{0,8}", 1..4);
    prop_oneof![
        (width, any::<bool>()).prop_map(|(width, unsigned)| DataType::Int {
            width,
            unsigned,
            display: None,
            zerofill: false
        }),
        (1..=12_u32).prop_map(|digits| DataType::Int {
            width: IntWidth::W32,
            unsigned: true,
            display: Some(digits),
            zerofill: true
        }),
        Just(DataType::Boolean),
        (1..=65_u32, 0..=30_u32, any::<bool>()).prop_map(|(precision, scale, unsigned)| {
            DataType::Decimal {
                precision: Some(precision),
                scale: Some(scale),
                unsigned,
            }
        }),
        any::<bool>().prop_map(|unsigned| DataType::Float {
            width: FloatWidth::Double,
            unsigned,
            digits: None
        }),
        (1..=20_u32, 0..=10_u32).prop_map(|(m, d)| DataType::Float {
            width: FloatWidth::Single,
            unsigned: false,
            digits: Some((m, d))
        }),
        (1..=255_u32).prop_map(|len| DataType::Char { len: Some(len) }),
        (1..=65_535_u32).prop_map(|len| DataType::Varchar { len: Some(len) }),
        size.clone().prop_map(|size| DataType::Text { size }),
        size.prop_map(|size| DataType::Blob { size }),
        (1..=255_u32).prop_map(|len| DataType::Binary { len: Some(len) }),
        (1..=65_535_u32).prop_map(|len| DataType::Varbinary { len: Some(len) }),
        Just(DataType::Date),
        prop::option::of(1..=6_u32).prop_map(|precision| DataType::Time {
            precision,
            zone: false
        }),
        prop::option::of(1..=6_u32).prop_map(|precision| DataType::DateTime { precision }),
        prop::option::of(1..=6_u32).prop_map(|precision| DataType::Timestamp { precision }),
        Just(DataType::Year),
        Just(DataType::Json { binary: false }),
        Just(DataType::Uuid),
        (1..=64_u32).prop_map(|len| DataType::Bit {
            len: Some(len),
            varying: false
        }),
        words.clone().prop_map(|values| DataType::Enum { values }),
        words.prop_map(|values| DataType::Set { values }),
    ]
}

/// Every family as a real server stores it, read back from its catalogue.
#[test]
fn what_a_server_stores_is_read_as_what_was_sent() {
    let database = realign_testkit::mariadb().database();
    let facts = mariadb();
    for declared in [
        "TINYINT(1)",
        "TINYINT",
        "TINYINT UNSIGNED",
        "SMALLINT",
        "SMALLINT UNSIGNED",
        "MEDIUMINT",
        "MEDIUMINT UNSIGNED",
        "INT",
        "INT UNSIGNED",
        "INT(5)",
        "INT(5) UNSIGNED ZEROFILL",
        "BIGINT",
        "BIGINT UNSIGNED",
        "NUMERIC(10, 2)",
        "NUMERIC(65, 30) UNSIGNED",
        "DOUBLE PRECISION",
        "DOUBLE PRECISION UNSIGNED",
        "FLOAT",
        "FLOAT(7, 4)",
        "CHAR(36)",
        "VARCHAR(255)",
        "TINYTEXT",
        "TEXT",
        "MEDIUMTEXT",
        "LONGTEXT",
        "BINARY(16)",
        "VARBINARY(20)",
        "TINYBLOB",
        "BLOB",
        "MEDIUMBLOB",
        "LONGBLOB",
        "DATE",
        "TIME",
        "TIME(3)",
        "DATETIME",
        "DATETIME(6)",
        "TIMESTAMP(3)",
        "YEAR",
        "BIT(1)",
        "BIT(64)",
        "ENUM('a', 'it''s', 'x\\\\y', 'ü, (')",
        "SET('a', 'b')",
        "UUID",
        "INET6",
        "POINT",
    ] {
        database.client(&format!(
            "CREATE OR REPLACE TABLE t (c {declared} NOT NULL)"
        ));
        let stored = &database.rows(
            "SELECT COLUMN_TYPE FROM information_schema.COLUMNS
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 't'",
        )[0][0];
        assert_eq!(
            parse(stored, &facts),
            parse(declared, &facts),
            "{declared} is stored as {stored}"
        );
        assert_eq!(render(&parse(stored, &facts), &facts), declared);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_rendered_is_read_back(data_type in data_type()) {
        let facts = mariadb();
        prop_assert_eq!(parse(&render(&data_type, &facts), &facts), data_type);
    }

    #[test]
    fn any_text_is_a_type_of_some_kind(text in any::<String>()) {
        let facts = mariadb();
        let _ = render(&parse(&text, &facts), &facts);
    }

    #[test]
    fn reading_twice_changes_nothing(text in "(int|char|enum|double|point|bit)[ ()0-9,'a]{0,12}") {
        let facts = mariadb();
        let once = parse(&text, &facts);
        prop_assert_eq!(parse(&render(&once, &facts), &facts), once);
    }
}
