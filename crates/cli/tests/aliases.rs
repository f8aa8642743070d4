//! Doctrine's own command lines: what they print where, how they end, and that they do
//! what the commands here do.

mod session;

use rusqlite::Connection;
use session::{Answer, Session};

const V1: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Entities\Cust" table="cust">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="255" nullable="true"/>
  </entity>
</doctrine-mapping>
"#;

const V2: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Entities\Cust" table="cust">
    <indexes><index name="idx_name" columns="name"/></indexes>
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="255" nullable="true"/>
    <field name="shortname" type="string" length="255" nullable="true"/>
  </entity>
</doctrine-mapping>
"#;

/// Nothing on the other side: invalid.
const BROKEN: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Entities\Cust" table="cust">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <many-to-one field="parent" target-entity="Entities\Cust" inversed-by="none">
      <join-column name="parent_id" referenced-column-name="id"/>
    </many-to-one>
  </entity>
</doctrine-mapping>
"#;

/// A plain field on the other side: Doctrine minds, and nothing depends on it.
const HARMLESS: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Entities\Cust" table="cust">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <many-to-one field="parent" target-entity="Entities\Cust" inversed-by="id">
      <join-column name="parent_id" referenced-column-name="id"/>
    </many-to-one>
  </entity>
</doctrine-mapping>
"#;

/// An application with a configuration and a mapping, without a database.
fn app() -> Session {
    let app = Session::new();
    app.write(
        "realign.toml",
        "[database]\nurl = \"sqlite:app.db\"\n[schema]\nsources = [\"doctrine-xml:xml\"]\n",
    );
    mapped(&app, V1);
    app
}

fn mapped(app: &Session, mapping: &str) {
    app.write("xml/Entities.Cust.dcm.xml", mapping);
}

/// The same, created.
fn running() -> Session {
    let app = app();
    app.run("schema create --force").ended(0);
    app
}

fn sql(app: &Session, script: &str) {
    Connection::open(app.path("app.db"))
        .and_then(|db| db.execute_batch(script))
        .expect("accepted");
}

fn tables(app: &Session) -> i64 {
    Connection::open(app.path("app.db"))
        .and_then(|db| {
            db.query_row(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'realign_%'",
                [],
                |row| row.get(0),
            )
        })
        .expect("counted")
}

/// Sessions one after the other, as one text.
struct Log<'a>(&'a Session, String);

impl Log<'_> {
    #[track_caller]
    fn run(&mut self, line: &str, code: i32) -> Answer {
        let answer = self.0.run(line).ended(code);
        self.1.push_str(&answer.shown());
        self.1.push('\n');
        answer
    }
}

/// Every command of a family, from an empty database to an empty one.
fn life(
    app: &Session,
    create: &str,
    update: &str,
    drop: &str,
    validate: &str,
    dump: &str,
) -> String {
    let mut log = Log(app, String::new());
    log.run(create, 1);
    assert!(
        !app.path("app.db").exists(),
        "nothing is made without --force"
    );
    log.run(&format!("{create} {dump}"), 0);
    log.run(&format!("{create} --force"), 0);
    log.run(validate, 0);
    log.run(update, 0);
    log.run(&format!("{update} {dump}"), 0);

    mapped(app, V2);
    log.run(validate, 2);
    log.run(&format!("{validate} -v"), 2);
    log.run(&format!("{validate} --skip-mapping"), 2);
    log.run(&format!("{validate} --skip-sync"), 0);
    log.run(update, 1);
    log.run(&format!("{update} {dump}"), 0);
    log.run(&format!("{update} {dump} --force"), 0);
    log.run(validate, 0);

    mapped(app, BROKEN);
    log.run(validate, 3);
    mapped(app, HARMLESS);
    log.run(&format!("{validate} --skip-sync"), 0);
    mapped(app, V2);

    log.run(drop, 1);
    log.run(&format!("{drop} {dump}"), 0);
    assert_eq!(tables(app), 1, "nothing is dropped without --force");
    log.run(&format!("{drop} --force"), 0);
    log.run(drop, 0);
    log.1
}

#[test]
fn the_library() {
    let app = app();
    insta::assert_snapshot!(life(
        &app,
        "orm:schema-tool:create",
        "orm:schema-tool:update",
        "orm:schema-tool:drop",
        "orm:validate-schema",
        "--dump-sql",
    ));
}

#[test]
fn symfony() {
    let app = app();
    insta::assert_snapshot!(life(
        &app,
        "doctrine:schema:create",
        "doctrine:schema:update",
        "doctrine:schema:drop",
        "doctrine:schema:validate",
        "--dump-sql",
    ));
}

#[test]
fn laravel() {
    let app = app();
    app.write("artisan", "");
    insta::assert_snapshot!(life(
        &app,
        "doctrine:schema:create",
        "doctrine:schema:update",
        "doctrine:schema:drop",
        "doctrine:schema:validate",
        "--sql",
    ));
}

