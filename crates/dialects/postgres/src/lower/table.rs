//! Everything that changes in one table, in the order that its parts allow: checks and keys that
//! go, columns, keys that come, options, indexes.

use realign_model::{Check, Column, Index, ObjectName, PrimaryKey, TableOptions};
use realign_planner::{
    Aspect, AspectDifference, Phase, Precheck, Statement, Step, TableChange, TableItem,
};

use super::computed::Aside;
use super::scene::Scene;
use super::{columns, heirs, keys, step};
use crate::keeping;
use crate::render::{self, beside, catalog_name, ident, object_name};
use crate::risk;

/// A new name for an index: from, to, and the table's schema.
pub(super) struct IndexRename {
    pub(super) from: Index,
    pub(super) to: Index,
    pub(super) table: ObjectName,
}

/// The steps of one table.
pub(super) fn alter(
    change: &TableChange,
    scene: &Scene<'_>,
    steps: &mut Vec<Step>,
    renames: &mut Vec<IndexRename>,
) {
    let table = scene.now(change);
    let mut later = Vec::new();
    if Scene::respelled(change) {
        let mut rename = step(
            Phase::Rename,
            table.to_string(),
            format!(
                "ALTER TABLE {} RENAME TO {}",
                object_name(&change.is.name),
                ident(&table.name)
            ),
        );
        risk::RENAMES.on(&mut rename);
        steps.push(rename);
    }
    let own = |item: &&TableItem| !heirs::comes_along(item, change, scene);
    // What goes first makes room for what follows.
    for item in change.items.iter().filter(own) {
        match item {
            TableItem::DropCheck(check) | TableItem::ReplaceCheck { is: check, .. } => {
                steps.push(drop_check(&table, check));
            }
            TableItem::SetPrimaryKey { is: Some(key), .. } => {
                steps.push(drop_primary_key(&table, key));
            }
            _ => {}
        }
    }
    let aside = Aside::of(change);
    let (before, mut after) = aside.steps(change, &table, scene);
    let (first, rest): (Vec<_>, Vec<_>) = change
        .items
        .iter()
        .filter(|item| own(item) && !aside.is_done_by_the_way(item))
        .partition(|item| aside.comes_first(item));
    steps.extend(before);
    for item in first.into_iter().chain(rest) {
        match item {
            TableItem::AddColumn(column) => {
                steps.push(columns::add(column, change, &table, scene));
            }
            TableItem::DropColumn(column) => {
                steps.push(columns::drop(column, change, &table, scene));
            }
            TableItem::RenameColumn { from, to } => {
                steps.push(columns::rename(&table, from, to));
            }
            TableItem::ModifyColumn {
                is,
                wish,
                differences,
            } => {
                columns::modify((is, wish), differences, change, &table, scene, steps);
                if differences.iter().any(|d| d.aspect == Aspect::Type) {
                    let again = keeping::said_again(&change.target, &wish.name);
                    let again = again
                        .into_iter()
                        .map(|clause| format!("ALTER TABLE ONLY {} {clause}", object_name(&table)));
                    later.extend(again.map(|sql| step(Phase::Alter, table.to_string(), sql)));
                }
            }
            TableItem::AddIndex(index) => later.push(add_index(index, change, &table, scene)),
            TableItem::DropIndex(index) => steps.push(drop_index(index, &table)),
            TableItem::RenameIndex { is, wish } => renames.push(IndexRename {
                from: is.clone(),
                to: wish.clone(),
                table: table.clone(),
            }),
            TableItem::ReplaceIndex { is, wish } => {
                if is_kept_otherwise_only(is, wish, change, scene) {
                    later.extend(keep_index(is, wish, &table));
                } else if differs_in_name_only(is, wish, change, scene) {
                    renames.push(IndexRename {
                        from: is.clone(),
                        to: wish.clone(),
                        table: table.clone(),
                    });
                } else {
                    steps.push(drop_index(is, &table));
                    later.push(add_index(wish, change, &table, scene));
                }
            }
            TableItem::SetPrimaryKey {
                wish: Some(key), ..
            } => later.insert(0, add_primary_key(key, change, &table, scene)),
            TableItem::AddForeignKey(key) => steps.push(keys::add(key, change, &table, scene)),
            TableItem::DropForeignKey(key) => {
                steps.extend(keys::drop(key, &table));
            }
            TableItem::ReplaceForeignKey { is, wish } => {
                steps.extend(keys::drop(is, &table));
                steps.push(keys::add(wish, change, &table, scene));
            }
            TableItem::AddCheck(check) | TableItem::ReplaceCheck { wish: check, .. } => {
                later.push(add_check(check, change, &table, scene));
            }
            TableItem::SetOptions(differences) => {
                later.extend(options(differences, change, &table));
            }
            TableItem::SetPrimaryKey { wish: None, .. } | TableItem::DropCheck(_) => {}
        }
    }
    steps.append(&mut after);
    steps.append(&mut later);
}

