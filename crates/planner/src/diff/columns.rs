//! Columns and the primary key.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use realign_model::{Column, Ident, IndexPart, PrimaryKey, Table};

use super::Walk;
use super::table::{CommentVerdict, comment, comment_difference};
use crate::{Aspect, AspectDifference, Finding, NameKind, Side, TableItem, Weight};

impl Walk<'_> {
    /// Compares the columns; the answer is all of them as they will be. Those that stay
    /// as they are, which are most, are borrowed.
    pub(super) fn columns<'t>(
        &mut self,
        is: &'t Table,
        wish: &'t Table,
        items: &mut Vec<TableItem>,
    ) -> Vec<Cow<'t, Column>> {
        let mut target = Vec::with_capacity(wish.columns.len());
        let live: HashMap<String, &Column> = is
            .columns
            .iter()
            .map(|c| (self.column_key(&c.name), c))
            .collect();
        let mut known: HashSet<String> = HashSet::new();
        for (from, to) in self
            .column_renames
            .remove(&self.table_key(&wish.name))
            .unwrap_or_default()
        {
            items.push(TableItem::RenameColumn { from, to });
        }
        for column in &wish.columns {
            let key = self.column_key(&column.name);
            known.insert(key.clone());
            if self
                .policy
                .leaves_part(&wish.name.to_string(), column.name.as_str())
            {
                target.extend(live.get(&key).map(|c| Cow::Borrowed(*c)));
                continue;
            }
            if let Some(present) = live.get(&key) {
                target.push(self.column((present, is), (column, wish), items));
            } else {
                self.missing_column(column, is, wish);
                items.push(TableItem::AddColumn(column.clone()));
                target.push(Cow::Borrowed(column));
            }
        }
        for column in &is.columns {
            if !known.contains(&self.column_key(&column.name)) {
                self.undeclared_column(column, wish, &mut target, items);
            }
        }
        target
    }

    /// Compares one column; the answer is the column as it will be.
    fn column<'t>(
        &mut self,
        (is, is_table): (&'t Column, &Table),
        (wish, wish_table): (&'t Column, &Table),
        items: &mut Vec<TableItem>,
    ) -> Cow<'t, Column> {
        let mut unknown = Vec::new();
        let mut differences =
            self.compare
                .column((is, is_table), (wish, wish_table), self.facts, &mut unknown);
        let mut target = Cow::Borrowed(wish);
        let (declared, mark) = wish.comment_read_back();
        let (live, declared) = (is.comment.as_deref(), declared.as_deref());
        match comment(live, declared, self.policy.complete) {
            CommentVerdict::Same => {}
            CommentVerdict::Undeclared => {
                target.to_mut().comment.clone_from(&is.comment);
                let object = object(wish_table, &wish.name);
                self.undeclared_comment(&object, live, &wish.origin);
            }
            CommentVerdict::Differs => differences.push(comment_difference(live, declared)),
        }
        if let Some(mark) = &mark {
            let live = is.type_mark.as_deref().unwrap_or_default();
            if live != mark {
                differences.push(AspectDifference {
                    aspect: Aspect::TypeMark,
                    declared: mark_side(mark),
                    database: mark_side(live),
                });
            }
        }
        for (list, weight) in [
            (&differences, Weight::Differs),
            (&unknown, Weight::CannotTell),
        ] {
            for difference in list {
                self.find(Finding {
                    object: object(wish_table, &wish.name),
                    weight,
                    aspect: difference.aspect,
                    declared: Some(difference.declared.clone()),
                    database: Some(difference.database.clone()),
                    reason: String::new(),
                    origin: wish.origin.clone(),
                });
            }
        }
        if differences.is_empty() {
            // Nothing will be sent for it. Should the table be made anew all the same, what
            // could not be compared has to stay as the server has it.
            return if unknown.is_empty() {
                target
            } else {
                Cow::Borrowed(is)
            };
        }
        items.push(TableItem::ModifyColumn {
            is: is.clone(),
            wish: target.clone().into_owned(),
            differences,
        });
        target
    }

    fn missing_column(&mut self, column: &Column, is: &Table, wish: &Table) {
        let mut candidates = is.columns.iter().filter(|c| {
            !wish
                .columns
                .iter()
                .any(|w| self.column_key(&w.name) == self.column_key(&c.name))
                && self
                    .compare
                    .column((c, is), (column, wish), self.facts, &mut Vec::new())
                    .is_empty()
        });
        let reason = match (candidates.next(), candidates.next()) {
            (Some(candidate), None) => format!(
                "column is missing; {} looks like its former name: declare it under [renames] to keep its values",
                candidate.name
            ),
            _ => "column is missing".to_owned(),
        };
        let declared = self.dialect.describe_column(column, self.facts);
        self.find(Finding {
            object: object(wish, &column.name),
            weight: Weight::Differs,
            aspect: Aspect::Existence,
            declared: Some(Side::plain(declared)),
            database: None,
            reason,
            origin: column.origin.clone(),
        });
    }

    fn undeclared_column<'t>(
        &mut self,
        column: &'t Column,
        wish: &Table,
        target: &mut Vec<Cow<'t, Column>>,
        items: &mut Vec<TableItem>,
    ) {
        if self
            .policy
            .leaves_part(&wish.name.to_string(), column.name.as_str())
        {
            target.push(Cow::Borrowed(column));
            return;
        }
        let database = Some(Side::plain(
            self.dialect.describe_column(column, self.facts),
        ));
        let mut finding = Finding {
            object: object(wish, &column.name),
            weight: Weight::Note,
            aspect: Aspect::Existence,
            declared: None,
            database,
            reason: "column is not declared".to_owned(),
            origin: wish.origin.clone(),
        };
        if self.policy.complete {
            finding.weight = Weight::Differs;
            self.find(finding);
            items.push(TableItem::DropColumn(column.clone()));
            return;
        }
        if column.can_be_left_out() {
            self.find(finding);
            target.push(Cow::Borrowed(column));
            return;
        }
        finding.weight = Weight::Differs;
        finding.aspect = Aspect::Nullability;
        "column is not declared, NOT NULL and without a default: inserts of the application would fail"
            .clone_into(&mut finding.reason);
        self.find(finding);
        let mut relaxed = column.clone();
        relaxed.nullable = true;
        // The live text would be printed instead of the changed field.
        relaxed.definition = None;
        items.push(TableItem::ModifyColumn {
            is: column.clone(),
            wish: relaxed.clone(),
            differences: vec![AspectDifference {
                aspect: Aspect::Nullability,
                declared: Side::plain("NULL"),
                database: Side::plain("NOT NULL"),
            }],
        });
        target.push(Cow::Owned(relaxed));
    }

    /// Compares the primary keys, names aside.
    pub(super) fn primary_key(&mut self, is: &Table, wish: &Table, items: &mut Vec<TableItem>) {
        let same_parts = self.key_parts(is.primary_key.as_deref())
            == self.key_parts(wish.primary_key.as_deref());
        let late = |table: &Table| {
            let key = table.primary_key.as_deref();
            key.map(|key| (key.deferrable, key.initially_deferred))
        };
        if same_parts && late(is) == late(wish) {
            return;
        }
        let side = |key: Option<&PrimaryKey>| {
            key.map(|k| {
                let columns: Vec<&str> = k.columns().map(Ident::as_str).collect();
                let when = match (k.deferrable, k.initially_deferred) {
                    (false, _) => "",
                    (true, false) => " DEFERRABLE",
                    (true, true) => " DEFERRABLE INITIALLY DEFERRED",
                };
                Side::plain(format!("PRIMARY KEY ({}){when}", columns.join(", ")))
            })
        };
        self.find(Finding {
            object: format!("{} primary key", wish.name),
            weight: Weight::Differs,
            aspect: if same_parts {
                Aspect::Deferrability
            } else {
                Aspect::Columns
            },
            declared: side(wish.primary_key.as_deref()),
            database: side(is.primary_key.as_deref()),
            reason: String::new(),
            origin: wish
                .primary_key
                .as_deref()
                .map_or_else(|| wish.origin.clone(), |k| k.origin.clone()),
        });
        items.push(TableItem::SetPrimaryKey {
            is: is.primary_key.as_deref().cloned(),
            wish: wish.primary_key.as_deref().cloned(),
        });
    }

    /// Folded columns of a key, with their prefix lengths.
    fn key_parts(&self, key: Option<&PrimaryKey>) -> Option<Vec<(String, Option<u32>)>> {
        let part = |part: &IndexPart| {
            (
                part.as_column()
                    .map_or_else(String::new, |c| self.column_key(c)),
                part.prefix,
            )
        };
        key.map(|key| key.parts.iter().map(part).collect())
    }

    pub(super) fn column_key(&self, name: &Ident) -> String {
        self.fold(NameKind::Column, name.as_str())
    }
}

fn object(table: &Table, column: &Ident) -> String {
    format!("{}.{}", table.name, column)
}

fn mark_side(mark: &str) -> Side {
    if mark.is_empty() {
        Side::plain("no type mark")
    } else {
        Side::new(format!("comment '(DC2Type:{mark})'"), mark)
    }
}
