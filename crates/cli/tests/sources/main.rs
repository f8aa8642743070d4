//! Schemas from scripts, migrations, programs and documents, alone and together.

#[path = "../session/mod.rs"]
mod session;

use session::{Answer, Session};

const TABLES: &str = "\
CREATE TABLE cust (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL, status INTEGER DEFAULT 1 NOT NULL);
CREATE UNIQUE INDEX cust_name ON cust (name);
CREATE TABLE vlan (id INTEGER PRIMARY KEY, custid INTEGER REFERENCES cust ON DELETE CASCADE, number INTEGER CHECK (number > 0));
INSERT INTO cust VALUES (1, 'Acme', 1);
";
const VIEWS: &str = "\
CREATE VIEW active_names AS SELECT name FROM active;
CREATE VIEW active AS SELECT id, name FROM cust WHERE status = 1;
CREATE TRIGGER cust_gone AFTER DELETE ON cust BEGIN DELETE FROM vlan WHERE custid = old.id; END;
";
const URL: &str = "sqlite:app.db";

fn session() -> Session {
    let session = Session::new();
    session.write("tables.sql", TABLES);
    session.write("views.sql", VIEWS);
    session
}

/// Tables and views, in a database made by the engine itself, with a row.
fn running() -> Session {
    let session = session();
    sql(&session, "app.db", &format!("{TABLES}{VIEWS}"));
    session
}

fn sql(session: &Session, file: &str, text: &str) {
    let connection = rusqlite::Connection::open(session.path(file)).expect("opens");
    connection.execute_batch(text).expect("runs");
}

fn texts(session: &Session, file: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open(session.path(file)).expect("opens");
    let mut query = connection
        .prepare("SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'realign%' AND name NOT LIKE 'sqlite%' ORDER BY 1")
        .expect("prepares");
    let rows = query.query_map([], |row| row.get(0)).expect("runs");
    rows.map(|row| row.expect("a text")).collect()
}

fn json(answer: &Answer) -> serde_json::Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}\n{}", answer.shown()))
}

/// A line of options that name these sources.
fn with(sources: &[&str], command: &str) -> String {
    let mut line = format!("--database-url {URL}");
    for source in sources {
        line.push_str(" --schema ");
        line.push_str(source);
    }
    format!("{line} {command}")
}

#[test]
fn a_script_equals_the_database_that_loaded_it() {
    let session = running();
    for line in [
        "schema diff sql:tables.sql,views.sql sqlite:app.db --exit-code",
        "schema diff sqlite:app.db sql:tables.sql,views.sql --exit-code --complete",
        "schema diff sql:. sqlite:app.db --exit-code --scratch auto",
    ] {
        let answer = session.run(line).ended(0);
        assert!(
            answer.out.starts_with("No difference."),
            "{}",
            answer.shown()
        );
    }
    let both = ["sql:tables.sql", "sql:views.sql"];
    session
        .run(&with(&both, "schema validate --complete"))
        .ended(0);
    let answer = session
        .run("schema diff sql:tables.sql sqlite:app.db --format json")
        .ended(0);
    let document = json(&answer);
    assert_eq!(document["data_statements"], 1);
    assert_eq!(document["skipped_bytes"], 0);
    assert_eq!(document["equal"], false);
}

#[test]
fn what_is_only_in_one_of_both_is_a_difference() {
    let session = running();
    for (line, code) in [
        ("schema diff sql:tables.sql sqlite:app.db --exit-code", 1),
        ("schema diff sqlite:app.db sql:tables.sql --exit-code", 1),
        ("schema diff sqlite:app.db sql:tables.sql", 0),
        (
            "schema diff sqlite:app.db sql:tables.sql --exit-code --objects tables",
            0,
        ),
        (
            "schema diff sqlite:app.db sql:tables.sql --exit-code --exclude active* --exclude cust_gone",
            0,
        ),
        (
            "schema diff sqlite:app.db sql:tables.sql --exit-code --table vlan",
            0,
        ),
        (
            "schema diff sqlite:app.db sql:tables.sql --exit-code --table cust",
            1,
        ),
    ] {
        session.run(line).ended(code);
    }
}

