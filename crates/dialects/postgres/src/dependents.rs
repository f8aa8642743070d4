//! Views and triggers that stand in the way: taken down before, put up again afterwards.
//!
//! The server refuses to change the type of a column that a view reads. Which views those are
//! is read from their own text, which the server prints with every table and column named: a
//! view that only shares two names is taken down for nothing, none is missed.

use std::collections::HashSet;

use realign_model::{Database, ObjectName, Trigger, View};
use realign_planner::{Aspect, Change, Lowering, Phase, Risk, Statement, Step, TableItem};

use crate::lexer::{TokenKind, tokens};
use crate::render::{ident, object_name};
use crate::risk;

/// The statements that have to follow the making of a view: owner, rights, comment, indexes.
pub(crate) fn follow_ups(view: &View) -> Vec<String> {
    view.options
        .iter()
        .filter(|option| {
            ["ALTER ", "GRANT ", "COMMENT ", "CREATE "]
                .iter()
                .any(|word| option.starts_with(word))
        })
        .cloned()
        .collect()
}

fn kind(view: &View) -> &'static str {
    if view.materialized {
        "MATERIALIZED VIEW"
    } else {
        "VIEW"
    }
}

/// CREATE VIEW with its options.
fn create_sql(view: &View) -> String {
    let columns = if view.columns.is_empty() {
        String::new()
    } else {
        format!(" ({})", crate::render::idents(&view.columns))
    };
    let with = view
        .options
        .iter()
        .find(|option| option.starts_with("WITH ("))
        .map_or_else(String::new, |option| format!(" {option}"));
    let unfilled = if view.options.iter().any(|o| o == "WITH NO DATA") {
        " WITH NO DATA"
    } else {
        ""
    };
    format!(
        "CREATE {} {}{columns}{with} AS {}{unfilled}",
        kind(view),
        object_name(&view.name),
        view.query.text.trim().trim_end_matches(';')
    )
}

/// Makes a view, with all that belongs to it.
pub(crate) fn create_view(view: &View) -> Step {
    let mut statements = vec![Statement::new(create_sql(view))];
    statements.extend(follow_ups(view).into_iter().map(Statement::new));
    let mut step = Step::new(Phase::CreateDependents, view.name.to_string(), statements);
    if view.materialized {
        risk::REFILLS.on(&mut step);
    }
    step.undo = vec![format!("DROP {} {}", kind(view), object_name(&view.name))];
    step.origin = view.origin.clone();
    step
}

/// Takes a view away. It goes before everything it could read.
pub(crate) fn drop_view(view: &View, phase: Phase) -> Step {
    let mut step = Step::new(
        Phase::DropDependents,
        view.name.to_string(),
        vec![Statement::new(format!(
            "DROP {} {}",
            kind(view),
            object_name(&view.name)
        ))],
    );
    if phase == Phase::Drop {
        step.raise(
            Risk::Breaking,
            "R112",
            "code that reads the view fails from then on",
        );
    }
    step.undo = std::iter::once(create_sql(view))
        .chain(follow_ups(view))
        .collect();
    step
}

/// Makes a trigger.
pub(crate) fn create_trigger(trigger: &Trigger, phase: Phase) -> Step {
    let mut step = Step::new(
        phase,
        trigger.table.to_string(),
        vec![Statement::new(
            trigger.source_text.text.trim().trim_end_matches(';'),
        )],
    );
    step.undo = vec![drop_trigger_sql(trigger)];
    step
}

fn drop_trigger_sql(trigger: &Trigger) -> String {
    format!(
        "DROP TRIGGER {} ON {}",
        ident(&trigger.name.name),
        object_name(&trigger.table)
    )
}

/// Takes a trigger away.
pub(crate) fn drop_trigger(trigger: &Trigger, phase: Phase) -> Step {
    let mut step = Step::new(
        phase,
        trigger.table.to_string(),
        vec![Statement::new(drop_trigger_sql(trigger))],
    );
    step.undo = vec![trigger.source_text.text.clone()];
    step
}

/// Views in the order in which each can be made: what it reads is there.
pub(crate) fn in_order(views: Vec<&View>) -> Vec<&View> {
    let words: Vec<HashSet<String>> = views.iter().map(|v| names_in(&v.query.text)).collect();
    let mut done = vec![false; views.len()];
    let mut ordered = Vec::with_capacity(views.len());
    loop {
        let next = (0..views.len()).find(|at| {
            !done[*at]
                && (0..views.len()).all(|other| {
                    other == *at
                        || done[other]
                        || !words[*at].contains(&views[other].name.name.text)
                })
        });
        // Views can't read one another in a ring; names that only look so are taken as given.
        let Some(at) = next.or_else(|| done.iter().position(|d| !d)) else {
            return ordered;
        };
        done[at] = true;
        ordered.push(views[at]);
    }
}

/// Every name in a text, and `*` for a whole row.
fn names_in(text: &str) -> HashSet<String> {
    tokens(text)
        .into_iter()
        .filter(|token| {
            matches!(token.kind, TokenKind::Word | TokenKind::Quoted) || token.text == "*"
        })
        .map(|token| token.text)
        .collect()
}

