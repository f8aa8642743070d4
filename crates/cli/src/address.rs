//! Database URLs as a person writes them, taken apart.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use realign::runtime::{Error, ErrorKind, Secret, Target};

/// Reads a database URL. A relative path of a file database is one from `folder`.
///
/// `sqlite:app.db` and `sqlite:/srv/app.db` mean what they say. `sqlite:///x/app.db` is
/// read as Doctrine reads it, relative, when that folder is there, otherwise as absolute;
/// four slashes are always absolute.
pub(crate) fn parse(text: &str, folder: &Path) -> Result<Target, Error> {
    let text = text.trim();
    let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return Err(bad("the database URL names no engine"));
    };
    let scheme = engine(scheme);
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, query),
        None => (rest, ""),
    };
    let mut target = Target {
        parameters: parameters(query),
        ..Target::default()
    };
    if scheme == "sqlite" {
        target.database = file(&decode(rest), folder)?;
    } else {
        let Some(rest) = rest.strip_prefix("//") else {
            return Err(bad(format!(
                "after `{scheme}:` two slashes and a host are missing"
            )));
        };
        // Behind the host an `@` is a piece of a password, which would be shown as a host or
        // a database.
        let behind = rest.split_once('/').map_or("", |(_, behind)| behind);
        if behind.contains('@') || query.contains('@') {
            return Err(bad("the database URL has an `@` behind its host").with_note(CODES));
        }
        server(rest, &mut target)?;
    }
    target.scheme = scheme;
    Ok(target)
}

/// True when the text begins like a URL of a database: the rest may still be wrong.
pub(crate) fn looks_like_url(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        is_scheme(scheme) && (engine(scheme) == "sqlite" || rest.starts_with("//"))
    })
}

/// A source as a person may see it: a URL without its password.
pub(crate) fn shown(text: &str) -> String {
    if !looks_like_url(text) {
        return text.to_owned();
    }
    match parse(text, Path::new("")) {
        Ok(target) => target.to_string(),
        Err(_) => "a database URL that makes no sense".to_owned(),
    }
}

/// A value percent-encoded, so that it can stand in any part of a URL.
pub(crate) fn encode(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A name percent-encoded where a URL needs it, and otherwise as a person would write it.
pub(crate) fn encode_part(text: &str) -> String {
    /// What separates the parts of a URL, beside what is no printable ASCII.
    const SEPARATORS: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
        .add(b' ')
        .add(b'#')
        .add(b'$')
        .add(b'%')
        .add(b'&')
        .add(b'/')
        .add(b':')
        .add(b'?')
        .add(b'@')
        .add(b'[')
        .add(b']');
    percent_encoding::utf8_percent_encode(text, SEPARATORS).to_string()
}

/// What went wrong most likely, told without any piece of it.
const CODES: &str = "a `/`, `@`, `#`, `?` or `%` in a password has to be written as a percent code";

fn bad(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, message)
        .with_help("write mysql://user@host/database, mariadb://…, postgres://… or sqlite:file.db")
}

fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'))
}

