//! Declared renames, carried out on the model before anything is compared.
//!
//! What follows then sees one name for each thing: an index over a renamed column or a
//! key to a renamed table is the same as before.

use std::collections::HashMap;

use realign_model::{Database, Ident, IndexPart, IndexTarget, ObjectName, Table};

use super::Walk;
use crate::{Aspect, Change, Diagnostic, Finding, NameKind, Side, Weight};

/// The renames of columns, by the folded (new) name of their table.
pub(super) type ColumnRenames = HashMap<String, Vec<(Ident, Ident)>>;

impl Walk<'_> {
    /// The live database with the declared renames carried out, and the renames of
    /// columns. Renames of tables become changes here.
    pub(super) fn carry_out_renames(
        &mut self,
        is: &Database,
        wish: &Database,
    ) -> (Option<Database>, ColumnRenames) {
        let inline = wish.tables.iter().any(|t| {
            !t.renamed_from.is_empty() || t.columns.iter().any(|c| !c.renamed_from.is_empty())
        });
        let renames = &self.policy.renames;
        if !inline && renames.tables.is_empty() && renames.columns.is_empty() {
            return (None, ColumnRenames::new());
        }
        let mut after = is.clone();
        let mut columns = ColumnRenames::new();
        for table in &wish.tables {
            self.rename_table(&mut after, table);
            self.rename_columns(&mut after, table, &mut columns);
        }
        (Some(after), columns)
    }

    fn rename_table(&mut self, after: &mut Database, table: &Table) {
        let key = self.table_key(&table.name);
        let declared = self
            .policy
            .renames
            .tables
            .iter()
            .filter(|(_, to)| self.fold(NameKind::Table, to) == key)
            .map(|(from, _)| self.fold(NameKind::Table, from));
        let inline = table.renamed_from.iter().map(|name| self.table_key(name));
        let froms: Vec<String> = declared.chain(inline).filter(|from| *from != key).collect();
        let position = |walk: &Self, after: &Database, wanted: &str| {
            after
                .tables
                .iter()
                .position(|t| walk.table_key(&t.name) == wanted)
        };
        let Some(at) = froms.iter().find_map(|from| position(self, after, from)) else {
            return;
        };
        let former = after.tables[at].name.clone();
        if position(self, after, &key).is_some() {
            self.both_names("table", &former.to_string(), &table.name.to_string(), table);
            return;
        }
        self.find(Finding {
            object: table.name.to_string(),
            weight: Weight::Differs,
            aspect: Aspect::Name,
            declared: Some(Side::plain(table.name.to_string())),
            database: Some(Side::plain(former.to_string())),
            reason: format!("table still has its former name {former}"),
            origin: table.origin.clone(),
        });
        self.out.changes.push(Change::RenameTable {
            from: former.clone(),
            to: table.name.clone(),
        });
        after.tables[at].name = table.name.clone();
        self.retarget(after, &former, &table.name);
    }

    /// Lets every foreign key and trigger that named the former table name the new one.
    fn retarget(&self, after: &mut Database, former: &ObjectName, to: &ObjectName) {
        let former = self.table_key(former);
        for table in &mut after.tables {
            for key in &mut table.foreign_keys {
                if self.table_key(&key.ref_table) == former {
                    key.ref_table = to.clone();
                }
            }
        }
        for trigger in &mut after.triggers {
            if self.table_key(&trigger.table) == former {
                trigger.table = to.clone();
            }
        }
    }

    fn rename_columns(&mut self, after: &mut Database, wish: &Table, all: &mut ColumnRenames) {
        let table_key = self.table_key(&wish.name);
        let Some(at) = after
            .tables
            .iter()
            .position(|t| self.table_key(&t.name) == table_key)
        else {
            return;
        };
        for column in &wish.columns {
            let key = self.column_key(&column.name);
            let declared = self
                .policy
                .renames
                .columns
                .iter()
                .filter(|(t, _, to)| {
                    self.fold(NameKind::Table, t) == table_key
                        && self.fold(NameKind::Column, to) == key
                })
                .map(|(_, from, _)| self.fold(NameKind::Column, from));
            let inline = column.renamed_from.iter().map(|name| self.column_key(name));
            let froms: Vec<String> = declared.chain(inline).filter(|from| *from != key).collect();
            let live = &after.tables[at];
            let Some(former) = live
                .columns
                .iter()
                .find(|c| froms.contains(&self.column_key(&c.name)))
            else {
                continue;
            };
            let former = former.name.clone();
            if live.columns.iter().any(|c| self.column_key(&c.name) == key) {
                self.both_names("column", former.as_str(), column.name.as_str(), wish);
                continue;
            }
            self.find(Finding {
                object: format!("{}.{}", wish.name, column.name),
                weight: Weight::Differs,
                aspect: Aspect::Name,
                declared: Some(Side::plain(column.name.as_str())),
                database: Some(Side::plain(former.as_str())),
                reason: format!("column still has its former name {former}"),
                origin: column.origin.clone(),
            });
            all.entry(table_key.clone())
                .or_default()
                .push((former.clone(), column.name.clone()));
            self.rename_column(after, &table_key, &former, &column.name);
        }
    }

    fn rename_column(&self, after: &mut Database, table_key: &str, former: &Ident, to: &Ident) {
        let former = self.column_key(former);
        let fix = |name: &mut Ident| {
            if self.column_key(name) == former {
                *name = to.clone();
            }
        };
        let fix_part = |part: &mut IndexPart| {
            if let IndexTarget::Column(name) = &mut part.target {
                fix(name);
            }
        };
        for table in &mut after.tables {
            let own = self.table_key(&table.name) == table_key;
            for key in &mut table.foreign_keys {
                if own {
                    key.columns.iter_mut().for_each(fix);
                }
                if self.table_key(&key.ref_table) == table_key {
                    key.ref_columns.iter_mut().for_each(fix);
                }
            }
            if !own {
                continue;
            }
            table.columns.iter_mut().for_each(|c| fix(&mut c.name));
            table
                .primary_key
                .iter_mut()
                .flat_map(|k| &mut k.parts)
                .for_each(fix_part);
            for index in &mut table.indexes {
                index.parts.iter_mut().for_each(fix_part);
                index.include.iter_mut().for_each(fix);
            }
        }
    }

    fn both_names(&mut self, kind: &str, from: &str, to: &str, table: &Table) {
        self.out.errors.push(
            Diagnostic::error(
                "D091",
                format!("{kind} {from} is declared to be renamed to {to}, but both are there"),
            )
            .at(table.origin.clone())
            .with_help(
                "move what is left in the old one, drop it, or take the rename out of [renames]",
            ),
        );
    }
}
