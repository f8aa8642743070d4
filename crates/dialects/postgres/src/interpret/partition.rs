//! Partitions and inheritance.

use realign_model::{
    Expr, Ident, Identity, ObjectName, PartitionOf, PostgresTable, Table, TableOptions,
};

use super::stage::{Relation, Stage, missing};
use crate::parse::{Cursor, Path, Reading};
use crate::render::catalog_name;

/// The bounds of a partition, as the server prints them.
pub(super) fn bound(cursor: &mut Cursor<'_>) -> Reading<String> {
    if cursor.take("default") {
        return Ok("DEFAULT".to_owned());
    }
    let mark = cursor.mark();
    cursor.expect("for")?;
    cursor.expect("values")?;
    while cursor.sees_any(&["in", "from", "to", "with"]) {
        cursor.skip();
        cursor.skip_group()?;
    }
    Ok(cursor.since(mark).to_owned())
}

/// Changes what only PostgreSQL knows of a table.
pub(super) fn change_options(table: &mut Table, change: impl FnOnce(&mut PostgresTable)) {
    let mut options = match std::mem::take(&mut table.options) {
        TableOptions::Postgres(options) => options,
        TableOptions::None | TableOptions::MySql(_) | TableOptions::Sqlite(_) => Box::default(),
    };
    change(&mut options);
    table.options = TableOptions::Postgres(options);
}

/// The tables whose columns a table has.
pub(super) fn parents_of(table: &Table) -> impl Iterator<Item = &ObjectName> {
    let options = match &table.options {
        TableOptions::Postgres(options) => Some(options),
        TableOptions::None | TableOptions::MySql(_) | TableOptions::Sqlite(_) => None,
    };
    options.into_iter().flat_map(|options| {
        let whole = options.partition_of.iter().map(|part| &part.parent);
        options.inherits.iter().chain(whole)
    })
}

impl Stage {
    /// What follows `PARTITION OF`: the columns are those of the parent.
    pub(super) fn partition_of(
        &mut self,
        cursor: &mut Cursor<'_>,
        table: &mut Table,
        options: &mut PostgresTable,
    ) -> Reading<()> {
        let path = cursor.path()?;
        let Some(Relation::Table(at)) = self.relation(&path) else {
            return Err(missing("table", &path));
        };
        self.note_parent(&self.db.tables[at].name.clone());
        let parent = &self.db.tables[at];
        options.partition_of = Some(PartitionOf {
            parent: parent.name.clone(),
            bound: Expr::new(""),
        });
        table.columns = parent
            .columns
            .iter()
            .map(|column| {
                let mut column = column.clone();
                let serial = |identity: &Identity| matches!(identity, Identity::Serial);
                column.identity = column.identity.filter(serial);
                column.type_mark = None;
                if column.comment.is_some() {
                    column.comment = None;
                }
                column
            })
            .collect();
        Ok(())
    }

    /// `ATTACH PARTITION`: what the parent has as well is the parent's from now on.
    pub(super) fn attach(&mut self, parent: usize, path: &Path, bound: String) -> Reading<()> {
        let Some(Relation::Table(at)) = self.relation(path) else {
            return Err(missing("table", path));
        };
        let from = self.db.tables[parent].clone();
        self.note_parent(&from.name);
        self.unnote_names_at(at);
        let table = &mut self.db.tables[at];
        change_options(table, |options| {
            options.partition_of = Some(PartitionOf {
                parent: from.name.clone(),
                bound: Expr::new(bound),
            });
        });
        if from.primary_key.is_some() {
            table.primary_key = None;
        }
        table.indexes.retain(|index| {
            !from.indexes.iter().any(|other| {
                other.parts == index.parts
                    && other.unique == index.unique
                    && other.predicate == index.predicate
            })
        });
        table.checks.retain(|check| {
            let name = check.name.as_ref().map(catalog_name);
            !from
                .checks
                .iter()
                .any(|other| other.name.as_ref().map(catalog_name) == name)
        });
        table.foreign_keys.retain(|key| {
            !from
                .foreign_keys
                .iter()
                .any(|other| other.columns == key.columns && other.ref_table == key.ref_table)
        });
        self.note_names_at(at);
        Ok(())
    }

    /// `DETACH PARTITION`.
    pub(super) fn detach(&mut self, parent: usize, path: &Path) -> Reading<()> {
        let Some(Relation::Table(at)) = self.relation(path) else {
            return Err(missing("table", path));
        };
        let from = self.db.tables[parent].clone();
        let name = self.db.tables[at].name.clone();
        let checks = from.checks.iter().cloned();
        self.db.tables[at].checks.extend(checks);
        change_options(&mut self.db.tables[at], |options| {
            options.partition_of = None;
        });
        // Its parts of the parent's keys stay, each under the name that it was given.
        let own = catalog_name(&name.name);
        let key = from.primary_key.map(|mut key| {
            key.name = Some(self.choose_relation(&name, &own, None, "pkey", true));
            key
        });
        let indexes: Vec<_> = from
            .indexes
            .into_iter()
            .map(|mut index| {
                index.name = None;
                self.named_index(&name, index)
            })
            .collect();
        let table = &mut self.db.tables[at];
        table.primary_key = table.primary_key.take().or(key);
        table.indexes.extend(indexes);
        table.foreign_keys.extend(from.foreign_keys);
        Ok(())
    }

    /// Remembers that another table has the columns of this one.
    pub(super) fn note_parent(&mut self, parent: &ObjectName) {
        let key = self.key(parent);
        if let Some(parents) = &mut self.parents {
            parents.insert(key);
        }
    }

    /// True when other tables have the columns of this one, or had: nearly none is so, and a
    /// long script alters many.
    pub(super) fn is_parent(&mut self, name: &ObjectName) -> bool {
        let mut parents = self.parents.take();
        let known = parents.get_or_insert_with(|| {
            let all = self.db.tables.iter().flat_map(parents_of);
            all.map(|parent| self.key(parent)).collect()
        });
        let found = known.contains(&self.key(name));
        self.parents = parents;
        found
    }

    /// The table and everything that has its columns, parents first.
    pub(super) fn family(&mut self, at: usize, only: bool) -> Vec<usize> {
        let mut found = vec![at];
        let Some(name) = self.db.tables.get(at).map(|t| t.name.clone()) else {
            return found;
        };
        if only || !self.is_parent(&name) {
            return found;
        }
        let mut next = 0;
        while let Some(parent) = found.get(next).copied() {
            next += 1;
            let Some(name) = self.db.tables.get(parent).map(|t| t.name.clone()) else {
                continue;
            };
            for (child, table) in self.db.tables.iter().enumerate() {
                let is_child = parents_of(table).any(|p| self.same(p, &name));
                if is_child && !found.contains(&child) {
                    found.push(child);
                }
            }
        }
        found
    }

    /// Names of columns as a table of the family spells them.
    pub(super) fn column_in(&self, table: usize, name: &Ident) -> Option<usize> {
        super::stage::column_of(self.db.tables.get(table)?, name)
    }
}
