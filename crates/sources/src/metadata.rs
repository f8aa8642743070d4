//! A class with every default applied: Doctrine's `ClassMetadata`.

use std::collections::HashMap;
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};
use realign_model::{Ident, Origin};
use realign_planner::{DoctrinePlatform, Facts, IdSource};

use crate::declared::{
    Cardinality, Discriminator, FieldOptions, Indexes, Inheritance, Kind, Options,
    SequenceGenerator,
};
use crate::source::DoctrineOptions;

/// What every step of reading a mapping needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) options: &'a DoctrineOptions,
    pub(crate) platform: &'a dyn DoctrinePlatform,
    pub(crate) facts: &'a Facts,
}

impl Context<'_> {
    /// True from that ORM release on.
    pub(crate) fn orm(&self, major: u32, minor: u32) -> bool {
        self.facts.doctrine.orm_at_least(major, minor)
    }

    /// True from that DBAL release on.
    pub(crate) fn dbal(&self, major: u32, minor: u32) -> bool {
        self.facts.doctrine.dbal_at_least(major, minor)
    }

    /// A name as the schema tool hands it to DBAL: in the platform's quotes if the
    /// mapping quoted it.
    pub(crate) fn raw(&self, name: &str, quoted: bool) -> String {
        if quoted {
            self.platform.quote(name)
        } else {
            name.to_owned()
        }
    }
}

/// All classes by name, in the order of their names.
pub(crate) type Classes = IndexMap<String, Rc<Metadata>>;

/// A class.
#[derive(Debug, Clone)]
pub(crate) struct Metadata {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) origin: Origin,
    /// The topmost entity of the hierarchy; the class itself without one.
    pub(crate) root: String,
    /// Ancestors that are entities, nearest first.
    pub(crate) parents: Vec<String>,
    pub(crate) subclasses: IndexSet<String>,
    pub(crate) table: TableMapping,
    pub(crate) inheritance: Inheritance,
    pub(crate) discriminator: Option<Discriminator>,
    pub(crate) discriminator_map: IndexMap<String, String>,
    pub(crate) fields: IndexMap<String, FieldMapping>,
    /// Property by column, as `fieldNames`; see [`Metadata::property`].
    pub(crate) columns: HashMap<String, String>,
    pub(crate) associations: IndexMap<String, AssociationMapping>,
    pub(crate) embedded: IndexMap<String, EmbeddedMapping>,
    pub(crate) identifier: Vec<String>,
    pub(crate) generator: Option<IdSource>,
    pub(crate) sequence: Option<SequenceGenerator>,
    pub(crate) version: Option<String>,
    /// An association is part of the identifier.
    pub(crate) foreign_identifier: bool,
}

/// Fields among which that of a column is found as quickly without a map.
pub(crate) const FEW_FIELDS: usize = 64;

impl Metadata {
    /// The property of a column.
    pub(crate) fn property(&self, column: &str) -> Option<&str> {
        if self.columns.is_empty() {
            let mut fields = self.fields.values();
            let field = fields.find(|field| field.column.text == column);
            return field.map(|field| field.name.as_str());
        }
        self.columns.get(column).map(String::as_str)
    }

    /// Lets go of what only a class in the making needs: there may be many of them.
    pub(crate) fn settle(&mut self) {
        if self.fields.len() <= FEW_FIELDS {
            self.columns = HashMap::new();
        }
        self.fields.shrink_to_fit();
        self.associations.shrink_to_fit();
        self.table.indexes.shrink_to_fit();
        self.table.uniques.shrink_to_fit();
    }

    /// `hasField`: fields and embedded objects.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.fields.contains_key(name) || self.embedded.contains_key(name)
    }

    /// True when it is the top of its hierarchy.
    pub(crate) fn is_root(&self) -> bool {
        self.root == self.name
    }

    /// `getIdentifierColumnNames`, without quotes.
    pub(crate) fn identifier_columns(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        for name in &self.identifier {
            if let Some(field) = self.fields.get(name) {
                columns.push(field.column.text.as_str());
            } else if let Some(association) = self.associations.get(name) {
                columns.extend(association.join_columns.iter().map(|c| c.name.as_str()));
            }
        }
        columns
    }
}

/// Where a class is stored.
#[derive(Debug, Clone)]
pub(crate) struct TableMapping {
    pub(crate) name: String,
    pub(crate) quoted: bool,
    pub(crate) schema: Option<String>,
    pub(crate) options: Options,
    pub(crate) indexes: Indexes,
    pub(crate) uniques: Indexes,
    pub(crate) origin: Origin,
}

/// A field.
#[derive(Debug, Clone)]
pub(crate) struct FieldMapping {
    pub(crate) name: String,
    pub(crate) column: Ident,
    pub(crate) type_name: Rc<str>,
    pub(crate) length: Option<u32>,
    pub(crate) precision: Option<u32>,
    pub(crate) scale: Option<u32>,
    pub(crate) unique: bool,
    pub(crate) nullable: bool,
    pub(crate) definition: Option<Box<str>>,
    /// The default of a version field; an option of that name goes before it.
    pub(crate) default: Option<&'static str>,
    pub(crate) options: FieldOptions,
    pub(crate) id: bool,
    /// The entity it is inherited from; fields of mapped superclasses are the class's own.
    pub(crate) inherited: Option<Rc<str>>,
    pub(crate) origin: Origin,
}

/// An embedded object.
#[derive(Debug, Clone)]
pub(crate) struct EmbeddedMapping {
    pub(crate) class: Option<String>,
    pub(crate) prefix: crate::declared::Prefix,
    pub(crate) inherited: bool,
    pub(crate) origin: Origin,
}

/// An association.
#[derive(Debug, Clone)]
pub(crate) struct AssociationMapping {
    pub(crate) name: String,
    pub(crate) cardinality: Cardinality,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) mapped_by: Option<String>,
    pub(crate) inversed_by: Option<String>,
    pub(crate) join_columns: Vec<JoinColumnMapping>,
    pub(crate) join_table: Option<JoinTableMapping>,
    pub(crate) id: bool,
    pub(crate) order_by: Vec<String>,
    pub(crate) inherited: Option<Rc<str>>,
    pub(crate) origin: Origin,
}

impl AssociationMapping {
    /// True on the side that has the columns.
    pub(crate) fn is_owning(&self) -> bool {
        self.mapped_by.is_none()
    }
}

/// A join column. Doctrine has one mark for both names: if either was quoted, both are.
#[derive(Debug, Clone)]
pub(crate) struct JoinColumnMapping {
    pub(crate) name: String,
    pub(crate) referenced: String,
    pub(crate) quoted: bool,
    pub(crate) unique: bool,
    pub(crate) nullable: Option<bool>,
    pub(crate) on_delete: Option<String>,
    pub(crate) definition: Option<String>,
    pub(crate) origin: Origin,
}

/// A join table.
#[derive(Debug, Clone)]
pub(crate) struct JoinTableMapping {
    pub(crate) name: String,
    pub(crate) quoted: bool,
    pub(crate) schema: Option<String>,
    pub(crate) options: Options,
    pub(crate) columns: Vec<JoinColumnMapping>,
    pub(crate) inverse_columns: Vec<JoinColumnMapping>,
    pub(crate) origin: Origin,
}
