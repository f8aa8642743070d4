//! The rungs of the ladder between trying again and going back.

use std::time::Instant;

use realign::runtime::upgrade::{Crew, State, Status, Watcher, Work};
use realign::runtime::{Error, ErrorKind};

use super::crew::{Database, plain};
use crate::args::Mend;
use crate::commands::migrations::superseded;
use crate::report::Out;
use crate::settings::Settings;

/// Does what a person has chosen before the failed step is tried again.
pub(super) fn mend(
    mend: Mend,
    state: &State,
    settings: &Settings,
    crew: &mut Database<'_>,
    tree: &mut dyn Watcher,
) -> Result<(), Error> {
    match mend {
        Mend::Migrations => part(tree, "outstanding migrations", |say| crew.migrate(say)),
        Mend::Schema => in_place_of_a_migration(state, settings, tree, |tree| {
            part(tree, "schema update", |say| crew.schema(false, say))
        }),
        Mend::Complete => {
            let mut missing = Vec::new();
            if !state.allowed.iter().any(|kind| kind == "destructive") {
                missing.push("--allow destructive");
            }
            if !state.no_quarantine {
                missing.push("--no-quarantine");
            }
            if !missing.is_empty() {
                return Err(Error::new(
                    ErrorKind::Refused,
                    format!(
                        "what is not declared would go for good; it needs {}",
                        missing.join(" and ")
                    ),
                )
                .with_note("nothing was changed")
                .with_help(
                    "`realign schema update --complete --dump-sql` shows what goes; then say so by name",
                ));
            }
            let label = state.reached().tag.clone();
            part(tree, "backup", |say| {
                crew.backup(&label, say).map(|made| made.told)
            })?;
            in_place_of_a_migration(state, settings, tree, |tree| {
                part(tree, "complete schema update", |say| crew.schema(true, say))
            })
        }
    }
}

/// Where a migration can't go on, the schema update does its work, and it counts as executed.
fn in_place_of_a_migration(
    state: &State,
    settings: &Settings,
    tree: &mut dyn Watcher,
    update: impl FnOnce(&mut dyn Watcher) -> Result<(), Error>,
) -> Result<(), Error> {
    let stuck = state.next().is_some_and(|entry| {
        matches!(entry.step.work, Work::Migrate { command: None, .. })
            && entry.status == Status::Failed
    });
    if !stuck {
        return update(tree);
    }
    let out = Out::new(settings.output).hushed();
    let version = superseded::in_the_way(settings, out).map_err(plain)?;
    if let Some(version) = &version {
        superseded::forget_half_way(version, settings, out).map_err(plain)?;
    }
    update(tree)?;
    let Some(version) = version else {
        return Ok(());
    };
    part(tree, &format!("{version} counts as executed"), |_| {
        superseded::done_otherwise(&version, settings, out).map_err(plain)?;
        Ok("its definitions are those of the declared schema".to_owned())
    })
}

fn part(
    tree: &mut dyn Watcher,
    name: &str,
    work: impl FnOnce(&mut dyn FnMut(&str)) -> Result<String, Error>,
) -> Result<(), Error> {
    tree.begun(name);
    let begun = Instant::now();
    match work(&mut |text| tree.says(text)) {
        Ok(told) => {
            tree.done(name, Some(&told), false, begun.elapsed());
            Ok(())
        }
        Err(error) => {
            tree.failed(name, begun.elapsed());
            Err(error.with_note(format!("while mending: {name}")))
        }
    }
}