#[test]
fn views_beside_tables_are_found_missing_and_mended_in_the_order_of_use() {
    let session = running();
    let both = ["sql:tables.sql", "sql:views.sql"];
    let whole = texts(&session, "app.db");
    sql(
        &session,
        "app.db",
        "DROP VIEW active_names; DROP VIEW active; DROP TRIGGER cust_gone;",
    );
    let answer = session.run(&with(&both, "schema validate")).ended(2);
    for said in ["view active", "view active_names", "trigger cust_gone"] {
        assert!(answer.out.contains(said), "{}", answer.shown());
    }
    session.run(&with(&both, "schema update --force")).ended(0);
    assert_eq!(texts(&session, "app.db"), whole);
    session
        .run(&with(&both, "schema validate --complete"))
        .ended(0);
    // Without the second source nobody declares views, and they stay.
    session.run(&with(&both[..1], "schema validate")).ended(0);
}

#[test]
fn a_view_that_is_a_plain_table_gives_way_to_complete() {
    let session = running();
    let both = ["sql:tables.sql", "sql:views.sql"];
    sql(
        &session,
        "app.db",
        "DROP VIEW active_names; CREATE TABLE active_names (name); INSERT INTO active_names VALUES ('Acme');",
    );
    let answer = session.run(&with(&both, "schema validate -v")).ended(0);
    assert!(
        answer
            .out
            .contains("is a table in the database where a view is declared"),
        "{}",
        answer.shown()
    );
    session
        .run(&with(&both, "schema update --complete --force"))
        .ended(1);
    session
        .run(&with(
            &both,
            "schema update --complete --force --allow destructive --no-quarantine",
        ))
        .ended(0);
    session
        .run(&with(&both, "schema validate --complete"))
        .ended(0);
}

#[test]
fn a_later_script_alters_what_an_earlier_source_declares() {
    let session = running();
    session.write(
        "more.sql",
        "ALTER TABLE cust ADD COLUMN country VARCHAR(2) DEFAULT NULL;\nDROP VIEW active_names;\n",
    );
    let all = ["sql:tables.sql", "sql:views.sql", "sql:more.sql"];
    session.run(&with(&all, "schema update --force")).ended(0);
    session.run(&with(&all, "schema validate")).ended(0);
    let answer = session
        .run("schema inspect sqlite:app.db --format sql --table cust")
        .ended(0);
    assert!(
        answer.out.contains("country VARCHAR(2)"),
        "{}",
        answer.shown()
    );
    assert!(!answer.out.contains("vlan ("), "{}", answer.shown());
    let twice = session
        .run(&with(
            &["sql:tables.sql", "sql:tables.sql"],
            "schema validate",
        ))
        .ended(1);
    assert!(
        twice.err.contains("the table cust is there already"),
        "{}",
        twice.shown()
    );
    assert!(twice.err.contains("tables.sql:1"), "{}", twice.shown());
}

#[test]
fn migrations_end_where_the_database_does() {
    let session = Session::new();
    session.write(
        "m/9_first.sql",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);",
    );
    session.write(
        "m/10_second.sql",
        "-- realign:up\nALTER TABLE t RENAME COLUMN a TO b;\nUPDATE t SET b = 'x';\nCREATE INDEX i ON t (b);\n-- realign:down\nDROP INDEX i;\n",
    );
    session.write("m/11_third.up.sql", "ALTER TABLE t RENAME TO u;");
    session.write("m/11_third.down.sql", "ALTER TABLE u RENAME TO t;");
    sql(
        &session,
        "app.db",
        "CREATE TABLE u (id INTEGER PRIMARY KEY, b TEXT); CREATE INDEX i ON u (b);",
    );
    session
        .run("schema diff migrations:m sqlite:app.db --exit-code")
        .ended(0);
    session
        .run(&with(&["migrations:m"], "schema validate"))
        .ended(0);
}

