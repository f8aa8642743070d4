use super::*;

fn target(path: &str, mode: Option<&str>) -> Target {
    Target {
        scheme: "sqlite".to_owned(),
        database: path.to_owned(),
        parameters: mode
            .map(|m| ("mode".to_owned(), m.to_owned()))
            .into_iter()
            .collect(),
        ..Target::default()
    }
}

fn open(path: &str, mode: Option<&str>) -> Result<realign_runtime::Connection, Error> {
    realign_runtime::Connection::open(connect(&target(path, mode))?.as_ref())
}

#[test]
fn values_keep_their_types() {
    let mut session = open(MEMORY, None).expect("memory opens");
    let rows = session
        .query("SELECT 1 AS n, 2.5, 'x', x'00ff', CAST(x'ff' AS TEXT), NULL")
        .expect("selects");
    assert_eq!(rows.columns[0], "n");
    assert_eq!(
        rows.rows,
        [vec![
            Value::Int(1),
            Value::Real(2.5),
            Value::Text("x".to_owned()),
            Value::Bytes([0, 255].into()),
            Value::Bytes([255].into()),
            Value::Null,
        ]]
    );
}

#[test]
fn one_statement_a_call() {
    let mut session = open(MEMORY, None).expect("memory opens");
    let answer = session
        .run("SELECT 1; DROP TABLE x")
        .expect("session stays");
    assert!(answer.is_err());
}

#[test]
fn what_is_no_database_is_told_as_it_is_opened() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("text");
    std::fs::write(&path, "a text, longer than the header of a database").expect("written");
    let inside = path.join("app.db");
    for (path, told) in [
        (path.as_path(), "is no SQLite database"),
        (folder.path(), "it is a folder"),
        (&folder.path().join("none/app.db"), "there is no folder"),
        (&inside, "there is no folder"),
    ] {
        let error = open(path.to_str().expect("plain name"), Some("rwc")).expect_err(told);
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert!(error.message.contains(told), "{error}");
    }
    std::fs::write(&path, "").expect("emptied");
    open(path.to_str().expect("plain name"), None).expect("an empty file is an empty database");
}

#[test]
fn a_file_that_somebody_else_holds_is_told_as_held() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("app.db");
    let path = path.to_str().expect("plain name");
    let mut other = open(path, Some("rwc")).expect("is made");
    let mut session = open(path, None).expect("nobody holds it");
    other.query("BEGIN EXCLUSIVE").expect("is free");
    let error = open(path, None).expect_err("is held");
    assert_eq!(error.kind, ErrorKind::Locked);
    assert!(error.message.contains("another program holds"), "{error}");
    assert!(error.help.is_some_and(|help| help.contains("again")));
    session.query("PRAGMA busy_timeout = 0").expect("is set");
    let error = session
        .query("CREATE TABLE t (id INTEGER)")
        .expect_err("is held");
    assert_eq!(error.kind, ErrorKind::Locked);
    assert!(error.message.contains(path), "{error}");
    other.query("COMMIT").expect("is let go");
    session
        .query("CREATE TABLE t (id INTEGER)")
        .expect("is free");
    open(path, None).expect("is free");
}

#[test]
fn a_missing_file_is_made_only_on_request() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("app.db");
    let path = path.to_str().expect("plain name");
    for mode in [None, Some("ro"), Some("rw")] {
        let error = open(path, mode).expect_err("nothing is there");
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert!(!Path::new(path).exists());
    }
    let mut session = open(path, Some("rwc")).expect("is made");
    session
        .query("CREATE TABLE t (id INTEGER)")
        .expect("writes");
    let mut reader = open(path, Some("ro")).expect("is there");
    let refused = reader.run("DROP TABLE t").expect("session stays");
    assert_eq!(refused.expect_err("read only").code, "SQLITE_READONLY");
}

/// A database file with a table, the name of its journal, and a session that commits often.
fn busy(folder: &tempfile::TempDir) -> (String, PathBuf, realign_runtime::Connection) {
    let path = folder.path().join("app.db");
    let path = path.to_str().expect("plain name").to_owned();
    let mut session = open(&path, Some("rwc")).expect("is made");
    session.commits_often();
    session.commits_often();
    for sql in ["CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1)"] {
        session.query(sql).expect("writes");
    }
    let journal = PathBuf::from(format!("{path}-journal"));
    (path, journal, session)
}

#[test]
fn a_run_writes_its_journal_over_and_takes_it_away_at_the_end() {
    let folder = tempfile::tempdir().expect("folder");
    let (path, journal, mut session) = busy(&folder);
    assert!(journal.exists(), "it is kept between two commits");
    // Others write meanwhile, and take it away with their own commit.
    let mut other = open(&path, None).expect("opens");
    other.query("INSERT INTO t VALUES (2)").expect("writes");
    assert!(!journal.exists());
    session.query("INSERT INTO t VALUES (3)").expect("writes");
    assert_eq!(
        other.scalar("SELECT COUNT(*) FROM t").expect("counts"),
        Value::Int(3)
    );
    drop(session);
    assert!(!journal.exists(), "left behind");
}

#[test]
fn a_run_lets_its_file_grow_by_some_pages_at_once() {
    let folder = tempfile::tempdir().expect("folder");
    let (path, _, mut session) = busy(&folder);
    let size = || std::fs::metadata(&path).expect("is there").len();
    assert_eq!(size(), u64::from(CHUNK.unsigned_abs()));
    for sql in ["BEGIN", "CREATE TABLE u (id INTEGER)", "ROLLBACK"] {
        session.query(sql).expect("runs");
    }
    drop(session);
    // Others take the pages that are there before the file grows again.
    let mut other = open(&path, None).expect("opens");
    other.query("CREATE TABLE v (id INTEGER)").expect("writes");
    assert_eq!(size(), u64::from(CHUNK.unsigned_abs()));
    assert_eq!(
        other.scalar("PRAGMA integrity_check").expect("asked"),
        Value::Text("ok".to_owned())
    );
}

#[test]
fn a_run_that_ends_in_a_transaction_leaves_no_journal() {
    let folder = tempfile::tempdir().expect("folder");
    let (path, journal, mut session) = busy(&folder);
    for sql in ["BEGIN IMMEDIATE", "DELETE FROM t"] {
        session.query(sql).expect("writes");
    }
    drop(session);
    assert!(!journal.exists(), "left behind");
    let mut other = open(&path, None).expect("opens");
    assert_eq!(
        other.scalar("SELECT COUNT(*) FROM t").expect("counts"),
        Value::Int(1)
    );
}

#[test]
fn a_run_leaves_the_mode_of_a_file_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let (path, _, mut session) = busy(&folder);
    session
        .query("PRAGMA journal_mode = wal")
        .expect("a run may choose it");
    session.commits_often();
    session.query("INSERT INTO t VALUES (2)").expect("writes");
    drop(session);
    let mut other = open(&path, None).expect("opens");
    assert_eq!(
        other.scalar("PRAGMA journal_mode").expect("asked"),
        Value::Text("wal".to_owned())
    );
}

#[test]
fn a_refusal_carries_the_engines_words() {
    let mut session = open(MEMORY, None).expect("memory opens");
    session.query("CREATE TABLE t (a UNIQUE)").expect("runs");
    session.query("INSERT INTO t VALUES (1)").expect("runs");
    let refused = session
        .run("INSERT INTO t VALUES (1)")
        .expect("session stays")
        .expect_err("refused");
    assert_eq!(refused.code, "SQLITE_CONSTRAINT");
    assert!(refused.message.contains("t.a"), "{}", refused.message);
    assert!(!refused.retryable);
}
