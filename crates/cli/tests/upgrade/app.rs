//! An application of our own in a git repository, on SQLite: three releases and what else tags
//! may be called.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The releases of the demo's application, as this one names them.
pub(crate) const RELEASES: [(&str, &str); 3] =
    [("v1.0.0", "1.0"), ("v1.1.0", "2.0"), ("v1.2.0", "3.0")];

/// The application in a folder of its own: the checkout in `app`, the rest beside it.
pub(crate) struct App {
    folder: tempfile::TempDir,
}

/// What one command answered.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.all().contains(text), "no `{text}` in\n{}", self.all());
        self
    }
}

impl App {
    /// The application with a recipe that has every kind of step, its programs stand-ins that
    /// write down who ran them and with what.
    pub(crate) fn with_recipe(upgrade: &str) -> Self {
        let app = Self::new("");
        let recipe = include_str!("recipe.toml").replace("TOOL", &app.shown("tool"));
        app.write("recipe.toml", &recipe);
        let tool = include_str!("tool.sh").replace("FOLDER", &app.shown("standin"));
        app.write("tool", &tool);
        std::fs::create_dir(app.path("standin")).expect("made");
        app.mode("tool", 0o755);
        app.mode("standin", 0o777);
        app.write("app/storage/a/b.txt", "kept");
        app.write("app/cache/x/y", "stale");
        app.mode("app/storage/a/b.txt", 0o600);
        let mut text = app.read("realign.toml");
        text.push_str("app = \"recipe.toml\"\n");
        if !upgrade.contains("cache =") {
            text.push_str("cache = [\"files:cache\"]\n");
        }
        text.push_str(upgrade);
        if is_root() {
            text.push_str("user = \"nobody\"\nhome = \"");
            text.push_str(&app.shown("standin"));
            text.push_str("\"\n");
            let owned = Command::new("chown")
                .args(["-R", "nobody"])
                .arg(app.path("app"))
                .status();
            assert!(owned.expect("chown runs").success());
        }
        app.write("realign.toml", &text);
        app
    }

    /// The application at its first release, its database created, the configuration of
    /// `[upgrade]` as given.
    pub(crate) fn new(upgrade: &str) -> Self {
        let app = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(app.path(""), open).expect("ours");
        std::fs::create_dir(app.path("app")).expect("made");
        app.git(&["init", "-q", "-b", "main"]);
        for (tag, release) in RELEASES {
            let from = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("demo")
                .join(release);
            let to = app.path("app/mapping");
            let _ = std::fs::remove_dir_all(&to);
            std::fs::create_dir_all(&to).expect("made");
            for entry in std::fs::read_dir(from).expect("the demo's mappings") {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name");
                std::fs::copy(&path, to.join(name)).expect("copied");
            }
            app.write("app/VERSION", &format!("{tag}\n"));
            app.write(
                "app/views.sql",
                &format!(
                    "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT '{tag}' AS release, name FROM customer;\n"
                ),
            );
            app.write(&format!("app/only-{tag}.txt"), tag);
            app.commit(tag);
        }
        // A final release that nobody may be led to, and a name that would be an option.
        app.git(&["tag", "v1.2.1-rc1"]);
        app.git(&["update-ref", "refs/tags/--upload-pack=x", "HEAD"]);
        app.git(&["tag", "v2.0.0"]);
        app.git(&["checkout", "-q", "--detach", "v1.0.0"]);
        app.write(
            "realign.toml",
            &format!(
                "[database]\nurl = \"sqlite:app.db\"\n\n[schema]\n\
                 sources = [\"doctrine-xml:app/mapping\"]\ndoctrine = \"orm-2.14/dbal-3.6\"\n\n\
                 [upgrade]\nroot = \"app\"\nstate = \"state\"\n{upgrade}"
            ),
        );
        app.run("schema create --force").ended(0);
        app.sql(include_str!("../../demo/rows-1.0.sql"));
        app
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("readable")
    }

    pub(crate) fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn mode(&self, name: &str, mode: u32) {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(self.path(name), mode).expect("ours");
    }

    /// Everything that an upgrade is about: the files of the application with their modes, and
    /// the database without what Realign keeps in it.
    pub(crate) fn condition(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut files = BTreeMap::new();
        walk(&self.path("app"), &mut files);
        for (path, content) in files {
            let name = path.strip_prefix(self.path("app")).expect("below");
            if name.starts_with(".git") {
                continue;
            }
            let stat = path.symlink_metadata().expect("is there");
            lines.push(format!(
                "{} {:o} {} {:?}",
                name.display(),
                std::os::unix::fs::MetadataExt::mode(&stat),
                std::os::unix::fs::MetadataExt::uid(&stat),
                String::from_utf8_lossy(&content)
            ));
        }
        lines.extend(self.database());
        lines
    }

