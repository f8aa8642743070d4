//! Objects beside tables: views, triggers, routines, sequences, types.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{DataType, Expr, Ident, ObjectName, Origin};

/// What an engine keeps of the session that made an object, and runs it with: `sql_mode`,
/// `collation_connection` and the like, by name.
pub type SessionSettings = BTreeMap<String, String>;

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct View {
    /// Its name.
    pub name: ObjectName,
    /// The query, without `CREATE VIEW … AS`.
    pub query: Expr,
    /// Column names, when given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Ident>,
    /// Stored (PostgreSQL's materialized view).
    #[serde(default)]
    pub materialized: bool,
    /// `DEFINER`, `SQL SECURITY`, `ALGORITHM`, `CHECK OPTION` and the like, as printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The whole statement that makes it, where the engine keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_text: Option<String>,
    /// Settings of the session that made it, where the engine keeps them.
    #[serde(default, skip_serializing_if = "SessionSettings::is_empty")]
    pub settings: SessionSettings,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Trigger {
    /// Its name.
    pub name: ObjectName,
    /// The table or view it belongs to.
    pub table: ObjectName,
    /// The whole statement that makes it.
    pub source_text: Expr,
    /// Settings of the session that made it, where the engine keeps them.
    #[serde(default, skip_serializing_if = "SessionSettings::is_empty")]
    pub settings: SessionSettings,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// Kind of a routine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RoutineKind {
    /// Returns a value.
    Function,
    /// Is called.
    Procedure,
    /// An aggregate (PostgreSQL).
    Aggregate,
}

/// A stored routine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Routine {
    /// Its name.
    pub name: ObjectName,
    /// What it is.
    pub kind: RoutineKind,
    /// Argument types, for engines that overload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The whole statement that makes it.
    pub source_text: Expr,
    /// Settings of the session that made it, where the engine keeps them.
    #[serde(default, skip_serializing_if = "SessionSettings::is_empty")]
    pub settings: SessionSettings,
    /// The statements that give its owner, rights and comment to one that takes its place
    /// (PostgreSQL).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legacy: Vec<String>,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// A scheduled event (MySQL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// Its name.
    pub name: ObjectName,
    /// The whole statement that makes it.
    pub source_text: Expr,
    /// Settings of the session that made it, where the engine keeps them.
    #[serde(default, skip_serializing_if = "SessionSettings::is_empty")]
    pub settings: SessionSettings,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Sequence {
    /// Its name.
    pub name: ObjectName,
    /// Type of its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_type: Option<DataType>,
    /// First value.
    pub start: i128,
    /// Step.
    pub increment: i128,
    /// Smallest value, when declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i128>,
    /// Largest value, when declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i128>,
    /// Values kept in memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<u64>,
    /// Starts again at the end.
    #[serde(default)]
    pub cycle: bool,
    /// `UNLOGGED` (PostgreSQL 15 and newer): it begins anew after a crash.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlogged: bool,
    /// The column it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<(ObjectName, Ident)>,
    /// The column only takes its values by default: the sequence does not go with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loose: bool,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// An enumerated type of its own (PostgreSQL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct EnumType {
    /// Its name.
    pub name: ObjectName,
    /// Its words, in order.
    pub values: Vec<String>,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// A domain (PostgreSQL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Domain {
    /// Its name.
    pub name: ObjectName,
    /// What it narrows.
    pub base: DataType,
    /// How its values are sorted, when otherwise than those of what it narrows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// NULL is allowed.
    pub nullable: bool,
    /// Default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expr>,
    /// Conditions, with their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<(Option<Ident>, Expr)>,
    /// The names of those that values from before were never held to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unproven: Vec<Ident>,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// An extension (PostgreSQL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Extension {
    /// Its name.
    pub name: Ident,
    /// The schema of its objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Ident>,
    /// Its version, when declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// An object that Realign sees but does not understand: shown, compared by
/// text, never dropped by accident and never equal by accident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Opaque {
    /// The engine's word for its kind: `virtual table`, `policy`, …
    pub kind: String,
    /// Its name.
    pub name: ObjectName,
    /// The table or view that it stands on, when its name is one among those of that table alone:
    /// of a policy, of a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<ObjectName>,
    /// Whatever text the engine has of it.
    pub text: String,
    /// Where it was found.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}
