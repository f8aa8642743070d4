//! One aspect changed in the live database: it is seen, named, and mended.

mod database;

use database::{Live, complete, model};
use realign_planner::{Aspect, Policy, Weight};

/// What everything below is changed from.
const DECLARED: &[&str] = &[
    "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, code VARCHAR(10) NOT NULL)",
    "CREATE UNIQUE INDEX code_uniq ON parent (code)",
    "CREATE TABLE t --a table\n(id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, a VARCHAR(50) DEFAULT 'x' NOT NULL, b INTEGER DEFAULT 0 NOT NULL, c NUMERIC(10, 2) DEFAULT NULL --hello(DC2Type:json)\n, d VARCHAR(10) DEFAULT NULL COLLATE \"NOCASE\", e INTEGER GENERATED ALWAYS AS (b + 1) STORED, p INTEGER DEFAULT NULL, CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE NOT DEFERRABLE INITIALLY IMMEDIATE, CONSTRAINT positive CHECK (b >= 0))",
    "CREATE INDEX plain ON t (a, b DESC)",
    "CREATE INDEX part ON t (b) WHERE b > 5",
    "CREATE INDEX ex ON t (lower(a), b)",
    "CREATE UNIQUE INDEX uniq ON t (a, p)",
    "CREATE TABLE s (id INTEGER NOT NULL, v TEXT DEFAULT NULL, PRIMARY KEY(id)) STRICT",
    "CREATE TABLE w (id VARCHAR(5) NOT NULL, v INTEGER DEFAULT NULL, PRIMARY KEY(id)) WITHOUT ROWID",
];

/// Makes the database with one text replaced, and says what is found.
fn mutant(from: &str, to: &str, object: &str, aspect: Aspect) {
    let statements: Vec<String> = DECLARED.iter().map(|sql| sql.replace(from, to)).collect();
    assert!(
        statements.iter().zip(DECLARED).any(|(a, b)| a != b),
        "nothing is replaced: {from}"
    );
    let wish = model(DECLARED);
    let mut live = Live::after(&statements);
    live.run("INSERT INTO parent (id, code) VALUES (1, 'p')");
    live.run("INSERT INTO t (id, a, b, p) VALUES (7, 'one', 1, 1)");
    let found = live.diff(&wish, &Policy::default());
    let seen: Vec<(String, Aspect)> = found
        .of(Weight::Differs)
        .map(|f| (f.object.clone(), f.aspect))
        .collect();
    assert!(
        seen.contains(&(object.to_owned(), aspect)),
        "{from} => {to}: {seen:?}"
    );
    live.update(&wish, &Policy::default());
    assert_eq!(
        live.rows("SELECT id, a FROM t"),
        ["7|one"],
        "{from} => {to}"
    );
    let mut fresh = Live::after(DECLARED);
    assert_eq!(live.texts(), fresh.texts(), "{from} => {to}");
}

#[test]
fn the_undisturbed_database_is_clean() {
    let wish = model(DECLARED);
    let mut live = Live::after(DECLARED);
    let found = live.diff(&wish, &database::complete());
    assert!(found.findings.is_empty(), "{:#?}", found.findings);
}

#[test]
fn columns() {
    mutant(
        "DEFAULT 'x' NOT NULL",
        "DEFAULT 'y' NOT NULL",
        "t.a",
        Aspect::Default,
    );
    mutant("DEFAULT 'x' NOT NULL", "NOT NULL", "t.a", Aspect::Default);
    mutant(
        "b INTEGER DEFAULT 0 NOT NULL",
        "b INTEGER DEFAULT 0",
        "t.b",
        Aspect::Nullability,
    );
    mutant("a VARCHAR(50)", "a VARCHAR(40)", "t.a", Aspect::Type);
    mutant("c NUMERIC(10, 2)", "c NUMERIC(10, 3)", "t.c", Aspect::Type);
    mutant(
        "b INTEGER DEFAULT 0",
        "b BIGINT DEFAULT 0",
        "t.b",
        Aspect::Type,
    );
    mutant(" COLLATE \"NOCASE\"", "", "t.d", Aspect::Collation);
    mutant(
        "p INTEGER DEFAULT NULL",
        "p INTEGER DEFAULT NULL COLLATE RTRIM",
        "t.p",
        Aspect::Collation,
    );
    mutant(
        "AS (b + 1) STORED",
        "AS (b + 2) STORED",
        "t.e",
        Aspect::Generated,
    );
    mutant(
        "AS (b + 1) STORED",
        "AS (b + 1) VIRTUAL",
        "t.e",
        Aspect::Generated,
    );
    mutant(
        "t --a table\n(id INTEGER PRIMARY KEY AUTOINCREMENT",
        "t --a table\n(id INTEGER PRIMARY KEY",
        "t.id",
        Aspect::Identity,
    );
    mutant("--hello(", "--hallo(", "t.c", Aspect::Comment);
    mutant("(DC2Type:json)", "(DC2Type:array)", "t.c", Aspect::TypeMark);
    mutant("(DC2Type:json)", "", "t.c", Aspect::TypeMark);
}

#[test]
fn keys() {
    mutant(
        " ON DELETE CASCADE",
        "",
        "t foreign key fk",
        Aspect::Actions,
    );
    mutant(
        " ON DELETE CASCADE",
        " ON DELETE SET NULL",
        "t foreign key fk",
        Aspect::Actions,
    );
    mutant(
        " ON DELETE CASCADE",
        " ON UPDATE CASCADE ON DELETE CASCADE",
        "t foreign key fk",
        Aspect::Actions,
    );
    mutant(
        "NOT DEFERRABLE INITIALLY IMMEDIATE",
        "DEFERRABLE INITIALLY DEFERRED",
        "t foreign key fk",
        Aspect::Deferrability,
    );
    mutant(
        " CHECK (b >= 0)",
        " CHECK (b >= 1)",
        "t check positive",
        Aspect::Expression,
    );
    mutant(
        ", CONSTRAINT positive CHECK (b >= 0)",
        "",
        "t check positive",
        Aspect::Existence,
    );
    mutant(
        "PRIMARY KEY(id)) WITHOUT",
        "PRIMARY KEY(id, v)) WITHOUT",
        "w primary key",
        Aspect::Columns,
    );
}

