//! Owners and modes as they were, so that the way back can give them back.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::permissions::{self, Permissions};
use crate::{Error, ErrorKind, Stop};

/// Owner, group and mode of files, by path from the application's root.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owners(BTreeMap<PathBuf, (u32, u32, u32)>);

impl Owners {
    /// Those of these paths, and of all below them. Links are passed over.
    pub(super) fn of(root: &Path, paths: &[PathBuf], recursive: bool, stop: &Stop) -> Self {
        let mut found = Self::default();
        for path in paths {
            found.add(root, path, recursive, stop);
        }
        found
    }

    fn add(&mut self, root: &Path, path: &Path, recursive: bool, stop: &Stop) {
        let whole = root.join(path);
        let Ok(stat) = whole.symlink_metadata() else {
            return;
        };
        if stat.is_symlink() || stop.signal().is_some() {
            return;
        }
        let mode = stat.mode() & 0o7777;
        self.0
            .insert(path.to_owned(), (stat.uid(), stat.gid(), mode));
        if !recursive || !stat.is_dir() {
            return;
        }
        let Ok(entries) = fs::read_dir(&whole) else {
            return;
        };
        for entry in entries.flatten() {
            self.add(root, &path.join(entry.file_name()), recursive, stop);
        }
    }

    /// Gives them back, to what is still there.
    pub(super) fn restore(&self, root: &Path, stop: &Stop) -> Result<u64, Error> {
        let mut alike: BTreeMap<(u32, u32, u32), Vec<PathBuf>> = BTreeMap::new();
        // What lies deeper first: a folder may close behind us.
        for (path, owner) in self.0.iter().rev() {
            let there = root.join(path).symlink_metadata();
            if there.is_ok_and(|there| !there.is_symlink()) {
                alike.entry(*owner).or_default().push(path.clone());
            }
        }
        let mut changed = 0;
        for ((owner, group, mode), paths) in alike {
            let wanted = Permissions {
                paths,
                recursive: false,
                owner: Some(owner),
                group: Some(group),
                folders: Some(mode),
                files: Some(mode),
                optional: true,
            };
            let done = permissions::apply(root, &wanted, stop)?;
            changed += done.owned.max(done.modes);
        }
        Ok(changed)
    }

    /// Reads them back.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let failed = |why: String| {
            Error::new(
                ErrorKind::File,
                format!("can't read {}: {why}", path.display()),
            )
        };
        match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|error| failed(error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// The same as a text.
    pub(super) fn text(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn modes_come_back_and_links_are_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        fs::create_dir_all(path("a/b")).unwrap();
        fs::write(path("a/b/c"), "x").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", path("a/link")).unwrap();
        let mode = |name: &str, mode: u32| {
            fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        mode("a/b", 0o711);
        mode("a/b/c", 0o640);
        let stop = Stop::new();
        let before = Owners::of(root.path(), &["a".into()], true, &stop);
        assert_eq!(before.0.len(), 3);
        let text = path("kept.json");
        fs::write(&text, before.text()).unwrap();
        mode("a/b", 0o777);
        mode("a/b/c", 0o666);
        let kept = Owners::read(&text).unwrap().unwrap();
        assert_eq!(kept.restore(root.path(), &stop).unwrap(), 2);
        assert_eq!(Owners::of(root.path(), &["a".into()], true, &stop), before);
        assert_eq!(Owners::read(&path("none")).unwrap(), None);
    }
}
