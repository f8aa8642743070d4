//! Declared schemas: files handed in as text become a [`realign_model::Database`].
//!
//! This crate opens nothing. It never guesses silently: what a file says wrongly
//! is a [`realign_planner::Diagnostic`] with file, line and column, and all of
//! them come at once.
//!
//! The way of a Doctrine mapping: `xml` refuses what is hostile, `read` takes the file
//! at its word, `complete` applies Doctrine's defaults and inheritance, `schema_tool`
//! makes tables as its schema tool does, and `output` puts them into the words of a
//! platform. `validate` makes the checks of `schema:validate`.
//!
//! Several sources make one database:
//!
//! ```
//! use realign_model::{Database, ObjectName, Table};
//!
//! let source = Database {
//!     tables: vec![Table::new(ObjectName::bare("cust"))],
//!     ..Database::default()
//! };
//! let (merged, said) = realign_sources::merge(vec![source.clone(), source]);
//! assert_eq!(merged.tables.len(), 1);
//! assert_eq!(said[0].message, "the table cust is created by two sources");
//! ```

mod codes;
mod complete;
mod complete_association;
mod complete_embedded;
mod complete_field;
mod complete_hierarchy;
mod custom;
mod declared;
mod doctrine;
mod fulfil;
mod hierarchy;
mod inflect;
mod merge;
mod metadata;
mod names;
mod naming;
mod output;
mod php;
mod place;
mod read;
mod read_association;
mod read_index;
mod reference;
mod relations;
mod schema_column;
mod schema_index;
mod schema_table;
mod schema_tool;
mod source;
mod validate;
mod validate_keys;
mod vocabulary;
mod xml;

pub use codes::{CODES, CodeMeaning};
pub use doctrine::load_doctrine_xml;
pub use merge::merge;
pub use source::{
    ClassReport, CustomForm, CustomType, CustomTypes, DoctrineOptions, MAX_FILE_BYTES, Mapping,
    Naming, SourceFile,
};
