//! Which lines of a file are directives.

use std::collections::{BTreeMap, BTreeSet};

use realign_model::{FileName, Origin, Span};

use super::Phase;
use super::text::only_comments;
use crate::{Facts, Line as Part, Scripts};

/// How a directive begins, after the two hyphens of its comment.
const MARK: &str = "realign:";

/// A line of a file.
pub(super) struct Line<'a> {
    pub(super) start: usize,
    pub(super) number: usize,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    /// What follows the mark, when the line looks like a directive.
    pub(super) fn directive(&self) -> Option<&'a str> {
        directive(behind_blanks(self.text))
    }

    /// The byte behind its blanks.
    fn begin(&self) -> usize {
        self.start + self.text.len() - behind_blanks(self.text).len()
    }

    /// The place of a part of this line.
    pub(super) fn origin(&self, path: &FileName, part: &str) -> Origin {
        let at = (part.as_ptr() as usize)
            .checked_sub(self.text.as_ptr() as usize)
            .filter(|at| *at <= self.text.len())
            .unwrap_or(0);
        let column = self.text.get(..at).unwrap_or_default().chars().count() + 1;
        Origin::File {
            path: path.clone(),
            line: u32::try_from(self.number).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            span: Span::new(self.start + at, self.start + at + part.len()),
        }
    }
}

/// Files that were put together have a byte order mark in the middle.
fn behind_blanks(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// What follows the mark, when the first line of a text is a directive from its first byte on.
fn directive(text: &str) -> Option<&str> {
    let comment = text.strip_prefix("--")?;
    let line = comment.split('\n').next().unwrap_or(comment);
    Some(line.trim_start().strip_prefix(MARK)?.trim())
}

/// The section that a directive begins.
pub(super) fn section(directive: &str) -> Option<Phase> {
    Phase::of(directive.split(char::is_whitespace).next()?)
}

/// How other tools mark their sections: what stands in front of `up` or `down`.
const OTHERS: [&str; 7] = [
    "migrate:",
    "+goose ",
    "+migrate ",
    "+micrate ",
    "rambler ",
    "!",
    "@",
];

/// What is said of a comment that other tools begin a section with.
const NO_SECTION: &str = "this is a comment here, and begins no section";

/// What is said of a directive behind a statement that others follow.
const NOT_ALONE: &str = "a directive stands on a line of its own, and this is a comment";

/// What is wrong with a comment that is no directive and was meant to be one, or to begin a
/// section. Taken for a comment it would let the way back run behind the way there.
fn missed(text: &str) -> Option<&'static str> {
    let comment = ["--", "#", "/*"]
        .iter()
        .find_map(|begin| text.strip_prefix(begin))?;
    if directive(text).is_some() {
        return None;
    }
    let line = comment.split('\n').next().unwrap_or(comment).trim_end();
    let line = line.strip_suffix("*/").unwrap_or(line);
    let words = line.trim_matches(|c: char| c.is_whitespace() || "-/*#".contains(c));
    let words: String = words.chars().take(40).collect::<String>().to_lowercase();
    if let Some(rest) = words.strip_prefix("realign") {
        let colon = rest.trim_start().starts_with(':');
        let word = rest.trim_start_matches([' ', '\t', '-', '_', '.']);
        let is_section = word.len() < rest.len() && Phase::of(word).is_some();
        return (colon || is_section).then_some("this is a comment, and no directive");
    }
    let rest = OTHERS.iter().find_map(|mark| words.strip_prefix(mark))?;
    let word = rest.split_whitespace().next()?;
    matches!(word, "up" | "ups" | "down" | "downs" | "undo").then_some(NO_SECTION)
}

/// The line of a directive that stands behind a statement, where it is none.
fn behind_a_statement(text: &str) -> bool {
    let line = text.split('\n').next().unwrap_or(text).trim_end();
    line.rfind(MARK).is_some_and(|at| {
        let before = line[..at].trim_end();
        let statement = before.strip_suffix("--").map(str::trim_end);
        statement.is_some_and(|statement| statement.ends_with(';'))
            && Phase::of(line[at + MARK.len()..].trim()).is_some()
    })
}

