//! The flag file: whole or not there at all, and readable by whoever the folder belongs to.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Flag, Notice, Turned, failed};
use crate::Error;

/// Writes the flag, unless it says the same already.
pub(super) fn write(flag: Flag, path: &Path, notice: &Notice) -> Result<Turned, Error> {
    let now = jiff::Timestamp::now();
    let text = content(flag, path, notice, now);
    let shown = path.display();
    if let Ok(there) = fs::read(path)
        && path.symlink_metadata().is_ok_and(|there| there.is_file())
        && same(&there, text.as_bytes())
    {
        return Ok(Turned {
            changed: false,
            what: format!("{shown} was there already"),
        });
    }
    put(path, text.as_bytes(), 0o644)?;
    Ok(Turned {
        changed: true,
        what: format!("wrote {shown}"),
    })
}

/// Removes the flag, if it is there.
pub(super) fn remove(path: &Path) -> Result<Turned, Error> {
    let shown = path.display();
    match fs::remove_file(path) {
        Ok(()) => {
            sync_folder(path);
            Ok(Turned {
                changed: true,
                what: format!("removed {shown}"),
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Turned {
            changed: false,
            what: format!("{shown} was not there"),
        }),
        Err(error) => Err(failed("remove", path, &error)),
    }
}

/// Puts a file in place in one go, with the owner and the group of its folder.
pub(super) fn put(path: &Path, content: &[u8], mode: u32) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let wrong = |error: &io::Error| {
        let error = failed("write", path, error);
        if folder.is_dir() {
            error.with_help(
                "check who may write to its folder, and run this as root or as that user",
            )
        } else {
            error
                .with_note(format!("there is no folder {}", folder.display()))
                .with_help("check `root` of [upgrade] and `file` of [maintenance]")
        }
    };
    let write = || -> io::Result<()> {
        let owner = fs::metadata(folder)?;
        let mut temporary = tempfile::Builder::new()
            .prefix(".realign-")
            .tempfile_in(folder)?;
        temporary.write_all(content)?;
        own(temporary.as_file(), owner.uid(), owner.gid())?;
        temporary
            .as_file()
            .set_permissions(Permissions::from_mode(mode))?;
        temporary.as_file().sync_all()?;
        temporary.persist(path).map_err(|error| error.error)?;
        sync_folder(path);
        Ok(())
    };
    write().map_err(|error| wrong(&error))
}

/// Gives a file to the owner of its folder; only root can, and only root has to.
fn own(file: &File, user: u32, group: u32) -> io::Result<()> {
    if rustix::process::geteuid().is_root() {
        return fchown(file, Some(user), Some(group));
    }
    // A group that we are in can be given, another can't: then ours has to do.
    let _ = fchown(file, None, Some(group));
    Ok(())
}

/// Makes a new name outlive a power cut, where the file system can.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        // Not every file system can; the file itself is on the disk.
        let _ = folder.sync_all();
    }
}

fn content(flag: Flag, path: &Path, notice: &Notice, now: jiff::Timestamp) -> String {
    let Notice {
        message,
        retry,
        allow,
    } = notice;
    let is_page = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("html"));
    let document = match flag {
        Flag::Laravel => json!({
            "time": now.as_second(),
            "message": message,
            "retry": retry,
            "allowed": allow,
        }),
        Flag::File if is_page => return page(message.as_deref(), *retry),
        Flag::File | Flag::Symfony => json!({
            "since": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "message": message,
            "retry_after": retry,
            "allowed": allow,
        }),
    };
    // Objects of plain values always have a text.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn page(message: Option<&str>, retry: Option<u32>) -> String {
    let message = message.unwrap_or("We are back soon.");
    let message: String = message
        .chars()
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            c => c.to_string(),
        })
        .collect();
    let refresh = retry.map_or(String::new(), |seconds| {
        format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">\n")
    });
    format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n{refresh}<title>Maintenance</title>\n<p>{message}</p>\n"
    )
}

/// True when two flags differ in nothing but their time.
fn same(there: &[u8], new: &[u8]) -> bool {
    let timeless = |bytes: &[u8]| -> Option<Map<String, Value>> {
        let mut document: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
        document.remove("time");
        document.remove("since");
        Some(document)
    };
    there == new || timeless(new).is_some_and(|new| timeless(there) == Some(new))
}

