//! A backup gives back everything that a database can hold.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use realign_testkit::{Account, Live, Shape, mariadb, mysql_or_say, postgres, rows, sqlite_file};

use crate::{Site, schemas};

/// Backs up, proves, restores into another database, and compares both from outside.
fn survives(from: &impl Live, into: &impl Live) {
    let site = Site::of(from);
    let before = (Shape::of(from), rows(from));
    let file = site.backup();
    let mode = file.metadata().expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    site.run(&format!("backup verify {}", file.display()))
        .ended(0);
    site.run(&format!(
        "backup restore {} --into {}",
        file.display(),
        into.url()
    ))
    .ended(0);
    assert_eq!(differing(&before.0, &Shape::of(into)), "");
    assert_eq!(rows(into), before.1);
    // The source is as it was, and nothing of ours is left.
    assert_eq!(before.0.differences(&Shape::of(from)), "");
    assert_eq!(rows(from), before.1);
    assert_eq!(site.kept().len(), 1, "{:?}", site.kept());
}

/// What differs, apart from a default that MySQL prints once it was written.
pub(crate) fn differing(before: &Shape, after: &Shape) -> String {
    let text = before.differences(after);
    let of = |sign: char| {
        let lines = text.lines().filter(move |line| line.starts_with(sign));
        let plain = lines.map(|line| line[1..].replace("CHARACTER SET utf8mb4 COLLATE", "COLLATE"));
        plain.collect::<BTreeSet<String>>()
    };
    if of('-') == of('+') {
        String::new()
    } else {
        text
    }
}

#[test]
fn sqlite() {
    let (from, into) = (sqlite_file(), sqlite_file());
    from.client(schemas::SQLITE);
    survives(&from, &into);
}

#[test]
fn on_mariadb() {
    let (from, into) = (mariadb().database(), mariadb().database());
    from.client(schemas::MYSQL);
    survives(&from, &into);
}

/// What rows were before is a part of them.
#[test]
fn on_mariadb_with_the_history_of_its_rows() {
    let (from, into) = (mariadb().database(), mariadb().database());
    from.client(
        "CREATE TABLE price (id INT PRIMARY KEY, cents INT) WITH SYSTEM VERSIONING;
         INSERT INTO price VALUES (1, 100), (2, 200);
         UPDATE price SET cents = 101 WHERE id = 1; DELETE FROM price WHERE id = 2;",
    );
    let all = |database: &dyn Live| {
        database.rows(
            "SELECT id, cents, ROW_START, ROW_END FROM price FOR SYSTEM_TIME ALL ORDER BY 1, 3",
        )
    };
    let before = all(&from);
    assert_eq!(before.len(), 3);
    survives(&from, &into);
    assert_eq!(all(&into), before);
    // In place as well.
    let site = Site::of(&from);
    let file = site.backup();
    from.client("UPDATE price SET cents = 1");
    site.run(&format!("backup restore {} --into-same", file.display()))
        .ended(0);
    assert_eq!(all(&from), before);
}

#[test]
fn on_postgresql() {
    let (from, into) = (postgres().database(), postgres().database());
    from.client(schemas::POSTGRES);
    survives(&from, &into);
}

/// An account that owns its database and nothing else.
#[test]
fn on_postgresql_as_a_plain_owner() {
    let (from, into) = (postgres().database(), postgres().database());
    let owner = Account {
        name: format!("owner_of_{}", from.name()),
        password: "open-sesame".to_owned(),
    };
    let role = &owner.name;
    from.client(&format!(
        "CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'open-sesame'; ALTER DATABASE {} OWNER TO {role}; ALTER DATABASE {} OWNER TO {role};",
        from.name(),
        into.name()
    ));
    from.client(&format!("SET ROLE {role};\n{}", schemas::POSTGRES));
    let site = Site::at(from.server().url_as(&owner, from.name()));
    let before = (Shape::of(&from), rows(&from));
    let file = site.backup();
    site.run(&format!("backup verify {}", file.display()))
        .ended(0);
    let url = from.server().url_as(&owner, into.name());
    site.run(&format!("backup restore {} --into {url}", file.display()))
        .ended(0);
    assert_eq!(before.0.differences(&Shape::of(&into)), "");
    assert_eq!(rows(&into), before.1);
    from.client("DROP TABLE log CASCADE; INSERT INTO bare DEFAULT VALUES;");
    site.run(&format!("backup restore {} --into-same", file.display()))
        .ended(0);
    assert_eq!(before.0.differences(&Shape::of(&from)), "");
    assert_eq!(rows(&from), before.1);
}

