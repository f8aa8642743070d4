//! `realign repeatable run`: scripts that run again whenever their meaning changes.

use std::path::PathBuf;

use realign::planner::migration::{Direction, Version};
use realign::runtime::migrate::{
    Directory, Entry, Job, Loaded, Loader, MigrationOutcome, Planned, rehearse,
};
use realign::runtime::{Error, ErrorKind};
use serde::Serialize;

use super::context::{Context, broken};
use super::obstacles;
use super::uses::ordered;
use super::voice::Voice;
use super::writing::{HalfWay, journal};
use crate::args::RepeatableArgs;
use crate::config::Transaction;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::console::Console;
use crate::report::style::count;
use crate::settings::Settings;

/// What versions of scripts begin with, so that none is taken for a migration.
pub(in crate::commands) const PREFIX: &str = "repeatable/";

#[derive(Debug, Serialize)]
struct RepeatableDocument<'a> {
    command: &'static str,
    dry_run: bool,
    /// What ran to its end, or would.
    ran: &'a [Version],
    unchanged: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// What a run of scripts came to.
struct Ran {
    done: Vec<Version>,
    unchanged: usize,
    failure: Option<(Option<Version>, Error)>,
}

/// Runs the scripts whose meaning has changed.
pub(super) fn run(args: &RepeatableArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let scripts = directory(&settings.migrations.repeatable)?;
    let ran = of(args, settings, out, &scripts)?;
    document(args, out, &ran)?;
    match ran.failure {
        Some((_, error)) if out.is_json() => Ok(Exit::of(&error.into())),
        _ => tell(args, out, ran).map(|_| Exit::Done),
    }
}

fn document(args: &RepeatableArgs, out: Out, ran: &Ran) -> anyhow::Result<()> {
    let failure = ran.failure.as_ref();
    let error = failure.map(|(_, error)| error);
    out.json(&RepeatableDocument {
        command: "repeatable run",
        dry_run: args.dry_run,
        ran: &ran.done,
        unchanged: ran.unchanged,
        failed: failure.and_then(|(version, _)| version.clone()),
        error: error.map(|error| error.message.as_str()),
        notes: error.map_or(&[], |error| &error.notes),
        help: error.and_then(|error| error.help.as_deref()),
    })
}

/// Says in a line how many ran; gives the number, or why it did not come to its end.
fn tell(args: &RepeatableArgs, out: Out, ran: Ran) -> anyhow::Result<usize> {
    if let Some((_, error)) = ran.failure {
        return Err(error.into());
    }
    out.chatter(&format!(
        "{} {}, {} unchanged",
        count(ran.done.len(), "script"),
        if args.dry_run { "would run" } else { "ran" },
        ran.unchanged
    ))?;
    Ok(ran.done.len())
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
    let ran = of(&args, settings, out, &found)?;
    if ran.failure.is_none() {
        document(&args, out, &ran)?;
    }
    tell(&args, out, ran)
}

/// Runs the scripts of a folder whose meaning has changed.
fn of(
    args: &RepeatableArgs,
    settings: &Settings,
    out: Out,
    scripts_there: &Directory,
) -> anyhow::Result<Ran> {
    let mut context = Context::reading(settings, out)?;
    let locked = if args.dry_run {
        None
    } else {
        Some(context.lock("repeatable run")?)
    };
    let half_way = match &locked {
        Some(_) => context.half_way()?,
        None => context.seen_half_way()?,
    };
    let is_script = |stand: &HalfWay| stand.version.as_str().starts_with(PREFIX);
    if let (Some(_), Some(stand)) = (&locked, half_way.as_ref().filter(|one| !is_script(one))) {
        return Err(stand.in_the_way(settings).into());
    }
    // What is written down of it is from before, and it has begun to be something else.
    let begun = half_way.filter(is_script).map(|stand| stand.version);
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
        args.all || before != Some(&script.checksum) || begun.as_ref() == Some(&script.version)
    });
    obstacles::letters(context.base.as_mut(), out, scripts_there, &loaded)?;
    let loaded = ordered(loaded, site.dialect);
    let console = Console::new(out, false);
    let mut voice = Voice::new(out, &console, locked.is_none(), false);
    let history = context.history.clone();
    let went = match &locked {
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
        }
        Some(_) => Ok(Vec::new()),
        None => {
            let (site, mut connection) = context.connection_or_scratch()?;
            rehearse(&mut connection, &site, &loaded, &mut voice)
        }
    };
    let unchanged = total - loaded.len();
    let ran = match went {
        Ok(_) => Ran {
            done: loaded.into_iter().map(|script| script.version).collect(),
            unchanged,
            failure: None,
        },
        Err(failure) => Ran {
            done: failure.done.into_iter().map(|one| one.version).collect(),
            unchanged,
            failure: Some((
                failure.version,
                match locked {
                    Some(_) => mended(*failure.error),
                    None => *failure.error,
                },
            )),
        },
    };
    voice.finish()?;
    Ok(ran)
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
