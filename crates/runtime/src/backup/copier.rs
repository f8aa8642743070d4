//! What an engine has to do so that its databases can be kept.

use std::fmt::Debug;
use std::io::{Read, Write};
use std::path::Path;

use realign_planner::Facts;
use serde::{Deserialize, Serialize};

use super::Tally;
use crate::{Connect, Error, Stop};

/// What a copier may use while it works.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// Where it may put files of its own, under a name of [`crate::scratch::name`]. They are gone
    /// when it returns.
    pub folder: &'a Path,
    /// The wish to stop.
    pub stop: &'a Stop,
    /// What the server is.
    pub facts: &'a Facts,
}

/// What becomes of what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// The database holds nothing of the application.
    Empty,
    /// Everything in it is replaced, the lock apart.
    Replace,
    /// A scratch database: as [`Self::Empty`], and nothing in it may act by itself.
    Scratch,
}

/// An object that a dump can't hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why: the engine's own words.
    pub why: String,
    /// Its definition, which is kept.
    pub definition: String,
}

/// What a dump holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The rows of each table.
    pub tally: Tally,
    /// Views that refer to something that is gone: no engine makes them anew.
    pub left_out: Vec<LeftOut>,
    /// What a person has to know of it: tables that are not of one moment.
    pub remarks: Vec<String>,
}

/// How one database is written out as a whole and read back.
///
/// Realign's lock is in no dump: a holder that was at work when the backup was made must not come
/// back with it.
pub trait Copier: Debug + Send + Sync {
    /// The database's own name, for that of the file.
    fn database(&self) -> String;

    /// How the file of a dump ends, before the compression's own ending.
    fn ending(&self) -> &'static str;

    /// What does the work, with its version: `mariadb-dump 10.11.6`. Where it is missing, the error
    /// says what to install. Nothing is read yet.
    fn tool(&self, work: &Work<'_>) -> Result<String, Error>;

    /// Fails when a dump could not be whole: what the account may not see, what the program can't
    /// write. Only looks.
    fn ready(&self, work: &Work<'_>) -> Result<(), Error>;

    /// How many bytes have to be free in the folder of the backup, when the tables take so many.
    fn room(&self, bytes: u64) -> u64;

    /// Writes the database as it is at one moment, and counts the rows that it writes.
    fn write(&self, work: &Work<'_>, out: &mut dyn Write) -> Result<Written, Error>;

    /// Reads a dump into this database. When `input` fails, so does this, and where
    /// [`Self::is_atomic`] holds nothing has changed then.
    fn read(&self, load: Load, work: &Work<'_>, input: Box<dyn Read + Send>) -> Result<(), Error>;

    /// A database is replaced as a whole or not at all.
    fn is_atomic(&self) -> bool;

    /// Makes an empty database beside this one, alike in character set and order.
    fn make_scratch(&self, name: &str, work: &Work<'_>) -> Result<Box<dyn Connect>, Error>;

    /// Drops a database that [`Self::make_scratch`] made; one that is gone is no error.
    fn drop_scratch(&self, name: &str, work: &Work<'_>) -> Result<(), Error>;

    /// The names of all scratch databases that can be seen from here.
    fn scratches(&self, work: &Work<'_>) -> Result<Vec<String>, Error>;
}
