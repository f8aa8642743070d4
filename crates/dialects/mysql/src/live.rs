//! Sessions on a MySQL or MariaDB server; with its parts the only file that names the
//! driver.
//!
//! The driver may hand the old answer to the next question after an I/O error,
//! so a session that met one is dropped here and never given back.

mod answers;
mod authority;
mod copier;
mod greeting;
mod rights;

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use mysql::prelude::Queryable;
use mysql::{Conn, DriverError, OptsBuilder, SslOpts};
use realign_runtime::backup::Copier;
use realign_runtime::{
    Answer, Connect, Error, ErrorKind, Ran, RanAll, RanLooking, Session, SqlError, Target, TlsMode,
};

use crate::envelope::{self, SESSION};

use answers::{all_sets, ask, ask_after, sets, told};
use authority::Refused;

/// The port of both servers where the address names none.
const PORT: u16 = 3306;
/// Seconds until a server that doesn't answer counts as unreachable.
const CONNECT_TIMEOUT: u64 = 10;

/// What no server takes more than in one message, in bytes.
const LARGEST_PACKET: usize = 1 << 30;

/// Something that opens sessions to the database of this address.
pub fn connect(target: &Target) -> Result<Box<dyn Connect>, Error> {
    Ok(Box::new(Server::new(target)?))
}

/// The driver's options for an encryption.
fn tls_options(mode: TlsMode, target: &Target) -> Option<SslOpts> {
    let options = match mode {
        TlsMode::Off => return None,
        TlsMode::Prefer | TlsMode::Require => SslOpts::default()
            .with_danger_accept_invalid_certs(true)
            .with_danger_skip_domain_validation(true),
        TlsMode::VerifyCa => SslOpts::default().with_danger_skip_domain_validation(true),
        TlsMode::VerifyFull => SslOpts::default(),
    };
    Some(match target.parameters.get("sslrootcert") {
        Some(path) => options.with_root_cert_path(Some(std::path::PathBuf::from(path))),
        None => options,
    })
}

/// The authorities that a connection must not trust: whoever names one in a file means it alone.
fn refused(mode: TlsMode, target: &Target) -> Result<Refused, Error> {
    match (mode, target.parameters.get("sslrootcert")) {
        (TlsMode::VerifyCa | TlsMode::VerifyFull, Some(path)) => {
            authority::all_but(Path::new(path))
        }
        (TlsMode::Off, _) => Ok(Refused::default()),
        _ => {
            // A later connection of this process may name one.
            authority::is_guarded();
            Ok(Refused::default())
        }
    }
}

#[derive(Debug)]
struct Server {
    target: Target,
    mode: TlsMode,
    refused: Refused,
    timeout: Duration,
}

impl Server {
    fn new(target: &Target) -> Result<Self, Error> {
        if target.database.is_empty() {
            return Err(
                Error::new(ErrorKind::Usage, format!("`{target}` names no database"))
                    .with_help("write mariadb://USER@HOST/DATABASE"),
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
        let mode = TlsMode::of(target)?;
        Ok(Self {
            target: target.clone(),
            mode,
            refused: refused(mode, target)?,
            timeout: Duration::from_secs(seconds),
        })
    }

    fn options(&self, tls: Option<SslOpts>) -> OptsBuilder {
        let target = &self.target;
        let host = if target.host.is_empty() {
            "127.0.0.1"
        } else {
            target.host.trim_matches(['[', ']'])
        };
        let socket = target.parameters.get("socket");
        OptsBuilder::new()
            .ip_or_hostname(Some(host))
            .tcp_port(target.port.unwrap_or(PORT))
            .socket(socket.cloned())
            // Its default asks a TCP server for its socket and moves there, which
            // through a tunnel is the socket of another server.
            .prefer_socket(socket.is_some())
            .user(target.user.clone())
            .pass(target.password.as_ref().map(|p| p.expose().to_owned()))
            .db_name(Some(target.database.clone()))
            .tcp_connect_timeout(Some(self.timeout))
            .tcp_keepalive_time_ms(Some(60_000))
            .stmt_cache_size(0)
            // It would ask the server for this by itself, in a message more.
            .max_allowed_packet(Some(LARGEST_PACKET))
            .ssl_opts(tls)
    }

    /// Opens a connection within the time limit. A server that accepts and then says
    /// nothing would hold the driver for ever, so it waits on a thread of its own.
    fn open(&self, tls: Option<SslOpts>, meanwhile: &mut dyn FnMut()) -> Result<Conn, OpenError> {
        let options = self.options(tls);
        let refused = Refused::clone(&self.refused);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            authority::refuse(refused);
            // Nobody listens any more when the time was up.
            let _ = sender.send(Conn::new(options));
        });
        // It may have come behind this thread, in the same processor's line.
        std::thread::yield_now();
        // While that one waits for the server, this one has nothing to do.
        greeting::prepare(meanwhile);
        // Resolving the name, the handshake and the login count as well.
        match receiver.recv_timeout(self.timeout + Duration::from_secs(2)) {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(OpenError::Driver(error)),
            Err(_) => Err(OpenError::Silent),
        }
    }

