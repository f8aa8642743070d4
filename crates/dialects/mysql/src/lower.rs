//! Changes into steps.

use realign_planner::{Change, Envelope, Facts, Lowering, Step};

/// Turns changes into steps.
pub(crate) fn lower(_changes: &[Change], _lowering: &Lowering<'_>) -> Vec<Step> {
    Vec::new()
}

/// What surrounds the steps.
pub(crate) fn envelope(_steps: &[Step], _facts: &Facts) -> Envelope {
    Envelope::default()
}
