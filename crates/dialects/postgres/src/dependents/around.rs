//! What stands in the way of a change and comes back afterwards: views, triggers, policies, rules
//! and routines.
//!
//! The server refuses to change the type of a column that one of them reads. Which those are is
//! read from their own text, which the server prints with every table and column named: one that
//! only shares two names is taken down for nothing, none is missed.

use std::collections::HashSet;

use realign_model::{DataType, Database, ObjectName, Routine, View};
use realign_planner::{Aspect, Change, Lowering, Object, Phase, Statement, Step, TableItem};

use super::{callers, create_trigger, create_view, drop_trigger, drop_view, in_order, names_in};
use crate::create;
use crate::lower::step;
use crate::objects;
use crate::parse::RoutineText;
use crate::render::live_object;

/// Adds what has to happen to them around the changes.
pub(crate) fn around(changes: &[Change], lowering: &Lowering<'_>, steps: &mut Vec<Step>) {
    let way = InTheWay::of(changes, lowering, steps);
    if way.is_empty() {
        return;
    }
    let routines: Vec<&Routine> = way.routines(lowering.is);
    for routine in &routines {
        steps.extend(take_down(routine, lowering));
        steps.push(put_up(routine));
    }
    let called = routines.iter().map(|r| r.name.name.text.clone());
    let called: Vec<String> = called.chain(way.called.iter().cloned()).collect();
    callers::stand_aside(&called, changes, lowering, steps);
    let views = in_order(way.views(lowering.is, &called));
    let stays = |view: &&&View| !way.changed.contains(&format!("view {}", view.name));
    for view in views.iter().rev().filter(stays) {
        steps.push(drop_view(view, Phase::DropDependents));
    }
    for view in views.iter().filter(stays) {
        let mut step = create_view(view);
        step.undo.clear();
        steps.push(again(step));
    }
    for trigger in &lowering.is.triggers {
        let own = format!("trigger {} {}", trigger.name, trigger.table);
        if way.changed.contains(&own) {
            continue;
        }
        let words = names_in(&trigger.source_text.text);
        let on_view = views.iter().any(|view| view.name == trigger.table)
            || way.replaced.iter().any(|view| view.name == trigger.table);
        let reads = way
            .columns
            .iter()
            .any(|(table, column)| *table == trigger.table && words.contains(column));
        if reads {
            steps.push(drop_trigger(trigger, Phase::DropDependents));
        }
        if reads || on_view {
            steps.push(again(create_trigger(trigger, Phase::CreateDependents)));
        }
    }
    go_early(&way, changes, lowering, steps);
    for opaque in &lowering.is.opaque {
        let is_changed = || way.changed.contains(&told(&Object::Opaque(opaque.clone())));
        let words = names_in(&opaque.text);
        let calls = called.iter().any(|name| words.contains(name));
        if !(calls || way.reads(&opaque.text)) || is_changed() {
            continue;
        }
        let (Some(table), Some(text)) = (&opaque.table, create::create_opaque(opaque)) else {
            continue;
        };
        let Some(removal) = create::removal(opaque, Some(table)) else {
            continue;
        };
        let object = format!("{} {} on {table}", opaque.kind, opaque.name.name);
        let mut away = step(Phase::DropDependents, object.clone(), removal);
        away.undo = vec![text.clone()];
        steps.push(away);
        steps.push(again(step(Phase::CreateDependents, object, text)));
    }
}

