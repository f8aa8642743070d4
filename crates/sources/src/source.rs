//! What goes in and what comes out: files as text, options, the mapping.

use std::collections::BTreeMap;
use std::str::FromStr;

use realign_model::{Database, Origin};
use realign_planner::{Diagnostic, TableDefaults};

/// The largest file that is read, in bytes. The largest real mapping seen has
/// 20 kB; whatever is above this limit is no mapping.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// A file as the person gave it, already read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as the person gave it: diagnostics show it.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// Doctrine's naming strategy: what tables and columns are called when the
/// mapping does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Naming {
    /// `DefaultNamingStrategy`: names of classes and properties as they are.
    #[default]
    Default,
    /// `UnderscoreNamingStrategy`: `_` before an upper-case letter that follows a letter.
    Underscore,
    /// `UnderscoreNamingStrategy`, number aware: also after a digit.
    UnderscoreNumberAware,
    /// laravel-doctrine's `LaravelNamingStrategy`: plural tables in snake case.
    Laravel,
}

impl FromStr for Naming {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.trim() {
            "doctrine-default" => Self::Default,
            "underscore" => Self::Underscore,
            "underscore-number-aware" => Self::UnderscoreNumberAware,
            "laravel" => Self::Laravel,
            other => {
                return Err(format!(
                    "`{other}` is no naming strategy: write doctrine-default, underscore, \
                     underscore-number-aware or laravel"
                ));
            }
        })
    }
}

/// The types of the application's own, by their names in the mapping.
pub type CustomTypes = BTreeMap<String, CustomType>;

/// A type that the application registers with DBAL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomType {
    /// What a column of it is.
    pub form: CustomForm,
    /// Whether DBAL 2 and 3 mark its columns with a comment: `Type::requiresSQLCommentHint`.
    pub marked: bool,
}

/// What a column of a custom type is: what its `getSQLDeclaration` returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomForm {
    /// A type of DBAL's, and what it takes where the field does not say.
    Dbal {
        /// Its name: `binary`.
        name: String,
        /// Length, in characters or bytes.
        length: Option<u32>,
        /// Digits in all.
        precision: Option<u32>,
        /// Digits behind the point.
        scale: Option<u32>,
        /// Padded to its length.
        fixed: bool,
    },
    /// A type of the engine, as it is written in its SQL: `vector(3)`.
    Sql(String),
}

/// What the configuration says about a Doctrine mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoctrineOptions {
    /// Naming strategy.
    pub naming: Naming,
    /// Put in front of every table, join table, sequence and named index; generated
    /// names hash the prefixed table name. Empty for none.
    pub table_prefix: String,
    /// The connection's `default_table_options`.
    pub defaults: TableDefaults,
    /// Put `<table>_` in front of an index name that more than one table uses, for
    /// engines whose index names share one namespace.
    pub qualify_index_names: bool,
    /// The application's own types, as they are on the engine in use.
    pub types: CustomTypes,
}

/// What Doctrine's own validation says about one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassReport {
    /// The class, fully qualified.
    pub name: String,
    /// Where it is mapped.
    pub origin: Origin,
    /// The failed checks in Doctrine's order and wording; empty when it is fine. Errors
    /// make the class invalid; warnings are what Doctrine minds and nothing depends on.
    pub problems: Vec<Diagnostic>,
}

/// A mapping, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The schema it declares. With errors among the diagnostics it is what could be
    /// understood, good for showing and not for planning.
    pub database: Database,
    /// Everything that is to be said of the files, in the order of files and lines.
    pub diagnostics: Vec<Diagnostic>,
    /// One report for each class, in the order of their names.
    pub classes: Vec<ClassReport>,
}

impl Mapping {
    /// True when nothing may be built on it.
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|d| d.severity == realign_planner::Severity::Error)
    }
}
