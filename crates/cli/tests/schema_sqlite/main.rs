//! The schema commands through the binary, on SQLite, with mappings of our own.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod app;

use crate::app::{App, CUST_1, HEAD, assert_private};

#[test]
fn what_was_created_is_in_sync_and_needs_nothing() {
    let app = App::running();
    app.v1(&["schema", "validate"])
        .ended(0)
        .says("[Mapping]  OK - The mapping files are correct.")
        .says("[Database] OK - The database schema is in sync with the mapping files.");
    let dump = app.v1(&["schema", "update", "--dump-sql"]).ended(0);
    assert_eq!(dump.out, "");
    app.v1(&["schema", "update"])
        .ended(0)
        .says("Nothing to update - your database is already in sync");
    app.v1(&["schema", "update", "--force"]).ended(0);
}

#[test]
fn create_without_an_option_executes_nothing() {
    let app = App::new();
    app.v1(&["schema", "create"])
        .ended(1)
        .says("Nothing is executed yet.");
    assert!(!app.path("app.db").exists());
}

#[test]
fn create_dumps_only_statements() {
    let app = App::new();
    let dump = app.v1(&["schema", "create", "--dump-sql"]).ended(0);
    assert!(dump.out.starts_with("CREATE TABLE"), "{}", dump.out);
    assert!(
        dump.out.lines().all(|line| line.ends_with(';')),
        "{}",
        dump.out
    );
    assert!(!app.path("app.db").exists());
    app.sql(&dump.out);
    app.v1(&["schema", "validate"]).ended(0);
}

#[test]
fn create_refuses_tables_that_are_there() {
    let app = App::new();
    app.sql("CREATE TABLE cust (id INTEGER)");
    app.v1(&["schema", "create", "--force"])
        .ended(1)
        .warns("1 table of what is declared is there already: cust");
    assert_eq!(app.one("SELECT count(*) FROM sqlite_schema"), "1");
}

#[test]
fn a_drift_is_named_and_mended_with_every_row_kept() {
    let app = App::running();
    app.sql("DROP INDEX idx_number; CREATE UNIQUE INDEX own ON vlan (name)");
    let before = app.stored();
    app.v1(&["schema", "validate"])
        .ended(2)
        .says("[Mapping]  OK")
        .says("[Database] FAIL - The database schema is not in sync with the current mapping file.")
        .says("idx_number")
        .says("Entities.Vlan.dcm.xml:4")
        .says("own")
        .says("Next: realign schema update --dump-sql");
    app.v1(&["schema", "update"])
        .ended(1)
        .says("Plan for sqlite:")
        .says("Nothing is executed yet.");
    assert_eq!(app.stored(), before);
    app.v1(&["schema", "update", "--force"])
        .ended(0)
        .says("Database schema updated");
    app.v1(&["schema", "validate"]).ended(0);
    assert_eq!(
        app.one("SELECT count(*) FROM vlan WHERE custid IS NOT NULL"),
        "2"
    );
}

#[test]
fn a_release_is_followed_and_the_dump_does_the_same() {
    let app = App::running();
    let other = App::running();
    let dump = other.v2(&["schema", "update", "--dump-sql"]).ended(0);
    other.sql(&dump.out);
    app.v2(&["schema", "update", "--force"]).ended(0);
    assert_eq!(app.stored(), other.stored());
    app.v2(&["schema", "validate"]).ended(0);
    assert_eq!(app.v2(&["schema", "update", "--dump-sql"]).ended(0).out, "");
    assert_eq!(app.one("SELECT group_concat(number) FROM vlan"), "10,3998");
    assert_eq!(app.one("SELECT group_concat(peering) FROM cust"), "0,0");
}

#[test]
fn rows_in_the_way_are_found_before_the_first_statement() {
    let app = App::running();
    app.sql("INSERT INTO cust (id, name, shortname) VALUES (3, 'Other', 'acme')");
    let before = app.stored();
    app.v2(&["schema", "update"]).ended(1).warns("acme");
    app.v2(&["schema", "update", "--force"])
        .ended(1)
        .warns("error[R")
        .warns("acme")
        .warns("nothing was changed")
        .warns("Entities.Cust.dcm.xml:");
    assert_eq!(app.stored(), before);
}

#[test]
fn removals_need_a_yes_of_their_own() {
    let app = App::running();
    app.sql(
        "CREATE TABLE meeting (id INTEGER PRIMARY KEY, title TEXT);
         INSERT INTO meeting (title) VALUES ('a'), ('b');
         CREATE TABLE doctrine_migration_versions (version VARCHAR(191) NOT NULL PRIMARY KEY, executed_at DATETIME, execution_time INTEGER);",
    );
    app.v1(&["schema", "validate"])
        .ended(0)
        .says("1 table is not declared");
    app.v1(&["schema", "validate", "--complete"])
        .ended(2)
        .says("meeting");
    assert_eq!(app.v1(&["schema", "update", "--dump-sql"]).ended(0).out, "");
    app.v1(&["schema", "update", "--complete", "--force"])
        .ended(1)
        .warns("it needs --allow destructive and --no-quarantine")
        .warns("table meeting: 2 rows");
    app.v1(&[
        "schema",
        "update",
        "--complete",
        "--force",
        "--allow",
        "destructive",
    ])
    .ended(1)
    .warns("--no-quarantine");
    assert_eq!(app.one("SELECT count(*) FROM meeting"), "2");
    app.v1(&[
        "schema",
        "update",
        "--complete",
        "--force",
        "--allow",
        "destructive",
        "--no-quarantine",
    ])
    .ended(0);
    assert_eq!(
        app.one("SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('meeting', 'doctrine_migration_versions')"),
        "doctrine_migration_versions"
    );
    app.v1(&["schema", "validate", "--complete"]).ended(0);
}

