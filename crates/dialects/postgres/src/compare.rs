//! What counts as the same.

pub(crate) mod code;
mod column;
mod index;
pub(crate) mod view;

use realign_model::{
    Check, Column, Database, Expr, ForeignKey, Index, MatchKind, Opaque, RefAction, Sequence,
    Table, TableOptions, Trigger, View,
};
use realign_planner::{
    Aspect, AspectDifference, Compare, Facts, NameKind, Namespacing, Object, Side, Verdict,
};

use crate::expr;
use crate::facts::default_schema;
use crate::keeping;
use crate::render::{self, as_kept, catalog_name};

/// The one value.
pub(crate) static COMPARE: PostgresCompare = PostgresCompare;

/// What counts as the same on PostgreSQL.
pub(crate) struct PostgresCompare;

impl Compare for PostgresCompare {
    fn fold(&self, kind: NameKind, name: &str, facts: &Facts) -> String {
        // A name that the catalogue keeps in another letter case is found all the same and
        // then differs in its name, so that it is renamed instead of made a second time.
        let parts: Vec<&str> = name.split('.').map(as_kept).collect();
        let folded = parts.join(".").to_lowercase();
        match kind {
            NameKind::Table | NameKind::Trigger | NameKind::Other => {
                let own = default_schema(facts);
                match folded.split_once('.') {
                    Some((schema, rest)) if schema == own.to_lowercase() => rest.to_owned(),
                    _ => folded,
                }
            }
            NameKind::Column | NameKind::Index | NameKind::Constraint => folded,
        }
    }

