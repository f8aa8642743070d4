//! Scripts: text into statements, and what is known of a statement from its text.
//!
//! The splitter is exact (each statement with its place, bytes between them are blanks, comments
//! and delimiters only); the [`Nature`] of a statement is what the kernel needs to run it so that
//! a kill at any moment can be settled afterwards.

mod definition;
mod lexeme;
mod nature;
mod places;
mod rows;
mod settings;
mod split;
mod wide;
mod words;

use std::ops::Range;

use realign_model::{Origin, Span};

use crate::{Diagnostic, Facts};

pub use lexeme::{LexKind, Lexeme};
pub use nature::{Rules, nature};
pub use rows::{ends_with_rows, with_rows};
pub use settings::{Setting, settings};
pub use split::{Command, Cutter, Nesting, Seen, each, lines, split};
pub use wide::utf16;

/// How an engine reads scripts.
pub trait Scripts: Sync {
    /// Cuts a script into statements. Never fails: what can't be read is a problem with its
    /// place, and the text around it is still cut.
    ///
    /// Understands what the engine's own client understands: its comments (also the executable
    /// ones), quotes, bodies of routines and triggers, `DELIMITER`, dollar quotes, backslash
    /// lines, a BOM, CRLF.
    fn split(&self, script: &str, facts: &Facts) -> Script;

    /// Asks about the lines of a script that begin outside of everything that may hold any text:
    /// quotes, comments over several lines, rows, and the bodies of routines and triggers. Of
    /// each the byte is given at which it begins, behind its blanks.
    ///
    /// Gives the byte from which on something is never closed: a quote, rows, a body.
    fn lines(
        &self,
        script: &str,
        facts: &Facts,
        ask: &mut dyn FnMut(usize) -> Line,
    ) -> Option<usize>;

    /// What the text of one statement says about how it can be run.
    fn nature(&self, sql: &str, facts: &Facts) -> Nature;

    /// The other database that a statement of the session leads it into, where names that say none would
    /// mean what is there from then on. None for the database that the session is in.
    fn leaves_for(&self, sql: &str, facts: &Facts) -> Option<String>;

    /// What a statement of this nature takes away with all that lies in it, where that is the place of
    /// names that say none: the database, or the schema, that these facts were told by.
    fn takes_books(&self, sql: &str, nature: &Nature, facts: &Facts) -> Option<String>;

    /// The lines by which the engine's own client sends this statement, where a semicolon behind
    /// it is not enough.
    fn for_client(&self, sql: &str, facts: &Facts) -> Option<String>;

    /// The line after which the engine's own client ends at the first error of a script; none where
    /// it does so by itself.
    fn ends_client_at_errors(&self) -> Option<&'static str>;
}

/// What a line of a file is to the script that stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// A part of the script.
    Text,
    /// No part of it: it is left out, and a statement goes on behind it.
    Own,
    /// No part of it, and another script begins behind it.
    Break,
}

/// A script cut into statements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// Its statements, in order.
    pub statements: Vec<ScriptStatement>,
    /// What could not be read: an open quote, an unknown client command. Their places are of the
    /// script; the path of its file is not known here.
    pub problems: Vec<Diagnostic>,
}

/// One statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptStatement {
    /// What is sent: without the delimiter, and without blanks and plain comments around it.
    pub sql: String,
    /// Its bytes in the script.
    pub span: Range<usize>,
    /// Its first line; the script's first is 1.
    pub line: usize,
    /// Its first column in characters; the line's first is 1.
    pub column: usize,
    /// Rows that follow it in the script and are sent after it: `COPY … FROM STDIN`.
    pub rows: Option<ScriptRows>,
}

impl ScriptStatement {
    /// Where it stands in the file of this path.
    pub fn origin(&self, path: &str) -> Origin {
        let cut = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Origin::File {
            path: path.into(),
            line: cut(self.line),
            column: cut(self.column),
            span: Span::new(self.span.start, self.span.end),
        }
    }
}

/// Rows of a script that belong to the statement before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptRows {
    /// They as they stand in the script, without the line that ends them.
    pub text: String,
    /// The byte of the script at which they begin.
    pub start: usize,
    /// The line of the script on which they begin; the script's first is 1.
    pub line: usize,
}

/// What a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    /// Changes definitions: CREATE, ALTER, DROP, RENAME, COMMENT.
    Definition,
    /// Changes rows: INSERT, UPDATE, DELETE, REPLACE, MERGE, COPY.
    Data,
    /// Reads only.
    Query,
    /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their like; LOCK TABLES where that is one.
    Transaction,
    /// Changes only the session: SET, USE, PRAGMA of a session.
    Session,
    /// Anything else: CALL, GRANT, ANALYZE, a server's own.
    Other,
}

/// A kind of object whose definition a catalogue can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A table with its columns, indexes, keys, checks.
    Table,
    /// A view, materialized ones too.
    View,
    /// A trigger.
    Trigger,
    /// A procedure.
    Procedure,
    /// A function.
    Function,
    /// A scheduled event.
    Event,
    /// A sequence.
    Sequence,
    /// An index, where it has a name of its own in the schema.
    Index,
    /// An enum, a domain, a composite type.
    Type,
    /// A schema, or a database.
    Schema,
    /// An extension.
    Extension,
}

/// An object that a statement names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// What it is.
    pub kind: ObjectKind,
    /// The schema or database that the statement names, if it names one.
    pub schema: Option<String>,
    /// Its name, without quotes, folded as the engine folds it.
    pub name: String,
}

/// What the catalogue shows once a statement has run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The object is there (`true`) or not.
    Object(ObjectRef, bool),
    /// The table has this column, or not.
    Column {
        /// The table.
        table: ObjectRef,
        /// The column.
        column: String,
        /// It is there.
        exists: bool,
    },
    /// The table has an index (or key) of this name, or not.
    Index {
        /// The table.
        table: ObjectRef,
        /// The index.
        index: String,
        /// It is there.
        exists: bool,
    },
}

/// What is known of a statement from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nature {
    /// What it is for.
    pub kind: StatementKind,
    /// The engine ends an open transaction by itself before or after it.
    pub commits: bool,
    /// The engine refuses or ignores it within a transaction.
    pub alone: bool,
    /// Running it twice is the same as running it once: `CREATE OR REPLACE`, `IF EXISTS`.
    pub repeatable: bool,
    /// It makes an empty table, and reads no rows of another: it never takes long.
    pub quick: bool,
    /// It only sets something for its session, and what that means for the definitions after it
    /// is known: nothing, or what is read of them together with it.
    pub plain_setting: bool,
    /// The objects whose definition it changes, or whose rows (then tables only).
    pub touches: Vec<ObjectRef>,
    /// What the catalogue shows afterwards. Empty when existence alone can't tell (a column that
    /// changes its type).
    pub effects: Vec<Effect>,
}

impl Nature {
    /// A statement of this kind of which nothing else is known.
    pub fn of(kind: StatementKind) -> Self {
        Self {
            kind,
            commits: false,
            alone: false,
            repeatable: false,
            quick: false,
            plain_setting: false,
            touches: Vec::new(),
            effects: Vec::new(),
        }
    }
}