#[test]
fn a_document_gives_back_what_was_inspected() {
    let session = running();
    let answer = session
        .run("schema inspect sqlite:app.db --format json")
        .ended(0);
    session.write("schema.json", &answer.out);
    session
        .run("schema diff json:schema.json sqlite:app.db --exit-code")
        .ended(0);
    let again = session
        .run("--server-version sqlite-3.40 schema inspect json:schema.json --format json")
        .ended(0);
    assert_eq!(json(&again)["database"], json(&answer)["database"]);
}

#[test]
fn a_program_is_a_source() {
    let session = running();
    session.write(
        "realign.toml",
        "[database]\nurl = \"sqlite:app.db\"\n[schema]\nsources = [\"exec:cat tables.sql 'views.sql'\"]\nexec_timeout = 60\n",
    );
    session.run("schema validate --complete").ended(0);
    session.write(
        "realign.toml",
        "[database]\nurl = \"sqlite:app.db\"\n[schema]\nsources = [\"exec:sh -c 'echo CREATE; echo no such entity >&2; exit 7'\"]\n",
    );
    let failed = session.run("schema validate").ended(1);
    assert!(failed.err.contains("exit code 7"), "{}", failed.shown());
    assert!(failed.err.contains("no such entity"), "{}", failed.shown());
    session.write(
        "realign.toml",
        "[database]\nurl = \"sqlite:app.db\"\n[schema]\nsources = [\"exec:sleep 600\"]\n",
    );
    let late = session.run("schema validate --exec-timeout 1").ended(1);
    assert!(late.err.contains("was ended after 1"), "{}", late.shown());
}

#[test]
fn what_is_not_understood_names_its_place_and_nothing_is_changed() {
    let session = running();
    session.write(
        "bad.sql",
        "CREATE TABLE a (id INTEGER);\n\nCREATE TABEL b (id);\n",
    );
    let answer = session
        .run(&with(&["sql:bad.sql"], "schema update --force --complete"))
        .ended(1);
    assert!(answer.err.contains("error[S001]"), "{}", answer.shown());
    assert!(answer.err.contains("bad.sql:3"), "{}", answer.shown());
    assert!(
        answer.err.contains("nothing was changed"),
        "{}",
        answer.shown()
    );
    let none = session
        .run(&with(&["sql:gone.sql"], "schema validate"))
        .ended(64);
    assert!(none.err.contains("gone.sql"), "{}", none.shown());
}

#[test]
fn a_schema_is_created_from_a_script() {
    let session = session();
    let both = ["sql:tables.sql", "sql:views.sql"];
    session.run(&with(&both, "schema create --force")).ended(0);
    let made = texts(&session, "app.db");
    sql(&session, "by_engine.db", &format!("{TABLES}{VIEWS}"));
    assert_eq!(made, texts(&session, "by_engine.db"));
    session
        .run("schema diff sqlite:app.db sqlite:by_engine.db --exit-code")
        .ended(0);
}

