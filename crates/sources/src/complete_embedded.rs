//! Embedded objects are written out into the class that has them; overrides replace
//! inherited fields.

use std::rc::Rc;

use realign_planner::Diagnostic;

use crate::codes;
use crate::complete::Factory;
use crate::declared::{Declared, Kind, Prefix};
use crate::metadata::{EmbeddedMapping, Metadata};

/// Embeddables in embeddables.
const MAX_LEVELS: usize = 16;

impl Factory<'_, '_> {
    /// Inlines the fields of every embedded object that is the class's own.
    pub(crate) fn embed(&mut self, class: &mut Metadata) {
        let embedded: Vec<(String, EmbeddedMapping)> = class
            .embedded
            .iter()
            .filter(|(_, embedded)| !embedded.inherited)
            .map(|(name, embedded)| (name.clone(), embedded.clone()))
            .collect();
        for (property, embedded) in embedded {
            if let Some(embeddable) = self.embeddable(class, &property, &embedded) {
                self.inline(class, &property, &embedded, &embeddable);
            }
        }
    }

    fn embeddable(
        &mut self,
        class: &Metadata,
        property: &str,
        embedded: &EmbeddedMapping,
    ) -> Option<Rc<Metadata>> {
        let Some(name) = &embedded.class else {
            let message = format!("the embedded {property} has no class");
            self.said
                .push(Diagnostic::error(codes::EMBEDDED, message).at(embedded.origin.clone()));
            return None;
        };
        if self.active.contains(name) || self.active.len() > MAX_LEVELS {
            let message = if self.active.contains(name) {
                format!(
                    "{name} contains itself through {property} of {}",
                    class.name
                )
            } else {
                format!("embeddables are nested more than {MAX_LEVELS} levels deep")
            };
            self.said.push(
                Diagnostic::error(codes::EMBEDDED_CYCLE, message).at(embedded.origin.clone()),
            );
            return None;
        }
        let known = self.declared.get(name).map(|declared| declared.kind);
        if known != Some(Kind::Embeddable) {
            let message = match known {
                None => format!("{name} is not mapped"),
                Some(_) => format!("{name} is not an embeddable"),
            };
            self.said
                .push(Diagnostic::error(codes::EMBEDDED, message).at(embedded.origin.clone()));
            return None;
        }
        self.load(name);
        self.done.get(name).cloned()
    }

    fn inline(
        &mut self,
        class: &mut Metadata,
        property: &str,
        embedded: &EmbeddedMapping,
        embeddable: &Metadata,
    ) {
        for (name, nested) in &embeddable.embedded {
            if self.full || !self.room(class, &embedded.origin) {
                return;
            }
            let name = format!("{property}.{name}");
            class
                .embedded
                .entry(name)
                .or_insert_with(|| EmbeddedMapping {
                    inherited: true,
                    ..nested.clone()
                });
        }
        if !embeddable.identifier.is_empty() {
            class.generator = embeddable.generator;
        }
        for field in embeddable.fields.values() {
            if self.full {
                return;
            }
            let mut field = field.clone();
            field.name = format!("{property}.{}", field.name);
            let column = &field.column.text;
            field.column.text = match &embedded.prefix {
                Prefix::Verbatim(prefix) => format!("{prefix}{column}"),
                Prefix::None => column.clone(),
                Prefix::Strategy => self
                    .context
                    .options
                    .naming
                    .embedded_column(property, column),
            };
            self.add_field(class, field);
        }
    }

    /// `setAttributeOverride`: the mapping is replaced as a whole and moves to the end.
    pub(crate) fn override_fields(&mut self, class: &mut Metadata, declared: &Declared) {
        for (name, field) in &declared.attribute_overrides {
            let Some(old) = class.fields.get(name).cloned() else {
                let message = format!("{} has no field {name} to override", class.name);
                self.said
                    .push(Diagnostic::error(codes::OVERRIDE, message).at(field.origin.clone()));
                continue;
            };
            if let Some(entity) = old.inherited.as_ref().filter(|_| self.context.orm(3, 0)) {
                let message = format!(
                    "{name} is inherited from the entity {entity}; only fields of mapped superclasses can be overridden"
                );
                self.said
                    .push(Diagnostic::error(codes::OVERRIDE, message).at(field.origin.clone()));
                continue;
            }
            let mut field = field.clone();
            if field
                .type_name
                .as_ref()
                .is_some_and(|new| **new != *old.type_name)
            {
                let message = format!(
                    "{name} of {} is of type {}; an override can't change it",
                    class.name, old.type_name
                );
                self.said
                    .push(Diagnostic::error(codes::OVERRIDE, message).at(field.origin.clone()));
                continue;
            }
            field.type_name = Some(old.type_name.to_string());
            class.fields.shift_remove(name);
            class.columns.remove(&old.column.text);
            let embedded = class.embedded.contains_key(name);
            if !embedded && !self.map_field(class, field, old.id, None) {
                class.columns.insert(old.column.text.clone(), name.clone());
                class.fields.insert(name.clone(), old);
            }
        }
    }
}
