//! `requires`: what has to be executed before a migration, and stays as long as it does.

use std::collections::BTreeSet;

use realign::planner::migration::{Direction, Version};
use realign::runtime::migrate::Loaded;
use realign::runtime::process::quoted;
use realign::runtime::{Error, ErrorKind};

use super::context::Context;

/// What a migration requires has to be executed before it.
pub(super) fn required(context: &Context<'_>, loaded: &[Loaded]) -> anyhow::Result<()> {
    for (at, migration) in loaded.iter().enumerate() {
        if migration.direction == Direction::Down {
            continue;
        }
        for version in &migration.requires {
            let names = |other: &Version| other == version || other.short() == version.as_str();
            let there = context.overview.executed_versions().any(names)
                || loaded[..at].iter().any(|earlier| names(&earlier.version));
            if !there {
                return Err(Error::new(
                    ErrorKind::Refused,
                    format!(
                        "{} requires {version}, which is not executed",
                        migration.version
                    ),
                )
                .with_note("nothing was executed")
                .with_help("`realign migrations list` shows what is there; execute that one first")
                .into());
            }
        }
    }
    Ok(())
}

/// What is taken back by itself is not required by one that stays. A way back through all that came
/// after it has taken those back before.
pub(super) fn not_required(
    context: &Context<'_>,
    loaded: &[Loaded],
    skipped: &BTreeSet<String>,
) -> anyhow::Result<()> {
    if !loaded.iter().any(|one| one.direction == Direction::Down) {
        return Ok(());
    }
    let goes = |version: &Version| loaded.iter().any(|one| one.version == *version);
    for version in context.overview.executed_versions() {
        let entry = context.directory.entries.get(version);
        let Some(entry) = entry.filter(|_| !goes(version) && !skipped.contains(version.as_str()))
        else {
            continue;
        };
        // One that can't be read is no hindrance.
        let Ok((file, _, _)) = entry.read() else {
            continue;
        };
        for required in &file.requires {
            let names = |one: &&Loaded| {
                one.version == required.value || one.version.short() == required.value.as_str()
            };
            let Some(taken) = loaded.iter().find(names) else {
                continue;
            };
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{version} requires {}, and is executed", taken.version),
            )
            .with_note("nothing was executed")
            .with_help(format!(
                "take it back as well: realign migrations execute {} {} --down",
                quoted(taken.version.as_str()),
                quoted(version.as_str())
            ))
            .into());
        }
    }
    Ok(())
}
