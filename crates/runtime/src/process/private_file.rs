//! A file for one program to read a password from: it is on no disk, and gone with this process.

use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, Mode};

use crate::{Error, ErrorKind};

/// A file in memory that has a path for as long as the value lives. Only this account can open it.
///
/// An argument is shown by every list of processes and a variable is inherited by every child; a
/// file on a disk outlives a kill.
#[derive(Debug)]
pub struct PrivateFile {
    file: std::fs::File,
}

impl PrivateFile {
    /// A file with this text.
    pub fn new(text: &str) -> Result<Self, Error> {
        let make = || -> io::Result<std::fs::File> {
            let made = rustix::fs::memfd_create("realign", MemfdFlags::CLOEXEC)?;
            let mut file = std::fs::File::from(made);
            // Programs refuse a file that others may read or write.
            rustix::fs::fchmod(&file, Mode::RUSR | Mode::WUSR)?;
            file.write_all(text.as_bytes())?;
            Ok(file)
        };
        make().map(|file| Self { file }).map_err(|error| {
            Error::new(
                ErrorKind::Failed,
                format!("can't make a file in memory for a password: {error}"),
            )
        })
    }

    /// Its path, for a program that this process starts under the same account.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!(
            "/proc/{}/fd/{}",
            std::process::id(),
            self.file.as_raw_fd()
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::Stop;
    use crate::process::Process;

    #[test]
    fn a_program_reads_it_more_than_once() {
        let file = PrivateFile::new("geheim\n").unwrap();
        let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        for _ in 0..2 {
            let read = Process::new("cat")
                .arg(file.path())
                .run(&Stop::new(), &mut |_, _| {})
                .unwrap()
                .success()
                .unwrap();
            assert_eq!(read.text(), "geheim\n");
        }
        let path = file.path();
        drop(file);
        assert_ne!(std::fs::read(path).ok().as_deref(), Some(&b"geheim\n"[..]));
    }
}
