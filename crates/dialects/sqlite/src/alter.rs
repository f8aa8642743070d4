//! One table that changes: in place where the engine can, else made anew.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use realign_model::{
    Column, ForeignKey, GeneratedKind, Ident, Index, ObjectName, SqliteTable, Table, TableOptions,
};
use realign_planner::{Change, Lowering, Phase, Risk, Statement, Step, TableChange, TableItem};

use crate::dependents::triggers_of;
use crate::keywords::quote;
use crate::lower::fold;
use crate::precheck::unique;
use crate::rebuild::Rebuild;
use crate::renames::rename_column;
use crate::risk::{self, Past};
use crate::{assemble, compare, expr, render, stored};

/// What one change has to know of all others.
pub(crate) struct Whole<'a> {
    /// All changes.
    pub(crate) changes: &'a [Change],
    /// What may be looked at.
    pub(crate) lowering: &'a Lowering<'a>,
    /// Index names that come, with the table that wants them.
    pub(crate) wanted: HashMap<String, Vec<String>>,
    /// Triggers that no table made anew puts back.
    pub(crate) handled: HashSet<String>,
    /// Former names of tables by their new ones, folded.
    pub(crate) former: HashMap<String, ObjectName>,
}

impl<'a> Whole<'a> {
    /// Looks at all changes once.
    pub(crate) fn of(changes: &'a [Change], lowering: &'a Lowering<'a>) -> Self {
        let mut whole = Self {
            changes,
            lowering,
            wanted: HashMap::new(),
            handled: HashSet::new(),
            former: HashMap::new(),
        };
        for change in changes {
            match change {
                Change::CreateTable(table) => {
                    for index in &table.indexes {
                        whole.want(index, &table.name);
                    }
                }
                Change::AlterTable(change) => {
                    for item in &change.items {
                        match item {
                            TableItem::AddIndex(index)
                            | TableItem::RenameIndex { wish: index, .. }
                            | TableItem::ReplaceIndex { wish: index, .. } => {
                                whole.want(index, &change.is.name);
                            }
                            _ => {}
                        }
                    }
                }
                Change::RenameTable { from, to } => {
                    whole.former.insert(fold(&to.name.text), from.clone());
                }
                Change::DropTrigger(trigger) | Change::ReplaceTrigger { is: trigger, .. } => {
                    whole.handled.insert(fold(&trigger.name.name.text));
                }
                _ => {}
            }
        }
        whole.doubtful_triggers().iter().for_each(|t| {
            whole.handled.insert(fold(&t.name.name.text));
        });
        whole
    }

    fn want(&mut self, index: &Index, table: &ObjectName) {
        self.wanted
            .entry(fold(index.name_str()))
            .or_default()
            .push(fold(&table.name.text));
    }

    /// The steps of one table.
    pub(crate) fn alter(&self, change: &TableChange) -> Vec<Step> {
        let past = Past::of(change, self.former.get(&fold(&change.is.name.name.text)));
        let name = self.declared_name(change);
        let mut steps = Vec::new();
        for index in leaving(change) {
            if self.is_in_the_way(index, change) {
                let mut step = drop_index(index, change);
                step.phase = Phase::DropFirst;
                steps.push(step);
            }
        }
        let renames = change.items.iter().filter_map(|item| match item {
            TableItem::RenameColumn { from, to } => Some(rename_column(change, &name, from, to)),
            _ => None,
        });
        if change.items.iter().any(|item| needs_rebuild(item, change)) {
            // Its triggers have the present names until the engine carries the new ones in.
            steps.push(self.rebuild(change, &name, &past));
            steps.extend(renames);
        } else {
            steps.extend(renames);
            for item in &change.items {
                steps.extend(self.in_place(item, change, &name, &past));
            }
        }
        steps
    }

    /// The name as the declaration spells and quotes it.
    fn declared_name(&self, change: &TableChange) -> ObjectName {
        let folded = fold(&change.target.name.name.text);
        self.lowering
            .wish
            .tables
            .iter()
            .find(|t| fold(&t.name.name.text) == folded)
            .map_or_else(|| change.target.name.clone(), |t| t.name.clone())
    }

    /// The declared table.
    fn declared(&self, change: &TableChange) -> Option<&Table> {
        let folded = fold(&change.target.name.name.text);
        let mut tables = self.lowering.wish.tables.iter();
        tables.find(|table| fold(&table.name.name.text) == folded)
    }

    /// The text of the declared table, when the table will be just that: nothing is left in it
    /// that nobody declared.
    fn written(&self, change: &TableChange, past: &Past) -> Option<String> {
        let (wish, target) = (self.declared(change)?, &change.target);
        let names = |table: &Table| -> Vec<String> {
            table.columns.iter().map(|c| fold(&c.name.text)).collect()
        };
        let constraints = |table: &Table| {
            let unique = table.indexes.iter().filter(|index| index.constraint);
            (
                unique.count(),
                table.checks.len(),
                table.foreign_keys.len(),
                table.comment.clone(),
            )
        };
        let just_that = past.columns.is_empty()
            && names(wish) == names(target)
            && constraints(wish) == constraints(target);
        let text = assemble::own_text(wish).filter(|_| just_that);
        text.map(str::to_owned)
    }

