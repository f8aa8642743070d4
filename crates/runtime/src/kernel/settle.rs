//! What became of a statement of which nobody heard how it ended.
//!
//! The sessions of the run before are gone when this is asked: taking over the lock has ended
//! them. So the catalogue does not change any more, and it tells.

use realign_planner::{Effect, Nature, ObjectKind, ObjectRef};

use super::durability::may_have_lost;
use super::snapshot::snapshot;
use super::{Intent, RunRow, Site};
use crate::{Connection, Error};

/// What a person answers where the catalogue can't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The statement ran.
    Ran,
    /// It did not run.
    DidNotRun,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It ran: the next one is to be run.
    Ran,
    /// It did not run, or running it twice is the same as once.
    DidNotRun,
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
        None => {}
    }
    let nature = site.dialect.scripts().nature(&intent.sql, &site.facts);
    if !nature.repeatable
        && let Some(settings) = may_have_lost(connection, site, &run.owner)?
    {
        return Ok(Settled::Unknown(format!(
            "the server was started again since, and at {settings} it may have lost the end of what it had confirmed"
        )));
    }
    settle(connection, site, intent, &nature)
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
    let cleaned = clean(connection, site, &nature.touches)?;
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
    let now = snapshot(connection, site, &nature.touches, None)?;
    if now.as_ref() == Some(before) {
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

/// Takes away what a failed try left of these objects; true when there was something.
pub(super) fn clean(
    connection: &mut Connection,
    site: &Site,
    objects: &[ObjectRef],
) -> Result<bool, Error> {
    let mut found = false;
    let named = objects
        .iter()
        .any(|object| object.kind == ObjectKind::Index);
    for object in objects {
        // An unfinished index of the table may be another's that is being built right now.
        if named && object.kind != ObjectKind::Index {
            continue;
        }
        let Some(query) = site.book().leftover(object) else {
            continue;
        };
        for row in connection.query(&query)?.rows {
            if let Some(sql) = row.first().and_then(realign_planner::Value::as_str) {
                connection.query(sql)?;
                found = true;
            }
        }
    }
    Ok(found)
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