/// What goes for good and reads one of the columns, goes before they change.
fn go_early(way: &InTheWay<'_>, changes: &[Change], lowering: &Lowering<'_>, steps: &mut [Step]) {
    for change in changes {
        let away = match change {
            Change::DropTrigger(trigger) => {
                let words = names_in(&trigger.source_text.text);
                let mut columns = way.columns.iter();
                let reads = columns
                    .any(|(table, column)| *table == trigger.table && words.contains(column));
                reads.then(|| vec![drop_trigger(trigger, Phase::DropDependents)])
            }
            Change::DropObject(object @ Object::Routine(routine)) => {
                let text = RoutineText::read(routine.source_text.as_str());
                let body = text.and_then(|text| text.sql_body);
                let reads = body.is_some_and(|body| way.reads(&body));
                reads.then(|| objects::drop(object, lowering.facts))
            }
            _ => None,
        };
        for early in away.into_iter().flatten() {
            let same = |step: &&mut Step| step.statements == early.statements;
            if let Some(step) = steps.iter_mut().find(same) {
                step.phase = Phase::DropDependents;
            }
        }
    }
}

pub(super) fn again(mut step: Step) -> Step {
    "stood in the way, and is made again".clone_into(&mut step.title);
    step
}

/// Takes a routine down for as long as something else changes.
fn take_down(routine: &Routine, lowering: &Lowering<'_>) -> Vec<Step> {
    let mut steps = objects::drop(&Object::Routine(routine.clone()), lowering.facts);
    for step in &mut steps {
        step.phase = Phase::DropDependents;
    }
    steps
}

fn put_up(routine: &Routine) -> Step {
    let mut made = create::create_routine(routine, Phase::CreateDependents);
    made.statements
        .extend(routine.legacy.iter().map(Statement::new));
    again(made)
}

/// What changes so that nothing may look at it meanwhile.
struct InTheWay<'a> {
    /// Columns that get another type or the like, with their names of before.
    columns: Vec<(ObjectName, String)>,
    /// Views that are made anew.
    replaced: Vec<&'a View>,
    /// Names of routines that are made anew.
    called: Vec<String>,
    /// Enumerated types that are swapped, as columns have them.
    types: Vec<DataType>,
    /// Everything that changes or goes by itself, by kind and name.
    changed: HashSet<String>,
}

impl<'a> InTheWay<'a> {
    fn of(changes: &'a [Change], lowering: &Lowering<'_>, steps: &[Step]) -> Self {
        let goes = |name: &ObjectName| {
            let name = name.to_string();
            let mut away = steps.iter().filter(|s| s.phase == Phase::DropDependents);
            away.any(|step| step.object == name)
        };
        let mut way = Self {
            columns: touched_columns(changes),
            replaced: Vec::new(),
            called: Vec::new(),
            types: Vec::new(),
            changed: HashSet::new(),
        };
        for change in changes {
            match change {
                Change::ReplaceView { is, wish } => {
                    way.changed.insert(format!("view {}", is.name));
                    if goes(&is.name) && is.name == wish.name {
                        way.replaced.push(is);
                    }
                }
                Change::DropView(view) => {
                    way.changed.insert(format!("view {}", view.name));
                }
                Change::ReplaceTrigger { is, .. } | Change::DropTrigger(is) => {
                    let own = format!("trigger {} {}", is.name, is.table);
                    way.changed.insert(own);
                }
                Change::ReplaceObject { is, wish } => {
                    way.changed.insert(told(is));
                    match (is, wish) {
                        (Object::Routine(is), _) if goes(&is.name) => {
                            way.called.push(is.name.name.text.clone());
                        }
                        (Object::Enum(is), Object::Enum(wish))
                            if objects::swaps(is, wish, lowering.wish) =>
                        {
                            way.types.push(DataType::Native(live_object(&is.name)));
                        }
                        _ => {}
                    }
                }
                Change::DropObject(object) => {
                    way.changed.insert(told(object));
                }
                _ => {}
            }
        }
        for table in &lowering.is.tables {
            for column in &table.columns {
                if way.has(&column.data_type) {
                    let name = column.name.text.clone();
                    way.columns.push((table.name.clone(), name));
                }
            }
        }
        way
    }

    fn is_empty(&self) -> bool {
        self.columns.is_empty()
            && self.replaced.is_empty()
            && self.called.is_empty()
            && self.types.is_empty()
    }

