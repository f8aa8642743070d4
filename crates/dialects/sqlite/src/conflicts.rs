//! What constraints do with a row that they refuse: `ON CONFLICT`.
//!
//! The model keeps it with the table, each constraint by what it holds: the catalogue has no names
//! for most of them, and one may stand at its column or behind all of them.

use realign_model::{Table, TableOptions};

/// The primary key.
pub(crate) const PRIMARY: &str = "PRIMARY KEY";

/// A unique constraint over these columns.
pub(crate) fn unique<'c>(columns: impl IntoIterator<Item = &'c str>) -> String {
    let columns = columns.into_iter().map(str::to_lowercase);
    format!("UNIQUE ({})", columns.collect::<Vec<_>>().join(", "))
}

/// The NOT NULL of a column.
pub(crate) fn not_null(column: &str) -> String {
    format!("NOT NULL ({})", column.to_lowercase())
}

/// The line of a constraint.
pub(crate) fn line(of: &str, action: &str) -> String {
    format!("{of}{BETWEEN}{action}")
}

const BETWEEN: &str = " ON CONFLICT ";

/// The clause of a constraint, a blank in front; nothing where it does the usual.
pub(crate) fn clause<'t>(table: &'t Table, of: &str) -> &'t str {
    let TableOptions::Sqlite(options) = &table.options else {
        return "";
    };
    let mut found = options.conflicts.iter().filter_map(|line| {
        let clause = line.strip_prefix(of)?;
        clause.starts_with(BETWEEN).then_some(clause)
    });
    found.next().unwrap_or_default()
}

/// Adds the lines of a column that joins the table.
pub(crate) fn join(table: &mut Table, added: TableOptions) {
    if let (TableOptions::Sqlite(own), TableOptions::Sqlite(added)) = (&mut table.options, added) {
        own.conflicts.extend(added.conflicts);
        own.conflicts.sort();
    }
}

/// Takes the lines of a column away that goes.
pub(crate) fn forget(table: &mut Table, column: &str) {
    if let TableOptions::Sqlite(own) = &mut table.options {
        let of = format!("{}{BETWEEN}", not_null(column));
        own.conflicts.retain(|line| !line.starts_with(&of));
    }
}

/// Gives a column another name.
pub(crate) fn rename(table: &mut Table, from: &str, to: &str) {
    let TableOptions::Sqlite(own) = &mut table.options else {
        return;
    };
    let (from, to) = (from.to_lowercase(), to.to_lowercase());
    for line in &mut own.conflicts {
        let Some((head, columns, tail)) = line
            .split_once('(')
            .and_then(|(head, rest)| Some((head, rest.rsplit_once(')')?)))
            .map(|(head, (columns, tail))| (head, columns, tail))
        else {
            continue;
        };
        let columns = columns
            .split(", ")
            .map(|name| if name == from { &to } else { name });
        let columns: Vec<&str> = columns.collect();
        *line = format!("{head}({}){tail}", columns.join(", "));
    }
    own.conflicts.sort();
}
