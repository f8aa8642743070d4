//! Constraints onto a table.

use realign_model::{
    Check, Expr, ForeignKey, Ident, Index, IndexPart, IndexRest, ObjectName, PrimaryKey, Table,
};

use super::choose;
use super::stage::{Relation, Stage, column_of, missing};
use super::table::no_column;
use crate::parse::Reading;
use crate::parse::{ConstraintKind, ConstraintText, Cursor, References, Timing, Trouble};
use crate::render::{catalog_name, ident};

impl Stage {
    /// Adds a constraint to a table that is at hand.
    pub(super) fn add_constraint(
        &mut self,
        table: &mut Table,
        constraint: ConstraintText,
    ) -> Reading<()> {
        let ConstraintText {
            name,
            kind,
            timing,
            at,
        } = constraint;
        if let Some(name) = &name
            && has_constraint(table, name)
        {
            return Err(Trouble::DoesNotFit {
                at,
                what: format!("{} has a constraint {name} already", table.name),
            });
        }
        match kind {
            ConstraintKind::PrimaryKey {
                columns,
                include,
                storage,
            } => {
                if table.primary_key.is_some() {
                    return Err(Trouble::DoesNotFit {
                        at,
                        what: format!("{} has a primary key already", table.name),
                    });
                }
                for column in &columns {
                    let found = column_of(table, column)
                        .ok_or_else(|| no_column(at, &table.name, column))?;
                    table.columns[found].nullable = false;
                }
                let own = catalog_name(&table.name.name);
                let name = name
                    .unwrap_or_else(|| self.choose_relation(&table.name, &own, None, "pkey", true));
                if !include.is_empty() {
                    table.opaque.push(format!(
                        "PRIMARY KEY {name} INCLUDE ({})",
                        crate::render::idents(&include)
                    ));
                }
                if !storage.is_empty() {
                    table
                        .opaque
                        .push(format!("PRIMARY KEY {name} WITH ({})", storage.join(", ")));
                }
                table.primary_key = Some(Box::new(PrimaryKey {
                    name: Some(name),
                    parts: Self::plain_parts(table, columns),
                    deferrable: timing.deferrable,
                    initially_deferred: timing.deferred,
                    origin: self.origin_at(at),
                }));
            }
            ConstraintKind::Unique {
                columns,
                include,
                storage,
                nulls_not_distinct,
            } => {
                for column in columns.iter().chain(&include) {
                    column_of(table, column).ok_or_else(|| no_column(at, &table.name, column))?;
                }
                let index = Index {
                    name,
                    parts: Self::plain_parts(table, columns),
                    unique: true,
                    constraint: true,
                    source_text: None,
                    rare: IndexRest {
                        include,
                        nulls_not_distinct,
                        storage,
                        deferrable: timing.deferrable,
                        initially_deferred: timing.deferred,
                        ..IndexRest::default()
                    }
                    .into(),
                    origin: self.origin_at(at),
                };
                let index = self.named_index(&table.name, index);
                table.indexes.push(index);
            }
            ConstraintKind::UsingIndex(primary, index) => {
                self.using_index(table, primary, &index, name, timing, at)?;
            }
            ConstraintKind::ForeignKey {
                columns,
                references,
            } => self.add_foreign_key(table, name, columns, references, timing, at)?,
            ConstraintKind::Check { expr, no_inherit } => {
                let column = choose::only_column(table, expr.as_str()).cloned();
                let name = name.unwrap_or_else(|| {
                    let middle = column.as_ref().map(catalog_name);
                    self.choose_constraint(&table.name, middle.as_deref(), "check")
                });
                if timing.not_valid && !timing.not_enforced {
                    table.opaque.push(format!(
                        "CHECK {name} is NOT VALID: present rows were never checked"
                    ));
                }
                if no_inherit {
                    table.opaque.push(format!("CHECK {name} is NO INHERIT"));
                }
                table.checks.push(Check {
                    name: Some(name),
                    expr: Expr::new(expr.text.trim()),
                    column,
                    enforced: !timing.not_enforced,
                    origin: self.origin_at(at),
                });
            }
            ConstraintKind::Exclude(text) => {
                let text = exclusion_with(&text, timing);
                let name = name.unwrap_or_else(|| {
                    let parts = exclusion_columns(&text);
                    let middle = choose::joined(parts.iter().map(String::as_str));
                    let own = catalog_name(&table.name.name);
                    self.choose_relation(&table.name, &own, Some(&middle), "excl", true)
                });
                table
                    .opaque
                    .push(format!("CONSTRAINT {} {text}", ident(&name)));
            }
            ConstraintKind::NotNull(column) => {
                let found =
                    column_of(table, &column).ok_or_else(|| no_column(at, &table.name, &column))?;
                table.columns[found].nullable = false;
            }
        }
        Ok(())
    }

