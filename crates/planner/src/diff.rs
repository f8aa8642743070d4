//! The walk: a live database and a declared one in, what differs out.
//!
//! Only *what* differs is decided here, in declared order; what counts as the same is
//! asked of the dialect. An unset value of the declaration never differs. What is there
//! but not declared is a note, unless it can break the application or everything
//! undeclared was asked to go ([`Policy::complete`]).

mod backing;
mod columns;
mod keys;
mod names;
mod namespaces;
mod objects;
mod renames;
mod table;

use std::collections::{HashMap, HashSet};

use realign_model::{Database, ObjectName, Table};

use crate::{
    Aspect, Change, Compare, Dialect, Diff, Facts, Finding, NameKind, Policy, Side, Weight,
};

/// Compares a live database with a declared one.
///
/// The changes come in declared order, undeclared objects last. Findings say the same to a
/// person, one line an object and aspect.
pub fn diff(
    is: &Database,
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
    policy: &Policy,
) -> Diff {
    let mut walk = Walk::new(dialect, facts, policy);
    let (renamed, columns) = walk.carry_out_renames(is, wish);
    walk.column_renames = columns;
    let is = renamed.as_ref().unwrap_or(is);
    let own = walk.without_foreign_namespaces(is, wish);
    let is = own.as_ref().unwrap_or(is);
    walk.tables(is, wish);
    walk.sequences(is, wish);
    walk.routines(is, wish);
    names::free_names(&mut walk, is);
    walk.out
}

/// The live database with the declared renames carried out, as [`diff`] compares it; none when
/// nothing declares one.
pub fn renamed(
    is: &Database,
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
    policy: &Policy,
) -> Option<Database> {
    Walk::new(dialect, facts, policy)
        .carry_out_renames(is, wish)
        .0
}

/// What the walk carries along.
struct Walk<'a> {
    dialect: &'a dyn Dialect,
    compare: &'a dyn Compare,
    facts: &'a Facts,
    policy: &'a Policy,
    /// Declared renames of columns that are still to be carried out.
    column_renames: renames::ColumnRenames,
    /// Undeclared tables by their columns, from the first missing table on.
    undeclared: Option<ByColumns>,
    out: Diff,
}

/// Names of tables by the folded names of their columns.
type ByColumns = HashMap<Vec<String>, Vec<String>>;

impl<'a> Walk<'a> {
    fn new(dialect: &'a dyn Dialect, facts: &'a Facts, policy: &'a Policy) -> Self {
        Self {
            dialect,
            compare: dialect.compare(),
            facts,
            policy,
            column_renames: renames::ColumnRenames::new(),
            undeclared: None,
            out: Diff::default(),
        }
    }
}

