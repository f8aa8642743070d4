//! All targets in one program; `REALIGN_FUZZ` names the one to run.

#![no_main]

/// The library without its drivers: what is fuzzed opens nothing.
mod realign {
    pub(crate) use realign_model as model;
    pub(crate) use realign_planner as planner;
    pub(crate) use realign_sources as sources;

    use planner::{Dialect, Facts};

    /// An engine without a connection.
    pub(crate) struct Engine {
        pub(crate) dialect: &'static dyn Dialect,
    }

    static ENGINES: [Engine; 3] = [
        Engine {
            dialect: &realign_mysql::MySql,
        },
        Engine {
            dialect: &realign_postgres::Postgres,
        },
        Engine {
            dialect: &realign_sqlite::Sqlite,
        },
    ];

    /// The engine that a text like `mariadb-10.11` names.
    pub(crate) fn offline(version: &str) -> Option<(&'static Engine, Facts)> {
        let mut engines = ENGINES.iter();
        engines.find_map(|engine| Some((engine, engine.dialect.offline_facts(version)?)))
    }
}

#[path = "../properties.rs"]
mod properties;

use std::sync::OnceLock;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static NAME: OnceLock<String> = OnceLock::new();
    let name =
        NAME.get_or_init(|| std::env::var("REALIGN_FUZZ").expect("REALIGN_FUZZ names a target"));
    properties::run(name, bytes);
});