    /// Parts over whole columns, each under the name that its table has for it.
    fn plain_parts(table: &Table, columns: Vec<Ident>) -> Vec<IndexPart> {
        columns
            .into_iter()
            .map(|name| {
                let own = column_of(table, &name).map(|at| table.columns[at].name.clone());
                IndexPart::column(own.unwrap_or(name))
            })
            .collect()
    }

    /// An index with the name that the server chooses when it has none.
    pub(super) fn named_index(&mut self, table: &ObjectName, mut index: Index) -> Index {
        if index.name.is_none() {
            let names = choose::part_names(&index.parts, &index.include);
            let middle = choose::joined(names.iter().map(String::as_str));
            let label = if index.constraint { "key" } else { "idx" };
            let own = catalog_name(&table.name);
            index.name =
                Some(self.choose_relation(table, &own, Some(&middle), label, index.constraint));
        } else if let Some(name) = &index.name {
            let key = self.key(&Self::beside(table, &catalog_name(name)));
            self.note_relation(key, Some(table));
        }
        index
    }

    fn using_index(
        &mut self,
        table: &mut Table,
        primary: bool,
        index: &Ident,
        name: Option<Ident>,
        timing: Timing,
        at: usize,
    ) -> Reading<()> {
        let Some(found) = table
            .indexes
            .iter()
            .position(|i| i.name.as_ref().map(catalog_name) == Some(catalog_name(index)))
        else {
            return Err(Trouble::DoesNotFit {
                at,
                what: format!("{} has no index {index}", table.name),
            });
        };
        let name = name.unwrap_or_else(|| index.clone());
        if primary {
            let taken = table.indexes.remove(found);
            for column in taken.columns() {
                if let Some(at) = column_of(table, column) {
                    table.columns[at].nullable = false;
                }
            }
            table.primary_key = Some(Box::new(PrimaryKey {
                name: Some(name),
                parts: taken.parts,
                deferrable: timing.deferrable,
                initially_deferred: timing.deferred,
                origin: self.origin_at(at),
            }));
        } else {
            let index = &mut table.indexes[found];
            index.name = Some(name);
            index.constraint = true;
            index.deferrable = timing.deferrable;
            index.initially_deferred = timing.deferred;
        }
        self.names = None;
        Ok(())
    }

