//! Views, triggers, routines and events, declared in SQL: each one disturbed alone is seen, named
//! and put right, with its definer kept, and rows stay.

use realign_model::Database;
use realign_planner::{Aspect, Policy, Weight};
use realign_testkit::{Live as _, Server, mariadb, mysql_or_say, rows, rows_lost};

use crate::interpret::read;
use crate::shop::Shop;

const SCHEMA: &str = "
CREATE TABLE customer (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, active INT NOT NULL DEFAULT 1);
CREATE TABLE bill (id INT PRIMARY KEY, customer_id INT NOT NULL, total INT NOT NULL, KEY (customer_id));
CREATE TABLE log (at DATETIME NOT NULL, what VARCHAR(20));
CREATE VIEW current_customer AS SELECT * FROM customer WHERE active = 1;
CREATE VIEW due AS SELECT c.name, SUM(b.total) AS due FROM current_customer c JOIN bill b ON b.customer_id = c.id GROUP BY c.name;
CREATE VIEW checked AS SELECT id, name FROM customer WHERE id > 0 WITH CASCADED CHECK OPTION;
CREATE SQL SECURITY INVOKER VIEW lent AS SELECT id FROM customer;
CREATE TRIGGER logged AFTER INSERT ON bill FOR EACH ROW INSERT INTO log VALUES (NOW(), 'bill');
CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC NO SQL RETURN x * 2;
CREATE PROCEDURE tidy(IN before_that DATETIME) MODIFIES SQL DATA COMMENT 'old rows' DELETE FROM log WHERE at < before_that;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO CALL tidy(NOW());
";

const ROWS: &str = "
INSERT INTO customer VALUES (1, 'Ann', 1), (2, 'Bob', 0);
INSERT INTO bill VALUES (1, 1, 10), (2, 1, 5), (3, 2, 7);
";

/// What is changed, what is named for it, and the aspect.
const MUTANTS: &[(&str, &str, Aspect)] = &[
    ("DROP VIEW due", "view due", Aspect::Existence),
    (
        "CREATE OR REPLACE VIEW due AS SELECT c.name, SUM(b.total) AS due FROM customer c JOIN bill b ON b.customer_id = c.id GROUP BY c.name",
        "view due",
        Aspect::Body,
    ),
    (
        "CREATE OR REPLACE VIEW current_customer AS SELECT id, name FROM customer WHERE active = 1; CREATE OR REPLACE VIEW due AS SELECT c.name, SUM(b.total) AS due FROM current_customer c JOIN bill b ON b.customer_id = c.id GROUP BY c.name",
        "view current_customer",
        Aspect::Body,
    ),
    (
        "CREATE OR REPLACE VIEW checked AS SELECT id, name FROM customer WHERE id > 0",
        "view checked",
        Aspect::Body,
    ),
    (
        "CREATE OR REPLACE SQL SECURITY DEFINER VIEW lent AS SELECT id FROM customer",
        "view lent",
        Aspect::Body,
    ),
    ("DROP TRIGGER logged", "trigger logged", Aspect::Existence),
    (
        "DROP TRIGGER logged; CREATE DEFINER = 'root'@'localhost' TRIGGER logged AFTER INSERT ON bill FOR EACH ROW INSERT INTO log VALUES (NOW(), 'other')",
        "trigger logged",
        Aspect::Body,
    ),
    ("DROP FUNCTION twice", "function twice", Aspect::Existence),
    (
        "DROP FUNCTION twice; CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC NO SQL RETURN x * 3",
        "function twice",
        Aspect::Body,
    ),
    (
        "DROP FUNCTION twice; CREATE FUNCTION twice(x BIGINT) RETURNS INT DETERMINISTIC NO SQL RETURN x * 2",
        "function twice",
        Aspect::Body,
    ),
    (
        "ALTER PROCEDURE tidy SQL SECURITY INVOKER",
        "procedure tidy",
        Aspect::Body,
    ),
    (
        "ALTER PROCEDURE tidy COMMENT 'rows'",
        "procedure tidy",
        Aspect::Body,
    ),
    ("DROP EVENT nightly", "event nightly", Aspect::Existence),
    (
        "ALTER EVENT nightly ON SCHEDULE EVERY 2 DAY",
        "event nightly",
        Aspect::Body,
    ),
    ("ALTER EVENT nightly ENABLE", "event nightly", Aspect::Body),
    (
        "ALTER EVENT nightly DO SELECT 1",
        "event nightly",
        Aspect::Body,
    ),
];

fn each_is_seen_and_mended(server: &'static Server) {
    let shop = Shop::on(server, &format!("{SCHEMA}{ROWS}"));
    let whole = shop.outside();
    let facts = shop.inspect().facts;
    let wish = read("shop.sql", SCHEMA, Database::default(), &facts);
    assert_eq!(wish.diagnostics, []);
    let policy = Policy::default();
    // One after the other: each is put right before the next comes.
    for (change, object, aspect) in MUTANTS {
        assert_eq!(
            shop.differences(&wish.database, &policy).findings,
            [],
            "{object}"
        );
        shop.database.client(change);
        let before = rows(&shop.database);
        let found = shop.differences(&wish.database, &policy);
        assert!(
            found.findings.iter().any(|finding| {
                finding.object == *object
                    && finding.aspect == *aspect
                    && finding.weight == Weight::Differs
            }),
            "{change}: {:#?}",
            found.findings
        );
        shop.update(&wish.database, &policy)
            .unwrap_or_else(|error| panic!("{change}: {error}"));
        assert_eq!(rows_lost(&before, &rows(&shop.database)), "", "{change}");
        let left = shop.outside().differences(&whole);
        // A definer is kept, whoever it is.
        let left = left.replace("root @ localhost", "testkit @ %");
        assert!(same_lines(&left), "{change}: {left}");
    }
}

/// True when what is only on one side is only on the other as well.
fn same_lines(differences: &str) -> bool {
    let side = |mark: char| {
        let lines = differences.lines().filter(|line| line.starts_with(mark));
        lines.map(|line| &line[1..]).collect::<Vec<_>>()
    };
    side('-') == side('+')
}

#[test]
fn each_object_is_put_right_on_mariadb() {
    each_is_seen_and_mended(mariadb());
}

#[test]
fn each_object_is_put_right_on_mysql() {
    if let Some(server) = mysql_or_say() {
        each_is_seen_and_mended(server);
    }
}

#[test]
fn a_definer_is_kept_when_a_view_is_made_anew() {
    let script = "CREATE TABLE t (a INT PRIMARY KEY, b INT, c INT); CREATE DEFINER = 'root'@'localhost' SQL SECURITY INVOKER VIEW v AS SELECT a, b FROM t;";
    let shop = Shop::on(mariadb(), script);
    let facts = shop.inspect().facts;
    // A release that drops the column which the view shows.
    let next = "CREATE TABLE t (a INT PRIMARY KEY, c INT); CREATE VIEW v AS SELECT a, c FROM t;";
    let wish = read("next.sql", next, Database::default(), &facts).database;
    let policy = Policy {
        complete: true,
        ..Policy::default()
    };
    shop.update(&wish, &policy)
        .expect("brought to the next release");
    let shown = shop.database.rows("SHOW CREATE VIEW v");
    assert!(
        shown[0][1].contains("DEFINER=`root`@`localhost` SQL SECURITY INVOKER"),
        "{}",
        shown[0][1]
    );
    assert_eq!(
        shop.database.rows("SELECT * FROM v"),
        Vec::<Vec<String>>::new()
    );
}
