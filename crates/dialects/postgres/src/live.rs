//! Sessions on a PostgreSQL server; the only file, with its parts, that names the
//! driver.
//!
//! Statements go through the simple query protocol: one text in, values as text out, so that
//! what runs is exactly what a person reads. A session that met an I/O error is dropped here
//! and never given back.

mod address;
mod answers;
mod client;
mod copier;
mod copy_in;
mod rights;
mod tls;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use realign_planner::Rows;
use realign_runtime::backup::Copier;
use realign_runtime::{
    Answer, Connect, Error, ErrorKind, Ran, RanAll, RanLooking, ServerWarning, Session, SqlError,
    Target, TlsMode,
};

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::{DbError, SqlState};

use address::{Address, OpenError, chain};
use answers::{answers, ask};
use client::Client;

use crate::bookkeeping::SETTINGS;

/// The port where the address names none.
const PORT: u16 = 5432;
/// Seconds until a server that doesn't answer counts as unreachable.
const CONNECT_TIMEOUT: u64 = 10;

/// Something that opens sessions to the database of this address.
pub fn connect(target: &Target) -> Result<Box<dyn Connect>, Error> {
    Ok(Box::new(Server::new(target)?))
}

#[derive(Debug)]
struct Server {
    at: Arc<Address>,
    mode: TlsMode,
}

type Notices = Arc<Mutex<Vec<ServerWarning>>>;

impl Server {
    fn new(target: &Target) -> Result<Self, Error> {
        if target.database.is_empty() {
            return Err(
                Error::new(ErrorKind::Usage, format!("`{target}` names no database"))
                    .with_help("write postgres://USER@HOST/DATABASE"),
            );
        }
        let seconds = match target.parameters.get("timeout") {
            None => CONNECT_TIMEOUT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|seconds| *seconds > 0)
                .ok_or_else(|| {
                    Error::new(
                        ErrorKind::Usage,
                        format!("`timeout={text}` is no number of seconds"),
                    )
                })?,
        };
        Ok(Self {
            mode: TlsMode::of(target)?,
            at: Arc::new(Address {
                target: target.clone(),
                timeout: Duration::from_secs(seconds),
            }),
        })
    }

    fn config(&self) -> Config {
        let target = &self.at.target;
        let mut config = Config::new();
        config
            .dbname(&target.database)
            .port(target.port.unwrap_or(PORT))
            .application_name("realign")
            .connect_timeout(self.at.timeout)
            .keepalives_idle(Duration::from_mins(1))
            .ssl_mode(match self.mode {
                TlsMode::Off => SslMode::Disable,
                TlsMode::Prefer => SslMode::Prefer,
                TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
            });
        match target.parameters.get("socket") {
            Some(folder) => config.host_path(folder),
            None if target.host.is_empty() => config.host("127.0.0.1"),
            None => config.host(target.host.trim_matches(['[', ']'])),
        };
        if let Some(user) = &target.user {
            config.user(user);
        }
        if let Some(password) = &target.password {
            config.password(password.expose());
        }
        config
    }

    /// Opens a connection within the time limit: the name, the line, the login.
    fn open(&self, notices: &Notices, meanwhile: &mut dyn FnMut()) -> Result<Client, OpenError> {
        let encrypted = match self.mode {
            TlsMode::Off => None,
            _ => Some(tls::connector(self.mode, &self.at.target).map_err(OpenError::Setup)?),
        };
        let limit = self.at.timeout + Duration::from_secs(2);
        Client::open(&self.config(), encrypted, limit, notices, meanwhile)
    }
}

/// What tells a session which it is. Only who writes has to know.
const IDENTITY: &str = "SELECT pg_backend_pid()";

impl Connect for Server {
    fn connect(&self, meanwhile: &mut dyn FnMut()) -> Result<Box<dyn Session>, Error> {
        let notices = Notices::default();
        let client = self
            .open(&notices, meanwhile)
            .map_err(|error| self.at.unreachable(error))?;
        Ok(Box::new(Working {
            client,
            notices,
            at: Arc::clone(&self.at),
            opened: false,
            id: None,
        }))
    }

    fn display(&self) -> String {
        self.at.target.to_string()
    }

    fn lock_file(&self) -> Option<std::path::PathBuf> {
        None
    }

    fn copier(&self) -> Result<Box<dyn Copier>, Error> {
        Ok(Box::new(copier::ServerCopier::new(&self.at.target)?))
    }
}

