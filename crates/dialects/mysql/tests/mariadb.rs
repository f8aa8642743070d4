//! What the dialect says of MariaDB, held to a real server.

use realign_model::Ident;
use realign_mysql::MYSQL;
use realign_planner::{Dialect, DoctrineColumn, Facts, Rows, Value};
use realign_testkit::{Live as _, TestDatabase, mariadb};

const PROFILES: &[&str] = &[
    "orm-2.5/dbal-2.5",
    "orm-2.6/dbal-2.9",
    "orm-2.8/dbal-2.13",
    "orm-2.14/dbal-3.6",
    "orm-2.20/dbal-3.9",
    "orm-3.3/dbal-4.2",
];

/// The facts as the server tells them, for one profile.
fn facts(database: &TestDatabase, profile: &str) -> Facts {
    let queries = MYSQL.facts_queries();
    let answers: Vec<Rows> = queries
        .iter()
        .map(|query| Rows {
            // The client's batch mode gives no names: they are the aliases of the query.
            columns: query
                .sql
                .split(" AS ")
                .skip(1)
                .filter_map(|rest| rest.split(',').next())
                .map(str::to_owned)
                .collect(),
            rows: database
                .rows(&query.sql)
                .into_iter()
                .map(|row| row.into_iter().map(Value::Text).collect())
                .collect(),
        })
        .collect();
    let mut facts = MYSQL.facts(&answers);
    facts.doctrine = profile.parse().expect("a profile");
    facts
}

#[test]
fn the_server_tells_its_facts() {
    let database = mariadb().database();
    let facts = facts(&database, PROFILES[0]);
    assert_eq!(facts.vendor, "mariadb");
    assert!(facts.version.at_least(10, 6, 0), "{}", facts.version);
    assert_eq!(facts.setting("current_database"), database.name());
    assert!(!facts.setting("collation_database").is_empty());
    assert!(!facts.setting("sql_mode").is_empty());
}

#[test]
fn every_word_that_the_server_knows_can_be_a_name() {
    let database = mariadb().database();
    let words = database.rows("SELECT WORD FROM information_schema.KEYWORDS");
    assert!(words.len() > 500, "{}", words.len());
    for profile in ["orm-2.5/dbal-2.5", "orm-2.14/dbal-3.6", "orm-3.3/dbal-4.2"] {
        let facts = facts(&database, profile);
        let script: String = words
            .iter()
            .map(|row| row[0].as_str())
            // Operators are keywords too, and no index may be called like the primary key.
            .filter(|word| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
            .filter(|word| *word != "PRIMARY")
            .map(|word| {
                let name = MYSQL.quote(&Ident::new(word), &facts);
                format!(
                    "CREATE TABLE {name} ({name} INT NOT NULL, INDEX {name} ({name}));\n\
                     ALTER TABLE {name} ADD CONSTRAINT {name} CHECK ({name} > 0);\n\
                     DROP TABLE {name};\n"
                )
            })
            .collect::<Vec<_>>()
            .concat();
        database.client(&script);
    }
}

fn mapped(type_name: &str) -> DoctrineColumn {
    DoctrineColumn {
        length: Some(40),
        precision: Some(8),
        scale: Some(2),
        unsigned: true,
        comment: Some("it's a \\".to_owned()),
        values: vec!["a".to_owned(), "it's".to_owned()],
        ..DoctrineColumn::new("c", type_name)
    }
}

/// A default that makes sense for a type, as a mapping would write it.
fn usual_default(type_name: &str) -> Option<&'static str> {
    Some(match type_name {
        "integer" | "bigint" | "smallint" | "boolean" => "1",
        "decimal" | "float" | "smallfloat" => "0.25",
        "string" | "ascii_string" | "text" => "it's a \\",
        "datetime" | "datetimetz" | "datetime_immutable" | "vardatetime" => "CURRENT_TIMESTAMP",
        "enum" => "it's",
        _ => return None,
    })
}

#[test]
fn the_server_takes_every_declaration() {
    let database = mariadb().database();
    let types = [
        "string",
        "ascii_string",
        "integer",
        "bigint",
        "smallint",
        "text",
        "blob",
        "binary",
        "boolean",
        "decimal",
        "float",
        "smallfloat",
        "date",
        "date_immutable",
        "time",
        "time_immutable",
        "datetime",
        "datetime_immutable",
        "datetimetz",
        "datetimetz_immutable",
        "vardatetime",
        "dateinterval",
        "guid",
        "json",
        "json_array",
        "simple_array",
        "array",
        "object",
        "enum",
    ];
    for profile in PROFILES {
        let facts = facts(&database, profile);
        let mut declared = 0;
        for type_name in types {
            for (not_null, default) in [
                (true, None),
                (false, None),
                (true, usual_default(type_name)),
            ] {
                let mut column = mapped(type_name);
                column.not_null = not_null;
                // Before 2.10 DBAL does not escape, and a mapping had to do it.
                column.default = default
                    .map(|text| text.replace('\\', "/"))
                    .filter(|text| !text.contains('\'') || facts.doctrine.dbal_at_least(2, 10));
                let Ok(made) = MYSQL.doctrine().column(&column, &facts, &mut Vec::new()) else {
                    continue;
                };
                let body = MYSQL.describe_column(&made, &facts);
                database
                    .try_client(&format!("CREATE OR REPLACE TABLE t (c {body})"))
                    .unwrap_or_else(|error| panic!("{type_name} with {profile}: {body}: {error}"));
                declared += 1;
            }
        }
        assert!(declared > 50, "{profile}: {declared}");
    }
}
