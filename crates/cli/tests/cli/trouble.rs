//! Servers that refuse to be written to, hold a statement up, or go away: the exit code, and the
//! one thing to do next.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use realign_testkit::{Live, TestDatabase, mariadb, mariadb_with, postgres};
use tempfile::TempDir;

/// A folder with one migration.
fn folder(migration: &str) -> TempDir {
    let folder = TempDir::with_prefix("session-").expect("a folder");
    fs::create_dir(folder.path().join("migrations")).expect("made");
    let file = folder.path().join("migrations/20240101000000_a.sql");
    fs::write(file, migration).expect("written");
    folder
}

fn realign(folder: &TempDir, url: &str, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_realign"));
    command
        .args(line.split(' '))
        .current_dir(folder.path())
        .env_clear()
        .env("REALIGN_DATABASE_URL", url)
        .stdin(Stdio::null());
    command
}

/// A run's exit code, and what a person reads of how it went wrong.
fn ended(folder: &TempDir, url: &str, line: &str) -> (Option<i32>, String) {
    let output = realign(folder, url, line).output().expect("realign runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

#[track_caller]
fn tells((code, told): &(Option<i32>, String), expected: i32, words: &str) {
    assert_eq!(*code, Some(expected), "{told}");
    assert!(told.contains(words), "{told}");
}

const REPLICA: &str = "help: the server is read-only: it is a replica, or was set so";

#[test]
fn postgresql_that_takes_no_writes() {
    let database = postgres().database();
    let name = &database.rows("SELECT current_database()")[0][0];
    database.client(&format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = on"
    ));
    let folder = folder("CREATE TABLE a (id INTEGER);");
    tells(&ended(&folder, &database.url(), "migrate"), 1, REPLICA);
    database.client(&format!(
        "SET default_transaction_read_only = off; \
         ALTER DATABASE {name} RESET default_transaction_read_only"
    ));
    tells(&ended(&folder, &database.url(), "migrate"), 0, "");
}

#[test]
fn mariadb_that_takes_no_writes() {
    let server = mariadb_with(&["--read-only=1"]);
    let database = server.database();
    let account = server.user(&[&format!("ALL ON {}.*", database.name())]);
    let url = database.url().replace(
        &format!("testkit:{}", server.password()),
        &format!("{}:{}", account.name, account.password),
    );
    let folder = folder("CREATE TABLE a (id INTEGER);");
    tells(&ended(&folder, &url, "migrate"), 1, REPLICA);
}

const LONGER: &str = "help: `-- realign:statement-timeout 1h` in the migration";

#[test]
fn a_statement_that_takes_longer_than_it_may() {
    let database = postgres().database();
    let name = &database.rows("SELECT current_database()")[0][0];
    database.client(&format!(
        "ALTER DATABASE {name} SET statement_timeout = 300"
    ));
    let slow = folder("SELECT pg_sleep(1);");
    tells(&ended(&slow, &database.url(), "migrate"), 1, LONGER);
    let longer = folder("-- realign:statement-timeout 1min\nSELECT pg_sleep(1);");
    tells(&ended(&longer, &database.url(), "migrate"), 0, "");

    let database = mariadb_with(&["--max-statement-time=0.3"]).database();
    let slow = folder("CREATE TABLE a (id INT); INSERT INTO a SELECT SLEEP(1);");
    let refused = ended(&slow, &database.url(), "migrate");
    tells(&refused, 1, LONGER);
    // Nobody is waited for, and a statement of hours is not begun three times.
    assert!(!refused.1.contains("waiting"), "{}", refused.1);
}

#[test]
fn a_statement_that_others_stand_in_the_way_of() {
    let database = mariadb().database();
    database.client("CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a VALUES (1, 1)");
    let held = "START TRANSACTION; UPDATE a SET n = 2; DO SLEEP(60)";
    let mut holder = Command::new("mariadb")
        .args(["-h", "127.0.0.1", "-u", "testkit"])
        .arg(format!("-P{}", database.server().port()))
        .arg(format!("-p{}", database.server().password()))
        .args([database.name(), "-e", held])
        .spawn()
        .expect("the client runs");
    let begun = Instant::now();
    let sleeping = format!(
        "SELECT COUNT(*) FROM information_schema.processlist \
         WHERE db = '{}' AND info LIKE 'DO SLEEP%'",
        database.name()
    );
    while database.rows(&sleeping) != [["1"]] {
        assert!(begun.elapsed() < Duration::from_secs(30), "not seen");
        std::thread::sleep(Duration::from_millis(20));
    }
    let folder = folder("-- realign:lock-timeout 1s\nUPDATE a SET n = n + 1;");
    let refused = ended(&folder, &database.url(), "migrate");
    holder.kill().expect("it is there");
    holder.wait().expect("it ends");
    tells(&refused, 75, "help: somebody else works with this database");
    assert!(refused.1.contains("in the way: session"), "{}", refused.1);
}

/// A run in a statement that takes long, seen at work there.
fn at_work(folder: &TempDir, database: &impl Live) -> Child {
    let run = realign(folder, &database.url(), "migrate")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("realign runs");
    let begun = Instant::now();
    let seen = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
         AND query LIKE '%pg_sleep(30)' AND state = 'active' AND pid <> pg_backend_pid()";
    while database.rows(seen).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not seen");
        std::thread::sleep(Duration::from_millis(20));
    }
    run
}

const ASLEEP: &str = "-- realign:transaction off\nCREATE TABLE a (id INT); SELECT pg_sleep(30);";

