//! The way to the database before any login: a file, a socket, a name, a port.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;

use realign::runtime::Target;

use super::{Report, State};

/// How long a host may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ports where the URL names none, by scheme.
const PORTS: &[(&str, u16)] = &[("mysql", 3306), ("mariadb", 3306)];

/// Where servers on this machine usually put their socket.
const SOCKETS: &[&str] = &[
    "/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",
];

/// True when it is worth trying to log in.
pub(super) fn check(target: &Target, place: &str, report: &mut Report) -> anyhow::Result<bool> {
    let Some((_, port)) = PORTS.iter().find(|(scheme, _)| *scheme == target.scheme) else {
        return file(target, report);
    };
    if let Some(socket) = target.parameters.get("socket") {
        return socket_file(socket, place, report);
    }
    let host = if target.host.is_empty() {
        "127.0.0.1"
    } else {
        target.host.as_str()
    };
    let port = target.port.unwrap_or(*port);
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
        "is the server up, does it listen on {host}:{port} (bind-address, skip-networking), is a firewall between?"
    );
    if let Some(socket) = SOCKETS.iter().find(|socket| Path::new(socket).exists()) {
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

fn socket_file(socket: &str, place: &str, report: &mut Report) -> anyhow::Result<bool> {
    if Path::new(socket).exists() {
        report.fine("connection", format!("socket {socket}"))?;
        return Ok(true);
    }
    report.failed(
        "connection",
        format!("there is no socket {socket}\nurl from {place}"),
        "is the server up? its own idea of the path: SELECT @@socket",
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
