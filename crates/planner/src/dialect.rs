//! The dialect seam: everything that differs from engine to engine.

use std::collections::BTreeMap;
use std::fmt;

use realign_model::{
    Check, Column, Database, Expr, ForeignKey, Index, Opaque, Sequence, Table, Trigger, View,
};

use crate::script::Scripts;
use crate::{
    AspectDifference, Bookkeeping, Change, Diagnostic, DoctrinePlatform, Facts, Interpret,
    NotCompared, Object, Rows, Statement, Step,
};

/// One engine. Each has one static value; there are no default bodies, so that a
/// new engine answers every question on purpose.
pub trait Dialect: fmt::Debug + Send + Sync {
    /// The dialect's name: `sqlite`, `mysql`.
    fn name(&self) -> &'static str;

    /// URL schemes that mean this dialect, the usual one first.
    fn url_schemes(&self) -> &'static [&'static str];

    /// Facts without a connection, from a `--server-version` like `mariadb-10.11`;
    /// none when the text does not name this engine.
    fn offline_facts(&self, server_version: &str) -> Option<Facts>;

    /// Queries that tell the facts of a server. Cheap, and allowed for every account.
    fn facts_queries(&self) -> Vec<CatalogQuery>;

    /// The facts from the answers to [`Self::facts_queries`], in their order.
    fn facts(&self, answers: &[Rows]) -> Facts;

    /// The catalogue queries that together tell the whole schema of the connection's
    /// database. Their number does not depend on the number of tables. They are sent in their order
    /// as one message where the line takes several statements, so one that only sets something for
    /// the others may be among them.
    fn catalog(&self, facts: &Facts) -> Vec<CatalogQuery>;

    /// Queries that the answers to [`Self::catalog`] give rise to: for what no catalogue tells of
    /// all objects at once. An engine that needs none gives none.
    fn catalog_details(&self, answers: &[Rows], facts: &Facts) -> Vec<CatalogQuery>;

    /// The model from the answers to [`Self::catalog`] and then to [`Self::catalog_details`], in
    /// their order. Never fails:
    /// what can't be read becomes opaque, with a remark. The answers are given away so that
    /// each row can be freed once it is read: they are as large as the model.
    fn assemble(&self, answers: Vec<Rows>, facts: &Facts) -> Assembled;

    /// Doctrine's platform rules for this engine.
    fn doctrine(&self) -> &dyn DoctrinePlatform;

    /// What counts as the same on this engine.
    fn compare(&self) -> &dyn Compare;

    /// Turns changes into steps: SQL, class, reasons, prechecks, losses, undo. Each
    /// step says its phase; the planner sorts them by it and keeps the given order
    /// within one, except that steps of views and routines (whose `object` is or ends with the
    /// object's name) come in the order of use: [`crate::Phase::CreateDependents`] after what they use,
    /// [`crate::Phase::DropDependents`] and [`crate::Phase::Drop`] before it, triggers and events at the far end.
    /// An engine that refuses to drop or alter what a view uses adds the steps that take that
    /// view down and put it up again, with its owner and rights. Steps that only a combination needs (a foreign key that has to go
    /// while a type changes) are added here.
    fn lower(&self, changes: &[Change], lowering: &Lowering<'_>) -> Vec<Step>;

    /// What has to surround these steps in a session.
    fn envelope(&self, steps: &[Step], facts: &Facts) -> Envelope;

    /// What a script that makes this schema in any session of such a server has to begin with.
    fn script_opening(&self, database: &Database, facts: &Facts) -> Vec<Statement>;

    /// The statements that create these objects in an empty database, in Doctrine's
    /// order and spelling. All of them: also routines, events, types, extensions, and what is
    /// opaque where its text is a statement. Views and routines are put into the order of use
    /// by the planner.
    fn create(&self, database: &Database, facts: &Facts) -> Vec<Step>;

    /// The statements that drop these objects, dependants first.
    fn drop(&self, database: &Database, facts: &Facts) -> Vec<Step>;

    /// A column's declaration as this engine's SQL, for a person.
    fn describe_column(&self, column: &Column, facts: &Facts) -> String;

    /// An index as this engine's SQL fragment, for a person: `UNIQUE (a, b)`.
    fn describe_index(&self, index: &Index, facts: &Facts) -> String;

    /// A foreign key as SQL fragment: `FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE`.
    fn describe_foreign_key(&self, key: &ForeignKey, facts: &Facts) -> String;

    /// Why this engine can't have this index on this table, whatever the rows; none when it can.
    fn cannot_index(&self, index: &Index, table: &Table, facts: &Facts) -> Option<Diagnostic>;

    /// Why this engine can't have this foreign key of this table, whatever the rows; none when it
    /// can. `targets` are the declared and the live table that it refers to, as far as they are
    /// known.
    fn cannot_refer(
        &self,
        key: &ForeignKey,
        table: &Table,
        targets: &[&Table],
        facts: &Facts,
    ) -> Option<Diagnostic>;

    /// Why the columns of this foreign key can't stand for those that it refers to, whatever the
    /// rows; none when they can, or when that is not known. A plan that finds it out at the key
    /// has done half of its work.
    fn cannot_pair(
        &self,
        key: &ForeignKey,
        own: Versions<'_>,
        target: Versions<'_>,
        facts: &Facts,
    ) -> Option<Diagnostic>;

    /// How long a name may be; none where that does not matter.
    fn name_limit(&self, facts: &Facts) -> Option<NameLimit>;

    /// What is not compared on purpose: every aspect that the catalogue tells and that
    /// [`Self::compare`] leaves out.
    fn not_compared(&self) -> &'static [NotCompared];

    /// A name, quoted when it was declared so or when the engine's words ask for it.
    fn quote(&self, name: &realign_model::Ident, facts: &Facts) -> String;

    /// How scripts of this engine are read.
    fn scripts(&self) -> &dyn Scripts;

    /// How a schema written in this engine's SQL is read.
    fn interpret(&self) -> &dyn Interpret;

    /// What differs in Realign's own tables and sessions.
    fn bookkeeping(&self) -> &dyn Bookkeeping;

    /// Every name that stands in a text of SQL: words and quoted names, the quotes taken off and
    /// each as the engine would look it up; keywords may be among them. Strings and comments are
    /// left out, and whatever can't be read. What uses what is told by it: a view that has the
    /// name of another in its text is made after it and dropped before it, and so are routines.
    fn names_in(&self, sql: &str) -> Vec<String>;

    /// True for tables of the engine's own or of well-known extensions that no
    /// declaration ever names (`sqlite_sequence`).
    fn is_internal_table(&self, name: &str) -> bool;
}

