//! The server: its version, and whether there is a database.

use realign::planner::Facts;
use realign::runtime::Connection;

use super::Report;

/// The oldest supported version of each vendor.
const OLDEST: &[(&str, (u32, u32, u32))] = &[
    ("mysql", (5, 7, 0)),
    ("mariadb", (10, 6, 0)),
    ("postgresql", (13, 0, 0)),
    ("sqlite", (3, 37, 0)),
];

pub(super) fn check(
    connection: &mut Connection,
    facts: &Facts,
    report: &mut Report,
) -> anyhow::Result<()> {
    let product = realign::product(facts);
    match OLDEST.iter().find(|(vendor, _)| *vendor == facts.vendor) {
        Some((_, (major, minor, patch))) if !facts.version.at_least(*major, *minor, *patch) => {
            report.failed(
                "server",
                format!("{product} is older than the oldest supported version, {major}.{minor}"),
                "upgrade the server; until then nothing here is proven to work on it",
            )?;
        }
        Some(_) => report.fine("server", product)?,
        None => report.note(
            "server",
            format!("{product} is not a server that this version knows"),
            "compare the output of --dump-sql with care",
        )?,
    }
    // A server has many databases, and a session may be in none.
    if matches!(facts.vendor.as_str(), "mysql" | "mariadb")
        && connection
            .scalar("SELECT DATABASE()")
            .is_ok_and(|name| name.is_null())
    {
        report.failed(
            "database",
            "the session is in no database",
            "name it at the end of the URL: mysql://user@host/DATABASE",
        )?;
    }
    Ok(())
}
