//! Copies of a database file, made by the engine's own online backup: others may read and write
//! meanwhile, and a file that is replaced is replaced as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use realign_runtime::backup::{Copier, Load, RowHash, Tally, Work, Written};
use realign_runtime::{Connect, Error, ErrorKind, Stop, Target, scratch};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::{BUSY_TIMEOUT, MEMORY};

/// Pages that are copied before the wish to stop is looked at.
const PAGES: i32 = 2_000;
/// How long a copy waits for others that write.
const PATIENCE: Duration = Duration::from_secs(30);

/// Copies one database file.
#[derive(Debug)]
pub(super) struct FileCopier {
    path: PathBuf,
    display: String,
}

impl FileCopier {
    pub(super) fn new(path: &str, display: &str) -> Result<Self, Error> {
        if path == MEMORY {
            return Err(Error::new(
                ErrorKind::Usage,
                "a database in memory ends with its session: there is nothing to back up",
            ));
        }
        Ok(Self {
            path: PathBuf::from(path),
            display: display.to_owned(),
        })
    }

    fn failed(&self, what: &str, error: &rusqlite::Error) -> Error {
        Error::new(
            ErrorKind::File,
            format!("can't {what} {}: {error}", self.display),
        )
    }

    /// Opens the file itself; never makes one.
    fn open(&self, flags: OpenFlags) -> Result<Connection, Error> {
        if !self.path.exists() {
            return Err(Error::new(
                ErrorKind::Unreachable,
                format!("there is no database file {}", self.path.display()),
            )
            .with_help("check the path"));
        }
        Connection::open_with_flags(&self.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .and_then(|connection| {
                connection.busy_timeout(BUSY_TIMEOUT)?;
                Ok(connection)
            })
            .map_err(|error| {
                Error::new(
                    ErrorKind::Unreachable,
                    format!(
                        "can't open the database file {}: {error}",
                        self.path.display()
                    ),
                )
                .with_help("check the path and the rights on the file and its folder")
            })
    }
}

impl Copier for FileCopier {
    fn database(&self) -> String {
        self.path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    fn ending(&self) -> &'static str {
        "db"
    }

    fn tool(&self, _: &Work<'_>) -> Result<String, Error> {
        Ok(format!("SQLite {}", rusqlite::version()))
    }

    /// A file that can be read can be copied as a whole.
    fn ready(&self, _: &Work<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// The copy, and what is left of it when compressed; the catalogue knows no sizes.
    fn room(&self, _: u64) -> u64 {
        let size = |path: &Path| path.metadata().map_or(0, |found| found.len());
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let copy = size(&self.path) + size(Path::new(&log));
        copy + copy / 4
    }

    fn write(&self, work: &Work<'_>, out: &mut dyn Write) -> Result<Written, Error> {
        let source = self.open(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let draft = Draft::new(work.folder)?;
        let mut copy = draft.open()?;
        self.copy(&source, &mut copy, work.stop, "copy")?;
        drop(source);
        let tally = tally(&copy, work.stop).map_err(|error| self.stopped_or(error, work.stop))?;
        drop(copy);
        draft.sealed()?;
        let mut file = File::open(&draft.0).map_err(|error| draft.failed("read", &error))?;
        let mut buffer = vec![0; 256 * 1024];
        loop {
            is_wanted(work.stop)?;
            let count = file
                .read(&mut buffer)
                .map_err(|error| draft.failed("read", &error))?;
            if count == 0 {
                return Ok(Written {
                    tally,
                    left_out: Vec::new(),
                    remarks: Vec::new(),
                });
            }
            out.write_all(&buffer[..count]).map_err(|error| {
                Error::new(ErrorKind::File, format!("can't write the copy: {error}"))
            })?;
        }
    }

    fn read(&self, _: Load, work: &Work<'_>, mut input: Box<dyn Read + Send>) -> Result<(), Error> {
        let draft = Draft::new(work.folder)?;
        let mut file = File::options()
            .write(true)
            .open(&draft.0)
            .map_err(|error| draft.failed("write", &error))?;
        io::copy(&mut input, &mut file).map_err(|error| draft.failed("write", &error))?;
        drop(file);
        let source = draft.open()?;
        let sound: String = source
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| self.failed("read the backup of", &error))?;
        if sound != "ok" {
            return Err(Error::new(
                ErrorKind::File,
                format!(
                    "the backup of {} holds a damaged database: {sound}",
                    self.display
                ),
            ));
        }
        let mut target = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        self.copy(&source, &mut target, work.stop, "write")
    }

    fn is_atomic(&self) -> bool {
        true
    }

    fn make_scratch(&self, name: &str, work: &Work<'_>) -> Result<Box<dyn Connect>, Error> {
        let path = work.folder.join(name);
        new_file(&path)?;
        let target = Target {
            scheme: "sqlite".to_owned(),
            database: path.to_string_lossy().into_owned(),
            ..Target::default()
        };
        super::connect(&target)
    }

    fn drop_scratch(&self, name: &str, work: &Work<'_>) -> Result<(), Error> {
        remove(&work.folder.join(name))
            .map_err(|error| Error::new(ErrorKind::File, format!("can't remove {name}: {error}")))
    }

    fn scratches(&self, work: &Work<'_>) -> Result<Vec<String>, Error> {
        let entries = fs::read_dir(work.folder).map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .filter(|name| name.starts_with(scratch::PREFIX))
                .collect()
        });
        // A folder that can't be read holds nothing that can be swept.
        Ok(entries.unwrap_or_default())
    }
}

