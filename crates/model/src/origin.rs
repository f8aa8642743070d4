//! Where an object of the model comes from: what a diagnostic points at.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A byte range in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// Where an object was declared or found. Two objects that differ in nothing
/// but their origin are equal: every comparison leaves it out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Not known, or made by Realign itself.
    #[default]
    None,
    /// A place in a file.
    File {
        /// The path as the person gave it.
        path: Arc<str>,
        /// First line is 1.
        line: u32,
        /// First column is 1, counted in characters.
        column: u32,
        /// The bytes of the element.
        span: Span,
    },
    /// An object of a live database.
    Server,
}

impl Origin {
    /// True when the origin says nothing that a person could open.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::File { path, line, .. } => write!(f, "{path}:{line}"),
            Self::Server => f.write_str("database"),
        }
    }
}
