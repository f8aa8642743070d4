//! The lock of a database that is a file: an exclusive lock on a file beside it.
//!
//! The operating system gives it free when its process ends, however that happens.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::Owner;
use crate::Error;

/// A held lock. Its file is gone when it is given free.
#[derive(Debug)]
pub(super) struct FileLock {
    file: File,
    path: PathBuf,
}

/// What a try gave.
pub(super) enum Attempt {
    /// It is ours.
    Taken(FileLock),
    /// Somebody has it; one who left no name has none.
    Held(Owner),
}

impl FileLock {
    /// Tries once.
    pub(super) fn attempt(path: &Path, owner: &Owner) -> Result<Attempt, Error> {
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)
                .map_err(|error| trouble(path, &error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut text = String::new();
                    let _ = file.read_to_string(&mut text);
                    return Ok(Attempt::Held(
                        serde_json::from_str(&text).unwrap_or_default(),
                    ));
                }
                Err(TryLockError::Error(error)) => return Err(trouble(path, &error)),
            }
            // The holder before us may have taken the file away between our opening and locking
            // it: then what we hold is a file that nobody else will ever find.
            if !is_still(&file, path) {
                continue;
            }
            // From here on it goes with its file, also when nothing can be written there.
            let mut lock = Self {
                file,
                path: path.to_owned(),
            };
            let text = serde_json::to_string(owner).unwrap_or_default();
            return match lock.say(&text) {
                Ok(()) => Ok(Attempt::Taken(lock)),
                Err(error) => Err(trouble(path, &error)),
            };
        }
    }
}

impl FileLock {
    /// Writes down who holds it.
    fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())
    }

    /// Who holds it, when somebody does; one who left no name has none. Leaves nothing behind.
    pub(super) fn holder(path: &Path) -> Option<Owner> {
        let mut file = File::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = file.read_to_string(&mut text);
                Some(serde_json::from_str(&text).unwrap_or_default())
            }
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // While it is still ours: nobody else's file is taken away.
        let _ = fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still(_: &File, path: &Path) -> bool {
    path.exists()
}

fn trouble(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        crate::ErrorKind::File,
        format!("can't lock {}: {error}", path.display()),
    )
    .with_help(match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "make room where the database lies, and run the same command again"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "the file system of the database is mounted read-only: it can be compared, not changed"
        }
        _ => "the folder of the database has to be writable for this account",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(attempt: Attempt) -> FileLock {
        match attempt {
            Attempt::Taken(lock) => lock,
            Attempt::Held(owner) => panic!("held by {owner:?}"),
        }
    }

    #[test]
    fn one_holder_at_a_time_and_nothing_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.db-realign-lock");
        let owner = Owner::this("realign migrate", "now");
        let lock = taken(FileLock::attempt(&path, &owner).unwrap());
        match FileLock::attempt(&path, &Owner::default()).unwrap() {
            Attempt::Held(holder) => assert_eq!(holder, owner),
            Attempt::Taken(_) => panic!("not seen"),
        }
        assert_eq!(FileLock::holder(&path), Some(owner.clone()));
        drop(lock);
        assert!(!path.exists());
        assert_eq!(FileLock::holder(&path), None);
        taken(FileLock::attempt(&path, &owner).unwrap());
    }

    #[test]
    fn where_nothing_can_be_written_no_file_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.db-realign-lock");
        // A device by the name of the lock: it can be locked, and takes no text.
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        assert!(FileLock::attempt(&path, &Owner::default()).is_err());
        assert!(fs::symlink_metadata(&path).is_err());
    }

    #[test]
    fn a_full_disk_is_no_matter_of_rights() {
        let help = |kind: ErrorKind| trouble(Path::new("a"), &kind.into()).help.unwrap();
        assert!(help(ErrorKind::StorageFull).starts_with("make room"));
        assert!(help(ErrorKind::PermissionDenied).contains("writable for this account"));
    }
}
