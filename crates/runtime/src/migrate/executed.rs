//! What the tables of a history say was executed, and that beside the files.

use std::collections::BTreeSet;

use realign_planner::migration::{Executed, Overview, Version};
use realign_planner::{Rows, Value};

use super::own_table::{self, MigrationOutcome};
use super::{Directory, History};
use crate::kernel::Site;
use crate::{Connection, Error};

/// What the tables of a history hold, as far as an overview needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryRows {
    own: Vec<(MigrationOutcome, Executed)>,
    doctrine: Vec<Executed>,
}

impl HistoryRows {
    /// Those of a history that is Realign's own table, as the answer to
    /// [`own_table::executed_query`] or [`own_table::versions_query`] holds them.
    pub(super) fn of_own(answer: Rows) -> Self {
        Self {
            own: own_table::executed(answer),
            doctrine: Vec::new(),
        }
    }
}

impl History {
    /// Reads the tables. Writes nothing.
    pub fn rows(&self, connection: &mut Connection, site: &Site) -> Result<HistoryRows, Error> {
        let mut rows = HistoryRows::default();
        if self.has_own_table() {
            let query = own_table::executed_query(site, self.own_table());
            rows.own = own_table::executed(connection.query(&query)?);
        }
        if self.is_doctrine() && self.exists {
            rows.doctrine = self.doctrine_rows(connection, site)?;
        }
        Ok(rows)
    }

    /// Available and executed migrations side by side. In Doctrine's layouts what was skipped
    /// counts as executed, which they can't hold.
    pub fn overview(&self, rows: HistoryRows, directory: &Directory) -> Overview {
        let mut skipped = BTreeSet::new();
        let relevant = |(outcome, row): (MigrationOutcome, Executed)| {
            let counts = match outcome {
                MigrationOutcome::Repeatable => false,
                MigrationOutcome::Skipped => {
                    skipped.insert(row.recorded.clone());
                    true
                }
                MigrationOutcome::Executed
                | MigrationOutcome::Included
                | MigrationOutcome::Baselined => !self.doctrine_holds(&row.version),
            };
            counts.then_some(row)
        };
        let mut executed: Vec<Executed> = rows.own.into_iter().filter_map(relevant).collect();
        executed.extend(rows.doctrine);
        if self.is_doctrine() {
            // One that was skipped and is gone was never there for Doctrine.
            executed.retain(|row| {
                !skipped.contains(&row.recorded) || directory.entries.contains_key(&row.version)
            });
        }
        Overview::new(directory.versions(), executed, self.is_short())
    }

    fn doctrine_rows(
        &self,
        connection: &mut Connection,
        site: &Site,
    ) -> Result<Vec<Executed>, Error> {
        let rows = connection.query(&format!("SELECT * FROM {}", site.quote(&self.table)))?;
        let place = |name: &str| {
            rows.columns
                .iter()
                .position(|column| column.eq_ignore_ascii_case(name))
        };
        let (version, at, time) = (
            place(&self.columns.version),
            place(&self.columns.executed_at),
            place(&self.columns.execution_time),
        );
        Ok(rows
            .rows
            .iter()
            .filter_map(|row| {
                let value = |at: Option<usize>| at.and_then(|at| row.get(at));
                let name = value(version).filter(|v| !v.is_null())?.display();
                let version = Version::new(name);
                Some(Executed {
                    recorded: version.clone(),
                    version,
                    at: value(at)
                        .filter(|v| !v.is_null())
                        .map(|v| seconds(&v.display())),
                    milliseconds: value(time).and_then(Value::as_int),
                })
            })
            .collect())
    }
}

/// `2019-01-01 01:00:00` of whatever the server shows: without fractions and zone.
fn seconds(text: &str) -> String {
    let text = text.replace('T', " ");
    text.get(..19).map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_cut_to_seconds() {
        assert_eq!(
            seconds("2019-01-01T01:00:00.000000Z"),
            "2019-01-01 01:00:00"
        );
        assert_eq!(seconds("soon"), "soon");
    }
}
