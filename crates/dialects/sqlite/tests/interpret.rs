//! A script read is what the engine makes of it.

#![allow(clippy::print_stderr, reason = "a test that could not run says so")]

mod database;

use std::path::{Path, PathBuf};

use database::{Live, complete};
use realign_model::{Database, Origin, TableOptions};
use realign_planner::{
    Facts, Interpret, Interpreted, Policy, SchemaScript, Scripts, StatementKind, diff, plan,
};
use realign_sqlite::{SQLITE, Sqlite};

fn read(text: &str, onto: Database) -> Interpreted {
    let script = SchemaScript {
        path: "script.sql",
        text,
    };
    Interpret::interpret(&Sqlite, &script, onto, &database::facts())
}

/// The model of a script, carried out by the engine.
fn loaded(text: &str) -> Live {
    let mut live = Live::new();
    for statement in Sqlite.split(text, &Facts::default()).statements {
        let kind = Sqlite.nature(&statement.sql, &Facts::default()).kind;
        if kind != StatementKind::Data {
            live.run(&statement.sql);
        }
    }
    live
}

/// A database without what only says where something was read from, in an order of its own.
fn bare(mut database: Database) -> Database {
    for table in &mut database.tables {
        table.origin = Origin::None;
        table.source_text = None;
        for column in &mut table.columns {
            column.origin = Origin::None;
        }
        for index in &mut table.indexes {
            index.origin = Origin::None;
            // As of tables: renames leave it behind, and it is not used then.
            index.source_text = None;
        }
        for key in &mut table.foreign_keys {
            key.origin = Origin::None;
        }
        for check in &mut table.checks {
            check.origin = Origin::None;
        }
        if let Some(key) = &mut table.primary_key {
            key.origin = Origin::None;
        }
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        assert!(matches!(table.options, TableOptions::Sqlite(_)));
    }
    for view in &mut database.views {
        view.origin = Origin::None;
    }
    for trigger in &mut database.triggers {
        trigger.origin = Origin::None;
    }
    for opaque in &mut database.opaque {
        opaque.origin = Origin::None;
    }
    database.tables.sort_by(|a, b| a.name.cmp(&b.name));
    database.views.sort_by(|a, b| a.name.cmp(&b.name));
    database.triggers.sort_by(|a, b| a.name.cmp(&b.name));
    database
}

/// Reading equals inspecting, by equality and by the comparison in both directions.
fn same(text: &str) {
    let mut live = loaded(text);
    let seen = live.inspect();
    let read = read(text, Database::default());
    assert_eq!(read.diagnostics, [], "{text}");
    assert_eq!(read.skipped_bytes, 0);
    for (is, wish) in [
        (&seen.database, &read.database),
        (&read.database, &seen.database),
    ] {
        let found = diff(is, wish, &SQLITE, &seen.facts, &complete());
        assert!(found.findings.is_empty(), "{text}\n{:#?}", found.findings);
    }
    let (is, wish) = (bare(seen.database), bare(read.database));
    assert_eq!(is.tables.len(), wish.tables.len());
    for (is, wish) in is.tables.iter().zip(&wish.tables) {
        assert_eq!(is, wish, "{text}");
    }
    assert_eq!(is.opaque, wish.opaque, "{text}");
}

/// A long script: places are given up, closed and found again.
#[test]
fn what_goes_and_comes_again_is_what_the_engine_has() {
    let make = |at: usize, more: &str| {
        let parent = at / 2;
        format!(
            "CREATE TABLE t{at} (id INTEGER PRIMARY KEY, a{at} INT, r REFERENCES t{parent} (id){more});
             CREATE INDEX i{at} ON t{at} (a{at});
             CREATE VIEW v{at} AS SELECT a{at}, t{at}.id FROM t{at};
             CREATE TRIGGER g{at} AFTER INSERT ON t{at} BEGIN UPDATE t{parent} SET r = new.a{at}; END;\n"
        )
    };
    let mut text = String::new();
    let mut say = |sql: String| text.push_str(&sql);
    for at in 0..32 {
        say(make(at, ""));
    }
    for at in (0..32).filter(|at| at % 4 != 0) {
        say(format!("DROP VIEW v{at}; DROP TABLE t{at};\n"));
    }
    for at in (0..32).filter(|at| at % 4 != 0) {
        say(make(at, ", b"));
    }
    for at in (0..32).filter(|at| at % 7 == 0) {
        say(format!(
            "DROP INDEX i{at}; CREATE INDEX i{at} ON t{at} (a{at} DESC); DROP TRIGGER g{at};
             ALTER TABLE t{at} RENAME TO u{at}; ALTER TABLE u{at} RENAME COLUMN id TO \"new id\";
             ALTER TABLE u{at} RENAME COLUMN a{at} TO c{at};\n"
        ));
    }
    say("CREATE TABLE w (id INTEGER PRIMARY KEY);\n".to_owned());
    for at in 0..50 {
        say(format!(
            "ALTER TABLE w ADD COLUMN c{at} INT DEFAULT {at};\n"
        ));
    }
    for at in (0..50).step_by(3) {
        say(format!("ALTER TABLE w DROP COLUMN c{at};\n"));
    }
    for at in (1..50).step_by(3) {
        say(format!("ALTER TABLE w RENAME COLUMN C{at} TO d{at};\n"));
    }
    say("ALTER TABLE w ADD c0 TEXT; CREATE INDEX iw ON w (D1, c2);\n".to_owned());
    same(&text);
    let all = read(&text, Database::default()).database;
    let (first, second) = text.split_at(text.find("DROP VIEW").expect("there"));
    let half = read(first, Database::default()).database;
    assert_eq!(bare(read(second, half).database), bare(all));
}

