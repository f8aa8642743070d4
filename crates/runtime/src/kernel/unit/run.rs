//! A unit that is running.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::{Duration, Instant};

use realign_planner::StatementKind;

use super::segments::{Segment, is_bracket, segments};
use super::send::Sending;
use super::{Record, Took, Trouble, Unit, UnitDone, UnitEvent, UnitFailure, UnitStatement};
use crate::kernel::{Journal, Standing, blockers};
use crate::{Connection, Error, SqlError, Stop};

/// How often a statement is tried that others stand in the way of.
const TRIES: u32 = 3;
/// How long is waited between two tries, times the number of tries.
const PAUSE: Duration = Duration::from_millis(500);

/// A unit that is running.
pub(super) struct UnitRun<'j, 'g, 'a> {
    pub(super) journal: &'j mut Journal<'g>,
    pub(super) connection: &'a mut Connection,
    pub(super) unit: &'a Unit,
    pub(super) watch: &'a mut dyn FnMut(&UnitEvent<'_>),
    pub(super) stop: &'a Stop,
    pub(super) began: Instant,
    pub(super) sent: usize,
}

/// Where it went wrong, and what.
pub(super) type Stumble = (Option<usize>, Trouble);

impl<'j, 'g, 'a> UnitRun<'j, 'g, 'a> {
    /// One that begins now.
    pub(super) fn new(
        journal: &'j mut Journal<'g>,
        connection: &'a mut Connection,
        unit: &'a Unit,
        watch: &'a mut dyn FnMut(&UnitEvent<'_>),
        stop: &'a Stop,
    ) -> Self {
        Self {
            journal,
            connection,
            unit,
            watch,
            stop,
            began: Instant::now(),
            sent: 0,
        }
    }

    /// What is told of one that came to its end.
    pub(super) fn done(&self) -> UnitDone {
        UnitDone {
            statements: self.sent,
            elapsed: self.began.elapsed(),
        }
    }

    /// Its segments one after the other, from this statement on.
    pub(super) fn segments(&mut self, from: usize, record: Record<'_>) -> Result<(), UnitFailure> {
        let segments = segments(self.unit, from)
            .map_err(|error| UnitFailure::of(Trouble::Other(Box::new(error)), None, from, None))?;
        let book = self.journal.guard().site().book();
        if book.transactional_definitions() {
            self.journal.limits = self.limit_settings();
        } else {
            self.limits()
                .map_err(|trouble| self.fail(None, from, trouble))?;
        }
        self.session(from)
            .map_err(|(at, trouble)| self.fail(at, from, trouble))?;
        let mut standing = from;
        let mut recorded = false;
        let mut left: VecDeque<(Segment, bool)> = segments
            .into_iter()
            .map(|segment| (segment, false))
            .collect();
        while let Some((segment, looked_at)) = left.pop_front() {
            match segment {
                Segment::Together(range) if !looked_at => {
                    let parts = self
                        .parts(&range)
                        .map_err(|trouble| self.fail(Some(range.start), standing, trouble))?;
                    for part in parts.into_iter().rev() {
                        left.push_front((part, true));
                    }
                }
                Segment::Together(range) => {
                    let ends = left.is_empty();
                    self.together(&range, ends, record)
                        .map_err(|(place, trouble)| self.fail(place, standing, trouble))?;
                    standing = range.end;
                    recorded = ends;
                }
                Segment::Alone(index) => {
                    self.alone(index)
                        .map_err(|trouble| self.fail(Some(index), standing, trouble))?;
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

    /// The parts of a transaction: a statement on rows that take no part in transactions has no
    /// place in one, as the record of it would not stand and fall with it. Asked when its turn
    /// comes: an earlier statement may have made the table.
    fn parts(&mut self, range: &Range<usize>) -> Result<Vec<Segment>, Trouble> {
        let book = self.journal.guard().site().book();
        let statements = &self.unit.statements;
        let changes = |index: &usize| statements[*index].nature.kind == StatementKind::Data;
        let touched: Vec<_> = range
            .clone()
            .filter(changes)
            .flat_map(|index| statements[index].nature.touches.iter().cloned())
            .collect();
        let found = match book.unsafe_tables(&touched) {
            Some(query) => self.connection.query(&query)?.rows,
            None => Vec::new(),
        };
        let outside: Vec<String> = found
            .iter()
            .filter_map(|row| Some(row.first()?.display().to_lowercase()))
            .collect();
        let mut parts = Vec::new();
        let mut begun = range.start;
        for index in range.clone().filter(changes) {
            let alone = statements[index]
                .nature
                .touches
                .iter()
                .any(|table| outside.contains(&table.name.to_lowercase()));
            if alone {
                if begun < index {
                    parts.push(Segment::Together(begun..index));
                }
                parts.push(Segment::Alone(index));
                begun = index + 1;
            }
        }
        if begun < range.end || parts.is_empty() {
            parts.push(Segment::Together(begun..range.end));
        }
        Ok(parts)
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
                    let trouble = match trouble {
                        Trouble::Refused(refusal) => self.given_up(refusal),
                        other => other,
                    };
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
        let mut opening = vec![book.begin().to_owned()];
        opening.extend(self.held(range.start));
        if book.transactional_definitions() {
            opening.extend(self.limit_settings());
        }
        if let (true, Some(clock), Some(index)) = (ends, guard.clock(), self.sole(range)) {
            let mut records = record(Took::Counted(self.began.elapsed(), clock));
            records.extend(self.way(range));
            return self.in_one(index, &opening, &records);
        }
        let changes = self.unit.changes_session();
        let mut turn = None;
        if self.sends(range) {
            self.inside(range.clone(), std::mem::take(&mut opening))?;
        } else if ends && !changes && self.stop.signal().is_none() {
            turn = self.journal.turn(self.connection).map_err(plain)?;
        }
        let records = if ends {
            let mut records = record(Took::Known(self.began.elapsed()));
            match &turn {
                Some((record, _)) => records.push(record.clone()),
                None => records.extend(self.way(range)),
            }
            records
        } else {
            vec![self.journal.progress(range.end)]
        };
        if changes {
            let names = book.own_names(true).iter();
            opening.extend(names.map(|setting| (*setting).to_owned()));
        }
        guard
            .commit(self.connection, opening, &records)
            .map_err(plain)?;
        match turn {
            Some((_, intent)) => self.journal.turned(intent),
            None if ends => self.journal.next_unit(),
            None => self.journal.reached(range.end),
        }
        Ok(())
    }

    /// The last transaction of the unit, of this one statement, in one message.
    fn in_one(
        &mut self,
        index: usize,
        opening: &[String],
        records: &[String],
    ) -> Result<(), Stumble> {
        self.may_send(index)?;
        self.send(index, &Sending::Whole(opening, records))
            .map_err(|trouble| match trouble {
                // The lock is lost, which says nothing of the statement.
                Trouble::Other(error) => (None, Trouble::Other(error)),
                trouble => (Some(index), trouble),
            })?;
        self.journal.next_unit();
        Ok(())
    }

    /// What the journal says at the end of a unit whose last transaction is of these statements:
    /// one that is one transaction leaves no trace of its way.
    fn way(&self, range: &Range<usize>) -> Option<String> {
        (range.start > 0 || self.journal.position().1 > 0).then(|| self.journal.unit_done())
    }

    /// The statements among these that are sent: all but the kernel's own BEGIN and COMMIT.
    fn sent_of(&self, range: &Range<usize>) -> impl Iterator<Item = usize> + '_ {
        range.clone().filter(|index| {
            let statement = &self.unit.statements[*index];
            !is_bracket(&statement.sql, statement.nature.kind)
        })
    }

    /// True when something of these is sent.
    fn sends(&self, range: &Range<usize>) -> bool {
        self.sent_of(range).next().is_some()
    }

    /// The only one of these that is sent, where it changes something and one message holds it: of
    /// several, a refusal of the commit could not be told from one of the last.
    fn sole(&self, range: &Range<usize>) -> Option<usize> {
        let mut sent = self.sent_of(range);
        let (first, second) = (sent.next()?, sent.next());
        let first_one = &self.unit.statements[first];
        let changes = match first_one.nature.kind {
            _ if first_one.rows.is_some() || self.unit.changes_session() => false,
            StatementKind::Definition | StatementKind::Data | StatementKind::Other => true,
            StatementKind::Query | StatementKind::Session | StatementKind::Transaction => false,
        };
        (second.is_none() && changes).then_some(first)
    }

    /// Before a statement is sent: nobody asked to stop, and the lock is still ours.
    fn may_send(&self, index: usize) -> Result<(), Stumble> {
        if let Some(signal) = self.stop.signal() {
            return Err((Some(index), Trouble::Stopped(signal)));
        }
        self.journal
            .guard()
            .check()
            .map_err(|error| (Some(index), error.into()))
    }

    pub(super) fn records(&mut self, records: &[String]) -> Result<(), Trouble> {
        self.connection.query_all(records)?;
        Ok(())
    }

    /// Statements within a transaction that is open, or is opened with the first of them.
    pub(super) fn inside(
        &mut self,
        range: Range<usize>,
        mut opening: Vec<String>,
    ) -> Result<(), Stumble> {
        let sent: Vec<usize> = self.sent_of(&range).collect();
        for index in sent {
            self.may_send(index)?;
            self.send(index, &Sending::Inside(&std::mem::take(&mut opening)))
                .map_err(|trouble| (Some(index), trouble))?;
        }
        Ok(())
    }

    /// A statement on its own, with what has to be known if nobody hears how it ended.
    fn alone(&mut self, index: usize) -> Result<(), Trouble> {
        let mut tries = 1;
        loop {
            if let Some(signal) = self.stop.signal() {
                return Err(Trouble::Stopped(signal));
            }
            let refusal = match self.try_alone(index) {
                Err(Trouble::Refused(refusal)) => refusal,
                ended => return ended,
            };
            let nature = &self.unit.statements[index].nature;
            match self.journal.refused(self.connection, nature, &refusal)? {
                Standing::Everything => {
                    self.sent += 1;
                    self.journal.after(self.connection, index)?;
                    return Ok(());
                }
                Standing::Nothing => {}
                Standing::Unknown => return Err(self.given_up(refusal)),
            }
            if !refusal.retryable || tries == TRIES || self.stop.signal().is_some() {
                return Err(self.given_up(refusal));
            }
            self.wait(index, &refusal, tries)?;
            tries += 1;
        }
    }

    fn try_alone(&mut self, index: usize) -> Result<(), Trouble> {
        let statement = &self.unit.statements[index];
        self.journal
            .before(self.connection, index, &statement.sql, &statement.nature)?;
        self.hold_alone(index)?;
        self.send(index, &Sending::Alone)?;
        self.journal.after(self.connection, index)?;
        Ok(())
    }

    /// A statement that was cancelled because a signal asked for it was stopped, not refused.
    fn given_up(&self, refusal: SqlError) -> Trouble {
        match self.stop.signal().filter(|_| refusal.interrupted) {
            Some(signal) => Trouble::Stopped(signal),
            None => Trouble::Refused(refusal),
        }
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
        let site = self.journal.guard().site();
        blockers(self.connection, site, &statement.nature.touches)
    }

    fn rollback(&mut self) {
        // The server may have done it by itself.
        let _ = self.connection.run("ROLLBACK");
    }

    /// Says what stands.
    pub(super) fn fail(
        &mut self,
        place: Option<usize>,
        standing: usize,
        trouble: Trouble,
    ) -> UnitFailure {
        let blockers = match &trouble {
            Trouble::Refused(refusal) if refusal.retryable => {
                self.blockers(place.unwrap_or(0)).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let statement = place.and_then(|at| self.unit.statements.get(at));
        let mut failure = UnitFailure::of(trouble, place, standing, statement);
        // Settings alone leave nothing that could be gone on with.
        let mut stand = self.unit.statements.iter().take(standing);
        let standing = if stand.all(UnitStatement::is_aside) {
            0
        } else {
            standing
        };
        if standing > 0 || failure.signal.is_some() {
            let total = self.unit.statements.len();
            failure.error.notes.push(match standing {
                0 => "none of its statements stands".to_owned(),
                1 => format!("1 of its {total} statements stands"),
                _ => format!("{standing} of its {total} statements stand"),
            });
        }
        failure.error.notes.extend(
            blockers
                .into_iter()
                .map(|line| format!("in the way: {line}")),
        );
        failure
    }
}
