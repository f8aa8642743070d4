//! The binary, run as a person runs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Whose rules the recordings follow.
const DOCTRINE: &str = "orm-2.14/dbal-3.6";

/// What a run left.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    command: String,
    code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Run {
    /// The run, if it ended with this code.
    ///
    /// # Panics
    /// With all that it said when it did not.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert!(
            self.code == Some(code),
            "exit {code} expected\n{}",
            self.told()
        );
        self
    }

    /// The exit code.
    pub(crate) fn code(&self) -> i32 {
        self.code.unwrap_or(-1)
    }

    /// Everything about it, for a failure.
    pub(crate) fn told(&self) -> String {
        let cut = |text: &str| text.chars().take(6000).collect::<String>();
        format!(
            "$ {}\nexit {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.command,
            self.code,
            cut(&self.out),
            cut(&self.err)
        )
    }
}

/// The binary with one mapping and, mostly, one database.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    url: Option<String>,
    mapping: PathBuf,
    doctrine: &'static str,
    more: Vec<String>,
}

impl Program {
    /// With this mapping and the database of this URL.
    pub(crate) fn new(url: String, mapping: &Path) -> Self {
        Self {
            url: Some(url),
            mapping: mapping.to_owned(),
            doctrine: "",
            more: Vec::new(),
        }
        .under(DOCTRINE)
    }

    /// Without a connection, for a server of this version.
    pub(crate) fn offline(server_version: &str, mapping: &Path) -> Self {
        let more = vec!["--server-version".to_owned(), server_version.to_owned()];
        Self {
            url: None,
            mapping: mapping.to_owned(),
            doctrine: DOCTRINE,
            more,
        }
    }

    /// By the rules of this release of Doctrine.
    #[must_use]
    pub(crate) fn under(self, doctrine: &'static str) -> Self {
        Self { doctrine, ..self }
    }

    /// With more options.
    #[must_use]
    pub(crate) fn with(mut self, options: &[&str]) -> Self {
        self.more
            .extend(options.iter().map(|option| (*option).to_owned()));
        self
    }

    /// The same with another mapping.
    #[must_use]
    pub(crate) fn mapped(&self, mapping: &Path) -> Self {
        Self {
            mapping: mapping.to_owned(),
            ..self.clone()
        }
    }

    /// Runs a command.
    pub(crate) fn run(&self, command: &[&str]) -> Run {
        let mut arguments = Vec::new();
        let mut environment = Vec::new();
        if let Some(url) = &self.url {
            // Where a person puts it who does not want it in the process list.
            environment.push(("REALIGN_DATABASE_URL", url.as_str()));
        }
        arguments.extend([
            "--schema".to_owned(),
            format!("doctrine-xml:{}", self.mapping.display()),
            "--doctrine".to_owned(),
            self.doctrine.to_owned(),
        ]);
        arguments.extend(self.more.iter().cloned());
        arguments.extend(command.iter().map(|word| (*word).to_owned()));
        // An empty folder and an empty environment: nothing else can have a say.
        let folder = TempDir::with_prefix("cwd-").expect("the temporary folder can be written");
        let output = Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(&arguments)
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .envs(environment)
            .env("RUST_BACKTRACE", "1")
            .output()
            .expect("the binary runs");
        let run = Run {
            command: format!("realign {}", arguments.join(" ")),
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        if let Some(secret) = self.password() {
            assert!(
                !run.out.contains(secret) && !run.err.contains(secret),
                "{}",
                run.told()
            );
        }
        run
    }

    /// The password in the URL: no output may ever show it.
    fn password(&self) -> Option<&str> {
        let login = self.url.as_deref()?.split("//").nth(1)?.split('@').next()?;
        Some(login.split_once(':')?.1)
    }

    /// Creates the schema.
    #[track_caller]
    pub(crate) fn create(&self) {
        self.run(&["schema", "create", "--force"]).exits(0);
    }

    /// What `update` would still send.
    #[track_caller]
    pub(crate) fn dump(&self, options: &[&str]) -> String {
        let command = [&["schema", "update", "--dump-sql"], options].concat();
        self.run(&command).exits(0).out
    }

    /// Updates the database.
    #[track_caller]
    pub(crate) fn update(&self) -> Run {
        self.run(&["schema", "update", "--force"]).exits(0)
    }

    /// Updates the database and removes what is not declared.
    #[track_caller]
    pub(crate) fn update_complete(&self) -> Run {
        let consents = ["--complete", "--allow", "destructive", "--no-quarantine"];
        self.run(&[&["schema", "update", "--force"][..], &consents].concat())
            .exits(0)
    }

    /// Validates; the caller looks at the code.
    pub(crate) fn validate(&self, options: &[&str]) -> Run {
        self.run(&[&["schema", "validate"], options].concat())
    }
}
