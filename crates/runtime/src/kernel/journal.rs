//! The record of one run, statement by statement.

use std::fmt::Write as _;

use realign_planner::{Nature, RUNS_TABLE, StatementKind};
use serde::{Deserialize, Serialize};

use super::ahead::Upcoming;
use super::leftovers::{clean, unfinished};
use super::records::{fenced, insert, now, optional, write_work};
use super::runs::{self, RunKind, RunOutcome, RunRow};
use super::settle::{Settled, effects_hold, settle};
use super::snapshot::{Seen, snapshot};
use super::{Guard, Site};
use crate::{Connection, Error, ErrorKind, SqlError};

/// A statement that is about to run where its end can't be recorded in its own commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its unit.
    pub unit: usize,
    /// Its number within the unit; the first is 0.
    pub part: usize,
    /// What is sent.
    pub sql: String,
    /// What the catalogue showed of the objects it touches: a checksum. None when nothing that
    /// it changes can be looked at.
    pub before: Option<String>,
    /// It does nothing but make objects, and none of them was there.
    #[serde(default)]
    pub absent: bool,
    /// What an earlier try had left of the objects it touches: it is not this one's.
    #[serde(default)]
    pub unfinished: Vec<String>,
    /// It changes rows that take no part in transactions.
    #[serde(default)]
    pub rows: bool,
    /// Which try of this run it is: no two records are the same.
    #[serde(default)]
    pub attempt: u32,
}

/// What stands of a statement that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// All of it: it was cancelled too late, or what was left to do has been done.
    Everything,
    /// Nobody can know; it stays open.
    Unknown,
}

/// What a statement needs around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// It commits by itself, or can't be in a transaction.
    Open,
    /// It gets a transaction with its record.
    Transaction,
    /// It leaves nothing behind.
    Plain,
}

/// The record of one run.
#[derive(Debug)]
pub struct Journal<'g> {
    pub(super) guard: &'g Guard,
    pub(super) id: i64,
    pub(super) unit: usize,
    done: usize,
    pub(super) open: Option<Intent>,
    /// The open statement has been written down with the end of the unit before, and was not sent.
    pub(super) ahead: bool,
    /// The unit after the one that runs.
    pub(super) upcoming: Option<Upcoming>,
    /// A query that shows what that one's first statement changes, and its answer.
    pub(super) seen: Option<Seen>,
    pub(super) attempts: u32,
    /// Time limits that are settings of a transaction: what each of its own begins with.
    pub(super) limits: Vec<String>,
    /// The settings without which names of Realign's own tables may lead elsewhere by now.
    pub(super) names: &'static [&'static str],
    running: Option<Mode>,
    /// The statements of the unit that begins, written down with its first record.
    fresh: Option<(String, Option<String>)>,
    /// What the run did, where that is not what it was to do.
    did: Option<String>,
}

impl<'g> Journal<'g> {
    /// Begins a run: its row is there before its first statement. `work` is what it is to do,
    /// in words that its kind reads again.
    ///
    /// Rows of runs that were killed and left nothing to go on with are closed: who holds the
    /// lock knows that nobody else is at work.
    pub fn begin(
        guard: &'g Guard,
        connection: &mut Connection,
        kind: RunKind,
        work: Option<&str>,
    ) -> Result<Self, Error> {
        connection.commits_often();
        runs::prepare(connection, guard.site())?;
        guard.watched(connection, false)?;
        let id = fenced(guard, connection, |connection| {
            insert(guard, connection, kind, work)
        })?;
        Ok(Self::at(guard, id, 0, 0))
    }

