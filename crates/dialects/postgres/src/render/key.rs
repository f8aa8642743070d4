//! Indexes, unique constraints and foreign keys in Doctrine's spelling.

use std::fmt::Write as _;

use realign_model::{
    ForeignKey, Ident, Index, IndexKind, IndexPart, IndexTarget, MatchKind, ObjectName, SortOrder,
};
use realign_planner::Facts;

use super::{ident, idents, object_name};
use crate::keeping::with_clause;

/// The parts of a key: `a, lower(b) DESC`.
pub(crate) fn index_parts(parts: &[IndexPart]) -> String {
    let mut texts = Vec::with_capacity(parts.len());
    for part in parts {
        let mut text = match &part.target {
            IndexTarget::Column(name) => ident(name),
            IndexTarget::Expr(expr) => format!("({expr})"),
        };
        if let Some(collation) = &part.collation {
            text.push_str(" COLLATE ");
            text.push_str(&super::collation(collation));
        }
        if let Some(class) = &part.operator_class {
            text.push(' ');
            text.push_str(class);
        }
        if part.order == SortOrder::Desc {
            text.push_str(" DESC");
        }
        if let Some(first) = part.nulls_first {
            text.push_str(if first { " NULLS FIRST" } else { " NULLS LAST" });
        }
        texts.push(text);
    }
    texts.join(", ")
}

/// What follows the parts: INCLUDE, NULLS NOT DISTINCT, the predicate.
fn index_tail(index: &Index) -> String {
    let mut text = String::new();
    if !index.include.is_empty() {
        let _ = write!(text, " INCLUDE ({})", idents(&index.include));
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    text.push_str(&with_clause(&index.storage));
    if let Some(predicate) = &index.predicate {
        let _ = write!(text, " WHERE {predicate}");
    }
    text
}

fn method(index: &Index) -> Option<&str> {
    match &index.kind {
        IndexKind::Method(method) => Some(method),
        IndexKind::Plain | IndexKind::Fulltext { .. } | IndexKind::Spatial => None,
    }
}

/// A whole CREATE INDEX.
fn create_index(table: &ObjectName, index: &Index) -> String {
    format!(
        "CREATE {}INDEX{} ON {}{} ({}){}",
        if index.unique { "UNIQUE " } else { "" },
        index
            .name
            .as_ref()
            .map_or_else(String::new, |name| format!(" {}", ident(name))),
        object_name(table),
        method(index).map_or_else(String::new, |m| format!(" USING {m}")),
        index_parts(&index.parts),
        index_tail(index)
    )
}

/// A unique constraint: `ALTER TABLE t ADD CONSTRAINT x UNIQUE (a)`.
fn add_unique_constraint(table: &ObjectName, index: &Index) -> String {
    let nulls = if index.nulls_not_distinct {
        " NULLS NOT DISTINCT"
    } else {
        ""
    };
    format!(
        "ALTER TABLE {} ADD{} UNIQUE{nulls} ({}){}{}",
        object_name(table),
        constraint_name(index.name.as_ref()),
        index_parts(&index.parts),
        if index.include.is_empty() {
            String::new()
        } else {
            format!(" INCLUDE ({})", idents(&index.include))
        } + &with_clause(&index.storage),
        super::lateness(index.deferrable, index.initially_deferred)
    )
}

/// What makes an index: CREATE INDEX, or the constraint it was declared as.
pub(crate) fn make_index(table: &ObjectName, index: &Index) -> String {
    if index.constraint && index.unique && index.predicate.is_none() {
        add_unique_constraint(table, index)
    } else {
        create_index(table, index)
    }
}

/// An index for a person, without its name: `UNIQUE (a, b)`.
pub(crate) fn describe_index(index: &Index, _facts: &Facts) -> String {
    format!(
        "{}{}({}){}{}",
        if index.unique { "UNIQUE " } else { "INDEX " },
        method(index).map_or_else(String::new, |m| format!("USING {m} ")),
        index_parts(&index.parts),
        index_tail(index),
        if index.invisible { " INVALID" } else { "" }
    )
}

fn constraint_name(name: Option<&Ident>) -> String {
    name.map_or_else(String::new, |name| format!(" CONSTRAINT {}", ident(name)))
}

/// A foreign key: `FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE NOT DEFERRABLE …`.
pub(crate) fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "FOREIGN KEY ({}) REFERENCES {}",
        idents(&key.columns),
        object_name(&key.ref_table)
    );
    if !key.ref_columns.is_empty() {
        let _ = write!(text, " ({})", idents(&key.ref_columns));
    }
    match key.match_kind {
        MatchKind::Simple => {}
        MatchKind::Full => text.push_str(" MATCH FULL"),
        MatchKind::Partial => text.push_str(" MATCH PARTIAL"),
    }
    for (words, action) in [
        (" ON UPDATE ", key.on_update),
        (" ON DELETE ", key.on_delete),
    ] {
        if let Some(action) = action {
            text.push_str(words);
            text.push_str(action.sql());
        }
    }
    if !key.set_columns.is_empty() {
        let _ = write!(text, " ({})", idents(&key.set_columns));
    }
    text.push_str(if key.deferrable {
        " DEFERRABLE"
    } else {
        " NOT DEFERRABLE"
    });
    text.push_str(if key.initially_deferred {
        " INITIALLY DEFERRED"
    } else {
        " INITIALLY IMMEDIATE"
    });
    text
}

/// The same for a person: what is the default is left out.
pub(crate) fn describe_foreign_key(key: &ForeignKey, _facts: &Facts) -> String {
    foreign_key(key).replace(" NOT DEFERRABLE INITIALLY IMMEDIATE", "")
}

/// A whole `ALTER TABLE … ADD CONSTRAINT …`.
pub(crate) fn add_foreign_key(table: &ObjectName, key: &ForeignKey) -> String {
    format!(
        "ALTER TABLE {} ADD{} {}",
        object_name(table),
        constraint_name(key.name.as_ref()),
        foreign_key(key)
    )
}
