//! Names that change, and columns that start or stop to be counted.

use realign_model::Database;
use realign_planner::{Policy, Renames};

use crate::support::{TestDatabase, script, wish_of};

/// The wish that another script makes.
fn wish(sql: &str) -> Database {
    wish_of(&TestDatabase::with(sql))
}

#[test]
fn a_serial_column_keeps_the_sequence_that_it_takes_over() {
    let from =
        "CREATE TABLE t (id INT PRIMARY KEY); CREATE SEQUENCE t_id_seq; INSERT INTO t VALUES (5);";
    let database = TestDatabase::with(from);
    let complete = Policy {
        complete: true,
        ..Policy::default()
    };
    let wish = wish("CREATE TABLE t (id SERIAL PRIMARY KEY);");
    database.update(&wish, &complete).expect("possible");
    assert_eq!(
        database
            .run("INSERT INTO t DEFAULT VALUES RETURNING id")
            .lines()
            .next(),
        Some("6")
    );
}

#[test]
fn a_column_that_is_counted_no_more_may_take_another_type() {
    for to in ["UUID", "TEXT DEFAULT 'x'", "INT DEFAULT 5"] {
        for from in ["SERIAL", "INT GENERATED ALWAYS AS IDENTITY"] {
            let database = TestDatabase::with(&format!("CREATE TABLE t (id {from} NOT NULL);"));
            let wish = wish(&format!("CREATE TABLE t (id {to} NOT NULL);"));
            let policy = Policy::default();
            database.update(&wish, &policy).expect("possible");
            let again = database.plan(&wish, &policy);
            assert!(again.is_empty(), "{from} -> {to}: {}", script(&again));
        }
    }
}

#[test]
fn keys_of_a_renamed_table_go_by_its_new_name() {
    let database = TestDatabase::with(
        "CREATE TABLE t (id INT PRIMARY KEY, b INT UNIQUE, c TEXT CONSTRAINT own UNIQUE);
         CREATE TABLE old (id INT PRIMARY KEY CONSTRAINT gone REFERENCES t (id), b INT CONSTRAINT moved REFERENCES t (b), u TEXT CONSTRAINT once UNIQUE, d TEXT CONSTRAINT aside REFERENCES t (c));
         INSERT INTO t VALUES (7, 8, '9'); INSERT INTO old VALUES (7, 8, 'x', '9');
         CREATE TABLE \"Case\" (id INT PRIMARY KEY CONSTRAINT away REFERENCES t (id));",
    );
    let wish = wish(
        "CREATE TABLE t (id INT PRIMARY KEY, b INT UNIQUE, c INT CONSTRAINT own UNIQUE);
         CREATE TABLE new (id INT PRIMARY KEY, b INT CONSTRAINT moved REFERENCES t (b) ON DELETE CASCADE, u TEXT, d INT CONSTRAINT aside REFERENCES t (c));
         CREATE TABLE \"case\" (id INT PRIMARY KEY);",
    );
    let policy = Policy {
        complete: true,
        renames: Renames {
            tables: vec![("old".to_owned(), "new".to_owned())],
            columns: Vec::new(),
        },
        ..Policy::default()
    };
    database.update(&wish, &policy).expect("possible");
    let rows = database.run("SELECT id, b, u, d FROM new");
    assert_eq!(rows.trim(), "7|8|x|9");
}
