//! What helps with a run of migrations or scripts that stands half-way.

use realign::planner::migration::Version;
use realign::runtime::kernel::{RunKind, RunRow};
use realign::runtime::migrate::Directory;
use realign::runtime::process::quoted;

use super::repeatable::PREFIX;
use super::version::SYNC;
use crate::commands::last_run::goes_on_with;
use crate::settings::Settings;

/// The next command; where there is no file to go on with, both ways out.
pub(in crate::commands) fn way_on(row: &RunRow, settings: &Settings) -> String {
    match row.unit_name.as_deref() {
        Some(name) if row.kind == RunKind::Migrate && !has_file(name, settings) => {
            format!(
                "put the file of {name} back, or realign migrations forget {}",
                quoted(name)
            )
        }
        _ => goes_on_with(row),
    }
}

/// True when what a unit of this name runs is there.
pub(super) fn has_file(name: &str, settings: &Settings) -> bool {
    if name == SYNC {
        return true;
    }
    if let Some(script) = name.strip_prefix(PREFIX) {
        return settings.migrations.repeatable.join(script).is_file();
    }
    // A folder that can't be read is told by the command that reads it.
    Directory::read(&settings.migrations.folders).map_or(true, |found| {
        found.entries.contains_key(&Version::new(name))
    })
}
