//! What the catalogue shows of objects, short enough for a record.

use std::fmt::Write as _;

use realign_planner::{ObjectRef, Value};
use sha2::{Digest as _, Sha256};

use super::Site;
use crate::{Answer, Connection, Error, SqlError};

/// A query that was asked a moment ago, and its answer.
pub(super) type Seen = (String, Result<Answer, SqlError>);

/// What the catalogue shows of these objects, as a checksum; none when none of them can be
/// looked at. What has been seen is not asked again.
pub(super) fn snapshot(
    connection: &mut Connection,
    site: &Site,
    objects: &[ObjectRef],
    mut seen: Option<Seen>,
) -> Result<Option<String>, Error> {
    let book = site.book();
    let mut digest = Sha256::new();
    let mut looked = false;
    for object in objects {
        for query in book.definition(object, &site.facts) {
            looked = true;
            digest.update(query.as_bytes());
            let answer = match seen.take_if(|(asked, _)| *asked == query) {
                Some((_, answer)) => answer,
                None => connection.run(&query)?,
            };
            match answer {
                Ok(answer) => {
                    for value in answer.rows.rows.iter().flatten() {
                        digest.update(match value {
                            Value::Text(text) => book.plain_definition(text),
                            other => other.display(),
                        });
                        digest.update([0]);
                    }
                }
                // It is not there, or it is another kind of object.
                Err(refusal) => digest.update(refusal.code),
            }
            digest.update([1]);
        }
    }
    if !looked {
        return Ok(None);
    }
    let mut text = String::new();
    for byte in digest.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(Some(text))
}
