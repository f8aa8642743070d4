//! Making a table anew: the engine's way to every change that it can't do in place.
//!
//! The old table steps aside under another name, the new one is made under its own, so that
//! its stored text is exactly what a fresh one has, and the rows are copied and counted.
//! With `legacy_alter_table` the name of the old table is the only thing that changes:
//! views, triggers and foreign keys of other tables go on meaning the table's own name.

use std::collections::HashSet;

use realign_model::{Column, Expr, Ident, Identity, IndexPart, IndexTarget, Table};
use realign_planner::{Expectation, Facts, Statement};

use crate::dependents::qualifies_with;
use crate::keywords::{always, literal, quote};
use crate::lower::fold;
use crate::types::{Affinity, affinity};
use crate::{conflicts, render, tokens};

/// Everything that making a table anew takes.
#[derive(Debug)]
pub(crate) struct Rebuild<'a> {
    /// The table as it is.
    pub(crate) is: Table,
    /// The table as it will be.
    pub(crate) target: Table,
    /// Texts of its triggers, which go with the old table.
    pub(crate) triggers: Vec<String>,
    /// Names that are taken, folded.
    pub(crate) taken: HashSet<String>,
    /// Facts of the engine.
    pub(crate) facts: &'a Facts,
}

impl Rebuild<'_> {
    /// The statements, in order.
    pub(crate) fn statements(&self) -> Vec<Statement> {
        let name = render::object(&self.target.name);
        let old = always(&self.aside());
        let mut all = Vec::new();
        let counter = self.keeps_counter();
        if self.names_itself() {
            // The engine would not read the old text under another name.
            all.push(format!("CREATE TABLE {old} AS SELECT * FROM {name}"));
            if counter {
                all.push(move_counter(&self.is.name.name.text, &self.aside()));
            }
            all.push(format!("DROP TABLE {name}"));
        } else {
            all.push(format!(
                "ALTER TABLE {} RENAME TO {old}",
                render::object(&self.is.name)
            ));
        }
        // Its text, when somebody wrote one that says just this.
        all.push(match &self.target.source_text {
            Some(written) => written.clone(),
            None => render::create_table(&self.target, self.facts),
        });
        all.push(self.copy(&name, &old));
        let mut all: Vec<Statement> = all.into_iter().map(Statement::new).collect();
        all.push(must_hold(format!(
            "SELECT (SELECT count(*) FROM {name}) = (SELECT count(*) FROM {old})"
        )));
        if counter {
            let own = literal(&self.target.name.name.text);
            all.push(Statement::new(format!(
                "DELETE FROM sqlite_sequence WHERE name = {own}"
            )));
            all.push(Statement::new(move_counter(
                &self.aside(),
                &self.target.name.name.text,
            )));
        }
        all.push(Statement::new(format!("DROP TABLE {old}")));
        for index in self.target.indexes.iter().filter(|i| !i.constraint) {
            all.push(Statement::new(render::create_index(
                index,
                &self.target.name,
            )));
        }
        all.extend(self.triggers.iter().cloned().map(Statement::new));
        all
    }

    /// The statements that make the old table again, with the settings that they need.
    pub(crate) fn taken_back(&self) -> Vec<String> {
        let back = Self {
            is: Table {
                source_text: Some(render::create_table(&self.target, self.facts)),
                ..self.target.clone()
            },
            target: Table {
                source_text: None,
                ..self.is.clone()
            },
            triggers: self.triggers.clone(),
            taken: self.taken.clone(),
            facts: self.facts,
        };
        let opening = [
            "PRAGMA foreign_keys = OFF",
            "PRAGMA legacy_alter_table = ON",
            "BEGIN IMMEDIATE",
        ];
        let closing = [
            "COMMIT",
            "PRAGMA legacy_alter_table = OFF",
            "PRAGMA foreign_keys = ON",
        ];
        let steps = back.statements().into_iter();
        let steps = steps.filter(|statement| statement.expect == Expectation::Done);
        opening
            .map(str::to_owned)
            .into_iter()
            .chain(steps.map(|statement| statement.sql))
            .chain(closing.map(str::to_owned))
            .collect()
    }

    /// Lets a column that is renamed afterwards keep its present name until then: the rename
    /// itself is left to the engine, which carries it into triggers and views.
    pub(crate) fn keep_column_name(&mut self, from: &Ident, to: &Ident) {
        put_back(&mut self.is, from, to);
        put_back(&mut self.target, from, to);
    }

    /// The name under which the old table waits.
    fn aside(&self) -> String {
        let mut name = format!("__realign_{}", self.is.name.name.text);
        while self.taken.contains(&fold(&name)) {
            name.push('_');
        }
        name
    }

    /// True when the stored text says `table.column` somewhere.
    fn names_itself(&self) -> bool {
        let name = &self.is.name.name.text;
        let text = self.is.source_text.as_deref().unwrap_or_default();
        let in_indexes = self.is.indexes.iter().any(|index| {
            index
                .predicate
                .iter()
                .chain(index.parts.iter().filter_map(|part| match &part.target {
                    IndexTarget::Expr(expr) => Some(expr),
                    IndexTarget::Column(_) => None,
                }))
                .any(|expr| qualifies_with(expr.as_str(), name))
        });
        in_indexes || qualifies_with(text, name)
    }

    fn keeps_counter(&self) -> bool {
        let counts = |table: &Table| {
            table
                .columns
                .iter()
                .any(|c| c.identity == Some(Identity::AutoIncrement))
        };
        counts(&self.is) && counts(&self.target)
    }

    fn copy(&self, name: &str, old: &str) -> String {
        let mut into = Vec::new();
        let mut values = Vec::new();
        for column in &self.target.columns {
            if column.generated.is_some() {
                continue;
            }
            match self.is.column_ignoring_case(&column.name.text) {
                Some(present) => {
                    into.push(quote(&column.name));
                    values.push(quote(&present.name));
                }
                None => {
                    if let Some(value) = zero(column) {
                        into.push(quote(&column.name));
                        values.push(value.to_owned());
                    }
                }
            }
        }
        if into.is_empty() {
            // Not one column stays, but the rows do.
            let filled = self.target.columns.iter().find(|c| c.generated.is_none());
            if let Some(column) = filled {
                into.push(quote(&column.name));
                values.push(
                    column
                        .default
                        .as_ref()
                        .map_or_else(|| "NULL".to_owned(), render::default_value),
                );
            }
        }
        format!(
            "INSERT INTO {name} ({}) SELECT {} FROM {old}",
            into.join(", "),
            values.join(", ")
        )
    }
}

