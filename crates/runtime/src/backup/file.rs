//! The file of a backup: written under a temporary name, and read with every byte checked.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{CWD, RenameFlags};
use sha2::{Digest as _, Sha256};

use super::Backup;
use super::manifest::{FOOT, HEAD, Manifest, hex};
use crate::{Error, ErrorKind, Stop, scratch};

/// How well the dump is compressed: more costs much time for little.
const LEVEL: i32 = 3;

/// A file that is not there yet under its own name; gone when it is not [kept](Self::keep).
pub(super) struct Draft {
    path: PathBuf,
    file: Option<File>,
}

impl Draft {
    /// A new file in this folder that only its owner may read.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!("{}.part", scratch::name()));
        let file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self {
            path,
            file: Some(file),
        })
    }

    /// Writes what is left, sees it on the disk, and gives the file its name. A file of that name
    /// is never replaced: the number that makes it unique is put behind `stem`.
    fn keep(mut self, folder: &Path, stem: &str, ending: &str) -> io::Result<PathBuf> {
        if let Some(file) = self.file.take() {
            file.sync_all()?;
        }
        for number in 1..1000 {
            let name = match number {
                1 => format!("{stem}{ending}"),
                _ => format!("{stem}-{number}{ending}"),
            };
            let path = folder.join(name);
            match rustix::fs::renameat_with(CWD, &self.path, CWD, &path, RenameFlags::NOREPLACE) {
                Ok(()) => {}
                Err(rustix::io::Errno::EXIST) => continue,
                // A file system that can't promise it: look first.
                Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
                    if path.symlink_metadata().is_ok() {
                        continue;
                    }
                    std::fs::rename(&self.path, &path)?;
                }
                Err(error) => return Err(error.into()),
            }
            File::open(folder).and_then(|folder| folder.sync_all())?;
            return Ok(path);
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Renamed already, or nothing that anybody needs.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Bytes on their way to the disk, counted and hashed.
struct Counted {
    file: File,
    bytes: u64,
    hash: Sha256,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Takes a dump, compresses it, and remembers why writing failed.
pub(super) struct Writer {
    draft: Draft,
    encoder: zstd::stream::write::Encoder<'static, Counted>,
    dump_bytes: u64,
    failed: Option<io::Error>,
}

impl Writer {
    pub(super) fn new(mut draft: Draft) -> io::Result<Self> {
        let file = draft.file.take().ok_or(io::ErrorKind::NotFound)?;
        draft.file = Some(file.try_clone()?);
        let counted = Counted {
            file,
            bytes: 0,
            hash: Sha256::new(),
        };
        let mut encoder = zstd::stream::write::Encoder::new(counted, LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self {
            draft,
            encoder,
            dump_bytes: 0,
            failed: None,
        })
    }

    /// Why a byte could not be written, when one could not.
    pub(super) fn failed(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// Puts the description behind the dump and gives the file its name. `describe` is told the
    /// dump's bytes, how many are left of them, and their checksum.
    pub(super) fn finish(
        self,
        folder: &Path,
        (stem, ending): (&str, &str),
        describe: impl FnOnce(u64, u64, String) -> Manifest,
    ) -> io::Result<Backup> {
        let mut counted = self.encoder.finish()?;
        let manifest = describe(
            self.dump_bytes,
            counted.bytes,
            hex(&counted.hash.finalize()),
        );
        counted.file.write_all(&manifest.frame())?;
        counted.file.flush()?;
        let path = self.draft.keep(folder, stem, ending)?;
        Ok(Backup { path, manifest })
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.encoder.write(bytes) {
            Ok(count) => {
                self.dump_bytes += count as u64;
                Ok(count)
            }
            Err(error) => {
                self.failed = Some(io::Error::new(error.kind(), error.to_string()));
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.flush()
    }
}

/// Reads what a backup says of itself; the dump is not looked at.
pub fn read(path: &Path) -> Result<Backup, Error> {
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let manifest = described(&mut file, path)?;
    Ok(Backup {
        path: path.to_owned(),
        manifest,
    })
}

fn described(file: &mut File, path: &Path) -> Result<Manifest, Error> {
    let size = file
        .metadata()
        .map_err(|error| unreadable(path, &error))?
        .len();
    let least = (HEAD + FOOT) as u64;
    if size < least {
        return Err(damaged(path, "it is too short to be one"));
    }
    let mut foot = [0; FOOT];
    let mut tail = |from: u64, into: &mut [u8]| {
        file.seek(SeekFrom::Start(from))
            .and_then(|_| file.read_exact(into))
            .map_err(|error| unreadable(path, &error))
    };
    tail(size - FOOT as u64, &mut foot)?;
    let Some(length) = Manifest::length(&foot) else {
        return Err(damaged(path, "its end is missing, so it was cut off")
            .with_note("or it was made by something else than `realign backup create`"));
    };
    let Some(from) = (size - FOOT as u64).checked_sub(length as u64) else {
        return Err(damaged(path, "it is shorter than it says"));
    };
    let mut json = vec![0; length];
    tail(from, &mut json)?;
    let manifest = Manifest::understood(&json, &foot).map_err(|why| damaged(path, &why))?;
    if manifest.bytes.checked_add(HEAD as u64) != Some(from) {
        return Err(damaged(
            path,
            &format!(
                "its dump should have {} bytes, and has {}",
                manifest.bytes,
                from.saturating_sub(HEAD as u64)
            ),
        ));
    }
    Ok(manifest)
}

/// Reads a whole backup: each byte of it counts. Touches no database.
pub fn check(path: &Path, stop: &Stop) -> Result<Backup, Error> {
    let backup = read(path)?;
    let told = Told::default();
    let mut dump = Dump::open(&backup, stop, &told)?;
    match io::copy(&mut dump, &mut io::sink()) {
        Ok(_) => Ok(backup),
        Err(error) => Err(told.error(&backup.path, &error)),
    }
}

/// What a [`Dump`] found wrong: the reader that it is given to only knows that it failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Told(Arc<Mutex<Option<Error>>>);

impl Told {
    /// What was found, or the error itself.
    fn error(&self, path: &Path, error: &io::Error) -> Error {
        self.take().unwrap_or_else(|| unreadable(path, error))
    }

    pub(super) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The dump in a backup. It fails, rather than end, when its bytes are not those that were written.
pub(super) struct Dump {
    decoder: zstd::stream::read::Decoder<'static, BufReader<Hashed>>,
    path: PathBuf,
    expected: (u64, u64, String),
    read: u64,
    ended: bool,
    stop: Stop,
    told: Told,
}

struct Hashed {
    file: io::Take<File>,
    bytes: u64,
    hash: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

impl Dump {
    pub(super) fn open(backup: &Backup, stop: &Stop, told: &Told) -> Result<Self, Error> {
        let path = &backup.path;
        let wrong = |error: io::Error| unreadable(path, &error);
        let manifest = &backup.manifest;
        let file = File::open(path).map_err(wrong)?.take(manifest.bytes);
        let hashed = BufReader::new(Hashed {
            file,
            bytes: 0,
            hash: Sha256::new(),
        });
        Ok(Self {
            decoder: zstd::stream::read::Decoder::with_buffer(hashed).map_err(wrong)?,
            path: path.clone(),
            expected: (
                manifest.bytes,
                manifest.dump_bytes,
                manifest.checksum.clone(),
            ),
            read: 0,
            ended: false,
            stop: stop.clone(),
            told: told.clone(),
        })
    }

    fn fail(&self, error: Error) -> io::Error {
        let text = error.to_string();
        *self.told.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        io::Error::other(text)
    }
}

impl Read for Dump {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(signal) = self.stop.signal() {
            return Err(self.fail(Error::new(
                ErrorKind::Stopped(signal),
                format!("stopped while reading {}", self.path.display()),
            )));
        }
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let count = match self.decoder.read(buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                return Err(self.fail(
                    damaged(&self.path, "its bytes can't be decompressed")
                        .with_note(error.to_string()),
                ));
            }
        };
        self.read += count as u64;
        if count > 0 {
            return Ok(count);
        }
        self.ended = true;
        let hashed = self.decoder.get_ref().get_ref();
        let (bytes, dump_bytes, checksum) = &self.expected;
        if hashed.bytes != *bytes || self.read != *dump_bytes {
            return Err(self.fail(damaged(&self.path, "its dump is shorter than it was")));
        }
        if hex(&hashed.hash.clone().finalize()) != *checksum {
            return Err(self.fail(damaged(
                &self.path,
                "its checksum is not the one that was written",
            )));
        }
        Ok(0)
    }
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::File,
        format!("{} is no whole backup: {why}", path.display()),
    )
    .with_help("nothing was changed; `realign backup list` shows which others there are")
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::File,
        format!("can't read {}: {error}", path.display()),
    )
}

#[cfg(test)]
mod tests;
