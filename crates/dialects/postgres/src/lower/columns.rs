//! Columns that come, go and change.

use realign_model::{Column, DataType, Expr, Ident, Identity, ObjectName};
use realign_planner::{
    Aspect, AspectDifference, Loss, Phase, Precheck, Statement, Step, TableChange, TableItem,
};

use super::convert::{self, Kind};
use super::counting;
use super::scene::Scene;
use super::step;
use crate::render::{self, ident, object_name};
use crate::{facts, risk, types};

/// A new column. Rows that are there get the zero of its type when it may not be NULL and has no
/// default: the server wants some value, and afterwards the column has no default all the same.
pub(super) fn add(
    column: &Column,
    change: &TableChange,
    table: &ObjectName,
    scene: &Scene<'_>,
) -> Step {
    let name = object_name(table);
    let mut step = Step::new(Phase::Alter, table.to_string(), Vec::new());
    let required = risk::is_required(column) && column.definition.is_none();
    let zero = zero(column).filter(|_| required && !is_tied(column, change));
    match zero {
        Some(zero) => {
            let filled = Column {
                default: Some(Expr::new(zero)),
                ..column.clone()
            };
            step.statements.push(Statement::new(format!(
                "ALTER TABLE {name} ADD {}",
                render::column(&filled, &change.target, scene.facts)
            )));
            step.statements.push(Statement::new(format!(
                "ALTER TABLE {name} ALTER {} DROP DEFAULT",
                ident(&column.name)
            )));
            "present rows get the zero of the type, since the column is NOT NULL without a default"
                .clone_into(&mut step.title);
        }
        None => step.statements.push(Statement::new(format!(
            "ALTER TABLE {name} ADD {}",
            render::column(column, &change.target, scene.facts)
        ))),
    }
    if risk::is_required(column) {
        risk::REQUIRED_COLUMN.on(&mut step);
        if zero.is_none() {
            let mut precheck = scene.before(change).no_value(&column.name);
            precheck.origin = column.origin.clone();
            step.prechecks.push(precheck);
        }
    }
    if risk::fills_rows(column) {
        risk::REWRITES.on(&mut step);
    }
    if column.stored_comment().is_some() {
        step.statements
            .push(Statement::new(render::comment_on_column(table, column)));
    }
    step.undo = vec![format!("ALTER TABLE {name} DROP {}", ident(&column.name))];
    step.origin = column.origin.clone();
    step
}

/// The value that stands for nothing in a type; none where no value does.
fn zero(column: &Column) -> Option<&'static str> {
    match convert::kind(&column.data_type) {
        Kind::Int | Kind::Decimal | Kind::Float => Some("0"),
        Kind::Text => Some("''"),
        Kind::Bool => Some("false"),
        Kind::Bytes
        | Kind::Date
        | Kind::Time
        | Kind::Moment
        | Kind::Json
        | Kind::Uuid
        | Kind::Other => None,
    }
}

/// True for a column of a new foreign key: its zero would refer to nothing.
fn is_tied(column: &Column, change: &TableChange) -> bool {
    change.items.iter().any(|item| match item {
        TableItem::AddForeignKey(key) | TableItem::ReplaceForeignKey { wish: key, .. } => key
            .columns
            .iter()
            .any(|c| Scene::same_column(c, &column.name)),
        _ => false,
    })
}

/// A column that goes, with its values.
pub(super) fn drop(
    column: &Column,
    change: &TableChange,
    table: &ObjectName,
    scene: &Scene<'_>,
) -> Step {
    let mut step = step(
        Phase::Alter,
        table.to_string(),
        format!(
            "ALTER TABLE {} DROP {}",
            object_name(table),
            ident(&column.name)
        ),
    );
    risk::LOSES.on(&mut step);
    let before = scene.before(change);
    step.losses.push(Loss {
        object: format!("column {}.{}", table, column.name),
        count_sql: format!(
            "SELECT count({}) FROM {}",
            ident(&column.name),
            object_name(&before.table)
        ),
        unit: "values".to_owned(),
    });
    if !scene.is.views.is_empty() {
        step.prechecks
            .push(before.views_on(Some(&column.name), &scene.dropped_views));
    }
    let policies = scene.is.opaque.iter().filter(|o| o.kind == "policy");
    if policies.count() > 0 {
        step.prechecks.push(before.policies_on(&column.name));
    }
    step
}

/// A new name for a column.
pub(super) fn rename(table: &ObjectName, from: &Ident, to: &Ident) -> Step {
    let words = |from: &Ident, to: &Ident| {
        format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            object_name(table),
            ident(from),
            ident(to)
        )
    };
    let mut step = step(Phase::Rename, table.to_string(), words(from, to));
    risk::RENAMES.on(&mut step);
    step.undo = vec![words(to, from)];
    step
}

