//! Questions to the data before the first statement, each with up to five rows to look at.
//!
//! `R201` an unreadable table, `R204` duplicates, `R205` rows without a parent, `R207` rows that
//! a check refuses; `R202`, `R203` and `R206` are asked for single columns by [`crate::risk`].

use realign_model::{Check, ForeignKey, Ident, Index, IndexTarget};
use realign_planner::{Lowering, Precheck, Step, TableChange, TableItem};

use crate::dependents::mentions;
use crate::keywords::{literal, quote};
use crate::lower::fold;
use crate::rebuild::zero;
use crate::risk::Past;
use crate::{expr, render};

pub(crate) fn unreadable(change: &TableChange, note: &str) -> Precheck {
    let name = &change.is.name;
    Precheck {
        code: "R201".to_owned(),
        message: format!("{name} can't be made anew: {note}"),
        count_text: "{n} table would lose what could not be read".to_owned(),
        count_sql: "SELECT 1".to_owned(),
        sample_sql: format!(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name = {}",
            literal(&name.name.text)
        ),
        help: "change the table by hand, then run it again".to_owned(),
        lossy: true,
        refused_with: Vec::new(),
        origin: change.target.origin.clone(),
    }
}

/// A query for up to five rows: the key, and what is in question.
pub(crate) fn sample(
    change: &TableChange,
    past: &Past,
    condition: &str,
    columns: &[String],
) -> String {
    let mut shown = key_columns(change, past);
    for column in columns {
        if !shown.contains(column) {
            shown.push(column.clone());
        }
    }
    format!(
        "SELECT {} FROM {} WHERE {condition} LIMIT 5",
        shown.join(", "),
        past.table()
    )
}

/// The columns that let a person find a row.
pub(crate) fn key_columns(change: &TableChange, past: &Past) -> Vec<String> {
    let key: Vec<String> = change
        .is
        .primary_key
        .as_deref()
        .into_iter()
        .flat_map(realign_model::PrimaryKey::columns)
        .map(|name| past.column(name))
        .collect();
    if key.is_empty() && !crate::compare::options(&change.is).without_rowid {
        vec!["rowid".to_owned()]
    } else {
        key
    }
}

/// What existing rows will hold in a column.
pub(crate) enum Future {
    /// What this expression over the present rows gives.
    Varies(String),
    /// One value for all of them.
    Constant(String),
    /// NULL.
    Null,
    /// Nothing that could be asked before the column is there.
    Unknown,
}

pub(crate) fn future(name: &Ident, change: &TableChange, past: &Past) -> Future {
    let Some(target) = change.target.column_ignoring_case(&name.text) else {
        return Future::Unknown;
    };
    if let Some(generated) = &target.generated {
        let text = generated.expr.as_str();
        return if touches_new(text, change) {
            Future::Unknown
        } else {
            Future::Varies(format!("({text})"))
        };
    }
    if change.is.column_ignoring_case(&name.text).is_some() {
        return Future::Varies(past.column(name));
    }
    match (&target.default, zero(target)) {
        (Some(default), _) => Future::Constant(render::default_value(default)),
        (None, Some(value)) => Future::Constant(value.to_owned()),
        (None, None) => Future::Null,
    }
}

/// True when an expression mentions a column that is not there yet.
pub(crate) fn touches_new(text: &str, change: &TableChange) -> bool {
    change.items.iter().any(|item| match item {
        TableItem::AddColumn(column) => mentions(text, &column.name.text),
        TableItem::RenameColumn { to, .. } => mentions(text, &to.text),
        _ => false,
    })
}

