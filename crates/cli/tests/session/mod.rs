//! A folder and terminal sessions in it, each with its exit code and both outputs.

// Each test file uses its own part of this.
#![allow(dead_code, reason = "shared by several test files")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own.
pub(crate) struct Session {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Session {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            variables: Vec::new(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("readable")
    }

    pub(crate) fn variable(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Runs `realign` with the words of a line.
    pub(crate) fn run(&self, line: &str) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(line.split_whitespace())
            .current_dir(self.root())
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL")
            .env("COLUMNS", "100")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("realign runs");
        Answer::new(line, self.root(), &output)
    }
}

/// What one command answered.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
    line: String,
}

impl Answer {
    fn new(line: &str, root: &Path, output: &Output) -> Self {
        let plain = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(&root.display().to_string(), "[folder]")
        };
        Self {
            code: output.status.code().unwrap_or(-1),
            out: plain(&output.stdout),
            err: plain(&output.stderr),
            line: line.to_owned(),
        }
    }

    /// The whole as a text for a snapshot.
    pub(crate) fn shown(&self) -> String {
        let mut text = format!("$ realign {}\n{}", self.line, self.out);
        if !self.err.is_empty() {
            text.push_str("--- stderr\n");
            text.push_str(&self.err);
        }
        text + &format!("--- exit {}\n", self.code)
    }

    /// Both outputs.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.shown());
        self
    }
}
