//! The record of one run, statement by statement.

use std::fmt::Write as _;

use realign_planner::{Nature, ObjectRef, RUNS_TABLE, StatementKind, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::runs::{self, RunKind, RunOutcome, RunRow};
use super::{Guard, Site};
use crate::{Connection, Error, ErrorKind};

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
    /// It changes rows that take no part in transactions.
    #[serde(default)]
    pub rows: bool,
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
    guard: &'g Guard,
    id: i64,
    unit: usize,
    done: usize,
    open: bool,
    running: Option<Mode>,
    /// The statements of the unit that begins, written down with its first record.
    fresh: Option<(String, Option<String>)>,
}

impl<'g> Journal<'g> {
    /// Begins a run: its row is there before its first statement. `work` is what it is to do,
    /// in words that its kind reads again.
    pub fn begin(
        guard: &'g Guard,
        connection: &mut Connection,
        kind: RunKind,
        work: Option<&str>,
    ) -> Result<Self, Error> {
        let site = guard.site();
        runs::prepare(connection, site)?;
        let last = connection
            .scalar(&format!("SELECT MAX(id) FROM {RUNS_TABLE}"))?
            .as_int()
            .unwrap_or(0);
        let id = last + 1;
        let book = site.book();
        let owner = serde_json::to_string(guard.owner()).unwrap_or_default();
        let mut chunks = work.into_iter().flat_map(chunks);
        connection.query(&format!(
            "INSERT INTO {RUNS_TABLE} (id, kind, command, owner, started, outcome, work, unit, done) \
             VALUES ({id}, {}, {}, {}, {}, {}, {}, 0, 0)",
            book.text(kind.word()),
            book.text(&guard.owner().command),
            book.text(&owner),
            book.text(&now()),
            book.text(RunOutcome::Running.word()),
            optional(site, chunks.next()),
        ))?;
        for chunk in chunks {
            connection.query(&format!(
                "UPDATE {RUNS_TABLE} SET work = {} WHERE id = {id}",
                book.joined("work", &book.text(chunk))
            ))?;
        }
        Ok(Self::at(guard, id, 0, 0))
    }

    /// A run that is one transaction of definitions: whatever happens, all of it stands or
    /// nothing, so there is nothing to write down that its own result does not say.
    pub fn unwritten(guard: &'g Guard) -> Self {
        Self::at(guard, 0, 0, 0)
    }

    /// Goes on with a run from this place.
    pub fn resume(
        guard: &'g Guard,
        connection: &mut Connection,
        row: &RunRow,
        unit: usize,
        done: usize,
    ) -> Result<Self, Error> {
        let site = guard.site();
        let book = site.book();
        let owner = serde_json::to_string(guard.owner()).unwrap_or_default();
        let journal = Self::at(guard, row.id, unit, done);
        connection.query(&format!(
            "UPDATE {RUNS_TABLE} SET owner = {}, outcome = {}, error = NULL, finished = NULL, \
             unit = {unit}, done = {done}, open = NULL WHERE id = {}",
            book.text(&owner),
            book.text(RunOutcome::Running.word()),
            row.id
        ))?;
        Ok(journal)
    }

