//! Reporters: what a person and what a program reads.
//!
//! Text is built as a string, with colours, and printed through [`Out`], which knows what
//! standard output is reserved for. Everything that a program reads is a struct in
//! [`document`], so that its field names stay.

pub(crate) mod diagnostic;
pub(crate) mod document;
pub(crate) mod file;
pub(crate) mod findings;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod style;
pub(crate) mod tree;

use std::io::Write as _;

use realign::planner::{Diagnostic, Severity};
use serde::Serialize;

use crate::args::Format;
use crate::settings::Output;

/// Where output goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    /// Standard output holds one JSON document.
    json: bool,
    /// Standard output holds only SQL.
    sql_only: bool,
    quiet: bool,
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
            verbose: output.verbose,
        }
    }

    /// The same with standard output reserved for SQL.
    pub(crate) fn reserving_sql(mut self, reserved: bool) -> Self {
        self.sql_only = reserved;
        self
    }

    /// True when a program reads.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// A result for a person: standard output, unless that is reserved.
    pub(crate) fn text(self, text: &str) -> anyhow::Result<()> {
        if self.json {
            return Ok(());
        }
        if self.sql_only {
            writeln!(anstream::stderr(), "{}", text.trim_end())?;
        } else {
            writeln!(anstream::stdout(), "{}", text.trim_end())?;
        }
        Ok(())
    }

    /// A result that `-q` leaves out.
    pub(crate) fn chatter(self, text: &str) -> anyhow::Result<()> {
        if self.quiet { Ok(()) } else { self.text(text) }
    }

    /// Something worth knowing, beside the result: standard error.
    pub(crate) fn notice(self, text: &str) -> anyhow::Result<()> {
        if !self.quiet {
            writeln!(anstream::stderr(), "{}", text.trim_end())?;
        }
        Ok(())
    }

    /// SQL as it is: colours are never in it, and nothing in it is taken for one.
    pub(crate) fn sql(self, sql: &str) -> anyhow::Result<()> {
        if !self.json {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(sql.as_bytes())?;
            stdout.flush()?;
        }
        Ok(())
    }

    /// The one document.
    pub(crate) fn json(self, document: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            let mut stdout = std::io::stdout().lock();
            serde_json::to_writer_pretty(&mut stdout, document)?;
            writeln!(stdout)?;
        }
        Ok(())
    }

    /// Diagnostics with their pictures: standard error. `-q` keeps errors, notes need `-v`.
    pub(crate) fn diagnostics(self, diagnostics: &[Diagnostic]) -> anyhow::Result<()> {
        if self.json {
            return Ok(());
        }
        for diagnostic in diagnostics {
            let shown = match diagnostic.severity {
                Severity::Error => true,
                Severity::Warning => !self.quiet,
                Severity::Note => self.verbose > 0,
            };
            if shown {
                writeln!(anstream::stderr(), "{}", diagnostic::render(diagnostic))?;
            }
        }
        Ok(())
    }
}