pub(super) fn drop_check(table: &ObjectName, check: &Check) -> Step {
    let name = check.name.as_ref().map_or_else(String::new, ident);
    let mut step = step(
        Phase::Alter,
        table.to_string(),
        format!("ALTER TABLE {} DROP CONSTRAINT {name}", object_name(table)),
    );
    step.undo = vec![format!(
        "ALTER TABLE {} ADD CONSTRAINT {name} CHECK ({})",
        object_name(table),
        check.expr
    )];
    step
}

fn add_check(check: &Check, change: &TableChange, table: &ObjectName, scene: &Scene<'_>) -> Step {
    let name = check
        .name
        .as_ref()
        .map_or_else(String::new, |n| format!(" CONSTRAINT {}", ident(n)));
    let mut step = step(
        Phase::Alter,
        table.to_string(),
        format!(
            "ALTER TABLE {} ADD{name} CHECK ({}){}",
            object_name(table),
            check.expr,
            if check.enforced { "" } else { " NOT ENFORCED" }
        ),
    );
    risk::CHECKS_ROWS.on(&mut step);
    // A condition over a column that is not there yet can't be asked beforehand.
    let touches_new = change.items.iter().any(|item| {
        matches!(
            item,
            TableItem::AddColumn(_) | TableItem::RenameColumn { .. }
        )
    });
    if check.enforced && !touches_new && !scene.says_new_word(&check.expr.text) {
        let mut precheck = scene
            .before(change)
            .violations(check.name_str(), &check.expr.text);
        precheck.origin = check.origin.clone();
        step.prechecks.push(precheck);
    }
    step.origin = check.origin.clone();
    step
}

/// The name of a primary key's constraint: its own, or what the server gives.
fn key_name(table: &ObjectName, key: &PrimaryKey) -> String {
    key.name.as_ref().map_or_else(
        || {
            ident(&render::live_ident(&format!(
                "{}_pkey",
                catalog_name(&table.name)
            )))
        },
        ident,
    )
}

fn drop_primary_key(table: &ObjectName, key: &PrimaryKey) -> Step {
    let mut step = step(
        Phase::Alter,
        table.to_string(),
        format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            object_name(table),
            key_name(table, key)
        ),
    );
    step.undo = vec![format!(
        "ALTER TABLE {} ADD PRIMARY KEY ({}){}",
        object_name(table),
        render::index_parts(&key.parts),
        render::lateness(key.deferrable, key.initially_deferred)
    )];
    step
}

