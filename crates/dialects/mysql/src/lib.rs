//! The MySQL and MariaDB dialect.
//!
//! One engine family, two vendors: [`Facts::vendor`] is `mysql` or `mariadb`, and
//! every question that the two answer differently is asked of the facts. Nothing
//! here opens a connection: queries go out as text, answers come in as rows.
//!
//! ```
//! use realign_mysql::MYSQL;
//! use realign_planner::Dialect;
//!
//! let facts = MYSQL.offline_facts("mariadb-10.11").expect("names this engine");
//! assert_eq!(facts.vendor, "mariadb");
//! assert!(MYSQL.offline_facts("sqlite-3").is_none());
//! ```

mod assemble;
mod bookkeeping;
mod catalog;
mod clauses;
mod compare;
mod create;
mod doctrine;
mod envelope;
mod expr;
mod facts;
mod interpret;
mod key_length;
mod key_order;
mod keywords;
mod lexer;
#[cfg(feature = "live")]
pub mod live;
mod lower;
mod nature;
mod not_compared;
mod objects;
mod parse;
mod platform;
mod prechecks;
mod program;
mod reference;
mod render;
mod risk;
mod sequence;
mod settings;
mod split;
mod types;

use realign_model::{Column, Database, ForeignKey, Ident, Index, Table};
use realign_planner::script::Scripts;
use realign_planner::{
    Assembled, Bookkeeping, CatalogQuery, Change, Compare, Diagnostic, Dialect, DoctrinePlatform,
    Envelope, Facts, Interpret, Lowering, NameLimit, NotCompared, Rows, Statement, Step, Versions,
};

/// The one value of the dialect.
pub static MYSQL: MySql = MySql;

/// MySQL 5.7 to 9.x and MariaDB 10.6 to 11.8.
#[derive(Debug, Clone, Copy)]
pub struct MySql;

impl Dialect for MySql {
    fn name(&self) -> &'static str {
        facts::DIALECT
    }

    fn url_schemes(&self) -> &'static [&'static str] {
        &["mysql", "mariadb"]
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

    fn catalog_details(&self, answers: &[Rows], facts: &Facts) -> Vec<CatalogQuery> {
        catalog::details(answers, facts)
    }

    fn assemble(&self, answers: Vec<Rows>, facts: &Facts) -> Assembled {
        catalog::assemble(answers, facts)
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
        lower::envelope(steps, facts)
    }

    fn script_opening(&self, database: &Database, facts: &Facts) -> Vec<Statement> {
        envelope::script_opening(database, facts)
    }

    fn create(&self, database: &Database, facts: &Facts) -> Vec<Step> {
        create::create(
            &key_order::all_spelled(database, &database.tables, facts),
            facts,
        )
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
        // The catalogue names the action that is none as well.
        if key.origin == realign_model::Origin::Server {
            return render::foreign_key(&lower::spelled(key), facts);
        }
        render::foreign_key(key, facts)
    }

    fn cannot_index(&self, index: &Index, table: &Table, facts: &Facts) -> Option<Diagnostic> {
        key_length::refusal(index, table, facts)
    }

    fn cannot_refer(
        &self,
        key: &ForeignKey,
        table: &Table,
        targets: &[&Table],
        facts: &Facts,
    ) -> Option<Diagnostic> {
        reference::refusal(key, table, targets, facts)
    }

    fn cannot_pair(
        &self,
        key: &ForeignKey,
        own: Versions<'_>,
        target: Versions<'_>,
        facts: &Facts,
    ) -> Option<Diagnostic> {
        reference::pair::refusal(key, own, target, facts)
    }

    fn name_limit(&self, _facts: &Facts) -> Option<NameLimit> {
        Some(NameLimit {
            most: 64,
            in_bytes: false,
            cuts: false,
        })
    }

    fn not_compared(&self) -> &'static [NotCompared] {
        not_compared::ROWS
    }

    fn quote(&self, name: &Ident, facts: &Facts) -> String {
        render::ident(name, facts)
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

    fn is_internal_table(&self, _name: &str) -> bool {
        // System tables live in databases of their own.
        false
    }
}

/// A table without anything declared, for fragments that belong to none.
pub(crate) fn no_table() -> Table {
    Table::new(realign_model::ObjectName::bare(""))
}
