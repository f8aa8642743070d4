//! A class exactly as its file declares it, before any default is applied.

use std::ops::Deref;
use std::sync::LazyLock;

use indexmap::IndexMap;
use realign_model::Origin;
use realign_planner::OptionValue;

/// Options by name.
pub(crate) type Options = IndexMap<String, OptionValue>;

/// The options of a field. Fields are many and most have none: that costs a pointer.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldOptions(Option<Box<Options>>);

impl From<Options> for FieldOptions {
    fn from(options: Options) -> Self {
        Self((!options.is_empty()).then(|| Box::new(options)))
    }
}

impl Deref for FieldOptions {
    type Target = Options;

    fn deref(&self) -> &Options {
        static NONE: LazyLock<Options> = LazyLock::new(Options::new);
        self.0.as_deref().unwrap_or(&NONE)
    }
}

/// What the element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Entity,
    MappedSuperclass,
    Embeddable,
}

/// A class.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) origin: Origin,
    /// The parent, from the hint that Doctrine's format does not have.
    pub(crate) extends: Option<(String, Origin)>,
    pub(crate) table: Option<(String, Origin)>,
    pub(crate) schema: Option<String>,
    pub(crate) options: Options,
    pub(crate) options_origin: Origin,
    pub(crate) indexes: Indexes,
    pub(crate) uniques: Indexes,
    pub(crate) inheritance: Option<Inheritance>,
    pub(crate) discriminator: Option<Discriminator>,
    pub(crate) discriminator_map: Option<Vec<Mapped>>,
    pub(crate) fields: Vec<Field>,
    pub(crate) embedded: Vec<Embedded>,
    pub(crate) ids: Vec<Id>,
    /// One-to-one, one-to-many, many-to-one, many-to-many: in this order, as Doctrine
    /// reads them, and within a kind as written.
    pub(crate) associations: Vec<Association>,
    pub(crate) attribute_overrides: Vec<(String, Field)>,
    pub(crate) association_overrides: Vec<AssociationOverride>,
}

impl Declared {
    /// All of it; its kind and place stay behind, for those who ask what is mapped at all.
    pub(crate) fn take(&mut self) -> Self {
        let left = Self {
            name: String::new(),
            kind: self.kind,
            origin: self.origin.clone(),
            extends: None,
            table: None,
            schema: None,
            options: Options::new(),
            options_origin: Origin::None,
            indexes: Indexes::new(),
            uniques: Indexes::new(),
            inheritance: None,
            discriminator: None,
            discriminator_map: None,
            fields: Vec::new(),
            embedded: Vec::new(),
            ids: Vec::new(),
            associations: Vec::new(),
            attribute_overrides: Vec::new(),
            association_overrides: Vec::new(),
        };
        std::mem::replace(self, left)
    }
}

/// How a hierarchy is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Inheritance {
    #[default]
    None,
    SingleTable,
    Joined,
}

/// The column that tells the classes of a hierarchy apart.
#[derive(Debug, Clone)]
pub(crate) struct Discriminator {
    pub(crate) name: String,
    pub(crate) type_name: String,
    pub(crate) length: Option<u32>,
    pub(crate) definition: Option<String>,
    pub(crate) origin: Origin,
}

/// One entry of a discriminator map.
#[derive(Debug, Clone)]
pub(crate) struct Mapped {
    pub(crate) value: String,
    pub(crate) class: String,
    pub(crate) origin: Origin,
}

/// How Doctrine's array of indexes is keyed: by name, or by position when there is none
/// (or when the name is a number).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum IndexKey {
    Name(String),
    Position(i64),
}

/// Indexes or unique constraints by key.
pub(crate) type Indexes = IndexMap<IndexKey, Index>;

/// An index or a unique constraint.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    pub(crate) over: IndexOver,
    pub(crate) flags: Vec<String>,
    pub(crate) options: Options,
    pub(crate) origin: Origin,
}

