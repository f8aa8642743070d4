//! Caches: real memcached and Redis servers, one a test, which start in no time.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::need;
use crate::launch::{free_port, scratch, server_account};

/// A server that ends with the value, or with its process.
#[derive(Debug)]
pub struct Service {
    child: Child,
    port: u16,
    folder: TempDir,
}

/// A memcached that listens on a port of 127.0.0.1.
pub fn memcached(options: &[&str]) -> Service {
    let program = need("memcached", "memcached");
    start(|port, _| {
        let mut words = vec![program.display().to_string()];
        words.extend(["-l", "127.0.0.1", "-U", "0", "-m", "8", "-p"].map(str::to_owned));
        words.push(port.to_string());
        words.extend(options.iter().map(ToString::to_string));
        words
    })
}

/// A Redis that listens on a port of 127.0.0.1 and on a socket, and keeps nothing.
pub fn redis(options: &[&str]) -> Service {
    let program = need("redis-server", "redis-server");
    start(|port, folder| {
        let mut words = vec![program.display().to_string()];
        words
            .extend(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"].map(str::to_owned));
        words.extend(["--dir".to_owned(), folder.display().to_string()]);
        let socket = folder.join("s").display().to_string();
        words.extend([
            "--unixsocket".to_owned(),
            socket,
            "--unixsocketperm".to_owned(),
            "777".to_owned(),
        ]);
        words.extend(["--port".to_owned(), port.to_string()]);
        words.extend(options.iter().map(ToString::to_string));
        words
    })
}

fn start(words: impl Fn(u16, &Path) -> Vec<String>) -> Service {
    let folder = TempDir::with_prefix_in("realign-", scratch())
        .expect("the temporary folder can be written");
    let mut setpriv = vec!["--pdeathsig".to_owned(), "KILL".to_owned()];
    if let Some((user, group)) = server_account() {
        std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).expect("own folder");
        setpriv.extend([
            format!("--reuid={user}"),
            format!("--regid={group}"),
            "--clear-groups".to_owned(),
        ]);
    }
    // The port is free when it is chosen; another process may be quicker.
    for _ in 0..5 {
        let port = free_port();
        let mut child = Command::new(need("setpriv", "util-linux"))
            .args(&setpriv)
            .arg("--")
            .args(words(port, folder.path()))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("setpriv runs");
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Service {
                    child,
                    port,
                    folder,
                };
            }
            if child.try_wait().expect("a child").is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
    panic!("the service does not start: {:?}", words(0, folder.path()));
}

impl Service {
    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its socket, where it has one.
    pub fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("s")
    }

    /// Ends it, as a crash would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends lines of the protocol that both kinds speak in text, and gives what came back until
    /// the connection was idle for a moment after the last `end`.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn talk(&self, lines: &[&str]) -> Vec<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a socket");
        for line in lines {
            stream
                .write_all(format!("{line}\r\n").as_bytes())
                .expect("it reads");
        }
        stream.write_all(b"quit\r\n").expect("it reads");
        let mut answers = Vec::new();
        for line in BufReader::new(stream.take(1024 * 1024)).lines() {
            match line {
                Ok(line) => answers.push(line),
                Err(_) => break,
            }
        }
        answers
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}
