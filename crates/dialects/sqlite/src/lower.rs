//! Changes to steps: what can be done in place is done so, everything else makes the
//! table anew.

use std::collections::{HashMap, HashSet};

use realign_model::{Column, Database, GeneratedKind, Index, ObjectName, Table, Trigger, View};
use realign_planner::{
    Change, Expectation, Facts, Lowering, Phase, Risk, Statement, Step, TableChange, TableItem,
};

use crate::dependents::{Known, mentions};
use crate::envelope::set;
use crate::facts::LEGACY_ALTER_TABLE;
use crate::keywords::quote;
use crate::rebuild::Rebuild;
use crate::risk::{self, Past};
use crate::{expr, render, tokens};

/// The steps of these changes.
pub(crate) fn lower(changes: &[Change], lowering: &Lowering<'_>) -> Vec<Step> {
    let whole = Whole::of(changes, lowering);
    let mut steps = whole.around_renames();
    for change in changes {
        match change {
            Change::CreateTable(table) => steps.push(create_table(table, lowering.facts)),
            Change::DropTable(table) => steps.push(drop_table(table)),
            Change::RenameTable { from, to } => steps.push(rename_table(from, to)),
            Change::AlterTable(change) => steps.extend(whole.alter(change)),
            // The engine has no sequences.
            Change::CreateSequence(_) | Change::DropSequence(_) | Change::AlterSequence { .. } => {}
            Change::CreateView(view) => steps.push(create_view(view)),
            Change::DropView(view) => steps.push(drop_view(view)),
            Change::ReplaceView { is, wish } => {
                steps.push(drop_view(is));
                steps.push(create_view(wish));
            }
            Change::CreateTrigger(trigger) => steps.push(create_trigger(trigger)),
            Change::DropTrigger(trigger) => steps.push(drop_trigger(trigger)),
            Change::ReplaceTrigger { is, wish } => {
                steps.push(drop_trigger(is));
                steps.push(create_trigger(wish));
            }
        }
    }
    steps.extend(risk::foreign_key_check(changes, lowering));
    steps
}

/// The steps that make everything in an empty database.
pub(crate) fn create(database: &Database, facts: &Facts) -> Vec<Step> {
    let tables = database
        .tables
        .iter()
        .map(|table| create_table(table, facts));
    let views = database.views.iter().map(create_view);
    let triggers = database.triggers.iter().map(create_trigger);
    tables.chain(views).chain(triggers).collect()
}

/// The steps that drop everything, dependants first.
pub(crate) fn drop_all(database: &Database) -> Vec<Step> {
    let triggers = database.triggers.iter().rev().map(drop_trigger);
    let views = database.views.iter().rev().map(drop_view);
    let tables = database.tables.iter().rev().map(drop_table);
    triggers.chain(views).chain(tables).collect()
}

fn create_table(table: &Table, facts: &Facts) -> Step {
    let statements = render::create_with_indexes(table, facts)
        .into_iter()
        .map(Statement::new)
        .collect();
    let mut step = Step::new(Phase::Create, table.name.to_string(), statements);
    step.undo = vec![format!("DROP TABLE {}", render::object(&table.name))];
    step.origin = table.origin.clone();
    step
}

fn drop_table(table: &Table) -> Step {
    let sql = format!("DROP TABLE {}", render::object(&table.name));
    let mut step = Step::new(
        Phase::Drop,
        table.name.to_string(),
        vec![Statement::new(sql)],
    );
    risk::table_goes(&mut step, table);
    step
}

fn rename_table(from: &ObjectName, to: &ObjectName) -> Step {
    let rename = |from: &ObjectName, to: &ObjectName| {
        format!(
            "ALTER TABLE {} RENAME TO {}",
            render::object(from),
            quote(&to.name)
        )
    };
    // After the views that would refuse it are away, and before anything takes the old name.
    let mut step = Step::new(
        Phase::DropFirst,
        to.to_string(),
        following(&rename(from, to)),
    );
    step.raise(
        Risk::Breaking,
        "R103",
        format!("code that still says {from} fails from now on"),
    );
    step.undo = vec![rename(to, from)];
    step
}

