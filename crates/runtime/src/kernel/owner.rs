//! Who holds the lock, and whether that process still lives.

use std::fmt::Write as _;
use std::fs;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::process::{Account, Stat};

/// A process that writes, as it writes itself down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The host's name.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The account of the operating system.
    pub user: String,
    /// When it took the lock, UTC, `2026-11-22 09:30:00`.
    pub since: String,
    /// What it does: `realign migrate`.
    pub command: String,
    /// Which start of which system the process number belongs to.
    #[serde(default)]
    system: String,
    /// When the process began, in the system's own count: a number is given again.
    #[serde(default)]
    began: String,
    /// Its sessions on the server.
    #[serde(default)]
    pub sessions: Vec<u64>,
    /// The server that these sessions are of, and when it was started (seconds since 1970).
    #[serde(default)]
    pub server: Option<(String, i64)>,
}

impl Owner {
    /// This process.
    pub fn this(command: &str, since: &str) -> Self {
        let pid = std::process::id();
        Self {
            host: host(),
            pid,
            user: user(),
            since: since.to_owned(),
            command: command.to_owned(),
            system: system(),
            began: began(pid).unwrap_or_default(),
            sessions: Vec::new(),
            server: None,
        }
    }

    /// This process in so few letters that a name can hold them: the system, the number of the
    /// process, and when it began.
    pub(crate) fn mark() -> String {
        let pid = std::process::id();
        format!(
            "{}_{pid}_{}",
            short(&system()),
            began(pid).unwrap_or_default()
        )
    }

    /// Whether the process of such a mark lives; none when it is of another system.
    pub(crate) fn mark_lives(mark: &str) -> Option<bool> {
        let mut parts = mark.split('_');
        let (of, pid, then) = (parts.next()?, parts.next()?, parts.next()?);
        let own = system();
        if parts.next().is_some() || own.is_empty() || of != short(&own) {
            return None;
        }
        let pid = pid.parse().ok()?;
        Some(began(pid).is_some_and(|began| began == then))
    }

    /// Whether the process lives; none when it is of another system, where nobody can look.
    pub fn lives(&self) -> Option<bool> {
        if self.system.is_empty() || self.system != system() {
            return None;
        }
        Some(began(self.pid).is_some_and(|began| began == self.began))
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}@{}, process {}, since {} UTC",
            self.user, self.host, self.pid, self.since
        )
    }
}

fn line(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

fn host() -> String {
    line("/proc/sys/kernel/hostname")
        .or_else(|| std::env::var("HOSTNAME").ok())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}

fn user() -> String {
    ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
        .unwrap_or_else(account)
}

/// The account that this process runs as: what starts services and timed jobs often says none.
fn account() -> String {
    Account::own().map_or_else(
        || format!("uid {}", rustix::process::geteuid().as_raw()),
        |own| own.name,
    )
}

/// The start of the system and the space of its process numbers: containers have their own. Empty
/// when that is not known.
pub(crate) fn system() -> String {
    let boot = line("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid")
        .map(|link| link.to_string_lossy().into_owned())
        .unwrap_or_default();
    if boot.is_empty() || space.is_empty() {
        String::new()
    } else {
        format!("{boot} {space}")
    }
}

/// A long name in eight letters.
fn short(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest[..4].iter().fold(String::new(), |mut short, byte| {
        let _ = write!(short, "{byte:02x}");
        short
    })
}

/// When a process began, in ticks since the system's start; none when it is gone, or dead and
/// only not yet waited for.
pub(crate) fn began(pid: u32) -> Option<String> {
    let stat = Stat::of(pid).filter(|stat| !stat.is_dead())?;
    Some(stat.began.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_one_that_ended_does_not() {
        let mut owner = Owner::this("realign migrate", "2026-11-22 09:30:00");
        assert_eq!(owner.lives(), Some(true));
        owner.began = "1".to_owned();
        assert_eq!(owner.lives(), Some(false), "another process of this number");
        owner.system = "elsewhere".to_owned();
        assert_eq!(owner.lives(), None);
    }

    #[test]
    fn it_survives_its_own_writing() {
        let mut owner = Owner::this("x", "now");
        owner.sessions.push(7);
        owner.server = Some(("h:3306".to_owned(), 12));
        let text = serde_json::to_string(&owner).unwrap();
        assert_eq!(serde_json::from_str::<Owner>(&text).unwrap(), owner);
    }
}
