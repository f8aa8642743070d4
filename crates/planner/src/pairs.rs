//! Foreign keys whose columns do not go with those that they refer to.

use std::collections::{HashMap, HashSet};

use realign_model::{Database, ForeignKey, Ident, ObjectName, Table};

use crate::impossible::referred;
use crate::{Change, Diagnostic, Dialect, Facts, NameKind, TableItem, Versions};

/// Finds every foreign key that these changes make, or of which they change a column on either
/// side, and whose columns the engine does not let stand for each other. Those that are left as
/// they are say nothing: the server has them. What an undeclared table refers to is left to the
/// dialect, which may have its columns follow.
pub(crate) fn unpaired(
    changes: &[Change],
    (is, wish): (&Database, &Database),
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Vec<Diagnostic> {
    let mut sides = Sides::declared(wish, dialect, facts);
    for table in &is.tables {
        sides.live.insert(sides.fold(&table.name), table);
    }
    let mut touched = HashSet::new();
    for change in changes {
        sides.follow(change, &mut touched);
    }
    keys(wish)
        .filter(|(table, key)| sides.concerned(table, key, &touched))
        .filter_map(|(table, key)| sides.refusal(table, key))
        .collect()
}

/// The same of a schema that is made in an empty database.
pub(crate) fn unpaired_anew(
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Vec<Diagnostic> {
    let sides = Sides::declared(wish, dialect, facts);
    keys(wish)
        .filter_map(|(table, key)| sides.refusal(table, key))
        .collect()
}

/// All declared keys with their tables.
fn keys(wish: &Database) -> impl Iterator<Item = (&Table, &ForeignKey)> {
    let tables = wish.tables.iter();
    tables.flat_map(|table| table.foreign_keys.iter().map(move |key| (table, key)))
}

/// A table and a column of it, as the engine looks them up.
type Place = (String, String);

/// All tables, by the names that they will have.
struct Sides<'t> {
    dialect: &'t dyn Dialect,
    facts: &'t Facts,
    declared: HashMap<String, &'t Table>,
    live: HashMap<String, &'t Table>,
}

impl<'t> Sides<'t> {
    /// The tables of a declaration, with none that is live.
    fn declared(wish: &'t Database, dialect: &'t dyn Dialect, facts: &'t Facts) -> Self {
        let mut sides = Self {
            dialect,
            facts,
            declared: HashMap::new(),
            live: HashMap::new(),
        };
        for table in &wish.tables {
            sides.declared.insert(sides.fold(&table.name), table);
        }
        sides
    }

    fn fold(&self, name: &ObjectName) -> String {
        let compare = self.dialect.compare();
        compare.fold(NameKind::Table, &name.to_string(), self.facts)
    }

    /// What a change leaves of a table, and the columns that it touches.
    fn follow(&mut self, change: &'t Change, touched: &mut HashSet<Place>) {
        if let Change::CreateTable(table) = change {
            let name = self.fold(&table.name);
            let columns = table.columns.iter().map(|column| &column.name);
            touched.extend(columns.map(|column| place(&name, column)));
            self.declared.insert(name, table);
        } else if let Change::AlterTable(change) = change {
            let name = self.fold(&change.target.name);
            let columns = change.items.iter().flat_map(columns_of);
            touched.extend(columns.map(|column| place(&name, column)));
            self.declared.insert(name.clone(), &change.target);
            self.live.insert(name, &change.is);
        } else if let Change::RenameTable { from, to } = change {
            if let Some(table) = self.live.remove(&self.fold(from)) {
                let name = self.fold(to);
                self.live.entry(name).or_insert(table);
            }
        } else if let Change::DropTable(table) = change {
            self.live.remove(&self.fold(&table.name));
        }
    }

    fn versions(&self, name: &ObjectName) -> Versions<'t> {
        let name = self.fold(name);
        Versions {
            declared: self.declared.get(&name).copied(),
            live: self.live.get(&name).copied(),
        }
    }

    fn concerned(&self, table: &Table, key: &ForeignKey, touched: &HashSet<Place>) -> bool {
        let at = |table: &ObjectName, columns: &[&Ident]| {
            let name = self.fold(table);
            let mut columns = columns.iter();
            columns.any(|column| touched.contains(&place(&name, column)))
        };
        let own: Vec<&Ident> = key.columns.iter().collect();
        let target = self.versions(&key.ref_table).latest();
        let others = target.map(|target| referred(key, target));
        at(&table.name, &own) || others.is_some_and(|others| at(&key.ref_table, &others))
    }

    fn refusal(&self, table: &Table, key: &ForeignKey) -> Option<Diagnostic> {
        let (own, target) = (self.versions(&table.name), self.versions(&key.ref_table));
        self.dialect.cannot_pair(key, own, target, self.facts)
    }
}

fn place(table: &str, column: &Ident) -> Place {
    (table.to_owned(), column.text.to_lowercase())
}

/// The columns that an item makes, changes, or binds by a foreign key.
fn columns_of(item: &TableItem) -> Vec<&Ident> {
    if let TableItem::AddColumn(column) | TableItem::ModifyColumn { wish: column, .. } = item {
        vec![&column.name]
    } else if let TableItem::AddForeignKey(key) | TableItem::ReplaceForeignKey { wish: key, .. } =
        item
    {
        key.columns.iter().collect()
    } else {
        Vec::new()
    }
}
