//! `realign completions` and `realign man`: both come from the command line's own types.

use std::io::Write;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use realign::runtime::{Error, ErrorKind};

use crate::args::Cli;
use crate::exit::Exit;

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell, out: &mut dyn Write) -> anyhow::Result<Exit> {
    // The generator panics when its writer fails, and a reader may go away.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "realign", &mut text);
    out.write_all(&text)?;
    Ok(Exit::Done)
}

/// Writes a page for each command.
pub(crate) fn man(dir: &Path, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::File,
            format!("can't write into {}: {error}", dir.display()),
        )
    };
    std::fs::create_dir_all(dir).map_err(failed)?;
    let command = Cli::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, dir).map_err(failed)?;
    writeln!(
        out,
        "Manual pages are in {}; see: man -l {}",
        dir.display(),
        dir.join("realign.1").display()
    )?;
    Ok(Exit::Done)
}