/// A unique index or key that comes: no two rows may be alike.
pub(crate) fn unique(step: &mut Step, index: &Index, change: &TableChange, past: &Past) {
    if !index.unique {
        return;
    }
    let mut groups = Vec::new();
    let mut filled = Vec::new();
    for part in &index.parts {
        match &part.target {
            IndexTarget::Column(name) => {
                let column = match future(name, change, past) {
                    Future::Varies(column) => column,
                    // The same everywhere: the other parts decide.
                    Future::Constant(_) => continue,
                    // NULLs are never alike.
                    Future::Null | Future::Unknown => return,
                };
                filled.push(format!("{column} IS NOT NULL"));
                let collation = part.collation.as_ref().map_or(String::new(), |c| {
                    format!(" COLLATE {}", quote(&Ident::new(c)))
                });
                groups.push(format!("{column}{collation}"));
            }
            IndexTarget::Expr(expr) => {
                if touches_new(expr.as_str(), change) {
                    return;
                }
                filled.push(format!("({expr}) IS NOT NULL"));
                groups.push(expr.text.clone());
            }
        }
    }
    if let Some(predicate) = &index.predicate {
        if touches_new(predicate.as_str(), change) {
            return;
        }
        filled.push(format!("({predicate})"));
    }
    let table = past.table();
    let columns: Vec<String> = index
        .parts
        .iter()
        .map(|part| match &part.target {
            IndexTarget::Column(name) => name.text.clone(),
            IndexTarget::Expr(expr) => expr.text.clone(),
        })
        .collect();
    let what = format!("{}.{}", change.target.name, columns.join(", "));
    let condition = if filled.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", filled.join(" AND "))
    };
    let is_new = groups.is_empty();
    let (count_sql, sample_sql) = if is_new {
        (
            format!(
                "SELECT CASE WHEN count(*) > 1 THEN count(*) ELSE 0 END FROM {table}{condition}"
            ),
            format!("SELECT * FROM {table}{condition} LIMIT 5"),
        )
    } else {
        let groups = groups.join(", ");
        let rows = key_columns(change, past).join(" || '-' || ");
        let rows = if rows.is_empty() {
            "1".to_owned()
        } else {
            rows
        };
        (
            format!(
                "SELECT count(*) FROM (SELECT 1 FROM {table}{condition} GROUP BY {groups} HAVING count(*) > 1)"
            ),
            format!(
                "SELECT {groups}, count(*) AS rows, group_concat({rows}, ', ') AS keys FROM {table}{condition} GROUP BY {groups} HAVING count(*) > 1 LIMIT 5"
            ),
        )
    };
    let check = Precheck {
        code: "R204".to_owned(),
        message: format!("{what} can't become unique"),
        count_text: "{n} values stand more than once".to_owned(),
        count_sql,
        sample_sql,
        help: "merge these rows or change their values, then run it again".to_owned(),
        lossy: false,
        refused_with: Vec::new(),
        origin: index.origin.clone(),
    };
    step.prechecks.push(if is_new {
        check.of_new_columns()
    } else {
        check
    });
}

pub(crate) fn orphans(
    key: &ForeignKey,
    change: &TableChange,
    past: &Past,
    lowering: &Lowering<'_>,
) -> Option<Precheck> {
    let mut values = Vec::new();
    for name in &key.columns {
        match future(name, change, past) {
            Future::Varies(value) | Future::Constant(value) => values.push(value),
            Future::Null | Future::Unknown => return None,
        }
    }
    let parent = lowering
        .is
        .tables
        .iter()
        .find(|t| fold(&t.name.name.text) == fold(&key.ref_table.name.text));
    let columns: Vec<String> = (1..=values.len()).map(|n| format!("c.value{n}")).collect();
    let filled: Vec<String> = columns
        .iter()
        .map(|column| format!("{column} IS NOT NULL"))
        .collect();
    let mut condition = filled.join(" AND ");
    if let Some(parent) = parent {
        let known = key
            .ref_columns
            .iter()
            .all(|c| parent.column_ignoring_case(&c.text).is_some());
        if !known {
            return None;
        }
        let same: Vec<String> = columns
            .iter()
            .zip(&key.ref_columns)
            .map(|(column, target)| format!("p.{} = {column}", quote(target)))
            .collect();
        condition = format!(
            "{condition} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {})",
            render::object(&parent.name),
            same.join(" AND ")
        );
    } else if lowering
        .wish
        .tables
        .iter()
        .all(|t| fold(&t.name.name.text) != fold(&key.ref_table.name.text))
    {
        // The target is nowhere: not a matter of rows.
        return None;
    }
    let named: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(at, value)| format!("{value} AS value{}", at + 1))
        .collect();
    let keys: Vec<String> = key_columns(change, past)
        .iter()
        .enumerate()
        .map(|(at, key)| format!("{key} AS row{}", at + 1))
        .collect();
    let rows = format!(
        "(SELECT {} FROM {}) AS c",
        keys.iter()
            .chain(&named)
            .cloned()
            .collect::<Vec<_>>()
            .join(", "),
        past.table()
    );
    Some(Precheck {
        code: "R205".to_owned(),
        message: format!(
            "{}.{} can't refer to {}: some rows have no parent there",
            change.target.name,
            render::names(&key.columns),
            key.ref_table
        ),
        count_text: "{n} rows have no parent".to_owned(),
        count_sql: format!("SELECT count(*) FROM {rows} WHERE {condition}"),
        sample_sql: format!("SELECT * FROM {rows} WHERE {condition} LIMIT 5"),
        help: "add the missing parents, or clear or delete these rows".to_owned(),
        lossy: false,
        refused_with: Vec::new(),
        origin: key.origin.clone(),
    })
}

pub(crate) fn checked(check: &Check, change: &TableChange, past: &Past) -> Option<Precheck> {
    let text = check.expr.as_str();
    if touches_new(text, change) {
        return None;
    }
    let refused = format!("NOT ({text})");
    Some(Precheck {
        code: "R207".to_owned(),
        message: format!(
            "{} can't get the check {}: some rows fail it",
            change.target.name,
            expr::normal(text)
        ),
        count_text: "{n} rows fail it".to_owned(),
        count_sql: format!("SELECT count(*) FROM {} WHERE {refused}", past.table()),
        sample_sql: format!("SELECT * FROM {} WHERE {refused} LIMIT 5", past.table()),
        help: "correct these rows, then run it again".to_owned(),
        lossy: false,
        refused_with: Vec::new(),
        origin: check.origin.clone(),
    })
}
