//! Everything that can be known to stand in the way before the first step. Only looks.

use std::path::Path;

use realign::runtime::backup;
use realign::runtime::kernel::{Guard, LockState, RunRow, last_run};
use realign::runtime::maintenance::Maintenance;
use realign::runtime::upgrade::{Common, Entry, Hop, TORN, Work};
use realign::runtime::{Error, ErrorKind, Stop};

use super::forecast::Forecast;
use super::outfit::{Outfit, Stand};
use crate::args::WayArgs;
use crate::commands::last_run::goes_on_with;
use crate::commands::schema::context::Live;
use crate::report::style::count;
use crate::settings::Settings;

/// How much room the folder of the journal has to have.
const ROOM: u64 = 16 * 1024 * 1024;

/// What stands in the way on the disk: the checkout, the programs, the users, the folder of the
/// journal.
pub(super) fn of_the_machine(
    outfit: &Outfit,
    hops: &[Hop],
    entries: &[Entry],
    settings: &Settings,
) -> Vec<Error> {
    let mut found = Vec::new();
    let git = &outfit.ground.git;
    let torn = git.unmerged().unwrap_or_default();
    match git.changed() {
        Ok(changed) if changed.is_empty() => {}
        Ok(_) if !torn.is_empty() => found.push(listed(
            format!(
                "{} of the checkout {} in conflict: a merge, a rebase or a stash in it is not finished",
                count(torn.len(), "file"),
                if torn.len() == 1 { "is" } else { "are" }
            ),
            &torn,
            TORN,
        )),
        Ok(changed) => found.push(listed(
            format!(
                "{} of the checkout {} changed by hand",
                count(changed.len(), "file"),
                if changed.len() == 1 { "is" } else { "are" }
            ),
            &changed,
            "keep them (`git stash`, or a commit of your own), then run it again",
        )),
        Err(error) => found.push(error),
    }
    let mut covered = Vec::new();
    // What an unfinished merge has brought is its own.
    for hop in hops.iter().filter(|_| torn.is_empty()) {
        match git.in_the_way("HEAD", &hop.commit) {
            Ok(files) => covered.extend(files),
            Err(error) => found.push(error),
        }
    }
    covered.sort();
    covered.dedup();
    if !covered.is_empty() {
        found.push(listed(
            format!(
                "{} that a release brings {} there already and would be written over",
                count(covered.len(), "file"),
                if covered.len() == 1 { "lies" } else { "lie" }
            ),
            &covered,
            "move them away, then run it again",
        ));
    }
    programs(outfit, entries, &mut found);
    if outfit.ground.would_be_root(&Common::default()) {
        let sources = settings.sources.iter();
        let asked = sources
            .map(|source| &source.text)
            .find(|text| is_program(text));
        found.extend(asked.map(|text| root_runs(&format!("the source `{text}`"))));
        if !settings.says_maintenance()
            && matches!(outfit.ground.maintenance, Some(Maintenance::Command { .. }))
        {
            found.push(root_runs("the recipe's command for maintenance mode"));
        }
    }
    if outfit.store.folder().starts_with(git.root()) {
        found.push(inside(outfit));
    }
    found.extend(no_room(outfit.store.folder()));
    found.extend(no_room(git.root()));
    found
}

/// A journal that git would change.
pub(super) fn inside(outfit: &Outfit) -> Error {
    Error::new(
        ErrorKind::Usage,
        format!(
            "the journal would lie in {}, inside of the tree that git changes",
            outfit.store.folder().display()
        ),
    )
    .with_help("name a folder outside of it: [upgrade] state = \"/var/lib/realign/app\"")
}

/// Programs that are not there, users that can't be become, and what would run as root without
/// anybody having said so. Each is told once.
fn programs(outfit: &Outfit, entries: &[Entry], found: &mut Vec<Error>) {
    let mut told: Vec<String> = Vec::new();
    let mut tell = |error: Error, found: &mut Vec<Error>| {
        if !told.contains(&error.message) {
            told.push(error.message.clone());
            found.push(error);
        }
    };
    for entry in entries {
        let common = &entry.step.common;
        let commands = entry.step.work.commands();
        if !commands.is_empty() && outfit.ground.would_be_root(common) {
            tell(root_runs(&format!("the step `{}`", entry.step)), found);
        }
        for words in commands {
            // A program of the release itself may come only with the checkout.
            let own = words
                .first()
                .is_some_and(|word| word.contains('/') && !word.starts_with('/'));
            if own {
                continue;
            }
            let startable = outfit
                .ground
                .process(words, common, &std::collections::BTreeMap::new())
                .and_then(|process| process.startable());
            if let Err(error) = startable {
                tell(
                    error.with_note(format!("for the step `{}`", entry.key)),
                    found,
                );
            }
        }
        if let Work::Cache {
            restart: Some(words),
            ..
        } = &entry.step.work
            && let Err(error) = outfit
                .ground
                .own(words, common)
                .and_then(|process| process.startable())
        {
            tell(
                error.with_note(format!("for the step `{}`", entry.key)),
                found,
            );
        }
    }
}

