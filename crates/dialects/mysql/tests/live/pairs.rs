//! Which columns a foreign key can pair: what is told beforehand is what the servers refuse.

use realign_model::{Database, ForeignKey, Ident, MatchKind, ObjectName, Origin};
use realign_mysql::MYSQL;
use realign_planner::{Dialect as _, Policy, Versions};
use realign_testkit::{Server, mariadb, mysql_or_say};

use crate::interpret::read;
use crate::shop::Shop;

/// Types of which it is known how they are kept.
const KNOWN: [&str; 24] = [
    "TINYINT",
    "TINYINT(1)",
    "TINYINT UNSIGNED",
    "SMALLINT UNSIGNED",
    "MEDIUMINT",
    "INT",
    "INT UNSIGNED",
    "BIGINT",
    "BIGINT UNSIGNED",
    "DECIMAL(10,2)",
    "DECIMAL(5,0)",
    "FLOAT",
    "DOUBLE",
    "DATE",
    "YEAR",
    "CHAR(10)",
    "VARCHAR(20)",
    "VARCHAR(20) COLLATE utf8mb4_bin",
    "VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci",
    "VARBINARY(16)",
    "BIT(9)",
    "ENUM('a','b')",
    "SET('a','b','c')",
    "SET('a','b','c','d','e','f','g','h','i')",
];

/// Types of which nothing is told.
const UNKNOWN: [&str; 2] = ["DATETIME", "TIME(3)"];

fn key(from: usize, to: usize) -> ForeignKey {
    let columns = vec![Ident::new("a")];
    ForeignKey {
        name: Some(Ident::new(format!("f{from}_{to}"))),
        columns: columns.clone(),
        ref_table: ObjectName::bare(format!("t{to}")),
        ref_columns: columns,
        on_delete: None,
        on_update: None,
        set_columns: Vec::new(),
        deferrable: false,
        initially_deferred: false,
        match_kind: MatchKind::default(),
        origin: Origin::None,
    }
}

