//! The release that a database is at, and the journal of upgrades, in the database itself: who
//! comes from another machine, or finds the folder of the journal gone, reads it there.

use realign_planner::{BookColumn, BookType, UPGRADES_TABLE, Value};
use serde::Serialize;

use super::State;
use super::journal::now;
use crate::kernel::Site;
use crate::{Connection, Error};

const COLUMNS: [BookColumn; 8] = [
    BookColumn::new("id", BookType::Text(32)),
    BookColumn::new("begun", BookType::Text(32)),
    BookColumn::new("changed", BookType::Text(32)),
    BookColumn::new("outcome", BookType::Text(16)),
    BookColumn::new("from_release", BookType::Text(191)),
    BookColumn::new("to_release", BookType::Text(191)),
    BookColumn::new("reached", BookType::Text(191)),
    BookColumn::new("state", BookType::Long),
];

/// What a database says of the release that it is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// The release, as git names it.
    pub release: String,
    /// Since when, UTC.
    pub since: String,
    /// The upgrade that brought it there.
    pub upgrade: String,
    /// How that upgrade stands.
    pub outcome: String,
    /// Where it was to go.
    pub to: String,
}

/// What the database says of its release. Writes nothing.
pub fn recorded(connection: &mut Connection, site: &Site) -> Result<Option<Recorded>, Error> {
    if !site.has_table(connection, UPGRADES_TABLE)? {
        return Ok(None);
    }
    let rows = connection.query(&format!(
        "SELECT reached, changed, id, outcome, to_release FROM {UPGRADES_TABLE} \
         WHERE id = (SELECT MAX(id) FROM {UPGRADES_TABLE})"
    ))?;
    let text = |row: &[Value], at: usize| {
        row.get(at)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Ok(rows.rows.first().map(|row| Recorded {
        release: text(row, 0),
        since: text(row, 1),
        upgrade: text(row, 2),
        outcome: text(row, 3),
        to: text(row, 4),
    }))
}

/// The database's own copy of the last upgrade's journal. Writes nothing.
pub fn copy(connection: &mut Connection, site: &Site) -> Result<Option<State>, Error> {
    if !site.has_table(connection, UPGRADES_TABLE)? {
        return Ok(None);
    }
    let text = connection.scalar(&format!(
        "SELECT state FROM {UPGRADES_TABLE} WHERE id = (SELECT MAX(id) FROM {UPGRADES_TABLE})"
    ))?;
    let state: Option<State> = text
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok());
    Ok(state.filter(State::is_known))
}

/// Writes an upgrade's journal into the database.
pub fn record(connection: &mut Connection, site: &Site, state: &State) -> Result<(), Error> {
    let book = site.book();
    if !site.has_table(connection, UPGRADES_TABLE)? {
        let create = book.create_table(UPGRADES_TABLE, &COLUMNS, "id", &site.facts);
        connection.query(&create).map_err(|error| {
            let busy = error.refusal().is_some_and(|refusal| refusal.retryable);
            error.with_help(if busy {
                "somebody else writes to this database: wait until they are done, then go on"
            } else {
                "Realign records the release in a table of this database: the account needs the right to create tables"
            })
        })?;
    }
    let mut kept = state.clone();
    // A configuration may hold a password in plain words: it stays in the file, which only its
    // owner can read.
    kept.configuration = None;
    let columns: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    let values = [
        state.id.clone(),
        state.begun.clone(),
        now(),
        state.outcome.word().to_owned(),
        state.from.tag.clone(),
        state.target().tag.clone(),
        state.reached().tag.clone(),
        serde_json::to_string(&kept).unwrap_or_default(),
    ];
    let literals: Vec<String> = values.iter().map(|value| book.text(value)).collect();
    connection.query(&book.insert_missing(UPGRADES_TABLE, &columns, &literals))?;
    let assignments: Vec<String> = columns
        .iter()
        .zip(&literals)
        .skip(1)
        .map(|(column, value)| format!("{column} = {value}"))
        .collect();
    connection.query(&format!(
        "UPDATE {UPGRADES_TABLE} SET {} WHERE id = {}",
        assignments.join(", "),
        literals[0]
    ))?;
    Ok(())
}
