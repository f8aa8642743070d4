//! The PostgreSQL dialect: versions 13 to 18.
//!
//! Nothing here opens a connection: queries go out as text, answers come in as rows.
//! Only `live.rs`, behind the feature `live`, talks to a server.
//!
//! ```
//! use realign_planner::Dialect;
//! use realign_postgres::POSTGRES;
//!
//! let facts = POSTGRES.offline_facts("postgresql-15").expect("names this engine");
//! assert_eq!(facts.version.major, 15);
//! assert!(POSTGRES.offline_facts("sqlite-3").is_none());
//! ```

mod assemble;
mod bookkeeping;
mod catalog;
mod clauses;
mod compare;
mod copy;
mod create;
mod defaults;
mod dependents;
mod doctrine;
mod envelope;
mod expr;
mod facts;
mod interpret;
mod keeping;
mod keywords;
mod lexer;
#[cfg(feature = "live")]
pub mod live;
mod locks;
mod lower;
mod nature;
mod not_compared;
mod objects;
mod opaque;
mod parse;
mod prechecks;
mod query;
mod reference;
mod render;
mod risk;
mod serials;
mod split;
mod types;

use realign_model::{Column, Database, ForeignKey, Ident, Index, Table};
use realign_planner::script::Scripts;
use realign_planner::{
    Assembled, Bookkeeping, CatalogQuery, Change, Compare, Diagnostic, Dialect, DoctrinePlatform,
    Envelope, Facts, Interpret, Lowering, NameLimit, NotCompared, Rows, Statement, Step, Versions,
    is_key, referred,
};

/// The one value of the dialect.
pub static POSTGRES: Postgres = Postgres;

/// PostgreSQL 13 to 18.
#[derive(Debug, Clone, Copy)]
pub struct Postgres;

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        facts::DIALECT
    }

    fn url_schemes(&self) -> &'static [&'static str] {
        &["postgres", "postgresql", "pgsql"]
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

    fn catalog(&self, facts: &Facts) -> Vec<CatalogQuery> {
        catalog::queries(facts)
    }

    fn catalog_details(&self, answers: &[Rows], _facts: &Facts) -> Vec<CatalogQuery> {
        catalog::details(answers)
    }

    fn assemble(&self, answers: Vec<Rows>, facts: &Facts) -> Assembled {
        assemble::assemble(answers, facts)
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

    fn envelope(&self, steps: &[Step], _facts: &Facts) -> Envelope {
        envelope::envelope(steps)
    }

    fn script_opening(&self, database: &Database, _facts: &Facts) -> Vec<Statement> {
        envelope::script_opening(database)
    }

    fn create(&self, database: &Database, facts: &Facts) -> Vec<Step> {
        create::create(database, facts)
    }

    fn drop(&self, database: &Database, facts: &Facts) -> Vec<Step> {
        create::drop(database, facts)
    }

    fn describe_column(&self, column: &Column, facts: &Facts) -> String {
        render::describe_column(column, facts)
    }

    fn describe_index(&self, index: &Index, facts: &Facts) -> String {
        render::describe_index(index, facts)
    }

    fn describe_foreign_key(&self, key: &ForeignKey, facts: &Facts) -> String {
        render::describe_foreign_key(key, facts)
    }

    fn cannot_index(&self, _index: &Index, _table: &Table, _facts: &Facts) -> Option<Diagnostic> {
        None
    }

    fn cannot_refer(
        &self,
        key: &ForeignKey,
        table: &Table,
        targets: &[&Table],
        facts: &Facts,
    ) -> Option<Diagnostic> {
        let target = targets.first()?;
        if targets
            .iter()
            .any(|target| is_key(target, &referred(key, target)))
        {
            return None;
        }
        let columns: Vec<&str> = referred(key, target).iter().map(|c| c.as_str()).collect();
        let (name, columns) = (&target.name, columns.join(", "));
        Some(
            Diagnostic::error(
                "D093",
                format!(
                    "PostgreSQL can't have this foreign key of {}: {name} ({columns}) is no key",
                    table.name
                ),
            )
            .at(key.origin.clone())
            .with_note(self.describe_foreign_key(key, facts))
            .with_help(format!(
                "declare a unique constraint over {name} ({columns}), or refer to the primary key"
            )),
        )
    }

    fn cannot_pair(
        &self,
        key: &ForeignKey,
        own: Versions<'_>,
        target: Versions<'_>,
        facts: &Facts,
    ) -> Option<Diagnostic> {
        reference::refusal(key, own, target, facts)
    }

    fn name_limit(&self, _facts: &Facts) -> Option<NameLimit> {
        Some(NameLimit {
            most: render::LONGEST_NAME,
            in_bytes: true,
            cuts: true,
        })
    }

    fn not_compared(&self) -> &'static [NotCompared] {
        not_compared::ROWS
    }

    fn quote(&self, name: &Ident, _facts: &Facts) -> String {
        render::ident(name)
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
        objects::names_in(sql)
    }

    fn is_internal_table(&self, name: &str) -> bool {
        // PostGIS keeps these beside the application's tables.
        matches!(
            name,
            "spatial_ref_sys" | "geometry_columns" | "geography_columns"
        )
    }
}
