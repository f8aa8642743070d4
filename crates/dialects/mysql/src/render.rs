//! DDL fragments in Doctrine's spelling.

use realign_model::{Column, ForeignKey, Ident, Index, IndexPart, ObjectName, Table};
use realign_planner::Facts;

/// A name in backticks, whatever it is.
pub(crate) fn quote_ident(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A name, in backticks when it was declared so or is a reserved word.
pub(crate) fn ident(name: &Ident, _facts: &Facts) -> String {
    quote_ident(&name.text)
}

/// The name of a table or view, its schema included.
pub(crate) fn object_name(name: &ObjectName, facts: &Facts) -> String {
    ident(&name.name, facts)
}

/// A string literal: quotes and backslashes doubled.
pub(crate) fn string_literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// A column with its name.
pub(crate) fn column(column: &Column, table: &Table, facts: &Facts) -> String {
    format!(
        "{} {}",
        ident(&column.name, facts),
        column_body(column, table, facts)
    )
}

/// A column without its name: type and clauses.
pub(crate) fn column_body(_column: &Column, _table: &Table, _facts: &Facts) -> String {
    String::new()
}

/// A column's declaration for a person, its comment and type mark included.
pub(crate) fn describe_column(column: &Column, facts: &Facts) -> String {
    column_body(column, &crate::no_table(), facts)
}

/// The parts of a key in parentheses: `(a, b(10))`.
pub(crate) fn index_parts(_parts: &[IndexPart], _facts: &Facts) -> String {
    String::new()
}

/// An index as in CREATE TABLE: `UNIQUE INDEX x (a, b)`.
pub(crate) fn index_inline(_index: &Index, _facts: &Facts) -> String {
    String::new()
}

/// A whole CREATE INDEX.
pub(crate) fn create_index(_table: &ObjectName, _index: &Index, _facts: &Facts) -> String {
    String::new()
}

/// An index for a person, without its name: `UNIQUE (a, b)`.
pub(crate) fn describe_index(_index: &Index, _facts: &Facts) -> String {
    String::new()
}

/// A foreign key: `FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE`.
pub(crate) fn foreign_key(_key: &ForeignKey, _facts: &Facts) -> String {
    String::new()
}

/// A whole `ALTER TABLE … ADD CONSTRAINT …`.
pub(crate) fn foreign_key_add(_table: &ObjectName, _key: &ForeignKey, _facts: &Facts) -> String {
    String::new()
}

/// Everything after the closing parenthesis of CREATE TABLE, with a blank before it, or nothing.
pub(crate) fn table_options(_table: &Table, _facts: &Facts) -> String {
    String::new()
}

/// A whole CREATE TABLE, without foreign keys.
pub(crate) fn create_table(_table: &Table, _facts: &Facts) -> String {
    String::new()
}
