//! The order of removals: what looks at tables, heirs before those that they inherit from, and
//! what tables are made of.

use std::collections::HashMap;

use realign_model::{Database, ObjectName, Table};
use realign_planner::{Change, Object, Phase, Step};

use crate::dependents;
use crate::parse::TriggerText;
use crate::render::object_name;

/// Triggers of tables that go, where their function goes as well: the server would not let go of
/// the one before the other.
pub(super) fn triggers(changes: &[Change], is: &Database, steps: &mut Vec<Step>) {
    let functions: Vec<&ObjectName> = changes
        .iter()
        .filter_map(|change| match change {
            Change::DropObject(Object::Routine(routine))
            | Change::ReplaceObject {
                is: Object::Routine(routine),
                ..
            } => Some(&routine.name),
            _ => None,
        })
        .collect();
    let goes = |table: &ObjectName| {
        changes
            .iter()
            .any(|change| matches!(change, Change::DropTable(gone) if gone.name == *table))
    };
    for trigger in is.triggers.iter().filter(|trigger| goes(&trigger.table)) {
        let called = TriggerText::read(trigger.source_text.as_str())
            .is_some_and(|text| functions.iter().any(|f| f.name.text == text.function.name));
        if !called {
            continue;
        }
        let first = dependents::drop_trigger(trigger, Phase::DropDependents);
        // One that goes by a change of its own goes once.
        match steps
            .iter_mut()
            .find(|step| step.statements == first.statements)
        {
            Some(own) => own.phase = Phase::DropDependents,
            None => steps.push(first),
        }
    }
}

/// Puts the removals into an order that the server allows.
pub(super) fn order(is: &Database, steps: &mut [Step]) {
    let depths = depths(&is.tables);
    let rank = |step: &Step| {
        let first = step.statements.first().map_or("", |s| s.sql.as_str());
        if let Some(name) = first.strip_prefix("DROP TABLE ") {
            let depth = depths.get(name).copied().unwrap_or_default();
            return (1, is.tables.len().saturating_sub(depth));
        }
        let looks_on = ["DROP VIEW ", "DROP MATERIALIZED VIEW ", "DROP TRIGGER "];
        let before = looks_on.iter().any(|start| first.starts_with(start));
        (if before { 0 } else { 2 }, 0)
    };
    let places: Vec<usize> = (0..steps.len())
        .filter(|at| steps[*at].phase == Phase::Drop)
        .collect();
    let mut sorted: Vec<Step> = places.iter().map(|at| steps[*at].clone()).collect();
    sorted.sort_by_key(rank);
    for (at, step) in places.into_iter().zip(sorted) {
        steps[at] = step;
    }
}

/// Of each table how many stand above it.
fn depths(tables: &[Table]) -> HashMap<String, usize> {
    let by_name: HashMap<&ObjectName, &Table> = tables.iter().map(|t| (&t.name, t)).collect();
    let depth = |table: &Table| {
        let mut above = 0;
        let mut next = crate::create::parents(table).first().copied();
        while let Some(parent) = next.and_then(|name| by_name.get(name)) {
            above += 1;
            // Nothing stands above itself; what only looks so ends here.
            if above > tables.len() {
                break;
            }
            next = crate::create::parents(parent).first().copied();
        }
        above
    };
    let heirs = tables
        .iter()
        .filter(|table| !crate::create::parents(table).is_empty());
    heirs.map(|t| (object_name(&t.name), depth(t))).collect()
}
