//! Questions to the data before the first statement: would it refuse a step?
//!
//! Asked of the database as it is, so by the present names of tables and columns.

mod keys;
mod narrow;
mod unique;

use realign_model::{Check, Column, DataType, Ident, Origin, Table};
use realign_planner::{Aspect, Precheck, TableChange, TableItem};

use crate::expr::mentions;
use crate::lower::{Modified, Scene};
use crate::render::quote_ident;
pub(crate) use keys::{lost_partner, orphans, referring_tables, refused_again, tied_rename};
pub(crate) use unique::duplicates;
use unique::unique_keys_over;

/// NULLs where none may be.
const NULLS: &str = "R201";
/// A new column without a value for the rows that are there.
const NO_VALUE: &str = "R210";
/// Rows that a check refuses.
const VIOLATIONS: &str = "R211";

/// Rows of a table, a condition away from being a question.
struct Rows<'a> {
    /// The present name, quoted.
    table: String,
    /// The key's present columns, to find the rows by.
    key: Vec<String>,
    origin: &'a Origin,
}

impl<'a> Rows<'a> {
    fn of(change: &TableChange, origin: &'a Origin, scene: &Scene<'_>) -> Self {
        Self::in_table(&change.is, origin, scene)
    }

    fn in_table(live: &Table, origin: &'a Origin, scene: &Scene<'_>) -> Self {
        let key = live.primary_key.as_deref().map_or_else(Vec::new, |key| {
            key.columns()
                .map(|name| {
                    let old = scene.names.old_column(&live.name, name, scene.facts);
                    quote_ident(&old.text)
                })
                .collect()
        });
        Self {
            table: quote_ident(&scene.names.old_table(&live.name, scene.facts).name.text),
            key,
            origin,
        }
    }

    /// A question for the rows of a condition; the samples show their key and `shown`.
    fn precheck(&self, code: &str, condition: &str, shown: &[String], said: Said) -> Precheck {
        let mut columns = self.key.clone();
        columns.extend(shown.iter().filter(|c| !self.key.contains(c)).cloned());
        if columns.is_empty() {
            columns.push("*".to_owned());
        }
        Precheck {
            code: code.to_owned(),
            message: said.message,
            count_text: said.count_text,
            count_sql: format!("SELECT COUNT(*) FROM {} WHERE {condition}", self.table),
            sample_sql: format!(
                "SELECT {} FROM {} WHERE {condition} LIMIT 5",
                columns.join(", "),
                self.table
            ),
            help: said.help,
            lossy: said.lossy,
            refused_with: Vec::new(),
            origin: self.origin.clone(),
        }
    }
}

/// What a person is told.
struct Said {
    message: String,
    count_text: String,
    help: String,
    lossy: bool,
}

impl Said {
    fn new(message: String, count_text: &str, help: &str) -> Self {
        Self {
            message,
            count_text: count_text.to_owned(),
            help: help.to_owned(),
            lossy: false,
        }
    }
}

/// A present column by its new name.
fn present(change: &TableChange, name: &Ident, scene: &Scene<'_>) -> Option<(String, Column)> {
    let live = change.is.column_ignoring_case(name.as_str())?;
    let old = scene
        .names
        .old_column(&change.is.name, &live.name, scene.facts);
    Some((quote_ident(&old.text), live.clone()))
}

/// Questions for a column that changes.
pub(crate) fn modified_column(
    modified: &Modified<'_>,
    change: &TableChange,
    scene: &Scene<'_>,
) -> Vec<Precheck> {
    let rows = Rows::of(change, &modified.wish.origin, scene);
    let column = quote_ident(&modified.from.text);
    let object = format!("{}.{}", change.is.name, modified.wish.name);
    let mut found = Vec::new();
    let has = |aspect| modified.differences.iter().any(|d| d.aspect == aspect);
    // A generated column computes its values anew.
    if modified.wish.generated.is_some() {
        return found;
    }
    if has(Aspect::Nullability) && modified.is.nullable {
        found.push(rows.precheck(
            NULLS,
            &format!("{column} IS NULL"),
            std::slice::from_ref(&column),
            Said::new(
                format!("{object} can't become NOT NULL"),
                "{n} rows have NULL there",
                "give these rows a value first",
            ),
        ));
    }
    if has(Aspect::Type) || has(Aspect::Collation) {
        for narrow in narrow::conditions(&column, modified.is, modified.wish, change) {
            found.push(rows.precheck(
                narrow.code,
                &narrow.condition,
                std::slice::from_ref(&column),
                Said {
                    message: format!("{object} {}", narrow.message),
                    count_text: narrow.count_text,
                    help: narrow.help.to_owned(),
                    lossy: narrow.lossy,
                },
            ));
        }
        found.extend(unique_keys_over(&modified.wish.name, change, scene));
    }
    found
}

