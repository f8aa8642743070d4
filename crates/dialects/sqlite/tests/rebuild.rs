//! Tables made anew: what has to survive, and what is refused before the first statement.

#![allow(clippy::print_stderr, reason = "a test that could not run says so")]

mod database;

use std::io::Write as _;
use std::process::{Command, Stdio};

use database::{Live, complete, listing, model};
use realign_model::Database;
use realign_planner::{Policy, Renames, Risk};

/// A parent with a counter, a trigger, views around it and a child that refers to it.
const BEFORE: &[&str] = &[
    "CREATE TABLE cust (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name VARCHAR(50) DEFAULT NULL, old_note VARCHAR(9) DEFAULT NULL)",
    "CREATE INDEX cust_name ON cust (name)",
    "CREATE TABLE log (at INTEGER PRIMARY KEY, what TEXT)",
    "CREATE TABLE child (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, cust INTEGER NOT NULL, CONSTRAINT fk FOREIGN KEY (cust) REFERENCES cust (id) ON DELETE CASCADE NOT DEFERRABLE INITIALLY IMMEDIATE)",
    "CREATE TRIGGER log_name AFTER UPDATE OF name ON cust BEGIN INSERT INTO log (what) VALUES (NEW.name); END",
    "CREATE TRIGGER child_of AFTER INSERT ON child BEGIN UPDATE cust SET name = name || '+' WHERE id = NEW.cust; END",
    "CREATE VIEW named AS SELECT id, name FROM cust WHERE name IS NOT NULL",
    "CREATE VIEW broken AS SELECT nowhere FROM gone",
];

/// The same with another type and default of the name: not possible in place.
fn with(from: &str, to: &str) -> Database {
    let statements: Vec<String> = BEFORE.iter().map(|sql| sql.replace(from, to)).collect();
    assert!(statements.iter().zip(BEFORE).any(|(a, b)| a != b), "{from}");
    model(&statements)
}

fn filled() -> Live {
    let mut live = Live::after(BEFORE);
    live.run("INSERT INTO cust (id, name, old_note) VALUES (1, 'a', 'x'), (5, 'b', NULL), (9, 'gone', NULL)");
    live.run("DELETE FROM cust WHERE id = 9");
    live.run("INSERT INTO child (id, cust) VALUES (3, 5)");
    live
}

#[test]
fn everything_around_a_table_survives() {
    let wish = with(
        "name VARCHAR(50) DEFAULT NULL",
        "name VARCHAR(80) DEFAULT 'n' NOT NULL",
    );
    let mut live = filled();
    assert_eq!(live.rows("PRAGMA foreign_keys"), ["1"]);
    let plan = live.update(&wish, &Policy::default());
    assert_eq!(plan.risk(), Risk::Rewriting);
    insta::assert_snapshot!("everything_around_a_table_survives", listing(&plan));

    assert_eq!(
        live.rows("SELECT id, name, old_note FROM cust"),
        ["1|a|x", "5|b+|NULL"]
    );
    assert_eq!(live.rows("SELECT * FROM child"), ["3|5"]);
    assert_eq!(live.rows("SELECT * FROM named"), ["1|a", "5|b+"]);
    // The counter goes on after the row that was deleted.
    live.run("INSERT INTO cust (name) VALUES ('c')");
    assert_eq!(live.rows("SELECT max(id) FROM cust"), ["10"]);
    // Triggers of the table and of others fire, the foreign key holds and cascades.
    live.run("INSERT INTO child (cust) VALUES (10)");
    assert_eq!(
        live.rows("SELECT what FROM log ORDER BY at DESC LIMIT 1"),
        ["c+"]
    );
    assert!(!live.accepts("INSERT INTO child (cust) VALUES (77)"));
    live.run("DELETE FROM cust WHERE id = 5");
    assert_eq!(live.rows("SELECT cust FROM child"), ["10"]);
    assert_eq!(live.rows("PRAGMA foreign_keys"), ["1"]);
    assert_eq!(live.rows("PRAGMA legacy_alter_table"), ["0"]);
}

