//! Whether the rows refuse a change: decided from the mappings and the rows alone.

use std::collections::{BTreeMap, BTreeSet};

use realign_testkit::TableRows;

use crate::mapping::{Entity, Field, Kind, Mapping};

/// What engines differ in here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    /// The declared length of text is enforced.
    lengths: bool,
}

impl Engine {
    pub(crate) const SQLITE: Self = Self {
        name: "sqlite",
        lengths: false,
    };
    pub(crate) const MARIADB: Self = Self {
        name: "mariadb",
        lengths: true,
    };
    pub(crate) const MYSQL: Self = Self {
        name: "mysql",
        lengths: true,
    };
    pub(crate) const POSTGRESQL: Self = Self {
        name: "postgresql",
        lengths: true,
    };
}

/// Why the rows refuse the change; empty when they don't.
pub(crate) fn refusals(
    engine: Engine,
    before: &Mapping,
    after: &Mapping,
    rows: &BTreeMap<String, TableRows>,
) -> Vec<String> {
    let mut reasons = Vec::new();
    for new in &after.entities {
        let (Some(old), Some(rows)) = (before.entity(&new.name), rows.get(&new.name)) else {
            continue;
        };
        let table = Table {
            engine,
            old,
            new,
            rows,
        };
        table.fields(&mut reasons);
        table.references(before, &mut reasons);
        table.unique(&mut reasons);
    }
    reasons
}

struct Table<'a> {
    engine: Engine,
    old: &'a Entity,
    new: &'a Entity,
    rows: &'a TableRows,
}

impl Table<'_> {
    /// The values of a column as they are, NULL as none; none when there is no such column.
    fn values(&self, column: &str) -> Option<Vec<Option<&str>>> {
        let at = self.rows.columns.iter().position(|name| name == column)?;
        let value = |row: &Vec<String>| -> Option<usize> { (row[at] != "NULL").then_some(at) };
        Some(
            self.rows
                .values
                .iter()
                .map(|row| value(row).map(|at| row[at].as_str()))
                .collect(),
        )
    }

    fn fields(&self, reasons: &mut Vec<String>) {
        for field in &self.new.fields {
            let place = format!("{}.{}", self.new.name, field.name);
            let Some(values) = self.values(&field.name) else {
                let nothing_fits = matches!(field.kind, Kind::Date | Kind::DateTime | Kind::Json);
                if !field.nullable
                    && field.default.is_none()
                    && nothing_fits
                    && !self.rows.values.is_empty()
                {
                    reasons.push(format!("{place}: nothing to put into the rows"));
                }
                continue;
            };
            if !field.nullable && values.contains(&None) {
                reasons.push(format!("{place}: NULL"));
            }
            if let Kind::String(length) = field.kind
                && self.engine.lengths
                && values
                    .iter()
                    .flatten()
                    .any(|value| value.chars().count() > length)
            {
                reasons.push(format!("{place}: too long"));
            }
        }
    }

    fn references(&self, before: &Mapping, reasons: &mut Vec<String>) {
        for reference in &self.new.references {
            let place = format!("{}.{}", self.new.name, reference.column());
            match self.values(&reference.column()) {
                None if !reference.nullable && !self.rows.values.is_empty() => {
                    reasons.push(format!("{place}: nothing to refer to"));
                }
                None => {}
                Some(values) => {
                    if !reference.nullable && values.contains(&None) {
                        reasons.push(format!("{place}: NULL"));
                    }
                    let known = self.old.references.iter().any(|r| r.name == reference.name);
                    assert!(
                        known && before.entity(&reference.target).is_some(),
                        "{place} is new after all"
                    );
                }
            }
        }
    }

    fn unique(&self, reasons: &mut Vec<String>) {
        let keys = self
            .new
            .fields
            .iter()
            .filter(|field| field.unique)
            .map(|field| vec![field.name.clone()])
            .chain(
                self.new
                    .indexes
                    .iter()
                    .filter(|i| i.unique)
                    .map(|i| i.columns.clone()),
            );
        for key in keys {
            let mut seen = BTreeSet::new();
            for row in 0..self.rows.values.len() {
                let values: Option<Vec<String>> = key
                    .iter()
                    .map(|column| self.value_after(column, row))
                    .collect();
                // A NULL is like no other.
                if values.is_some_and(|values| !seen.insert(values)) {
                    reasons.push(format!("{} ({}): twice", self.new.name, key.join(", ")));
                    break;
                }
            }
        }
    }

    /// What the column will hold in this row; none is NULL.
    fn value_after(&self, column: &str, row: usize) -> Option<String> {
        if let Some(values) = self.values(column) {
            return values[row].map(str::to_owned);
        }
        let field: &Field = self.new.fields.iter().find(|field| field.name == column)?;
        match &field.default {
            Some(default) => Some(default.clone()),
            None if field.nullable => None,
            None => Some("zero".to_owned()),
        }
    }
}
