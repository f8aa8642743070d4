//! Whatever is wrong: a clear error, no half file, no changed database, no password to be seen.

use std::fs;
use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use realign_testkit::{
    Live, Shape, mariadb, mariadb_with, mysql_or_say, postgres, rows, sqlite_file,
};

use crate::{Site, schemas};

/// Every file that is no whole backup leaves the database alone.
fn nothing_changes(database: &impl Live) {
    let site = Site::of(database);
    let file = site.backup();
    let whole = fs::read(&file).expect("readable");
    let before = (Shape::of(database), rows(database));
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let mut shorter = whole.clone();
    shorter.drain(100..200);
    let broken = [
        ("cut.zst", whole[..whole.len() / 2].to_vec()),
        ("no-end.zst", whole[..whole.len() - 1].to_vec()),
        ("empty.zst", Vec::new()),
        ("flipped.zst", flipped),
        ("shorter.zst", shorter),
        ("other.zst", b"this is no backup at all".repeat(100)),
    ];
    for (name, bytes) in broken {
        site.session.write(name, "");
        fs::write(site.session.path(name), bytes).expect("writes");
        for line in ["backup restore NAME --into-same", "backup verify NAME"] {
            let refused = site.run(&line.replace("NAME", name)).ended(1);
            assert!(
                refused.err.contains("is no whole backup"),
                "{}",
                refused.shown()
            );
            assert!(refused.err.contains(name), "{}", refused.shown());
        }
    }
    assert_eq!(before.0.differences(&Shape::of(database)), "");
    assert_eq!(rows(database), before.1);
    assert_eq!(site.kept().len(), 1, "{:?}", site.kept());
}