#[test]
fn the_command_line_client_does_the_same() {
    let wish = with(
        "name VARCHAR(50) DEFAULT NULL",
        "name VARCHAR(80) DEFAULT 'n' NOT NULL",
    );
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("app.db");
    let client = |sql: &str| -> Option<String> {
        let mut child = Command::new("sqlite3")
            .arg("-bail")
            .arg(&file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        child
            .stdin
            .take()
            .expect("piped")
            .write_all(sql.as_bytes())
            .expect("writes");
        let output = child.wait_with_output().expect("ends");
        assert!(output.status.success(), "{sql}");
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    if client(&format!("{};", BEFORE.join(";\n"))).is_none() {
        eprintln!("not run: no sqlite3 client");
        return;
    }
    client("INSERT INTO cust (id, name) VALUES (4, 'd');");
    let mut live = filled();
    let plan = live.plan(&wish, &Policy::default());
    client(&format!("{};", listing(&plan).replace('\n', ";\n")));
    live.apply(&plan).expect("runs");
    let texts =
        client("SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY type, name;");
    assert_eq!(
        texts.as_deref().map(str::trim_end),
        Some(live.texts().join("\n").as_str())
    );
    assert_eq!(
        client("SELECT id, name FROM cust;").as_deref(),
        Some("4|d\n")
    );
}

#[test]
fn a_table_that_names_itself_is_copied() {
    let before = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, a INTEGER DEFAULT NULL, CHECK (t.a > 0))",
        "CREATE INDEX i ON t (a) WHERE t.a > 5",
    ];
    let after: Vec<String> = before
        .iter()
        .map(|s| s.replace("a INTEGER DEFAULT NULL", "a BIGINT DEFAULT NULL"))
        .collect();
    let wish = model(&after);
    let mut live = Live::after(&before);
    live.run("INSERT INTO t (id, a) VALUES (3, 4), (8, 9)");
    live.run("DELETE FROM t WHERE id = 8");
    live.update(&wish, &Policy::default());
    live.run("INSERT INTO t (a) VALUES (1)");
    assert_eq!(live.rows("SELECT id, a FROM t"), ["3|4", "9|1"]);
    assert_eq!(live.texts(), Live::after(&after).texts());
}

#[test]
fn what_nobody_declared_stays() {
    let mut live = filled();
    live.run("ALTER TABLE cust ADD COLUMN legacy \"My Type\" DEFAULT 2");
    live.run("CREATE INDEX legacy_idx ON cust (legacy COLLATE NOCASE DESC) WHERE legacy > 1");
    let wish = with("name VARCHAR(50)", "name VARCHAR(80)");
    live.update(&wish, &Policy::default());
    assert_eq!(live.rows("SELECT id, legacy FROM cust"), ["1|2", "5|2"]);
    let texts = live.texts().join("\n");
    assert!(texts.contains("legacy My Type DEFAULT 2"), "{texts}");
    assert!(
        texts.contains(
            "CREATE INDEX legacy_idx ON cust (legacy COLLATE NOCASE DESC) WHERE legacy > 1"
        ),
        "{texts}"
    );
}

#[test]
fn columns_are_added_in_place_where_the_engine_can() {
    let mut live = filled();
    let wish = with(
        "old_note VARCHAR(9) DEFAULT NULL",
        "old_note VARCHAR(9) DEFAULT NULL, note VARCHAR(9) DEFAULT NULL, flag BOOLEAN DEFAULT 0 NOT NULL",
    );
    let plan = live.update(&wish, &Policy::default());
    assert_eq!(
        listing(&plan),
        "BEGIN IMMEDIATE\n\
         ALTER TABLE cust ADD COLUMN note VARCHAR(9) DEFAULT NULL\n\
         ALTER TABLE cust ADD COLUMN flag BOOLEAN DEFAULT 0 NOT NULL\n\
         COMMIT"
    );
}

#[test]
fn new_columns_that_can_t_be_added_in_place() {
    for (column, value) in [
        ("n INTEGER NOT NULL", "0"),
        ("n VARCHAR(9) NOT NULL", ""),
        ("n CLOB DEFAULT NULL --(DC2Type:json)\n", "NULL"),
        ("n INTEGER DEFAULT (1 + 1) NOT NULL", "2"),
        ("n INTEGER GENERATED ALWAYS AS (id * 2) STORED", "2"),
    ] {
        let mut live = filled();
        let wish = with(
            "old_note VARCHAR(9) DEFAULT NULL",
            &format!("old_note VARCHAR(9) DEFAULT NULL, {column}"),
        );
        live.update(&wish, &Policy::default());
        assert_eq!(
            live.rows("SELECT n FROM cust WHERE id = 1"),
            [value],
            "{column}"
        );
    }
}

#[test]
fn a_column_that_goes_says_what_goes_with_it() {
    let mut live = filled();
    live.run("CREATE VIEW notes AS SELECT old_note FROM cust");
    let wish = with(", old_note VARCHAR(9) DEFAULT NULL", "");
    let policy = Policy {
        complete: true,
        ..Policy::default()
    };
    let plan = live.update(&wish, &policy);
    let step = plan
        .steps
        .iter()
        .find(|s| s.object == "cust")
        .expect("a step");
    assert_eq!(step.risk, Risk::Destructive);
    assert_eq!(step.losses[0].object, "column cust.old_note");
    assert!(
        step.reasons.iter().any(|r| r.text.contains("view notes")),
        "{:?}",
        step.reasons
    );
    // Views that no longer fit stay as they are.
    assert!(live.texts().iter().any(|t| t.contains("VIEW notes")));
}

