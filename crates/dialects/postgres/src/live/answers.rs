//! What a message's answers are made of.

use realign_planner::{Rows, Value};
use realign_runtime::Answer;
use tokio_postgres::{Error, SimpleQueryMessage};

use super::client::Client;

/// One statement with so many before and after it; its rows as text, and how many it changed.
pub(super) fn ask(
    client: &mut Client,
    sql: &str,
    (before, after): (usize, usize),
) -> Result<(Rows, u64), Error> {
    let mut answers = answers(client, sql)?;
    answers.truncate(answers.len().saturating_sub(after));
    // One that is nothing but a comment has no answer.
    let answers = answers.split_off(before.min(answers.len()));
    // A rule may make several of one; the rows of the last are those that were asked for.
    let affected = answers.last().map_or(0, |answer| answer.affected);
    let mut rows = answers.into_iter().map(|answer| answer.rows);
    let rows = rows.rfind(|rows| !rows.columns.is_empty());
    Ok((rows.unwrap_or_default(), affected))
}

/// An answer for each statement of a text.
pub(super) fn answers(client: &mut Client, sql: &str) -> Result<Vec<Answer>, Error> {
    let mut answers = Vec::new();
    let mut rows = Rows::default();
    client.ask(sql, |message| match message {
        SimpleQueryMessage::RowDescription(columns) => {
            rows.columns = columns.iter().map(|c| c.name().to_owned()).collect();
            rows.rows.clear();
        }
        SimpleQueryMessage::Row(row) => rows.rows.push(
            (0..row.len())
                .map(|at| match row.get(at) {
                    Some(text) => Value::Text(text.to_owned()),
                    None => Value::Null,
                })
                .collect(),
        ),
        SimpleQueryMessage::CommandComplete(affected) => answers.push(Answer {
            rows: std::mem::take(&mut rows),
            affected,
            warnings: Vec::new(),
        }),
        // The driver may learn of further messages.
        _ => {}
    })?;
    Ok(answers)
}
