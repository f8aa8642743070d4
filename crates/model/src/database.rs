//! The whole: one database.

use serde::{Deserialize, Serialize};

use crate::{
    Domain, EnumType, Event, Extension, Ident, Opaque, Origin, Routine, Sequence, Table, Trigger,
    View,
};

/// A schema inside a database (PostgreSQL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Namespace {
    /// Its name.
    pub name: Ident,
}

/// The comment of an object that has no place for one of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Comment {
    /// The object, in the words of COMMENT ON: `FUNCTION f(int)`.
    pub on: String,
    /// What it says.
    pub text: String,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// Defaults of the database itself. None is not declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DatabaseOptions {
    /// Default character set.
    pub charset: Option<String>,
    /// Default collation.
    pub collation: Option<String>,
}

/// A database: every object in the order of its declaration.
///
/// Lists are vectors, not maps: which two spellings name one object is a
/// question for the dialect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Database {
    /// Defaults.
    pub options: DatabaseOptions,
    /// Schemas beside the default one.
    pub namespaces: Vec<Namespace>,
    /// Extensions.
    pub extensions: Vec<Extension>,
    /// Enumerated types.
    pub enums: Vec<EnumType>,
    /// Domains.
    pub domains: Vec<Domain>,
    /// Sequences.
    pub sequences: Vec<Sequence>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Views.
    pub views: Vec<View>,
    /// Routines.
    pub routines: Vec<Routine>,
    /// Triggers.
    pub triggers: Vec<Trigger>,
    /// Events.
    pub events: Vec<Event>,
    /// Whatever else was seen.
    pub opaque: Vec<Opaque>,
    /// Comments of objects that have no place for one of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
}

impl Database {
    /// The table of exactly that spelling, whatever its schema.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name.name.text == name)
    }
}
