//! The replay of a scenario on one engine.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use realign_testkit::Live;
use serde_json::Value;
use tempfile::TempDir;

use crate::classes::{self, FOLDERS};
use crate::compare;
use crate::differences::{self, Facet, Then};
use crate::generated;
use crate::scenario::{self, Scenario, Step};
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
struct World<'a, D> {
    engine: &'a Engine,
    scenario: &'a Scenario,
    root: PathBuf,
    folder: TempDir,
    database: D,
    config: Value,
    mapping: Option<String>,
    files: Vec<String>,
    recorded: State,
    before: State,
}

/// What a command left.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// Replays the scenario; every difference has to be one that is declared, and every declared one
/// has to be there.
pub(crate) fn replay<D: Live>(engine: &Engine, make: impl Fn() -> D) {
    let Some(root) = scenario::root() else {
        println!("no corpus: the recorded runs are not replayed");
        return;
    };
    let scenario = Scenario::read(&root);
    let mut world = World {
        engine,
        scenario: &scenario,
        root: root.join(engine.name),
        folder: TempDir::with_prefix("replay-").expect("a folder"),
        database: make(),
        config: Value::Null,
        mapping: None,
        files: Vec::new(),
        recorded: State::default(),
        before: State::default(),
    };
    fs::create_dir(world.folder.path().join("cwd")).expect("a folder");
    let (mut agreeing, mut differing) = (0, 0);
    let mut rows: BTreeSet<&str> = BTreeSet::new();
    let mut failures = String::new();
    let mut seen = BTreeSet::new();
    for step in scenario.steps() {
        if step
            .engines
            .as_ref()
            .is_some_and(|only| !only.iter().any(|e| e == engine.name))
        {
            continue;
        }
        seen.insert(step.id.clone());
        if step.reset {
            world.database = make();
        }
        match world.step(&step) {
            Verdict::Agrees => agreeing += 1,
            Verdict::Differs(row) => {
                differing += 1;
                rows.extend(row);
            }
            Verdict::Wrong(text) => {
                let _ = writeln!(failures, "{:03}-{}\n{text}", step.number, step.id);
            }
        }
    }
    for (_, id) in differences::steps().filter(|(on, _)| *on == engine.name) {
        assert!(seen.contains(id), "no step {id} on {}", engine.name);
    }
    let count = seen.len();
    println!(
        "{}: {count} steps, {agreeing} agree, {differing} differ on purpose by {} rows: {}",
        engine.name,
        rows.len(),
        rows.iter().copied().collect::<Vec<_>>().join(", ")
    );
    assert!(failures.is_empty(), "{}\n{failures}", engine.name);
    assert_eq!(count, agreeing + differing);
}

enum Verdict {
    Agrees,
    Differs(&'static [&'static str]),
    Wrong(String),
}

