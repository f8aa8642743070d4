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
    /// Leaves out where everything was declared or found.
    pub fn forget_origins(&mut self) {
        // Named one by one, so that whoever adds a list is asked about it.
        let Self {
            options: _,
            namespaces: _,
            extensions,
            enums,
            domains,
            sequences,
            tables,
            views,
            routines,
            triggers,
            events,
            opaque,
            comments,
        } = self;
        let of_tables = tables.iter_mut().flat_map(|table| {
            let key = table.primary_key.iter_mut().map(|k| &mut k.origin);
            std::iter::once(&mut table.origin)
                .chain(table.columns.iter_mut().map(|c| &mut c.origin))
                .chain(key)
                .chain(table.indexes.iter_mut().map(|i| &mut i.origin))
                .chain(table.foreign_keys.iter_mut().map(|k| &mut k.origin))
                .chain(table.checks.iter_mut().map(|c| &mut c.origin))
        });
        let of_others = (extensions.iter_mut().map(|e| &mut e.origin))
            .chain(enums.iter_mut().map(|e| &mut e.origin))
            .chain(domains.iter_mut().map(|d| &mut d.origin))
            .chain(sequences.iter_mut().map(|s| &mut s.origin))
            .chain(views.iter_mut().map(|v| &mut v.origin))
            .chain(routines.iter_mut().map(|r| &mut r.origin))
            .chain(triggers.iter_mut().map(|t| &mut t.origin))
            .chain(events.iter_mut().map(|e| &mut e.origin))
            .chain(opaque.iter_mut().map(|o| &mut o.origin))
            .chain(comments.iter_mut().map(|c| &mut c.origin));
        for origin in of_tables.chain(of_others) {
            *origin = Origin::None;
        }
    }

    /// The table of exactly that spelling, whatever its schema.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name.name.text == name)
    }
}
