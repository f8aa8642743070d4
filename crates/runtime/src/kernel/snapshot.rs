//! What the catalogue shows of objects, short enough for a record.

use std::fmt::Write as _;

use realign_planner::{Effect, Nature, Value};
use sha2::{Digest as _, Sha256};

use super::Site;
use crate::{Answer, Connection, Error, SqlError};

/// A query that was asked a moment ago, and its answer.
pub(super) type Seen = (String, Result<Answer, SqlError>);

/// What the catalogue shows of what a statement touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// All of it, as a checksum.
    pub(super) sum: String,
    /// The statement does nothing but make objects, and none of them is there.
    pub(super) absent: bool,
}

/// What the catalogue shows of the objects that a statement touches; none when none of them can
/// be looked at. What has been seen is not asked again.
pub(super) fn snapshot(
    connection: &mut Connection,
    site: &Site,
    nature: &Nature,
    mut seen: Option<Seen>,
) -> Result<Option<Shown>, Error> {
    let book = site.book();
    let mut digest = Sha256::new();
    let mut looked = false;
    let mut missing = Vec::new();
    for object in &nature.touches {
        let mut seen_of_it = None;
        for query in book.definition(object, &site.facts) {
            looked = true;
            digest.update(query.as_bytes());
            let answer = match seen.take_if(|(asked, _)| *asked == query) {
                Some((_, answer)) => answer,
                None => connection.run(&query)?,
            };
            match answer {
                Ok(answer) => {
                    *seen_of_it.get_or_insert(false) |= !answer.rows.rows.is_empty();
                    for value in answer.rows.rows.iter().flatten() {
                        digest.update(match value {
                            Value::Text(text) => book.plain_definition(text),
                            other => other.display(),
                        });
                        digest.update([0]);
                    }
                }
                // It is not there, or it is another kind of object.
                Err(refusal) => {
                    seen_of_it.get_or_insert(false);
                    digest.update(refusal.code);
                }
            }
            digest.update([1]);
        }
        if seen_of_it == Some(false) {
            missing.push(object);
        }
    }
    if !looked {
        return Ok(None);
    }
    let mut text = String::new();
    for byte in digest.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    let made = |effect: &Effect| match effect {
        Effect::Object(object, true) => missing.contains(&object),
        Effect::Object(_, false) | Effect::Column { .. } | Effect::Index { .. } => false,
    };
    Ok(Some(Shown {
        sum: text,
        absent: !nature.effects.is_empty() && nature.effects.iter().all(made),
    }))
}
