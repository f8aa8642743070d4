//! The servers, rows and proofs that other tests stand on.

use realign_testkit::{
    Live, Shape, TestDatabase, fill, mariadb, mariadb_with, mysql_or_say, postgres, rows,
    rows_lost, sqlite_file,
};

/// Keys of every kind: a circle, a table that refers to itself, a key of two columns.
const MARIADB: &str = "
CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, parent INT NULL, b_id INT NULL, code VARCHAR(3) NOT NULL UNIQUE,
  kind ENUM('x','y') NOT NULL, doc JSON, at DATETIME NOT NULL, flag TINYINT(1) NOT NULL, price NUMERIC(8,2), raw LONGBLOB,
  twice INT AS (flag * 2) STORED, FOREIGN KEY (parent) REFERENCES a (id));
CREATE TABLE b (id BIGINT PRIMARY KEY, a_id INT NOT NULL, FOREIGN KEY (a_id) REFERENCES a (id));
CREATE TABLE ab (a_id INT NOT NULL, b_id BIGINT NOT NULL, PRIMARY KEY (a_id, b_id),
  FOREIGN KEY (a_id) REFERENCES a (id), FOREIGN KEY (b_id) REFERENCES b (id));
CREATE TABLE abc (id INT PRIMARY KEY, x INT NOT NULL, y BIGINT NOT NULL, FOREIGN KEY (x, y) REFERENCES ab (a_id, b_id));
ALTER TABLE a MODIFY b_id BIGINT NULL, ADD FOREIGN KEY (b_id) REFERENCES b (id);
CREATE VIEW v AS SELECT id, code FROM a;
CREATE TRIGGER tr BEFORE INSERT ON b FOR EACH ROW SET NEW.id = NEW.id;
";

#[test]
fn rows_respect_every_key_on_mariadb() {
    rows_respect_every_key(&mariadb().database());
}

#[test]
fn rows_respect_every_key_on_mysql() {
    let Some(server) = mysql_or_say() else {
        return;
    };
    let version = server.rows("", "SELECT VERSION()");
    assert!(!version[0][0].contains("MariaDB"), "{version:?}");
    rows_respect_every_key(&server.database());
}

fn rows_respect_every_key(database: &TestDatabase) {
    database.client(MARIADB);
    fill(database, 3);
    let rows = rows(database);
    assert_eq!(rows.len(), 4);
    assert!(
        rows.values().all(|table| table.values.len() == 3),
        "{rows:?}"
    );
    let code = &rows["a"].values[1][3];
    assert_eq!(code, "1 i");
    assert_eq!(rows_lost(&rows, &realign_testkit::rows(database)), "");
    let names: Vec<String> = Shape::of(database).names().map(str::to_owned).collect();
    let all = ["table a", "table ab", "table abc", "table b", "trigger tr"];
    assert_eq!(names, [&all[..], &["view v"]].concat());
}

#[test]
fn shapes_differ_by_one_column_and_not_by_order() {
    let (one, two) = (mariadb().database(), mariadb().database());
    one.client(MARIADB);
    two.client(MARIADB);
    fill(&one, 2);
    two.client("ALTER TABLE a MODIFY code VARCHAR(3) NOT NULL FIRST");
    assert_eq!(Shape::of(&one).differences(&Shape::of(&two)), "");
    two.client("ALTER TABLE a MODIFY code VARCHAR(4) NOT NULL; DROP VIEW v;");
    let differences = Shape::of(&one).differences(&Shape::of(&two));
    assert!(differences.contains("varchar(3)") && differences.contains("varchar(4)"));
    assert!(differences.contains("- view v"), "{differences}");
}

#[test]
fn settings_make_another_server() {
    let server = mariadb_with(&["--sql-mode=", "--lower-case-table-names=1"]);
    assert_ne!(server.port(), mariadb().port());
    let settings = server.rows("", "SELECT @@sql_mode, @@lower_case_table_names");
    assert_eq!(settings, [["", "1"]]);
    let database = server.database();
    database.client("CREATE TABLE Cust (id INT)");
    assert_eq!(database.tables()[0].name, "cust");
}

