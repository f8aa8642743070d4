//! `realign backup list`.

use std::fmt::Write as _;
use std::path::Path;

use realign::runtime::backup;
use serde::Serialize;

use super::{BackupDocument, content, moment, size};
use crate::args::BackupListArgs;
use crate::exit::Exit;
use crate::report::Out;
use crate::settings::Settings;

/// `backup list --format json`.
#[derive(Debug, Serialize)]
struct ListDocument<'a> {
    command: &'static str,
    folder: &'a Path,
    backups: Vec<BackupDocument<'a>>,
    /// Files that are none, and why.
    others: Vec<OtherDocument<'a>>,
    exit_code: u8,
}

#[derive(Debug, Serialize)]
struct OtherDocument<'a> {
    file: &'a Path,
    reason: &'a str,
}

pub(super) fn run(args: &BackupListArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let folder = args.dir.as_ref().unwrap_or(&settings.backup.folder);
    let listed = backup::list(folder)?;
    let mut backups = Vec::new();
    let mut others = Vec::new();
    let mut text = String::new();
    for listed in &listed {
        let name = listed
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        match &listed.backup {
            Ok(backup) => {
                let manifest = &backup.manifest;
                // Writing into a String cannot fail.
                let _ = writeln!(
                    text,
                    "{}  {:>9}  {name}\n                     of {}: {}",
                    moment(&manifest.made),
                    size(manifest.bytes),
                    manifest.source,
                    content(manifest)
                );
                if let Some(label) = &manifest.label {
                    let _ = writeln!(text, "                     {label}");
                }
                backups.push(BackupDocument::of(backup));
            }
            Err(error) => {
                let _ = writeln!(text, "no backup            {}", error.message);
                others.push(OtherDocument {
                    file: &listed.path,
                    reason: &error.message,
                });
            }
        }
    }
    if listed.is_empty() {
        let _ = writeln!(text, "There is no backup in {}.", folder.display());
        out.text(&text)?;
        out.chatter("\nNext: realign backup create")?;
    } else {
        out.chatter(&format!("Backups in {}\n", folder.display()))?;
        out.text(&text)?;
    }
    out.json(&ListDocument {
        command: "backup list",
        folder,
        backups,
        others,
        exit_code: Exit::Done.code(),
    })?;
    Ok(Exit::Done)
}
