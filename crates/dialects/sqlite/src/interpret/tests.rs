use realign_model::{Database, Origin};
use realign_planner::schema_script::{DOES_NOT_FIT, NOT_UNDERSTOOD};
use realign_planner::{Facts, Interpret, Interpreted, SchemaScript, Severity};

use crate::Sqlite;

fn read(text: &str) -> Interpreted {
    let script = SchemaScript {
        path: "s.sql",
        text,
    };
    Sqlite.interpret(&script, Database::default(), &Facts::default())
}

fn clean(text: &str) -> Database {
    let read = read(text);
    assert_eq!(read.diagnostics, [], "{text}");
    read.database
}

#[test]
fn a_column_knows_its_line() {
    let database =
        clean("-- head\nCREATE TABLE IF NOT EXISTS main.t (\n  id INTEGER,\n  nö TEXT\n);");
    let Origin::File { line, column, .. } = database.tables[0].columns[1].origin else {
        panic!("no place");
    };
    assert_eq!((line, column), (4, 3));
}

#[test]
fn a_table_made_from_a_query_may_pass() {
    let made = read(
        "CREATE TABLE a (id INT); CREATE TABLE b AS SELECT * FROM a; CREATE INDEX i ON b (id);
         ALTER TABLE b RENAME TO c; DROP TABLE a; CREATE TABLE a (id INT, n INT);
         INSERT INTO a SELECT id, 1 FROM c; DROP TABLE c;",
    );
    assert_eq!(made.diagnostics, []);
    assert_eq!(made.database.tables.len(), 1);
    let made = read("CREATE TABLE a (id INT);\nCREATE TABLE b AS SELECT * FROM a;");
    let told: Vec<&str> = made
        .diagnostics
        .iter()
        .map(|d| d.message.as_str())
        .collect();
    assert_eq!(
        told,
        ["the columns that table b gets from its query are not known"]
    );
}

#[test]
fn a_dump_of_virtual_tables_is_read() {
    let database = clean(
        "PRAGMA writable_schema=ON;
         INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','s','s',0,'CREATE VIRTUAL TABLE s USING fts4 ( a, ''b'' )');
         CREATE TABLE IF NOT EXISTS 's_content'(docid INTEGER PRIMARY KEY, 'c0a');
         CREATE TABLE IF NOT EXISTS 'other_content'(id INTEGER PRIMARY KEY);
         INSERT INTO other_content VALUES('sqlite_schema');
         PRAGMA writable_schema=OFF;",
    );
    assert_eq!(database.opaque.len(), 1);
    assert_eq!(
        database.opaque[0].text,
        "CREATE VIRTUAL TABLE s USING fts4 ( a, 'b' )"
    );
    assert_eq!(database.tables.len(), 1);
}

#[test]
fn temporary_things_are_no_part_of_it() {
    let database = clean(
        "CREATE TEMPORARY TABLE tmp (a); CREATE INDEX i ON tmp (a); ALTER TABLE tmp ADD b;
         INSERT INTO tmp SELECT 1; DROP TABLE tmp; CREATE TEMP VIEW v AS SELECT 1; DROP VIEW v;
         CREATE TABLE temp.x (a); DROP TABLE temp.x;",
    );
    assert_eq!(database, Database::default());
}

#[test]
fn what_is_not_understood_has_its_place_and_the_rest_is_read() {
    let found = read(
        "CREATE TABLE a (id);\nCREATE TABEL b (id);\n  CREATE TABLE c (id)x;\nCREATE TABLE d (id);",
    );
    assert_eq!(found.database.tables.len(), 2);
    let places: Vec<(String, String)> = found
        .diagnostics
        .iter()
        .map(|d| (d.code.clone(), d.origin.to_string()))
        .collect();
    let not = |place: &str| (NOT_UNDERSTOOD.to_owned(), place.to_owned());
    assert_eq!(places, [not("s.sql:2"), not("s.sql:3")]);
    assert!(found.skipped_bytes > 30);
    assert!(
        found
            .diagnostics
            .iter()
            .all(|d| d.severity == Severity::Error)
    );
}

#[test]
fn what_does_not_fit_is_said() {
    for (sql, said) in [
        (
            "CREATE TABLE a (id); CREATE TABLE A (id)",
            "the table A is there already",
        ),
        (
            "CREATE VIEW a AS SELECT 1; CREATE TABLE a (id)",
            "a view has that name",
        ),
        ("DROP TABLE a", "there is no table a to drop"),
        ("ALTER TABLE a ADD b", "there is no table a to alter"),
        (
            "CREATE TABLE a (id); ALTER TABLE a ADD id",
            "has a column id already",
        ),
        (
            "CREATE TABLE a (id); ALTER TABLE a RENAME b TO c",
            "has no column b",
        ),
        (
            "CREATE TABLE a (id); CREATE INDEX i ON a (x)",
            "has no column x",
        ),
        ("CREATE INDEX i ON a (x)", "which is not there"),
        (
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END",
            "which is not there",
        ),
        (
            "CREATE TABLE a (id PRIMARY KEY); ALTER TABLE a DROP id",
            "part of its key",
        ),
        ("CREATE TABLE other.a (id)", "another database"),
    ] {
        let found = read(sql);
        let [diagnostic] = found.diagnostics.as_slice() else {
            panic!("{sql}: {:?}", found.diagnostics);
        };
        assert_eq!(diagnostic.code, DOES_NOT_FIT, "{sql}");
        assert!(
            diagnostic.message.contains(said),
            "{sql}: {}",
            diagnostic.message
        );
    }
    for sql in [
        "DROP TABLE IF EXISTS a",
        "CREATE TABLE a (id); CREATE TABLE IF NOT EXISTS a (id)",
        "CREATE TABLE a (id); CREATE INDEX i ON a (id); CREATE INDEX IF NOT EXISTS i ON a (id)",
        "BEGIN; PRAGMA foreign_keys = OFF; SELECT 1; ANALYZE; VACUUM; COMMIT",
    ] {
        clean(sql);
    }
}

#[test]
fn rows_are_counted() {
    let found =
        read("CREATE TABLE a (id); INSERT INTO a VALUES (1); UPDATE a SET id = 2; DELETE FROM a");
    assert_eq!(found.data_statements, 3);
    assert_eq!(found.diagnostics, []);
}

#[test]
fn a_zero_byte_is_told_and_the_rest_is_read() {
    let read = read(
        "CREATE TABLE a (id INT, [\0b] TEXT);\nCREATE TABLE b (n [\0]);\n\
         CREATE TABLE c (id INT);",
    );
    let told: Vec<_> = read
        .diagnostics
        .iter()
        .map(|d| (d.code.as_str(), d.message.as_str()))
        .collect();
    let of = |column: usize| {
        format!(
            "this statement is not understood: a zero byte, where the engine stops reading \
             (line 1, column {column} of it)"
        )
    };
    let (first, second) = (of(26), of(20));
    assert_eq!(
        told,
        [
            (NOT_UNDERSTOOD, first.as_str()),
            (NOT_UNDERSTOOD, second.as_str())
        ]
    );
    let names: Vec<&str> = read
        .database
        .tables
        .iter()
        .map(|t| t.name.name.as_str())
        .collect();
    assert_eq!(names, ["c"]);
}
