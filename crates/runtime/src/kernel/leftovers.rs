//! What a statement that did not come to its end has left unfinished.

use realign_planner::{ObjectKind, ObjectRef, Value};

use super::Site;
use crate::{Connection, Error};

/// What is unfinished of these objects before a statement of ours begins, as the statements that
/// would take it away: it is not this statement's. Of an object that the statement names itself
/// nothing is asked: who runs it wants that one.
pub(super) fn unfinished(
    connection: &mut Connection,
    site: &Site,
    objects: &[ObjectRef],
) -> Result<Vec<String>, Error> {
    if names_an_index(objects) {
        return Ok(Vec::new());
    }
    remains(connection, site, objects)
}

/// Takes away what a failed try left of these objects, except for what was there before it; true
/// when there was something.
pub(super) fn clean(
    connection: &mut Connection,
    site: &Site,
    objects: &[ObjectRef],
    before: &[String],
) -> Result<bool, Error> {
    let mut found = false;
    for sql in remains(connection, site, objects)? {
        if !before.contains(&sql) {
            connection.query(&sql)?;
            found = true;
        }
    }
    Ok(found)
}

fn remains(
    connection: &mut Connection,
    site: &Site,
    objects: &[ObjectRef],
) -> Result<Vec<String>, Error> {
    let mut statements = Vec::new();
    let named = names_an_index(objects);
    for object in objects {
        // An unfinished index of the table may be another's that is being built right now.
        if named && object.kind != ObjectKind::Index {
            continue;
        }
        let Some(query) = site.book().leftover(object) else {
            continue;
        };
        let rows = connection.query(&query)?.rows;
        let first = |row: &Vec<Value>| row.first().and_then(Value::as_str).map(str::to_owned);
        statements.extend(rows.iter().filter_map(first));
    }
    Ok(statements)
}

fn names_an_index(objects: &[ObjectRef]) -> bool {
    objects
        .iter()
        .any(|object| object.kind == ObjectKind::Index)
}
