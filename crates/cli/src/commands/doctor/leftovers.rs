//! What an interrupted run left behind: tables and indexes of a half-made change, scratch
//! databases, files.

use std::sync::Arc;

use realign::planner::{Facts, Value};
use realign::runtime::{Connect, Connection, Stop, Target, backup};

use super::Report;
use crate::commands::locked;
use crate::settings::Settings;

/// What a change that was interrupted leaves on servers of these vendors.
struct Trace {
    vendors: &'static [&'static str],
    /// A query for what is there of it now.
    query: &'static str,
    /// What to do about it.
    mend: &'static str,
}

/// Tables that only ever exist in the middle of a step, and indexes that nobody builds any more.
const TRACES: &[Trace] = &[
    Trace {
        vendors: &["sqlite"],
        query: "SELECT name FROM sqlite_schema WHERE type = 'table' \
                AND (name LIKE '\\_\\_temp\\_\\_%' ESCAPE '\\' OR name LIKE '\\_\\_realign\\_%' ESCAPE '\\') ORDER BY name",
        mend: TABLES,
    },
    Trace {
        vendors: &["mysql", "mariadb"],
        query: "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() \
                AND (TABLE_NAME LIKE '#sql%' OR TABLE_NAME LIKE '\\_\\_temp\\_\\_%' OR TABLE_NAME LIKE '\\_\\_realign\\_%') ORDER BY TABLE_NAME",
        mend: TABLES,
    },
    // One that is being built is INVALID as well.
    Trace {
        vendors: &["postgresql"],
        query: "SELECT 'INVALID index ' || i.indexrelid::regclass FROM pg_index i \
                JOIN pg_class c ON c.oid = i.indexrelid \
                WHERE NOT i.indisvalid AND c.relkind = 'i' AND NOT EXISTS \
                (SELECT 1 FROM pg_stat_progress_create_index p \
                WHERE p.datname = current_database() AND p.relid = i.indrelid) ORDER BY 1",
        mend: "writers keep each up and no query uses it: DROP INDEX CONCURRENTLY it, and build it anew where it is \
               missing; one that ends in _ccnew or _ccold is a twin that REINDEX left",
    },
];

/// Tables have rows.
const TABLES: &str = "compare each with the table it was made from, then drop it";

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

/// Looks for what an interrupted change has left.
pub(super) fn check(
    connection: &mut Connection,
    facts: &Facts,
    report: &mut Report,
) -> anyhow::Result<()> {
    let vendor = facts.vendor.as_str();
    let Some(trace) = TRACES.iter().find(|t| t.vendors.contains(&vendor)) else {
        return Ok(());
    };
    let names: Vec<String> = match connection.run(trace.query)? {
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
        trace.mend,
    )
}
