//! Migrations that are left out, and all of them in one transaction.

use super::event::{MigrationDone, MigrationEvent, Trouble, Watcher};
use super::rehearsal::finished;
use super::run::{Job, failed};
use super::{Loaded, MigrationOutcome, Record, included, now};
use crate::kernel::{Journal, UnitFailure};
use crate::{Connection, Error, ErrorKind, Stop};
use realign_planner::migration::Direction;

/// How the transaction of all is gone through.
#[derive(Clone, Copy)]
enum Pass {
    /// As if nothing of what they make was there.
    First,
    /// Once more, as the migration of this number was refused and seems to be included: it and those
    /// after it are taken back by themselves when they are. What is before it has been told.
    Again(usize),
}

/// Why such a pass has ended.
enum Ended {
    Trouble(Trouble),
    /// A migration that seems to be included was refused: which one, and its failure.
    Refused(usize, UnitFailure),
}

impl From<Trouble> for Ended {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Job<'_> {
    /// All in one transaction. What a migration's checks ask sees what those before it did.
    ///
    /// A place to go back to before each of them would cost every run; so the whole transaction is
    /// run once more, with such places, when one is refused that seems to be included.
    pub(super) fn all(
        &self,
        connection: &mut Connection,
        journal: &mut Journal<'_>,
        done: &mut Vec<MigrationDone>,
        watcher: &mut dyn Watcher,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let Some(first) = self.migrations.first() else {
            return Ok(());
        };
        let mut pass = Pass::First;
        let ran = loop {
            let ended = self.one_transaction(connection, journal, (done, pass), watcher, stop);
            let (at, failure) = match ended {
                Ok(()) => break Ok(()),
                Err(Ended::Trouble(trouble)) => break Err(trouble),
                Err(Ended::Refused(at, failure)) => (at, failure),
            };
            let migration = &self.migrations[at];
            // Nothing of those before it stands now: what was there before all of them is asked.
            journal.undo_shared(connection);
            match self.is_included(connection, migration) {
                Ok(true) => {
                    done.clear();
                    pass = Pass::Again(at);
                }
                Ok(false) => break Err(failed(migration, failure, watcher)),
                Err(trouble) => break Err(trouble),
            }
        };
        ran.map_err(|mut trouble| {
            done.clear();
            if !trouble.lost {
                journal.undo_shared(connection);
                if let Some(number) = trouble.signal {
                    // What a signal stops elsewhere leaves what ran before it.
                    let message = format!("stopped by signal {number}");
                    *trouble.error = Error::new(ErrorKind::Stopped(number), message)
                        .with_help("run the same command again");
                }
                let from = &first.version;
                trouble.error.notes.push(format!(
                    "nothing stands: all from {from} on is one transaction"
                ));
                let help = "mend it and run the same command again";
                trouble.error.help.get_or_insert_with(|| help.to_owned());
            }
            trouble
        })
    }

    fn one_transaction(
        &self,
        connection: &mut Connection,
        journal: &mut Journal<'_>,
        (done, pass): (&mut Vec<MigrationDone>, Pass),
        watcher: &mut dyn Watcher,
        stop: &Stop,
    ) -> Result<(), Ended> {
        let (Some(first), Some(last)) = (self.migrations.first(), self.migrations.last()) else {
            return Ok(());
        };
        journal
            .open_shared(connection)
            .map_err(|failure| failed(first, failure, watcher))?;
        for (index, migration) in self.migrations.iter().enumerate() {
            if let Some(signal) = stop.signal() {
                return Err(Trouble::stopped(migration, signal).into());
            }
            let one = self.shared(connection, journal, (index, pass), watcher, stop)?;
            done.push(one);
        }
        journal
            .close_shared(connection)
            .map_err(|failure| failed(last, failure, watcher).into())
    }

    /// One of them, within the transaction.
    fn shared(
        &self,
        connection: &mut Connection,
        journal: &mut Journal<'_>,
        (index, pass): (usize, Pass),
        watcher: &mut dyn Watcher,
        stop: &Stop,
    ) -> Result<MigrationDone, Ended> {
        let migration = &self.migrations[index];
        let trouble = |error| Trouble::of(error, Some(migration));
        let (told, marked) = match pass {
            Pass::First => (false, false),
            Pass::Again(from) => (index <= from, index >= from && included::defines(migration)),
        };
        let mut nobody = ();
        let teller: &mut dyn Watcher = if told { &mut nobody } else { watcher };
        let number = (index + 1, self.migrations.len());
        if self.checked(connection, migration, number, teller)? {
            let skipped = MigrationOutcome::Skipped;
            return Ok(self.left_out(connection, None, migration, skipped)?);
        }
        if marked {
            journal.mark_shared(connection).map_err(trouble)?;
        }
        let at = now();
        let ran = journal.share(
            connection,
            &migration.unit,
            &mut |elapsed| self.record(migration, &at, elapsed),
            &mut |event| teller.event(&MigrationEvent::Statement { migration, event }),
            stop,
        );
        match ran {
            Ok(unit) => {
                if marked {
                    journal.leave_mark(connection, false).map_err(trouble)?;
                }
                self.finish(connection, migration, unit.elapsed, teller)?;
                Ok(finished(migration, unit.elapsed))
            }
            Err(failure) if !included::may_be(migration, &failure) => {
                Err(failed(migration, failure, watcher).into())
            }
            Err(failure) if !marked => Err(Ended::Refused(index, failure)),
            Err(failure) => {
                journal.leave_mark(connection, true).map_err(trouble)?;
                if !self.is_included(connection, migration)? {
                    return Err(failed(migration, failure, watcher).into());
                }
                watcher.event(&MigrationEvent::Included(migration));
                let included = MigrationOutcome::Included;
                Ok(self.left_out(connection, None, migration, included)?)
            }
        }
    }

    /// Writes down that a migration was left out: in a commit of its own, or within the transaction
    /// that is open where no journal is given.
    pub(super) fn left_out(
        &self,
        connection: &mut Connection,
        journal: Option<&mut Journal<'_>>,
        migration: &Loaded,
        outcome: MigrationOutcome,
    ) -> Result<MigrationDone, Trouble> {
        if migration.direction == Direction::Up {
            let trouble = |error| Trouble::of(error, Some(migration));
            self.guard.check().map_err(trouble)?;
            let at = now();
            let owner = self.guard.owner();
            let record = Record {
                version: &migration.version,
                outcome,
                at: Some(&at),
                took: None,
                checksum: Some(&migration.checksum),
                who: &owner.user,
                host: &owner.host,
                note: None,
                up_sql: None,
                // What is there can be taken back as if it had run.
                down_sql: match outcome {
                    MigrationOutcome::Included => migration.down_sql.as_deref(),
                    MigrationOutcome::Executed
                    | MigrationOutcome::Skipped
                    | MigrationOutcome::Baselined
                    | MigrationOutcome::Repeatable => None,
                },
            };
            let records = self.row(&record);
            match journal {
                Some(journal) => journal.leave_out(connection, records),
                None => connection.query_all(&records).map(drop),
            }
            .map_err(trouble)?;
        }
        Ok(MigrationDone {
            version: migration.version.clone(),
            outcome,
            statements: 0,
            milliseconds: 0,
            later: Vec::new(),
        })
    }
}
