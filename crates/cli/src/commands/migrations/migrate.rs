//! `realign migrate`: what leads to a version.

use std::path::Path;

use realign::planner::migration::{
    AliasError, Direction, Schedule, Target, Version, resolve, schedule,
};
use realign::runtime::{Error, ErrorKind};

use super::context::Context;
use super::execution::{Execution, execute};
use super::write_sql;
use crate::args::{Allow, MigrateArgs};
use crate::config::{Late, Transaction};
use crate::exit::{self, Exit};
use crate::report::Out;
use crate::report::doctrine::console::Reply;
use crate::report::style::count;
use crate::settings::Settings;

const COMMAND: &str = "migrate";

/// Executes what leads to a version.
pub(super) fn run(args: &MigrateArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    let looks = args.run.only_looks();
    let mut consent = args.run.allow.contains(&Allow::Destructive);
    if !looks && context.spoken() {
        match context.console.ask(&question(&context.database_name()))? {
            Reply::Yes => consent |= context.console.asks(),
            Reply::No => {
                context.console.bad("Migration cancelled!")?;
                return Ok(Exit::Doctrine(3));
            }
            Reply::Gone => return aborted(),
        }
    }
    if let Some(path) = write_sql::unwritable(&args.run) {
        return not_writable(&mut context, &path);
    }
    if context.directory.entries.is_empty() {
        return nothing_there(&mut context, args);
    }
    let locked = if looks {
        None
    } else {
        Some(context.lock(COMMAND)?)
    };
    let word = args.version.as_str();
    let target = match resolve(word, &context.overview, !context.spoken()) {
        Ok(target) => target,
        Err(AliasError::Unknown) => return unknown(&mut context, args),
        Err(AliasError::Unreachable) => return already(&mut context, word),
    };
    if let Some(exit) = unavailable(&mut context, looks)? {
        return Ok(exit);
    }
    let planned = schedule(&target, &context.overview).map_err(|gone| no_file(&gone))?;
    let half_way = match &locked {
        Some(_) => context.half_way()?,
        None => context.seen_half_way()?,
    };
    if planned.versions.is_empty() && half_way.is_none() {
        return already(&mut context, word);
    }
    late(
        &context,
        args.late.unwrap_or(settings.migrations.late),
        &planned,
    )?;
    if target == Target::Zero && !consent && !looks {
        return Err(to_nothing(&planned));
    }
    let together = !args.no_all_or_nothing
        && (args
            .all_or_nothing
            .as_deref()
            .is_some_and(|value| !matches!(value, "0" | "false" | "no"))
            || settings.migrations.transaction == Transaction::AllOrNothing);
    let execution = Execution {
        title: format!(
            "Migrating{} {} to {target}",
            if looks { " (dry-run)" } else { "" },
            planned.direction.word()
        ),
        success: format!("Successfully migrated to version: {target}"),
        schedule: planned,
        together,
        half_way,
        run: &args.run,
        command: "migrations migrate",
    };
    execute(&mut context, locked.as_ref(), execution)
}

/// How many migrations are left to execute. Writes nothing.
pub(super) fn outstanding(settings: &Settings, out: Out) -> anyhow::Result<usize> {
    let context = Context::reading(settings, out)?;
    Ok(context.overview.fresh().count())
}

/// Doctrine's question.
pub(super) fn question(database: &str) -> String {
    format!(
        "WARNING! You are about to execute a migration in database \"{database}\" that could result \
         in schema changes and data loss. Are you sure you wish to continue?"
    )
}

/// Nobody was there to answer.
pub(super) fn aborted() -> anyhow::Result<Exit> {
    Err(nobody())
}

/// The same as an error.
pub(super) fn nobody() -> anyhow::Error {
    Error::new(
        ErrorKind::Failed,
        "nobody answered the question; nothing was done",
    )
    .with_help("give -n to run without questions")
    .into()
}

