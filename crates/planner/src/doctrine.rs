//! Doctrine's platform rules: the seam between a mapping and an engine.
//!
//! A mapping says `type="decimal"`; which SQL that becomes is the business of a
//! platform class of DBAL (`AbstractPlatform` and its children). Each dialect
//! answers here for its platforms, in the version that [`Facts::doctrine`] names.

mod remarks;
mod types;

use indexmap::IndexMap;
use realign_model::{Column, ForeignKey, Ident, Index, ObjectName, Origin, TableOptions};

use crate::{Diagnostic, Facts};

pub use types::DbalType;

/// The value of a mapping `<option>`: text, or nested options in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionValue {
    /// Text as written.
    Text(String),
    /// Nested options; an unnamed one is keyed by its position.
    Map(IndexMap<String, OptionValue>),
}

impl OptionValue {
    /// The text, unless it is nested.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Map(_) => None,
        }
    }
}

/// A column as DBAL's `Schema\Column` has it after `SchemaTool::gatherColumn`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctrineColumn {
    /// Name; quoted when the mapping wrote backticks.
    pub name: Ident,
    /// DBAL type name, e.g. `string`.
    pub type_name: String,
    /// `length`, already 255 for `string` without one.
    pub length: Option<u32>,
    /// `precision`.
    pub precision: Option<u32>,
    /// `scale`.
    pub scale: Option<u32>,
    /// `fixed`.
    pub fixed: bool,
    /// `unsigned`.
    pub unsigned: bool,
    /// NOT NULL.
    pub not_null: bool,
    /// Option `default`, as written in the mapping.
    pub default: Option<String>,
    /// Filled by the engine.
    pub autoincrement: bool,
    /// Comment.
    pub comment: Option<String>,
    /// `column-definition`, verbatim.
    pub definition: Option<String>,
    /// The optimistic-lock version column.
    pub version: bool,
    /// Words of an `enum` (DBAL 4.2).
    pub values: Vec<String>,
    /// All other options: `charset`, `collation`, `jsonb`, …
    pub options: IndexMap<String, OptionValue>,
    /// The type of the application's own that `type_name` stands for.
    pub custom: Option<CustomName>,
    /// Where it was declared.
    pub origin: Origin,
}

/// A type that an application registers with DBAL (`Type::addType`), as a column has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomName {
    /// The name in the mapping.
    pub name: String,
    /// Whether DBAL 2 and 3 mark the column: `Type::requiresSQLCommentHint`.
    pub marked: bool,
    /// What `Type::getSQLDeclaration` gives, where that is no type of DBAL's.
    pub sql: Option<String>,
}

/// An index as mapped, its name decided and its columns resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctrineIndex {
    /// Name.
    pub name: Ident,
    /// Columns in order.
    pub columns: Vec<Ident>,
    /// Unique.
    pub unique: bool,
    /// `flags`, lower case: `fulltext`, `spatial`.
    pub flags: Vec<String>,
    /// Options: `where`, `lengths`.
    pub options: IndexMap<String, OptionValue>,
    /// Where it was declared.
    pub origin: Origin,
}

/// Defaults for tables whose mapping says nothing: DBAL's `default_table_options`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableDefaults {
    /// Character set.
    pub charset: Option<String>,
    /// Collation.
    pub collation: Option<String>,
    /// Storage engine.
    pub engine: Option<String>,
}

/// Where the values of an id come from on this engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdSource {
    /// The column itself: `AUTO_INCREMENT`, `SERIAL`, identity.
    Identity,
    /// A sequence beside the table.
    Sequence,
    /// Neither: a plain column.
    Plain,
}

/// DBAL's platform, as far as a mapping needs it.
pub trait DoctrinePlatform: Sync {
    /// The model's column for a mapped one: type, default text, comment and type mark
    /// exactly as this platform of `facts.doctrine` declares them
    /// (`AbstractPlatform::getColumnDeclarationSQL`). A `definition` is parsed as a type and
    /// clauses; what can't be parsed is a warning and stays verbatim. The error is a
    /// diagnostic about an unknown type or a value that makes no sense.
    fn column(
        &self,
        column: &DoctrineColumn,
        facts: &Facts,
        remarks: &mut Vec<Diagnostic>,
    ) -> Result<Column, Diagnostic>;

    /// The model's index for a mapped one: which flags and options this platform honours.
    fn index(&self, index: &DoctrineIndex, facts: &Facts, remarks: &mut Vec<Diagnostic>) -> Index;

    /// Table options and comment from the mapping's `<options>`, over the defaults.
    fn table_options(
        &self,
        options: &IndexMap<String, OptionValue>,
        defaults: &TableDefaults,
        facts: &Facts,
    ) -> (TableOptions, Option<String>);

    /// What a generator strategy (`AUTO`, `IDENTITY`, `SEQUENCE`, …) means here.
    fn id_source(&self, strategy: &str, facts: &Facts) -> IdSource;

    /// Whether the schema tool of `facts.doctrine` makes foreign keys here at all
    /// (`supportsForeignKeyConstraints`; DBAL 2 says no for SQLite).
    fn supports_foreign_keys(&self, facts: &Facts) -> bool;

    /// Last word on a foreign key that the schema tool made, e.g. an action that the
    /// platform drops.
    fn foreign_key(&self, key: ForeignKey, facts: &Facts) -> ForeignKey;

    /// A name in this platform's quotes, as it enters generated identifiers
    /// (`AbstractAsset::_generateIdentifierName` hashes the quotes along).
    fn quote(&self, name: &str) -> String;

    /// The longest identifier, in bytes.
    fn max_identifier_length(&self, facts: &Facts) -> usize;

    /// How a schema-qualified table of the mapping is named here: engines without
    /// schemas fold it into the name.
    fn table_name(&self, schema: Option<Ident>, name: Ident, facts: &Facts) -> ObjectName;

    /// The name under which the connection finds a table; none when it lies in another
    /// database, which is neither looked at nor changed (Doctrine 2: `RemoveNamespacedAssets`).
    fn within_reach(&self, table: &ObjectName, facts: &Facts) -> Option<ObjectName>;
}
