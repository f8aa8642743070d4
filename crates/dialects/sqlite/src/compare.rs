//! What counts as the same on this engine.

mod sides;

use realign_model::{
    Check, Column, Database, Expr, ForeignKey, Index, Opaque, Sequence, Table, TableOptions,
    Trigger, View,
};
use realign_planner::{
    Aspect, AspectDifference, Compare, Facts, NameKind, Namespacing, Object, Side, Verdict,
};

pub(crate) use self::sides::options;
use self::sides::{
    action_side, collation_side, default_side, deferred_side, generated_side, identity_side,
    is_deferred, null_side, options_side, parts_side, predicate_side, type_side,
};
use crate::{expr, stored};

/// The one value.
pub(crate) static COMPARE: Rules = Rules;

/// The comparison rules.
#[derive(Debug)]
pub(crate) struct Rules;

impl Compare for Rules {
    fn fold(&self, _kind: NameKind, name: &str, _facts: &Facts) -> String {
        name.to_ascii_lowercase()
    }

    fn index_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::SchemaWithTables
    }

    fn foreign_key_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Table
    }

    fn column(
        &self,
        (is, is_table): (&Column, &Table),
        (wish, wish_table): (&Column, &Table),
        _facts: &Facts,
        _unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        if let Some(unread) = unread_definition(wish) {
            return verbatim(is, is_table, unread).into_iter().collect();
        }
        // Nearly every column is the same as declared: nothing is written out for those.
        let mut found = Vec::new();
        let mut compare =
            |aspect, same: bool, declared: &dyn Fn() -> Side, database: &dyn Fn() -> Side| {
                if same {
                    return;
                }
                let (declared, database) = (declared(), database());
                if declared.normalised != database.normalised {
                    found.push(AspectDifference {
                        aspect,
                        declared,
                        database,
                    });
                }
            };
        compare(
            Aspect::Type,
            wish.data_type == is.data_type,
            &|| type_side(wish, wish_table),
            &|| type_side(is, is_table),
        );
        compare(
            Aspect::Nullability,
            wish.nullable == is.nullable || (wish.generated.is_some() && is.generated.is_some()),
            &|| null_side(wish.nullable),
            &|| null_side(is.nullable),
        );
        compare(
            Aspect::Default,
            wish.default == is.default && wish.generated == is.generated,
            &|| default_side(wish),
            &|| default_side(is),
        );
        compare(
            Aspect::Identity,
            wish.identity == is.identity,
            &|| identity_side(wish),
            &|| identity_side(is),
        );
        compare(
            Aspect::Generated,
            wish.generated == is.generated,
            &|| generated_side(wish),
            &|| generated_side(is),
        );
        compare(
            Aspect::Collation,
            wish.collation == is.collation,
            &|| collation_side(wish),
            &|| collation_side(is),
        );
        found
    }

    fn table(
        &self,
        is: &Table,
        wish: &Table,
        _facts: &Facts,
        notes: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        let live = options(is);
        let declared = match &wish.options {
            TableOptions::Sqlite(own) => Some(own.clone()),
            _ => None,
        };
        let target = declared.clone().unwrap_or_default();
        if live == target {
            return Vec::new();
        }
        let difference = AspectDifference {
            aspect: Aspect::Options,
            declared: options_side(&target),
            database: options_side(&live),
        };
        if declared.is_some() {
            vec![difference]
        } else {
            notes.push(difference);
            Vec::new()
        }
    }

    fn index(
        &self,
        is: &Index,
        wish: &Index,
        (is_table, wish_table): (&Table, &Table),
        _facts: &Facts,
        _unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        // The collation of a part is that of its column, which is compared there.
        if is.parts == wish.parts && is.unique == wish.unique && is.predicate == wish.predicate {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut compare = |aspect, declared: Side, database: Side| {
            if declared.normalised != database.normalised {
                found.push(AspectDifference {
                    aspect,
                    declared,
                    database,
                });
            }
        };
        compare(
            Aspect::Columns,
            parts_side(&wish.parts, wish_table),
            parts_side(&is.parts, is_table),
        );
        let unique =
            |index: &Index| Side::plain(if index.unique { "unique" } else { "not unique" });
        compare(Aspect::Uniqueness, unique(wish), unique(is));
        compare(
            Aspect::Predicate,
            predicate_side(wish.predicate.as_ref()),
            predicate_side(is.predicate.as_ref()),
        );
        found
    }

    fn foreign_key(
        &self,
        is: &ForeignKey,
        wish: &ForeignKey,
        _facts: &Facts,
    ) -> Vec<AspectDifference> {
        let mut found = Vec::new();
        for (word, declared, database) in [
            ("ON DELETE", wish.on_delete, is.on_delete),
            ("ON UPDATE", wish.on_update, is.on_update),
        ] {
            let (declared, database) = (action_side(word, declared), action_side(word, database));
            if declared.normalised != database.normalised {
                found.push(AspectDifference {
                    aspect: Aspect::Actions,
                    declared,
                    database,
                });
            }
        }
        if is_deferred(is) != is_deferred(wish) {
            found.push(AspectDifference {
                aspect: Aspect::Deferrability,
                declared: deferred_side(wish),
                database: deferred_side(is),
            });
        }
        found
    }

    fn keeps_foreign_keys(&self, _table: &Table, _facts: &Facts) -> bool {
        true
    }

    fn check(&self, is: &Check, wish: &Check, facts: &Facts) -> Verdict {
        self.expr(&is.expr, &wish.expr, facts)
    }

    fn view(
        &self,
        (is, _): (&View, &Database),
        (wish, _): (&View, &Database),
        _facts: &Facts,
    ) -> Verdict {
        let columns = |view: &View| -> Vec<String> {
            view.columns
                .iter()
                .map(|name| name.text.to_ascii_lowercase())
                .collect()
        };
        Verdict::from_equal(
            columns(is) == columns(wish)
                && expr::normal(is.query.as_str()) == expr::normal(wish.query.as_str()),
        )
    }

    fn trigger(&self, is: &Trigger, wish: &Trigger, _facts: &Facts) -> Verdict {
        let text = |trigger: &Trigger| {
            let normal = expr::normal(trigger.source_text.as_str());
            let normal = normal.trim_end_matches([' ', ';']).to_owned();
            normal
                .replacen("create temporary trigger", "create trigger", 1)
                .replacen("create trigger if not exists", "create trigger", 1)
        };
        Verdict::from_equal(text(is) == text(wish))
    }

    fn object(&self, is: &Object, wish: &Object, _facts: &Facts) -> Verdict {
        // Of all these kinds the engine has only what is opaque, and keeps its text as written.
        match (is, wish) {
            (Object::Opaque(is), Object::Opaque(wish)) => {
                Verdict::from_equal(expr::normal(&is.text) == expr::normal(&wish.text))
            }
            // The engine has no other kind.
            (_, _) => Verdict::Different,
        }
    }

    fn lets_go(&self, opaque: &Opaque, _facts: &Facts) -> bool {
        opaque.kind == crate::catalog::VIRTUAL_TABLE && !opaque.text.is_empty()
    }

    fn sequence(&self, _is: &Sequence, _wish: &Sequence, _facts: &Facts) -> Vec<AspectDifference> {
        // The engine has none.
        Vec::new()
    }

    fn trigger_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Schema
    }

    fn expr(&self, is: &Expr, wish: &Expr, _facts: &Facts) -> Verdict {
        // The engine keeps the text as written: another text is mended by writing the declared one.
        Verdict::from_equal(expr::normal(is.as_str()) == expr::normal(wish.as_str()))
    }

    fn is_implied_index(&self, _index: &Index, _table: &Table, _facts: &Facts) -> bool {
        // The engine's own index of a UNIQUE constraint is the constraint in the model,
        // and that of a primary key is left out.
        false
    }

    fn is_implied_check(&self, _check: &Check, _table: &Table, _facts: &Facts) -> bool {
        false
    }
}

/// The text of a `columnDefinition` that could not be read.
fn unread_definition(wish: &Column) -> Option<&str> {
    let text = wish.definition.as_deref()?;
    stored::definition(text).is_err().then_some(text)
}

/// Compares a definition that could not be read with the stored text of the live column.
fn verbatim(is: &Column, table: &Table, wish: &str) -> Option<AspectDifference> {
    let live = table
        .source_text
        .as_deref()
        .and_then(|sql| stored::table(sql).ok())
        .and_then(|read| {
            read.columns
                .into_iter()
                .find(|c| c.name.eq_ignore_ascii_case(&is.name.text))
        })
        .map(|column| column.definition)
        .unwrap_or_default();
    let (declared, database) = (expr::normal(wish), expr::normal(&live));
    (declared != database).then(|| AspectDifference {
        aspect: Aspect::Type,
        declared: Side::new(wish, declared),
        database: Side::new(live, database),
    })
}

#[cfg(test)]
mod tests;
