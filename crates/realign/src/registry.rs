//! The one list of engines.

use realign_planner::{Dialect, Facts};
use realign_runtime::{Connect, Error, ErrorKind, Target};

/// An engine: what it knows, and how to reach it.
#[derive(Debug, Clone, Copy)]
pub struct Engine {
    /// Its rules.
    pub dialect: &'static dyn Dialect,
    connect: fn(&Target) -> Result<Box<dyn Connect>, Error>,
    /// The database is a file that this process opens.
    embedded: bool,
    /// What its vendors call their products.
    products: &'static [(&'static str, &'static str)],
}

impl Engine {
    /// Something that opens sessions to this database; opens none yet.
    pub fn connect(&self, target: &Target) -> Result<Box<dyn Connect>, Error> {
        (self.connect)(target)
    }

    /// The same, and a database that is a file is made when it is not there.
    pub fn connect_or_make(&self, target: &Target) -> Result<Box<dyn Connect>, Error> {
        let mut target = target.clone();
        if self.embedded {
            let mode = target.parameters.entry("mode".to_owned());
            mode.or_insert_with(|| "rwc".to_owned());
        }
        (self.connect)(&target)
    }

    /// An empty database that is nowhere but in memory, for an engine that has such.
    pub fn in_memory(&self) -> Option<Result<Box<dyn Connect>, Error>> {
        self.embedded.then(|| {
            (self.connect)(&Target {
                scheme: self.dialect.url_schemes()[0].to_owned(),
                database: ":memory:".to_owned(),
                ..Target::default()
            })
        })
    }

    /// The products that speak its language, as [`Facts::vendor`] names them.
    pub fn vendors(&self) -> impl Iterator<Item = &'static str> {
        self.products.iter().map(|(vendor, _)| *vendor)
    }

    /// True for a database that is a file, and the file is not there.
    pub fn is_absent(&self, target: &Target) -> bool {
        self.embedded
            && target.database != ":memory:"
            && !std::path::Path::new(&target.database).exists()
    }
}

/// One entry an engine: a new one is added here and nowhere else.
static ENGINES: &[Engine] = &[
    Engine {
        dialect: &realign_sqlite::SQLITE,
        connect: realign_sqlite::live::connect,
        embedded: true,
        products: &[("sqlite", "SQLite")],
    },
    Engine {
        dialect: &realign_mysql::MYSQL,
        connect: realign_mysql::live::connect,
        embedded: false,
        products: &[("mysql", "MySQL"), ("mariadb", "MariaDB")],
    },
    Engine {
        dialect: &realign_postgres::POSTGRES,
        connect: realign_postgres::live::connect,
        embedded: false,
        products: &[("postgresql", "PostgreSQL")],
    },
];

/// Every engine of this build.
pub fn engines() -> &'static [Engine] {
    ENGINES
}

/// The products of every engine.
pub fn vendors() -> impl Iterator<Item = &'static str> {
    ENGINES.iter().flat_map(Engine::vendors)
}

/// The engine of an address.
pub fn engine(target: &Target) -> Result<&'static Engine, Error> {
    ENGINES
        .iter()
        .find(|engine| {
            engine
                .dialect
                .url_schemes()
                .contains(&target.scheme.as_str())
        })
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Usage,
                format!("no engine of this version answers to `{}`", target.scheme),
            )
            .with_help(format!("known are: {}", schemes()))
        })
}

/// The engine that a text like `mariadb-10.11` names, with its facts, without a connection.
pub fn offline(server_version: &str) -> Result<(&'static Engine, Facts), Error> {
    ENGINES
        .iter()
        .find_map(|engine| Some((engine, engine.dialect.offline_facts(server_version)?)))
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Usage,
                format!("`{server_version}` is no server version"),
            )
            .with_help(format!(
                "write the engine and its version, e.g. mariadb-10.11; known are: {}",
                schemes()
            ))
        })
}

/// The server as its maker calls it, with its version: `MariaDB 10.11.6`.
pub fn product(facts: &Facts) -> String {
    let name = ENGINES
        .iter()
        .flat_map(|engine| engine.products)
        .find(|(vendor, _)| *vendor == facts.vendor)
        .map_or(facts.vendor.as_str(), |(_, name)| *name);
    let version = &facts.version;
    let digits: String = version
        .text
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    match digits.trim_end_matches('.') {
        "" => format!("{name} {}.{}", version.major, version.minor),
        digits => format!("{name} {digits}"),
    }
}

fn schemes() -> String {
    ENGINES
        .iter()
        .flat_map(|engine| engine.dialect.url_schemes())
        .copied()
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use realign_runtime::{ErrorKind, Target};

    use super::{engine, engines, offline, product};

    #[test]
    fn every_scheme_leads_to_its_engine() {
        for known in engines() {
            for scheme in known.dialect.url_schemes() {
                let target = Target {
                    scheme: (*scheme).to_owned(),
                    ..Target::default()
                };
                let found = engine(&target).expect("a known scheme");
                assert_eq!(found.dialect.name(), known.dialect.name());
            }
        }
        let error = engine(&Target::default()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
    }

    #[test]
    fn a_version_names_its_engine() {
        let (_, facts) = offline("mariadb-10.11.6").expect("known");
        assert_eq!(product(&facts), "MariaDB 10.11.6");
        assert!(offline("oracle-23").is_err());
    }
}