/// Neither dump program can be told to ask for all rows.
#[test]
fn a_server_that_gives_the_first_rows_only_is_not_backed_up() {
    let server = mariadb_with(&["--init-connect=SET sql_select_limit = 1"]);
    let database = server.database();
    database.client("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
    let site = Site::of(&database);
    let refused = site.run("backup create").ended(1);
    assert!(
        refused.err.contains("sql_select_limit"),
        "{}",
        refused.shown()
    );
    assert_eq!(site.kept(), Vec::<String>::new());
}

#[test]
fn a_damaged_file_on_sqlite() {
    let database = sqlite_file();
    database.client(schemas::SQLITE);
    nothing_changes(&database);
}

#[test]
fn a_damaged_file_on_mariadb() {
    let database = mariadb().database();
    database.client(schemas::MYSQL);
    nothing_changes(&database);
}

#[test]
fn a_damaged_file_on_mysql() {
    let Some(server) = mysql_or_say() else {
        return;
    };
    let database = server.database();
    database.client(
        "CREATE TABLE t (id INT PRIMARY KEY, b VARCHAR(200)); CREATE VIEW v AS SELECT b FROM t;
         INSERT INTO t VALUES (1, 'one'), (2, REPEAT('two', 50)), (3, NULL);",
    );
    nothing_changes(&database);
}

#[test]
fn a_damaged_file_on_postgresql() {
    let database = postgres().database();
    database.client(schemas::POSTGRES);
    nothing_changes(&database);
}

/// A dump that the server refuses in its middle, in a file that is whole.
#[test]
fn a_restore_that_fails_changes_nothing_where_the_engine_can_promise_it() {
    let database = postgres().database();
    database.client(schemas::POSTGRES);
    let site = Site::of(&database);
    let file = site.backup();
    // A session of another keeps a table from being dropped for longer than anybody waits.
    database.client(
        "ALTER DATABASE CURRENT_DATABASE_NAME SET lock_timeout = '300ms'"
            .replace("CURRENT_DATABASE_NAME", database.name())
            .as_str(),
    );
    let before = (Shape::of(&database), rows(&database));
    let url = database.url();
    let held = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicBool::new(false));
    let holder = {
        let (held, done) = (Arc::clone(&held), Arc::clone(&done));
        std::thread::spawn(move || {
            let mut client = Command::new("psql")
                .args(["-X", "-q", &url.replace(":open-sesame@", "@")])
                .env("PGPASSWORD", "open-sesame")
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .spawn()
                .expect("psql runs");
            let mut input = client.stdin.take().expect("piped");
            writeln!(
                input,
                "BEGIN; LOCK TABLE pet IN ACCESS SHARE MODE; SELECT 'held';"
            )
            .expect("writes");
            let mut output = std::io::BufReader::new(client.stdout.take().expect("piped"));
            let mut line = String::new();
            while !line.contains("held\n") {
                line.clear();
                assert!(
                    output.read_line(&mut line).expect("reads") > 0,
                    "psql ended"
                );
            }
            held.store(true, Ordering::SeqCst);
            while !done.load(Ordering::SeqCst) {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            drop(input);
            let _ = client.wait();
        })
    };
    while !held.load(Ordering::SeqCst) && !holder.is_finished() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let failed = site.run(&format!("backup restore {} --into-same", file.display()));
    done.store(true, Ordering::SeqCst);
    holder.join().expect("the holder ends");
    let failed = failed.ended(1);
    assert!(
        failed.err.contains("nothing was changed"),
        "{}",
        failed.shown()
    );
    assert_eq!(before.0.differences(&Shape::of(&database)), "");
    assert_eq!(rows(&database), before.1);
}

#[test]
fn a_wrong_password_leaves_no_file() {
    let databases = [mariadb().database().url(), postgres().database().url()];
    for url in databases {
        let site = Site::at(url.replace(":open-sesame@", ":shut-sesame@"));
        let refused = site.run("backup create").ended(69);
        assert!(refused.err.contains("password"), "{}", refused.shown());
        assert!(site.kept().is_empty(), "{:?}", site.kept());
    }
}

/// An account that is shown no triggers would make a backup without them, and nobody would know.
#[test]
fn an_account_that_sees_too_little_makes_no_backup() {
    let database = mariadb().database();
    database.client(schemas::MYSQL);
    let name = database.name();
    let poor = mariadb().user(&[&format!("SELECT, SHOW VIEW ON {name}.*")]);
    let site = Site::at(mariadb().url_as(&poor, name));
    let refused = site.run("backup create").ended(1);
    assert!(
        refused.err.contains("may not see the triggers"),
        "{}",
        refused.shown()
    );
    assert!(
        refused
            .err
            .contains("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT"),
        "{}",
        refused.shown()
    );
    assert!(site.kept().is_empty(), "{:?}", site.kept());
    // Routines are hidden as triggers are; of others' it may see the names and not the bodies.
    let most = format!("SELECT, SHOW VIEW, TRIGGER, EVENT ON {name}.*");
    let poor = mariadb().user(&[&most]);
    let site = Site::at(mariadb().url_as(&poor, name));
    let refused = site.run("backup create").ended(1);
    assert!(
        refused
            .err
            .contains("may not see the procedures and functions"),
        "{}",
        refused.shown()
    );
    assert!(
        refused.err.contains("GRANT SELECT ON mysql.proc TO"),
        "{}",
        refused.shown()
    );
    for rights in [
        vec![most.clone(), format!("EXECUTE ON {name}.*")],
        // Events are never hidden without a word.
        vec![
            format!("SELECT, SHOW VIEW, TRIGGER ON {name}.*"),
            "SELECT ON mysql.proc".to_owned(),
        ],
    ] {
        let rights: Vec<&str> = rights.iter().map(String::as_str).collect();
        let poor = mariadb().user(&rights);
        let site = Site::at(mariadb().url_as(&poor, name));
        let refused = site.run("backup create").ended(1);
        assert!(refused.err.contains("GRANT"), "{}", refused.shown());
        assert!(site.kept().is_empty(), "{:?}", site.kept());
    }
    // Where there are none, to be shown that is enough.
    let bare = mariadb().database();
    bare.client("CREATE TABLE t (id INT);");
    let name_of_bare = bare.name();
    let may = mariadb().user(&[&format!(
        "SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON {name_of_bare}.*"
    )]);
    Site::at(mariadb().url_as(&may, name_of_bare))
        .run("backup create")
        .ended(0);
    let enough = mariadb().user(&[&most, "SELECT ON mysql.*"]);
    let site = Site::at(mariadb().url_as(&enough, name));
    let file = site.backup();
    // It may make no scratch database: the error names the right.
    let refused = site
        .run(&format!("backup verify {}", file.display()))
        .ended(1);
    assert!(
        refused.err.contains("GRANT ALL ON `realign"),
        "{}",
        refused.shown()
    );
    site.run(&format!("backup verify --file-only {}", file.display()))
        .ended(0);
    // Somebody who may proves that it is whole.
    let site = Site::of(&database);
    site.run(&format!("backup verify {}", file.display()))
        .ended(0);
}

#[test]
fn an_account_that_sees_no_routines_makes_no_backup_on_mysql() {
    let Some(server) = mysql_or_say() else {
        return;
    };
    let database = server.database();
    database.client(
        "CREATE TABLE t (id INT PRIMARY KEY); CREATE PROCEDURE forget() DELETE FROM t;
         INSERT INTO t VALUES (1);",
    );
    let name = database.name();
    let most = format!("SELECT, SHOW VIEW, TRIGGER, EVENT ON {name}.*");
    let poor = server.user(&[&most]);
    let site = Site::at(server.url_as(&poor, name));
    let refused = site.run("backup create").ended(1);
    assert!(
        refused.err.contains("GRANT SHOW_ROUTINE ON *.* TO"),
        "{}",
        refused.shown()
    );
    assert!(site.kept().is_empty(), "{:?}", site.kept());
    let enough = server.user(&[&most, "SHOW_ROUTINE ON *.*"]);
    let site = Site::at(server.url_as(&enough, name));
    let file = site.backup();
    let into = server.database();
    let site = Site::of(&database);
    site.run(&format!(
        "backup restore {} --into {}",
        file.display(),
        into.url()
    ))
    .ended(0);
    into.client("CALL forget();");
    assert_eq!(into.rows("SELECT COUNT(*) FROM t"), [["0"]]);
}

/// No transaction holds such a table still: it is named, and kept all the same.
#[test]
fn a_table_without_transactions_is_named() {
    let database = mariadb().database();
    database.client("CREATE TABLE old (id INT) ENGINE = MyISAM; CREATE TABLE new (id INT);");
    let site = Site::of(&database);
    let made = site.run("backup create").ended(0);
    for told in ["warning: not of one moment", "old (MyISAM)", "realign down"] {
        assert!(made.err.contains(told), "{told}\n{}", made.shown());
    }
    assert!(!made.err.contains("new ("), "{}", made.shown());
    let file = site.session.path("kept").join(&site.kept()[0]);
    let told = site.run(&format!("backup verify {}", file.display()));
    assert!(told.ended(0).err.contains("old (MyISAM)"));
}

/// A file system that goes with the value.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

/// Runs a test on a file system of so many bytes; false where this account can't make one.
fn on_a_small_disk(folder: &Path, size: &str, test: impl FnOnce()) -> bool {
    fs::create_dir_all(folder).expect("a folder");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={size}"), "realign-test"])
        .arg(folder)
        .output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        println!("not run: this account can't mount a small disk");
        return false;
    }
    let _mounted = Mounted(folder);
    test();
    true
}

