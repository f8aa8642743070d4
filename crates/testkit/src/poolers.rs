//! What stands between a program and its server: a pooler, a cluster.

use crate::launch::{Galera, Own, PgBouncer};
use crate::postgres::PostgresServer;
use crate::server::{PASSWORD, Server, USER, Vendor, accounts};

/// PgBouncer in transaction mode before a PostgreSQL server; it ends with the value.
pub struct Pooler {
    own: Own,
}

impl Pooler {
    /// Starts one before this server.
    pub fn before(server: &PostgresServer) -> Self {
        Self {
            own: Own::start(PgBouncer {
                server: server.port(),
                user: USER,
                password: PASSWORD,
            }),
        }
    }

    /// The URL of a database through it.
    pub fn url(&self, database: &str) -> String {
        let port = self.own.launched().port;
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}?sslmode=disable")
    }
}

/// Three MariaDB nodes that are one database; they end with the value.
pub struct Cluster {
    nodes: Vec<&'static Server>,
    _galera: Galera,
}

impl Cluster {
    /// Starts the nodes.
    pub fn start() -> Self {
        let galera = Galera::start(&accounts("CREATE OR REPLACE USER"), &|launched| {
            let node = Server::new(launched.again(), Vendor::MariaDb);
            node.try_client("", "SHOW STATUS LIKE 'wsrep_local_state_comment'")
                .is_ok_and(|told| told.contains("Synced"))
        });
        let nodes = (0..3)
            .map(|number| {
                let server = Server::new(galera.launched(number), Vendor::MariaDb);
                &*Box::leak(Box::new(server))
            })
            .collect();
        Self {
            nodes,
            _galera: galera,
        }
    }

    /// The nodes.
    pub fn nodes(&self) -> &[&'static Server] {
        &self.nodes
    }
}
