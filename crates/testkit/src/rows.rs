//! Rows for every table, made so that each key holds, and the check that they are still there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::catalogue::{ColumnKind, ColumnShape, TableShape};
use crate::database::{Live, is_book};

/// The rows of one table: the names of its columns, and the values as text. NULL reads `NULL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRows {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Values, a row each.
    pub values: Vec<Vec<String>>,
}

/// Puts so many rows into every table.
///
/// Row n of a table refers to row n of every table that it has a key to, so all foreign keys
/// hold, and every value depends on n, so all unique keys do. The last of the rows is NULL
/// wherever that is allowed. References of a table to itself, and those that close a circle of
/// tables, are NULL.
///
/// # Panics
/// When the engine refuses a row.
pub fn fill(database: &impl Live, count: usize) {
    insert(database, count, true);
}

/// As [`fill`], with a value wherever there can be one.
///
/// # Panics
/// When the engine refuses a row.
pub fn fill_densely(database: &impl Live, count: usize) {
    insert(database, count, false);
}

/// As [`fill`], but leaves out what the engine refuses, such as a row that a check forbids, where
/// its client goes on after an error once it is asked to by this beginning of the script.
pub fn fill_what_fits(database: &impl Live, count: usize, beginning: &str) {
    let script = script(database, &tables(database), count, true, &BTreeSet::new());
    // Each row by itself, so that a key that is looked at late takes none of the others along.
    let of_rows = |line: &&str| !matches!(*line, "BEGIN;" | "COMMIT;");
    let lines: Vec<&str> = script.lines().filter(of_rows).collect();
    database.client(&format!("{beginning}\n{}", lines.join("\n")));
}

fn insert(database: &impl Live, count: usize, nulls: bool) {
    let tables = tables(database);
    let mut sparse = BTreeSet::new();
    while let Err(error) = database.try_client(&script(database, &tables, count, nulls, &sparse)) {
        let refused = tables.iter().find(|table| {
            let named = ["`", "\""].map(|mark| format!("{mark}{}{mark}", table.name));
            error.to_ascii_lowercase().contains("constraint")
                && named.iter().any(|name| error.contains(name))
        });
        match refused {
            Some(table) if sparse.insert(table.name.clone()) => empty(database),
            _ => panic!("{error}"),
        }
    }
}

/// One transaction that fills the tables. Rows of a sparse table have the first of the values that
/// may be missing, and none of the others: its checks want one of two.
fn script(
    database: &impl Live,
    tables: &[TableShape],
    count: usize,
    nulls: bool,
    sparse: &BTreeSet<String>,
) -> String {
    let mut script = String::from("BEGIN;\n");
    let mut filled = BTreeSet::new();
    for table in in_order(tables) {
        let first = table.columns.iter().find(|column| column.nullable);
        for n in 0..count {
            let mut columns = Vec::new();
            let mut values = Vec::new();
            for column in table.columns.iter().filter(|column| !column.generated) {
                columns.push(database.quoted(&column.name));
                let is_last = nulls && n + 1 == count && count > 1;
                let missing = if sparse.contains(&table.name) {
                    first.is_some_and(|first| first.name != column.name)
                } else {
                    is_last
                };
                values.push(value(database, tables, table, column, n, missing, &filled));
            }
            let _ = writeln!(
                script,
                "INSERT INTO {} ({}){} VALUES ({});",
                database.quoted(&table.name),
                columns.join(", "),
                database.overriding(),
                values.join(", ")
            );
        }
        filled.insert(table.name.clone());
    }
    script.push_str(&database.counted());
    script.push_str("COMMIT;\n");
    script
}

/// Takes all rows out of every table, so that no foreign key refuses it: those that refer to others
/// go first.
///
/// # Panics
/// When the engine refuses it.
pub fn empty(database: &impl Live) {
    let tables = tables(database);
    let mut script = String::from("BEGIN;\n");
    for table in in_order(&tables).into_iter().rev() {
        let _ = writeln!(script, "DELETE FROM {};", database.quoted(&table.name));
    }
    script.push_str("COMMIT;\n");
    database.client(&script);
}

/// The application's tables: Realign's own books are filled by nobody else.
fn tables(database: &(impl Live + ?Sized)) -> Vec<TableShape> {
    let mut tables = database.tables();
    tables.retain(|table| !is_book(&table.name));
    tables
}

