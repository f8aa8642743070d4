//! What counts as the same.

mod column;
mod index;
mod table;
mod view;

use realign_model::{
    Check, Column, Database, Expr, ForeignKey, Index, IndexKind, Opaque, Origin, RefAction,
    Sequence, Table, Trigger, View,
};
use realign_planner::{
    Aspect, AspectDifference, Compare, Facts, NameKind, Namespacing, Object, Side, Verdict,
};

use crate::expr;
use crate::facts::is_mariadb;
use crate::program;
pub(crate) use column::{collation_of, declared_collation, mysql_options, normal_collation};
pub(crate) use index::{backs, character_bytes};

/// The one value.
pub(crate) static COMPARE: MySqlCompare = MySqlCompare;

/// What counts as the same on MySQL and MariaDB.
pub(crate) struct MySqlCompare;

impl Compare for MySqlCompare {
    fn fold(&self, kind: NameKind, name: &str, facts: &Facts) -> String {
        match kind {
            // Tables are files: whether their case counts is up to the server.
            NameKind::Table | NameKind::Trigger
                if !matches!(facts.setting("lower_case_table_names"), "1" | "2") =>
            {
                name.to_owned()
            }
            _ => name.to_lowercase(),
        }
    }

    fn index_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Table
    }

    fn foreign_key_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Schema
    }

    fn column(
        &self,
        is: (&Column, &Table),
        wish: (&Column, &Table),
        facts: &Facts,
        unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        column::differences(is, wish, facts, unknown)
    }

    fn table(
        &self,
        is: &Table,
        wish: &Table,
        facts: &Facts,
        notes: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        table::differences(is, wish, facts, notes)
    }

    fn index(
        &self,
        is: &Index,
        wish: &Index,
        tables: (&Table, &Table),
        facts: &Facts,
        unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        index::differences(is, wish, tables, facts, unknown)
    }

    fn foreign_key(
        &self,
        is: &ForeignKey,
        wish: &ForeignKey,
        facts: &Facts,
    ) -> Vec<AspectDifference> {
        let action = |written| action(written, facts);
        let mut differences = Vec::new();
        for (word, live, declared) in [
            ("ON DELETE", is.on_delete, wish.on_delete),
            ("ON UPDATE", is.on_update, wish.on_update),
        ] {
            // The catalogue always names the action, unless it hides it from this account.
            if is.origin == Origin::Server && live.is_none() {
                continue;
            }
            if action(live) != action(declared) {
                let side = |written: Option<RefAction>| {
                    Side::new(
                        written.map_or_else(
                            || format!("no {word}"),
                            |action| format!("{word} {}", action.sql()),
                        ),
                        action(written).sql(),
                    )
                };
                differences.push(AspectDifference {
                    aspect: Aspect::Actions,
                    declared: side(declared),
                    database: side(live),
                });
            }
        }
        differences
    }

    fn keeps_foreign_keys(&self, table: &Table, _facts: &Facts) -> bool {
        crate::reference::keeps_keys(table)
    }

    fn check(&self, is: &Check, wish: &Check, _facts: &Facts) -> Verdict {
        if is.enforced == wish.enforced {
            expr::same(&is.expr, &wish.expr)
        } else {
            Verdict::Different
        }
    }

    fn object(&self, is: &Object, wish: &Object, facts: &Facts) -> Verdict {
        crate::objects::same(is, wish, facts)
    }

    fn lets_go(&self, opaque: &Opaque, _facts: &Facts) -> bool {
        crate::create::is_made_from_text(opaque)
    }

    fn sequence(&self, is: &Sequence, wish: &Sequence, facts: &Facts) -> Vec<AspectDifference> {
        crate::sequence::differences(is, wish, facts)
    }

    fn trigger_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Schema
    }

    fn view(&self, is: (&View, &Database), wish: (&View, &Database), facts: &Facts) -> Verdict {
        view::same(is, wish, facts)
    }

    fn trigger(&self, is: &Trigger, wish: &Trigger, facts: &Facts) -> Verdict {
        program::same(
            (&is.source_text, &is.settings),
            (&wish.source_text, &wish.settings),
            facts,
        )
    }

    fn expr(&self, is: &Expr, wish: &Expr, _facts: &Facts) -> Verdict {
        expr::same(is, wish)
    }

    fn is_implied_index(&self, index: &Index, table: &Table, _facts: &Facts) -> bool {
        let plain = !index.unique && index.kind == IndexKind::Plain;
        plain
            && table.foreign_keys.iter().any(|key| {
                let others = table.indexes.iter().filter(|i| i.name != index.name);
                backs(&index.parts, &key.columns)
                    && !others
                        .map(|i| &i.parts)
                        .chain(table.primary_key.as_deref().map(|k| &k.parts))
                        .any(|parts| backs(parts, &key.columns))
            })
    }

    fn is_implied_check(&self, check: &Check, table: &Table, facts: &Facts) -> bool {
        is_mariadb(facts)
            && check.column.as_ref().is_some_and(|name| {
                expr::is_json_check(&check.expr, name.as_str())
                    && table.column_ignoring_case(name.as_str()).is_some_and(|c| {
                        matches!(c.data_type, realign_model::DataType::Json { .. })
                    })
            })
    }
}

/// RESTRICT and NO ACTION do the same here: refuse at once. So does SET DEFAULT on MariaDB, which
/// takes the words and keeps RESTRICT.
fn action(action: Option<RefAction>, facts: &Facts) -> RefAction {
    match action {
        None | Some(RefAction::Restrict) => RefAction::NoAction,
        Some(RefAction::SetDefault) if is_mariadb(facts) => RefAction::NoAction,
        Some(other) => other,
    }
}

#[cfg(test)]
mod tests;
