//! Keys that have to be unique.

use realign_model::{Ident, Identity, IndexPart, IndexTarget, Origin};
use realign_planner::{Precheck, TableChange, TableItem};

use super::{narrow, present};
use crate::expr::{default_of, mentions};
use crate::lower::Scene;
use crate::render::quote_ident;

/// Values that stand more than once.
const DUPLICATES: &str = "R204";

/// Questions for a key that has to be unique.
pub(crate) fn duplicates(
    parts: &[IndexPart],
    object: &str,
    origin: &Origin,
    change: &TableChange,
    scene: &Scene<'_>,
) -> Vec<Precheck> {
    let mut values = Vec::new();
    let mut shown = Vec::new();
    let mut conditions = Vec::new();
    for part in parts {
        let name = match &part.target {
            IndexTarget::Column(name) => name,
            // Over the present columns the expression says the same, unless one is new or
            // has another name: then only the server can tell.
            IndexTarget::Expr(expr) => {
                if change.items.iter().any(|item| match item {
                    TableItem::AddColumn(column) => mentions(expr, column.name.as_str()),
                    TableItem::RenameColumn { to, .. } => mentions(expr, to.as_str()),
                    _ => false,
                }) {
                    return Vec::new();
                }
                values.push(format!("({expr})"));
                conditions.push(format!("({expr}) IS NOT NULL"));
                continue;
            }
        };
        let Some((column, live)) = present(change, name, scene) else {
            // New: AUTO_INCREMENT gives each row its own; NULLs are never alike; one
            // default for all rows tells none of them apart.
            let Some(added) = change.target.column_ignoring_case(name.as_str()) else {
                return Vec::new();
            };
            let no_default = default_of(added.default.as_ref(), &added.data_type).text() == "NULL";
            if added.identity == Some(Identity::AutoIncrement)
                || added.generated.is_some()
                || (added.nullable && no_default)
            {
                return Vec::new();
            }
            continue;
        };
        let mut value = narrow::as_will_be(&column, &live, name, change);
        if let Some(prefix) = part.prefix {
            value = format!("LEFT({value}, {prefix})");
        }
        values.push(value);
        if live.nullable {
            conditions.push(format!("{column} IS NOT NULL"));
        }
        shown.push(column);
    }
    let table = quote_ident(
        &scene
            .names
            .old_table(&change.is.name, scene.facts)
            .name
            .text,
    );
    let filter = if conditions.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", conditions.join(" AND "))
    };
    let help = "make these values differ, or delete the rows that are too many".to_owned();
    let (count_sql, sample_sql) = if values.is_empty() {
        (
            format!("SELECT IF(COUNT(*) > 1, COUNT(*), 0) FROM {table}"),
            format!("SELECT COUNT(*) AS `rows` FROM {table}"),
        )
    } else {
        let group = values.join(", ");
        let sample: Vec<String> = if shown.len() == values.len() {
            shown
                .iter()
                .map(|column| format!("MIN({column}) AS {column}"))
                .collect()
        } else {
            values.clone()
        };
        (
            format!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM {table}{filter} GROUP BY {group} HAVING COUNT(*) > 1) AS t"
            ),
            format!(
                "SELECT {}, COUNT(*) AS `rows` FROM {table}{filter} GROUP BY {group} HAVING COUNT(*) > 1 LIMIT 5",
                sample.join(", ")
            ),
        )
    };
    let is_new = values.is_empty();
    let check = Precheck {
        code: DUPLICATES.to_owned(),
        message: format!("{object} can't become unique"),
        count_text: "{n} values stand more than once".to_owned(),
        count_sql,
        sample_sql,
        help,
        lossy: false,
        refused_with: Vec::new(),
        origin: origin.clone(),
    };
    vec![if is_new {
        check.of_new_columns()
    } else {
        check
    }]
}

/// Unique keys that stay, over a column whose values may come to equal each other.
pub(super) fn unique_keys_over(
    name: &Ident,
    change: &TableChange,
    scene: &Scene<'_>,
) -> Vec<Precheck> {
    let gone: Vec<&str> = change
        .items
        .iter()
        .filter_map(|item| match item {
            TableItem::DropIndex(index) | TableItem::ReplaceIndex { is: index, .. } => {
                Some(index.name_str())
            }
            _ => None,
        })
        .collect();
    let covers = |parts: &[IndexPart]| {
        parts.iter().any(|part| {
            part.as_column()
                .is_some_and(|column| column.text.eq_ignore_ascii_case(&name.text))
        })
    };
    let key_changes = change
        .items
        .iter()
        .any(|item| matches!(item, TableItem::SetPrimaryKey { .. }));
    let keys = change
        .is
        .indexes
        .iter()
        .filter(|index| index.unique && !gone.contains(&index.name_str()))
        .map(|index| (&index.parts, format!("index {}", index.name_str())))
        .chain(
            change
                .is
                .primary_key
                .iter()
                .filter(|_| !key_changes)
                .map(|key| (&key.parts, "primary key".to_owned())),
        );
    keys.filter(|(parts, _)| covers(parts))
        .flat_map(|(parts, what)| {
            duplicates(
                parts,
                &format!("{} {what}", change.is.name),
                &Origin::None,
                change,
                scene,
            )
        })
        .collect()
}
