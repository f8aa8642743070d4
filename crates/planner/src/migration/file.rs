//! What a migration's file says: sections, directives, checks.

use std::time::Duration;

use realign_model::{FileName, Origin, Span};
use serde::Serialize;

use super::{Check, CheckKind, Condition, Version};
use crate::{Diagnostic, Facts, Scripts};

mod lines;
mod text;

use lines::{Line, Places};
use text::{duration, only_comments, quoted, rest_after_comments};

/// What Doctrine says of a migration that can't be taken back.
const IRREVERSIBLE: &str = "This migration is irreversible and cannot be reverted.";
const DIRECTIVES: &str = "up, down, pre-up, post-up, pre-down, post-down, description, transaction, placeholders, lock-timeout, \
     statement-timeout, requires, irreversible, skip-if, abort-if, warn-if, note";

/// The part of a migration that a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Before `up`.
    PreUp,
    /// The migration.
    Up,
    /// After `up`.
    PostUp,
    /// Before `down`.
    PreDown,
    /// The way back.
    Down,
    /// After `down`.
    PostDown,
}

impl Phase {
    /// The word of its section.
    pub fn word(self) -> &'static str {
        match self {
            Self::PreUp => "pre-up",
            Self::Up => "up",
            Self::PostUp => "post-up",
            Self::PreDown => "pre-down",
            Self::Down => "down",
            Self::PostDown => "post-down",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [
            Self::PreUp,
            Self::Up,
            Self::PostUp,
            Self::PreDown,
            Self::Down,
            Self::PostDown,
        ]
        .into_iter()
        .find(|phase| phase.word() == word)
    }
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is.
    pub phase: Phase,
    /// Its checks, in order.
    pub checks: Vec<Check>,
    /// Its SQL.
    pub text: String,
    /// The first byte of its SQL in the file.
    pub start: usize,
    /// The line on which its SQL starts; the file's first is 1.
    pub line: usize,
}

/// A directive that needs another migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive<T> {
    /// What it says.
    pub value: T,
    /// Where.
    pub origin: Origin,
}

/// A migration's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationFile {
    /// Its path, as the person gave it.
    pub path: FileName,
    /// What it is for, in a person's words.
    pub description: Option<String>,
    /// It may run in a transaction.
    pub transaction: bool,
    /// `${name}` in it is a placeholder; otherwise it means itself.
    pub placeholders: bool,
    /// How long a statement waits for others' locks.
    pub lock_timeout: Option<Duration>,
    /// How long a statement may run.
    pub statement_timeout: Option<Duration>,
    /// What has to be executed before it.
    pub requires: Vec<Directive<Version>>,
    /// Why there is no way back.
    pub irreversible: Option<String>,
    /// Its sections, each phase at most once.
    pub sections: Vec<Section>,
}

impl MigrationFile {
    /// The section of a phase.
    pub fn section(&self, phase: Phase) -> Option<&Section> {
        self.sections.iter().find(|section| section.phase == phase)
    }

    /// Reads a file as an engine reads scripts: what looks like a directive in a quoted text, in
    /// rows or in the body of a routine is none. Everything that is wrong is told at once; the
    /// file is then what could be understood. Text before the first section is `up` when the file
    /// has no section for it.
    pub fn read_for(
        path: &str,
        text: &str,
        scripts: &dyn Scripts,
        facts: &Facts,
    ) -> (Self, Vec<Diagnostic>) {
        Self::read_lines(path, text, Places::of(text, scripts, facts).as_ref())
    }

    /// Reads a file of which nobody knows for which engine it is written: every line that looks
    /// like a directive is one.
    pub fn read(path: &str, text: &str) -> (Self, Vec<Diagnostic>) {
        Self::read_lines(path, text, None)
    }

