//! The one error type of everything that touches the world.

use crate::SqlError;

/// What kind of failure it is; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Configuration or arguments make no sense (exit 64).
    Usage,
    /// A database or service can't be reached, or refuses the login (exit 69).
    Unreachable,
    /// The server refused a statement (exit 1).
    Refused,
    /// The plan no longer fits the database (exit 4).
    Stale,
    /// Somebody else holds the lock (exit 75).
    Locked,
    /// A file can't be read or written (exit 1).
    File,
    /// A signal asked to stop (exit 128 + its number).
    Stopped(u8),
    /// Anything else (exit 1).
    Failed,
}

/// A failure with its context and the next thing to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct Error {
    /// What kind.
    pub kind: ErrorKind,
    /// What happened, to what.
    pub message: String,
    /// Further lines: the statement, the object, the place.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
    /// The cause, where there is one.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// How many characters of a statement an error shows.
const STATEMENT: usize = 4_000;

/// What to do when somebody else's lock was in the way.
pub(crate) const AGAIN: &str = "somebody else works with this database: wait until they are done, and run the same command again";

/// What to do when a server takes no writes.
const PRIMARY: &str =
    "the server is read-only: it is a replica, or was set so; name the primary in the URL";

/// What to do when the line broke in the middle of recorded work.
pub(crate) const LOOKS: &str =
    "run the same command again: it looks what of this stands, and goes on there";

/// The line of an error that names a statement; of an endless one its start.
pub fn statement_note(sql: &str) -> String {
    match sql.char_indices().nth(STATEMENT) {
        None => format!("statement: {sql}"),
        Some((end, _)) => format!("statement: {}… ({} bytes)", &sql[..end], sql.len()),
    }
}

impl Error {
    /// An error from its kind and message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            notes: Vec::new(),
            help: None,
            source: None,
        }
    }

    /// A server's refusal. What somebody else's lock is in the way of is no fault of the statement,
    /// and can be run again; nor is it one of the account where nobody may write.
    pub fn refused(refusal: SqlError) -> Self {
        let (kind, help) = match &refusal {
            refusal if refusal.retryable => (ErrorKind::Locked, Some(AGAIN)),
            refusal if refusal.read_only => (ErrorKind::Refused, Some(PRIMARY)),
            _ => (ErrorKind::Refused, None),
        };
        Self {
            kind,
            message: refusal.to_string(),
            notes: Vec::new(),
            help: help.map(str::to_owned),
            source: Some(Box::new(refusal)),
        }
    }

    /// The same of a statement of Realign's own.
    pub fn sql(statement: &str, refusal: SqlError) -> Self {
        Self::refused(refusal).with_note(statement_note(statement))
    }

    /// The server's refusal that it tells of, when it does.
    pub fn refusal(&self) -> Option<&SqlError> {
        self.source.as_ref()?.downcast_ref()
    }

    /// The same with one more line.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// The same with the next thing to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
