//! What became of a statement of which nobody heard how it ended.
//!
//! The sessions of the run before are gone when this is asked: taking over the lock has ended
//! them. So the catalogue does not change any more, and it tells.

use realign_planner::{Effect, Nature, ObjectKind};

use super::durability::may_have_lost;
use super::leftovers::clean;
use super::snapshot::snapshot;
use super::undo::undo;
use super::{Intent, RunRow, Site};
use crate::{Connection, Error};

/// What a person answers where the catalogue can't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The statement ran.
    Ran,
    /// It did not run.
    DidNotRun,
    /// What it half made is to be taken away, so that it runs again.
    Undo,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It ran: the next one is to be run.
    Ran,
    /// It did not run, or running it twice is the same as once.
    DidNotRun,
    /// What there was of it has been taken away, with these statements: it is to be run.
    Undone(Vec<String>),
    /// Nobody can know; why.
    Unknown(String),
}

/// Settles an open statement of a run before.
pub fn settle_run(
    connection: &mut Connection,
    site: &Site,
    run: &RunRow,
    intent: &Intent,
    answered: Option<Answered>,
) -> Result<Settled, Error> {
    match answered {
        Some(Answered::Ran) => return Ok(Settled::Ran),
        Some(Answered::DidNotRun) => return Ok(Settled::DidNotRun),
        Some(Answered::Undo) | None => {}
    }
    let nature = site.dialect.scripts().nature(&intent.sql, &site.facts);
    let lost = if nature.repeatable {
        None
    } else {
        may_have_lost(connection, site, &run.owner)?
    };
    let settled = match lost {
        Some(settings) => Settled::Unknown(format!(
            "the server was started again since, and at {settings} it may have lost the end of what it had confirmed"
        )),
        None => settle(connection, site, intent, &nature)?,
    };
    match settled {
        Settled::Unknown(_) if answered.is_some() => {
            undo(connection, site, run, intent, &nature).map(Settled::Undone)
        }
        known => Ok(known),
    }
}

/// Settles an open statement. What a failed try left behind is taken away.
pub(super) fn settle(
    connection: &mut Connection,
    site: &Site,
    intent: &Intent,
    nature: &Nature,
) -> Result<Settled, Error> {
    let book = site.book();
    if intent.rows {
        return Ok(Settled::Unknown(
            "it changes rows of a table that takes no part in transactions".to_owned(),
        ));
    }
    let cleaned = clean(connection, site, &nature.touches, &intent.unfinished)?;
    if nature.repeatable {
        return Ok(Settled::DidNotRun);
    }
    if cleaned {
        // With what it left its work is undone, unless to be gone was its work.
        let done = !nature.effects.is_empty() && effects_hold(connection, site, &nature.effects)?;
        return Ok(if done {
            Settled::Ran
        } else {
            Settled::DidNotRun
        });
    }
    let Some(before) = &intent.before else {
        return Ok(Settled::Unknown(
            "nothing in the catalogue shows whether it ran".to_owned(),
        ));
    };
    let now = snapshot(connection, site, nature, None)?;
    if now.is_some_and(|now| now.sum == *before) {
        return Ok(Settled::DidNotRun);
    }
    if !book.atomic_definitions(&site.facts) {
        return Ok(Settled::Unknown(
            "this server may carry out half of a definition statement when it is killed".to_owned(),
        ));
    }
    if !effects_hold(connection, site, &nature.effects)? {
        return Ok(Settled::Unknown(
            "the catalogue has changed since, and not as this statement alone would change it"
                .to_owned(),
        ));
    }
    Ok(Settled::Ran)
}

/// Whether objects are there, or gone, as the statement leaves them. What existence can't tell
/// is not asked.
pub(super) fn effects_hold(
    connection: &mut Connection,
    site: &Site,
    effects: &[Effect],
) -> Result<bool, Error> {
    let book = site.book();
    for effect in effects {
        let Effect::Object(object, exists) = effect else {
            continue;
        };
        if object.kind == ObjectKind::Index && book.definition(object, &site.facts).is_empty() {
            continue;
        }
        let mut there = false;
        for query in book.definition(object, &site.facts) {
            there |= connection
                .run(&query)?
                .is_ok_and(|answer| !answer.rows.rows.is_empty());
        }
        if there != *exists {
            return Ok(false);
        }
    }
    Ok(true)
}
