//! What an account has to be allowed so that its dump is whole.

use realign_planner::{Facts, Value};
use realign_runtime::{Connection, Error, ErrorKind};

use crate::facts::MARIADB;

/// Rows for each right on triggers that this account has on this database.
const TRIGGER: &str = "\
SELECT GRANTEE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'TRIGGER' \
UNION ALL SELECT GRANTEE FROM information_schema.SCHEMA_PRIVILEGES \
WHERE PRIVILEGE_TYPE = 'TRIGGER' AND DATABASE() LIKE TABLE_SCHEMA \
UNION ALL SELECT GRANTEE FROM information_schema.TABLE_PRIVILEGES \
WHERE PRIVILEGE_TYPE = 'TRIGGER' AND TABLE_SCHEMA = DATABASE()";

/// Rows for each right by which this account is shown the routines of this database. Of those of
/// others it may be shown no more than the names: then the dump program fails and says so.
const ROUTINES: &str = "\
SELECT GRANTEE FROM information_schema.USER_PRIVILEGES \
WHERE PRIVILEGE_TYPE IN ('EXECUTE', 'ALTER ROUTINE', 'SHOW_ROUTINE', 'SHOW CREATE ROUTINE') \
UNION ALL SELECT GRANTEE FROM information_schema.SCHEMA_PRIVILEGES \
WHERE PRIVILEGE_TYPE IN ('EXECUTE', 'ALTER ROUTINE', 'SHOW CREATE ROUTINE') \
AND DATABASE() LIKE TABLE_SCHEMA";

/// Refuses an account that is shown no triggers: the server hides them without a word, and a dump
/// without them looks whole.
pub(super) fn sees_triggers(connection: &mut Connection) -> Result<(), Error> {
    if is_granted(connection, TRIGGER)? {
        return Ok(());
    }
    refused(connection, "triggers", |database, own| {
        format!("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `{database}`.* TO {own}")
    })
}

/// Refuses an account that is shown no routines: they are hidden in the same way. Events are not:
/// who may not see them makes the dump program fail.
pub(super) fn sees_routines(connection: &mut Connection, facts: &Facts) -> Result<(), Error> {
    let is_mariadb = facts.vendor == MARIADB;
    // Who reads the server's own table is shown all; MySQL has no such table any more.
    let all = connection.run("SELECT 1 FROM mysql.proc LIMIT 1")?.is_ok();
    if all || is_granted(connection, ROUTINES)? {
        return Ok(());
    }
    refused(connection, "procedures and functions", |_, own| {
        if is_mariadb {
            format!("GRANT SELECT ON mysql.proc TO {own}")
        } else {
            format!("GRANT SHOW_ROUTINE ON *.* TO {own}")
        }
    })
}

/// True when a query for rights names this account, or a role speaks for it.
fn is_granted(connection: &mut Connection, query: &str) -> Result<bool, Error> {
    let own = own(connection)?;
    let found = connection.query(query)?;
    let named = found
        .rows
        .iter()
        .filter_map(|row| row.first().map(Value::display))
        .any(|grantee| grantee == own);
    Ok(named || has_role(connection)?)
}

/// This account as the catalogue names grantees.
fn own(connection: &mut Connection) -> Result<String, Error> {
    let account = connection.scalar("SELECT CURRENT_USER()")?.display();
    Ok(match account.rsplit_once('@') {
        Some((name, host)) => format!("'{name}'@'{host}'"),
        None => account,
    })
}

fn refused(
    connection: &mut Connection,
    what: &str,
    grant: impl FnOnce(&str, &str) -> String,
) -> Result<(), Error> {
    let own = own(connection)?;
    let database = connection.scalar("SELECT DATABASE()")?.display();
    let account = own.replace('\'', "");
    Err(Error::new(
        ErrorKind::Refused,
        format!("{account} may not see the {what} of {database}: a backup would be without them"),
    )
    .with_help(format!("an administrator can {}", grant(&database, &own))))
}

/// True when the account acts under a role, whose rights are not told to everybody.
fn has_role(connection: &mut Connection) -> Result<bool, Error> {
    // Servers that know no roles refuse the question.
    let role = match connection.run("SELECT CURRENT_ROLE()")? {
        Ok(answer) => answer.rows.rows.into_iter().next(),
        Err(_) => None,
    };
    let role = role.and_then(|row| row.into_iter().next());
    Ok(role.is_some_and(|role| !matches!(role.display().as_str(), "NULL" | "NONE" | "")))
}
