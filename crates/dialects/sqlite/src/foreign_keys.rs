//! The last look before the end: did a change tear rows from their parents?

use std::collections::{HashMap, HashSet};

use realign_model::{ForeignKey, Ident, ObjectName, Origin, Table};
use realign_planner::{
    Change, Expectation, Lowering, Phase, Statement, Step, TableChange, TableItem,
};

use crate::keywords::literal;
use crate::lower::fold;
use crate::types::affinity;

/// True when a key ties the same columns to the same target already.
pub(crate) fn was_there(key: &ForeignKey, is: &Table) -> bool {
    let folded = |names: &[Ident]| -> Vec<String> { names.iter().map(|n| fold(&n.text)).collect() };
    is.foreign_keys.iter().any(|other| {
        folded(&other.columns) == folded(&key.columns)
            && fold(&other.ref_table.name.text) == fold(&key.ref_table.name.text)
            && folded(&other.ref_columns) == folded(&key.ref_columns)
    })
}

/// The last look at what these changes could have torn apart: foreign keys that are new, and
/// those of any table to a key whose own columns change. Rows that had no parent before and
/// that no change touches are nobody's business here.
pub(crate) fn foreign_key_check(changes: &[Change], lowering: &Lowering<'_>) -> Option<Step> {
    let mut altered: HashMap<String, Vec<&TableChange>> = HashMap::new();
    let mut gone: HashSet<&ObjectName> = HashSet::new();
    for change in changes {
        match change {
            Change::AlterTable(change) => {
                let name = fold(&change.target.name.name.text);
                altered.entry(name).or_default().push(change);
            }
            Change::DropTable(table) => {
                gone.insert(&table.name);
            }
            _ => {}
        }
    }
    if altered.is_empty() {
        return None;
    }
    let tables = lowering.wish.tables.iter();
    let parents: HashMap<String, &Table> = tables
        .rev()
        .map(|table| (fold(&table.name.name.text), table))
        .collect();
    let changes_key = |key: &ForeignKey| {
        let changes = altered.get(&fold(&key.ref_table.name.text));
        let mut changes = changes.into_iter().flatten();
        changes.any(|change| changes_target(change, key))
    };
    let mut statements: Vec<Statement> = Vec::new();
    let mut look = |table: &Table, touched: &dyn Fn(&ForeignKey) -> bool| {
        for (at, key) in table.foreign_keys.iter().enumerate() {
            if !touched(key) {
                continue;
            }
            let parent = parents.get(&fold(&key.ref_table.name.text));
            // The engine can't check a key whose target is not unique; it says so at each write.
            if !parent.is_some_and(|p| is_unique(p, &key.ref_columns)) {
                continue;
            }
            // The engine counts the keys of a table from the last one.
            let id = table.foreign_keys.len() - 1 - at;
            statements.push(Statement::expecting(
                format!(
                    "SELECT * FROM pragma_foreign_key_check({}) WHERE fkid = {id}",
                    literal(&table.name.name.text)
                ),
                Expectation::NoRows,
            ));
        }
    };
    for change in changes {
        if let Change::AlterTable(change) = change {
            look(&change.target, &|key| {
                !was_there(key, &change.is) || changes_values(key, change) || changes_key(key)
            });
        }
    }
    for table in &lowering.is.tables {
        if !gone.contains(&table.name) && !altered.contains_key(&fold(&table.name.name.text)) {
            look(table, &changes_key);
        }
    }
    if statements.is_empty() {
        return None;
    }
    let mut step = Step::new(Phase::Drop, "foreign keys", statements);
    "every row has its parents".clone_into(&mut step.title);
    step.origin = Origin::None;
    Some(step)
}

/// True when rows get other values in the columns of a key that stays.
pub(crate) fn changes_values(key: &ForeignKey, change: &TableChange) -> bool {
    change.items.iter().any(|item| match item {
        TableItem::ModifyColumn { is, wish, .. } => {
            let in_key = key
                .columns
                .iter()
                .any(|c| c.text.eq_ignore_ascii_case(&wish.name.text));
            let other = is.generated != wish.generated
                || affinity(&is.data_type) != affinity(&wish.data_type);
            in_key && other
        }
        _ => false,
    })
}

/// True when columns of a key's target come to hold other values.
fn changes_target(change: &TableChange, key: &ForeignKey) -> bool {
    change.items.iter().any(|item| match item {
        TableItem::ModifyColumn { is, wish, .. } => {
            affinity(&is.data_type) != affinity(&wish.data_type)
                && key
                    .ref_columns
                    .iter()
                    .any(|c| c.text.eq_ignore_ascii_case(&wish.name.text))
        }
        _ => false,
    })
}

pub(crate) fn is_unique(table: &Table, columns: &[Ident]) -> bool {
    let same = |names: Vec<&Ident>| {
        let mut a: Vec<String> = names.iter().map(|n| fold(&n.text)).collect();
        let mut b: Vec<String> = columns.iter().map(|n| fold(&n.text)).collect();
        a.sort_unstable();
        b.sort_unstable();
        a == b
    };
    table
        .primary_key
        .as_deref()
        .is_some_and(|key| same(key.columns().collect()))
        || table.indexes.iter().any(|index| {
            index.unique && index.predicate.is_none() && same(index.columns().collect())
        })
}
