//! What is wrong in a configuration, in a person's words.

use std::path::Path;

use realign::runtime::{Error, ErrorKind};

/// The name nearest to a mistyped one, when one is near.
pub(crate) fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // In a word of three letters a single slip is a third of it.
    let slip = |name: &str| {
        name.len() >= 3 && typed.len() <= 40 && strsim::damerau_levenshtein(typed, name) == 1
    };
    known
        .map(|name| {
            let likeness = strsim::jaro_winkler(typed, name);
            (if slip(name) { 1.0 } else { likeness }, name)
        })
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// The line of a byte, from 1.
pub(super) fn line(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// The parser's complaint with its place; for an unknown key also the nearest known one.
pub(super) fn explain(error: &toml::de::Error, text: &str, path: &Path) -> Error {
    let place = match error.span() {
        Some(span) => {
            let before = &text[..span.start.min(text.len())];
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            format!("{}:{}:{column}", path.display(), line(text, span.start))
        }
        None => path.display().to_string(),
    };
    let said = error.message();
    let mut quoted = said.split('`').skip(1).step_by(2);
    if said.starts_with("unknown field") {
        let key = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        let help = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("keys that go here: {}", known.join(", ")),
        };
        return Error::new(ErrorKind::Usage, format!("unknown key `{key}`"))
            .with_note(format!("at {place}"))
            .with_help(help);
    }
    if said.starts_with("unknown variant") {
        let word = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        return Error::new(
            ErrorKind::Usage,
            format!("`{word}` is no value for this key"),
        )
        .with_note(format!("at {place}"))
        .with_help(format!("write one of: {}", known.join(", ")));
    }
    // Neither the line nor its value is shown: it may be a password.
    if let Some((_, expected)) = said.split_once(", expected ")
        && said.starts_with("invalid ")
    {
        let wanted = wanted(expected.trim_end());
        return Error::new(ErrorKind::Usage, format!("{place}: {wanted} belongs here"));
    }
    Error::new(ErrorKind::Usage, format!("{place}: {}", said.trim_end()))
}

/// What belongs somewhere, in a person's words instead of the reader's.
fn wanted(expected: &str) -> &str {
    match expected {
        "a string" => "a text in quotes",
        "a sequence" => "a list in [ ]",
        "a boolean" => "true or false",
        "u64" | "u32" | "u16" | "u8" | "usize" => "a whole number from 0 on",
        "a map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
}
