//! One mutant, tried out through the program.

use std::collections::BTreeSet;
use std::process::Command;

use realign::planner::Aspect;
use realign_testkit::{Live, Shape, TableShape};
use serde_json::Value;
use tempfile::TempDir;

/// What runs in the live database, the object that is named for it, and in what it differs.
pub(crate) type Row = (&'static str, &'static str, Aspect);

/// How the live database comes to differ.
enum Change {
    /// A script that runs in it.
    Run(&'static str),
    /// It is made from the script with one text replaced.
    Rewritten(&'static str, &'static str),
}

/// A change of one thing.
pub(crate) struct Mutant {
    change: Change,
    object: &'static str,
    /// The aspect that has to be named.
    pub(crate) aspect: Aspect,
    /// It is told that it can't be told: a finding, and no failure.
    uncertain: bool,
}

impl Mutant {
    pub(crate) fn run((script, object, aspect): &Row) -> Self {
        Self {
            change: Change::Run(script),
            object,
            aspect: *aspect,
            uncertain: false,
        }
    }

    /// A change that is told, and of which it is said that it can't be compared.
    pub(crate) fn uncertain(row: &Row) -> Self {
        Self::run(row).told_alone()
    }

    /// The same change, of which it is only told.
    pub(crate) fn told_alone(self) -> Self {
        Self {
            uncertain: true,
            ..self
        }
    }

    pub(crate) fn rewritten(row: &(&'static str, &'static str, &'static str, Aspect)) -> Self {
        let (from, to, object, aspect) = *row;
        Self {
            change: Change::Rewritten(from, to),
            object,
            aspect,
            uncertain: false,
        }
    }

    /// What is changed, for a person.
    pub(crate) fn told(&self) -> String {
        match self.change {
            Change::Run(script) => script.to_owned(),
            Change::Rewritten(from, to) => format!("{from} => {to}"),
        }
    }
}

/// An engine with its mutants.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) open: fn() -> Box<dyn Live>,
    pub(crate) schema: &'static str,
    pub(crate) mutants: Vec<Mutant>,
}

/// What became of a mutant that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The database is as it was.
    Mended,
    /// It was told, and left alone.
    Left,
}

/// A database whose schema is declared to be as it was at first.
pub(crate) struct Patient<'a> {
    engine: &'a Engine,
    database: Database,
    folder: TempDir,
    kept: Value,
    shape: Shape,
}

/// A database behind whatever client.
struct Database(Box<dyn Live>);

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
}

impl<'a> Patient<'a> {
    /// A new database; undisturbed, it has to be without any finding.
    pub(crate) fn new(engine: &'a Engine) -> Result<Self, String> {
        let database = Database((engine.open)());
        database.try_client(engine.schema)?;
        let mut patient = Self {
            engine,
            shape: Shape::of(&database),
            database,
            folder: TempDir::with_prefix("mutants-").map_err(|error| error.to_string())?,
            kept: Value::Null,
        };
        patient.kept = patient.inspects()?;
        let path = patient.folder.path().join("kept.json");
        std::fs::write(path, patient.kept.to_string()).map_err(|error| error.to_string())?;
        let clean = patient.validates(0)?;
        let findings = ["differences", "notes", "cannot_tell"];
        if let Some(found) = findings
            .iter()
            .find(|list| !clean["sync"][**list].is_empty_list())
        {
            return Err(format!("undisturbed, and {found}: {clean:#}"));
        }
        Ok(patient)
    }

