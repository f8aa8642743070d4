//! What would stop a run once something of it has run: told before anything is sent.

use realign::planner::migration::{Direction, Version};
use realign::runtime::migrate::Loaded;

use super::context::Context;

/// Refuses what would not come to its end. Writes nothing: a dry run asks as well.
pub(super) fn none(context: &mut Context<'_>, loaded: &[Loaded]) -> anyhow::Result<()> {
    let up = loaded.iter().filter(|one| one.direction == Direction::Up);
    room(context, up.map(|one| &one.version))
}

/// The history can hold these versions.
pub(super) fn room<'v>(
    context: &mut Context<'_>,
    versions: impl IntoIterator<Item = &'v Version>,
) -> anyhow::Result<()> {
    let Some(base) = &mut context.base else {
        return Ok(());
    };
    let connection = &mut base.live.connection;
    Ok(context.history.has_room(connection, &base.site, versions)?)
}
