//! `[schema.types]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// A type that the application registers with DBAL: the name of the type of DBAL's that it is
/// like, or more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum CustomType {
    /// A column of it is one of that type of DBAL's.
    Like(String),
    /// The whole description.
    Described(Described),
}

/// A type of the application's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Described {
    /// The type of DBAL's that a column of it is: `binary`.
    #[serde(rename = "type")]
    pub(crate) like: Option<String>,
    /// Length, where the field has none.
    pub(crate) length: Option<u32>,
    /// Digits in all, where the field does not say.
    pub(crate) precision: Option<u32>,
    /// Digits behind the point, where the field does not say.
    pub(crate) scale: Option<u32>,
    /// Padded to its length.
    pub(crate) fixed: Option<bool>,
    /// A type of the engine, as its SQL writes it: `vector(3)`. Instead of `type`.
    pub(crate) sql: Option<String>,
    /// Whether DBAL 2 and 3 mark its columns with a comment, as `requiresSQLCommentHint` says.
    pub(crate) marked: Option<bool>,
    /// What it is on one engine: `on = { postgresql = "guid" }`.
    pub(crate) on: BTreeMap<String, CustomType>,
}
