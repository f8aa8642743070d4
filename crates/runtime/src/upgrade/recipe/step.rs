//! The steps of a recipe.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use semver::{Version, VersionReq};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A step of a recipe: what it does, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// What every step can say.
    #[serde(flatten)]
    pub common: Common,
    /// What it does.
    #[serde(flatten)]
    pub work: Work,
}

/// What every step can say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Common {
    /// What a person calls it; without it a name is made of what it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Releases that it is for, by the one that is gone to: `>=4.8, <4.9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The same by the release that is come from: `<4.8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// At each release, or once at the start or the end of the whole.
    pub at: Moment,
    /// A file of the application that has to be there, or the step is left out: `composer.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_file: Option<String>,
    /// The user that it runs as, when not the application's own. `root` only where the operator's
    /// own files say so.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Seconds after which it is ended; 0 for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// In a file of additions: the name of the step that it comes before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// In a file of additions: the name of the step that it comes after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

const COMMON: [&str; 9] = [
    "name", "when", "from", "at", "if_file", "as", "timeout", "before", "after",
];

/// When a step comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// At each release.
    #[default]
    Release,
    /// Once, before the first release.
    Start,
    /// Once, after the last release.
    End,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// Visitors are kept out.
    On,
    /// Visitors come in.
    Off,
}

type Words = Vec<String>;
type Variables = BTreeMap<String, String>;

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Work {
    /// Something that has to be so, or the upgrade stops here. Changes nothing.
    Check {
        /// A program that ends with 0 when it is so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<Words>,
        /// A query that the database must answer; it only reads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
        /// What the first value of the answer has to be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
        /// What to do when it is not so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        help: Option<String>,
    },
    /// Maintenance mode.
    Maintenance {
        /// Which way.
        turn: Turn,
    },
    /// A backup of the database, restored into a scratch database and compared.
    Backup {},
    /// The release's code, by git.
    Checkout {},
    /// What the release depends on: composer, npm, bower or any other command that can be run
    /// again, also after a way back.
    Install {
        /// The program and its arguments; no shell.
        command: Words,
        /// Variables of its environment.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: Variables,
    },
    /// Caches to empty. Without any key those that are configured.
    Cache {
        /// Addresses: `memcached://…`, `redis://…`, `files:…`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clear: Option<Words>,
        /// A command that clears something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<Words>,
        /// A command that restarts a service; it is the operator's own and runs as realign does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        restart: Option<Words>,
    },
    /// The schema as the release declares it.
    Schema {
        /// What is not declared goes as well; it needs its consents.
        #[serde(default)]
        complete: bool,
    },
    /// Migrations: the configured folder, or the application's own system.
    Migrate {
        /// A command of the application's own that can be run again: `php artisan migrate`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<Words>,
        /// Variables of its environment.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: Variables,
    },
    /// Scripts of views, triggers and procedures, run whether they have changed or not.
    Repeatable {
        /// Files in the release; without them the configured folder.
        #[serde(default)]
        scripts: Words,
    },
    /// Any program, once.
    Command {
        /// The program and its arguments; no shell.
        command: Words,
        /// Variables of its environment.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: Variables,
        /// It may run a second time when nobody knows whether it ran.
        #[serde(default)]
        again: bool,
        /// A program that ends with 0 when it has been done already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        done: Option<Words>,
        /// A program that takes it back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<Words>,
    },
    /// Owner, group and modes of files. Links are not followed.
    Permissions {
        /// Files and folders of the application.
        paths: Words,
        /// The owner; without one the application's user, where one is named and root is at work.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// Modes of folders, in octal: `"755"`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        folders: Option<String>,
        /// Modes of files, in octal: `"644"`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        files: Option<String>,
        /// Also all that is below.
        #[serde(default = "yes")]
        recursive: bool,
        /// A path that is not there is left out.
        #[serde(default)]
        optional: bool,
    },
    /// A proof that the release works.
    Verify {
        /// The database has to fit the release.
        #[serde(default)]
        schema: bool,
        /// A page that has to answer with 200.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// A program that has to end with 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<Words>,
    },
    /// A text of the release's that a person has to have read.
    Note {
        /// The text.
        text: String,
    },
}