    fn read_lines(path: &str, text: &str, places: Option<&Places>) -> (Self, Vec<Diagnostic>) {
        let mut reader = Reader {
            file: Self {
                path: path.into(),
                description: None,
                transaction: true,
                placeholders: true,
                lock_timeout: None,
                statement_timeout: None,
                requires: Vec::new(),
                irreversible: None,
                sections: Vec::new(),
            },
            open: Section {
                phase: Phase::Up,
                checks: Vec::new(),
                text: String::new(),
                start: 0,
                line: 1,
            },
            head: None,
            transaction: None,
            placeholders: None,
            taken_in: false,
            problems: Vec::new(),
        };
        let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
        reader.open.start = bom;
        let mut start = bom;
        for (number, line) in text[bom..].split_inclusive('\n').enumerate() {
            let place = Line {
                start,
                number: number + 1,
                text: line.trim_end_matches(['\n', '\r']),
            };
            let found = place.directive();
            match found.filter(|_| places.is_none_or(|places| places.has(&place))) {
                Some(directive) => reader.directive(&place, directive, start + line.len()),
                None => reader.open.text.push_str(line),
            }
            if let Some(why) = places.and_then(|places| places.missed(&place)) {
                let help = "a directive is a line like `-- realign:down`; reword the comment if it means nothing of the kind";
                reader.wrong(&place, place.text.trim(), why.to_owned(), Some(help));
            }
            if found.is_some()
                && let Some(open) = places.and_then(|places| places.taken_in(&place))
            {
                reader.taken_in(&place, text, open);
            }
            start += line.len();
        }
        reader.finish()
    }
}

struct Reader {
    file: MigrationFile,
    /// The section that is being read.
    open: Section,
    /// What stands before the first section, once that has begun.
    head: Option<Section>,
    transaction: Option<bool>,
    placeholders: Option<bool>,
    /// It was told that something is never closed.
    taken_in: bool,
    problems: Vec<Diagnostic>,
}

impl Reader {
    /// Tells that this line and all behind it are taken in by what begins before it.
    fn taken_in(&mut self, line: &Line<'_>, text: &str, open: usize) {
        if std::mem::replace(&mut self.taken_in, true) {
            return;
        }
        let begin = text.get(..open).unwrap_or_default().matches('\n').count() + 1;
        self.wrong(
            line,
            line.text.trim(),
            format!("this line is in what begins in line {begin} and is never closed"),
            Some("close it before: a quote, a body with END, rows of COPY with a line \\."),
        );
    }