/// The rows of every table.
pub fn rows(database: &(impl Live + ?Sized)) -> BTreeMap<String, TableRows> {
    // One call of the client for all tables: a row with a mark stands before each table's rows.
    const MARK: &str = "rows of table";
    let mut script = String::new();
    let mut found = BTreeMap::new();
    for table in tables(database) {
        let stored = || table.columns.iter().filter(|column| !column.generated);
        let columns: Vec<String> = stored().map(|column| column.name.clone()).collect();
        if !columns.is_empty() {
            let fields: Vec<String> = stored().map(|column| shown(database, column)).collect();
            let _ = writeln!(script, "SELECT '{MARK}', '{}';", table.name);
            let _ = writeln!(
                script,
                "SELECT {} FROM {};",
                fields.join(", "),
                database.quoted(&table.name)
            );
        }
        let rows = TableRows {
            columns,
            values: Vec::new(),
        };
        found.insert(table.name, rows);
    }
    let mut current = String::new();
    for row in database.rows(&script) {
        if row.len() == 2 && row[0] == MARK {
            current.clone_from(&row[1]);
        } else if let Some(rows) = found.get_mut(&current) {
            rows.values.push(row);
        }
    }
    found
}

/// A column as it is read: truths as the numbers that they are where an engine has none.
fn shown(database: &(impl Live + ?Sized), column: &ColumnShape) -> String {
    let name = database.quoted(&column.name);
    match column.kind {
        ColumnKind::Truth => format!("CAST({name} AS INT)"),
        _ => name,
    }
}

/// What is gone of these rows: tables with fewer or more rows, and values of columns that both
/// sides have. Empty when nothing is lost.
pub fn rows_lost(
    before: &BTreeMap<String, TableRows>,
    after: &BTreeMap<String, TableRows>,
) -> String {
    let mut lost = String::new();
    for (name, old) in before {
        let Some(new) = after.get(name) else {
            let _ = writeln!(
                lost,
                "{name}: the table is gone, and {} rows",
                old.values.len()
            );
            continue;
        };
        if old.values.len() != new.values.len() {
            let _ = writeln!(
                lost,
                "{name}: {} rows became {}",
                old.values.len(),
                new.values.len()
            );
        }
        let common: Vec<&String> = old
            .columns
            .iter()
            .filter(|column| new.columns.contains(column))
            .collect();
        let (old, new) = (project(old, &common), project(new, &common));
        for row in old.iter().filter(|row| !new.contains(row)).take(2) {
            let _ = writeln!(
                lost,
                "{name}: there is no row {row:?} of {common:?} any more"
            );
            if let Some(candidate) = new.iter().find(|other| other.first() == row.first()) {
                let _ = writeln!(lost, "{name}:     there is {candidate:?}");
            }
        }
    }
    lost
}

fn project(rows: &TableRows, columns: &[&String]) -> Vec<Vec<String>> {
    let places: Vec<usize> = columns
        .iter()
        .filter_map(|name| rows.columns.iter().position(|column| column == *name))
        .collect();
    let mut values: Vec<Vec<String>> = rows
        .values
        .iter()
        .map(|row| places.iter().map(|place| plain(&row[*place])).collect())
        .collect();
    values.sort();
    values
}

/// A number or a moment without zeros at the end of its fraction, and a moment without the zone
/// that all of them have: `12.00` is `12`. A moment is its digits: that is what MySQL and MariaDB
/// make of it in a column of numbers.
fn plain(value: &str) -> String {
    let countable = value
        .chars()
        .all(|c| c.is_ascii_digit() || "-: .+".contains(c));
    let value = match value.strip_suffix("+00") {
        Some(moment) if countable => moment,
        _ => value,
    };
    let value = if countable && value.contains('.') {
        value.trim_end_matches('0').trim_end_matches('.')
    } else {
        value
    };
    let is_moment = countable && value.len() >= 19 && value.contains(':');
    let kept = |c: &char| !is_moment || c.is_ascii_digit();
    value.chars().filter(kept).collect()
}