/// MySQL with what is installed of clients. MariaDB's write generated columns as values, which is
/// told before anything is written.
#[test]
fn on_mysql() {
    let Some(server) = mysql_or_say() else {
        return;
    };
    let (from, into) = (server.database(), server.database());
    from.client(schemas::MYSQL);
    let told = std::process::Command::new("mysqldump")
        .arg("--version")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).contains("MariaDB"));
    if told.unwrap_or(true) {
        let site = Site::of(&from);
        let refused = site.run("backup create").ended(1);
        assert!(
            refused.err.contains("tables with generated columns: pet"),
            "{}",
            refused.shown()
        );
        assert!(site.kept().is_empty());
        from.client("ALTER TABLE pet DROP COLUMN twice, DROP COLUMN thrice;");
    }
    survives(&from, &into);
}

/// A view that lost what it refers to, as an upgrade leaves one for a while.
#[test]
fn a_broken_view_is_named_and_keeps_nobody_from_a_backup() {
    let (from, into) = (mariadb().database(), mariadb().database());
    from.client(schemas::MYSQL);
    from.client("ALTER TABLE owner DROP COLUMN name;");
    let site = Site::of(&from);
    let made = site.run("backup create --verify").ended(0);
    assert!(made.err.contains("view pets is broken"), "{}", made.shown());
    let file = site.session.path("kept").join(&site.kept()[0]);
    let restored = site
        .run(&format!(
            "backup restore {} --into {}",
            file.display(),
            into.url()
        ))
        .ended(0);
    assert!(
        restored.err.contains("`owner`.`name`"),
        "{}",
        restored.shown()
    );
    assert_eq!(rows(&into), rows(&from));
    let broken = Shape::of(&from).without(&["pets", "first_pets"]);
    assert_eq!(broken.differences(&Shape::of(&into)), "");
}

#[test]
fn a_database_that_is_not_empty_is_not_restored_into() {
    let (from, into) = (sqlite_file(), sqlite_file());
    from.client(schemas::SQLITE);
    into.client("CREATE TABLE mine (id INT); INSERT INTO mine VALUES (1);");
    let site = Site::of(&from);
    let file = site.backup();
    let refused = site
        .run(&format!(
            "backup restore {} --into {}",
            file.display(),
            into.url()
        ))
        .ended(1);
    assert!(refused.err.contains("is not empty"), "{}", refused.shown());
    assert_eq!(into.rows("SELECT * FROM mine"), [["1"]]);
    assert_eq!(into.tables().len(), 1);
}

#[test]
fn the_newest_are_kept_and_listed() {
    let from = sqlite_file();
    from.client("CREATE TABLE t (id INT);");
    let site = Site::of(&from);
    for label in ["one", "two", "three"] {
        site.run(&format!("backup create --keep 2 --label {label}"))
            .ended(0);
    }
    let listed = site.run("backup list").ended(0);
    let (two, three) = (listed.out.find("two"), listed.out.find("three"));
    assert!(three.is_some() && three < two, "{}", listed.shown());
    assert!(!listed.out.contains("one"), "{}", listed.shown());
    assert_eq!(site.kept().len(), 2);
    // Another application's backups in the same folder are none of ours.
    let other = sqlite_file();
    other.client("CREATE TABLE u (id INT);");
    site.run(&format!(
        "backup create --keep 1 --database-url {}",
        other.url()
    ))
    .ended(0);
    assert_eq!(site.kept().len(), 3);
}
