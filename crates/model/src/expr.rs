//! Expressions: text whose meaning only an engine knows for certain.

use serde::{Deserialize, Serialize};

/// An SQL expression as text: a default, a predicate, the body of a check.
///
/// A string literal carries its quotes. The model does not interpret it; a
/// dialect compares two of them and may answer that it cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Expr {
    /// The SQL text.
    pub text: String,
}

impl Expr {
    /// An expression from its SQL text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The SQL text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
