//! Options of a table that changes: engine, collation, row format, comment, partitions.

use realign_model::{Column, DataType, TextSize};
use realign_planner::{Aspect, Facts, Phase, Risk, Statement, Step, TableChange, TableItem};

use super::one;
use super::scene::Scene;
use crate::assemble::charset_of;
use crate::compare::mysql_options;
use crate::facts::is_mariadb;
use crate::render::{self, ident, object_name, string_literal};
use crate::{prechecks, risk};

pub(super) fn steps(change: &TableChange, scene: &Scene<'_>) -> Vec<Step> {
    let Some(differences) = change.items.iter().find_map(|item| match item {
        TableItem::SetOptions(differences) => Some(differences),
        _ => None,
    }) else {
        return Vec::new();
    };
    let facts = scene.facts;
    let table = object_name(&change.target.name, facts);
    let (Some(wish), Some(is)) = (mysql_options(&change.target), mysql_options(&change.is)) else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    for difference in differences {
        let mut step = one(Phase::Alter, &change.target.name.to_string(), String::new());
        step.origin = change.target.origin.clone();
        let (sql, undo) = match difference.aspect {
            Aspect::Engine => {
                let (Some(new), Some(old)) = (&wish.engine, &is.engine) else {
                    continue;
                };
                risk::rewrite(&mut step, &change.target.name, scene, "a new engine");
                (format!("ENGINE = {new}"), Some(format!("ENGINE = {old}")))
            }
            Aspect::Collation => {
                let Some(clause) = convert(wish.charset.as_deref(), wish.collation.as_deref())
                else {
                    continue;
                };
                risk::rewrite(
                    &mut step,
                    &change.target.name,
                    scene,
                    "another character set or collation",
                );
                step.prechecks
                    .extend(prechecks::converted_table(change, scene));
                let mut clauses = vec![clause];
                clauses.extend(kept_columns(change, scene, |wish| !has_own_collation(wish)));
                let own = kept_columns(change, scene, has_own_collation);
                if !own.is_empty() {
                    // In one statement the conversion would win.
                    step.statements.push(Statement::new(format!(
                        "ALTER TABLE {table} {}",
                        own.join(", ")
                    )));
                }
                (clauses.join(", "), None)
            }
            Aspect::Options if difference.declared.written.starts_with("ROW_FORMAT") => {
                risk::row_format(&mut step, change, scene);
                (
                    difference.declared.written.clone(),
                    Some(difference.database.written.clone()),
                )
            }
            Aspect::Options => (difference.declared.written.clone(), None),
            Aspect::Comment => {
                let text = |comment: Option<&str>| {
                    format!("COMMENT = {}", string_literal(comment.unwrap_or_default()))
                };
                (
                    text(change.target.comment.as_deref()),
                    Some(text(change.is.comment.as_deref())),
                )
            }
            Aspect::Partitioning => {
                risk::rewrite(&mut step, &change.target.name, scene, "partitions");
                let clause = change
                    .target
                    .partitioning
                    .as_ref()
                    .map(|p| p.clause.text.clone())
                    .or_else(|| wish.partition.clone());
                match clause {
                    Some(clause) => (clause, Some("REMOVE PARTITIONING".to_owned())),
                    None => ("REMOVE PARTITIONING".to_owned(), None),
                }
            }
            _ => continue,
        };
        step.statements[0].sql = format!("ALTER TABLE {table} {sql}");
        step.undo = undo
            .map(|undo| format!("ALTER TABLE {table} {undo}"))
            .into_iter()
            .collect();
        step.raise(Risk::Safe, risk::ONLINE, "the table's own options change");
        step.reasons
            .retain(|reason| reason.code != risk::ONLINE || step.risk == Risk::Safe);
        steps.push(step);
    }
    steps
}

/// The clause that brings a table and its columns to a character set and collation.
fn convert(charset: Option<&str>, collation: Option<&str>) -> Option<String> {
    let charset = charset
        .map(str::to_owned)
        .or_else(|| collation.map(charset_of))?;
    Some(match collation {
        Some(collation) => format!("CONVERT TO CHARACTER SET {charset} COLLATE {collation}"),
        None => format!("CONVERT TO CHARACTER SET {charset}"),
    })
}

/// Columns that a conversion would change in more than was asked for: a text gets the next
/// larger type when its characters may need more bytes, and a collation of its own goes.
fn kept_columns(
    change: &TableChange,
    scene: &Scene<'_>,
    which: impl Fn(&Column) -> bool,
) -> Vec<String> {
    let touched: Vec<String> = change
        .items
        .iter()
        .filter_map(|item| match item {
            TableItem::ModifyColumn { wish, .. } => Some(wish.name.text.to_lowercase()),
            TableItem::RenameColumn { to, .. } => Some(to.text.to_lowercase()),
            _ => None,
        })
        .collect();
    let mut clauses = Vec::new();
    for column in &change.is.columns {
        let key = column.name.text.to_lowercase();
        let Some(wish) = change.target.column_ignoring_case(&column.name.text) else {
            continue;
        };
        let keeps = has_own_collation(wish) || may_be_widened(wish);
        if touched.contains(&key)
            || !converts(&column.data_type, scene.facts)
            || !keeps
            || !which(wish)
        {
            continue;
        }
        clauses.push(format!(
            "CHANGE {} {}",
            ident(&column.name, scene.facts),
            render::column(wish, &change.target, scene.facts)
        ));
    }
    clauses
}

/// MariaDB keeps JSON as text, which is converted as well.
fn converts(data_type: &DataType, facts: &Facts) -> bool {
    data_type.is_text() || (is_mariadb(facts) && matches!(data_type, DataType::Json { .. }))
}

/// JSON has one that nobody declares.
fn has_own_collation(wish: &Column) -> bool {
    wish.collation.is_some()
        || wish.charset.is_some()
        || matches!(wish.data_type, DataType::Json { .. })
}

fn may_be_widened(wish: &Column) -> bool {
    matches!(
        wish.data_type,
        DataType::Text {
            size: TextSize::Tiny | TextSize::Normal | TextSize::Medium
        }
    )
}
