//! The content of a folder, taken away without ever leaving it: no link is followed, neither on
//! the way to the folder nor in it.

use std::ffi::{CStr, CString};
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};

use crate::{Error, ErrorKind, Stop};

/// Files that only keep a folder in a repository: without them the checkout has changes.
const KEPT: [&str; 3] = [".gitignore", ".gitkeep", ".keep"];
/// How often a folder that the application writes to meanwhile is emptied again.
const TRIES: usize = 3;

/// A folder to empty.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// Where the way begins: links up to here are the operator's own.
    base: PathBuf,
    /// The way from there.
    way: PathBuf,
    shown: String,
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Folder {
    pub(super) fn new(text: &str, root: &Path) -> Result<Self, Error> {
        let refused = |why: &str| {
            Error::new(ErrorKind::Usage, format!("`{text}` is no folder of a cache: {why}"))
                .with_help("write a folder below the application's root, e.g. files:storage/framework/cache/data")
        };
        let path = Path::new(text);
        let normal: PathBuf = path
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .collect();
        let names = normal.components().count();
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(refused("it leads upwards"));
        }
        if names == 0 {
            return Err(refused("it names none"));
        }
        if path.is_relative() {
            return Ok(Self {
                base: root.to_owned(),
                way: normal,
                shown: text.to_owned(),
            });
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(refused("it names none"));
        };
        if names < 2 {
            return Err(refused("it is a folder of the system"));
        }
        Ok(Self {
            base: parent.to_owned(),
            way: PathBuf::from(name),
            shown: text.to_owned(),
        })
    }

    /// How many files went. A folder that is not there is empty.
    pub(super) fn clear(&self, stop: &Stop) -> Result<u64, Error> {
        let Some(folder) = self.open()? else {
            return Ok(0);
        };
        let mut removed = 0;
        match empty(&folder, stop, &mut removed) {
            Ok(_) => Ok(removed),
            Err(error) => match stop.signal() {
                Some(signal) => Err(Error::new(
                    ErrorKind::Stopped(signal),
                    format!("stopped while emptying {self}: {removed} files are gone"),
                )),
                None => Err(self.failed("empty", &error).with_help(
                    "check the owner of its files, and run this as root or as that user",
                )),
            },
        }
    }

    /// The folder, reached name by name.
    fn open(&self) -> Result<Option<OwnedFd>, Error> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut at = match rustix::fs::openat(CWD, &self.base, flags, Mode::empty()) {
            Ok(base) => base,
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(self.failed("open", &error.into())),
        };
        for name in self.way.components() {
            at = match rustix::fs::openat(
                &at,
                name.as_os_str(),
                flags | OFlags::NOFOLLOW,
                Mode::empty(),
            ) {
                Ok(next) => next,
                Err(rustix::io::Errno::NOENT) => return Ok(None),
                Err(rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR) => {
                    let name = name.as_os_str().to_string_lossy();
                    return Err(Error::new(
                        ErrorKind::File,
                        format!("can't empty {self}: `{name}` on the way is a link, or no folder"),
                    )
                    .with_help(
                        "links are not followed: name the folder itself by its whole path",
                    ));
                }
                Err(error) => return Err(self.failed("open", &error.into())),
            };
        }
        Ok(Some(at))
    }

    fn failed(&self, what: &str, error: &io::Error) -> Error {
        Error::new(ErrorKind::File, format!("can't {what} {self}: {error}"))
    }
}

/// Takes away what is in a folder; true when nothing is left in it.
fn empty(folder: &OwnedFd, stop: &Stop, removed: &mut u64) -> io::Result<bool> {
    let mut clean = true;
    for (name, kind) in list(folder)? {
        if stop.signal().is_some() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if kind != FileType::Directory {
            if KEPT.iter().any(|kept| kept.as_bytes() == name.to_bytes()) {
                clean = false;
            } else if remove(folder, &name, AtFlags::empty())? {
                *removed += 1;
            }
            continue;
        }
        let mut tries = TRIES;
        loop {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let inner = match rustix::fs::openat(folder, &name, flags, Mode::empty()) {
                Ok(inner) => inner,
                Err(rustix::io::Errno::NOENT) => break,
                Err(error) => return Err(error.into()),
            };
            if !empty(&inner, stop, removed)? {
                clean = false;
                break;
            }
            tries -= 1;
            match remove(folder, &name, AtFlags::REMOVEDIR) {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && tries > 0 => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(clean)
}

/// Removes one name; false when somebody else was quicker.
fn remove(folder: &OwnedFd, name: &CStr, flags: AtFlags) -> io::Result<bool> {
    match rustix::fs::unlinkat(folder, name, flags) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::NOENT) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn list(folder: &OwnedFd) -> io::Result<Vec<(CString, FileType)>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_owned();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let mut kind = entry.file_type();
        if kind == FileType::Unknown {
            match rustix::fs::statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => kind = FileType::from_raw_mode(stat.st_mode),
                Err(rustix::io::Errno::NOENT) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        names.push((name, kind));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn clear(root: &Path, folder: &str) -> Result<u64, Error> {
        Folder::new(folder, root)?.clear(&Stop::new())
    }

    #[test]
    fn only_the_content_goes_and_no_link_is_followed() {
        let root = tempfile::tempdir().expect("folder");
        let path = |name: &str| root.path().join(name);
        fs::create_dir_all(path("cache/data/ab/cd")).expect("folders");
        fs::create_dir_all(path("outside/deep")).expect("folders");
        for file in [
            "cache/data/.gitignore",
            "cache/data/ab/cd/entry",
            "cache/data/weird\nname",
            "outside/deep/kept",
            "cache/beside",
        ] {
            fs::write(path(file), "x").expect("writes");
        }
        symlink(path("outside"), path("cache/data/link")).expect("links");
        symlink(path("outside/deep/kept"), path("cache/data/ab/file-link")).expect("links");
        assert_eq!(clear(root.path(), "cache/data").unwrap(), 4);
        let left: Vec<_> = fs::read_dir(path("cache/data"))
            .expect("is there")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(left, [".gitignore"]);
        assert!(path("outside/deep/kept").exists());
        assert!(path("cache/beside").exists());
        assert_eq!(clear(root.path(), "cache/data").unwrap(), 0);
        assert_eq!(clear(root.path(), "cache/never").unwrap(), 0);
    }

    #[test]
    fn a_folder_that_is_a_link_is_refused() {
        let root = tempfile::tempdir().expect("folder");
        let outside = tempfile::tempdir().expect("folder");
        fs::create_dir(outside.path().join("data")).expect("folder");
        fs::write(outside.path().join("data/kept"), "x").expect("writes");
        symlink(outside.path(), root.path().join("cache")).expect("links");
        let error = clear(root.path(), "cache/data").unwrap_err();
        assert_eq!(error.kind, ErrorKind::File);
        assert!(
            error.message.contains("`cache` on the way is a link"),
            "{error}"
        );
        assert!(outside.path().join("data/kept").exists());
        // The operator's own word for it is followed up to the folder itself.
        let whole = root.path().join("cache/data");
        assert_eq!(clear(root.path(), whole.to_str().unwrap()).unwrap(), 1);
    }
}
