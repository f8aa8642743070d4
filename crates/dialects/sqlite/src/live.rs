//! The live session: the only file that names the driver, and the only one that
//! touches the world.

mod copier;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use realign_planner::{Rows, Value};
use realign_runtime::backup::Copier;
use realign_runtime::{
    Answer, Connect, Error, ErrorKind, Ran, RanAll, RanLooking, Session, SqlError, Target,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, FileControl, OpenFlags};

/// How long a statement waits for another process that holds the lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes that a file grows by at once while a run commits often.
const CHUNK: i32 = 64 * 1024;

/// What to do about a file that another program holds.
const HELD: &str = "wait until that program is done, or end it, and run the same command again";

/// The path that means a database in memory.
const MEMORY: &str = ":memory:";

/// How a database file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// For reading only.
    Read,
    /// For writing; a missing file is an error.
    Write,
    /// For writing; a missing file is made.
    Create,
}

impl Mode {
    fn flags(self) -> OpenFlags {
        let access = match self {
            Self::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Self::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Self::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
        access | OpenFlags::SQLITE_OPEN_NO_MUTEX
    }
}

/// Prepares connections to the database of a target.
///
/// The target's parameter `mode` is `ro`, `rw` or `rwc`; without one a file is opened for
/// writing and has to be there. Nothing is opened yet. Each session to `:memory:` is a
/// database of its own.
pub fn connect(target: &Target) -> Result<Box<dyn Connect>, Error> {
    if target.database.is_empty() {
        return Err(
            Error::new(ErrorKind::Usage, "the URL of the database names no file")
                .with_help("write sqlite:app.db, sqlite:/var/lib/app.db or sqlite::memory:"),
        );
    }
    let mode = match target.parameters.get("mode").map(String::as_str) {
        None | Some("rw") => Mode::Write,
        Some("ro") => Mode::Read,
        Some("rwc") => Mode::Create,
        Some(other) => {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("`mode={other}` is no way to open a database file"),
            )
            .with_help("write mode=ro, mode=rw or mode=rwc"));
        }
    };
    Ok(Box::new(File {
        path: target.database.clone(),
        display: target.to_string(),
        mode,
    }))
}

/// One database file, or one in memory.
#[derive(Debug)]
struct File {
    path: String,
    display: String,
    mode: Mode,
}

impl Connect for File {
    /// There is nobody to wait for.
    fn connect(&self, _: &mut dyn FnMut()) -> Result<Box<dyn Session>, Error> {
        let mode = if self.path == MEMORY {
            Mode::Create
        } else {
            self.mode
        };
        if mode != Mode::Create && !Path::new(&self.path).exists() {
            return Err(Error::new(
                ErrorKind::Unreachable,
                format!("there is no database file {}", self.path),
            )
            .with_help("check the path; `realign schema create --force` makes a new one"));
        }
        let opened = Connection::open_with_flags(&self.path, mode.flags()).and_then(|connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            Ok(connection)
        });
        // A file of something else opens, and fails at the first statement. So does one that
        // somebody else holds alone.
        match opened.as_ref().ok().and_then(unread) {
            Some(ErrorCode::NotADatabase) => {
                return Err(Error::new(
                    ErrorKind::Unreachable,
                    format!("{} is no SQLite database, or an encrypted one", self.path),
                )
                .with_help("check the path"));
            }
            Some(ErrorCode::DatabaseBusy) => {
                return Err(Error::new(
                    ErrorKind::Locked,
                    format!("{} is locked: another program holds it", self.path),
                )
                .with_note(format!("waited {} seconds for it", BUSY_TIMEOUT.as_secs()))
                .with_help(HELD));
            }
            Some(_) | None => {}
        }
        match opened {
            Ok(connection) => Ok(Box::new(Live {
                connection,
                keeps_journal: false,
            })),
            Err(error) => {
                let reason = unopened(Path::new(&self.path)).unwrap_or_else(|| error.to_string());
                Err(Error::new(
                    ErrorKind::Unreachable,
                    format!("can't open the database file {}: {reason}", self.path),
                )
                .with_help("check the path and the rights on the file and its folder"))
            }
        }
    }

    fn display(&self) -> String {
        self.display.clone()
    }

    /// Of the file itself where the path is a link: two ways to one database have one lock.
    fn lock_file(&self) -> Option<PathBuf> {
        if self.path == MEMORY {
            return None;
        }
        let path = Path::new(&self.path);
        let mut real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut name = real.file_name()?.to_owned();
        name.push("-realign-lock");
        real.set_file_name(name);
        Some(real)
    }

    fn copier(&self) -> Result<Box<dyn Copier>, Error> {
        Ok(Box::new(copier::FileCopier::new(
            &self.path,
            &self.display,
        )?))
    }
}

