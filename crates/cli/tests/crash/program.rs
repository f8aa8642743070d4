//! The program under test, running, halted, killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Each has an output of its own.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// When a test gives up on something: no machine is that slow.
const PATIENCE: Duration = Duration::from_mins(20);

/// The program with stop points, built when it is missing or stale. `REALIGN_CRASH_PROFILE` names
/// the profile: `dev` unless it is set, `release` in a full run.
pub(crate) fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
        let profile = std::env::var("REALIGN_CRASH_PROFILE").unwrap_or_else(|_| "dev".to_owned());
        let target = Path::new(env!("CARGO_BIN_EXE_realign"))
            .ancestors()
            .nth(2)
            .expect("the program lies in the folder of a profile");
        let mut cargo = Command::new(env!("CARGO"));
        // What cargo tells a test of its package would have crates built anew that look at it.
        for (name, _) in std::env::vars_os() {
            let told = [
                "CARGO_MANIFEST_",
                "CARGO_PKG_",
                "CARGO_BIN_",
                "CARGO_CRATE_",
            ];
            let name = name.to_string_lossy();
            if told.iter().any(|start| name.starts_with(start)) {
                cargo.env_remove(name.as_ref());
            }
        }
        let status = cargo
            .args(["build", "--quiet", "--package", "realign-cli"])
            .args(["--features", "stop-points", "--bin", "realign-stop-points"])
            .args(["--profile", &profile, "--target-dir"])
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .status()
            .expect("cargo runs");
        assert!(
            status.success(),
            "the program with stop points is not built"
        );
        let folder = if profile == "dev" { "debug" } else { &profile };
        target.join(folder).join("realign-stop-points")
    });
    &BINARY
}

/// A command of the program.
pub(crate) struct Program {
    command: Command,
    log: PathBuf,
}

/// One that runs.
pub(crate) struct Running {
    child: Child,
    log: PathBuf,
}

/// How one ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Both outputs.
    pub(crate) text: String,
}

impl Program {
    pub(crate) fn new(folder: &Path, words: &str) -> Self {
        Self::of(Command::new(binary()), folder, words)
    }

    /// The same begun by another program, which puts it in its own place: `nohup`.
    pub(crate) fn begun_by(beginner: &str, folder: &Path, words: &str) -> Self {
        let mut first = beginner.split_whitespace();
        let mut command = Command::new(first.next().expect("a program"));
        command.args(first).arg(binary());
        Self::of(command, folder, words)
    }

    fn of(mut command: Command, folder: &Path, words: &str) -> Self {
        command
            .args(words.split_whitespace())
            .current_dir(folder)
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL")
            .stdin(Stdio::null());
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            command,
            log: folder.join(format!("output-{number}.txt")),
        }
    }

    /// Halts itself at this place.
    pub(crate) fn halting_at(mut self, place: usize) -> Self {
        self.command.env("REALIGN_STOP_AT", place.to_string());
        self
    }

    /// Writes down the places that it passes.
    pub(crate) fn counting_into(mut self, file: &Path) -> Self {
        self.command.env("REALIGN_STOP_POINTS", file);
        self
    }

    /// Has no places at statements.
    pub(crate) fn without_statements(mut self) -> Self {
        self.command.env("REALIGN_STOP_STATEMENTS", "no");
        self
    }

    pub(crate) fn start(mut self) -> Running {
        let file = File::create(&self.log).expect("own folder");
        self.command
            .stdout(file.try_clone().expect("a file"))
            .stderr(file);
        Running {
            child: self.command.spawn().expect("the program runs"),
            log: self.log,
        }
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ended {
        self.start().ended()
    }
}

impl Running {
    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).expect("a child that was not waited for can be signalled");
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has halted itself; false when it has ended instead.
    pub(crate) fn halted(&mut self) -> bool {
        let begun = Instant::now();
        loop {
            if self.child.try_wait().expect("a child").is_some() {
                return false;
            }
            if state(self.child.id()) == Some('T') {
                return true;
            }
            assert!(begun.elapsed() < PATIENCE, "neither halted nor ended");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// SIGKILL. True when it was still there to be killed.
    pub(crate) fn kill(mut self) -> bool {
        use std::os::unix::process::ExitStatusExt as _;
        let _ = self.child.kill();
        let status = self.child.wait().expect("a child can be waited for");
        status.signal() == Some(9)
    }

    /// True when it has come to its end by itself.
    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                let _ = self.child.kill();
                panic!("it does not end:\n{}", self.said());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        Ended {
            status,
            text: self.said(),
        }
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that fails leaves nobody behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }

    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "{}", self.text);
        self
    }
}

/// The state of a process, as `/proc` has it.
fn state(id: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat[stat.rfind(')')? + 1..].trim_start().chars().next()
}