#[test]
fn a_connection_that_the_server_ends() {
    let database = postgres().database();
    let folder = folder(ASLEEP);
    let run = at_work(&folder, &database);
    let printed = |line: &str| {
        let output = realign(&folder, &database.url(), line).output();
        String::from_utf8_lossy(&output.expect("realign runs").stdout).into_owned()
    };
    let status = printed("status");
    assert!(status.contains(", running\n"), "{status}");
    assert!(printed("history").contains("  running  "));
    // It comes to its end yet, for all that is known.
    let held = printed("unlock");
    assert!(held.contains("its process lives"), "{held}");
    assert!(!held.contains("did not come to its end"), "{held}");

    database.client(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
         AND query LIKE '%pg_sleep(30)' AND pid <> pg_backend_pid()",
    );
    let output = run.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    tells(
        &(output.status.code(), told),
        69,
        "help: run the same command again: it looks what of this stands",
    );
    let status = printed("status");
    assert!(status.contains(", cut off\n"), "{status}");
    assert!(printed("history").contains("  cut off  "));
}

#[test]
fn a_living_holder_that_is_thrown_out_is_told_as_one_that_lived() {
    let database = postgres().database();
    let folder = folder(ASLEEP);
    let mut run = at_work(&folder, &database);
    let output = realign(&folder, &database.url(), "unlock --force").output();
    let told = output.expect("realign runs").stdout;
    let told = String::from_utf8_lossy(&told);
    assert!(told.contains("its process lives"), "{told}");
    run.wait().expect("it ends");
}

#[test]
fn a_lock_that_is_somebody_elses_or_barred() {
    let database = postgres().database();
    let folder = folder("CREATE TABLE a (id INT);");
    database.client("CREATE TABLE realign_lock (id INT, bird TEXT)");
    let foreign = "error: the table realign_lock is not as Realign makes it: it has no column name";
    for line in ["migrate", "unlock"] {
        tells(&ended(&folder, &database.url(), line), 1, foreign);
    }
    database.client("DROP TABLE realign_lock");
    tells(&ended(&folder, &database.url(), "migrate"), 0, "");

    let mut holder = Command::new("psql")
        .args([&database.url(), "-Xq", "-c"])
        .arg("BEGIN; LOCK TABLE realign_lock; SELECT pg_sleep(60)")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("psql runs");
    let begun = Instant::now();
    let barred = "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted \
         AND relation = 'realign_lock'::regclass";
    while database.rows(barred).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not seen");
        std::thread::sleep(Duration::from_millis(20));
    }
    let refused = ended(&folder, &database.url(), "migrate --lock-wait 1");
    holder.kill().expect("it is there");
    holder.wait().expect("it ends");
    tells(&refused, 75, "help: somebody else works with this database");
}

/// Another session that has read the table `a` and stays in its transaction.
fn reader(database: &TestDatabase) -> Child {
    let server = database.server();
    let child = Command::new("mariadb")
        .args(["-h", "127.0.0.1", "-u", "testkit"])
        .arg(format!("-P{}", server.port()))
        .arg(format!("-p{}", server.password()))
        .args([database.name(), "-e"])
        .arg("START TRANSACTION; SELECT * FROM a; DO SLEEP(60)")
        .stdout(Stdio::null())
        .spawn()
        .expect("the client runs");
    seen(database, "DO SLEEP");
    child
}

/// The session that is at such a statement, as soon as there is one.
fn seen(database: &TestDatabase, info: &str) -> String {
    let query = format!(
        "SELECT id FROM information_schema.processlist WHERE db = '{}' AND info LIKE '{info}%'",
        database.name()
    );
    let begun = Instant::now();
    loop {
        if let Some(row) = database.rows(&query).first() {
            return row[0].clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "not seen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An account without PROCESS does not see that the server is still at the statement.
#[test]
fn a_statement_of_another_account_is_waited_for() {
    let database = mariadb().database();
    database.client("CREATE TABLE a (id INT PRIMARY KEY)");
    database.client("INSERT INTO a SELECT seq FROM seq_1_to_1500000");
    let folder = folder("ALTER TABLE a ADD n INT DEFAULT 1, ALGORITHM = COPY;");
    let mut run = realign(&folder, &database.url(), "migrate")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("realign runs");
    seen(&database, "ALTER TABLE");
    run.kill().expect("it is there");
    run.wait().expect("it ends");
    let account = database
        .server()
        .user(&[&format!("ALL ON {}.*", database.name())]);
    let url = database.url().replace(
        &format!("testkit:{}", database.server().password()),
        &format!("{}:{}", account.name, account.password),
    );
    let after = ended(&folder, &url, "migrate");
    tells(&after, 0, "not recorded, but it stands");
    assert_eq!(database.rows("SELECT n FROM a LIMIT 1"), [["1"]]);
}

/// A plan of several transactions is gone on with; the statement is told once.
#[test]
fn a_plan_whose_connection_is_ended() {
    let server = mariadb();
    let database = server.database();
    database
        .client("CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT); INSERT INTO a VALUES (1, 1)");
    let folder = folder("");
    fs::write(
        folder.path().join("schema.sql"),
        "CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n BIGINT);",
    )
    .expect("written");
    let mut holder = reader(&database);
    let run = realign(
        &folder,
        &database.url(),
        "--schema sql:schema.sql schema update --force",
    )
    .stdout(Stdio::null())
    .stderr(Stdio::piped())
    .spawn()
    .expect("realign runs");
    database.client(&format!("KILL {}", seen(&database, "ALTER TABLE")));
    let output = run.wait_with_output().expect("it ends");
    holder.kill().expect("it is there");
    holder.wait().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(told.matches("statement: ALTER TABLE").count(), 1, "{told}");
    tells(
        &(output.status.code(), told),
        69,
        "help: run the same command again",
    );
}
