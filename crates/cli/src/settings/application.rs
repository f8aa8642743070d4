//! The application around the database: its root, its caches, its maintenance mode.

use std::path::{Path, PathBuf};

use realign::runtime::cache::Cache;
use realign::runtime::maintenance::{Flag, Maintenance, Notice};
use realign::runtime::process::{Account, Process};
use realign::runtime::{Error, ErrorKind, state_folder};

use super::{Settings, account};
use crate::args::DownArgs;
use crate::config::{self, CacheEntry};

/// What is written of an application; nothing of it is looked up before a command needs it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Application {
    /// Its root.
    pub(super) root: PathBuf,
    /// The folder of its journal, when it is written.
    pub(super) state: Option<PathBuf>,
    /// `[maintenance]`.
    pub(super) maintenance: config::Maintenance,
    /// `[cache]`.
    pub(super) cache: config::Cache,
    /// `cache` of `[upgrade]`.
    pub(super) upgrade_cache: Vec<String>,
    /// `user` of `[upgrade]`.
    pub(super) user: Option<String>,
}

impl Settings {
    /// True when the configuration itself says how maintenance mode is told.
    pub(crate) fn says_maintenance(&self) -> bool {
        let written = &self.application.maintenance;
        written.flag.is_some() || written.down.is_some() || written.up.is_some()
    }

    /// The folder in which Realign keeps what it knows of the application.
    pub(crate) fn state(&self) -> PathBuf {
        let application = &self.application;
        application
            .state
            .clone()
            .unwrap_or_else(|| state_folder(&application.root))
    }

    /// The caches to empty: those that were typed, else those of the configuration.
    pub(crate) fn caches(&self, typed: &[String]) -> Result<Vec<Cache>, Error> {
        let application = &self.application;
        let address = |text: &String| CacheEntry::Address(text.clone());
        let entries: Vec<CacheEntry> = if typed.is_empty() {
            match &application.cache.clear {
                Some(entries) => entries.clone(),
                None => application.upgrade_cache.iter().map(address).collect(),
            }
        } else {
            typed.iter().map(address).collect()
        };
        if entries.is_empty() {
            return Err(Error::new(ErrorKind::Usage, "no cache is named").with_help(
                "give one, e.g. memcached://127.0.0.1:11211, or write `clear` under [cache] in realign.toml",
            ));
        }
        entries.iter().map(|entry| self.cache(entry)).collect()
    }

    /// The caches of the configuration, none where it names none.
    pub(crate) fn configured_caches(&self) -> Result<Vec<Cache>, Error> {
        let application = &self.application;
        let none = application.cache.clear.as_ref().is_none_or(Vec::is_empty);
        if none && application.upgrade_cache.is_empty() {
            return Ok(Vec::new());
        }
        self.caches(&[])
    }

    fn cache(&self, entry: &CacheEntry) -> Result<Cache, Error> {
        match entry {
            CacheEntry::Address(text) => {
                let text = self.expanded(text, "cache.clear")?;
                Cache::parse(&text, &self.application.root)
            }
            CacheEntry::Command(program) => {
                let user = program.user.as_deref();
                self.program(&program.command, user).map(Cache::command)
            }
            CacheEntry::Restart(program) => {
                // It runs as this process does: as root, that is the operator's alone to say.
                if Account::is_root() {
                    account::known(self, "0", "[cache] clear")?;
                }
                Process::of(&program.restart).map(|process| Cache::restart(process.folder("/")))
            }
        }
    }

    /// A program of the application's own, in its root and as its user; where none is named, as whoever
    /// the root belongs to.
    fn program(&self, words: &[String], user: Option<&str>) -> Result<Process, Error> {
        let process = Process::of(words)?.folder(&self.application.root);
        let account = match (user, self.application.user.as_deref()) {
            (Some(user), _) => Some(account::known(self, user, "`user` beside the command")?),
            (None, Some(user)) => Some(account::known(self, user, "[upgrade] user")?),
            // What a release has brought along runs with no more rights than its owner has.
            (None, None) => account::owner(&[&self.application.root])?,
        };
        Ok(match account {
            Some(account) => process.account(account),
            None => process,
        })
    }

    /// How maintenance mode is told to the application.
    pub(crate) fn maintenance(&self, typed: &DownArgs) -> Result<Maintenance, Error> {
        let written = &self.application.maintenance;
        let root = &self.application.root;
        let user = written.user.as_deref();
        let flag = match (&written.down, &written.up, written.flag) {
            (Some(_), Some(_), Some(_)) => {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "[maintenance] says both a file and commands",
                )
                .with_help("write `flag`, or `down` and `up`"));
            }
            (Some(down), Some(up), None) => {
                return Ok(Maintenance::Command {
                    down: Box::new(self.program(down, user)?),
                    up: Box::new(self.program(up, user)?),
                });
            }
            (Some(_), None, _) | (None, Some(_), _) => {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "[maintenance] has a command for one way only",
                )
                .with_help("write both: down = [\"…\"] and up = [\"…\"]"));
            }
            (None, None, Some(flag)) => match flag {
                config::Flag::Laravel => Flag::Laravel,
                config::Flag::Symfony => Flag::Symfony,
                config::Flag::File => Flag::File,
            },
            (None, None, None) => found(root)?,
        };
        let file = match &written.file {
            Some(file) => self.expanded(file, "maintenance.file")?,
            None => flag.usual_file().to_owned(),
        };
        Ok(Maintenance::File {
            flag,
            path: root.join(file),
            notice: Notice {
                message: typed.message.clone().or_else(|| written.message.clone()),
                retry: typed.retry.or(written.retry),
                allow: if typed.allow.is_empty() {
                    written.allow.clone().unwrap_or_default()
                } else {
                    typed.allow.clone()
                },
            },
        })
    }
}

/// What the application's own files say.
fn found(root: &Path) -> Result<Flag, Error> {
    if root.join("artisan").is_file() && root.join("storage/framework").is_dir() {
        return Ok(Flag::Laravel);
    }
    Err(Error::new(
        ErrorKind::Usage,
        format!("nothing says how the application in {} is told of maintenance", root.display()),
    )
    .with_help(
        "write `flag = \"laravel\"`, \"symfony\" or \"file\" under [maintenance] in realign.toml, or the commands `down` and `up`",
    ))
}