    fn unreachable(&self, error: OpenError) -> Error {
        let at = format!("can't connect to {}", self.target);
        let error = match error {
            OpenError::Silent => {
                return Error::new(
                    ErrorKind::Unreachable,
                    format!("{at}: no answer in {} seconds", self.timeout.as_secs()),
                )
                .with_help("check host and port; `timeout=SECONDS` in the URL waits longer");
            }
            OpenError::Driver(error) => error,
        };
        let help = match &error {
            mysql::Error::MySqlError(refusal) => match refusal.code {
                1045 | 1698 => "check user and password",
                1044 => "this account has no rights on the database: GRANT them first",
                1049 => "the database does not exist: CREATE DATABASE it first",
                1040 | 1203 | 1226 => "the server has no connection to spare: try again later",
                1129 | 1130 => "the server does not let this host in",
                3159 => "the server asks for TLS: add `sslmode=require` to the URL",
                _ => "check host, port, user and password",
            },
            _ if words(&error).contains("certificate") => {
                "give the authority's certificate as `sslrootcert=FILE`, or choose another `sslmode`"
            }
            mysql::Error::TlsError(_) => {
                "give the authority's certificate as `sslrootcert=FILE`, or choose another `sslmode`"
            }
            mysql::Error::DriverError(DriverError::TlsNotSupported) => {
                "the server offers no TLS; over a network you trust, add `sslmode=disable` to the URL"
            }
            _ => "is the server up? `realign doctor` checks the connection step by step",
        };
        let text = words(&error);
        Error::new(ErrorKind::Unreachable, format!("{at}: {text}")).with_help(help)
    }
}

enum OpenError {
    Silent,
    Driver(mysql::Error),
}

impl Connect for Server {
    fn connect(&self, meanwhile: &mut dyn FnMut()) -> Result<Box<dyn Session>, Error> {
        let opened = self.open(tls_options(self.mode, &self.target), meanwhile);
        let opened = match (self.mode, opened) {
            (
                TlsMode::Prefer,
                Err(OpenError::Driver(mysql::Error::DriverError(DriverError::TlsNotSupported))),
            ) => self.open(None, meanwhile),
            (_, opened) => opened,
        };
        Ok(Box::new(Working {
            connection: opened.map_err(|error| self.unreachable(error))?,
            display: self.target.to_string(),
            opening: Opening::Unasked,
            packet: LARGEST_PACKET,
        }))
    }

    fn display(&self) -> String {
        self.target.to_string()
    }

    fn lock_file(&self) -> Option<std::path::PathBuf> {
        None
    }

    fn copier(&self) -> Result<Box<dyn Copier>, Error> {
        Ok(Box::new(copier::ServerCopier::new(&self.target)?))
    }
}

/// A session between two statements.
struct Working {
    connection: Conn,
    display: String,
    opening: Opening,
    /// What the server takes in one message, in bytes. It closes the connection on a longer one.
    packet: usize,
}

/// How far a session is with its settings: they go with the first statements, as a message for
/// themselves is a wait more.
enum Opening {
    /// The modes that it has are not known yet, and they decide what it gets.
    Unasked,
    /// It has not been given these yet.
    Due(Vec<String>),
    /// It has them.
    Given,
}

impl Session for Working {
    fn run(mut self: Box<Self>, sql: &str) -> Result<Ran, Error> {
        self.open()?;
        if let Some(refusal) = self.too_long(sql) {
            return Ok((self, Err(refusal)));
        }
        match ask(&mut self.connection, sql) {
            Ok(answer) => Ok((self, Ok(answer))),
            Err(error) => {
                let refusal = self.refusal(error, sql)?;
                Ok((self, Err(refusal)))
            }
        }
    }

