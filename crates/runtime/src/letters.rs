//! Letters that a database's encoding lacks. The server refuses every message that holds one, and
//! the first with a run's statements is Realign's own record of it, which has no place in a file.

use std::collections::BTreeSet;

use realign_planner::{Diagnostic, Plan};

use crate::kernel::Site;
use crate::{Connection, Error};

/// The steps of a plan with a letter that the database can't hold. Writes nothing; a database
/// that takes every letter is not asked.
pub fn unknown_letters(
    connection: &mut Connection,
    site: &Site,
    plan: &Plan,
) -> Result<Vec<Diagnostic>, Error> {
    let Some(encoding) = site.book().encoding(&site.facts) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for step in &plan.steps {
        let statements = step.statements.iter();
        let letters = beyond_ascii(statements.map(|statement| statement.sql.as_str()));
        if let Some(letter) = first_unknown(connection, site, &letters)? {
            let message = format!("{}: {}", step.object, lacks(&encoding, letter));
            let problem = Diagnostic::error("R225", message).at(step.origin.clone());
            found.push(problem.with_help("write another letter, or move to a database in UTF8"));
        }
    }
    Ok(found)
}

/// That a letter is unknown, in words.
pub(crate) fn lacks(encoding: &str, letter: char) -> String {
    let number = u32::from(letter);
    format!("the database is in {encoding}, which has no letter {letter} (U+{number:04X})")
}

/// The letters beyond ASCII of texts, each once, in their order.
pub(crate) fn beyond_ascii<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<char> {
    let mut seen = BTreeSet::new();
    let letters = texts.into_iter().flat_map(str::chars);
    let wide = letters.filter(|letter| !letter.is_ascii());
    wide.filter(|letter| seen.insert(*letter)).collect()
}

/// The first of these that the server refuses.
pub(crate) fn first_unknown(
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
