//! Where the journal lies: a folder of Realign's own, outside of the tree that git changes.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::{State, Status};
use crate::kernel::Owner;
use crate::process::{Kin, Relative};
use crate::{Error, ErrorKind, point};

const JOURNAL: &str = "upgrade.json";
const LOCK: &str = "upgrade.lock";
const PROGRAMS: &str = "programs.json";
/// How long what a killed run has left has to end by itself, once it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// The folder with the journal of an application's upgrades.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// The right to write into it: one upgrade at a time. Given free when this goes, also when the
/// process is killed.
#[derive(Debug)]
pub struct Held {
    _lock: File,
}

impl Store {
    /// The store in a folder, which need not be there yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// By what all that a step starts is known: no other application of this machine has it.
    pub(super) fn mark(&self, state: &State, at: usize) -> String {
        format!("{} {}/{}", self.folder.display(), state.id, at + 1)
    }

    /// The same of what a way back starts.
    pub(super) fn mark_back(&self, state: &State) -> String {
        format!("{} {}/back", self.folder.display(), state.id)
    }

    /// The file that says which programs of a step are at work.
    pub(super) fn programs(&self) -> PathBuf {
        self.folder.join(PROGRAMS)
    }

    /// Ends what a killed run has left at work; gives what that was. Nobody else may be at work:
    /// the lock is held.
    pub fn end_left_behind(&self, state: &State) -> Result<Vec<Relative>, Error> {
        let begun = state.entries.iter().position(|entry| {
            // What a step that is behind has started, it was meant to leave.
            entry.status == Status::Running
        });
        let back = state.is_going_back().then(|| self.mark_back(state));
        let marks = begun.map(|at| self.mark(state, at)).into_iter().chain(back);
        let by_mark = marks.map(|mark| Kin::marked(&mark));
        let mut ended = Vec::new();
        for kin in by_mark.chain(Kin::read(&self.programs())) {
            ended.extend(kin.end(GRACE).map_err(|error| {
                let next = if state.is_going_back() {
                    "realign upgrade rollback --into-same"
                } else {
                    "realign upgrade resume"
                };
                error.with_help(format!("see that they end, then go on: {next}"))
            })?);
        }
        self.forget(PROGRAMS)?;
        Ok(ended)
    }