    /// True for a swapped type, and for an array of it.
    fn has(&self, data_type: &DataType) -> bool {
        match data_type {
            DataType::Array(inner) => self.types.contains(inner),
            other => self.types.contains(other),
        }
    }

    /// True when a text names one of the columns and its table.
    fn reads(&self, text: &str) -> bool {
        let words = names_in(text);
        let mut columns = self.columns.iter();
        columns.any(|(table, column)| words.contains(&table.name.text) && words.contains(column))
    }

    /// Routines of a swapped type, and those whose body the server keeps as a tree that reads one
    /// of the columns.
    fn routines<'d>(&self, is: &'d Database) -> Vec<&'d Routine> {
        let in_the_way = |routine: &&Routine| {
            if self
                .changed
                .contains(&told(&Object::Routine((*routine).clone())))
            {
                return false;
            }
            let Some(text) = RoutineText::read(routine.source_text.as_str()) else {
                return false;
            };
            let arguments = text.arguments.iter().map(|a| &a.data_type);
            let table = text.table.iter().map(|(_, data_type)| data_type);
            let result = text.returns.iter().map(|(_, data_type)| data_type);
            arguments.chain(table).chain(result).any(|t| self.has(t))
                || text
                    .sql_body
                    .as_deref()
                    .is_some_and(|body| self.reads(body))
        };
        is.routines.iter().filter(in_the_way).collect()
    }

    /// Views that read one of the columns or call one of the routines, and views that read those.
    fn views<'d>(&self, is: &'d Database, called: &[String]) -> Vec<&'d View> {
        let words: Vec<(&View, HashSet<String>)> = is
            .views
            .iter()
            .map(|view| (view, names_in(&view.query.text)))
            .collect();
        let mut found: Vec<&'d View> = Vec::new();
        loop {
            let more: Vec<&View> = words
                .iter()
                .filter(|(view, names)| {
                    !found.iter().any(|f| f.name == view.name)
                        && (called.iter().any(|name| names.contains(name))
                            || self.columns.iter().any(|(table, column)| {
                                names.contains(&table.name.text)
                                    && (names.contains(column) || names.contains("*"))
                            })
                            || found
                                .iter()
                                .chain(&self.replaced)
                                .any(|f| f.name != view.name && names.contains(&f.name.name.text)))
                })
                .map(|(view, _)| *view)
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }
}

/// An object by its kind and name, its arguments included.
fn told(object: &Object) -> String {
    format!("{} {}", object.word(), object.title())
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

#[cfg(test)]
mod tests {
    use realign_model::{Database, Expr, ObjectName, View};

    use super::{InTheWay, in_order};

    fn view(name: &str, query: &str) -> View {
        View {
            name: ObjectName::bare(name),
            query: Expr::new(query),
            columns: Vec::new(),
            materialized: false,
            options: Vec::new(),
            source_text: None,
            settings: realign_model::SessionSettings::new(),
            origin: realign_model::Origin::None,
        }
    }

    #[test]
    fn readers_of_readers_come_along_and_in_order() {
        let is = Database {
            views: vec![
                view("a_top", "SELECT b_mid.n FROM b_mid"),
                view("b_mid", "SELECT cust.name AS n FROM cust"),
                view("c_calls", "SELECT f(cust.id) AS f FROM cust"),
                view("other", "SELECT cust.id FROM cust"),
            ],
            ..Database::default()
        };
        let way = InTheWay {
            columns: vec![(ObjectName::bare("cust"), "name".to_owned())],
            replaced: Vec::new(),
            called: Vec::new(),
            types: Vec::new(),
            changed: std::collections::HashSet::new(),
        };
        let found = in_order(way.views(&is, &["f".to_owned()]));
        let found: Vec<String> = found.iter().map(|v| v.name.to_string()).collect();
        assert_eq!(found, ["b_mid", "c_calls", "a_top"]);
    }
}
