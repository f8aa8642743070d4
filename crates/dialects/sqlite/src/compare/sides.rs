//! Both sides of a difference: as written, and as compared.

use realign_model::{
    Column, Expr, ForeignKey, Generated, GeneratedKind, Identity, IndexPart, IndexTarget,
    RefAction, SortOrder, SqliteTable, Table, TableOptions,
};
use realign_planner::Side;

use crate::types::{self, affinity};
use crate::{expr, render};

pub(super) fn type_side(column: &Column, table: &Table) -> Side {
    let written = types::render(&column.data_type);
    let mut normalised = types::render(&types::family(&column.data_type));
    // `INTEGER` alone makes a key of one column the row's own number; `INT` does not.
    if is_whole_key(column, table) && types::is_rowid_type(&column.data_type) {
        normalised.push_str(" as row number");
    }
    Side::new(written, normalised)
}

pub(super) fn is_whole_key(column: &Column, table: &Table) -> bool {
    table.primary_key.as_deref().is_some_and(|key| {
        let mut columns = key.columns();
        columns
            .next()
            .is_some_and(|name| name.text.eq_ignore_ascii_case(&column.name.text))
            && columns.next().is_none()
    }) && !options(table).without_rowid
}

pub(super) fn null_side(nullable: bool) -> Side {
    Side::plain(if nullable { "NULL" } else { "NOT NULL" })
}

pub(super) fn default_side(column: &Column) -> Side {
    match &column.default {
        _ if column.generated.is_some() => Side::plain("no default"),
        Some(default) if !default.text.eq_ignore_ascii_case("NULL") => Side::new(
            format!("DEFAULT {}", render::default_value(default)),
            expr::default(default.as_str(), affinity(&column.data_type)),
        ),
        _ => Side::plain("no default"),
    }
}

pub(super) fn identity_side(column: &Column) -> Side {
    Side::plain(match column.identity {
        Some(Identity::AutoIncrement | Identity::Serial | Identity::Identity { .. }) => {
            "AUTOINCREMENT"
        }
        None => "no AUTOINCREMENT",
    })
}

pub(super) fn generated_side(column: &Column) -> Side {
    match &column.generated {
        Some(Generated { expr, kind }) => {
            let kind = match kind {
                GeneratedKind::Virtual => "VIRTUAL",
                GeneratedKind::Stored => "STORED",
            };
            Side::new(
                format!("GENERATED ALWAYS AS ({expr}) {kind}"),
                format!("({}) {kind}", expr::normal(expr.as_str())),
            )
        }
        None => Side::plain("not generated"),
    }
}

pub(super) fn collation_side(column: &Column) -> Side {
    let name = column.collation.as_deref().unwrap_or("BINARY");
    Side::new(format!("COLLATE {name}"), name.to_ascii_uppercase())
}

/// The table's own options.
pub(crate) fn options(table: &Table) -> SqliteTable {
    match &table.options {
        TableOptions::Sqlite(own) => own.clone(),
        TableOptions::None | TableOptions::MySql(_) | TableOptions::Postgres(_) => {
            SqliteTable::default()
        }
    }
}

pub(super) fn options_side(options: &SqliteTable) -> Side {
    let words: Vec<&str> = [
        (options.strict, "STRICT"),
        (options.without_rowid, "WITHOUT ROWID"),
    ]
    .into_iter()
    .filter_map(|(set, word)| set.then_some(word))
    .chain(options.conflicts.iter().map(String::as_str))
    .collect();
    if words.is_empty() {
        Side::plain("ordinary table")
    } else {
        Side::plain(words.join(", "))
    }
}

pub(super) fn parts_side(parts: &[IndexPart], table: &Table) -> Side {
    let normal: Vec<String> = parts
        .iter()
        .map(|part| {
            let (text, own) = match &part.target {
                IndexTarget::Column(name) => (
                    name.text.to_ascii_lowercase(),
                    table
                        .column_ignoring_case(name.as_str())
                        .and_then(|c| c.collation.clone()),
                ),
                IndexTarget::Expr(expr) => (format!("({})", expr::normal(expr.as_str())), None),
            };
            let collation = part
                .collation
                .clone()
                .or(own)
                .unwrap_or_else(|| "BINARY".to_owned())
                .to_ascii_uppercase();
            let order = match part.order {
                SortOrder::Asc => "",
                SortOrder::Desc => " desc",
            };
            format!("{text} {collation}{order}")
        })
        .collect();
    Side::new(
        format!("({})", render::index_parts(parts)),
        normal.join(", "),
    )
}

pub(super) fn predicate_side(predicate: Option<&Expr>) -> Side {
    match predicate {
        Some(expr) => Side::new(format!("WHERE {expr}"), expr::normal(expr.as_str())),
        None => Side::new("no WHERE", ""),
    }
}

/// NO ACTION is what an undeclared action does. RESTRICT is another thing here, unlike on
/// other engines: it refuses in the middle of a statement, deferred or not.
pub(super) fn action_side(word: &str, action: Option<RefAction>) -> Side {
    match action {
        None => Side::new(format!("no {word}"), "none"),
        Some(RefAction::NoAction) => Side::new(format!("{word} NO ACTION"), "none"),
        Some(action) => Side::new(format!("{word} {}", action.sql()), action.sql()),
    }
}

/// Only both clauses together defer anything: there is no `SET CONSTRAINTS`.
pub(super) fn is_deferred(key: &ForeignKey) -> bool {
    key.deferrable && key.initially_deferred
}

pub(super) fn deferred_side(key: &ForeignKey) -> Side {
    Side::plain(if is_deferred(key) {
        "DEFERRABLE INITIALLY DEFERRED"
    } else {
        "NOT DEFERRABLE"
    })
}
