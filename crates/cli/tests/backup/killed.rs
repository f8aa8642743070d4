//! A kill leaves nothing that is taken for a backup, and what it leaves is swept. Whoever is killed
//! waits for something that another session holds, so that it can't be done already.

use std::process::{Child, Command, Stdio};

use realign_testkit::{
    Killable, Live, Server, Shape, TestDatabase, killable_mariadb, killable_mysql,
    killable_postgres, mariadb, mariadb_with, rows,
};

use crate::Site;

/// Begins a command and leaves it at work.
fn begin(site: &Site, words: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_realign"))
        .args(words)
        .current_dir(site.session.root())
        .env("REALIGN_DATABASE_URL", &site.url)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(site.session.path("said")).expect("own folder"))
        .spawn()
        .expect("realign runs")
}

/// Begins a command and comes back once it waits with a statement that has these words.
fn waiting(site: &Site, database: &TestDatabase, words: &[&str], with: &str) -> Child {
    let mut child = begin(site, words);
    let waits = database.is_waiting(with, &mut || child.try_wait().expect("a child").is_none());
    assert!(waits, "{words:?} is over: {}", site.session.read("said"));
    child
}

/// Ends it by a signal; its exit code, none when the signal was its end.
fn end(mut child: Child, signal: &str) -> Option<i32> {
    let told = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(told.expect("kill runs").success());
    child.wait().expect("a child").code()
}

/// True for a file that is not finished.
fn is_draft(name: &str) -> bool {
    name.starts_with("realign_scratch_")
}

/// The scratch databases of a process.
fn scratches(server: &Server, id: u32) -> Vec<String> {
    let mark = format!("_{id}_");
    let found = server.rows("", "SHOW DATABASES LIKE 'realign\\_scratch\\_%'");
    let names = found.into_iter().flatten();
    names.filter(|name| name.contains(&mark)).collect()
}

const TABLE: &str = "CREATE TABLE t (id INT PRIMARY KEY, b TEXT, KEY b (b(50))); INSERT INTO t SELECT seq, SHA2(seq, 512) FROM seq_1_to_5000;";
const TWO_ROWS: &str = "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2);";
/// Keeps a dump of that table waiting, and nobody who only looks at its definition.
const HELD: &str = "LOCK TABLES t WRITE;";

/// A view of another database's table: whoever holds that keeps a load of the dump waiting.
fn with_a_view_elsewhere(database: &TestDatabase) -> (TestDatabase, &'static str) {
    let other = database.server().database();
    other.client("CREATE TABLE far (id INT);");
    database.client(&format!(
        "CREATE VIEW v AS SELECT id FROM {}.far;",
        other.name()
    ));
    (other, "LOCK TABLES far WRITE;")
}

#[test]
fn a_signal_ends_it_and_nothing_is_left() {
    let database = mariadb().database();
    database.client(TABLE);
    let (other, far) = with_a_view_elsewhere(&database);
    let site = Site::of(&database);
    let held = database.holding(HELD);
    let child = waiting(&site, &database, &["backup", "create"], "FROM `t`");
    assert!(!site.kept().is_empty(), "its draft is there");
    assert_eq!(
        end(child, "-TERM"),
        Some(143),
        "{}",
        site.session.read("said")
    );
    assert!(site.kept().is_empty(), "{:?}", site.kept());
    drop(held);

    let file = site.backup();
    let words = ["backup", "verify", file.to_str().expect("plain")];
    let held = other.holding(far);
    let child = waiting(&site, &database, &words, "VIEW");
    let id = child.id();
    assert!(!scratches(mariadb(), id).is_empty(), "it is being loaded");
    assert_eq!(
        end(child, "-TERM"),
        Some(143),
        "{}",
        site.session.read("said")
    );
    drop(held);
    assert!(scratches(mariadb(), id).is_empty());
    assert_eq!(site.kept().len(), 1, "{:?}", site.kept());
    assert_eq!(database.rows("SELECT COUNT(*) FROM t"), [["5000"]]);
}

/// MariaDB can't replace a database as a whole: what a kill leaves half is replaced by the next try.
#[test]
fn a_restore_that_was_killed_is_begun_again() {
    let database = mariadb().database();
    database.client(TABLE);
    database.client("CREATE TABLE a (id INT); INSERT INTO a VALUES (1); CREATE TABLE z (id INT);");
    let site = Site::of(&database);
    let file = site.backup();
    let before = (Shape::of(&database), rows(&database));
    let path = file.to_str().expect("plain");
    let words = [
        "backup",
        "restore",
        path,
        "--into-same",
        "--no-safety-backup",
    ];
    // Everything is taken away before the backup is loaded: somebody reads one of the tables.
    let held = database.holding("BEGIN; SELECT COUNT(*) FROM z;");
    let child = waiting(&site, &database, &words, "DROP TABLE IF EXISTS `z`");
    assert_eq!(end(child, "-KILL"), None);
    drop(held);
    assert!(
        database.try_client("SELECT COUNT(*) FROM a").is_err(),
        "it was in its middle"
    );
    site.run(&words.join(" ")).ended(0);
    assert_eq!(before.0.differences(&Shape::of(&database)), "");
    assert!(rows(&database) == before.1, "rows differ");
}

