//! Dumps by `pg_dump`, read back by `psql` in one transaction.

mod empty;
mod rows;

use std::io::{Cursor, Read, Write};

use realign_planner::{LOCK_TABLE, Value};
use realign_runtime::backup::{Copier, Load, Work, Written};
use realign_runtime::process::{Finished, PrivateFile, Process, Streams};
use realign_runtime::{Connect, Connection, Error, ErrorKind, Target, TlsMode, scratch};

use super::PORT;
use rows::{Rows, Schemas};

const DUMP: &str = "pg_dump";
const CLIENT: &str = "psql";

/// Copies one database of a server.
#[derive(Debug)]
pub(super) struct ServerCopier {
    target: Target,
    tls: TlsMode,
}

impl ServerCopier {
    pub(super) fn new(target: &Target) -> Result<Self, Error> {
        Ok(Self {
            target: target.clone(),
            tls: TlsMode::of(target)?,
        })
    }

    fn session(&self) -> Result<Connection, Error> {
        Connection::open(super::connect(&self.target)?.as_ref())
    }

    /// The password, as the programs look it up.
    fn login(&self) -> Result<Option<PrivateFile>, Error> {
        let Some(password) = &self.target.password else {
            return Ok(None);
        };
        let escaped = password.expose().replace('\\', "\\\\").replace(':', "\\:");
        PrivateFile::new(&format!("*:*:*:*:{escaped}\n")).map(Some)
    }

    /// A program with the way to the database in its environment, which holds no secret.
    fn process(&self, program: &str, login: Option<&PrivateFile>) -> Process {
        let target = &self.target;
        let host = target.host.trim_matches(['[', ']']);
        let host = match target.parameters.get("socket") {
            Some(folder) => folder.as_str(),
            None if host.is_empty() => "127.0.0.1",
            None => host,
        };
        let mode = match self.tls {
            TlsMode::Off => "disable",
            TlsMode::Prefer => "prefer",
            TlsMode::Require => "require",
            TlsMode::VerifyCa => "verify-ca",
            TlsMode::VerifyFull => "verify-full",
        };
        let mut process = Process::new(program)
            .variable("PGHOST", host)
            .variable("PGPORT", target.port.unwrap_or(PORT).to_string())
            .variable("PGDATABASE", &target.database)
            .variable("PGSSLMODE", mode)
            .variable("PGCLIENTENCODING", "UTF8")
            .variable("PGAPPNAME", "realign backup")
            .variable("PGCONNECT_TIMEOUT", "10");
        if let Some(user) = &target.user {
            process = process.variable("PGUSER", user);
        }
        if let Some(path) = target.parameters.get("sslrootcert") {
            process = process.variable("PGSSLROOTCERT", path);
        }
        if let Some(login) = login {
            process = process.variable("PGPASSFILE", login.path());
        }
        if let Some(password) = &target.password {
            process = process.secret(password.clone());
        }
        process
    }
}

/// What a program said, and what to do about it.
fn done(finished: Finished, what: &str) -> Result<(), Error> {
    let said = finished.last(8).join("\n");
    finished.success().map(|_| ()).map_err(|error| {
        if said.contains("authentication failed") || said.contains("no password supplied") {
            return Error::new(
                ErrorKind::Unreachable,
                format!("can't {what}: the server refused the login"),
            )
            .with_note(said)
            .with_help("check user and password");
        }
        let help = if said.contains("server version mismatch") {
            "install the postgresql-client of the server's version"
        } else if said.contains("permission denied") || said.contains("must be owner") {
            "use the account that owns the database, or GRANT SELECT on all of it"
        } else if said.contains("role \"") && said.contains("does not exist") {
            "create that role first: the backup gives it what it owned"
        } else {
            "the lines above are the program's own"
        };
        error.with_help(help)
    })
}

impl Copier for ServerCopier {
    fn database(&self) -> String {
        self.target.database.clone()
    }

