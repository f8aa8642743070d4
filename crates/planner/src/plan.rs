//! A plan: what would be sent, in order, and why.

use realign_model::{Fingerprint, Origin};
use serde::{Deserialize, Serialize};

use crate::{Diagnostic, Facts, Policy};

/// Version of the plan document. A plan of another format is refused.
pub const PLAN_FORMAT: u32 = 1;

/// What a step costs or endangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing to think about.
    Safe,
    /// Blocks writers for long.
    Locking,
    /// Copies the table.
    Rewriting,
    /// Old code fails while the new is rolled out.
    Breaking,
    /// Data is lost.
    Destructive,
}

impl Risk {
    /// The word a person sees, and the kind that `--allow` takes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Locking => "locking",
            Self::Rewriting => "rewriting",
            Self::Breaking => "breaking",
            Self::Destructive => "destructive",
        }
    }
}

/// Why a step has its class, or what is worth knowing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Reason {
    /// The rule's code, e.g. `R104`.
    pub code: String,
    /// One line.
    pub text: String,
}

impl Reason {
    /// A reason from its parts.
    pub fn new(code: &str, text: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            text: text.into(),
        }
    }
}

/// Where in the whole a step stands. Steps are ordered by phase, then as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Declared renames. They come first of all; prechecks see the new names and are asked
    /// right after them.
    Rename,
    /// Foreign keys that go, or stand in the way.
    DropForeignKeys,
    /// Views and triggers that stand in the way of what follows.
    DropDependents,
    /// Removals that free a name which a later step needs.
    DropFirst,
    /// New schemas, types and sequences.
    Prepare,
    /// New tables with their indexes.
    Create,
    /// Tables that change.
    Alter,
    /// Foreign keys that come, or come back.
    AddForeignKeys,
    /// Views and triggers that come, or come back.
    CreateDependents,
    /// Removals.
    Drop,
}

/// What an executed statement has to answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// It runs without an error.
    #[default]
    Done,
    /// It is a query and gives no row; each row given is a reason to roll back.
    NoRows,
    /// It is a query and its first value is not 0.
    True,
}

/// One statement, sent in one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Statement {
    /// SQL without the final semicolon.
    pub sql: String,
    /// What has to come back.
    #[serde(default)]
    pub expect: Expectation,
    /// The lines that give it to the engine's own client, where the statement and a semicolon
    /// would not: the client looks for the end of a body by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

impl Statement {
    /// A statement that has to run.
    pub fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            expect: Expectation::Done,
            client: None,
        }
    }

    /// A query with an expectation.
    pub fn expecting(sql: impl Into<String>, expect: Expectation) -> Self {
        Self {
            sql: sql.into(),
            expect,
            client: None,
        }
    }
}

/// A question to the data before the first statement: would it refuse the step?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Precheck {
    /// The rule's code, e.g. `R204`.
    pub code: String,
    /// What can't be, naming the object: `cust.shortname can't become unique`.
    pub message: String,
    /// How to say the number of rows or values found, with `{n}`: `{n} values stand more than once`.
    pub count_text: String,
    /// A query whose first value is the number of offending rows or values; 0 passes.
    pub count_sql: String,
    /// A query for up to five of them: a few columns that let a person find the rows.
    pub sample_sql: String,
    /// What to do about it.
    pub help: String,
    /// True when the step could still run and would change or lose these values:
    /// then `--allow destructive` is a yes. False when the engine itself would refuse.
    pub lossy: bool,
    /// Codes with which the engine refuses `count_sql` where it would refuse the step: that it
    /// can't read the query is the answer then, and any other refusal is none. Empty where the
    /// query is a count, which has to run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_with: Vec<String>,
    /// Where the object is declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

impl Precheck {
    /// The words for a unique key whose columns are all new: present rows would all get the same.
    #[must_use]
    pub fn of_new_columns(mut self) -> Self {
        "{n} rows would all hold the same value there".clone_into(&mut self.count_text);
        "add the column by a migration that gives each row a value of its own, then run this again"
            .clone_into(&mut self.help);
        self
    }
}

/// One step: statements that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// When.
    pub phase: Phase,
    /// What it works on: a table, a view.
    pub object: String,
    /// What it does, for a person, when the statements alone don't say it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What is sent.
    pub statements: Vec<Statement>,
    /// Its class.
    pub risk: Risk,
    /// Why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// What has to be true of the data first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prechecks: Vec<Precheck>,
    /// Names of what is lost, each with a query that counts the rows or values
    /// that go with it. Empty unless the class is destructive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// Statements that take it back, where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<String>,
    /// Where its object is declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

impl Step {
    /// A safe step of one or more statements.
    pub fn new(phase: Phase, object: impl Into<String>, statements: Vec<Statement>) -> Self {
        Self {
            phase,
            object: object.into(),
            title: String::new(),
            statements,
            risk: Risk::Safe,
            reasons: Vec::new(),
            prechecks: Vec::new(),
            losses: Vec::new(),
            undo: Vec::new(),
            origin: Origin::None,
        }
    }

    /// Raises the class, never lowers it, and says why.
    pub fn raise(&mut self, risk: Risk, code: &str, text: impl Into<String>) {
        self.risk = self.risk.max(risk);
        self.reasons.push(Reason::new(code, text));
    }
}

/// Something that a destructive step takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Loss {
    /// `table meeting`, `column vlan.rcvrfname`.
    pub object: String,
    /// A query whose first value is how many rows or values go.
    pub count_sql: String,
    /// What is counted: `rows`, `values`.
    pub unit: String,
}

/// A plan: a value that can be saved, reviewed, hashed and run later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// [`PLAN_FORMAT`].
    pub format: u32,
    /// What the server was.
    pub facts: Facts,
    /// What the database was.
    pub before: Fingerprint,
    /// What the database will be, as far as it is declared.
    pub after: realign_model::Database,
    /// What was to be left alone when it was made: verification holds to the same.
    pub policy: Policy,
    /// Statements of the session before the first step: settings, `BEGIN`.
    pub opening: Vec<Statement>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Statements after the last step: checks, `COMMIT`, settings back.
    pub closing: Vec<Statement>,
    /// Statements that undo the session when a step failed: `ROLLBACK`, settings back.
    pub abort: Vec<Statement>,
    /// Everything is one transaction: a failing step leaves nothing behind.
    pub atomic: bool,
    /// Reasons that forbid to run it at all: a name used twice in one namespace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Diagnostic>,
}

impl Plan {
    /// True when there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Every statement in the order it is sent, session statements included.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.opening
            .iter()
            .chain(self.steps.iter().flat_map(|step| &step.statements))
            .chain(&self.closing)
    }

    /// The worst class of its steps.
    pub fn risk(&self) -> Risk {
        self.steps
            .iter()
            .map(|step| step.risk)
            .max()
            .unwrap_or(Risk::Safe)
    }
}
