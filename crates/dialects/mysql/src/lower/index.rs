//! Indexes of a table that changes.
//!
//! An index that no foreign key needs goes and comes as Doctrine does it. One that a key
//! needs is replaced in one ALTER, since the server refuses to be without it for a moment.

use realign_model::{Ident, Identity, Index, IndexPart};
use realign_planner::{Phase, Risk, Step, TableChange, TableItem};

use super::one;
use super::scene::Scene;
use crate::compare::backs;
use crate::facts::{Capability, can};
use crate::render::{self, create_index, ident, index_inline, object_name};
use crate::{prechecks, risk};

/// What becomes of the indexes.
pub(super) struct IndexPlan {
    /// Before the columns change.
    pub(super) before: Vec<Step>,
    /// In the statement of the columns.
    pub(super) clauses: Vec<String>,
    /// After the columns changed.
    pub(super) after: Vec<Step>,
}

/// An index that goes, with the one that comes in its place.
struct Removal<'a> {
    old: &'a Index,
    new: Option<&'a Index>,
    /// It keeps its name: Doctrine drops the old one first and makes the new one later.
    same_name: bool,
}

pub(super) fn plan(change: &TableChange, scene: &Scene<'_>) -> IndexPlan {
    let facts = scene.facts;
    let mut removals: Vec<Removal<'_>> = Vec::new();
    let mut additions: Vec<&Index> = Vec::new();
    let mut renames: Vec<(&Index, &Index)> = Vec::new();
    for item in &change.items {
        match item {
            TableItem::AddIndex(index) => additions.push(index),
            TableItem::DropIndex(index) => removals.push(Removal {
                old: index,
                new: None,
                same_name: false,
            }),
            TableItem::ReplaceIndex { is, wish } => removals.push(Removal {
                old: is,
                new: Some(wish),
                same_name: is.name_str().eq_ignore_ascii_case(wish.name_str()),
            }),
            TableItem::RenameIndex { is, wish } if can(facts, Capability::RenameIndex) => {
                renames.push((is, wish));
            }
            TableItem::RenameIndex { is, wish } => removals.push(Removal {
                old: is,
                new: Some(wish),
                same_name: false,
            }),
            _ => {}
        }
    }
    pair_up(&mut removals, &mut additions);
    let mut plan = IndexPlan {
        before: Vec::new(),
        clauses: Vec::new(),
        after: Vec::new(),
    };
    let alters_columns = has_column_statement(change);
    let needed = needed_indexes(change, &removals, scene);
    let mut in_one: Vec<(&Index, Vec<String>)> = Vec::new();
    for removal in &removals {
        let Some(keys) = needed.get(&removal.old.name_str().to_lowercase()) else {
            free(removal, change, scene, &mut plan);
            continue;
        };
        let mut clauses = vec![format!("DROP INDEX {}", name(removal.old, scene))];
        let mut backed: Vec<&[IndexPart]> = Vec::new();
        if let Some(new) = removal.new {
            clauses.push(format!("ADD {}", index_inline(new, facts)));
            backed.push(&new.parts);
        }
        for key in keys {
            if backed.iter().any(|parts| backs(parts, key)) {
                continue;
            }
            // Another declared index may take over; it comes in the same statement.
            if let Some(at) = additions.iter().position(|i| backs(&i.parts, key)) {
                let index = additions.remove(at);
                clauses.push(format!("ADD {}", index_inline(index, facts)));
                backed.push(&index.parts);
            } else {
                let spare = Index::over(
                    (removal.new.is_none())
                        .then(|| removal.old.name.clone())
                        .flatten(),
                    key.iter().cloned(),
                    false,
                );
                clauses.push(format!("ADD {}", index_inline(&spare, facts)));
            }
        }
        in_one.push((removal.old, clauses));
    }
    // An AUTO_INCREMENT column has to be a key in the statement that makes it one.
    let auto = auto_column(change);
    let mut at = 0;
    while at < additions.len() {
        let leads =
            auto.is_some_and(|name| backs(&additions[at].parts, std::slice::from_ref(name)));
        if leads {
            let index = additions.remove(at);
            plan.clauses
                .push(format!("ADD {}", index_inline(index, facts)));
        } else {
            at += 1;
        }
    }
    for (old, clauses) in in_one {
        if alters_columns {
            plan.clauses.extend(clauses);
        } else {
            plan.after
                .push(alter(change, old, &clauses, &removals, scene));
        }
    }
    for (old, new) in renames {
        plan.after.push(rename(change, old, new, scene));
    }
    for index in additions {
        plan.after.push(create(change, index, scene));
    }
    plan
}

/// A dropped and an added index over the same columns are one change.
fn pair_up<'a>(removals: &mut [Removal<'a>], additions: &mut Vec<&'a Index>) {
    let columns = |index: &Index| -> Vec<String> {
        index
            .parts
            .iter()
            .map(|part| {
                part.as_column()
                    .map_or_else(String::new, |name| name.text.to_lowercase())
            })
            .collect()
    };
    for removal in removals.iter_mut().filter(|r| r.new.is_none()) {
        let wanted = columns(removal.old);
        if let Some(at) = additions.iter().position(|index| columns(index) == wanted) {
            removal.new = Some(additions.remove(at));
        }
    }
}