fn add_primary_key(
    key: &PrimaryKey,
    change: &TableChange,
    table: &ObjectName,
    scene: &Scene<'_>,
) -> Step {
    let mut step = step(
        Phase::Alter,
        table.to_string(),
        format!(
            "ALTER TABLE {} ADD{} PRIMARY KEY ({}){}",
            object_name(table),
            render::own_key_name(table, key),
            render::index_parts(&key.parts),
            render::lateness(key.deferrable, key.initially_deferred)
        ),
    );
    risk::BUILDS_KEY.on(&mut step);
    let columns: Vec<_> = key.columns().cloned().collect();
    let before = scene.before(change);
    for column in &columns {
        let live = change
            .is
            .columns
            .iter()
            .find(|c| Scene::same_column(&c.name, column));
        if let Some(name) = Scene::column_before(change, column)
            && live.is_none_or(|c| c.nullable)
        {
            step.prechecks.push(before.nulls(&name));
        }
    }
    step.prechecks
        .extend(unique_precheck(&columns, change, scene, true, None));
    step.origin = key.origin.clone();
    step
}

/// True when present rows get NULL for a new column.
fn has_no_value(column: &Column) -> bool {
    let default = column.default.as_ref();
    default.is_none_or(|default| crate::defaults::is_null(default.as_str()))
}

/// Whether values stand more than once, as far as it can be asked beforehand.
fn unique_precheck(
    columns: &[realign_model::Ident],
    change: &TableChange,
    scene: &Scene<'_>,
    nulls_alike: bool,
    predicate: Option<&str>,
) -> Option<Precheck> {
    if predicate.is_some_and(|predicate| scene.says_new_word(predicate)) {
        return None;
    }
    let mut present = Vec::new();
    for column in columns {
        if let Some(added) = Scene::added(change, column) {
            // Each row gets a value of its own, or none.
            let distinct =
                risk::fills_rows(added) || (added.nullable && has_no_value(added) && !nulls_alike);
            if distinct {
                return None;
            }
            continue;
        }
        present.push(ident(&Scene::column_before(change, column)?));
    }
    let named: Vec<&str> = columns.iter().map(realign_model::Ident::as_str).collect();
    let new = predicate.map_or_else(Vec::new, |predicate| unborn(predicate, change));
    let before = scene.before(change);
    Some(before.duplicates(&present, &named.join(", "), nulls_alike, predicate, &new))
}

/// The columns of a condition that are not there yet under the name that it has for them, each
/// with what present rows will have in it.
fn unborn(predicate: &str, change: &TableChange) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for item in &change.items {
        let (name, value) = match item {
            TableItem::AddColumn(column) => {
                let value = column.default.as_ref();
                let value = value.map_or_else(|| "NULL".to_owned(), ToString::to_string);
                let data_type = crate::types::render(&column.data_type);
                (&column.name, format!("CAST({value} AS {data_type})"))
            }
            TableItem::RenameColumn { from, to } => (to, ident(from)),
            _ => continue,
        };
        if crate::interpret::mentions(predicate, &catalog_name(name)) {
            found.push((ident(name), value));
        }
    }
    found
}

fn add_index(index: &Index, change: &TableChange, table: &ObjectName, scene: &Scene<'_>) -> Step {
    let statements = crate::create::make_index(table, index);
    let mut step = Step::new(
        Phase::Alter,
        table.to_string(),
        statements.into_iter().map(Statement::new).collect(),
    );
    risk::BUILDS_INDEX.on(&mut step);
    let plain = index.parts.iter().all(|part| part.as_column().is_some());
    if index.unique && plain {
        let columns: Vec<_> = index.columns().cloned().collect();
        let precheck = unique_precheck(
            &columns,
            change,
            scene,
            index.nulls_not_distinct,
            index.predicate.as_ref().map(|p| p.text.as_str()),
        );
        step.prechecks.extend(precheck.map(|mut precheck| {
            precheck.origin = index.origin.clone();
            precheck
        }));
    }
    if let Some(name) = &index.name {
        step.undo = vec![format!("DROP INDEX {}", beside(table, name))];
    }
    step.origin = index.origin.clone();
    step
}

