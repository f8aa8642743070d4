//! The folder that backups lie in: what is there, what is too much, what a kill has left.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::create::ENDING;
use super::{Backup, Work, read};
use crate::kernel::Site;
use crate::{Error, ErrorKind, Stop, scratch};

/// A file of the folder that has the name of a backup.
#[derive(Debug)]
pub struct Listed {
    /// The file.
    pub path: PathBuf,
    /// The backup, or why it is none.
    pub backup: Result<Backup, Error>,
}

/// The backups of a folder, the newest first; those that are none stand last. Only their
/// descriptions are read.
pub fn list(folder: &Path) -> Result<Vec<Listed>, Error> {
    let mut found = Vec::new();
    let unreadable = |error: std::io::Error| {
        Error::new(
            ErrorKind::File,
            format!("can't read {}: {error}", folder.display()),
        )
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(unreadable(error)),
    };
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        let name = entry.file_name();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && name.to_string_lossy().ends_with(ENDING) {
            found.push(Listed {
                backup: read(&path),
                path,
            });
        }
    }
    found.sort_by(|a, b| {
        let made = |listed: &Listed| listed.backup.as_ref().ok().map(|b| b.manifest.made.clone());
        made(b).cmp(&made(a)).then_with(|| b.path.cmp(&a.path))
    });
    Ok(found)
}

/// What was taken away because there were enough newer ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The files.
    pub removed: Vec<PathBuf>,
}

/// Keeps so many backups of the same database as `newest` is of, itself among them, and removes
/// older ones. What is no whole backup, and what is of another database, stays.
pub fn prune(folder: &Path, newest: &Backup, keep: usize) -> Result<Pruned, Error> {
    let mut pruned = Pruned::default();
    let same: Vec<Backup> = list(folder)?
        .into_iter()
        .filter_map(|listed| listed.backup.ok())
        .filter(|backup| {
            let (a, b) = (&backup.manifest, &newest.manifest);
            (&a.source, &a.database, &a.dialect) == (&b.source, &b.database, &b.dialect)
                && a.made <= b.made
        })
        .collect();
    for backup in same.into_iter().skip(keep.max(1)) {
        if backup.path == newest.path {
            continue;
        }
        std::fs::remove_file(&backup.path).map_err(|error| {
            Error::new(
                ErrorKind::File,
                format!("can't remove {}: {error}", backup.path.display()),
            )
            .with_help(
                "the new backup is whole; remove the old one by hand, or raise `keep` of [backup]",
            )
        })?;
        pruned.removed.push(backup.path);
    }
    Ok(pruned)
}

/// What a kill had left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files and scratch databases that are gone now.
    pub gone: Vec<String>,
    /// Those whose maker runs on another system, or may: nobody can tell from here.
    pub unknown: Vec<String>,
}

/// Takes away half-written files and scratch databases whose maker is gone.
pub fn sweep(site: &Site, folder: &Path, stop: &Stop) -> Result<Swept, Error> {
    let mut swept = sweep_files(folder);
    let copier = site.connect.copier()?;
    let work = Work {
        folder,
        stop,
        facts: &site.facts,
    };
    for name in copier.scratches(&work)? {
        match scratch::is_left_behind(&name) {
            Some(true) => {
                copier.drop_scratch(&name, &work)?;
                swept.gone.push(name);
            }
            Some(false) => {}
            None => swept.unknown.push(name),
        }
    }
    Ok(swept)
}

/// The same for files alone. What can't be removed is still there the next time.
pub(super) fn sweep_files(folder: &Path) -> Swept {
    let mut swept = Swept::default();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return swept;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = OsStr::to_str(&name) else {
            continue;
        };
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file
            && scratch::is_left_behind(name) == Some(true)
            && std::fs::remove_file(entry.path()).is_ok()
        {
            swept.gone.push(entry.path().display().to_string());
        }
    }
    swept
}