/// The dump is of one moment: a table that it comes to later is what it was when the dump began.
#[test]
fn others_may_write_meanwhile() {
    let database = mariadb().database();
    database.client(TABLE);
    database.client("CREATE TABLE z (a INT PRIMARY KEY);");
    let site = Site::of(&database);
    let held = database.holding(HELD);
    let mut child = waiting(
        &site,
        &database,
        &["backup", "create", "--verify"],
        "FROM `t`",
    );
    for number in 0..5 {
        database.client(&format!("INSERT INTO z VALUES ({number});"));
    }
    drop(held);
    let ended = child.wait().expect("a child");
    assert!(ended.success(), "{}", site.session.read("said"));
    let file = site.session.path("kept").join(&site.kept()[0]);
    site.run(&format!(
        "backup restore {} --into-same --no-safety-backup",
        file.display()
    ))
    .ended(0);
    assert_eq!(database.rows("SELECT COUNT(*) FROM z"), [["0"]]);
    assert_eq!(database.rows("SELECT COUNT(*) FROM t"), [["5000"]]);
}

#[test]
fn what_a_kill_leaves_is_no_backup_and_is_swept() {
    // Whoever proves a backup sweeps as well, so that this needs a server of its own.
    let server = mariadb_with(&["--max-connections=301"]);
    let database = server.database();
    database.client(TABLE);
    let (other, far) = with_a_view_elsewhere(&database);
    let site = Site::of(&database);
    let held = database.holding(HELD);
    let child = waiting(&site, &database, &["backup", "create"], "FROM `t`");
    assert_eq!(end(child, "-KILL"), None);
    drop(held);
    let kept = site.kept();
    assert!(kept.len() == 1 && is_draft(&kept[0]), "{kept:?}");
    let file = site.backup();
    assert_eq!(site.kept().len(), 1, "{:?}", site.kept());

    let words = ["backup", "verify", file.to_str().expect("plain")];
    let held = other.holding(far);
    let child = waiting(&site, &database, &words, "VIEW");
    let id = child.id();
    assert_eq!(end(child, "-KILL"), None);
    drop(held);
    assert!(!scratches(server, id).is_empty());
    let swept = site.run("doctor");
    assert!(swept.out.contains("removed"), "{}", swept.shown());
    assert!(scratches(server, id).is_empty());
    assert_eq!(database.rows("SELECT COUNT(*) FROM t"), [["5000"]]);
}

/// The server dies while the dump is written: no file, a plain error, and the next try works.
fn server_dies<S>(site: &Site, mut child: Child, server: &mut Killable<S>) {
    server.kill();
    let code = child.wait().expect("a child").code();
    let said = site.session.read("said");
    assert!(matches!(code, Some(1 | 69)), "{code:?}: {said}");
    assert!(said.contains("error"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(site.kept().is_empty(), "{:?}: {said}", site.kept());
    server.again();
    site.backup();
}

/// The same for MariaDB and MySQL.
fn server_dies_under_a_dump(mut server: Killable<Server>, table: &str) {
    let database = server.server().database();
    database.client(table);
    let site = Site::of(&database);
    let _held = database.holding(HELD);
    let child = waiting(&site, &database, &["backup", "create"], "FROM `t`");
    server_dies(&site, child, &mut server);
}

#[test]
fn a_server_that_dies_leaves_no_half_file_on_mariadb() {
    server_dies_under_a_dump(killable_mariadb(), TABLE);
}

#[test]
fn a_server_that_dies_leaves_no_half_file_on_mysql() {
    match killable_mysql() {
        Some(server) => server_dies_under_a_dump(server, TWO_ROWS),
        None => println!("not run: there is no MySQL server"),
    }
}

#[test]
fn a_server_that_dies_leaves_no_half_file_on_postgresql() {
    let mut server = killable_postgres();
    let database = server.server().database();
    database.client(TWO_ROWS);
    let site = Site::of(&database);
    let _held = database.holding("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE;");
    let mut child = begin(&site, &["backup", "create"]);
    let waits = database.is_waiting(&mut || child.try_wait().expect("a child").is_none());
    assert!(waits, "it is over: {}", site.session.read("said"));
    server_dies(&site, child, &mut server);
}
