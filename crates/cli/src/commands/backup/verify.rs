//! `realign backup verify`.

use realign::runtime::Stop;
use realign::runtime::backup::{self, Verified};
use serde::Serialize;

use super::{BackupDocument, content, found, moment, size};
use crate::args::BackupVerifyArgs;
use crate::commands::schema::context::Live;
use crate::exit::{self, Exit};
use crate::report::Out;
use crate::settings::Settings;

/// `backup verify --format json`.
#[derive(Debug, Serialize)]
struct VerifyDocument<'a> {
    command: &'static str,
    backup: BackupDocument<'a>,
    /// It was loaded into a scratch database and compared; false when the file alone was read.
    restored: bool,
    remarks: &'a [String],
    exit_code: u8,
}

pub(super) fn run(args: &BackupVerifyArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let path = found(&args.file, settings);
    let stop = Stop::on_signals()?;
    let verified = if args.file_only {
        Verified {
            backup: backup::check(&path, &stop)?,
            remarks: Vec::new(),
        }
    } else {
        if settings.database_place().is_none() {
            return Err(exit::usage(
                "a backup is verified in a scratch database, and no database is named whose server could hold one",
                "give --database-url URL, or read the file alone: --file-only",
            ));
        }
        let mut live = Live::configured(settings)?;
        let facts = live.facts(settings)?;
        let site = live.site(&facts);
        let mut told = Ok(());
        let verified = backup::verify(&site, &path, &stop, &mut |line| {
            if told.is_ok() {
                told = out.chatter(&format!("  {line}"));
            }
        })?;
        told?;
        verified
    };
    let manifest = &verified.backup.manifest;
    for remark in &manifest.remarks {
        out.notice(&format!("warning: {remark}"))?;
    }
    for remark in &verified.remarks {
        out.notice(&format!("note: {remark}"))?;
    }
    out.text(&format!(
        "{} is whole: {} of {}, made {} UTC, {}",
        path.display(),
        size(manifest.bytes),
        manifest.source,
        moment(&manifest.made),
        content(manifest)
    ))?;
    out.text(if args.file_only {
        "The file alone was read; without --file-only it is also loaded into a scratch database and compared."
    } else {
        "It was loaded into a scratch database: rows and schema are those that were backed up."
    })?;
    out.json(&VerifyDocument {
        command: "backup verify",
        backup: BackupDocument::of(&verified.backup),
        restored: !args.file_only,
        remarks: &verified.remarks,
        exit_code: Exit::Done.code(),
    })?;
    Ok(Exit::Done)
}
