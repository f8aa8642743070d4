//! placeholder while the walk is written
use crate::{Dialect, Diff, Facts, Policy};
use realign_model::Database;
/// Compares a live database with a declared one.
pub fn diff(
    _is: &Database,
    _wish: &Database,
    _dialect: &dyn Dialect,
    _facts: &Facts,
    _policy: &Policy,
) -> Diff {
    Diff::default()
}
