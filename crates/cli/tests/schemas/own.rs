//! What no file of the corpus has: texts of our own, read as their engines load them.

use realign_testkit::{Live, Shape, mariadb, mysql_or_say, postgres, sqlite_file};

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
fn versions_with_columns_of_their_own_on_mariadb() {
    is_told(
        || mariadb().database(),
        "CREATE TABLE price (id INT PRIMARY KEY, name VARCHAR(9) UNIQUE, a INT, b INT, KEY (a), UNIQUE KEY ab (a, b),
           since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, `Until` TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
           PERIOD FOR SYSTEM_TIME (since, `Until`)) WITH SYSTEM VERSIONING;
         CREATE TABLE later (id INT PRIMARY KEY, a INT UNIQUE);
         ALTER TABLE later ADD s TIMESTAMP(6) GENERATED ALWAYS AS ROW START, ADD e TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
           ADD PERIOD FOR SYSTEM_TIME (s, e), ADD SYSTEM VERSIONING;",
        &[
            ("KEY ab (a, b)", "KEY ab (b, a)"),
            ("name VARCHAR(9) UNIQUE", "name VARCHAR(9)"),
            ("KEY (a), UNIQUE", "KEY (b), UNIQUE"),
        ],
    );
}

#[test]
fn what_is_left_of_a_list_on_mariadb() {
    is_told(
        || mariadb().database(),
        "CREATE TABLE l1 (a INT) PARTITION BY LIST (a) (PARTITION x VALUES IN (1, NULL), PARTITION y DEFAULT COMMENT = 'rest');
         CREATE TABLE l2 (a VARCHAR(9)) PARTITION BY LIST COLUMNS (a) (PARTITION x VALUES IN ('a'), PARTITION y DEFAULT);
         CREATE TABLE l3 (a INT, b VARCHAR(9)) PARTITION BY LIST COLUMNS (a, b) (PARTITION x VALUES IN ((1, 'a'), (2, 'b')), PARTITION y DEFAULT);
         CREATE TABLE l4 (a INT) PARTITION BY LIST (a) (PARTITION x VALUES IN (1), PARTITION y VALUES IN (0));",
        &[("l1 (a INT)", "l1 (a BIGINT)")],
    );
}

