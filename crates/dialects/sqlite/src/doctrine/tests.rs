use super::*;
use crate::render;
use realign_planner::Profile;

fn facts(profile: &str) -> Facts {
    Facts {
        doctrine: profile.parse::<Profile>().expect("a profile"),
        ..crate::facts::offline("sqlite").expect("this engine")
    }
}

fn field(type_name: &str) -> DoctrineColumn {
    DoctrineColumn {
        length: (type_name == "string").then_some(255),
        ..DoctrineColumn::new("c", type_name)
    }
}

fn declared(column: &DoctrineColumn, profile: &str) -> String {
    let facts = facts(profile);
    match PLATFORM.column(column, &facts, &mut Vec::new()) {
        Ok(made) => {
            let key = made.identity.is_some();
            render::clauses(&made, key, &facts)
        }
        Err(error) => error.code,
    }
}

#[test]
fn every_type_in_every_generation() {
    for (type_name, two, three, four) in [
        (
            "smallint",
            "SMALLINT NOT NULL",
            "SMALLINT NOT NULL",
            "SMALLINT NOT NULL",
        ),
        (
            "integer",
            "INTEGER NOT NULL",
            "INTEGER NOT NULL",
            "INTEGER NOT NULL",
        ),
        (
            "bigint",
            "BIGINT NOT NULL",
            "BIGINT NOT NULL",
            "BIGINT NOT NULL",
        ),
        (
            "string",
            "VARCHAR(255) NOT NULL",
            "VARCHAR(255) NOT NULL",
            "VARCHAR(255) NOT NULL",
        ),
        (
            "ascii_string",
            "VARCHAR(255) NOT NULL",
            "VARCHAR(255) NOT NULL",
            "VARCHAR NOT NULL",
        ),
        ("text", "CLOB NOT NULL", "CLOB NOT NULL", "CLOB NOT NULL"),
        ("blob", "BLOB NOT NULL", "BLOB NOT NULL", "BLOB NOT NULL"),
        ("binary", "BLOB NOT NULL", "BLOB NOT NULL", "BLOB NOT NULL"),
        (
            "boolean",
            "BOOLEAN NOT NULL",
            "BOOLEAN NOT NULL",
            "BOOLEAN NOT NULL",
        ),
        (
            "decimal",
            "NUMERIC(10, 0) NOT NULL",
            "NUMERIC(10, 0) NOT NULL",
            "D061",
        ),
        (
            "float",
            "DOUBLE PRECISION NOT NULL",
            "DOUBLE PRECISION NOT NULL",
            "DOUBLE PRECISION NOT NULL",
        ),
        ("smallfloat", "D101", "D101", "REAL NOT NULL"),
        ("date", "DATE NOT NULL", "DATE NOT NULL", "DATE NOT NULL"),
        ("time", "TIME NOT NULL", "TIME NOT NULL", "TIME NOT NULL"),
        (
            "datetime",
            "DATETIME NOT NULL",
            "DATETIME NOT NULL",
            "DATETIME NOT NULL",
        ),
        (
            "datetimetz",
            "DATETIME NOT NULL",
            "DATETIME NOT NULL",
            "DATETIME NOT NULL",
        ),
        (
            "guid",
            "CHAR(36) NOT NULL --(DC2Type:guid)\n",
            "CHAR(36) NOT NULL --(DC2Type:guid)\n",
            "CHAR(36) NOT NULL",
        ),
        (
            "json",
            "CLOB NOT NULL --(DC2Type:json)\n",
            "CLOB NOT NULL --(DC2Type:json)\n",
            "CLOB NOT NULL",
        ),
        (
            "json_array",
            "CLOB NOT NULL --(DC2Type:json_array)\n",
            "D101",
            "D101",
        ),
        (
            "array",
            "CLOB NOT NULL --(DC2Type:array)\n",
            "CLOB NOT NULL --(DC2Type:array)\n",
            "D101",
        ),
        (
            "simple_array",
            "CLOB NOT NULL --(DC2Type:simple_array)\n",
            "CLOB NOT NULL --(DC2Type:simple_array)\n",
            "CLOB NOT NULL",
        ),
        (
            "dateinterval",
            "VARCHAR(255) NOT NULL --(DC2Type:dateinterval)\n",
            "VARCHAR(255) NOT NULL --(DC2Type:dateinterval)\n",
            "VARCHAR(255) NOT NULL",
        ),
        (
            "date_immutable",
            "DATE NOT NULL --(DC2Type:date_immutable)\n",
            "DATE NOT NULL --(DC2Type:date_immutable)\n",
            "DATE NOT NULL",
        ),
        ("enum", "D101", "D101", "D061"),
        ("point", "D101", "D101", "D101"),
    ] {
        let column = field(type_name);
        for (profile, expected) in [("2", two), ("3", three), ("4", four)] {
            assert_eq!(
                declared(&column, profile),
                expected,
                "{type_name} {profile}"
            );
        }
    }
}