    /// A column as it is declared in the text of its table, else as it is printed.
    fn column_text(&self, column: &Column, change: &TableChange) -> String {
        let written = self
            .declared(change)
            .and_then(|table| stored::table(assemble::own_text(table)?).ok())
            .and_then(|read| {
                let mut columns = read.columns.into_iter();
                columns.find(|read| fold(&read.name) == fold(&column.name.text))
            })
            .filter(|read| !read.definition.is_empty());
        match written {
            Some(read) => format!("{} {}", quote(&column.name), read.definition),
            None => render::column_declaration(column, &change.target, self.lowering.facts),
        }
    }

    fn is_in_the_way(&self, index: &Index, change: &TableChange) -> bool {
        let table = fold(&change.is.name.name.text);
        !index.constraint
            && self
                .wanted
                .get(&fold(index.name_str()))
                .is_some_and(|tables| tables.iter().any(|t| *t != table))
    }

    fn rebuild(&self, change: &TableChange, name: &ObjectName, past: &Past) -> Step {
        let triggers: Vec<String> = triggers_of(self.lowering.is, &past.table.name.text)
            .filter(|t| !self.handled.contains(&fold(&t.name.name.text)))
            .map(|t| self.with_new_names(t.source_text.as_str()))
            .collect();
        let mut target = change.target.clone();
        target.name = name.clone();
        target.source_text = self.written(change, past);
        if target.options == TableOptions::None {
            // Nobody declares what its constraints do with a row: that stays.
            target.options = TableOptions::Sqlite(SqliteTable {
                conflicts: compare::options(&change.is).conflicts,
                ..SqliteTable::default()
            });
        }
        let mut rebuild = Rebuild {
            is: change.is.clone(),
            target,
            triggers,
            taken: self
                .lowering
                .is
                .tables
                .iter()
                .chain(&self.lowering.wish.tables)
                .map(|t| fold(&t.name.name.text))
                .collect(),
            facts: self.lowering.facts,
        };
        for (from, to) in &past.columns {
            rebuild.keep_column_name(from, to);
        }
        let mut step = Step::new(
            Phase::Alter,
            change.target.name.to_string(),
            rebuild.statements(),
        );
        step.title = format!("{name} is made anew and its rows are copied");
        step.origin = change.target.origin.clone();
        step.raise(
            Risk::Rewriting,
            "R101",
            format!(
                "the engine can't change in place: {}",
                asked_for(&change.items)
            ),
        );
        risk::of_rebuild(&mut step, change, past, self.lowering);
        if change.items.iter().all(only_constraints) {
            step.undo = rebuild.taken_back();
        }
        step
    }

    fn in_place(
        &self,
        item: &TableItem,
        change: &TableChange,
        name: &ObjectName,
        past: &Past,
    ) -> Vec<Step> {
        let one = |sql: String| {
            Step::new(
                Phase::Alter,
                change.target.name.to_string(),
                vec![Statement::new(sql)],
            )
        };
        match item {
            TableItem::AddColumn(column) => {
                let mut step = one(format!(
                    "ALTER TABLE {} ADD COLUMN {}",
                    render::object(name),
                    self.column_text(column, change)
                ));
                step.undo = vec![format!(
                    "ALTER TABLE {} DROP COLUMN {}",
                    render::object(name),
                    quote(&column.name)
                )];
                step.origin = column.origin.clone();
                vec![step]
            }
            TableItem::AddIndex(index) => {
                let mut step = one(render::create_index(index, name));
                step.undo = vec![render::drop_index(index)];
                step.origin = index.origin.clone();
                unique(&mut step, index, change, past);
                vec![step]
            }
            TableItem::DropIndex(index) => {
                if self.is_in_the_way(index, change) {
                    return Vec::new();
                }
                vec![drop_index(index, change)]
            }
            TableItem::RenameIndex { is, wish } | TableItem::ReplaceIndex { is, wish } => {
                let mut step = one(render::create_index(wish, name));
                if !self.is_in_the_way(is, change) {
                    step.statements
                        .insert(0, Statement::new(render::drop_index(is)));
                }
                step.undo = vec![render::drop_index(wish), render::create_index(is, name)];
                step.origin = wish.origin.clone();
                if !is.unique || matches!(item, TableItem::ReplaceIndex { .. }) {
                    unique(&mut step, wish, change, past);
                }
                vec![step]
            }
            // Renames follow by themselves; everything else makes the table anew.
            TableItem::RenameColumn { .. }
            | TableItem::DropColumn(_)
            | TableItem::ModifyColumn { .. }
            | TableItem::SetPrimaryKey { .. }
            | TableItem::AddForeignKey(_)
            | TableItem::DropForeignKey(_)
            | TableItem::ReplaceForeignKey { .. }
            | TableItem::AddCheck(_)
            | TableItem::DropCheck(_)
            | TableItem::ReplaceCheck { .. }
            | TableItem::SetOptions(_) => Vec::new(),
        }
    }
}

