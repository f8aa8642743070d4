//! Backups: the whole database as one file that can prove itself.
//!
//! A backup is one file, written under a temporary name and renamed when it is whole. Its bytes
//! are the engine's own dump, compressed: `zstd -dc FILE` gives it back without Realign. Behind it,
//! in a frame that zstd passes over, stands the [`Manifest`]: checksum, size, fingerprint of the
//! schema, and for each table how many rows there are and a digest over them.
//!
//! [`check`] reads the file alone, [`verify`] loads it into a scratch database and compares, and
//! [`restore`] puts it into a database. What an engine does for it is its [`Copier`].

mod copier;
mod create;
mod file;
mod manifest;
mod restore;
mod store;
mod tally;
mod verify;

use std::path::PathBuf;

pub use copier::{Copier, LeftOut, Load, Work, Written};
pub use create::{Create, create, possible, size};
pub use file::{check, read};
pub use manifest::Manifest;
pub use restore::{Restored, Since, present, restore, since, written_since};
pub use store::{Listed, Pruned, Swept, list, prune, sweep};
pub use tally::{Count, RowHash, Tally};
pub use verify::{Verified, verify};

/// A whole backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
}

/// Who is told what is being done, a line each.
pub type Tell<'a> = dyn FnMut(&str) + 'a;
