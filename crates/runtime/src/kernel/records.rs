//! Rows of the table of runs, written by nobody but the holder of the lock.

use realign_planner::RUNS_TABLE;

use super::runs::{RunKind, RunOutcome};
use super::{Guard, Site};
use crate::{Connection, Error};

/// Writes in one transaction of its own, for nobody but the holder of the lock.
pub(super) fn fenced<T>(
    guard: &Guard,
    connection: &mut Connection,
    write: impl Fn(&mut Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    connection.query(guard.site().book().begin())?;
    let written = guard.fence(connection).and_then(|()| {
        let written = write(connection)?;
        connection.query("COMMIT")?;
        Ok(written)
    });
    if written.is_err() {
        // What failed is what has to be told.
        let _ = connection.run("ROLLBACK");
    }
    written
}

/// The row of a new run; its number.
pub(super) fn insert(
    guard: &Guard,
    connection: &mut Connection,
    kind: RunKind,
    work: Option<&str>,
) -> Result<i64, Error> {
    let site = guard.site();
    let book = site.book();
    connection.query(&format!(
        "UPDATE {RUNS_TABLE} SET outcome = {}, finished = {} WHERE outcome = {}",
        book.text(RunOutcome::Abandoned.word()),
        book.text(&now()),
        book.text(RunOutcome::Running.word()),
    ))?;
    let last = connection
        .scalar(&format!("SELECT MAX(id) FROM {RUNS_TABLE}"))?
        .as_int()
        .unwrap_or(0);
    let id = last + 1;
    let owner = serde_json::to_string(guard.owner()).unwrap_or_default();
    connection.query(&format!(
        "INSERT INTO {RUNS_TABLE} (id, kind, command, owner, started, outcome, unit, done) \
         VALUES ({id}, {}, {}, {}, {}, {}, 0, 0)",
        book.text(kind.word()),
        book.text(&guard.owner().command),
        book.text(&owner),
        book.text(&now()),
        book.text(RunOutcome::Running.word()),
    ))?;
    if let Some(work) = work {
        write_work(site, connection, id, work)?;
    }
    Ok(id)
}

/// Writes what a run is to do, in parts where it is long.
pub(super) fn write_work(
    site: &Site,
    connection: &mut Connection,
    id: i64,
    work: &str,
) -> Result<(), Error> {
    let book = site.book();
    for (at, chunk) in chunks(work).enumerate() {
        let text = book.text(chunk);
        let text = if at == 0 {
            text
        } else {
            book.joined("work", &text)
        };
        connection.query(&format!(
            "UPDATE {RUNS_TABLE} SET work = {text} WHERE id = {id}"
        ))?;
    }
    Ok(())
}

/// How much of a long text one statement carries: servers take no packet of any size.
const CHUNK: usize = 512 * 1024;

/// A text in parts of about that size.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len().min(CHUNK);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (chunk, after) = rest.split_at(end);
        rest = after;
        Some(chunk)
    })
}

pub(super) fn optional(site: &Site, text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), |text| site.book().text(text))
}

pub(super) fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_comes_in_parts() {
        let text = "é".repeat(CHUNK);
        let parts: Vec<&str> = chunks(&text).collect();
        assert!(parts.len() >= 2);
        assert_eq!(parts.concat(), text);
        assert_eq!(chunks("").count(), 0);
    }
}
