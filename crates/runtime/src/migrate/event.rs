//! What is told of running migrations, while they run and afterwards.

use std::time::Duration;

use realign_planner::migration::{Phase, Version};
use serde::{Deserialize, Serialize};

use super::kept::{kept, unkept};
use super::{Loaded, MigrationOutcome};
use crate::kernel::UnitEvent;
use crate::{Error, ErrorKind};

/// What happens while migrations run.
#[derive(Debug)]
#[non_exhaustive]
pub enum MigrationEvent<'a> {
    /// A migration begins; which of how many, from 1.
    Started {
        /// The migration.
        migration: &'a Loaded,
        /// Its number.
        number: usize,
        /// How many there are.
        total: usize,
    },
    /// One of its checks warned.
    Warning(&'a str),
    /// It has something to say.
    Note(&'a str),
    /// It has no statement at all.
    Empty(&'a Loaded),
    /// Something of one of its statements.
    Statement {
        /// The migration.
        migration: &'a Loaded,
        /// What happened.
        event: &'a UnitEvent<'a>,
    },
    /// It was left out.
    Skipped {
        /// The migration.
        migration: &'a Loaded,
        /// When that was decided.
        phase: Phase,
        /// Why.
        reason: &'a str,
    },
    /// Everything it would make was there already; that is recorded.
    Included(&'a Loaded),
    /// It is done and recorded.
    Finished {
        /// The migration.
        migration: &'a Loaded,
        /// What it took.
        elapsed: Duration,
    },
    /// It failed.
    Failed {
        /// The migration.
        migration: &'a Loaded,
        /// In which phase.
        phase: Phase,
        /// Why.
        reason: &'a str,
    },
}

/// Somebody who watches migrations run.
pub trait Watcher {
    /// Takes an event.
    fn event(&mut self, event: &MigrationEvent<'_>);
}

/// Nobody.
impl Watcher for () {
    fn event(&mut self, _event: &MigrationEvent<'_>) {}
}

/// A migration that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MigrationDone {
    /// Its version.
    pub version: Version,
    /// How it came into the history.
    pub outcome: MigrationOutcome,
    /// How many statements of its own were sent.
    pub statements: usize,
    /// What it took.
    pub milliseconds: u64,
    /// Of one that was only looked at: its checks that are asked when those ahead of it have run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<String>,
}

/// A run that did not come to its end.
#[derive(Debug)]
pub struct RunFailure {
    /// What happened, and what stands.
    pub error: Box<Error>,
    /// The migration in which.
    pub version: Option<Version>,
    /// What was done before.
    pub done: Vec<MigrationDone>,
    /// The signal that asked to stop, when that was the reason.
    pub signal: Option<u8>,
}

/// What the journal keeps of a migration that began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// `up` or `down`.
    pub direction: String,
    /// Its statements.
    pub statements: Vec<String>,
}

/// How many bytes of the statements of all migrations of a run are kept with it: servers take no
/// value of any size. That of each is kept in its own row as well.
const ROOM: usize = 4 * 1024 * 1024;

/// A migration as the journal of its run keeps it, for the history of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its version.
    pub version: String,
    /// `up` or `down`.
    pub direction: String,
    /// Its statements.
    pub statements: Vec<String>,
}

impl Planned {
    /// What a run is to do, written down. A run that is gone on with (`before` is what it had
    /// written) keeps what is not begun anew.
    pub fn written(migrations: impl IntoIterator<Item = Self>, before: Option<&str>) -> String {
        let now: Vec<Self> = migrations.into_iter().collect();
        let mut planned = before.map(Self::read).unwrap_or_default();
        planned.retain(|old| now.iter().all(|new| new.version != old.version));
        planned.extend(now);
        let mut room = ROOM;
        for one in &mut planned {
            let length = one.statements.iter().map(String::len).sum();
            match room.checked_sub(length) {
                Some(left) => room = left,
                None => one.statements = vec![unkept(one.statements.len())],
            }
        }
        // Plain text fields: serialising them cannot fail.
        serde_json::to_string(&planned).unwrap_or_default()
    }

    /// Reads what [`Self::written`] wrote; nothing when it is of another version's kind.
    pub fn read(work: &str) -> Vec<Self> {
        serde_json::from_str(work).unwrap_or_default()
    }

    /// A migration that was loaded.
    pub fn of(migration: &Loaded) -> Self {
        Self {
            version: migration.version.to_string(),
            direction: migration.direction.word().to_owned(),
            statements: kept(&migration.unit.statements),
        }
    }

    /// The first so many statements of one.
    pub(super) fn part_of(migration: &Loaded, count: usize) -> Self {
        let mut part = Self::of(migration);
        part.statements.truncate(count);
        part
    }
}

/// What stopped a run.
pub(super) struct Trouble {
    /// What happened.
    pub(super) error: Box<Error>,
    /// In which migration.
    pub(super) version: Option<Version>,
    /// The signal that was the reason.
    pub(super) signal: Option<u8>,
    /// Nobody hears the server any more.
    pub(super) lost: bool,
}

impl Trouble {
    /// An error.
    pub(super) fn of(error: Error, migration: Option<&Loaded>) -> Self {
        Self {
            error: Box::new(error),
            version: migration.map(|migration| migration.version.clone()),
            signal: None,
            lost: false,
        }
    }

    /// A signal came before a migration.
    pub(super) fn stopped(migration: &Loaded, signal: u8) -> Self {
        let error = Error::new(
            ErrorKind::Stopped(signal),
            format!("stopped before {}", migration.version),
        )
        .with_help("the same command goes on with it");
        Self {
            signal: Some(signal),
            ..Self::of(error, Some(migration))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_many_long_migrations_is_written_in_a_bounded_text() {
        let of = |number: usize| Planned {
            version: number.to_string(),
            direction: "up".to_owned(),
            statements: vec!["x".repeat(ROOM / 10); 3],
        };
        let work = Planned::written((0..9).map(of), None);
        assert!(work.len() < ROOM + 10_000, "{}", work.len());
        let again = Planned::written([of(9)], Some(&work));
        let read = Planned::read(&again);
        assert_eq!(read.len(), 10);
        assert_eq!(read[2].statements, of(2).statements);
        assert_eq!(read[3].statements, ["-- 3 statements"]);
    }
}
