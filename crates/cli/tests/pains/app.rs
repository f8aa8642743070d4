//! A small application with one mapping, on every engine that is here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use realign_testkit::{
    Live, Shape, TableShape, mariadb, mysql_or_say, postgres, rows, rows_lost, sqlite_file,
};
use tempfile::TempDir;

/// An engine: its name, and a new database on it where it is here.
struct Engine {
    name: &'static str,
    open: fn() -> Option<Box<dyn Live>>,
}

/// A further engine is one more entry.
const ENGINES: &[Engine] = &[
    Engine {
        name: "sqlite",
        open: || Some(Box::new(sqlite_file())),
    },
    Engine {
        name: "mariadb",
        open: || Some(Box::new(mariadb().database())),
    },
    Engine {
        name: "mysql",
        open: || Some(Box::new(mysql_or_say()?.database())),
    },
    Engine {
        name: "postgresql",
        open: || Some(Box::new(postgres().database())),
    },
];

/// Servers with tables of the kind that MySQL has.
pub(crate) const MYSQL_LIKE: &[&str] = &["mariadb", "mysql"];

/// Runs a test on every engine.
pub(crate) fn everywhere(test: impl Fn(&App)) {
    on(&[], test);
}

/// Runs a test on these engines.
pub(crate) fn on(names: &[&str], test: impl Fn(&App)) {
    for engine in ENGINES {
        if !names.is_empty() && !names.contains(&engine.name) {
            continue;
        }
        if let Some(database) = (engine.open)() {
            println!("on {}", engine.name);
            test(&App::new(engine.name, database));
        }
    }
}

/// A database behind whatever client.
pub(crate) struct Database(Box<dyn Live>);

impl Database {
    /// Runs a script with foreign keys on, which the client of an embedded engine has to ask for.
    pub(crate) fn try_client_with_keys(&self, script: &str) -> Result<String, String> {
        if self.url().starts_with("sqlite:") {
            return self.try_client(&format!("PRAGMA foreign_keys = ON; {script}"));
        }
        self.try_client(script)
    }
}

impl Live for Database {
    fn url(&self) -> String {
        self.0.url()
    }

    fn try_client(&self, script: &str) -> Result<String, String> {
        self.0.try_client(script)
    }

    fn rows(&self, query: &str) -> Vec<Vec<String>> {
        self.0.rows(query)
    }

    fn tables(&self) -> Vec<TableShape> {
        self.0.tables()
    }

    fn definitions(&self) -> Vec<(String, Vec<String>)> {
        self.0.definitions()
    }

    fn dumped(&self) -> String {
        self.0.dumped()
    }

    fn quoted(&self, name: &str) -> String {
        self.0.quoted(name)
    }

    fn bytes(&self, hex: &str) -> String {
        self.0.bytes(hex)
    }

    fn overriding(&self) -> &'static str {
        self.0.overriding()
    }

    fn counted(&self) -> String {
        self.0.counted()
    }
}

/// An application: a mapping, options and a database.
pub(crate) struct App {
    /// The engine's name.
    pub(crate) engine: &'static str,
    /// The database.
    pub(crate) database: Database,
    folder: TempDir,
}

impl App {
    fn new(engine: &'static str, database: Box<dyn Live>) -> Self {
        let folder = TempDir::with_prefix("pain-").expect("the temporary folder can be written");
        let app = Self {
            engine,
            database: Database(database),
            folder,
        };
        app.configured("");
        app
    }

    fn mapping(&self) -> PathBuf {
        self.folder.path().join("mapping")
    }

    /// More lines for `realign.toml`.
    pub(crate) fn configured(&self, lines: &str) {
        std::fs::write(self.folder.path().join("realign.toml"), lines).expect("own folder");
    }

    /// Maps these entities and no others: the name of the table, and what stands in the entity.
    pub(crate) fn maps(&self, entities: &[(&str, &str)]) {
        let _ = std::fs::remove_dir_all(self.mapping());
        std::fs::create_dir(self.mapping()).expect("own folder");
        for (table, body) in entities {
            let (attributes, body) = body.split_once(":::").unwrap_or(("", body));
            self.writes(&format!(
                r#"<entity name="{}" table="{table}" {attributes}>{body}</entity>"#,
                class(table)
            ));
        }
    }

    /// Maps these entities, and mapped children of the first that have a table of their own, each
    /// of the one before it.
    pub(crate) fn maps_children(&self, entities: &[(&str, &str)], children: &[(&str, &str)]) {
        self.maps(entities);
        for (table, body) in children {
            self.writes(&format!(
                r#"<entity name="{}" table="{table}">{body}</entity>"#,
                class(table)
            ));
        }
    }

    fn writes(&self, entity: &str) {
        let name = entity
            .split('"')
            .nth(1)
            .expect("an entity has a name")
            .replace('\\', ".");
        let text = format!(
            "<doctrine-mapping xmlns=\"http://doctrine-project.org/schemas/orm/doctrine-mapping\">\n{entity}\n</doctrine-mapping>\n"
        );
        let path = self.mapping().join(format!("{name}.dcm.xml"));
        std::fs::write(path, text).expect("own folder");
    }

    /// Runs a command.
    pub(crate) fn run(&self, command: &[&str]) -> Run {
        self.run_as("orm-2.14/dbal-3.6", command)
    }

    /// Runs a command by the rules of this Doctrine.
    pub(crate) fn run_as(&self, doctrine: &str, command: &[&str]) -> Run {
        self.run_from("doctrine-xml:mapping", doctrine, command)
    }

    /// Keeps the present schema of the database as a declaration.
    #[track_caller]
    pub(crate) fn keeps_its_schema(&self) {
        let kept = self
            .run(&["schema", "inspect", "--format", "json"])
            .exits(0);
        std::fs::write(self.folder.path().join("kept.json"), kept.out).expect("own folder");
    }

