//! A folder with files and configuration, and a database, as a step of the scenario has them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use realign_testkit::Live;
use serde_json::Value;
use tempfile::TempDir;

use crate::classes::{self, FOLDERS};
use crate::scenario::{Scenario, Step};
use crate::state::State;

/// An engine of the recordings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Engine {
    /// Its folder.
    pub(crate) name: &'static str,
    /// The database's name is that of the test, not `app`.
    named: bool,
    /// Tables, their columns in order, and how much those hold.
    columns: &'static str,
}

const COLUMNS: &str = "SELECT c.table_name, c.column_name, coalesce(c.character_maximum_length, 0) \
     FROM information_schema.columns c JOIN information_schema.tables t \
     ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
     WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' \
     ORDER BY c.table_name, c.ordinal_position";

impl Engine {
    pub(crate) const SQLITE: Self = Self {
        name: "sqlite",
        named: false,
        columns: "SELECT t.name, c.name, c.type FROM sqlite_schema t \
             JOIN pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid",
    };
    pub(crate) const MARIADB: Self = Self {
        name: "mariadb",
        named: true,
        columns: "SELECT table_name, column_name, coalesce(character_maximum_length, 0) \
             FROM information_schema.columns WHERE table_schema = database() \
             ORDER BY table_name, ordinal_position",
    };
    pub(crate) const POSTGRESQL: Self = Self {
        name: "postgresql",
        named: true,
        columns: COLUMNS,
    };
}

/// The world of a replay.
pub(crate) struct World<'a, D> {
    pub(crate) engine: &'a Engine,
    pub(crate) scenario: &'a Scenario,
    pub(crate) root: PathBuf,
    pub(crate) folder: TempDir,
    pub(crate) database: D,
    pub(crate) config: Value,
    pub(crate) mapping: Option<String>,
    pub(crate) files: Vec<String>,
    pub(crate) recorded: State,
    pub(crate) before: State,
}

