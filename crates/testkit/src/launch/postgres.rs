//! PostgreSQL as Debian ships it.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Place, Recipe, succeed};
use crate::client::chosen;

/// Where Debian keeps the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A PostgreSQL server with these settings, whose superuser is this account.
pub(crate) struct Postgres<'a> {
    pub(crate) options: &'a [&'a str],
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
}

/// A program of the version in the folder that `REALIGN_POSTGRESQL` names, else of the newest one
/// that is installed.
///
/// # Panics
/// When there is none, with the command that installs its Debian package.
pub(crate) fn program(name: &str) -> PathBuf {
    if let Some(folder) = chosen("REALIGN_POSTGRESQL") {
        return folder.join(name);
    }
    let mut versions: Vec<PathBuf> = std::fs::read_dir(VERSIONS)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    versions.sort();
    versions
        .into_iter()
        .rev()
        .map(|version| version.join("bin").join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| {
            panic!("{name} is missing: sudo apt-get install -y --no-install-recommends postgresql")
        })
}

impl Recipe for Postgres<'_> {
    fn kind(&self) -> &'static str {
        "postgresql"
    }

    fn settings(&self) -> String {
        let own = self.options.join("\0");
        format!("{}\0{SETTINGS:?}\0{own}", program("postgres").display())
    }

    fn install(&self, place: &Place) -> Result<(), String> {
        let password = place.write("password", self.password)?;
        succeed(
            place
                .command(program("initdb"))
                .args(["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"])
                .arg("--locale=C.UTF-8")
                .arg(format!("--username={}", self.user))
                .arg(format!("--pwfile={}", password.display()))
                .arg(format!("--pgdata={}", place.data().display()))
                .current_dir("/"),
        )
    }

    fn server(&self, place: &Place, port: u16) -> Vec<OsString> {
        let data = place.data();
        let mut words: Vec<OsString> = vec![program("postgres").into(), "-D".into()];
        words.push(data.clone().into());
        let own = [
            format!("port={port}"),
            format!("unix_socket_directories={}", data.display()),
        ];
        let more = self.options.iter().map(|option| (*option).to_owned());
        for setting in SETTINGS
            .map(str::to_owned)
            .into_iter()
            .chain(own)
            .chain(more)
        {
            words.extend(["-c".into(), setting.into()]);
        }
        words
    }

    fn socket(&self, place: &Place, port: u16) -> PathBuf {
        place.data().join(format!(".s.PGSQL.{port}"))
    }

    fn ready(&self) -> &'static str {
        "ready to accept connections"
    }
}

/// Quick, as nothing has to outlive a run.
const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "autovacuum=off",
    "timezone=UTC",
];
