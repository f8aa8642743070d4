//! Changes into steps.

use realign_planner::{Change, Lowering, Step};

pub(crate) use crate::envelope::envelope;

/// Turns changes into steps.
pub(crate) fn lower(_changes: &[Change], _lowering: &Lowering<'_>) -> Vec<Step> {
    Vec::new()
}
