//! What an engine's own program writes of a database runs as a migration, as it stands.

use realign_testkit::{
    Live, Shape, mariadb, mariadb_with, mysql_or_say, postgres, rows, sqlite_file,
};

use crate::everything::differing;
use crate::{Site, schemas};

/// The tables that are there because of the migrations.
const MORE: [&str; 2] = ["more", "realign_migrations"];

/// A dump is the first migration of two; then the same two are written as a script, which the
/// engine's own client runs.
fn migrates(from: &impl Live, by_us: &impl Live, by_client: &impl Live) {
    let dump = from.dumped();
    let wanted = (Shape::of(from), rows(from));
    let compare = |with: &dyn Live, how: &str| {
        let there = Shape::of(with).without(&MORE);
        assert_eq!(differing(&wanted.0, &there), "", "{how}");
        let mut there = rows(with);
        there.retain(|table, _| !MORE.contains(&table.as_str()) && !table.starts_with("realign_"));
        assert_eq!(there, wanted.1, "{how}");
        assert_eq!(with.rows("SELECT id FROM more"), [["1"]], "{how}");
    };
    let write = |site: &Site| {
        site.session
            .write("migrations/20260101000000_dump.sql", &dump);
        // Names in it are not written in full.
        let more = "CREATE TABLE more (id INT PRIMARY KEY);\nINSERT INTO more VALUES (1);\n";
        site.session
            .write("migrations/20260102000000_more.sql", more);
    };
    let site = Site::of(by_us);
    write(&site);
    site.run("migrate -n").ended(0);
    compare(by_us, "migrated");
    site.run("migrations up-to-date").ended(0);
    site.run("migrations verify").ended(0);

    let site = Site::of(by_client);
    write(&site);
    site.run("migrate -n --write-sql=all.sql").ended(0);
    by_client.client(&site.session.read("all.sql"));
    compare(by_client, "by the client");
    let after = site.run("migrate -n").ended(0);
    assert!(after.all().contains("Already at"), "{}", after.shown());

    // Of what Realign looks after, its own books would come along: under the run that keeps them.
    let name = "migrations/20260103000000_again.sql";
    site.session.write(name, &by_us.dumped());
    let refused = site.run("migrate -n").ended(1);
    assert!(refused.all().contains("M004"), "{}", refused.shown());
    site.run("migrations status").ended(0);
    compare(by_client, "after a refusal");
}

#[test]
fn of_sqlite() {
    let from = sqlite_file();
    from.client(schemas::SQLITE);
    // Its rows come before those that they lead to, and one leads nowhere.
    from.client(
        "PRAGMA foreign_keys = OFF;
         CREATE TABLE a_child (id INT PRIMARY KEY, parent INT REFERENCES z_parent (id));
         INSERT INTO a_child VALUES (1, 1), (2, 7);
         CREATE TABLE z_parent (id INT PRIMARY KEY); INSERT INTO z_parent VALUES (1);",
    );
    migrates(&from, &sqlite_file(), &sqlite_file());
}

/// Foreign keys count again for the migrations behind a dump.
#[test]
fn of_sqlite_and_back_to_its_own_rules() {
    let database = sqlite_file();
    let site = Site::of(&database);
    site.session.write(
        "migrations/20260101000000_dump.sql",
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE p (id INT PRIMARY KEY);\n\
         CREATE TABLE c (p INT REFERENCES p (id));\nINSERT INTO c VALUES (7);\nCOMMIT;\n",
    );
    site.session.write(
        "migrations/20260102000000_more.sql",
        "INSERT INTO c VALUES (8);",
    );
    let said = site.run("migrate -n").ended(1);
    assert!(said.all().contains("FOREIGN KEY"), "{}", said.shown());
    assert_eq!(database.rows("SELECT p FROM c"), [["7"]]);
}

#[test]
fn of_mariadb() {
    let from = mariadb().database();
    from.client(schemas::MYSQL);
    migrates(&from, &mariadb().database(), &mariadb().database());
}

