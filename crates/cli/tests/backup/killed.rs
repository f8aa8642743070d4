//! A kill leaves nothing that is taken for a backup, and what it leaves is swept.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use realign_testkit::{Live, Shape, mariadb, rows};

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

/// Waits until something is so, and kills the command then.
fn kill_when(mut child: Child, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() && begun.elapsed() < Duration::from_mins(1) {
        assert!(
            child.try_wait().expect("a child").is_none(),
            "it ended before it could be killed"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("a child can be killed");
    child.wait().expect("a child");
}

/// True for a file that is not finished.
fn is_draft(name: &str) -> bool {
    name.starts_with("realign_scratch_")
}

fn scratches() -> Vec<String> {
    let found = mariadb().rows("", "SHOW DATABASES LIKE 'realign\\_scratch\\_%'");
    found.into_iter().flatten().collect()
}

/// A table that takes a while to write and to load.
const LARGE: &str = "CREATE TABLE t (id INT PRIMARY KEY, b TEXT, KEY b (b(50))); INSERT INTO t SELECT seq, SHA2(seq, 512) FROM seq_1_to_60000;";

#[test]
fn a_signal_ends_it_and_nothing_is_left() {
    let database = mariadb().database();
    database.client(LARGE);
    let site = Site::of(&database);
    let stopped = |words: &[&str], so: &dyn Fn(u32) -> bool| {
        let mut child = begin(&site, words);
        let id = child.id();
        let begun = Instant::now();
        while !so(id) && begun.elapsed() < Duration::from_mins(1) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let told = Command::new("kill")
            .args(["-TERM", &id.to_string()])
            .status();
        assert!(told.expect("kill runs").success());
        let ended = child.wait().expect("a child");
        assert_eq!(ended.code(), Some(143), "{words:?}");
    };
    stopped(&["backup", "create"], &|_| !site.kept().is_empty());
    assert!(site.kept().is_empty(), "{:?}", site.kept());
    let file = site.backup();
    let of = |id: u32| {
        let mark = format!("_{id}_");
        scratches().into_iter().any(|name| name.contains(&mark))
    };
    stopped(&["backup", "verify", file.to_str().expect("plain")], &of);
    assert_eq!(site.kept().len(), 1, "{:?}", site.kept());
    let before = scratches();
    site.run("doctor");
    assert_eq!(database.rows("SELECT COUNT(*) FROM t"), [["60000"]]);
    // Nothing of this run is left for `doctor`.
    let own = format!("_{}_", std::process::id());
    assert!(!before.iter().any(|name| name.contains(&own)), "{before:?}");
}

/// MariaDB can't replace a database as a whole: what a kill leaves half is replaced by the next try.
#[test]
fn a_restore_that_was_killed_is_begun_again() {
    let database = mariadb().database();
    database.client(LARGE);
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
    kill_when(begin(&site, &words), || {
        let count = database.try_client("SELECT COUNT(*) FROM t");
        !count.is_ok_and(|count| count.contains("60000"))
    });
    site.run(&words.join(" ")).ended(0);
    assert_eq!(before.0.differences(&Shape::of(&database)), "");
    assert!(rows(&database) == before.1, "rows differ");
}

/// What is written meanwhile is in the backup or not, but never half of it.
#[test]
fn others_may_write_meanwhile() {
    let database = mariadb().database();
    database.client(LARGE);
    database.client("CREATE TABLE pair (a INT PRIMARY KEY, b INT NOT NULL);");
    let site = Site::of(&database);
    let mut child = begin(&site, &["backup", "create", "--verify"]);
    let mut written = 0;
    while child.try_wait().expect("a child").is_none() {
        database.client(&format!("INSERT INTO pair VALUES ({written}, {written}); UPDATE t SET b = 'changed' WHERE id = {written};"));
        written += 1;
    }
    let ended = child.wait().expect("a child");
    assert!(ended.success(), "{}", site.session.read("said"));
    assert!(written > 2, "{written} rows were written meanwhile");
}

#[test]
fn what_a_kill_leaves_is_no_backup_and_is_swept() {
    let database = mariadb().database();
    database.client(LARGE);
    let site = Site::of(&database);
    kill_when(begin(&site, &["backup", "create"]), || {
        site.kept().iter().any(|name| is_draft(name))
    });
    assert!(
        site.kept().iter().all(|name| is_draft(name)),
        "{:?}",
        site.kept()
    );
    assert_eq!(site.kept().len(), 1);
    let file = site.backup();
    assert_eq!(site.kept().len(), 1, "{:?}", site.kept());

    let verify = begin(&site, &["backup", "verify", file.to_str().expect("plain")]);
    let mark = format!("_{}_", verify.id());
    let own = || scratches().into_iter().any(|name| name.contains(&mark));
    kill_when(verify, own);
    assert!(own());
    let swept = site.run("doctor");
    assert!(swept.out.contains("removed"), "{}", swept.shown());
    assert!(!own(), "{:?}", scratches());
    assert_eq!(database.rows("SELECT COUNT(*) FROM t"), [["60000"]]);
}