/// A rename that views, triggers and foreign keys of other tables follow.
fn following(sql: &str) -> Vec<Statement> {
    vec![
        set(LEGACY_ALTER_TABLE, false),
        Statement::new(sql),
        set(LEGACY_ALTER_TABLE, true),
    ]
}

fn create_view(view: &View) -> Step {
    let sql = view.source_text.clone().unwrap_or_else(|| {
        let columns = if view.columns.is_empty() {
            String::new()
        } else {
            format!(" ({})", render::names(&view.columns))
        };
        format!(
            "CREATE VIEW {}{columns} AS {}",
            render::object(&view.name),
            view.query
        )
    });
    let mut step = Step::new(
        Phase::CreateDependents,
        view.name.to_string(),
        vec![Statement::new(sql)],
    );
    step.undo = vec![format!("DROP VIEW {}", render::object(&view.name))];
    step.origin = view.origin.clone();
    step
}

fn drop_view(view: &View) -> Step {
    let sql = format!("DROP VIEW {}", render::object(&view.name));
    let mut step = Step::new(
        Phase::DropDependents,
        view.name.to_string(),
        vec![Statement::new(sql)],
    );
    step.undo = view.source_text.iter().cloned().collect();
    step
}

fn create_trigger(trigger: &Trigger) -> Step {
    let sql = trigger.source_text.text.clone();
    let mut step = Step::new(
        Phase::CreateDependents,
        trigger.name.to_string(),
        vec![Statement::new(sql)],
    );
    step.undo = vec![format!("DROP TRIGGER {}", render::object(&trigger.name))];
    step.origin = trigger.origin.clone();
    step
}

fn drop_trigger(trigger: &Trigger) -> Step {
    let sql = format!("DROP TRIGGER {}", render::object(&trigger.name));
    let mut step = Step::new(
        Phase::DropDependents,
        trigger.name.to_string(),
        vec![Statement::new(sql)],
    );
    step.undo = vec![trigger.source_text.text.clone()];
    step
}

/// What one change has to know of all others.
struct Whole<'a> {
    changes: &'a [Change],
    lowering: &'a Lowering<'a>,
    /// Index names that come, with the table that wants them.
    wanted: HashMap<String, Vec<String>>,
    /// Triggers that no table made anew puts back.
    handled: HashSet<String>,
    /// Former names of tables by their new ones, folded.
    former: HashMap<String, ObjectName>,
}

impl<'a> Whole<'a> {
    fn of(changes: &'a [Change], lowering: &'a Lowering<'a>) -> Self {
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

    fn has_renames(&self) -> bool {
        self.changes.iter().any(|change| match change {
            Change::RenameTable { .. } => true,
            Change::AlterTable(change) => change
                .items
                .iter()
                .any(|item| matches!(item, TableItem::RenameColumn { .. })),
            _ => false,
        })
    }

    fn doubtful_triggers(&self) -> Vec<&'a Trigger> {
        if !self.has_renames() {
            return Vec::new();
        }
        let known = Known::of(self.lowering.is, self.changes);
        self.lowering
            .is
            .triggers
            .iter()
            .filter(|t| !self.handled.contains(&fold(&t.name.name.text)))
            .filter(|t| known.doubts(t.source_text.as_str(), &t.name.name.text))
            .collect()
    }

