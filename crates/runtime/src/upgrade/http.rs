//! A health check: one GET, and the status that came back.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use crate::process::Process;
use crate::{Error, ErrorKind, Stop};

/// How long an answer may take when the step does not say.
const USUAL: Duration = Duration::from_secs(30);
/// How many redirections are followed.
const REDIRECTIONS: usize = 5;

/// Asks a page, and fails unless it answers with 200.
pub(super) fn healthy(url: &str, limit: Option<Duration>, stop: &Stop) -> Result<String, Error> {
    let limit = limit.unwrap_or(USUAL);
    if url.starts_with("https://") {
        return by_curl(url, limit, stop);
    }
    let until = Instant::now() + limit;
    let mut at = url.to_owned();
    for _ in 0..=REDIRECTIONS {
        let (status, location) = ask(&at, until)?;
        match (status, location) {
            (200, _) => return Ok(format!("{url} answers with 200")),
            (301 | 302 | 303 | 307 | 308, Some(location)) => {
                at = followed(&at, &location);
                if at.starts_with("https://") {
                    return by_curl(&at, limit, stop);
                }
            }
            (status, _) => {
                return Err(sick(url, &format!("it answers with {status}")));
            }
        }
    }
    Err(sick(
        url,
        "it leads from one page to the next without an end",
    ))
}

fn sick(url: &str, why: &str) -> Error {
    Error::new(
        ErrorKind::Failed,
        format!("the health check {url} fails: {why}"),
    )
    .with_help("look at the log of the web server and of the application; then go on")
}

fn ask(url: &str, until: Instant) -> Result<(u16, Option<String>), Error> {
    let failed = |error: std::io::Error| sick(url, &error.to_string());
    let bad = || {
        Error::new(ErrorKind::Usage, format!("`{url}` is no address of a page"))
            .with_help("write url = \"http://127.0.0.1/…\" or \"https://…\"")
    };
    let rest = url.strip_prefix("http://").ok_or_else(bad)?;
    let (host, path) = match rest.find(['/', '?']) {
        Some(at) if rest[at..].starts_with('/') => (&rest[..at], rest[at..].to_owned()),
        Some(at) => (&rest[..at], format!("/{}", &rest[at..])),
        None => (rest, "/".to_owned()),
    };
    let path = path.split('#').next().unwrap_or("/").to_owned();
    if host.is_empty() || url.contains([' ', '\r', '\n']) || host.contains('@') {
        return Err(bad());
    }
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let mut last = None;
    for socket in address.to_socket_addrs().map_err(failed)? {
        let left = until.saturating_duration_since(Instant::now());
        let left = left.max(Duration::from_millis(1));
        let stream = match TcpStream::connect_timeout(&socket, left) {
            Ok(stream) => stream,
            Err(error) => {
                last = Some(error);
                continue;
            }
        };
        return talk(stream, host, &path, left).map_err(failed);
    }
    Err(failed(last.unwrap_or_else(|| {
        std::io::Error::other("its host has no address")
    })))
}

fn talk(
    mut stream: TcpStream,
    host: &str,
    path: &str,
    left: Duration,
) -> std::io::Result<(u16, Option<String>)> {
    stream.set_read_timeout(Some(left))?;
    stream.set_write_timeout(Some(left))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: realign\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )?;
    let mut reader = BufReader::new(stream).take(64 * 1024);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line
        .split_whitespace()
        .nth(1)
        .filter(|_| line.starts_with("HTTP/"))
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| std::io::Error::other("what answers is no web server"))?;
    let mut location = None;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok((status, location));
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("location")
        {
            location = Some(value.trim().to_owned());
        }
    }
}

fn followed(from: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let host = from
        .strip_prefix("http://")
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default();
    format!("http://{host}/{}", location.trim_start_matches('/'))
}

/// Certificates are the system's business: `curl` knows where they are.
fn by_curl(url: &str, limit: Duration, stop: &Stop) -> Result<String, Error> {
    Process::new("curl")
        .args(["--fail", "--silent", "--show-error", "--location"])
        .args(["--proto", "=https", "--output", "/dev/null", "--max-time"])
        .arg(limit.as_secs().max(1).to_string())
        .args(["--url", url])
        .folder("/")
        .limit(Some(limit + Duration::from_secs(5)))
        .run(stop, &mut |_, _| {})?
        .success()
        .map_err(|error| {
            let why = error.notes.first().cloned().unwrap_or(error.message);
            sick(url, &why)
        })?;
    Ok(format!("{url} answers with 200"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A web server for so many requests, each with its answer.
    fn server(answers: &'static [&'static str]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a guest");
                let mut line = String::new();
                let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
                while reader.read_line(&mut line).is_ok_and(|n| n > 2) {}
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        format!("http://{address}/up?x=1")
    }

    fn asked(url: &str) -> Result<String, Error> {
        healthy(url, Some(Duration::from_secs(5)), &Stop::new())
    }

    #[test]
    fn only_200_is_healthy() {
        let url = server(&["HTTP/1.1 200 OK\r\n\r\n"]);
        assert!(asked(&url).unwrap().ends_with("answers with 200"));
        let url = server(&["HTTP/1.1 503 Be right back\r\n\r\n"]);
        assert!(
            asked(&url)
                .unwrap_err()
                .message
                .ends_with("answers with 503")
        );
        let url = server(&[
            "HTTP/1.1 302 x\r\nLocation: /in\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
        ]);
        assert!(asked(&url).is_ok());
        let url = server(&["SSH-2.0\r\n"]);
        assert!(asked(&url).unwrap_err().message.contains("no web server"));
    }

    #[test]
    fn what_does_not_answer_is_sick() {
        assert!(
            asked("http://127.0.0.1:1/")
                .unwrap_err()
                .message
                .contains("health check")
        );
        for url in ["ftp://x", "http://", "http://a b/", "http://u@h/"] {
            assert_eq!(asked(url).unwrap_err().kind, ErrorKind::Usage, "{url}");
        }
    }
}
