//! Dumps by the servers' own programs, and what is around them.

mod programs;
mod rights;
mod rows;

use std::fmt::Write as _;
use std::io::{Read, Write};

use realign_planner::{LOCK_TABLE, Value};
use realign_runtime::backup::{Copier, LeftOut, Load, Work, Written};
use realign_runtime::process::{Finished, PrivateFile, Process, Streams};
use realign_runtime::{Connect, Connection, Error, ErrorKind, Target, TlsMode, scratch};

use programs::{Family, Programs};
use rows::Rows;

/// The largest row that is written or read; both programs allow no more.
const PACKET: &str = "--max-allowed-packet=1G";

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

    /// The login, for both programs: as the only file of options that they read.
    fn login(&self, family: Family) -> Result<PrivateFile, Error> {
        PrivateFile::new(&programs::options(&self.target, self.tls, family))
    }

    fn process(&self, program: &str, login: &PrivateFile) -> Process {
        let file = login.path();
        let mut process = Process::new(program)
            .arg(format!("--defaults-file={}", file.display()))
            .arg("--default-character-set=utf8mb4")
            .arg(PACKET);
        if let Some(password) = &self.target.password {
            process = process.secret(password.clone());
        }
        process
    }

    /// Statements that take everything of the application away, the lock apart.
    fn emptying(&self) -> Result<String, Error> {
        let mut connection = self.session()?;
        let mut script = String::from("SET FOREIGN_KEY_CHECKS = 0;\n");
        let mut each = |sql: &str, kind: &str| -> Result<(), Error> {
            for row in connection.query(sql)?.rows {
                let name = row.first().map(Value::display).unwrap_or_default();
                if !name.eq_ignore_ascii_case(LOCK_TABLE) {
                    let kind = match row.get(1).map(Value::display) {
                        Some(kind) if kind == "FUNCTION" => "FUNCTION",
                        Some(kind) if kind == "SEQUENCE" => "SEQUENCE",
                        _ => kind,
                    };
                    // Writing into a String cannot fail.
                    let _ = writeln!(
                        script,
                        "DROP {kind} IF EXISTS `{}`;",
                        name.replace('`', "``")
                    );
                }
            }
            Ok(())
        };
        let of = "FROM information_schema";
        each(
            &format!("SELECT EVENT_NAME {of}.EVENTS WHERE EVENT_SCHEMA = DATABASE() ORDER BY 1"),
            "EVENT",
        )?;
        each(
            &format!("SELECT TABLE_NAME {of}.VIEWS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1"),
            "VIEW",
        )?;
        each(
            &format!(
                "SELECT TABLE_NAME, TABLE_TYPE {of}.TABLES WHERE TABLE_SCHEMA = DATABASE() \
                 AND TABLE_TYPE <> 'VIEW' ORDER BY 1"
            ),
            "TABLE",
        )?;
        each(
            &format!(
                "SELECT ROUTINE_NAME, ROUTINE_TYPE {of}.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() \
                 AND ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE') ORDER BY 1"
            ),
            "PROCEDURE",
        )?;
        Ok(script)
    }
}

/// Views that refer to something that is gone: the dump programs stop at one, and no server makes
/// it anew.
fn broken_views(connection: &mut Connection) -> Result<Vec<LeftOut>, Error> {
    let views = connection.query(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() \
         AND TABLE_TYPE = 'VIEW' ORDER BY TABLE_NAME",
    )?;
    let mut broken = Vec::new();
    for row in views.rows {
        let name = row.first().map(Value::display).unwrap_or_default();
        let quoted = format!("`{}`", name.replace('`', "``"));
        if let Err(refusal) = connection.run(&format!("SHOW FIELDS FROM {quoted}"))? {
            let shown = connection.query(&format!("SHOW CREATE VIEW {quoted}"))?;
            let definition = shown.rows.first().and_then(|row| row.get(1));
            broken.push(LeftOut {
                why: refusal.message,
                definition: definition.map(Value::display).unwrap_or_default(),
                name,
            });
        }
    }
    Ok(broken)
}

/// Tables that no transaction holds still: the dump has them as they are when it comes to each.
fn of_many_moments(connection: &mut Connection) -> Result<Vec<String>, Error> {
    let found = connection.query(
        "SELECT t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t \
         LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE \
         WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' \
         AND t.ENGINE IS NOT NULL AND COALESCE(e.TRANSACTIONS, 'NO') <> 'YES' ORDER BY t.TABLE_NAME",
    )?;
    let word = |row: &[Value], at: usize| row.get(at).map(Value::display).unwrap_or_default();
    let names: Vec<String> = found
        .rows
        .iter()
        .map(|row| format!("{} ({})", word(row, 0), word(row, 1)))
        .collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![format!(
        "not of one moment, as no transaction holds them still: {}; what is written to them meanwhile may be half in the backup. \
         Keep writers out while it is made (`realign down`), or change them to InnoDB",
        names.join(", ")
    )])
}

/// Tables that keep what their rows were.
fn versioned(connection: &mut Connection) -> Result<Vec<String>, Error> {
    let found = connection.query(
        "SELECT TABLE_NAME FROM information_schema.TABLES \
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SYSTEM VERSIONED' ORDER BY TABLE_NAME",
    )?;
    let names = found.rows.iter().filter_map(|row| row.first());
    Ok(names.map(Value::display).collect())
}

/// A dump without its last statement.
fn cut(program: &str) -> Error {
    Error::new(
        ErrorKind::Failed,
        format!("{program} ended without an error, and its dump has no end"),
    )
    .with_help("try again; if it happens twice, please report it with the program's version")
}

