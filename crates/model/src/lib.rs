//! The schema of a database as plain data.
//!
//! Everything that enters Realign, whatever it was written in, becomes a
//! [`Database`]; nothing downstream asks where it came from. This crate opens no
//! file, no socket and no process, reads neither clock nor environment, and knows
//! no rule of any engine: what counts as the same is decided by a dialect.
//!
//! ```
//! use realign_model::{Column, Database, DataType, Ident, IntWidth, ObjectName, Table};
//!
//! let mut table = Table::new(ObjectName::bare("cust"));
//! table.columns.push(Column::new(Ident::new("id"), DataType::int(IntWidth::W32)));
//! let database = Database { tables: vec![table], ..Database::default() };
//! assert_eq!(database.tables[0].column("id").map(|c| c.nullable), Some(false));
//! ```

mod comment;
mod database;
mod expr;
mod fingerprint;
mod key;
mod name;
mod origin;
mod rare;
mod routine;
mod table;
mod types;
mod whole;

pub use comment::split_mark;
pub use database::{Comment, Database, DatabaseOptions, Namespace};
pub use expr::Expr;
pub use fingerprint::Fingerprint;
pub use key::{
    Check, ForeignKey, Index, IndexKind, IndexPart, IndexPartRest, IndexRest, IndexTarget,
    MatchKind, PrimaryKey, RefAction, SortOrder,
};
pub use name::{Ident, ObjectName};
pub use origin::{FileName, Origin, Span};
pub use rare::{Rare, Unsaid};
pub use routine::{
    Domain, EnumType, Event, Extension, Opaque, Routine, RoutineKind, Sequence, SessionSettings,
    Trigger, View,
};
pub use table::{
    Column, ColumnRest, Generated, GeneratedKind, Identity, MySqlTable, PartitionOf, Partitioning,
    PostgresTable, SqliteTable, Table, TableOptions, TableRest,
};
pub use types::{DataType, FloatWidth, IntWidth, TextSize};