    /// The server stops at the first that it refuses.
    fn run_all(mut self: Box<Self>, statements: &[String]) -> Result<RanAll, Error> {
        self.look()?;
        let (opening, text) = match &self.opening {
            Opening::Due(settings) => {
                let text = [settings, statements].concat().join("; ");
                (settings.len(), text)
            }
            Opening::Unasked | Opening::Given => (0, statements.join("; ")),
        };
        if let Some(refusal) = self.too_long(&text) {
            return Ok((self, Err(refusal)));
        }
        match sets(&mut self.connection, &text) {
            Ok(mut answers) => {
                self.opening = Opening::Given;
                Ok((self, Ok(answers.split_off(opening.min(answers.len())))))
            }
            // It is not told which it was: the settings are given once more.
            Err(error) => {
                let refusal = self.refusal(error, &text)?;
                Ok((self, Err(refusal)))
            }
        }
    }

    fn ask(mut self: Box<Self>, questions: &[String]) -> Result<RanAll, Error> {
        let text = format!("{SESSION}; {}", questions.join("; "));
        let answers = match sets(&mut self.connection, &text) {
            Ok(mut answers) => Ok(answers.split_off(1.min(answers.len()))),
            Err(error) => Err(self.refusal(error, &text)?),
        };
        Ok((self, answers))
    }

    /// Warnings have to be asked for before the next statement, so the closing ones come after.
    fn run_between(
        mut self: Box<Self>,
        opening: &[String],
        sql: &str,
        closing: &[String],
    ) -> Result<Ran, Error> {
        self.open()?;
        if let Some(refusal) = self.too_long(sql) {
            return Ok((self, Err(refusal)));
        }
        let answer = match ask_after(&mut self.connection, opening, sql) {
            Ok(answer) => answer,
            Err(error) => {
                let refusal = self.refusal(error, sql)?;
                return Ok((self, Err(refusal)));
            }
        };
        if closing.is_empty() {
            return Ok((self, Ok(answer)));
        }
        let (session, closed) = self.run_all(closing)?;
        Ok((session, closed.map(|_| answer)))
    }

    fn run_with_rows(self: Box<Self>, _: &str, _: &str) -> Result<Ran, Error> {
        Ok((self, Err(SqlError::no_rows())))
    }

    /// One message: the definition, its warnings, the query. The definition may end in a comment,
    /// which goes to the end of its line.
    fn run_looking(mut self: Box<Self>, sql: &str, query: &str) -> Result<RanLooking, Error> {
        self.open()?;
        let text = format!("{sql}\n; SHOW WARNINGS; {query}");
        if let Some(refusal) = self.too_long(&text) {
            return Ok((self, Err(refusal)));
        }
        let mut answers = Vec::with_capacity(3);
        let mut refused = match all_sets(&mut self.connection, &text, &mut answers) {
            Ok(()) => None,
            Err(error) => Some(self.refusal(error, sql)?),
        };
        let mut answers = answers.into_iter();
        let ran = match (answers.next(), answers.next(), answers.next()) {
            (None, _, _) => match refused {
                Some(refusal) => Err(refusal),
                None => Ok((Answer::default(), None)),
            },
            (Some(mut answer), warned, looked) => {
                let warnings = warned.as_ref().map(|set| told(&set.rows));
                answer.warnings = warnings.unwrap_or_default();
                let looked = match looked {
                    Some(looked) => refused.is_none().then_some(Ok(looked)),
                    None => refused.take().filter(|_| warned.is_some()).map(Err),
                };
                Ok((answer, looked))
            }
        };
        Ok((self, ran))
    }

    fn server_id(&mut self) -> Option<u64> {
        Some(u64::from(self.connection.connection_id()))
    }

    /// The server waits for its disk as it is set up to.
    fn commits_often(&mut self) {}
}

