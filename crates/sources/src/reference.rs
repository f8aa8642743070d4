//! What a class has to tell those that refer to it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use crate::declared::{Indexes, Inheritance, Options};
use crate::metadata::{
    AssociationMapping, Classes, FEW_FIELDS, JoinColumnMapping, Metadata, TableMapping,
};

/// Each class with as much as others need of it: its table's name, its identifier, and the
/// fields that some join column refers to. Those that are stored in the table of another class
/// are needed whole.
pub(crate) fn targets(classes: &Classes) -> Classes {
    let referenced: HashSet<&str> = classes
        .values()
        .flat_map(|class| class.associations.values())
        .flat_map(join_columns)
        .map(|column| column.referenced.as_str())
        .collect();
    classes
        .iter()
        .map(|(name, class)| {
            let whole = class.inheritance == Inheritance::SingleTable && !class.is_root();
            let known = if whole {
                Rc::clone(class)
            } else {
                Rc::new(target(class, &referenced))
            };
            (name.clone(), known)
        })
        .collect()
}

fn join_columns(association: &AssociationMapping) -> impl Iterator<Item = &JoinColumnMapping> {
    let table = association.join_table.iter();
    let of_table = table.flat_map(|table| table.columns.iter().chain(&table.inverse_columns));
    association.join_columns.iter().chain(of_table)
}

fn target(class: &Metadata, referenced: &HashSet<&str>) -> Metadata {
    let identifies = |name: &String| class.identifier.contains(name);
    let fields: IndexMap<_, _> = class
        .fields
        .iter()
        .filter(|(name, field)| identifies(name) || referenced.contains(field.column.text.as_str()))
        .map(|(name, field)| (name.clone(), field.clone()))
        .collect();
    let columns = if fields.len() > FEW_FIELDS {
        let columns = fields.iter();
        columns
            .map(|(name, field)| (field.column.text.clone(), name.clone()))
            .collect()
    } else {
        HashMap::new()
    };
    let associations = class.associations.iter();
    Metadata {
        name: class.name.clone(),
        kind: class.kind,
        origin: class.origin.clone(),
        root: class.root.clone(),
        parents: Vec::new(),
        subclasses: IndexSet::new(),
        table: TableMapping {
            name: class.table.name.clone(),
            quoted: class.table.quoted,
            schema: class.table.schema.clone(),
            options: Options::new(),
            indexes: Indexes::new(),
            uniques: Indexes::new(),
            origin: class.table.origin.clone(),
        },
        inheritance: class.inheritance,
        discriminator: None,
        discriminator_map: IndexMap::new(),
        fields,
        columns,
        associations: associations
            .filter(|(name, _)| identifies(name))
            .map(|(name, association)| (name.clone(), association.clone()))
            .collect(),
        embedded: IndexMap::new(),
        identifier: class.identifier.clone(),
        generator: class.generator,
        sequence: None,
        version: None,
        foreign_identifier: class.foreign_identifier,
    }
}