#[test]
fn indexes() {
    mutant(
        "plain ON t (a, b DESC)",
        "plain ON t (b DESC, a)",
        "t index plain",
        Aspect::Columns,
    );
    mutant(
        "plain ON t (a, b DESC)",
        "plain ON t (a, b)",
        "t index plain",
        Aspect::Columns,
    );
    mutant(
        "plain ON t (a, b DESC)",
        "plain ON t (a COLLATE NOCASE, b DESC)",
        "t index plain",
        Aspect::Columns,
    );
    mutant(
        "WHERE b > 5",
        "WHERE b > 6",
        "t index part",
        Aspect::Predicate,
    );
    mutant(" WHERE b > 5", "", "t index part", Aspect::Predicate);
    mutant(
        "(lower(a), b)",
        "(upper(a), b)",
        "t index ex",
        Aspect::Columns,
    );
    mutant(
        "CREATE UNIQUE INDEX uniq",
        "CREATE INDEX uniq",
        "t index uniq",
        Aspect::Uniqueness,
    );
    mutant(
        "INDEX plain",
        "INDEX another",
        "t index plain",
        Aspect::Name,
    );
}

#[test]
fn tables() {
    mutant(") STRICT", ")", "s", Aspect::Options);
    mutant(") WITHOUT ROWID", ")", "w", Aspect::Options);
    mutant("--a table", "--another", "t", Aspect::Comment);
}

#[test]
fn spelling_makes_no_difference() {
    let wish = model(DECLARED);
    for (from, to) in [
        ("b INTEGER", "\"B\" integer"),
        ("VARCHAR(50)", "varchar ( 50 )"),
        ("NUMERIC(10, 2)", "decimal(10,2)"),
        ("DEFAULT 0 NOT NULL", "NOT NULL DEFAULT '0'"),
        ("DEFAULT 'x' NOT NULL", "DEFAULT \"x\" NOT NULL"),
        ("CONSTRAINT fk ", ""),
        ("CHECK (b >= 0)", "CHECK ((\"b\">=0))"),
        ("NOT DEFERRABLE INITIALLY IMMEDIATE", ""),
        ("CASCADE NOT", "CASCADE ON UPDATE NO ACTION NOT"),
        ("p INTEGER DEFAULT NULL,", "p INT COLLATE BINARY,"),
        ("REFERENCES parent (id)", "REFERENCES PARENT"),
        (
            "id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, code",
            "id INTEGER PRIMARY KEY AUTOINCREMENT, code",
        ),
        ("WHERE b > 5", "WHERE (\"b\" > 5)"),
    ] {
        let statements: Vec<String> = DECLARED
            .iter()
            .map(|sql| sql.replacen(from, to, 1))
            .collect();
        assert!(
            statements.iter().zip(DECLARED).any(|(a, b)| a != b),
            "{from}"
        );
        let mut live = Live::after(&statements);
        let found = live.diff(&wish, &Policy::default());
        assert!(found.in_sync(), "{from} => {to}: {:#?}", found.findings);
    }
}

#[test]
fn a_plain_integer_key_is_in_sync_with_itself() {
    let child = ["CREATE TABLE child (id INTEGER NOT NULL, v INTEGER NOT NULL, PRIMARY KEY(id))"];
    let wish = model(&child);
    let mut live = Live::after(&child);
    assert!(live.plan(&wish, &Policy::default()).is_empty());
    let mut other =
        Live::after(&["CREATE TABLE child (id INT NOT NULL, v INTEGER NOT NULL, PRIMARY KEY(id))"]);
    assert!(!other.plan(&wish, &Policy::default()).is_empty());
}

#[test]
fn what_a_constraint_does_with_a_row_is_compared_and_kept() {
    let before = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT, A TEXT NOT NULL ON CONFLICT IGNORE, b INT UNIQUE ON CONFLICT FAIL, n INT, own INT, UNIQUE (b, a) ON CONFLICT ROLLBACK)",
    ];
    let plain = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, A TEXT NOT NULL, b INT UNIQUE, n INT, own INT, UNIQUE (b, a))",
    ];
    for (from, to) in [(before, plain), (plain, before)] {
        let mut live = Live::after(&from);
        let found = live.diff(&model(&to), &complete());
        assert!(
            found.findings.iter().any(|f| f.aspect == Aspect::Options),
            "{:#?}",
            found.findings
        );
        live.update(&model(&to), &complete());
    }
    // A column that nobody declares stays, and so the table can't be made by its declared text.
    let mut live = Live::after(&before);
    live.update(
        &model(&["CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT, A TEXT NOT NULL ON CONFLICT IGNORE, b INT UNIQUE ON CONFLICT FAIL, n BIGINT, UNIQUE (b, a) ON CONFLICT ROLLBACK)"]),
        &Policy::default(),
    );
    let text = live.texts().concat();
    for clause in [
        "PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT",
        "NOT NULL ON CONFLICT IGNORE",
        "UNIQUE (b) ON CONFLICT FAIL",
        "UNIQUE (b, a) ON CONFLICT ROLLBACK",
        "own",
    ] {
        assert!(text.contains(clause), "{clause} in {text}");
    }
}
