//! Indexes, foreign keys and checks.

use std::collections::BTreeMap;

use realign_model::{
    Check, Expr, ForeignKey, Ident, Index, IndexKind, IndexPart, IndexRest, IndexTarget,
    ObjectName, Origin, PrimaryKey, RefAction, SortOrder, Table, TableOptions,
};
use realign_planner::{Assembled, Diagnostic, Facts};

use super::Builder;
use super::row::Row;
use crate::expr;

/// The indexes of all tables, the primary keys among them.
pub(super) fn indexes<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    // Servers list the indexes of a table as it has them.
    let mut groups: Vec<_> = grouped(rows.enumerate(), |row| row.1).into_iter().collect();
    groups.sort_by_key(|(_, rows)| rows.iter().map(|(at, _)| *at).min());
    for ((table, name), rows) in groups {
        let rows: Vec<Row<'r>> = rows.into_iter().map(|(_, row)| row).collect();
        let facts = builder.facts;
        let Some(table) = builder.find(table) else {
            continue;
        };
        let first = rows[0];
        let kind = kind(first.text(7), table);
        let parts = rows
            .iter()
            .map(|row| part(*row, &kind, facts))
            .collect::<Vec<_>>();
        if name == "PRIMARY" {
            table.primary_key = Some(Box::new(PrimaryKey {
                name: None,
                parts,
                deferrable: false,
                initially_deferred: false,
                origin: Origin::Server,
            }));
            continue;
        }
        let mut index = Index::over(Some(Ident::new(name)), [], first.number(3) == Some(0));
        index.parts = parts;
        index.rare = IndexRest {
            kind,
            invisible: first.text(9).eq_ignore_ascii_case("YES"),
            comment: first.filled(8).map(str::to_owned),
            ..IndexRest::default()
        }
        .into();
        index.origin = Origin::Server;
        table.indexes.push(index);
    }
}

/// Rows by table and name (the first two columns), each group in the order of its numbers (the
/// third). What a row comes with goes along.
fn grouped<'r, T>(
    rows: impl Iterator<Item = T>,
    row: impl Fn(&T) -> Row<'r>,
) -> BTreeMap<(&'r str, &'r str), Vec<T>> {
    let mut groups: BTreeMap<(&str, &str), Vec<T>> = BTreeMap::new();
    for item in rows {
        let of = row(&item);
        groups
            .entry((of.text(0), of.text(1)))
            .or_default()
            .push(item);
    }
    for items in groups.values_mut() {
        items.sort_by_key(|item| row(item).place(2));
    }
    groups
}

fn kind(text: &str, table: &Table) -> IndexKind {
    let memory = matches!(&table.options, TableOptions::MySql(options)
        if options.engine.as_deref().is_some_and(|e| e.eq_ignore_ascii_case("MEMORY")));
    match (text.to_ascii_uppercase().as_str(), memory) {
        ("FULLTEXT", _) => IndexKind::Fulltext { parser: None },
        ("SPATIAL" | "RTREE", _) => IndexKind::Spatial,
        // What an engine takes when nothing is said. InnoDB has no hash indexes; MariaDB calls
        // a UNIQUE over a whole text so, which it makes of a plain UNIQUE.
        ("BTREE", false) | ("HASH" | "", _) => IndexKind::Plain,
        (other, _) => IndexKind::Method(other.to_ascii_lowercase()),
    }
}

fn part(row: Row<'_>, kind: &IndexKind, facts: &Facts) -> IndexPart {
    let mut part = IndexPart::column(Ident::new(row.text(4)));
    if let (None, Some(text)) = (row.maybe(4), row.filled(10)) {
        part.target = IndexTarget::Expr(Expr::new(expr::stored(text, facts)));
    }
    // A spatial index has a "prefix" of its own making.
    if *kind != IndexKind::Spatial {
        let prefix = row.number(6).and_then(|n| u32::try_from(n).ok());
        part.rare.put(prefix, |rare| &mut rare.prefix);
    }
    if row.text(5) == "D" {
        part.order = SortOrder::Desc;
    }
    part
}

/// The foreign keys of all tables, without their rules.
pub(super) fn foreign_keys<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    for ((table, name), rows) in grouped(rows, |row| *row) {
        let Some(table) = builder.find(table) else {
            continue;
        };
        let first = rows[0];
        table.foreign_keys.push(ForeignKey {
            name: Some(Ident::new(name)),
            columns: rows.iter().map(|row| Ident::new(row.text(3))).collect(),
            ref_table: ObjectName::new(first.filled(4).map(Ident::new), Ident::new(first.text(5))),
            ref_columns: rows.iter().map(|row| Ident::new(row.text(6))).collect(),
            on_delete: None,
            on_update: None,
            deferrable: false,
            initially_deferred: false,
            match_kind: realign_model::MatchKind::Simple,
            set_columns: Vec::new(),
            origin: Origin::Server,
        });
    }
}

/// What the foreign keys do.
pub(super) fn rules<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    for row in rows {
        let Some(table) = builder.find(row.text(0)) else {
            continue;
        };
        let key = table
            .foreign_keys
            .iter_mut()
            .find(|key| key.name_str() == row.text(1));
        if let Some(key) = key {
            key.on_update = RefAction::from_sql(row.text(2));
            key.on_delete = RefAction::from_sql(row.text(3));
        }
    }
}

/// An account that may only SELECT sees foreign keys, but not what they do.
pub(super) fn remark_unseen_rules(out: &mut Assembled) {
    let unseen = out
        .database
        .tables
        .iter()
        .flat_map(|table| &table.foreign_keys)
        .filter(|key| key.on_delete.is_none())
        .count();
    if unseen > 0 {
        out.remarks.push(
            Diagnostic::warning(
                "C301",
                format!("the actions of {unseen} foreign keys are hidden from this account"),
            )
            .with_note("their ON DELETE and ON UPDATE are not compared")
            .with_help("GRANT REFERENCES on the database to the account, or use another one"),
        );
    }
}

/// The checks of all tables.
pub(super) fn checks<'r>(builder: &mut Builder<'_>, rows: impl Iterator<Item = Row<'r>>) {
    let mut all: Vec<Row<'r>> = rows.collect();
    all.sort_by_key(|row| (row.text(0), row.text(1)));
    let facts = builder.facts;
    for row in all {
        let Some(table) = builder.find(row.text(0)) else {
            continue;
        };
        let name = Ident::new(row.text(1));
        let of_column = row.text(2).eq_ignore_ascii_case("Column");
        table.checks.push(Check {
            name: (!of_column).then(|| name.clone()),
            column: of_column.then_some(name),
            expr: Expr::new(expr::stored(row.text(4), facts)),
            enforced: !row.text(3).eq_ignore_ascii_case("NO"),
            origin: Origin::Server,
        });
    }
}