impl<D: Live> World<'_, D> {
    fn step(&mut self, step: &Step) -> Verdict {
        self.arrange(step);
        let ran = self.run(&step.words, step.stdin.as_deref());
        let declared = differences::of(&step.id, self.engine.name);
        let facets = self.facets(step, &ran, true);
        let Some(difference) = declared else {
            if facets.is_empty() {
                return Verdict::Agrees;
            }
            return Verdict::Wrong(told(&facets, &ran));
        };
        let found: BTreeSet<Facet> = facets.iter().map(|(facet, _)| *facet).collect();
        let expected: BTreeSet<Facet> = difference.facets.iter().copied().collect();
        if found != expected {
            return Verdict::Wrong(format!(
                "    declared to differ in {expected:?} by {:?}, differs in {found:?}\n{}",
                difference.rows,
                told(&facets, &ran)
            ));
        }
        match self.then(step, difference.then) {
            Some(wrong) => Verdict::Wrong(wrong),
            None => Verdict::Differs(difference.rows),
        }
    }

    /// What leads to the recorded state in our way, or keeps the two side by side.
    fn then(&mut self, step: &Step, then: Then) -> Option<String> {
        match then {
            Then::Nothing => None,
            Then::Quietly(line) => {
                let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
                let ran = self.run(&words, None);
                self.before = self.now();
                (ran.code != 0)
                    .then(|| format!("    then `{line}` ended with {}\n{}", ran.code, ran.err))
            }
            Then::Instead(line) => {
                let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
                let ran = self.run(&words, None);
                let facets = self.facets(step, &ran, false);
                (!facets.is_empty())
                    .then(|| format!("    instead `{line}`\n{}", told(&facets, &ran)))
            }
        }
    }

    /// Puts files, configuration and rows in place.
    fn arrange(&mut self, step: &Step) {
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

    fn write_mapping(&self) {
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

    fn history(&self) -> &str {
        self.config["table_storage"]["table_name"]
            .as_str()
            .unwrap_or("doctrine_migration_versions")
    }

    fn toml(&self) -> String {
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

    fn run(&self, words: &[String], stdin: Option<&str>) -> Ran {
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

    fn now(&self) -> State {
        State::of(&self.database, self.engine.columns, self.history())
    }

    fn database_name(&self) -> String {
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

    /// What differs from the recording of a step. `advance` takes the recorded state over.
    fn facets(&mut self, step: &Step, ran: &Ran, advance: bool) -> Vec<(Facet, String)> {
        let folder = self.recording(step);
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let mut found = Vec::new();
        let code: i32 = read("exit.txt")
            .and_then(|text| text.trim().parse().ok())
            .expect("an exit code");
        if ran.code != code {
            found.push((
                Facet::Exit,
                format!("        ours {}, theirs {code}", ran.code),
            ));
        }
        let here = self.folder.path().display().to_string();
        let ours = compare::ours(&ran.out, &here, &self.database_name());
        let theirs = compare::theirs(&read("stdout.txt").unwrap_or_default());
        if ours != theirs {
            found.push((Facet::Out, compare::first_difference(&ours, &theirs)));
        }
        let recorded_before = self.recorded.clone();
        if advance {
            self.recorded.recorded(
                read("history.sql").as_deref(),
                read("tables.txt").as_deref(),
            );
        }
        let now = self.now();
        // A difference that stood before and that neither side has touched is not this step's.
        let inherited = advance && now == self.before && self.recorded == recorded_before;
        if !inherited {
            if !now.same_rows(&self.recorded) {
                found.push((
                    Facet::History,
                    format!(
                        "        ours   {:?} {:?}\n        theirs {:?} {:?}",
                        now.history, now.rows, self.recorded.history, self.recorded.rows
                    ),
                ));
            }
            if now.tables != self.recorded.tables {
                found.push((
                    Facet::Tables,
                    format!(
                        "        ours   {:?}\n        theirs {:?}",
                        now.tables, self.recorded.tables
                    ),
                ));
            }
        }
        self.before = now;
        if advance {
            self.files_of(&folder, &here, &mut found);
        }
        found
    }

    fn recording(&self, step: &Step) -> PathBuf {
        self.root.join(format!("{:03}-{}", step.number, step.id))
    }

    /// Files that were written, and migrations that were generated.
    fn files_of(&self, recording: &Path, here: &str, found: &mut Vec<(Facet, String)>) {
        for entry in fs::read_dir(recording).expect("a recording").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let text = fs::read_to_string(entry.path()).expect("text");
            if let Some(file) = name.strip_prefix("written-") {
                let stem = file.split("YYYY").next().unwrap_or_default();
                let ours = self
                    .written(stem)
                    .map(|text| compare::ours(&text, here, &self.database_name()));
                if ours.as_deref().map(str::trim_end) != Some(compare::theirs(&text).trim_end()) {
                    let ours = ours.unwrap_or_default();
                    found.push((Facet::File, compare::first_difference(&ours, &text)));
                }
            } else if name.starts_with("generated-") {
                let ours = generated::ours(self.folder.path());
                let theirs = generated::theirs(&text);
                if ours.as_ref() != Some(&theirs) {
                    found.push((
                        Facet::Generated,
                        format!("        ours   {ours:?}\n        theirs {theirs:?}"),
                    ));
                }
            }
        }
    }

    fn written(&self, stem: &str) -> Option<String> {
        let cwd = fs::read_dir(self.folder.path().join("cwd")).ok()?;
        cwd.flatten()
            .find(|entry| entry.file_name().to_string_lossy().starts_with(stem))
            .and_then(|entry| fs::read_to_string(entry.path()).ok())
    }
}

fn told(facets: &[(Facet, String)], ran: &Ran) -> String {
    let mut text = String::new();
    for (facet, what) in facets {
        let _ = writeln!(text, "    {facet:?}\n{what}");
    }
    if !ran.err.is_empty() {
        let _ = writeln!(
            text,
            "    stderr: {}",
            ran.err.lines().take(4).collect::<Vec<_>>().join(" / ")
        );
    }
    text
}
