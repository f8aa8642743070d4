//! The edge to a server: one statement in, one answer out.
//!
//! A session that met an I/O error or a time-out may hand the old answer to the
//! next question, so it is never used again: [`Session::run`] takes the session and gives it
//! back only with an answer. [`Connection`] keeps that bookkeeping for its callers.

use realign_planner::{Rows, Value};

use crate::backup::Copier;
use crate::{Error, ErrorKind, point};

/// A warning that a server raised for the last statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerWarning {
    /// The server's level: `Note`, `Warning`, `Error`.
    pub level: String,
    /// The server's code.
    pub code: String,
    /// The server's words.
    pub message: String,
    /// A value was cut or changed to fit: an error in a generated step.
    pub truncation: bool,
}

/// What came back for one statement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Rows of a query; empty for anything else.
    pub rows: Rows,
    /// Rows changed.
    pub affected: u64,
    /// Warnings, where the engine has them.
    pub warnings: Vec<ServerWarning>,
}

/// The server refused a statement; the session is intact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SqlError {
    /// The server's code, e.g. `1062` or `SQLITE_CONSTRAINT`.
    pub code: String,
    /// The server's own words.
    pub message: String,
    /// Trying again may help: a lock timed out, a deadlock.
    pub retryable: bool,
    /// It was cancelled while it ran. That may have come too late: it may stand all the same.
    pub interrupted: bool,
    /// It was cancelled as it took longer than a limit of the server, the account or the session.
    pub timed_out: bool,
    /// Nothing can be written there, whatever the account may do: a replica, or set so.
    pub read_only: bool,
    /// Of a statement with rows: the line of them at which it stopped; the first is 1.
    pub row: Option<u32>,
}

impl SqlError {
    /// What a session says of rows when its engine has no statement that takes some.
    pub fn no_rows() -> Self {
        Self {
            code: "0A000".to_owned(),
            message: "no statement of this engine takes rows from its client".to_owned(),
            ..Self::default()
        }
    }
}

impl std::fmt::Display for SqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for SqlError {}

/// What [`Session::run`] gives back: the session with an answer or a refusal.
pub type Ran = (Box<dyn Session>, Result<Answer, SqlError>);

/// What [`Session::run_all`] gives back: the session with an answer to each statement, or with
/// the refusal of one of them.
pub type RanAll = (Box<dyn Session>, Result<Vec<Answer>, SqlError>);

/// What a query that was sent with a statement gave; none where it has to be sent by itself.
pub type Looked = Option<Result<Answer, SqlError>>;

/// What [`Session::run_looking`] gives back.
pub type RanLooking = (Box<dyn Session>, Result<(Answer, Looked), SqlError>);

/// One connection that runs one statement at a time.
pub trait Session: Send {
    /// Runs one statement. An error means that the session is gone.
    fn run(self: Box<Self>, sql: &str) -> Result<Ran, Error>;

    /// Runs statements in their order, in one round trip where the line takes several. The first
    /// that is refused is the last that ran, and which it was is not told: this is for statements
    /// of Realign's own that are in a transaction, which is taken back then. Warnings are not
    /// asked for.
    fn run_all(self: Box<Self>, statements: &[String]) -> Result<RanAll, Error>;

    /// Asks questions of Realign's own in as few round trips as the line takes them in. They and
    /// their answers are names, texts and whole numbers, which mean the same whatever a session's
    /// settings are: one that has not been given them yet does without.
    fn ask(self: Box<Self>, questions: &[String]) -> Result<RanAll, Error>;

    /// Runs statements of Realign's own that open a transaction, then one more, whose answer is
    /// given, and then others of Realign's own, in as few round trips as the line takes them in.
    /// The first that is refused is the last that ran.
    fn run_between(
        self: Box<Self>,
        opening: &[String],
        sql: &str,
        closing: &[String],
    ) -> Result<Ran, Error>;

    /// Runs a statement that takes rows, and sends it these as they stand in a script: all of them
    /// are taken, or none.
    fn run_with_rows(self: Box<Self>, sql: &str, rows: &str) -> Result<Ran, Error>;

    /// Runs a definition, and where it was carried out a query of Realign's own, if one round trip
    /// does both.
    fn run_looking(self: Box<Self>, sql: &str, query: &str) -> Result<RanLooking, Error>;

    /// The server's own id of this connection, where it has one.
    fn server_id(&mut self) -> Option<u64>;

    /// A run with a commit for each step begins: what makes commits in a row cheaper, where the
    /// engine can do that without a crash of the machine losing one of them. It ends with the
    /// session, and a database that is left by a killed one is as sound as ever.
    fn commits_often(&mut self);
}

/// Something that opens sessions to one database.
pub trait Connect: Send + Sync {
    /// Opens a session for generated plans: strict, and with time-outs of seconds for locks.
    /// Where a server is waited for, `meanwhile` is called; what it does has nothing to do with
    /// the session, and it does it once however often it is called.
    fn connect(&self, meanwhile: &mut dyn FnMut()) -> Result<Box<dyn Session>, Error>;