    fn ending(&self) -> &'static str {
        "sql"
    }

    fn tool(&self, work: &Work<'_>) -> Result<String, Error> {
        for program in [CLIENT, DUMP] {
            let told = Process::new(program)
                .arg("--version")
                .run(work.stop, &mut |_, _| {})
                .and_then(Finished::success);
            let told = told.map_err(|error| match error.kind {
                ErrorKind::Stopped(_) => error,
                _ => Error::new(
                    ErrorKind::Failed,
                    format!("a backup needs {DUMP} and {CLIENT}, and {program} is not there"),
                )
                .with_note(error.to_string())
                .with_help("install the package postgresql-client"),
            })?;
            if program == DUMP {
                let text = told.text();
                let number = text
                    .split_whitespace()
                    .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
                return Ok(format!(
                    "{DUMP} {}",
                    number.unwrap_or("of no known version")
                ));
            }
        }
        Ok(DUMP.to_owned())
    }

    /// The catalogue hides nothing: what an account may not read makes the dump program fail.
    fn ready(&self, _: &Work<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// Text of rows gets far smaller when it is compressed; a third is on the safe side.
    fn room(&self, bytes: u64) -> u64 {
        bytes / 3
    }

    fn write(&self, work: &Work<'_>, out: &mut dyn Write) -> Result<Written, Error> {
        let login = self.login()?;
        let mut rows = Rows::new(out);
        let process = self.process(DUMP, login.as_ref()).args([
            "--format=plain".to_owned(),
            "--no-password".to_owned(),
            "--encoding=UTF8".to_owned(),
            "--no-subscriptions".to_owned(),
            format!("--exclude-table=*.{LOCK_TABLE}"),
        ]);
        let streams = Streams {
            input: None,
            output: Some(&mut rows),
        };
        let finished = process.run_with(streams, work.stop, &mut |_, _| {})?;
        done(finished, "dump the database")?;
        if !rows.is_whole() {
            return Err(Error::new(
                ErrorKind::Failed,
                format!("{DUMP} ended without an error, and its dump has no end"),
            )
            .with_help(
                "try again; if it happens twice, please report it with the program's version",
            ));
        }
        Ok(Written {
            tally: rows.finish(),
            left_out: Vec::new(),
            remarks: Vec::new(),
        })
    }

    fn read(&self, load: Load, work: &Work<'_>, input: Box<dyn Read + Send>) -> Result<(), Error> {
        let login = self.login()?;
        let before = match load {
            Load::Empty | Load::Scratch => String::new(),
            Load::Replace => empty::script(LOCK_TABLE),
        };
        let input = Cursor::new(before).chain(Schemas::new(input));
        let process = self.process(CLIENT, login.as_ref()).args([
            "--no-psqlrc",
            "--quiet",
            "--no-password",
            "--set=ON_ERROR_STOP=1",
            "--single-transaction",
            "--output=/dev/null",
            "--file=-",
        ]);
        let streams = Streams {
            input: Some(Box::new(input)),
            output: None,
        };
        let finished = process.run_with(streams, work.stop, &mut |_, _| {})?;
        done(finished, "load the backup")
    }

    fn is_atomic(&self) -> bool {
        true
    }

    fn make_scratch(&self, name: &str, _: &Work<'_>) -> Result<Box<dyn Connect>, Error> {
        let mut connection = self.session()?;
        let row = connection
            .query(
                "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database \
                 WHERE datname = current_database()",
            )?
            .rows
            .pop()
            .unwrap_or_default();
        let word = |at: usize| {
            let text = row.get(at).map(Value::display).unwrap_or_default();
            text.replace('\'', "''")
        };
        let create = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING '{}' LC_COLLATE '{}' LC_CTYPE '{}'",
            word(0),
            word(1),
            word(2)
        );
        connection.query(&create).map_err(|error| {
            let user = self.target.user.as_deref().unwrap_or("…");
            error.with_help(format!(
                "for a scratch database an administrator can ALTER ROLE {user} CREATEDB"
            ))
        })?;
        super::connect(&Target {
            database: name.to_owned(),
            ..self.target.clone()
        })
    }

    fn drop_scratch(&self, name: &str, _: &Work<'_>) -> Result<(), Error> {
        let mut connection = self.session()?;
        connection
            .query(&format!(
                "DROP DATABASE IF EXISTS \"{}\"",
                name.replace('"', "\"\"")
            ))
            .map(|_| ())
    }

    fn scratches(&self, _: &Work<'_>) -> Result<Vec<String>, Error> {
        let mut connection = self.session()?;
        let found = connection.query("SELECT datname FROM pg_database")?;
        Ok(found
            .rows
            .iter()
            .filter_map(|row| row.first().map(Value::display))
            .filter(|name| name.starts_with(scratch::PREFIX))
            .collect())
    }
}