/// A session between two statements.
struct Working {
    client: Client,
    notices: Notices,
    at: Arc<Address>,
    /// It has its settings: they go with the first statements where they can, as a message for
    /// themselves is a wait more.
    opened: bool,
    id: Option<u64>,
}

impl Session for Working {
    fn run(mut self: Box<Self>, sql: &str) -> Result<Ran, Error> {
        self.open()?;
        let answer = self.answer(sql, sql, (0, 0))?;
        Ok((self, answer))
    }

    /// The server stops at the first that it refuses.
    fn run_all(mut self: Box<Self>, statements: &[String]) -> Result<RanAll, Error> {
        // A transaction that began with them could take the settings back with it.
        let asks = |statement: &String| statement.starts_with("SELECT ");
        if !statements.iter().all(asks) {
            self.open()?;
        }
        let mut text = statements.join("; ");
        if !self.opened {
            text = format!("{}; {text}", opening());
        }
        let mut answers = self.answers(&text)?;
        // A refusal takes back the settings that came with it.
        if !self.opened
            && let Ok(answers) = &mut answers
        {
            *answers = answers.split_off(SETTINGS.len().min(answers.len()));
            self.opened = true;
        }
        Ok((self, answers))
    }

    fn ask(mut self: Box<Self>, questions: &[String]) -> Result<RanAll, Error> {
        let answers = self.answers(&questions.join("; "))?;
        Ok((self, answers))
    }

    /// As one message: those around it set nothing that the server reads it by. It may end in a
    /// comment, which goes to the end of its line.
    fn run_between(
        mut self: Box<Self>,
        opening: &[String],
        sql: &str,
        closing: &[String],
    ) -> Result<Ran, Error> {
        self.open()?;
        let mut text = opening.join("; ");
        if !opening.is_empty() {
            text.push_str("; ");
        }
        text.push_str(sql);
        for statement in closing {
            text.push_str("\n; ");
            text.push_str(statement);
        }
        let answer = self.answer(&text, sql, (opening.len(), closing.len()))?;
        Ok((self, answer))
    }

    fn run_with_rows(mut self: Box<Self>, sql: &str, rows: &str) -> Result<Ran, Error> {
        self.open()?;
        let ran = self.client.copy_in(sql, rows);
        let answer = self.heard(ran.map(|affected| (Rows::default(), affected)), sql)?;
        Ok((self, answer))
    }

    /// What needs such a look can't share a message with anything.
    fn run_looking(self: Box<Self>, sql: &str, _: &str) -> Result<RanLooking, Error> {
        let (session, answer) = self.run(sql)?;
        Ok((session, answer.map(|answer| (answer, None))))
    }

    fn server_id(&mut self) -> Option<u64> {
        // Where it can't be asked, the next statement tells why.
        self.open().ok()?;
        if self.id.is_none() {
            let (rows, _) = ask(&mut self.client, IDENTITY, (0, 0)).ok()?;
            let id = rows.rows.first()?.first()?.as_int()?;
            self.id = u64::try_from(id).ok();
        }
        self.id
    }

    /// The server waits for its disk as it is set up to.
    fn commits_often(&mut self) {}
}

/// The text that gives a session its settings.
fn opening() -> String {
    SETTINGS.join("; ")
}

impl Working {
    /// Gives the session its settings, if it lacks them.
    fn open(&mut self) -> Result<(), Error> {
        if self.opened {
            return Ok(());
        }
        match self.client.ask(&opening(), |_| ()) {
            Ok(()) => {
                self.forget_notices();
                self.opened = true;
                Ok(())
            }
            Err(error) => Err(self.at.unreachable(OpenError::Driver(error))),
        }
    }

    /// What all statements of a text gave, and what none of them is asked for.
    fn answers(&mut self, text: &str) -> Result<Result<Vec<Answer>, SqlError>, Error> {
        match answers(&mut self.client, text) {
            Ok(answers) => {
                self.forget_notices();
                Ok(Ok(answers))
            }
            Err(error) => Ok(Err(self.refusal(error, text)?)),
        }
    }

    /// What the statement `sql` in a text gave that has so many statements before and after it.
    fn answer(
        &mut self,
        text: &str,
        sql: &str,
        around: (usize, usize),
    ) -> Result<Result<Answer, SqlError>, Error> {
        let ran = ask(&mut self.client, text, around);
        self.heard(ran, sql)
    }

