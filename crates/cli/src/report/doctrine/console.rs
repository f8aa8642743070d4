//! Symfony's console as the migration commands of Doctrine use it: blocks, questions, log lines
//! and tables, with one empty line between blocks.
//!
//! A sentence is never wrapped and never filled up with blanks, so that a script finds it whole.

use std::io::{BufRead as _, Write as _};

use anstyle::Style;
use anyhow::Context as _;

use super::super::style::{BAD, CARE, GOOD, paint};
use super::super::{Out, unless_gone};

/// How important a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Always told.
    Warning,
    /// Always told.
    Notice,
    /// Told with `-v`.
    Info,
    /// Told with `-vv`.
    Debug,
}

/// What a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Yes, or nothing.
    Yes,
    /// Anything else.
    No,
    /// There is nobody.
    Gone,
}

/// The console of one command.
#[derive(Debug)]
pub(crate) struct Console {
    out: Out,
    /// Questions may be asked.
    interactive: bool,
    /// The end of what was written by anything but log lines; none before the first.
    tail: Option<String>,
}

impl Console {
    /// A console that has said nothing yet.
    pub(crate) fn new(out: Out, interactive: bool) -> Self {
        Self {
            out,
            interactive,
            tail: None,
        }
    }

    /// True when questions may be asked.
    pub(crate) fn asks(&self) -> bool {
        self.interactive && !self.out.is_json()
    }

    /// A log line: it does not count as part of the page.
    pub(crate) fn log(&self, level: Level, text: &str) -> anyhow::Result<()> {
        let (word, from) = match level {
            Level::Warning => ("warning", 0),
            Level::Notice => ("notice", 0),
            Level::Info => ("info", 1),
            Level::Debug => ("debug", 2),
        };
        if self.out.verbose >= from {
            self.print(&format!("[{word}] {text}\n"))?;
        }
        Ok(())
    }

    /// `[OK] …`
    pub(crate) fn good(&mut self, text: &str) -> anyhow::Result<()> {
        self.block(GOOD, "OK", text)
    }

    /// `[ERROR] …`
    pub(crate) fn bad(&mut self, text: &str) -> anyhow::Result<()> {
        self.block(BAD, "ERROR", text)
    }

    /// `[WARNING] …`
    pub(crate) fn care(&mut self, text: &str) -> anyhow::Result<()> {
        self.block(CARE, "WARNING", text)
    }

    fn block(&mut self, style: Style, mark: &str, text: &str) -> anyhow::Result<()> {
        self.part()?;
        let mark = paint(style, &format!("[{mark}]"));
        self.write(&format!(" {mark} {text}\n\n"))
    }

    /// Lines of text.
    pub(crate) fn text(&mut self, lines: &[&str]) -> anyhow::Result<()> {
        if !self
            .tail
            .as_deref()
            .is_some_and(|tail| tail.ends_with('\n'))
        {
            self.write("\n")?;
        }
        for line in lines {
            self.write(&format!(" {line}\n"))?;
        }
        Ok(())
    }

    /// An empty line.
    pub(crate) fn line(&mut self) -> anyhow::Result<()> {
        self.write("\n")
    }

    /// A table as it stands.
    pub(crate) fn table(&mut self, text: &str) -> anyhow::Result<()> {
        self.print(text)
    }

    /// True under one of Doctrine's names, whose words are then printed.
    pub(crate) fn speaks(&self) -> bool {
        self.out.speech.is_some()
    }

    /// Lets one of these be chosen by its number or its name: the first, when nothing is to be
    /// asked, or an empty line is answered. None when there is nobody.
    pub(crate) fn choose(
        &mut self,
        question: &str,
        from: &[&str],
    ) -> anyhow::Result<Option<usize>> {
        if !self.asks() {
            return Ok(Some(0));
        }
        self.part()?;
        self.write(&format!("{question}\n"))?;
        for (number, name) in from.iter().enumerate() {
            self.write(&format!("  [{number}] {name}\n"))?;
        }
        self.write(" > ")?;
        let Some(answer) = self.answer()? else {
            return Ok(None);
        };
        let wanted = answer.trim();
        if wanted.is_empty() {
            return Ok(Some(0));
        }
        let named = from.iter().position(|name| *name == wanted);
        named
            .or_else(|| wanted.parse().ok().filter(|number| *number < from.len()))
            .map(Some)
            .with_context(|| format!("Value \"{wanted}\" is invalid"))
    }

    /// Asks; yes when nothing is to be asked.
    pub(crate) fn ask(&mut self, question: &str) -> anyhow::Result<Reply> {
        if !self.asks() {
            return Ok(Reply::Yes);
        }
        self.part()?;
        self.write(&format!(" {question} (yes/no) [yes]:\n > "))?;
        let Some(answer) = self.answer()? else {
            return Ok(Reply::Gone);
        };
        let answer = answer.trim().to_ascii_lowercase();
        Ok(if answer.is_empty() || answer.starts_with('y') {
            Reply::Yes
        } else {
            Reply::No
        })
    }

    /// A line of standard input; none when there is nobody.
    fn answer(&mut self) -> anyhow::Result<Option<String>> {
        std::io::stdout().flush()?;
        let mut answer = String::new();
        let read = std::io::stdin()
            .lock()
            .read_line(&mut answer)
            .context("can't read the answer from standard input")?;
        self.print("\n")?;
        self.tail = Some("\n\n".to_owned());
        Ok((read > 0).then_some(answer))
    }

    /// One empty line before what follows.
    fn part(&mut self) -> anyhow::Result<()> {
        let lines = match &self.tail {
            None => 1,
            Some(tail) => 2 - tail.chars().rev().take(2).filter(|c| *c == '\n').count(),
        };
        self.write(&"\n".repeat(lines))
    }

    fn write(&mut self, text: &str) -> anyhow::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let whole = format!("{}{text}", self.tail.as_deref().unwrap_or_default());
        let keep = whole.chars().count().saturating_sub(2);
        self.tail = Some(whole.chars().skip(keep).collect());
        self.print(text)
    }

    fn print(&self, text: &str) -> anyhow::Result<()> {
        if !self.out.is_json() && !self.out.is_quiet() {
            unless_gone(write!(anstream::stdout(), "{text}"))?;
        }
        Ok(())
    }
}
