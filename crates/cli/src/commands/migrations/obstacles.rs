//! What would stop a run once something of it has run: told before anything is sent.

use realign::planner::migration::{Direction, Version};
use realign::runtime::migrate::{Directory, Loaded, unknown_letters};

use super::context::{Base, Context, broken};
use crate::report::Out;

/// Refuses what would not come to its end. Writes nothing: a dry run asks as well.
pub(super) fn none(context: &mut Context<'_>, loaded: &[Loaded]) -> anyhow::Result<()> {
    let up = loaded.iter().filter(|one| one.direction == Direction::Up);
    room(context, up.map(|one| &one.version))?;
    letters(
        context.base.as_mut(),
        context.out,
        &context.directory,
        loaded,
    )
}

/// The database has all their letters.
pub(super) fn letters(
    base: Option<&mut Base>,
    out: Out,
    directory: &Directory,
    loaded: &[Loaded],
) -> anyhow::Result<()> {
    let Some(base) = base else {
        return Ok(());
    };
    let connection = &mut base.live.connection;
    match unknown_letters(connection, &base.site, directory, loaded)?.as_slice() {
        [] => Ok(()),
        problems => Err(broken(out, problems)?),
    }
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
