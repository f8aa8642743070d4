//! Realign's own tables, asked in a way that tells when one of their names is somebody else's.

use realign_planner::{BookColumn, LockKind, Rows};

use super::Site;
use crate::{Answer, Connection, Error, ErrorKind, SqlError};

/// A statement on one of these tables: it waits no longer for others' locks than any other, also
/// where a session has no limit of its own.
pub(super) fn limited(
    connection: &mut Connection,
    site: &Site,
    sql: &str,
) -> Result<Result<Answer, SqlError>, Error> {
    let limits = match site.book().lock_kind() {
        LockKind::Lease => site.book().limits(None, None, &site.facts),
        LockKind::File => Vec::new(),
    };
    connection.run_between(&limits, sql, &[])
}

/// A query of one of these tables. Where it is refused as the table is not as Realign makes it,
/// that is what is told.
pub(super) fn own(
    connection: &mut Connection,
    site: &Site,
    (table, columns): (&str, &[BookColumn]),
    sql: &str,
) -> Result<Rows, Error> {
    let refusal = match limited(connection, site, sql)? {
        Ok(answer) => return Ok(answer.rows),
        Err(refusal) => refusal,
    };
    let error = Error::sql(sql, refusal);
    if error.kind == ErrorKind::Locked {
        return Err(error);
    }
    let Ok(there) = connection.run(&format!("SELECT * FROM {table} LIMIT 0"))? else {
        return Err(error);
    };
    let there = there.rows.columns;
    let lacking = columns.iter().find(|own| {
        let mut names = there.iter();
        !names.any(|name| name.eq_ignore_ascii_case(own.name))
    });
    let Some(lacking) = lacking else {
        return Err(error);
    };
    Err(Error::new(
        ErrorKind::Refused,
        format!(
            "the table {table} is not as Realign makes it: it has no column {}",
            lacking.name
        ),
    )
    .with_note(format!("its columns: {}", there.join(", ")))
    .with_help(format!(
        "give it another name: {table} is one that Realign keeps its books under"
    )))
}
