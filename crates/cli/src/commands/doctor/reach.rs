//! The way to the database before any login: a file, a socket, a name, a port.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;

use realign::runtime::Target;

use super::{Report, State};

/// How long a host may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server as it usually is.
struct Usual {
    /// How its URLs begin.
    schemes: &'static [&'static str],
    /// The port where the URL names none.
    port: u16,
    /// What keeps it from listening.
    listening: &'static str,
    /// Where its socket is on this machine, as `?socket=` wants it, and a file that shows it.
    sockets: &'static [(&'static str, &'static str)],
    /// Asks it for its own idea of the socket.
    socket_query: &'static str,
}

const USUAL: &[Usual] = &[
    Usual {
        schemes: &["mysql", "mariadb"],
        port: 3306,
        listening: "bind-address, skip-networking",
        sockets: &[
            ("/run/mysqld/mysqld.sock", "/run/mysqld/mysqld.sock"),
            ("/var/lib/mysql/mysql.sock", "/var/lib/mysql/mysql.sock"),
            ("/tmp/mysql.sock", "/tmp/mysql.sock"),
        ],
        socket_query: "SELECT @@socket",
    },
    Usual {
        schemes: &["postgres"],
        port: 5432,
        listening: "listen_addresses, port",
        sockets: &[
            ("/run/postgresql", "/run/postgresql/.s.PGSQL.5432"),
            ("/tmp", "/tmp/.s.PGSQL.5432"),
        ],
        socket_query: "SHOW unix_socket_directories",
    },
];

/// True when it is worth trying to log in.
pub(super) fn check(target: &Target, place: &str, report: &mut Report) -> anyhow::Result<bool> {
    let server = |usual: &&Usual| usual.schemes.contains(&target.scheme.as_str());
    let Some(usual) = USUAL.iter().find(server) else {
        return file(target, report);
    };
    if let Some(socket) = target.parameters.get("socket") {
        return socket_file(socket, usual, place, report);
    }
    let host = if target.host.is_empty() {
        "127.0.0.1"
    } else {
        target.host.trim_matches(['[', ']'])
    };
    let port = target.port.unwrap_or(usual.port);
    let addresses: Vec<_> = match (host, port).to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            report.failed(
                "connection",
                format!("the host name `{host}` leads to no address: {error}\nurl from {place}"),
                format!("check its spelling, and that this machine knows it: getent hosts {host}"),
            )?;
            return Ok(false);
        }
    };
    let mut refused = Vec::new();
    for address in &addresses {
        match TcpStream::connect_timeout(address, PATIENCE) {
            Ok(_) => {
                report.fine("connection", format!("{host}:{port} answers"))?;
                return Ok(true);
            }
            Err(error) => refused.push(format!("{address}: {error}")),
        }
    }
    let mut mend = format!(
        "is the server up, does it listen on {host}:{port} ({}), is a firewall between?",
        usual.listening
    );
    let mut sockets = usual.sockets.iter();
    if let Some((socket, _)) = sockets.find(|(_, file)| Path::new(file).exists()) {
        mend.push_str("\na server on this machine has a socket: add ?socket=");
        mend.push_str(socket);
        mend.push_str(" to the URL");
    }
    report.failed(
        "connection",
        format!("can't reach {}\nurl from {place}", refused.join("; ")),
        mend,
    )?;
    Ok(false)
}

fn socket_file(
    socket: &str,
    usual: &Usual,
    place: &str,
    report: &mut Report,
) -> anyhow::Result<bool> {
    if Path::new(socket).exists() {
        report.fine("connection", format!("socket {socket}"))?;
        return Ok(true);
    }
    report.failed(
        "connection",
        format!("there is no socket {socket}\nurl from {place}"),
        format!(
            "is the server up? its own idea of the path: {}",
            usual.socket_query
        ),
    )?;
    Ok(false)
}

/// The first bytes of a database file; an empty file is an empty database.
const FILE_MAGIC: &[u8] = b"SQLite format 3\0";

fn file(target: &Target, report: &mut Report) -> anyhow::Result<bool> {
    let path = Path::new(&target.database);
    if path == Path::new(":memory:") {
        report.fine("connection", "a database in memory, gone with each command")?;
        return Ok(true);
    }
    if !path.exists() {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if folder.is_dir() {
            report.say(
                "connection",
                State::Note,
                format!("{} is not there yet", path.display()),
                Some(
                    "`realign schema create --force` makes it, with all that is declared"
                        .to_owned(),
                ),
            )?;
        } else {
            report.failed(
                "connection",
                format!("there is no folder {}", folder.display()),
                "check the path in the URL, or make the folder",
            )?;
        }
        return Ok(false);
    }
    let start = std::fs::File::open(path).and_then(|file| {
        use std::io::Read as _;
        let mut start = Vec::new();
        file.take(FILE_MAGIC.len() as u64).read_to_end(&mut start)?;
        Ok(start)
    });
    match start {
        Err(error) => {
            report.failed(
                "connection",
                format!("can't read {}: {error}", path.display()),
                "run it as the user that the application runs as",
            )?;
            Ok(false)
        }
        Ok(start) if !start.is_empty() && start != FILE_MAGIC => {
            report.failed(
                "connection",
                format!("{} is no database file", path.display()),
                "check the path in the URL",
            )?;
            Ok(false)
        }
        Ok(_) => {
            report.fine("connection", path.display().to_string())?;
            Ok(true)
        }
    }
}
