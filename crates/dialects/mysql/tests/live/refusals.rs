//! Data that would refuse a change is told before the first statement; data that does not,
//! does not stand in the way.

use realign_planner::{Policy, Scope};
use realign_testkit::{Live as _, Server, mariadb, mysql_or_say};

use crate::shop::Shop;

/// A table with a row that stands in the way of each change, the change, and the code.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("a INT", "NULL", "a INT NOT NULL", "R201"),
    ("a VARCHAR(20)", "'0123456789x'", "a VARCHAR(10)", "R202"),
    ("a LONGTEXT", "REPEAT('x', 300)", "a VARCHAR(255)", "R202"),
    ("a LONGTEXT", "REPEAT('ä', 40000)", "a TEXT", "R202"),
    ("a VARBINARY(9)", "'123456789'", "a VARBINARY(8)", "R202"),
    ("a BIGINT", "3000000000", "a INT", "R203"),
    ("a INT", "-1", "a INT UNSIGNED", "R203"),
    ("a INT UNSIGNED", "3000000000", "a INT", "R203"),
    ("a DECIMAL(10,2)", "12345.67", "a DECIMAL(6,2)", "R203"),
    (
        "a DECIMAL(10,2)",
        "-0.5",
        "a DECIMAL(10,2) UNSIGNED",
        "R203",
    ),
    ("a DECIMAL(10,2)", "9999.99", "a DECIMAL(5,1)", "R203"),
    ("a DOUBLE", "1e300", "a FLOAT", "R203"),
    ("a DOUBLE", "1e10", "a INT", "R203"),
    (
        "a DATETIME",
        "'2200-01-01 00:00:00'",
        "a TIMESTAMP NULL",
        "R203",
    ),
    ("a BIT(8)", "b'11111111'", "a BIT(4)", "R203"),
    ("a VARCHAR(20)", "'12 apples'", "a INT", "R207"),
    ("a VARCHAR(20)", "''", "a INT", "R207"),
    ("a VARCHAR(20)", "'no day'", "a DATE", "R207"),
    ("a LONGTEXT", "'no json'", "a JSON", "R207"),
    ("a ENUM('x','y')", "'y'", "a ENUM('x')", "R208"),
    ("a SET('x','y')", "'x,y'", "a SET('x')", "R208"),
    ("a VARCHAR(9)", "'z'", "a ENUM('x','y')", "R208"),
    (
        "a VARCHAR(9) CHARACTER SET utf8mb4",
        "'ж'",
        "a VARCHAR(9) CHARACTER SET latin1",
        "R209",
    ),
    ("a DECIMAL(10,2)", "1.25", "a DECIMAL(10,1)", "R206"),
    (
        "a DATETIME(6)",
        "'2020-01-01 00:00:00.5'",
        "a DATETIME",
        "R206",
    ),
    ("a DATETIME", "'2020-01-01 00:00:01'", "a DATE", "R206"),
    ("a DOUBLE", "1.5", "a INT", "R206"),
];

/// Values that fit although the type is narrower.
const FITTING: &[(&str, &str, &str)] = &[
    ("a VARCHAR(20)", "'0123456789'", "a VARCHAR(10)"),
    ("a BIGINT", "-2147483648", "a INT"),
    ("a VARCHAR(20)", "'-12'", "a INT"),
    ("a VARCHAR(20)", "'12.5'", "a DECIMAL(4,1)"),
    ("a VARCHAR(20)", "'2020-02-29'", "a DATE"),
    ("a VARCHAR(20)", "'x'", "a ENUM('x','y')"),
    ("a DECIMAL(10,2)", "999.90", "a DECIMAL(4,1)"),
    ("a DATETIME(6)", "'2020-01-01 00:00:00'", "a DATETIME"),
    ("a INT", "NULL", "a BIGINT"),
    ("a LONGTEXT", "'{}'", "a JSON"),
    ("a INT", "12", "a VARCHAR(2)"),
    (
        "a VARCHAR(9) CHARACTER SET utf8mb4",
        "'ä'",
        "a VARCHAR(9) CHARACTER SET latin1",
    ),
];

