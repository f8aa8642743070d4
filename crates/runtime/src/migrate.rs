//! Migrations at the edge: their folder, their history, and their runs through the kernel.
//!
//! Reading commands ask [`Directory`] and [`History`] and write nothing. A run loads and splits
//! every file it needs first, so that a mistake in the last one stops it before the
//! first statement.

mod ahead;
mod checks;
mod directory;
mod doctrine_table;
mod event;
mod executed;
mod history;
mod included;
mod kept;
mod layout;
mod letters;
mod loaded;
mod look;
mod own_table;
mod rehearsal;
mod room;
mod row;
mod run;
mod together;

pub use checks::Told;
pub use directory::{Directory, Entry, Folder};
pub use event::{Begun, MigrationDone, MigrationEvent, Planned, RunFailure, Watcher};
pub use executed::HistoryRows;
pub use history::{History, Record, in_seconds, now};
pub use kept::{is_shortened, kept};
pub use layout::{HistoryColumns, HistoryOptions, Layout};
pub use letters::unknown_letters;
pub use loaded::{Loaded, Loader};
pub use look::FirstLook;
pub use own_table::{Detail, MigrationOutcome, RecordedSql};
pub use rehearsal::rehearse;
pub use run::Job;
