//! Taking away what a statement half made, when a person says so.
//!
//! Only what the statement alone can have made is taken away: objects that were not there before
//! it, and no table that holds a row.

use realign_planner::{Effect, Nature, Removal};

use super::{Intent, RunRow, Site};
use crate::{Connection, Error, ErrorKind};

/// True when what there may be of an open statement can be taken away, as far as its text and
/// what was written down before it tell.
pub fn can_be_undone(site: &Site, intent: &Intent) -> bool {
    let nature = site.dialect.scripts().nature(&intent.sql, &site.facts);
    removals(site, intent, &nature).is_ok()
}

/// Takes away what there is of an open statement: the statements that did it. Where it can't be,
/// nothing is touched.
pub(super) fn undo(
    connection: &mut Connection,
    site: &Site,
    run: &RunRow,
    intent: &Intent,
    nature: &Nature,
) -> Result<Vec<String>, Error> {
    let command = run.kind.command();
    let refused = |why: String| {
        Error::new(
            ErrorKind::Refused,
            format!("the open statement can't be undone: {why}"),
        )
        .with_note(format!("statement: {}", intent.sql))
        .with_note("nothing was changed")
        .with_help(format!(
            "look whether it ran, then say so: `{command} --settle ran` or `{command} --settle did-not-run`"
        ))
    };
    let removals = removals(site, intent, nature).map_err(|why| refused(why.to_owned()))?;
    let mut statements = Vec::new();
    for (name, queries, removal) in removals {
        let mut there = false;
        for query in queries {
            there |= connection
                .run(&query)?
                .is_ok_and(|answer| !answer.rows.rows.is_empty());
        }
        if !there {
            continue;
        }
        if let Some(look) = &removal.holds {
            match connection.run(look)? {
                Ok(answer) if answer.rows.rows.is_empty() => {}
                Ok(_) => return Err(refused(format!("{name} holds rows"))),
                Err(refusal) if removal.hollow.contains(&refusal.code.as_str()) => {}
                Err(refusal) => {
                    return Err(refused(format!(
                        "whether {name} holds rows can't be told: {refusal}"
                    )));
                }
            }
        }
        statements.push(removal.sql);
    }
    for sql in &statements {
        connection.query(sql)?;
    }
    Ok(statements)
}

type Removals = Vec<(String, Vec<String>, Removal)>;

/// For each object that the statement makes, the last one first: its name, the queries that show
/// it and how it is taken away; or why that can't be.
fn removals(site: &Site, intent: &Intent, nature: &Nature) -> Result<Removals, &'static str> {
    if intent.rows {
        return Err("it changes rows, and which of them it has changed is not known");
    }
    if nature.effects.is_empty() {
        return Err("what it does can't be told from its text");
    }
    let book = site.book();
    let mut removals = Vec::new();
    for effect in nature.effects.iter().rev() {
        let object = match effect {
            Effect::Object(object, true) => object,
            Effect::Object(_, false) | Effect::Column { .. } | Effect::Index { .. } => {
                return Err(
                    "it changes or drops something, and only what is made anew can be taken away again",
                );
            }
        };
        let removal = book
            .removal(object)
            .ok_or("taking away what it makes could take more along")?;
        let queries = book.definition(object, &site.facts);
        removals.push((object.name.clone(), queries, removal));
    }
    if !intent.absent {
        return Err("what it makes was there before it, or could not be looked at");
    }
    Ok(removals)
}
