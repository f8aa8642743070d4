//! A PostgreSQL server, and databases on it.

mod catalogue;
mod dump;

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use crate::catalogue::TableShape;
use crate::client::run;
use crate::database::Live;
use crate::launch::{self, Launched, Postgres, postgres_program};
use crate::server::{Account, PASSWORD, USER, unique};

/// A server that is up, shared by every test of the run.
pub struct PostgresServer {
    launched: Launched,
}

/// PostgreSQL as Debian ships it.
pub fn postgres() -> &'static PostgresServer {
    postgres_with(&[])
}

/// PostgreSQL with settings of its own: `postgres_with(&["log_statement=all"])`.
/// Servers with equal settings are one server.
pub fn postgres_with(options: &[&str]) -> &'static PostgresServer {
    static SERVERS: LazyLock<Mutex<BTreeMap<String, &'static PostgresServer>>> =
        LazyLock::new(Mutex::default);
    let start = || PostgresServer {
        launched: launch::launch(&Postgres {
            options,
            user: USER,
            password: PASSWORD,
        }),
    };
    let mut servers = SERVERS
        .lock()
        .expect("no test panics while it starts a server");
    servers
        .entry(options.join("\0"))
        .or_insert_with(|| Box::leak(Box::new(start())))
}

impl PostgresServer {
    pub(crate) fn new(launched: Launched) -> Self {
        Self { launched }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.launched.port
    }

    /// What the server has written into its log.
    pub fn log(&self) -> String {
        self.launched.log()
    }

    /// The URL of a database for another account.
    pub fn url_as(&self, account: &Account, database: &str) -> String {
        let Account { name, password } = account;
        let port = self.port();
        format!("postgres://{name}:{password}@127.0.0.1:{port}/{database}")
    }

    /// A new database in UTF-8, dropped with the value.
    pub fn database(&'static self) -> PostgresDatabase {
        self.database_with("")
    }

    /// The same with such options: `ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`.
    pub fn database_with(&'static self, options: &str) -> PostgresDatabase {
        let name = unique("realign_test");
        let sql = format!("CREATE DATABASE {name} {options}");
        let made = self.run("psql", "postgres", &[], &sql);
        made.unwrap_or_else(|error| panic!("psql: {error}"));
        PostgresDatabase { server: self, name }
    }

    /// Runs one of the server's own programs on a database.
    fn run(
        &self,
        program: &str,
        database: &str,
        options: &[&str],
        input: &str,
    ) -> Result<String, String> {
        let port = self.launched.port.to_string();
        let mut arguments = vec!["-h", "127.0.0.1", "-p", &port, "-U", USER, "-d", database];
        if program == "psql" {
            arguments.extend(["-X", "-q", "-v", "ON_ERROR_STOP=1"]);
        }
        arguments.extend(options);
        let environment = [("PGPASSWORD", PASSWORD), ("PGCLIENTENCODING", "UTF8")];
        run(postgres_program(program), &arguments, &environment, input)
    }
}

impl std::fmt::Debug for PostgresServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgresServer(127.0.0.1:{})", self.launched.port)
    }
}

/// A database on a PostgreSQL server, dropped with the value.
#[derive(Debug)]
pub struct PostgresDatabase {
    server: &'static PostgresServer,
    name: String,
}

impl PostgresDatabase {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server that it is on.
    pub fn server(&self) -> &'static PostgresServer {
        self.server
    }

    /// A copy, faster than making it again.
    ///
    /// # Panics
    /// When somebody is still connected to it after some seconds.
    #[must_use]
    pub fn copy(&self) -> Self {
        let name = unique("realign_test");
        let sql = format!("CREATE DATABASE {name} TEMPLATE {}", self.name);
        // The end of an earlier connection may take the server a moment.
        let mut tries = 0;
        while let Err(error) = self.server.run("psql", "postgres", &[], &sql) {
            tries += 1;
            assert!(tries < 200, "{} can't be copied: {error}", self.name);
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Self {
            server: self.server,
            name,
        }
    }

    /// Its schema as `pg_dump` prints it, without owners.
    ///
    /// # Panics
    /// When `pg_dump` fails.
    pub fn printed(&self, options: &[&str]) -> String {
        let options = [&["--schema-only", "--no-owner"], options].concat();
        let printed = self.server.run("pg_dump", &self.name, &options, "");
        printed.unwrap_or_else(|error| panic!("pg_dump: {error}"))
    }
}

impl Live for PostgresDatabase {
    fn url(&self) -> String {
        let owner = Account {
            name: USER.to_owned(),
            password: PASSWORD.to_owned(),
        };
        self.server.url_as(&owner, &self.name)
    }

    fn try_client(&self, script: &str) -> Result<String, String> {
        self.server.run("psql", &self.name, &[], script)
    }

    fn dumped(&self) -> String {
        let dumped = self.server.run("pg_dump", &self.name, &[], "");
        dumped.unwrap_or_else(|error| panic!("pg_dump: {error}"))
    }

    fn rows(&self, query: &str) -> Vec<Vec<String>> {
        // A zero byte ends each row, the last one of a query too.
        let options = ["-A", "-t", "-0", "-F", "\u{1f}", "-P", "null=NULL"];
        self.server
            .run("psql", &self.name, &options, query)
            .unwrap_or_else(|error| panic!("psql: {error}\nin: {query}"))
            .split_terminator('\0')
            .map(|row| row.split('\u{1f}').map(str::to_owned).collect())
            .collect()
    }

    fn tables(&self) -> Vec<TableShape> {
        catalogue::tables(self)
    }

    fn definitions(&self) -> Vec<(String, Vec<String>)> {
        dump::definitions(&self.printed(&["--no-privileges"]))
    }

    fn quoted(&self, name: &str) -> String {
        format!("\"{name}\"")
    }

    fn bytes(&self, hex: &str) -> String {
        format!("'\\x{hex}'")
    }

    fn overriding(&self) -> &'static str {
        " OVERRIDING SYSTEM VALUE"
    }

    fn counted(&self) -> String {
        COUNTED.to_owned()
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        // A test that fails may have killed the server; its data goes with it then.
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = self.server.run("psql", "postgres", &[], &drop);
    }
}

/// Sets the sequence of each column, which has the name that both Doctrine and SERIAL give it.
const COUNTED: &str = r"
DO $$ DECLARE at record; BEGIN
FOR at IN SELECT t.oid::regclass AS held, a.attname, s.oid::regclass AS counter
  FROM pg_class t
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND a.atttypid IN (20, 21, 23)
  JOIN pg_class s ON s.relkind = 'S' AND s.relnamespace = t.relnamespace
    AND s.relname = t.relname || '_' || a.attname || '_seq'
  WHERE t.relkind IN ('r', 'p') AND NOT a.attisdropped
    AND t.relnamespace = current_schema()::regnamespace
LOOP
  EXECUTE format('SELECT setval(%L, max(%I)) FROM %s HAVING max(%2$I) IS NOT NULL',
    at.counter, at.attname, at.held);
END LOOP; END $$;
";
