//! Servers of one test alone, which it may kill and start again.

use crate::launch::{self, MariaDb, MySql, Own, Postgres};
use crate::postgres::PostgresServer;
use crate::server::{PASSWORD, Server, USER, Vendor, accounts};

/// Settings at which a server keeps what it has confirmed, whatever happens to it.
const DURABLE: [&str; 3] = [
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-flush-method=fsync",
    "--innodb-doublewrite=ON",
];
/// The same for PostgreSQL.
const DURABLE_POSTGRES: [&str; 3] = ["fsync=on", "synchronous_commit=on", "full_page_writes=on"];

/// A server that ends with the value.
pub struct Killable<S: 'static> {
    own: Own,
    server: &'static S,
}

impl<S> Killable<S> {
    /// The server, for databases on it. Its port and its folder stay over a kill.
    pub fn server(&self) -> &'static S {
        self.server
    }

    /// Kills it with SIGKILL, with every process that it has begun.
    pub fn kill(&mut self) {
        self.own.kill();
    }

    /// Starts it again on what it has left on its disk.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    pub fn again(&mut self) {
        self.own.again();
    }

    /// Its process id; 0 while it is dead.
    pub fn id(&self) -> u32 {
        self.own.id()
    }
}

/// A durable MariaDB server.
pub fn killable_mariadb() -> Killable<Server> {
    let init = accounts("CREATE OR REPLACE USER");
    let own = Own::start(MariaDb {
        options: &DURABLE,
        init: Box::leak(init.into_boxed_str()),
    });
    Killable {
        server: Box::leak(Box::new(Server::new(own.launched(), Vendor::MariaDb))),
        own,
    }
}

/// A durable MySQL server, where there is one.
pub fn killable_mysql() -> Option<Killable<Server>> {
    let init = accounts("CREATE USER IF NOT EXISTS");
    let own = Own::start(MySql {
        program: launch::mysql().ok()?,
        options: &DURABLE,
        init: Box::leak(init.into_boxed_str()),
    });
    Some(Killable {
        server: Box::leak(Box::new(Server::new(own.launched(), Vendor::MySql))),
        own,
    })
}

/// A durable PostgreSQL server.
pub fn killable_postgres() -> Killable<PostgresServer> {
    let own = Own::start(Postgres {
        options: &DURABLE_POSTGRES,
        user: USER,
        password: PASSWORD,
    });
    Killable {
        server: Box::leak(Box::new(PostgresServer::new(own.launched()))),
        own,
    }
}