    /// Goes on with a run from this place. `work` is what it is to do now, where that is not what
    /// it wrote down when it began.
    pub fn resume(
        guard: &'g Guard,
        connection: &mut Connection,
        row: &RunRow,
        (unit, done): (usize, usize),
        work: Option<&str>,
    ) -> Result<Self, Error> {
        let site = guard.site();
        let book = site.book();
        let owner = serde_json::to_string(guard.owner()).unwrap_or_default();
        let sql = format!(
            "UPDATE {RUNS_TABLE} SET owner = {}, outcome = {}, error = NULL, finished = NULL, \
             unit = {unit}, done = {done}, open = NULL WHERE id = {}",
            book.text(&owner),
            book.text(RunOutcome::Running.word()),
            row.id
        );
        connection.commits_often();
        guard.watched(connection, false)?;
        fenced(guard, connection, |connection| {
            connection.query(&sql)?;
            match work {
                Some(work) => write_work(site, connection, row.id, work),
                None => Ok(()),
            }
        })?;
        Ok(Self::at(guard, row.id, unit, done))
    }

    fn at(guard: &'g Guard, id: i64, unit: usize, done: usize) -> Self {
        Self {
            guard,
            id,
            unit,
            done,
            open: None,
            ahead: false,
            upcoming: None,
            seen: None,
            attempts: 0,
            limits: Vec::new(),
            names: &[],
            running: None,
            fresh: None,
            did: None,
        }
    }

    /// What the run did, where that is not what it was to do; written down with its end.
    pub fn did(&mut self, work: String) {
        self.did = Some(work);
    }

