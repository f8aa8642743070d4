//! Each type in each generation, as the reference has it.

use realign_planner::{DoctrineColumn, DoctrinePlatform, Facts, IdSource, OptionValue};

use super::PLATFORM;
use crate::facts::offline;
use crate::render;

fn facts(profile: &str) -> Facts {
    let mut facts = offline("postgresql-15").expect("known");
    facts.doctrine = profile.parse().expect("a profile");
    facts
}

fn mapped(type_name: &str) -> DoctrineColumn {
    DoctrineColumn {
        length: (type_name == "string").then_some(255),
        precision: Some(10),
        scale: Some(2),
        ..DoctrineColumn::new("c", type_name)
    }
}

/// The column as SQL with its comment, or the code of what is wrong with it.
fn sql(column: &DoctrineColumn, profile: &str) -> String {
    let facts = facts(profile);
    match PLATFORM.column(column, &facts, &mut Vec::new()) {
        Ok(column) => render::describe_column(&column, &facts),
        Err(diagnostic) => diagnostic.code,
    }
}

#[test]
fn every_type_in_every_generation() {
    for (name, two, three, four) in [
        ("string", "VARCHAR(255)", "VARCHAR(255)", "VARCHAR(255)"),
        ("ascii_string", "VARCHAR(255)", "VARCHAR(255)", "VARCHAR"),
        ("text", "TEXT", "TEXT", "TEXT"),
        ("blob", "BYTEA", "BYTEA", "BYTEA"),
        ("binary", "BYTEA", "BYTEA", "BYTEA"),
        ("integer", "INT", "INT", "INT"),
        ("bigint", "BIGINT", "BIGINT", "BIGINT"),
        ("smallint", "SMALLINT", "SMALLINT", "SMALLINT"),
        ("boolean", "BOOLEAN", "BOOLEAN", "BOOLEAN"),
        (
            "decimal",
            "NUMERIC(10, 2)",
            "NUMERIC(10, 2)",
            "NUMERIC(10, 2)",
        ),
        (
            "float",
            "DOUBLE PRECISION",
            "DOUBLE PRECISION",
            "DOUBLE PRECISION",
        ),
        ("smallfloat", "D101", "D101", "REAL"),
        ("date", "DATE", "DATE", "DATE"),
        (
            "time",
            "TIME(0) WITHOUT TIME ZONE",
            "TIME(0) WITHOUT TIME ZONE",
            "TIME(0) WITHOUT TIME ZONE",
        ),
        (
            "datetime",
            "TIMESTAMP(0) WITHOUT TIME ZONE",
            "TIMESTAMP(0) WITHOUT TIME ZONE",
            "TIMESTAMP(0) WITHOUT TIME ZONE",
        ),
        (
            "datetimetz",
            "TIMESTAMP(0) WITH TIME ZONE",
            "TIMESTAMP(0) WITH TIME ZONE",
            "TIMESTAMP(0) WITH TIME ZONE",
        ),
        (
            "date_immutable",
            "DATE COMMENT '(DC2Type:date_immutable)'",
            "DATE COMMENT '(DC2Type:date_immutable)'",
            "DATE",
        ),
        (
            "dateinterval",
            "VARCHAR(255) COMMENT '(DC2Type:dateinterval)'",
            "VARCHAR(255) COMMENT '(DC2Type:dateinterval)'",
            "VARCHAR(255)",
        ),
        ("guid", "UUID", "UUID", "UUID"),
        ("json", "JSON", "JSON", "JSON"),
        (
            "json_array",
            "JSON COMMENT '(DC2Type:json_array)'",
            "D101",
            "D101",
        ),
        (
            "simple_array",
            "TEXT COMMENT '(DC2Type:simple_array)'",
            "TEXT COMMENT '(DC2Type:simple_array)'",
            "TEXT",
        ),
        (
            "array",
            "TEXT COMMENT '(DC2Type:array)'",
            "TEXT COMMENT '(DC2Type:array)'",
            "D101",
        ),
    ] {
        let column = mapped(name);
        for (profile, expected) in [("2", two), ("3", three), ("4", four)] {
            let expected = if expected == "D101" {
                expected.to_owned()
            } else {
                let (kind, comment) = expected.split_once(" COMMENT").unwrap_or((expected, ""));
                let comment = if comment.is_empty() {
                    String::new()
                } else {
                    format!(" COMMENT{comment}")
                };
                format!("{kind} NOT NULL{comment}")
            };
            assert_eq!(sql(&column, profile), expected, "{name} in {profile}");
        }
    }
}

#[test]
fn defaults_are_spelled_by_type_and_generation() {
    let with = |name: &str, default: &str| DoctrineColumn {
        default: Some(default.to_owned()),
        ..mapped(name)
    };
    for (column, profile, expected) in [
        (with("boolean", "1"), "2", "BOOLEAN DEFAULT 'true' NOT NULL"),
        (with("boolean", "1"), "3", "BOOLEAN DEFAULT true NOT NULL"),
        (with("boolean", "no"), "4", "BOOLEAN DEFAULT false NOT NULL"),
        (with("boolean", "maybe"), "3", "D061"),
        (with("boolean", " "), "3", "D061"),
        (with("bigint", ""), "3", "D061"),
        (with("integer", "00"), "3", "INT DEFAULT 00 NOT NULL"),
        (
            with("decimal", "0.00"),
            "3",
            "NUMERIC(10, 2) DEFAULT '0.00' NOT NULL",
        ),
        (
            with("datetime", "CURRENT_TIMESTAMP"),
            "3",
            "TIMESTAMP(0) WITHOUT TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL",
        ),
        (
            with("datetime", "now()"),
            "3",
            "TIMESTAMP(0) WITHOUT TIME ZONE DEFAULT 'now()' NOT NULL",
        ),
        (
            with("string", "it's"),
            "3",
            "VARCHAR(255) DEFAULT 'it''s' NOT NULL",
        ),
    ] {
        assert_eq!(sql(&column, profile), expected);
    }
}

#[test]
fn ids_and_options_hang_on_the_generation() {
    let id = DoctrineColumn {
        autoincrement: true,
        default: Some("3".to_owned()),
        ..mapped("bigint")
    };
    assert_eq!(sql(&id, "3"), "BIGSERIAL NOT NULL");
    assert_eq!(
        sql(&id, "4"),
        "BIGINT GENERATED BY DEFAULT AS IDENTITY NOT NULL"
    );
    assert_eq!(PLATFORM.id_source("AUTO", &facts("3")), IdSource::Sequence);
    assert_eq!(PLATFORM.id_source("AUTO", &facts("4")), IdSource::Identity);
    assert_eq!(PLATFORM.id_source("NONE", &facts("4")), IdSource::Plain);
    let mut json = mapped("json");
    json.options
        .insert("jsonb".to_owned(), OptionValue::Text("true".to_owned()));
    assert_eq!(sql(&json, "3"), "JSONB NOT NULL");
    let mut long = mapped("string");
    long.length = Some(70_000);
    assert_eq!(sql(&long, "3"), "TEXT NOT NULL");
    assert_eq!(sql(&long, "4"), "VARCHAR(70000) NOT NULL");
    let mut own = mapped("string");
    own.definition = Some("mood DEFAULT 'ok' NOT NULL".to_owned());
    assert_eq!(sql(&own, "3"), "mood DEFAULT 'ok' NOT NULL");
}
