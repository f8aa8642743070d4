//! Migrations at the edge: their folder, their history, and their runs through the kernel.
//!
//! Reading commands ask [`Directory`] and [`History`] and write nothing. A run loads and splits
//! every file it needs first, so that a mistake in the last one stops it before the
//! first statement.

mod directory;
mod doctrine_table;
mod history;
mod own_table;

pub use directory::{Directory, Entry, Folder};
pub use history::{History, HistoryColumns, HistoryOptions, Layout, Record, now};
pub use own_table::{Detail, MigrationOutcome};
