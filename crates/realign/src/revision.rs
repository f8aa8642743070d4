//! Files of sources as they stand at a revision in git: read from its store, the checkout
//! untouched.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use realign_runtime::git::{Blob, Git};
use realign_runtime::{Error, ErrorKind};

use crate::tree::{Node, Tree};

/// The tree of a revision, below the paths that a source names. Paths are those of the checkout,
/// as a person gave them.
#[derive(Debug)]
pub(crate) struct Revision {
    git: Git,
    /// As the person named it.
    name: String,
    /// The files, by their paths in the repository, each with its content.
    files: BTreeMap<PathBuf, (Blob, Vec<u8>)>,
}

/// How much of a revision is held at once.
const MOST: u64 = 512 * 1024 * 1024;

impl Revision {
    /// Reads all that is at and below these paths, in two calls of git. The repository is the one
    /// that the first of them is in, there or not.
    pub(crate) fn of(revision: &str, paths: &[PathBuf]) -> Result<Self, Error> {
        let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
        let whole = absolute(first);
        let there = whole.ancestors().find(|ancestor| ancestor.is_dir());
        let git = Git::open(there.unwrap_or(Path::new("/"))).map_err(|error| {
            let outer = Error::new(
                ErrorKind::Usage,
                format!(
                    "{} is in no git repository that can be read",
                    first.display()
                ),
            )
            .with_note(error.message.clone());
            error.notes.into_iter().fold(outer, Error::with_note)
        })?;
        let commit = git.commit(revision)?;
        let mut revision = Self {
            git,
            name: revision.to_owned(),
            files: BTreeMap::new(),
        };
        for path in paths {
            let Some(inside) = revision.inside(path) else {
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!(
                        "{} is not in the repository {}",
                        path.display(),
                        revision.git.root().display()
                    ),
                ));
            };
            let below = if inside.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                inside
            };
            let blobs = revision.git.blobs(&commit, &below)?;
            if blobs.iter().map(|blob| blob.size).sum::<u64>() > MOST {
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!(
                        "{} of {} is too large to be read",
                        path.display(),
                        revision.name
                    ),
                )
                .with_help("name the folder of the mapping or the scripts alone"));
            }
            let contents = revision.git.contents(&blobs)?;
            for (blob, content) in blobs.into_iter().zip(contents) {
                revision
                    .files
                    .insert(PathBuf::from(&blob.path), (blob, content));
            }
        }
        Ok(revision)
    }

    /// A path of the checkout as one of the repository; none when it leads out of it.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let whole = absolute(path);
        let there = whole.ancestors().find(|ancestor| ancestor.exists())?;
        let real = there.canonicalize().ok()?;
        let rest = whole.strip_prefix(there).ok()?;
        let path = real.join(rest);
        let inside = path.strip_prefix(self.git.root()).ok()?;
        let up = inside.components().any(|part| part == Component::ParentDir);
        (!up).then(|| inside.to_owned())
    }

    fn missing(&self, path: &Path) -> Error {
        Error::new(
            ErrorKind::Usage,
            format!("{} is not in {}", path.display(), self.name),
        )
    }
}

/// A path from the root of the file system on, `.` and `..` taken out by name alone.
fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

impl Tree for Revision {
    fn node(&self, path: &Path) -> Result<Option<Node>, Error> {
        let Some(inside) = self.inside(path) else {
            return Ok(None);
        };
        if self.files.contains_key(&inside) {
            return Ok(Some(Node::File));
        }
        let below = self.files.keys().any(|file| file.starts_with(&inside));
        Ok(below.then_some(Node::Folder))
    }

    fn within(&self, folder: &Path) -> Result<Vec<(PathBuf, Node)>, Error> {
        let inside = self.inside(folder).ok_or_else(|| self.missing(folder))?;
        let mut found = BTreeMap::new();
        for file in self.files.keys() {
            let Ok(rest) = file.strip_prefix(&inside) else {
                continue;
            };
            let mut parts = rest.components();
            let Some(name) = parts.next() else {
                continue;
            };
            let node = match parts.next() {
                None => Node::File,
                Some(_) => Node::Folder,
            };
            found.insert(folder.join(name), node);
        }
        Ok(found.into_iter().collect())
    }

    fn read(&self, file: &Path, most: u64) -> Result<Vec<u8>, Error> {
        let content = self
            .inside(file)
            .and_then(|inside| self.files.get(&inside))
            .map(|(_, content)| content)
            .ok_or_else(|| self.missing(file))?;
        let end = usize::try_from(most)
            .unwrap_or(usize::MAX)
            .min(content.len());
        Ok(content[..end].to_vec())
    }

    fn identity(&self, folder: &Path) -> Result<PathBuf, Error> {
        self.inside(folder).ok_or_else(|| self.missing(folder))
    }
}