fn pairs(server: &'static Server) {
    let types: Vec<&str> = KNOWN.into_iter().chain(UNKNOWN).collect();
    let tables: Vec<String> = types
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let options =
                "ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci";
            format!(
                "CREATE TABLE t{at} (a {text}, UNIQUE KEY u (a)) {options};
                 CREATE TABLE c{at} (a {text}, KEY k (a)) {options};"
            )
        })
        .collect();
    let shop = Shop::on(server, &tables.concat());
    let found = shop.inspect();
    let tables = &found.database.tables;
    let at = |kind: char, at: usize| {
        let name = format!("{kind}{at}");
        let table = tables.iter().find(|table| table.name.name.text == name);
        Versions {
            declared: None,
            live: Some(table.expect("it was made")),
        }
    };
    let mut connection = shop.connection();
    let (mut wrong, mut refusals) = (Vec::new(), 0);
    for from in 0..types.len() {
        for to in 0..types.len() {
            let told = MYSQL.cannot_pair(&key(from, to), at('c', from), at('t', to), &found.facts);
            let sql = format!(
                "ALTER TABLE c{from} ADD CONSTRAINT f{from}_{to} FOREIGN KEY (a) REFERENCES t{to} (a)"
            );
            let refused = connection.run(&sql).expect("the session lives").err();
            if refused.is_none() {
                let sql = format!("ALTER TABLE c{from} DROP FOREIGN KEY f{from}_{to}");
                connection.query(&sql).expect("it is there");
            }
            refusals += usize::from(refused.is_some());
            let known = from < KNOWN.len() && to < KNOWN.len();
            if told.is_some() != (known && refused.is_some()) {
                let (from, to) = (types[from], types[to]);
                let told = told.map(|told| told.message);
                wrong.push(format!(
                    "{from} to {to}: told {told:?}, refused {refused:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refusals > 300, "{refusals}");
}

#[test]
fn columns_that_do_not_go_together_are_told_on_mariadb() {
    pairs(mariadb());
}

#[test]
fn columns_that_do_not_go_together_are_told_on_mysql() {
    if let Some(server) = mysql_or_say() {
        pairs(server);
    }
}

/// What is there, what is declared, and the words of the refusal, if there is one.
const SCHEMAS: &[(&str, &str, Option<&str>)] = &[
    (
        "CREATE TABLE u (id BIGINT UNSIGNED PRIMARY KEY);",
        "CREATE TABLE u (id BIGINT UNSIGNED PRIMARY KEY);
         CREATE TABLE t (x INT, FOREIGN KEY (x) REFERENCES u (id));",
        Some("t.x is INT, and u.id is BIGINT UNSIGNED"),
    ),
    // The column of an older table changes below a key that stays.
    (
        "CREATE TABLE u (id INT PRIMARY KEY);
         CREATE TABLE t (x INT, CONSTRAINT k FOREIGN KEY (x) REFERENCES u (id));",
        "CREATE TABLE u (id BIGINT PRIMARY KEY);
         CREATE TABLE t (x INT, CONSTRAINT k FOREIGN KEY (x) REFERENCES u (id));",
        Some("t.x is INT, and u.id is BIGINT"),
    ),
    (
        "CREATE TABLE u (id INT PRIMARY KEY);
         CREATE TABLE t (x INT, CONSTRAINT k FOREIGN KEY (x) REFERENCES u (id));",
        "CREATE TABLE u (id BIGINT PRIMARY KEY);
         CREATE TABLE t (x BIGINT, CONSTRAINT k FOREIGN KEY (x) REFERENCES u (id));",
        None,
    ),
    // An undeclared table is referred to as it is.
    (
        "CREATE TABLE u (c VARCHAR(9) PRIMARY KEY) CHARACTER SET latin1 COLLATE latin1_bin;",
        "CREATE TABLE t (c VARCHAR(9) CHARACTER SET utf8mb4, FOREIGN KEY (c) REFERENCES u (c));",
        Some("and u.c is in latin1_bin"),
    ),
    (
        "CREATE TABLE u (c VARCHAR(9) PRIMARY KEY) CHARACTER SET latin1 COLLATE latin1_bin;",
        "CREATE TABLE t (c VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin,
         FOREIGN KEY (c) REFERENCES u (c));",
        None,
    ),
    // What is declared for neither is what the database has for both.
    (
        "",
        "CREATE TABLE u (c VARCHAR(9) PRIMARY KEY);
         CREATE TABLE t (c CHAR(20), FOREIGN KEY (c) REFERENCES u (c));",
        None,
    ),
    (
        "CREATE TABLE u (id INT PRIMARY KEY);",
        "CREATE TABLE u (id INT PRIMARY KEY);
         CREATE TABLE t (x INT NOT NULL, FOREIGN KEY (x) REFERENCES u (id) ON DELETE SET NULL);",
        Some("it is ON DELETE SET NULL, and x can't be NULL"),
    ),
];

fn schemas(server: &'static Server) {
    for (is, wish, words) in SCHEMAS {
        let shop = Shop::on(server, is);
        let facts = shop.inspect().facts;
        let declared = read("schema.sql", wish, Database::default(), &facts);
        let plan = shop.plan(&declared.database, &Policy::default());
        let told: Vec<&str> = plan.refusals.iter().map(|r| r.message.as_str()).collect();
        if let Some(words) = words {
            assert!(
                told.iter().any(|told| told.contains(words)),
                "{wish}: {told:?}"
            );
        } else {
            assert!(told.is_empty(), "{wish}: {told:?}");
            shop.update(&declared.database, &Policy::default())
                .unwrap_or_else(|error| panic!("{wish}: {error}"));
        }
    }
}

#[test]
fn a_plan_is_refused_for_its_keys_on_mariadb() {
    schemas(mariadb());
}

#[test]
fn a_plan_is_refused_for_its_keys_on_mysql() {
    if let Some(server) = mysql_or_say() {
        schemas(server);
    }
}