/// Rows that hardly get smaller.
const NOISE: usize = 400;

fn full_disk(database: &impl Live) {
    let before = rows(database);
    let site = Site::of(database);
    // Room enough that the first question is passed, and too little for the whole.
    on_a_small_disk(&site.session.path("kept"), "300k", || {
        let failed = site.run("backup create").ended(1);
        assert!(
            failed.err.contains("No space left") || failed.err.contains("is too full"),
            "{}",
            failed.shown()
        );
        assert!(failed.err.contains("--to DIR"), "{}", failed.shown());
        assert!(site.kept().is_empty(), "{:?}", site.kept());
    });
    assert_eq!(rows(database), before);
}

#[test]
fn a_full_disk_leaves_no_file() {
    let sqlite = sqlite_file();
    sqlite.client(&format!(
        "CREATE TABLE t (b BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {NOISE}) INSERT INTO t SELECT randomblob(1000) FROM n;"
    ));
    full_disk(&sqlite);
    let mariadb = mariadb().database();
    mariadb.client(&format!(
        "CREATE TABLE t (b TEXT); INSERT INTO t SELECT CONCAT(SHA2(RAND(), 512), SHA2(RAND(), 512), SHA2(RAND(), 512), SHA2(RAND(), 512), SHA2(RAND(), 512), SHA2(RAND(), 512), SHA2(RAND(), 512), SHA2(RAND(), 512)) FROM seq_1_to_{};",
        NOISE * 4
    ));
    full_disk(&mariadb);
    let postgres = postgres().database();
    postgres.client(&format!(
        "CREATE TABLE t (b TEXT); INSERT INTO t SELECT (SELECT string_agg(md5(random()::text || i || j), '') FROM generate_series(1, 32) j) FROM generate_series(1, {}) i;",
        NOISE * 4
    ));
    full_disk(&postgres);
}

