//! A short, stable proof that a database is the one a plan was made for.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Database;

/// SHA-256 over the canonical form of a database.
///
/// Canonical means: objects sorted by name, origins and stored texts left out,
/// live counters left out. Two inspections of an untouched database agree.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// The fingerprint of a database as inspected.
    pub fn of(database: &Database) -> Self {
        let mut hasher = Hashing(Sha256::new());
        // A hasher takes every text.
        let _ = write!(hasher, "{:?}", canonical::Database::of(database));
        let mut text = String::with_capacity(64);
        for byte in hasher.0.finalize() {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }
}

/// Hashes a text while it is written: the text of a large database is never held.
struct Hashing(Sha256);

impl fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

/// What is hashed. Fields and their names are part of the text, and so of every fingerprint.
mod canonical {
    use std::fmt;

    use crate::{
        Comment, DatabaseOptions, Domain, EnumType, Event, Extension, Namespace, Opaque, Routine,
        Sequence, TableOptions, Trigger, View,
    };

    /// A database whose objects are sorted.
    #[derive(Debug)]
    #[expect(dead_code, reason = "its text is what counts")]
    pub(super) struct Database<'a> {
        options: &'a DatabaseOptions,
        namespaces: &'a [Namespace],
        extensions: &'a [Extension],
        enums: &'a [EnumType],
        domains: &'a [Domain],
        sequences: Vec<&'a Sequence>,
        tables: Vec<Table<'a>>,
        views: Vec<&'a View>,
        routines: Vec<&'a Routine>,
        triggers: Vec<&'a Trigger>,
        events: &'a [Event],
        opaque: &'a [Opaque],
        comments: &'a [Comment],
    }

    impl<'a> Database<'a> {
        pub(super) fn of(database: &'a crate::Database) -> Self {
            let crate::Database {
                options,
                namespaces,
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
            } = database;
            let mut tables: Vec<Table<'_>> = tables.iter().map(Table).collect();
            tables.sort_by(|a, b| a.0.name.cmp(&b.0.name));
            let mut views: Vec<&View> = views.iter().collect();
            views.sort_by(|a, b| a.name.cmp(&b.name));
            let mut triggers: Vec<&Trigger> = triggers.iter().collect();
            triggers.sort_by(|a, b| a.name.cmp(&b.name));
            let mut routines: Vec<&Routine> = routines.iter().collect();
            routines.sort_by(|a, b| a.name.cmp(&b.name));
            let mut sequences: Vec<&Sequence> = sequences.iter().collect();
            sequences.sort_by(|a, b| a.name.cmp(&b.name));
            Self {
                options,
                namespaces,
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
            }
        }
    }

    /// A table whose keys are sorted, without its text and its counter.
    struct Table<'a>(&'a crate::Table);

    impl fmt::Debug for Table<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            // One table at a time is copied.
            let mut table = self.0.clone();
            table.source_text = None;
            if let TableOptions::MySql(options) = &mut table.options {
                options.auto_increment = None;
            }
            table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
            table.foreign_keys.sort_by(|a, b| a.name.cmp(&b.name));
            table.fmt(f)
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use crate::{Column, DataType, Database, Ident, Index, ObjectName, Table};

    #[test]
    fn what_is_hashed_is_the_text_of_the_sorted_database() {
        let table = |name: &str| {
            let mut table = Table::new(ObjectName::bare(name));
            let columns = ["b", "a"].map(Ident::new);
            table.columns = columns
                .iter()
                .map(|name| Column::new(name.clone(), DataType::Date))
                .collect();
            for index in ["i", "k"] {
                let name = Some(Ident::new(index));
                table
                    .indexes
                    .push(Index::over(name, columns.clone(), false));
            }
            table
        };
        let sorted = Database {
            tables: vec![table("t"), table("u")],
            ..Database::default()
        };
        let mut found = sorted.clone();
        found.tables.reverse();
        for table in &mut found.tables {
            table.indexes.reverse();
            table.source_text = Some("CREATE TABLE".to_owned());
        }
        let text = format!("{:?}", canonical::Database::of(&found));
        assert_eq!(text, format!("{sorted:?}"));
    }
}