/// How long names of tables, columns, indexes, foreign keys and views may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameLimit {
    /// The most.
    pub most: usize,
    /// It is counted in bytes, else in characters.
    pub in_bytes: bool,
    /// A longer name is cut without an error, else refused.
    pub cuts: bool,
}

/// A table as it is declared, with all that is left alone, and as it is.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    /// None when it is not declared.
    pub declared: Option<&'a Table>,
    /// None when it is made.
    pub live: Option<&'a Table>,
}

impl<'a> Versions<'a> {
    /// The one that will be.
    pub fn latest(self) -> Option<&'a Table> {
        self.declared.or(self.live)
    }
}

/// A catalogue query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogQuery {
    /// What it asks for, for logs and benchmarks.
    pub name: &'static str,
    /// The SQL.
    pub sql: String,
    /// A refusal leaves the answer empty. Else it ends the inspection.
    pub optional: bool,
    /// It asks for nothing: it sets something for the queries that share its message, and has an
    /// empty answer. Only the first may be one; asked one by one, queries do without it.
    pub setting: bool,
}

/// How big a table is, as far as the catalogue knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableSize {
    /// Rows, an estimate.
    pub rows: Option<u64>,
    /// Bytes, an estimate.
    pub bytes: Option<u64>,
}

/// What an inspection found.
#[derive(Debug, Clone, Default)]
pub struct Assembled {
    /// The schema.
    pub database: Database,
    /// Sizes by table name as the engine prints it.
    pub sizes: BTreeMap<String, TableSize>,
    /// Remarks: what is opaque, what was cut.
    pub remarks: Vec<Diagnostic>,
}

/// What a dialect may look at while it lowers changes.
#[derive(Debug, Clone, Copy)]
pub struct Lowering<'a> {
    /// The database as it is: dependants, incoming keys, views.
    pub is: &'a Database,
    /// The database as declared.
    pub wish: &'a Database,
    /// Facts of the server.
    pub facts: &'a Facts,
    /// Sizes by table name.
    pub sizes: &'a BTreeMap<String, TableSize>,
}

/// Statements around a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Before the first step.
    pub opening: Vec<Statement>,
    /// After the last.
    pub closing: Vec<Statement>,
    /// Instead of the rest, when a step failed.
    pub abort: Vec<Statement>,
    /// The steps run in one transaction.
    pub atomic: bool,
}

/// The answer to "is it the same?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Same,
    /// It is not.
    Different,
    /// Only the engine could tell.
    Unknown,
}

