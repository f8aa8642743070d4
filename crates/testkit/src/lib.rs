//! What tests stand on: real servers in temporary folders, a database each, rows that
//! respect every key, and a proof of sameness that does not use Realign's own code.
//!
//! Nothing here reads a database through Realign or a Rust driver: all of it goes through the
//! engines' own command line clients, so a fault in our reading can't hide itself.
//! A missing program is a failure that names the command to install it.
//!
//! ```no_run
//! let database = realign_testkit::mariadb().database();
//! database.client("CREATE TABLE t (id INT PRIMARY KEY)");
//! realign_testkit::fill(&database, 3);
//! let before = realign_testkit::Shape::of(&database);
//! assert_eq!(before.differences(&realign_testkit::Shape::of(&database)), "");
//! ```

#![allow(
    clippy::missing_panics_doc,
    clippy::print_stdout,
    reason = "a test kit fails by panicking, and tells a test's reader what was left out"
)]

mod catalogue;
mod certificates;
mod client;
mod corpus;
mod database;
mod holding;
mod killable;
mod launch;
mod outside;
mod poolers;
mod postgres;
mod rows;
mod server;
mod services;
mod tokens;

pub use catalogue::{ColumnKind, ColumnShape, KeyShape, TableShape};
pub use certificates::{Certificates, certificates};
pub use client::need;
pub use corpus::{checkout, corpus};
pub use database::{Live, SqliteFile, TestDatabase, sqlite_file};
pub use holding::Holding;
pub use killable::{Killable, killable_mariadb, killable_mysql, killable_postgres};
pub use outside::Shape;
pub use poolers::{Cluster, Pooler};
pub use postgres::{PostgresDatabase, PostgresServer, postgres, postgres_with};
pub use rows::{TableRows, empty, fill, fill_densely, fill_what_fits, rows, rows_lost};
pub use server::{Account, Server, mariadb, mariadb_with, mysql, mysql_or_say, mysql_with};
pub use services::{Service, memcached, redis};
pub use tokens::tokens;
