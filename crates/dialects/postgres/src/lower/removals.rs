//! The order of removals: what looks at tables, heirs before those that they inherit from, and
//! what tables are made of.

use std::collections::{HashMap, HashSet};

use realign_model::{Database, ObjectName, Routine, Table};
use realign_planner::{Change, Object, Phase, Step};

use crate::objects::names_in;
use crate::parse::{RoutineText, TriggerText};
use crate::render::{ident, object_name};
use crate::{create, dependents, types};

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

/// True for a routine that takes, gives or reads, in a body that the server keeps as a tree, what
/// goes as well: it has to go before that.
pub(super) fn is_of_what_goes(routine: &Routine, changes: &[Change]) -> bool {
    let gone: HashSet<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::DropTable(table) => Some(table.name.name.as_str()),
            Change::DropView(view) => Some(view.name.name.as_str()),
            _ => None,
        })
        .collect();
    let Some(text) = RoutineText::read(routine.source_text.as_str()).filter(|_| !gone.is_empty())
    else {
        return false;
    };
    let arguments = text.arguments.iter().map(|a| &a.data_type);
    let columns = text.table.iter().map(|(_, data_type)| data_type);
    let result = text.returns.iter().map(|(_, data_type)| data_type);
    let types = arguments.chain(columns).chain(result).map(types::render);
    types
        .chain(text.sql_body)
        .flat_map(|text| names_in(&text))
        .any(|name| gone.contains(name.as_str()))
}

/// Puts the removals into an order that the server allows: what looks at tables, tables, what
/// tables may need, and at last what everything else is made of.
pub(super) fn order(is: &Database, steps: &mut [Step]) {
    let places: Vec<usize> = (0..steps.len())
        .filter(|at| steps[*at].phase == Phase::Drop)
        .collect();
    if places.is_empty() {
        return;
    }
    let depths = depths(&is.tables);
    let types: HashMap<String, usize> = create::types_last_first(is)
        .into_iter()
        .enumerate()
        .map(|(at, step)| (step.object, at))
        .collect();
    let rank = |step: &Step| {
        let first = step.statements.first().map_or("", |s| s.sql.as_str());
        if let Some(name) = first.strip_prefix("DROP TABLE ") {
            let depth = depths.get(name).copied().unwrap_or_default();
            return (1, is.tables.len().saturating_sub(depth));
        }
        let starts = |these: &[&str]| these.iter().any(|start| first.starts_with(start));
        let class = if starts(&["DROP VIEW ", "DROP MATERIALIZED VIEW ", "DROP TRIGGER "]) {
            0
        } else if starts(&["DROP OPERATOR ", "DROP CAST "]) {
            3
        } else if starts(&["DROP FUNCTION ", "DROP PROCEDURE ", "DROP AGGREGATE "]) {
            4
        } else if starts(&["DROP TEXT SEARCH CONFIGURATION "]) {
            5
        } else if starts(&["DROP TEXT SEARCH DICTIONARY "]) {
            6
        } else if let Some(at) = types.get(&step.object) {
            return (7, *at);
        } else if let Some(name) = first.strip_prefix("DROP EXTENSION ") {
            // One that needs another goes before that.
            let mut made = is.extensions.iter().rev();
            let at = made.position(|extension| ident(&extension.name) == name);
            return (8, at.unwrap_or_default());
        } else {
            2
        };
        (class, 0)
    };
    let mut sorted: Vec<Step> = places.iter().map(|at| steps[*at].clone()).collect();
    sorted.sort_by_cached_key(rank);
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

#[cfg(test)]
mod tests {
    use realign_model::{Database, Extension, Ident};
    use realign_planner::{Phase, Statement, Step};

    #[test]
    fn an_extension_goes_before_the_one_that_it_needs() {
        let names = ["cube", "earthdistance"];
        let database = Database {
            extensions: names
                .into_iter()
                .map(|name| Extension {
                    name: Ident::new(name),
                    schema: None,
                    version: None,
                    origin: realign_model::Origin::None,
                })
                .collect(),
            ..Database::default()
        };
        let mut steps: Vec<Step> = names
            .into_iter()
            .map(|name| {
                let sql = Statement::new(format!("DROP EXTENSION {name}"));
                Step::new(Phase::Drop, format!("extension {name}"), vec![sql])
            })
            .collect();
        super::order(&database, &mut steps);
        assert_eq!(steps[0].object, "extension earthdistance");
    }
}