impl Walk<'_> {
    fn fold(&self, kind: NameKind, name: &str) -> String {
        self.compare.fold(kind, name, self.facts)
    }

    fn table_key(&self, name: &ObjectName) -> String {
        self.fold(NameKind::Table, &name.to_string())
    }

    fn find(&mut self, finding: Finding) {
        self.out.findings.push(finding);
    }

    fn tables(&mut self, is: &Database, wish: &Database) {
        let live: HashMap<String, &Table> = is
            .tables
            .iter()
            .map(|t| (self.table_key(&t.name), t))
            .collect();
        let views: HashSet<String> = is.views.iter().map(|v| self.table_key(&v.name)).collect();
        let opaque: HashMap<String, &str> = is
            .opaque
            .iter()
            .filter(|o| o.table.is_none())
            .map(|o| (self.table_key(&o.name), o.kind.as_str()))
            .collect();
        let mut declared: HashSet<String> = HashSet::new();
        for table in &wish.tables {
            let key = self.table_key(&table.name);
            declared.insert(key.clone());
            if self.policy.leaves_table(&table.name.to_string()) {
                continue;
            }
            match live.get(&key) {
                Some(present) => self.table(present, table),
                None if views.contains(&key) => self.find(Finding {
                    object: table.name.to_string(),
                    weight: Weight::Note,
                    aspect: Aspect::Kind,
                    declared: Some(Side::plain("table")),
                    database: Some(Side::plain("view")),
                    reason: "is a view in the database; its columns are not compared".to_owned(),
                    origin: table.origin.clone(),
                }),
                None => match opaque.get(&key) {
                    Some(kind) => {
                        let reason =
                            format!("is a {kind} in the database, which can't be compared");
                        self.find(Finding {
                            object: table.name.to_string(),
                            weight: Weight::CannotTell,
                            aspect: Aspect::Opaque,
                            declared: Some(Side::plain("table")),
                            database: Some(Side::plain(*kind)),
                            reason,
                            origin: table.origin.clone(),
                        });
                    }
                    None => self.missing_table(table, is, wish),
                },
            }
        }
        // A table in the place of a declared view is told with the views.
        declared.extend(wish.views.iter().map(|view| self.table_key(&view.name)));
        for table in &is.tables {
            if !declared.contains(&self.table_key(&table.name)) {
                self.undeclared_table(table);
            }
        }
    }

    fn missing_table(&mut self, table: &Table, is: &Database, wish: &Database) {
        let mut reason = "table is missing".to_owned();
        if let Some(candidate) = self.looks_renamed(table, is, wish) {
            reason = format!(
                "table is missing; {candidate} looks like its former name: declare it under [renames] to keep its rows"
            );
        }
        self.find(Finding {
            object: table.name.to_string(),
            weight: Weight::Differs,
            aspect: Aspect::Existence,
            declared: Some(Side::plain("table")),
            database: None,
            reason,
            origin: table.origin.clone(),
        });
        self.out.changes.push(Change::CreateTable(table.clone()));
    }

    /// The one undeclared table that has exactly the same column names, if there is just one.
    fn looks_renamed(&mut self, table: &Table, is: &Database, wish: &Database) -> Option<String> {
        if table.columns.len() < 2 {
            return None;
        }
        let wanted = self.folded_columns(table);
        if self.undeclared.is_none() {
            self.undeclared = Some(self.undeclared_by_columns(is, wish));
        }
        match self.undeclared.as_ref()?.get(&wanted)?.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// The names of the undeclared tables, by their columns.
    fn undeclared_by_columns(&self, is: &Database, wish: &Database) -> ByColumns {
        let declared: HashSet<String> = wish
            .tables
            .iter()
            .map(|t| self.table_key(&t.name))
            .collect();
        let mut found = ByColumns::new();
        for table in &is.tables {
            if !declared.contains(&self.table_key(&table.name)) {
                let names = found.entry(self.folded_columns(table)).or_default();
                names.push(table.name.to_string());
            }
        }
        found
    }

    /// The folded names of a table's columns, in an order of their own.
    fn folded_columns(&self, table: &Table) -> Vec<String> {
        let columns = table.columns.iter();
        let mut names: Vec<String> = columns
            .map(|c| self.fold(NameKind::Column, c.name.as_str()))
            .collect();
        names.sort_unstable();
        names
    }

    fn undeclared_table(&mut self, table: &Table) {
        let name = table.name.to_string();
        // A part of another table's rows comes and goes with that table.
        if table.is_partition()
            || self.policy.leaves_table(&name)
            || self.dialect.is_internal_table(&name)
        {
            return;
        }
        let complete = self.policy.complete;
        self.find(Finding {
            object: name,
            weight: if complete {
                Weight::Differs
            } else {
                Weight::Note
            },
            aspect: Aspect::Existence,
            declared: None,
            database: Some(Side::plain("table")),
            reason: "table is not declared".to_owned(),
            origin: table.origin.clone(),
        });
        if complete {
            self.out.changes.push(Change::DropTable(table.clone()));
        }
    }
}