/// Questions for a table that is converted to another character set or collation.
pub(crate) fn converted_table(change: &TableChange, scene: &Scene<'_>) -> Vec<Precheck> {
    let mut found = Vec::new();
    for column in change.is.columns.iter().filter(|c| c.data_type.is_text()) {
        let Some(wish) = change.target.column_ignoring_case(column.name.as_str()) else {
            continue;
        };
        let modified = change.items.iter().any(|item| {
            matches!(item, TableItem::ModifyColumn { wish: other, .. }
                if other.name.text.eq_ignore_ascii_case(&wish.name.text))
        });
        if modified {
            continue;
        }
        let rows = Rows::of(change, &change.target.origin, scene);
        let Some((name, live)) = present(change, &column.name, scene) else {
            continue;
        };
        for narrow in narrow::conditions(&name, &live, wish, change) {
            found.push(rows.precheck(
                narrow.code,
                &narrow.condition,
                std::slice::from_ref(&name),
                Said {
                    message: format!("{}.{} {}", change.is.name, column.name, narrow.message),
                    count_text: narrow.count_text,
                    help: narrow.help.to_owned(),
                    lossy: narrow.lossy,
                },
            ));
        }
        for precheck in unique_keys_over(&column.name, change, scene) {
            if !found
                .iter()
                .any(|known| known.count_sql == precheck.count_sql)
            {
                found.push(precheck);
            }
        }
    }
    found
}

/// Questions for a new column: what would the rows that are there get?
pub(crate) fn added_column(
    column: &Column,
    change: &TableChange,
    scene: &Scene<'_>,
) -> Vec<Precheck> {
    if column.can_be_left_out() {
        return Vec::new();
    }
    let impossible = match &column.data_type {
        DataType::Date
        | DataType::DateTime { .. }
        | DataType::Timestamp { .. }
        | DataType::Json { .. }
        | DataType::Uuid => true,
        DataType::Native(name) => !name.to_ascii_lowercase().starts_with("inet"),
        // The empty text that they would get is none of what Doctrine reads there.
        DataType::Text { .. } => matches!(
            column.type_mark.as_deref(),
            Some("json" | "json_array" | "array" | "object")
        ),
        _ => false,
    };
    if !impossible {
        return Vec::new();
    }
    let rows = Rows::of(change, &column.origin, scene);
    vec![rows.precheck(
        NO_VALUE,
        "1 = 1",
        &[],
        Said::new(
            format!(
                "{}.{} can't be added as NOT NULL",
                change.is.name, column.name
            ),
            "{n} rows would have no value for it",
            "declare a default, or add it as nullable, fill it, and make it NOT NULL afterwards",
        ),
    )]
}

/// Questions for a new check.
pub(crate) fn check(check: &Check, change: &TableChange, scene: &Scene<'_>) -> Vec<Precheck> {
    // A condition over what is not there yet can't be asked.
    let unknown = !check.enforced
        || change.items.iter().any(|item| match item {
            TableItem::AddColumn(column) => mentions(&check.expr, column.name.as_str()),
            TableItem::RenameColumn { to, .. } => mentions(&check.expr, to.as_str()),
            _ => false,
        });
    if unknown {
        return Vec::new();
    }
    let shown: Vec<String> = change
        .is
        .columns
        .iter()
        .filter(|column| mentions(&check.expr, column.name.as_str()))
        .map(|column| quote_ident(column.name.as_str()))
        .collect();
    let rows = Rows::of(change, &check.origin, scene);
    vec![rows.precheck(
        VIOLATIONS,
        &format!("({}) IS FALSE", check.expr),
        &shown,
        Said::new(
            format!(
                "{} can't get its check {}",
                change.is.name,
                check.name_str()
            ),
            "{n} rows do not meet it",
            "mend these rows first",
        ),
    )]
}