    /// The lock that it stands under.
    pub fn guard(&self) -> &'g Guard {
        self.guard
    }

    /// The number of its run.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// How many units are done, and how many statements of the next.
    pub fn position(&self) -> (usize, usize) {
        (self.unit, self.done)
    }

    /// A unit begins: its name, and its statements as its kind writes them down.
    pub fn begin_unit(&mut self, name: &str, work: Option<String>) {
        // With its first statement its name has been written down as well.
        self.fresh = (!self.ahead).then(|| (name.to_owned(), work));
    }

    /// Before a statement that runs on its own: what has to be known of it if nobody hears how
    /// it ended.
    pub fn before(
        &mut self,
        connection: &mut Connection,
        part: usize,
        sql: &str,
        nature: &Nature,
    ) -> Result<(), Error> {
        self.guard.check()?;
        let mode = self.mode(connection, nature)?;
        match mode {
            Mode::Open if self.is_written(connection, part, sql)? => self.guard.steady()?,
            Mode::Plain => {}
            Mode::Transaction => {
                let mut opening = vec![self.site().book().begin().to_owned()];
                opening.extend_from_slice(&self.limits);
                connection.query_all(&opening)?;
            }
            Mode::Open => {
                let rows = nature.kind == StatementKind::Data;
                let before = if rows {
                    None
                } else {
                    snapshot(connection, self.site(), nature, None)?
                };
                let unfinished = unfinished(connection, self.site(), &nature.touches)?;
                self.guard.steady()?;
                self.attempts += 1;
                let intent = Intent {
                    unit: self.unit,
                    part,
                    sql: sql.to_owned(),
                    absent: before.as_ref().is_some_and(|shown| shown.absent),
                    before: before.map(|shown| shown.sum),
                    unfinished,
                    rows,
                    attempt: self.attempts,
                };
                self.done = part;
                let open = serde_json::to_string(&intent).unwrap_or_default();
                self.write(connection, Some(&open))?;
                self.open = Some(intent);
            }
        }
        self.running = Some(mode);
        // The last look before the statement is sent: a process that was halted in between
        // learns here that its time is over.
        self.guard.check()
    }

    /// After a statement that ran: where it has a transaction, its record and the commit.
    pub fn after(&mut self, connection: &mut Connection, part: usize) -> Result<(), Error> {
        let running = self.running.take();
        // While nothing is written of its unit, a run that fails behind it begins with it again.
        if running == Some(Mode::Plain) && self.fresh.is_some() {
            return Ok(());
        }
        self.done = part + 1;
        match running {
            Some(Mode::Transaction) => {
                self.open = None;
                let ended = self
                    .find_own(connection)
                    .and_then(|()| self.guard.fence(connection))
                    .and_then(|()| self.written(connection, None, &[]))
                    .and_then(|()| connection.query("COMMIT").map(|_| ()));
                if ended.is_err() {
                    self.done = part;
                    // The server may have ended it by itself.
                    let _ = connection.run("ROLLBACK");
                }
                ended
            }
            // Said with the next record, so that one commit tells of both.
            Some(Mode::Open | Mode::Plain) | None => Ok(()),
        }
    }

    /// After a statement that was refused: what stands of it. What a failed try has left behind
    /// is taken away.
    pub fn refused(
        &mut self,
        connection: &mut Connection,
        nature: &Nature,
        refusal: &SqlError,
    ) -> Result<Standing, Error> {
        let site = self.site();
        match self.running.take() {
            Some(Mode::Transaction) => {
                // The server may have ended it by itself.
                let _ = connection.run("ROLLBACK")?;
                return Ok(Standing::Nothing);
            }
            Some(Mode::Plain) | None => return Ok(Standing::Nothing),
            Some(Mode::Open) => {}
        }
        // Of such rows some may be changed and others not, whatever it was refused for.
        let asks = |intent: &&Intent| refusal.interrupted || intent.rows;
        let stands = if let Some(intent) = self.open.as_ref().filter(asks) {
            // It was cancelled, and that may have been too late.
            match settle(connection, site, intent, nature)? {
                Settled::Ran => Standing::Everything,
                Settled::DidNotRun | Settled::Undone(_) => Standing::Nothing,
                Settled::Unknown(_) => return Ok(Standing::Unknown),
            }
        } else {
            let before = self
                .open
                .as_ref()
                .map(|intent| intent.unfinished.as_slice());
            let cleaned = clean(
                connection,
                site,
                &nature.touches,
                before.unwrap_or_default(),
            )?;
            if cleaned && effects_hold(connection, site, &nature.effects)? {
                Standing::Everything
            } else {
                Standing::Nothing
            }
        };
        if stands == Standing::Nothing {
            self.open = None;
        }
        Ok(stands)
    }

    /// The record of a unit that is done, for the transaction that it is done in.
    pub(super) fn unit_done(&self) -> String {
        format!(
            "UPDATE {RUNS_TABLE} SET unit = {}, done = 0, open = NULL, unit_name = NULL, \
             unit_work = NULL WHERE id = {}",
            self.unit + 1,
            self.id
        )
    }

    /// A unit is done, and the commit with its record as well.
    pub fn next_unit(&mut self) {
        self.unit += 1;
        self.done = 0;
        self.open = None;
        self.ahead = false;
        self.fresh = None;
    }

    /// The transaction of all its units was taken back: nothing of them stands.
    pub fn taken_back(&mut self) {
        self.unit = 0;
        self.done = 0;
        self.open = None;
        self.ahead = false;
        self.fresh = None;
    }

    /// How many statements of the unit will be done with the commit of this transaction.
    pub(super) fn progress(&self, done: usize) -> String {
        self.sql(done, None)
    }

    /// The commit of that transaction has come.
    pub(super) fn reached(&mut self, done: usize) {
        self.done = done;
        self.open = None;
        self.fresh = None;
    }

    /// The end of the run, for the transaction that it ends in.
    pub fn ending(&self, outcome: RunOutcome, error: Option<&str>) -> String {
        let site = self.site();
        let book = site.book();
        let mut sql = format!(
            "UPDATE {RUNS_TABLE} SET outcome = {}, error = {}, finished = {}",
            book.text(outcome.word()),
            optional(site, error),
            book.text(&now()),
        );
        if outcome == RunOutcome::Done {
            // What it was to do stays: the history shows it.
            sql.push_str(", unit_work = NULL, unit_name = NULL, done = 0, open = NULL");
            let _ = write!(sql, ", unit = {}", self.unit);
            if let Some(did) = &self.did {
                let _ = write!(sql, ", work = {}", book.text(did));
            }
        } else {
            let _ = write!(sql, ", unit = {}, done = {}", self.unit, self.done);
            let ran = |open: &Intent| (open.unit, open.part) < (self.unit, self.done);
            if self.ahead || self.open.as_ref().is_none_or(ran) {
                sql.push_str(", open = NULL");
            }
        }
        let _ = write!(sql, " WHERE id = {}", self.id);
        sql
    }

    /// Ends the run. One that lost its lock has nothing to say about it.
    pub fn end(
        self,
        connection: &mut Connection,
        outcome: RunOutcome,
        error: Option<&str>,
    ) -> Result<(), Error> {
        let sql = format!("{}{}", self.ending(outcome, error), self.guard.condition());
        connection.query(&sql)?;
        self.guard.watched(connection, true)
    }

    pub(super) fn site(&self) -> &'g Site {
        self.guard.site()
    }

    fn mode(&self, connection: &mut Connection, nature: &Nature) -> Result<Mode, Error> {
        Ok(match nature.kind {
            StatementKind::Session | StatementKind::Query | StatementKind::Transaction => {
                Mode::Plain
            }
            _ if nature.commits || nature.alone => Mode::Open,
            StatementKind::Data => {
                let unsafe_tables = match self.site().book().unsafe_tables(&nature.touches) {
                    None => false,
                    Some(query) => !connection.query(&query)?.rows.is_empty(),
                };
                if unsafe_tables {
                    Mode::Open
                } else {
                    Mode::Transaction
                }
            }
            StatementKind::Definition | StatementKind::Other => Mode::Transaction,
        })
    }

    fn sql(&self, done: usize, open: Option<&str>) -> String {
        let site = self.site();
        let mut sql = format!(
            "UPDATE {RUNS_TABLE} SET unit = {}, done = {done}, open = {}",
            self.unit,
            optional(site, open)
        );
        if let Some((name, work)) = &self.fresh {
            let _ = write!(
                sql,
                ", unit_name = {}, unit_work = {}",
                site.book().text(name),
                optional(site, work.as_deref())
            );
        }
        let _ = write!(sql, " WHERE id = {}{}", self.id, self.guard.condition());
        sql
    }

    /// Within a transaction: names of Realign's own tables lead to them.
    fn find_own(&self, connection: &mut Connection) -> Result<(), Error> {
        let mut settings = self.names.iter();
        settings.try_for_each(|setting| connection.query(setting).map(drop))
    }

    /// One record. No row changed means that the lock is another's by now.
    pub(super) fn write(
        &mut self,
        connection: &mut Connection,
        open: Option<&str>,
    ) -> Result<(), Error> {
        self.written(connection, open, self.names)
    }

    /// The same; with these names in a transaction of its own.
    fn written(
        &mut self,
        connection: &mut Connection,
        open: Option<&str>,
        names: &[&str],
    ) -> Result<(), Error> {
        let sql = self.sql(self.done, open);
        self.ahead = false;
        let book = self.site().book();
        let written = if names.is_empty() {
            connection.run(&sql)?
        } else {
            let opening = std::iter::once(book.begin()).chain(names.iter().copied());
            let opening: Vec<String> = opening.map(str::to_owned).collect();
            let written = connection.run_between(&opening, &sql, &["COMMIT".to_owned()])?;
            if written.is_err() {
                let _ = connection.run("ROLLBACK")?;
            }
            written
        };
        match written {
            Ok(answer) if answer.affected == 1 => {
                self.fresh = None;
                Ok(())
            }
            Ok(_) => Err(self.guard.lost()),
            Err(refusal) => Err(Error::sql(&sql, refusal)),
        }
    }
}

/// The error of a statement that can't be in the transaction of others.
pub(super) fn refused_transaction(name: &str) -> Error {
    Error::new(
        ErrorKind::Failed,
        format!("{name} ends its transaction itself, which would tear its record from its work"),
    )
    .with_help("take ROLLBACK out of it, or write `-- realign:transaction off`")
}
