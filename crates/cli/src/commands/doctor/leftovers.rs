//! What an interrupted run left behind: tables of a half-made change, scratch databases, files.

use std::sync::Arc;

use realign::planner::{Facts, Value};
use realign::runtime::{Connect, Connection, Stop, Target, backup};

use super::Report;
use crate::commands::locked;
use crate::settings::Settings;

/// A query by vendor for tables that only ever exist in the middle of a step.
const QUERIES: &[(&[&str], &str)] = &[
    (
        &["sqlite"],
        "SELECT name FROM sqlite_schema WHERE type = 'table' \
         AND (name LIKE '\\_\\_temp\\_\\_%' ESCAPE '\\' OR name LIKE '\\_\\_realign\\_%' ESCAPE '\\') ORDER BY name",
    ),
    (
        &["mysql", "mariadb"],
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() \
         AND (TABLE_NAME LIKE '#sql%' OR TABLE_NAME LIKE '\\_\\_temp\\_\\_%' OR TABLE_NAME LIKE '\\_\\_realign\\_%') ORDER BY TABLE_NAME",
    ),
];

/// Sweeps scratch databases and half-written backups whose maker is gone. That is all that
/// `doctor` ever writes.
pub(super) fn sweep(
    target: &Target,
    facts: &Facts,
    settings: &Settings,
    report: &mut Report,
) -> anyhow::Result<()> {
    let swept = || -> Result<backup::Swept, realign::runtime::Error> {
        let engine = realign::engine(target)?;
        let connect: Arc<dyn Connect> = engine.connect(target)?.into();
        let site = locked::site(engine, &connect, facts);
        backup::sweep(&site, &settings.backup.folder, &Stop::new())
    };
    let swept = match swept() {
        Ok(swept) => swept,
        Err(error) => {
            return report.say("scratch", super::State::Skipped, error.message, error.help);
        }
    };
    if !swept.unknown.is_empty() {
        return report.note(
            "scratch",
            format!(
                "made on another system, which may still use them: {}",
                swept.unknown.join(", ")
            ),
            "when no realign runs there any more, drop these databases",
        );
    }
    match swept.gone.as_slice() {
        [] => report.fine("scratch", "none left behind"),
        gone => report.fine(
            "scratch",
            format!("a killed run had left {}; removed", gone.join(", ")),
        ),
    }
}

/// Tables that only ever exist in the middle of a step.
pub(super) fn check(
    connection: &mut Connection,
    facts: &Facts,
    report: &mut Report,
) -> anyhow::Result<()> {
    let Some((_, sql)) = QUERIES
        .iter()
        .find(|(vendors, _)| vendors.contains(&facts.vendor.as_str()))
    else {
        return Ok(());
    };
    let names: Vec<String> = match connection.run(sql)? {
        Ok(answer) => answer
            .rows
            .rows
            .iter()
            .filter_map(|row| row.first().map(Value::display))
            .collect(),
        Err(refusal) => {
            return report.say(
                "leftovers",
                super::State::Skipped,
                refusal.to_string(),
                None,
            );
        }
    };
    if names.is_empty() {
        return report.fine("leftovers", "none");
    }
    report.note(
        "leftovers",
        format!("an interrupted change left {}", names.join(", ")),
        "compare each with the table it was made from, then drop it",
    )
}
