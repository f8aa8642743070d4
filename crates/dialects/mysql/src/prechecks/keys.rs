//! Foreign keys.

use realign_model::{Column, DataType, ForeignKey, Ident, Origin, Table};
use realign_planner::{Precheck, TableChange};

use super::{Rows, Said};
use crate::assemble::charset_of;
use crate::compare::collation_of;
use crate::expr::{default_of, mentions};
use crate::facts::is_mariadb;
use crate::lower::{Scene, followers, table_key};
use crate::reference;
use crate::render::{quote_ident, string_literal};

/// References to nothing.
const ORPHANS: &str = "R205";
/// Something else is tied to it.
const TIED: &str = "R212";

/// Questions for a foreign key: does every value refer to something?
pub(crate) fn orphans(table: &Table, key: &ForeignKey, scene: &Scene<'_>) -> Vec<Precheck> {
    // A new table has no rows.
    let Some(live) = scene.live(&table.name) else {
        return Vec::new();
    };
    let old = |holder: &Table, name: &Ident| {
        let old = scene.names.old_column(&holder.name, name, scene.facts);
        quote_ident(&old.text)
    };
    let said = Said::new(
        format!(
            "{} can't get its foreign key to {}",
            table.name, key.ref_table
        ),
        "{n} rows refer to nothing",
        "delete these rows, or let them refer to something that exists",
    );
    let rows = Rows::in_table(live, &key.origin, scene);
    let parent = scene.live(&key.ref_table);
    let mut conditions = Vec::new();
    let mut matches = Vec::new();
    let mut shown = Vec::new();
    for (at, name) in key.columns.iter().enumerate() {
        let referenced = parent.and_then(|parent| {
            let name = key.ref_columns.get(at)?;
            let column = parent.column_ignoring_case(name.as_str())?;
            Some((old(parent, &column.name), column))
        });
        if let Some(column) = live.column_ignoring_case(name.as_str()) {
            let child = old(live, &column.name);
            conditions.push(format!("c.{child} IS NOT NULL"));
            if let (Some((name, referenced)), Some(parent)) = (referenced, parent) {
                let value = comparable(&format!("c.{child}"), (column, live), (referenced, parent));
                matches.push(format!("p.{name} = {value}"));
            }
            shown.push(child);
            continue;
        }
        let Some(added) = scene.future_column(&table.name, name) else {
            return Vec::new();
        };
        // NULL refers to nothing, and may.
        let Some(value) = implicit_value(added) else {
            return Vec::new();
        };
        if let Some((parent, _)) = referenced {
            matches.push(format!("p.{parent} = {value}"));
        }
    }
    if parent.is_some() && matches.len() == key.columns.len() {
        let parent = quote_ident(&scene.names.old_table(&key.ref_table, scene.facts).name.text);
        conditions.push(format!(
            "NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {})",
            matches.join(" AND ")
        ));
    }
    if conditions.is_empty() {
        conditions.push("1 = 1".to_owned());
    }
    let shown: Vec<String> = shown.iter().map(|c| format!("c.{c}")).collect();
    let rows = Rows {
        table: format!("{} AS c", rows.table),
        key: rows.key.iter().map(|c| format!("c.{c}")).collect(),
        origin: rows.origin,
    };
    vec![rows.precheck(ORPHANS, &conditions.join(" AND "), &shown, said)]
}

/// A child's value so that it can be compared with its parent's: two collations can't.
fn comparable(value: &str, child: (&Column, &Table), parent: (&Column, &Table)) -> String {
    match (
        collation_of(child.0, child.1),
        collation_of(parent.0, parent.1),
    ) {
        (Some(a), Some(b)) if a != b => {
            format!("CONVERT({value} USING {}) COLLATE {b}", charset_of(b))
        }
        _ => value.to_owned(),
    }
}

/// What present rows get in a new column; none for NULL.
fn implicit_value(column: &Column) -> Option<String> {
    use crate::expr::Default;

    match default_of(column.default.as_ref(), &column.data_type) {
        Default::None if column.nullable => None,
        Default::None if column.data_type.is_text() => Some("''".to_owned()),
        Default::None => Some("0".to_owned()),
        Default::Value(value) => Some(string_literal(&value)),
        Default::Computed(text) | Default::Unread(text) => Some(text),
    }
}

