//! A mutant for every aspect of the model, on every engine, through the program and real servers.
//!
//! Just one thing is changed in a live database whose schema was kept as the declaration:
//! `validate` has to name the object and the aspect, `update` has to mend it, and the engine's
//! own print of the database has to be what it was. Each aspect, and each field of the model, has
//! to be changed by one of them, or stand in the table of what an engine does not have.

#![allow(clippy::print_stdout, reason = "the counts are there to be read")]

mod absent;
mod coverage;
mod engines;
mod fields;
mod fields_absent;
mod mysql;
mod objects_absent;
mod only_mariadb;
mod postgresql;
mod postgresql_objects;
mod postgresql_uncertain;
mod sqlite;
mod trial;

use realign_testkit::{mariadb, mysql_or_say, postgres, sqlite_file};
use trial::Engine;

#[test]
fn on_sqlite() {
    coverage::check(&Engine {
        name: "sqlite",
        open: || Box::new(sqlite_file()),
        schema: sqlite::SCHEMA,
        mutants: sqlite::mutants(),
    });
}

#[test]
fn on_mariadb() {
    coverage::check(&Engine {
        name: "mariadb",
        open: || Box::new(mariadb().database()),
        schema: only_mariadb::SCHEMA_ON_MARIADB,
        mutants: mysql::on_mariadb(),
    });
}

#[test]
fn on_mysql() {
    if mysql_or_say().is_none() {
        return;
    }
    coverage::check(&Engine {
        name: "mysql",
        open: || Box::new(mysql_or_say().expect("looked for before").database()),
        schema: mysql::SCHEMA,
        mutants: mysql::on_mysql(),
    });
}

#[test]
fn on_postgresql() {
    coverage::check(&Engine {
        name: "postgresql",
        open: || Box::new(postgres().database()),
        schema: postgresql::SCHEMA,
        mutants: postgresql::mutants(),
    });
}