#[test]
fn renames_are_followed_everywhere() {
    let after: Vec<String> = BEFORE
        .iter()
        .map(|s| s.replace("old_note VARCHAR(9)", "note VARCHAR(12)"))
        .collect();
    let wish = model(&after);
    let policy = Policy {
        renames: Renames {
            columns: vec![("cust".into(), "old_note".into(), "note".into())],
            ..Renames::default()
        },
        ..Policy::default()
    };
    let mut live = filled();
    live.run("CREATE VIEW notes AS SELECT old_note FROM cust");
    live.run("CREATE TRIGGER noted AFTER UPDATE OF old_note ON cust BEGIN INSERT INTO log (what) VALUES (NEW.old_note); END");
    live.update(&wish, &policy);
    assert_eq!(live.rows("SELECT * FROM notes"), ["x", "NULL"]);
    live.run("UPDATE cust SET note = 'n' WHERE id = 5");
    assert_eq!(
        live.rows("SELECT what FROM log ORDER BY at DESC LIMIT 1"),
        ["n"]
    );
}

#[test]
fn a_renamed_table_keeps_its_children() {
    let after: Vec<String> = BEFORE
        .iter()
        .filter(|s| !s.contains("CREATE VIEW broken"))
        .map(|s| {
            s.replace("TABLE cust (", "TABLE customer (")
                .replace("ON cust", "ON customer")
                .replace("REFERENCES cust ", "REFERENCES customer ")
                .replace("UPDATE cust SET", "UPDATE customer SET")
                .replace("FROM cust ", "FROM customer ")
                .replace("name VARCHAR(50)", "name VARCHAR(60)")
        })
        .collect();
    let wish = model(&after);
    let policy = Policy {
        renames: Renames {
            tables: vec![("cust".into(), "customer".into())],
            ..Renames::default()
        },
        ..Policy::default()
    };
    let mut live = filled();
    live.update(&wish, &policy);
    assert_eq!(live.rows("SELECT id FROM customer"), ["1", "5"]);
    assert_eq!(live.rows("SELECT * FROM named"), ["1|a", "5|b+"]);
    live.run("INSERT INTO child (cust) VALUES (1)");
    live.run("DELETE FROM customer WHERE id = 5");
    assert_eq!(live.rows("SELECT cust FROM child"), ["1"]);
    assert_eq!(live.rows("SELECT name FROM customer"), ["a+"]);
}

#[test]
fn orphans_that_were_there_are_nobodys_business() {
    let mut live = filled();
    live.run("PRAGMA foreign_keys = OFF");
    live.run("INSERT INTO child (cust) VALUES (500)");
    live.run("PRAGMA foreign_keys = ON");
    let wish = with("name VARCHAR(50)", "name VARCHAR(80)");
    live.update(&wish, &Policy::default());
    assert_eq!(live.rows("SELECT count(*) FROM child"), ["2"]);
    let wish = with(
        "cust INTEGER NOT NULL,",
        "cust INTEGER NOT NULL, n VARCHAR(4) NOT NULL,",
    );
    live.update(&wish, &Policy::default());
    assert_eq!(live.rows("SELECT count(*) FROM child"), ["2"]);
}

#[test]
fn data_that_refuses_is_named_before_the_first_statement() {
    for (from, to, code) in [
        (
            "old_note VARCHAR(9) DEFAULT NULL",
            "old_note VARCHAR(9) NOT NULL",
            "R202",
        ),
        (
            "old_note VARCHAR(9) DEFAULT NULL",
            "old_note VARCHAR(9) DEFAULT NULL, born DATE NOT NULL",
            "R203",
        ),
        (
            "name VARCHAR(50) DEFAULT NULL",
            "name INTEGER DEFAULT NULL",
            "R206",
        ),
        (
            "old_note VARCHAR(9) DEFAULT NULL)",
            "old_note VARCHAR(9) DEFAULT NULL, CHECK (name <> 'a'))",
            "R207",
        ),
        ("INDEX cust_name", "UNIQUE INDEX cust_name", "R204"),
        (
            "what TEXT)",
            "what TEXT, CONSTRAINT lk FOREIGN KEY (at) REFERENCES cust (id))",
            "R205",
        ),
    ] {
        let mut live = filled();
        live.run("INSERT INTO cust (id, name) VALUES (6, 'a')");
        live.run("INSERT INTO log (at, what) VALUES (400, 'x')");
        let plan = live.plan(&with(from, to), &Policy::default());
        assert_eq!(live.refused(&plan), [code], "{to}");
    }
}

