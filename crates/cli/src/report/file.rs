//! Files that a command writes: whole or not at all, and for the person's eyes only.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use realign::runtime::{Error, ErrorKind};

/// Writes a file in one go. Plans and SQL can hold values of the data, so that only the
/// person who asked may read it (mode 0600).
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    attempt(path, text)
        .map_err(|error| Error::new(ErrorKind::File, error.to_string()))
        .with_context(|| format!("can't write {}", path.display()))
}

/// Where the system shows what is open already: a file behind one of these is not to be replaced.
const OPEN: [&str; 4] = ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"];

fn attempt(path: &Path, text: &str) -> std::io::Result<()> {
    let open = OPEN.iter().any(|one| path.starts_with(one));
    // A device, a pipe.
    let special = std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir());
    if open || special {
        let mut file = std::fs::OpenOptions::new().append(true).open(path)?;
        return file.write_all(text.as_bytes());
    }
    // A link stays, and what it leads to is written.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".realign-")
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::write;

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_written_to_and_stays() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(write(&socket, "x").is_err());
        let kind = std::fs::symlink_metadata(&socket).unwrap().file_type();
        assert!(kind.is_socket());
        drop(held);
        let device = folder.path().join("device");
        std::os::unix::fs::symlink("/dev/null", &device).unwrap();
        write(&device, "x").unwrap();
        assert!(device.is_symlink());
        let (file, link) = (folder.path().join("plan.sql"), folder.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, "new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        std::fs::write(&path, "old").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write(&folder.path().join("no/such"), "x").is_err());
    }
}