/// Everything that changes in one column, each as a statement of its own: type, default, NULL,
/// identity, comment.
pub(super) fn modify(
    (is, wish): (&Column, &Column),
    differences: &[AspectDifference],
    change: &TableChange,
    table: &ObjectName,
    scene: &Scene<'_>,
    steps: &mut Vec<Step>,
) {
    let has = |aspect: Aspect| differences.iter().any(|d| d.aspect == aspect);
    if has(Aspect::Name) {
        steps.push(rename(table, &is.name, &wish.name));
    }
    let start = format!(
        "ALTER TABLE {} ALTER {}",
        object_name(table),
        ident(&wish.name)
    );
    let mut step = Step::new(Phase::Alter, table.to_string(), Vec::new());
    step.origin = wish.origin.clone();
    let mut undo = Vec::new();
    if has(Aspect::Generated) && remake((is, wish), table, scene, change, &mut step) {
        steps.push(step);
        return;
    }
    // It stops before the type changes: another type can't be counted, nor take the default.
    let stops = has(Aspect::Identity) && wish.identity.is_none();
    if stops {
        counting::set_identity((is, wish), &start, &mut step, table, scene);
    }
    if has(Aspect::Type) || has(Aspect::Collation) {
        set_type((is, wish), &start, &mut step, change, scene, table);
        undo.push(format!(
            "{start} TYPE {}{}",
            types::render(&is.data_type),
            collate(is)
        ));
    }
    let converted = has(Aspect::Type) && drops_default(is, wish, scene);
    if has(Aspect::Default) || ((converted || stops) && wish.default.is_some()) {
        step.statements
            .push(Statement::new(set_default(&start, wish)));
        undo.push(set_default(&start, is));
    }
    if has(Aspect::Nullability) {
        // The comparison has already read a key's column as NOT NULL.
        let to_null = !is.nullable;
        let words =
            |to_null: bool| format!("{start} {} NOT NULL", if to_null { "DROP" } else { "SET" });
        step.statements.push(Statement::new(words(to_null)));
        undo.push(words(!to_null));
        if !to_null {
            risk::SCANS_FOR_NULLS.on(&mut step);
            if let Some(name) = Scene::column_before(change, &wish.name) {
                let mut precheck = scene.before(change).nulls(&name);
                precheck.origin = wish.origin.clone();
                step.prechecks.push(precheck);
            }
        }
    }
    if has(Aspect::Identity) && !stops {
        counting::set_identity((is, wish), &start, &mut step, table, scene);
    }
    if has(Aspect::Comment) || has(Aspect::TypeMark) {
        step.statements
            .push(Statement::new(render::comment_on_column(table, wish)));
        undo.push(render::comment_on_column(table, is));
    }
    if !step.statements.is_empty() {
        undo.reverse();
        step.undo = undo;
        steps.push(step);
    }
}

fn collate(column: &Column) -> String {
    column.collation.as_ref().map_or_else(String::new, |c| {
        format!(" COLLATE {}", render::quote_ident(c))
    })
}

/// True when the present default would stand in the way of the new type.
fn drops_default(is: &Column, wish: &Column, scene: &Scene<'_>) -> bool {
    let natives = matches!(
        (&is.data_type, &wish.data_type),
        (DataType::Native(a), DataType::Native(b)) if a != b
    );
    let (from, to) = bases(is, wish, scene);
    is.default.is_some() && (natives || convert::kind(&from) != convert::kind(&to))
}

/// The types of a column before and after, without the domains around them: a domain converts
/// as its base does.
fn bases(is: &Column, wish: &Column, scene: &Scene<'_>) -> (DataType, DataType) {
    (
        Scene::base(&is.data_type, scene.is),
        Scene::base(&wish.data_type, scene.wish),
    )
}

/// What a domain asks of the values that shall become its own.
fn asked_by_domain(
    name: &Ident,
    (is, wish): (&Column, &Column),
    change: &TableChange,
    scene: &Scene<'_>,
) -> Vec<Precheck> {
    let (from, to) = bases(is, wish, scene);
    let mut found = Vec::new();
    let Some(domain) = Scene::domain(&wish.data_type, scene.wish) else {
        return found;
    };
    // A value that is no such one yet can't be asked.
    if !convert::comparable(&from, &to) {
        return found;
    }
    let before = scene.before(change);
    if !domain.nullable && is.nullable {
        found.push(before.nulls(name));
    }
    for (check, expr) in &domain.checks {
        let condition = crate::interpret::replace_word(expr.as_str(), "value", name);
        let title = check
            .as_ref()
            .map_or(domain.name.name.as_str(), Ident::as_str);
        found.push(before.violations(title, &condition));
    }
    found
}

