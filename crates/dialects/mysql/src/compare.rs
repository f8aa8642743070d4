//! What counts as the same.

use realign_model::{Check, Column, Expr, ForeignKey, Index, Table, Trigger, View};
use realign_planner::{AspectDifference, Compare, Facts, NameKind, Namespacing, Verdict};

/// The one value.
pub(crate) static COMPARE: MySqlCompare = MySqlCompare;

/// What counts as the same on MySQL and MariaDB.
pub(crate) struct MySqlCompare;

impl Compare for MySqlCompare {
    fn fold(&self, _kind: NameKind, name: &str, _facts: &Facts) -> String {
        name.to_lowercase()
    }

    fn index_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Table
    }

    fn foreign_key_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Schema
    }

    fn column(
        &self,
        _is: (&Column, &Table),
        _wish: (&Column, &Table),
        _facts: &Facts,
        _unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        Vec::new()
    }

    fn table(
        &self,
        _is: &Table,
        _wish: &Table,
        _facts: &Facts,
        _notes: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        Vec::new()
    }

    fn index(
        &self,
        _is: &Index,
        _wish: &Index,
        _tables: (&Table, &Table),
        _facts: &Facts,
        _unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        Vec::new()
    }

    fn foreign_key(
        &self,
        _is: &ForeignKey,
        _wish: &ForeignKey,
        _facts: &Facts,
    ) -> Vec<AspectDifference> {
        Vec::new()
    }

    fn check(&self, is: &Check, wish: &Check, _facts: &Facts) -> Verdict {
        Verdict::from_equal(is.expr == wish.expr)
    }

    fn view(&self, is: &View, wish: &View, _facts: &Facts) -> Verdict {
        Verdict::from_equal(is.query == wish.query)
    }

    fn trigger(&self, is: &Trigger, wish: &Trigger, _facts: &Facts) -> Verdict {
        Verdict::from_equal(is.source_text == wish.source_text)
    }

    fn expr(&self, is: &Expr, wish: &Expr, _facts: &Facts) -> Verdict {
        Verdict::from_equal(is == wish)
    }

    fn is_implied_index(&self, _index: &Index, _table: &Table, _facts: &Facts) -> bool {
        false
    }

    fn is_implied_check(&self, _check: &Check, _table: &Table, _facts: &Facts) -> bool {
        false
    }
}