    fn database(&self) -> Vec<String> {
        let connection = self.open();
        let mut lines = Vec::new();
        let mut objects = connection
            .prepare(
                "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'realign%' \
                 AND name NOT LIKE 'sqlite%' AND tbl_name NOT LIKE 'realign%' ORDER BY type, name",
            )
            .expect("valid");
        let objects: Vec<(String, String, String)> = objects
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .expect("runs")
            .map(|row| row.expect("a row"))
            .collect();
        for (kind, name, sql) in objects {
            lines.push(format!("{kind} {name}: {sql}"));
            if kind != "table" && kind != "view" {
                continue;
            }
            let mut rows = connection
                .prepare(&format!("SELECT * FROM \"{name}\""))
                .expect("valid");
            let width = rows.column_count();
            let mut texts: Vec<String> = rows
                .query_map([], |row| {
                    let cells: Vec<rusqlite::types::Value> =
                        (0..width).map(|at| row.get(at)).collect::<Result<_, _>>()?;
                    Ok(format!("{name}: {cells:?}"))
                })
                .expect("runs")
                .map(|row| row.expect("a row"))
                .collect();
            texts.sort();
            lines.extend(texts);
        }
        lines
    }

    /// Writes a file as the owner of the checkout would have.
    pub(crate) fn write_as_owner(&self, name: &str, text: &str) {
        self.write(name, text);
        if is_root() {
            let owned = Command::new("chown")
                .args(["-R", "nobody"])
                .arg(self.path(name).parent().expect("a folder"))
                .status();
            assert!(owned.expect("chown runs").success());
        }
    }

    /// Runs git in the checkout, as its owner.
    pub(crate) fn git(&self, words: &[&str]) -> String {
        let owner = std::fs::metadata(self.path("app")).expect("is there");
        let owner = std::os::unix::fs::MetadataExt::uid(&owner);
        let mut command = if is_root() && owner != 0 {
            let mut command = Command::new("setpriv");
            command.args([&format!("--reuid={owner}"), "--clear-groups", "git"]);
            command.env("HOME", "/nonexistent");
            command
        } else {
            Command::new("git")
        };
        let output = command
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(words)
            .current_dir(self.path("app"))
            .output()
            .expect("git runs");
        let answer = Answer::of(&output);
        assert_eq!(answer.code, 0, "git {words:?}: {}", answer.all());
        answer.out
    }

    /// Commits everything and tags it.
    pub(crate) fn commit(&self, tag: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", tag]);
        self.git(&["tag", tag]);
    }

    /// The command, not yet started.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_realign"));
        command
            .args(line.split_whitespace())
            .current_dir(self.path(""))
            .stdin(std::process::Stdio::null())
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL");
        command
    }

    /// Comes back when a stand-in is at work with this word, as it is told to hang.
    pub(crate) fn waits_for(&self, word: &str, child: &mut std::process::Child) {
        let log = self.path("standin/log");
        let is_at_work = |line: &str| {
            let words = line.rsplit('|').next().unwrap_or_default();
            words.split(' ').next() == Some(word)
        };
        while !std::fs::read_to_string(&log).is_ok_and(|log| log.lines().any(is_at_work)) {
            let ended = child.try_wait().expect("a child");
            assert!(ended.is_none(), "it ended before `{word}`");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// Types a command as it was printed, into a shell.
    pub(crate) fn types(&self, printed: &str) -> Answer {
        let program = Path::new(env!("CARGO_BIN_EXE_realign"));
        let folder = program.parent().expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .args(["-c", printed])
            .current_dir(self.path(""))
            .env("PATH", format!("{}:{path}", folder.display()))
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL")
            .stdin(std::process::Stdio::null())
            .output();
        Answer::of(&output.expect("a shell runs"))
    }

    /// Runs `realign` with the words of a line.
    pub(crate) fn run(&self, line: &str) -> Answer {
        Answer::of(&self.command(line).output().expect("realign runs"))
    }

    /// Runs statements that end at a line's end.
    pub(crate) fn sql(&self, script: &str) {
        let connection = self.open();
        connection.execute_batch(script).expect("valid SQL");
    }

    /// The database.
    pub(crate) fn open(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path("app.db")).expect("a database")
    }

    /// Every file below the folder with its content, links as where they lead.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        walk(self.folder.path(), &mut found);
        found
    }
}

pub(crate) fn is_root() -> bool {
    let own = std::fs::metadata("/proc/self").expect("is there");
    std::os::unix::fs::MetadataExt::uid(&own) == 0
}

fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let kind = path.symlink_metadata().expect("is there").file_type();
        if kind.is_dir() {
            walk(&path, found);
        } else if kind.is_symlink() {
            let target = std::fs::read_link(&path).expect("a link");
            found.insert(path, target.into_os_string().into_encoded_bytes());
        } else {
            found.insert(path.clone(), std::fs::read(&path).expect("readable"));
        }
    }
}
