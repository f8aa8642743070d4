//! Running a unit: the statements of one migration, cut into the largest transactions that the
//! engine and the statements allow, with its record in the commit of the last.

use std::ops::Range;
use std::time::{Duration, Instant};

use realign_model::Origin;
use realign_planner::{Nature, StatementKind};

use super::Journal;
use super::journal::refused_transaction;
use crate::{Answer, Connection, Error, ErrorKind, ServerWarning, SqlError, Stop};

/// How often a statement is tried that others stand in the way of.
const TRIES: u32 = 3;
/// How long is waited between two tries, times the number of tries.
const PAUSE: Duration = Duration::from_millis(500);

/// A statement of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitStatement {
    /// What is sent.
    pub sql: String,
    /// How it can be run.
    pub nature: Nature,
    /// Where it stands.
    pub origin: Origin,
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
            Self::Lost(Box::new(error))
        } else {
            Self::Other(Box::new(error))
        }
    }
}

/// Statements that are run in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// In one transaction.
    Together(Range<usize>),
    /// On its own.
    Alone(usize),
}

/// The record of a unit: given what it took, the statements that write it down.
pub type Record<'a> = &'a mut dyn FnMut(Duration) -> Vec<String>;

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
        let mut run = UnitRun {
            journal: self,
            connection,
            unit,
            watch,
            stop,
            began: Instant::now(),
            sent: 0,
        };
        run.whole(from, record)?;
        Ok(UnitDone {
            statements: run.sent,
            elapsed: run.began.elapsed(),
        })
    }

    /// Runs units in one transaction with all their records: everything or nothing.
    pub fn all_or_nothing(
        &mut self,
        connection: &mut Connection,
        units: &[Unit],
        record: &mut dyn FnMut(usize, Duration) -> Vec<String>,
        watch: &mut dyn FnMut(usize, &UnitEvent<'_>),
        stop: &Stop,
    ) -> Result<Vec<UnitDone>, (usize, UnitFailure)> {
        let mut done = Vec::with_capacity(units.len());
        let Some(first) = units.first() else {
            return Ok(done);
        };
        let begin = |journal: &mut Self, connection: &mut Connection| -> Result<(), Trouble> {
            journal.guard().check()?;
            connection.query(journal.guard().site().book().begin())?;
            Ok(())
        };
        let simple = |trouble: Trouble| UnitFailure::of(trouble, None, 0, None);
        begin(self, connection).map_err(|trouble| (0, simple(trouble)))?;
        for (at, unit) in units.iter().enumerate() {
            let mut watch = |event: &UnitEvent<'_>| watch(at, event);
            let mut run = UnitRun {
                journal: self,
                connection,
                unit,
                watch: &mut watch,
                stop,
                began: Instant::now(),
                sent: 0,
            };
            let outcome = run
                .limits()
                .map_err(|trouble| (None, trouble))
                .and_then(|()| run.inside(0..unit.statements.len()))
                .and_then(|()| {
                    let records = record(at, run.began.elapsed());
                    run.records(&records).map_err(|trouble| (None, trouble))
                });
            if let Err((statement, trouble)) = outcome {
                let failure = run.fail(statement, 0, trouble);
                return Err((at, failure));
            }
            done.push(UnitDone {
                statements: run.sent,
                elapsed: run.began.elapsed(),
            });
        }
        let commit = || -> Result<(), Trouble> {
            self.guard().fence(connection)?;
            connection.query("COMMIT")?;
            Ok(())
        }();
        if let Err(trouble) = commit {
            let mut failure = simple(trouble);
            if !failure.lost {
                let _ = connection.run("ROLLBACK");
            }
            failure.error.notes.push(format!(
                "nothing stands: all from {} on is one transaction",
                first.name
            ));
            return Err((units.len() - 1, failure));
        }
        Ok(done)
    }
}

struct UnitRun<'j, 'g, 'a> {
    journal: &'j mut Journal<'g>,
    connection: &'a mut Connection,
    unit: &'a Unit,
    watch: &'a mut dyn FnMut(&UnitEvent<'_>),
    stop: &'a Stop,
    began: Instant,
    sent: usize,
}

/// Where it went wrong, and what.
type Stumble = (Option<usize>, Trouble);