#[test]
fn the_sentences_scripts_look_for() {
    let app = running();
    let fine = app.run("doctrine:schema:validate").ended(0);
    assert_eq!(fine.out, "", "notices go to standard error");
    assert!(fine.err.contains("[OK] The mapping files are correct.\n"));
    assert!(
        fine.err
            .contains("[OK] The database schema is in sync with the mapping files.\n")
    );
    let nothing = app.run("doctrine:schema:update --force").ended(0);
    assert!(nothing.err.contains(
        "[OK] Nothing to update - your database is already in sync with the current entity metadata.\n"
    ));

    mapped(&app, V2);
    let out = app.run("doctrine:schema:validate").ended(2);
    assert!(
        out.err.contains(
            "[ERROR] The database schema is not in sync with the current mapping file.\n"
        )
    );
    let listed = app.run("doctrine:schema:validate -v").ended(2);
    assert!(
        listed.err.contains(" // 2 schema diff(s) detected:\n"),
        "{}",
        listed.shown()
    );
    let planned = app.run("doctrine:schema:update").ended(1);
    assert!(
        planned
            .err
            .contains("The Schema-Tool would execute \"2\" queries to update the database.\n"),
        "{}",
        planned.shown()
    );
    let done = app.run("doctrine:schema:update --force").ended(0);
    assert!(
        done.err
            .contains(" Updating database schema...\n\n     2 queries were executed\n")
    );
    assert!(
        done.err
            .contains("[OK] Database schema updated successfully!\n")
    );

    mapped(&app, BROKEN);
    let invalid = app.run("doctrine:schema:validate --skip-sync").ended(1);
    assert!(
        invalid.err.contains(
            " [FAIL] The entity-class Entities\\Cust mapping is invalid:\n * The association"
        ),
        "{}",
        invalid.shown()
    );
}

#[test]
fn before_orm_2_14_everything_is_on_standard_output() {
    let app = running();
    for (doctrine, apart) in [
        ("2", false),
        ("orm-2.13/dbal-3.4", false),
        ("3", true),
        ("4", true),
    ] {
        let answer = app.run(&format!(
            "doctrine:schema:validate --skip-sync --doctrine {doctrine}"
        ));
        let answer = answer.ended(0);
        assert_eq!(answer.out.is_empty(), apart, "{}", answer.shown());
        assert_ne!(answer.err.contains("[OK]"), answer.out.contains("[OK]"));
    }
}

/// The SQL of an alias is that of the command here; standard output holds nothing else.
#[test]
fn the_sql_is_the_same() {
    let same = |app: &Session, alias: &str, own: &str| {
        let own = app.run(own).ended(0).out;
        assert!(own.ends_with(";\n"), "{own}");
        let symfony = app.run(&format!("{alias} --dump-sql")).ended(0).out;
        assert_eq!(symfony, own);
        if alias.starts_with("doctrine:") {
            let laravel = app.run(&format!("{alias} --sql")).ended(0).out;
            let block = own
                .strip_suffix(";\n")
                .expect("an end")
                .replace(";\n", ";     \n");
            assert_eq!(laravel, format!("     {block}\n"));
        }
    };
    let app = app();
    for alias in ["orm:schema-tool:create", "doctrine:schema:create"] {
        same(&app, alias, "schema create --dump-sql");
    }
    let app = running();
    mapped(&app, V2);
    for alias in ["orm:schema-tool:update", "doctrine:schema:update"] {
        same(&app, alias, "schema update --dump-sql");
        same(
            &app,
            &format!("{alias} --complete"),
            "schema update --complete --dump-sql",
        );
    }
    for alias in ["orm:schema-tool:drop", "doctrine:schema:drop"] {
        same(&app, alias, "schema drop --dump-sql");
    }
    sql(&app, "CREATE TABLE extra (id INTEGER PRIMARY KEY)");
    for alias in ["orm:schema-tool:drop", "doctrine:schema:drop"] {
        let alias = format!("{alias} --full-database");
        same(&app, &alias, "schema drop --full-database --dump-sql");
    }
    let full = app.run("doctrine:schema:drop --full --sql").ended(0).out;
    assert!(full.contains("DROP TABLE extra"), "{full}");
}

