//! Indexes.

use realign_model::{Expr, Index, IndexKind, IndexPart, IndexTarget, SortOrder};
use realign_planner::{Aspect, AspectDifference, Facts, Side, Verdict};

use super::{deferrability, difference, name_difference};
use crate::render::{self, catalog_name};
use crate::{expr, keeping};

/// Every way in which a live index differs from the declared one.
pub(super) fn compare(
    is: &Index,
    wish: &Index,
    facts: &Facts,
    unknown: &mut Vec<AspectDifference>,
) -> Vec<AspectDifference> {
    let mut found = Vec::new();
    let whole = |index: &Index| Side::plain(render::describe_index(index, facts));
    if let (Some(live), Some(declared)) = (&is.name, &wish.name)
        && live.text.eq_ignore_ascii_case(&declared.text)
    {
        name_difference(live, declared, &mut found);
    }
    match parts(&is.parts, &wish.parts) {
        Verdict::Same => {}
        Verdict::Different => {
            found.push(difference(Aspect::Columns, whole(wish), whole(is)));
        }
        Verdict::Unknown => {
            unknown.push(difference(Aspect::Columns, whole(wish), whole(is)));
        }
    }
    if is.unique != wish.unique {
        let side = |unique| Side::plain(if unique { "UNIQUE" } else { "not unique" });
        found.push(difference(
            Aspect::Uniqueness,
            side(wish.unique),
            side(is.unique),
        ));
    }
    if method(&is.kind) != method(&wish.kind) {
        found.push(difference(
            Aspect::Kind,
            Side::plain(method(&wish.kind)),
            Side::plain(method(&is.kind)),
        ));
    }
    let names = |index: &Index| index.include.iter().map(catalog_name).collect::<Vec<_>>();
    if names(is) != names(wish) || is.nulls_not_distinct != wish.nulls_not_distinct {
        found.push(difference(Aspect::Options, whole(wish), whole(is)));
    }
    // How an index is kept is the administrator's until it is declared.
    if !wish.storage.is_empty() && !keeping::same_storage(is, wish) {
        let side = |index: &Index| Side::plain(index.storage.join(", "));
        found.push(difference(Aspect::Options, side(wish), side(is)));
    }
    if wish.comment.is_some() && wish.comment != is.comment {
        let side = |index: &Index| {
            index.comment.as_ref().map_or_else(
                || Side::plain("no comment"),
                |text| Side::new(format!("comment '{text}'"), text.clone()),
            )
        };
        found.push(difference(Aspect::Comment, side(wish), side(is)));
    }
    let late = |index: &Index| (index.deferrable, index.initially_deferred);
    if late(is) != late(wish) {
        let side = |index: &Index| Side::plain(deferrability(late(index)));
        found.push(difference(Aspect::Deferrability, side(wish), side(is)));
    }
    if is.invisible != wish.invisible {
        // What a failed CREATE INDEX CONCURRENTLY leaves behind.
        let side = |off| Side::plain(if off { "INVALID" } else { "valid" });
        found.push(difference(
            Aspect::Visibility,
            side(wish.invisible),
            side(is.invisible),
        ));
    }
    let predicate = |e: &Option<Expr>| {
        e.as_ref().map_or_else(
            || Side::plain("no WHERE"),
            |e| Side::plain(format!("WHERE {e}")),
        )
    };
    let entry = difference(
        Aspect::Predicate,
        predicate(&wish.predicate),
        predicate(&is.predicate),
    );
    match (&is.predicate, &wish.predicate) {
        (None, None) => {}
        (Some(live), Some(declared)) => match expr::compare(&live.text, &declared.text) {
            Verdict::Same => {}
            Verdict::Different => found.push(entry),
            Verdict::Unknown => unknown.push(entry),
        },
        _ => found.push(entry),
    }
    found
}

fn method(kind: &IndexKind) -> &str {
    match kind {
        // Other engines' kinds have no meaning here.
        IndexKind::Plain | IndexKind::Fulltext { .. } | IndexKind::Spatial => "btree",
        IndexKind::Method(method) => method,
    }
}

/// Compares index parts one by one.
fn parts(is: &[IndexPart], wish: &[IndexPart]) -> Verdict {
    if is.len() != wish.len() {
        return Verdict::Different;
    }
    let mut verdict = Verdict::Same;
    for (live, declared) in is.iter().zip(wish) {
        let nulls = |part: &IndexPart| part.nulls_first.unwrap_or(part.order == SortOrder::Desc);
        if live.order != declared.order
            || nulls(live) != nulls(declared)
            || live.collation != declared.collation
            || bare_class(live) != bare_class(declared)
        {
            return Verdict::Different;
        }
        match (&live.target, &declared.target) {
            (IndexTarget::Column(a), IndexTarget::Column(b)) => {
                if a.text.to_lowercase() != b.text.to_lowercase() {
                    return Verdict::Different;
                }
            }
            (IndexTarget::Expr(a), IndexTarget::Expr(b)) => match expr::compare(&a.text, &b.text) {
                Verdict::Same => {}
                Verdict::Different => return Verdict::Different,
                Verdict::Unknown => verdict = Verdict::Unknown,
            },
            _ => return Verdict::Different,
        }
    }
    verdict
}

/// An operator class without its schema: a script may find it along the search path.
fn bare_class(part: &IndexPart) -> Option<(&str, &str)> {
    let text = part.operator_class.as_deref()?;
    let (name, options) = text.split_once(' ').unwrap_or((text, ""));
    let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
    Some((name, options))
}
