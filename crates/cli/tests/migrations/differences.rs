//! Steps that differ on purpose, each with the row of the book's table that says why.

mod all;

use all::ALL;

/// What of a step is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Facet {
    /// Standard output.
    Out,
    /// The exit code.
    Exit,
    /// The rows and columns of the history.
    History,
    /// The tables.
    Tables,
    /// The file of `--write-sql`.
    File,
    /// The migration that was generated.
    Generated,
}

/// What keeps the two databases side by side afterwards.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Then {
    /// Nothing has to.
    Nothing,
    /// This command of ours does what was recorded, and has to agree with it in everything.
    Instead(&'static str),
    /// This command leads to the same state; what it prints is another matter.
    Quietly(&'static str),
}

/// A declared difference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    /// Engines.
    engines: &'static [&'static str],
    /// Steps.
    ids: &'static [&'static str],
    /// What differs, all of it.
    pub(crate) facets: &'static [Facet],
    /// The rows of the table of differences.
    pub(crate) rows: &'static [&'static str],
    /// What follows.
    pub(crate) then: Then,
}

/// The row for migrations being files of SQL, which the comparison takes for granted.
pub(crate) const SQL_FILES: &str = "sql-files";

/// The difference that is declared for a step.
pub(crate) fn of(id: &str, engine: &str) -> Option<&'static Difference> {
    ALL.iter()
        .find(|difference| difference.ids.contains(&id) && difference.engines.contains(&engine))
}

/// Every row that a step names.
pub(crate) fn rows() -> impl Iterator<Item = &'static str> {
    let named = ALL.iter().flat_map(|difference| difference.rows);
    named.copied().chain([SQL_FILES])
}

/// Every step that is named, with an engine.
pub(crate) fn steps() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().flat_map(|difference| {
        let engines = difference.engines.iter();
        engines.flat_map(|engine| difference.ids.iter().map(|id| (*engine, *id)))
    })
}
