//! Running migrations through the kernel.

use std::collections::BTreeSet;
use std::time::Duration;

use super::event::{Begun, MigrationDone, MigrationEvent, Planned, RunFailure, Trouble, Watcher};
use super::kept::kept;
use super::rehearsal::{finished, judged, say};
use super::row::ran;
use super::{History, Loaded, MigrationOutcome, Record, checks, included, now};
use crate::kernel::{Guard, Journal, RunOutcome, Site, Took, UnitFailure, UnitStatement, Upcoming};
use crate::{Connection, Error, Stop};
use realign_planner::migration::{Direction, Phase};
use realign_planner::{StatementKind, Value};

/// Migrations to run.
#[derive(Debug)]
pub struct Job<'a> {
    /// The database and the right to write to it.
    pub guard: &'a Guard,
    /// Where they are recorded.
    pub history: &'a History,
    /// Versions that have a row there already: [`History::written`].
    pub written: &'a BTreeSet<String>,
    /// In their order.
    pub migrations: &'a [Loaded],
    /// The first goes on from this statement of its.
    pub from: usize,
    /// All in one transaction.
    pub together: bool,
    /// How they come into the history.
    pub outcome: MigrationOutcome,
}

impl Job<'_> {
    pub(super) fn site(&self) -> &Site {
        self.guard.site()
    }

    /// True when all of them can share one transaction on this engine.
    pub fn can_be_together(&self) -> bool {
        let book = self.site().book();
        self.migrations.iter().all(|migration| {
            migration.unit.statements.iter().all(|statement| {
                !statement.nature.alone
                    && (book.transactional_definitions() || !statement.nature.commits)
            })
        })
    }

    /// The first statement of theirs that the engine refuses within a transaction, or takes no notice
    /// of there, and its migration.
    pub fn alone(&self) -> Option<(&Loaded, &UnitStatement)> {
        self.migrations.iter().find_map(|migration| {
            let mut statements = migration.unit.statements.iter();
            let alone = statements.find(|statement| statement.nature.alone)?;
            Some((migration, alone))
        })
    }

    /// The tables among those whose rows they change that take no part in transactions, as the
    /// database stands now.
    pub fn outside(&self, connection: &mut Connection) -> Result<Vec<String>, Error> {
        let changed: Vec<_> = self
            .migrations
            .iter()
            .flat_map(|migration| &migration.unit.statements)
            .filter(|statement| statement.nature.kind == StatementKind::Data)
            .flat_map(|statement| statement.nature.touches.iter().cloned())
            .collect();
        let Some(query) = self.site().book().unsafe_tables(&changed) else {
            return Ok(Vec::new());
        };
        let rows = connection.query(&query)?.rows;
        let named = |row: &Vec<Value>| {
            let words: Vec<String> = row.iter().map(Value::display).collect();
            match words.as_slice() {
                [table, engine, ..] => format!("{table} ({engine})"),
                other => other.join(" "),
            }
        };
        Ok(rows.iter().map(named).collect())
    }

    /// Runs them, recording each in the commit of its last statement.
    pub fn run(
        &self,
        connection: &mut Connection,
        mut journal: Journal<'_>,
        watcher: &mut dyn Watcher,
        stop: &Stop,
    ) -> Result<Vec<MigrationDone>, RunFailure> {
        let mut done = Vec::with_capacity(self.migrations.len());
        // What a person wrote keeps the server's mode; a trigger keeps it for good.
        let outcome = if let Err(error) = self.in_the_servers_mode(connection) {
            Err(Trouble::of(error, None))
        } else if self.together {
            self.all(connection, &mut journal, &mut done, watcher, stop)
        } else {
            self.each(connection, &mut journal, &mut done, watcher, stop)
        };
        match outcome {
            Ok(()) => {
                self.leave_out(&mut journal, &done);
                match journal.end(connection, RunOutcome::Done, None) {
                    Ok(()) => Ok(done),
                    Err(error) => Err(RunFailure {
                        error: Box::new(error),
                        version: None,
                        done,
                        signal: None,
                    }),
                }
            }
            Err(trouble) => {
                let kind = if trouble.signal.is_some() {
                    RunOutcome::Stopped
                } else {
                    RunOutcome::Failed
                };
                if !trouble.lost {
                    // The failure itself is what has to be told.
                    let _ = journal.end(connection, kind, Some(&trouble.error.message));
                }
                Err(RunFailure {
                    error: trouble.error,
                    version: trouble.version,
                    done,
                    signal: trouble.signal,
                })
            }
        }
    }

    /// Takes the settings back that a session has for generated statements.
    fn in_the_servers_mode(&self, connection: &mut Connection) -> Result<(), Error> {
        for setting in self.site().book().hand_written() {
            connection.query(&setting)?;
        }
        Ok(())
    }

    /// Takes what was skipped out of what the run says it did.
    fn leave_out(&self, journal: &mut Journal<'_>, done: &[MigrationDone]) {
        let left_out = |done: &MigrationDone| match done.outcome {
            MigrationOutcome::Skipped | MigrationOutcome::Included => true,
            MigrationOutcome::Executed
            | MigrationOutcome::Baselined
            | MigrationOutcome::Repeatable => false,
        };
        if !done.iter().any(left_out) {
            return;
        }
        let ran = self.migrations.iter().filter_map(|migration| {
            let of_it = |done: &&MigrationDone| done.version == migration.version;
            match done.iter().find(of_it).filter(|done| left_out(done)) {
                None => Some(Planned::of(migration)),
                Some(done) if done.statements == 0 => None,
                Some(done) => Some(Planned::part_of(migration, done.statements)),
            }
        });
        journal.did(Planned::written(ran, None));
    }

    fn each(
        &self,
        connection: &mut Connection,
        journal: &mut Journal<'_>,
        done: &mut Vec<MigrationDone>,
        watcher: &mut dyn Watcher,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let total = self.migrations.len();
        let mut from = self.from;
        // One that a row ended before is run by itself.
        let mut alone = None;
        while let Some(migration) = self.migrations.get(done.len()) {
            let index = done.len();
            if let Some(signal) = stop.signal() {
                return Err(Trouble::stopped(migration, signal));
            }
            let row = self.row_from(index);
            if from == 0 && row.len() > 1 && alone != Some(index) {
                let went = self.in_a_row(connection, journal, row)?;
                for (place, (migration, went)) in row.iter().zip(&went).enumerate() {
                    ran(migration, (index + place + 1, total), went, watcher);
                    self.finish(connection, migration, went.1, watcher)?;
                    done.push(finished(migration, went.1));
                }
                alone = (went.len() < row.len()).then_some(done.len());
                continue;
            }
            // What a run before began has passed its checks.
            let skipped = if from == 0 {
                self.checked(connection, migration, (index + 1, total), watcher)?
            } else {
                watcher.event(&MigrationEvent::Started {
                    migration,
                    number: index + 1,
                    total,
                });
                false
            };
            if skipped {
                let skipped = MigrationOutcome::Skipped;
                done.push(self.left_out(connection, Some(journal), migration, skipped)?);
            } else {
                let next = self.migrations.get(index + 1);
                journal.announce(next.and_then(|next| follows(migration, next)));
                done.push(self.one(connection, journal, migration, from, watcher, stop)?);
            }
            from = 0;
        }
        Ok(())
    }

    fn one(
        &self,
        connection: &mut Connection,
        journal: &mut Journal<'_>,
        migration: &Loaded,
        from: usize,
        watcher: &mut dyn Watcher,
        stop: &Stop,
    ) -> Result<MigrationDone, Trouble> {
        let at = now();
        journal.begin_unit(&migration.unit.name, Some(begun(migration)));
        let outcome = journal.unit(
            connection,
            &migration.unit,
            from,
            &mut |took| self.record(migration, &at, took),
            &mut |event| watcher.event(&MigrationEvent::Statement { migration, event }),
            stop,
        );
        match outcome {
            Ok(unit) => {
                self.finish(connection, migration, unit.elapsed, watcher)?;
                Ok(finished(migration, unit.elapsed))
            }
            Err(failure) => {
                if included::may_be(migration, &failure)
                    && self.is_included(connection, migration)?
                {
                    watcher.event(&MigrationEvent::Included(migration));
                    let included = MigrationOutcome::Included;
                    let done = self.left_out(connection, Some(journal), migration, included)?;
                    return Ok(MigrationDone {
                        statements: sent(migration, failure.standing),
                        ..done
                    });
                }
                Err(failed(migration, failure, watcher))
            }
        }
    }

    /// True when the database has the work of this migration already.
    pub(super) fn is_included(
        &self,
        connection: &mut Connection,
        migration: &Loaded,
    ) -> Result<bool, Trouble> {
        let mut all = self.migrations.iter();
        let at = all.position(|one| one.version == migration.version);
        let and_after = at.and_then(|at| self.migrations.get(at..));
        included::is(connection, self.site(), and_after.unwrap_or_default())
            .map_err(|error| Trouble::of(error, Some(migration)))
    }

    /// Says what the checks say; true when the migration is left out.
    pub(super) fn checked(
        &self,
        connection: &mut Connection,
        migration: &Loaded,
        number: (usize, usize),
        watcher: &mut dyn Watcher,
    ) -> Result<bool, Trouble> {
        judged(connection, self.site(), migration, number, None, watcher)
            .map(|judged| judged.skipped)
    }

    /// The statements that record a migration.
    pub(super) fn record(&self, migration: &Loaded, at: &str, took: Took) -> Vec<String> {
        let site = self.site();
        if migration.direction == Direction::Down {
            let recorded = self.history.written_as(&migration.version);
            return self.history.delete(site, &migration.version, recorded);
        }
        let owner = self.guard.owner();
        self.row(&Record {
            version: &migration.version,
            outcome: self.outcome,
            at: Some(at),
            took: Some(took),
            checksum: Some(&migration.checksum),
            who: &owner.user,
            host: &owner.host,
            note: None,
            up_sql: Some(&migration.up_sql),
            down_sql: migration.down_sql.as_deref(),
        })
    }

    /// The statements that write a row, in place of one that is there.
    pub(super) fn row(&self, record: &Record<'_>) -> Vec<String> {
        if self.written.contains(record.version.as_str()) {
            self.history.insert(self.site(), record)
        } else {
            self.history.add(self.site(), record)
        }
    }

    pub(super) fn finish(
        &self,
        connection: &mut Connection,
        migration: &Loaded,
        elapsed: Duration,
        watcher: &mut dyn Watcher,
    ) -> Result<(), Trouble> {
        let told = checks::closing(connection, self.site(), migration)
            .map_err(|error| Trouble::of(error, Some(migration)))?;
        say(&told, watcher);
        watcher.event(&MigrationEvent::Finished { migration, elapsed });
        Ok(())
    }
}

