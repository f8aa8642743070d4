//! `realign migrations …`, `realign migrate`, `realign repeatable …`

mod context;
mod diff;
mod engines;
mod execute_command;
mod execution;
mod format;
mod generate;
mod list;
mod migrate;
mod obstacles;
mod promises;
mod repeatable;
mod required;
mod run_document;
mod single;
mod status;
pub(in crate::commands) mod superseded;
mod up_to_date;
mod uses;
mod verify;
mod version;
mod voice;
mod way_on;
mod ways;
mod write_sql;
mod writing;

pub(in crate::commands) use repeatable::PREFIX as SCRIPTS;
pub(in crate::commands) use version::SYNC;
pub(in crate::commands) use way_on::way_on;

use crate::args::{Format, MigrateArgs, MigrationsCommand, RepeatableCommand};
use crate::exit::{self, Exit};
use crate::report::Out;
use crate::settings::Settings;

/// Runs one of the migration commands.
pub(crate) fn run(action: &MigrationsCommand, settings: &Settings) -> anyhow::Result<Exit> {
    told(settings, |out| match action {
        MigrationsCommand::Status(args) => status::run(args, settings, out),
        MigrationsCommand::List => list::run(settings, out),
        MigrationsCommand::Latest => single::latest(settings, out),
        MigrationsCommand::Current => single::current(settings, out),
        MigrationsCommand::UpToDate(args) => up_to_date::run(args, settings, out),
        MigrationsCommand::Migrate(args) => migrate::run(args, settings, out),
        MigrationsCommand::Execute(args) => execute_command::run(args, settings, out),
        MigrationsCommand::Generate(args) => generate::run(args, settings, out),
        MigrationsCommand::Diff(args) => diff::run(args, settings, out),
        MigrationsCommand::Version(args) => version::run(args, settings, out),
        MigrationsCommand::DumpSchema(args) => diff::dump(args, settings, out),
        MigrationsCommand::Rollup => version::rollup(settings, out),
        MigrationsCommand::SyncMetadataStorage => version::sync(settings, out),
        MigrationsCommand::Verify(args) => verify::run(args, settings, out),
        MigrationsCommand::Forget(args) => version::forget(args, settings, out),
    })
}

/// `realign migrate`.
pub(crate) fn migrate_command(args: &MigrateArgs, settings: &Settings) -> anyhow::Result<Exit> {
    told(settings, |out| migrate::run(args, settings, out))
}

/// `realign repeatable …`.
pub(crate) fn repeatable(action: &RepeatableCommand, settings: &Settings) -> anyhow::Result<Exit> {
    let RepeatableCommand::Run(args) = action;
    told(settings, |out| repeatable::run(args, settings, out))
}

/// How migrations stand, in numbers.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub(in crate::commands) struct Standing {
    /// Executed ones.
    pub(in crate::commands) executed: usize,
    /// Executed ones without a file.
    pub(in crate::commands) unavailable: usize,
    /// Files.
    pub(in crate::commands) available: usize,
    /// Files that are not executed.
    pub(in crate::commands) new: usize,
}

/// How migrations stand; none where there are none. Writes nothing.
pub(in crate::commands) fn standing(
    settings: &Settings,
    out: Out,
) -> anyhow::Result<Option<Standing>> {
    let context = context::Context::reading(settings, out.hushed())?;
    let overview = &context.overview;
    let standing = Standing {
        executed: overview.executed.len(),
        unavailable: overview.unavailable().count(),
        available: overview.available.len(),
        new: overview.fresh().count(),
    };
    Ok((standing.executed > 0 || standing.available > 0).then_some(standing))
}

/// Executes everything that is outstanding, as a part of another command that tells of it.
pub(in crate::commands) fn all_outstanding(
    settings: &Settings,
    out: Out,
) -> anyhow::Result<String> {
    let there = |folder: &realign::runtime::migrate::Folder| folder.path.is_dir();
    if !settings.migrations.folders.iter().any(there) {
        return Ok("there are no migrations".to_owned());
    }
    let before = migrate::outstanding(settings, out)?;
    let args = MigrateArgs {
        version: "latest".to_owned(),
        allow_no_migration: true,
        ..MigrateArgs::default()
    };
    match migrate::run(&args, settings, out)? {
        Exit::Done if before == 0 => Ok("nothing is outstanding".to_owned()),
        Exit::Done => Ok(crate::report::style::count(before, "migration")),
        exit => Err(realign::runtime::Error::new(
            realign::runtime::ErrorKind::Failed,
            format!("the migrations ended with exit code {}", exit.code()),
        )
        .with_help("`realign migrations status` shows how they stand")
        .into()),
    }
}

/// Runs scripts again, changed or not: these, or those of the configured folder. Gives how many.
pub(in crate::commands) fn rerun(
    settings: &Settings,
    out: Out,
    scripts: &[std::path::PathBuf],
) -> anyhow::Result<usize> {
    repeatable::rerun(settings, out, scripts)
}

/// Runs a command in one of the formats that it has.
fn told(
    settings: &Settings,
    command: impl FnOnce(Out) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    if !matches!(settings.output.format, Format::Text | Format::Json) {
        return Err(exit::usage(
            "this format is not for migrations",
            "write --format text or json",
        ));
    }
    command(out)
}
