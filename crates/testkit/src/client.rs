//! The engines' own command line clients.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The path of a program, looked up in `PATH` and where Debian keeps servers.
///
/// # Panics
/// When it is nowhere, with the command that installs its Debian package.
pub fn need(program: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| {
            panic!(
                "{program} is missing: sudo apt-get install -y --no-install-recommends {package}"
            )
        })
}

/// The folder of programs that this variable names, for a server other than the installed one
/// (`crates/testkit/servers/unpack` makes such folders).
pub(crate) fn chosen(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// Runs a client with a script on its standard input. The error is what it said.
pub(crate) fn run<S: AsRef<OsStr>>(
    program: PathBuf,
    arguments: &[S],
    environment: &[(&str, &str)],
    input: &str,
) -> Result<String, String> {
    let mut child = Command::new(&program)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    let input = input.to_owned();
    // A client that stops at the first error leaves the rest of the script unread: that is its
    // verdict, told by its exit code, and no failure of the pipe.
    let feed = std::thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child
        .wait_with_output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    feed.join().expect("the feeding thread does not panic");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{} ({})", told.trim(), output.status))
    }
}

/// Takes back what `mariadb --batch` escapes.
pub(crate) fn unescape(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('0') => text.push('\0'),
            Some(other) => text.push(other),
            None => text.push('\\'),
        }
    }
    text
}