#[cfg(test)]
mod tests {
    use super::super::{Hold, Maintenance, unfinished_upgrade};
    use super::*;
    use crate::process::Process;
    use crate::{ErrorKind, Stop};

    fn flag(flag: Flag, path: &Path) -> Maintenance {
        Maintenance::File {
            flag,
            path: path.to_owned(),
            notice: Notice {
                message: Some("Back at \"noon\" <b>".to_owned()),
                retry: Some(60),
                allow: vec!["192.0.2.0/24".to_owned()],
            },
        }
    }

    fn down(maintenance: &Maintenance) -> Result<Turned, Error> {
        maintenance.down(&Stop::new(), &mut |_, _| {})
    }

    #[test]
    fn laravels_file_has_its_four_keys() {
        let root = tempfile::tempdir().expect("folder");
        let folder = root.path().join("storage/framework");
        fs::create_dir_all(&folder).expect("folder");
        let path = folder.join("down");
        let maintenance = flag(Flag::Laravel, &path);
        assert_eq!(maintenance.is_on(), Some(false));
        assert!(down(&maintenance).unwrap().changed);
        assert_eq!(maintenance.is_on(), Some(true));
        let document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["time", "message", "retry", "allowed"]);
        assert_eq!(document["retry"], 60);
        assert_eq!(document["allowed"][0], "192.0.2.0/24");
        assert!(document["time"].as_i64().unwrap() > 1_600_000_000);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
        let before = fs::read(&path).unwrap();
        assert!(!down(&maintenance).unwrap().changed);
        assert_eq!(fs::read(&path).unwrap(), before);
        let up = |m: &Maintenance| m.up(&Stop::new(), &mut |_, _| {}).unwrap().changed;
        assert!(up(&maintenance));
        assert!(!up(&maintenance));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }

    #[test]
    fn the_file_belongs_to_whom_its_folder_belongs() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let root = tempfile::tempdir().expect("folder");
        std::os::unix::fs::chown(root.path(), Some(33), Some(34)).expect("root may");
        let path = root.path().join("flag");
        down(&flag(Flag::File, &path)).unwrap();
        let owner = fs::metadata(&path).unwrap();
        assert_eq!((owner.uid(), owner.gid()), (33, 34));
    }

    #[test]
    fn a_page_says_it_in_html() {
        let root = tempfile::tempdir().expect("folder");
        let path = root.path().join("maintenance.html");
        down(&flag(Flag::File, &path)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("Back at &quot;noon&quot; &lt;b&gt;"),
            "{text}"
        );
        assert!(!down(&flag(Flag::File, &path)).unwrap().changed);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = down(&flag(Flag::Symfony, Path::new("/no/such/var/lock"))).unwrap_err();
        assert_eq!(error.kind, ErrorKind::File);
        assert_eq!(error.notes, ["there is no folder /no/such/var"]);
    }

    #[test]
    fn a_command_that_fails_is_told_with_its_words() {
        let maintenance = Maintenance::Command {
            down: Box::new(Process::new("sh").args(["-c", "echo no >&2; exit 7"])),
            up: Box::new(Process::new("true")),
        };
        let error = down(&maintenance).unwrap_err();
        assert!(error.message.ends_with("exit code 7"), "{error}");
        assert_eq!(error.notes, ["no"]);
        assert!(
            maintenance
                .up(&Stop::new(), &mut |_, _| {})
                .unwrap()
                .changed
        );
    }

    #[test]
    fn a_hold_stands_until_it_is_released() {
        let root = tempfile::tempdir().expect("folder");
        let state = root.path().join("state");
        assert_eq!(unfinished_upgrade(&state).unwrap(), None);
        let hold = Hold {
            what: "the upgrade to v4.9.3".to_owned(),
            next: "realign upgrade resume".to_owned(),
        };
        hold.keep(&state).unwrap();
        assert_eq!(unfinished_upgrade(&state).unwrap(), Some(hold));
        fs::write(state.join("upgrade.hold"), "{").unwrap();
        assert!(unfinished_upgrade(&state).unwrap().is_some());
        Hold::release(&state).unwrap();
        Hold::release(&state).unwrap();
        assert_eq!(unfinished_upgrade(&state).unwrap(), None);
    }
}