#[test]
fn a_database_becomes_a_mapping_that_it_is_in_sync_with() {
    let session = Session::new();
    sql(
        &session,
        "app.db",
        "CREATE TABLE cust (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name VARCHAR(80) DEFAULT 'it''s' NOT NULL, rate NUMERIC(8, 2) DEFAULT NULL, note CLOB, odd DATETIME DEFAULT (datetime('now')));
         CREATE UNIQUE INDEX cust_name ON cust (name);
         CREATE TABLE vlan (id INTEGER NOT NULL, custid INTEGER DEFAULT NULL, number SMALLINT NOT NULL, PRIMARY KEY (id), FOREIGN KEY (custid) REFERENCES cust (id) ON DELETE SET NULL NOT DEFERRABLE INITIALLY IMMEDIATE);
         CREATE INDEX on_cust ON vlan (custid);
         CREATE UNIQUE INDEX numbers ON vlan (number, custid);
         CREATE TABLE cust_vlan (custid INTEGER NOT NULL, vlanid INTEGER NOT NULL, PRIMARY KEY (custid, vlanid), FOREIGN KEY (custid) REFERENCES cust (id) ON DELETE CASCADE, FOREIGN KEY (vlanid) REFERENCES vlan (id));
         CREATE INDEX of_vlan ON cust_vlan (vlanid);
         CREATE TABLE keyless (a INTEGER);
         CREATE VIEW v AS SELECT id FROM cust;",
    );
    let xml = session
        .run("schema inspect sqlite:app.db --format xml")
        .ended(0);
    for said in [
        "App\\Entity\\CustVlan",
        "association-key",
        "has no primary key",
        "the view v",
    ] {
        assert!(xml.out.contains(said), "{said}\n{}", xml.out);
    }
    session.write("x/All.dcm.xml", &xml.out);
    let answer = session.run(&with(&["doctrine-xml:x"], "schema validate -v"));
    assert!(
        answer.all().contains("[Database] OK"),
        "{}\n{}",
        answer.shown(),
        xml.out
    );
}

#[test]
fn a_schema_is_drawn() {
    let session = running();
    for (format, says) in [
        ("svg", "<title>vlan (custid) → cust</title>"),
        ("mermaid", "cust |o--o{ vlan : \"custid\""),
        ("dot", "digraph schema {"),
    ] {
        let answer = session
            .run(&format!("schema inspect sqlite:app.db --format {format}"))
            .ended(0);
        assert!(answer.out.contains(says), "{}", answer.shown());
        let again = session
            .run(&format!(
                "--server-version sqlite-3.40 schema inspect sql:tables.sql --format {format}"
            ))
            .ended(0);
        let without_views = answer.out.replace(", 2 views not drawn", "");
        assert_eq!(again.out, without_views);
    }
    session
        .run("schema inspect sqlite:app.db --format svg --table cust")
        .ended(0);
}

#[test]
fn the_published_description_is_that_of_the_documents() {
    let session = running();
    let text = session.run("document-schema").ended(0).out;
    let published = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/schema-document.schema.json");
    assert_eq!(
        text,
        std::fs::read_to_string(published).expect("published"),
        "write it anew: realign document-schema > docs/schema-document.schema.json"
    );
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let answer = session
        .run("schema inspect sqlite:app.db --format json")
        .ended(0);
    let document = json(&answer);
    // Every key that is written is described.
    let known = |definition: &str| schema["$defs"][definition]["properties"].clone();
    let table = &document["database"]["tables"][0];
    for (object, definition) in [
        (&document["database"], "Database"),
        (table, "Table"),
        (&table["columns"][0], "Column"),
        (&table["indexes"][0], "Index"),
        (&document["database"]["triggers"][0], "Trigger"),
    ] {
        let described = known(definition);
        for key in object.as_object().expect("an object").keys() {
            assert!(
                described.get(key).is_some(),
                "{definition}.{key} is not described"
            );
        }
    }
}

#[test]
fn a_new_column_that_tells_no_rows_apart_is_told_with_a_way_out() {
    let session = running();
    sql(
        &session,
        "app.db",
        "INSERT INTO cust VALUES (2, 'Zenith', 1)",
    );
    let wish = TABLES.replace("status INTEGER", "code TEXT NOT NULL, status INTEGER");
    let wish = format!("{wish}CREATE UNIQUE INDEX cust_code ON cust (code);");
    session.write("next.sql", &wish);
    let answer = session.run(&with(&["sql:next.sql,views.sql"], "schema update --force"));
    let answer = answer.ended(1);
    for words in [
        "cust.code can't become unique: 2 rows would all hold the same value there",
        "add the column by a migration that gives each row a value of its own",
    ] {
        assert!(answer.err.contains(words), "{}", answer.shown());
    }
    sql(&session, "app.db", "DELETE FROM cust WHERE id = 2");
    let answer = session.run(&with(&["sql:next.sql,views.sql"], "schema update --force"));
    answer.ended(0);
}
