//! Fields and ids of a class.

use std::rc::Rc;

use realign_model::Origin;
use realign_planner::{Diagnostic, IdSource};

use crate::codes;
use crate::complete::Factory;
use crate::declared::{Declared, Field, Id};
use crate::metadata::{EmbeddedMapping, FieldMapping, Metadata};
use crate::names::mapped_ident;
use crate::naming::qualified;

/// More columns than any engine takes in one table.
const MAX_CLASS_FIELDS: usize = 4096;
/// Properties of a whole mapping, inherited and embedded ones counted each time: more than any
/// application has. What is copied from class to class can't make much out of a small file, and
/// ten thousand files still have room.
const MAX_FIELDS: usize = 400_000;
/// Properties that any mapping may have.
const MIN_FIELDS: usize = 40_000;
/// Properties for each further file.
const FIELDS_OF_FILE: usize = 40;

/// How many properties fit into a mapping of so many files.
pub(crate) fn most_fields(files: usize) -> usize {
    MAX_FIELDS.min(MIN_FIELDS.saturating_add(FIELDS_OF_FILE.saturating_mul(files)))
}

impl Factory<'_, '_> {
    /// The class's own fields, embedded objects and ids, in the driver's order.
    pub(crate) fn own_fields(&mut self, class: &mut Metadata, declared: &mut Declared) {
        for field in std::mem::take(&mut declared.fields) {
            let default = field
                .version
                .then(|| self.version_default(class, &field))
                .flatten();
            self.map_field(class, field, false, default);
        }
        for embedded in &declared.embedded {
            if self.is_mapped(class, &embedded.name, &embedded.origin) {
                continue;
            }
            class.embedded.insert(
                embedded.name.clone(),
                EmbeddedMapping {
                    class: embedded
                        .class
                        .as_deref()
                        .map(|embeddable| qualified(embeddable, &class.name)),
                    prefix: embedded.prefix.clone(),
                    inherited: false,
                    origin: embedded.origin.clone(),
                },
            );
        }
        for id in declared.ids.iter().filter(|id| !id.association) {
            let mut field = id.field.clone();
            if !self.context.orm(2, 15) {
                // Before that release an id takes no more than these.
                field.unique = false;
                field.nullable = false;
                field.precision = None;
                field.scale = None;
            }
            self.map_field(class, field, true, None);
            if let Some(strategy) = &id.strategy {
                class.generator = self.id_source(id, strategy);
            }
            if let Some(sequence) = &id.sequence {
                class.sequence = Some(sequence.clone());
            }
        }
        for id in declared.ids.iter().filter(|id| id.association) {
            if !declared
                .associations
                .iter()
                .any(|a| a.name == id.field.name)
            {
                let message = format!(
                    "the id {} stands for an association that {} does not declare",
                    id.field.name, class.name
                );
                self.said.push(
                    Diagnostic::error(codes::ID_ASSOCIATION, message).at(id.field.origin.clone()),
                );
            }
        }
    }

