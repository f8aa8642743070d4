//! The program in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

const MAPPING: &str = r#"<doctrine-mapping>
  <entity name="App\Cust" table="cust">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="40"/>
  </entity>
</doctrine-mapping>
"#;

/// A folder with a mapping and a configuration.
pub(crate) struct Folder {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a command left.
pub(crate) struct Run {
    told: String,
    code: i32,
    /// Both outputs.
    pub(crate) said: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.told());
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(
            self.said.contains(words),
            "`{words}` is not said\n{}",
            self.told()
        );
        self
    }

    #[track_caller]
    pub(crate) fn hides(self, secret: &str) -> Self {
        assert!(
            !self.said.contains(secret),
            "`{secret}` is said\n{}",
            self.told()
        );
        self
    }

    pub(crate) fn told(&self) -> String {
        format!(
            "$ realign {}\n{}\n--- exit {}",
            self.told, self.said, self.code
        )
    }
}

impl Folder {
    /// With these lines in `[database]`.
    pub(crate) fn new(database: &str) -> Self {
        let folder = TempDir::with_prefix("tls-").expect("the temporary folder can be written");
        let new = Self {
            folder,
            variables: Vec::new(),
        };
        new.write("mapping/App.Cust.dcm.xml", MAPPING);
        new.configures(database);
        new
    }

    pub(crate) fn configures(&self, database: &str) {
        let text =
            format!("[database]\n{database}\n\n[schema]\nsources = [\"doctrine-xml:mapping\"]\n");
        self.write("realign.toml", &text);
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("own folder");
        std::fs::write(path, text).expect("own folder");
    }

    pub(crate) fn variable(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_realign"));
        command
            .args(words)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Run {
        let output = self.command(words).output().expect("the binary runs");
        ran(words, &output)
    }

    /// The same, with what the system shows of it and of its children in the meantime: their
    /// command lines and environments.
    pub(crate) fn watched(&self, words: &[&str]) -> (Run, String) {
        let mut child = self
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut seen = String::new();
        while matches!(child.try_wait(), Ok(None)) {
            seen.push_str(&shown(child.id()));
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = child.wait_with_output().expect("the binary runs");
        (ran(words, &output), seen)
    }

    /// Every file in the folder that is not named here, as text.
    pub(crate) fn files_but(&self, names: &[&str]) -> String {
        fn walk(folder: &Path, names: &[&str], text: &mut String) {
            for path in entries(folder) {
                if path.is_dir() {
                    walk(&path, names, text);
                } else if !names.iter().any(|name| path.ends_with(name)) {
                    let bytes = std::fs::read(&path).unwrap_or_default();
                    text.push_str(&String::from_utf8_lossy(&bytes));
                }
            }
        }
        let mut text = String::new();
        walk(self.path(), names, &mut text);
        text
    }
}

fn ran(words: &[&str], output: &Output) -> Run {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run {
        told: words.join(" "),
        code: output.status.code().unwrap_or(-1),
        said: text(&output.stdout) + &text(&output.stderr),
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Command lines and environments of a process and of those that it started.
fn shown(process: u32) -> String {
    let read = |pid: u32, file: &str| {
        let bytes = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    };
    // The parent stands behind the name, which is in brackets.
    let parent = |pid: u32| -> Option<u32> {
        let stat = read(pid, "stat");
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    };
    let mut family = vec![process];
    let mut others: Vec<u32> = entries(Path::new("/proc"))
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.parse().ok())
        .collect();
    others.sort_unstable();
    for pid in others {
        if parent(pid).is_some_and(|parent| family.contains(&parent)) {
            family.push(pid);
        }
    }
    let mut text = String::new();
    for pid in family {
        text.push_str(&read(pid, "cmdline"));
        text.push_str(&read(pid, "environ"));
    }
    text
}