    /// Takes away the views and triggers that would refuse a rename, and puts them back.
    fn around_renames(&self) -> Vec<Step> {
        if !self.has_renames() {
            return Vec::new();
        }
        let known = Known::of(self.lowering.is, self.changes);
        let mut steps = Vec::new();
        for view in &self.lowering.is.views {
            let text = view.source_text.as_deref().unwrap_or_default();
            let goes = self.changes.iter().any(|change| match change {
                Change::DropView(other) | Change::ReplaceView { is: other, .. } => {
                    other.name == view.name
                }
                _ => false,
            });
            if goes || !known.doubts(text, &view.name.name.text) {
                continue;
            }
            let mut away = drop_view(view);
            "is taken away while other objects get their new names".clone_into(&mut away.title);
            let mut back = create_view(view);
            for statement in &mut back.statements {
                statement.sql = self.with_new_names(&statement.sql);
            }
            "is created again".clone_into(&mut back.title);
            steps.push(away);
            steps.push(back);
        }
        let gone: Vec<&Trigger> =
            self.lowering
                .is
                .triggers
                .iter()
                .filter(|t| {
                    self.handled.contains(&fold(&t.name.name.text))
                        && !self.changes.iter().any(|change| match change {
                            Change::DropTrigger(other)
                            | Change::ReplaceTrigger { is: other, .. } => other.name == t.name,
                            _ => false,
                        })
                })
                .collect();
        for trigger in gone {
            let mut back = create_trigger(trigger);
            for statement in &mut back.statements {
                statement.sql = self.with_new_names(&statement.sql);
            }
            steps.push(drop_trigger(trigger));
            steps.push(back);
        }
        steps
    }

    /// A text with the new names of tables in the place of the former ones.
    fn with_new_names(&self, sql: &str) -> String {
        let mut text = sql.to_owned();
        for change in self.changes {
            if let Change::RenameTable { from, to } = change {
                text = tokens::rename(&text, &from.name.text, &quote(&to.name));
            }
        }
        text
    }

    fn alter(&self, change: &TableChange) -> Vec<Step> {
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

    fn is_in_the_way(&self, index: &Index, change: &TableChange) -> bool {
        let table = fold(&change.is.name.name.text);
        !index.constraint
            && self
                .wanted
                .get(&fold(index.name_str()))
                .is_some_and(|tables| tables.iter().any(|t| *t != table))
    }

    fn rebuild(&self, change: &TableChange, name: &ObjectName, past: &Past) -> Step {
        let triggers: Vec<String> =
            crate::dependents::triggers_of(self.lowering.is, &past.table.name.text)
                .filter(|t| !self.handled.contains(&fold(&t.name.name.text)))
                .map(|t| self.with_new_names(t.source_text.as_str()))
                .collect();
        let mut target = change.target.clone();
        target.name = name.clone();
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
            "the engine can't change this in place: the table is made anew and its rows are copied",
        );
        risk::of_rebuild(&mut step, change, past, self.lowering);
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
                    render::column_declaration(column, &change.target, self.lowering.facts)
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
                risk::unique(&mut step, index, change, past);
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
                    risk::unique(&mut step, wish, change, past);
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

fn rename_column(
    change: &TableChange,
    name: &ObjectName,
    from: &realign_model::Ident,
    to: &realign_model::Ident,
) -> Step {
    let rename = |from, to| {
        format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            render::object(name),
            quote(from),
            quote(to)
        )
    };
    let mut step = Step::new(
        Phase::Alter,
        change.target.name.to_string(),
        following(&rename(from, to)),
    );
    step.raise(
        Risk::Breaking,
        "R103",
        format!("code that still says {name}.{from} fails from now on"),
    );
    step.undo = vec![rename(to, from)];
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

/// True when `ADD COLUMN` takes it and leaves the text that a new table would have.
fn can_be_added(column: &Column, change: &TableChange) -> bool {
    let in_key = change.target.primary_key.as_ref().is_some_and(|key| {
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
        && render::full_comment(column).is_empty()
        && column
            .generated
            .as_ref()
            .is_none_or(|g| g.kind == GeneratedKind::Virtual && column.nullable)
        && (constant || (column.nullable && column.default.is_none()))
}

pub(crate) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// A query that has to answer yes.
pub(crate) fn must_hold(sql: String) -> Statement {
    Statement::expecting(sql, Expectation::True)
}

/// Views of a database that mention a column of a table.
pub(crate) fn views_with<'d>(
    database: &'d Database,
    table: &str,
    column: &str,
) -> impl Iterator<Item = &'d View> {
    database.views.iter().filter(move |view| {
        let text = view.source_text.as_deref().unwrap_or_default();
        mentions(text, table) && mentions(text, column)
    })
}

#[cfg(test)]
mod tests;