/// Why nothing can be read of a file that could be opened.
fn unread(connection: &Connection) -> Option<ErrorCode> {
    let asked = connection.query_row("PRAGMA schema_version", [], |_| Ok(()));
    asked.err()?.sqlite_error_code()
}

/// Why a file can't be opened, in the system's words, which say more than the engine's.
fn unopened(path: &Path) -> Option<String> {
    if path.is_dir() {
        return Some("it is a folder".to_owned());
    }
    if path.exists() {
        let opened = std::fs::File::open(path);
        return opened.err().map(|error| error.to_string());
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    match folder {
        Some(folder) if !folder.is_dir() => {
            Some(format!("there is no folder {}", folder.display()))
        }
        _ => Some("this account can't make a file there".to_owned()),
    }
}

/// An open connection.
struct Live {
    connection: Connection,
    /// The rollback journal is written over at each commit, and taken away at the end.
    keeps_journal: bool,
}

impl Session for Live {
    fn run(self: Box<Self>, sql: &str) -> Result<Ran, Error> {
        // The engine runs inside this process: an error of a statement, even a full disk, leaves
        // the connection able to answer the next one rightly.
        let answer = self.answer(sql);
        Ok((self, answer))
    }

    fn run_all(self: Box<Self>, statements: &[String]) -> Result<RanAll, Error> {
        let answers = statements.iter().map(|sql| self.answer(sql)).collect();
        Ok((self, answers))
    }

    fn ask(self: Box<Self>, questions: &[String]) -> Result<RanAll, Error> {
        self.run_all(questions)
    }

    fn run_between(
        self: Box<Self>,
        opening: &[String],
        sql: &str,
        closing: &[String],
    ) -> Result<Ran, Error> {
        let all = |statements: &[String]| -> Result<(), SqlError> {
            statements
                .iter()
                .try_for_each(|sql| self.answer(sql).map(|_| ()))
        };
        let answer = all(opening).and_then(|()| {
            let answer = self.answer(sql)?;
            all(closing)?;
            Ok(answer)
        });
        Ok((self, answer))
    }

    fn run_with_rows(self: Box<Self>, _: &str, _: &str) -> Result<Ran, Error> {
        Ok((self, Err(SqlError::no_rows())))
    }

    fn run_looking(self: Box<Self>, sql: &str, _: &str) -> Result<RanLooking, Error> {
        let answer = self.answer(sql).map(|answer| (answer, None));
        Ok((self, answer))
    }

    fn server_id(&mut self) -> Option<u64> {
        None
    }

    /// A journal that is made and deleted for each commit makes the file system write down its
    /// own books each time; one that is written over is as safe, and its blocks are there
    /// already. That is a matter of this connection alone: the file does not know of it, and
    /// what others read of a journal that a killed process left is the same.
    fn commits_often(&mut self) {
        // A file that grows makes the file system write its books at that commit: it grows by
        // some pages at once. A refusal leaves it growing page by page.
        let mut size = CHUNK;
        let _ = self
            .connection
            .file_control(Some("main"), FileControl::ChunkSize(&mut size));
        // A database that logs ahead (WAL) has no such journal, and stays as it is.
        if self.journal_mode() == "delete" && self.set_journal_mode("persist") {
            self.keeps_journal = true;
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if !self.keeps_journal {
            return;
        }
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        // A statement of the run may have chosen another mode for the file. One who writes at this
        // very moment takes the journal away himself.
        if self.journal_mode() == "persist" {
            self.set_journal_mode("delete");
        }
    }
}

impl Live {
    /// The empty word when it can't be told.
    fn journal_mode(&self) -> String {
        self.connection
            .query_row("PRAGMA main.journal_mode", [], |row| row.get(0))
            .unwrap_or_default()
    }

    fn set_journal_mode(&self, mode: &str) -> bool {
        let sql = format!("PRAGMA main.journal_mode = {mode}");
        let became = self
            .connection
            .query_row(&sql, [], |row| row.get::<_, String>(0));
        became.is_ok_and(|became| became == mode)
    }

    fn answer(&self, sql: &str) -> Result<Answer, SqlError> {
        answer(&self.connection, sql).map_err(|error| {
            let mut refusal = refusal(&error);
            if let (true, Some(path)) = (refusal.code == READ_ONLY, self.connection.path()) {
                let protected = std::fs::metadata(path).is_ok_and(|m| m.permissions().readonly());
                let _ = if protected {
                    write!(refusal.message, "; the file's owner can chmod u+w {path}")
                } else {
                    write!(refusal.message, "; run it as a user who may write {path}")
                };
            }
            // In these words alone: others of that code are of this connection's own statements.
            if let (LOCKED, Some(path)) = (refusal.message.as_str(), self.connection.path()) {
                let _ = write!(refusal.message, "; another program holds {path}");
            }
            refusal
        })
    }
}

fn answer(connection: &Connection, sql: &str) -> rusqlite::Result<Answer> {
    let mut statement = connection.prepare(sql)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    // The engine's number of changed rows is that of the last statement that changed some.
    let before = connection.total_changes();
    let width = columns.len();
    let mut rows = Vec::new();
    let mut cursor = statement.raw_query();
    while let Some(row) = cursor.next()? {
        let mut values = Vec::with_capacity(width);
        for at in 0..width {
            values.push(value(row.get_ref(at)?));
        }
        rows.push(values);
    }
    drop(cursor);
    Ok(Answer {
        rows: Rows { columns, rows },
        affected: if connection.total_changes() == before {
            0
        } else {
            connection.changes()
        },
        warnings: Vec::new(),
    })
}

/// Text that is not UTF-8 is handed on as bytes, never mended.
fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(bytes.into()),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.into()),
    }
}

