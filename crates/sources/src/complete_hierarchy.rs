//! What a class is in its hierarchy: discriminator map, table, generator.

use indexmap::IndexSet;
use realign_planner::{Diagnostic, IdSource};

use crate::codes;
use crate::complete::Factory;
use crate::declared::{Declared, Indexes, Inheritance, Kind, Options, SequenceGenerator};
use crate::metadata::{Metadata, TableMapping};
use crate::naming::{qualified, short_name};

impl Factory<'_, '_> {
    /// Inheritance type, discriminator column and map, as the class itself declares them.
    pub(crate) fn declare_hierarchy(&mut self, class: &mut Metadata, declared: &Declared) {
        if let Some(inheritance) = declared.inheritance {
            class.inheritance = inheritance;
            if let Some(discriminator) = &declared.discriminator {
                class.discriminator = Some(discriminator.clone());
            }
            if inheritance != Inheritance::None {
                for entry in declared.discriminator_map.iter().flatten() {
                    let name = qualified(&entry.class, &class.name);
                    if self
                        .declared
                        .get(&name)
                        .is_none_or(|c| c.kind == Kind::Embeddable)
                    {
                        let message = format!(
                            "the discriminator map names {name}, which is not mapped as an entity"
                        );
                        self.said.push(
                            Diagnostic::error(codes::DISCRIMINATOR_MAP, message)
                                .at(entry.origin.clone()),
                        );
                        continue;
                    }
                    class.discriminator_map.insert(entry.value.clone(), name);
                }
            }
        }
        if class.inheritance != Inheritance::None && class.kind == Kind::MappedSuperclass {
            if declared.inheritance.is_some() && self.hierarchy.parent(&class.name).is_none() {
                let message = format!(
                    "the mapped superclass {} can't declare inheritance",
                    class.name
                );
                self.said.push(
                    Diagnostic::error(codes::INHERITANCE_TYPE, message).at(class.origin.clone()),
                );
            }
        } else if class.inheritance == Inheritance::None
            && self
                .hierarchy
                .ancestors(&class.name)
                .any(|a| self.is_entity(a))
            && self.context.orm(3, 0)
        {
            let message = format!(
                "{} extends an entity that declares no inheritance-type",
                class.name
            );
            self.said.push(
                Diagnostic::error(codes::PARENT_WITHOUT_INHERITANCE, message)
                    .at(class.origin.clone())
                    .with_help("declare inheritance-type and a discriminator map on the topmost entity, or make it a mapped superclass"),
            );
        }
    }

    /// The generator: of the parent once there is an entity above, else the class's own.
    pub(crate) fn complete_generator(
        class: &mut Metadata,
        declared: &Declared,
        parent: Option<&Metadata>,
        below_entity: bool,
    ) {
        if let Some(parent) = parent.filter(|_| below_entity) {
            if parent.generator == Some(IdSource::Sequence) {
                class.sequence.clone_from(&parent.sequence);
            }
            class.generator = parent.generator;
            return;
        }
        if class.generator != Some(IdSource::Sequence)
            || class.sequence.is_some()
            || class.kind != Kind::Entity
        {
            return;
        }
        let [name] = class.identifier.as_slice() else {
            return; // A composite identifier can't be generated; that is said elsewhere.
        };
        let Some(field) = class.fields.get(name) else {
            return;
        };
        let schema = class.table.schema.as_ref();
        let prefix = schema
            .map(|schema| format!("{schema}."))
            .unwrap_or_default();
        class.sequence = Some(SequenceGenerator {
            name: format!("{prefix}{}_{}_seq", class.table.name, field.column.text),
            quoted: class.table.quoted || field.column.quoted,
            allocation_size: 1,
            initial_value: 1,
            origin: declared.origin.clone(),
        });
    }

    /// A class of a hierarchy in one table has the table of its parent.
    pub(crate) fn share_table(&mut self, class: &mut Metadata, parent: &Metadata) {
        let own = [&class.table.indexes, &class.table.uniques];
        for index in own.into_iter().flat_map(|indexes| indexes.values()) {
            self.said.push(
                Diagnostic::warning(
                    codes::IGNORED,
                    "Doctrine takes the indexes of a SINGLE_TABLE hierarchy from its root only",
                )
                .at(index.origin.clone())
                .with_help(format!("move it to {}", parent.name)),
            );
        }
        class.table = TableMapping {
            name: parent.table.name.clone(),
            schema: parent.table.schema.clone(),
            quoted: parent.table.quoted,
            options: Options::new(),
            indexes: Indexes::new(),
            uniques: Indexes::new(),
            origin: parent.table.origin.clone(),
        };
    }

    /// The map and the subclasses of a root.
    pub(crate) fn complete_map(&mut self, class: &mut Metadata, declared: &Declared) {
        if class.inheritance == Inheritance::None
            || !class.is_root()
            || class.kind == Kind::MappedSuperclass
        {
            return;
        }
        let hierarchy = self.hierarchy;
        let below = |name: &str| hierarchy.ancestors(name).any(|above| above == class.name);
        if class.discriminator_map.is_empty() {
            let value = |name: &str| short_name(name).to_ascii_lowercase();
            class
                .discriminator_map
                .insert(value(&class.name), class.name.clone());
            for name in self.declared.keys().filter(|name| below(name)) {
                class.discriminator_map.insert(value(name), name.clone());
            }
            if class.discriminator_map.len() == 1 {
                let message = format!(
                    "{} has no discriminator map, and no class is known to extend it",
                    class.name
                );
                self.said.push(
                    Diagnostic::warning(codes::DISCRIMINATOR_MAP, message)
                        .at(declared.origin.clone())
                        .with_help("write a <discriminator-map>: the classes below can't be read from XML otherwise"),
                );
            }
        }
        let mut subclasses: IndexSet<String> = IndexSet::new();
        let listed = class.discriminator_map.values();
        for name in listed.filter(|name| below(name)) {
            subclasses.insert(name.clone());
        }
        // Entities in between that the map leaves out: abstract ones, presumably.
        for subclass in subclasses.clone() {
            let mut between: Vec<&str> = hierarchy
                .ancestors(&subclass)
                .take_while(|name| *name != class.name)
                .filter(|name| self.is_entity(name))
                .collect();
            between.reverse();
            for name in between {
                subclasses.insert(name.to_owned());
            }
        }
        class.subclasses = subclasses;
    }

    /// An entity needs an identifier, and only a single one can be generated.
    pub(crate) fn check_identifier(&mut self, class: &Metadata, declared: &Declared) {
        if class.kind != Kind::Entity {
            return;
        }
        if class.identifier.is_empty() {
            if !declared.ids.is_empty() {
                return; // They are wrong, and that is said of them.
            }
            let message = format!("{} has no id", class.name);
            self.said.push(
                Diagnostic::error(codes::NO_IDENTIFIER, message)
                    .at(class.origin.clone())
                    .with_help("add an <id>, or declare it a mapped-superclass"),
            );
        } else if class.identifier.len() > 1 && class.generator.is_some() {
            let message = format!(
                "the identifier of {} is composite and generated",
                class.name
            );
            self.said.push(
                Diagnostic::error(codes::COMPOSITE_GENERATOR, message)
                    .at(class.origin.clone())
                    .with_help("leave the <generator> out"),
            );
        }
    }
}
