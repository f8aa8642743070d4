//! Letters that a database's encoding lacks. The server refuses a message that holds one, and the
//! first with the text of a migration is Realign's own record of the run, which has no place in a
//! file.

use std::collections::BTreeSet;

use realign_model::{Origin, Span};
use realign_planner::Diagnostic;

use super::{Directory, Loaded};
use crate::kernel::Site;
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
                let message = format!(
                    "the database is in {encoding}, which has no letter {letter} (U+{:04X})",
                    u32::from(letter)
                );
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
    let mut letters = Vec::new();
    let mut seen = BTreeSet::new();
    let mut gather = |text: &str| {
        let wide = text.chars().filter(|letter| !letter.is_ascii());
        letters.extend(wide.filter(|letter| seen.insert(*letter)));
    };
    let checks = migration.checks.iter().map(|(_, check)| check);
    for check in checks.chain(&migration.closing) {
        gather(&check.says());
        gather(&check.condition.to_string());
    }
    for statement in &migration.unit.statements {
        gather(&statement.sql);
        statement.rows.iter().for_each(|rows| gather(&rows.text));
    }
    gather(migration.version.as_str());
    gather(&migration.up_sql);
    migration.down_sql.iter().for_each(|text| gather(text));
    letters
}

/// The first of these that the server refuses.
fn first_unknown(
    connection: &mut Connection,
    site: &Site,
    letters: &[char],
) -> Result<Option<char>, Error> {
    let mut refused = |letters: &[char]| -> Result<bool, Error> {
        let text: String = letters.iter().collect();
        let query = format!("SELECT {}", site.book().text(&text));
        Ok(!letters.is_empty() && connection.run(&query)?.is_err())
    };
    if !refused(letters)? {
        return Ok(None);
    }
    // One of those before `to` is refused, and none before `from`.
    let (mut from, mut to) = (0, letters.len());
    while to - from > 1 {
        let middle = from + (to - from) / 2;
        if refused(&letters[from..middle])? {
            to = middle;
        } else {
            from = middle;
        }
    }
    Ok(letters.get(from).copied())
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
    let before = text.get(..at).unwrap_or_default();
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Origin::File {
        path: entry.path().display().to_string().into(),
        line: number(before.matches('\n').count() + 1),
        column: number(column),
        span: Span::new(at, at + letter.len_utf8()),
    })
}