pub(super) fn drop_index(index: &Index, table: &ObjectName) -> Step {
    let name = index.name.clone().unwrap_or_else(|| "".into());
    let sql = if index.constraint {
        format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            object_name(table),
            ident(&name)
        )
    } else {
        format!("DROP INDEX {}", beside(table, &name))
    };
    let mut step = step(Phase::DropFirst, table.to_string(), sql);
    step.undo = vec![render::make_index(table, index)];
    step
}

/// True when nothing but the letter case of the name is wrong.
fn differs_in_name_only(is: &Index, wish: &Index, change: &TableChange, scene: &Scene<'_>) -> bool {
    use realign_planner::Compare;
    let mut unknown = Vec::new();
    let differences = crate::compare::COMPARE.index(
        is,
        wish,
        (&change.is, &change.target),
        scene.facts,
        &mut unknown,
    );
    differences.iter().all(|d| d.aspect == Aspect::Name)
}

/// True when the index is the declared one, but for how it is kept.
fn is_kept_otherwise_only(
    is: &Index,
    wish: &Index,
    change: &TableChange,
    scene: &Scene<'_>,
) -> bool {
    use realign_planner::Compare;
    let mut alike = is.clone();
    alike.storage.clone_from(&wish.storage);
    alike.comment.clone_from(&wish.comment);
    let tables = (&change.is, &change.target);
    let compare = &crate::compare::COMPARE;
    let same = compare.index(&alike, wish, tables, scene.facts, &mut Vec::new());
    let kept = !keeping::same_storage(is, wish) || is.comment != wish.comment;
    kept && is.name == wish.name && same.is_empty()
}

/// Lets an index be kept as it is declared.
fn keep_index(is: &Index, wish: &Index, table: &ObjectName) -> Option<Step> {
    let statements = keeping::change_index(table, is, wish);
    let mut undo = keeping::change_index(table, wish, is);
    undo.reverse();
    let statements: Vec<_> = statements.into_iter().map(Statement::new).collect();
    if statements.is_empty() {
        return None;
    }
    let mut step = Step::new(Phase::Alter, table.to_string(), statements);
    step.undo = undo;
    step.origin = wish.origin.clone();
    Some(step)
}

/// Comment and storage of the table itself.
fn options(
    differences: &[AspectDifference],
    change: &TableChange,
    table: &ObjectName,
) -> Vec<Step> {
    let mut statements = Vec::new();
    let mut rewrites = false;
    for difference in differences {
        match difference.aspect {
            Aspect::Comment => statements.push(render::comment_on_table(
                table,
                change.target.comment.as_deref(),
            )),
            Aspect::Options => {
                if let TableOptions::Postgres(wish) = &change.target.options {
                    let was_unlogged =
                        matches!(&change.is.options, TableOptions::Postgres(o) if o.unlogged);
                    if wish.unlogged != was_unlogged {
                        rewrites = true;
                        statements.push(format!(
                            "ALTER TABLE {} SET {}",
                            object_name(table),
                            if wish.unlogged { "UNLOGGED" } else { "LOGGED" }
                        ));
                    } else if !wish.storage.is_empty()
                        && !matches!(&change.is.options, TableOptions::Postgres(o) if o.storage == wish.storage)
                    {
                        statements.push(format!(
                            "ALTER TABLE {} SET ({})",
                            object_name(table),
                            wish.storage.join(", ")
                        ));
                    }
                    let unsaid = keeping::missing(&change.is, &change.target);
                    statements.extend(keeping::statements(table, unsaid));
                }
            }
            _ => {}
        }
    }
    if statements.is_empty() {
        return Vec::new();
    }
    statements.dedup();
    let mut step = Step::new(
        Phase::Alter,
        table.to_string(),
        statements.into_iter().map(Statement::new).collect(),
    );
    if rewrites {
        risk::REWRITES.on(&mut step);
    }
    step.origin = change.target.origin.clone();
    vec![step]
}