fn yes() -> bool {
    true
}

impl Work {
    /// Its word in a recipe.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Check { .. } => "check",
            Self::Maintenance { .. } => "maintenance",
            Self::Backup {} => "backup",
            Self::Checkout {} => "checkout",
            Self::Install { .. } => "install",
            Self::Cache { .. } => "cache",
            Self::Schema { .. } => "schema",
            Self::Migrate { .. } => "migrate",
            Self::Repeatable { .. } => "repeatable",
            Self::Command { .. } => "command",
            Self::Permissions { .. } => "permissions",
            Self::Verify { .. } => "verify",
            Self::Note { .. } => "note",
        }
    }

    /// The programs of the application's that it runs: its own command, and those that look or
    /// take back.
    pub fn commands(&self) -> Vec<&[String]> {
        match self {
            Self::Install { command, .. } => vec![command],
            Self::Command {
                command,
                done,
                undo,
                ..
            } => std::iter::once(command)
                .chain(done)
                .chain(undo)
                .map(Vec::as_slice)
                .collect(),
            Self::Check { command, .. }
            | Self::Cache { command, .. }
            | Self::Migrate { command, .. }
            | Self::Verify { command, .. } => command.iter().map(Vec::as_slice).collect(),
            Self::Maintenance { .. }
            | Self::Backup {}
            | Self::Checkout {}
            | Self::Schema { .. }
            | Self::Repeatable { .. }
            | Self::Permissions { .. }
            | Self::Note { .. } => Vec::new(),
        }
    }
}

impl Step {
    /// What a person calls it.
    pub fn name(&self) -> String {
        if let Some(name) = &self.common.name {
            return name.clone();
        }
        match &self.work {
            Work::Maintenance { turn: Turn::On } => "maintenance on".to_owned(),
            Work::Maintenance { turn: Turn::Off } => "maintenance off".to_owned(),
            Work::Install { command, .. } | Work::Command { command, .. } => {
                let words: Vec<&str> = command.iter().take(3).map(String::as_str).collect();
                words.join(" ")
            }
            work @ (Work::Check { .. }
            | Work::Backup {}
            | Work::Checkout {}
            | Work::Cache { .. }
            | Work::Schema { .. }
            | Work::Migrate { .. }
            | Work::Repeatable { .. }
            | Work::Permissions { .. }
            | Work::Verify { .. }
            | Work::Note { .. }) => work.word().to_owned(),
        }
    }

    /// Whether it belongs to the hop from one release to another. Its conditions were checked
    /// when it was read: one that makes no sense never holds.
    pub fn belongs(&self, from: &Version, to: &Version) -> bool {
        let fits = |condition: &Option<String>, version: &Version| match condition {
            None => true,
            Some(text) => is_within(text, version),
        };
        fits(&self.common.when, to) && fits(&self.common.from, from)
    }
}

/// Whether a version is within a range such as `>=4.8, <4.9`. A pre-release counts as its
/// release: `v4.9.0-rc1` is for the steps of 4.9.
pub fn is_within(range: &str, version: &Version) -> bool {
    let plain = Version::new(version.major, version.minor, version.patch);
    VersionReq::parse(range).is_ok_and(|range| range.matches(&plain))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// A step is read in two parts, so that a key that is none of either is told by name.
impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = serde_json::Map::deserialize(deserializer)?;
        let shown = |map: &serde_json::Map<String, serde_json::Value>| {
            ["name", "do"]
                .iter()
                .find_map(|key| map.get(*key)?.as_str())
                .unwrap_or("without a name")
                .to_owned()
        };
        let name = shown(&whole);
        let (common, work): (serde_json::Map<_, _>, serde_json::Map<_, _>) = whole
            .into_iter()
            .partition(|(key, _)| COMMON.contains(&key.as_str()));
        if !work.contains_key("do") {
            return Err(D::Error::custom(format!(
                "the step {name} does not say what it does: `do` is missing"
            )));
        }
        let named =
            |error: serde_json::Error| D::Error::custom(format!("the step {name}: {error}"));
        Ok(Self {
            common: serde_json::from_value(common.into()).map_err(named)?,
            work: serde_json::from_value(work.into()).map_err(named)?,
        })
    }
}
