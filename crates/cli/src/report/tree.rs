//! What changes, as a tree: objects, and below a table its parts.

use std::fmt::Write as _;

use realign::model::{Ident, Index, PrimaryKey};
use realign::planner::{AspectDifference, Change, Dialect, Facts, Object, TableItem};

use super::style::{BAD, CARE, GOOD, paint};

/// What marks a line.
#[derive(Clone, Copy)]
enum Mark {
    Comes,
    Goes,
    Changes,
}

/// The changes as a tree.
pub(crate) fn tree(changes: &[Change], dialect: &dyn Dialect, facts: &Facts) -> String {
    let mut tree = Tree {
        text: String::new(),
        dialect,
        facts,
    };
    for change in changes {
        tree.change(change);
    }
    tree.text
}

struct Tree<'a> {
    text: String,
    dialect: &'a dyn Dialect,
    facts: &'a Facts,
}

impl Tree<'_> {
    fn line(&mut self, depth: usize, mark: Mark, text: &str) {
        let sign = match mark {
            Mark::Comes => paint(GOOD, "+"),
            Mark::Goes => paint(BAD, "-"),
            Mark::Changes => paint(CARE, "~"),
        };
        // Writing into a String cannot fail.
        let _ = writeln!(self.text, "{}{sign} {text}", "    ".repeat(depth));
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::CreateTable(table) => {
                self.line(0, Mark::Comes, &format!("table {}", table.name));
                for column in &table.columns {
                    self.column(Mark::Comes, column);
                }
                if let Some(key) = &table.primary_key {
                    self.line(1, Mark::Comes, &primary_key(key));
                }
                for index in &table.indexes {
                    self.index(Mark::Comes, index);
                }
                for key in &table.foreign_keys {
                    self.foreign_key(Mark::Comes, key);
                }
                for check in &table.checks {
                    self.line(1, Mark::Comes, &format!("check ({})", check.expr));
                }
            }
            Change::DropTable(table) => {
                self.line(0, Mark::Goes, &format!("table {}", table.name));
            }
            Change::RenameTable { from, to } => {
                self.line(0, Mark::Changes, &format!("table {from} is renamed {to}"));
            }
            Change::AlterTable(change) => {
                self.line(0, Mark::Changes, &format!("table {}", change.is.name));
                for item in &change.items {
                    self.item(item);
                }
            }
            Change::CreateSequence(s) => {
                self.line(0, Mark::Comes, &format!("sequence {}", s.name));
            }
            Change::DropSequence(s) => {
                self.line(0, Mark::Goes, &format!("sequence {}", s.name));
            }
            Change::AlterSequence { wish, .. } => {
                self.line(0, Mark::Changes, &format!("sequence {}", wish.name));
            }
            Change::CreateView(v) => self.line(0, Mark::Comes, &format!("view {}", v.name)),
            Change::DropView(v) => self.line(0, Mark::Goes, &format!("view {}", v.name)),
            Change::ReplaceView { wish, .. } => {
                self.line(0, Mark::Changes, &format!("view {}", wish.name));
            }
            Change::CreateTrigger(t) => {
                self.line(0, Mark::Comes, &format!("trigger {}", t.name));
            }
            Change::DropTrigger(t) => {
                self.line(0, Mark::Goes, &format!("trigger {}", t.name));
            }
            Change::ReplaceTrigger { wish, .. } => {
                self.line(0, Mark::Changes, &format!("trigger {}", wish.name));
            }
            Change::CreateObject(object) => self.object(Mark::Comes, object),
            Change::DropObject(object) => self.object(Mark::Goes, object),
            Change::ReplaceObject { wish, .. } => self.object(Mark::Changes, wish),
        }
    }

    fn object(&mut self, mark: Mark, object: &Object) {
        self.line(0, mark, &format!("{} {}", object.word(), object.title()));
    }

    fn item(&mut self, item: &TableItem) {
        match item {
            TableItem::AddColumn(column) => self.column(Mark::Comes, column),
            TableItem::DropColumn(column) => self.column(Mark::Goes, column),
            TableItem::RenameColumn { from, to } => {
                self.line(1, Mark::Changes, &format!("column {from} is renamed {to}"));
            }
            TableItem::ModifyColumn {
                wish, differences, ..
            } => {
                self.line(
                    1,
                    Mark::Changes,
                    &format!("column {}: {}", wish.name, changed(differences)),
                );
            }
            TableItem::AddIndex(index) => self.index(Mark::Comes, index),
            TableItem::DropIndex(index) => self.index(Mark::Goes, index),
            TableItem::RenameIndex { is, wish } => self.line(
                1,
                Mark::Changes,
                &format!("index {} is renamed {}", is.name_str(), wish.name_str()),
            ),
            TableItem::ReplaceIndex { is, wish } => {
                self.index(Mark::Goes, is);
                self.index(Mark::Comes, wish);
            }
            TableItem::SetPrimaryKey { is, wish } => {
                if let Some(is) = is {
                    self.line(1, Mark::Goes, &primary_key(is));
                }
                if let Some(wish) = wish {
                    self.line(1, Mark::Comes, &primary_key(wish));
                }
            }
            TableItem::AddForeignKey(key) => self.foreign_key(Mark::Comes, key),
            TableItem::DropForeignKey(key) => self.foreign_key(Mark::Goes, key),
            TableItem::ReplaceForeignKey { is, wish } => {
                self.foreign_key(Mark::Goes, is);
                self.foreign_key(Mark::Comes, wish);
            }
            TableItem::AddCheck(check) => {
                self.line(1, Mark::Comes, &format!("check ({})", check.expr));
            }
            TableItem::DropCheck(check) => {
                self.line(1, Mark::Goes, &format!("check ({})", check.expr));
            }
            TableItem::ReplaceCheck { is, wish } => {
                self.line(1, Mark::Goes, &format!("check ({})", is.expr));
                self.line(1, Mark::Comes, &format!("check ({})", wish.expr));
            }
            TableItem::SetOptions(differences) => {
                self.line(
                    1,
                    Mark::Changes,
                    &format!("options: {}", changed(differences)),
                );
            }
        }
    }

    fn column(&mut self, mark: Mark, column: &realign::model::Column) {
        let text = self.dialect.describe_column(column, self.facts);
        self.line(1, mark, &format!("column {} {text}", column.name));
    }

    fn index(&mut self, mark: Mark, index: &Index) {
        let text = self.dialect.describe_index(index, self.facts);
        let name = index.name.as_ref().map_or("", Ident::as_str);
        self.line(1, mark, &format!("index {name} {text}"));
    }

    fn foreign_key(&mut self, mark: Mark, key: &realign::model::ForeignKey) {
        let text = self.dialect.describe_foreign_key(key, self.facts);
        let rest = text.strip_prefix("FOREIGN KEY ").unwrap_or(&text);
        self.line(1, mark, &format!("foreign key {} {rest}", key.name_str()));
    }
}

fn changed(differences: &[AspectDifference]) -> String {
    differences
        .iter()
        .map(|d| format!("{} -> {}", d.database.written, d.declared.written))
        .collect::<Vec<_>>()
        .join(", ")
}

fn primary_key(key: &PrimaryKey) -> String {
    let columns: Vec<&str> = key.columns().map(Ident::as_str).collect();
    format!("primary key ({})", columns.join(", "))
}
