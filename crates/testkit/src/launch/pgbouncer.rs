//! PgBouncer in transaction mode, before a PostgreSQL server.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Place, Recipe};
use crate::client::need;

/// A pooler that gives a session of the server away with every transaction.
pub(crate) struct PgBouncer {
    pub(crate) server: u16,
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
}

impl Recipe for PgBouncer {
    fn kind(&self) -> &'static str {
        "pgbouncer"
    }

    fn settings(&self) -> String {
        self.server.to_string()
    }

    fn install(&self, place: &Place) -> Result<(), String> {
        let (user, password) = (self.user, self.password);
        place.write("users.txt", &format!("\"{user}\" \"{password}\"\n"))?;
        Ok(())
    }

    fn server(&self, place: &Place, port: u16) -> Vec<OsString> {
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir = {}\nauth_type = plain\nauth_file = {}\n\
             pool_mode = transaction\ndefault_pool_size = 8\nmax_client_conn = 200\n\
             server_tls_sslmode = disable\n",
            self.server,
            place.data().display(),
            place.folder.join("users.txt").display(),
        );
        let file = place
            .write("pgbouncer.ini", &text)
            .unwrap_or_else(|error| panic!("{error}"));
        vec![need("pgbouncer", "pgbouncer").into(), file.into()]
    }

    fn socket(&self, place: &Place, port: u16) -> PathBuf {
        place.data().join(format!(".s.PGSQL.{port}"))
    }

    fn ready(&self) -> &'static str {
        "process up"
    }
}