fn refusal(error: &rusqlite::Error) -> SqlError {
    match error {
        rusqlite::Error::SqliteFailure(code, message) => SqlError {
            code: name(code.code, code.extended_code),
            message: message.clone().unwrap_or_else(|| code.to_string()),
            retryable: matches!(
                code.code,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked
            ),
            ..SqlError::default()
        },
        rusqlite::Error::SqlInputError { error, msg, .. } => SqlError {
            code: name(error.code, error.extended_code),
            message: msg.clone(),
            ..SqlError::default()
        },
        other => SqlError {
            code: "SQLITE_MISUSE".to_owned(),
            message: other.to_string(),
            ..SqlError::default()
        },
    }
}

/// The file, or its folder, can't be written by this account.
const READ_ONLY: &str = "SQLITE_READONLY";

/// What the engine says when somebody else's lock was waited for in vain.
const LOCKED: &str = "database is locked";

/// The engine's own name of an error.
fn name(code: ErrorCode, extended: i32) -> String {
    let name = match code {
        ErrorCode::InternalMalfunction => "SQLITE_INTERNAL",
        ErrorCode::PermissionDenied => "SQLITE_PERM",
        ErrorCode::OperationAborted => "SQLITE_ABORT",
        ErrorCode::DatabaseBusy => "SQLITE_BUSY",
        ErrorCode::DatabaseLocked => "SQLITE_LOCKED",
        ErrorCode::OutOfMemory => "SQLITE_NOMEM",
        ErrorCode::ReadOnly => READ_ONLY,
        ErrorCode::OperationInterrupted => "SQLITE_INTERRUPT",
        ErrorCode::SystemIoFailure => "SQLITE_IOERR",
        ErrorCode::DatabaseCorrupt => "SQLITE_CORRUPT",
        ErrorCode::NotFound => "SQLITE_NOTFOUND",
        ErrorCode::DiskFull => "SQLITE_FULL",
        ErrorCode::CannotOpen => "SQLITE_CANTOPEN",
        ErrorCode::FileLockingProtocolFailed => "SQLITE_PROTOCOL",
        ErrorCode::SchemaChanged => "SQLITE_SCHEMA",
        ErrorCode::TooBig => "SQLITE_TOOBIG",
        ErrorCode::ConstraintViolation => "SQLITE_CONSTRAINT",
        ErrorCode::TypeMismatch => "SQLITE_MISMATCH",
        ErrorCode::ApiMisuse => "SQLITE_MISUSE",
        ErrorCode::NoLargeFileSupport => "SQLITE_NOLFS",
        ErrorCode::AuthorizationForStatementDenied => "SQLITE_AUTH",
        ErrorCode::ParameterOutOfRange => "SQLITE_RANGE",
        ErrorCode::NotADatabase => "SQLITE_NOTADB",
        _ if extended & 0xff == 1 => "SQLITE_ERROR",
        _ => return format!("SQLITE_{extended}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests;