/// Adds what has to happen to views and triggers around the changes of columns.
pub(crate) fn around(changes: &[Change], lowering: &Lowering<'_>, steps: &mut Vec<Step>) {
    let touched = touched_columns(changes);
    if touched.is_empty() {
        return;
    }
    let own: HashSet<String> = changes
        .iter()
        .filter_map(|change| match change {
            Change::DropView(view) | Change::ReplaceView { is: view, .. } => {
                Some(view.name.to_string())
            }
            _ => None,
        })
        .collect();
    let is_own = |view: &View| own.contains(&view.name.to_string());
    let views = in_order(readers(lowering.is, &touched));
    for view in views.iter().rev().filter(|view| !is_own(view)) {
        steps.push(drop_view(view, Phase::DropDependents));
    }
    for view in views.iter().filter(|view| !is_own(view)) {
        let mut step = create_view(view);
        "stood in the way, and is made again".clone_into(&mut step.title);
        step.undo.clear();
        steps.push(step);
    }
    for trigger in &lowering.is.triggers {
        let words = names_in(&trigger.source_text.text);
        let on_view = views.iter().any(|view| view.name == trigger.table);
        let reads = touched
            .iter()
            .any(|(table, column)| *table == trigger.table && words.contains(column));
        if reads {
            steps.push(drop_trigger(trigger, Phase::DropDependents));
        }
        if reads || on_view {
            let mut step = create_trigger(trigger, Phase::CreateDependents);
            "stood in the way, and is made again".clone_into(&mut step.title);
            steps.push(step);
        }
    }
}

/// Columns of which the server asks that nobody reads them while they change, with their names
/// of before.
fn touched_columns(changes: &[Change]) -> Vec<(ObjectName, String)> {
    let mut found = Vec::new();
    for change in changes {
        let Change::AlterTable(change) = change else {
            continue;
        };
        let table = changes
            .iter()
            .find_map(|other| match other {
                Change::RenameTable { from, to } if *to == change.is.name => Some(from.clone()),
                _ => None,
            })
            .unwrap_or_else(|| change.is.name.clone());
        for item in &change.items {
            let TableItem::ModifyColumn {
                is, differences, ..
            } = item
            else {
                continue;
            };
            let stands = differences.iter().any(|d| {
                matches!(
                    d.aspect,
                    Aspect::Type | Aspect::Collation | Aspect::Generated
                )
            });
            if !stands {
                continue;
            }
            let before = change.items.iter().find_map(|item| match item {
                TableItem::RenameColumn { from, to } if to.text == is.name.text => {
                    Some(from.text.clone())
                }
                _ => None,
            });
            found.push((
                table.clone(),
                before.unwrap_or_else(|| is.name.text.clone()),
            ));
        }
    }
    found
}

/// Views that read one of these columns, and views that read those.
fn readers<'a>(is: &'a Database, touched: &[(ObjectName, String)]) -> Vec<&'a View> {
    let words: Vec<(&View, HashSet<String>)> = is
        .views
        .iter()
        .map(|view| (view, names_in(&view.query.text)))
        .collect();
    let mut found: Vec<&View> = Vec::new();
    loop {
        let more: Vec<&View> = words
            .iter()
            .filter(|(view, names)| {
                !found.iter().any(|f| f.name == view.name)
                    && (touched.iter().any(|(table, column)| {
                        names.contains(&table.name.text)
                            && (names.contains(column) || names.contains("*"))
                    }) || found.iter().any(|f| names.contains(&f.name.name.text)))
            })
            .map(|(view, _)| *view)
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use realign_model::{Database, Expr, ObjectName, View};

    use super::{create_sql, in_order, readers};

    fn view(name: &str, query: &str) -> View {
        View {
            name: ObjectName::bare(name),
            query: Expr::new(query),
            columns: Vec::new(),
            materialized: false,
            options: Vec::new(),
            source_text: None,
            origin: realign_model::Origin::None,
        }
    }

    #[test]
    fn readers_of_readers_come_along_and_in_order() {
        let is = Database {
            views: vec![
                view("a_top", "SELECT b_mid.n FROM b_mid"),
                view("b_mid", "SELECT cust.name AS n FROM cust"),
                view("other", "SELECT cust.id FROM cust"),
            ],
            ..Database::default()
        };
        let touched = [(ObjectName::bare("cust"), "name".to_owned())];
        let found: Vec<String> = in_order(readers(&is, &touched))
            .iter()
            .map(|v| v.name.to_string())
            .collect();
        assert_eq!(found, ["b_mid", "a_top"]);
    }

    #[test]
    fn a_stored_view_keeps_its_state() {
        let mut stored = view("m", "SELECT 1;");
        stored.materialized = true;
        stored.options = vec!["WITH NO DATA".to_owned()];
        assert_eq!(
            create_sql(&stored),
            "CREATE MATERIALIZED VIEW m AS SELECT 1 WITH NO DATA"
        );
    }
}
