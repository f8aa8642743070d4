//! A PostgreSQL server, and databases on it.

mod catalogue;
mod dump;

use std::sync::LazyLock;

use crate::catalogue::TableShape;
use crate::client::run;
use crate::database::Live;
use crate::launch::{self, Launched, Postgres, postgres_program};
use crate::server::{PASSWORD, USER, unique};

/// A server that is up, shared by every test of the run.
pub struct PostgresServer {
    launched: Launched,
}

/// PostgreSQL as Debian ships it.
pub fn postgres() -> &'static PostgresServer {
    static SERVER: LazyLock<PostgresServer> = LazyLock::new(|| PostgresServer {
        launched: launch::launch(&Postgres {
            user: USER,
            password: PASSWORD,
        }),
    });
    &SERVER
}

impl PostgresServer {
    /// A new database in UTF-8, dropped with the value.
    pub fn database(&'static self) -> PostgresDatabase {
        let name = unique("realign_test");
        let made = self.run("psql", "postgres", &[], &format!("CREATE DATABASE {name}"));
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

impl Live for PostgresDatabase {
    fn url(&self) -> String {
        let port = self.server.launched.port;
        format!(
            "postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/{}",
            self.name
        )
    }

    fn try_client(&self, script: &str) -> Result<String, String> {
        self.server.run("psql", &self.name, &[], script)
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
        let options = ["--schema-only", "--no-owner", "--no-privileges"];
        let printed = self.server.run("pg_dump", &self.name, &options, "");
        let printed = printed.unwrap_or_else(|error| panic!("pg_dump: {error}"));
        dump::definitions(&printed)
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
