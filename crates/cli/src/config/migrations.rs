//! `[migrations]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

/// `[migrations]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Migrations {
    /// Their folder.
    #[schemars(with = "Option<String>")]
    pub(crate) dir: Option<Spanned<String>>,
    /// The namespace of their classes, when the history is Doctrine's: versions are then called
    /// `NAMESPACE\Version20261122093000`, as Doctrine records them.
    pub(crate) namespace: Option<String>,
    /// Several folders with a namespace each, as Doctrine's `migrations_paths`.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(crate) paths: Option<BTreeMap<String, Spanned<String>>>,
    /// The table that records executed ones; never touched by schema commands. One that Doctrine
    /// has made is taken over in its layout.
    #[schemars(with = "Option<String>")]
    pub(crate) table: Option<Spanned<String>>,
    /// What the columns of Doctrine's table are called, when not as usual.
    pub(crate) columns: Option<Columns>,
    /// What one transaction holds.
    pub(crate) transaction: Option<Transaction>,
    /// Folders by year that new migrations go to.
    pub(crate) organize: Option<Organize>,
    /// What happens to migrations that are older than the current one and not executed.
    pub(crate) late: Option<Late>,
    /// Folder of scripts that are run again whenever their meaning changes; `repeatable` in the
    /// first folder of migrations when it is not given.
    #[schemars(with = "Option<String>")]
    pub(crate) repeatable: Option<Spanned<String>>,
    /// Values for `${NAME}` in migrations.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(crate) placeholders: Option<BTreeMap<String, Spanned<String>>>,
}

/// Columns of Doctrine's history table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Columns {
    /// The version (`version`).
    pub(crate) version: Option<String>,
    /// How many characters it holds (191).
    pub(crate) length: Option<u32>,
    /// When it was executed (`executed_at`).
    pub(crate) executed_at: Option<String>,
    /// How long that took, in milliseconds (`execution_time`).
    pub(crate) execution_time: Option<String>,
}

/// What one transaction of a run holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Transaction {
    /// A migration.
    #[default]
    PerMigration,
    /// The whole run.
    AllOrNothing,
    /// Nothing.
    None,
}

/// Folders that new migrations go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Organize {
    /// `2026/`
    Year,
    /// `2026/11/`
    YearAndMonth,
}

/// What happens to late arrivals: migrations of a branch that was merged after newer ones ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Late {
    /// They are executed, as Doctrine does
    #[default]
    Apply,
    /// They are executed, and named in a warning
    Warn,
    /// The run is refused
    Error,
}
