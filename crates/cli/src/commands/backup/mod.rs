//! `realign backup …`.

mod create;
mod list;
mod restore;
mod verify;

use std::path::{Path, PathBuf};

use realign::runtime::backup::{Backup, Manifest};
use serde::Serialize;

use crate::args::BackupCommand;
use crate::exit::Exit;
use crate::report::style::count;
use crate::settings::Settings;

/// Runs one of them.
pub(crate) fn run(command: &BackupCommand, settings: &Settings) -> anyhow::Result<Exit> {
    match command {
        BackupCommand::Create(args) => create::run(args, settings),
        BackupCommand::List(args) => list::run(args, settings),
        BackupCommand::Verify(args) => verify::run(args, settings),
        BackupCommand::Restore(args) => restore::run(args, settings),
    }
}

/// A backup as documents have it.
#[derive(Debug, Serialize)]
struct BackupDocument<'a> {
    file: &'a Path,
    manifest: &'a Manifest,
}

impl<'a> BackupDocument<'a> {
    fn of(backup: &'a Backup) -> Self {
        Self {
            file: &backup.path,
            manifest: &backup.manifest,
        }
    }
}

/// The file that was meant: a path, or a name in the folder of backups.
fn found(file: &Path, settings: &Settings) -> PathBuf {
    let inside = settings.backup.folder.join(file);
    if !file.exists() && file.components().count() == 1 && inside.exists() {
        inside
    } else {
        file.to_owned()
    }
}

/// `57 tables, 1234 rows`.
fn content(manifest: &Manifest) -> String {
    let rows = usize::try_from(manifest.tables.rows()).unwrap_or(usize::MAX);
    format!(
        "{}, {}",
        count(manifest.tables.0.len(), "table"),
        count(rows, "row")
    )
}

/// Bytes for a person: `214.0 MB`.
fn size(bytes: u64) -> String {
    realign::runtime::backup::size(bytes)
}

/// The moment of a manifest, shorter: `2026-11-22 03:12:07`.
fn moment(made: &str) -> String {
    made.split('.').next().unwrap_or(made).replace('T', " ")
}
