//! A short, stable proof that a database is the one a plan was made for.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Database, TableOptions};

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
        let mut canonical = database.clone();
        canonical.tables.sort_by(|a, b| a.name.cmp(&b.name));
        canonical.views.sort_by(|a, b| a.name.cmp(&b.name));
        canonical.triggers.sort_by(|a, b| a.name.cmp(&b.name));
        canonical.routines.sort_by(|a, b| a.name.cmp(&b.name));
        canonical.sequences.sort_by(|a, b| a.name.cmp(&b.name));
        for table in &mut canonical.tables {
            table.source_text = None;
            if let TableOptions::MySql(options) = &mut table.options {
                options.auto_increment = None;
            }
            table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
            table.foreign_keys.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let mut hasher = Sha256::new();
        hasher.update(format!("{canonical:?}").as_bytes());
        let mut text = String::with_capacity(64);
        for byte in hasher.finalize() {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