impl FileCopier {
    fn copy(
        &self,
        from: &Connection,
        to: &mut Connection,
        stop: &Stop,
        what: &str,
    ) -> Result<(), Error> {
        let failed = |error: rusqlite::Error| {
            self.failed(what, &error)
                .with_help("check the disk's space and the rights on the file and its folder")
        };
        let copy = Backup::new(from, to).map_err(failed)?;
        let mut since = Instant::now();
        loop {
            is_wanted(stop)?;
            match copy.step(PAGES).map_err(failed)? {
                StepResult::Done => return Ok(()),
                StepResult::More => since = Instant::now(),
                _ if since.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(50)),
                _ => {
                    return Err(Error::new(
                        ErrorKind::Locked,
                        format!("{} is locked by somebody who writes", self.display),
                    )
                    .with_help("end that program, or try again when it is done"));
                }
            }
        }
    }

    fn stopped_or(&self, error: rusqlite::Error, stop: &Stop) -> Error {
        is_wanted(stop)
            .err()
            .unwrap_or_else(|| self.failed("read", &error))
    }
}

fn is_wanted(stop: &Stop) -> Result<(), Error> {
    match stop.signal() {
        None => Ok(()),
        Some(signal) => Err(Error::new(
            ErrorKind::Stopped(signal),
            "stopped while copying",
        )),
    }
}

/// A database file of our own, gone with the value.
struct Draft(PathBuf);

impl Draft {
    fn new(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(scratch::name());
        new_file(&path)?;
        Ok(Self(path))
    }

    fn open(&self) -> Result<Connection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_with_flags(&self.0, flags)?;
            // Nobody else uses it, and after a power cut nobody would.
            connection
                .execute_batch("PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE")?;
            Ok(connection)
        };
        open().map_err(|error| {
            Error::new(
                ErrorKind::File,
                format!("can't write {}: {error}", self.0.display()),
            )
        })
    }

    /// Sees that the file alone is the database: a log beside it would be missing in the copy.
    fn sealed(&self) -> Result<(), Error> {
        let mut log = self.0.clone().into_os_string();
        log.push("-wal");
        if Path::new(&log).exists() {
            return Err(Error::new(
                ErrorKind::Failed,
                format!("the copy in {} could not be closed", self.0.display()),
            ));
        }
        Ok(())
    }

    fn failed(&self, what: &str, error: &io::Error) -> Error {
        Error::new(
            ErrorKind::File,
            format!("can't {what} {}: {error}", self.0.display()),
        )
        .with_help("check the disk's space and the rights on the folder")
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What is left is swept by the next backup.
        let _ = remove(&self.0);
    }
}

/// An empty file that only its owner may read.
fn new_file(path: &Path) -> Result<(), Error> {
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|error| {
            Error::new(
                ErrorKind::File,
                format!("can't make {}: {error}", path.display()),
            )
            .with_help("check the rights on the folder, or name another one")
        })
}

/// Removes a database file and what the engine keeps beside it.
fn remove(path: &Path) -> io::Result<()> {
    for more in ["-journal", "-wal", "-shm", "-realign-lock", ""] {
        let mut name = path.to_owned().into_os_string();
        name.push(more);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The rows of every table that holds some itself.
fn tally(connection: &Connection, stop: &Stop) -> rusqlite::Result<Tally> {
    let mut tally = Tally::default();
    let mut names = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' \
         AND sql NOT LIKE 'CREATE VIRTUAL %' ORDER BY name",
    )?;
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in names {
        let count = tally.table(&name);
        let sql = format!("SELECT * FROM \"{}\"", name.replace('"', "\"\""));
        let mut rows = connection.prepare(&sql)?;
        let width = rows.column_count();
        let mut rows = rows.raw_query();
        while let Some(row) = rows.next()? {
            if count.rows % 1000 == 0 && stop.signal().is_some() {
                return Err(rusqlite::Error::QueryReturnedNoRows);
            }
            let mut hash = RowHash::default();
            for at in 0..width {
                put(&mut hash, row.get_ref(at)?);
            }
            count.add(hash);
        }
    }
    Ok(tally)
}

/// A value with its kind and length, so that no two rows look alike.
fn put(hash: &mut RowHash, value: ValueRef<'_>) {
    let mut sized = |kind: &[u8], bytes: &[u8]| {
        hash.put(kind);
        hash.put(&(bytes.len() as u64).to_le_bytes());
        hash.put(bytes);
    };
    match value {
        ValueRef::Null => sized(b"n", b""),
        ValueRef::Integer(number) => sized(b"i", &number.to_le_bytes()),
        ValueRef::Real(number) => sized(b"r", &number.to_le_bytes()),
        ValueRef::Text(bytes) => sized(b"t", bytes),
        ValueRef::Blob(bytes) => sized(b"b", bytes),
    }
}