/// By MariaDB's program, which writes generated columns as values: without those.
#[test]
fn of_mysql() {
    let Some(server) = mysql_or_say() else {
        return;
    };
    let from = server.database();
    from.client(&schemas::without_generated());
    migrates(&from, &server.database(), &server.database());
}

/// The books keep little of a dump that is larger than any value the server takes.
#[test]
fn of_mariadb_with_many_rows() {
    let server = mariadb_with(&["--max-allowed-packet=2M"]);
    let from = server.database();
    from.client(
        "CREATE TABLE big (id INT PRIMARY KEY, text VARCHAR(300)) ENGINE=InnoDB;
         INSERT INTO big SELECT seq, CONCAT('it''s ', REPEAT('x', 250), seq) FROM seq_1_to_20000;",
    );
    assert!(from.dumped().len() > 5_000_000);
    migrates(&from, &server.database(), &server.database());
}

/// With the name of its database, it runs in that database and in no other.
#[test]
fn of_a_database_by_its_name() {
    let database = mariadb().database();
    let site = Site::of(&database);
    let own = database.rows("SELECT DATABASE()").remove(0).remove(0);
    let write = |name: &str| {
        let dump = format!(
            "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `{name}`;\nUSE `{name}`;\n\
             CREATE TABLE p (id INT PRIMARY KEY) ENGINE=InnoDB;\nINSERT INTO p VALUES (1);\n"
        );
        site.session
            .write("migrations/20260101000000_dump.sql", &dump);
    };
    let other = format!("{own}_other");
    write(&other);
    for line in [
        "migrate -n",
        "migrate -n --dry-run",
        "migrate -n --write-sql=all.sql",
    ] {
        let refused = site.run(line).ended(1).all();
        assert!(
            refused.contains("M005") && refused.contains("dump.sql:2:1"),
            "{refused}"
        );
        let made = format!("SHOW DATABASES LIKE '{other}'");
        assert!(database.rows(&made).is_empty(), "{line}");
    }
    site.session
        .write("migrations/repeatable/use.sql", &format!("USE {other};"));
    let refused = site.run("repeatable run").ended(1).all();
    assert!(refused.contains("M005"), "{refused}");
    write(&own);
    site.run("migrate -n").ended(0);
    assert_eq!(database.rows("SELECT id FROM p"), [["1"]]);
}

/// What the first of two sets is no setting of the second, nor of Realign's own records.
#[test]
fn of_mariadb_and_back_to_its_own_rules() {
    let database = mariadb().database();
    let site = Site::of(&database);
    site.session.write(
        "migrations/20260101000000_dump.sql",
        "-- realign:statement-timeout 5min\nSET autocommit = 0; SET FOREIGN_KEY_CHECKS = 0; SET time_zone = '+05:00';\n\
         CREATE TABLE p (id INT PRIMARY KEY) ENGINE=InnoDB;\n\
         CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES p (id)) ENGINE=InnoDB;\n\
         INSERT INTO c VALUES (7);\nCOMMIT;\n",
    );
    site.session.write(
        "migrations/20260102000000_more.sql",
        "CREATE TABLE found AS SELECT @@autocommit AS a, @@time_zone = @@GLOBAL.time_zone AS z, @@max_statement_time AS m;\n\
         INSERT INTO c VALUES (8);",
    );
    let said = site.run("migrate -n").ended(1);
    assert!(said.all().contains("1452"), "{}", said.shown());
    assert_eq!(database.rows("SELECT p FROM c"), [["7"]]);
    let found = database.rows("SELECT a, z, CAST(m AS INT) FROM found");
    assert_eq!(found, [["1", "1", "0"]]);
    let ended = database.rows("SELECT outcome FROM realign_runs");
    assert_eq!(ended, [["failed"]]);
}

#[test]
fn of_postgresql() {
    let from = postgres().database();
    from.client(schemas::POSTGRES);
    migrates(&from, &postgres().database(), &postgres().database());
}