#[test]
fn a_failing_step_leaves_nothing_behind() {
    let mut live = filled();
    let before = live.texts();
    // The precheck would refuse this; without it the engine does, in the middle.
    let plan = live.plan(
        &with(
            "old_note VARCHAR(9) DEFAULT NULL",
            "old_note VARCHAR(9) NOT NULL",
        ),
        &Policy::default(),
    );
    assert!(live.apply(&plan).is_err());
    assert_eq!(live.texts(), before);
    assert_eq!(live.rows("SELECT id FROM cust"), ["1", "5"]);
    assert_eq!(live.rows("PRAGMA foreign_keys"), ["1"]);
    assert_eq!(live.rows("PRAGMA legacy_alter_table"), ["0"]);
}

#[test]
fn what_is_not_read_goes_only_when_all_that_is_not_declared_does() {
    let mut live = Live::after(&[
        "CREATE VIRTUAL TABLE words USING fts5(word)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER UNIQUE)",
    ]);
    let seen = live.inspect();
    assert_eq!(seen.database.tables.len(), 1);
    // The five tables behind it are part of it.
    assert_eq!(seen.database.opaque.len(), 1);
    let wish = model(&["CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER UNIQUE)"]);
    assert!(live.plan(&wish, &Policy::default()).is_empty());
    let plan = live.plan(&wish, &complete());
    assert_eq!(plan.risk(), realign_planner::Risk::Destructive);
    let sent: Vec<&str> = plan
        .steps
        .iter()
        .map(|s| s.statements[0].sql.as_str())
        .collect();
    assert_eq!(sent, ["DROP TABLE words"]);
    assert!(live.apply(&plan).is_ok());
    assert_eq!(live.inspect().database.opaque.len(), 0);
}

#[test]
fn index_names_move_between_tables() {
    let before = [
        "CREATE TABLE a (x INTEGER)",
        "CREATE INDEX i ON a (x)",
        "CREATE TABLE b (x INTEGER)",
    ];
    let after = [
        "CREATE TABLE a (x INTEGER)",
        "CREATE TABLE b (x INTEGER)",
        "CREATE INDEX i ON b (x)",
    ];
    let mut live = Live::after(&before);
    live.update(&model(&after), &complete());
    let mut live = Live::after(&after);
    live.update(&model(&before), &complete());
}

#[test]
fn everything_is_dropped_in_order() {
    let mut live = filled();
    let seen = live.inspect();
    let plan = realign_planner::drop_plan(
        &seen.database,
        &seen.database,
        &realign_sqlite::SQLITE,
        &seen.facts,
    );
    live.apply(&plan).expect("runs");
    assert_eq!(live.texts(), Vec::<String>::new());
}

#[test]
fn a_constraint_that_went_can_come_back() {
    let mut live = filled();
    let before = live.texts();
    let wish = with(
        ", CONSTRAINT fk FOREIGN KEY (cust) REFERENCES cust (id) ON DELETE CASCADE NOT DEFERRABLE INITIALLY IMMEDIATE",
        "",
    );
    let plan = live.update(&wish, &Policy::default());
    assert_ne!(live.texts(), before);
    for sql in plan.steps.iter().flat_map(|step| &step.undo) {
        live.run(sql);
    }
    assert_eq!(live.texts(), before);
    assert_eq!(live.rows("SELECT * FROM child"), ["3|5"]);
}

#[test]
fn a_column_definition_holds_its_own_check() {
    let mut wish = model(BEFORE);
    let table = &mut wish.tables[0];
    let name = table
        .columns
        .iter()
        .position(|c| c.name.text == "name")
        .expect("there");
    let mut remarks = Vec::new();
    let platform = realign_planner::Dialect::doctrine(&realign_sqlite::SQLITE);
    let declared = realign_planner::DoctrineColumn {
        length: Some(255),
        not_null: false,
        definition: Some("VARCHAR(70) CHECK (length(name) < 70)".to_owned()),
        ..realign_planner::DoctrineColumn::new("name", "string")
    };
    table.columns[name] = platform
        .column(&declared, &database::facts(), &mut remarks)
        .expect("is taken");
    let mut live = filled();
    live.update(&wish, &Policy::default());
    live.update(&wish, &complete());
    assert!(
        live.texts()
            .iter()
            .any(|t| t.contains("name VARCHAR(70) CHECK (length(name) < 70)"))
    );
    // And without it again.
    live.update(&model(BEFORE), &Policy::default());
    assert!(!live.texts().iter().any(|t| t.contains("CHECK")));
}
