//! `realign backup create`.

use std::path::PathBuf;
use std::time::Instant;

use realign::runtime::Stop;
use realign::runtime::backup::{self, Create};
use serde::Serialize;

use super::{BackupDocument, content, size};
use crate::args::BackupCreateArgs;
use crate::commands::schema::context::Live;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::document::DatabaseDocument;
use crate::report::style::duration;
use crate::settings::Settings;

/// `backup create --format json`.
#[derive(Debug, Serialize)]
struct CreateDocument<'a> {
    command: &'static str,
    database: DatabaseDocument,
    backup: BackupDocument<'a>,
    /// It was loaded into a scratch database and compared.
    verified: bool,
    remarks: &'a [String],
    /// Older backups that are gone.
    removed: &'a [PathBuf],
    exit_code: u8,
}

pub(super) fn run(args: &BackupCreateArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let mut live = Live::configured(settings)?;
    let facts = live.facts(settings)?;
    let site = live.site(&facts);
    let stop = Stop::on_signals()?;
    let folder = args.to.as_ref().unwrap_or(&settings.backup.folder);
    out.chatter(&format!("Backup of {}", live.shown(&facts)))?;
    let begun = Instant::now();
    let what = Create {
        folder,
        label: args.label.as_deref(),
    };
    let made = backup::create(&site, &what, &stop)?;
    out.text(&format!(
        "  {} -> {}, {}, {}",
        size(made.manifest.bytes),
        made.path.display(),
        content(&made.manifest),
        duration(begun.elapsed())
    ))?;
    let mut remarks = made.manifest.remarks.clone();
    for remark in &remarks {
        out.notice(&format!("warning: {remark}"))?;
    }
    for left in &made.manifest.left_out {
        out.notice(&format!(
            "note: the view {} is broken and can't be in a backup; its definition is kept beside it ({})",
            left.name, left.why
        ))?;
    }
    if args.verify {
        let mut told = Ok(());
        let proof = backup::verify(&site, &made.path, &stop, &mut |line| {
            if told.is_ok() {
                told = out.chatter(&format!("  {line}"));
            }
        })?;
        told?;
        for remark in proof.remarks {
            out.notice(&format!("note: {remark}"))?;
            remarks.push(remark);
        }
        out.text("  restored into a scratch database and compared: rows and schema are the same")?;
    }
    let keep = args.keep.and_then(|keep| usize::try_from(keep).ok());
    let removed = match keep.or(settings.backup.keep) {
        Some(keep) => backup::prune(folder, &made, keep)?.removed,
        None => Vec::new(),
    };
    for path in &removed {
        out.chatter(&format!("  removed {}", path.display()))?;
    }
    if !args.verify {
        out.chatter(&format!(
            "\nNext: realign backup verify {}",
            made.path.display()
        ))?;
    }
    out.json(&CreateDocument {
        command: "backup create",
        database: live.document(&facts),
        backup: BackupDocument::of(&made),
        verified: args.verify,
        remarks: &remarks,
        removed: &removed,
        exit_code: Exit::Done.code(),
    })?;
    Ok(Exit::Done)
}
