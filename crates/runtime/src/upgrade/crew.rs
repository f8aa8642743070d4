//! Who does what an upgrade can't do by itself, and who watches it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::State;
use crate::Error;

/// Who is told what is being done, a line each.
pub type Say<'a> = dyn FnMut(&str) + 'a;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The file.
    pub file: PathBuf,
    /// What a person is told of it: `214 MB -> ixp-20261122-0312.sql.zst, restored and compared`.
    pub told: String,
}

/// What has changed in a database since a backup of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Tables with other rows than then, a line each: `cust: 812 rows then, 815 now`.
    pub tables: Vec<String>,
}

/// Who works on the database, under its lock, with the journal that a killed run goes on from.
/// Each answers with what a person is told.
pub trait Crew {
    /// Makes a backup, restores it into a scratch database and compares.
    fn backup(&mut self, label: &str, say: &mut Say<'_>) -> Result<Made, Error>;

    /// What has changed since a backup.
    fn moved(&mut self, backup: &Path) -> Result<Moved, Error>;

    /// Puts a backup back over the database.
    fn restore(&mut self, backup: &Path, say: &mut Say<'_>) -> Result<String, Error>;

    /// Brings the schema to what the checkout declares.
    fn schema(&mut self, complete: bool, say: &mut Say<'_>) -> Result<String, Error>;

    /// Executes the migrations of the configured folder.
    fn migrate(&mut self, say: &mut Say<'_>) -> Result<String, Error>;

    /// Runs scripts again: these, or those of the configured folder.
    fn repeatable(&mut self, scripts: &[PathBuf], say: &mut Say<'_>) -> Result<String, Error>;

    /// Fails when the database does not fit what the checkout declares.
    fn in_sync(&mut self) -> Result<String, Error>;

    /// The first value of a query's answer; none when there is no row. Only reads.
    fn ask(&mut self, query: &str) -> Result<Option<String>, Error>;

    /// Writes the journal into the database.
    fn record(&mut self, state: &State) -> Result<(), Error>;
}

/// Who watches an upgrade.
pub trait Watcher {
    /// The steps of a release begin; none for those before the first and after the last.
    fn release(&mut self, name: Option<&str>);

    /// A step begins.
    fn begun(&mut self, name: &str);

    /// Something of the running step, for a person who waits.
    fn says(&mut self, text: &str);

    /// A step is done, or there was nothing to do.
    fn done(&mut self, name: &str, told: Option<&str>, skipped: bool, took: Duration);

    /// A step failed.
    fn failed(&mut self, name: &str, took: Duration);

    /// Shows a release's note and asks whether what it says is done; false where nobody can be
    /// asked.
    fn acknowledges(&mut self, text: &str) -> bool;
}

/// Nobody.
impl Watcher for () {
    fn release(&mut self, _name: Option<&str>) {}
    fn begun(&mut self, _name: &str) {}
    fn says(&mut self, _text: &str) {}
    fn done(&mut self, _name: &str, _told: Option<&str>, _skipped: bool, _took: Duration) {}
    fn failed(&mut self, _name: &str, _took: Duration) {}
    fn acknowledges(&mut self, _text: &str) -> bool {
        false
    }
}