/// True for a source that is a program: it declares what it prints, which nobody knows before the
/// release that it belongs to is checked out.
pub(super) fn is_program(source: &str) -> bool {
    source.trim_start().starts_with("exec:")
}

/// The refusal to run what a release has brought along with all rights there are.
pub(super) fn root_runs(what: &str) -> Error {
    Error::new(
        ErrorKind::Usage,
        "commands of the release would run as root: the checkout belongs to root, and no user is named",
    )
    .with_note(format!("the first is {what}"))
    .with_help("name the user that the application runs as: [upgrade] user = \"www-data\"")
}

fn listed(message: String, names: &[String], help: &str) -> Error {
    let error = Error::new(ErrorKind::Failed, message);
    let error = names.iter().take(8).fold(error, Error::with_note);
    let error = if names.len() > 8 {
        error.with_note(format!("… and {} more", names.len() - 8))
    } else {
        error
    };
    error.with_help(help)
}

/// A disk that is as good as full.
fn no_room(folder: &Path) -> Option<Error> {
    let there = folder.ancestors().find(|ancestor| ancestor.exists())?;
    let free = realign::runtime::upgrade::free_room(there)?;
    (free < ROOM).then(|| {
        Error::new(
            ErrorKind::Failed,
            format!(
                "the disk of {} is full: {free} bytes are free",
                there.display()
            ),
        )
        .with_help("make room, then run it again")
    })
}

/// What stands in the way in the database.
pub(super) fn of_the_database(
    live: &mut Live,
    entries: &[Entry],
    settings: &Settings,
) -> anyhow::Result<Vec<Error>> {
    let mut found = Vec::new();
    let facts = live.facts(settings)?;
    let site = live.site(&facts);
    let backs_up = |entry: &Entry| matches!(entry.step.work, Work::Backup {});
    if entries.iter().any(backs_up)
        && let Err(error) = backup::possible(&site, &settings.backup.folder, &Stop::new())
    {
        found.push(error.with_note("for the backup before each release"));
    }
    if let LockState::Held(holder) = Guard::look(&site, &mut live.connection)? {
        found.push(
            Error::new(
                ErrorKind::Locked,
                format!("the database is locked by `{}`", holder.owner.command),
            )
            .with_note(holder.owner.to_string())
            .with_help("wait until it is done; `realign unlock` shows whether it lives"),
        );
    }
    if let Some(run) = last_run(&mut live.connection, &site)?.filter(RunRow::is_unfinished) {
        found.push(
            Error::new(
                ErrorKind::Failed,
                format!(
                    "run {} ({}) of {} UTC did not come to its end",
                    run.id, run.command, run.started
                ),
            )
            .with_help(format!("go on with it: {}", goes_on_with(&run))),
        );
    }
    Ok(found)
}

/// What stands in the way on the road itself.
pub(super) fn of_the_way(outfit: &Outfit, stand: &Stand) -> Vec<Error> {
    let mut found = Vec::new();
    if let Some(range) = &outfit.recipe.from
        && !realign::runtime::upgrade::is_within(range, &stand.current.version)
    {
        found.push(
            Error::new(
                ErrorKind::Usage,
                format!(
                    "the recipe {} is for releases {range}, and this is {}",
                    outfit.recipe.name, stand.current
                ),
            )
            .with_help("upgrade to such a release by its own manual first"),
        );
    }
    found
}

/// What the schema of each release says: mistakes, rows in the way, consents that are missing.
pub(super) fn of_the_schema(
    hops: &[Hop],
    forecasts: &[Forecast],
    args: &WayArgs,
    closed: bool,
) -> Vec<Error> {
    let mut found = Vec::new();
    for (hop, forecast) in hops.iter().zip(forecasts) {
        for diagnostic in &forecast.errors {
            let mut error = Error::new(
                ErrorKind::Failed,
                format!(
                    "{}: {} ({})",
                    hop.release, diagnostic.message, diagnostic.code
                ),
            );
            if diagnostic.origin != realign::model::Origin::None {
                error = error.with_note(diagnostic.origin.to_string());
            }
            found.push(error);
        }
        let destructive = args.allow.contains(&crate::args::Allow::Destructive);
        for refusal in &forecast.found.refusals {
            if refusal.lossy && destructive {
                continue;
            }
            let mut error = Error::new(
                ErrorKind::Refused,
                format!(
                    "{}: {}: {} ({})",
                    hop.release, refusal.message, refusal.count_text, refusal.code
                ),
            );
            if !refusal.samples.is_empty() {
                error = error.with_note(format!("for example {}", refusal.samples.join("; ")));
            }
            found.push(if refusal.help.is_empty() {
                error
            } else {
                error.with_help(refusal.help.clone())
            });
        }
        let missing = forecast.missing(&args.allow, args.no_quarantine, closed);
        if !missing.is_empty() {
            let mut error = Error::new(
                ErrorKind::Refused,
                format!("{} needs {}", hop.release, missing.join(" and ")),
            );
            for step in &forecast.plan.steps {
                if step.risk == forecast.plan.risk() {
                    error = error.with_note(crate::report::plan::describe(step));
                }
            }
            found.push(error.with_help("say so by name, once you have read what goes"));
        }
    }
    found
}
