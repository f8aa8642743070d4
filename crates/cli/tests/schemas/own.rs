//! What no file of the corpus has: texts of our own, read as their engines load them.

use realign_testkit::{Live, mariadb, mysql_or_say, sqlite_file};

use super::{is_read_whole, realign};

/// A text is read whole, and each of the others, of which it differs in one thing, is told from it.
fn is_told<D: Live>(database: impl Fn() -> D, text: &str, others: &[(&str, &str)]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("schema.sql");
    std::fs::write(&path, text).expect("written");
    is_read_whole(&database, &path);
    for (from, to) in others {
        assert!(text.contains(from), "{from}");
        let other = database();
        other.client(&text.replacen(from, to, 1));
        let source = format!("sql:{}", path.display());
        realign(
            &other.url(),
            &["schema", "diff", &source, &other.url(), "--exit-code"],
            None,
        )
        .ends(1);
    }
}

#[test]
fn tables_with_periods_on_mariadb() {
    is_told(
        || mariadb().database(),
        "CREATE TABLE room (id INT NOT NULL, guest VARCHAR(40), begins DATE, ends DATE, PERIOD FOR stay(begins, ends), UNIQUE KEY once (id, stay WITHOUT OVERLAPS));
         CREATE TABLE rate (id INT NOT NULL, since DATETIME(6) NOT NULL, until DATETIME(6) NOT NULL, PERIOD FOR `valid` (since, until), PRIMARY KEY (id, `valid` WITHOUT OVERLAPS)) ENGINE=InnoDB;
         CREATE TABLE plain (id INT PRIMARY KEY, a INT NOT NULL, b INT NOT NULL, CONSTRAINT less CHECK (a < b));
         CREATE TABLE later (id INT PRIMARY KEY, a DATE NOT NULL, b DATE NOT NULL);
         ALTER TABLE later ADD PERIOD FOR p (a, b);",
        &[
            ("stay(begins, ends), UNIQUE KEY once (id, stay WITHOUT OVERLAPS)", "stay(begins, ends), UNIQUE KEY once (id)"),
            ("PERIOD FOR stay(begins, ends), UNIQUE KEY once (id, stay", "PERIOD FOR held(begins, ends), UNIQUE KEY once (id, held"),
            ("guest VARCHAR(40)", "guest VARCHAR(41)"),
            ("ADD PERIOD FOR p (a, b)", "ADD PERIOD FOR p (b, a)"),
        ],
    );
}

#[test]
fn parsers_of_full_text_on_mysql() {
    if mysql_or_say().is_none() {
        return;
    }
    is_told(
        || mysql_or_say().expect("looked for before").database(),
        "CREATE TABLE t (id INT PRIMARY KEY, a TEXT, b TEXT, FULLTEXT KEY words (a) WITH PARSER ngram, FULLTEXT KEY both_of (a, b));",
        &[
            ("words (a) WITH PARSER ngram", "words (a)"),
            ("both_of (a, b)", "both_of (a, b) WITH PARSER ngram"),
        ],
    );
}

#[test]
fn what_constraints_do_with_rows_on_sqlite() {
    is_told(
        sqlite_file,
        "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, A TEXT NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT FAIL, b INT, UNIQUE (b, a) ON CONFLICT ROLLBACK);
         CREATE TABLE u (x INT, y INT, CHECK (y > 0) ON CONFLICT IGNORE, PRIMARY KEY (x, y) ON CONFLICT IGNORE);
         ALTER TABLE u ADD COLUMN z INT NOT NULL ON CONFLICT FAIL DEFAULT 0;
         ALTER TABLE u RENAME COLUMN z TO w;
         CREATE TABLE v (n INT NOT NULL ON CONFLICT FAIL, o INT NOT NULL ON CONFLICT FAIL); ALTER TABLE v DROP COLUMN o;",
        &[
            ("KEY ON CONFLICT REPLACE", "KEY"),
            ("NOT NULL ON CONFLICT IGNORE", "NOT NULL ON CONFLICT REPLACE"),
            ("UNIQUE (b, a) ON CONFLICT ROLLBACK", "UNIQUE (b, a)"),
            ("PRIMARY KEY (x, y) ON CONFLICT IGNORE", "PRIMARY KEY (x, y)"),
        ],
    );
}