/// Reads every process's arguments, and every environment that can be read, until it is told to end.
fn seen_of(
    word: &'static str,
    until: &Arc<AtomicBool>,
) -> std::thread::JoinHandle<(usize, Vec<String>)> {
    let until = Arc::clone(until);
    let own = std::process::id().to_string();
    std::thread::spawn(move || {
        let mut seen = Vec::new();
        let mut dumps = 0;
        while !until.load(Ordering::SeqCst) {
            for entry in fs::read_dir("/proc").expect("proc").flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name == own || !is_below(&name, &own) {
                    continue;
                }
                let arguments = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                let arguments = String::from_utf8_lossy(&arguments).into_owned();
                if arguments.contains("defaults-file") || arguments.contains("--no-password") {
                    dumps += 1;
                    let variables = fs::read(entry.path().join("environ")).unwrap_or_default();
                    if String::from_utf8_lossy(&variables).contains(word) {
                        seen.push(format!("environment of {arguments}"));
                    }
                }
                if arguments.contains(word) {
                    seen.push(arguments);
                }
            }
        }
        (dumps, seen)
    })
}

/// True for a process that this one, or one of its own, has started.
fn is_below(pid: &str, own: &str) -> bool {
    let mut pid = pid.to_owned();
    for _ in 0..8 {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default();
        match fields.split_whitespace().nth(1) {
            Some(parent) if parent == own => return true,
            Some(parent) => parent.clone_into(&mut pid),
            None => return false,
        }
    }
    false
}

#[test]
fn no_list_of_processes_shows_a_password() {
    let mysql = mariadb().database();
    mysql.client(schemas::MYSQL);
    let postgresql = postgres().database();
    postgresql.client(schemas::POSTGRES);
    for (site, password) in [
        (Site::of(&mysql), mariadb().password()),
        (Site::of(&postgresql), "open-sesame"),
    ] {
        let done = Arc::new(AtomicBool::new(false));
        let watcher = seen_of(password, &done);
        let file = site.backup();
        site.run(&format!("backup verify {}", file.display()))
            .ended(0);
        site.run(&format!("backup restore {} --into-same", file.display()))
            .ended(0);
        done.store(true, Ordering::SeqCst);
        let (dumps, seen) = watcher.join().expect("the watcher ends");
        assert!(dumps > 0, "no program of the engine was seen at work");
        assert!(seen.is_empty(), "{seen:?}");
    }
}
