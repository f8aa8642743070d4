//! Maintenance mode: the application answers nobody, or only those who are allowed in.
//!
//! It is a file that the application or the web server looks for, or a command of the
//! application's own. Both ways are idempotent. A [`Hold`] says that an upgrade is unfinished:
//! until it is taken away, nobody ends maintenance by accident.

mod file;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::process::{Lines, Process};
use crate::{Error, ErrorKind, Stop};

/// How an application is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Laravel's `storage/framework/down`: JSON with `time`, `message`, `retry`, `allowed`.
    Laravel,
    /// A file that Symfony applications look for, Mautic among them; the same JSON as
    /// [`Flag::File`].
    Symfony,
    /// A file that the web server looks for: JSON with `since`, `message`, `retry_after`,
    /// `allowed`; a page where its name ends in `.html`.
    File,
}

impl Flag {
    /// Where the file is, from the application's root, unless the configuration says otherwise.
    pub fn usual_file(self) -> &'static str {
        match self {
            Self::Laravel => "storage/framework/down",
            Self::Symfony => "var/maintenance.lock",
            Self::File => "maintenance.flag",
        }
    }
}

/// What those who come meanwhile are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// The words.
    pub message: Option<String>,
    /// When to come again, in seconds.
    pub retry: Option<u32>,
    /// Addresses and networks that are let in.
    pub allow: Vec<String>,
}

/// Maintenance mode of one application.
#[derive(Debug, Clone)]
pub enum Maintenance {
    /// A file. Its folder has to be there.
    File {
        /// Who looks for it.
        flag: Flag,
        /// Where it is.
        path: PathBuf,
        /// What it says.
        notice: Notice,
    },
    /// Commands of the application's own.
    Command {
        /// Turns it on.
        down: Box<Process>,
        /// Turns it off.
        up: Box<Process>,
    },
}

/// What a call did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// False when all was as it should be already.
    pub changed: bool,
    /// What was done, to what.
    pub what: String,
}

impl Maintenance {
    /// Whether it is on; none for commands, which can't be asked.
    pub fn is_on(&self) -> Option<bool> {
        match self {
            Self::File { path, .. } => Some(path.symlink_metadata().is_ok()),
            Self::Command { .. } => None,
        }
    }

    /// Turns it on. A file that is there and says the same stays as it is.
    pub fn down(&self, stop: &Stop, lines: &mut Lines<'_>) -> Result<Turned, Error> {
        match self {
            Self::File { flag, path, notice } => file::write(*flag, path, notice),
            Self::Command { down, .. } => command(down, stop, lines),
        }
    }

    /// Turns it off. Whoever calls it has asked [`unfinished_upgrade`] before.
    pub fn up(&self, stop: &Stop, lines: &mut Lines<'_>) -> Result<Turned, Error> {
        match self {
            Self::File { path, .. } => file::remove(path),
            Self::Command { up, .. } => command(up, stop, lines),
        }
    }
}

fn command(process: &Process, stop: &Stop, lines: &mut Lines<'_>) -> Result<Turned, Error> {
    process.run(stop, lines)?.success()?;
    Ok(Turned {
        changed: true,
        what: format!("ran `{}`", process.shown()),
    })
}

/// Why maintenance may not end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What is unfinished: `the upgrade from v4.7.3 to v4.9.3`.
    pub what: String,
    /// The command that goes on with it.
    pub next: String,
}

/// The file in a folder of Realign's own, outside of the application's tree.
const HOLD: &str = "upgrade.hold";

impl Hold {
    /// Keeps maintenance on until [`Hold::release`].
    pub fn keep(&self, state: &Path) -> Result<(), Error> {
        std::fs::create_dir_all(state).map_err(|error| failed("make", state, &error))?;
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        file::put(&state.join(HOLD), &text, 0o644)
    }

    /// Lets maintenance end.
    pub fn release(state: &Path) -> Result<(), Error> {
        file::remove(&state.join(HOLD)).map(|_| ())
    }
}

/// The upgrade that is unfinished, if one is: while it is, `up` refuses. `state` is the folder
/// in which Realign keeps what it knows of this application.
pub fn unfinished_upgrade(state: &Path) -> Result<Option<Hold>, Error> {
    let path = state.join(HOLD);
    match std::fs::read(&path) {
        // What can't be read is a hold, too.
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            Hold {
                what: format!("an upgrade ({} can't be read)", path.display()),
                next: "realign upgrade resume".to_owned(),
            }
        }))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", &path, &error)),
    }
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::File,
        format!("can't {what} {}: {error}", path.display()),
    )
}
