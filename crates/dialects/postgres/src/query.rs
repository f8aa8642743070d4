//! Queries: whether two texts ask for the same.
//!
//! The server prints a query from its tree: with parentheses, every column with its rows, joins
//! in one spelling, names for results, casts where it added them. Both texts are read into a tree
//! and written down in one spelling, in which rows are called by their place. Two that are written
//! alike are the same; of all others nothing is said.

mod columns;
mod expr;
mod read;
mod read_call;
mod read_from;
mod rows;
mod tree;
mod write;

use realign_model::{Database, Ident};

use crate::render::catalog_name;

/// True when two queries are certainly the same. Each comes with its database, whose tables tell
/// what a name and `*` stand for, and the names that a view gives to the results.
pub(crate) fn same(
    (is, is_names, is_db): (&str, &[Ident], &Database),
    (wish, wish_names, wish_db): (&str, &[Ident], &Database),
    usual: &str,
) -> bool {
    let live = written(is, is_names, is_db, usual);
    live.is_some() && live == written(wish, wish_names, wish_db, usual)
}

fn written(text: &str, names: &[Ident], db: &Database, usual: &str) -> Option<String> {
    let query = read::read(text)?;
    let names: Vec<String> = names.iter().map(catalog_name).collect();
    let mut writer = write::Writer::new(db, usual);
    writer.query(&query, &names).map(|(text, _)| text)
}

#[cfg(test)]
mod tests;
