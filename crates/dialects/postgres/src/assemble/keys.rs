//! Indexes and constraints of tables.

use std::collections::HashMap;

use realign_model::{
    Check, Expr, ForeignKey, Ident, Index, IndexKind, IndexPart, IndexPartRest, IndexRest,
    IndexTarget, MatchKind, ObjectName, Origin, PrimaryKey, RefAction, SortOrder,
};
use realign_planner::Rows;

use super::{Assembly, Row, rows};
use crate::catalog::at;
use crate::keeping;
use crate::render::{ident, idents, live_ident};

impl Assembly {
    pub(super) fn indexes(&mut self, answers: &[Rows]) {
        let keepers: HashMap<i64, Row<'_>> = rows(answers, at::CONSTRAINTS)
            .filter(|row| matches!(row.text(2), "p" | "u" | "x"))
            .map(|row| (row.int(3), row))
            .collect();
        for row in in_order(answers, at::INDEXES, 2) {
            let oid = row.int(0);
            let keeper = keepers.get(&row.int(1)).copied();
            let kind = keeper.map_or("", |keeper| keeper.text(2));
            // An exclusion constraint is kept whole, as text.
            if kind == "x" || !self.tables.contains_key(&oid) {
                continue;
            }
            let (deferrable, initially_deferred) =
                keeper.map_or((false, false), |keeper| (keeper.flag(10), keeper.flag(11)));
            let parts = self.parts(oid, row);
            let include: Vec<Ident> = row
                .text(8)
                .split_whitespace()
                .skip(usize::try_from(row.int(7)).unwrap_or(usize::MAX))
                .filter_map(|n| self.column_name(oid, n.parse().ok()?))
                .collect();
            let mut storage: Vec<String> = row
                .text(16)
                .split('\u{1f}')
                .filter(|option| !option.is_empty())
                .map(str::to_owned)
                .collect();
            self.clustered(oid, row);
            if row.flag(4) {
                let key = PrimaryKey {
                    name: keeper.and_then(|keeper| keeper.opt(1)).map(live_ident),
                    parts,
                    deferrable,
                    initially_deferred,
                    origin: Origin::Server,
                };
                let line = (!include.is_empty()).then(|| {
                    let name = key.name.as_ref().map_or("", Ident::as_str);
                    format!("PRIMARY KEY {name} INCLUDE ({})", idents(&include))
                });
                let kept = (!storage.is_empty()).then(|| {
                    let name = key.name.as_ref().map_or("", Ident::as_str);
                    format!("PRIMARY KEY {name} WITH ({})", storage.join(", "))
                });
                if let Some(table) = self.table(oid) {
                    table.primary_key = Some(Box::new(key));
                    table.opaque.extend(line.into_iter().chain(kept));
                }
                continue;
            }
            let targets = row.text(14).split('\u{1f}');
            let targets = targets.filter_map(|target| target.split_once('='));
            storage
                .extend(targets.map(|(column, target)| keeping::index_statistics(column, target)));
            storage.sort();
            let index = Index {
                name: Some(live_ident(row.text(2))),
                parts,
                unique: row.flag(3),
                constraint: kind == "u",
                source_text: None,
                rare: IndexRest {
                    kind: match row.text(6) {
                        "btree" => IndexKind::Plain,
                        method => IndexKind::Method(method.to_owned()),
                    },
                    predicate: row.opt(12).map(Expr::new),
                    include,
                    invisible: !row.flag(5),
                    nulls_not_distinct: row.flag(15),
                    storage,
                    deferrable,
                    initially_deferred,
                    comment: self.comments.get(&(row.int(1), 0)).cloned(),
                }
                .into(),
                origin: Origin::Server,
            };
            if let Some(table) = self.table(oid) {
                table.indexes.push(index);
            }
        }
    }

    /// What the table says of an index.
    fn clustered(&mut self, oid: i64, row: Row<'_>) {
        let name = ident(&live_ident(row.text(2)));
        for (says, clause) in [
            (row.flag(17), "CLUSTER ON"),
            (row.flag(18), "REPLICA IDENTITY USING INDEX"),
        ] {
            if says {
                self.clause(oid, format!("{clause} {name}"));
            }
        }
    }

