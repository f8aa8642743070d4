//! The history of migrations: which table holds it, in whose layout.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{layout, no_history};
use super::own_table::{self, Detail, MigrationOutcome, RecordedSql};
use super::{Directory, HistoryColumns, HistoryOptions, Layout, doctrine_table};
use crate::kernel::{Site, Took};
use crate::{Connection, Error, ErrorKind};
use realign_planner::HISTORY_TABLE;
use realign_planner::migration::Version;

/// Tables that Doctrine's tools make when nobody names one, the newest first.
const USUAL: [&str; 2] = [doctrine_table::USUAL, "migration_versions"];

/// The history of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Its table.
    pub table: String,
    /// Whose layout it has, or will have.
    pub layout: Layout,
    /// The table is there.
    pub exists: bool,
    /// Doctrine's columns.
    pub columns: HistoryColumns,
    /// Realign's own table is there; in Doctrine's layouts it is the second one.
    pub own_exists: bool,
    /// Versions whose short name another one before them has as well. A history of short names
    /// can't hold them; Realign's own table does.
    pub doubled: BTreeSet<Version>,
}

/// What is written down of one migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its version.
    pub version: &'a Version,
    /// How it came into the history.
    pub outcome: MigrationOutcome,
    /// When, UTC.
    pub at: Option<&'a str>,
    /// How long it took.
    pub took: Option<Took>,
    /// The checksum of its file.
    pub checksum: Option<&'a str>,
    /// Who.
    pub who: &'a str,
    /// Where.
    pub host: &'a str,
    /// Why it was skipped.
    pub note: Option<&'a str>,
    /// What ran.
    pub up_sql: Option<&'a str>,
    /// The way back.
    pub down_sql: Option<&'a str>,
}

impl History {
    /// Finds the history. Writes nothing. A table of that name that is no history is an error:
    /// nothing is ever made of somebody else's table.
    pub fn find(
        connection: &mut Connection,
        site: &Site,
        options: &HistoryOptions,
    ) -> Result<Self, Error> {
        let there = site.tables_of(connection, &Self::tables(options))?;
        Self::among(connection, site, options, &there)
    }

    /// The tables that are looked for: those that may hold the history, the most likely first,
    /// and Realign's own.
    pub(super) fn tables(options: &HistoryOptions) -> Vec<&str> {
        let mut names = candidates(options);
        if !names.contains(&HISTORY_TABLE) {
            names.push(HISTORY_TABLE);
        }
        names
    }

    /// The history where these of the [`tables`](Self::tables) are there.
    pub(super) fn among(
        connection: &mut Connection,
        site: &Site,
        options: &HistoryOptions,
        there: &[&str],
    ) -> Result<Self, Error> {
        let named = options.table.is_some();
        let own_exists = there.contains(&HISTORY_TABLE);
        for table in candidates(options) {
            if !there.contains(&table) {
                continue;
            }
            let columns = connection.query(&columns_query(site, table))?.columns;
            match layout(&columns, &options.columns) {
                Some(layout) => {
                    if !named {
                        alone(connection, site, options, table, there)?;
                    }
                    return Ok(Self::at(table, layout, options, own_exists));
                }
                // A usual name that the application uses for something else.
                None if !named && table != HISTORY_TABLE => {}
                None => return Err(no_history(table, &columns)),
            }
        }
        Ok(Self::fresh(options, own_exists))
    }

    /// One that is there.
    pub(super) fn at(
        table: &str,
        layout: Layout,
        options: &HistoryOptions,
        own_exists: bool,
    ) -> Self {
        Self {
            table: table.to_owned(),
            layout,
            exists: true,
            columns: options.columns.clone(),
            own_exists,
            doubled: BTreeSet::new(),
        }
    }

    /// The history that there will be.
    pub fn fresh(options: &HistoryOptions, own_exists: bool) -> Self {
        let doctrine = options.doctrine && options.table.as_deref() != Some(HISTORY_TABLE);
        Self {
            table: options
                .table
                .clone()
                .unwrap_or_else(|| if doctrine { USUAL[0] } else { HISTORY_TABLE }.to_owned()),
            layout: if doctrine {
                Layout::Doctrine3
            } else {
                Layout::Own
            },
            exists: false,
            columns: options.columns.clone(),
            own_exists,
            doubled: BTreeSet::new(),
        }
    }