impl Working {
    /// Asks what decides a session's settings, if it has not been asked.
    fn look(&mut self) -> Result<(), Error> {
        if !matches!(self.opening, Opening::Unasked) {
            return Ok(());
        }
        let text = format!("{SESSION}; SELECT @@SESSION.sql_mode, @@SESSION.max_allowed_packet");
        let told = self.told(&text)?;
        let told = told.last().and_then(|set| set.rows.rows.first());
        let modes = told.and_then(|row| row.first()?.as_str());
        let packet = told.and_then(|row| usize::try_from(row.get(1)?.as_int()?).ok());
        self.opening = Opening::Due(envelope::session_statements(modes.unwrap_or_default()).into());
        self.packet = packet.unwrap_or(LARGEST_PACKET);
        Ok(())
    }

    /// Gives the session its settings, if it lacks them.
    fn open(&mut self) -> Result<(), Error> {
        self.look()?;
        if let Opening::Due(settings) = &self.opening {
            let text = settings.join("; ");
            self.told(&text)?;
            self.opening = Opening::Given;
        }
        Ok(())
    }

    /// What a text of Realign's own gives, which no server refuses.
    fn told(&mut self, text: &str) -> Result<Vec<Answer>, Error> {
        match sets(&mut self.connection, text) {
            Ok(answers) => Ok(answers),
            Err(error) => {
                let refusal = self.refusal(error, text)?;
                Err(Error::sql(text, refusal))
            }
        }
    }

    /// Why the server would not take this, if it is longer than it takes.
    fn too_long(&self, text: &str) -> Option<SqlError> {
        // A byte before it says what kind of message it is, and the limit itself is too much.
        (text.len() + 1 >= self.packet).then(|| SqlError {
            code: "1153".to_owned(),
            message: format!(
                "{} bytes are more than the server takes in one message: its max_allowed_packet is {}",
                text.len(),
                self.packet
            ),
            ..SqlError::default()
        })
    }

    /// What the server refused; an error when the session is gone with it.
    fn refusal(&mut self, error: mysql::Error, sql: &str) -> Result<SqlError, Error> {
        match error {
            mysql::Error::MySqlError(refusal) if !ends_session(refusal.code) => {
                let mut message = refusal.message;
                if rights::is_missing(refusal.code)
                    && let Some(grant) = self.missing_grant(&message)
                {
                    message = format!("{message}; an administrator can {grant}");
                }
                Ok(SqlError {
                    retryable: matches!(refusal.code, 1205 | 1213 | 3572),
                    interrupted: matches!(refusal.code, 1317 | 1969 | 3024),
                    timed_out: matches!(refusal.code, 1969 | 3024),
                    read_only: is_read_only(refusal.code, &message),
                    row: None,
                    code: refusal.code.to_string(),
                    message,
                })
            }
            error => Err(Error::new(
                ErrorKind::Unreachable,
                format!("the connection to {} broke: {}", self.display, words(&error)),
            )
            .with_note(realign_runtime::statement_note(sql))
            .with_help("whether the server still finished this statement is not known: look before going on")),
        }
    }

    /// The GRANT that these words of the server ask for. The account that rights are given to
    /// is not the one in them, which has the host that it came from.
    fn missing_grant(&mut self, words: &str) -> Option<String> {
        let asked = "SELECT CURRENT_USER(), DATABASE()";
        let (account, database): (String, Option<String>) =
            self.connection.query_first(asked).ok().flatten()?;
        rights::grant(words, &account, &database?)
    }
}

/// The cause without the driver's own wrapping.
fn words(error: &mysql::Error) -> String {
    match error {
        mysql::Error::MySqlError(refusal) => format!("{} ({})", refusal.message, refusal.code),
        mysql::Error::IoError(error) => error.to_string(),
        mysql::Error::CodecError(error) => error.to_string(),
        mysql::Error::TlsError(error) => format!("TLS failed: {error}"),
        mysql::Error::DriverError(DriverError::CouldNotConnect(Some((_, text, _)))) => text.clone(),
        mysql::Error::DriverError(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// True for the words of a server, or of a transaction, that takes no writes. One of the codes is that
/// of other options as well.
fn is_read_only(code: u16, words: &str) -> bool {
    let option = || ["read-only", "read_only"].iter().any(|o| words.contains(o));
    matches!(code, 1792 | 1836) || (code == 1290 && option())
}

/// Refusals after which the server has closed, or is about to close, the connection.
fn ends_session(code: u16) -> bool {
    matches!(
        code,
        1053 | 1077 | 1079 | 1152 | 1153 | 1156..=1161 | 1184 | 1927 | 4031
    )
}
