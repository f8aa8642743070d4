//! What is not compared on purpose.

use serde::Serialize;

/// An aspect that a database may have in another way than declared, and nothing is said.
/// Everything else that the catalogue tells is compared, or told to be incomparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    /// What.
    pub aspect: &'static str,
    /// On which products and versions.
    pub versions: &'static str,
    /// Why.
    pub reason: &'static str,
}
