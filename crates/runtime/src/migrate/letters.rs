//! Letters of migrations that the database's encoding lacks.

use std::collections::BTreeSet;

use realign_model::{Origin, Span};
use realign_planner::Diagnostic;
use realign_planner::migration::line_and_column;

use super::{Directory, Loaded};
use crate::kernel::Site;
use crate::letters::{beyond_ascii, first_unknown, lacks};
use crate::{Connection, Error};

/// The first letter of each migration that the database can't hold, with its place. Writes nothing;
/// a database that takes every letter is not asked.
pub fn unknown_letters(
    connection: &mut Connection,
    site: &Site,
    directory: &Directory,
    loaded: &[Loaded],
) -> Result<Vec<Diagnostic>, Error> {
    let mut problems = Vec::new();
    let Some(encoding) = site.book().encoding(&site.facts) else {
        return Ok(problems);
    };
    let mut known = BTreeSet::new();
    for migration in loaded {
        let mut letters = letters(migration);
        letters.retain(|letter| !known.contains(letter));
        match first_unknown(connection, site, &letters)? {
            None => known.extend(letters),
            Some(letter) => {
                let message = lacks(&encoding, letter);
                let problem =
                    Diagnostic::error("M006", message).at(place(directory, migration, letter)?);
                problems.push(problem.with_help(
                    "neither it nor the record of the run takes it: write another letter, or move to a database in UTF8",
                ));
            }
        }
    }
    Ok(problems)
}

/// The letters beyond ASCII of all of a migration that is sent or written down, in their order.
fn letters(migration: &Loaded) -> Vec<char> {
    let checks = migration.checks.iter().map(|(_, check)| check);
    let asked: Vec<String> = checks
        .chain(&migration.closing)
        .flat_map(|check| [check.says(), check.condition.to_string()])
        .collect();
    let sent = migration.unit.statements.iter().flat_map(|statement| {
        let rows = statement.rows.as_ref().map(|rows| rows.text.as_str());
        std::iter::once(statement.sql.as_str()).chain(rows)
    });
    let kept = [migration.version.as_str(), migration.up_sql.as_str()];
    let texts = asked.iter().map(String::as_str).chain(sent).chain(kept);
    beyond_ascii(texts.chain(migration.down_sql.as_deref()))
}

/// Where its file has the letter; its beginning where a placeholder's value has it.
fn place(directory: &Directory, migration: &Loaded, letter: char) -> Result<Origin, Error> {
    let statements = migration.unit.statements.iter();
    let mut of_statement = statements.filter(|one| one.sql.contains(letter));
    let near = match of_statement.next().map(|one| &one.origin) {
        Some(Origin::File { span, .. }) => span.start(),
        _ => 0,
    };
    let Some(entry) = directory.entries.get(&migration.version) else {
        return Ok(Origin::None);
    };
    let (_, text, _) = entry.read()?;
    let behind = text.get(near..).and_then(|rest| rest.find(letter));
    let at = behind.map(|at| near + at).or_else(|| text.find(letter));
    let at = at.unwrap_or(near.min(text.len()));
    let (line, column) = line_and_column(&text, at);
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Origin::File {
        path: entry.path().display().to_string().into(),
        line: number(line),
        column: number(column),
        span: Span::new(at, at + letter.len_utf8()),
    })
}