fn set_default(start: &str, column: &Column) -> String {
    match &column.default {
        Some(default) => format!("{start} SET DEFAULT {default}"),
        None => format!("{start} DROP DEFAULT"),
    }
}

fn set_type(
    (is, wish): (&Column, &Column),
    start: &str,
    step: &mut Step,
    change: &TableChange,
    scene: &Scene<'_>,
    table: &ObjectName,
) {
    if drops_default(is, wish, scene) {
        step.statements
            .push(Statement::new(format!("{start} DROP DEFAULT")));
    }
    let (is_base, wish_base) = bases(is, wish, scene);
    let using = convert::using(&is_base, &wish_base, &wish.name)
        .map_or_else(String::new, |expr| format!(" USING ({expr})"));
    step.statements.push(Statement::new(format!(
        "{start} TYPE {}{}{using}",
        types::render(&wish.data_type),
        collate(wish)
    )));
    let (from, to) = (types::normal(&is.data_type), types::normal(&wish.data_type));
    if !risk::keeps_rows(&from, &to) {
        risk::REWRITES.on(step);
    }
    if let Some(name) = Scene::column_before(change, &wish.name) {
        let before = scene.before(change);
        let mut found = convert::prechecks(&is_base, &wish_base, &name, &before, scene.facts);
        found.extend(asked_by_domain(&name, (is, wish), change, scene));
        step.prechecks.extend(found.into_iter().map(|mut precheck| {
            precheck.origin = wish.origin.clone();
            precheck
        }));
    }
    // The server widens the sequence of an identity by itself, and not that of a serial.
    if is.identity == Some(Identity::Serial) && from.is_integer() && to.is_integer() && from != to {
        let owner = scene.was(table);
        let sequence = scene.is.sequences.iter().find(|sequence| {
            sequence
                .owned_by
                .as_ref()
                .is_some_and(|(t, c)| *t == owner && Scene::same_column(c, &is.name))
        });
        // One that is declared by itself is changed by itself.
        let declared = |name: &ObjectName| {
            let mut sequences = scene.wish.sequences.iter();
            sequences.any(|s| s.name == *name && s.data_type.is_some())
        };
        if let Some(sequence) =
            sequence.filter(|s| s.data_type.as_ref() != Some(&to) && !declared(&s.name))
        {
            step.statements.push(Statement::new(format!(
                "ALTER SEQUENCE {} AS {}",
                object_name(&sequence.name),
                types::render(&wish.data_type)
            )));
        }
    }
}

/// A generated column: true when the step is complete with it.
fn remake(
    (is, wish): (&Column, &Column),
    table: &ObjectName,
    scene: &Scene<'_>,
    change: &TableChange,
    step: &mut Step,
) -> bool {
    let name = object_name(table);
    let column = ident(&wish.name);
    match (&is.generated, &wish.generated) {
        (Some(live), None) if live.kind == realign_model::GeneratedKind::Stored => {
            // The values stay, as those of a plain column.
            step.statements.push(Statement::new(format!(
                "ALTER TABLE {name} ALTER {column} DROP EXPRESSION"
            )));
            false
        }
        (Some(live), Some(wanted)) if facts::since(scene.facts, 17) && live.kind == wanted.kind => {
            step.statements.push(Statement::new(format!(
                "ALTER TABLE {name} ALTER {column} SET EXPRESSION AS ({})",
                wanted.expr
            )));
            risk::REWRITES.on(step);
            false
        }
        (live, _) => {
            step.statements
                .push(Statement::new(format!("ALTER TABLE {name} DROP {column}")));
            step.statements.push(Statement::new(format!(
                "ALTER TABLE {name} ADD {}",
                render::column(wish, &change.target, scene.facts)
            )));
            risk::REWRITES.on(step);
            if wish.stored_comment().is_some() {
                step.statements
                    .push(Statement::new(render::comment_on_column(table, wish)));
            }
            if live.is_none() {
                risk::LOSES.on(step);
                let before = scene.before(change);
                step.losses.push(Loss {
                    object: format!("column {}.{}", table, is.name),
                    count_sql: format!(
                        "SELECT count({}) FROM {}",
                        ident(&is.name),
                        object_name(&before.table)
                    ),
                    unit: "values".to_owned(),
                });
            }
            true
        }
    }
}
