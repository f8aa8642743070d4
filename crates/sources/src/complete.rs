//! Doctrine's metadata factory: inheritance, embeddables, identifiers, defaults.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};
use realign_planner::Diagnostic;

use crate::codes;
use crate::complete_association::{complete_association, override_association};
use crate::complete_field::most_fields;
use crate::declared::{Declared, Inheritance, Kind};
use crate::hierarchy::Hierarchy;
use crate::metadata::{Classes, Context, Metadata, TableMapping};

/// Completes every class of a mapping of so many files.
pub(crate) fn complete(
    declared: IndexMap<String, Declared>,
    files: usize,
    context: Context<'_>,
    said: &mut Vec<Diagnostic>,
) -> Classes {
    let hierarchy = Hierarchy::of(&declared, said);
    let names: Vec<String> = declared.keys().cloned().collect();
    let mut factory = Factory {
        declared,
        hierarchy: &hierarchy,
        context,
        said,
        done: HashMap::new(),
        active: HashSet::new(),
        fields: 0,
        most_fields: most_fields(files),
        types: HashSet::new(),
        full: false,
    };
    for name in &names {
        factory.load(name);
    }
    let mut done = factory.done;
    names
        .into_iter()
        .filter_map(|name| done.remove(&name).map(|class| (name, class)))
        .collect()
}

/// Builds classes, each once, its ancestors and embeddables first.
pub(crate) struct Factory<'a, 's> {
    /// What is declared; of a class that is built only the kind is left.
    pub(crate) declared: IndexMap<String, Declared>,
    pub(crate) hierarchy: &'a Hierarchy,
    pub(crate) context: Context<'a>,
    pub(crate) said: &'s mut Vec<Diagnostic>,
    pub(crate) done: HashMap<String, Rc<Metadata>>,
    /// Classes that are being loaded: an embeddable among them contains itself.
    pub(crate) active: HashSet<String>,
    pub(crate) fields: usize,
    pub(crate) most_fields: usize,
    pub(crate) types: HashSet<Rc<str>>,
    pub(crate) full: bool,
}

impl Factory<'_, '_> {
    /// Loads a class, its ancestors first.
    pub(crate) fn load(&mut self, name: &str) {
        let hierarchy = self.hierarchy;
        let mut way: Vec<&str> = vec![name];
        way.extend(hierarchy.ancestors(name));
        for name in way.into_iter().rev() {
            if !self.done.contains_key(name) && !self.active.contains(name) {
                self.active.insert(name.to_owned());
                if let Some(mut class) = self.build(name) {
                    class.settle();
                    self.done.insert(name.to_owned(), Rc::new(class));
                }
                self.active.remove(name);
            }
        }
    }

    fn build(&mut self, name: &str) -> Option<Metadata> {
        let declared = &mut self.declared.get_mut(name)?.take();
        let hierarchy = self.hierarchy;
        let parent = hierarchy
            .parent(name)
            .and_then(|parent| self.done.get(parent))
            .map(Rc::clone);
        let parents: Vec<String> = hierarchy
            .ancestors(name)
            .filter(|ancestor| self.is_entity(ancestor))
            .map(str::to_owned)
            .collect();
        let mut class = self.blank(declared);
        if let Some(parent) = &parent {
            self.inherit(&mut class, parent);
        }
        self.declare_hierarchy(&mut class, declared);
        self.own_fields(&mut class, declared);
        for association in &declared.associations {
            let id = declared
                .ids
                .iter()
                .any(|key| key.association && key.field.name == association.name);
            if let Some(mapping) =
                complete_association(&mut class, association, id, self.context, self.said)
                && self.room(&mut class, &mapping.origin)
            {
                class.associations.insert(mapping.name.clone(), mapping);
            }
        }
        self.override_fields(&mut class, declared);
        for change in &declared.association_overrides {
            override_association(&mut class, change, self.context, self.said);
        }
        Self::complete_generator(&mut class, declared, parent.as_deref(), !parents.is_empty());
        if class.kind != Kind::MappedSuperclass {
            self.embed(&mut class);
        }
        if let Some(parent) = &parent {
            if parent.inheritance == Inheritance::SingleTable {
                self.share_table(&mut class, parent);
            }
            if parent.kind == Kind::MappedSuperclass {
                for (own, inherited) in [
                    (&mut class.table.uniques, &parent.table.uniques),
                    (&mut class.table.indexes, &parent.table.indexes),
                ] {
                    for (key, index) in inherited {
                        own.entry(key.clone()).or_insert_with(|| index.clone());
                    }
                }
            }
        }
        if let Some(root) = parents.last() {
            class.root.clone_from(root);
        }
        class.parents = parents;
        self.complete_map(&mut class, declared);
        self.check_identifier(&class, declared);
        Some(class)
    }

