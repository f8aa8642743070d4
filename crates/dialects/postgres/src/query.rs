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
use realign_planner::Verdict;

use crate::render::catalog_name;

/// Whether two queries are the same. Each comes with its database, whose tables tell what a name
/// and `*` stand for, and the names that a view gives to the results. Two that give other columns
/// are certainly others; of two that only look unlike nothing is said.
pub(crate) fn compare(
    (is, is_names, is_db): (&str, &[Ident], &Database),
    (wish, wish_names, wish_db): (&str, &[Ident], &Database),
    usual: &str,
) -> Verdict {
    let live = written(is, is_names, is_db, usual);
    let declared = written(wish, wish_names, wish_db, usual);
    let (Some(live), Some(declared)) = (live, declared) else {
        return Verdict::Unknown;
    };
    if live.text == declared.text {
        return Verdict::Same;
    }
    let others = match (live.columns, declared.columns) {
        (Some(is), Some(wish)) => is.len() != wish.len() || (declared.is_named && is != wish),
        (None, _) | (_, None) => false,
    };
    if others {
        Verdict::Different
    } else {
        Verdict::Unknown
    }
}

/// A query in its one spelling.
struct Spelled {
    text: String,
    /// What its results are called; none when their number depends on a table.
    columns: Option<Vec<String>>,
    /// Each of those names is written down, not made up by the server.
    is_named: bool,
}

fn written(text: &str, names: &[Ident], db: &Database, usual: &str) -> Option<Spelled> {
    let query = read::read(text)?;
    let names: Vec<String> = names.iter().map(catalog_name).collect();
    let mut writer = write::Writer::new(db, usual);
    let (text, columns) = writer.query(&query, &names)?;
    Some(Spelled {
        text,
        columns: columns.filter(|_| !columns::has_star(&query.body)),
        is_named: columns::are_named(&query.body),
    })
}

#[cfg(test)]
mod tests;