    /// An answer with what the server said meanwhile.
    fn heard(
        &mut self,
        ran: Result<(Rows, u64), tokio_postgres::Error>,
        sql: &str,
    ) -> Result<Result<Answer, SqlError>, Error> {
        match ran {
            Ok((rows, affected)) => {
                let warnings = self
                    .notices
                    .lock()
                    .map(|mut list| std::mem::take(&mut *list))
                    .unwrap_or_default();
                Ok(Ok(Answer {
                    rows,
                    affected,
                    warnings,
                }))
            }
            Err(error) => Ok(Err(self.refusal(error, sql)?)),
        }
    }

    fn forget_notices(&self) {
        if let Ok(mut list) = self.notices.lock() {
            list.clear();
        }
    }

    /// What the server refused; an error when the session is gone with it.
    fn refusal(&self, error: tokio_postgres::Error, sql: &str) -> Result<SqlError, Error> {
        match error.as_db_error() {
            Some(refusal) if !ends_session(refusal) && !self.client.is_closed() => {
                self.forget_notices();
                let mut refusal = refused(refusal);
                let account = self.at.target.user.as_deref().unwrap_or_default();
                if refusal.code == rights::MISSING
                    && let Some(mend) = rights::mend(&refusal.message, sql, account)
                {
                    refusal.message = format!("{}; {mend}", refusal.message);
                }
                Ok(refusal)
            }
            _ if !self.opened => Err(self.at.unreachable(OpenError::Driver(error))),
            _ => Err(Error::new(
                ErrorKind::Unreachable,
                format!("the connection to {} broke: {}", self.at.target, chain(&error)),
            )
            .with_note(realign_runtime::statement_note(sql))
            .with_help(
                "an open transaction is taken back by the server; whether a COMMIT still arrived is not known: look before going on",
            )),
        }
    }
}

/// Refusals after which the server has closed the connection.
fn ends_session(refusal: &DbError) -> bool {
    let code = refusal.code().code();
    matches!(refusal.severity(), "FATAL" | "PANIC")
        || code.starts_with("08")
        || matches!(code, "57P01" | "57P02" | "57P03" | "57P04" | "57P05")
}

fn refused(refusal: &DbError) -> SqlError {
    let mut message = refusal.message().to_owned();
    let column = refusal.where_().and_then(copy_in::column);
    for more in [refusal.detail(), column, refusal.hint()]
        .into_iter()
        .flatten()
    {
        message.push_str("; ");
        message.push_str(more);
    }
    let code = refusal.code();
    SqlError {
        retryable: [
            &SqlState::T_R_SERIALIZATION_FAILURE,
            &SqlState::T_R_DEADLOCK_DETECTED,
            &SqlState::LOCK_NOT_AVAILABLE,
        ]
        .contains(&code),
        interrupted: *code == SqlState::QUERY_CANCELED,
        timed_out: *code == SqlState::QUERY_CANCELED && refusal.message().contains("timeout"),
        read_only: *code == SqlState::READ_ONLY_SQL_TRANSACTION,
        row: refusal.where_().and_then(copy_in::row),
        code: code.code().to_owned(),
        message,
    }
}

fn warning(notice: &DbError) -> ServerWarning {
    ServerWarning {
        level: notice.severity().to_owned(),
        code: notice.code().code().to_owned(),
        message: notice.message().to_owned(),
        // String data, right truncation.
        truncation: notice.code().code() == "01004",
    }
}

#[cfg(test)]
mod tests {
    use realign_runtime::{ErrorKind, Target};

    use super::Server;

    #[test]
    fn an_address_without_a_database_is_refused() {
        let error = Server::new(&Target::default()).expect_err("no database");
        assert_eq!(error.kind, ErrorKind::Usage);
    }

    #[test]
    fn nobody_there_is_unreachable() {
        use realign_runtime::Connect as _;
        let target = Target {
            scheme: "postgres".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: Some(1),
            user: Some("u".to_owned()),
            password: Some(realign_runtime::Secret::new("s3cret")),
            database: "d".to_owned(),
            ..Target::default()
        };
        let error = Server::new(&target)
            .expect("complete")
            .connect(&mut || ())
            .err()
            .expect("nobody listens there");
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert!(!format!("{error:?}").contains("s3cret"));
    }
}
