//! Something of every kind, on each server: read from the file, shown by the server, made again.

use realign_model::Database;
use realign_mysql::MYSQL;
use realign_planner::create_plan;
use realign_testkit::{Server, mariadb, mysql_or_say};

use crate::interpret::{differences, read};
use crate::shop::Shop;

/// What both vendors have.
const BOTH: &str = include_str!("../fixtures/everything.sql");

const MARIADB: &str = r"
CREATE TABLE own_ways (
  id INT NOT NULL DEFAULT 1 INVISIBLE CHECK (id < 9),
  u UUID, i4 INET4, i6 INET6 DEFAULT '::1', t TEXT DEFAULT 'x' NOT NULL, stored INT AS (id + 1) PERSISTENT, d DATE DEFAULT current_timestamp(),
  KEY k (u) IGNORED, UNIQUE (t), CONSTRAINT c1 CHECK (u <> ''), CHECK (id > 0)
) ENGINE=InnoDB PAGE_COMPRESSED=1;
CREATE OR REPLACE TABLE aria (a INT) ENGINE=Aria TRANSACTIONAL=1;
ALTER TABLE IF EXISTS nowhere ADD COLUMN a INT;
ALTER TABLE own_ways DROP COLUMN IF EXISTS nothing, ADD COLUMN IF NOT EXISTS u INT, ADD INDEX IF NOT EXISTS k (id), RENAME COLUMN d TO day, ALTER INDEX k NOT IGNORED, DROP CONSTRAINT c1;
";

const MYSQL_ONLY: &str = r#"
CREATE TABLE own_ways (
  id INT NOT NULL, hidden INT INVISIBLE DEFAULT 3, doc JSON, place POINT NOT NULL SRID 4326, c INT, s VARCHAR(20),
  KEY f ((lower(s))), KEY g ((id * 2) DESC, s), KEY k (id) INVISIBLE, CONSTRAINT c1 CHECK (id > 0) NOT ENFORCED, CHECK (id < 100), x INT CHECK (x <> 3),
  got VARCHAR(20) AS (doc->>"$.a[0]") VIRTUAL, FULLTEXT KEY n (s)
) ENCRYPTION='N';
ALTER TABLE own_ways ALTER INDEX k VISIBLE, ALTER CHECK c1 ENFORCED, RENAME COLUMN c TO sum_of_it, RENAME INDEX g TO h, DROP CHECK own_ways_chk_1;
"#;

fn every_kind(server: &'static Server, script: &str) {
    let shop = Shop::on(server, script);
    let found = shop.inspect();
    let read = read("everything.sql", script, Database::default(), &found.facts);
    assert_eq!(read.diagnostics, []);
    assert_eq!(read.skipped_bytes, 0);
    let mut wrong = differences(&found.database, &read.database, &found.facts);
    for (way, database) in [("shown", &found.database), ("read", &read.database)] {
        let again = Shop::on(server, "");
        let mut connection = again.connection();
        for statement in create_plan(database, &MYSQL, &found.facts).statements() {
            if let Err(error) = connection.query(&statement.sql) {
                wrong.push(format!("{way}: {error}: {}", statement.sql));
            }
        }
        let left = again.outside().differences(&shop.outside());
        if !left.is_empty() {
            wrong.push(format!("{way}: {left}"));
        }
        let back = again.inspect();
        wrong.extend(
            differences(&back.database, &found.database, &found.facts)
                .into_iter()
                .map(|line| format!("{way}, inspected again: {line}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn of_every_kind_on_mariadb() {
    every_kind(mariadb(), &format!("{BOTH}{MARIADB}"));
}

#[test]
fn of_every_kind_on_mysql() {
    let Some(server) = mysql_or_say() else {
        return;
    };
    // MySQL has no IF NOT EXISTS for partitions.
    let both = BOTH.replace("ALTER TABLE ranges ADD PARTITION IF NOT EXISTS (PARTITION p1 VALUES LESS THAN MAXVALUE);\n", "");
    // Its catalogue does not tell the algorithm of a view.
    let both = both.replace("ALGORITHM=MERGE ", "");
    every_kind(server, &format!("{both}{MYSQL_ONLY}"));
}
