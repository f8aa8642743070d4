//! Realign's own tables and sessions on SQLite.

use std::fmt::Write as _;
use std::time::Duration;

use realign_planner::{BookColumn, BookType, Bookkeeping, Facts, LockKind, ObjectRef, Removal};

use crate::Sqlite;
use crate::keywords::literal;

impl Bookkeeping for Sqlite {
    fn lock_kind(&self) -> LockKind {
        LockKind::File
    }

    fn text(&self, value: &str) -> String {
        // The reader of SQL stops at a NUL.
        if !value.contains('\0') {
            return literal(value);
        }
        let mut digits = String::with_capacity(value.len() * 2);
        for byte in value.bytes() {
            let _ = write!(digits, "{byte:02X}");
        }
        format!("CAST(X'{digits}' AS TEXT)")
    }

    fn limits_text(&self) -> bool {
        false
    }

    fn encoding(&self, _: &Facts) -> Option<String> {
        None
    }

    fn joined(&self, first: &str, second: &str) -> String {
        format!("{first} || {second}")
    }

    fn create_table(&self, name: &str, columns: &[BookColumn], key: &str, _: &Facts) -> String {
        let mut sql = format!("CREATE TABLE IF NOT EXISTS {name} (");
        for column in columns {
            let data_type = match column.data_type {
                BookType::Text(length) => format!("VARCHAR({length})"),
                BookType::Long => "CLOB".to_owned(),
                BookType::Number => "BIGINT".to_owned(),
            };
            let null = if column.nullable { "NULL" } else { "NOT NULL" };
            let _ = write!(sql, "{} {data_type} {null}, ", column.name);
        }
        let _ = write!(sql, "PRIMARY KEY ({key}))");
        // One tree in place of two: a row less to write, and a page less of the journal, for each
        // migration. A key that is a number is that of long rows, which are changed in place.
        let is_text = |column: &BookColumn| matches!(column.data_type, BookType::Text(_));
        if columns.iter().any(|c| c.name == key && is_text(c)) {
            sql.push_str(" WITHOUT ROWID");
        }
        sql
    }

    fn tables_exist(&self, names: &[&str]) -> String {
        let count = |name: &&str| {
            format!(
                "(SELECT COUNT(*) FROM sqlite_master \
                 WHERE type = 'table' AND name = {} COLLATE NOCASE)",
                literal(name)
            )
        };
        let counts: Vec<String> = names.iter().map(count).collect();
        format!("SELECT {}", counts.join(", "))
    }

    fn insert_missing(&self, table: &str, columns: &[&str], values: &[String]) -> String {
        format!(
            "INSERT OR IGNORE INTO {table} ({}) VALUES ({})",
            columns.join(", "),
            values.join(", ")
        )
    }

    fn now_ms(&self) -> &'static str {
        "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    }

    fn begin(&self) -> &'static str {
        "BEGIN IMMEDIATE"
    }

    /// Nothing to fence: the operating system holds the lock as long as its process lives.
    fn fence(&self, _: i64) -> String {
        "SELECT 1".to_owned()
    }

    fn insisting_fence(&self, _: i64) -> Option<Vec<String>> {
        None
    }

    fn transaction_clock(&self) -> Option<&'static str> {
        None
    }

    fn transactional_definitions(&self) -> bool {
        true
    }

    fn atomic_definitions(&self, _: &Facts) -> bool {
        true
    }

    /// Only definitions outside of a transaction are asked for, and none is here.
    fn definition(&self, _: &ObjectRef, _: &Facts) -> Vec<String> {
        Vec::new()
    }

    fn plain_definition(&self, text: &str) -> String {
        text.to_owned()
    }

    fn leftover(&self, _: &ObjectRef) -> Option<String> {
        None
    }

    /// Every statement is in a transaction: none is ever open.
    fn removal(&self, _: &ObjectRef) -> Option<Removal> {
        None
    }

    fn unsafe_tables(&self, _: &[ObjectRef]) -> Option<String> {
        None
    }

    fn mark_session(&self, _: i64) -> Vec<String> {
        Vec::new()
    }

    fn mark_statement(&self, _: i64) -> String {
        String::new()
    }

    fn server_identity(&self, _: &Facts) -> Option<String> {
        None
    }

    fn sessions_of(&self, _: i64, _: &[u64]) -> Option<String> {
        None
    }

    /// There are no sessions of others to end: their process holds the file's lock or is gone.
    fn end_session(&self, _: u64) -> String {
        String::new()
    }

    fn end_unseen(&self, _: u64) -> Option<(String, &'static str)> {
        None
    }

    fn cancel(&self, _: i64, _: u64) -> String {
        String::new()
    }

    fn limits(&self, lock: Option<Duration>, _: Option<Duration>, _: &Facts) -> Vec<String> {
        lock.map(|lock| format!("PRAGMA busy_timeout = {}", lock.as_millis()))
            .into_iter()
            .collect()
    }

    fn idle_limit(&self, _: Option<u64>) -> Option<String> {
        None
    }

    fn own_names(&self, _: bool) -> &'static [&'static str] {
        &[]
    }

    fn needs_alone(&self, _: &str) -> bool {
        true
    }

    /// A dump turns foreign keys off and never on again.
    fn settings_back(&self, _: &Facts) -> Vec<String> {
        let settings = [
            "foreign_keys = ON",
            "ignore_check_constraints = OFF",
            "legacy_alter_table = OFF",
            "recursive_triggers = OFF",
            "writable_schema = OFF",
        ];
        let pragma = |setting| format!("PRAGMA {setting}");
        settings.into_iter().map(pragma).collect()
    }

    fn utf8(&self) -> Option<&'static str> {
        None
    }

    fn hand_written(&self) -> Vec<String> {
        Vec::new()
    }

    /// A session that sets nothing else waits for the disk at each commit.
    fn weak_durability(&self) -> Option<&'static str> {
        None
    }

    fn blockers(&self, _: &[ObjectRef]) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_no_end_of_a_text() {
        let book: &dyn Bookkeeping = &Sqlite;
        assert_eq!(book.text("it's"), "'it''s'");
        assert_eq!(book.text("a\0b"), "CAST(X'610062' AS TEXT)");
    }
}