    fn index_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::SchemaWithTables
    }

    fn foreign_key_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Table
    }

    fn column(
        &self,
        (is, _): (&Column, &Table),
        (wish, wish_table): (&Column, &Table),
        facts: &Facts,
        unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        column::compare(is, (wish, wish_table), facts, unknown)
    }

    fn table(
        &self,
        is: &Table,
        wish: &Table,
        _facts: &Facts,
        notes: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        let mut found = Vec::new();
        name_difference(&is.name.name, &wish.name.name, &mut found);
        if let (TableOptions::Postgres(live), TableOptions::Postgres(declared)) =
            (&is.options, &wish.options)
        {
            if live.unlogged != declared.unlogged {
                let side = |unlogged| Side::plain(if unlogged { "UNLOGGED" } else { "LOGGED" });
                found.push(difference(
                    Aspect::Options,
                    side(declared.unlogged),
                    side(live.unlogged),
                ));
            }
            let list = |storage: &[String]| Side::plain(storage.join(", "));
            if live.storage != declared.storage {
                let entry = difference(
                    Aspect::Options,
                    list(&declared.storage),
                    list(&live.storage),
                );
                if declared.storage.is_empty() {
                    notes.push(entry);
                } else {
                    found.push(entry);
                }
            }
        }
        let unsaid = keeping::missing(is, wish);
        if !unsaid.is_empty() {
            let list = |clauses: Vec<&String>| {
                let texts: Vec<&str> = clauses.into_iter().map(String::as_str).collect();
                Side::plain(texts.join(", "))
            };
            let other = keeping::missing(wish, is);
            found.push(difference(Aspect::Options, list(unsaid), list(other)));
        }
        let parents = |table: &Table| {
            let names = crate::create::parents(table);
            let names: Vec<String> = names.into_iter().map(render::live_object).collect();
            names.join(", ")
        };
        let part = |table: &Table| match &table.options {
            TableOptions::Postgres(options) => options.partition_of.clone(),
            TableOptions::None | TableOptions::MySql(_) | TableOptions::Sqlite(_) => None,
        };
        // Which rows a part has, and whose columns a table has, is known only to a declaration in
        // the engine's own words.
        if wish.is_in_own_words() {
            match (part(is), part(wish)) {
                (Some(live), Some(declared)) => {
                    let same = parents(is) == parents(wish)
                        && expr::same_words(live.bound.as_str(), declared.bound.as_str());
                    let side = |table: &Table, bound: &Expr| {
                        Side::plain(format!("PARTITION OF {} {bound}", parents(table)))
                    };
                    if !same {
                        notes.push(difference(
                            Aspect::Partitioning,
                            side(wish, &declared.bound),
                            side(is, &live.bound),
                        ));
                    }
                }
                (None, None) if parents(is) == parents(wish) => {}
                (live, declared) => {
                    let aspect = if live.is_some() || declared.is_some() {
                        Aspect::Partitioning
                    } else {
                        Aspect::Options
                    };
                    let side = |table: &Table| match parents(table).as_str() {
                        "" => Side::plain("a table of its own"),
                        names => Side::plain(format!("a part or an heir of {names}")),
                    };
                    notes.push(difference(aspect, side(wish), side(is)));
                }
            }
        }
        let clause = |table: &Table| match &table.partitioning {
            Some(partitioning) => Side::plain(partitioning.clause.text.clone()),
            None => Side::plain("not partitioned"),
        };
        if clause(is) != clause(wish) {
            // The application can't tell the difference, and a plain ALTER can't make it.
            notes.push(difference(Aspect::Partitioning, clause(wish), clause(is)));
        }
        found
    }

    fn index(
        &self,
        is: &Index,
        wish: &Index,
        _tables: (&Table, &Table),
        facts: &Facts,
        unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        index::compare(is, wish, facts, unknown)
    }

    fn foreign_key(
        &self,
        is: &ForeignKey,
        wish: &ForeignKey,
        _facts: &Facts,
    ) -> Vec<AspectDifference> {
        let mut found = Vec::new();
        let action = |a: Option<RefAction>| a.unwrap_or_default();
        if action(is.on_delete) != action(wish.on_delete)
            || action(is.on_update) != action(wish.on_update)
        {
            let side = |key: &ForeignKey| {
                Side::plain(format!(
                    "ON UPDATE {} ON DELETE {}",
                    action(key.on_update).sql(),
                    action(key.on_delete).sql()
                ))
            };
            found.push(difference(Aspect::Actions, side(wish), side(is)));
        }
        if is.set_columns != wish.set_columns {
            let side = |key: &ForeignKey| {
                let columns = match key.set_columns.as_slice() {
                    [] => &key.columns,
                    some => some,
                };
                Side::plain(format!(
                    "ON DELETE {} ({})",
                    action(key.on_delete).sql(),
                    render::idents(columns)
                ))
            };
            found.push(difference(Aspect::Actions, side(wish), side(is)));
        }
        if (is.deferrable, is.initially_deferred) != (wish.deferrable, wish.initially_deferred) {
            let side = |key: &ForeignKey| {
                Side::plain(deferrability((key.deferrable, key.initially_deferred)))
            };
            found.push(difference(Aspect::Deferrability, side(wish), side(is)));
        }
        if is.match_kind != wish.match_kind && is.columns.len() > 1 {
            let side = |key: &ForeignKey| {
                Side::plain(match key.match_kind {
                    MatchKind::Simple => "MATCH SIMPLE",
                    MatchKind::Full => "MATCH FULL",
                    MatchKind::Partial => "MATCH PARTIAL",
                })
            };
            found.push(difference(Aspect::Options, side(wish), side(is)));
        }
        found
    }

    fn keeps_foreign_keys(&self, _table: &Table, _facts: &Facts) -> bool {
        true
    }

    fn check(&self, is: &Check, wish: &Check, _facts: &Facts) -> Verdict {
        if is.enforced == wish.enforced {
            expr::compare(&is.expr.text, &wish.expr.text)
        } else {
            Verdict::Different
        }
    }

    fn object(&self, is: &Object, wish: &Object, facts: &Facts) -> Verdict {
        crate::objects::same(is, wish, facts)
    }

    fn lets_go(&self, opaque: &Opaque, _facts: &Facts) -> bool {
        crate::create::lets_go(opaque)
    }

    fn sequence(&self, is: &Sequence, wish: &Sequence, _facts: &Facts) -> Vec<AspectDifference> {
        code::sequence(is, wish)
    }

    fn trigger_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Table
    }

    fn view(&self, is: (&View, &Database), wish: (&View, &Database), facts: &Facts) -> Verdict {
        view::sides(is, wish, facts).verdict()
    }

    fn trigger(&self, is: &Trigger, wish: &Trigger, facts: &Facts) -> Verdict {
        code::trigger(is, wish, facts)
    }

    fn expr(&self, is: &Expr, wish: &Expr, _facts: &Facts) -> Verdict {
        expr::compare(&is.text, &wish.text)
    }

    fn is_implied_index(&self, _index: &Index, _table: &Table, _facts: &Facts) -> bool {
        // No index comes by itself here but that of the primary key, which is none of these.
        false
    }

    fn is_implied_check(&self, _check: &Check, _table: &Table, _facts: &Facts) -> bool {
        false
    }
}

fn deferrability((deferrable, deferred): (bool, bool)) -> &'static str {
    match (deferrable, deferred) {
        (false, _) => "NOT DEFERRABLE",
        (true, false) => "DEFERRABLE INITIALLY IMMEDIATE",
        (true, true) => "DEFERRABLE INITIALLY DEFERRED",
    }
}