fn table(column: &str) -> String {
    format!("CREATE TABLE t (id INT NOT NULL, {column}, PRIMARY KEY (id)) ENGINE=InnoDB;")
}

fn policy() -> Policy {
    Policy {
        complete: true,
        scope: Scope::ALL,
        ..Policy::default()
    }
}

/// The outcome of a change from one script to another.
fn outcome(server: &'static Server, is: &str, wish: &str) -> Result<(), String> {
    let wished = Shop::on(server, wish);
    let wish = wished.inspect().database;
    Shop::on(server, is).update(&wish, &policy()).map(|_| ())
}

fn narrowing(server: &'static Server) {
    let mut failures = Vec::new();
    for (is, value, wish, code) in CASES {
        let filled = format!("{} INSERT INTO t VALUES (1, {value});", table(is));
        match outcome(server, &filled, &table(wish)) {
            Err(refusal) if refusal.starts_with(&format!("refused: {code}")) => {}
            other => failures.push(format!("{is} {value} -> {wish}: {other:?}")),
        }
    }
    for (is, value, wish) in FITTING {
        let filled = format!("{} INSERT INTO t VALUES (1, {value});", table(is));
        if let Err(problem) = outcome(server, &filled, &table(wish)) {
            failures.push(format!("{is} {value} -> {wish}: {problem}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn values_that_do_not_fit_are_told_on_mariadb() {
    narrowing(mariadb());
}

#[test]
fn values_that_do_not_fit_are_told_on_mysql() {
    if let Some(server) = mysql_or_say() {
        narrowing(server);
    }
}

/// Keys and new columns: what is there, what is wished, and the code, or none when it works.
const KEYS: &[(&str, &str, Option<&str>)] = &[
    (
        "CREATE TABLE t (id INT NOT NULL, a VARCHAR(9), PRIMARY KEY (id)); INSERT INTO t VALUES (1, 'x'), (2, 'X');",
        "CREATE TABLE t (id INT NOT NULL, a VARCHAR(9), PRIMARY KEY (id), UNIQUE KEY u (a))",
        Some("R204"),
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, a VARCHAR(9), PRIMARY KEY (id)); INSERT INTO t VALUES (1, NULL), (2, NULL);",
        "CREATE TABLE t (id INT NOT NULL, a VARCHAR(9), PRIMARY KEY (id), UNIQUE KEY u (a))",
        None,
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, a VARCHAR(9) COLLATE utf8mb4_bin, PRIMARY KEY (id), UNIQUE KEY u (a)); INSERT INTO t VALUES (1, 'x'), (2, 'X');",
        "CREATE TABLE t (id INT NOT NULL, a VARCHAR(9), PRIMARY KEY (id), UNIQUE KEY u (a))",
        Some("R204"),
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, b INT NOT NULL, PRIMARY KEY (id, b)); INSERT INTO t VALUES (1, 1), (1, 2);",
        "CREATE TABLE t (id INT NOT NULL, b INT NOT NULL, PRIMARY KEY (id))",
        Some("R204"),
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, PRIMARY KEY (id)); INSERT INTO t VALUES (1), (2);",
        "CREATE TABLE t (id INT NOT NULL, n INT NOT NULL, PRIMARY KEY (id), UNIQUE KEY u (n))",
        Some("R204"),
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, PRIMARY KEY (id)); INSERT INTO t VALUES (1);",
        "CREATE TABLE t (id INT NOT NULL, n INT NOT NULL, PRIMARY KEY (id), UNIQUE KEY u (n))",
        None,
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, PRIMARY KEY (id)); INSERT INTO t VALUES (1);",
        "CREATE TABLE t (id INT NOT NULL, n DATETIME NOT NULL, PRIMARY KEY (id))",
        Some("R210"),
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, PRIMARY KEY (id)); INSERT INTO t VALUES (1);",
        "CREATE TABLE t (id INT NOT NULL, n JSON NOT NULL, PRIMARY KEY (id))",
        Some("R210"),
    ),
    (
        "CREATE TABLE p (id INT NOT NULL, PRIMARY KEY (id)); CREATE TABLE t (id INT NOT NULL, p INT, PRIMARY KEY (id), KEY i (p)); INSERT INTO t VALUES (1, 7), (2, NULL);",
        "CREATE TABLE p (id INT NOT NULL, PRIMARY KEY (id)); CREATE TABLE t (id INT NOT NULL, p INT, PRIMARY KEY (id), KEY i (p), CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id))",
        Some("R205"),
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, p INT, PRIMARY KEY (id), KEY i (p)); INSERT INTO t VALUES (1, 7);",
        "CREATE TABLE p (id INT NOT NULL, PRIMARY KEY (id)); CREATE TABLE t (id INT NOT NULL, p INT, PRIMARY KEY (id), KEY i (p), CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id))",
        Some("R205"),
    ),
    (
        "CREATE TABLE p (id INT NOT NULL, PRIMARY KEY (id)); CREATE TABLE t (id INT NOT NULL, PRIMARY KEY (id)); INSERT INTO t VALUES (1);",
        "CREATE TABLE p (id INT NOT NULL, PRIMARY KEY (id)); CREATE TABLE t (id INT NOT NULL, p INT NOT NULL, PRIMARY KEY (id), KEY i (p), CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id))",
        Some("R205"),
    ),
    (
        "CREATE TABLE p (id INT NOT NULL, PRIMARY KEY (id)); CREATE TABLE t (id INT NOT NULL, PRIMARY KEY (id)); INSERT INTO t VALUES (1);",
        "CREATE TABLE p (id INT NOT NULL, PRIMARY KEY (id)); CREATE TABLE t (id INT NOT NULL, p INT, PRIMARY KEY (id), KEY i (p), CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id))",
        None,
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, n INT, PRIMARY KEY (id)); INSERT INTO t VALUES (1, -1);",
        "CREATE TABLE t (id INT NOT NULL, n INT, PRIMARY KEY (id), CONSTRAINT positive CHECK (n > 0))",
        Some("R211"),
    ),
    (
        "CREATE TABLE t (id INT NOT NULL, n INT, PRIMARY KEY (id)); INSERT INTO t VALUES (1, NULL);",
        "CREATE TABLE t (id INT NOT NULL, n INT, PRIMARY KEY (id), CONSTRAINT positive CHECK (n > 0))",
        None,
    ),
];

fn keys(server: &'static Server) {
    let mut failures = Vec::new();
    for (is, wish, code) in KEYS {
        let found = outcome(server, is, wish);
        let right = match (&found, code) {
            (Ok(()), None) => true,
            (Err(refusal), Some(code)) => refusal.starts_with(&format!("refused: {code}")),
            _ => false,
        };
        if !right {
            failures.push(format!("{is}\n  {wish}\n  {code:?}: {found:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn rows_that_break_a_key_are_told_on_mariadb() {
    keys(mariadb());
}

#[test]
fn rows_that_break_a_key_are_told_on_mysql() {
    if let Some(server) = mysql_or_say() {
        keys(server);
    }
}

#[test]
fn a_refusal_changes_nothing() {
    let is = format!("{} INSERT INTO t VALUES (1, NULL);", table("a INT"));
    let shop = Shop::on(mariadb(), &is);
    let before = shop.outside();
    let wish = Shop::on(mariadb(), &table("a INT NOT NULL, b INT NOT NULL"))
        .inspect()
        .database;
    assert!(shop.update(&wish, &policy()).is_err());
    assert_eq!(before.differences(&shop.outside()), "");
    assert_eq!(shop.database.rows("SELECT * FROM t"), [["1", "NULL"]]);
}
