//! `realign upgrade …`

mod crew;
mod forecast;
mod mend;
mod obstacles;
mod outfit;
mod plan;
mod report;
mod rollback;
mod run;
mod standing;
mod status;
mod tree;

pub(crate) use standing::{Standing, last, standing};

use crate::args::{Format, Options, UpgradeCommand};
use crate::exit::{self, Exit};
use crate::report::Out;
use crate::settings::{Environment, Settings};

/// Runs one of them.
pub(crate) fn run(
    action: &UpgradeCommand,
    options: &Options,
    settings: &Settings,
) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    if !matches!(settings.output.format, Format::Text | Format::Json) {
        return Err(exit::usage(
            "this format is not for upgrades",
            "write --format text or json",
        ));
    }
    match action {
        UpgradeCommand::Plan(args) => plan::run(args, settings, out),
        UpgradeCommand::Run(args) => run::run(args, settings, out),
        UpgradeCommand::Resume(args) => {
            as_it_was(settings, options, args.reread, out, |settings| {
                run::resume(args, settings, out)
            })
        }
        UpgradeCommand::Rollback(args) => as_it_was(settings, options, false, out, |settings| {
            rollback::run(args, settings, out)
        }),
        UpgradeCommand::Status => status::run(settings, out),
    }
}

/// Runs a command with the configuration as it was when the upgrade began: what a release brings
/// along must not change what is left of it. A person can have it read again.
fn as_it_was(
    settings: &Settings,
    options: &Options,
    reread: bool,
    out: Out,
    command: impl FnOnce(&Settings) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let known = match standing::store(settings) {
        Some(store) => store.last()?,
        None => None,
    };
    let before = known
        .and_then(|state| state.configuration)
        .filter(|before| !reread && Some(before) != settings.upgrade.text.as_ref());
    let Some(before) = before else {
        return command(settings);
    };
    out.notice(
        "The configuration has changed since the upgrade began: it counts as it was then (`upgrade resume --reread` takes the new one)",
    )?;
    let mut then = Settings::resolve_as(options, &Environment::of_process(), Some(before))?;
    then.output = settings.output;
    command(&then)
}
