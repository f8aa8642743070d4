//! Whose layout a history has, and how that is seen.

use serde::Serialize;

use super::own_table;
use crate::{Error, ErrorKind};

/// Whose layout a history has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Realign's own.
    Own,
    /// Doctrine Migrations 1: the short version alone.
    Doctrine1,
    /// Doctrine Migrations 2: the short version, and when.
    Doctrine2,
    /// Doctrine Migrations 3: the class, when, and how long it took.
    Doctrine3,
}

/// What the columns of Doctrine's table are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryColumns {
    /// The version.
    pub version: String,
    /// How many characters it holds.
    pub length: u32,
    /// When.
    pub executed_at: String,
    /// How long it took, in milliseconds.
    pub execution_time: String,
}

impl Default for HistoryColumns {
    fn default() -> Self {
        Self {
            version: "version".to_owned(),
            length: 191,
            executed_at: "executed_at".to_owned(),
            execution_time: "execution_time".to_owned(),
        }
    }
}

/// What a person says of the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryOptions {
    /// The table, when it was named.
    pub table: Option<String>,
    /// A new one is to be as Doctrine Migrations 3 makes it.
    pub doctrine: bool,
    /// Doctrine's columns.
    pub columns: HistoryColumns,
    /// When each was executed, how long it took and what the server is are of no interest: a first
    /// look at Realign's own table leaves them out.
    pub only_versions: bool,
}

/// The layout of a table with these columns; none when it is no history.
pub(super) fn layout(columns: &[String], names: &HistoryColumns) -> Option<Layout> {
    if own_table::is_own(columns) {
        return Some(Layout::Own);
    }
    let has = |name: &str| {
        columns
            .iter()
            .any(|column| column.eq_ignore_ascii_case(name))
    };
    if !has(&names.version) {
        return None;
    }
    Some(
        match (has(&names.executed_at), has(&names.execution_time)) {
            (_, true) => Layout::Doctrine3,
            (true, false) => Layout::Doctrine2,
            (false, false) => Layout::Doctrine1,
        },
    )
}

/// The table is somebody else's.
pub(super) fn no_history(table: &str, columns: &[String]) -> Error {
    let has = |name: &str| {
        columns
            .iter()
            .any(|column| column.eq_ignore_ascii_case(name))
    };
    let whose = if has("migration") && has("batch") {
        "it is the history of another tool (its columns are migration and batch)"
    } else {
        "it has no column for a version"
    };
    Error::new(
        ErrorKind::Refused,
        format!("the table {table} holds no history of these migrations"),
    )
    .with_note(whose)
    .with_note("nothing was changed")
    .with_help("name another table: --migrations-table, or `table` in [migrations]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(columns: &[&str]) -> Option<Layout> {
        let columns: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
        layout(&columns, &HistoryColumns::default())
    }

    #[test]
    fn a_layout_is_known_by_its_columns() {
        assert_eq!(of(&["VERSION"]), Some(Layout::Doctrine1));
        assert_eq!(of(&["version", "executed_at"]), Some(Layout::Doctrine2));
        assert_eq!(
            of(&["version", "executed_at", "execution_time"]),
            Some(Layout::Doctrine3)
        );
        assert_eq!(
            of(&["version", "outcome", "checksum", "who"]),
            Some(Layout::Own)
        );
        assert_eq!(of(&["id", "migration", "batch"]), None);
    }
}
