//! What an account has to be allowed so that its dump is whole.

use realign_planner::Value;
use realign_runtime::{Connection, Error, ErrorKind};

/// Rows for each right on triggers that this account has on this database.
const TRIGGER: &str = "\
SELECT GRANTEE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'TRIGGER' \
UNION ALL SELECT GRANTEE FROM information_schema.SCHEMA_PRIVILEGES \
WHERE PRIVILEGE_TYPE = 'TRIGGER' AND DATABASE() LIKE TABLE_SCHEMA \
UNION ALL SELECT GRANTEE FROM information_schema.TABLE_PRIVILEGES \
WHERE PRIVILEGE_TYPE = 'TRIGGER' AND TABLE_SCHEMA = DATABASE()";

/// Refuses an account that is shown no triggers: the server hides them without a word, and a dump
/// without them looks whole. All else that an account may not see makes the dump program fail.
pub(super) fn sees_triggers(connection: &mut Connection) -> Result<(), Error> {
    let account = connection.scalar("SELECT CURRENT_USER()")?.display();
    let own = match account.rsplit_once('@') {
        Some((name, host)) => format!("'{name}'@'{host}'"),
        None => account.clone(),
    };
    let found = connection.query(TRIGGER)?;
    let granted = found
        .rows
        .iter()
        .filter_map(|row| row.first().map(Value::display))
        .any(|grantee| grantee == own);
    if granted || has_role(connection)? {
        return Ok(());
    }
    let database = connection.scalar("SELECT DATABASE()")?.display();
    Err(Error::new(
        ErrorKind::Refused,
        format!("{account} may not see the triggers of {database}: a backup would be without them"),
    )
    .with_help(format!(
        "an administrator can GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `{database}`.* TO {own}"
    )))
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
