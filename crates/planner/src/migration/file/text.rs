//! Small readings of a line: quoted texts, times, comments.

use std::time::Duration;

/// A text in double quotes in front, and what follows. Quotes in it are doubled.
pub(super) fn quoted(text: &str) -> Result<(Option<String>, &str), String> {
    let Some(inner) = text.strip_prefix('"') else {
        return Ok((None, text));
    };
    let mut value = String::new();
    let mut chars = inner.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != '"' {
            value.push(c);
        } else if chars.next_if(|(_, next)| *next == '"').is_some() {
            value.push('"');
        } else {
            return Ok((Some(value), inner[at + 1..].trim_start()));
        }
    }
    Err("the \" is not closed".to_owned())
}

/// `500ms`, `5s`, `10min`, `2h`; a bare number means seconds.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok()?;
    match text[digits..].trim() {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => Some(Duration::from_secs(number)),
        "m" | "min" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        _ => None,
    }
}

/// True when a text is blanks and comments only.
pub(super) fn only_comments(text: &str) -> bool {
    rest_after_comments(text).is_empty()
}

/// What follows blanks and comments.
pub(super) fn rest_after_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        rest = if rest.starts_with("--") || rest.starts_with('#') {
            rest.split_once('\n').map_or("", |(_, rest)| rest)
        } else if rest.starts_with("/*") && !rest.starts_with("/*!") && !rest.starts_with("/*M!") {
            rest.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            return rest;
        }
        .trim_start();
    }
}
