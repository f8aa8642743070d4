//! memcached: one word of its text protocol.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::Address;
use crate::{Error, ErrorKind};

/// Makes every item invalid.
pub(super) fn flush(at: &Address, timeout: Duration) -> Result<(), Error> {
    let answer = ask(at, timeout).map_err(|error| {
        Error::new(
            ErrorKind::Unreachable,
            format!("can't reach memcached at {at}: {error}"),
        )
        .with_help("is it running? `systemctl status memcached` says so; then run this again")
    })?;
    match answer.as_str() {
        "OK" => Ok(()),
        "" => Err(Error::new(
            ErrorKind::Unreachable,
            format!("memcached at {at} closed the connection without an answer"),
        )
        .with_help("look into its log; is it really memcached that listens there?")),
        answer => {
            let error = Error::new(
                ErrorKind::Refused,
                format!("memcached at {at} refused flush_all: {answer}"),
            );
            let lower = answer.to_ascii_lowercase();
            Err(error.with_help(if lower.contains("not allowed") {
                "it runs with -F, which forbids that: let a restart clear it, { restart = [\"systemctl\", \"restart\", \"memcached\"] }"
            } else if lower.contains("unauthenticated") {
                "it asks for a login, which this version can't give: let a restart clear it"
            } else {
                "is it really memcached that listens there?"
            }))
        }
    }
}

fn ask(at: &Address, timeout: Duration) -> io::Result<String> {
    match at {
        Address::Socket(path) => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(timeout))?;
            stream.set_write_timeout(Some(timeout))?;
            talk(stream)
        }
        Address::Tcp(host, port) => {
            let mut last = io::Error::other("the name has no address");
            for address in (host.as_str(), *port).to_socket_addrs()? {
                match TcpStream::connect_timeout(&address, timeout) {
                    Ok(stream) => {
                        stream.set_read_timeout(Some(timeout))?;
                        stream.set_write_timeout(Some(timeout))?;
                        return talk(stream);
                    }
                    Err(error) => last = error,
                }
            }
            Err(last)
        }
    }
}

fn talk(mut stream: impl Read + Write) -> io::Result<String> {
    stream.write_all(b"flush_all\r\n")?;
    let mut line = Vec::new();
    let mut reader = BufReader::new(stream.take(1024));
    reader
        .read_until(b'\n', &mut line)
        .map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                io::Error::new(io::ErrorKind::TimedOut, "it does not answer")
            }
            _ => error,
        })?;
    Ok(String::from_utf8_lossy(&line).trim().to_owned())
}
