//! `realign repeatable run`: scripts that run again whenever their meaning changes.

use std::path::PathBuf;

use realign::planner::migration::{Direction, Version};
use realign::runtime::migrate::{
    Directory, Entry, Job, Loaded, Loader, MigrationOutcome, Planned, rehearse,
};
use realign::runtime::{Error, ErrorKind};
use serde::Serialize;

use super::context::{Context, broken};
use super::uses::ordered;
use super::voice::Voice;
use super::writing::journal;
use crate::args::RepeatableArgs;
use crate::config::Transaction;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::console::Console;
use crate::report::style::count;
use crate::settings::Settings;

/// What versions of scripts begin with, so that none is taken for a migration.
const PREFIX: &str = "repeatable/";

#[derive(Debug, Serialize)]
struct RepeatableDocument<'a> {
    command: &'static str,
    dry_run: bool,
    ran: &'a [Version],
    unchanged: usize,
}

/// Runs the scripts whose meaning has changed.
pub(super) fn run(args: &RepeatableArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let scripts = directory(&settings.migrations.repeatable)?;
    of(args, settings, out, &scripts).map(|_| Exit::Done)
}

/// Runs all scripts, changed or not: these files, or those of the configured folder.
pub(super) fn rerun(settings: &Settings, out: Out, scripts: &[PathBuf]) -> anyhow::Result<usize> {
    let args = RepeatableArgs {
        dry_run: false,
        all: true,
        set: Vec::new(),
    };
    let mut found = Directory::default();
    for path in scripts {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        found
            .entries
            .insert(Version::new(format!("{PREFIX}{name}")), Entry::script(path));
    }
    if scripts.is_empty() {
        found = directory(&settings.migrations.repeatable)?;
    }
    of(&args, settings, out, &found)
}

/// Runs the scripts of a folder whose meaning has changed. Gives how many.
fn of(
    args: &RepeatableArgs,
    settings: &Settings,
    out: Out,
    scripts_there: &Directory,
) -> anyhow::Result<usize> {
    let mut context = Context::reading(settings, out)?;
    let locked = if args.dry_run {
        None
    } else {
        Some(context.lock("repeatable run")?)
    };
    if locked.is_some()
        && let Some(stand) = context
            .half_way()?
            .filter(|s| !s.version.as_str().starts_with(PREFIX))
    {
        return Err(Error::new(ErrorKind::Failed, stand.words())
            .with_help("go on with it: realign migrate")
            .into());
    }
    let details = match &mut context.base {
        Some(base) => context
            .history
            .details(&mut base.live.connection, &base.site)?,
        None => std::collections::BTreeMap::new(),
    };
    let placeholders = context.placeholders(&args.set)?;
    let site = context.site()?;
    let loader = Loader {
        site: &site,
        directory: scripts_there,
        placeholders: &placeholders,
        transactions: settings.migrations.transaction != Transaction::None,
    };
    let all: Vec<Version> = scripts_there.versions();
    let total = all.len();
    let mut loaded = match loader.load(&all, Direction::Up)? {
        Ok(loaded) => loaded,
        Err(problems) => return Err(broken(out, &problems)?),
    };
    loaded.retain(|script: &Loaded| {
        let before = details
            .get(script.version.as_str())
            .and_then(|d| d.checksum.as_ref());
        args.all || before != Some(&script.checksum)
    });
    let loaded = ordered(loaded, site.dialect);
    let ran: Vec<Version> = loaded.iter().map(|script| script.version.clone()).collect();
    let console = Console::new(out, false);
    let mut voice = Voice::new(out, &console, locked.is_none(), false);
    let history = context.history.clone();
    match &locked {
        Some(locked) if !loaded.is_empty() => {
            let base = context.base()?;
            let written = history.written(&mut base.live.connection, &base.site)?;
            let job = Job {
                guard: &locked.guard,
                history: &history,
                written: &written,
                migrations: &loaded,
                from: 0,
                together: false,
                outcome: MigrationOutcome::Repeatable,
            };
            let connection = &mut context.base()?.live.connection;
            let journal = journal(locked, connection, None, loaded.iter().map(Planned::of))?;
            job.run(connection, journal, &mut voice, &locked.stop)
                .map_err(|failure| mended(*failure.error))?;
        }
        Some(_) => {}
        None => {
            let (site, mut connection) = context.connection_or_scratch()?;
            rehearse(&mut connection, &site, &loaded, &mut voice)
                .map_err(|failure| *failure.error)?;
        }
    }
    voice.finish()?;
    out.chatter(&format!(
        "{} {}, {} unchanged",
        count(ran.len(), "script"),
        if args.dry_run { "would run" } else { "ran" },
        total - ran.len()
    ))?;
    out.json(&RepeatableDocument {
        command: "repeatable run",
        dry_run: args.dry_run,
        ran: &ran,
        unchanged: total - ran.len(),
    })?;
    Ok(ran.len())
}

/// An error with the next command, where it does not name one.
fn mended(error: Error) -> Error {
    if error.help.is_some() {
        return error;
    }
    error.with_help("mend it and run the same command again: what ran before it stands")
}

/// The scripts of a folder and all below it.
fn directory(folder: &PathBuf) -> anyhow::Result<Directory> {
    let mut found = Directory::default();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        if !next.is_dir() {
            continue;
        }
        let entries = std::fs::read_dir(&next).map_err(|error| {
            Error::new(
                ErrorKind::File,
                format!("can't read {}: {error}", next.display()),
            )
        })?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "sql") {
                let inner = path
                    .strip_prefix(folder)
                    .unwrap_or(&path)
                    .display()
                    .to_string();
                found.entries.insert(
                    Version::new(format!("{PREFIX}{inner}")),
                    Entry::script(&path),
                );
            }
        }
    }
    Ok(found)
}
