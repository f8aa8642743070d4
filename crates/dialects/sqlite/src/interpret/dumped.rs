//! What the engine's client writes of virtual tables (`.dump`): for each a row of the schema's own
//! table, then the tables that its module keeps the content in.

use super::stage::Holder;
use super::{Work, begins};
use crate::reader::Reader;
use crate::tokens::{self, Kind};

/// What the engine's own modules (FTS3 to FTS5, R-tree) put behind the name of a virtual table.
const SHADOWS: [&str; 12] = [
    "config", "content", "data", "docsize", "idx", "node", "parent", "rowid", "segdir", "segments",
    "stat", "vocab",
];

/// The statement that such a row holds; none for any other change of rows.
pub(super) fn statement_in_row(sql: &str) -> Option<String> {
    if !begins(sql, "INSERT") {
        return None;
    }
    // Most rows are the application's, and long: their first words are enough to tell.
    let mut end = sql.len().min(64);
    while !sql.is_char_boundary(end) {
        end -= 1;
    }
    let head = sql[..end].to_ascii_lowercase();
    if !head.contains("sqlite_schema") && !head.contains("sqlite_master") {
        return None;
    }
    let mut reader = Reader::new(sql).ok()?;
    reader.take_all(&["INSERT", "INTO"]).then_some(())?;
    let into = reader.name().ok()?;
    if !["sqlite_schema", "sqlite_master"]
        .iter()
        .any(|own| into.eq_ignore_ascii_case(own))
    {
        return None;
    }
    let found = tokens::tokens(sql).ok()?;
    let last = found
        .into_iter()
        .rev()
        .find(|token| token.kind == Kind::Text)?;
    let statement = tokens::unquote(last.text);
    let mut words = Reader::new(&statement).ok()?;
    let is_virtual = words.take_all(&["CREATE", "VIRTUAL", "TABLE"]);
    is_virtual.then_some(statement)
}

impl Work {
    /// True for the name of a table that comes and goes with a virtual one.
    pub(super) fn is_shadow(&self, name: &str) -> bool {
        SHADOWS.iter().any(|shadow| {
            let end = name.len().checked_sub(shadow.len() + 1);
            end.and_then(|end| Some((name.get(..end)?, name.get(end..)?)))
                .is_some_and(|(owner, rest)| {
                    rest.strip_prefix('_')
                        .is_some_and(|rest| rest.eq_ignore_ascii_case(shadow))
                        && matches!(self.stage.holder(owner), Some(Holder::Virtual(_)))
                })
        })
    }
}
