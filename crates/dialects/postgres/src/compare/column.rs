//! Columns.

use realign_model::{Column, DataType, Identity, ObjectName, Table};
use realign_planner::{Aspect, AspectDifference, Facts, Side, Verdict};

use super::{difference, name_difference};
use crate::facts::default_schema;
use crate::render::{self, catalog_name};
use crate::{clauses, defaults, expr, types};

/// Every way in which a live column differs from the declared one.
pub(super) fn compare(
    is: &Column,
    (wish, wish_table): (&Column, &Table),
    facts: &Facts,
    unknown: &mut Vec<AspectDifference>,
) -> Vec<AspectDifference> {
    let mut found = Vec::new();
    name_difference(&is.name, &wish.name, &mut found);
    if is_unreadable(wish) {
        unknown.push(difference(
            Aspect::Type,
            Side::plain(wish.definition.clone().unwrap_or_default()),
            Side::plain(render::column_body(is, facts)),
        ));
        return found;
    }
    let exact = wish_table.is_in_own_words();
    let of = if exact { types::shown } else { types::normal };
    if of(&is.data_type) != of(&wish.data_type) {
        found.push(difference(
            Aspect::Type,
            type_side(&wish.data_type),
            type_side(&is.data_type),
        ));
    }
    let in_key = wish_table.primary_key.as_deref().is_some_and(|key| {
        key.columns()
            .any(|c| c.text.eq_ignore_ascii_case(&wish.name.text))
    });
    // A key and an identity never hold NULL, whatever is written.
    let counts = match wish.identity {
        None => false,
        // What is written as a default says nothing of NULL.
        Some(Identity::Serial) => !exact,
        Some(Identity::AutoIncrement | Identity::Identity { .. }) => true,
    };
    let wish_nullable = wish.nullable && !in_key && !counts;
    if is.nullable != wish_nullable {
        let side = |nullable| Side::plain(if nullable { "NULL" } else { "NOT NULL" });
        found.push(difference(
            Aspect::Nullability,
            side(wish_nullable),
            side(is.nullable),
        ));
    }
    values((is, wish), in_key, facts, &mut found, unknown);
    collation(is, wish, &mut found);
    found
}

/// True for a definition that could not be read.
fn is_unreadable(column: &Column) -> bool {
    column
        .definition
        .as_ref()
        .is_some_and(|definition| clauses::parse(definition).is_none())
}

/// Where the values come from: the engine, an expression, a default.
fn values(
    (is, wish): (&Column, &Column),
    in_key: bool,
    facts: &Facts,
    found: &mut Vec<AspectDifference>,
    unknown: &mut Vec<AspectDifference>,
) {
    if let Some(verdict) = generated(is, wish) {
        let side = |column: &Column| {
            column.generated.as_ref().map_or_else(
                || Side::plain("not generated"),
                |g| Side::plain(format!("GENERATED ALWAYS AS ({})", g.expr)),
            )
        };
        let entry = difference(Aspect::Generated, side(wish), side(is));
        match verdict {
            Verdict::Same => {}
            Verdict::Different => found.push(entry),
            Verdict::Unknown => unknown.push(entry),
        }
        return;
    }
    if let Some(entry) = identity(is, wish, in_key) {
        found.push(entry);
        return;
    }
    if is.identity.is_some() || wish.identity.is_some() {
        // A declaration that names its sequence wants that one.
        let named = |column: &Column| {
            let default = column.default.as_ref()?;
            crate::serials::named_in(default.as_str())
        };
        let own = |name: &ObjectName| {
            let schema = name.schema.as_ref().map(catalog_name);
            let schema = schema.filter(|schema| schema != default_schema(facts));
            (schema, catalog_name(&name.name))
        };
        if let (Some(live), Some(declared)) = (named(is), named(wish))
            && own(&live) != own(&declared)
        {
            let side = |name: &ObjectName| Side::plain(format!("DEFAULT nextval('{name}')"));
            found.push(difference(Aspect::Default, side(&declared), side(&live)));
        }
        return;
    }
    let side = |column: &Column| {
        // The server keeps a written `DEFAULT NULL`, which is none.
        let default = column.default.as_ref();
        let default = default.filter(|default| !defaults::is_null(&default.text));
        default.map_or_else(
            || Side::plain("no default"),
            |d| {
                Side::new(
                    format!("DEFAULT {d}"),
                    defaults::normal(&d.text, &wish.data_type),
                )
            },
        )
    };
    match defaults::compare(is, wish) {
        Verdict::Same => {}
        Verdict::Different => found.push(difference(Aspect::Default, side(wish), side(is))),
        Verdict::Unknown => unknown.push(difference(Aspect::Default, side(wish), side(is))),
    }
}

/// None when neither is generated.
fn generated(is: &Column, wish: &Column) -> Option<Verdict> {
    match (&is.generated, &wish.generated) {
        (None, None) => None,
        (Some(live), Some(declared)) if live.kind == declared.kind => {
            Some(expr::compare(&live.expr.text, &declared.expr.text))
        }
        _ => Some(Verdict::Different),
    }
}

/// Serial, identity and a sequence of the same name are one thing: the engine counts. That it
/// takes no other value is another.
fn identity(is: &Column, wish: &Column, in_key: bool) -> Option<AspectDifference> {
    let always =
        |column: &Column| matches!(column.identity, Some(Identity::Identity { always: true }));
    let counts = |column: &Column| column.identity.is_some();
    // A key that the mapping fills by itself, from a sequence or otherwise, is not disturbed
    // by an engine that could count too.
    let tolerated = in_key && is.data_type.is_integer() && !always(is);
    let same = match (counts(is), counts(wish)) {
        (true, true) => always(is) == always(wish),
        (true, false) => tolerated,
        (false, true) => false,
        (false, false) => true,
    };
    if same {
        return None;
    }
    let side = |column: &Column| {
        Side::plain(match &column.identity {
            None => "not counted by the engine",
            Some(Identity::Serial | Identity::AutoIncrement) => "SERIAL",
            Some(Identity::Identity { always: true }) => "GENERATED ALWAYS AS IDENTITY",
            Some(Identity::Identity { always: false }) => "GENERATED BY DEFAULT AS IDENTITY",
        })
    };
    Some(difference(Aspect::Identity, side(wish), side(is)))
}

fn collation(is: &Column, wish: &Column, found: &mut Vec<AspectDifference>) {
    let name = |column: &Column| {
        column
            .collation
            .clone()
            .filter(|c| c != "default")
            .unwrap_or_default()
    };
    if name(is) == name(wish) {
        return;
    }
    let side = |column: &Column| {
        let name = name(column);
        Side::plain(if name.is_empty() {
            "the database's collation".to_owned()
        } else {
            format!("COLLATE \"{name}\"")
        })
    };
    found.push(difference(Aspect::Collation, side(wish), side(is)));
}

fn type_side(data_type: &DataType) -> Side {
    Side::new(
        types::render(data_type),
        types::render(&types::normal(data_type)),
    )
}
