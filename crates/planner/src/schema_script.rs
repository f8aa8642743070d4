//! A schema written as SQL: its statements, one after the other, onto the model.

use realign_model::{Database, Origin};

use crate::{Diagnostic, Facts, ScriptStatement};

/// Code of an error: a definition that is not understood.
pub const NOT_UNDERSTOOD: &str = "S001";
/// Code of an error: a statement that can't be carried out on the schema so far.
pub const DOES_NOT_FIT: &str = "S002";
/// Code of a note: statements that change rows were left out.
pub const ROWS_LEFT_OUT: &str = "S003";

/// A file of SQL that declares a schema.
#[derive(Debug, Clone, Copy)]
pub struct SchemaScript<'a> {
    /// The path as the person gave it.
    pub path: &'a str,
    /// The whole text.
    pub text: &'a str,
}

impl SchemaScript<'_> {
    /// About so many tables are made by it: room for them is taken at once, since a list that
    /// grows is copied, and stands there twice as long as that takes.
    pub fn tables(&self) -> usize {
        self.text.matches("CREATE TABLE").count()
    }

    /// Where a statement of the file stands.
    pub fn origin(&self, statement: &ScriptStatement) -> Origin {
        statement.origin(self.path)
    }

    /// A problem of cutting it into statements, which knows no path.
    pub fn placed(&self, mut problem: Diagnostic) -> Diagnostic {
        if let Origin::File { path, .. } = &mut problem.origin {
            *path = self.path.into();
        }
        problem
    }
}

/// What a schema script makes of a database.
#[derive(Debug, Clone, Default)]
pub struct Interpreted {
    /// The database after the last statement.
    pub database: Database,
    /// What could not be read or does not fit, each with its place. An error means that the
    /// database is not what the script would make.
    pub diagnostics: Vec<Diagnostic>,
    /// Statements that change rows: they declare nothing and were left out.
    pub data_statements: usize,
    /// Bytes of statements that were not understood; each has a diagnostic.
    pub skipped_bytes: usize,
}

/// How an engine reads a schema that is written in its SQL.
pub trait Interpret: Sync {
    /// Carries the statements of a script out on `onto`, in order: CREATE, ALTER, DROP, RENAME,
    /// COMMENT, whatever changes definitions. The result is what the catalogue would show had
    /// the engine run the script on that database; where the engine rewrites a text (the query of
    /// a view), the model holds the text as written, and [`crate::Compare`] decides.
    ///
    /// Never fails. Statements about the session, transactions, rights and owners declare nothing
    /// and pass without a word; those that change rows are counted. A definition that is not
    /// understood is an error with its place, and the rest is still read. A statement that can't
    /// be carried out on the database so far (the table to alter is not there) is an error too,
    /// unless it says `IF EXISTS` or `IF NOT EXISTS`.
    fn interpret(&self, script: &SchemaScript<'_>, onto: Database, facts: &Facts) -> Interpreted;
}
