//! What a run can't promise on this server, said before its first statement.

use realign::runtime::Connection;
use realign::runtime::kernel::{Site, weak_durability};
use realign::runtime::migrate::{Job, Loaded};

use crate::report::Out;
use crate::report::style::one_line;

/// Says when a crash could leave a statement of which nothing can tell whether it ran.
pub(super) fn told(
    out: Out,
    connection: &mut Connection,
    site: &Site,
    loaded: &[Loaded],
) -> anyhow::Result<()> {
    let weak = weak_durability(connection, site)?;
    if !weak.is_empty() {
        out.notice(&format!(
            "warning: at {} a crash of the server can take back what it has confirmed; a run that \
             is cut by one may have to ask whether its last statement ran (`realign doctor` names the mend)",
            weak.join(", ")
        ))?;
    }
    let commits = loaded
        .iter()
        .flat_map(|migration| &migration.unit.statements)
        .any(|statement| statement.nature.commits);
    if commits && !site.book().atomic_definitions(&site.facts) {
        out.notice(&format!(
            "warning: {} that is killed may leave half of a definition behind; a run that is cut \
             then has to ask whether its last statement ran",
            realign::product(&site.facts)
        ))?;
    }
    Ok(())
}

/// True when all can be one transaction; says why when not.
pub(super) fn together(
    out: Out,
    connection: &mut Connection,
    job: &Job<'_>,
) -> anyhow::Result<bool> {
    let why = if job.can_be_together() {
        match job.outside(connection)?.as_slice() {
            [] => return Ok(true),
            [table] => format!("the table {table} takes no part in transactions"),
            tables => format!(
                "the tables {} take no part in transactions",
                tables.join(", ")
            ),
        }
    } else if let Some((migration, statement)) = job.alone() {
        format!(
            "`{}` of {} has no place in a transaction",
            one_line(&statement.sql, 60),
            migration.version
        )
    } else {
        "this engine commits definitions by themselves".to_owned()
    };
    out.notice(&format!(
        "warning: {why}, so that all-or-nothing can't be kept; a run that stops goes on where it stopped"
    ))?;
    Ok(false)
}
