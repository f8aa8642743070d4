//! `realign backup restore`.

use std::path::{Path, PathBuf};

use realign::runtime::backup::{self, Create, Load, Manifest, Since};
use realign::runtime::kernel::Site;
use realign::runtime::{Error, ErrorKind, Stop};
use serde::Serialize;

use super::{BackupDocument, content, found, moment};
use crate::args::BackupRestoreArgs;
use crate::commands::locked::Locked;
use crate::commands::schema::context::Live;
use crate::exit::{self, Exit};
use crate::report::Out;
use crate::report::document::DatabaseDocument;
use crate::settings::Settings;

/// How many tables are named before the rest is only counted.
const NAMED: usize = 20;

/// `backup restore --format json`.
#[derive(Debug, Serialize)]
struct RestoreDocument<'a> {
    command: &'static str,
    database: DatabaseDocument,
    backup: BackupDocument<'a>,
    /// What of the rows was written since, a line for each table.
    since: Vec<String>,
    /// The backup of what was replaced.
    safety_backup: Option<PathBuf>,
    remarks: Vec<String>,
    exit_code: u8,
}

pub(super) fn run(args: &BackupRestoreArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let path = found(&args.file, settings);
    let read = backup::read(&path)?;
    if args.into.is_none() && settings.database_place().is_none() {
        return Err(exit::usage(
            "no database is named that the backup could be restored into",
            "give --into URL with an empty database, or --database-url URL and --into-same",
        ));
    }
    let mut live = match &args.into {
        Some(url) => Live::open_or_new(settings.target_of(url)?)?,
        None => Live::configured(settings)?,
    };
    let facts = live.facts(settings)?;
    let site = live.site(&facts);
    if args.into.is_none() && !args.into_same {
        return refuse(&site, &path, &read.manifest, out);
    }
    let locked = Locked::take(&site, &mut live.connection, "backup restore", settings, out)?;
    let stop = &locked.stop;
    let how = if args.into_same {
        Load::Replace
    } else {
        Load::Empty
    };
    let mut since = Vec::new();
    let mut safety = None;
    if how == Load::Replace {
        let shown = live.shown(&facts);
        let now = if args.no_safety_backup {
            backup::present(&site, folder_of(&path), stop)?
        } else {
            // A file that is no whole backup ends it before the present state is written out.
            backup::check(&path, stop)?;
            out.chatter(&format!("First a backup of {shown} as it is now"))?;
            let made = backup::create(
                &site,
                &Create {
                    folder: &settings.backup.folder,
                    label: Some(&format!("before {} was restored", read.manifest.made)),
                },
                stop,
            )?;
            out.text(&format!(
                "  {} -> {}",
                content(&made.manifest),
                made.path.display()
            ))?;
            safety = Some(made.path);
            made.manifest.tables
        };
        let differing = backup::written_since(&read.manifest.tables, &now);
        since = lines(&differing);
        if since.is_empty() {
            out.chatter("No row was written since that backup.")?;
        } else {
            out.text(&format!(
                "Written since that backup ({} UTC), and replaced by what it holds:",
                moment(&read.manifest.made)
            ))?;
            out.text(&named(&since))?;
        }
    }
    let mut told = Ok(());
    let restored = backup::restore(&site, &path, how, stop, &mut |line| {
        if told.is_ok() {
            told = out.chatter(&format!("  {line}"));
        }
    });
    let restored = restored.map_err(|error| match &safety {
        Some(path) => error.with_note(format!("what was there before is in {}", path.display())),
        None => error,
    })?;
    told?;
    for remark in &restored.remarks {
        out.notice(&format!("note: {remark}"))?;
    }
    for left in &read.manifest.left_out {
        out.notice(&format!(
            "note: the view {} was broken when the backup was made and is not in it ({}); it was\n  {}",
            left.name, left.why, left.definition
        ))?;
    }
    out.text(&format!(
        "{} holds the backup now: {}, compared with what was backed up.",
        site.connect.display(),
        content(&read.manifest)
    ))?;
    out.json(&RestoreDocument {
        command: "backup restore",
        database: live.document(&facts),
        backup: BackupDocument::of(&read),
        since,
        safety_backup: safety,
        remarks: restored.remarks,
        exit_code: Exit::Done.code(),
    })?;
    Ok(Exit::Done)
}

/// Says what a restore into the same database would take back, and changes nothing.
fn refuse(site: &Site, path: &Path, manifest: &Manifest, out: Out) -> anyhow::Result<Exit> {
    let stop = Stop::on_signals()?;
    out.chatter(&format!(
        "Comparing {} with the backup of {} UTC",
        site.connect.display(),
        moment(&manifest.made)
    ))?;
    let now = backup::present(site, folder_of(path), &stop)?;
    let since = lines(&backup::written_since(&manifest.tables, &now));
    let mut error = Error::new(
        ErrorKind::Refused,
        format!(
            "restoring replaces everything in {}",
            site.connect.display()
        ),
    );
    error = match since.len() {
        0 => error.with_note("no row was written since the backup"),
        _ => error
            .with_note("written since the backup:")
            .with_note(named(&since)),
    };
    Err(error
        .with_note("nothing was changed")
        .with_help("--into-same restores it all the same, --into URL fills another, empty database")
        .into())
}

fn lines(since: &[Since]) -> Vec<String> {
    since.iter().map(ToString::to_string).collect()
}

fn named(lines: &[String]) -> String {
    let mut text: Vec<String> = lines
        .iter()
        .take(NAMED)
        .map(|line| format!("  {line}"))
        .collect();
    if lines.len() > NAMED {
        text.push(format!("  and {} more tables", lines.len() - NAMED));
    }
    text.join("\n")
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
