//! The kernel: everything that writes to a database goes through it.
//!
//! [`Guard`] is the right to write: a lease row with heartbeat and fencing token on servers, a
//! locked file beside an embedded database. [`Journal`] is the record of a run: where
//! definitions commit by themselves, one commit says that statement n is done and n+1 is about
//! to run, together with what the catalogue showed before it. [`settle_run`] reads that record after
//! a crash and decides whether the open statement ran, or says that nobody can know; what it half made
//! can then be taken away on a person's word.

mod ahead;
mod durability;
mod fence;
mod file_lock;
mod foreign;
mod guard;
mod journal;
mod lease;
mod leftovers;
mod owner;
mod records;
mod row;
mod runs;
mod settle;
mod snapshot;
mod takeover;
mod undo;
mod unit;

use std::sync::Arc;

use realign_model::Ident;
use realign_planner::{Bookkeeping, Dialect, Facts, ObjectRef, Rows, Value};

pub use ahead::Upcoming;
pub use durability::weak_durability;
pub use guard::{Guard, Holder, LockOptions, LockState};
pub use journal::{Intent, Journal, Standing};
pub use owner::Owner;
pub(crate) use owner::{began, system};
pub use row::{Row, Went, fits_in_a_row};
pub use runs::{RunKind, RunOutcome, RunRow, last as last_run, list as list_runs, one as one_run};
pub(crate) use runs::{is_over, last_outcome_query};
pub use settle::{Answered, Settled, settle_run};
pub use undo::can_be_undone;
pub use unit::{
    Framed, Record, Took, Unit, UnitDone, UnitEvent, UnitFailure, UnitRows, UnitStatement,
};

use crate::{Connect, Connection, Error};

/// A database that can be written to: its rules, what it is, and the way to it.
#[derive(Clone)]
pub struct Site {
    /// The rules of its engine.
    pub dialect: &'static dyn Dialect,
    /// What the server is.
    pub facts: Facts,
    /// The way to it.
    pub connect: Arc<dyn Connect>,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site")
            .field("to", &self.connect.display())
            .finish_non_exhaustive()
    }
}

impl Site {
    /// How its books are kept.
    pub fn book(&self) -> &'static dyn Bookkeeping {
        self.dialect.bookkeeping()
    }

    /// A name as its SQL.
    pub fn quote(&self, name: &str) -> String {
        self.dialect.quote(&Ident::new(name), &self.facts)
    }

    /// True when this table of Realign's own, or a history, is there.
    pub fn has_table(&self, connection: &mut Connection, name: &str) -> Result<bool, Error> {
        Ok(!self.tables_of(connection, &[name])?.is_empty())
    }

    /// The same of several, in one question: those that are there.
    pub(crate) fn tables_of<'n>(
        &self,
        connection: &mut Connection,
        names: &[&'n str],
    ) -> Result<Vec<&'n str>, Error> {
        let answer = connection.query(&self.book().tables_exist(names))?;
        Ok(those_there(names, &answer))
    }
}

/// Those of these names that the answer to [`Bookkeeping::tables_exist`] says are there.
pub(crate) fn those_there<'n>(names: &[&'n str], answer: &Rows) -> Vec<&'n str> {
    let values = answer.rows.first().map(Vec::as_slice).unwrap_or_default();
    let asked = names.iter().zip(values);
    let there = asked.filter(|(_, value)| value.as_int().unwrap_or(0) > 0);
    there.map(|(name, _)| *name).collect()
}

/// Who stands in the way of these objects, as far as the server tells: a line each.
pub(crate) fn blockers(
    connection: &mut Connection,
    site: &Site,
    objects: &[ObjectRef],
) -> Result<Vec<String>, Error> {
    let Some(query) = site.book().blockers(objects) else {
        return Ok(Vec::new());
    };
    // Without the right to ask, nobody is named.
    let Ok(answer) = connection.run(&query)? else {
        return Ok(Vec::new());
    };
    Ok(answer
        .rows
        .rows
        .iter()
        .map(|row| {
            let mut words = row.iter().map(Value::display);
            let id = words.next().unwrap_or_default();
            format!("session {id}: {}", words.collect::<Vec<_>>().join(" "))
        })
        .collect())
}
