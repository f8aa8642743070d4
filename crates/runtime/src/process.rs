//! Running other programs: an argument list and never a shell, a clean environment, nobody at
//! the keyboard, a time limit, and an end for everything that was started.
//!
//! A program runs in a session of its own, without a terminal, so that nothing in it can wait for
//! an answer. At a time-out, or when a signal asks to stop, all that it has started gets TERM
//! and, after a while, KILL. What it prints is handed on line by line with secrets masked, and
//! its end is kept.

mod account;
mod kin;
mod lines;
mod output;
mod private_file;
mod pump;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use account::Account;
pub(crate) use kin::Stat;
pub use kin::{Kin, Relative};
pub use output::{Ended, Finished};
pub use private_file::PrivateFile;

use crate::{Error, ErrorKind, Secret, Stop};

/// How long a program has after TERM.
const GRACE: Duration = Duration::from_secs(5);
/// Bytes of output that are kept.
const KEPT: usize = 64 * 1024;
/// Variables that a clean environment takes over from ours.
const TAKEN_OVER: [&str; 6] = ["PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"];
/// Where programs are looked up without a `PATH`.
const PATHS: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Which of its two outputs a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Who sees each line as it comes, secrets masked.
pub type Lines<'a> = dyn FnMut(Channel, &str) + 'a;

/// A program to run.
#[derive(Debug, Clone)]
pub struct Process {
    program: OsString,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    inherit: bool,
    variables: BTreeMap<OsString, OsString>,
    account: Option<Account>,
    limit: Option<Duration>,
    grace: Duration,
    kept: usize,
    secrets: Vec<Secret>,
    mark: Option<String>,
    record: Option<PathBuf>,
}

/// What goes in and out beside lines of text.
#[derive(Default)]
pub struct Streams<'a> {
    /// What the program reads; without it its standard input is closed.
    pub input: Option<Box<dyn Read + Send>>,
    /// Where its standard output goes as it is; without it that is lines.
    pub output: Option<&'a mut dyn Write>,
}

impl std::fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams")
            .field("input", &self.input.is_some())
            .field("output", &self.output.is_some())
            .finish()
    }
}

