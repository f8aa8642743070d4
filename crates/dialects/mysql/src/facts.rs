//! What is known of a server, and what it can therefore do.

use realign_planner::{CatalogQuery, Facts, Rows};

/// The dialect's name.
pub(crate) const DIALECT: &str = "mysql";
/// Vendor of MySQL itself and of its close relatives.
pub(crate) const MYSQL: &str = "mysql";
/// Vendor of MariaDB.
pub(crate) const MARIADB: &str = "mariadb";

/// True on MariaDB.
pub(crate) fn is_mariadb(facts: &Facts) -> bool {
    facts.vendor == MARIADB
}

/// What a server may be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capability {
    /// `ALTER TABLE … RENAME INDEX`.
    RenameIndex,
    /// `ALTER TABLE … RENAME COLUMN`.
    RenameColumn,
    /// CHECK constraints are kept and enforced.
    Checks,
    /// `ALTER TABLE … DROP CONSTRAINT` for checks.
    DropConstraint,
    /// Descending index parts.
    DescendingIndex,
    /// Index parts that are expressions.
    ExpressionIndex,
    /// Indexes that the optimizer does not see: `INVISIBLE`, on MariaDB `IGNORED`.
    InvisibleIndex,
    /// Columns that `SELECT *` leaves out.
    InvisibleColumn,
    /// Expressions as defaults.
    ExpressionDefault,
    /// Defaults on TEXT and BLOB.
    TextDefault,
    /// `information_schema.CHECK_CONSTRAINTS`.
    CheckCatalog,
    /// A type `JSON` that is more than an alias.
    NativeJson,
    /// Sequences.
    Sequences,
    /// `ALGORITHM=INSTANT`.
    InstantAlter,
    /// A type `UUID`.
    Uuid,
}

/// True when the server of these facts can do it.
pub(crate) fn can(_facts: &Facts, _capability: Capability) -> bool {
    true
}

/// The facts of a declared version: `mariadb-10.11`, `mysql-8.0.31`, `mariadb`.
pub(crate) fn offline(_server_version: &str) -> Option<Facts> {
    None
}

/// The one query that tells the facts.
pub(crate) fn queries() -> Vec<CatalogQuery> {
    Vec::new()
}

/// The facts from its answer.
pub(crate) fn from_answers(_answers: &[Rows]) -> Facts {
    Facts::default()
}
