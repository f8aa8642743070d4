//! Two schemas in, an ordered and reasoned plan out.
//!
//! Pure logic: this crate opens nothing, reads no clock, and names no engine.
//! What differs from engine to engine is asked through [`Dialect`], [`Compare`]
//! and [`DoctrinePlatform`]; each engine answers in one folder of its own.
//!
//! The way of the data: two [`realign_model::Database`] values go into [`diff`],
//! its [`Diff`] goes into [`plan`], and the [`Plan`] is a value that can be
//! shown, saved, hashed and run later.

mod bookkeeping;
mod change;
mod diagnostic;
pub mod diagram;
mod dialect;
mod diff;
mod doctrine;
mod facts;
mod impossible;
pub mod migration;
mod names;
mod not_compared;
mod object;
mod pairs;
mod plan;
mod planning;
mod policy;
mod profile;
mod rows;
pub mod schema_script;
pub mod script;
mod settled;
mod uses;

pub use bookkeeping::{
    BookColumn, BookType, Bookkeeping, HISTORY_TABLE, LOCK_TABLE, LockKind, OWN_TABLES, RUNS_TABLE,
    Removal, UPGRADES_TABLE,
};
pub use change::{
    Aspect, AspectDifference, Change, Diff, Finding, Side, TableChange, TableItem, Weight,
};
pub use diagnostic::{Diagnostic, Severity};
pub use dialect::{
    Assembled, CatalogQuery, Compare, Dialect, Envelope, Lowering, NameKind, NameLimit,
    Namespacing, TableSize, Verdict, Versions,
};
pub use diff::{diff, renamed};
pub use doctrine::{
    CustomName, DbalType, DoctrineColumn, DoctrineIndex, DoctrinePlatform, IdSource, OptionValue,
    TableDefaults,
};
pub use facts::{Facts, ServerVersion};
pub use impossible::{is_key, long_names, referred};
pub use names::name_collisions;
pub use not_compared::NotCompared;
pub use object::{Object, counting, type_text};
pub use plan::{
    Expectation, Loss, PLAN_FORMAT, Phase, Plan, Precheck, Reason, Risk, Statement, Step,
};
pub use planning::{create_plan, drop_plan, plan, printed_changes, printed_plan};
pub use policy::{Policy, Renames, Scope};
pub use profile::Profile;
pub use rows::{Rows, Value};
pub use schema_script::{Interpret, Interpreted, SchemaScript};
pub use script::{
    Effect, Line, Nature, ObjectKind, ObjectRef, Script, ScriptStatement, Scripts, StatementKind,
};
pub use settled::settled;
pub use uses::Uses;