/// A difference from its parts.
fn difference(aspect: Aspect, declared: Side, database: Side) -> AspectDifference {
    AspectDifference {
        aspect,
        declared,
        database,
    }
}

/// A live name that only a quoted spelling reaches, while the declaration's is another.
fn name_difference(
    is: &realign_model::Ident,
    wish: &realign_model::Ident,
    found: &mut Vec<AspectDifference>,
) {
    // The first side is a declaration as well where two of them are compared.
    let (live, declared) = (catalog_name(is), catalog_name(wish));
    if declared != live && declared.eq_ignore_ascii_case(&live) {
        found.push(difference(
            Aspect::Name,
            Side::plain(declared),
            Side::plain(live),
        ));
    }
}

#[cfg(test)]
mod tests {
    use realign_model::{
        Column, DataType, Expr, Ident, Identity, IntWidth, ObjectName, PrimaryKey, Table,
    };
    use realign_planner::{Aspect, Compare, Facts, NameKind};

    use super::COMPARE;

    fn aspects(is: &Column, wish: &Column, key: bool) -> Vec<Aspect> {
        let mut table = Table::new(ObjectName::bare("t"));
        if key {
            table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("id")])));
        }
        let mut unknown = Vec::new();
        COMPARE
            .column(
                (is, &table),
                (wish, &table),
                &Facts::default(),
                &mut unknown,
            )
            .into_iter()
            .map(|d| d.aspect)
            .collect()
    }

    #[test]
    fn whoever_counts_the_key_is_the_same() {
        let plain = Column::new(Ident::new("id"), DataType::int(IntWidth::W32));
        let with = |identity| Column {
            identity: Some(identity),
            ..plain.clone()
        };
        let serial = with(Identity::Serial);
        let by_default = with(Identity::Identity { always: false });
        let always = with(Identity::Identity { always: true });
        for (is, wish) in [
            (&serial, &by_default),
            (&by_default, &serial),
            (&serial, &plain),
        ] {
            assert!(aspects(is, wish, true).is_empty(), "{is:?} {wish:?}");
        }
        for (is, wish) in [(&plain, &serial), (&always, &serial), (&always, &plain)] {
            assert_eq!(
                aspects(is, wish, true),
                [Aspect::Identity],
                "{is:?} {wish:?}"
            );
        }
        assert_eq!(aspects(&serial, &plain, false), [Aspect::Identity]);
    }

    #[test]
    fn a_letter_case_that_needs_quotes_is_a_name_of_its_own() {
        let live = Column::new(Ident::quoted("apiKey"), DataType::Boolean);
        let wish = Column::new(Ident::new("apiKey"), DataType::Boolean);
        assert_eq!(aspects(&live, &wish, false), [Aspect::Name]);
        let folded = Column::new(Ident::new("apikey"), DataType::Boolean);
        assert!(aspects(&folded, &wish, false).is_empty());
        // Both sides may be declarations.
        assert!(aspects(&wish, &wish, false).is_empty());
        assert!(aspects(&wish, &folded, false).is_empty());
    }

    #[test]
    fn a_default_that_only_looks_different_is_the_same() {
        let mut is = Column::new(Ident::new("a"), DataType::varchar(9));
        is.default = Some(Expr::new("'x'::character varying"));
        let mut wish = is.clone();
        wish.default = Some(Expr::new("'x'"));
        assert!(aspects(&is, &wish, false).is_empty());
        wish.default = None;
        assert_eq!(aspects(&is, &wish, false), [Aspect::Default]);
    }

    #[test]
    fn the_default_schema_is_no_other() {
        let facts = crate::facts::offline("postgresql-15").expect("known");
        let fold = |name| COMPARE.fold(NameKind::Table, name, &facts);
        assert_eq!(fold("public.Cust"), "cust");
        assert_eq!(fold("side.cust"), "side.cust");
    }

    #[test]
    fn a_name_is_what_the_server_keeps_of_it() {
        let facts = crate::facts::offline("postgresql-15").expect("known");
        let fold = |name: &str| COMPARE.fold(NameKind::Other, name, &facts);
        let (kept, long) = ("k".repeat(63), "k".repeat(70));
        assert_eq!(fold(&long), kept);
        assert_eq!(fold(&format!("side.{long}")), format!("side.{kept}"));
        // A letter of two bytes is not cut in its middle.
        assert_eq!(fold(&format!("{}ä", "k".repeat(62))), "k".repeat(62));
        let live = Column::new(Ident::new(&kept), DataType::Boolean);
        let wish = Column::new(Ident::new(&long), DataType::Boolean);
        assert!(aspects(&live, &wish, false).is_empty());
    }
}
