//! All changes together: what one of them has to know of the others.

use std::collections::{HashMap, HashSet};

use realign_model::{Column, DataType, ForeignKey, Ident, ObjectName, Table};
use realign_planner::{Aspect, AspectDifference, Change, Facts, Lowering, TableChange, TableItem};

use super::names::{Names, table_key};
use crate::facts::is_mariadb;

/// The changes with what they do to each other.
pub(crate) struct Scene<'a> {
    pub(crate) lowering: &'a Lowering<'a>,
    pub(crate) facts: &'a Facts,
    pub(crate) names: Names,
    /// The live tables, declared renames carried out.
    pub(crate) present: Vec<Table>,
    /// Changes by the folded name of their table.
    altered: HashMap<String, &'a TableChange>,
    dropped: HashSet<String>,
    /// Columns that can't change while a foreign key is tied to them, by table.
    hard: HashMap<String, HashSet<String>>,
    /// Foreign keys that stand aside: places of table and key in `present`.
    lifted: HashSet<(usize, usize)>,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(changes: &'a [Change], lowering: &'a Lowering<'a>) -> Self {
        let facts = lowering.facts;
        let names = Names::of(changes, facts);
        let present = lowering
            .is
            .tables
            .iter()
            .map(|table| names.renamed(table, facts))
            .collect();
        let mut scene = Self {
            lowering,
            facts,
            names,
            present,
            altered: HashMap::new(),
            dropped: HashSet::new(),
            hard: HashMap::new(),
            lifted: HashSet::new(),
        };
        for change in changes {
            match change {
                Change::AlterTable(change) => {
                    let key = table_key(&change.is.name, facts);
                    scene.hard.insert(key.clone(), hard_columns(change, facts));
                    scene.altered.insert(key, change);
                }
                Change::DropTable(table) => {
                    scene.dropped.insert(table_key(&table.name, facts));
                }
                _ => {}
            }
        }
        scene.lifted = scene.keys_in_the_way();
        scene
    }

    /// The change of a table, when it has one.
    pub(crate) fn change(&self, table: &ObjectName) -> Option<&'a TableChange> {
        self.altered.get(&table_key(table, self.facts)).copied()
    }

    /// True for a table that goes as a whole.
    pub(crate) fn drops(&self, table: &ObjectName) -> bool {
        self.dropped.contains(&table_key(table, self.facts))
    }

    /// The live table of a new name.
    pub(crate) fn live(&self, table: &ObjectName) -> Option<&Table> {
        let key = table_key(table, self.facts);
        self.present
            .iter()
            .find(|t| table_key(&t.name, self.facts) == key)
    }

    /// A column as it will be: from the change of its table, else as it is.
    pub(crate) fn future_column(&self, table: &ObjectName, name: &Ident) -> Option<&Column> {
        match self.change(table) {
            Some(change) => change.target.column_ignoring_case(name.as_str()),
            None => self.live(table)?.column_ignoring_case(name.as_str()),
        }
    }

    /// The foreign keys that stand aside, each with its table.
    pub(crate) fn lifted(&self) -> Vec<(&Table, &ForeignKey)> {
        let mut places: Vec<_> = self.lifted.iter().copied().collect();
        places.sort_unstable();
        places
            .into_iter()
            .filter_map(|(table, key)| {
                let table = self.present.get(table)?;
                Some((table, table.foreign_keys.get(key)?))
            })
            .collect()
    }

    /// The foreign keys that are there all the time while tables change: those of `table`
    /// by its own columns, and those of all tables that refer to it by the referenced ones.
    pub(crate) fn standing_keys(&self, table: &ObjectName) -> Vec<Vec<Ident>> {
        let own = table_key(table, self.facts);
        let mut found = Vec::new();
        for (at, holder) in self.present.iter().enumerate() {
            let holder_key = table_key(&holder.name, self.facts);
            for (place, key) in holder.foreign_keys.iter().enumerate() {
                if self.lifted.contains(&(at, place)) || self.goes(holder, key) {
                    continue;
                }
                if holder_key == own {
                    found.push(key.columns.clone());
                }
                if table_key(&key.ref_table, self.facts) == own {
                    found.push(key.ref_columns.clone());
                }
            }
        }
        found
    }

    /// True when a change drops this key, alone, to replace it, or with its table.
    pub(crate) fn goes(&self, table: &Table, key: &ForeignKey) -> bool {
        let same =
            |other: &ForeignKey| other.name_str().to_lowercase() == key.name_str().to_lowercase();
        self.drops(&table.name)
            || self.change(&table.name).is_some_and(|change| {
                change.items.iter().any(|item| match item {
                    TableItem::DropForeignKey(other)
                    | TableItem::ReplaceForeignKey { is: other, .. } => same(other),
                    _ => false,
                })
            })
    }

    fn keys_in_the_way(&self) -> HashSet<(usize, usize)> {
        let touches = |table: &ObjectName, columns: &[Ident]| {
            self.hard
                .get(&table_key(table, self.facts))
                .is_some_and(|hard| {
                    columns
                        .iter()
                        .any(|name| hard.contains(&name.text.to_lowercase()))
                })
        };
        let mut found = HashSet::new();
        for (at, table) in self.present.iter().enumerate() {
            for (place, key) in table.foreign_keys.iter().enumerate() {
                if !self.goes(table, key)
                    && (touches(&table.name, &key.columns)
                        || touches(&key.ref_table, &key.ref_columns))
                {
                    found.insert((at, place));
                }
            }
        }
        found
    }
}

/// Columns whose change the server refuses while a foreign key is tied to them.
fn hard_columns(change: &TableChange, facts: &Facts) -> HashSet<String> {
    let mut hard = HashSet::new();
    for item in &change.items {
        match item {
            TableItem::ModifyColumn {
                wish, differences, ..
            } if differences.iter().any(|d| is_hard(d, facts)) => {
                hard.insert(wish.name.text.to_lowercase());
            }
            // Every text column gets another collation.
            TableItem::SetOptions(differences)
                if differences.iter().any(|d| d.aspect == Aspect::Collation) =>
            {
                hard.extend(
                    change
                        .is
                        .columns
                        .iter()
                        .filter(|column| is_text(&column.data_type))
                        .map(|column| column.name.text.to_lowercase()),
                );
            }
            _ => {}
        }
    }
    hard
}

fn is_text(data_type: &DataType) -> bool {
    data_type.is_text()
}

fn is_hard(difference: &AspectDifference, facts: &Facts) -> bool {
    match difference.aspect {
        Aspect::Type | Aspect::Collation | Aspect::Generated => true,
        // MySQL alone counts these as another column.
        Aspect::Identity | Aspect::Nullability => !is_mariadb(facts),
        _ => false,
    }
}