    /// Tries a mutant; the answer is what it changed of the model.
    pub(crate) fn tried(&mut self, mutant: &Mutant) -> Result<(BTreeSet<String>, Outcome), String> {
        match mutant.change {
            Change::Run(script) => drop(self.database.try_client(script)?),
            Change::Rewritten(from, to) => {
                let script = self.engine.schema.replace(from, to);
                if script == self.engine.schema {
                    return Err("nothing is replaced".to_owned());
                }
                let database = Database((self.engine.open)());
                database.try_client(&script)?;
                self.database = database;
            }
        }
        let mut fields = BTreeSet::new();
        changed(
            "",
            &self.kept["database"],
            &self.inspects()?["database"],
            &mut fields,
        );
        let (lists, code): (&[&str], _) = if mutant.uncertain {
            (&["cannot_tell", "notes"], 0)
        } else {
            (&["differences"], 2)
        };
        let told = self.validates(code)?;
        let aspect = serde_json::to_value(mutant.aspect).map_err(|error| error.to_string())?;
        let found = lists
            .iter()
            .filter_map(|list| told["sync"][*list].as_array());
        let named = found.flatten().any(|finding| {
            let object = finding["object"].as_str().unwrap_or_default();
            // A generated name has an end that nobody knows.
            let same = object == mutant.object
                || mutant.object.ends_with(' ') && object.starts_with(mutant.object);
            same && finding["aspect"] == aspect
        });
        if !named {
            return Err(format!("not named: {:#}", told["sync"]));
        }
        if mutant.uncertain {
            return Ok((fields, Outcome::Left));
        }
        let consents = ["--complete", "--allow", "destructive", "--no-quarantine"];
        let update = [&["schema", "update", "--force"][..], &consents].concat();
        // It looks at the database again by itself, and fails when anything is left.
        self.runs(&update, 0)?;
        let left = self.shape.differences(&Shape::of(&self.database));
        if left.is_empty() {
            Ok((fields, Outcome::Mended))
        } else {
            Err(format!("left: {left}"))
        }
    }

    fn inspects(&self) -> Result<Value, String> {
        let out = self.runs(&["schema", "inspect", "--format", "json"], 0)?;
        serde_json::from_str(&out).map_err(|error| error.to_string())
    }

    fn validates(&self, code: i32) -> Result<Value, String> {
        let words = ["schema", "validate", "--complete", "--format", "json"];
        let out = self.runs(&words, code)?;
        serde_json::from_str(&out).map_err(|error| error.to_string())
    }

    fn runs(&self, words: &[&str], code: i32) -> Result<String, String> {
        let output = Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(["--schema", "json:kept.json"])
            .args(words)
            .current_dir(self.folder.path())
            .env("REALIGN_DATABASE_URL", self.database.url())
            .output()
            .map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let out = text(&output.stdout);
        if output.status.code() == Some(code) {
            return Ok(out);
        }
        let (words, err) = (words.join(" "), text(&output.stderr));
        Err(format!(
            "$ realign {words}\n{}\n{out}\n{err}",
            output.status
        ))
    }
}

/// An extension that reads better than its negation.
trait List {
    fn is_empty_list(&self) -> bool;
}

impl List for Value {
    fn is_empty_list(&self) -> bool {
        self.as_array().is_none_or(Vec::is_empty)
    }
}

/// The fields in which two documents differ, as paths in which lists have no part.
fn changed(path: &str, one: &Value, two: &Value, found: &mut BTreeSet<String>) {
    match (one, two) {
        (Value::Object(here), Value::Object(there)) => {
            let keys: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
            for key in keys {
                let path = format!("{path}{key}");
                if one[key] != two[key] {
                    changed(&format!("{path}."), &one[key], &two[key], found);
                    found.insert(path);
                }
            }
        }
        (Value::Array(here), Value::Array(there)) => {
            for (at, item) in here.iter().enumerate() {
                let same = match name(item) {
                    Some(own) => there.iter().find(|other| name(other) == Some(own)),
                    None => there.get(at),
                };
                if let Some(other) = same {
                    changed(path, item, other, found);
                }
            }
        }
        _ => {}
    }
}

/// The name of a thing in a list.
fn name(item: &Value) -> Option<&str> {
    let name = &item["name"];
    name["text"]
        .as_str()
        .or_else(|| name["name"]["text"].as_str())
}