/// Hands the counter of one table on to another.
fn move_counter(from: &str, to: &str) -> String {
    format!(
        "UPDATE sqlite_sequence SET name = {} WHERE name = {}",
        literal(to),
        literal(from)
    )
}

/// Gives a column another name, wherever its table names it.
pub(crate) fn rename_within(table: &mut Table, from: &Ident, to: &Ident) {
    put_back(table, to, from);
}

/// Gives a column back its present name, wherever the table names it.
fn put_back(table: &mut Table, from: &Ident, to: &Ident) {
    let back = |name: &mut Ident| {
        if name.text.eq_ignore_ascii_case(&to.text) {
            *name = from.clone();
        }
    };
    let back_in = |expr: &mut Expr| {
        expr.text = tokens::rename(&expr.text, &to.text, &quote(from));
    };
    let back_in_parts = |parts: &mut Vec<IndexPart>| {
        for part in parts {
            match &mut part.target {
                IndexTarget::Column(name) => back(name),
                IndexTarget::Expr(expr) => back_in(expr),
            }
        }
    };
    let own_name = fold(&table.name.name.text);
    conflicts::rename(table, &to.text, &from.text);
    for column in &mut table.columns {
        back(&mut column.name);
        if let Some(rare) = column.rare.said_mut()
            && let Some(generated) = &mut rare.generated
        {
            back_in(&mut generated.expr);
        }
    }
    if let Some(key) = &mut table.primary_key {
        back_in_parts(&mut key.parts);
    }
    for index in &mut table.indexes {
        back_in_parts(&mut index.parts);
        if let Some(rare) = index.rare.said_mut()
            && let Some(predicate) = &mut rare.predicate
        {
            back_in(predicate);
        }
    }
    for key in &mut table.foreign_keys {
        key.columns.iter_mut().for_each(back);
        if fold(&key.ref_table.name.text) == own_name {
            key.ref_columns.iter_mut().for_each(back);
        }
    }
    for check in &mut table.checks {
        back_in(&mut check.expr);
        if let Some(column) = &mut check.column {
            back(column);
        }
    }
}

/// What existing rows get in a new column that may not be NULL and has no default.
pub(crate) fn zero(column: &Column) -> Option<&'static str> {
    let needs = !column.nullable
        && column.default.is_none()
        && column.identity.is_none()
        && column.generated.is_none();
    needs.then(|| match affinity(&column.data_type) {
        Affinity::Integer | Affinity::Real | Affinity::Numeric => "0",
        Affinity::Text => "''",
        Affinity::Blob => "x''",
    })
}

/// A query that has to answer yes.
fn must_hold(sql: String) -> Statement {
    Statement::expecting(sql, Expectation::True)
}
