//! Owner, group and modes of files below a folder, as a release needs them.
//!
//! Everything is reached from one folder, name by name, through descriptors, so that nobody can put
//! a link in the way between the look and the change. Links are never followed. A link that leads
//! out of the tree is refused before anything is changed: whoever put it there expects its target
//! to change hands with the rest.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Access, AtFlags, Dir, FileType, Gid, Mode, OFlags, Uid};

use crate::process::Account;
use crate::{Error, ErrorKind, Stop};

/// What files below a folder shall be like.
#[derive(Debug, Clone, Default)]
pub struct Permissions {
    /// Paths below the root; the root itself is `.`.
    pub paths: Vec<PathBuf>,
    /// Also everything below them.
    pub recursive: bool,
    /// Who owns them; only root can give files away.
    pub owner: Option<u32>,
    /// Their group.
    pub group: Option<u32>,
    /// The mode of folders: `0o775`.
    pub folders: Option<u32>,
    /// The mode of files. Without one they keep theirs.
    pub files: Option<u32>,
    /// A path that is not there is no error.
    pub optional: bool,
}

/// What was changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// Files and folders that were looked at.
    pub seen: u64,
    /// Those whose owner or group is another now.
    pub owned: u64,
    /// Those whose mode is another now.
    pub modes: u64,
}

/// The number of a user, by name or number.
pub fn user(name: &str) -> Result<u32, Error> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    Account::named(name).map(|account| account.user)
}

/// The number of a group, by name or number.
pub fn group(name: &str) -> Result<u32, Error> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let told = || {
        let told = std::process::Command::new("getent")
            .args(["group", "--", name])
            .stdin(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .output();
        told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned())
            .unwrap_or_default()
    };
    let number = |list: &str| {
        list.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?
        })
    };
    number(&groups).or_else(|| number(&told())).ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("there is no group `{name}`"))
            .with_help("check the name; `getent group` lists which there are")
    })
}

/// A mode as it is written: `0775`, `775`, `u=rwX` is none.
pub fn mode(text: &str) -> Result<u32, Error> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    u32::from_str_radix(digits, 8)
        .ok()
        .filter(|mode| *mode <= 0o7777 && !digits.is_empty())
        .ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("`{text}` is no mode of files"))
                .with_help("write three or four octal digits: 0775")
        })
}

/// True when this account may write a file, or into a folder: the bits alone don't say that.
pub fn may_write(path: &Path) -> bool {
    rustix::fs::access(path, Access::WRITE_OK).is_ok()
}

/// Gives everything that is named its owner, group and mode. Writes nothing that is right
/// already. First all is looked at, and a link that leads out of `root` refuses the whole.
pub fn apply(root: &Path, wanted: &Permissions, stop: &Stop) -> Result<Changed, Error> {
    let (walk, real, base) = walk(root, wanted, stop)?;
    let mut changed = Changed::default();
    for act in [false, true] {
        changed = Changed::default();
        for path in &wanted.paths {
            walk.path(base.as_fd(), &real, path, act, &mut changed)?;
        }
    }
    Ok(changed)
}

/// What of this is not so; nothing is changed.
pub fn differing(root: &Path, wanted: &Permissions, stop: &Stop) -> Result<Changed, Error> {
    let (walk, real, base) = walk(root, wanted, stop)?;
    let mut changed = Changed::default();
    for path in &wanted.paths {
        walk.path(base.as_fd(), &real, path, false, &mut changed)?;
    }
    Ok(changed)
}

fn walk<'a>(
    root: &'a Path,
    wanted: &'a Permissions,
    stop: &'a Stop,
) -> Result<(Walk<'a>, PathBuf, OwnedFd), Error> {
    let mut walk = Walk {
        root,
        wanted,
        stop,
        owner: 0,
    };
    let real = std::fs::canonicalize(root).map_err(|error| walk.failed("open", root, &error))?;
    let base = open_root(&real).map_err(|error| walk.failed("open", root, &error))?;
    walk.owner = rustix::fs::fstat(&base)
        .map_err(|error| walk.failed("look at", root, &error.into()))?
        .st_uid;
    Ok((walk, real, base))
}

fn open_root(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

struct Walk<'a> {
    root: &'a Path,
    wanted: &'a Permissions,
    stop: &'a Stop,
    /// Whom the root belongs to.
    owner: u32,
}