    /// The last upgrade, finished or not. Writes nothing.
    pub fn last(&self) -> Result<Option<State>, Error> {
        let path = self.folder.join(JOURNAL);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("read", &path, &error)),
        };
        let unreadable = || {
            Error::new(
                ErrorKind::Failed,
                format!(
                    "the journal {} can't be read by this version",
                    path.display()
                ),
            )
            .with_help("go on with the version of Realign that wrote it, or a newer one")
        };
        let state: State = serde_json::from_slice(&text).map_err(|_| unreadable())?;
        if state.is_known() {
            Ok(Some(state))
        } else {
            Err(unreadable())
        }
    }

    /// Makes the folder, for this user's eyes only, and takes the lock.
    pub fn hold(&self, owner: &Owner) -> Result<Held, Error> {
        fs::create_dir_all(&self.folder).map_err(|error| failed("make", &self.folder, &error))?;
        let only_us = Permissions::from_mode(0o700);
        fs::set_permissions(&self.folder, only_us)
            .map_err(|error| failed("write into", &self.folder, &error))?;
        let path = self.folder.join(LOCK);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| failed("open", &path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let other: Option<Owner> = fs::read(&path)
                    .ok()
                    .and_then(|text| serde_json::from_slice(&text).ok());
                let who = other.map_or_else(
                    || "somebody".to_owned(),
                    |owner| format!("`{}` ({owner})", owner.command),
                );
                return Err(Error::new(
                    ErrorKind::Locked,
                    format!("an upgrade of this application is at work: {who}"),
                )
                .with_note("nothing was changed")
                .with_help("`realign upgrade status` shows how far it is"));
            }
            Err(fs::TryLockError::Error(error)) => return Err(failed("lock", &path, &error)),
        }
        let text = serde_json::to_vec(owner).unwrap_or_default();
        file.set_len(0)
            .and_then(|()| file.write_all(&text))
            .map_err(|error| failed("write", &path, &error))?;
        Ok(Held { _lock: file })
    }

    /// Whether somebody holds the lock. Writes nothing.
    pub fn is_held(&self) -> bool {
        File::open(self.folder.join(LOCK))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
    }

    /// Writes the journal: whole, and on the disk when this returns.
    pub fn save(&self, state: &State) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(state).unwrap_or_default();
        self.write(JOURNAL, &text).map(|_| ())
    }

    /// Writes another file of an upgrade: whole, and for this user's eyes only.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf, Error> {
        let path = self.folder.join(name);
        let folder = path.parent().unwrap_or(&self.folder);
        point::at("before the file", name);
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::Builder::new()
                .prefix(".realign-")
                .tempfile_in(folder)?;
            file.write_all(content)?;
            file.as_file().sync_all()?;
            point::at("before the name of", name);
            file.persist(&path).map_err(|error| error.error)?;
            // Not every file system can; the file itself is on the disk.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
            Ok(())
        };
        write().map_err(|error| failed("write", &path, &error))?;
        point::at("after the file", name);
        Ok(path)
    }

    /// True when a file of that name has been written.
    pub(super) fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Removes a file that has been written.
    pub(super) fn forget(&self, name: &str) -> Result<(), Error> {
        let path = self.folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed("remove", &path, &error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// A file to which the output of a step's programs is added.
    pub fn log(&self, id: &str, number: usize) -> Result<(PathBuf, File), Error> {
        let path = self
            .folder
            .join("logs")
            .join(id)
            .join(format!("{number:03}.log"));
        let folder = path.parent().unwrap_or(&self.folder);
        let open = || -> std::io::Result<File> {
            fs::create_dir_all(folder)?;
            OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(&path)
        };
        let file = open().map_err(|error| failed("write", &path, &error))?;
        Ok((path, file))
    }
}

/// The name of what is kept of a step: by the step's own name, as its number may change.
pub(super) fn kept(state: &State, at: usize, what: &str) -> String {
    let key = state.entries.get(at).map_or("", |entry| &entry.key);
    let plain: String = key
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') => c,
            _ => '_',
        })
        .take(60)
        .collect();
    let digest = Sha256::digest(key.as_bytes());
    let short = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    format!("kept/{}/{plain}-{short:08x}-{what}", state.id)
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Error {
    let failed = Error::new(
        ErrorKind::File,
        format!("can't {what} {}: {error}", path.display()),
    );
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => failed.with_help(
            "run it as the user that the folder belongs to, or name another: `state` of [upgrade]",
        ),
        std::io::ErrorKind::StorageFull => {
            failed.with_help("make room on that disk, then run `realign upgrade resume`")
        }
        _ => failed,
    }
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::super::Release;
    use super::*;
    use crate::git::Head;

    fn state() -> State {
        let from = Release {
            tag: "v1.0.0".to_owned(),
            version: Version::new(1, 0, 0),
        };
        let head = Head {
            commit: "0".repeat(40),
            branch: None,
        };
        State::new(
            "1".to_owned(),
            "/srv".into(),
            "generic".to_owned(),
            from,
            head,
        )
    }

    #[test]
    fn the_journal_is_whole_and_for_one_pair_of_eyes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("a/b"));
        assert_eq!(store.last().unwrap(), None);
        assert!(!store.folder().exists(), "looking makes nothing");
        let held = store
            .hold(&Owner::this("realign upgrade run", "now"))
            .unwrap();
        store.save(&state()).unwrap();
        assert_eq!(store.last().unwrap(), Some(state_like(&store)));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(store.folder()), 0o700);
        assert_eq!(mode(&store.folder().join(JOURNAL)), 0o600);
        drop(held);
        fs::write(store.folder().join(JOURNAL), "{\"format\": 9}").unwrap();
        assert!(store.last().unwrap_err().message.contains("can't be read"));
    }

    fn state_like(store: &Store) -> State {
        let text = fs::read_to_string(store.folder().join(JOURNAL)).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn one_upgrade_at_a_time_and_the_other_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path());
        assert!(!store.is_held());
        let held = store
            .hold(&Owner::this("realign upgrade run", "now"))
            .unwrap();
        assert!(store.is_held());
        let error = store
            .hold(&Owner::this("realign upgrade resume", "now"))
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Locked);
        assert!(error.message.contains("realign upgrade run"), "{error}");
        drop(held);
        assert!(store.hold(&Owner::this("x", "now")).is_ok());
    }
}
