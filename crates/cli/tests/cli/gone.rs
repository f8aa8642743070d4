//! Whoever was to read has gone: what is done and the exit code do not hang on them.

use std::fs::{self, File};
use std::io::Read as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use realign_testkit::{Live, SqliteFile, sqlite_file};
use tempfile::TempDir;

/// A folder with one migration, and a database.
struct Site {
    folder: TempDir,
    database: SqliteFile,
}

impl Site {
    fn new(migration: &str) -> Self {
        let folder = TempDir::with_prefix("session-").expect("a folder");
        let file = folder.path().join("migrations/20240101000000_a.sql");
        fs::create_dir(folder.path().join("migrations")).expect("made");
        fs::write(file, migration).expect("written");
        Self {
            folder,
            database: sqlite_file(),
        }
    }

    fn run(&self, line: &str, stdout: Stdio, stderr: Stdio) -> Output {
        Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(line.split(' '))
            .current_dir(self.folder.path())
            .env_clear()
            .env("REALIGN_DATABASE_URL", self.database.url())
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .output()
            .expect("realign runs")
    }

    fn executed(&self) -> usize {
        let versions = self.database.rows("SELECT version FROM realign_migrations");
        versions.len()
    }
}

/// A pipe that nobody reads.
fn gone() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

#[test]
fn a_run_goes_on_when_nobody_reads_it() {
    for line in ["migrate", "migrate --format json", "migrate -v"] {
        let site = Site::new("CREATE TABLE a (id INTEGER);");
        let ended = site.run(line, gone(), gone());
        assert_eq!(ended.status.code(), Some(0), "{line}");
        assert_eq!(site.executed(), 1, "{line}");
    }
}

/// A terminal whose line is lost takes nothing more.
#[test]
fn a_run_goes_on_when_its_terminal_is_gone() {
    let slow = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5000000)";
    let site = Site::new(&format!(
        "CREATE TABLE a (id INTEGER); INSERT INTO a {slow} SELECT COUNT(*) FROM c; INSERT INTO a VALUES (1);"
    ));
    let line = format!(
        "'{}' migrate -n -v; echo $? > code.tmp; mv code.tmp code",
        env!("CARGO_BIN_EXE_realign")
    );
    let mut terminal = Command::new("env")
        .args(["--ignore-signal=HUP", "script", "-qfc", &line, "/dev/null"])
        .current_dir(site.folder.path())
        .env("REALIGN_DATABASE_URL", site.database.url())
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a terminal");
    let mut said = terminal.stdout.take().expect("a pipe");
    let mut text = String::new();
    let mut bytes = [0; 64];
    while !text.contains("CREATE TABLE") {
        let count = said.read(&mut bytes).expect("it says something");
        assert!(count > 0, "it ended: {text}");
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    terminal.kill().expect("it is there");
    terminal.wait().expect("it ends");
    let code = site.folder.path().join("code");
    let begun = Instant::now();
    while !code.exists() && begun.elapsed() < Duration::from_mins(5) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(fs::read_to_string(code).expect("it ended").trim(), "0");
    assert_eq!(site.executed(), 1);
}

#[test]
fn what_fails_unread_has_failed() {
    let site = Site::new("CREATE TABLE a (id INTEGER); INSERT INTO nowhere VALUES (1);");
    for line in [
        "migrations up-to-date",
        "migrate",
        "migrate --format json",
        "migrate",
    ] {
        let ended = site.run(line, gone(), gone());
        assert_eq!(ended.status.code(), Some(1), "{line}");
    }
}

#[test]
fn a_document_that_can_not_be_written_is_told() {
    let site = Site::new("CREATE TABLE a (id INTEGER);");
    let full = File::options().write(true).open("/dev/full");
    let full = full.expect("the system has it");
    let ended = site.run("migrate --format json", full.into(), Stdio::piped());
    assert_eq!(ended.status.code(), Some(1));
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(told.contains("can't write to standard output"), "{told}");
}
