//! Reserved words as DBAL knows them: they decide what is quoted.

use realign_planner::Facts;

/// True when this word has to be quoted on the platform of these facts.
pub(crate) fn is_reserved(_word: &str, _facts: &Facts) -> bool {
    false
}