impl Verdict {
    /// Same or different, when that is certain.
    pub fn from_equal(equal: bool) -> Self {
        if equal { Self::Same } else { Self::Different }
    }
}

/// What a name names, for engines that fold them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// Tables and views.
    Table,
    /// Columns.
    Column,
    /// Indexes.
    Index,
    /// Foreign keys and checks.
    Constraint,
    /// Triggers.
    Trigger,
    /// Sequences, types, routines.
    Other,
}

/// Where names of one kind have to be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespacing {
    /// Within their table.
    Table,
    /// Within the schema, among their own kind.
    Schema,
    /// Within the schema, together with tables and views.
    SchemaWithTables,
}

/// What counts as the same on an engine. Every method gets the live side first.
pub trait Compare: Sync {
    /// The form of a name that equals that of every other spelling of it.
    fn fold(&self, kind: NameKind, name: &str, facts: &Facts) -> String;

    /// Where index names have to be unique.
    fn index_names(&self, facts: &Facts) -> Namespacing;

    /// Where names of foreign keys have to be unique.
    fn foreign_key_names(&self, facts: &Facts) -> Namespacing;

    /// Every way in which a live column differs from the declared one, names and
    /// comments aside: type, nullability, default, identity, generated expression, ON UPDATE,
    /// collation, visibility. Each side is given as written and as compared. What the declaration
    /// leaves open never differs. `unknown` takes those that only an engine could decide.
    fn column(
        &self,
        is: (&Column, &Table),
        wish: (&Column, &Table),
        facts: &Facts,
        unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference>;

    /// Every way in which the table itself differs: engine, collation, options,
    /// partitions; not its parts and not its comment. `notes` takes what nobody declared for
    /// this table.
    fn table(
        &self,
        is: &Table,
        wish: &Table,
        facts: &Facts,
        notes: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference>;

    /// Every way in which an index differs, its name aside: columns, uniqueness, kind,
    /// predicate, visibility. `tables` are the live and the declared table.
    fn index(
        &self,
        is: &Index,
        wish: &Index,
        tables: (&Table, &Table),
        facts: &Facts,
        unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference>;

    /// Every way in which the actions, match or deferrability of two foreign keys over
    /// the same columns differ; columns and target are compared by the planner.
    fn foreign_key(
        &self,
        is: &ForeignKey,
        wish: &ForeignKey,
        facts: &Facts,
    ) -> Vec<AspectDifference>;

    /// False when the engine takes foreign keys of this table and forgets them: then none is
    /// missing. Only the table's options are looked at.
    fn keeps_foreign_keys(&self, table: &Table, facts: &Facts) -> bool;

    /// Whether two checks say the same.
    fn check(&self, is: &Check, wish: &Check, facts: &Facts) -> Verdict;

    /// Whether two views are the same query. With each comes its database: what `*` stands for
    /// is told by the tables there.
    fn view(&self, is: (&View, &Database), wish: (&View, &Database), facts: &Facts) -> Verdict;

    /// Whether two triggers do the same.
    fn trigger(&self, is: &Trigger, wish: &Trigger, facts: &Facts) -> Verdict;

    /// Whether two other objects, of the same kind and name, say the same. What the declaration
    /// leaves open (the version of an extension) never differs; owners and rights are no part of
    /// it.
    fn object(&self, is: &Object, wish: &Object, facts: &Facts) -> Verdict;

    /// True for an object of which only the text is known that can be dropped and, should that
    /// have been wrong, be made again from that text. Every other one stays when everything
    /// undeclared goes.
    fn lets_go(&self, opaque: &Opaque, facts: &Facts) -> bool;

    /// In what two sequences of one name differ. What the declaration leaves open never does.
    fn sequence(&self, is: &Sequence, wish: &Sequence, facts: &Facts) -> Vec<AspectDifference>;

    /// Where names of triggers have to be unique.
    fn trigger_names(&self, facts: &Facts) -> Namespacing;

    /// Whether two predicates or expressions mean the same.
    fn expr(&self, is: &Expr, wish: &Expr, facts: &Facts) -> Verdict;

    /// True when a live index is there only because the engine itself needs it: the
    /// backing of a foreign key on MySQL, the automatic index of a UNIQUE constraint. `table` is
    /// the live table with all its keys.
    fn is_implied_index(&self, index: &Index, table: &Table, facts: &Facts) -> bool;

    /// True when an engine-made check carries a type (MariaDB's `json_valid` on a JSON
    /// column) and is not an object of its own.
    fn is_implied_check(&self, check: &Check, table: &Table, facts: &Facts) -> bool;
}
