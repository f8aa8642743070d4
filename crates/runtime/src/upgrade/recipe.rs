//! Recipes: what an upgrade does, as data. A recipe is read once, before anything happens; what
//! it said then is kept with the journal.

mod read;
mod step;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use read::{SHIPPED, additions, recipe, shipped};
pub use step::{Common, Moment, Step, Turn, Work, is_within};

use crate::maintenance::Flag;

/// A recipe: the steps of one application, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "A recipe of realign upgrade")]
pub struct Recipe {
    /// Its name.
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default)]
    pub title: String,
    /// The releases that it can begin with: `>=4.4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How the application is told to keep its visitors out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<Closed>,
    /// The steps, in their order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// Steps that are put into a recipe: a file in the folder of version-specific steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Version-specific steps of realign upgrade")]
pub struct Additions {
    /// The steps; each says `before` or `after` which step of the recipe it comes.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// Maintenance mode, as a recipe has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Closed {
    /// Whose file it is: `laravel`, `symfony`, `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<FlagName>,
    /// Where the file is, from the application's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What visitors are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When they may come again, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<u32>,
    /// Addresses that are let in all the same.
    pub allow: Vec<String>,
    /// A command that turns it on, in place of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down: Option<Vec<String>>,
    /// A command that turns it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up: Option<Vec<String>>,
}

/// Whose flag it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FlagName {
    /// Laravel's file.
    Laravel,
    /// Symfony's file.
    Symfony,
    /// A file that the web server looks for.
    File,
}

impl From<FlagName> for Flag {
    fn from(name: FlagName) -> Self {
        match name {
            FlagName::Laravel => Self::Laravel,
            FlagName::Symfony => Self::Symfony,
            FlagName::File => Self::File,
        }
    }
}