    fn at(guard: &'g Guard, id: i64, unit: usize, done: usize) -> Self {
        Self {
            guard,
            id,
            unit,
            done,
            open: false,
            running: None,
            fresh: None,
        }
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
        self.fresh = Some((name.to_owned(), work));
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
            Mode::Plain => {}
            Mode::Transaction => {
                connection.query(self.site().book().begin())?;
            }
            Mode::Open => {
                let rows = nature.kind == StatementKind::Data;
                let before = if rows {
                    None
                } else {
                    snapshot(connection, self.site(), &nature.touches)?
                };
                let intent = Intent {
                    unit: self.unit,
                    part,
                    sql: sql.to_owned(),
                    before,
                    rows,
                };
                self.done = part;
                self.open = true;
                let open = serde_json::to_string(&intent).unwrap_or_default();
                self.write(connection, Some(&open))?;
            }
        }
        self.running = Some(mode);
        Ok(())
    }

    /// After a statement that ran: where it has a transaction, its record and the commit.
    pub fn after(&mut self, connection: &mut Connection, part: usize) -> Result<(), Error> {
        self.done = part + 1;
        match self.running.take() {
            Some(Mode::Transaction) => {
                self.open = false;
                self.write(connection, None)?;
                connection.query("COMMIT")?;
            }
            // Said with the next record, so that one commit tells of both.
            Some(Mode::Open | Mode::Plain) | None => {}
        }
        Ok(())
    }

    /// After a statement that was refused: nothing of it is open any more.
    pub fn refused(&mut self, connection: &mut Connection) {
        if let Some(Mode::Transaction) = self.running.take() {
            // The server may have ended it by itself.
            let _ = connection.run("ROLLBACK");
        }
        self.open = false;
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
        self.open = false;
        self.fresh = None;
    }

    /// How many statements of the unit will be done with the commit of this transaction.
    pub(super) fn progress(&self, done: usize) -> String {
        self.sql(done, None)
    }

    /// The commit of that transaction has come.
    pub(super) fn reached(&mut self, done: usize) {
        self.done = done;
        self.open = false;
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
            // What it was to do is of no use any more, and may be long.
            sql.push_str(
                ", unit_work = NULL, work = NULL, unit_name = NULL, done = 0, open = NULL",
            );
            let _ = write!(sql, ", unit = {}", self.unit);
        } else {
            let _ = write!(sql, ", unit = {}, done = {}", self.unit, self.done);
            if !self.open {
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
        connection.query(&sql).map(|_| ())
    }

    fn site(&self) -> &'g Site {
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

    /// One record. No row changed means that the lock is another's by now.
    fn write(&mut self, connection: &mut Connection, open: Option<&str>) -> Result<(), Error> {
        let sql = self.sql(self.done, open);
        match connection.run(&sql)? {
            Ok(answer) if answer.affected == 1 => {
                self.fresh = None;
                Ok(())
            }
            Ok(_) => Err(self.guard.lost()),
            Err(refusal) => Err(Error::sql(&sql, refusal)),
        }
    }
}

/// How much of a long text one statement carries: servers take no packet of any size.
const CHUNK: usize = 512 * 1024;

/// A text in parts of about that size.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len().min(CHUNK);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (chunk, after) = rest.split_at(end);
        rest = after;
        Some(chunk)
    })
}

/// What the catalogue shows of these objects, as a checksum; none when none of them can be
/// looked at.
pub(super) fn snapshot(
    connection: &mut Connection,
    site: &Site,
    objects: &[ObjectRef],
) -> Result<Option<String>, Error> {
    let book = site.book();
    let mut digest = Sha256::new();
    let mut looked = false;
    for object in objects {
        for query in book.definition(object, &site.facts) {
            looked = true;
            digest.update(query.as_bytes());
            match connection.run(&query)? {
                Ok(answer) => {
                    for value in answer.rows.rows.iter().flatten() {
                        digest.update(match value {
                            Value::Text(text) => book.plain_definition(text),
                            other => other.display(),
                        });
                        digest.update([0]);
                    }
                }
                // It is not there, or it is another kind of object.
                Err(refusal) => digest.update(refusal.code),
            }
            digest.update([1]);
        }
    }
    if !looked {
        return Ok(None);
    }
    let mut text = String::new();
    for byte in digest.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(Some(text))
}

pub(super) fn optional(site: &Site, text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), |text| site.book().text(text))
}

pub(super) fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// The error of a statement that can't be in the transaction of others.
pub(super) fn refused_transaction(name: &str) -> Error {
    Error::new(
        ErrorKind::Failed,
        format!("{name} ends its transaction itself, which would tear its record from its work"),
    )
    .with_help("take ROLLBACK out of it, or write `-- realign:transaction off`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_comes_in_parts() {
        let text = "é".repeat(CHUNK);
        let parts: Vec<&str> = chunks(&text).collect();
        assert!(parts.len() >= 2);
        assert_eq!(parts.concat(), text);
        assert_eq!(chunks("").count(), 0);
    }
}
