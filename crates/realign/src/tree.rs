//! Where the files of a source are: on the disk, or in any other tree of files.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use realign_runtime::{Error, ErrorKind};

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// Something with a text.
    File,
    /// Something with more paths in it.
    Folder,
    /// A pipe, a socket or a device found in a folder: what reads it may wait for ever. One that
    /// a person names is a [`Node::File`].
    Endless,
}

/// A tree of files that sources are read from.
///
/// Every source that consists of files is read through one, so that another tree (a state kept
/// by version control) takes nothing but another implementation of it.
pub trait Tree {
    /// What a path leads to; none when there is nothing.
    fn node(&self, path: &Path) -> Result<Option<Node>, Error>;

    /// The paths directly within a folder, each with what it leads to, in any order. A path is
    /// the folder's with one more name.
    fn within(&self, folder: &Path) -> Result<Vec<(PathBuf, Node)>, Error>;

    /// The first `most` bytes of a file.
    fn read(&self, file: &Path, most: u64) -> Result<Vec<u8>, Error>;

    /// A path by which a folder is recognised when several lead to it.
    fn identity(&self, folder: &Path) -> Result<PathBuf, Error>;
}

/// The files of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Tree for Disk {
    fn node(&self, path: &Path) -> Result<Option<Node>, Error> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Ok(Some(Node::Folder)),
            // Also pipes and devices: they can be read.
            Ok(_) => Ok(Some(Node::File)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    fn within(&self, folder: &Path) -> Result<Vec<(PathBuf, Node)>, Error> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
            let path = entry.map_err(|error| unreadable(folder, &error))?.path();
            // A link that leads nowhere is told when it is read.
            let node = match fs::metadata(&path) {
                Ok(found) if found.is_dir() => Node::Folder,
                Ok(found) if !found.is_file() => Node::Endless,
                Ok(_) | Err(_) => Node::File,
            };
            found.push((path, node));
        }
        Ok(found)
    }

    fn read(&self, file: &Path, most: u64) -> Result<Vec<u8>, Error> {
        let opened = File::open(file).map_err(|error| unreadable(file, &error))?;
        let mut bytes = Vec::new();
        opened
            .take(most)
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(file, &error))?;
        Ok(bytes)
    }

    fn identity(&self, folder: &Path) -> Result<PathBuf, Error> {
        fs::canonicalize(folder).map_err(|error| unreadable(folder, &error))
    }
}

/// Why a path can't be read.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::NotFound => ErrorKind::Usage,
        _ => ErrorKind::File,
    };
    Error::new(kind, format!("can't read {}: {error}", path.display()))
}
