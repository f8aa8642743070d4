//! Units in a row that each make an empty table and nothing else. None of them takes long and
//! nothing is decided in between, so where definitions are in transactions one message to the
//! server takes several of them, one transaction after the other. Each is committed with its
//! record by itself, behind a fence of its own. What they take is told as the share of each.

use std::time::{Duration, Instant};

use super::journal::Journal;
use super::unit::{Took, Unit};
use crate::{Answer, Connection, Error};

/// The units, and what has to be known of them.
pub struct Row<'a> {
    /// The units.
    pub units: &'a [&'a Unit],
    /// The record of one of them, by its place in the row.
    pub record: &'a mut dyn FnMut(usize, Took) -> Vec<String>,
    /// How many of the first ones the history holds.
    pub recorded: &'a mut dyn FnMut(&mut Connection) -> Result<usize, Error>,
}

impl std::fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row")
            .field("units", &self.units)
            .finish_non_exhaustive()
    }
}

/// What a statement gave, and what it took.
pub type Went = (Answer, Duration);

/// A unit that can be in a row.
pub fn fits_in_a_row(unit: &Unit) -> bool {
    let plain = unit.transaction && unit.lock_timeout.is_none() && unit.statement_timeout.is_none();
    match unit.statements.as_slice() {
        [only] => plain && only.nature.quick && !only.nature.alone && !only.nature.repeatable,
        _ => false,
    }
}

impl Journal<'_> {
    /// Runs such units: what each of the first ones gave, which are done and recorded. What was
    /// refused is not told here; the unit after those is to be run by itself, which hears it again.
    pub fn row(
        &mut self,
        connection: &mut Connection,
        row: &mut Row<'_>,
    ) -> Result<Vec<Went>, Error> {
        let Some(clock) = self.guard.clock() else {
            return Ok(Vec::new());
        };
        self.guard.check()?;
        let site = self.guard.site();
        let book = site.book();
        let mut statements = Vec::new();
        let mut places = Vec::with_capacity(row.units.len());
        for (at, unit) in row.units.iter().enumerate() {
            statements.push(book.begin().to_owned());
            statements.extend(book.limits(unit.lock_timeout, unit.statement_timeout, &site.facts));
            places.push(statements.len());
            statements.extend(unit.statements.iter().map(|one| ended(&one.sql)));
            // The server's clock of a transaction begins with the message.
            let records = (row.record)(at, Took::Shared(clock, at + 1));
            statements.extend(self.guard.closing(&records).unwrap_or_default());
        }
        let began = Instant::now();
        let mut done: Vec<Went> = match connection.run_all(&statements)? {
            Ok(mut answers) => {
                let count = u32::try_from(row.units.len()).unwrap_or(u32::MAX).max(1);
                let each = began.elapsed() / count;
                places
                    .into_iter()
                    .map(|at| (answers.get_mut(at).map(std::mem::take), each))
                    .map(|(answer, each)| (answer.unwrap_or_default(), each))
                    .collect()
            }
            Err(refusal) => {
                self.guard.taken_back(connection, &refusal)?;
                let count = (row.recorded)(connection)?;
                vec![(Answer::default(), began.elapsed()); count]
            }
        };
        done.truncate(row.units.len());
        for _ in &done {
            self.next_unit();
        }
        Ok(done)
    }
}

/// A statement that others follow: it may end in a comment, which goes to the end of its line.
fn ended(sql: &str) -> String {
    format!("{sql}\n")
}