/// What an index is over, as written: nothing is trimmed.
#[derive(Debug, Clone)]
pub(crate) enum IndexOver {
    Columns(Vec<String>),
    Fields(Vec<String>),
}

/// A field or the field part of an id.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) type_name: Option<String>,
    pub(crate) column: Option<String>,
    pub(crate) length: Option<u32>,
    pub(crate) precision: Option<u32>,
    pub(crate) scale: Option<u32>,
    pub(crate) unique: bool,
    pub(crate) nullable: bool,
    /// The attribute is there: Doctrine takes the field for the version even when it
    /// says `false`.
    pub(crate) version: bool,
    pub(crate) definition: Option<String>,
    pub(crate) options: FieldOptions,
    pub(crate) origin: Origin,
}

/// An id.
#[derive(Debug, Clone)]
pub(crate) struct Id {
    pub(crate) field: Field,
    /// It stands for the association of that name.
    pub(crate) association: bool,
    pub(crate) strategy: Option<String>,
    pub(crate) sequence: Option<SequenceGenerator>,
}

/// A sequence generator.
#[derive(Debug, Clone)]
pub(crate) struct SequenceGenerator {
    pub(crate) name: String,
    pub(crate) quoted: bool,
    pub(crate) allocation_size: i64,
    pub(crate) initial_value: i64,
    pub(crate) origin: Origin,
}

/// An embedded.
#[derive(Debug, Clone)]
pub(crate) struct Embedded {
    pub(crate) name: String,
    pub(crate) class: Option<String>,
    pub(crate) prefix: Prefix,
    pub(crate) origin: Origin,
}

/// What stands before the columns of an embedded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// What the naming strategy says.
    Strategy,
    /// Nothing.
    None,
    /// This, verbatim.
    Verbatim(String),
}

/// Kind of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cardinality {
    OneToOne,
    OneToMany,
    ManyToOne,
    ManyToMany,
}

impl Cardinality {
    /// The element's name.
    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::OneToOne => "one-to-one",
            Self::OneToMany => "one-to-many",
            Self::ManyToOne => "many-to-one",
            Self::ManyToMany => "many-to-many",
        }
    }

    /// True when the property holds one object.
    pub(crate) fn is_to_one(self) -> bool {
        matches!(self, Self::OneToOne | Self::ManyToOne)
    }
}

/// An association.
#[derive(Debug, Clone)]
pub(crate) struct Association {
    pub(crate) name: String,
    pub(crate) cardinality: Cardinality,
    pub(crate) target: Option<String>,
    pub(crate) mapped_by: Option<String>,
    pub(crate) inversed_by: Option<String>,
    pub(crate) join_columns: Vec<JoinColumn>,
    pub(crate) join_table: Option<JoinTable>,
    pub(crate) orphan_removal: bool,
    pub(crate) order_by: Vec<String>,
    pub(crate) origin: Origin,
}

/// A join column.
#[derive(Debug, Clone)]
pub(crate) struct JoinColumn {
    pub(crate) name: Option<String>,
    pub(crate) referenced: Option<String>,
    pub(crate) unique: bool,
    pub(crate) nullable: Option<bool>,
    pub(crate) on_delete: Option<String>,
    pub(crate) definition: Option<String>,
    pub(crate) origin: Origin,
}

/// A join table. No columns at all is not the same as an empty list.
#[derive(Debug, Clone)]
pub(crate) struct JoinTable {
    pub(crate) name: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) options: Options,
    pub(crate) columns: Vec<JoinColumn>,
    pub(crate) inverse_columns: Vec<JoinColumn>,
    pub(crate) origin: Origin,
}

/// Parts of an inherited association that are replaced.
#[derive(Debug, Clone)]
pub(crate) struct AssociationOverride {
    pub(crate) name: String,
    pub(crate) join_columns: Option<Vec<JoinColumn>>,
    pub(crate) join_table: Option<JoinTable>,
    pub(crate) inversed_by: Option<String>,
    pub(crate) origin: Origin,
}
