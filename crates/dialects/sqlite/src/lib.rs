//! The SQLite dialect.
//!
//! SQLite 3.37 and newer: how its catalogue is asked and read, what counts as the same,
//! and the SQL of a change, up to making a table anew where the engine can't alter it.
//! Nothing here opens a file except [`live`], which exists with the feature of that name.
//!
//! ```
//! use realign_planner::Dialect;
//! use realign_sqlite::SQLITE;
//!
//! let facts = SQLITE.offline_facts("sqlite-3.40").expect("names this engine");
//! assert!(facts.version.at_least(3, 37, 0));
//! assert!(SQLITE.offline_facts("mariadb-10.11").is_none());
//! ```

mod alter;
mod assemble;
mod bookkeeping;
mod catalog;
mod clauses;
mod compare;
mod conflicts;
mod dependents;
mod doctrine;
mod envelope;
mod expr;
mod facts;
mod foreign_keys;
mod interpret;
mod keywords;
#[cfg(feature = "live")]
pub mod live;
mod lower;
mod nature;
mod not_compared;
mod plain;
mod precheck;
mod reader;
mod rebuild;
mod renames;
mod render;
mod risk;
mod split;
mod stored;
mod tokens;
mod types;

use realign_model::{Column, Database, ForeignKey, Ident, Index, Table};
use realign_planner::script::Scripts;
use realign_planner::{
    Assembled, Bookkeeping, CatalogQuery, Change, Compare, Diagnostic, Dialect, DoctrinePlatform,
    Envelope, Facts, Interpret, Lowering, NameLimit, NotCompared, Rows, Statement, Step, Versions,
};

#[cfg(feature = "live")]
pub use live::connect;

/// The one value of the dialect.
pub static SQLITE: Sqlite = Sqlite;

/// SQLite 3.37 and newer.
#[derive(Debug, Clone, Copy)]
pub struct Sqlite;

impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        facts::DIALECT
    }

    fn url_schemes(&self) -> &'static [&'static str] {
        &["sqlite", "sqlite3", "pdo-sqlite"]
    }

    fn offline_facts(&self, server_version: &str) -> Option<Facts> {
        facts::offline(server_version)
    }

    fn facts_queries(&self) -> Vec<CatalogQuery> {
        facts::queries()
    }

    fn facts(&self, answers: &[Rows]) -> Facts {
        facts::from_answers(answers)
    }

    fn catalog(&self, _facts: &Facts) -> Vec<CatalogQuery> {
        catalog::queries()
    }

    fn catalog_details(&self, _answers: &[Rows], _facts: &Facts) -> Vec<CatalogQuery> {
        Vec::new()
    }

    fn assemble(&self, answers: Vec<Rows>, _facts: &Facts) -> Assembled {
        catalog::assemble(answers)
    }

    fn doctrine(&self) -> &dyn DoctrinePlatform {
        &doctrine::PLATFORM
    }

    fn compare(&self) -> &dyn Compare {
        &compare::COMPARE
    }

    fn lower(&self, changes: &[Change], lowering: &Lowering<'_>) -> Vec<Step> {
        lower::lower(changes, lowering)
    }

    fn envelope(&self, steps: &[Step], facts: &Facts) -> Envelope {
        envelope::around(steps, facts)
    }

    fn script_opening(&self, _database: &Database, _facts: &Facts) -> Vec<Statement> {
        Vec::new()
    }

    fn create(&self, database: &Database, facts: &Facts) -> Vec<Step> {
        lower::create(database, facts)
    }

    fn drop(&self, database: &Database, _facts: &Facts) -> Vec<Step> {
        lower::drop_all(database)
    }

    fn describe_column(&self, column: &Column, facts: &Facts) -> String {
        let mut plain = column.clone();
        plain.comment = None;
        plain.type_mark = None;
        plain.charset = None;
        let key = column.identity.is_some();
        render::clauses(&plain, key, facts)
    }

    fn describe_index(&self, index: &Index, _facts: &Facts) -> String {
        let unique = if index.unique { "UNIQUE " } else { "" };
        let predicate = match &index.predicate {
            Some(predicate) => format!(" WHERE {predicate}"),
            None => String::new(),
        };
        format!("{unique}({}){predicate}", render::index_parts(&index.parts))
    }

    fn describe_foreign_key(&self, key: &ForeignKey, _facts: &Facts) -> String {
        render::foreign_key_core(key)
    }

    fn cannot_index(&self, _index: &Index, _table: &Table, _facts: &Facts) -> Option<Diagnostic> {
        None
    }

    fn cannot_refer(
        &self,
        _key: &ForeignKey,
        _table: &Table,
        _targets: &[&Table],
        _facts: &Facts,
    ) -> Option<Diagnostic> {
        // It is looked at by the first row.
        None
    }

    fn cannot_pair(
        &self,
        _key: &ForeignKey,
        _own: Versions<'_>,
        _target: Versions<'_>,
        _facts: &Facts,
    ) -> Option<Diagnostic> {
        // Values are compared, not types.
        None
    }

    fn name_limit(&self, _facts: &Facts) -> Option<NameLimit> {
        None
    }

    fn not_compared(&self) -> &'static [NotCompared] {
        not_compared::ROWS
    }

    fn quote(&self, name: &Ident, _facts: &Facts) -> String {
        keywords::quote(name)
    }

    fn bookkeeping(&self) -> &dyn Bookkeeping {
        self
    }

    fn scripts(&self) -> &dyn Scripts {
        self
    }

    fn interpret(&self) -> &dyn Interpret {
        self
    }

    fn names_in(&self, sql: &str) -> Vec<String> {
        dependents::names_in(sql)
    }

    fn is_internal_table(&self, name: &str) -> bool {
        catalog::is_engines_own(name)
            || ["geometry_columns", "spatial_ref_sys"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
    }
}
