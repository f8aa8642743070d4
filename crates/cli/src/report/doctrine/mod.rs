//! What an alias answers: Doctrine's sentences, in the layout of Symfony's console or of
//! laravel-doctrine.
//!
//! Scripts look for these sentences, so that their wording is Doctrine's own. Whatever
//! goes wrong is told by diagnostics and errors as everywhere else.

pub(crate) mod console;
mod laravel;
mod symfony;
pub(crate) mod table;

use realign::planner::Statement;

use super::document::{MappingDocument, SyncDocument};
use super::plan;
use super::style::count;

/// Whose layout it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Doctrine's commands on Symfony's console: sections and `[OK]`.
    Symfony,
    /// laravel-doctrine's: `[Mapping]  OK - …`.
    Laravel,
}

/// The voice of an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Speech {
    /// The command as typed: `doctrine:schema:update`.
    pub(crate) name: &'static str,
    /// The layout.
    pub(crate) style: Style,
    /// Everything but SQL goes to standard error.
    pub(crate) apart: bool,
    /// `--clean` was typed, which removes nothing here.
    pub(crate) clean: bool,
}

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Make what is declared.
    Create,
    /// Bring in line with what is declared.
    Update,
    /// Remove what is declared.
    Drop,
}

impl Work {
    /// How it is told while it is done.
    fn doing(self) -> &'static str {
        match self {
            Self::Create => "Creating",
            Self::Update => "Updating",
            Self::Drop => "Dropping",
        }
    }

    /// How it is told afterwards.
    pub(crate) fn done(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Update => "updated",
            Self::Drop => "dropped",
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mode {
    /// The statements are printed.
    pub(crate) dump: bool,
    /// They are executed.
    pub(crate) force: bool,
}

const NOTHING_TO_UPDATE: &str =
    "Nothing to update - your database is already in sync with the current entity metadata.";
const NOTHING_TO_DROP: &str = "Nothing to drop. The database is empty!";
const PLEASE: &str =
    "Please run the operation by passing one - or both - of the following options:";
const ASKED_FOR: &str =
    "Nothing was executed: unlike Doctrine, realign executes only with --force.";
const UNREADABLE: &str = "The mapping files can't be read as a whole; see the errors.";
const HARMLESS: &str = "it works, and no table depends on it";

impl Speech {
    /// There is nothing to do.
    pub(crate) fn nothing(self, work: Work, mode: Mode) -> String {
        let sentence = match work {
            Work::Drop => NOTHING_TO_DROP,
            Work::Create | Work::Update => NOTHING_TO_UPDATE,
        };
        match self.style {
            Style::Symfony => symfony::nothing(work, mode, sentence),
            Style::Laravel => format!("{}{sentence}\n", laravel::heading(work, mode)),
        }
    }

    /// What would be executed, and how.
    pub(crate) fn planned(self, work: Work, mode: Mode, queries: usize) -> String {
        match self.style {
            Style::Symfony => symfony::planned(self.name, work, mode, queries),
            Style::Laravel => laravel::planned(self.name, work, mode, queries),
        }
    }

    /// Before the statements are printed.
    pub(crate) fn before_listing(self, work: Work, mode: Mode) -> String {
        match self.style {
            Style::Symfony => String::new(),
            Style::Laravel => laravel::heading(work, mode),
        }
    }

    /// The statements for a pipe.
    pub(crate) fn script<'a>(self, statements: impl IntoIterator<Item = &'a Statement>) -> String {
        match self.style {
            Style::Symfony => plan::script(statements),
            Style::Laravel => laravel::script(statements),
        }
    }

    /// Before the first statement is executed.
    pub(crate) fn begin(self, work: Work, mode: Mode) -> String {
        match self.style {
            Style::Symfony => symfony::begin(work, mode),
            Style::Laravel => laravel::begin(work, mode),
        }
    }

    /// After the last one.
    pub(crate) fn done(self, work: Work, queries: usize) -> String {
        match self.style {
            Style::Symfony => symfony::done(work, queries),
            Style::Laravel => laravel::done(work, queries),
        }
    }

    /// The verdict of `validate`; `statements` are listed where they were asked for.
    pub(crate) fn verdict(
        self,
        mapping: &MappingDocument,
        sync: &SyncDocument,
        statements: Option<&[&Statement]>,
    ) -> String {
        match self.style {
            Style::Symfony => symfony::verdict(mapping, sync, statements),
            Style::Laravel => laravel::verdict(mapping, sync, statements),
        }
    }
}

/// `1 query was`, `2 queries were`.
fn queries_were(queries: usize) -> &'static str {
    if queries == 1 {
        "query was"
    } else {
        "queries were"
    }
}

/// The sentence about a plan. Doctrine has no singular.
fn would_execute(queries: usize) -> String {
    format!("The Schema-Tool would execute \"{queries}\" queries to update the database.")
}

/// Where to read more than a yes or no.
fn more(sync: &SyncDocument) -> String {
    format!(
        "{}, each with both sides and its place: realign schema validate",
        count(sync.differences.len(), "difference")
    )
}
