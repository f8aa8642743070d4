//! Servers that speak TLS and say how each login came in.

use realign_testkit::{
    Live, PostgresServer, Server, certificates, mariadb_with, mysql_or_say, mysql_with,
    postgres_with,
};

/// A database with an account of its own on a server that speaks TLS.
pub(crate) struct Place {
    /// The engine.
    pub(crate) engine: &'static str,
    /// The port on `localhost`, alias 127.0.0.1.
    pub(crate) port: u16,
    /// The account.
    pub(crate) user: String,
    /// The database.
    pub(crate) name: String,
    server: Kind,
    database: Box<dyn Live>,
}

enum Kind {
    MySqlLike(&'static Server),
    Postgres(&'static PostgresServer),
}

/// MariaDB, where the account has this password.
pub(crate) fn on_mariadb(password: &str) -> Place {
    on_mysql_like("mariadb", mariadb_with(&options()), password)
}

/// MySQL, where it is here.
pub(crate) fn on_mysql(password: &str) -> Option<Place> {
    mysql_or_say()?;
    let server = mysql_with(&options())?;
    Some(on_mysql_like("mysql", server, password))
}

/// Each is one server for all tests, as its settings are the same.
fn options() -> Vec<&'static str> {
    let mut options = vec!["--general-log=1", "--log-output=TABLE"];
    for option in certificates().mysql_options() {
        options.push(String::leak(option));
    }
    options
}

fn on_mysql_like(engine: &'static str, server: &'static Server, password: &str) -> Place {
    let database = server.database();
    let name = database.name().to_owned();
    let user = format!(
        "t_{}",
        name.rsplit_once("test_").map_or("x", |(_, end)| end)
    );
    let place = Place {
        engine,
        port: server.port(),
        user,
        name,
        server: Kind::MySqlLike(server),
        database: Box::new(database),
    };
    place.admin(&format!(
        "CREATE USER {user}@'%' IDENTIFIED BY '{}'; GRANT ALL ON {name}.* TO {user}@'%'",
        password.replace('\\', "\\\\").replace('\'', "''"),
        user = place.user,
        name = place.name,
    ));
    place
}

/// PostgreSQL.
pub(crate) fn on_postgres(password: &str) -> Place {
    let mut options = certificates().postgres_options();
    options.extend(["log_connections=on", "log_line_prefix=<%u> "].map(str::to_owned));
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let server = postgres_with(&options);
    let database = server.database();
    let name = database.name().to_owned();
    let place = Place {
        engine: "postgres",
        port: server.port(),
        user: format!("t_{name}"),
        name,
        server: Kind::Postgres(server),
        database: Box::new(database),
    };
    place.admin(&format!(
        "CREATE ROLE {user} LOGIN PASSWORD '{}'; GRANT ALL ON SCHEMA public TO {user}",
        password.replace('\'', "''"),
        user = place.user,
    ));
    place
}

impl Place {
    /// Runs a script as the administrator.
    pub(crate) fn admin(&self, script: &str) {
        self.database.client(script);
    }

    /// The address with the words that stand between account and host, if any.
    pub(crate) fn url(&self, password: &str, host: &str, parameters: &str) -> String {
        let Self {
            engine,
            port,
            user,
            name,
            ..
        } = self;
        let password = if password.is_empty() {
            String::new()
        } else {
            format!(":{password}")
        };
        format!("{engine}://{user}{password}@{host}:{port}/{name}{parameters}")
    }

    /// True when the account's last login came in encrypted.
    pub(crate) fn last_was_encrypted(&self) -> bool {
        match self.server {
            Kind::MySqlLike(server) => {
                let query = format!(
                    "SELECT argument FROM mysql.general_log WHERE command_type = 'Connect' \
                     AND argument LIKE '{}@%' ORDER BY event_time DESC LIMIT 1",
                    self.user
                );
                server.rows("", &query)[0][0].contains("SSL/TLS")
            }
            Kind::Postgres(server) => {
                let log = server.log();
                let by = format!("<{}> LOG:  connection authorized:", self.user);
                let last = log.lines().rfind(|line| line.starts_with(&by));
                last.expect("somebody logged in").contains("SSL enabled")
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A role outlives its database.
        let user = &self.user;
        let script = match self.server {
            Kind::MySqlLike(_) => format!("DROP USER {user}@'%'"),
            Kind::Postgres(_) => format!("DROP OWNED BY {user} CASCADE; DROP ROLE {user}"),
        };
        let _ = self.database.try_client(&script);
    }
}
