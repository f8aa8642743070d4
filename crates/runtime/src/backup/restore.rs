//! Putting a backup into a database.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use realign_planner::{HISTORY_TABLE, OWN_TABLES};

use super::create::{tallied, work};
use super::verify::{compare, is_of, load, prove, room};
use super::{Backup, Load, Tally, Tell};
use crate::kernel::Site;
use crate::{Connection, Error, ErrorKind, Stop, inspect_known};

/// A database that was put back.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What could not be compared afterwards, and why.
    pub remarks: Vec<String>,
}

/// How the rows of a table differ from those in a backup: what a restore would take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The table.
    pub table: String,
    /// Rows in the backup; none when the table was not there.
    pub then: Option<u64>,
    /// Rows now; none when it is not there.
    pub now: Option<u64>,
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = &self.table;
        match (self.then, self.now) {
            (Some(then), Some(now)) if then == now => {
                write!(f, "{table}: {now} rows, and some of them are others")
            }
            (Some(then), Some(now)) => write!(f, "{table}: {then} rows in the backup, {now} now"),
            (Some(then), None) => write!(f, "{table}: {then} rows in the backup, not there now"),
            (None, Some(now)) => write!(f, "{table}: not in the backup, {now} rows now"),
            (None, None) => f.write_str(table),
        }
    }
}

/// The tables whose rows differ between a backup and another tally of the same database.
pub fn since(then: &Tally, now: &Tally) -> Vec<Since> {
    let names: BTreeSet<&String> = then.0.keys().chain(now.0.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| {
            let (a, b) = (then.0.get(name), now.0.get(name));
            let rows = |count: Option<&super::Count>| count.map(|count| count.rows);
            let nothing = rows(a).unwrap_or(0) == 0 && rows(b).unwrap_or(0) == 0;
            (a != b && !nothing).then(|| Since {
                table: name.clone(),
                then: rows(a),
                now: rows(b),
            })
        })
        .collect()
}

/// The same for a person who is asked whether those may go: the journals of Realign's own runs are
/// left out, which differ after each.
pub fn written_since(then: &Tally, now: &Tally) -> Vec<Since> {
    let journal = |name: &str| OWN_TABLES.contains(&name) && name != HISTORY_TABLE;
    let mut found = since(then, now);
    found.retain(|since| !journal(&since.table));
    found
}

/// The rows of this database as it is now, to be compared with those of a backup. Writes nothing.
pub fn present(site: &Site, folder: &Path, stop: &Stop) -> Result<Tally, Error> {
    tallied(
        site.connect.copier()?.as_ref(),
        &work(folder, &site.facts, stop),
    )
}

/// Puts a backup into a database. Whoever calls it holds the database's lock, and has asked.
///
/// [`Load::Empty`] refuses a database that holds anything. [`Load::Replace`] replaces what is
/// there; where the engine can't do that as a whole or not at all, the backup is first proven in a
/// scratch database, so that a backup that can't be loaded changes nothing. Afterwards rows and
/// schema are compared with what was backed up.
pub fn restore(
    site: &Site,
    path: &Path,
    how: Load,
    stop: &Stop,
    tell: &mut Tell<'_>,
) -> Result<Restored, Error> {
    tell(&format!("reading {}", path.display()));
    let backup = super::check(path, stop)?;
    is_of(site, &backup.manifest)?;
    let folder = room(path);
    let work = work(&folder, &site.facts, stop);
    let copier = site.connect.copier()?;
    copier.tool(&work)?;
    match how {
        Load::Empty | Load::Scratch => is_empty(site)?,
        Load::Replace if copier.is_atomic() => {}
        Load::Replace => {
            prove(site, &backup, stop, tell)?;
        }
    }
    tell(&format!("loading it into {}", site.connect.display()));
    load(copier.as_ref(), &backup, how, &work)
        .map_err(|error| unfinished(error, copier.is_atomic(), &backup, how))?;
    tell("comparing rows and schema");
    let remarks = compare(site, site.connect.as_ref(), &backup, how, &work)?;
    Ok(Restored { remarks })
}

/// Where a load stopped, and what that means for the database.
fn unfinished(error: Error, atomic: bool, backup: &Backup, how: Load) -> Error {
    if atomic {
        return error.with_note("nothing was changed");
    }
    let (state, again) = match how {
        Load::Replace => (
            "the database holds only a part of the backup now",
            " --into-same",
        ),
        Load::Empty | Load::Scratch => (
            "the database holds a part of the backup now",
            " --into-same",
        ),
    };
    error.with_note(state).with_help(format!(
        "mend the cause, then run it again: `realign backup restore {}{again}`",
        backup.path.display()
    ))
}

/// Refuses a database that holds anything of an application.
fn is_empty(site: &Site) -> Result<(), Error> {
    let mut connection = Connection::open(site.connect.as_ref())?;
    let found = inspect_known(&mut connection, site.dialect, site.facts.clone())?.database;
    let tables = found.tables.iter().map(|table| &table.name);
    let views = found.views.iter().map(|view| &view.name);
    let mut names: Vec<String> = tables.chain(views).map(ToString::to_string).collect();
    let others = found.routines.len() + found.sequences.len() + found.events.len();
    if names.is_empty() && others == 0 {
        return Ok(());
    }
    let count = names.len() + others;
    names.truncate(5);
    Err(Error::new(
        ErrorKind::Refused,
        format!(
            "{} is not empty: {count} tables, views and the like are in it",
            site.connect.display()
        ),
    )
    .with_note(names.join(", "))
    .with_note("nothing was changed")
    .with_help("name an empty database, or replace what is in it: `--into-same`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::RowHash;

    fn tally(tables: &[(&str, &[&str])]) -> Tally {
        let mut tally = Tally::default();
        for (table, rows) in tables {
            let count = tally.table(table);
            for row in *rows {
                let mut hash = RowHash::default();
                hash.put(row.as_bytes());
                count.add(hash);
            }
        }
        tally
    }

    #[test]
    fn what_a_restore_takes_back_is_named() {
        let then = tally(&[("a", &["1"]), ("b", &["1"]), ("c", &["1"]), ("e", &[])]);
        let now = tally(&[
            ("a", &["1"]),
            ("b", &["2"]),
            ("c", &["1", "2"]),
            ("d", &["1"]),
        ]);
        let told: Vec<String> = since(&then, &now).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "b: 1 rows, and some of them are others",
                "c: 1 rows in the backup, 2 now",
                "d: not in the backup, 1 rows now",
            ]
        );
    }
}
