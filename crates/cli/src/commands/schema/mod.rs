//! `realign schema …`

mod apply;
mod choose;
pub(in crate::commands) mod context;
mod create;
mod diff;
mod drop;
mod execute;
mod inspect;
pub(in crate::commands) mod release;
mod resume;
mod scratch;
mod update;
mod validate;

use crate::args::{Format, SchemaCommand};
use crate::exit::{self, Exit};
use crate::report::Out;
use crate::settings::Settings;

/// Runs one of the schema commands.
pub(crate) fn run(action: &SchemaCommand, settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    format(action, settings.output.format)?;
    match action {
        SchemaCommand::Inspect(args) => inspect::run(args, settings, out),
        SchemaCommand::Diff(args) => diff::run(args, settings, out),
        SchemaCommand::Create(args) => create::run(args, settings, out),
        SchemaCommand::Drop(args) => drop::run(args, settings, out),
        SchemaCommand::Update(args) => update::run(args, settings, out),
        SchemaCommand::Apply(args) => apply::run(args, settings, out),
        SchemaCommand::Validate(args) => validate::run(args, settings, out),
    }
}

/// Refuses a format that this command does not have.
fn format(action: &SchemaCommand, format: Format) -> anyhow::Result<()> {
    let word = match format {
        Format::Text | Format::Json => return Ok(()),
        Format::Sql => "sql",
        Format::Xml => "xml",
        Format::Mermaid => "mermaid",
        Format::Dot => "dot",
        Format::Svg => "svg",
    };
    match action {
        SchemaCommand::Inspect(_) => Ok(()),
        _ => Err(exit::usage(
            format!("--format {word} is only for `schema inspect`"),
            "write --format text or json",
        )),
    }
}