/// The removed indexes that standing foreign keys need, each with the columns of the keys.
fn needed_indexes(
    change: &TableChange,
    removals: &[Removal<'_>],
    scene: &Scene<'_>,
) -> std::collections::HashMap<String, Vec<Vec<Ident>>> {
    let removed: Vec<String> = removals
        .iter()
        .map(|r| r.old.name_str().to_lowercase())
        .collect();
    let key_stays = !change
        .items
        .iter()
        .any(|item| matches!(item, TableItem::SetPrimaryKey { .. }));
    let mut needed = std::collections::HashMap::new();
    for columns in scene.standing_keys(&change.is.name) {
        let stays = change
            .is
            .indexes
            .iter()
            .filter(|index| !removed.contains(&index.name_str().to_lowercase()))
            .map(|index| &index.parts)
            .chain(
                change
                    .is
                    .primary_key
                    .as_deref()
                    .filter(|_| key_stays)
                    .map(|key| &key.parts),
            )
            .any(|parts| backs(parts, &columns));
        if stays {
            continue;
        }
        let holder = removals.iter().find(|r| backs(&r.old.parts, &columns));
        if let Some(removal) = holder {
            needed
                .entry(removal.old.name_str().to_lowercase())
                .or_insert_with(Vec::new)
                .push(columns);
        }
    }
    needed
}

/// An index that nothing stands on.
fn free(removal: &Removal<'_>, change: &TableChange, scene: &Scene<'_>, plan: &mut IndexPlan) {
    match removal.new {
        None => plan.before.push(drop(change, removal.old, scene)),
        Some(new) if removal.same_name => {
            plan.before.push(drop(change, removal.old, scene));
            plan.after.push(create(change, new, scene));
        }
        Some(new) => {
            let clauses = [
                format!("DROP INDEX {}", name(removal.old, scene)),
                format!("ADD {}", index_inline(new, scene.facts)),
            ];
            plan.after.push(alter(
                change,
                removal.old,
                &clauses,
                std::slice::from_ref(removal),
                scene,
            ));
        }
    }
}

fn name(index: &Index, scene: &Scene<'_>) -> String {
    index
        .name
        .as_ref()
        .map_or_else(String::new, |name| ident(name, scene.facts))
}

fn drop(change: &TableChange, index: &Index, scene: &Scene<'_>) -> Step {
    let facts = scene.facts;
    let table = &change.target.name;
    let mut step = one(
        Phase::Alter,
        &table.to_string(),
        format!(
            "DROP INDEX {} ON {}",
            name(index, scene),
            object_name(table, facts)
        ),
    );
    step.undo = vec![create_index(table, index, facts)];
    step
}

fn create(change: &TableChange, index: &Index, scene: &Scene<'_>) -> Step {
    let facts = scene.facts;
    let table = &change.target.name;
    let mut step = one(
        Phase::Alter,
        &table.to_string(),
        create_index(table, index, facts),
    );
    if index.name.is_some() {
        step.undo = vec![format!(
            "DROP INDEX {} ON {}",
            name(index, scene),
            object_name(table, facts)
        )];
    }
    step.origin = index.origin.clone();
    risk::create_index(&mut step, index, change, scene);
    unique(&mut step, index, change, scene);
    step
}

/// Index changes that have to be one statement.
fn alter(
    change: &TableChange,
    old: &Index,
    clauses: &[String],
    removals: &[Removal<'_>],
    scene: &Scene<'_>,
) -> Step {
    let facts = scene.facts;
    let table = object_name(&change.target.name, facts);
    let mut step = one(
        Phase::Alter,
        &change.target.name.to_string(),
        format!("ALTER TABLE {table} {}", clauses.join(", ")),
    );
    let new = removals
        .iter()
        .find(|r| r.old.name == old.name)
        .and_then(|r| r.new);
    if let Some(new) = new {
        step.undo = vec![format!(
            "ALTER TABLE {table} DROP INDEX {}, ADD {}",
            name(new, scene),
            index_inline(old, facts)
        )];
        step.origin = new.origin.clone();
        risk::create_index(&mut step, new, change, scene);
        unique(&mut step, new, change, scene);
    } else {
        step.raise(
            Risk::Safe,
            risk::ONLINE,
            format!(
                "a foreign key needs an index on the columns of {}",
                old.name_str()
            ),
        );
    }
    step
}

fn rename(change: &TableChange, old: &Index, new: &Index, scene: &Scene<'_>) -> Step {
    let table = object_name(&change.target.name, scene.facts);
    let sql = |a, b| {
        format!(
            "ALTER TABLE {table} RENAME INDEX {} TO {}",
            name(a, scene),
            name(b, scene)
        )
    };
    let mut step = one(Phase::Alter, &change.target.name.to_string(), sql(old, new));
    step.undo = vec![sql(new, old)];
    step.origin = new.origin.clone();
    step
}

fn unique(step: &mut Step, index: &Index, change: &TableChange, scene: &Scene<'_>) {
    if index.unique {
        let columns = render::index_parts(&index.parts, scene.facts);
        step.prechecks.extend(prechecks::duplicates(
            &index.parts,
            &format!("{} {columns}", change.target.name),
            &index.origin,
            change,
            scene,
        ));
    }
}

fn has_column_statement(change: &TableChange) -> bool {
    change.items.iter().any(|item| {
        matches!(
            item,
            TableItem::AddColumn(_)
                | TableItem::DropColumn(_)
                | TableItem::ModifyColumn { .. }
                | TableItem::SetPrimaryKey { .. }
        )
    })
}

/// The column that becomes AUTO_INCREMENT without being a key already.
fn auto_column(change: &TableChange) -> Option<&Ident> {
    let column = change.items.iter().find_map(|item| match item {
        TableItem::AddColumn(column) | TableItem::ModifyColumn { wish: column, .. }
            if column.identity == Some(Identity::AutoIncrement) =>
        {
            Some(column)
        }
        _ => None,
    })?;
    let one = std::slice::from_ref(&column.name);
    let keyed = change
        .target
        .primary_key
        .as_deref()
        .is_some_and(|key| backs(&key.parts, one))
        || change
            .is
            .indexes
            .iter()
            .any(|index| backs(&index.parts, one));
    (!keyed).then_some(&column.name)
}
