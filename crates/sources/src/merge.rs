//! Several sources make one database.

use std::collections::HashMap;

use realign_model::{Database, ObjectName, Origin};
use realign_planner::Diagnostic;

use crate::codes;

/// Joins databases in order. An object that two of them create is an error that names
/// both places; the first one stays.
pub fn merge(databases: Vec<Database>) -> (Database, Vec<Diagnostic>) {
    let mut merged = Database::default();
    let mut said = Vec::new();
    let mut seen: HashMap<(&'static str, String), Origin> = HashMap::new();
    let mut is_new = |kind: &'static str, name: &str, origin: &Origin| {
        let key = (kind, name.to_ascii_lowercase());
        if let Some(first) = seen.get(&key) {
            let message = format!("the {kind} {name} is created by two sources");
            let diagnostic = Diagnostic::error(codes::SAME_OBJECT, message).at(origin.clone());
            said.push(if first.is_none() {
                diagnostic
            } else {
                diagnostic.with_note(format!("first at {first}"))
            });
            return false;
        }
        seen.insert(key, origin.clone());
        true
    };
    for database in databases {
        let options = &mut merged.options;
        options.charset = options.charset.take().or(database.options.charset);
        options.collation = options.collation.take().or(database.options.collation);
        for namespace in database.namespaces {
            if !merged.namespaces.contains(&namespace) {
                merged.namespaces.push(namespace);
            }
        }
        let name = |name: &ObjectName| name.to_string();
        // Tables and views share one namespace on every engine.
        for table in database.tables {
            if is_new("table", &name(&table.name), &table.origin) {
                merged.tables.push(table);
            }
        }
        for view in database.views {
            if is_new("table", &name(&view.name), &view.origin) {
                merged.views.push(view);
            }
        }
        for sequence in database.sequences {
            if is_new("sequence", &name(&sequence.name), &sequence.origin) {
                merged.sequences.push(sequence);
            }
        }
        for extension in database.extensions {
            if is_new("extension", extension.name.as_str(), &extension.origin) {
                merged.extensions.push(extension);
            }
        }
        for kind in database.enums {
            if is_new("type", &name(&kind.name), &kind.origin) {
                merged.enums.push(kind);
            }
        }
        for domain in database.domains {
            if is_new("type", &name(&domain.name), &domain.origin) {
                merged.domains.push(domain);
            }
        }
        for routine in database.routines {
            let signature = routine.signature.as_deref().unwrap_or_default();
            let full = format!("{}({signature})", routine.name);
            if is_new("routine", &full, &routine.origin) {
                merged.routines.push(routine);
            }
        }
        for trigger in database.triggers {
            let full = format!("{} on {}", trigger.name, trigger.table);
            if is_new("trigger", &full, &trigger.origin) {
                merged.triggers.push(trigger);
            }
        }
        for event in database.events {
            if is_new("event", &name(&event.name), &event.origin) {
                merged.events.push(event);
            }
        }
        for opaque in database.opaque {
            let full = match &opaque.table {
                Some(table) => format!("{} {} on {table}", opaque.kind, opaque.name),
                None => format!("{} {}", opaque.kind, opaque.name),
            };
            if is_new("object", &full, &opaque.origin) {
                merged.opaque.push(opaque);
            }
        }
    }
    (merged, said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use realign_model::Table;

    fn with_table(name: &str) -> Database {
        Database {
            tables: vec![Table::new(ObjectName::bare(name))],
            ..Database::default()
        }
    }

    #[test]
    fn objects_come_in_the_order_of_their_sources() {
        let (merged, said) = merge(vec![with_table("b"), with_table("a")]);
        let names: Vec<String> = merged.tables.iter().map(|t| t.name.to_string()).collect();
        assert_eq!(names, ["b", "a"]);
        assert!(said.is_empty());
    }

    #[test]
    fn the_same_object_twice_is_an_error() {
        let (merged, said) = merge(vec![with_table("b"), with_table("B")]);
        assert_eq!(merged.tables.len(), 1);
        assert_eq!(said[0].code, codes::SAME_OBJECT);
    }
}