#[test]
fn a_kept_plan_runs_once_and_never_on_another_database() {
    let app = App::running();
    app.v2(&[
        "schema",
        "update",
        "--write-plan",
        "plan.json",
        "--write-sql",
        "plan.sql",
    ])
    .ended(0);
    let dump = app.v2(&["schema", "update", "--dump-sql"]).ended(0);
    assert_eq!(
        std::fs::read_to_string(app.path("plan.sql")).unwrap(),
        dump.out
    );
    assert_private(&app.path("plan.json"));
    assert_private(&app.path("plan.sql"));

    let stale = App::running();
    stale.sql("CREATE TABLE extra (id INTEGER)");
    std::fs::copy(app.path("plan.json"), stale.path("plan.json")).unwrap();
    stale
        .v2(&["schema", "apply", "plan.json"])
        .ended(4)
        .warns("the database has changed since")
        .warns("realign schema update --write-plan plan.json");

    let text = std::fs::read_to_string(app.path("plan.json")).unwrap();
    app.write(
        "old.json",
        &text.replacen("\"format\": 1", "\"format\": 99", 1),
    );
    app.v2(&["schema", "apply", "old.json"]).ended(4);
    app.write("no.json", "{}");
    app.v2(&["schema", "apply", "no.json"]).ended(64);

    app.v2(&["schema", "apply", "plan.json"]).ended(0);
    app.v2(&["schema", "validate"]).ended(0);
    app.v2(&["schema", "apply", "plan.json"]).ended(4);
}

#[test]
fn a_wrong_mapping_is_pictured_and_nothing_is_built_on_it() {
    let app = App::running();
    app.write(
        "v1/Entities.Bad.dcm.xml",
        &format!(
            "{HEAD}\n  <entity name=\"Entities\\Bad\" table=\"bad\">\n    <id name=\"id\" type=\"integer\"/>\n    <field name=\"a\" type=\"no_such_type\"/>\n  </entity>\n</doctrine-mapping>\n"
        ),
    );
    app.v1(&["schema", "validate"])
        .ended(1)
        .says("[Mapping]  FAIL")
        .says("SKIPPED")
        .warns("Entities.Bad.dcm.xml:4")
        .warns("no_such_type");
    let before = app.stored();
    let update = app.v1(&["schema", "update", "--dump-sql"]).ended(1);
    assert_eq!(update.out, "");
    app.v1(&["schema", "update", "--force"]).ended(1);
    assert_eq!(app.stored(), before);
}

#[test]
fn a_name_used_twice_is_printed_and_not_run() {
    let app = App::new();
    app.write(
        "v1/Entities.Cust.dcm.xml",
        &CUST_1.replace(
            "<id name",
            "<indexes><index name=\"idx_number\" columns=\"name\"/></indexes>\n    <id name",
        ),
    );
    let dump = app
        .v1(&["schema", "create", "--dump-sql"])
        .ended(0)
        .warns("idx_number")
        .warns("Entities.Cust.dcm.xml")
        .warns("Entities.Vlan.dcm.xml");
    assert_eq!(dump.out.matches("idx_number").count(), 2);
    app.v1(&["schema", "create", "--force"])
        .ended(1)
        .warns("idx_number");
    assert_eq!(app.one("SELECT count(*) FROM sqlite_schema"), "0");
}

#[test]
fn drop_keeps_filled_tables_without_a_yes() {
    let app = App::running();
    app.sql("CREATE TABLE own (id INTEGER)");
    app.v1(&["schema", "drop"]).ended(1).says("--force runs it");
    app.v1(&["schema", "drop", "--force"])
        .ended(1)
        .warns("--allow destructive")
        .warns("cust: 2 rows");
    assert_eq!(app.one("SELECT count(*) FROM cust"), "2");
    let dump = app.v1(&["schema", "drop", "--dump-sql"]).ended(0);
    assert!(dump.out.contains("DROP TABLE cust"), "{}", dump.out);
    app.v1(&["schema", "drop", "--force", "--allow", "destructive"])
        .ended(0);
    assert_eq!(
        app.one(
            "SELECT group_concat(name) FROM sqlite_schema \
             WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE 'realign%'"
        ),
        "own"
    );
    app.v1(&["schema", "drop", "--full-database", "--force"])
        .ended(0);
    app.v1(&["schema", "drop", "--full-database"])
        .ended(0)
        .says("Nothing to drop");
}

