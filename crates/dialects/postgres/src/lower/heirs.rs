//! What a part or an heir of a table gets along with it: the server carries it out in both, and
//! refuses it in the one alone.

use realign_model::{Check, ObjectName};
use realign_planner::{TableChange, TableItem};

use super::scene::Scene;
use crate::create;
use crate::render::catalog_name;

/// True when a table above does the same.
pub(super) fn comes_along(item: &TableItem, change: &TableChange, scene: &Scene<'_>) -> bool {
    let mut seen: Vec<&ObjectName> = Vec::new();
    let mut open = create::parents(&change.target);
    while let Some(next) = open.pop() {
        if seen.contains(&next) {
            continue;
        }
        seen.push(next);
        let key = scene.key(next);
        let mut changed = scene.changed.iter();
        let above = changed.find(|other| scene.key(&other.target.name) == key);
        if above.is_some_and(|above| above.items.iter().any(|other| is_alike(item, other))) {
            return true;
        }
        let mut declared = scene.wish.tables.iter();
        if let Some(above) = declared.find(|table| scene.key(&table.name) == key) {
            open.extend(create::parents(above));
        }
    }
    false
}

fn is_alike(item: &TableItem, above: &TableItem) -> bool {
    match (item, above) {
        (TableItem::AddColumn(own), TableItem::AddColumn(other))
        | (TableItem::DropColumn(own), TableItem::DropColumn(other)) => {
            Scene::same_column(&own.name, &other.name)
        }
        (
            TableItem::RenameColumn { from, to },
            TableItem::RenameColumn {
                from: old, to: new, ..
            },
        ) => Scene::same_column(from, old) && Scene::same_column(to, new),
        (
            TableItem::ModifyColumn {
                wish, differences, ..
            },
            TableItem::ModifyColumn {
                wish: other,
                differences: others,
                ..
            },
        ) => Scene::same_column(&wish.name, &other.name) && differences == others,
        (TableItem::AddCheck(own), TableItem::AddCheck(other))
        | (TableItem::DropCheck(own), TableItem::DropCheck(other))
        | (
            TableItem::ReplaceCheck { wish: own, .. },
            TableItem::ReplaceCheck { wish: other, .. },
        ) => same_check(own, other),
        _ => false,
    }
}

fn same_check(own: &Check, other: &Check) -> bool {
    let name = |check: &Check| check.name.as_ref().map(catalog_name);
    name(own) == name(other) && own.expr == other.expr
}
