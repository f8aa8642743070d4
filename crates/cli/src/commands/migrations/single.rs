//! `realign migrations latest`, `current`

use realign::planner::migration::{Target, Version, resolve};
use realign::runtime::{Error, ErrorKind};
use serde::Serialize;

use super::context::Context;
use crate::exit::Exit;
use crate::report::Out;
use crate::settings::Settings;

#[derive(Debug, Serialize)]
struct VersionDocument {
    command: &'static str,
    version: Option<Version>,
    description: Option<String>,
    available: bool,
}

/// The last available migration.
pub(super) fn latest(settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    show(settings, out, "latest")
}

/// The last executed migration.
pub(super) fn current(settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    show(settings, out, "current")
}

fn show(settings: &Settings, out: Out, word: &'static str) -> anyhow::Result<Exit> {
    let mut context = Context::counting(settings, out)?;
    let target = resolve(word, &context.overview, false).unwrap_or(Target::Zero);
    if word == "latest" && target == Target::Zero {
        return Err(Error::new(ErrorKind::Failed, "there are no migrations")
            .with_help("`realign migrations generate` writes one")
            .into());
    }
    let version = target.version().cloned();
    let available = version
        .as_ref()
        .is_some_and(|v| context.overview.is_available(v));
    let description = match &version {
        Some(version) if available => Some(context.description(version)?),
        _ => None,
    };
    if context.spoken() {
        let remark = match (&version, &description) {
            (None, _) => " - (No migration executed yet)".to_owned(),
            (Some(_), None) => " - (Migration info not available)".to_owned(),
            (Some(_), Some(text)) if text.is_empty() => String::new(),
            (Some(_), Some(text)) => format!(" - {text}"),
        };
        context.console.text(&[&format!("{target}{remark}")])?;
        context.console.line()?;
    } else {
        out.text(&match (&version, &description) {
            (None, _) => "none: no migration is executed".to_owned(),
            (Some(version), None) => format!("{version}  (its file is gone)"),
            (Some(version), Some(text)) => format!("{version}  {text}"),
        })?;
    }
    out.json(&VersionDocument {
        command: if word == "latest" {
            "migrations latest"
        } else {
            "migrations current"
        },
        version,
        description,
        available,
    })?;
    Ok(Exit::Done)
}
