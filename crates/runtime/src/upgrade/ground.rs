//! What an upgrade stands on: the checkout, the users, the caches, the folder of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Closed, Common};
use crate::cache::Cache;
use crate::git::Git;
use crate::maintenance::{Flag, Maintenance, Notice};
use crate::process::{Account, Process};
use crate::{Error, ErrorKind, Secret, Stop};

/// How long a command may take when its step does not say.
const USUAL: Duration = Duration::from_hours(1);

/// What an upgrade stands on.
#[derive(Debug)]
pub struct Ground {
    /// The checkout.
    pub git: Git,
    /// The user that the application runs as, when one is named.
    pub user: Option<Account>,
    /// That user's home, when it is another than the system says.
    pub home: Option<PathBuf>,
    /// Variables for every command.
    pub variables: BTreeMap<String, String>,
    /// Words that are never to be seen.
    pub secrets: Vec<Secret>,
    /// Caches to empty.
    pub caches: Vec<Cache>,
    /// Services to restart wherever caches are emptied.
    pub services: Vec<String>,
    /// Maintenance mode.
    pub maintenance: Option<Maintenance>,
    /// The wish to stop.
    pub stop: Stop,
}

impl Ground {
    /// The application's root.
    pub fn root(&self) -> &Path {
        self.git.root()
    }

    /// A command of a recipe: as the application's user unless its step says another, in the
    /// application's root, with the environment of that user.
    pub fn process(
        &self,
        words: &[String],
        common: &Common,
        variables: &BTreeMap<String, String>,
    ) -> Result<Process, Error> {
        let account = self.account(common)?;
        let mut process = Process::of(words)?.folder(self.root());
        let own = common.account.is_none();
        if let Some(account) = &account {
            process = process.account(account.clone());
        }
        if let Some(home) = self.home.as_ref().filter(|_| own) {
            process = process.variable("HOME", home);
        }
        for (name, value) in self.variables.iter().chain(variables) {
            process = process.variable(name, value);
        }
        for secret in &self.secrets {
            process = process.secret(secret.clone());
        }
        Ok(process.limit(limit(common)))
    }

    /// A command of the operator's own, as realign itself runs: restarting a service.
    pub fn own(&self, words: &[String], common: &Common) -> Result<Process, Error> {
        let mut process = Process::of(words)?.folder("/");
        for secret in &self.secrets {
            process = process.secret(secret.clone());
        }
        Ok(process.limit(limit(common)))
    }

    /// Who a step's command runs as; none for this very user.
    pub fn account(&self, common: &Common) -> Result<Option<Account>, Error> {
        match &common.account {
            Some(name) => Account::named(name).map(Some),
            None => Ok(self.user.clone().or_else(|| self.git.account().cloned())),
        }
    }

    /// True when a command of this step would run as root without anybody having said so.
    pub fn would_be_root(&self, common: &Common) -> bool {
        common.account.is_none()
            && self.user.is_none()
            && self.git.account().is_none()
            && rustix::process::geteuid().is_root()
    }
}

fn limit(common: &Common) -> Option<Duration> {
    match common.timeout {
        None => Some(USUAL),
        Some(0) => None,
        Some(seconds) => Some(Duration::from_secs(seconds)),
    }
}

impl Closed {
    /// Maintenance mode of an application in this root; none when nothing is said of it.
    pub fn of(&self, ground: &Ground) -> Result<Option<Maintenance>, Error> {
        match (&self.down, &self.up, self.flag) {
            (Some(down), Some(up), _) => {
                let common = Common::default();
                let none = BTreeMap::new();
                Ok(Some(Maintenance::Command {
                    down: Box::new(ground.process(down, &common, &none)?),
                    up: Box::new(ground.process(up, &common, &none)?),
                }))
            }
            (Some(_), None, _) | (None, Some(_), _) => Err(Error::new(
                ErrorKind::Usage,
                "maintenance mode has a command for one way only",
            )
            .with_help("write both: down = […] and up = […]")),
            (None, None, None) => Ok(None),
            (None, None, Some(name)) => {
                let flag = Flag::from(name);
                let file = self.file.as_deref().unwrap_or(flag.usual_file());
                Ok(Some(Maintenance::File {
                    flag,
                    path: ground.root().join(file),
                    notice: Notice {
                        message: self.message.clone(),
                        retry: self.retry,
                        allow: self.allow.clone(),
                    },
                }))
            }
        }
    }
}

/// How many bytes are free for this user on the disk of a folder.
pub fn free_room(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}
