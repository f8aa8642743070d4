//! MariaDB as Debian ships it.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Place, Recipe, succeed};
use crate::client::{chosen, need};

/// A MariaDB server with these options; `init` runs at its start.
pub(crate) struct MariaDb<'a> {
    pub(crate) options: &'a [&'a str],
    pub(crate) init: &'a str,
}

/// One of the server's programs: in the folder that `REALIGN_MARIADB` names, else installed.
fn program(name: &str) -> PathBuf {
    chosen("REALIGN_MARIADB").map_or_else(
        || need(name, "mariadb-server-core"),
        |folder| folder.join(name),
    )
}

impl Recipe for MariaDb<'_> {
    fn kind(&self) -> &'static str {
        "mariadb"
    }

    fn settings(&self) -> String {
        let own = self.options.join("\0");
        format!("{}\0{own}", program("mariadbd").display())
    }

    fn install(&self, place: &Place) -> Result<(), String> {
        place.write("init.sql", self.init)?;
        // Options that decide how the data folder is laid out are needed here as well.
        let layout = self
            .options
            .iter()
            .filter(|option| option.contains("lower_case_table_names"));
        succeed(
            place
                .command(program("mariadb-install-db"))
                .arg("--no-defaults")
                .arg(format!("--datadir={}", place.data().display()))
                .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
                .args(layout),
        )
    }

    fn server(&self, place: &Place, port: u16) -> Vec<OsString> {
        let program = program("mariadbd");
        let mut words = vec![program.into_os_string(), "--no-defaults".into()];
        words.extend(place.options(port));
        words.extend(SETTINGS.map(OsString::from));
        words.extend(self.options.iter().map(OsString::from));
        words
    }
}

/// As Debian configures it, where that matters to SQL; and quick, as nothing has to outlive a run.
const SETTINGS: [&str; 10] = [
    "--bind-address=127.0.0.1",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
    "--innodb-flush-method=nosync",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=128M",
    "--innodb-log-file-size=48M",
    "--max-connections=300",
    "--skip-log-bin",
    "--performance-schema=OFF",
];
