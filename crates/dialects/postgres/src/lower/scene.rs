//! What a step has to know beside its change: names of before and after, other tables' keys.

use std::collections::HashMap;

use realign_model::{Column, DataType, Database, Domain, Ident, ObjectName, Table};
use realign_planner::{Aspect, Change, Compare, Facts, Lowering, NameKind, TableChange, TableItem};

use crate::compare::COMPARE;
use crate::prechecks::Before;
use crate::render;

/// The whole of a lowering.
pub(crate) struct Scene<'a> {
    pub(crate) is: &'a Database,
    pub(crate) wish: &'a Database,
    pub(crate) facts: &'a Facts,
    /// The changed tables.
    pub(super) changed: Vec<&'a TableChange>,
    /// Names before, by the folded name after.
    former: HashMap<String, ObjectName>,
    dropped: Vec<String>,
    /// Views that go by themselves.
    pub(super) dropped_views: Vec<String>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(changes: &'a [Change], lowering: &Lowering<'a>) -> Self {
        let mut scene = Self {
            is: lowering.is,
            wish: lowering.wish,
            facts: lowering.facts,
            changed: Vec::new(),
            former: HashMap::new(),
            dropped: Vec::new(),
            dropped_views: Vec::new(),
        };
        for change in changes {
            match change {
                Change::AlterTable(change) => scene.changed.push(change),
                Change::RenameTable { from, to } => {
                    scene.former.insert(scene.key(to), from.clone());
                }
                Change::DropTable(table) => scene.dropped.push(scene.key(&table.name)),
                Change::DropView(view) | Change::ReplaceView { is: view, .. } => {
                    scene.dropped_views.push(view.name.name.text.clone());
                }
                _ => {}
            }
        }
        scene
    }

    pub(super) fn key(&self, name: &ObjectName) -> String {
        COMPARE.fold(NameKind::Table, &name.to_string(), self.facts)
    }

    /// A type without the domain around it, in the database or as declared.
    pub(super) fn base(data_type: &DataType, of: &Database) -> DataType {
        let mut found = data_type;
        // A domain over domains has as many of them at the most.
        for _ in 0..=of.domains.len() {
            let Some(domain) = Self::domain(found, of) else {
                break;
            };
            found = &domain.base;
        }
        found.clone()
    }

    /// The domain that a type is.
    pub(super) fn domain<'d>(data_type: &DataType, of: &'d Database) -> Option<&'d Domain> {
        let DataType::Native(text) = data_type else {
            return None;
        };
        let own = |domain: &&Domain| render::live_object(&domain.name) == *text;
        of.domains.iter().find(own)
    }

    /// True when an expression says a word that its enum gets by the same plan: before that the
    /// server doesn't understand it.
    pub(super) fn says_new_word(&self, text: &str) -> bool {
        let live = &self.is.enums;
        let mut declared = self.wish.enums.iter();
        declared.any(|wish| {
            let is = live.iter().find(|is| is.name == wish.name);
            is.is_some_and(|is| crate::objects::says_new(is, wish, text))
        })
    }

    pub(super) fn same_column(a: &Ident, b: &Ident) -> bool {
        a.text.to_lowercase() == b.text.to_lowercase()
    }

    /// The name that a table has once renames are done.
    pub(super) fn now(&self, change: &TableChange) -> ObjectName {
        if Self::respelled(change)
            && let Some(wish) = self.wished(&change.is.name)
        {
            return ObjectName::new(change.is.name.schema.clone(), wish.name.name.clone());
        }
        change.is.name.clone()
    }

    /// True when only the letter case of the table's name changes.
    pub(super) fn respelled(change: &TableChange) -> bool {
        change.items.iter().any(|item| {
            matches!(item, TableItem::SetOptions(list)
                if list.iter().any(|d| d.aspect == Aspect::Name))
        })
    }

    /// The name that a table has before anything runs.
    pub(super) fn was(&self, name: &ObjectName) -> ObjectName {
        let key = self.key(name);
        match self.former.get(&key) {
            Some(former) => former.clone(),
            // The catalogue's spelling, which may need quotes.
            None => self
                .live(name)
                .map_or_else(|| name.clone(), |table| table.name.clone()),
        }
    }

    /// A live table by its name of before or after.
    pub(super) fn live(&self, name: &ObjectName) -> Option<&'a Table> {
        let key = self.key(name);
        let wanted = self.former.get(&key).map_or(key, |former| self.key(former));
        self.is.tables.iter().find(|t| self.key(&t.name) == wanted)
    }

    pub(super) fn wished(&self, name: &ObjectName) -> Option<&'a Table> {
        let key = self.key(name);
        self.wish.tables.iter().find(|t| self.key(&t.name) == key)
    }

    pub(super) fn is_dropped(&self, name: &ObjectName) -> bool {
        self.dropped.contains(&self.key(name))
    }

    /// The change of a table, by either of its names.
    pub(super) fn change_of(&self, name: &ObjectName) -> Option<&'a TableChange> {
        let key = self.key(name);
        self.changed
            .iter()
            .copied()
            .find(|c| self.key(&c.is.name) == key || self.key(&self.was(&c.is.name)) == key)
    }

    /// True for a column that a table has from one above it.
    pub(crate) fn is_from_above(&self, table: &Table, column: &Ident) -> bool {
        let has = |above: &ObjectName| {
            let above = self.live(above);
            above.is_some_and(|above| above.columns.iter().any(|c| c.name == *column))
        };
        crate::create::parents(table).into_iter().any(has)
    }

    /// True when a column gets another default, or none, or goes.
    pub(crate) fn changes_default(&self, table: &Table, column: &Ident) -> bool {
        let other = |item: &TableItem| match item {
            TableItem::ModifyColumn {
                is, differences, ..
            } => is.name == *column && differences.iter().any(|d| d.aspect == Aspect::Default),
            TableItem::DropColumn(gone) => gone.name == *column,
            _ => false,
        };
        let change = self.change_of(&table.name);
        change.is_some_and(|change| change.items.iter().any(other))
    }

    /// A table as its prechecks see it.
    pub(super) fn before(&self, change: &TableChange) -> Before {
        let table = self.live(&change.is.name).unwrap_or(&change.is);
        Before {
            table: table.name.clone(),
            key: table
                .primary_key
                .iter()
                .flat_map(|key| key.columns().cloned())
                .collect(),
        }
    }

    /// The column's name before renames; none when it is new.
    pub(super) fn column_before(change: &TableChange, name: &Ident) -> Option<Ident> {
        for item in &change.items {
            match item {
                TableItem::AddColumn(column) if Self::same_column(&column.name, name) => {
                    return None;
                }
                TableItem::RenameColumn { from, to } if Self::same_column(to, name) => {
                    return Some(from.clone());
                }
                _ => {}
            }
        }
        change
            .is
            .columns
            .iter()
            .find(|c| Self::same_column(&c.name, name))
            .map(|c| c.name.clone())
    }

    /// A column that the change adds.
    pub(super) fn added<'c>(change: &'c TableChange, name: &Ident) -> Option<&'c Column> {
        change.items.iter().find_map(|item| match item {
            TableItem::AddColumn(column) if Self::same_column(&column.name, name) => Some(column),
            _ => None,
        })
    }

    /// The name that a live table has once whole tables are renamed.
    fn renamed<'b>(&'b self, table: &'b ObjectName) -> &'b ObjectName {
        let mut declared = self.wish.tables.iter().map(|wish| &wish.name);
        declared
            .find(|name| self.former.get(&self.key(name)) == Some(table))
            .unwrap_or(table)
    }

    /// The live table, under the name that it gets, and key column that a sequence of this name
    /// counts for.
    pub(super) fn counted_by(&self, sequence: &ObjectName) -> Option<(ObjectName, Ident)> {
        let wanted = sequence.name.text.to_lowercase();
        self.is.tables.iter().find_map(|table| {
            let key = table.primary_key.as_deref()?;
            let mut columns = key.columns();
            let (column, None) = (columns.next()?, columns.next()) else {
                return None;
            };
            let counts = table
                .columns
                .iter()
                .any(|c| c.name == *column && c.data_type.is_integer());
            let now = self.renamed(&table.name);
            let name = format!("{}_{column}_seq", now.name).to_lowercase();
            (counts && name == wanted && now.schema == sequence.schema)
                .then(|| (now.clone(), column.clone()))
        })
    }
}
