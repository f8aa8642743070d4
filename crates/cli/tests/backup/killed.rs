//! A kill leaves nothing that is taken for a backup, and what it leaves is swept.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use realign_testkit::{Live, Server, Shape, mariadb, mariadb_with, rows};

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

/// How often a command is begun again that was quicker than whoever wanted to end it.
const TRIES: usize = 5;

/// Begins a command and ends it as soon as something is so of its process number. A command that
/// is done before that is begun again, after `again`.
fn end_when(
    site: &Site,
    words: &[&str],
    signal: &str,
    so: &dyn Fn(u32) -> bool,
    again: &dyn Fn(),
) -> (u32, Option<i32>) {
    for _ in 0..TRIES {
        let mut child = begin(site, words);
        let id = child.id();
        let begun = Instant::now();
        while !so(id) && begun.elapsed() < Duration::from_mins(1) {
            if child.try_wait().expect("a child").is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        if child.try_wait().expect("a child").is_none() {
            let told = Command::new("kill")
                .args([signal, &id.to_string()])
                .status();
            assert!(told.expect("kill runs").success());
        }
        let ended = child.wait().expect("a child");
        if !ended.success() {
            return (id, ended.code());
        }
        again();
    }
    panic!("{words:?} was always quicker");
}

/// True for a file that is not finished.
fn is_draft(name: &str) -> bool {
    name.starts_with("realign_scratch_")
}

fn scratches(server: &Server) -> Vec<String> {
    let found = server.rows("", "SHOW DATABASES LIKE 'realign\\_scratch\\_%'");
    found.into_iter().flatten().collect()
}

/// A table that takes a while to write and to load.
const LARGE: &str = "CREATE TABLE t (id INT PRIMARY KEY, b TEXT, KEY b (b(50))); INSERT INTO t SELECT seq, SHA2(seq, 512) FROM seq_1_to_60000;";

#[test]
fn a_signal_ends_it_and_nothing_is_left() {
    let database = mariadb().database();
    database.client(LARGE);
    let site = Site::of(&database);
    let empty = || {
        for name in site.kept() {
            std::fs::remove_file(site.session.path("kept").join(name)).expect("own file");
        }
    };
    let written = |_: u32| !site.kept().is_empty();
    let (_, code) = end_when(&site, &["backup", "create"], "-TERM", &written, &empty);
    assert_eq!(code, Some(143), "{}", site.session.read("said"));
    assert!(site.kept().is_empty(), "{:?}", site.kept());
    let file = site.backup();
    let of = |id: u32| {
        let mark = format!("_{id}_");
        scratches(mariadb())
            .into_iter()
            .any(|name| name.contains(&mark))
    };
    let words = ["backup", "verify", file.to_str().expect("plain")];
    let (id, code) = end_when(&site, &words, "-TERM", &of, &|| {});
    assert_eq!(code, Some(143), "{}", site.session.read("said"));
    assert!(!of(id), "{:?}", scratches(mariadb()));
    assert_eq!(site.kept().len(), 1, "{:?}", site.kept());
    assert_eq!(database.rows("SELECT COUNT(*) FROM t"), [["60000"]]);
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
    let half = |_: u32| {
        let count = database.try_client("SELECT COUNT(*) FROM t");
        !count.is_ok_and(|count| count.contains("60000"))
    };
    end_when(&site, &words, "-KILL", &half, &|| {});
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
    // Whoever proves a backup sweeps as well, so that this needs a server of its own.
    let server = mariadb_with(&["--max-connections=301"]);
    let database = server.database();
    database.client(LARGE);
    let site = Site::of(&database);
    let empty = || {
        for name in site.kept() {
            std::fs::remove_file(site.session.path("kept").join(name)).expect("own file");
        }
    };
    let written = |_: u32| site.kept().iter().any(|name| is_draft(name));
    end_when(&site, &["backup", "create"], "-KILL", &written, &empty);
    assert!(
        site.kept().iter().all(|name| is_draft(name)),
        "{:?}",
        site.kept()
    );
    assert_eq!(site.kept().len(), 1);
    let file = site.backup();
    assert_eq!(site.kept().len(), 1, "{:?}", site.kept());

    let of = |id: u32| {
        let mark = format!("_{id}_");
        scratches(server)
            .into_iter()
            .any(|name| name.contains(&mark))
    };
    let words = ["backup", "verify", file.to_str().expect("plain")];
    let (id, _) = end_when(&site, &words, "-KILL", &of, &|| {});
    assert!(of(id), "{:?}", scratches(server));
    let swept = site.run("doctor");
    assert!(swept.out.contains("removed"), "{}", swept.shown());
    assert!(!of(id), "{:?}", scratches(server));
    assert_eq!(database.rows("SELECT COUNT(*) FROM t"), [["60000"]]);
}
