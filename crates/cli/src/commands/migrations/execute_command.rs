//! `realign migrations execute`: exactly these.

use realign::planner::migration::{Direction, Target, Version, only, resolve};
use realign::runtime::process::quoted;
use realign::runtime::{Error, ErrorKind};

use super::context::Context;
use super::execution::{Execution, execute};
use super::migrate::{aborted, meant, no_file, not_writable, question};
use super::write_sql;
use crate::args::ExecuteArgs;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::console::Reply;
use crate::settings::Settings;

/// Executes single migrations.
pub(super) fn run(args: &ExecuteArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    let looks = args.run.only_looks();
    if !looks && context.spoken() {
        match context.console.ask(&question(&context.database_name()))? {
            Reply::Yes => {}
            Reply::No => {
                context.console.bad("Migration cancelled!")?;
                return Ok(Exit::Failed);
            }
            Reply::Gone => return aborted(),
        }
    }
    if let Some(path) = write_sql::unwritable(&args.run) {
        return not_writable(&mut context, &path);
    }
    let versions = named(&context, &args.versions)?;
    let locked = if looks {
        None
    } else {
        Some(context.lock("migrations execute")?)
    };
    let half_way = match &locked {
        Some(_) => context.half_way()?,
        None => context.seen_half_way()?,
    };
    let direction = if args.down {
        Direction::Down
    } else {
        Direction::Up
    };
    if half_way.is_none() {
        makes_sense(&mut context, &versions, direction)?;
    }
    let names: Vec<&str> = versions.iter().map(Version::as_str).collect();
    let names = names.join(", ");
    let execution = Execution {
        title: format!(
            "Executing{} {names} {}",
            if looks { " (dry-run)" } else { "" },
            direction.word()
        ),
        success: format!(
            "Successfully migrated version(s): {names}: [{}]",
            direction.word().to_ascii_uppercase()
        ),
        schedule: only(&versions, direction),
        together: false,
        half_way,
        run: &args.run,
        command: "migrations execute",
    };
    execute(&mut context, locked.as_ref(), execution)
}

/// The versions that were named, in the order they were named.
fn named(context: &Context<'_>, words: &[String]) -> anyhow::Result<Vec<Version>> {
    let mut versions: Vec<Version> = Vec::with_capacity(words.len());
    for word in words {
        let whole = Version::new(word.as_str());
        let version = if context.overview.is_available(&whole) {
            whole
        } else {
            let alias = if context.spoken() {
                None
            } else {
                resolve(word, &context.overview, true).ok()
            };
            match alias {
                Some(Target::Version(version)) if context.overview.is_available(&version) => {
                    version
                }
                _ => {
                    let help = meant(context, word).filter(|_| !context.spoken());
                    let text = format!("{word} is no version");
                    return Err(match help {
                        Some(help) => Error::new(ErrorKind::Failed, text).with_help(help).into(),
                        None => no_file(&whole),
                    });
                }
            }
        };
        if versions.contains(&version) {
            return Err(
                Error::new(ErrorKind::Failed, format!("{version} is named twice"))
                    .with_note("nothing was executed")
                    .into(),
            );
        }
        versions.push(version);
    }
    Ok(versions)
}

/// An executed one is not executed again, and one that was not is not taken back.
fn makes_sense(
    context: &mut Context<'_>,
    versions: &[Version],
    direction: Direction,
) -> anyhow::Result<()> {
    let wanted = direction == Direction::Down;
    let history = context.history.clone();
    let skipped = match &mut context.base {
        Some(base) => history.skipped(&mut base.live.connection, &base.site)?,
        None => std::collections::BTreeSet::new(),
    };
    for version in versions {
        // One that was skipped can be tried again.
        let executed = context.overview.is_executed(version) && !skipped.contains(version.as_str());
        if executed == wanted {
            continue;
        }
        let (message, help) = match direction {
            Direction::Up => (
                format!("{version} is executed already"),
                format!(
                    "to run it again, take it out of the history first: realign migrations version {} --delete",
                    quoted(version.as_str())
                ),
            ),
            Direction::Down => (
                format!("{version} is not executed, so that there is nothing to take back"),
                "`realign migrations list` shows what is".to_owned(),
            ),
        };
        return Err(Error::new(ErrorKind::Refused, message)
            .with_note("nothing was executed")
            .with_help(help)
            .into());
    }
    Ok(())
}
