//! `realign migrations verify`: do the files still say what was executed?

use realign::planner::migration::{Direction, Version};
use realign::planner::{Diagnostic, Severity};
use realign::runtime::Error;
use realign::runtime::migrate::Loader;
use serde::Serialize;

use super::context::Context;
use super::engines;
use crate::args::VerifyArgs;
use crate::config::{Late, Transaction};
use crate::exit::Exit;
use crate::report::Out;
use crate::report::style::{BAD, CARE, GOOD, count, paint};
use crate::settings::Settings;

#[derive(Debug, Default, Serialize)]
struct VerifyDocument {
    command: &'static str,
    ok: bool,
    /// Executed, and the file says something else now.
    changed: Vec<Version>,
    /// Older than the current one and not executed.
    late: Vec<Version>,
    /// Executed without a file.
    unavailable: Vec<Version>,
    /// Executed when nobody kept a checksum.
    unknown: usize,
    /// The file is the one that was executed.
    same: usize,
    /// Files with mistakes; of those that are not executed, any that a run would refuse.
    broken: Vec<Version>,
}

/// Compares files with what was recorded. Writes nothing.
pub(super) fn run(args: &VerifyArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    context.without_folder()?;
    let details = match &mut context.base {
        Some(base) => context
            .history
            .details(&mut base.live.connection, &base.site)?,
        None => std::collections::BTreeMap::new(),
    };
    let placeholders = context.placeholders(&args.set)?;
    let site = context.site()?;
    let loader = Loader {
        site: &site,
        directory: &context.directory,
        placeholders: &placeholders,
        transactions: settings.migrations.transaction != Transaction::None,
    };
    let mut document = VerifyDocument {
        command: "migrations verify",
        ..VerifyDocument::default()
    };
    let mut problems = Vec::new();
    for (version, entry) in &context.directory.entries {
        let (checksum, mut found) = loader.checksum(entry)?;
        if !context.overview.is_executed(version) {
            mistakes(&loader, version, &mut found)?;
        }
        if found
            .iter()
            .any(|problem| problem.severity == Severity::Error)
        {
            document.broken.push(version.clone());
        }
        problems.extend(found);
        if !context.overview.is_executed(version) {
            continue;
        }
        match details
            .get(version.as_str())
            .and_then(|detail| detail.checksum.as_ref())
        {
            None => document.unknown += 1,
            Some(recorded) if *recorded == checksum => document.same += 1,
            Some(_) => document.changed.push(version.clone()),
        }
    }
    if let Some(current) = context.overview.current() {
        document.late = context
            .overview
            .fresh()
            .filter(|version| *version < current)
            .cloned()
            .collect();
    }
    document.unavailable = context
        .overview
        .unavailable()
        .map(|row| row.version.clone())
        .collect();
    let late_is_wrong = settings.migrations.late == Late::Error && !document.late.is_empty();
    document.ok = document.changed.is_empty() && document.broken.is_empty() && !late_is_wrong;
    out.diagnostics(&problems)?;
    out.text(&page(&document))?;
    out.json(&document)?;
    Ok(if document.ok {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// What a run of this one would find before its first statement, either way.
fn mistakes(
    loader: &Loader<'_>,
    version: &Version,
    found: &mut Vec<Diagnostic>,
) -> Result<(), Error> {
    for direction in [Direction::Up, Direction::Down] {
        let problems = match loader.load(std::slice::from_ref(version), direction)? {
            Ok(loaded) => engines::unknown(&loaded),
            Err(problems) => problems,
        };
        for problem in problems {
            if !found.contains(&problem) {
                found.push(problem);
            }
        }
    }
    Ok(())
}

fn page(document: &VerifyDocument) -> String {
    let mut lines = vec![format!(
        "{}  {} as {} executed",
        paint(GOOD, "same"),
        count(document.same, "file"),
        if document.same == 1 {
            "it was"
        } else {
            "they were"
        }
    )];
    if document.unknown > 0 {
        lines.push(format!(
            "      {} executed when no checksum was kept",
            count(document.unknown, "migration")
        ));
    }
    for version in &document.changed {
        lines.push(format!(
            "{}  {version} says something else than what was executed",
            paint(BAD, "changed")
        ));
    }
    for version in &document.broken {
        lines.push(format!("{}  {version} can't be run", paint(BAD, "broken")));
    }
    for version in &document.late {
        lines.push(format!(
            "{}  {version} is older than the current one and not executed",
            paint(CARE, "late")
        ));
    }
    for version in &document.unavailable {
        lines.push(format!(
            "gone  {version} was executed and has no file any more"
        ));
    }
    if !document.changed.is_empty() {
        lines.push(
            "\nNext: put the files back as they were, and write what is new into a new migration"
                .to_owned(),
        );
    }
    lines.join("\n")
}