    fn directive(&mut self, line: &Line<'_>, text: &str, next: usize) {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        if let Some(phase) = lines::section(text) {
            if !rest.is_empty() {
                self.wrong(line, rest, format!("nothing goes after `{word}`"), None);
            }
            self.begin(line, text, phase, next);
            return;
        }
        // The line keeps its place in the section's text, so that statements keep theirs.
        self.open.text.push_str(&" ".repeat(next - line.start - 1));
        self.open.text.push('\n');
        let kind = match word {
            "skip-if" => CheckKind::SkipIf,
            "abort-if" => CheckKind::AbortIf,
            "warn-if" => CheckKind::WarnIf,
            "note" => CheckKind::Note,
            _ => return self.setting(line, word, rest),
        };
        self.check(line, kind, rest);
    }

    fn begin(&mut self, line: &Line<'_>, text: &str, phase: Phase, next: usize) {
        if self.file.section(phase).is_some() || (self.head.is_some() && self.open.phase == phase) {
            self.wrong(
                line,
                text,
                format!("the section `{}` is there twice", phase.word()),
                Some("put both into one"),
            );
        }
        let next = Section {
            phase,
            checks: Vec::new(),
            text: String::new(),
            start: next,
            line: line.number + 1,
        };
        let closed = std::mem::replace(&mut self.open, next);
        if self.head.is_none() {
            self.head = Some(closed);
        } else {
            self.file.sections.push(closed);
        }
    }

    fn check(&mut self, line: &Line<'_>, kind: CheckKind, rest: &str) {
        let (message, condition) = match quoted(rest) {
            Ok(cut) => cut,
            Err(message) => return self.wrong(line, rest, message, None),
        };
        let condition = if kind == CheckKind::Note {
            match (&message, condition) {
                (Some(_), "") => Ok(Condition::Always),
                _ => Err("write one text in double quotes".to_owned()),
            }
        } else {
            Condition::parse(condition)
        };
        match condition {
            Ok(condition) => self.open.checks.push(Check {
                kind,
                condition,
                message,
                origin: line.origin(&self.file.path, rest),
            }),
            Err(message) => self.wrong(
                line,
                rest,
                format!("`{}` can't be read: {message}", kind.word()),
                None,
            ),
        }
    }

    fn setting(&mut self, line: &Line<'_>, word: &str, rest: &str) {
        let twice = match word {
            "description" => {
                let text = match quoted(rest) {
                    Ok((Some(text), "")) => text,
                    _ => rest.to_owned(),
                };
                self.file.description.replace(text).is_some()
            }
            "transaction" | "placeholders" => {
                let (true, on) = (matches!(rest, "on" | "off"), rest == "on") else {
                    return self.wrong(line, rest, format!("write `{word} off`"), None);
                };
                let place = match word {
                    "transaction" => &mut self.transaction,
                    _ => &mut self.placeholders,
                };
                place.replace(on).is_some()
            }
            "lock-timeout" | "statement-timeout" => {
                let Some(limit) = duration(rest) else {
                    let message = format!("`{rest}` is no time");
                    return self.wrong(line, rest, message, Some("write 500ms, 5s, 10min or 2h"));
                };
                let place = if word == "lock-timeout" {
                    &mut self.file.lock_timeout
                } else {
                    &mut self.file.statement_timeout
                };
                place.replace(limit).is_some()
            }
            "requires" => {
                if rest.is_empty() || rest.contains(char::is_whitespace) {
                    return self.wrong(line, rest, "write `requires VERSION`".to_owned(), None);
                }
                self.file.requires.push(Directive {
                    value: Version::new(rest),
                    origin: line.origin(&self.file.path, rest),
                });
                false
            }
            "irreversible" => match quoted(rest) {
                Ok((why, "")) => {
                    let why = why.unwrap_or_else(|| IRREVERSIBLE.to_owned());
                    self.file.irreversible.replace(why).is_some()
                }
                Ok(_) => {
                    let message = "write the reason in double quotes".to_owned();
                    return self.wrong(line, rest, message, None);
                }
                Err(message) => return self.wrong(line, rest, message, None),
            },
            _ => {
                let message = format!("there is no directive `{word}`");
                let help = format!("there are: {DIRECTIVES}");
                return self.wrong(line, line.text.trim(), message, Some(&help));
            }
        };
        if twice {
            self.wrong(
                line,
                line.text.trim(),
                format!("`{word}` is there twice"),
                None,
            );
        }
    }

    fn finish(mut self) -> (MigrationFile, Vec<Diagnostic>) {
        self.file.transaction = self.transaction.unwrap_or(true);
        self.file.placeholders = self.placeholders.unwrap_or(true);
        self.file.sections.push(self.open);
        if let Some(head) = self.head {
            let sections = &mut self.file.sections;
            let up = sections.iter().any(|section| section.phase == Phase::Up);
            if !up && !only_comments(&head.text) {
                sections.insert(0, head);
            } else if !only_comments(&head.text) {
                let origin = first_text(&self.file.path, &head);
                self.problems.push(
                    Diagnostic::error("M001", "this statement is in no section")
                        .at(origin)
                        .with_help("write `-- realign:up` before it"),
                );
            } else if let Some(up) = sections.iter_mut().find(|s| s.phase == Phase::Up) {
                up.checks.splice(0..0, head.checks);
            } else if !head.checks.is_empty() {
                sections.insert(0, head);
            }
        }
        if self.file.irreversible.is_some()
            && let Some(down) = self.file.section(Phase::Down)
        {
            let origin = first_text(&self.file.path, down);
            self.problems.push(
                Diagnostic::error("M001", "the migration is irreversible, and has a way back")
                    .at(origin)
                    .with_help("leave out `irreversible` or the section `down`"),
            );
        }
        (self.file, self.problems)
    }

    fn wrong(&mut self, line: &Line<'_>, part: &str, message: String, help: Option<&str>) {
        let origin = line.origin(
            &self.file.path,
            if part.is_empty() {
                line.text.trim()
            } else {
                part
            },
        );
        let mut problem = Diagnostic::error("M001", message).at(origin);
        problem.help = help.map(str::to_owned);
        self.problems.push(problem);
    }
}

/// The first line of a section's SQL.
fn first_text(path: &FileName, section: &Section) -> Origin {
    let rest = rest_after_comments(&section.text);
    let at = section.text.len() - rest.len();
    section_place(
        path,
        section,
        at,
        at + rest.lines().next().unwrap_or_default().len(),
    )
}

/// The place of bytes of a section in its file.
fn section_place(path: &FileName, section: &Section, from: usize, to: usize) -> Origin {
    let (line, column) = line_and_column(&section.text, from);
    Origin::File {
        path: path.clone(),
        line: u32::try_from(section.line + line - 1).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        span: Span::new(section.start + from, section.start + to),
    }
}

/// The line and the column of a byte of a text, both from 1; a column is a character.
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or_default();
    let begun = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before[begun..].chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

impl Section {
    /// The place of bytes of this section in its file.
    pub fn place(&self, path: &FileName, from: usize, to: usize) -> Origin {
        section_place(path, self, from, to)
    }
}

#[cfg(test)]
mod tests;
