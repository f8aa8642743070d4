//! Making a backup.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use realign_model::{Database, Fingerprint};
use realign_planner::Facts;

use super::file::{Draft, Writer};
use super::manifest::{FORMAT, Manifest, objects};
use super::{Backup, Copier, LeftOut, Work, store, verify};
use crate::kernel::Site;
use crate::{Connection, Error, ErrorKind, Stop, inspect_known};

/// How a backup's file ends, after the ending of the dump.
pub(super) const ENDING: &str = ".zst";

/// What is said about a new backup.
#[derive(Debug, Clone, Copy)]
pub struct Create<'a> {
    /// The folder that it goes to; made when it is not there.
    pub folder: &'a Path,
    /// What it is for: `before the upgrade to v4.9.3`.
    pub label: Option<&'a str>,
}

/// Writes a backup of this database: all of it or nothing.
///
/// The file has its name only when it is whole and on the disk. Whatever goes wrong before, nothing
/// is left of it; what a kill leaves is swept by the next one. The database is only read.
pub fn create(site: &Site, what: &Create<'_>, stop: &Stop) -> Result<Backup, Error> {
    let copier = site.connect.copier()?;
    let folder = what.folder;
    let work = Work {
        folder,
        stop,
        facts: &site.facts,
    };
    let tool = copier.tool(&work)?;
    copier.ready(&work)?;
    make(folder)?;
    store::sweep_files(folder);
    let mut connection = Connection::open(site.connect.as_ref())?;
    let found = inspect_known(&mut connection, site.dialect, site.facts.clone())?;
    let bytes = found.sizes.values().filter_map(|size| size.bytes).sum();
    ask_for_room(folder, copier.room(bytes))?;

    let made = jiff::Timestamp::now();
    let unwritable = |error: &io::Error| unwritable(folder, error);
    let draft = Draft::new(folder).map_err(|error| unwritable(&error))?;
    let mut writer = Writer::new(draft).map_err(|error| unwritable(&error))?;
    let written = match copier.write(&work, &mut writer) {
        Ok(written) => written,
        // The program that wrote the dump was ended because of it, and only says so.
        Err(error) => return Err(writer.failed().map_or(error, |error| unwritable(&error))),
    };
    let after = inspect_known(&mut connection, site.dialect, site.facts.clone())?;
    if Fingerprint::of(&after.database) != Fingerprint::of(&found.database) {
        return Err(Error::new(
            ErrorKind::Failed,
            "the schema was changed while the backup was written, so the backup was thrown away",
        )
        .with_help(
            "see who changes it (`realign unlock` shows a run of Realign), then begin again",
        ));
    }
    let held = without(found.database, &written.left_out);
    let stem = format!(
        "{}-{}",
        plain(&copier.database()),
        made.strftime("%Y%m%d-%H%M%S")
    );
    let ending = format!(".{}{ENDING}", copier.ending());
    writer
        .finish(folder, (&stem, &ending), |dump_bytes, bytes, checksum| {
            Manifest {
                format: FORMAT,
                realign: env!("CARGO_PKG_VERSION").to_owned(),
                made: made.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
                source: site.connect.display(),
                database: copier.database(),
                dialect: site.dialect.name().to_owned(),
                vendor: site.facts.vendor.clone(),
                server: site.facts.version.text.clone(),
                tool,
                label: what.label.map(str::to_owned),
                objects: objects(&held),
                schema: Fingerprint::of(&held),
                schema_at_rest: verify::at_rest(&held),
                dump_bytes,
                bytes,
                checksum,
                tables: written.tally,
                left_out: written.left_out,
                remarks: written.remarks,
            }
        })
        .map_err(|error| unwritable(&error))
}

/// Fails when no whole backup of this database could be made: the program is missing, or the
/// account may not see everything. Writes nothing.
pub fn possible(site: &Site, folder: &Path, stop: &Stop) -> Result<(), Error> {
    let copier = site.connect.copier()?;
    let work = work(folder, &site.facts, stop);
    copier.tool(&work)?;
    copier.ready(&work)
}

/// The copier of a database and the place for its work.
pub(super) fn work<'a>(folder: &'a Path, facts: &'a Facts, stop: &'a Stop) -> Work<'a> {
    Work {
        folder,
        stop,
        facts,
    }
}

/// All rows of a database, counted without keeping anything.
pub(super) fn tallied(copier: &dyn Copier, work: &Work<'_>) -> Result<super::Tally, Error> {
    copier
        .write(work, &mut io::sink())
        .map(|written| written.tally)
}

/// A schema as the dump holds it.
fn without(mut database: Database, left_out: &[LeftOut]) -> Database {
    database
        .views
        .retain(|view| !left_out.iter().any(|out| out.name == view.name.name.text));
    database
}

/// Makes the folder, for its owner alone: what lies in it is the whole database.
fn make(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| unwritable(folder, &error))
}

/// Refuses before anything is read when the disk is too full.
fn ask_for_room(folder: &Path, needed: u64) -> Result<(), Error> {
    // A file system that can't say it is no reason to make no backup.
    let Ok(found) = rustix::fs::statvfs(folder) else {
        return Ok(());
    };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    if free >= needed {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::File,
        format!(
            "the disk of {} is too full for a backup: about {} are needed, {} are free",
            folder.display(),
            size(needed),
            size(free)
        ),
    )
    .with_help(
        "free some space, or name a folder on another disk: `--to DIR`, or `dir` of [backup]",
    ))
}

fn unwritable(folder: &Path, error: &io::Error) -> Error {
    let failed = Error::new(
        ErrorKind::File,
        format!("can't write a backup into {}: {error}", folder.display()),
    )
    .with_note("nothing is left of it");
    failed.with_help(match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "free some space, or name a folder on another disk: `--to DIR`, or `dir` of [backup]"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "name a folder that this account may write to: `--to DIR`, or `dir` of [backup]"
        }
        _ => "check the folder, or name another: `--to DIR`, or `dir` of [backup]",
    })
}

/// Bytes for a person: `214.0 MB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    #[expect(clippy::cast_precision_loss, reason = "for a person")]
    let mut number = bytes as f64 / 1000.0;
    let mut unit = 0;
    while number >= 1000.0 && unit + 1 < UNITS.len() {
        number /= 1000.0;
        unit += 1;
    }
    format!("{number:.1} {}", UNITS[unit])
}

/// A name as a piece of a file's name.
fn plain(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .take(100)
        .collect();
    let plain = plain.trim_start_matches('.');
    if plain.is_empty() {
        "database".to_owned()
    } else {
        plain.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{plain, size};

    #[test]
    fn a_name_can_not_lead_out_of_the_folder() {
        assert_eq!(plain("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(plain("ixp"), "ixp");
        assert_eq!(plain(".."), "database");
    }

    #[test]
    fn sizes_are_for_persons() {
        assert_eq!(size(12), "12 bytes");
        assert_eq!(size(214_000_000), "214.0 MB");
    }
}
