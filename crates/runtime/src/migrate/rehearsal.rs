//! Checks before a migration, and a run that sends nothing.

use std::time::Duration;

use realign_planner::migration::{Condition, Direction, Phase};

use super::ahead::Ahead;
use super::checks::{self, Told};
use super::event::{MigrationDone, MigrationEvent, RunFailure, Trouble, Watcher};
use super::included::Foresight;
use super::{Loaded, MigrationOutcome};
use crate::kernel::Site;
use crate::{Connection, Error, ErrorKind};

/// What a run would say and leave out, without a statement of its own: the checks are asked as
/// the database stands now.
pub fn rehearse(
    connection: &mut Connection,
    site: &Site,
    migrations: &[Loaded],
    watcher: &mut dyn Watcher,
) -> Result<Vec<MigrationDone>, RunFailure> {
    let mut done = Vec::with_capacity(migrations.len());
    let total = migrations.len();
    let mut foresight = Foresight::new();
    let mut ahead = Ahead::default();
    for (index, migration) in migrations.iter().enumerate() {
        let place = (index + 1, total);
        let judged = judged(
            connection,
            site,
            migration,
            place,
            Some(&mut ahead),
            watcher,
        );
        let judged = judged.and_then(|Judged { skipped, later }| {
            let included = !skipped
                && foresight
                    .tells(connection, site, &migrations[index..], &mut ahead)
                    .map_err(|error| Trouble::of(error, Some(migration)))?;
            Ok((skipped, included, later))
        });
        match judged {
            Ok((skipped, included, later)) => {
                let mut this = finished(migration, Duration::ZERO);
                if skipped {
                    this.outcome = MigrationOutcome::Skipped;
                    this.statements = 0;
                } else if included {
                    watcher.event(&MigrationEvent::Included(migration));
                    this.outcome = MigrationOutcome::Included;
                    this.statements = 0;
                } else {
                    ahead.passes(migration);
                    if !later.is_empty() {
                        ahead.may_be_left_out();
                    }
                    this.later = later;
                    let notes: Vec<Told> = migration
                        .closing
                        .iter()
                        .filter(|check| check.condition == Condition::Always)
                        .map(|check| Told::Note(check.says()))
                        .collect();
                    say(&notes, watcher);
                    watcher.event(&MigrationEvent::Finished {
                        migration,
                        elapsed: Duration::ZERO,
                    });
                }
                done.push(this);
            }
            Err(trouble) => {
                return Err(RunFailure {
                    error: trouble.error,
                    version: trouble.version,
                    done,
                    signal: None,
                });
            }
        }
    }
    Ok(done)
}

/// What the checks have said.
pub(super) struct Judged {
    /// The migration is left out.
    pub(super) skipped: bool,
    /// What is asked only once those ahead of it have run.
    pub(super) later: Vec<String>,
}

/// Asks the checks, tells what they say, and whether the migration is left out.
pub(super) fn judged(
    connection: &mut Connection,
    site: &Site,
    migration: &Loaded,
    (number, total): (usize, usize),
    ahead: Option<&mut Ahead<'_>>,
    watcher: &mut dyn Watcher,
) -> Result<Judged, Trouble> {
    let main = match migration.direction {
        Direction::Up => Phase::Up,
        Direction::Down => Phase::Down,
    };
    let told = checks::judge(connection, site, migration, ahead)
        .map_err(|error| Trouble::of(error, Some(migration)))?;
    // What is decided before the migration is told before it begins.
    let early = told
        .iter()
        .any(|told| matches!(told, Told::Skip(phase, _) | Told::Abort(phase, _) if *phase != main));
    if !early {
        watcher.event(&MigrationEvent::Started {
            migration,
            number,
            total,
        });
    }
    say(&told, watcher);
    let mut by_check = false;
    let failure = match told.last() {
        Some(Told::Skip(phase, reason)) => {
            watcher.event(&MigrationEvent::Skipped {
                migration,
                phase: *phase,
                reason,
            });
            return Ok(Judged {
                skipped: true,
                later: Vec::new(),
            });
        }
        Some(Told::Abort(phase, reason)) => {
            by_check = true;
            Some((*phase, reason.clone()))
        }
        _ => migration.no_way.clone().map(|reason| (main, reason)),
    };
    if let Some((phase, reason)) = failure {
        watcher.event(&MigrationEvent::Failed {
            migration,
            phase,
            reason: &reason,
        });
        let error = if by_check {
            let message = format!("{} is not to run here: {reason}", migration.version);
            Error::new(ErrorKind::Refused, message)
        } else {
            Error::new(ErrorKind::Refused, reason)
                .with_note(format!("migration {}", migration.version))
        };
        let error = error.with_note("none of its statements was sent");
        return Err(Trouble::of(error, Some(migration)));
    }
    if migration.unit.statements.is_empty() {
        watcher.event(&MigrationEvent::Empty(migration));
    }
    let later = told.iter().filter_map(|told| match told {
        Told::Later(check) => Some(format!("{} {}", check.kind.word(), check.condition)),
        Told::Warning(_) | Told::Note(_) | Told::Skip(..) | Told::Abort(..) => None,
    });
    Ok(Judged {
        skipped: false,
        later: later.collect(),
    })
}

/// Tells warnings and notes.
pub(super) fn say(told: &[Told], watcher: &mut dyn Watcher) {
    for told in told {
        match told {
            Told::Warning(text) => watcher.event(&MigrationEvent::Warning(text)),
            Told::Note(text) => watcher.event(&MigrationEvent::Note(text)),
            Told::Later(check) => watcher.event(&MigrationEvent::Warning(&format!(
                "asked when its turn comes, as those ahead of it may change the answer: {} {}",
                check.kind.word(),
                check.condition
            ))),
            Told::Skip(..) | Told::Abort(..) => {}
        }
    }
}

/// A migration that ran.
pub(super) fn finished(migration: &Loaded, elapsed: Duration) -> MigrationDone {
    MigrationDone {
        version: migration.version.clone(),
        outcome: MigrationOutcome::Executed,
        statements: migration.main.len(),
        milliseconds: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        later: Vec::new(),
    }
}
