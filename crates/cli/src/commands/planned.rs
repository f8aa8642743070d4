//! Commands that the contract names and this version does not have yet.

use clap::{Arg, Command};

use crate::exit;

/// Words of the first level.
pub(crate) const COMMANDS: &[&str] = &["quarantine", "generate", "serve", "fleet"];

/// Words after `schema`.
pub(crate) const SCHEMA_COMMANDS: &[&str] = &["lint", "semver", "drift", "undo", "docs"];

/// Words after `migrations`.
pub(crate) const MIGRATIONS_COMMANDS: &[&str] = &["lint", "import"];

/// What the help says of them.
pub(crate) const AFTER_HELP: &str = "\
Planned, not in this version:
  quarantine, generate, serve, fleet

New here? `realign demo` shows the main job; `realign init` begins with your application.";

/// What the help of `schema` says of them.
pub(crate) const SCHEMA_AFTER_HELP: &str =
    "Planned, not in this version: lint, semver, drift, undo, docs";

/// What the help of `migrations` says of them.
pub(crate) const MIGRATIONS_AFTER_HELP: &str = "Planned, not in this version: lint, import";

/// The command line with the planned words accepted, whatever follows them.
pub(crate) fn accept(command: Command) -> Command {
    let mut command = command;
    for name in COMMANDS {
        command = command.subcommand(word(name));
    }
    let with = |names: &'static [&'static str]| {
        move |inner: Command| {
            names
                .iter()
                .fold(inner, |inner, name| inner.subcommand(word(name)))
        }
    };
    command
        .mut_subcommand("schema", with(SCHEMA_COMMANDS))
        .mut_subcommand("migrations", with(MIGRATIONS_COMMANDS))
}

fn word(name: &'static str) -> Command {
    hidden(name).about("Planned, not in this version")
}

/// A command of this name that no help shows, and that takes whatever follows.
pub(super) fn hidden(name: &'static str) -> Command {
    Command::new(name).hide(true).disable_help_flag(true).arg(
        Arg::new("rest")
            .num_args(0..)
            .trailing_var_arg(true)
            .allow_hyphen_values(true),
    )
}

/// The planned command that was typed, if it was one.
pub(crate) fn typed(matches: &clap::ArgMatches) -> Option<String> {
    let (name, matches) = matches.subcommand()?;
    if COMMANDS.contains(&name) {
        return Some(name.to_owned());
    }
    let (inner, _) = matches.subcommand()?;
    let planned = match name {
        "schema" => SCHEMA_COMMANDS,
        "migrations" => MIGRATIONS_COMMANDS,
        _ => &[],
    };
    planned.contains(&inner).then(|| format!("{name} {inner}"))
}

/// Answers a planned command.
pub(crate) fn answer(name: &str) -> anyhow::Error {
    exit::usage(
        format!("`realign {name}` is planned, not in this version"),
        "`realign --help` lists what is there",
    )
}