    /// The history as it is beside these files: two namespaces may have a class of one name.
    #[must_use]
    pub fn beside(mut self, directory: &Directory) -> Self {
        if self.is_short() {
            let mut known = BTreeSet::new();
            self.doubled = directory
                .entries
                .keys()
                .filter(|version| !known.insert(version.short()))
                .cloned()
                .collect();
        }
        self
    }

    /// True when Doctrine's table has, or will have, a row of a version that was executed.
    pub fn doctrine_holds(&self, version: &Version) -> bool {
        self.is_doctrine() && !self.doubled.contains(version)
    }

    /// True for one of Doctrine's layouts.
    pub fn is_doctrine(&self) -> bool {
        self.layout != Layout::Own
    }

    /// True when its versions are the short ones of Doctrine Migrations 1 and 2.
    pub fn is_short(&self) -> bool {
        matches!(self.layout, Layout::Doctrine1 | Layout::Doctrine2)
    }

    /// The table with what only Realign knows.
    pub(super) fn own_table(&self) -> &str {
        match self.layout {
            Layout::Own => &self.table,
            Layout::Doctrine1 | Layout::Doctrine2 | Layout::Doctrine3 => HISTORY_TABLE,
        }
    }

    /// True when the table with what only Realign knows is there.
    pub(super) fn has_own_table(&self) -> bool {
        match self.layout {
            Layout::Own => self.exists,
            Layout::Doctrine1 | Layout::Doctrine2 | Layout::Doctrine3 => self.own_exists,
        }
    }

    /// The versions that the own table has a row of. Under the lock that stays so.
    pub fn written(
        &self,
        connection: &mut Connection,
        site: &Site,
    ) -> Result<BTreeSet<String>, Error> {
        if self.has_own_table() {
            own_table::versions(connection, site, self.own_table())
        } else {
            Ok(BTreeSet::new())
        }
    }

    /// The same during a run, which has made the table where it was missing.
    pub(super) fn recorded(
        &self,
        connection: &mut Connection,
        site: &Site,
    ) -> Result<BTreeSet<String>, Error> {
        own_table::versions(connection, site, self.own_table())
    }

    /// What the own table knows, by version.
    pub fn details(
        &self,
        connection: &mut Connection,
        site: &Site,
    ) -> Result<BTreeMap<String, Detail>, Error> {
        if self.has_own_table() {
            own_table::read(connection, site, self.own_table())
        } else {
            Ok(BTreeMap::new())
        }
    }

    /// The statements that were recorded of a version, up and down.
    pub fn recorded_sql(
        &self,
        connection: &mut Connection,
        site: &Site,
        version: &Version,
    ) -> Result<Option<RecordedSql>, Error> {
        if !self.has_own_table() {
            return Ok(None);
        }
        own_table::recorded_sql(connection, site, self.own_table(), version.as_str())
    }

    /// The versions that a check of their own has left out.
    pub fn skipped(
        &self,
        connection: &mut Connection,
        site: &Site,
    ) -> Result<BTreeSet<String>, Error> {
        let details = self.details(connection, site)?;
        Ok(details
            .into_iter()
            .filter(|(_, detail)| detail.outcome == MigrationOutcome::Skipped)
            .map(|(version, _)| version)
            .collect())
    }

    /// The statements that make the tables that are missing.
    pub fn preparation(&self, site: &Site) -> Result<Vec<String>, Error> {
        let mut statements = Vec::new();
        if self.is_doctrine() {
            if !self.exists {
                statements.extend(doctrine_table::create(site, self)?);
            }
            if !self.own_exists {
                statements.push(own_table::create(site, HISTORY_TABLE));
            }
        } else if !self.exists {
            statements.push(own_table::create(site, &self.table));
        }
        Ok(statements)
    }

    /// The statements that write a migration down.
    pub fn insert(&self, site: &Site, record: &Record<'_>) -> Vec<String> {
        let name = self.own_table();
        let mut statements = vec![own_table::delete(site, name, record.version.as_str())];
        statements.extend(self.add(site, record));
        statements
    }

