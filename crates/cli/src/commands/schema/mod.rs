//! `realign schema …`

use crate::args::SchemaCommand;
use crate::exit::Exit;
use crate::settings::Settings;

/// Runs one of the schema commands.
pub(crate) fn run(_action: &SchemaCommand, _settings: &Settings) -> anyhow::Result<Exit> {
    Ok(Exit::Done)
}