/// A refusal before anything was done.
pub(super) fn refuse(context: &mut Context<'_>, text: &str) -> anyhow::Result<Exit> {
    if context.spoken() {
        context.console.bad(text)?;
        return Ok(Exit::Failed);
    }
    Err(Error::new(ErrorKind::Failed, lower(text)).into())
}

/// A word that is no version, and what may be meant by it.
fn unknown(context: &mut Context<'_>, args: &MigrateArgs) -> anyhow::Result<Exit> {
    let word = args.version.as_str();
    let text = format!("Unknown version: {word}");
    if context.spoken() {
        return refuse(context, &text);
    }
    let path = args.run.write_sql.as_ref();
    let help = if path.is_some_and(|path| path.as_os_str() == ".") && word.contains(['.', '/']) {
        format!("a file is named with `=`: --write-sql={word}")
    } else {
        match word {
            "up" => "without a version `realign migrate` runs what is new".to_owned(),
            "down" | "rollback" | "undo" => {
                "`realign migrate prev` takes the last one back".to_owned()
            }
            _ => meant(context, word)
                .unwrap_or_else(|| "`realign migrations list` shows them all".to_owned()),
        }
    };
    let error = Error::new(ErrorKind::Failed, lower(&text));
    Err(error.with_help(help).into())
}

/// What helps somebody who named a migration by its file or its title instead of its version.
pub(super) fn meant(context: &Context<'_>, word: &str) -> Option<String> {
    let stem = |path: &Path| path.file_stem().map(std::ffi::OsStr::to_owned);
    let (named, title) = (stem(Path::new(word)), word.replace(['_', '-'], " "));
    let mut entries = context.directory.entries.iter();
    let (version, _) = entries.find(|(version, entry)| {
        let own = stem(&entry.path());
        own == named
            || own.is_some_and(|own| own == word)
            || version.short() == word
            || entry.title() == title
    })?;
    Some(format!("its version is {version}"))
}

/// Nothing can be written where it was asked for.
pub(super) fn not_writable(context: &mut Context<'_>, path: &str) -> anyhow::Result<Exit> {
    if context.spoken() {
        return refuse(context, &format!("The path \"{path}\" not writeable!"));
    }
    Err(Error::new(
        ErrorKind::Failed,
        format!("can't write {path}: its folder is not there"),
    )
    .with_note("nothing was executed")
    .into())
}

/// The sentence with a small first letter, as errors have it.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// A version whose file is gone.
pub(super) fn no_file(version: &Version) -> anyhow::Error {
    Error::new(
        ErrorKind::Failed,
        format!("there is no file of {version} (Migration class \"{version}\" was not found?)"),
    )
    .with_help("`realign migrations list` shows what is there")
    .into()
}

fn nothing_there(context: &mut Context<'_>, args: &MigrateArgs) -> anyhow::Result<Exit> {
    let text = format!(
        "The version \"{}\" couldn't be reached, there are no registered migrations.",
        args.version
    );
    match (context.spoken(), args.allow_no_migration) {
        (true, true) => {
            context.console.care(&text)?;
            Ok(Exit::Done)
        }
        (true, false) => refuse(context, &text),
        (false, true) => {
            context.out.chatter("There are no migrations.")?;
            Ok(Exit::Done)
        }
        (false, false) => {
            context.without_folder()?;
            if let Some(stand) = context.seen_half_way()? {
                return Err(stand.in_the_way(context.settings).into());
            }
            let folders: Vec<String> = context
                .settings
                .migrations
                .folders
                .iter()
                .map(|folder| folder.path.display().to_string())
                .collect();
            Err(Error::new(
                ErrorKind::Failed,
                format!("there are no migrations in {}", folders.join(", ")),
            )
            .with_help("`realign migrations generate` writes one; --allow-no-migration makes this no error")
            .into())
        }
    }
}

