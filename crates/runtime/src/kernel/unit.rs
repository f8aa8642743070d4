//! Running a unit: the statements of one migration, cut into the largest transactions that the
//! engine and the statements allow, with its record in the commit of the last.

mod framed;
mod run;
mod segments;
mod send;
mod session;

use std::borrow::Cow;
use std::time::Duration;

use realign_model::Origin;
use realign_planner::script::with_rows;
use realign_planner::{Nature, StatementKind};

pub use self::framed::Framed;
use self::run::UnitRun;
use self::segments::is_bracket;
use super::Journal;
use crate::error::LOOKS;
use crate::stop::signal_name;
use crate::{Connection, Error, ErrorKind, ServerWarning, SqlError, Stop, statement_note};

/// A statement of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitStatement {
    /// What is sent.
    pub sql: String,
    /// How it can be run.
    pub nature: Nature,
    /// Where it stands.
    pub origin: Origin,
    /// Rows that are sent after it.
    pub rows: Option<UnitRows>,
}

/// Rows that a statement takes from its script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRows {
    /// They as they stand in the script.
    pub text: String,
    /// The line of the file on which they begin.
    pub line: u32,
}

impl UnitStatement {
    /// It with its rows: what the journal keeps of it.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.rows {
            None => Cow::Borrowed(&self.sql),
            Some(rows) => Cow::Owned(with_rows(&self.sql, &rows.text)),
        }
    }

    /// It as a part of a script for the engine's own client, without the end of its last line.
    pub fn script(&self) -> String {
        match &self.rows {
            None => format!("{};", self.sql.trim_end().trim_end_matches(';')),
            Some(rows) => with_rows(&self.sql, &rows.text),
        }
    }

    /// Where the server stopped: at one of its rows, where it says at which.
    fn place(&self, refusal: Option<&SqlError>) -> Origin {
        let row = refusal.and_then(|refusal| refusal.row?.checked_sub(1));
        match (&self.origin, &self.rows, row) {
            (Origin::File { path, span, .. }, Some(rows), Some(row)) => Origin::File {
                path: path.clone(),
                line: rows.line.saturating_add(row),
                column: 1,
                span: *span,
            },
            (origin, _, _) => origin.clone(),
        }
    }
}

impl UnitStatement {
    /// True when it leaves the database as it is, and what it means for the definitions after it
    /// is known: a plain setting of the session, or a bracket that is the kernel's to send.
    pub fn is_aside(&self) -> bool {
        self.nature.plain_setting || is_bracket(&self.sql, self.nature.kind)
    }
}

/// Statements that are recorded as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// What it is called: the version of a migration.
    pub name: String,
    /// Its statements, in order.
    pub statements: Vec<UnitStatement>,
    /// Its statements share a transaction as far as the engine allows.
    pub transaction: bool,
    /// How long a statement waits for a lock that others hold; none for the session's own limit.
    pub lock_timeout: Option<Duration>,
    /// How long a statement may take; none for as long as it wants.
    pub statement_timeout: Option<Duration>,
}

impl Unit {
    /// True when one of its statements changes the session that they all run in.
    pub fn changes_session(&self) -> bool {
        let session = |one: &UnitStatement| one.nature.kind == StatementKind::Session;
        self.statements.iter().any(session)
    }
}

/// What happens while a unit runs. Numbers of statements begin at 1.
#[derive(Debug)]
#[non_exhaustive]
pub enum UnitEvent<'a> {
    /// A statement is sent.
    Started {
        /// Its number.
        number: usize,
        /// How many there are.
        total: usize,
        /// The statement.
        statement: &'a UnitStatement,
    },
    /// It ran.
    Finished {
        /// Its number.
        number: usize,
        /// The statement.
        statement: &'a UnitStatement,
        /// Rows changed.
        affected: u64,
        /// What it took.
        elapsed: Duration,
    },
    /// The server warned.
    Warned {
        /// The number of the statement.
        number: usize,
        /// The warning.
        warning: &'a ServerWarning,
    },
    /// Others stand in the way; it is tried again.
    Waiting {
        /// The number of the statement.
        number: usize,
        /// The server's words.
        refusal: &'a SqlError,
        /// Who stands in the way, as far as the server tells.
        blockers: &'a [String],
    },
}

