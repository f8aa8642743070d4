//! Migrations that each make an empty table, run in a row.

use super::event::{MigrationEvent, Trouble, Watcher};
use super::run::Job;
use super::{Loaded, now};
use crate::Connection;
use crate::kernel::{Journal, Row, Unit, UnitEvent, Went, fits_in_a_row};
use realign_planner::migration::Direction;

/// How many migrations a row has at most: what they did is told when it has ended.
const ROW: usize = 16;

/// Names longer than this may be cut by a server, which says so: in a row nobody would hear it.
const LONGEST_NAME: usize = 60;

impl Job<'_> {
    /// The migrations from this number on that can be run in a row.
    pub(super) fn row_from(&self, index: usize) -> &[Loaded] {
        let rest = self.migrations.get(index..).unwrap_or_default();
        let fits = |migration: &Loaded| {
            // A row of it that is there says nothing of whether it ran just now.
            migration.direction == Direction::Up
                && !self.written.contains(migration.version.as_str())
                && migration.checks.is_empty()
                && migration.closing.is_empty()
                && migration.no_way.is_none()
                && fits_in_a_row(&migration.unit)
                && !migration
                    .unit
                    .statements
                    .iter()
                    .any(|one| has_long_word(&one.sql))
        };
        let count = rest
            .iter()
            .take(ROW)
            .take_while(|migration| fits(migration))
            .count();
        &rest[..count]
    }

    /// Runs these: what each of the first ones gave, which are done.
    pub(super) fn in_a_row(
        &self,
        connection: &mut Connection,
        journal: &mut Journal<'_>,
        row: &[Loaded],
    ) -> Result<Vec<Went>, Trouble> {
        let at = now();
        let units: Vec<&Unit> = row.iter().map(|migration| &migration.unit).collect();
        let mut units = Row {
            units: &units,
            record: &mut |place, took| self.record(&row[place], &at, took),
            recorded: &mut |connection| {
                let written = self.history.recorded(connection, self.site())?;
                let is_there = |migration: &&Loaded| written.contains(migration.version.as_str());
                Ok(row.iter().take_while(is_there).count())
            },
        };
        journal
            .row(connection, &mut units)
            .map_err(|error| Trouble::of(error, row.first()))
    }
}

/// Says of a migration of one statement that it began and that the statement ran.
pub(super) fn ran(
    migration: &Loaded,
    (number, total): (usize, usize),
    (answer, elapsed): &Went,
    watcher: &mut dyn Watcher,
) {
    watcher.event(&MigrationEvent::Started {
        migration,
        number,
        total,
    });
    let mut tell = |event: &UnitEvent<'_>| {
        watcher.event(&MigrationEvent::Statement { migration, event });
    };
    for statement in &migration.unit.statements {
        tell(&UnitEvent::Started {
            number: 1,
            total: 1,
            statement,
        });
        for warning in &answer.warnings {
            tell(&UnitEvent::Warned { number: 1, warning });
        }
        tell(&UnitEvent::Finished {
            number: 1,
            statement,
            affected: answer.affected,
            elapsed: *elapsed,
        });
    }
}

/// True when a word of this text is longer than what every server takes for a name.
fn has_long_word(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word.len() > LONGEST_NAME)
}