impl Process {
    /// A program by its name in `PATH`, or by its path.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            folder: None,
            inherit: false,
            variables: BTreeMap::new(),
            account: None,
            limit: None,
            grace: GRACE,
            kept: KEPT,
            secrets: Vec::new(),
            mark: None,
            record: None,
        }
    }

    /// A program and its arguments in one list, as configurations have it.
    pub fn of<S: Into<OsString> + Clone>(words: &[S]) -> Result<Self, Error> {
        let Some((program, arguments)) = words.split_first() else {
            return Err(Error::new(ErrorKind::Usage, "the command is an empty list")
                .with_help("write the program and its arguments: [\"php\", \"artisan\", \"up\"]"));
        };
        Ok(Self::new(program.clone()).args(arguments.iter().cloned()))
    }

    /// The same with one more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The same with more arguments.
    #[must_use]
    pub fn args<S: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// The same in a working folder. A program named by a relative path is looked up from there.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// The same with a variable in its environment.
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same with our whole environment: by itself a program gets a clean one.
    #[must_use]
    pub fn inheriting(mut self) -> Self {
        self.inherit = true;
        self
    }

    /// The same as another user, with that user's HOME.
    #[must_use]
    pub fn account(mut self, account: Account) -> Self {
        self.account = Some(account);
        self
    }

    /// The same with a time limit.
    #[must_use]
    pub fn limit(mut self, limit: Option<Duration>) -> Self {
        self.limit = limit;
        self
    }

    /// The same with another time between TERM and KILL.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The same with another bound for the output that is kept, in bytes.
    #[must_use]
    pub fn keeping(mut self, bytes: usize) -> Self {
        self.kept = bytes;
        self
    }

    /// The same with a word that is never to be seen.
    #[must_use]
    pub fn secret(mut self, secret: Secret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// The same with a mark by which all that it starts is known, and a file that says who they
    /// are for as long as the program is at work: see [`Kin`].
    #[must_use]
    pub fn known(mut self, mark: impl Into<String>, record: impl Into<PathBuf>) -> Self {
        self.mark = Some(mark.into());
        self.record = Some(record.into());
        self
    }

    /// The command as a person may see it: secrets masked, words quoted where a shell would
    /// need it.
    pub fn shown(&self) -> String {
        let mask = lines::Mask::new(&self.secrets);
        let words = std::iter::once(&self.program).chain(&self.arguments);
        let words: Vec<String> = words
            .map(|word| {
                let word = word.to_string_lossy();
                let masked = mask.apply(&word);
                if masked == word {
                    quoted(&word)
                } else {
                    masked
                }
            })
            .collect();
        words.join(" ")
    }

    /// Fails when it could not be started: the program is missing, or the user is another that
    /// this process may not become. Starts nothing.
    pub fn startable(&self) -> Result<(), Error> {
        self.command().map(|_| ())
    }

    /// Runs it to its end. The error is one of starting it; what became of it is in the result.
    pub fn run(&self, stop: &Stop, lines: &mut Lines<'_>) -> Result<Finished, Error> {
        self.run_with(Streams::default(), stop, lines)
    }

    /// The same with what it reads or writes as streams. An error of a stream ends the program.
    pub fn run_with(
        &self,
        streams: Streams<'_>,
        stop: &Stop,
        lines: &mut Lines<'_>,
    ) -> Result<Finished, Error> {
        if let Some(signal) = stop.signal() {
            return Err(Error::new(
                ErrorKind::Stopped(signal),
                format!("stopped before `{}`", self.shown()),
            ));
        }
        let begun = Instant::now();
        let mark = self.mark.clone().unwrap_or_else(kin::any_mark);
        let mut command = self.command()?;
        command.env(kin::MARK, &mark);
        let piped = |piped: bool| {
            if piped {
                std::process::Stdio::piped()
            } else {
                std::process::Stdio::null()
            }
        };
        command
            .stdin(piped(streams.input.is_some()))
            .stdout(piped(true))
            .stderr(piped(true));
        let child = command.spawn().map_err(|error| self.not_started(&error))?;
        let kin = Kin::of(child.id(), &mark);
        if let Some(path) = &self.record {
            kin.write(path);
        }
        let finished = pump::Pump::new(self, child, kin, streams).run(begun, stop, lines);
        if let Some(path) = &self.record {
            let _ = std::fs::remove_file(path);
        }
        finished
    }

    fn not_started(&self, error: &std::io::Error) -> Error {
        let mut failed = Error::new(
            ErrorKind::Failed,
            format!("can't run `{}`: {error}", self.program.to_string_lossy()),
        );
        if let Some(folder) = &self.folder
            && !folder.is_dir()
        {
            failed = failed.with_note(format!("there is no folder {}", folder.display()));
        }
        failed
    }

    /// The command with everything that stands around the program.
    fn command(&self) -> Result<std::process::Command, Error> {
        let environment = self.environment();
        let path = environment.get(OsStr::new("PATH")).cloned();
        let find = |name: &OsStr| find(name, path.as_deref(), self.folder.as_deref());
        let program = find(&self.program).ok_or_else(|| {
            Error::new(
                ErrorKind::Failed,
                format!("there is no program `{}`", self.program.to_string_lossy()),
            )
            .with_note(match &path {
                Some(path) if !has_folder(&self.program) => {
                    format!("looked for in {}", path.to_string_lossy())
                }
                _ => format!("for `{}`", self.shown()),
            })
            .with_help("install it, or name it by its whole path")
        })?;
        let mut words: Vec<OsString> = Vec::new();
        // A session of its own has no terminal: whatever asks for a password fails at once.
        let session = find(OsStr::new("setsid"));
        words.extend(session.as_ref().map(|path| path.clone().into_os_string()));
        let setpriv = find(OsStr::new("setpriv"));
        match (&self.account, &setpriv) {
            (Some(account), _) if !account.is_own() => {
                words.extend(account.words(setpriv.as_deref(), &find)?);
            }
            // Killed itself, this process must not leave a program at work behind.
            (_, Some(setpriv)) => {
                words.extend([setpriv.into(), "--pdeathsig".into(), "KILL".into()]);
                words.push("--".into());
            }
            (_, None) => {}
        }
        words.push(program.into_os_string());
        words.extend(self.arguments.iter().cloned());
        let mut command = std::process::Command::new(&words[0]);
        command.args(&words[1..]).env_clear().envs(environment);
        if session.is_none() {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        Ok(command)
    }

    fn environment(&self) -> BTreeMap<OsString, OsString> {
        let mut environment: BTreeMap<OsString, OsString> = std::env::vars_os()
            .filter(|(name, _)| self.inherit || TAKEN_OVER.iter().any(|taken| name == taken))
            .collect();
        environment
            .entry("PATH".into())
            .or_insert_with(|| PATHS.into());
        let own;
        let account = match &self.account {
            Some(account) => Some(account),
            None if self.inherit => None,
            None => {
                own = Account::own();
                own.as_ref()
            }
        };
        if let Some(account) = account {
            environment.extend(account.variables());
        }
        environment.extend(self.variables.clone());
        environment
    }
}

fn has_folder(program: &OsStr) -> bool {
    Path::new(program).components().count() > 1
}

/// The file of a program, looked up as a shell does.
fn find(program: &OsStr, path: Option<&OsStr>, folder: Option<&Path>) -> Option<PathBuf> {
    let runs = |path: &Path| {
        path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
    };
    let absolute = |path: PathBuf| {
        let base = folder.unwrap_or(Path::new("."));
        std::path::absolute(base.join(path)).ok()
    };
    if has_folder(program) {
        return absolute(PathBuf::from(program)).filter(|path| runs(path));
    }
    std::env::split_paths(path?)
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(|folder| folder.join(program))
        .chain(["/usr/bin", "/usr/sbin", "/bin", "/sbin"].map(|f| Path::new(f).join(program)))
        .filter_map(absolute)
        .find(|path| runs(path))
}

/// A word as a shell needs it: in quotes unless it is plain, as a path or a number is.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests;