    fn version_default(&mut self, class: &mut Metadata, field: &Field) -> Option<&'static str> {
        class.version = Some(field.name.clone());
        match field.type_name.as_deref() {
            Some("integer" | "bigint" | "smallint") => Some("1"),
            Some("datetime") => Some("CURRENT_TIMESTAMP"),
            other => {
                let message = format!(
                    "the version field {} is of type {}",
                    field.name,
                    other.unwrap_or("string")
                );
                self.said.push(
                    Diagnostic::error(codes::VERSION_TYPE, message)
                        .at(field.origin.clone())
                        .with_help("use integer, bigint, smallint or datetime"),
                );
                None
            }
        }
    }

    fn id_source(&mut self, id: &Id, strategy: &str) -> Option<IdSource> {
        match strategy {
            "AUTO" | "IDENTITY" | "SEQUENCE" => Some(
                self.context
                    .platform
                    .id_source(strategy, self.context.facts),
            ),
            "CUSTOM" => Some(IdSource::Plain),
            "UUID" if !self.context.orm(3, 0) => Some(IdSource::Plain),
            "NONE" => None,
            _ => {
                let message = format!("`{strategy}` is no generator strategy here");
                self.said.push(
                    Diagnostic::error(codes::GENERATOR, message)
                        .at(id.field.origin.clone())
                        .with_help("use AUTO, IDENTITY, SEQUENCE, CUSTOM or NONE"),
                );
                None
            }
        }
    }

    /// `mapField`.
    pub(crate) fn map_field(
        &mut self,
        class: &mut Metadata,
        field: Field,
        id: bool,
        default: Option<&'static str>,
    ) -> bool {
        if self.is_mapped(class, &field.name, &field.origin) {
            return false;
        }
        let column = match &field.column {
            Some(column) => mapped_ident(column),
            None => mapped_ident(&self.context.options.naming.column(&field.name)),
        };
        let type_name = self.type_name(field.type_name.as_deref().unwrap_or("string"));
        self.add_field(
            class,
            FieldMapping {
                name: field.name,
                column,
                type_name,
                length: field.length,
                precision: field.precision,
                scale: field.scale,
                unique: field.unique,
                nullable: field.nullable,
                definition: field.definition.map(String::into_boxed_str),
                default,
                options: field.options,
                id,
                inherited: None,
                origin: field.origin,
            },
        )
    }

    /// One text for all fields of a type.
    fn type_name(&mut self, name: &str) -> Rc<str> {
        if let Some(known) = self.types.get(name) {
            return Rc::clone(known);
        }
        let name: Rc<str> = name.into();
        self.types.insert(Rc::clone(&name));
        name
    }

    /// Adds a field whose column is decided.
    pub(crate) fn add_field(&mut self, class: &mut Metadata, field: FieldMapping) -> bool {
        let column = &field.column.text;
        if column.is_empty() {
            let message = format!("the column of {} has an empty name", field.name);
            self.said
                .push(Diagnostic::error(codes::NO_COLUMN_NAME, message).at(field.origin));
            return false;
        }
        let discriminator = class.discriminator.as_ref();
        let twice = class.columns.get(column).cloned().or_else(|| {
            discriminator
                .filter(|d| d.name == *column)
                .map(|_| "the discriminator".to_owned())
        });
        if let Some(other) = twice {
            let message = format!(
                "{} and {other} of {} use the same column {column}",
                field.name, class.name
            );
            self.said
                .push(Diagnostic::error(codes::DUPLICATE_COLUMN, message).at(field.origin));
            return false;
        }
        if !self.room(class, &field.origin) {
            return false;
        }
        class.columns.insert(column.clone(), field.name.clone());
        if field.id && !class.identifier.contains(&field.name) {
            class.identifier.push(field.name.clone());
        }
        class.fields.insert(field.name.clone(), field);
        true
    }

    fn is_mapped(&mut self, class: &Metadata, name: &str, origin: &Origin) -> bool {
        let mapped = class.has_field(name) || class.associations.contains_key(name);
        if mapped {
            let message = format!("{} of {} is mapped twice", name, class.name);
            self.said
                .push(Diagnostic::error(codes::DUPLICATE_PROPERTY, message).at(origin.clone()));
        }
        mapped
    }

    /// Whether one more property fits in.
    pub(crate) fn room(&mut self, class: &mut Metadata, origin: &Origin) -> bool {
        self.fields += 1;
        let fits = self.fields <= self.most_fields
            && class.fields.len() + class.associations.len() + class.embedded.len()
                < MAX_CLASS_FIELDS;
        if !fits && !self.full {
            self.full = true;
            let message = format!("{} has more columns than any engine takes", class.name);
            self.said
                .push(Diagnostic::error(codes::TOO_MANY_COLUMNS, message).at(origin.clone()));
        }
        fits
    }
}