    /// True for what is an entity to Doctrine: everything but mapped superclasses.
    pub(crate) fn is_entity(&self, name: &str) -> bool {
        self.declared
            .get(name)
            .is_some_and(|class| class.kind != Kind::MappedSuperclass)
    }

    /// The class before anything is mapped, with its table.
    fn blank(&mut self, declared: &mut Declared) -> Metadata {
        if declared.kind != Kind::Entity {
            let table = declared.table.as_ref().map(|(_, origin)| origin);
            let options = Some(&declared.options_origin).filter(|_| !declared.options.is_empty());
            for origin in [table, options].into_iter().flatten() {
                let message = "only entities have a table; this is not inherited";
                self.said
                    .push(Diagnostic::warning(codes::IGNORED, message).at(origin.clone()));
            }
        }
        let mut table = TableMapping {
            name: self.context.options.naming.table(&declared.name),
            quoted: false,
            schema: None,
            options: std::mem::take(&mut declared.options),
            indexes: std::mem::take(&mut declared.indexes),
            uniques: std::mem::take(&mut declared.uniques),
            origin: declared.origin.clone(),
        };
        if let Some((name, origin)) = &declared.table {
            let name = match name.split_once('.') {
                Some((schema, name)) => {
                    table.schema = Some(schema.trim_matches('`').to_owned());
                    table.quoted = schema.starts_with('`');
                    name
                }
                None => name.as_str(),
            };
            table.quoted |= name.starts_with('`');
            name.trim_matches('`').clone_into(&mut table.name);
            if table.name.is_empty() {
                let message = format!("the table of {} has an empty name", declared.name);
                self.said
                    .push(Diagnostic::error(codes::NO_COLUMN_NAME, message).at(origin.clone()));
            }
        }
        if let Some(schema) = &declared.schema {
            table.quoted |= schema.starts_with('`');
            table.schema = Some(schema.trim_matches('`').to_owned());
        }
        table.schema = table.schema.filter(|schema| !schema.is_empty());
        Metadata {
            name: declared.name.clone(),
            kind: declared.kind,
            origin: declared.origin.clone(),
            root: declared.name.clone(),
            parents: Vec::new(),
            subclasses: IndexSet::new(),
            table,
            inheritance: Inheritance::None,
            discriminator: None,
            discriminator_map: IndexMap::new(),
            fields: IndexMap::new(),
            columns: HashMap::new(),
            associations: IndexMap::new(),
            embedded: IndexMap::new(),
            identifier: Vec::new(),
            generator: None,
            sequence: None,
            version: None,
            foreign_identifier: false,
        }
    }

    /// What a class has from its parent before its own mapping is read.
    fn inherit(&mut self, class: &mut Metadata, parent: &Metadata) {
        let entity = parent.kind != Kind::MappedSuperclass;
        let name: Rc<str> = parent.name.as_str().into();
        let from = |inherited: &Option<Rc<str>>| match inherited {
            None if entity => Some(Rc::clone(&name)),
            other => other.clone(),
        };
        class.inheritance = parent.inheritance;
        class.discriminator.clone_from(&parent.discriminator);
        class.generator = parent.generator;
        for (name, field) in &parent.fields {
            if self.room(class, &field.origin) {
                let mut field = field.clone();
                field.inherited = from(&field.inherited);
                class
                    .columns
                    .insert(field.column.text.clone(), name.clone());
                class.fields.insert(name.clone(), field);
            }
        }
        for (name, association) in &parent.associations {
            if self.room(class, &association.origin) {
                let mut association = association.clone();
                association.inherited = from(&association.inherited);
                if association.inherited.is_none() {
                    association.source.clone_from(&class.name);
                }
                class.associations.insert(name.clone(), association);
            }
        }
        for (name, embedded) in &parent.embedded {
            let mut embedded = embedded.clone();
            embedded.inherited |= entity;
            class.embedded.insert(name.clone(), embedded);
        }
        class.identifier.clone_from(&parent.identifier);
        class.version.clone_from(&parent.version);
        class.foreign_identifier = parent.foreign_identifier;
    }
}