/// There is nothing to do, or nothing that can be done.
fn already(context: &mut Context<'_>, word: &str) -> anyhow::Result<Exit> {
    let current = resolve("current", &context.overview, false).unwrap_or(Target::Zero);
    let (good, text) = if matches!(word, "current" | "latest" | "first") {
        (
            true,
            format!("Already at the {word} version (\"{current}\")"),
        )
    } else if matches!(word, "next" | "prev") || word.starts_with("current") {
        (
            false,
            format!("The version \"{word}\" couldn't be reached, you are at version \"{current}\""),
        )
    } else {
        (true, format!("You are already at version \"{current}\""))
    };
    if context.spoken() {
        if good {
            context.console.good(&text)?;
        } else {
            context.console.bad(&text)?;
        }
    } else {
        context.out.chatter(&text)?;
    }
    context
        .out
        .json(&super::run_document::RunDocument::nothing(
            "migrations migrate",
            &text,
        ))?;
    Ok(Exit::Done)
}

/// Executed ones without a file are named, and asked about.
fn unavailable(context: &mut Context<'_>, looks: bool) -> anyhow::Result<Option<Exit>> {
    let gone: Vec<String> = context
        .overview
        .unavailable()
        .map(|row| {
            let at = row.at.as_deref().unwrap_or_default();
            format!(">> {at} ({})", row.version)
        })
        .collect();
    if gone.is_empty() {
        return Ok(None);
    }
    if !context.spoken() {
        if context.out.verbose > 0 {
            context.out.notice(&format!(
                "{} no file any more; that is normal when a later release removed them",
                if gone.len() == 1 {
                    "1 executed migration has".to_owned()
                } else {
                    format!("{} executed migrations have", gone.len())
                }
            ))?;
        }
        return Ok(None);
    }
    context.console.care(&format!(
        "You have {} previously executed migrations in the database that are not registered migrations.",
        gone.len()
    ))?;
    for line in &gone {
        context.console.text(&[line])?;
    }
    if looks {
        return Ok(None);
    }
    match context.console.ask("Are you sure you wish to continue?")? {
        Reply::Yes => Ok(None),
        Reply::No => {
            context.console.bad("Migration cancelled!")?;
            Ok(Some(Exit::Doctrine(3)))
        }
        Reply::Gone => aborted().map(Some),
    }
}

/// Migrations of a branch that was merged late.
fn late(context: &Context<'_>, how: Late, planned: &Schedule) -> anyhow::Result<()> {
    if how == Late::Apply || planned.direction == Direction::Down {
        return Ok(());
    }
    let Some(current) = context.overview.current() else {
        return Ok(());
    };
    let late: Vec<String> = planned
        .versions
        .iter()
        .filter(|version| *version < current)
        .map(ToString::to_string)
        .collect();
    if late.is_empty() {
        return Ok(());
    }
    let text = format!(
        "{} older than the current version {current} and not executed: {}",
        if late.len() == 1 {
            "1 migration is".to_owned()
        } else {
            format!("{} migrations are", late.len())
        },
        late.join(", ")
    );
    if how == Late::Error {
        return Err(Error::new(ErrorKind::Refused, text)
            .with_note("nothing was executed")
            .with_help("give them a newer time in their names, or run with --late apply")
            .into());
    }
    context.out.notice(&format!("warning: {text}"))
}

/// Everything would be taken back.
fn to_nothing(planned: &Schedule) -> anyhow::Error {
    let names: Vec<String> = planned.versions.iter().map(ToString::to_string).collect();
    let what = match names.len() {
        1 => "this takes back the only executed migration, and what it holds is lost with it"
            .to_owned(),
        number => format!(
            "this takes back all {}, and what they hold is lost with them",
            count(number, "executed migration")
        ),
    };
    let mut error = Error::new(ErrorKind::Refused, what);
    for name in names.iter().take(5) {
        error = error.with_note(format!("down: {name}"));
    }
    if names.len() > 5 {
        error = error.with_note(format!("… and {} more", names.len() - 5));
    }
    error
        .with_note("nothing was executed")
        .with_help("say so by name: --allow destructive; `--dry-run` shows it")
        .into()
}

/// A command line that makes no sense.
pub(super) fn senseless(message: &str, help: &str) -> anyhow::Error {
    exit::usage(message, help)
}
