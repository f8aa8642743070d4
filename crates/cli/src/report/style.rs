//! Colours. They only add: every text reads the same without them.

use anstyle::{AnsiColor, Style};
use realign::planner::Risk;

/// What is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is not.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What needs a look.
pub(crate) const CARE: Style = AnsiColor::Yellow.on_default().bold();
/// What is said on the side.
pub(crate) const DIM: Style = Style::new().dimmed();
/// What leads.
pub(crate) const STRONG: Style = Style::new().bold();

/// A text in a style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A text in a style, filled with blanks to a width.
pub(crate) fn pad(style: Style, text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(text.chars().count());
    format!("{style}{text}{style:#}{}", " ".repeat(blanks))
}

/// The colour of a class of risk.
pub(crate) fn of_risk(risk: Risk) -> Style {
    match risk {
        Risk::Safe => GOOD,
        Risk::Locking | Risk::Rewriting => CARE,
        Risk::Breaking | Risk::Destructive => BAD,
    }
}

/// A number with its noun: `1 step`, `3 steps`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else if let Some(stem) = noun.strip_suffix('y') {
        format!("{number} {stem}ies")
    } else if noun.ends_with("ss") || noun.ends_with('x') {
        format!("{number} {noun}es")
    } else {
        format!("{number} {noun}s")
    }
}

/// A time for a person: `40 ms`, `2.1 s`.
pub(crate) fn duration(time: std::time::Duration) -> String {
    if time.as_millis() < 100 {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

/// A size for a person: `812 bytes`, `214 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let mut size = bytes;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if size < 10_000 {
            return format!("{size} {unit}");
        }
        size /= 1000;
    }
    format!("{size} TB")
}

/// A text on one line, cut to a width.
pub(crate) fn one_line(text: &str, width: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= width {
        return flat;
    }
    let mut cut: String = flat.chars().take(width.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// A text without any colour, for tests.
#[cfg(test)]
pub(crate) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::{count, one_line};

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(count(1, "query"), "1 query");
        assert_eq!(count(2, "query"), "2 queries");
        assert_eq!(count(0, "class"), "0 classes");
        assert_eq!(count(3, "index"), "3 indexes");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(one_line("a\n  b", 10), "a b");
        assert_eq!(one_line("äöü äöü", 5), "äöü…");
    }
}