/// What is not declared stays, whichever words the original has for taking it along.
#[test]
fn what_is_not_declared_needs_complete() {
    let app = running();
    sql(
        &app,
        "CREATE TABLE extra (id INTEGER PRIMARY KEY); INSERT INTO extra VALUES (1)",
    );
    for line in [
        "orm:schema-tool:update --force",
        "doctrine:schema:update --force",
        "doctrine:schema:update --clean --force",
    ] {
        let answer = app.run(line).ended(0);
        assert!(
            answer.all().contains("Nothing to update"),
            "{}",
            answer.shown()
        );
        assert_eq!(tables(&app), 2, "{}", answer.shown());
    }
    let clean = app.run("doctrine:schema:update --clean").ended(0);
    assert!(
        clean.err.contains("--clean removes nothing here"),
        "{}",
        clean.shown()
    );
    app.run("doctrine:schema:validate").ended(0);
    app.run("doctrine:schema:validate --complete").ended(2);

    let dumped = app
        .run("doctrine:schema:update --complete --dump-sql")
        .ended(0);
    assert!(
        dumped.out.contains("DROP TABLE extra"),
        "{}",
        dumped.shown()
    );
    let refused = app
        .run("doctrine:schema:update --complete --force")
        .ended(1);
    assert!(
        refused.err.contains("--allow destructive"),
        "{}",
        refused.shown()
    );
    assert_eq!(tables(&app), 2);
    app.run("doctrine:schema:update --complete --force --allow destructive --no-quarantine")
        .ended(0);
    assert_eq!(tables(&app), 1);
}

#[test]
fn rows_are_not_dropped_unasked() {
    let app = running();
    sql(&app, "INSERT INTO cust VALUES (1, 'Acme')");
    let refused = app.run("doctrine:schema:drop --force").ended(1);
    assert!(
        refused.err.contains("--allow destructive"),
        "{}",
        refused.shown()
    );
    assert_eq!(tables(&app), 1);
    app.run("doctrine:schema:drop --force --allow destructive")
        .ended(0);
    assert_eq!(tables(&app), 0);
}

#[test]
fn there_is_one_entity_manager() {
    let app = running();
    for line in ["--em=default", "--em default"] {
        app.run(&format!("doctrine:schema:validate {line}"))
            .ended(0);
    }
    for line in [
        "doctrine:schema:update --em=reports --force",
        "orm:validate-schema --em reports",
        "orm:schema-tool:drop --em=",
    ] {
        let refused = app.run(line).ended(64);
        assert!(
            refused.err.contains("the only one is `default`"),
            "{}",
            refused.shown()
        );
        assert!(refused.err.contains("--env NAME"), "{}", refused.shown());
        assert_eq!(refused.out, "");
    }
}

#[test]
fn an_option_of_laravels_alone_brings_its_style() {
    let app = running();
    let answer = app.run("doctrine:schema:update --clean").ended(0);
    assert!(
        answer
            .out
            .contains("\nChecking if database connected to default")
    );
    assert!(!answer.out.contains("[OK]"));
    let answer = app.run("doctrine:schema:update").ended(0);
    assert!(answer.err.contains("[OK] Nothing to update"));
    for line in [
        "orm:schema-tool:update --sql",
        "doctrine:schema:validate --clean",
    ] {
        app.run(line).ended(64);
    }
    app.write("artisan", "");
    let answer = app.run("doctrine:schema:validate").ended(0);
    assert!(
        answer
            .out
            .contains("[Mapping]  OK - The mapping files are correct.\n")
    );
    assert!(
        answer
            .out
            .contains("[Database] OK - The database schema is in sync with the mapping files.\n")
    );
    let answer = app.run("orm:validate-schema").ended(0);
    assert!(answer.err.contains("[OK] The mapping files are correct."));
}

#[test]
fn existing_tables_are_met_before_the_first_statement() {
    let app = running();
    let refused = app.run("doctrine:schema:create --force").ended(1);
    assert!(refused.err.contains("error[R002]"), "{}", refused.shown());
    assert!(!refused.err.contains("successfully"), "{}", refused.shown());
}

#[test]
fn a_mapping_that_cannot_be_read_is_told_under_every_name() {
    let app = running();
    mapped(
        &app,
        "<doctrine-mapping><entity name='A'></doctrine-mapping>",
    );
    for line in [
        "doctrine:schema:create --force",
        "doctrine:schema:update --force",
        "doctrine:schema:drop --force",
        "doctrine:schema:validate",
        "orm:validate-schema",
    ] {
        let answer = app.run(line).ended(1);
        assert!(answer.err.contains("error[D001]"), "{}", answer.shown());
    }
    assert_eq!(tables(&app), 1);
}

/// Doctrine calls it nothing to do; here a wrong path is no success.
#[test]
fn a_folder_without_mappings_is_an_error() {
    let app = running();
    app.write("empty/README", "");
    for line in ["create --force", "update --force", "drop --force"] {
        let line = format!("doctrine:schema:{line} --schema doctrine-xml:empty");
        let answer = app.run(&line).ended(64);
        assert!(answer.err.contains("no mapping file is under empty"));
    }
    assert_eq!(tables(&app), 1);
}

#[test]
fn quiet_says_nothing_and_json_is_the_document() {
    let app = running();
    let quiet = app.run("doctrine:schema:validate -q").ended(0);
    assert_eq!(quiet.all(), "");
    for line in ["validate", "update"] {
        let alias = app
            .run(&format!("doctrine:schema:{line} --format json"))
            .ended(0);
        let own = app.run(&format!("schema {line} --format json")).ended(0);
        assert_eq!(alias.out, own.out);
        assert_eq!(alias.err, own.err);
    }
}
