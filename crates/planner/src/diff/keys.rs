//! Indexes, foreign keys and checks of one table.

use std::collections::{HashMap, HashSet};

use realign_model::{Check, ForeignKey, Ident, Index, Origin, Table};

use super::Walk;
use crate::{Aspect, AspectDifference, Finding, NameKind, Side, TableItem, Verdict, Weight};

impl Walk<'_> {
    /// Compares indexes. They are matched by name, then by what they are: a right one
    /// under another name gets its name back.
    pub(super) fn indexes(
        &mut self,
        is: &Table,
        wish: &Table,
        target: &mut Table,
        items: &mut Vec<TableItem>,
    ) {
        let names: HashMap<String, usize> = is
            .indexes
            .iter()
            .enumerate()
            .filter(|(_, index)| index.name.is_some())
            .map(|(at, index)| (self.fold(NameKind::Index, index.name_str()), at))
            .collect();
        let declared: HashSet<String> = wish
            .indexes
            .iter()
            .filter(|i| i.name.is_some())
            .map(|i| self.fold(NameKind::Index, i.name_str()))
            .collect();
        let mut matched = vec![false; is.indexes.len()];
        for index in &wish.indexes {
            if self
                .policy
                .leaves_index(&wish.name.to_string(), index.name_str())
            {
                continue;
            }
            let by_name = index
                .name
                .as_ref()
                .and_then(|name| names.get(&self.fold(NameKind::Index, name.as_str())))
                .copied();
            if let Some(at) = by_name {
                matched[at] = true;
                self.index((&is.indexes[at], is), (index, wish), items);
                continue;
            }
            // Another name, the same index: one that no other declaration claims.
            let same = is.indexes.iter().enumerate().position(|(at, live)| {
                !matched[at]
                    && !declared.contains(&self.fold(NameKind::Index, live.name_str()))
                    && self
                        .compare
                        .index(live, index, (is, wish), self.facts, &mut Vec::new())
                        .is_empty()
            });
            if let Some(at) = same {
                matched[at] = true;
                let live = &is.indexes[at];
                if index.name.is_none() || (index.constraint && live.constraint) {
                    continue;
                }
                self.differs(
                    format!("{} index {}", wish.name, index.name_str()),
                    Aspect::Name,
                    Some(Side::plain(index.name_str())),
                    Some(Side::plain(live.name_str())),
                    format!("index is named {}", live.name_str()),
                    &index.origin,
                );
                items.push(TableItem::RenameIndex {
                    is: live.clone(),
                    wish: index.clone(),
                });
                continue;
            }
            if let Some(at) = self.plain_predecessor(index, is, wish, &matched, &declared) {
                matched[at] = true;
                let live = &is.indexes[at];
                self.differs(
                    format!("{} index {}", wish.name, index.name_str()),
                    Aspect::Uniqueness,
                    Some(Side::plain(self.dialect.describe_index(index, self.facts))),
                    Some(Side::plain(self.dialect.describe_index(live, self.facts))),
                    format!("index is not unique, and is named {}", live.name_str()),
                    &index.origin,
                );
                items.push(TableItem::ReplaceIndex {
                    is: live.clone(),
                    wish: index.clone(),
                });
                continue;
            }
            if self.is_backed_otherwise(index, is, wish) {
                target.indexes.retain(|other| other != index);
                continue;
            }
            let declared = self.dialect.describe_index(index, self.facts);
            self.differs(
                format!("{} index {}", wish.name, index.name_str()),
                Aspect::Existence,
                Some(Side::plain(declared)),
                None,
                "index is missing".to_owned(),
                &index.origin,
            );
            items.push(TableItem::AddIndex(index.clone()));
        }
        for (at, index) in is.indexes.iter().enumerate() {
            if !matched[at] {
                self.undeclared_index(index, wish, target, items);
            }
        }
    }

    /// An undeclared plain index over the very columns of a missing unique one: what the
    /// declared index was before. It is made unique in its place, since beside it nothing
    /// would ever read it (Doctrine combines the two as well).
    fn plain_predecessor(
        &self,
        index: &Index,
        is: &Table,
        wish: &Table,
        matched: &[bool],
        declared: &HashSet<String>,
    ) -> Option<usize> {
        if !index.unique {
            return None;
        }
        is.indexes.iter().enumerate().position(|(at, live)| {
            let unique = Index {
                unique: true,
                ..live.clone()
            };
            !live.unique
                && !matched[at]
                && !declared.contains(&self.fold(NameKind::Index, live.name_str()))
                && !self
                    .policy
                    .leaves_index(&wish.name.to_string(), live.name_str())
                && self
                    .compare
                    .index(&unique, index, (is, wish), self.facts, &mut Vec::new())
                    .is_empty()
        })
    }

    fn index(
        &mut self,
        (is, is_table): (&Index, &Table),
        (wish, wish_table): (&Index, &Table),
        items: &mut Vec<TableItem>,
    ) {
        let mut unknown = Vec::new();
        let differences =
            self.compare
                .index(is, wish, (is_table, wish_table), self.facts, &mut unknown);
        let object = format!("{} index {}", wish_table.name, wish.name_str());
        self.report(&object, &differences, Weight::Differs, &wish.origin);
        self.report(&object, &unknown, Weight::CannotTell, &wish.origin);
        if !differences.is_empty() {
            items.push(TableItem::ReplaceIndex {
                is: is.clone(),
                wish: wish.clone(),
            });
        }
    }

    fn undeclared_index(
        &mut self,
        index: &Index,
        wish: &Table,
        target: &mut Table,
        items: &mut Vec<TableItem>,
    ) {
        let ignored = self
            .policy
            .leaves_index(&wish.name.to_string(), index.name_str());
        // The keys that remain decide: the backing of one that goes is no longer needed.
        if ignored || self.compare.is_implied_index(index, target, self.facts) {
            target.indexes.push(index.clone());
            return;
        }
        let harmful = index.unique;
        let counts = self.policy.complete || harmful;
        let reason = if harmful && !self.policy.complete {
            "unique index is not declared: it can refuse rows of the application"
        } else {
            "index is not declared"
        };
        let database = self.dialect.describe_index(index, self.facts);
        self.find(Finding {
            object: format!("{} index {}", wish.name, index.name_str()),
            weight: if counts {
                Weight::Differs
            } else {
                Weight::Note
            },
            aspect: Aspect::Existence,
            declared: None,
            database: Some(Side::plain(database)),
            reason: reason.to_owned(),
            origin: wish.origin.clone(),
        });
        if counts {
            items.push(TableItem::DropIndex(index.clone()));
        } else {
            target.indexes.push(index.clone());
        }
    }

    /// Compares foreign keys by what they tie together; a name alone is no difference.
    pub(super) fn foreign_keys(
        &mut self,
        is: &Table,
        wish: &Table,
        target: &mut Table,
        items: &mut Vec<TableItem>,
    ) {
        let structures: Vec<_> = is.foreign_keys.iter().map(|k| self.structure(k)).collect();
        let mut matched = vec![false; is.foreign_keys.len()];
        target.foreign_keys.clear();
        let keeps = self.compare.keeps_foreign_keys(wish, self.facts);
        for key in &wish.foreign_keys {
            if !keeps {
                self.forgotten(wish, key);
                continue;
            }
            let structure = self.structure(key);
            let name = self.fold(NameKind::Constraint, key.name_str());
            let found = (0..is.foreign_keys.len())
                .filter(|at| !matched[*at] && structures[*at] == structure)
                .min_by_key(|at| {
                    self.fold(NameKind::Constraint, is.foreign_keys[*at].name_str()) != name
                });
            let object = format!("{} foreign key {}", wish.name, key.name_str());
            let Some(at) = found else {
                let declared = self.dialect.describe_foreign_key(key, self.facts);
                self.differs(
                    object,
                    Aspect::Existence,
                    Some(Side::plain(declared)),
                    None,
                    "foreign key is missing".to_owned(),
                    &key.origin,
                );
                items.push(TableItem::AddForeignKey(key.clone()));
                target.foreign_keys.push(key.clone());
                continue;
            };
            matched[at] = true;
            let live = &is.foreign_keys[at];
            let differences = self.compare.foreign_key(live, key, self.facts);
            if differences.is_empty() {
                let mut kept = ForeignKey {
                    name: live.name.clone(),
                    ..key.clone()
                };
                // It stays as it is: an index behind it has the live order of the columns.
                let order = |names: &[Ident]| -> Vec<String> {
                    let names = names.iter();
                    names
                        .map(|name| self.fold(NameKind::Column, name.as_str()))
                        .collect()
                };
                if order(&live.columns) != order(&key.columns) {
                    kept.columns.clone_from(&live.columns);
                    kept.ref_columns.clone_from(&live.ref_columns);
                }
                target.foreign_keys.push(kept);
                continue;
            }
            self.report(&object, &differences, Weight::Differs, &key.origin);
            items.push(TableItem::ReplaceForeignKey {
                is: live.clone(),
                wish: key.clone(),
            });
            target.foreign_keys.push(key.clone());
        }
        for (at, key) in is.foreign_keys.iter().enumerate() {
            if matched[at] {
                continue;
            }
            if self
                .policy
                .leaves_index(&wish.name.to_string(), key.name_str())
            {
                target.foreign_keys.push(key.clone());
                continue;
            }
            let database = self.dialect.describe_foreign_key(key, self.facts);
            self.differs(
                format!("{} foreign key {}", wish.name, key.name_str()),
                Aspect::Existence,
                None,
                Some(Side::plain(database)),
                "foreign key is not declared: it can refuse rows of the application".to_owned(),
                &wish.origin,
            );
            items.push(TableItem::DropForeignKey(key.clone()));
        }
    }

    /// What a key ties together, in an order of its own: columns, target, target columns.
    fn structure(&self, key: &ForeignKey) -> (String, Vec<(String, String)>) {
        let mut pairs: Vec<(String, String)> = key
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let target = key
                    .ref_columns
                    .get(at)
                    .map_or_else(String::new, |c| self.column_key(c));
                (self.column_key(column), target)
            })
            .collect();
        pairs.sort();
        (self.table_key(&key.ref_table), pairs)
    }

    /// Compares checks by what they say.
    pub(super) fn checks(
        &mut self,
        is: &Table,
        wish: &Table,
        target: &mut Table,
        items: &mut Vec<TableItem>,
    ) {
        let mut matched = vec![false; is.checks.len()];
        for check in &wish.checks {
            let object = format!("{} check {}", wish.name, check.name_str());
            let verdict = |live: &Check| self.compare.check(live, check, self.facts);
            let same = (0..is.checks.len())
                .find(|at| !matched[*at] && verdict(&is.checks[*at]) == Verdict::Same);
            if let Some(at) = same {
                matched[at] = true;
                continue;
            }
            let name = self.fold(NameKind::Constraint, check.name_str());
            let named = (0..is.checks.len()).find(|at| {
                !matched[*at]
                    && check.name.is_some()
                    && self.fold(NameKind::Constraint, is.checks[*at].name_str()) == name
            });
            let Some(at) = named else {
                self.differs(
                    object,
                    Aspect::Existence,
                    Some(Side::plain(format!("CHECK ({})", check.expr))),
                    None,
                    "check is missing".to_owned(),
                    &check.origin,
                );
                items.push(TableItem::AddCheck(check.clone()));
                continue;
            };
            matched[at] = true;
            let live = &is.checks[at];
            let difference = AspectDifference {
                aspect: Aspect::Expression,
                declared: Side::plain(format!("CHECK ({})", check.expr)),
                database: Side::plain(format!("CHECK ({})", live.expr)),
            };
            if verdict(live) == Verdict::Unknown {
                self.report(&object, &[difference], Weight::CannotTell, &check.origin);
            } else {
                self.report(&object, &[difference], Weight::Differs, &check.origin);
                items.push(TableItem::ReplaceCheck {
                    is: live.clone(),
                    wish: check.clone(),
                });
            }
        }
        for (at, check) in is.checks.iter().enumerate() {
            if matched[at] {
                continue;
            }
            // A check that a column's own declaration holds comes and goes with its text.
            let in_definition = check.column.as_ref().is_some_and(|name| {
                let key = self.column_key(name);
                wish.columns
                    .iter()
                    .any(|c| c.definition.is_some() && self.column_key(&c.name) == key)
            });
            // What a type brings along is told by the declared type, where there is one.
            let holder = check.column.as_ref().map_or(is, |name| {
                let key = self.column_key(name);
                let mut declared = wish.columns.iter();
                if declared.any(|c| self.column_key(&c.name) == key) {
                    wish
                } else {
                    is
                }
            });
            if in_definition
                || self.compare.is_implied_check(check, holder, self.facts)
                || self
                    .policy
                    .leaves_index(&wish.name.to_string(), check.name_str())
            {
                target.checks.push(check.clone());
                continue;
            }
            self.differs(
                format!("{} check {}", wish.name, check.name_str()),
                Aspect::Existence,
                None,
                Some(Side::plain(format!("CHECK ({})", check.expr))),
                "check is not declared: it can refuse rows of the application".to_owned(),
                &wish.origin,
            );
            items.push(TableItem::DropCheck(check.clone()));
        }
    }

    /// A foreign key of a table whose engine has none.
    fn forgotten(&mut self, wish: &Table, key: &ForeignKey) {
        let declared = self.dialect.describe_foreign_key(key, self.facts);
        self.find(Finding {
            object: format!("{} foreign key {}", wish.name, key.name_str()),
            weight: Weight::Note,
            aspect: Aspect::Existence,
            declared: Some(Side::plain(declared)),
            database: None,
            reason: "the table's engine keeps no foreign keys".to_owned(),
            origin: key.origin.clone(),
        });
    }

    fn differs(
        &mut self,
        object: String,
        aspect: Aspect,
        declared: Option<Side>,
        database: Option<Side>,
        reason: String,
        origin: &Origin,
    ) {
        self.find(Finding {
            object,
            weight: Weight::Differs,
            aspect,
            declared,
            database,
            reason,
            origin: origin.clone(),
        });
    }

    pub(super) fn report(
        &mut self,
        object: &str,
        differences: &[AspectDifference],
        weight: Weight,
        origin: &Origin,
    ) {
        for difference in differences {
            self.find(Finding {
                object: object.to_owned(),
                weight,
                aspect: difference.aspect,
                declared: Some(difference.declared.clone()),
                database: Some(difference.database.clone()),
                reason: String::new(),
                origin: origin.clone(),
            });
        }
    }
}
