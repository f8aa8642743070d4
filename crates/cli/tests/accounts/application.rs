//! A small application in two releases, and the program with an account's address.

use std::process::Command;

use realign_testkit::Live;
use tempfile::TempDir;

/// Two tables, one with capital letters, and a key between them.
const FIRST: &str = r#"
<entity name="App\Cust" table="Cust">
  <id name="id" type="integer"><generator strategy="AUTO"/></id>
  <field name="name" type="string" length="40"/>
  <field name="price" type="decimal" precision="10" scale="2"><options><option name="default">0</option></options></field>
  <field name="made" column="madeAt" type="datetime" nullable="true"/>
</entity>
===
<entity name="App\Note" table="note">
  <id name="id" type="integer"><generator strategy="AUTO"/></id>
  <field name="body" type="text" nullable="true"/>
  <many-to-one field="cust" target-entity="App\Cust">
    <join-column name="cust_id" referenced-column-name="id" on-delete="CASCADE"/>
  </many-to-one>
</entity>
"#;

/// The commands that change nothing, each with the codes that it may end with when the
/// database is one release behind.
const READING: [(&str, i32); 8] = [
    ("schema validate", 2),
    ("schema validate --complete -v", 2),
    ("schema diff {url} doctrine-xml:mapping", 0),
    ("schema diff doctrine-xml:mapping {url} --sql", 0),
    ("schema update --dump-sql", 0),
    ("schema create --dump-sql", 0),
    ("doctor", 0),
    ("schema inspect --format json", 0),
];

/// What a command left.
pub(crate) struct Run {
    told: String,
    code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.told());
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        let said = format!("{}{}", self.out, self.err);
        assert!(
            said.contains(words),
            "`{words}` is not said\n{}",
            self.told()
        );
        self
    }

    pub(crate) fn told(&self) -> String {
        let Self {
            told,
            code,
            out,
            err,
        } = self;
        format!("$ realign {told}\n{out}\n--- stderr\n{err}\n--- exit {code}")
    }
}

/// An application in a folder of its own.
pub(crate) struct Application {
    folder: TempDir,
}

impl Application {
    /// The first release.
    pub(crate) fn new() -> Self {
        let folder =
            TempDir::with_prefix("accounts-").expect("the temporary folder can be written");
        let application = Self { folder };
        application.maps(FIRST);
        application
    }

    /// The next release: a longer name, a column, a table, and a key less.
    pub(crate) fn moves_on(&self) {
        let next = FIRST
            .replace(r#"length="40""#, r#"length="80""#)
            .replace(r#" on-delete="CASCADE""#, "")
            .replace(
                r#"<field name="body""#,
                r#"<field name="kind" type="string" length="10"/><field name="body""#,
            );
        let table = r#"<entity name="App\Tag" table="Tag"><id name="id" type="integer"/></entity>"#;
        self.maps(&format!("{next}===\n{table}\n"));
    }

    fn maps(&self, entities: &str) {
        let mapping = self.folder.path().join("mapping");
        let _ = std::fs::remove_dir_all(&mapping);
        std::fs::create_dir(&mapping).expect("own folder");
        for entity in entities.split("===") {
            let name = entity.split('"').nth(1).expect("an entity has a name");
            let path = mapping.join(format!("{}.dcm.xml", name.replace('\\', ".")));
            let text = format!("<doctrine-mapping>{entity}</doctrine-mapping>\n");
            std::fs::write(path, text).expect("own folder");
        }
        let file = "[schema]\nsources = [\"doctrine-xml:mapping\"]\n";
        std::fs::write(self.folder.path().join("realign.toml"), file).expect("own folder");
    }

    /// Runs a command on the database of this address; `{url}` in it is the address.
    pub(crate) fn run(&self, url: &str, command: &str) -> Run {
        let words = command
            .split_whitespace()
            .map(|word| word.replace("{url}", url));
        let output = Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(words)
            .current_dir(self.folder.path())
            .env_remove("DATABASE_URL")
            .env("REALIGN_DATABASE_URL", url)
            .output()
            .expect("the binary runs");
        Run {
            told: command.to_owned(),
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs every command that only reads.
    #[track_caller]
    pub(crate) fn reads(&self, url: &str) {
        for (command, code) in READING {
            let run = self.run(url, command).exits(code);
            let password = url.split([':', '@']).nth(2).unwrap_or("nothing");
            assert!(!run.told().contains(password), "{}", run.told());
        }
    }

    /// The database is as the mapping says, and nothing is left to do.
    #[track_caller]
    pub(crate) fn is_settled(&self, url: &str) {
        self.run(url, "schema validate").exits(0);
        let left = self.run(url, "schema update --dump-sql").exits(0);
        assert_eq!(left.out, "", "{}", left.told());
    }

    /// Creates the first release, fills it, and takes the second.
    #[track_caller]
    pub(crate) fn begins(&self, url: &str, database: &impl Live) {
        self.run(url, "schema create --force").exits(0);
        self.is_settled(url);
        realign_testkit::fill(database, 3);
        self.moves_on();
    }
}
