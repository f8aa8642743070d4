//! The part of a schema that was asked for.

use realign::model::Database;
use realign::planner::Policy;

use crate::args::{Choosing, ObjectWord};

/// Leaves of a schema what was asked for.
pub(super) fn chosen(mut database: Database, choosing: &Choosing) -> Database {
    let kinds = |kind: ObjectWord| choosing.objects.is_empty() || choosing.objects.contains(&kind);
    let matching = |patterns: &[String]| Policy {
        ignore: patterns.to_vec(),
        ..Policy::default()
    };
    let (only, but) = (matching(&choosing.table), matching(&choosing.exclude));
    let named = !choosing.table.is_empty();
    let is_in = |name: &dyn std::fmt::Display| {
        let name = name.to_string();
        (!named || only.leaves_table(&name)) && !but.leaves_table(&name)
    };
    // What belongs to a table comes along with it.
    let belongs = |name: &dyn std::fmt::Display, table: &dyn std::fmt::Display| {
        is_in(table) && !but.leaves_table(&name.to_string())
    };
    // What belongs to none is only there when no table was named.
    let apart = |name: &dyn std::fmt::Display| !named && is_in(name);
    database
        .tables
        .retain(|t| kinds(ObjectWord::Tables) && is_in(&t.name));
    database
        .views
        .retain(|v| kinds(ObjectWord::Views) && is_in(&v.name));
    database
        .triggers
        .retain(|t| kinds(ObjectWord::Triggers) && belongs(&t.name, &t.table));
    database.sequences.retain(|s| {
        kinds(ObjectWord::Sequences)
            && match &s.owned_by {
                Some((table, _)) => belongs(&s.name, table),
                None => apart(&s.name),
            }
    });
    database
        .routines
        .retain(|r| kinds(ObjectWord::Routines) && apart(&r.name));
    database
        .events
        .retain(|e| kinds(ObjectWord::Events) && apart(&e.name));
    database
        .enums
        .retain(|e| kinds(ObjectWord::Types) && apart(&e.name));
    database
        .domains
        .retain(|d| kinds(ObjectWord::Types) && apart(&d.name));
    database
        .extensions
        .retain(|e| kinds(ObjectWord::Extensions) && apart(&e.name));
    database.opaque.retain(|o| {
        kinds(ObjectWord::Others)
            && match &o.table {
                Some(table) => belongs(&o.name, table),
                None => is_in(&o.name),
            }
    });
    database
}

#[cfg(test)]
mod tests {
    use realign::model::{Database, Expr, ObjectName, Origin, Table, Trigger};

    use super::*;

    #[test]
    fn what_belongs_to_a_table_comes_along() {
        let database = Database {
            tables: ["a", "b"]
                .into_iter()
                .map(|name| Table::new(ObjectName::bare(name)))
                .collect(),
            triggers: vec![Trigger {
                name: ObjectName::bare("t"),
                table: ObjectName::bare("a"),
                source_text: Expr::new(""),
                settings: realign::model::SessionSettings::new(),
                origin: Origin::None,
            }],
            ..Database::default()
        };
        let chosen = |table: &[&str], exclude: &[&str], objects: &[ObjectWord]| {
            let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect();
            let left = super::chosen(
                database.clone(),
                &Choosing {
                    table: words(table),
                    exclude: words(exclude),
                    objects: objects.to_vec(),
                },
            );
            (left.tables.len(), left.triggers.len())
        };
        assert_eq!(chosen(&[], &[], &[]), (2, 1));
        assert_eq!(chosen(&["a"], &[], &[]), (1, 1));
        assert_eq!(chosen(&["b"], &[], &[]), (1, 0));
        assert_eq!(chosen(&[], &["a"], &[]), (1, 0));
        assert_eq!(chosen(&[], &["t"], &[]), (2, 0));
        assert_eq!(chosen(&[], &[], &[ObjectWord::Triggers]), (0, 1));
    }
}
