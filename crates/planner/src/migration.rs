//! Migrations as values: files, versions, aliases, plans and counts.
//!
//! Nothing here opens a file or a database. A [`Version`] identifies a migration, an
//! [`Overview`] holds what is there and what was executed, [`Target`] and [`plan`] say what has
//! to run, and [`MigrationFile`] is what a file says.

mod alias;
mod check;
mod checksum;
mod file;
mod overview;
mod placeholders;
mod schedule;
mod version;

pub use alias::{AliasError, Target, resolve};
pub use check::{Check, CheckKind, Condition, Object, Structure};
pub use checksum::checksum;
pub use file::{Directive, MigrationFile, Phase, Section, line_and_column};
pub use overview::{Executed, Overview};
pub use placeholders::{Placeholders, fill};
pub use schedule::{Direction, Schedule, only, schedule};
pub use version::{FileName, Version, file_name};
