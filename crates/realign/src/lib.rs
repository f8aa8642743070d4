//! The public library: every engine in one list, every source behind one door.
//!
//! It re-exports the parts and adds what needs all of them at once: which dialect an
//! address means, what the declared sources declare, which tables are a history that
//! nobody may touch. It prints nothing and decides no exit code.
//!
//! ```
//! use realign::model::Database;
//!
//! let (engine, facts) = realign::offline("mariadb-10.11").expect("an engine that is known");
//! let plan = realign::planner::create_plan(&Database::default(), engine.dialect, &facts);
//! assert!(plan.is_empty());
//! ```

pub use realign_model as model;
pub use realign_planner as planner;
pub use realign_runtime as runtime;
pub use realign_sources as sources;

mod declare;
mod document;
mod files;
mod history;
mod mapping_xml;
mod program;
mod registry;
mod replay;
mod revision;
mod source;
pub mod tree;

pub use declare::{Declared, Reading, declared};
pub use document::{SCHEMA_FORMAT, SchemaDocument, plan_schema};
pub use files::{mapping_files, picture};
pub use history::history_tables;
pub use mapping_xml::doctrine_xml;
pub use registry::{Engine, engine, engines, offline, product, vendors};
pub use source::Source;