/// True for a comment that says nothing but that the way back begins: `-- Down`, `-- === rollback ===`,
/// `-- sql:down`.
fn heads_the_way_back(text: &str) -> bool {
    let comment = ["--", "#", "/*"]
        .iter()
        .find_map(|begin| text.strip_prefix(begin));
    let Some(comment) = comment.filter(|_| directive(text).is_none()) else {
        return false;
    };
    let line = comment.split('\n').next().unwrap_or(comment);
    let words = line.trim_matches(|c: char| !c.is_alphanumeric());
    if words.len() > 40 {
        return false;
    }
    let words = words.to_lowercase();
    let word = match words.split_once(':') {
        Some((tool, word)) if tool.chars().all(char::is_alphanumeric) => word.trim_start(),
        _ => words.as_str(),
    };
    let word = word.strip_prefix("migration ").unwrap_or(word);
    let word = word.strip_suffix(" migration").unwrap_or(word);
    matches!(
        word,
        "down" | "downs" | "undo" | "rollback" | "roll back" | "revert" | "downgrade"
    )
}

/// What an engine's own reading makes of a text: where its directives are.
pub(super) struct Places {
    begins: BTreeSet<usize>,
    /// Comments that were meant to be directives, and what is wrong with each.
    missed: BTreeMap<usize, &'static str>,
    /// Where something begins that is never closed, and takes in all lines behind it.
    open: Option<usize>,
}

impl Places {
    /// Those of a text; None when it has no line that looks like one.
    pub(super) fn of(text: &str, scripts: &dyn Scripts, facts: &Facts) -> Option<Self> {
        let marked = |line: &str| {
            let line = behind_blanks(line);
            directive(line).is_some()
                || missed(line).is_some()
                || behind_a_statement(line)
                || heads_the_way_back(line)
        };
        if !text.lines().any(marked) {
            return None;
        }
        let mut begins = BTreeSet::new();
        let mut missing = BTreeMap::new();
        let (mut has_way_back, mut heads, mut behind) = (false, Vec::new(), Vec::new());
        // It is a comment when the line after it begins outside of everything.
        let mut candidate: Option<usize> = None;
        let open = scripts.lines(text, facts, &mut |at| {
            if let Some(line) = candidate.take()
                && let Some((_, between)) = text[line..at].split_once('\n')
                && between.trim().is_empty()
            {
                behind.push(line);
            }
            if let Some(found) = directive(&text[at..]) {
                begins.insert(at);
                let section = section(found);
                has_way_back |= section == Some(Phase::Down);
                return section.map_or(Part::Own, |_| Part::Break);
            }
            if let Some(why) = missed(&text[at..]) {
                missing.insert(at, why);
            } else if behind_a_statement(&text[at..]) {
                candidate = Some(at);
            } else if heads_the_way_back(&text[at..]) {
                heads.push(at);
            }
            Part::Text
        });
        // Who has said where the way back begins may head its parts in any words, and what stands in
        // front of all statements divides nothing.
        if !has_way_back {
            let heads = heads
                .into_iter()
                .skip_while(|at| only_comments(&text[..*at]));
            missing.extend(heads.map(|at| (at, NO_SECTION)));
            let leads = |at: &usize| {
                let rest = text[*at..].split_once('\n').map_or("", |(_, rest)| rest);
                !only_comments(rest)
            };
            let behind = behind.into_iter().filter(leads);
            missing.extend(behind.map(|at| (at, NOT_ALONE)));
        }
        Some(Self {
            begins,
            missed: missing,
            open,
        })
    }

    /// What is wrong with a line that was meant to be a directive.
    pub(super) fn missed(&self, line: &Line<'_>) -> Option<&'static str> {
        self.missed.get(&line.begin()).copied()
    }

    /// True when a line that looks like a directive is one.
    pub(super) fn has(&self, line: &Line<'_>) -> bool {
        self.begins.contains(&line.begin())
    }

    /// Where begins what is never closed, and has taken in this line.
    pub(super) fn taken_in(&self, line: &Line<'_>) -> Option<usize> {
        self.open.filter(|open| *open <= line.start)
    }
}
