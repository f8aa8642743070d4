//! The first statement of the next unit, written down with the end of the one before: where
//! definitions commit by themselves, a migration of one statement costs one commit of ours.

use realign_planner::{Nature, RUNS_TABLE, StatementKind};

use super::journal::{Intent, Journal};
use super::leftovers::unfinished;
use super::snapshot::snapshot;
use super::unit::Unit;
use crate::{Connection, Error, Looked};

/// A unit that is to begin as soon as the running one is done.
#[derive(Debug)]
pub struct Upcoming {
    name: String,
    work: String,
    sql: String,
    nature: Nature,
}

impl Upcoming {
    /// Of a unit whose first statement is a definition on its own; none of any other. `work` is
    /// what [`Journal::begin_unit`] will be told of it.
    pub fn of(unit: &Unit, work: impl FnOnce() -> String) -> Option<Self> {
        let first = unit.statements.first()?;
        let defines = match first.nature.kind {
            StatementKind::Definition | StatementKind::Other => true,
            StatementKind::Data
            | StatementKind::Query
            | StatementKind::Session
            | StatementKind::Transaction => false,
        };
        (defines && (first.nature.commits || first.nature.alone)).then(|| Self {
            name: unit.name.clone(),
            work: work(),
            sql: first.sql.clone(),
            nature: first.nature.clone(),
        })
    }
}

impl Journal<'_> {
    /// What comes after the unit that begins now. It must begin without anything being asked or
    /// decided in between.
    pub fn announce(&mut self, upcoming: Option<Upcoming>) {
        self.upcoming = upcoming;
        // What was seen for another is old by the time that it is wanted.
        self.seen = None;
    }

    /// The query that shows what the first statement of the next unit changes, where it is one.
    pub(super) fn glance(&self) -> Option<String> {
        let next = self.upcoming.as_ref()?;
        let site = self.site();
        let mut queries = next
            .nature
            .touches
            .iter()
            .flat_map(|object| site.book().definition(object, &site.facts));
        let only = queries.next()?;
        queries.next().is_none().then_some(only)
    }

    /// What that query gave right after the last statement of this unit.
    pub(super) fn glanced(&mut self, query: String, looked: Looked) {
        self.seen = looked.map(|answer| (query, answer));
    }

    /// The record that this unit is done and that the first statement of the next is about to
    /// run; none when nothing is to come, or nothing would show whether it ran.
    pub(super) fn turn(
        &mut self,
        connection: &mut Connection,
    ) -> Result<Option<(String, Intent)>, Error> {
        let site = self.site();
        let book = site.book();
        let Some(next) = &self.upcoming else {
            return Ok(None);
        };
        let seen = self.seen.take();
        let Some(before) = snapshot(connection, site, &next.nature, seen)? else {
            return Ok(None);
        };
        let unfinished = unfinished(connection, site, &next.nature.touches)?;
        self.attempts += 1;
        let intent = Intent {
            unit: self.unit + 1,
            part: 0,
            sql: next.sql.clone(),
            before: Some(before.sum),
            absent: before.absent,
            unfinished,
            rows: false,
            attempt: self.attempts,
        };
        let record = format!(
            "UPDATE {RUNS_TABLE} SET unit = {}, done = 0, open = {}, unit_name = {}, \
             unit_work = {} WHERE id = {}",
            intent.unit,
            book.text(&serde_json::to_string(&intent).unwrap_or_default()),
            book.text(&next.name),
            book.text(&next.work),
            self.id
        );
        Ok(Some((record, intent)))
    }

    /// The commit with that record has come.
    pub(super) fn turned(&mut self, intent: Intent) {
        self.next_unit();
        self.open = Some(intent);
        self.ahead = true;
    }

    /// True when this statement has been written down already, and not sent since.
    pub(super) fn is_written(
        &mut self,
        connection: &mut Connection,
        part: usize,
        sql: &str,
    ) -> Result<bool, Error> {
        if !self.ahead {
            return Ok(false);
        }
        let this = |intent: &Intent| {
            (intent.unit, intent.part, intent.sql.as_str()) == (self.unit, part, sql)
        };
        if self.open.as_ref().is_some_and(this) {
            self.ahead = false;
            return Ok(true);
        }
        // Something else came first after all.
        self.open = None;
        self.write(connection, None)?;
        Ok(false)
    }
}
