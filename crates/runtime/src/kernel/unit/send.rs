//! One statement of a unit on its way to the server.

use std::time::{Duration, Instant};

use realign_planner::StatementKind;

use super::run::UnitRun;
use super::{Trouble, UnitEvent};
use crate::{Answer, Error, SqlError};

/// How much longer a statement may take whose limit the server keeps by itself: it is to say so.
const GRACE: Duration = Duration::from_secs(5);

/// What goes with a statement.
pub(super) enum Sending<'a> {
    /// What opens its transaction, if it has not been opened before.
    Inside(&'a [String]),
    /// What opens its transaction, and the record that is committed with it.
    Whole(&'a [String], &'a [String]),
    /// Nothing: it has no transaction.
    Alone,
}

impl UnitRun<'_, '_, '_> {
    /// Sends it, and tells of it before and after.
    pub(super) fn send(&mut self, index: usize, how: &Sending<'_>) -> Result<(), Trouble> {
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
        guard.limit(self.limit(how));
        let ran = match how {
            Sending::Inside(opening) => match &statement.rows {
                None => self.connection.run_between(opening, &statement.sql, &[]),
                Some(rows) => self.send_rows(opening, &statement.sql, &rows.text),
            },
            Sending::Whole(opening, records) => {
                guard.whole(self.connection, opening, &statement.sql, records)
            }
            Sending::Alone => self.send_alone(index),
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

    /// How long it may take until it is cancelled from here.
    fn limit(&self, how: &Sending<'_>) -> Option<Duration> {
        let limit = self.unit.statement_timeout?;
        let site = self.journal.guard().site();
        let (book, facts) = (site.book(), &site.facts);
        let kept = book.limits(None, Some(limit), facts) != book.limits(None, None, facts);
        // A setting of a transaction says nothing of what runs without one.
        let heard = !book.transactional_definitions() || !matches!(how, Sending::Alone);
        Some(if kept && heard { limit + GRACE } else { limit })
    }

    /// What takes rows shares no message with what opens its transaction.
    fn send_rows(
        &mut self,
        opening: &[String],
        sql: &str,
        rows: &str,
    ) -> Result<Result<Answer, SqlError>, Error> {
        match self.connection.run_all(opening)? {
            Ok(_) => self.connection.run_with_rows(sql, rows),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// With its mark; the last of a unit with the look at what the next unit changes.
    fn send_alone(&mut self, index: usize) -> Result<Result<Answer, SqlError>, Error> {
        let statement = &self.unit.statements[index];
        let guard = self.journal.guard();
        let mark = guard.site().book().mark_statement(guard.token());
        let marked = format!("{mark}{}", statement.sql);
        let last = index + 1 == self.unit.statements.len();
        let defines = statement.nature.kind == StatementKind::Definition;
        if let Some(rows) = &statement.rows {
            return self.connection.run_with_rows(&marked, &rows.text);
        }
        let Some(query) = self.journal.glance().filter(|_| last && defines) else {
            return self.connection.run(&marked);
        };
        let ran = self.connection.run_looking(&marked, &query)?;
        Ok(ran.map(|(answer, looked)| {
            self.journal.glanced(query, looked);
            answer
        }))
    }
}