/// What a command left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl<'a, D: Live> World<'a, D> {
    /// A world with an empty database.
    pub(crate) fn new(
        engine: &'a Engine,
        scenario: &'a Scenario,
        root: &Path,
        database: D,
    ) -> Self {
        let folder = TempDir::with_prefix("replay-").expect("a folder");
        fs::create_dir(folder.path().join("cwd")).expect("a folder");
        Self {
            engine,
            scenario,
            root: root.join(engine.name),
            folder,
            database,
            config: Value::Null,
            mapping: None,
            files: Vec::new(),
            recorded: State::default(),
            before: State::default(),
        }
    }

    /// Puts files, configuration and rows in place.
    pub(crate) fn arrange(&mut self, step: &Step) {
        if step.reset {
            self.recorded = State::default();
            self.before = State::default();
        }
        if let Some(config) = &step.config {
            self.config = config.clone();
            self.before = self.now();
        }
        if let Some(mapping) = &step.mapping {
            self.mapping = mapping.as_str().map(str::to_owned);
        }
        if let Some(files) = &step.files {
            self.files.clone_from(files);
        }
        for (_, folder) in FOLDERS {
            let path = self.folder.path().join(folder);
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).expect("a folder");
        }
        for class in &self.files {
            let path = self.folder.path().join(classes::path(class));
            fs::write(
                path,
                classes::text(self.scenario.class(class), self.engine.name),
            )
            .expect("written");
        }
        if let Some(before) = &step.before {
            let script = before
                .as_str()
                .or(before[self.engine.name].as_str())
                .unwrap_or_default();
            self.database.client(script);
            self.before = self.now();
        }
        self.write_mapping();
        let cwd = self.folder.path().join("cwd");
        fs::remove_dir_all(&cwd).expect("removed");
        fs::create_dir(&cwd).expect("a folder");
        fs::write(self.folder.path().join("realign.toml"), self.toml()).expect("written");
    }

    pub(crate) fn write_mapping(&self) {
        let folder = self.folder.path().join("mapping");
        let _ = fs::remove_dir_all(&folder);
        let Some(name) = &self.mapping else { return };
        fs::create_dir(&folder).expect("a folder");
        for (file, text) in self
            .scenario
            .mapping(name)
            .as_object()
            .into_iter()
            .flatten()
        {
            fs::write(folder.join(file), text.as_str().unwrap_or_default()).expect("written");
        }
    }

    pub(crate) fn history(&self) -> &str {
        self.config["table_storage"]["table_name"]
            .as_str()
            .unwrap_or("doctrine_migration_versions")
    }

    pub(crate) fn toml(&self) -> String {
        let mut text = String::new();
        if self.mapping.is_some() {
            text.push_str("[schema]\nsources = [\"doctrine-xml:mapping\"]\n");
        }
        text.push_str("[migrations]\n");
        let storage = &self.config["table_storage"];
        if let Some(table) = storage["table_name"].as_str() {
            let _ = writeln!(text, "table = \"{table}\"");
        }
        for (key, value) in self.config.as_object().into_iter().flatten() {
            match key.as_str() {
                "all_or_nothing" => text.push_str("transaction = \"all-or-nothing\"\n"),
                "transactional" => text.push_str("transaction = \"none\"\n"),
                "organize_migrations" => text.push_str("organize = \"year-and-month\"\n"),
                "table_storage" => {}
                other => drop(writeln!(text, "{other} = {value}")),
            }
        }
        text.push_str("[migrations.paths]\n");
        for (namespace, folder) in FOLDERS {
            let used = self.files.iter().any(|class| class.starts_with(namespace));
            if used
                || (namespace == FOLDERS[0].0
                    && !self.files.iter().any(|c| c.starts_with("Mautic")))
            {
                let _ = writeln!(text, "'{namespace}' = \"{folder}\"");
            }
        }
        text.push_str("[migrations.columns]\n");
        for (theirs, ours) in [
            ("version_column_name", "version"),
            ("executed_at_column_name", "executed_at"),
            ("execution_time_column_name", "execution_time"),
        ] {
            if let Some(name) = storage[theirs].as_str() {
                let _ = writeln!(text, "{ours} = \"{name}\"");
            }
        }
        if let Some(length) = storage["version_column_length"].as_u64() {
            let _ = writeln!(text, "length = {length}");
        }
        text
    }

    pub(crate) fn run(&self, words: &[String], stdin: Option<&str>) -> Ran {
        let folder = self.folder.path();
        let words = words
            .iter()
            .map(|word| word.replace("<DIR>", &folder.display().to_string()));
        let mut command = Command::new(env!("CARGO_BIN_EXE_realign"));
        command
            .args(words)
            .args(stdin.is_none().then_some("-n"))
            .arg("--config")
            .arg(folder.join("realign.toml"))
            .current_dir(folder.join("cwd"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("REALIGN_DATABASE_URL", self.database.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("realign runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        // A command that asks nothing closes it.
        let _ = pipe.write_all(stdin.unwrap_or_default().as_bytes());
        drop(pipe);
        let output = child.wait_with_output().expect("it ends");
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub(crate) fn now(&self) -> State {
        State::of(&self.database, self.engine.columns, self.history())
    }

    /// Where its files are.
    pub(crate) fn place(&self) -> String {
        self.folder.path().display().to_string()
    }

    pub(crate) fn database_name(&self) -> String {
        if self.engine.named {
            let url = self.database.url();
            url.rsplit('/')
                .next()
                .unwrap_or_default()
                .split('?')
                .next()
                .unwrap_or_default()
                .to_owned()
        } else {
            String::new()
        }
    }

    pub(crate) fn recording(&self, step: &Step) -> PathBuf {
        self.root.join(format!("{:03}-{}", step.number, step.id))
    }

    pub(crate) fn written(&self, stem: &str) -> Option<String> {
        let cwd = fs::read_dir(self.folder.path().join("cwd")).ok()?;
        cwd.flatten()
            .find(|entry| entry.file_name().to_string_lossy().starts_with(stem))
            .and_then(|entry| fs::read_to_string(entry.path()).ok())
    }
}
