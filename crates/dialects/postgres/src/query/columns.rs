//! What results are called, and which columns rows have.

use realign_model::{ObjectName, Table};

use super::tree::{Body, Expr, Query};
use crate::render::catalog_name;

/// Rows that a query takes from.
#[derive(Debug, Clone)]
pub(super) struct Source<'a> {
    /// The name by which they are called.
    pub(super) name: String,
    /// The name by which they are written down.
    pub(super) id: String,
    /// Their columns, where they are known.
    pub(super) columns: Option<Vec<String>>,
    /// The table that they are the rows of.
    pub(super) table: Option<&'a Table>,
}

/// True when an object is the one of a written name.
pub(super) fn is_named(own: &ObjectName, schema: Option<&str>, name: &str, usual: &str) -> bool {
    let of = own.schema.as_ref().map(catalog_name);
    catalog_name(&own.name) == name && of.as_deref().unwrap_or(usual) == schema.unwrap_or(usual)
}

/// Functions of the server whose arguments are texts, whatever kind of string they are given.
pub(super) fn is_text_function(name: &str) -> bool {
    matches!(
        name,
        "lower"
            | "upper"
            | "btrim"
            | "ltrim"
            | "rtrim"
            | "replace"
            | "md5"
            | "left"
            | "right"
            | "strpos"
            | "split_part"
            | "regexp_replace"
            | "initcap"
            | "reverse"
            | "starts_with"
            | "translate"
            | "substr"
            | "lpad"
            | "rpad"
    )
}

/// What the server calls a result without an alias, and whether a cast leaves it so.
pub(super) fn figure(expr: &Expr) -> (String, bool) {
    let own = |name: &str| (name.to_owned(), true);
    match expr {
        Expr::Column(path) => own(path.last().map_or("", String::as_str)),
        Expr::Call(call) => match call.name.as_str() {
            "CASE" | "CASE OF" => match call.arguments.last().map(figure) {
                Some((name, true)) => (name, true),
                _ => ("case".to_owned(), false),
            },
            "ARRAY[]" => own("array"),
            name => own(name.rsplit('.').next().unwrap_or(name)),
        },
        Expr::Cast(inner, name) => match figure(inner) {
            (name, true) => (name, true),
            _ => (kept_as(name).to_owned(), false),
        },
        Expr::Operator(name, operands) => match (name.as_str(), operands.as_slice()) {
            (".", [_, Expr::Text(field)]) => own(field),
            ("[]" | "COLLATE", [inner, ..]) => figure(inner),
            _ => ("?column?".to_owned(), false),
        },
        Expr::Query(kind, query) => match kind.as_str() {
            "EXISTS" => own("exists"),
            "ARRAY" => own("array"),
            _ => match &query.0.body {
                Body::Select(select) => match select.items.first() {
                    Some((_, Some(alias))) => own(alias),
                    Some((expr, None)) => figure(expr),
                    None => ("?column?".to_owned(), false),
                },
                Body::Set(..) | Body::Values(_) => ("?column?".to_owned(), false),
            },
        },
        Expr::Word(word) if !matches!(word.as_str(), "null" | "true" | "false") => own(word),
        Expr::Text(_) | Expr::Number(_) | Expr::Word(_) | Expr::Star(_) => {
            ("?column?".to_owned(), false)
        }
    }
}

/// True when every result has a name that is written down: an alias, or that of a column.
pub(super) fn are_named(body: &Body) -> bool {
    match body {
        Body::Select(select) => {
            let mut items = select.items.iter();
            items.all(|(expr, alias)| alias.is_some() || matches!(expr, Expr::Column(_)))
        }
        Body::Set(_, left, _) => are_named(&left.body),
        Body::Values(_) => false,
    }
}

/// True when the results are those that a table has at the moment.
pub(super) fn has_star(body: &Body) -> bool {
    match body {
        Body::Select(select) => {
            let mut items = select.items.iter();
            items.any(|(expr, _)| matches!(expr, Expr::Star(_)))
        }
        Body::Set(_, left, _) => has_star(&left.body),
        Body::Values(_) => false,
    }
}

/// The name under which the catalogue keeps a type.
fn kept_as(name: &str) -> &str {
    let bare = name.split('(').next().unwrap_or(name).trim();
    match bare {
        "int" => "int4",
        "bigint" => "int8",
        "smallint" => "int2",
        "boolean" => "bool",
        "real" => "float4",
        "double precision" => "float8",
        "char" => "bpchar",
        "timestamp" if name.contains("with time zone") => "timestamptz",
        "time" if name.contains("with time zone") => "timetz",
        other => other.rsplit('.').next().unwrap_or(other),
    }
}

/// What the results of a query are called, as far as its text alone tells it.
pub(super) fn outputs(query: &Query, columns: &[String]) -> Option<Vec<String>> {
    match &query.body {
        Body::Select(select) => {
            let mut found = Vec::new();
            for (at, (expr, alias)) in select.items.iter().enumerate() {
                if matches!(expr, Expr::Star(_)) {
                    return None;
                }
                let own = columns.get(at).cloned().or_else(|| alias.clone());
                found.push(own.unwrap_or_else(|| figure(expr).0));
            }
            Some(found)
        }
        Body::Set(_, left, _) => outputs(left, columns),
        Body::Values(_) => None,
    }
}
