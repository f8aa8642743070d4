//! Computed columns that stand aside: the server changes the type of no column that one of them
//! is computed from.

use realign_model::{Column, GeneratedKind, ObjectName};
use realign_planner::{Aspect, Phase, Statement, Step, TableChange, TableItem};

use super::scene::Scene;
use crate::render::{self, ident, object_name};
use crate::{objects, risk};

/// The computed columns of one table that are in the way of a type.
pub(super) struct Aside<'a> {
    columns: Vec<&'a Column>,
}

impl<'a> Aside<'a> {
    pub(super) fn of(change: &'a TableChange) -> Self {
        let changes_type = |item: &'a TableItem| match item {
            TableItem::ModifyColumn {
                is, differences, ..
            } if differences.iter().any(|d| d.aspect == Aspect::Type) => Some(&is.name),
            _ => None,
        };
        let names: Vec<_> = change.items.iter().filter_map(changes_type).collect();
        let is_in_the_way = |column: &&Column| {
            let Some(generated) = &column.generated else {
                return false;
            };
            let used = objects::names_in(&generated.expr.text);
            names.iter().any(|name| {
                let lower = name.text.to_lowercase();
                !Scene::same_column(name, &column.name)
                    && used.iter().any(|u| u.to_lowercase() == lower)
            })
        };
        let mut columns: Vec<&Column> = Vec::new();
        if !names.is_empty() {
            columns.extend(change.is.columns.iter().filter(is_in_the_way));
        }
        Self { columns }
    }

    /// True for what has to be done before any other column changes: a computed column in the way
    /// goes for good, or becomes a plain one.
    pub(super) fn comes_first(&self, item: &TableItem) -> bool {
        match item {
            TableItem::DropColumn(column) => self.holds(column),
            TableItem::ModifyColumn { is, wish, .. } => self.holds(is) && becomes_plain(is, wish),
            _ => false,
        }
    }

    /// True for what is done by the way: the column comes back as it is declared.
    pub(super) fn is_done_by_the_way(&self, item: &TableItem) -> bool {
        match item {
            TableItem::ModifyColumn { is, wish, .. } => self.holds(is) && !becomes_plain(is, wish),
            _ => false,
        }
    }

    fn holds(&self, column: &Column) -> bool {
        self.columns.iter().any(|held| held.name == column.name)
    }

    /// The steps before and after, for those that stay computed.
    pub(super) fn steps(
        &self,
        change: &TableChange,
        table: &ObjectName,
        scene: &Scene<'_>,
    ) -> (Vec<Step>, Vec<Step>) {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let goes = |column: &Column| {
            change
                .items
                .iter()
                .any(|item| self.comes_first(item) && names(item, column))
        };
        for live in self.columns.iter().filter(|column| !goes(column)) {
            let mut columns = change.target.columns.iter();
            let Some(wish) = columns.find(|c| Scene::same_column(&c.name, &live.name)) else {
                continue;
            };
            let name = object_name(table);
            let mut away = Step::new(Phase::Alter, table.to_string(), Vec::new());
            away.statements.push(Statement::new(format!(
                "ALTER TABLE {name} DROP {}",
                ident(&live.name)
            )));
            away.title = format!(
                "column {} is computed from one that changes its type: it is made anew afterwards",
                live.name
            );
            before.push(away);
            let mut back = Step::new(Phase::Alter, table.to_string(), Vec::new());
            back.statements.push(Statement::new(format!(
                "ALTER TABLE {name} ADD {}",
                render::column(wish, &change.target, scene.facts)
            )));
            if wish.stored_comment().is_some() {
                let comment = render::comment_on_column(table, wish);
                back.statements.push(Statement::new(comment));
            }
            risk::REWRITES.on(&mut back);
            after.push(back);
        }
        // The indexes over them went along.
        let stays = |index: &&realign_model::Index| {
            let made_by_itself = change.items.iter().any(|item| match item {
                TableItem::AddIndex(other) | TableItem::ReplaceIndex { wish: other, .. } => {
                    other.name == index.name
                }
                _ => false,
            });
            let over = |column: &&Column| {
                let mut columns = index.columns();
                columns.any(|name| Scene::same_column(name, &column.name))
            };
            !made_by_itself && self.columns.iter().any(|c| over(c) && !goes(c))
        };
        for index in change.target.indexes.iter().filter(stays) {
            let mut step = Step::new(Phase::Alter, table.to_string(), Vec::new());
            step.statements
                .push(Statement::new(render::make_index(table, index)));
            risk::BUILDS_INDEX.on(&mut step);
            after.push(step);
        }
        (before, after)
    }
}

fn names(item: &TableItem, column: &Column) -> bool {
    match item {
        TableItem::DropColumn(other) | TableItem::ModifyColumn { is: other, .. } => {
            other.name == column.name
        }
        _ => false,
    }
}

fn becomes_plain(is: &Column, wish: &Column) -> bool {
    let stored = |column: &Column| {
        let generated = column.generated.as_ref();
        generated.is_some_and(|generated| generated.kind == GeneratedKind::Stored)
    };
    stored(is) && wish.generated.is_none()
}
