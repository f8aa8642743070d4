//! Commands that the contract names and this version does not have yet.

use std::io::Write as _;

use clap::{Arg, Command};

use crate::exit::Exit;

/// Words of the first level.
pub(crate) const COMMANDS: &[&str] = &[
    "status",
    "upgrade",
    "quarantine",
    "history",
    "generate",
    "serve",
    "fleet",
];

/// Words after `schema`.
pub(crate) const SCHEMA_COMMANDS: &[&str] = &["lint", "semver", "drift", "undo", "docs"];

/// What the help says of them.
pub(crate) const AFTER_HELP: &str = "\
Planned, not in this version:
  status, upgrade, quarantine, history, generate, serve, fleet

New here? `realign demo` shows the main job; `realign init` begins with your application.";

/// What the help of `schema` says of them.
pub(crate) const SCHEMA_AFTER_HELP: &str =
    "Planned, not in this version: lint, semver, drift, undo, docs";

/// The command line with the planned words accepted, whatever follows them.
pub(crate) fn accept(command: Command) -> Command {
    let mut command = command;
    for name in COMMANDS {
        command = command.subcommand(word(name));
    }
    command.mut_subcommand("schema", |schema| {
        let mut schema = schema;
        for name in SCHEMA_COMMANDS {
            schema = schema.subcommand(word(name));
        }
        schema
    })
}

fn word(name: &'static str) -> Command {
    Command::new(name)
        .hide(true)
        .about("Planned, not in this version")
        .disable_help_flag(true)
        .arg(
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
    (name == "schema" && SCHEMA_COMMANDS.contains(&inner)).then(|| format!("schema {inner}"))
}

/// Answers a planned command.
pub(crate) fn answer(name: &str) -> Exit {
    // Nobody can be told when standard error is gone.
    let _ = writeln!(
        anstream::stderr(),
        "error: `realign {name}` is planned, not in this version\nhelp: `realign --help` lists what is there"
    );
    Exit::Usage
}