    /// The same for a version that Realign's own table has no row of; see
    /// [`written`](Self::written).
    pub fn add(&self, site: &Site, record: &Record<'_>) -> Vec<String> {
        let mut statements = vec![own_table::insert(site, self.own_table(), record)];
        // Doctrine would take a skipped one for executed, and a script for a migration.
        let theirs = !matches!(
            record.outcome,
            MigrationOutcome::Skipped | MigrationOutcome::Repeatable
        );
        if self.doctrine_holds(record.version) && theirs {
            statements.push(self.doctrine_insert(site, record.version, record.at, record.took));
        }
        statements
    }

    /// The row of a migration as Doctrine writes it.
    pub fn doctrine_insert(
        &self,
        site: &Site,
        version: &Version,
        at: Option<&str>,
        took: Option<Took>,
    ) -> String {
        doctrine_table::insert(site, self, version, at, took)
    }

    /// The statements that take a migration out of the history; `recorded` is what its row says.
    pub fn delete(&self, site: &Site, version: &Version, recorded: &str) -> Vec<String> {
        let mut statements = Vec::new();
        if self.is_doctrine() {
            if self.doctrine_holds(version) {
                statements.push(self.doctrine_delete(site, recorded));
            }
            if self.own_exists {
                statements.push(own_table::delete(site, HISTORY_TABLE, version.as_str()));
            }
        } else {
            statements.push(own_table::delete(site, &self.table, recorded));
        }
        statements
    }

    /// The statement that takes a row out of Doctrine's table.
    pub fn doctrine_delete(&self, site: &Site, recorded: &str) -> String {
        format!(
            "DELETE FROM {} WHERE {} = {}",
            site.quote(&self.table),
            site.quote(&self.columns.version),
            site.book().text(recorded)
        )
    }
}

/// This moment, as histories have it: UTC, to the second.
pub fn now() -> String {
    in_seconds(0)
}

/// So many seconds from this moment, in the same words.
pub fn in_seconds(seconds: i64) -> String {
    let now = jiff::Timestamp::now();
    // Past the last year that there is, it is that moment still.
    now.checked_add(jiff::SignedDuration::from_secs(seconds))
        .unwrap_or(now)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// Refuses to guess where this table is empty and an older one of Doctrine's is not: all of its
/// migrations would run once more. Doctrine's newer versions make a table of another name.
fn alone(
    connection: &mut Connection,
    site: &Site,
    options: &HistoryOptions,
    table: &str,
    there: &[&str],
) -> Result<(), Error> {
    let older = USUAL
        .into_iter()
        .skip_while(|usual| *usual != table)
        .skip(1);
    for other in older.filter(|other| there.contains(other)) {
        let columns = connection.query(&columns_query(site, other))?.columns;
        if layout(&columns, &options.columns).is_none() {
            continue;
        }
        let mut holds = |name: &str| -> Result<bool, Error> {
            let query = format!("SELECT 1 FROM {} LIMIT 1", site.quote(name));
            Ok(!connection.query(&query)?.rows.is_empty())
        };
        if !holds(table)? && holds(other)? {
            return Err(Error::new(
                ErrorKind::Failed,
                format!("two tables could be the history of migrations: {table}, which is empty, and {other}, which is not"),
            )
            .with_note("nothing was changed")
            .with_help("name the one that counts: --migrations-table, or `table` in [migrations]"));
        }
    }
    Ok(())
}

/// The tables that may hold the history, the most likely first.
pub(super) fn candidates(options: &HistoryOptions) -> Vec<&str> {
    match &options.table {
        Some(table) => vec![table],
        None => USUAL.into_iter().chain([HISTORY_TABLE]).collect(),
    }
}

/// A query for the names of a table's columns, without a row.
pub(super) fn columns_query(site: &Site, table: &str) -> String {
    format!("SELECT * FROM {} LIMIT 0", site.quote(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_history_is_doctrines_only_where_that_is_wanted() {
        let mut options = HistoryOptions::default();
        assert_eq!(History::fresh(&options, false).table, "realign_migrations");
        options.doctrine = true;
        let history = History::fresh(&options, false);
        assert_eq!(history.table, "doctrine_migration_versions");
        assert_eq!(history.layout, Layout::Doctrine3);
    }
}