#[test]
fn an_account_can_do_what_it_was_given() {
    let database = mariadb().database();
    database.client("CREATE TABLE t (id INT)");
    let reader = mariadb().user(&[&format!("SELECT ON {}.*", database.name())]);
    assert!(
        mariadb()
            .url_as(&reader, database.name())
            .contains(&reader.name)
    );
    let grants = mariadb().rows("", &format!("SHOW GRANTS FOR {}@'%'", reader.name));
    assert!(
        grants.iter().any(|row| row[0].starts_with("GRANT SELECT")),
        "{grants:?}"
    );
}

#[test]
fn a_refused_statement_is_told_in_the_servers_words() {
    let database = mariadb().database();
    let refused = database
        .try_client("SELECT * FROM nothing_here")
        .unwrap_err();
    assert!(refused.contains("1146"), "{refused}");
}

#[test]
fn rows_respect_every_key_on_sqlite() {
    let file = sqlite_file();
    file.client(
        "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, parent INTEGER DEFAULT NULL REFERENCES a (id), \
         code VARCHAR(3) NOT NULL UNIQUE, doc CLOB DEFAULT NULL --(DC2Type:json)\n, at DATETIME NOT NULL, raw BLOB);
         CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a, twice INT AS (id * 2));
         CREATE INDEX i ON b (a_id);",
    );
    fill(&file, 3);
    let filled = rows(&file);
    assert_eq!(filled["a"].values.len(), 3);
    assert_eq!(filled["b"].columns, ["id", "a_id"]);
    assert!(file.rows("PRAGMA foreign_key_check;").is_empty());
    let names: Vec<String> = Shape::of(&file).names().map(str::to_owned).collect();
    assert_eq!(names, ["index i", "table a", "table b"]);
}

/// Keys of every kind and values that PostgreSQL takes otherwise than the others.
const POSTGRESQL: &str = "
CREATE TYPE kind AS ENUM ('x', 'y');
CREATE DOMAIN code AS VARCHAR(3);
CREATE TABLE a (id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent INT NULL REFERENCES a (id), b_id BIGINT NULL,
  code code NOT NULL UNIQUE, kind kind NOT NULL, doc JSONB, at TIMESTAMP(0) NOT NULL, flag BOOLEAN NOT NULL,
  price NUMERIC(8,2), raw BYTEA, mask BIT(8), id_of UUID, \"Odd\" INT, twice INT GENERATED ALWAYS AS (\"Odd\" * 2) STORED);
CREATE TABLE b (id BIGSERIAL PRIMARY KEY, a_id INT NOT NULL REFERENCES a (id));
CREATE TABLE ab (a_id INT NOT NULL REFERENCES a (id), b_id BIGINT NOT NULL REFERENCES b (id), PRIMARY KEY (a_id, b_id));
CREATE TABLE abc (id INT PRIMARY KEY, x INT NOT NULL, y BIGINT NOT NULL, FOREIGN KEY (x, y) REFERENCES ab (a_id, b_id));
ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b (id);
CREATE VIEW v AS SELECT id, code FROM a;
";

#[test]
fn rows_respect_every_key_on_postgresql() {
    let database = postgres().database();
    database.client(POSTGRESQL);
    fill(&database, 3);
    let before = rows(&database);
    assert_eq!(before.len(), 4);
    assert!(
        before.values().all(|table| table.values.len() == 3),
        "{before:?}"
    );
    assert_eq!(before["a"].values[1][3], "1 i");
    assert_eq!(before["a"].values[2][2], "NULL");
    // The counters are past the rows.
    database.client("INSERT INTO b (a_id) VALUES (1)");
    assert_eq!(database.rows("SELECT max(id) FROM b"), [["4"]]);
    let shape = Shape::of(&database);
    let names: Vec<&str> = shape.names().collect();
    for name in ["sequence b_id_seq", "table a", "table abc", "view v"] {
        assert!(names.contains(&name), "{names:?}");
    }
    database.client("COMMENT ON COLUMN a.code IS 'why'; ALTER TABLE b DROP CONSTRAINT b_a_id_fkey");
    let differences = shape.differences(&Shape::of(&database));
    assert!(differences.contains("'why'"), "{differences}");
    assert!(differences.contains("FOREIGN KEY (a_id)"), "{differences}");
}
