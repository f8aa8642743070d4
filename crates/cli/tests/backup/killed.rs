//! A kill leaves nothing that is taken for a backup, and what it leaves is swept.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use realign_testkit::{Live, mariadb};

use crate::Site;

/// Begins a command and leaves it at work.
fn begin(site: &Site, words: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_realign"))
        .args(words)
        .current_dir(site.session.root())
        .env("REALIGN_DATABASE_URL", &site.url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
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

#[test]
fn what_a_kill_leaves_is_no_backup_and_is_swept() {
    let database = mariadb().database();
    // A table that takes a while to write and to load.
    database.client(
        "CREATE TABLE t (id INT PRIMARY KEY, b TEXT, KEY b (b(50))); INSERT INTO t SELECT seq, SHA2(seq, 512) FROM seq_1_to_60000;",
    );
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