/// Tables that nobody drops and that refer to one that goes.
pub(crate) fn referring_tables(table: &Table, scene: &Scene<'_>) -> Vec<Precheck> {
    let own = table_key(&table.name, scene.facts);
    let mut found = Vec::new();
    for holder in &scene.present {
        if table_key(&holder.name, scene.facts) == own || scene.drops(&holder.name) {
            continue;
        }
        for key in &holder.foreign_keys {
            if table_key(&key.ref_table, scene.facts) == own && !scene.goes(holder, key) {
                found.push(always(
                    format!("table {} can't be dropped", table.name),
                    format!(
                        "foreign key {} of table {} refers to it",
                        key.name_str(),
                        holder.name
                    ),
                    "drop that foreign key first",
                    &table.origin,
                ));
            }
        }
    }
    found
}

/// A foreign key that stands aside and can't come back: only one of its sides changes.
pub(crate) fn lost_partner(table: &Table, key: &ForeignKey, scene: &Scene<'_>) -> Vec<Precheck> {
    let mut found = Vec::new();
    let follows = followers(table, key, scene);
    for (name, referenced) in key.columns.iter().zip(&key.ref_columns) {
        if follows.iter().any(|column| column.name == *name) {
            continue;
        }
        let (Some(child), Some(parent)) = (
            scene.future_column(&table.name, name),
            scene.future_column(&key.ref_table, referenced),
        ) else {
            continue;
        };
        if fits(&child.data_type, &parent.data_type) {
            continue;
        }
        found.push(always(
            format!("{}.{referenced} can't change its type", key.ref_table),
            format!(
                "{}.{name} refers to it by foreign key {} and would have another type",
                table.name,
                key.name_str()
            ),
            "drop that foreign key, or let both columns change",
            &parent.origin,
        ));
    }
    found
}

/// A foreign key that stands aside and that the server would not take again: it is older than what
/// the server asks of keys today.
pub(crate) fn refused_again(table: &Table, key: &ForeignKey, scene: &Scene<'_>) -> Vec<Precheck> {
    let name = table_key(&key.ref_table, scene.facts);
    let wish = &scene.lowering.wish.tables;
    let targets: Vec<&Table> = wish
        .iter()
        .chain(&scene.present)
        .filter(|target| table_key(&target.name, scene.facts) == name)
        .collect();
    reference::refusal(key, table, &targets, scene.facts)
        .map(|said| {
            always(
                format!(
                    "foreign key {} of {} can't come back",
                    key.name_str(),
                    table.name
                ),
                said.message,
                "drop that foreign key, or make the columns that it refers to unique",
                &key.origin,
            )
        })
        .into_iter()
        .collect()
}

/// MySQL does not rename a column that an expression of its table names.
pub(crate) fn tied_rename(from: &Ident, change: &TableChange, scene: &Scene<'_>) -> Vec<Precheck> {
    if is_mariadb(scene.facts) {
        return Vec::new();
    }
    // Expressions still say the present name.
    let generated = change.is.columns.iter().find(|column| {
        column
            .generated
            .as_ref()
            .is_some_and(|generated| mentions(&generated.expr, from.as_str()))
    });
    generated
        .map(|column| {
            always(
                format!("{}.{from} can't be renamed", change.is.name),
                format!("column {} is computed from it", column.name),
                "drop that column, and make it anew afterwards",
                &Origin::None,
            )
        })
        .into_iter()
        .collect()
}

/// Whether two columns can be tied by a foreign key.
fn fits(a: &DataType, b: &DataType) -> bool {
    match (a, b) {
        (
            DataType::Int {
                width: w1,
                unsigned: u1,
                ..
            },
            DataType::Int {
                width: w2,
                unsigned: u2,
                ..
            },
        ) => w1 == w2 && u1 == u2,
        (a, b) => {
            std::mem::discriminant(a) == std::mem::discriminant(b) || (a.is_text() && b.is_text())
        }
    }
}

/// A refusal that no data is asked about.
fn always(message: String, count_text: String, help: &str, origin: &Origin) -> Precheck {
    Precheck {
        code: TIED.to_owned(),
        message,
        count_sql: "SELECT 1".to_owned(),
        sample_sql: format!("SELECT {} AS reason", string_literal(&count_text)),
        count_text,
        help: help.to_owned(),
        lossy: false,
        refused_with: Vec::new(),
        origin: origin.clone(),
    }
}
