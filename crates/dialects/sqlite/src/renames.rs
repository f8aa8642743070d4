//! New names for tables and columns, and what stands in their way.

use realign_model::{Ident, ObjectName, Trigger};
use realign_planner::{Change, Phase, Risk, Statement, Step, TableChange, TableItem};

use crate::alter::Whole;
use crate::dependents::Known;
use crate::envelope::set;
use crate::facts::LEGACY_ALTER_TABLE;
use crate::keywords::quote;
use crate::lower::{create_trigger, create_view, drop_trigger, drop_view, fold};
use crate::{render, tokens};

pub(crate) fn rename_table(from: &ObjectName, to: &ObjectName) -> Step {
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
pub(crate) fn following(sql: &str) -> Vec<Statement> {
    vec![
        set(LEGACY_ALTER_TABLE, false),
        Statement::new(sql),
        set(LEGACY_ALTER_TABLE, true),
    ]
}

pub(crate) fn rename_column(
    change: &TableChange,
    name: &ObjectName,
    from: &Ident,
    to: &Ident,
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

impl<'a> Whole<'a> {
    pub(crate) fn has_renames(&self) -> bool {
        self.changes.iter().any(|change| match change {
            Change::RenameTable { .. } => true,
            Change::AlterTable(change) => change
                .items
                .iter()
                .any(|item| matches!(item, TableItem::RenameColumn { .. })),
            _ => false,
        })
    }

    pub(crate) fn doubtful_triggers(&self) -> Vec<&'a Trigger> {
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
    pub(crate) fn around_renames(&self) -> Vec<Step> {
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
    pub(crate) fn with_new_names(&self, sql: &str) -> String {
        let mut text = sql.to_owned();
        for change in self.changes {
            if let Change::RenameTable { from, to } = change {
                text = tokens::rename(&text, &from.name.text, &quote(&to.name));
            }
        }
        text
    }
}