    fn add_foreign_key(
        &mut self,
        table: &mut Table,
        name: Option<Ident>,
        columns: Vec<Ident>,
        references: References,
        timing: Timing,
        at: usize,
    ) -> Reading<()> {
        for column in &columns {
            column_of(table, column).ok_or_else(|| no_column(at, &table.name, column))?;
        }
        let own = self
            .candidates(&references.table)
            .into_iter()
            .find(|candidate| self.same(candidate, &table.name));
        let (ref_table, ref_columns) = if own.is_some() {
            (table.name.clone(), key_columns(table, &references, at)?)
        } else {
            match self.relation(&references.table) {
                Some(Relation::Table(target)) => {
                    let target = &self.db.tables[target];
                    (target.name.clone(), key_columns(target, &references, at)?)
                }
                _ => return Err(missing("table", &references.table)),
            }
        };
        let name = name.unwrap_or_else(|| {
            let names: Vec<String> = columns.iter().map(catalog_name).collect();
            let middle = choose::joined(names.iter().map(String::as_str));
            self.choose_constraint(&table.name, Some(&middle), "fkey")
        });
        if timing.not_valid {
            table.opaque.push(format!(
                "FOREIGN KEY {name} is NOT VALID: present rows were never checked"
            ));
        }
        self.note_reference(&ref_table);
        table.foreign_keys.push(ForeignKey {
            name: Some(name),
            columns,
            ref_table,
            ref_columns,
            on_delete: Some(references.on_delete),
            on_update: Some(references.on_update),
            deferrable: timing.deferrable,
            initially_deferred: timing.deferred,
            match_kind: references.match_kind,
            set_columns: references.set_columns,
            origin: self.origin_at(at),
        });
        Ok(())
    }
}

/// The columns that a foreign key refers to.
fn key_columns(target: &Table, references: &References, at: usize) -> Reading<Vec<Ident>> {
    let columns = if references.columns.is_empty() {
        let key = target.primary_key.as_deref();
        key.map(|key| key.columns().cloned().collect())
            .unwrap_or_default()
    } else {
        references.columns.clone()
    };
    if columns.is_empty() {
        return Err(Trouble::DoesNotFit {
            at: references.table.at,
            what: format!("{} has no primary key to refer to", target.name),
        });
    }
    for column in &columns {
        column_of(target, column).ok_or_else(|| no_column(at, &target.name, column))?;
    }
    Ok(columns)
}

/// True when the table has a constraint of that name.
pub(super) fn has_constraint(table: &Table, name: &Ident) -> bool {
    let wanted = catalog_name(name);
    let is = |other: &Option<Ident>| other.as_ref().map(catalog_name).as_ref() == Some(&wanted);
    table.primary_key.as_deref().is_some_and(|k| is(&k.name))
        || table.indexes.iter().any(|i| i.constraint && is(&i.name))
        || table.foreign_keys.iter().any(|k| is(&k.name))
        || table.checks.iter().any(|c| is(&c.name))
        || table
            .opaque
            .iter()
            .any(|line| exclusion_named(line, &wanted))
}

/// True for the line of the exclusion constraint of that name.
pub(super) fn exclusion_named(line: &str, name: &str) -> bool {
    let mut cursor = Cursor::new(line);
    cursor.take("constraint") && cursor.text_name().is_ok_and(|found| found == name)
}

/// An exclusion constraint with when it is checked, as the server prints it.
fn exclusion_with(text: &str, timing: Timing) -> String {
    match (timing.deferrable, timing.deferred) {
        (false, _) => text.to_owned(),
        (true, false) => format!("{text} DEFERRABLE"),
        (true, true) => format!("{text} DEFERRABLE INITIALLY DEFERRED"),
    }
}

/// What the server calls the parts of an exclusion constraint.
fn exclusion_columns(text: &str) -> Vec<String> {
    let mut cursor = Cursor::new(text);
    while !cursor.is_done() && !cursor.sees_symbol("(") {
        cursor.skip();
    }
    let Ok(group) = cursor.group() else {
        return Vec::new();
    };
    let mut cursor = Cursor::new(group);
    let mut parts = Vec::new();
    while let Ok(text) = cursor.expression(&["with"]) {
        parts.push(match Cursor::new(text).index_parts() {
            Ok(mut found) if found.len() == 1 => found.remove(0),
            _ => return Vec::new(),
        });
        while !cursor.is_done() && !cursor.sees_symbol(",") {
            cursor.skip();
        }
        cursor.take_symbol(",");
    }
    choose::part_names(&parts, &[])
}