#[test]
fn integers_filled_with_zeros_on_mariadb() {
    is_told(
        || mariadb().database(),
        "CREATE TABLE t (a TINYINT ZEROFILL, b SMALLINT ZEROFILL, c MEDIUMINT UNSIGNED ZEROFILL, d INT ZEROFILL, e BIGINT ZEROFILL, f INT(5) ZEROFILL);
         CREATE TABLE u LIKE t; ALTER TABLE u MODIFY f INTEGER UNSIGNED ZEROFILL NOT NULL;",
        &[
            ("f INT(5)", "f INT(6)"),
            ("d INT ZEROFILL", "d INT(9) ZEROFILL"),
            ("e BIGINT ZEROFILL", "e BIGINT"),
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

/// What nothing declares and is only shown: left alone, told what it needs to go, and gone with
/// everything else that is not declared.
fn goes<D: Live>(database: impl Fn() -> D, declared: &str, more: &str, kinds: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("schema.sql");
    std::fs::write(&path, declared).expect("written");
    let (live, fresh) = (database(), database());
    fresh.client(declared);
    live.client(declared);
    let (url, source) = (live.url(), format!("sql:{}", path.display()));
    live.client(more);
    let full = Shape::of(&live);
    let update = |more: &[&str]| {
        let words = ["--schema", &source, "schema", "update", "--force"];
        realign(&url, &[&words[..], more].concat(), None)
    };
    let left = update(&[]).ends(0);
    let changed = full.differences(&Shape::of(&live));
    assert!(changed.is_empty(), "{changed}");
    let validate = ["--schema", &source, "schema", "validate", "-v"];
    let noted = realign(&url, &validate, None).ends(0);
    let refused = update(&["--complete"]).ends(1);
    for kind in kinds {
        assert!(noted.out.contains(kind), "{kind}: {}", noted.out);
        assert!(refused.err.contains(kind), "{kind}: {}", refused.err);
    }
    let changed = full.differences(&Shape::of(&live));
    assert!(changed.is_empty(), "{changed}\n{}", left.out);
    update(&["--complete", "--allow", "destructive", "--no-quarantine"]).ends(0);
    let differences = Shape::of(&fresh).differences(&Shape::of(&live));
    assert!(differences.is_empty(), "{differences}");
}

/// Every table goes, those that are only shown among them.
fn all_go<D: Live>(database: impl Fn() -> D, text: &str) {
    let (all, empty) = (database(), database());
    all.client(text);
    let words = [
        "schema",
        "drop",
        "--full-database",
        "--force",
        "--allow",
        "destructive",
    ];
    realign(&all.url(), &words, None).ends(0);
    let differences = Shape::of(&empty).differences(&Shape::of(&all));
    assert!(differences.is_empty(), "{differences}");
}

const TENANTS: &str = "CREATE SCHEMA app;
    CREATE TABLE a (id INT PRIMARY KEY, tenant INT, body TEXT);
    CREATE TABLE app.b (id INT PRIMARY KEY, tenant INT);
    ALTER TABLE a ENABLE ROW LEVEL SECURITY;
    ALTER TABLE app.b ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON a USING (tenant = 1);
    CREATE POLICY own ON app.b USING (tenant = 2) WITH CHECK (tenant > 0);
    CREATE VIEW v AS SELECT id FROM a;
    CREATE RULE r AS ON DELETE TO a DO INSTEAD NOTHING;
    CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO a (id) VALUES (new.id);";

#[test]
fn policies_and_rules_of_one_name_on_postgres() {
    is_told(
        || postgres().database(),
        TENANTS,
        &[
            (
                "own ON a USING (tenant = 1)",
                "own ON a FOR SELECT USING (tenant = 1)",
            ),
            ("CREATE POLICY own ON app.b", "CREATE POLICY its ON app.b"),
            ("r AS ON INSERT", "s AS ON INSERT"),
        ],
    );
}

#[test]
fn what_is_only_shown_goes_on_postgres() {
    goes(
        || postgres().database(),
        TENANTS,
        "CREATE TABLE gone (id INT, tenant INT);
         CREATE POLICY own ON gone USING (tenant = 1);
         CREATE POLICY other ON a FOR SELECT USING (tenant = 3);
         CREATE RULE other AS ON UPDATE TO a DO INSTEAD NOTHING;
         CREATE RULE fixed AS ON DELETE TO v DO INSTEAD NOTHING;
         CREATE STATISTICS counted ON id, tenant FROM a;
         CREATE COLLATION german (provider = icu, locale = 'de');
         CREATE TYPE inner_part AS (n INT, word TEXT COLLATE german);
         CREATE TYPE app.whole AS (parts inner_part[], at DATE);
         CREATE TYPE spread AS RANGE (subtype = float8);
         CREATE TYPE mood AS ENUM ('ok', 'sad');
         CREATE DOMAIN moods AS mood[];
         CREATE FUNCTION same(mood, inner_part) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE RETURN true;
         CREATE FUNCTION rows_of() RETURNS SETOF gone LANGUAGE sql AS 'SELECT * FROM gone';
         CREATE FUNCTION first_word(inner_part) RETURNS TEXT LANGUAGE sql IMMUTABLE AS 'SELECT $1.word';
         CREATE OPERATOR === (FUNCTION = same, LEFTARG = mood, RIGHTARG = inner_part);
         CREATE CAST (inner_part AS TEXT) WITH FUNCTION first_word(inner_part);
         CREATE TABLE used (p inner_part, m mood, w TEXT DEFAULT first_word(row(1, 'x')), CHECK (m === p));
         CREATE VIEW seen AS SELECT * FROM used WHERE m === p;
         CREATE FUNCTION seen_all() RETURNS SETOF seen LANGUAGE sql AS 'SELECT * FROM seen';
         CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = pg_catalog.simple, stopwords = 'english');
         CREATE TEXT SEARCH CONFIGURATION words (COPY = pg_catalog.simple);
         ALTER TEXT SEARCH CONFIGURATION words ALTER MAPPING FOR word WITH plain;
         CREATE TABLE searched (t TEXT, v tsvector GENERATED ALWAYS AS (to_tsvector('words'::regconfig, t)) STORED);
         CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
         CREATE EVENT TRIGGER made ON ddl_command_end EXECUTE FUNCTION noted();",
        &[
            "policy other on a",
            "policy own on gone",
            "rule fixed on v",
            "statistics counted",
            "collation german",
            "composite type inner_part",
            "composite type app.whole",
            "range type spread",
            "operator ===",
            "cast inner_part AS text",
            "text search dictionary plain",
            "text search configuration words",
            "event trigger made",
        ],
    );
}

#[test]
fn what_is_only_shown_goes_on_mariadb() {
    let more = "CREATE TABLE parent (id INT PRIMARY KEY);
         CREATE TABLE past (id INT PRIMARY KEY, p INT, CONSTRAINT to_parent FOREIGN KEY (p) REFERENCES parent (id)) WITH SYSTEM VERSIONING;
         CREATE TABLE child (id INT PRIMARY KEY, p INT, CONSTRAINT to_past FOREIGN KEY (p) REFERENCES past (id));
         CREATE TABLE stay (id INT, a DATE, b DATE, PERIOD FOR held (a, b));";
    let kinds = ["system-versioned table past", "stay"];
    goes(
        || mariadb().database(),
        "CREATE TABLE t (id INT PRIMARY KEY)",
        more,
        &kinds,
    );
    all_go(|| mariadb().database(), more);
}

#[test]
fn what_is_only_shown_goes_on_sqlite() {
    let more = "CREATE VIRTUAL TABLE words USING fts5 (a, b); CREATE VIRTUAL TABLE places USING rtree (id, x0, x1);
         INSERT INTO words VALUES ('x', 'y');";
    let kinds = ["virtual table words", "virtual table places"];
    goes(
        sqlite_file,
        "CREATE TABLE t (id INTEGER PRIMARY KEY)",
        more,
        &kinds,
    );
    all_go(sqlite_file, more);
}

#[test]
fn policies_and_mappings_become_the_declared_ones_on_postgres() {
    let declared = format!(
        "{TENANTS} CREATE TEXT SEARCH CONFIGURATION words (COPY = pg_catalog.simple);
         ALTER TABLE a ADD v tsvector GENERATED ALWAYS AS (to_tsvector('words'::regconfig, body)) STORED;"
    );
    let before = declared
        .replace(
            "own ON a USING (tenant = 1)",
            "own ON a FOR SELECT USING (tenant > 1)",
        )
        .replace(
            "USING (tenant = 2) WITH CHECK (tenant > 0)",
            "USING (tenant = 2)",
        );
    let before = format!(
        "{before} ALTER TEXT SEARCH CONFIGURATION words DROP MAPPING FOR email, url; ALTER TEXT SEARCH CONFIGURATION words ALTER MAPPING FOR word WITH english_stem;"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("schema.sql");
    std::fs::write(&path, &declared).expect("written");
    let (live, fresh) = (postgres().database(), postgres().database());
    live.client(&before);
    fresh.client(&declared);
    let source = format!("sql:{}", path.display());
    let words = ["--schema", &source, "schema", "update", "--force"];
    realign(&live.url(), &words, None).ends(0);
    let differences = Shape::of(&fresh).differences(&Shape::of(&live));
    assert!(differences.is_empty(), "{differences}");
}
