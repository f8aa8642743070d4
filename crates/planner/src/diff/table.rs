//! One table against its declaration.

use std::borrow::Cow;

use realign_model::{Expr, Table};

use super::Walk;
use crate::{
    Aspect, AspectDifference, Change, Finding, Side, TableChange, TableItem, Verdict, Weight,
};

impl Walk<'_> {
    /// Compares a table that is there with its declaration.
    pub(super) fn table(&mut self, is: &Table, wish: &Table) {
        let mut target = without_columns(wish);
        let mut items = Vec::new();
        let columns = self.columns(is, wish, &mut items);
        self.primary_key(is, wish, &mut items);
        self.foreign_keys(is, wish, &mut target, &mut items);
        self.indexes(is, wish, &mut target, &mut items);
        self.checks(is, wish, &mut target, &mut items);
        self.table_itself(is, wish, &mut target, &mut items);
        self.opaque_lines(is, wish);
        if !items.is_empty() {
            // What is left alone keeps its place in the target even when nothing declares it.
            target.name = is.name.clone();
            target.columns = columns.into_iter().map(Cow::into_owned).collect();
            self.out
                .changes
                .push(Change::AlterTable(Box::new(TableChange {
                    is: is.clone(),
                    target,
                    items,
                })));
        }
    }

    /// What each side has that no part of the model holds: the same words are the same.
    fn opaque_lines(&mut self, is: &Table, wish: &Table) {
        let same = |a: &str, b: &str| {
            a == b || self.compare.expr(&Expr::new(a), &Expr::new(b), self.facts) == Verdict::Same
        };
        let only = |these: &[String], those: &[String]| -> Vec<String> {
            let unknown = these
                .iter()
                .filter(|text| !those.iter().any(|other| same(text, other)));
            unknown.cloned().collect()
        };
        let live = only(&is.opaque, &wish.opaque);
        let declared = only(&wish.opaque, &is.opaque);
        let lines = live.into_iter().map(|text| (None, Some(text)));
        for (declared, database) in lines.chain(declared.into_iter().map(|t| (Some(t), None))) {
            self.find(Finding {
                object: wish.name.to_string(),
                weight: Weight::CannotTell,
                aspect: Aspect::Opaque,
                declared: declared.map(Side::plain),
                database: database.map(Side::plain),
                reason: "has something that can't be compared".to_owned(),
                origin: wish.origin.clone(),
            });
        }
    }

    /// Options and comment of the table itself.
    fn table_itself(
        &mut self,
        is: &Table,
        wish: &Table,
        target: &mut Table,
        items: &mut Vec<TableItem>,
    ) {
        let mut notes = Vec::new();
        let mut differences = self.compare.table(is, wish, self.facts, &mut notes);
        for note in notes {
            self.find(Finding {
                object: wish.name.to_string(),
                weight: Weight::Note,
                aspect: note.aspect,
                declared: Some(note.declared),
                database: Some(note.database),
                reason: "nothing declares it for this table".to_owned(),
                origin: wish.origin.clone(),
            });
        }
        match comment(
            is.comment.as_deref(),
            wish.comment.as_deref(),
            self.policy.complete,
        ) {
            CommentVerdict::Same => {}
            CommentVerdict::Undeclared => {
                target.comment.clone_from(&is.comment);
                self.undeclared_comment(
                    &wish.name.to_string(),
                    is.comment.as_deref(),
                    &wish.origin,
                );
            }
            CommentVerdict::Differs => differences.push(comment_difference(
                is.comment.as_deref(),
                wish.comment.as_deref(),
            )),
        }
        for difference in &differences {
            self.find(Finding {
                object: wish.name.to_string(),
                weight: Weight::Differs,
                aspect: difference.aspect,
                declared: Some(difference.declared.clone()),
                database: Some(difference.database.clone()),
                reason: String::new(),
                origin: wish.origin.clone(),
            });
        }
        if !differences.is_empty() {
            items.push(TableItem::SetOptions(differences));
        }
    }

    pub(super) fn undeclared_comment(
        &mut self,
        object: &str,
        text: Option<&str>,
        origin: &realign_model::Origin,
    ) {
        self.find(Finding {
            object: object.to_owned(),
            weight: Weight::Note,
            aspect: Aspect::Comment,
            declared: None,
            database: text.map(Side::plain),
            reason: "comment is not declared".to_owned(),
            origin: origin.clone(),
        });
    }
}

/// A table but for its columns, which are most of it and mostly stay as they are.
fn without_columns(table: &Table) -> Table {
    Table {
        name: table.name.clone(),
        columns: Vec::new(),
        primary_key: table.primary_key.clone(),
        indexes: table.indexes.clone(),
        foreign_keys: table.foreign_keys.clone(),
        checks: table.checks.clone(),
        options: table.options.clone(),
        rare: table.rare.clone(),
        source_text: table.source_text.clone(),
        origin: table.origin.clone(),
    }
}

/// How two comments compare.
pub(super) enum CommentVerdict {
    /// Equal, the empty one and none included.
    Same,
    /// Only the database has one, and it may stay.
    Undeclared,
    /// Not equal.
    Differs,
}

/// Compares two comments; `complete` makes an undeclared one count.
pub(super) fn comment(is: Option<&str>, wish: Option<&str>, complete: bool) -> CommentVerdict {
    let (is, declared) = (is.unwrap_or_default(), wish.unwrap_or_default());
    if is == declared {
        CommentVerdict::Same
    } else if wish.is_none() && !complete {
        CommentVerdict::Undeclared
    } else {
        CommentVerdict::Differs
    }
}

/// The difference of two comments, for a person.
pub(super) fn comment_difference(is: Option<&str>, wish: Option<&str>) -> AspectDifference {
    let side = |text: Option<&str>| {
        text.filter(|t| !t.is_empty()).map_or_else(
            || Side::plain("no comment"),
            |t| Side::new(format!("comment '{t}'"), t),
        )
    };
    AspectDifference {
        aspect: Aspect::Comment,
        declared: side(wish),
        database: side(is),
    }
}
