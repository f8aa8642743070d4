//! One row of an answer, read by position.

use realign_planner::Value;

/// One row. A missing value reads like NULL.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a>(pub(crate) &'a [Value]);

impl<'a> Row<'a> {
    /// The text at a place; empty for NULL.
    pub(crate) fn text(self, at: usize) -> &'a str {
        self.maybe(at).unwrap_or_default()
    }

    /// The text at a place, NULL and empty text apart.
    pub(super) fn maybe(self, at: usize) -> Option<&'a str> {
        self.0.get(at).and_then(Value::as_str)
    }

    /// The text at a place unless it is empty.
    pub(super) fn filled(self, at: usize) -> Option<&'a str> {
        self.maybe(at).filter(|text| !text.is_empty())
    }

    /// A number that is not negative.
    pub(super) fn number(self, at: usize) -> Option<u64> {
        match self.0.get(at)? {
            Value::UInt(n) => Some(*n),
            Value::Text(text) => text.parse().ok(),
            other => other.as_int().and_then(|n| u64::try_from(n).ok()),
        }
    }

    /// A number of either sign.
    pub(super) fn integer(self, at: usize) -> Option<i128> {
        match self.0.get(at)? {
            Value::Text(text) => text.parse().ok(),
            other => other.as_int().map(i128::from),
        }
    }

    /// A small number, 0 when there is none.
    pub(super) fn place(self, at: usize) -> u32 {
        self.number(at)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0)
    }
}
