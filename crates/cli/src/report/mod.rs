//! Reporters: what a person and what a program reads.
//!
//! Text is built as a string, with colours, and printed through [`Out`], which knows what
//! standard output is reserved for. Everything that a program reads is a struct in
//! [`document`], so that its field names stay.

pub(crate) mod diagnostic;
pub(crate) mod doctrine;
pub(crate) mod document;
pub(crate) mod file;
pub(crate) mod findings;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod style;
pub(crate) mod tree;
pub(crate) mod warnings;

use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::FileTypeExt as _;

use realign::planner::{Diagnostic, Severity, Statement};
use serde::Serialize;

use crate::args::Format;
use crate::settings::Output;

use doctrine::{Mode, Speech, Work};

/// Where output goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    /// Standard output holds one JSON document.
    json: bool,
    /// Standard output holds only SQL.
    sql_only: bool,
    quiet: bool,
    /// Nothing is printed at all: somebody else tells it.
    hushed: bool,
    /// The voice of the alias that was typed, when it was one.
    pub(crate) speech: Option<Speech>,
    /// How much more is told.
    pub(crate) verbose: u8,
}

impl Out {
    /// Output as it was asked for.
    pub(crate) fn new(output: Output) -> Self {
        Self {
            json: output.format == Format::Json,
            sql_only: false,
            quiet: output.quiet,
            hushed: false,
            // A document is the same under every name.
            speech: output.speech.filter(|_| output.format != Format::Json),
            verbose: output.verbose,
        }
    }

    /// The same with standard output reserved for SQL.
    pub(crate) fn reserving_sql(mut self, reserved: bool) -> Self {
        self.sql_only = reserved;
        self
    }

    /// The same for a part of a command that tells everything itself.
    pub(crate) fn hushed(mut self) -> Self {
        self.hushed = true;
        self.json = false;
        self.quiet = true;
        self.speech = None;
        self
    }

    /// True when only results and errors are told.
    pub(crate) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// True when a program reads.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// A result for a person: standard output, unless that is reserved.
    pub(crate) fn text(self, text: &str) -> anyhow::Result<()> {
        if self.json || self.hushed {
            return Ok(());
        }
        if self.sql_only {
            unless_gone(writeln!(anstream::stderr(), "{}", text.trim_end()))?;
        } else {
            unless_gone(page(text.trim_end()))?;
        }
        Ok(())
    }

    /// A result that `-q` leaves out.
    pub(crate) fn chatter(self, text: &str) -> anyhow::Result<()> {
        if self.quiet { Ok(()) } else { self.text(text) }
    }

    /// What an alias says, as it stands: standard error where Doctrine uses that, or where
    /// standard output is reserved.
    pub(crate) fn spoken(self, speech: Speech, text: &str) -> anyhow::Result<()> {
        if self.json || self.quiet || self.hushed {
            return Ok(());
        }
        if speech.apart || self.sql_only {
            unless_gone(write!(anstream::stderr(), "{text}"))?;
        } else {
            unless_gone(write!(anstream::stdout(), "{text}"))?;
        }
        Ok(())
    }

    /// Statements for a pipe, in the form of the alias if it was one.
    pub(crate) fn dump<'a>(
        self,
        work: Work,
        mode: Mode,
        statements: impl IntoIterator<Item = &'a Statement>,
    ) -> anyhow::Result<()> {
        match self.speech {
            Some(speech) => {
                self.spoken(speech, &speech.before_listing(work, mode))?;
                self.sql(&speech.script(statements))
            }
            None => self.statements(statements),
        }
    }

    /// Statements for a pipe.
    pub(crate) fn statements<'a>(
        self,
        statements: impl IntoIterator<Item = &'a Statement>,
    ) -> anyhow::Result<()> {
        if !self.json && !self.hushed {
            let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
            unless_gone(plan::write_script(&mut stdout, statements))?;
        }
        Ok(())
    }

    /// Something worth knowing, beside the result: standard error.
    pub(crate) fn notice(self, text: &str) -> anyhow::Result<()> {
        if !self.quiet {
            unless_gone(writeln!(anstream::stderr(), "{}", text.trim_end()))?;
        }
        Ok(())
    }

    /// SQL as it is: colours are never in it, and nothing in it is taken for one.
    pub(crate) fn sql(self, sql: &str) -> anyhow::Result<()> {
        if !self.json && !self.hushed {
            let mut stdout = std::io::stdout().lock();
            let written = stdout.write_all(sql.as_bytes());
            unless_gone(written.and_then(|()| stdout.flush()))?;
        }
        Ok(())
    }

    /// The one document.
    pub(crate) fn json(self, document: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
            let written = serde_json::to_writer_pretty(&mut stdout, document);
            let written = written.map_err(std::io::Error::from);
            unless_gone(
                written
                    .and_then(|()| writeln!(stdout))
                    .and_then(|()| stdout.flush()),
            )?;
        }
        Ok(())
    }

    /// An error whose exit code is another than its own.
    pub(crate) fn failed(error: &anyhow::Error) -> anyhow::Result<()> {
        unless_gone(writeln!(
            anstream::stderr(),
            "{}",
            crate::exit::Shown(error)
        ))?;
        Ok(())
    }

    /// Diagnostics with their pictures: standard error. `-q` keeps errors, notes need `-v`.
    pub(crate) fn diagnostics(self, diagnostics: &[Diagnostic]) -> anyhow::Result<()> {
        if self.json || self.hushed {
            return Ok(());
        }
        let mut drawing = diagnostic::Drawing::default();
        for diagnostic in diagnostics {
            let shown = match diagnostic.severity {
                Severity::Error => true,
                Severity::Warning => !self.quiet,
                Severity::Note => self.verbose > 0,
            };
            if shown {
                unless_gone(writeln!(
                    anstream::stderr(),
                    "{}",
                    drawing.render(diagnostic)
                ))?;
            }
        }
        Ok(())
    }
}

/// What was written, or nobody reads any more (`realign … | head`): whoever has gone needs no word,
/// and what the command does to a database, and its exit code, do not hang on them.
pub(crate) fn unless_gone(written: std::io::Result<()>) -> std::io::Result<()> {
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) if is_lost_line(&error) => Ok(()),
        written => written,
    }
}

/// What a terminal without a line answers, on every Unix.
const EIO: i32 = 5;

/// True when a terminal was written to whose line is lost: it takes nothing more.
fn is_lost_line(error: &std::io::Error) -> bool {
    let is_device = |stream: BorrowedFd<'_>| {
        let file = stream.try_clone_to_owned().map(File::from);
        let kind = file.and_then(|file| Ok(file.metadata()?.file_type()));
        kind.is_ok_and(|kind| kind.is_char_device())
    };
    let (out, err) = (std::io::stdout(), std::io::stderr());
    error.raw_os_error() == Some(EIO) && (is_device(out.as_fd()) || is_device(err.as_fd()))
}

/// A page on standard output, sent as a whole: a stream that looks at colours sends line by line.
fn page(text: &str) -> std::io::Result<()> {
    let stdout = std::io::stdout().lock();
    let choice = anstream::AutoStream::choice(&stdout);
    let mut page = anstream::AutoStream::new(Vec::with_capacity(text.len() + 1), choice);
    writeln!(page, "{text}")?;
    let mut stdout = stdout;
    stdout.write_all(&page.into_inner())
}