/// A unit that ran to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitDone {
    /// Statements that were sent, without those that an earlier run had done.
    pub statements: usize,
    /// What it took.
    pub elapsed: Duration,
}

/// A unit that did not.
#[derive(Debug)]
pub struct UnitFailure {
    /// What happened, and what stands.
    pub error: Box<Error>,
    /// The number of the statement that was refused or not begun, from 1; none when it was the
    /// record or a commit.
    pub statement: Option<usize>,
    /// How many of its statements stand.
    pub standing: usize,
    /// The signal that asked to stop, when that was the reason.
    pub signal: Option<u8>,
    /// The line broke: whether the statement ran is not known.
    pub lost: bool,
}

/// What went wrong.
enum Trouble {
    Refused(SqlError),
    Other(Box<Error>),
    Lost(Box<Error>),
    Stopped(u8),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        if error.kind == ErrorKind::Unreachable {
            return Self::Lost(Box::new(error));
        }
        // Others stood in the way of a record or of a commit: that can be tried again as well.
        match error.refusal().filter(|refusal| refusal.retryable) {
            Some(refusal) => Self::Refused(refusal.clone()),
            None => Self::Other(Box::new(error)),
        }
    }
}

/// What a unit took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Took {
    /// So long.
    Known(Duration),
    /// So long until its last transaction began, and since then what this expression of the
    /// engine's gives in milliseconds: the record goes along with the last statement.
    Counted(Duration, &'static str),
    /// What this expression gives, shared among so many that the server got in one message.
    Shared(&'static str, usize),
}

impl Took {
    /// The milliseconds, as SQL.
    pub fn sql(self) -> String {
        let whole = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        match self {
            Self::Known(time) => whole(time).to_string(),
            Self::Counted(before, clock) => format!("{} + {clock}", whole(before)),
            Self::Shared(clock, count) => format!("{clock} / {count}"),
        }
    }
}

/// The record of a unit: given what it took, the statements that write it down.
pub type Record<'a> = &'a mut dyn FnMut(Took) -> Vec<String>;

impl Journal<'_> {
    /// Runs a unit from its statement number `from` (the first is 0) on. What `record` gives is
    /// written in the very commit that ends the unit.
    pub fn unit(
        &mut self,
        connection: &mut Connection,
        unit: &Unit,
        from: usize,
        record: Record<'_>,
        watch: &mut dyn FnMut(&UnitEvent<'_>),
        stop: &Stop,
    ) -> Result<UnitDone, UnitFailure> {
        let mut run = UnitRun::new(self, connection, unit, watch, stop);
        run.whole(from, record)?;
        Ok(run.done())
    }

    /// Opens the one transaction of several units: all of them with their records, or nothing.
    pub fn open_shared(&mut self, connection: &mut Connection) -> Result<(), UnitFailure> {
        let begin = self.guard().site().book().begin();
        let opened = self
            .guard()
            .check()
            .and_then(|()| connection.query(begin).map(drop));
        opened.map_err(|error| UnitFailure::of(error.into(), None, 0, None))
    }

    /// Runs a unit with its record in the transaction that [`Self::open_shared`] opened.
    pub fn share(
        &mut self,
        connection: &mut Connection,
        unit: &Unit,
        record: Record<'_>,
        watch: &mut dyn FnMut(&UnitEvent<'_>),
        stop: &Stop,
    ) -> Result<UnitDone, UnitFailure> {
        let mut run = UnitRun::new(self, connection, unit, watch, stop);
        let outcome = run
            .limits()
            .map_err(|trouble| (None, trouble))
            .and_then(|()| run.inside(0..unit.statements.len(), Vec::new()))
            .and_then(|()| {
                let mut records = run.restoring();
                records.extend(record(Took::Known(run.began.elapsed())));
                run.records(&records).map_err(|trouble| (None, trouble))
            });
        match outcome {
            Ok(()) => Ok(run.done()),
            Err((statement, trouble)) => Err(run.fail(statement, 0, trouble)),
        }
    }

    /// Commits what shares a transaction, if the right to write is still held.
    pub fn close_shared(&mut self, connection: &mut Connection) -> Result<(), UnitFailure> {
        let closed = self
            .guard()
            .fence(connection)
            .and_then(|()| connection.query("COMMIT").map(drop));
        closed.map_err(|error| UnitFailure::of(error.into(), None, 0, None))
    }

    /// Within that transaction: a place that can be gone back to.
    pub fn mark_shared(&mut self, connection: &mut Connection) -> Result<(), Error> {
        connection.query("SAVEPOINT realign_unit").map(drop)
    }

    /// Goes back to that place, or forgets it.
    pub fn leave_mark(&mut self, connection: &mut Connection, back: bool) -> Result<(), Error> {
        if back {
            connection.query("ROLLBACK TO SAVEPOINT realign_unit")?;
        }
        connection.query("RELEASE SAVEPOINT realign_unit").map(drop)
    }

    /// Writes down in one commit that the next unit is left out, with this record of it, whatever
    /// has been written of its statements before.
    pub fn leave_out(
        &mut self,
        connection: &mut Connection,
        mut records: Vec<String>,
    ) -> Result<(), Error> {
        records.push(self.unit_done());
        let opening = vec![self.guard().site().book().begin().to_owned()];
        let written = self.guard().commit(connection, opening, &records);
        if written.is_err() {
            // The server may have done it by itself.
            let _ = connection.run("ROLLBACK");
        } else {
            self.next_unit();
        }
        written
    }

    /// Takes back what shares a transaction; the server may have done it by itself.
    pub fn undo_shared(&mut self, connection: &mut Connection) {
        let _ = connection.run("ROLLBACK");
    }
}

impl UnitFailure {
    fn of(
        trouble: Trouble,
        place: Option<usize>,
        standing: usize,
        statement: Option<&UnitStatement>,
    ) -> Self {
        let lost = matches!(trouble, Trouble::Lost(_));
        let mut signal = None;
        let refusal = match &trouble {
            Trouble::Refused(refusal) => Some(refusal),
            Trouble::Other(_) | Trouble::Lost(_) | Trouble::Stopped(_) => None,
        };
        let origin = statement.map_or(Origin::None, |statement| statement.place(refusal));
        let mut error = match trouble {
            Trouble::Refused(refusal) => Error::refused(refusal),
            Trouble::Other(error) => *error,
            Trouble::Lost(error) => error.with_help(LOOKS),
            Trouble::Stopped(number) => {
                signal = Some(number);
                let name = signal_name(number);
                let at = place.map_or_else(String::new, |at| format!(" at statement {}", at + 1));
                Error::new(ErrorKind::Stopped(number), format!("stopped by {name}{at}"))
                    .with_help("run the same command again: it goes on where it stopped")
            }
        };
        if let Some(statement) = statement
            && signal.is_none()
        {
            if origin != Origin::None {
                error = error.with_note(format!("at {origin}"));
            }
            if !error.notes.iter().any(|note| note.contains(&statement.sql)) {
                error = error.with_note(statement_note(&statement.sql));
            }
        }
        Self {
            error: Box::new(error),
            statement: place.map(|at| at + 1),
            standing,
            signal,
            lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_took_is_a_number_or_is_counted_on() {
        let time = Duration::from_micros(12_900);
        assert_eq!(Took::Known(time).sql(), "12");
        assert_eq!(Took::Counted(time, "clock()").sql(), "12 + clock()");
        assert_eq!(Took::Shared("clock()", 3).sql(), "clock() / 3");
    }
}