/// The next migration, where nothing is asked of the database between the two.
fn follows(migration: &Loaded, next: &Loaded) -> Option<Upcoming> {
    let plain = migration.closing.is_empty() && next.checks.is_empty() && next.no_way.is_none();
    plain
        .then(|| Upcoming::of(&next.unit, || begun(next)))
        .flatten()
}

/// How many of the statements of one that is included were sent, up to the last of these that
/// changes anything.
fn sent(migration: &Loaded, standing: usize) -> usize {
    let standing = migration.unit.statements.iter().take(standing);
    let mut changing = standing.enumerate().filter(|(_, one)| !one.is_aside());
    changing.next_back().map_or(0, |(at, _)| at + 1)
}

fn begun(migration: &Loaded) -> String {
    let begun = Begun {
        direction: migration.direction.word().to_owned(),
        statements: kept(&migration.unit.statements),
    };
    // Plain text fields: serialising them cannot fail.
    serde_json::to_string(&begun).unwrap_or_default()
}

pub(super) fn failed(
    migration: &Loaded,
    failure: UnitFailure,
    watcher: &mut dyn Watcher,
) -> Trouble {
    let phase = match (migration.direction, failure.statement) {
        (Direction::Up, Some(number)) if number <= migration.main.start => Phase::PreUp,
        (Direction::Up, Some(number)) if number > migration.main.end => Phase::PostUp,
        (Direction::Down, Some(number)) if number <= migration.main.start => Phase::PreDown,
        (Direction::Down, Some(number)) if number > migration.main.end => Phase::PostDown,
        (Direction::Up, _) => Phase::Up,
        (Direction::Down, _) => Phase::Down,
    };
    if failure.signal.is_none() {
        watcher.event(&MigrationEvent::Failed {
            migration,
            phase,
            reason: &failure.error.message,
        });
    }
    Trouble {
        error: failure.error,
        version: Some(migration.version.clone()),
        signal: failure.signal,
        lost: failure.lost,
    }
}
