//! Tables that go or get another name, and who points at them.

use std::collections::HashMap;

use realign_model::{Ident, ObjectName, Table};

use super::table::{rename_all, rename_numbered};
use super::{Done, Misfit, Run, Sort};
use crate::parse::Dropped;
use crate::render::object_name;

impl Run<'_> {
    /// Notes at which tables the foreign keys of a table point.
    pub(super) fn note_references(&mut self, at: usize) {
        let Some(mut referring) = self.referring.take() else {
            return;
        };
        for key in &self.database.tables[at].foreign_keys {
            let target = self.key(&key.ref_table);
            referring.entry(target).or_default().insert(at);
        }
        self.referring = Some(referring);
    }

    /// The tables that may have a foreign key to the table of a folded name, in their order.
    fn referring_to(&mut self, key: &str) -> Vec<usize> {
        if self.referring.is_none() {
            self.referring = Some(HashMap::new());
            for at in 0..self.database.tables.len() {
                self.note_references(at);
            }
        }
        let referring = self.referring.as_ref();
        let found = referring.and_then(|all| all.get(key)).into_iter().flatten();
        let mut found: Vec<usize> = found.copied().collect();
        found.sort_unstable();
        found
    }

    /// Foreign keys of other tables follow columns that got another name.
    pub(super) fn follow_columns(&mut self, name: &ObjectName, renamed: &[(Ident, Ident)]) {
        if renamed.is_empty() {
            return;
        }
        let target = self.key(name);
        for at in self.referring_to(&target) {
            let mut keys = std::mem::take(&mut self.database.tables[at].foreign_keys);
            for key in &mut keys {
                if self.key(&key.ref_table) == target {
                    rename_all(&mut key.ref_columns, renamed);
                }
            }
            self.database.tables[at].foreign_keys = keys;
        }
    }

    pub(super) fn rename_table(&mut self, from: ObjectName, to: ObjectName) -> Done {
        let (from, to) = (self.session.resolve(from), self.session.resolve(to));
        if self.key(&from) != self.key(&to) && self.is_taken(&to) {
            return Err(Misfit::new(format!("{to} is there already")));
        }
        if let Some(at) = self.find_view(&from) {
            self.note(Sort::View, &to, at);
            self.database.views[at].name = to;
            return Ok(());
        }
        if let Some(at) = self.find_opaque(&from) {
            let opaque = &mut self.database.opaque[at];
            let names = [&from, &to].map(|name| object_name(name, &self.session.facts));
            opaque.text.push_str(";\nALTER TABLE ");
            opaque.text.push_str(&names.join(" RENAME TO "));
            opaque.name = to.clone();
            self.note(Sort::Opaque, &to, at);
            return Ok(());
        }
        let Some(at) = self.find_table(&from) else {
            return Err(Misfit::new(format!("there is no table {from}")));
        };
        let source = self.key(&from);
        self.database.tables[at].name = to.clone();
        rename_numbered(&mut self.database.tables[at], &from);
        self.at.remove(&source);
        let key = self.key(&to);
        self.at.insert(key, at);
        for at in self.referring_to(&source) {
            let mut keys = std::mem::take(&mut self.database.tables[at].foreign_keys);
            for key in &mut keys {
                if self.key(&key.ref_table) == source {
                    key.ref_table = to.clone();
                }
            }
            self.database.tables[at].foreign_keys = keys;
            self.note_references(at);
        }
        self.move_triggers(&source, &to);
        Ok(())
    }

    pub(super) fn drop_tables(&mut self, dropped: Dropped) -> Done {
        let names: Vec<ObjectName> = dropped
            .names
            .into_iter()
            .map(|name| self.session.resolve(name))
            .collect();
        let keys: Vec<String> = names.iter().map(|name| self.key(name)).collect();
        for (name, key) in names.iter().zip(&keys) {
            if self.find_table(name).is_none() && self.find_opaque(name).is_none() {
                if dropped.if_exists {
                    continue;
                }
                return Err(Misfit::new(format!("there is no table {name}")));
            }
            if self.session.checks_foreign_keys()
                && let Some(holder) = self.holder(key, &keys)
            {
                return Err(Misfit::new(format!(
                    "table {name} can't be dropped: a foreign key of {holder} points at it"
                )));
            }
        }
        for name in names {
            self.remove_table(&name);
        }
        Ok(())
    }

    /// A table beside those that go which has a foreign key to this one.
    fn holder(&mut self, key: &str, going: &[String]) -> Option<String> {
        let referring = self.referring_to(key);
        referring
            .into_iter()
            .map(|at| &self.database.tables[at])
            .filter(|table| {
                table
                    .foreign_keys
                    .iter()
                    .any(|fk| self.key(&fk.ref_table) == key)
            })
            .find(|table| !going.contains(&self.key(&table.name)))
            .map(|table| table.name.to_string())
    }

    /// A table goes, with its triggers.
    pub(super) fn remove_table(&mut self, name: &ObjectName) {
        if let Some(at) = self.find_opaque(name) {
            self.database.opaque.remove(at);
        }
        let key = self.key(name);
        let Some(at) = self.at.remove(&key) else {
            return;
        };
        self.database.tables[at] = Table::new(ObjectName::bare(""));
        if !self.with_triggers.remove(&key) {
            return;
        }
        let triggers = std::mem::take(&mut self.database.triggers);
        self.database.triggers = triggers
            .into_iter()
            .filter(|trigger| self.key(&trigger.table) != key)
            .collect();
    }
}