/// Doctrine's and Laravel's other words for the same engines.
fn engine(scheme: &str) -> String {
    let scheme = scheme.to_ascii_lowercase().replace('_', "-");
    match scheme.strip_prefix("pdo-").unwrap_or(&scheme) {
        "mysql2" | "mysqli" => "mysql".to_owned(),
        "sqlite3" => "sqlite".to_owned(),
        "pgsql" | "postgresql" => "postgres".to_owned(),
        other => other.to_owned(),
    }
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = match name {
                "unix_socket" => "socket",
                other => other,
            };
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The path of a file database.
fn file(rest: &str, folder: &Path) -> Result<String, Error> {
    let path = match rest.strip_prefix("//") {
        None => PathBuf::from(rest),
        Some(rest) => match rest.strip_prefix('/') {
            // `sqlite://app.db`: one slash too many or too few, but only one meaning.
            None => PathBuf::from(rest),
            Some(":memory:") => PathBuf::from(":memory:"),
            // Doctrine drops one slash: three are a relative path, four an absolute one. Others
            // mean an absolute path with three, so the folder decides which of them it is.
            Some(relative) => {
                let parent = Path::new(relative).parent().unwrap_or(Path::new(""));
                let there = folder.join(".").join(parent).is_dir();
                PathBuf::from(if relative.starts_with('/') || there {
                    relative
                } else {
                    rest
                })
            }
        },
    };
    if path.as_os_str().is_empty() {
        return Err(bad("the database URL names no file"));
    }
    if path == Path::new(":memory:") || path.is_absolute() {
        return Ok(path.to_string_lossy().into_owned());
    }
    Ok(folder.join(path).to_string_lossy().into_owned())
}

/// User, password, host, port and database of `user:password@host:port/database`.
fn server(rest: &str, target: &mut Target) -> Result<(), Error> {
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (account, place) = match authority.rsplit_once('@') {
        Some((account, place)) => (Some(account), place),
        None => (None, authority),
    };
    if let Some(account) = account {
        let (user, password) = match account.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (account, None),
        };
        target.user = Some(decode(user)).filter(|user| !user.is_empty());
        target.password = password.map(|password| Secret::new(decode(password)));
    }
    let (host, port) = match place.strip_prefix('[') {
        Some(v6) => {
            let (host, after) = v6
                .split_once(']')
                .ok_or_else(|| bad("the address in the database URL has no closing `]`"))?;
            (host, after.strip_prefix(':'))
        }
        None => match place.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    if let Some(port) = port.filter(|port| !port.is_empty()) {
        // The text is not shown: with a `/` in the password it is a piece of that.
        let number = port.parse::<NonZeroU16>().map_err(|_| {
            bad("the port in the database URL is no number from 1 to 65535").with_note(CODES)
        })?;
        target.port = Some(number.get());
    }
    target.host = decode(host);
    target.database = decode(database.trim_end_matches('/'));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        parse(text, Path::new("")).expect("a URL")
    }

    #[test]
    fn a_server() {
        let found =
            target("MySQL://ixp:p%40ss%2F1@db.example:3307/ixp?sslmode=require&unix_socket=/run/s");
        assert_eq!(found.scheme, "mysql");
        assert_eq!(found.host, "db.example");
        assert_eq!(found.port, Some(3307));
        assert_eq!(found.user.as_deref(), Some("ixp"));
        assert_eq!(found.password.as_ref().map(Secret::expose), Some("p@ss/1"));
        assert_eq!(found.database, "ixp");
        assert_eq!(found.parameters["sslmode"], "require");
        assert_eq!(found.parameters["socket"], "/run/s");
        assert_eq!(found.to_string(), "mysql://ixp@db.example:3307/ixp");
    }

    #[test]
    fn other_words_and_places() {
        assert_eq!(target("pdo_mysql://u@h/d").scheme, "mysql");
        assert_eq!(target("postgresql://h/d").scheme, "postgres");
        assert_eq!(target("mariadb://u@[::1]:3306/d").host, "::1");
        assert_eq!(target("mysql://u@/d?socket=/s").host, "");
        assert_eq!(
            target("mysql://app:!ChangeMe!@127.0.0.1:3306/app").port,
            Some(3306)
        );
    }

    #[test]
    fn files() {
        assert_eq!(target("sqlite:app.db").database, "app.db");
        assert_eq!(target("sqlite:/srv/app.db").database, "/srv/app.db");
        assert_eq!(target("sqlite:///app.db").database, "app.db");
        assert_eq!(
            target("sqlite:///no-such-folder/app.db").database,
            "/no-such-folder/app.db"
        );
        assert_eq!(target("sqlite:////srv/app.db").database, "/srv/app.db");
        assert_eq!(target("sqlite:///:memory:").database, ":memory:");
        assert_eq!(target("sqlite::memory:").database, ":memory:");
        let from = parse("sqlite:var/app.db", Path::new("/srv/app")).expect("a URL");
        assert_eq!(from.database, "/srv/app/var/app.db");
    }

    #[test]
    fn what_makes_no_sense_is_refused_without_the_password() {
        for text in [
            "app.db",
            "mysql:ixp",
            "mysql://u:se/cret@h/d",
            "mysql://u:12/cret@h/d",
            "mysql://u:x@y/cret@h/d",
            "mysql://u:12?cret@h/d",
            "sqlite:",
            "mysql://u@[::1/d",
            "mysql://u:cret@h:0/d",
            "mysql://u:cret@h:65536/d",
        ] {
            let error = parse(text, Path::new("")).expect_err(text);
            assert_eq!(error.kind, ErrorKind::Usage);
            let all = format!("{error} {:?} {:?}", error.notes, error.help);
            assert!(!all.contains("cret"), "{all}");
            assert!(!shown(text).contains("cret"));
        }
    }
}
