//! Backups of real databases through the binary: everything survives, and whatever is wrong changes
//! nothing.

#![allow(clippy::print_stdout, reason = "what was not run is there to be read")]

mod dumps;
mod everything;
mod killed;
mod same;
mod schemas;
#[path = "../session/mod.rs"]
mod session;
mod wrong;

use std::path::PathBuf;

use realign_testkit::Live;
use session::{Answer, Session};

/// A folder for backups, and the database that they are of.
struct Site {
    session: Session,
    url: String,
}

impl Site {
    fn of(database: &impl Live) -> Self {
        Self::at(database.url())
    }

    fn at(url: String) -> Self {
        let mut session = Session::new();
        session.variable("REALIGN_DATABASE_URL", &url);
        // Words of ours are looked for in what is said; the system's own would be another's.
        session.variable("LC_ALL", "C");
        session.write("realign.toml", "[backup]\ndir = \"kept\"\n");
        Self { session, url }
    }

    fn run(&self, line: &str) -> Answer {
        let answer = self.session.run(line);
        if let Some(password) = password(&self.url) {
            assert!(!answer.all().contains(password), "{}", answer.shown());
        }
        answer
    }

    /// Makes a backup and gives its file.
    fn backup(&self) -> PathBuf {
        let made = self.run("backup create --format json").ended(0);
        let document: serde_json::Value = serde_json::from_str(&made.out).expect("a document");
        let file = document["backup"]["file"].as_str().expect("a file");
        // The folder of the session is masked in what it said.
        let name = file.rsplit('/').next().expect("a name");
        self.session.path("kept").join(name)
    }

    /// The names in the folder of backups.
    fn kept(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.session.path("kept")) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }
}

/// The password in a URL.
fn password(url: &str) -> Option<&str> {
    let login = url.split_once("//")?.1.split_once('@')?.0;
    login.split_once(':').map(|(_, password)| password)
}