    /// Runs a command with the schema that was kept as the declared one.
    pub(crate) fn run_against_kept(&self, command: &[&str]) -> Run {
        self.run_from("json:kept.json", "orm-2.14/dbal-3.6", command)
    }

    fn run_from(&self, schema: &str, doctrine: &str, command: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(["--schema", schema, "--doctrine", doctrine])
            .args(command)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("REALIGN_DATABASE_URL", self.database.url())
            .output()
            .expect("the binary runs");
        Run {
            told: format!("{} on {}", command.join(" "), self.engine),
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            mapping: listing(&self.mapping()),
        }
    }

    /// Creates what is mapped.
    #[track_caller]
    pub(crate) fn creates(&self) {
        self.run(&["schema", "create", "--force"]).exits(0);
    }

    /// Updates the database; every row of it stays.
    #[track_caller]
    pub(crate) fn updates(&self) {
        let before = rows(&self.database);
        self.run(&["schema", "update", "--force"]).exits(0);
        let lost = rows_lost(&before, &rows(&self.database));
        assert!(lost.is_empty(), "on {}: {lost}", self.engine);
    }

    /// Updates the database and removes what is not declared.
    #[track_caller]
    pub(crate) fn updates_completely(&self) {
        let consents = ["--complete", "--allow", "destructive", "--no-quarantine"];
        self.run(&[&["schema", "update", "--force"][..], &consents].concat())
            .exits(0);
    }

    /// In sync, and nothing left to do.
    #[track_caller]
    pub(crate) fn is_settled(&self) {
        self.is_settled_as("orm-2.14/dbal-3.6");
    }

    /// In sync by the rules of this Doctrine, and nothing left to do.
    #[track_caller]
    pub(crate) fn is_settled_as(&self, doctrine: &str) {
        self.run_as(doctrine, &["schema", "validate"]).exits(0);
        let left = self
            .run_as(doctrine, &["schema", "update", "--dump-sql"])
            .exits(0);
        assert_eq!(left.out, "", "left to do\n{}", left.told());
    }

    /// In sync to the last undeclared object, and nothing left to do.
    #[track_caller]
    pub(crate) fn is_completely_settled(&self) {
        self.is_settled();
        self.run(&["schema", "validate", "--complete"]).exits(0);
        let left = self
            .run(&["schema", "update", "--dump-sql", "--complete"])
            .exits(0);
        assert_eq!(left.out, "", "left to do\n{}", left.told());
    }

    /// Not in sync, with these words; an update mends it and keeps every row.
    #[track_caller]
    pub(crate) fn differs_and_is_mended(&self, words: &[&str]) {
        let found = self.run(&["schema", "validate", "--verbose"]).exits(2);
        found.says(words);
        self.updates();
        self.is_settled();
    }

    /// Runs a script with the engine's own client. `sqlite`, `mariadb` and `mysql` are told apart
    /// by [`Self::by_engine`].
    #[track_caller]
    pub(crate) fn sql(&self, script: &str) {
        self.database.client(script);
    }

    /// The text for this engine: `mysql` and `mariadb` are both, where they need no words apart.
    pub(crate) fn by_engine(&self, texts: &[(&str, &str)]) -> String {
        texts
            .iter()
            .find(|(engine, _)| *engine == self.engine)
            .or_else(|| texts.iter().find(|(engine, _)| *engine == "else"))
            .map_or_else(
                || panic!("there is no text for {}", self.engine),
                |(_, text)| (*text).to_owned(),
            )
    }

    /// The database as the engine prints it.
    pub(crate) fn shape(&self) -> Shape {
        Shape::of(&self.database)
    }

    /// True when the database has this object: `table t`, `index i`, `view v`, `trigger r`.
    pub(crate) fn has(&self, object: &str) -> bool {
        self.shape().names().any(|name| name == object)
    }

    /// An object as the engine prints it.
    pub(crate) fn printed(&self, object: &str) -> String {
        let definitions = self.database.definitions();
        let found = definitions.into_iter().find(|(name, _)| name == object);
        found.map_or_else(String::new, |(_, parts)| parts.join("\n"))
    }

    /// The first value of a query.
    #[track_caller]
    pub(crate) fn one(&self, query: &str) -> String {
        let rows = self.database.rows(query);
        rows.first()
            .and_then(|row| row.first())
            .cloned()
            .unwrap_or_else(|| panic!("no row: {query}"))
    }
}

/// The class of a table: `cust_note` is `App\CustNote`.
pub(crate) fn class(table: &str) -> String {
    let mut name = String::from("App\\");
    for word in table.trim_matches('`').split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// The usual key.
pub(crate) const ID: &str = r#"<id name="id" type="integer"><generator strategy="AUTO"/></id>"#;

/// What a run left.
pub(crate) struct Run {
    told: String,
    code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
    mapping: String,
}

impl Run {
    /// It ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert!(self.code == code, "exit {code} expected\n{}", self.told());
        self
    }

    /// It says these words.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) {
        for word in words {
            assert!(
                self.out.contains(word) || self.err.contains(word),
                "`{word}` is not said\n{}",
                self.told()
            );
        }
    }

    /// Everything about it, for a failure.
    pub(crate) fn told(&self) -> String {
        format!(
            "$ {}\nexit {}\n--- stdout\n{}\n--- stderr\n{}\n--- mapping\n{}",
            self.told, self.code, self.out, self.err, self.mapping
        )
    }
}

fn listing(folder: &Path) -> String {
    let mut text = String::new();
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let _ = writeln!(
            text,
            "{}",
            std::fs::read_to_string(file.path()).unwrap_or_default()
        );
    }
    text
}
