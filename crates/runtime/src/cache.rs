//! Emptying what an application keeps between requests: memcached, Redis, files, or whatever a
//! command of its own clears.

mod files;
mod memcached;
mod redis;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;

use crate::process::{Lines, Process};
use crate::{Error, ErrorKind, Stop};

/// How long a service may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The port of memcached where the address names none.
const MEMCACHED_PORT: u16 = 11211;

/// Where a service listens.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Address {
    Tcp(String, u16),
    Socket(PathBuf),
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Socket(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A cache to empty.
#[derive(Debug, Clone)]
pub struct Cache(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Memcached(Address),
    Redis(Box<redis::Redis>),
    Files(files::Folder),
    /// What a person calls it, and what does it.
    Command(&'static str, Box<Process>),
}

/// A cache that was emptied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// What was done, to what: `flushed memcached at 127.0.0.1:11211`.
    pub what: String,
    /// How many keys or files went, where that is known.
    pub removed: Option<u64>,
    /// How long it took.
    pub took: Duration,
}

impl Cache {
    /// A cache as it is written: `memcached://HOST:PORT`, `memcached:///run/memcached.sock`,
    /// `redis://:PASSWORD@HOST:PORT/DB?prefix=app:`, `files:FOLDER`. A relative folder lies in
    /// the application's root.
    pub fn parse(text: &str, root: &Path) -> Result<Self, Error> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        match scheme {
            "memcached" | "memcache" => memcached_address(rest).map(|at| Self(Kind::Memcached(at))),
            "redis" | "redis+unix" | "unix" | "valkey" => {
                redis::Redis::parse(scheme, rest).map(|redis| Self(Kind::Redis(Box::new(redis))))
            }
            "rediss" | "valkeys" => Err(unknown(
                "Redis over TLS can't be cleared by this version",
                "reach it through a tunnel, or write a command: { command = [\"redis-cli\", …] }",
            )),
            "files" | "file" => Self::files(rest.trim_start_matches("//"), root),
            _ => Err(unknown(
                // The rest may hold a password.
                format!("`{scheme}` is no kind of cache"),
                "write memcached://HOST:PORT, redis://HOST/DB?prefix=app: or files:FOLDER",
            )),
        }
    }

    /// The content of a folder.
    pub fn files(folder: &str, root: &Path) -> Result<Self, Error> {
        files::Folder::new(folder, root).map(|folder| Self(Kind::Files(folder)))
    }

    /// A command that clears something.
    pub fn command(process: Process) -> Self {
        Self(Kind::Command("ran", Box::new(process)))
    }

    /// A command that restarts a service.
    pub fn restart(process: Process) -> Self {
        Self(Kind::Command("restarted by", Box::new(process)))
    }

    /// What it is, as a person may see it.
    pub fn name(&self) -> String {
        match &self.0 {
            Kind::Memcached(at) => format!("memcached at {at}"),
            Kind::Redis(redis) => redis.name(),
            Kind::Files(folder) => format!("files in {folder}"),
            Kind::Command(_, process) => format!("`{}`", process.shown()),
        }
    }

    /// Empties it.
    pub fn clear(&self, stop: &Stop, lines: &mut Lines<'_>) -> Result<Cleared, Error> {
        let begun = Instant::now();
        let (verb, removed) = match &self.0 {
            Kind::Memcached(at) => {
                memcached::flush(at, TIMEOUT)?;
                ("flushed", None)
            }
            Kind::Redis(redis) => ("flushed", redis.clear(TIMEOUT, stop)?),
            Kind::Files(folder) => ("emptied", Some(folder.clear(stop)?)),
            Kind::Command(verb, process) => {
                process.run(stop, lines)?.success()?;
                (*verb, None)
            }
        };
        Ok(Cleared {
            what: format!("{verb} {}", self.name()),
            removed,
            took: begun.elapsed(),
        })
    }
}

/// Empties one after the other. The first that fails ends it: `done` was told of those before.
pub fn clear(
    caches: &[Cache],
    stop: &Stop,
    lines: &mut Lines<'_>,
    done: &mut dyn FnMut(&Cleared),
) -> Result<(), Error> {
    for cache in caches {
        if let Some(signal) = stop.signal() {
            return Err(Error::new(
                ErrorKind::Stopped(signal),
                format!("stopped before {}", cache.name()),
            ));
        }
        done(&cache.clear(stop, lines)?);
    }
    Ok(())
}

fn unknown(message: impl Into<String>, help: &str) -> Error {
    Error::new(ErrorKind::Usage, message).with_help(help)
}

fn memcached_address(rest: &str) -> Result<Address, Error> {
    let bad = || {
        unknown(
            "the address of a memcached makes no sense",
            "write memcached://HOST:PORT or memcached:///run/memcached.sock",
        )
    };
    let rest = rest.strip_prefix("//").ok_or_else(bad)?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    if rest.starts_with('/') {
        return Ok(Address::Socket(PathBuf::from(decoded(rest))));
    }
    let rest = rest.trim_end_matches('/');
    if rest.contains(['@', '/']) {
        return Err(bad());
    }
    tcp(rest, MEMCACHED_PORT).ok_or_else(bad)
}

/// `host`, `host:port`, `[address]:port`.
fn tcp(text: &str, usual: u16) -> Option<Address> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':'))
        }
        None => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0)?,
        None => usual,
    };
    (!host.is_empty()).then(|| Address::Tcp(decoded(host), port))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<String, String> {
        match Cache::parse(text, Path::new("/srv/app")) {
            Ok(cache) => Ok(cache.name()),
            Err(error) => Err(error.message),
        }
    }

    #[test]
    fn caches_are_written_as_addresses() {
        let good = [
            (
                "memcached://127.0.0.1:11211",
                "memcached at 127.0.0.1:11211",
            ),
            ("memcached://cache", "memcached at cache:11211"),
            ("memcached://[::1]:5", "memcached at [::1]:5"),
            ("memcached:///run/m.sock", "memcached at /run/m.sock"),
            (
                "redis://127.0.0.1/0?prefix=ixp:",
                "Redis at 127.0.0.1:6379, database 0, keys ixp:*",
            ),
            ("redis://u:geheim@h:7000/3", "Redis at h:7000, database 3"),
            (
                "redis+unix:///run/r.sock?db=2",
                "Redis at /run/r.sock, database 2",
            ),
            (
                "files:storage/framework/cache/data",
                "files in storage/framework/cache/data",
            ),
        ];
        for (text, shown) in good {
            assert_eq!(name(text).as_deref(), Ok(shown), "{text}");
        }
        for text in [
            "memcached:x",
            "memcached://",
            "memcached://u:geheim@h",
            "redis://h/x",
            "redis://geheim@h:port",
            "http://x",
            "files:",
            "files:..",
            "files:a/../../b",
            "files:/",
            "files:/var",
            "files:.",
            "rediss://h",
        ] {
            let message = name(text).expect_err(text);
            assert!(!message.contains("geheim"), "{message}");
        }
    }
}