impl Walk<'_> {
    /// One of the named paths.
    fn path(
        &self,
        base: BorrowedFd<'_>,
        real: &Path,
        path: &Path,
        act: bool,
        changed: &mut Changed,
    ) -> Result<(), Error> {
        let mut names = Vec::new();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::Normal(name) => names.push(name),
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    return Err(Error::new(
                        ErrorKind::Usage,
                        format!("`{}` leads out of {}", path.display(), self.root.display()),
                    )
                    .with_help("write a path below the application's root"));
                }
            }
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let mut at = rustix::io::fcntl_dupfd_cloexec(base, 0)
            .map_err(|error| self.failed("open", self.root, &error.into()))?;
        let Some((last, way)) = names.split_last() else {
            self.entry(at.as_fd(), None, real, Path::new("."), act, changed)?;
            return Ok(());
        };
        let mut walked = PathBuf::new();
        for name in way {
            walked.push(name);
            at = match rustix::fs::openat(&at, *name, flags, Mode::empty()) {
                Ok(next) => next,
                Err(rustix::io::Errno::NOENT) if self.wanted.optional => return Ok(()),
                Err(rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR) => {
                    return Err(self.link_on_the_way(&walked));
                }
                Err(error) => return Err(self.failed("open", &walked, &error.into())),
            };
        }
        let name = CString::new(last.as_bytes())
            .map_err(|_| self.failed("open", path, &io::ErrorKind::InvalidInput.into()))?;
        self.entry(
            at.as_fd(),
            Some(&name),
            real,
            &real_way(&walked, last),
            act,
            changed,
        )
    }

    /// A file, a folder or a link, reached from its folder; without a name it is that folder.
    fn entry(
        &self,
        folder: BorrowedFd<'_>,
        name: Option<&CString>,
        real: &Path,
        shown: &Path,
        act: bool,
        changed: &mut Changed,
    ) -> Result<(), Error> {
        if let Some(signal) = self.stop.signal() {
            return Err(Error::new(
                ErrorKind::Stopped(signal),
                format!("stopped at {}", shown.display()),
            ));
        }
        let opened = match name {
            None => rustix::io::fcntl_dupfd_cloexec(folder, 0),
            // Only a handle: it neither waits for a pipe nor wakes a device.
            Some(name) => rustix::fs::openat(
                folder,
                name.as_c_str(),
                OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
                Mode::empty(),
            ),
        };
        let handle = match opened {
            Ok(handle) => handle,
            // Gone since the folder was read, or never there.
            Err(rustix::io::Errno::NOENT)
                if self.wanted.optional || shown.components().count() > 1 && act =>
            {
                return Ok(());
            }
            Err(error) => return Err(self.failed("open", shown, &error.into())),
        };
        let stat = rustix::fs::fstat(&handle)
            .map_err(|error| self.failed("look at", shown, &error.into()))?;
        changed.seen += 1;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind == FileType::Symlink {
            self.link(folder, name, real, shown)?;
        }
        if kind == FileType::RegularFile && stat.st_nlink > 1 {
            self.shared(&stat, shown)?;
        }
        let owned = self.own(&handle, &stat, shown, act, changed)?;
        let mode = match kind {
            FileType::Directory => self.wanted.folders,
            FileType::RegularFile => self.wanted.files,
            _ => None,
        };
        if let Some(mode) = mode
            && (stat.st_mode & 0o7777 != mode || owned)
        {
            // With the owner the kernel takes some bits away: then the mode is set once more.
            changed.modes += u64::from(stat.st_mode & 0o7777 != mode);
            if act {
                self.chmod(&handle, mode, shown)?;
            }
        }
        if kind == FileType::Directory && self.wanted.recursive {
            self.below(&handle, real, shown, act, changed)?;
        }
        Ok(())
    }

    fn own(
        &self,
        handle: &OwnedFd,
        stat: &rustix::fs::Stat,
        shown: &Path,
        act: bool,
        changed: &mut Changed,
    ) -> Result<bool, Error> {
        let owner = self.wanted.owner.filter(|owner| *owner != stat.st_uid);
        let group = self.wanted.group.filter(|group| *group != stat.st_gid);
        if owner.is_none() && group.is_none() {
            return Ok(false);
        }
        changed.owned += 1;
        if !act {
            return Ok(true);
        }
        rustix::fs::chownat(
            handle,
            c"",
            owner.map(Uid::from_raw),
            group.map(Gid::from_raw),
            AtFlags::EMPTY_PATH | AtFlags::SYMLINK_NOFOLLOW,
        )
        .map_err(|error| {
            self.failed("change the owner of", shown, &error.into())
                .with_help("only root can give files away: run this as root")
        })?;
        Ok(true)
    }

    /// The mode through the handle itself: its name may mean something else by now.
    fn chmod(&self, handle: &OwnedFd, mode: u32, shown: &Path) -> Result<(), Error> {
        use std::os::fd::AsRawFd as _;
        let own = format!("/proc/self/fd/{}", handle.as_raw_fd());
        rustix::fs::chmod(own, Mode::from_raw_mode(mode)).map_err(|error| {
            self.failed("change the mode of", shown, &error.into())
                .with_help("only its owner and root can: run this as one of them")
        })
    }

    /// Everything in a folder.
    fn below(
        &self,
        folder: &OwnedFd,
        real: &Path,
        shown: &Path,
        act: bool,
        changed: &mut Changed,
    ) -> Result<(), Error> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let wrong = |error: rustix::io::Errno| self.failed("read", shown, &error.into());
        let readable = rustix::fs::openat(folder, c".", flags, Mode::empty()).map_err(wrong)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&readable).map_err(wrong)? {
            let name = entry.map_err(wrong)?.file_name().to_owned();
            if !matches!(name.to_bytes(), b"." | b"..") {
                names.push(name);
            }
        }
        for name in names {
            let path = real_way(shown, std::ffi::OsStr::from_bytes(name.to_bytes()));
            self.entry(readable.as_fd(), Some(&name), real, &path, act, changed)?;
        }
        Ok(())
    }

    /// A link changes hands itself; one whose target lies outside refuses the whole.
    fn link(
        &self,
        folder: BorrowedFd<'_>,
        name: Option<&CString>,
        real: &Path,
        shown: &Path,
    ) -> Result<(), Error> {
        let Some(name) = name else {
            return Ok(());
        };
        let target = rustix::fs::readlinkat(folder, name.as_c_str(), Vec::new())
            .map_err(|error| self.failed("read the link", shown, &error.into()))?;
        let target = Path::new(std::ffi::OsStr::from_bytes(target.as_bytes())).to_owned();
        let from = real.join(shown);
        let from = from.parent().unwrap_or(real);
        let whole = from.join(&target);
        // One that leads nowhere is judged by its words.
        let end = std::fs::canonicalize(&whole).unwrap_or_else(|_| lexical(&whole));
        if end.starts_with(real) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Refused,
            format!(
                "{} is a link that leads out of {}, to {}",
                shown.display(),
                self.root.display(),
                target.display()
            ),
        )
        .with_note("nothing was changed")
        .with_help("remove the link, or name only the paths beside it"))
    }

    /// A file of several names may be somebody's elsewhere: who could make a name of it here need not
    /// be one who may have it.
    fn shared(&self, stat: &rustix::fs::Stat, shown: &Path) -> Result<(), Error> {
        let theirs = stat.st_uid == self.owner || Some(stat.st_uid) == self.wanted.owner;
        if theirs || !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Refused,
            format!(
                "{} has more names than this one, and belongs to user {}: it may be a file from outside of {}",
                shown.display(),
                stat.st_uid,
                self.root.display()
            ),
        )
        .with_note("nothing was changed")
        .with_help("put a copy of its own in its place, or name only the paths beside it"))
    }

    fn link_on_the_way(&self, path: &Path) -> Error {
        Error::new(
            ErrorKind::Refused,
            format!(
                "{} below {} is a link, or no folder",
                path.display(),
                self.root.display()
            ),
        )
        .with_note("nothing was changed")
        .with_help("links are not followed: name the folder itself")
    }

    fn failed(&self, what: &str, path: &Path, error: &io::Error) -> Error {
        Error::new(
            ErrorKind::File,
            format!(
                "can't {what} {} in {}: {error}",
                path.display(),
                self.root.display()
            ),
        )
    }
}

fn real_way(folder: &Path, name: &std::ffi::OsStr) -> PathBuf {
    if folder == Path::new(".") {
        PathBuf::from(name)
    } else {
        folder.join(name)
    }
}

/// A path without `.` and `..`, by its words alone.
fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests;
