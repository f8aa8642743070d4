//! What an engine does not have, or does not compare: aspects and fields for which there can be
//! no mutant on it, each with the reason.

use realign::planner::Aspect;

use crate::engines::{ALL, MYSQL, NOT_MYSQL};
use crate::fields_absent::fields_absent;

/// Aspect, engines, reason.
const ASPECTS_ABSENT: &[(Aspect, &[&str], &str)] = &[
    (
        Aspect::Target,
        ALL,
        "a key to another table or column is another key: its existence differs",
    ),
    (
        Aspect::OnUpdate,
        NOT_MYSQL,
        "only MySQL has ON UPDATE of a column",
    ),
    (Aspect::Engine, NOT_MYSQL, "only MySQL has storage engines"),
    (
        Aspect::Visibility,
        &["sqlite"],
        "nothing is invisible there",
    ),
    (Aspect::Kind, &["sqlite"], "there is one kind of index"),
    (Aspect::Partitioning, &["sqlite"], "there are no partitions"),
    (Aspect::Predicate, MYSQL, "there are no partial indexes"),
    (Aspect::Deferrability, MYSQL, "no check is ever deferred"),
];

/// Why there can be no mutant of this aspect.
pub(crate) fn aspect(aspect: Aspect, engine: &str) -> Option<&'static str> {
    let mut rows = ASPECTS_ABSENT.iter();
    let row = rows.find(|row| row.0 == aspect && row.1.contains(&engine))?;
    Some(row.2)
}

/// Why there can be no mutant of this field.
pub(crate) fn field(field: &str, engine: &str) -> Option<&'static str> {
    let mut rows = fields_absent();
    let row = rows.find(|row| covers(row.0, field) && row.1.contains(&engine))?;
    Some(row.2)
}

/// True when a mutant may change this field all the same: the row speaks of more than this
/// field, or what changed with it is what is named.
pub(crate) fn may_change(field: &str, engine: &str) -> bool {
    let mut rows = fields_absent();
    let row = rows.find(|row| covers(row.0, field) && row.1.contains(&engine));
    row.is_some_and(|row| row.0 != field || row.2.starts_with("not compared"))
}

/// True when this row speaks of this field.
pub(crate) fn covers(path: &str, field: &str) -> bool {
    if let Some(last) = path.strip_prefix('*') {
        return field.ends_with(last);
    }
    field == path || path.ends_with('.') && field.starts_with(path)
}