/// Tables so that those that others refer to come first. Where tables refer to each other in a
/// circle, the one whose references may all be NULL comes first.
fn in_order(tables: &[TableShape]) -> Vec<&TableShape> {
    let mut left: Vec<&TableShape> = tables.iter().collect();
    let mut ordered: Vec<&TableShape> = Vec::new();
    while !left.is_empty() {
        let waits = |table: &TableShape, required: bool| {
            table.keys.iter().any(|key| {
                let here = key.columns.iter().filter_map(|name| table.column(name));
                let open = !required || here.clone().all(|column| !column.nullable);
                let other = key.target != table.name;
                other && open && !ordered.iter().any(|done| done.name == key.target)
            })
        };
        let next = left
            .iter()
            .position(|table| !waits(table, false))
            .or_else(|| left.iter().position(|table| !waits(table, true)))
            .unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

/// The value of a column in row `n`, as SQL.
fn value(
    database: &impl Live,
    tables: &[TableShape],
    table: &TableShape,
    column: &ColumnShape,
    n: usize,
    last: bool,
    filled: &BTreeSet<String>,
) -> String {
    let key = table.keys.iter().find_map(|key| {
        let place = key.columns.iter().position(|name| *name == column.name)?;
        Some((&key.target, key.target_columns.get(place)?))
    });
    if let Some((target, target_column)) = key {
        if column.nullable && (last || !filled.contains(target)) {
            return "NULL".to_owned();
        }
        let other = tables
            .iter()
            .find(|other| other.name.eq_ignore_ascii_case(target));
        if let Some((other, there)) = other.and_then(|o| Some((o, o.column(target_column)?)))
            && (other.name != table.name || there.name != column.name)
        {
            return value(database, tables, other, there, n, false, filled);
        }
    }
    if last && column.nullable && key.is_none() {
        return "NULL".to_owned();
    }
    literal(database, column, n)
}

fn literal(database: &impl Live, column: &ColumnShape, n: usize) -> String {
    let day = n % 28 + 1;
    let text = match &column.kind {
        ColumnKind::Integer => return (n + 1).to_string(),
        ColumnKind::Truth => n.is_multiple_of(2).to_string(),
        ColumnKind::Uuid => format!("00000000-0000-0000-0000-{n:012x}"),
        ColumnKind::Bits(width) => {
            let digits = format!("{n:0width$b}");
            digits[digits.len() - width..].to_owned()
        }
        ColumnKind::Fraction => return format!("{}.5", n + 1),
        ColumnKind::Year => return (2001 + n).to_string(),
        ColumnKind::Bytes(length) => {
            // As long as a hash, which is what bytes of a fixed length mostly are.
            let hex = format!("{:02X}00FF{}", n % 255 + 1, "AB".repeat(17));
            return database.bytes(&hex[..hex.len().min(2 * length)]);
        }
        ColumnKind::Date => format!("2020-01-{day:02}"),
        ColumnKind::Moment => format!("2020-01-{day:02} 10:11:12"),
        ColumnKind::Time => format!("{:02}:11:12", n % 24),
        ColumnKind::Json => format!("{{\"n\": {n}}}"),
        ColumnKind::Word(words) => words
            .get(n % words.len().max(1))
            .cloned()
            .unwrap_or_default(),
        ColumnKind::Text {
            length,
            plain: true,
        } => cut(&format!("{n} {}", column.name), *length),
        ColumnKind::Text {
            length,
            plain: false,
        } => cut(
            &format!("{n} it's \u{e9}\u{df}\u{2603} \"{}\"", column.name),
            *length,
        ),
    };
    format!("'{}'", text.replace('\'', "''"))
}

fn cut(text: &str, length: usize) -> String {
    let cut: String = text.chars().take(length).collect();
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_row_and_a_changed_value_are_named() {
        let table = |values: &[&str]| TableRows {
            columns: vec!["id".to_owned()],
            values: values
                .iter()
                .map(|value| vec![(*value).to_owned()])
                .collect(),
        };
        let side = |values| BTreeMap::from([("t".to_owned(), table(values))]);
        assert_eq!(rows_lost(&side(&["1", "2"]), &side(&["2", "1"])), "");
        assert!(rows_lost(&side(&["1", "2"]), &side(&["1"])).contains("2 rows became 1"));
        assert!(rows_lost(&side(&["1"]), &side(&["3"])).contains("no row [\"1\"]"));
        assert!(rows_lost(&side(&["1"]), &BTreeMap::new()).contains("gone"));
    }
}