/// What an account needs that dumps a database.
const TO_READ: &str = "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT on the database to this account; the bodies of routines need SELECT on mysql.proc, or SHOW_ROUTINE";
/// What one needs that loads a dump.
const TO_LOAD: &str = "GRANT ALL on the database that it is loaded into to this account; on `realign\\_scratch\\_%`.* where that is a scratch database";

/// What the program said, with the right that it lacked.
fn done(finished: Finished, what: &str, right: &str) -> Result<(), Error> {
    let said = finished.last(8).join("\n");
    finished.success().map(|_| ()).map_err(|error| {
        if said.contains("Access denied") && said.contains("1045") {
            return Error::new(
                ErrorKind::Unreachable,
                format!("can't {what}: the server refused the login"),
            )
            .with_note(said)
            .with_help("check user and password");
        }
        error.with_help(if said.contains("(at least one of) the") {
            "views, triggers or routines in it belong to another account (DEFINER): load it as an administrator, or GRANT SET USER (MySQL: SET_ANY_DEFINER) to this one"
        } else if said.contains("denied") || said.contains("privileges to SHOW CREATE") {
            right
        } else {
            "the lines above are the program's own"
        })
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
        Programs::found(work)?.version(work)
    }

    fn ready(&self, work: &Work<'_>) -> Result<(), Error> {
        let programs = Programs::found(work)?;
        let mut connection = self.session()?;
        rights::sees_triggers(&mut connection)?;
        rights::sees_routines(&mut connection, work.facts)?;
        programs.can_dump(&mut connection, work.facts)
    }

    /// Text of rows gets far smaller when it is compressed; a third is on the safe side.
    fn room(&self, bytes: u64) -> u64 {
        bytes / 3
    }

    fn write(&self, work: &Work<'_>, out: &mut dyn Write) -> Result<Written, Error> {
        let programs = Programs::found(work)?;
        let mut connection = self.session()?;
        let left_out = broken_views(&mut connection)?;
        let mut remarks = of_many_moments(&mut connection)?;
        let versioned = versioned(&mut connection)?;
        drop(connection);
        let history = !versioned.is_empty() && programs.keeps_history(work)?;
        if !versioned.is_empty() && !history {
            remarks.push(format!(
                "of {} the present rows alone: what they were before is written by mariadb-dump 10.11 or newer, from such a server",
                versioned.join(", ")
            ));
        }
        let database = &self.target.database;
        let ignored = left_out.iter().map(|out| out.name.as_str());
        let ignored = ignored
            .chain([LOCK_TABLE])
            .map(|name| format!("--ignore-table={database}.{name}"));
        let login = self.login(programs.family)?;
        let mut rows = Rows::new(out);
        let process = self
            .process(programs.dump, &login)
            .args(programs.dump_arguments(work.facts))
            .args(history.then_some("--dump-history"))
            .args(ignored)
            .arg("--")
            .arg(&self.target.database);
        let streams = Streams {
            input: None,
            output: Some(&mut rows),
        };
        let finished = process.run_with(streams, work.stop, &mut |_, _| {})?;
        done(finished, "dump the database", TO_READ)?;
        if !rows.is_whole() {
            return Err(cut(programs.dump));
        }
        Ok(Written {
            tally: rows.finish(),
            left_out,
            remarks,
        })
    }

    fn read(&self, load: Load, work: &Work<'_>, input: Box<dyn Read + Send>) -> Result<(), Error> {
        let programs = Programs::found(work)?;
        let login = self.login(programs.family)?;
        let before = match load {
            Load::Empty | Load::Scratch => String::new(),
            Load::Replace => self.emptying()?,
        };
        let input: Box<dyn Read + Send> = match load {
            Load::Scratch => Box::new(rows::AtRest::new(input)),
            Load::Empty | Load::Replace => input,
        };
        let process = self
            .process(programs.client, &login)
            // Without `--comments` the client takes those out of the bodies of triggers and routines.
            .args(["--batch", "--binary-mode", "--comments", "--"])
            .arg(&self.target.database);
        let streams = Streams {
            input: Some(Box::new(std::io::Cursor::new(before).chain(input))),
            output: None,
        };
        let finished = process.run_with(streams, work.stop, &mut |_, _| {})?;
        done(finished, "load the backup", TO_LOAD)
    }

    /// Definitions commit by themselves.
    fn is_atomic(&self) -> bool {
        false
    }

    fn make_scratch(&self, name: &str, _: &Work<'_>) -> Result<Box<dyn Connect>, Error> {
        let mut connection = self.session()?;
        let row = connection
            .query("SELECT @@character_set_database, @@collation_database")?
            .rows
            .pop()
            .unwrap_or_default();
        let word = |at: usize| row.get(at).map(Value::display).unwrap_or_default();
        let create = format!(
            "CREATE DATABASE `{name}` CHARACTER SET {} COLLATE {}",
            word(0),
            word(1)
        );
        connection.query(&create).map_err(|error| {
            error.with_help(
                "for a scratch database an administrator can GRANT ALL ON `realign\\_scratch\\_%`.* to this account",
            )
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
                "DROP DATABASE IF EXISTS `{}`",
                name.replace('`', "``")
            ))
            .map(|_| ())
    }

    fn scratches(&self, _: &Work<'_>) -> Result<Vec<String>, Error> {
        let mut connection = self.session()?;
        let found = connection.query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")?;
        Ok(found
            .rows
            .iter()
            .filter_map(|row| row.first().map(Value::display))
            .filter(|name| name.starts_with(scratch::PREFIX))
            .collect())
    }
}