#[test]
fn every_clause_reads_as_the_engine_lists_it() {
    for text in [
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL COLLATE NOCASE DEFAULT 'x''y', b, c DECIMAL(10, 2) DEFAULT (1 + 2), d AS (a || b) STORED, e INT GENERATED ALWAYS AS (id * 2), UNIQUE (a, b), CHECK (c > 0), CONSTRAINT positive CHECK (id > 0))",
        "CREATE TABLE t (id INTEGER PRIMARY KEY DESC, a)",
        "CREATE TABLE t (id INTEGER, a, PRIMARY KEY (id DESC))",
        "CREATE TABLE t (id INT PRIMARY KEY, a)",
        "CREATE TABLE t (a, b, PRIMARY KEY (b, a)) WITHOUT ROWID",
        "CREATE TABLE t (a INT PRIMARY KEY, b TEXT) STRICT",
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b ANY) STRICT",
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT, WITHOUT ROWID",
        "CREATE TABLE t (a PRIMARY KEY ON CONFLICT REPLACE, b UNIQUE ON CONFLICT IGNORE, c NOT NULL ON CONFLICT FAIL)",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, x, y, UNIQUE (x, y)); CREATE TABLE t (p REFERENCES p, x, y, z CONSTRAINT k REFERENCES p (id) MATCH FULL NOT DEFERRABLE, FOREIGN KEY (x, y) REFERENCES p (x, y) ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TABLE \"a b\" (\"c d\" TEXT, [e] INT, `f` BLOB); CREATE UNIQUE INDEX \"i x\" ON \"a b\" (\"c d\" COLLATE NOCASE DESC, [e]) WHERE \"e\" > 0; CREATE INDEX j ON \"a b\" (lower(\"c d\"), (e), e + 1 DESC)",
        "CREATE TABLE t (a COLLATE NOCASE); CREATE INDEX i ON t (a COLLATE nocase); CREATE INDEX j ON t (a COLLATE RTRIM)",
        "CREATE TABLE t (a); CREATE VIEW IF NOT EXISTS v (x) AS SELECT a FROM t; CREATE TRIGGER IF NOT EXISTS main.g INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (new.x); END; CREATE TRIGGER h AFTER UPDATE OF a ON t WHEN new.a > 0 BEGIN SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; END",
        "CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(a, b, tokenize = 'porter')",
        "CREATE TABLE t (a -- the first\n, b INT -- (DC2Type:json)\n)",
        "CREATE TABLE t (a, b); ALTER TABLE t ADD COLUMN c INT NOT NULL DEFAULT 3 CHECK (c > 0) REFERENCES t (a); ALTER TABLE t ADD d AS (a) VIRTUAL",
        "CREATE TABLE t (a, b, c, CHECK (a > 0), PRIMARY KEY (a)); CREATE INDEX i ON t (a, b) WHERE a > 1; CREATE TABLE u (r REFERENCES t (a)); CREATE VIEW v AS SELECT a, t.b FROM t; CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = new.a; END; ALTER TABLE t RENAME COLUMN a TO \"new a\"; ALTER TABLE t RENAME TO \"new t\"; ALTER TABLE \"new t\" DROP COLUMN c",
        "CREATE TABLE a (x REFERENCES b); CREATE TABLE b (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (a); CREATE INDEX i ON t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END; DROP TRIGGER g; DROP INDEX i; CREATE INDEX i ON t (a DESC); DROP TABLE IF EXISTS u; CREATE VIEW v AS SELECT 1; DROP VIEW v",
        "PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE new_t (id INTEGER PRIMARY KEY, b); CREATE TABLE t (id INTEGER PRIMARY KEY, a); CREATE TABLE u (t REFERENCES t); DROP TABLE t; ALTER TABLE new_t RENAME TO t; COMMIT",
    ] {
        same(text);
    }
}

