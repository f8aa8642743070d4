//! Declared schemas: files handed in as text become a [`realign_model::Database`].
//!
//! This crate opens nothing. It never guesses silently: what a file says wrongly
//! is a [`realign_planner::Diagnostic`] with file, line and column, and all of
//! them come at once.

mod source;

pub use source::{ClassReport, DoctrineOptions, MAX_FILE_BYTES, Mapping, Naming, SourceFile};

use realign_model::Database;
use realign_planner::{Diagnostic, DoctrinePlatform, Facts};

/// Reads Doctrine XML mappings.
pub fn load_doctrine_xml(
    _files: &[SourceFile],
    _options: &DoctrineOptions,
    _platform: &dyn DoctrinePlatform,
    _facts: &Facts,
) -> Mapping {
    Mapping::default()
}

/// Joins the databases of several sources, in order.
pub fn merge(databases: Vec<Database>) -> (Database, Vec<Diagnostic>) {
    (databases.into_iter().next().unwrap_or_default(), Vec::new())
}
