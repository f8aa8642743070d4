//! A whole schema: its creation and its removal.

use realign_model::Database;
use realign_planner::{Facts, Step};

/// The steps that create everything in an empty database.
pub(crate) fn create(_database: &Database, _facts: &Facts) -> Vec<Step> {
    Vec::new()
}

/// The steps that drop everything, dependants first.
pub(crate) fn drop(_database: &Database, _facts: &Facts) -> Vec<Step> {
    Vec::new()
}