#[test]
fn two_releases_are_compared_without_a_database() {
    let app = App::new();
    let diff = |more: &[&str]| {
        let mut all = vec![
            "--server-version",
            "sqlite-3.40",
            "schema",
            "diff",
            "doctrine-xml:v1",
            "doctrine-xml:v2",
        ];
        all.extend(more);
        app.run(&all)
    };
    diff(&[])
        .ended(0)
        .says("~ table cust")
        .says("+ column peering")
        .says("+ index idx_number_name");
    diff(&["--exit-code"]).ended(1);
    let sql = diff(&["--sql"]).ended(0);
    assert!(sql.out.trim_end().ends_with(';'), "{}", sql.out);
    let json = diff(&["--format", "json"]).ended(0).json();
    assert_eq!(json["equal"], false);
    assert!(
        json["differences"]
            .as_array()
            .is_some_and(|d| !d.is_empty())
    );
    app.run(&[
        "--server-version",
        "sqlite-3.40",
        "schema",
        "diff",
        "doctrine-xml:v1",
        "doctrine-xml:v1",
        "--exit-code",
    ])
    .ended(0)
    .says("No difference.");
}

#[test]
fn an_inspection_is_a_source() {
    let app = App::running();
    let document = app.v1(&["schema", "inspect", "--format", "json"]).ended(0);
    assert_eq!(document.json()["format"], 1);
    app.write("schema.json", &document.out);
    app.run(&[
        "--database-url",
        "sqlite:app.db",
        "--schema",
        "json:schema.json",
        "schema",
        "validate",
    ])
    .ended(0);
    let sql = app.v1(&["schema", "inspect", "--format", "sql"]).ended(0);
    assert!(sql.out.contains("CREATE TABLE cust"), "{}", sql.out);
    app.v1(&["schema", "inspect"]).ended(0).says("+ table cust");
    app.v1(&["schema", "inspect", "doctrine-xml:v2"])
        .ended(0)
        .says("column peering");
}

#[test]
fn json_has_its_fields() {
    let app = App::running();
    app.sql("DROP INDEX idx_number");
    let validate = app.v1(&["schema", "validate", "--format", "json"]).ended(2);
    let json = validate.json();
    assert_eq!(json["command"], "schema validate");
    assert_eq!(json["exit_code"], 2);
    assert_eq!(json["mapping"]["status"], "ok");
    assert_eq!(json["mapping"]["classes"], 2);
    assert_eq!(json["sync"]["status"], "fail");
    let difference = &json["sync"]["differences"][0];
    assert_eq!(difference["weight"], "differs");
    assert!(
        difference["origin"]["file"]["line"].is_number(),
        "{difference}"
    );

    let planned = app.v1(&["schema", "update", "--format", "json"]).ended(1);
    let json = planned.json();
    assert_eq!(json["outcome"], "planned");
    assert!(json["steps"][0]["statements"][0].is_string());
    assert_eq!(json["exit_code"], 1);

    let ran = app
        .v1(&["schema", "update", "--force", "--format", "json"])
        .ended(0);
    let json = ran.json();
    assert_eq!(json["outcome"], "executed");
    assert!(
        json["applied"]["statements"]
            .as_u64()
            .is_some_and(|n| n > 0)
    );
    let again = app
        .v1(&["schema", "update", "--force", "--format", "json"])
        .ended(0);
    assert_eq!(again.json()["outcome"], "nothing-to-do");

    let error = app.run(&[
        "--database-url",
        "sqlite:gone.db",
        "--schema",
        "doctrine-xml:v1",
        "schema",
        "validate",
        "--format",
        "json",
    ]);
    let error = error.ended(69);
    assert_eq!(error.json()["exit_code"], 69);
    assert!(error.json()["error"]["message"].is_string());
}

#[test]
fn what_is_not_in_this_version_is_a_usage_error() {
    let app = App::running();
    app.v1(&["schema", "validate", "--format", "mermaid"])
        .ended(64)
        .warns("only for `schema inspect`");
    app.v1(&["schema", "update", "--format", "sql"]).ended(64);
    app.v1(&["schema", "update", "--rehearse"])
        .ended(64)
        .warns("planned, not in this version");
    app.run(&[
        "--database-url",
        "sqlite:app.db",
        "--schema",
        "doctrine-php:src",
        "schema",
        "validate",
    ])
    .ended(64)
    .warns("doctrine-xml:PATH");
    app.run(&["--database-url", "sqlite:app.db", "schema", "validate"])
        .ended(64)
        .warns("no source of the declared schema is named");
    app.run(&["--schema", "doctrine-xml:v1", "schema", "validate"])
        .ended(64);
}

#[test]
fn the_mapping_alone_needs_no_database() {
    let app = App::new();
    app.run(&[
        "--schema",
        "doctrine-xml:v1",
        "schema",
        "validate",
        "--skip-sync",
    ])
    .ended(0)
    .says("[Mapping]  OK")
    .says("SKIPPED");
    app.v1(&["schema", "validate", "--skip-sync", "--skip-mapping"])
        .ended(0);
}
