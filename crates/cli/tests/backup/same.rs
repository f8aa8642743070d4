//! Restoring into the very database: what was written since is named first, and goes only with a yes.

use realign_testkit::{Live, Shape, mariadb, postgres, rows, sqlite_file};

use crate::{Site, schemas};

/// Changes rows and schema after a backup, and takes it back.
fn comes_back(database: &impl Live, since: &str) {
    let site = Site::of(database);
    let before = (Shape::of(database), rows(database));
    let file = site.backup();
    database.client(since);
    let changed = (Shape::of(database), rows(database));
    let restore = format!("backup restore {}", file.display());

    let refused = site.run(&restore).ended(1);
    for told in [
        "log: ",
        "twin",
        "extra: not in the backup, 2 rows now",
        "--into-same",
    ] {
        assert!(refused.err.contains(told), "{told}\n{}", refused.shown());
    }
    assert_eq!(changed.0.differences(&Shape::of(database)), "");
    assert_eq!(rows(database), changed.1);

    let done = site.run(&format!("{restore} --into-same")).ended(0);
    assert!(
        done.out.contains("extra: not in the backup, 2 rows now"),
        "{}",
        done.shown()
    );
    assert_eq!(before.0.differences(&Shape::of(database)), "");
    assert_eq!(rows(database), before.1);
    // The lock is free, and what was replaced is kept as a backup of its own.
    site.run("unlock").ended(0);
    let kept = site.kept();
    assert_eq!(kept.len(), 2, "{kept:?}");
    let safety = kept
        .iter()
        .find(|name| !file.ends_with(name))
        .expect("another");
    site.run(&format!(
        "backup restore {safety} --into-same --no-safety-backup"
    ))
    .ended(0);
    assert_eq!(changed.0.differences(&Shape::of(database)), "");
    assert_eq!(rows(database), changed.1);
}

#[test]
fn sqlite() {
    let database = sqlite_file();
    database.client(schemas::SQLITE);
    database.client("CREATE TABLE twin (a INT); INSERT INTO twin VALUES (1);");
    comes_back(
        &database,
        "INSERT INTO log VALUES ('new'); DROP VIEW pets; DELETE FROM pet WHERE id = 1; UPDATE twin SET a = 2;
         CREATE TABLE extra (id INT); INSERT INTO extra VALUES (1), (2); ALTER TABLE owner ADD more TEXT;",
    );
}

#[test]
fn on_mariadb() {
    let database = mariadb().database();
    database.client(schemas::MYSQL);
    comes_back(
        &database,
        "INSERT INTO log VALUES ('new'); DROP VIEW first_pets; DELETE FROM pet WHERE id = 1; UPDATE twin SET a = 2;
         CREATE TABLE extra (id INT); INSERT INTO extra VALUES (1), (2); ALTER TABLE owner ADD more TEXT;
         DROP PROCEDURE forget; DROP EVENT nightly; CREATE PROCEDURE other() SELECT 1; CREATE VIEW v AS SELECT 1 AS one;",
    );
}

#[test]
fn on_postgresql() {
    let database = postgres().database();
    database.client(schemas::POSTGRES);
    database.client("CREATE TABLE twin (a INT); INSERT INTO twin VALUES (1);");
    comes_back(
        &database,
        "INSERT INTO log VALUES ('new'); DROP VIEW pets; DELETE FROM pet WHERE id = 1; UPDATE twin SET a = 2;
         CREATE TABLE extra (id INT); INSERT INTO extra VALUES (1), (2); ALTER TABLE owner ADD more TEXT;
         DROP PROCEDURE forget; CREATE SCHEMA further; CREATE TABLE further.t (id int); CREATE TYPE colour AS ENUM ('red');
         CREATE FUNCTION other(int) RETURNS int LANGUAGE sql AS 'SELECT 1';",
    );
}

/// A holder that was at work while the backup was made does not come back with it.
#[test]
fn a_lock_is_in_no_backup() {
    let database = mariadb().database();
    database.client("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);");
    let site = Site::of(&database);
    // A first run makes the table; then somebody of another system holds it for an hour.
    let first = site.backup();
    site.run(&format!("backup restore {} --into-same", first.display()))
        .ended(0);
    database.client(
        "UPDATE realign_lock SET token = token + 1, expires = (UNIX_TIMESTAMP() + 3600) * 1000,
         owner = IF(name = 'holder', '{\"host\":\"elsewhere\",\"pid\":1,\"user\":\"u\",\"since\":\"now\",\"command\":\"x\"}', owner);",
    );
    site.run("unlock").ended(75);
    let file = site.backup();
    let into = mariadb().database();
    site.run(&format!(
        "backup restore {} --into {}",
        file.display(),
        into.url()
    ))
    .ended(0);
    site.run(&format!("unlock --database-url {}", into.url()))
        .ended(0);
    // In its own database that holder is still there, and a restore waits for it.
    let refused = site.run(&format!(
        "backup restore {} --into-same --lock-wait 0",
        file.display()
    ));
    assert_eq!(refused.code, 75, "{}", refused.shown());
}
