//! `doctor` and `init` against real servers: rights, logins, settings, leftovers, and an `.env` that
//! works.

mod session;

use realign_testkit::{Live as _, mariadb, mariadb_with, postgres};
use session::Session;

const MAPPING: &str = r#"<doctrine-mapping>
  <entity name="Vlan" table="vlan">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="64"/>
  </entity>
</doctrine-mapping>
"#;

/// An application with a mapping, and the database's URL in the environment.
fn app(url: &str) -> Session {
    let mut app = Session::new();
    app.write("m/Vlan.dcm.xml", MAPPING);
    app.write("realign.toml", "[schema]\nsources = [\"doctrine-xml:m\"]\n");
    app.variable("REALIGN_DATABASE_URL", url);
    app
}

#[test]
fn an_index_that_nobody_builds_any_more_is_named() {
    let database = postgres().database();
    database.client(
        "CREATE TABLE vlan (id int, name text); INSERT INTO vlan VALUES (1, 'a'), (2, 'a')",
    );
    let doctor = || app(&database.url()).run("doctor").ended(0);
    let well = doctor();
    assert!(!well.out.contains("INVALID"), "{}", well.shown());
    let refused = database.try_client("CREATE UNIQUE INDEX CONCURRENTLY vlan_name ON vlan (name)");
    assert!(refused.is_err(), "two rows have one name");
    let left = doctor();
    assert!(
        left.out.contains("left INVALID index vlan_name"),
        "{}",
        left.shown()
    );
    database.client("DROP INDEX CONCURRENTLY vlan_name");
    let mended = doctor();
    assert!(!mended.out.contains("INVALID"), "{}", mended.shown());
}

#[test]
fn rights_come_with_the_grant_that_is_missing() {
    let database = mariadb().database();
    let name = database.name();
    let all = app(&database.url()).run("doctor").ended(0);
    assert!(
        all.out.contains(&format!("may read and change `{name}`")),
        "{}",
        all.shown()
    );

    let reader = mariadb().user(&[&format!("SELECT ON `{name}`.*")]);
    let url = mariadb().url_as(&reader, name);
    let read = app(&url).run("doctor").ended(0);
    let grants = format!(
        "GRANT SHOW VIEW, TRIGGER ON `{name}`.* TO '{}'@",
        reader.name
    );
    assert!(read.out.contains(&grants), "{}", read.shown());
    assert!(
        read.out.contains("only if it shall: GRANT INSERT, UPDATE"),
        "{}",
        read.shown()
    );
    assert!(!read.all().contains(&reader.password), "{}", read.shown());

    let nobody = mariadb().user(&[&format!("INSERT ON `{name}`.*")]);
    let answer = app(&mariadb().url_as(&nobody, name)).run("doctor").ended(1);
    assert!(answer.out.contains("FAIL privileges"), "{}", answer.shown());
    assert!(
        answer.out.contains("GRANT SELECT, SHOW VIEW, TRIGGER"),
        "{}",
        answer.shown()
    );
}

#[test]
fn a_refused_login_says_why_and_keeps_the_password() {
    let database = mariadb().database();
    let url = database.url().replace(mariadb().password(), "wrong-geheim");
    let refused = app(&url).run("doctor -vv").ended(1);
    assert!(refused.out.contains("FAIL login"), "{}", refused.shown());
    assert!(
        refused.out.contains("url from REALIGN_DATABASE_URL"),
        "{}",
        refused.shown()
    );
    assert!(!refused.all().contains("geheim"), "{}", refused.shown());
    let url = mariadb().url("no_such_database");
    let absent = app(&url).run("doctor").ended(1);
    assert!(
        absent.out.contains("no_such_database"),
        "{}",
        absent.shown()
    );
    assert!(absent.out.contains("mend:"), "{}", absent.shown());
}

#[test]
fn settings_that_matter_are_named() {
    let server = mariadb_with(&["--sql-mode=", "--lower-case-table-names=1"]);
    let database = server.database();
    let answer = app(&database.url()).run("doctor").ended(0);
    for text in [
        "sql_mode is not strict",
        "lower_case_table_names is 1",
        "innodb_flush_log_at_trx_commit is 0",
    ] {
        assert!(answer.out.contains(text), "{text}: {}", answer.shown());
    }
}

#[test]
fn a_migration_runs_in_the_servers_mode() {
    let server = mariadb_with(&["--sql-mode=", "--lower-case-table-names=1"]);
    let database = server.database();
    let app = app(&database.url());
    app.write(
        "migrations/20260101000000_first.sql",
        "-- realign:up\nCREATE TABLE t (a VARCHAR(2));\nINSERT INTO t VALUES ('long');\n\
         CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 'x';\n",
    );
    app.run("migrate -n").ended(0);
    assert_eq!(database.client("SELECT a FROM t").trim(), "a\nlo");
    let mode = "SELECT CONCAT('[', sql_mode, ']') AS mode FROM information_schema.triggers \
                WHERE trigger_schema = DATABASE()";
    assert_eq!(database.client(mode).trim(), "mode\n[]");
    app.write(
        "migrations/repeatable/h.sql",
        "CREATE OR REPLACE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 'y';\n",
    );
    app.run("repeatable run -n").ended(0);
    assert_eq!(database.client(mode).trim(), "mode\n[]");
    app.run("migrations verify").ended(0);
}

#[test]
fn what_a_cut_change_left_is_found_and_nothing_is_written() {
    let database = mariadb().database();
    database.client("CREATE TABLE __temp__vlan (id INT)");
    let before = database.client("SHOW TABLES");
    let answer = app(&database.url()).run("doctor").ended(0);
    assert!(answer.out.contains("__temp__vlan"), "{}", answer.shown());
    assert_eq!(database.client("SHOW TABLES"), before);
}

#[test]
fn init_of_a_laravel_application_gives_a_file_that_works() {
    let database = mariadb().database();
    let account = mariadb().user(&[&format!("ALL PRIVILEGES ON `{}`.*", database.name())]);
    let app = Session::new();
    app.write("artisan", "#!/usr/bin/env php\n");
    app.write("database/xml/Vlan.dcm.xml", MAPPING);
    app.write(
        ".env",
        &format!(
            "DB_CONNECTION=mariadb\nDB_HOST=127.0.0.1\nDB_PORT={}\nDB_DATABASE={}\nDB_USERNAME=\"{}\"\nDB_PASSWORD=\"{}\"\n",
            mariadb().port(),
            database.name(),
            account.name,
            account.password
        ),
    );
    let init = app.run("init").ended(0);
    assert!(!init.all().contains(&account.password));
    assert!(!app.read("realign.toml").contains(&account.password));
    app.run("doctor").ended(0);
    app.run("schema create --force").ended(0);
    app.run("schema validate").ended(0);
}

#[test]
fn init_of_a_symfony_application_gives_a_file_that_works() {
    let database = mariadb().database();
    let app = Session::new();
    app.write("bin/console", "#!/usr/bin/env php\n");
    app.write("config/doctrine/Vlan.orm.xml", MAPPING);
    app.write(
        ".env",
        &format!(
            "DATABASE_URL=\"{}?serverVersion=10.11.2-MariaDB&charset=utf8mb4\"\n",
            database.url()
        ),
    );
    let init = app.run("init").ended(0);
    assert!(!init.all().contains(mariadb().password()));
    app.run("schema create --force").ended(0);
    app.run("schema validate").ended(0);
}
