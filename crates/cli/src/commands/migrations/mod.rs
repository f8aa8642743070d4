//! `realign migrations …`, `realign migrate`, `realign repeatable …`

mod context;
mod diff;
mod execute_command;
mod execution;
mod format;
mod generate;
mod list;
mod migrate;
mod repeatable;
mod single;
mod status;
mod up_to_date;
mod verify;
mod version;
mod voice;
mod write_sql;
mod writing;

use crate::args::{Format, MigrateArgs, MigrationsCommand, RepeatableCommand};
use crate::exit::{self, Exit};
use crate::report::Out;
use crate::report::document::ErrorDocument;
use crate::settings::Settings;

/// Runs one of the migration commands.
pub(crate) fn run(action: &MigrationsCommand, settings: &Settings) -> anyhow::Result<Exit> {
    told(settings, |out| match action {
        MigrationsCommand::Status => status::run(settings, out),
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

/// Runs a command; with `--format json` its error is a document too.
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
    match command(out) {
        Err(error) if out.is_json() && !exit::is_broken_pipe(&error) => {
            out.json(&ErrorDocument::of(&error))?;
            Ok(Exit::of(&error))
        }
        ended => ended,
    }
}
