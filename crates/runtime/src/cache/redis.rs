//! Redis: a whole database, or the keys with a prefix.

use std::path::PathBuf;
use std::time::Duration;

use redis::{Connection, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisError};

use super::{Address, decoded, tcp, unknown};
use crate::{Error, ErrorKind, Secret, Stop};

/// The port where the address names none.
const PORT: u16 = 6379;
/// Keys that are looked at, and taken away, in one go.
const BATCH: usize = 1000;

/// A database of a Redis server.
#[derive(Debug, Clone)]
pub(super) struct Redis {
    at: Address,
    database: i64,
    prefix: String,
    user: Option<String>,
    password: Option<Secret>,
}

impl Redis {
    /// Reads what stands behind the scheme. No piece of it is in the error: it may be a password.
    pub(super) fn parse(scheme: &str, rest: &str) -> Result<Self, Error> {
        let bad = || {
            unknown(
                "the address of a Redis server makes no sense",
                "write redis://USER:PASSWORD@HOST:PORT/DB?prefix=app: or redis+unix:///run/redis.sock?db=0",
            )
        };
        let rest = rest.strip_prefix("//").ok_or_else(bad)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut redis = Self {
            at: Address::Socket(PathBuf::new()),
            database: 0,
            prefix: String::new(),
            user: None,
            password: None,
        };
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = decoded(value);
            match name {
                "prefix" => redis.prefix = value,
                "db" => redis.database = value.parse().map_err(|_| bad())?,
                "user" | "username" => redis.user = Some(value),
                "pass" | "password" => redis.password = Some(Secret::new(value)),
                _ => return Err(bad()),
            }
        }
        let path = if scheme.contains("unix") {
            redis.at = Address::Socket(PathBuf::from(decoded(rest)));
            return if rest.starts_with('/') {
                Ok(redis)
            } else {
                Err(bad())
            };
        } else {
            let (server, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = match server.rsplit_once('@') {
                None => server,
                Some((login, host)) => {
                    let (user, password) = login.split_once(':').ok_or_else(bad)?;
                    redis.user = Some(decoded(user)).filter(|user| !user.is_empty());
                    redis.password = Some(Secret::new(decoded(password)));
                    host
                }
            };
            redis.at = tcp(host, PORT).ok_or_else(bad)?;
            path.trim_end_matches('/')
        };
        if !path.is_empty() {
            redis.database = path.parse().map_err(|_| bad())?;
        }
        if redis.database < 0 {
            return Err(bad());
        }
        Ok(redis)
    }

    pub(super) fn name(&self) -> String {
        let keys = match self.prefix.as_str() {
            "" => String::new(),
            prefix => format!(", keys {prefix}*"),
        };
        format!("Redis at {}, database {}{keys}", self.at, self.database)
    }

    /// Empties the database, or takes the keys with the prefix away: how many that were.
    pub(super) fn clear(&self, timeout: Duration, stop: &Stop) -> Result<Option<u64>, Error> {
        let mut connection = self
            .connect(timeout)
            .map_err(|error| self.failed(&error, true))?;
        if self.prefix.is_empty() {
            let held = redis::cmd("DBSIZE").query::<u64>(&mut connection);
            redis::cmd("FLUSHDB")
                .query::<()>(&mut connection)
                .map_err(|error| self.failed(&error, false))?;
            return Ok(held.ok());
        }
        self.clear_prefix(&mut connection, stop).map(Some)
    }

    fn clear_prefix(&self, connection: &mut Connection, stop: &Stop) -> Result<u64, Error> {
        let pattern = format!("{}*", escaped(&self.prefix));
        let mut removed = 0;
        let mut cursor = "0".to_owned();
        let mut verb = "UNLINK";
        loop {
            if let Some(signal) = stop.signal() {
                return Err(Error::new(
                    ErrorKind::Stopped(signal),
                    format!("stopped while clearing {}", self.name()),
                )
                .with_note(format!("{removed} keys are gone")));
            }
            let (next, keys): (String, Vec<Vec<u8>>) = redis::cmd("SCAN")
                .arg(&cursor)
                .arg("MATCH")
                .arg(&pattern)
                .arg("COUNT")
                .arg(BATCH)
                .query(connection)
                .map_err(|error| self.failed(&error, false))?;
            for keys in keys.chunks(BATCH) {
                let mut gone = redis::cmd(verb).arg(keys).query::<u64>(connection);
                // Before 4.0 there is only the word that makes the server wait for it.
                if verb == "UNLINK" && matches!(&gone, Err(error) if is_unknown(error)) {
                    verb = "DEL";
                    gone = redis::cmd(verb).arg(keys).query(connection);
                }
                removed += gone.map_err(|error| self.failed(&error, false))?;
            }
            if next == "0" {
                return Ok(removed);
            }
            cursor = next;
        }
    }

    fn connect(&self, timeout: Duration) -> Result<Connection, RedisError> {
        let client = redis::Client::open(self.info()?)?;
        let connection = client.get_connection_with_timeout(timeout)?;
        connection.set_read_timeout(Some(timeout * 6))?;
        connection.set_write_timeout(Some(timeout))?;
        Ok(connection)
    }

    fn info(&self) -> Result<ConnectionInfo, RedisError> {
        let address = match &self.at {
            Address::Tcp(host, port) => ConnectionAddr::Tcp(host.clone(), *port),
            Address::Socket(path) => ConnectionAddr::Unix(path.clone()),
        };
        let info = address.into_connection_info()?;
        let mut login = info.redis_settings().clone().set_db(self.database);
        if let Some(user) = &self.user {
            login = login.set_username(user);
        }
        if let Some(password) = &self.password {
            login = login.set_password(password.expose());
        }
        Ok(info.set_redis_settings(login))
    }

    fn failed(&self, error: &RedisError, connecting: bool) -> Error {
        let text = error.to_string();
        let at = format!("Redis at {}", self.at);
        let login = [
            "NOAUTH",
            "WRONGPASS",
            "Password authentication failed",
            "AUTH",
        ];
        if login.iter().any(|word| text.contains(word)) {
            return Error::new(ErrorKind::Unreachable, format!("{at} refused the login"))
                .with_note(text)
                .with_help(
                    "put user and password into the address: redis://USER:PASSWORD@HOST/DB",
                );
        }
        if error.is_io_error() || error.is_connection_refusal() || error.is_timeout() {
            return Error::new(ErrorKind::Unreachable, format!("can't reach {at}: {text}"))
                .with_help(
                    "is it running? `systemctl status redis-server` says so; then run this again",
                );
        }
        let what = if connecting {
            format!("{at} can't be used: {text}")
        } else {
            format!("{at} refused to clear database {}: {text}", self.database)
        };
        Error::new(ErrorKind::Refused, what)
            .with_help("the account needs the commands SCAN, UNLINK, DBSIZE and FLUSHDB")
    }
}

fn is_unknown(error: &RedisError) -> bool {
    error.to_string().contains("unknown command")
}

/// A prefix as a pattern that means itself.
fn escaped(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len());
    for c in prefix.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '^') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
