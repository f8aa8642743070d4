//! The tools, and their command lines.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::place::Place;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Realign,
    Dbmate,
    Sqlx,
}

/// A tool with a way to run it.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    kind: Kind,
    program: PathBuf,
    /// All migrations in one transaction.
    pub(crate) together: bool,
}

/// Ours and those that are here. Ours is copied into a folder, as one that is installed is: a file
/// that the linker has just written lies in memory page by page, which every start pays for.
pub(crate) fn tools(folder: &Path) -> Vec<Tool> {
    let installed = folder.join("realign");
    std::fs::copy(env!("CARGO_BIN_EXE_realign"), &installed).expect("the program is copied");
    let ours = |name, together| Tool {
        name,
        kind: Kind::Realign,
        program: installed.clone(),
        together,
    };
    let mut tools = vec![
        ours("realign", false),
        ours("realign --all-or-nothing", true),
    ];
    for (kind, name, variable) in [
        (Kind::Dbmate, "dbmate", "REALIGN_BENCH_DBMATE"),
        (Kind::Sqlx, "sqlx", "REALIGN_BENCH_SQLX"),
    ] {
        match found(name, variable) {
            Some(program) => tools.push(Tool {
                name,
                kind,
                program,
                together: false,
            }),
            None => println!("{name}: not on this machine; {variable} names it"),
        }
    }
    tools
}

fn found(name: &str, variable: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(PathBuf::from(path));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

impl Tool {
    pub(crate) fn is_peer(&self) -> bool {
        self.kind != Kind::Realign
    }

    /// What it says of itself, and how it is run.
    pub(crate) fn version(&self) -> String {
        let output = Command::new(&self.program)
            .arg("--version")
            .output()
            .expect("the program runs");
        let version = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<String> = ["status", "migrate"]
            .iter()
            .map(|what| self.words(what, "URL", "DIR").join(" "))
            .collect();
        format!("{}; `{}`", version.trim(), lines.join("`, `"))
    }

    /// What stands before and after the statement in its files.
    pub(crate) fn sections(&self) -> (&'static str, &'static str) {
        match self.kind {
            Kind::Realign | Kind::Sqlx => ("", ""),
            Kind::Dbmate => ("-- migrate:up\n", "\n\n-- migrate:down\n"),
        }
    }

    /// Executes what is new.
    pub(crate) fn migrate(&self, place: &Place) -> Duration {
        self.run("migrate", place)
    }

    /// Says how things stand.
    pub(crate) fn status(&self, place: &Place) -> Duration {
        self.run("status", place)
    }

    /// Records all as executed.
    pub(crate) fn baseline(&self, place: &Place) {
        self.run("baseline", place);
    }

    fn words(&self, what: &str, url: &str, folder: &str) -> Vec<String> {
        let words: &[&str] = match (self.kind, what) {
            (Kind::Realign, "status") => &["migrations", "status"],
            (Kind::Realign, "baseline") => &["migrations", "version", "--add", "--all", "-n"],
            (Kind::Realign, _) if self.together => &["migrate", "--all-or-nothing", "-n"],
            (Kind::Realign, _) => &["migrate", "-n"],
            (Kind::Dbmate, "status") => &["--no-dump-schema", "status"],
            (Kind::Dbmate, _) => &["--no-dump-schema", "migrate"],
            (Kind::Sqlx, "status") => &["migrate", "info"],
            (Kind::Sqlx, _) => &["migrate", "run"],
        };
        let options: &[&str] = match self.kind {
            Kind::Realign => &["--database-url", url, "--migrations-dir", folder],
            Kind::Dbmate => &["--url", url, "--migrations-dir", folder],
            Kind::Sqlx => &["--database-url", url, "--source", folder],
        };
        let (first, second) = match self.kind {
            // Its options stand before the command.
            Kind::Dbmate => (options, words),
            Kind::Realign | Kind::Sqlx => (words, options),
        };
        first
            .iter()
            .chain(second)
            .map(|word| (*word).to_owned())
            .collect()
    }

    fn run(&self, what: &str, place: &Place) -> Duration {
        let url = if self.is_peer() {
            place.url()
        } else {
            place.own_url()
        };
        let folder = place.migrations();
        let mut command = Command::new(&self.program);
        command
            .args(self.words(what, &url, &folder.display().to_string()))
            .current_dir(&folder)
            // It is cargo's, and has every program look for its libraries in more places.
            .env_remove("LD_LIBRARY_PATH")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let begun = Instant::now();
        let output = command.output().expect("the program runs");
        let took = begun.elapsed();
        assert!(
            output.status.success(),
            "{} {what}: {}{}",
            self.name,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        took
    }
}
