//! The session that the statements of a unit share, and change.

use realign_planner::StatementKind;

use super::run::{Stumble, UnitRun};
use super::{Record, Trouble, UnitFailure, UnitStatement};
use crate::Error;

impl UnitRun<'_, '_, '_> {
    /// The whole of it from this statement on; the session is afterwards as it was before.
    pub(super) fn whole(&mut self, from: usize, record: Record<'_>) -> Result<(), UnitFailure> {
        let changes = self.unit.changes_session();
        let book = self.journal.guard().site().book();
        self.journal.names = if changes { book.own_names(false) } else { &[] };
        let ran = self.segments(from, record);
        self.journal.names = &[];
        let lost = ran.as_ref().is_err_and(|failure| failure.lost);
        if lost {
            return ran;
        }
        let restored = self.restored().map_err(|error| {
            let place = self.unit.statements.len();
            self.fail(None, place, error.into())
        });
        // What went wrong first is what has to be told.
        ran.and(restored)
    }

    /// Gives the session back what it had before the unit.
    fn restored(&mut self) -> Result<(), Error> {
        for setting in self.restoring() {
            self.connection.query(&setting)?;
        }
        Ok(())
    }

    /// Statements for that; none where the unit changed nothing of it.
    pub(super) fn restoring(&self) -> Vec<String> {
        let guard = self.journal.guard();
        let (site, book) = (guard.site(), guard.site().book());
        // Where they are no settings of a transaction, they are some of the session.
        let limited = !book.transactional_definitions() && !self.limit_settings().is_empty();
        if !self.unit.changes_session() && !limited {
            return Vec::new();
        }
        let mut settings = book.settings_back(&site.facts);
        if guard.cancels() && !settings.is_empty() {
            settings.extend(book.mark_session(guard.token()));
        }
        settings
    }

    /// What an earlier run had made of the session before the place it stopped at.
    pub(super) fn session(&mut self, from: usize) -> Result<(), Stumble> {
        let held = self.takes_back();
        for index in 0..from.min(self.unit.statements.len()) {
            let statement = &self.unit.statements[index];
            if statement.nature.kind == StatementKind::Session && !(held && is_setting(statement)) {
                self.connection
                    .query(&statement.sql)
                    .map_err(|error| (Some(index), error.into()))?;
            }
        }
        Ok(())
    }

    /// True where the end of each transaction takes settings back: a pooler may give the session
    /// to others then, and they would look for their tables where the unit looks for its own.
    fn takes_back(&self) -> bool {
        let book = self.journal.guard().site().book();
        self.unit.changes_session() && !book.own_names(true).is_empty()
    }

    /// The settings that a transaction begins with which goes on from this statement.
    pub(super) fn held(&self, from: usize) -> Vec<String> {
        if !self.takes_back() {
            return Vec::new();
        }
        let before = self.unit.statements.iter().take(from);
        let settings = before.filter(|one| is_setting(one));
        // One may end in a comment.
        settings.map(|one| format!("{}\n", one.sql)).collect()
    }

    /// Makes them for a statement on its own.
    pub(super) fn hold_alone(&mut self, index: usize) -> Result<(), Error> {
        for setting in self.held(index) {
            let book = self.journal.guard().site().book();
            if book.needs_alone(&setting) {
                self.connection.query(&setting)?;
            }
        }
        Ok(())
    }

    /// Time limits of the session.
    pub(super) fn limits(&mut self) -> Result<(), Trouble> {
        let limits = self.limit_settings();
        self.records(&limits)
    }

    pub(super) fn limit_settings(&self) -> Vec<String> {
        let site = self.journal.guard().site();
        site.book().limits(
            self.unit.lock_timeout,
            self.unit.statement_timeout,
            &site.facts,
        )
    }
}

/// True for a setting that holds until it is taken back.
fn is_setting(statement: &UnitStatement) -> bool {
    let mut words = statement.sql.split_ascii_whitespace();
    let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let is_one_of = |word: &str, all: &[&str]| all.iter().any(|one| word.eq_ignore_ascii_case(one));
    statement.nature.kind == StatementKind::Session
        && is_one_of(first, &["SET", "RESET", "SELECT"])
        && !is_one_of(second, &["LOCAL", "TRANSACTION", "CONSTRAINTS"])
}