    /// The database as a person may see it: URL without password.
    fn display(&self) -> String;

    /// The file beside the database whose lock is the right to write, for an engine that has no
    /// server; none for a database in memory, and for servers.
    fn lock_file(&self) -> Option<std::path::PathBuf>;

    /// How this database is written out as a whole and read back. The error says why it can't be.
    fn copier(&self) -> Result<Box<dyn Copier>, Error>;
}

/// A session with its bookkeeping: after a broken one, every call says so.
pub struct Connection {
    session: Option<Box<dyn Session>>,
    display: String,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("to", &self.display)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Opens a connection.
    pub fn open(connect: &dyn Connect) -> Result<Self, Error> {
        Self::open_beside(connect, &mut || ())
    }

    /// Opens a connection, and does something else where the server is waited for; see
    /// [`Connect::connect`].
    pub fn open_beside(connect: &dyn Connect, meanwhile: &mut dyn FnMut()) -> Result<Self, Error> {
        Ok(Self {
            session: Some(connect.connect(meanwhile)?),
            display: connect.display(),
        })
    }

    /// Runs one statement; the outer error is the connection's, the inner the server's.
    pub fn run(&mut self, sql: &str) -> Result<Result<Answer, SqlError>, Error> {
        self.through(sql, |session| session.run(sql))
    }

    /// Runs statements of Realign's own in a transaction, in one round trip where the line takes
    /// several: an answer to each.
    pub fn run_all(
        &mut self,
        statements: &[String],
    ) -> Result<Result<Vec<Answer>, SqlError>, Error> {
        let Some(last) = statements.last() else {
            return Ok(Ok(Vec::new()));
        };
        self.through(last, |session| session.run_all(statements))
    }

    /// Asks questions of Realign's own; see [`Session::ask`].
    pub fn ask(&mut self, questions: &[String]) -> Result<Result<Vec<Answer>, SqlError>, Error> {
        let Some(last) = questions.last() else {
            return Ok(Ok(Vec::new()));
        };
        self.through(last, |session| session.ask(questions))
    }

    /// The same as [`run_all`](Self::run_all) where a refusal is an error that names them.
    pub fn query_all(&mut self, statements: &[String]) -> Result<Vec<Answer>, Error> {
        self.run_all(statements)?
            .map_err(|refusal| Error::sql(&statements.join("; "), refusal))
    }

    /// Runs a statement between others of Realign's own; see [`Session::run_between`].
    pub fn run_between(
        &mut self,
        opening: &[String],
        sql: &str,
        closing: &[String],
    ) -> Result<Result<Answer, SqlError>, Error> {
        if opening.is_empty() && closing.is_empty() {
            return self.run(sql);
        }
        self.through(sql, |session| session.run_between(opening, sql, closing))
    }

    /// Runs a statement that takes rows; see [`Session::run_with_rows`].
    pub fn run_with_rows(
        &mut self,
        sql: &str,
        rows: &str,
    ) -> Result<Result<Answer, SqlError>, Error> {
        self.through(sql, |session| session.run_with_rows(sql, rows))
    }

    /// Runs a definition and then a query; see [`Session::run_looking`].
    pub fn run_looking(
        &mut self,
        sql: &str,
        query: &str,
    ) -> Result<Result<(Answer, Looked), SqlError>, Error> {
        self.through(sql, |session| session.run_looking(sql, query))
    }

    /// Has the session do something, and keeps it only if it comes back. `sql` is what a place at
    /// which a test stops the program is told by.
    fn through<T>(
        &mut self,
        sql: &str,
        act: impl FnOnce(Box<dyn Session>) -> Result<(Box<dyn Session>, T), Error>,
    ) -> Result<T, Error> {
        let session = self.session.take().ok_or_else(|| self.is_lost())?;
        point::pass("before", sql);
        let (session, given) = act(session)?;
        self.session = Some(session);
        point::pass("after", sql);
        Ok(given)
    }

    fn is_lost(&self) -> Error {
        Error::new(
            ErrorKind::Unreachable,
            format!("the connection to {} is lost", self.display),
        )
    }

    /// Runs a query of Realign's own, for which a refusal is an error with the statement named.
    pub fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        match self.run(sql)? {
            Ok(answer) => Ok(answer.rows),
            Err(refusal) => Err(Error::sql(sql, refusal)),
        }
    }

    /// The first value of a query.
    pub fn scalar(&mut self, sql: &str) -> Result<Value, Error> {
        let rows = self.query(sql)?;
        Ok(rows
            .rows
            .into_iter()
            .next()
            .and_then(|row| row.into_iter().next())
            .unwrap_or(Value::Null))
    }

    /// A run with a commit for each step begins; see [`Session::commits_often`].
    pub fn commits_often(&mut self) {
        if let Some(session) = &mut self.session {
            session.commits_often();
        }
    }

    /// The database as a person may see it.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The server's own id of this connection.
    pub fn server_id(&mut self) -> Option<u64> {
        self.session
            .as_mut()
            .and_then(|session| session.server_id())
    }
}
