//! Tables that an interrupted run left behind.

use realign::planner::{Facts, Value};
use realign::runtime::Connection;

use super::Report;

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
