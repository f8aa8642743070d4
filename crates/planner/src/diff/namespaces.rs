//! Namespaces that nobody declares anything in are nobody's business.

use std::collections::HashSet;

use realign_model::{Database, ObjectName};

use super::Walk;
use crate::NameKind;

impl Walk<'_> {
    /// The live database without the objects of namespaces that the declaration never mentions;
    /// none when there are no such objects.
    pub(super) fn without_foreign_namespaces(
        &self,
        is: &Database,
        wish: &Database,
    ) -> Option<Database> {
        let of = |name: &ObjectName| {
            // What folding takes away is the namespace of unqualified names.
            let folded = self.fold(NameKind::Table, &name.to_string());
            let own = self.fold(NameKind::Table, &name.name.text);
            name.schema
                .as_ref()
                .filter(|_| folded != own)
                .map(|schema| self.fold(NameKind::Other, schema.as_str()))
        };
        let mentioned: HashSet<String> = wish
            .namespaces
            .iter()
            .map(|n| self.fold(NameKind::Other, n.name.as_str()))
            .chain(names(wish).filter_map(of))
            .collect();
        let keeps = |name: &ObjectName| of(name).is_none_or(|n| mentioned.contains(&n));
        if names(is).all(keeps) {
            return None;
        }
        let mut own = is.clone();
        own.tables.retain(|t| keeps(&t.name));
        own.sequences.retain(|s| keeps(&s.name));
        own.views.retain(|v| keeps(&v.name));
        own.routines.retain(|r| keeps(&r.name));
        own.triggers.retain(|t| keeps(&t.name));
        own.events.retain(|e| keeps(&e.name));
        own.enums.retain(|e| keeps(&e.name));
        own.domains.retain(|d| keeps(&d.name));
        own.opaque.retain(|o| keeps(&o.name));
        Some(own)
    }
}

/// The name of everything that is compared.
fn names(database: &Database) -> impl Iterator<Item = &ObjectName> {
    database
        .tables
        .iter()
        .map(|t| &t.name)
        .chain(database.sequences.iter().map(|s| &s.name))
        .chain(database.views.iter().map(|v| &v.name))
        .chain(database.routines.iter().map(|r| &r.name))
        .chain(database.triggers.iter().map(|t| &t.name))
        .chain(database.events.iter().map(|e| &e.name))
        .chain(database.enums.iter().map(|e| &e.name))
        .chain(database.domains.iter().map(|d| &d.name))
        .chain(database.opaque.iter().map(|o| &o.name))
}
