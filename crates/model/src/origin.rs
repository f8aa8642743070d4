//! Where an object of the model comes from: what a diagnostic points at.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A byte range in a file.
// What stands behind the first four gigabytes of one stands at their end: every part of a schema
// has a place, so that it is kept small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Span {
    /// First byte.
    #[cfg_attr(feature = "json-schema", schemars(with = "usize"))]
    start: u32,
    /// One past the last byte.
    #[cfg_attr(feature = "json-schema", schemars(with = "usize"))]
    end: u32,
}

impl Span {
    /// The bytes from one to before another.
    pub fn new(start: usize, end: usize) -> Self {
        let cut = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        Self {
            start: cut(start),
            end: cut(end),
        }
    }

    /// First byte.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// One past the last byte.
    pub fn end(self) -> usize {
        self.end as usize
    }
}

/// The path of a file as the person gave it: one text for all places in it, behind one pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileName(Arc<Box<str>>);

impl Deref for FileName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for FileName {
    fn from(path: &str) -> Self {
        Self(Arc::new(path.into()))
    }
}

impl From<String> for FileName {
    fn from(path: String) -> Self {
        Self(Arc::new(path.into()))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
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
        #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
        path: FileName,
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

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use super::*;

    /// Every part of a schema has one: that of ten thousand tables has to fit a small machine.
    #[test]
    fn places_stay_small() {
        assert!(size_of::<Origin>() <= 32);
    }

    #[test]
    fn places_beyond_four_gigabytes_are_cut() {
        let far = Span::new(7, usize::MAX);
        assert_eq!((far.start(), far.end()), (7, u32::MAX as usize));
    }
}
