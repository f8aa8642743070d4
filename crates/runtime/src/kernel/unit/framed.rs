//! A unit as a part of a script for the engine's own client.

use std::ops::Range;

use realign_planner::LockKind;

use super::segments::{Segment, is_bracket, segments};
use super::{Unit, UnitStatement};
use crate::Error;
use crate::kernel::Site;

/// A line of such a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed<'a> {
    /// A statement of the unit.
    Own(&'a UnitStatement),
    /// One that goes with it: of the transaction, a time limit, a record.
    Beside(String),
}

impl Unit {
    /// Its statements with their records in the transactions that a run of it has; all of it in one
    /// that is open already with `shared`.
    pub fn framed(
        &self,
        site: &Site,
        records: Vec<String>,
        shared: bool,
    ) -> Result<Vec<Framed<'_>>, Error> {
        let book = site.book();
        let limited = self.lock_timeout.is_some() || self.statement_timeout.is_some();
        // Waiting for other programs is a matter of the client's where there is no server.
        let limits = if limited && book.lock_kind() == LockKind::Lease {
            book.limits(self.lock_timeout, self.statement_timeout, &site.facts)
        } else {
            Vec::new()
        };
        let limits = || limits.iter().cloned().map(Framed::Beside);
        let records = records.into_iter().map(Framed::Beside);
        let of_transactions = book.transactional_definitions();
        let mut lines = Vec::new();
        if shared || !of_transactions {
            lines.extend(limits());
        }
        if shared {
            lines.extend(self.sent(0..self.statements.len()));
            lines.extend(records);
            return Ok(lines);
        }
        let mut open = false;
        for segment in segments(self, 0)? {
            if std::mem::take(&mut open) {
                lines.push(Framed::Beside("COMMIT".to_owned()));
            }
            match segment {
                Segment::Alone(at) => lines.extend(self.sent(at..at + 1)),
                Segment::Together(range) => {
                    open = true;
                    lines.push(Framed::Beside(book.begin().to_owned()));
                    if of_transactions {
                        lines.extend(limits());
                    }
                    lines.extend(self.sent(range));
                }
            }
        }
        if !open {
            lines.push(Framed::Beside(book.begin().to_owned()));
        }
        lines.extend(records);
        lines.push(Framed::Beside("COMMIT".to_owned()));
        Ok(lines)
    }

    /// Those of its statements that are sent: its own BEGIN and COMMIT are not.
    fn sent(&self, range: Range<usize>) -> impl Iterator<Item = Framed<'_>> {
        let statements = self.statements.get(range).unwrap_or_default().iter();
        statements
            .filter(|one| !is_bracket(&one.sql, one.nature.kind))
            .map(Framed::Own)
    }
}