#[test]
fn defaults_are_written_as_the_type_asks() {
    for (type_name, default, two, three) in [
        ("integer", "05", "05", "05"),
        ("boolean", "0", "'0'", "0"),
        ("boolean", "true", "'true'", "true"),
        ("decimal", "0.00", "'0.00'", "'0.00'"),
        ("string", "it's", "'it''s'", "'it''s'"),
        (
            "datetime",
            "CURRENT_TIMESTAMP",
            "CURRENT_TIMESTAMP",
            "CURRENT_TIMESTAMP",
        ),
        (
            "datetime",
            "current_timestamp",
            "'current_timestamp'",
            "'current_timestamp'",
        ),
        ("date", "CURRENT_DATE", "CURRENT_DATE", "CURRENT_DATE"),
        ("time", "CURRENT_TIME", "CURRENT_TIME", "CURRENT_TIME"),
        (
            "date",
            "CURRENT_TIMESTAMP",
            "'CURRENT_TIMESTAMP'",
            "'CURRENT_TIMESTAMP'",
        ),
    ] {
        let mut column = field(type_name);
        column.default = Some(default.to_owned());
        for (profile, expected) in [("2", two), ("3", three)] {
            let text = declared(&column, profile);
            assert!(
                text.contains(&format!("DEFAULT {expected} NOT NULL")),
                "{type_name} {default}: {text}"
            );
        }
    }
}

#[test]
fn an_empty_default_is_no_number() {
    for type_name in ["integer", "smallint", "boolean"] {
        let mut column = field(type_name);
        column.default = Some(String::new());
        assert_eq!(declared(&column, "3"), "D061", "{type_name}");
    }
}

#[test]
fn the_key_of_the_engine_by_release() {
    let mut column = field("bigint");
    column.autoincrement = true;
    column.unsigned = true;
    assert_eq!(
        declared(&column, "orm-2.14/dbal-3.6"),
        "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
    );
    assert_eq!(declared(&column, "orm-2.5/dbal-2.7"), "INTEGER NOT NULL");
}

#[test]
fn options_and_comments() {
    let mut column = field("string");
    column.not_null = false;
    column.comment = Some("two\nlines".to_owned());
    column.options.insert(
        "collation".to_owned(),
        OptionValue::Text("NOCASE".to_owned()),
    );
    assert_eq!(
        declared(&column, "3"),
        "VARCHAR(255) DEFAULT NULL COLLATE \"NOCASE\" --two\n--lines\n"
    );
    assert_eq!(
        declared(&column, "2"),
        "VARCHAR(255) DEFAULT NULL COLLATE NOCASE --two\n--lines\n"
    );
    column.length = Some(5000);
    assert!(declared(&column, "3").starts_with("CLOB"));
    assert!(declared(&column, "4").starts_with("VARCHAR(5000)"));
    column.length = Some(0);
    assert!(declared(&column, "3").starts_with("TEXT"));
    let mut column = field("dateinterval");
    column.fixed = true;
    assert!(declared(&column, "3").starts_with("CHAR(255)"));
}

#[test]
fn a_definition_is_read_and_printed_as_it_stands() {
    let mut column = field("string");
    let text = "VARCHAR(20) COLLATE NOCASE DEFAULT 'x' NOT NULL CHECK (c <> '')";
    column.definition = Some(text.to_owned());
    let mut remarks = Vec::new();
    let made = PLATFORM
        .column(&column, &facts("3"), &mut remarks)
        .expect("is taken");
    assert!(remarks.is_empty(), "{remarks:?}");
    assert_eq!(made.data_type, DataType::varchar(20));
    assert_eq!(made.default, Some(Expr::new("'x'")));
    assert_eq!(made.collation.as_deref(), Some("NOCASE"));
    assert!(!made.nullable);
    assert_eq!(declared(&column, "3"), text);

    column.definition = Some("VARCHAR(20) CHARACTER SET utf8 %".to_owned());
    let made = PLATFORM
        .column(&column, &facts("3"), &mut remarks)
        .expect("is taken");
    assert_eq!(remarks.len(), 1);
    assert_eq!(
        made.definition.as_deref(),
        Some("VARCHAR(20) CHARACTER SET utf8 %")
    );
}

#[test]
fn schemas_are_folded_into_names() {
    let name = |profile| {
        PLATFORM
            .table_name(Some(Ident::new("s")), Ident::new("t"), &facts(profile))
            .to_string()
    };
    assert_eq!(name("3"), "s__t");
    assert_eq!(name("4"), "s.t");
}

#[test]
fn only_the_main_database_is_within_reach() {
    let reached = |schema: Option<&str>| {
        let name = ObjectName::new(schema.map(Ident::new), Ident::new("t"));
        let reached = PLATFORM.within_reach(&name, &facts("4"));
        reached.map(|name| name.to_string())
    };
    assert_eq!(reached(None).as_deref(), Some("t"));
    assert_eq!(reached(Some("main")).as_deref(), Some("t"));
    assert_eq!(reached(Some("attached")), None);
}
