//! The users that programs run as.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind};

/// A user of this system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub name: String,
    /// The user's number.
    pub user: u32,
    /// The number of the user's first group.
    pub group: u32,
    /// The home folder.
    pub home: PathBuf,
    shell: String,
}

impl Account {
    /// Looks a user up by name or number.
    pub fn named(name: &str) -> Result<Self, Error> {
        if name.is_empty() || name.starts_with('-') || name.contains([':', '\n', '\0']) {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("`{name}` is no name of a user"),
            ));
        }
        Self::find(name).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("there is no user `{name}`"))
                .with_help("check the name; `getent passwd` lists who is there")
        })
    }

    /// Who this process runs as; none when that number has no name.
    pub fn own() -> Option<Self> {
        Self::find(&rustix::process::geteuid().as_raw().to_string())
    }

    /// True when this process runs as root, whatever name root has.
    pub fn is_root() -> bool {
        rustix::process::geteuid().is_root()
    }

    /// Whom a folder belongs to, where this process is root and they are not: what is in it must not
    /// run with more rights than they have.
    pub fn of(folder: &Path) -> Result<Option<Self>, Error> {
        if !Self::is_root() {
            return Ok(None);
        }
        let failed = |error: std::io::Error| {
            Error::new(
                ErrorKind::File,
                format!("can't look at {}: {error}", folder.display()),
            )
        };
        let user = std::fs::metadata(folder).map_err(failed)?.uid();
        if user == 0 {
            return Ok(None);
        }
        Self::named(&user.to_string())
            .map(Some)
            .map_err(|error| error.with_note(format!("the owner of {}", folder.display())))
    }

    fn find(name: &str) -> Option<Self> {
        let file = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        if let Some(found) = file.lines().find_map(|line| Self::read(line, name)) {
            return Some(found);
        }
        // Accounts of a directory service are in no file.
        let told = std::process::Command::new("getent")
            .args(["passwd", "--", name])
            .stdin(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .output();
        String::from_utf8_lossy(&told.ok()?.stdout)
            .lines()
            .find_map(|line| Self::read(line, name))
    }

    fn read(line: &str, wanted: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, user, group, _, home, shell, ..] = fields.as_slice() else {
            return None;
        };
        if *name != wanted && *user != wanted {
            return None;
        }
        Some(Self {
            name: (*name).to_owned(),
            user: user.parse().ok()?,
            group: group.parse().ok()?,
            home: PathBuf::from(home),
            shell: (*shell).to_owned(),
        })
    }

    /// True when this process runs as this user already.
    pub fn is_own(&self) -> bool {
        rustix::process::geteuid().as_raw() == self.user
    }

    /// What a login of this user sets.
    pub(super) fn variables(&self) -> [(OsString, OsString); 4] {
        [
            ("HOME".into(), self.home.clone().into()),
            ("USER".into(), self.name.clone().into()),
            ("LOGNAME".into(), self.name.clone().into()),
            ("SHELL".into(), self.shell.clone().into()),
        ]
    }

    /// What is put before a program so that it runs as this user.
    pub(super) fn words(
        &self,
        setpriv: Option<&Path>,
        find: &dyn Fn(&OsStr) -> Option<PathBuf>,
    ) -> Result<Vec<OsString>, Error> {
        let own = rustix::process::geteuid();
        if !own.is_root() {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("only root can run a program as {}", self.name),
            )
            .with_note(format!("this process runs as user {}", own.as_raw()))
            .with_help(format!("run realign as root or as {}", self.name)));
        }
        if let Some(setpriv) = setpriv {
            return Ok(vec![
                setpriv.into(),
                format!("--reuid={}", self.user).into(),
                format!("--regid={}", self.group).into(),
                "--init-groups".into(),
                "--inh-caps=-all".into(),
                "--pdeathsig".into(),
                "KILL".into(),
                "--".into(),
            ]);
        }
        if let Some(runuser) = find(OsStr::new("runuser")) {
            return Ok(vec![
                runuser.into(),
                "-u".into(),
                self.name.clone().into(),
                "--".into(),
            ]);
        }
        Err(Error::new(
            ErrorKind::Failed,
            format!(
                "there is neither setpriv nor runuser to run a program as {}",
                self.name
            ),
        )
        .with_help("install the package util-linux"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_name_and_by_number() {
        let line = "www-data:x:33:34:www-data:/var/www:/usr/sbin/nologin";
        let found = Account::read(line, "www-data").unwrap();
        assert_eq!((found.user, found.group), (33, 34));
        assert_eq!(found.home, Path::new("/var/www"));
        assert_eq!(Account::read(line, "33"), Some(found));
        assert_eq!(Account::read(line, "34"), None);
        assert_eq!(Account::read("broken:x", "broken"), None);
    }

    #[test]
    fn a_name_can_not_be_an_option() {
        assert_eq!(Account::named("--help").unwrap_err().kind, ErrorKind::Usage);
        let missing = Account::named("nobody-of-this-name").unwrap_err();
        assert_eq!(missing.message, "there is no user `nobody-of-this-name`");
    }
}