impl UnitRun<'_, '_, '_> {
    fn whole(&mut self, from: usize, record: Record<'_>) -> Result<(), UnitFailure> {
        let segments = segments(self.unit, from)
            .map_err(|error| UnitFailure::of(Trouble::Other(Box::new(error)), None, from, None))?;
        if !self
            .journal
            .guard()
            .site()
            .book()
            .transactional_definitions()
        {
            self.limits()
                .map_err(|trouble| self.fail(None, from, trouble))?;
        }
        self.session(from)
            .map_err(|(at, trouble)| self.fail(at, from, trouble))?;
        let last = segments.len().saturating_sub(1);
        let mut standing = from;
        let mut recorded = false;
        for (at, segment) in segments.iter().enumerate() {
            match segment {
                Segment::Together(range) => {
                    let ends = at == last;
                    self.together(range, ends, record)
                        .map_err(|(place, trouble)| self.fail(place, standing, trouble))?;
                    standing = range.end;
                    recorded = ends;
                }
                Segment::Alone(index) => {
                    self.alone(*index)
                        .map_err(|trouble| self.fail(Some(*index), standing, trouble))?;
                    standing = index + 1;
                }
            }
        }
        if !recorded {
            let end = self.unit.statements.len();
            self.together(&(end..end), true, record)
                .map_err(|(place, trouble)| self.fail(place, standing, trouble))?;
        }
        Ok(())
    }

    /// Settings of the session that an earlier run had made before the place it stopped at.
    fn session(&mut self, from: usize) -> Result<(), Stumble> {
        for index in 0..from.min(self.unit.statements.len()) {
            let statement = &self.unit.statements[index];
            if statement.nature.kind == StatementKind::Session {
                self.connection
                    .query(&statement.sql)
                    .map_err(|error| (Some(index), error.into()))?;
            }
        }
        Ok(())
    }

    fn limits(&mut self) -> Result<(), Trouble> {
        let site = self.journal.guard().site();
        let limits = site.book().limits(
            self.unit.lock_timeout,
            self.unit.statement_timeout,
            &site.facts,
        );
        for limit in limits {
            self.connection.query(&limit)?;
        }
        Ok(())
    }

    /// One transaction, tried again as a whole when others stood in its way.
    fn together(
        &mut self,
        range: &Range<usize>,
        ends: bool,
        record: Record<'_>,
    ) -> Result<(), Stumble> {
        let mut tries = 1;
        loop {
            let sent = self.sent;
            match self.once(range, ends, record) {
                Ok(()) => return Ok(()),
                Err((place, Trouble::Refused(refusal)))
                    if refusal.retryable && tries < TRIES && self.stop.signal().is_none() =>
                {
                    self.rollback();
                    self.sent = sent;
                    self.wait(place.unwrap_or(range.start), &refusal, tries)
                        .map_err(|trouble| (place, trouble))?;
                    tries += 1;
                }
                Err((place, trouble)) => {
                    if !matches!(trouble, Trouble::Lost(_)) {
                        self.rollback();
                    }
                    return Err((place, trouble));
                }
            }
        }
    }

    fn once(
        &mut self,
        range: &Range<usize>,
        ends: bool,
        record: Record<'_>,
    ) -> Result<(), Stumble> {
        let plain = |error: Error| (None, Trouble::from(error));
        let guard = self.journal.guard();
        let book = guard.site().book();
        guard.check().map_err(plain)?;
        self.connection.query(book.begin()).map_err(plain)?;
        if book.transactional_definitions() {
            self.limits().map_err(|trouble| (None, trouble))?;
        }
        self.inside(range.clone())?;
        guard.fence(self.connection).map_err(plain)?;
        let records = if ends {
            let mut records = record(self.began.elapsed());
            // A unit that is one transaction leaves no trace of its way in the journal.
            if range.start > 0 || self.journal.position().1 > 0 {
                records.push(self.journal.unit_done());
            }
            records
        } else {
            vec![self.journal.progress(range.end)]
        };
        let outcome = self
            .records(&records)
            .and_then(|()| self.connection.query("COMMIT").map_err(Trouble::from));
        outcome.map_err(|trouble| (None, trouble))?;
        if ends {
            self.journal.next_unit();
        } else {
            self.journal.reached(range.end);
        }
        Ok(())
    }

    fn records(&mut self, records: &[String]) -> Result<(), Trouble> {
        for sql in records {
            self.connection.query(sql)?;
        }
        Ok(())
    }

    /// Statements within a transaction that is open.
    fn inside(&mut self, range: Range<usize>) -> Result<(), Stumble> {
        for index in range {
            let statement = &self.unit.statements[index];
            if is_bracket(&statement.sql, statement.nature.kind) {
                continue;
            }
            if let Some(signal) = self.stop.signal() {
                return Err((Some(index), Trouble::Stopped(signal)));
            }
            self.send(index, "")
                .map_err(|trouble| (Some(index), trouble))?;
        }
        Ok(())
    }

    /// A statement on its own, with what has to be known if nobody hears how it ended.
    fn alone(&mut self, index: usize) -> Result<(), Trouble> {
        let statement = &self.unit.statements[index];
        let guard = self.journal.guard();
        let mark = guard.site().book().mark_statement(guard.token());
        let mut tries = 1;
        loop {
            if let Some(signal) = self.stop.signal() {
                return Err(Trouble::Stopped(signal));
            }
            self.journal
                .before(self.connection, index, &statement.sql, &statement.nature)?;
            match self.send(index, &mark) {
                Ok(()) => {
                    self.journal.after(self.connection, index)?;
                    return Ok(());
                }
                Err(Trouble::Refused(refusal)) => {
                    self.journal.refused(self.connection);
                    super::settle::clean(self.connection, guard.site(), &statement.nature.touches)?;
                    if !refusal.retryable || tries == TRIES || self.stop.signal().is_some() {
                        return Err(Trouble::Refused(refusal));
                    }
                    self.wait(index, &refusal, tries)?;
                    tries += 1;
                }
                Err(trouble) => return Err(trouble),
            }
        }
    }

    fn send(&mut self, index: usize, mark: &str) -> Result<(), Trouble> {
        let unit = self.unit;
        let statement = &unit.statements[index];
        let number = index + 1;
        (self.watch)(&UnitEvent::Started {
            number,
            total: unit.statements.len(),
            statement,
        });
        let began = Instant::now();
        let guard = self.journal.guard();
        guard.limit(unit.statement_timeout);
        let ran = if mark.is_empty() {
            self.connection.run(&statement.sql)
        } else {
            self.connection.run(&format!("{mark}{}", statement.sql))
        };
        guard.limit(None);
        let Answer {
            affected, warnings, ..
        } = ran?.map_err(Trouble::Refused)?;
        self.sent += 1;
        for warning in &warnings {
            (self.watch)(&UnitEvent::Warned { number, warning });
        }
        (self.watch)(&UnitEvent::Finished {
            number,
            statement,
            affected,
            elapsed: began.elapsed(),
        });
        Ok(())
    }

    /// Says who stands in the way, and waits.
    fn wait(&mut self, index: usize, refusal: &SqlError, tries: u32) -> Result<(), Trouble> {
        let blockers = self.blockers(index)?;
        (self.watch)(&UnitEvent::Waiting {
            number: index + 1,
            refusal,
            blockers: &blockers,
        });
        std::thread::sleep(PAUSE * tries);
        self.journal.guard().check()?;
        Ok(())
    }

    fn blockers(&mut self, index: usize) -> Result<Vec<String>, Error> {
        let Some(statement) = self.unit.statements.get(index) else {
            return Ok(Vec::new());
        };
        let book = self.journal.guard().site().book();
        let Some(query) = book.blockers(&statement.nature.touches) else {
            return Ok(Vec::new());
        };
        // Without the right to ask, nobody is named.
        let Ok(answer) = self.connection.run(&query)? else {
            return Ok(Vec::new());
        };
        Ok(answer
            .rows
            .rows
            .iter()
            .map(|row| {
                let mut words = row.iter().map(realign_planner::Value::display);
                let id = words.next().unwrap_or_default();
                format!("session {id}: {}", words.collect::<Vec<_>>().join(" "))
            })
            .collect())
    }

    fn rollback(&mut self) {
        // The server may have done it by itself.
        let _ = self.connection.run("ROLLBACK");
    }

    /// Says what stands.
    fn fail(&mut self, place: Option<usize>, standing: usize, trouble: Trouble) -> UnitFailure {
        let blockers = match &trouble {
            Trouble::Refused(refusal) if refusal.retryable => {
                self.blockers(place.unwrap_or(0)).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let statement = place.and_then(|at| self.unit.statements.get(at));
        let mut failure = UnitFailure::of(trouble, place, standing, statement);
        failure.error.notes.extend(
            blockers
                .into_iter()
                .map(|line| format!("in the way: {line}")),
        );
        failure
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
        let mut error = match trouble {
            Trouble::Refused(refusal) => {
                Error::new(ErrorKind::Refused, refusal.to_string()).with_source(refusal)
            }
            Trouble::Other(error) | Trouble::Lost(error) => *error,
            Trouble::Stopped(number) => {
                signal = Some(number);
                Error::new(ErrorKind::Stopped(number), "stopped by a signal")
            }
        };
        if let Some(statement) = statement
            && signal.is_none()
        {
            if statement.origin != Origin::None {
                error = error.with_note(format!("at {}", statement.origin));
            }
            if !error.notes.iter().any(|note| note.contains(&statement.sql)) {
                error = error.with_note(format!("statement: {}", statement.sql));
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

/// BEGIN and COMMIT that a file has itself: the kernel's own are in their place.
fn is_bracket(sql: &str, kind: StatementKind) -> bool {
    kind == StatementKind::Transaction
        && matches!(
            first_word(sql).as_str(),
            "BEGIN" | "START" | "COMMIT" | "END"
        )
}

fn first_word(sql: &str) -> String {
    sql.trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect::<String>()
        .to_ascii_uppercase()
}

/// The largest transactions that the statements from `from` on allow.
fn segments(unit: &Unit, from: usize) -> Result<Vec<Segment>, Error> {
    let mut segments = Vec::new();
    let mut begun: Option<usize> = None;
    let mut bracketed = false;
    let total = unit.statements.len();
    for (index, statement) in unit.statements.iter().enumerate().skip(from) {
        let nature = &statement.nature;
        let word = first_word(&statement.sql);
        if nature.kind == StatementKind::Transaction {
            match word.as_str() {
                "BEGIN" | "START" => {
                    close(&mut segments, &mut begun, index);
                    begun = Some(index);
                    bracketed = true;
                    continue;
                }
                "COMMIT" | "END" => {
                    begun.get_or_insert(index);
                    bracketed = false;
                    if !unit.transaction {
                        close(&mut segments, &mut begun, index + 1);
                    }
                    continue;
                }
                "ROLLBACK" if !statement.sql.to_ascii_uppercase().contains(" TO") => {
                    return Err(refused_transaction(&unit.name));
                }
                _ => {}
            }
        }
        let together = !nature.commits && !nature.alone && (unit.transaction || bracketed);
        if together {
            begun.get_or_insert(index);
        } else {
            close(&mut segments, &mut begun, index);
            segments.push(Segment::Alone(index));
        }
    }
    close(&mut segments, &mut begun, total);
    Ok(segments)
}

fn close(segments: &mut Vec<Segment>, begun: &mut Option<usize>, end: usize) {
    if let Some(start) = begun.take()
        && start < end
    {
        segments.push(Segment::Together(start..end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(sql: &str, kind: StatementKind, commits: bool) -> UnitStatement {
        UnitStatement {
            sql: sql.to_owned(),
            nature: Nature {
                commits,
                ..Nature::of(kind)
            },
            origin: Origin::None,
        }
    }

    fn unit(statements: Vec<UnitStatement>) -> Unit {
        Unit {
            name: "20261122093000".to_owned(),
            statements,
            transaction: true,
            lock_timeout: None,
            statement_timeout: None,
        }
    }

    #[test]
    fn statements_share_the_largest_transactions_there_are() {
        use StatementKind::{Data, Definition, Session};
        let unit = unit(vec![
            statement("CREATE TABLE t (a INT)", Definition, true),
            statement("INSERT INTO t VALUES (1)", Data, false),
            statement("UPDATE t SET a = 2", Data, false),
            statement("ALTER TABLE t ADD b INT", Definition, true),
            statement("SET @x = 1", Session, false),
        ]);
        assert_eq!(
            segments(&unit, 0).unwrap(),
            [
                Segment::Alone(0),
                Segment::Together(1..3),
                Segment::Alone(3),
                Segment::Together(4..5)
            ]
        );
        assert_eq!(
            segments(&unit, 2).unwrap(),
            [
                Segment::Together(2..3),
                Segment::Alone(3),
                Segment::Together(4..5)
            ]
        );
    }

    #[test]
    fn a_rollback_is_refused_and_own_brackets_are_taken() {
        use StatementKind::{Data, Transaction};
        let own = unit(vec![
            statement("BEGIN", Transaction, false),
            statement("INSERT INTO t VALUES (1)", Data, false),
            statement("COMMIT", Transaction, false),
        ]);
        assert_eq!(segments(&own, 0).unwrap(), [Segment::Together(0..3)]);
        assert!(is_bracket("begin", Transaction));
        let back = unit(vec![statement("ROLLBACK", Transaction, false)]);
        assert!(segments(&back, 0).is_err());
        let to = unit(vec![statement(
            "ROLLBACK TO SAVEPOINT a",
            Transaction,
            false,
        )]);
        assert!(segments(&to, 0).is_ok());
    }
}