    fn parts(&self, oid: i64, row: Row<'_>) -> Vec<IndexPart> {
        let numbers = |at: usize| -> Vec<i64> {
            row.text(at)
                .split_whitespace()
                .filter_map(|n| n.parse().ok())
                .collect()
        };
        let (keys, options) = (numbers(8), numbers(9));
        let (classes, collations) = (numbers(10), numbers(11));
        let mut expressions = row.text(13).split('\u{1f}');
        let count = usize::try_from(row.int(7)).unwrap_or_default();
        (0..count.min(keys.len()))
            .map(|at| {
                let expression = expressions.next().unwrap_or_default();
                let number = keys[at];
                let target = match self.column_name(oid, number) {
                    Some(name) => IndexTarget::Column(name),
                    None => IndexTarget::Expr(Expr::new(unwrap(expression))),
                };
                let column_collation = self.columns.get(&(oid, number)).map(|(_, c)| *c);
                let collation = collations.get(at).copied().unwrap_or_default();
                let option = options.get(at).copied().unwrap_or_default();
                let descending = option & 1 != 0;
                let first = option & 2 != 0;
                IndexPart {
                    target,
                    order: if descending {
                        SortOrder::Desc
                    } else {
                        SortOrder::Asc
                    },
                    rare: IndexPartRest {
                        prefix: None,
                        nulls_first: (first != descending).then_some(first),
                        collation: (collation != 0
                            && column_collation.is_some_and(|c| c != collation))
                        .then(|| self.names.collations.get(&collation).cloned())
                        .flatten(),
                        operator_class: classes
                            .get(at)
                            .and_then(|class| self.names.classes.get(class))
                            .cloned(),
                    }
                    .into(),
                }
            })
            .collect()
    }

    pub(super) fn constraints(&mut self, answers: &[Rows]) {
        for row in in_order(answers, at::CONSTRAINTS, 1) {
            let oid = row.int(0);
            let name = live_ident(row.text(1));
            match row.text(2) {
                "f" => self.foreign_key(oid, name, row),
                "c" => self.check(oid, name, row),
                "x" => {
                    if let Some(text) = row.opt(13) {
                        self.keep(oid, format!("CONSTRAINT {name} {text}"));
                    }
                }
                _ => {}
            }
        }
    }

    fn keep(&mut self, oid: i64, text: String) {
        if let Some(table) = self.table(oid) {
            table.opaque.push(text);
        }
    }

    fn check(&mut self, oid: i64, name: Ident, row: Row<'_>) {
        let columns = self.column_names(oid, row.text(4));
        if !row.flag(12) && row.flag(14) {
            self.keep(
                oid,
                format!("CHECK {name} is NOT VALID: present rows were never checked"),
            );
        }
        if row.flag(15) {
            self.keep(oid, format!("CHECK {name} is NO INHERIT"));
        }
        if let Some(table) = self.table(oid) {
            table.checks.push(Check {
                name: Some(name),
                expr: Expr::new(row.text(13)),
                column: match columns.as_slice() {
                    [one] => Some(one.clone()),
                    _ => None,
                },
                enforced: row.flag(14),
                origin: Origin::Server,
            });
        }
    }

    fn foreign_key(&mut self, oid: i64, name: Ident, row: Row<'_>) {
        let target = row.int(5);
        let ref_table = self
            .tables
            .get(&target)
            .and_then(|at| self.out.database.tables.get(*at))
            .map_or_else(|| ObjectName::bare("?"), |t| t.name.clone());
        let key = ForeignKey {
            name: Some(name.clone()),
            columns: self.column_names(oid, row.text(4)),
            ref_table,
            ref_columns: self.column_names(target, row.text(6)),
            on_delete: Some(action(row.text(7))),
            on_update: Some(action(row.text(8))),
            deferrable: row.flag(10),
            initially_deferred: row.flag(11),
            match_kind: match row.text(9) {
                "f" => MatchKind::Full,
                "p" => MatchKind::Partial,
                _ => MatchKind::Simple,
            },
            set_columns: self.column_names(oid, row.text(16)),
            origin: Origin::Server,
        };
        if !row.flag(12) {
            self.keep(
                oid,
                format!("FOREIGN KEY {name} is NOT VALID: present rows were never checked"),
            );
        }
        if let Some(table) = self.table(oid) {
            table.foreign_keys.push(key);
        }
    }
}

/// Rows by the number of their table and then by a name.
fn in_order(answers: &[Rows], answer: usize, name: usize) -> Vec<Row<'_>> {
    let mut list: Vec<Row<'_>> = rows(answers, answer).collect();
    list.sort_by_cached_key(|row| (row.int(0), row.text(name)));
    list
}

fn action(letter: &str) -> RefAction {
    match letter {
        "r" => RefAction::Restrict,
        "c" => RefAction::Cascade,
        "n" => RefAction::SetNull,
        "d" => RefAction::SetDefault,
        _ => RefAction::NoAction,
    }
}

/// An expression without the parentheses that the server puts around the whole of it.
fn unwrap(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0_i32;
    let mut in_string = false;
    for c in inner.chars() {
        match c {
            '\'' => in_string = !in_string,
            '(' if !in_string => depth += 1,
            ')' if !in_string => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    inner
}

#[cfg(test)]
mod tests {
    use super::unwrap;

    #[test]
    fn only_outer_parentheses_go() {
        assert_eq!(unwrap("(a + b)"), "a + b");
        assert_eq!(unwrap("(a) || (b)"), "(a) || (b)");
        assert_eq!(unwrap("(a || ')')"), "a || ')'");
        assert_eq!(unwrap("lower(a)"), "lower(a)");
    }
}