/// Every schema of this engine that is there.
fn corpus() -> Vec<PathBuf> {
    let root = std::env::var_os("REALIGN_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus"),
        PathBuf::from,
    );
    let schemas = root.join("schemas");
    if !schemas.is_dir() {
        eprintln!("not run: no corpus at {}", schemas.display());
        return Vec::new();
    }
    let mut found = vec![
        schemas.join("sakila/sqlite.sql"),
        schemas.join("chinook/sqlite.sql"),
        schemas.join("roundcube/SQL/sqlite.initial.sql"),
    ];
    let mut releases: Vec<PathBuf> = std::fs::read_dir(schemas.join("roundcube/releases"))
        .expect("readable")
        .flatten()
        .map(|entry| entry.path().join("sqlite.initial.sql"))
        .collect();
    releases.sort();
    found.extend(releases);
    found
}

#[test]
fn every_schema_of_the_corpus_reads_as_it_loads() {
    for path in corpus() {
        let text = std::fs::read_to_string(&path).expect("readable");
        same(&text);
    }
}

#[test]
fn migrations_of_the_corpus_end_where_the_engine_does() {
    let Some(initial) = corpus()
        .into_iter()
        .find(|p| p.to_string_lossy().contains("v0.9.5"))
    else {
        return;
    };
    let folder = initial
        .ancestors()
        .nth(3)
        .expect("a folder")
        .join("SQL/sqlite");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("readable")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().as_ref() > "2013011700.sql")
        })
        .collect();
    files.sort();
    assert!(files.len() > 10);
    let mut text = std::fs::read_to_string(&initial).expect("readable");
    for file in files {
        text.push('\n');
        text.push_str(&std::fs::read_to_string(file).expect("readable"));
    }
    same(&text);
}

#[test]
fn what_is_created_from_a_script_prints_as_what_the_engine_loaded() {
    let mut texts: Vec<String> = corpus()
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("readable"))
        .collect();
    texts.push(
        "CREATE TABLE t (a PRIMARY KEY ON CONFLICT REPLACE, b); CREATE VIRTUAL TABLE f USING fts5(a); CREATE VIEW w AS SELECT * FROM v; CREATE VIEW v AS SELECT a FROM t;".to_owned(),
    );
    for text in texts {
        let wish = read(&text, Database::default()).database;
        let facts = database::facts();
        let mut made = Live::new();
        for step in realign_planner::create_plan(&wish, &SQLITE, &facts).steps {
            for statement in step.statements {
                made.run(&statement.sql);
            }
        }
        let seen = made.inspect();
        let found = diff(&seen.database, &wish, &SQLITE, &facts, &complete());
        assert!(found.findings.is_empty(), "{text}\n{:#?}", found.findings);
        let empty = plan(
            &found,
            &seen.database,
            &wish,
            &SQLITE,
            &facts,
            &seen.sizes,
            &Policy::default(),
        );
        assert!(empty.is_empty());
    }
}

/// A generator of numbers that gives the same ones each time.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % most
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    let pieces = [
        "CREATE",
        "TABLE",
        "t",
        "(",
        ")",
        ",",
        ";",
        "a",
        "INTEGER",
        "PRIMARY KEY",
        "'x",
        "\"",
        "[",
        "/*",
        "--",
        "\n",
        "VIEW v AS SELECT",
        "INDEX i ON",
        "TRIGGER g",
        "BEGIN",
        "END",
        "ALTER TABLE t",
        "ADD",
        "DROP",
        "RENAME",
        "TO",
        "COLUMN",
        "CHECK (",
        "DEFAULT",
        "REFERENCES",
        "ON CONFLICT",
        "COLLATE",
        "AS (",
        "WITHOUT ROWID",
        "STRICT",
        "VIRTUAL TABLE f USING",
        "ü",
        "\u{0}",
        "x'0",
        "1e",
        "$",
        "@",
        "!",
        "\\",
        "FOREIGN KEY",
        "UNIQUE",
        "WHERE",
        "OVER",
        "FILTER",
        "WINDOW",
        "temp.",
        "main.",
    ];
    let mut random = Random(7);
    for _ in 0..4000 {
        let mut text = String::new();
        for _ in 0..random.below(24) {
            text.push_str(pieces[random.below(pieces.len())]);
            if random.below(4) > 0 {
                text.push(' ');
            }
        }
        let start = "CREATE TABLE t (a, b INT); CREATE VIEW v AS SELECT a FROM t; ";
        let found = read(&format!("{start}{text}"), Database::default());
        assert!(found.database.tables.len() < 30);
    }
}