fn drop_index(index: &Index, change: &TableChange) -> Step {
    let mut step = Step::new(
        Phase::Alter,
        change.target.name.to_string(),
        vec![Statement::new(render::drop_index(index))],
    );
    step.undo = vec![render::create_index(index, &change.is.name)];
    step
}

/// Indexes that this change takes away.
fn leaving(change: &TableChange) -> impl Iterator<Item = &Index> {
    change.items.iter().filter_map(|item| match item {
        TableItem::DropIndex(index)
        | TableItem::RenameIndex { is: index, .. }
        | TableItem::ReplaceIndex { is: index, .. } => Some(index),
        _ => None,
    })
}

fn needs_rebuild(item: &TableItem, change: &TableChange) -> bool {
    match item {
        TableItem::AddColumn(column) => !can_be_added(column, change),
        TableItem::RenameColumn { .. } => false,
        TableItem::AddIndex(index) | TableItem::DropIndex(index) => index.constraint,
        TableItem::RenameIndex { is, wish } | TableItem::ReplaceIndex { is, wish } => {
            is.constraint || wish.constraint
        }
        TableItem::DropColumn(_)
        | TableItem::ModifyColumn { .. }
        | TableItem::SetPrimaryKey { .. }
        | TableItem::AddForeignKey(_)
        | TableItem::DropForeignKey(_)
        | TableItem::ReplaceForeignKey { .. }
        | TableItem::AddCheck(_)
        | TableItem::DropCheck(_)
        | TableItem::ReplaceCheck { .. }
        | TableItem::SetOptions(_) => true,
    }
}

/// What of a table is to change, for a person.
fn asked_for(items: &[TableItem]) -> String {
    const SHOWN: usize = 4;
    let over = |key: &ForeignKey| {
        let columns: Vec<&str> = key.columns.iter().map(Ident::as_str).collect();
        format!("foreign key ({})", columns.join(", "))
    };
    let named: Vec<String> = items
        .iter()
        .map(|item| match item {
            TableItem::AddColumn(column) | TableItem::DropColumn(column) => {
                format!("column {}", column.name)
            }
            TableItem::ModifyColumn { wish, .. } => format!("column {}", wish.name),
            TableItem::RenameColumn { to, .. } => format!("column {to}"),
            TableItem::AddIndex(index) | TableItem::DropIndex(index) => {
                format!("index {}", index.name_str())
            }
            TableItem::RenameIndex { wish, .. } | TableItem::ReplaceIndex { wish, .. } => {
                format!("index {}", wish.name_str())
            }
            TableItem::SetPrimaryKey { .. } => "primary key".to_owned(),
            TableItem::AddForeignKey(key) | TableItem::DropForeignKey(key) => over(key),
            TableItem::ReplaceForeignKey { wish, .. } => over(wish),
            TableItem::AddCheck(check) | TableItem::DropCheck(check) => {
                format!("check ({})", check.expr)
            }
            TableItem::ReplaceCheck { wish, .. } => format!("check ({})", wish.expr),
            TableItem::SetOptions(_) => "options of the table".to_owned(),
        })
        .collect();
    let mut text = named[..named.len().min(SHOWN)].join(", ");
    if named.len() > SHOWN {
        let _ = write!(text, " and {} more", named.len() - SHOWN);
    }
    text
}

/// True when a change leaves every column as it is, so that the old table can come back.
fn only_constraints(item: &TableItem) -> bool {
    match item {
        TableItem::AddForeignKey(_)
        | TableItem::DropForeignKey(_)
        | TableItem::ReplaceForeignKey { .. }
        | TableItem::AddCheck(_)
        | TableItem::DropCheck(_)
        | TableItem::ReplaceCheck { .. }
        | TableItem::AddIndex(_)
        | TableItem::DropIndex(_)
        | TableItem::RenameIndex { .. }
        | TableItem::ReplaceIndex { .. } => true,
        TableItem::AddColumn(_)
        | TableItem::DropColumn(_)
        | TableItem::RenameColumn { .. }
        | TableItem::ModifyColumn { .. }
        | TableItem::SetPrimaryKey { .. }
        | TableItem::SetOptions(_) => false,
    }
}

/// True when `ADD COLUMN` takes it and leaves the text that a new table would have.
fn can_be_added(column: &Column, change: &TableChange) -> bool {
    let in_key = change.target.primary_key.as_deref().is_some_and(|key| {
        key.columns()
            .any(|name| name.text.eq_ignore_ascii_case(&column.name.text))
    });
    let constant = column
        .default
        .as_ref()
        .is_some_and(|default| expr::is_constant(default.as_str()));
    column.definition.is_none()
        && column.identity.is_none()
        && !in_key
        // The engine cuts the line break behind a comment and then can't read its own text.
        && column.stored_comment().is_none()
        && column
            .generated
            .as_ref()
            .is_none_or(|g| g.kind == GeneratedKind::Virtual && column.nullable)
        && (constant || (column.nullable && column.default.is_none()))
}
