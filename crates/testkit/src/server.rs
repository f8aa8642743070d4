//! MariaDB and MySQL servers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};

use crate::client::{need, run, unescape};
use crate::database::TestDatabase;
use crate::launch::{self, Launched, MariaDb, MySql};

/// The account that tests use. The password is a word that must appear in no output.
pub(crate) const USER: &str = "testkit";
pub(crate) const PASSWORD: &str = "open-sesame";

/// A server that is up, shared by every test of the run.
pub struct Server {
    launched: Launched,
    vendor: Vendor,
}

/// Whose server it is: both speak one protocol, and their catalogues differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vendor {
    MariaDb,
    MySql,
}

/// A login on a server.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its password.
    pub password: String,
}

/// MariaDB as Debian ships it.
pub fn mariadb() -> &'static Server {
    mariadb_with(&[])
}

/// MariaDB with settings of its own: `mariadb_with(&["--sql-mode=", "--lower-case-table-names=1"])`.
/// Servers with equal settings are one server.
pub fn mariadb_with(options: &[&str]) -> &'static Server {
    shared("mariadb", options, || {
        let init = accounts("CREATE OR REPLACE USER");
        Server {
            launched: launch::launch(&MariaDb {
                options,
                init: &init,
            }),
            vendor: Vendor::MariaDb,
        }
    })
}

/// MySQL, where it is: unpacked under `REALIGN_SERVERS` (by default `/var/cache/realign`), or installed.
pub fn mysql() -> Option<&'static Server> {
    mysql_with(&[])
}

/// MySQL with settings of its own.
pub fn mysql_with(options: &[&str]) -> Option<&'static Server> {
    let program = launch::mysql().ok()?;
    Some(shared("mysql", options, || {
        let init = accounts("CREATE USER IF NOT EXISTS");
        Server {
            launched: launch::launch(&MySql {
                program,
                options,
                init: &init,
            }),
            vendor: Vendor::MySql,
        }
    }))
}

/// As [`mysql`]; prints a line where there is none, for a test that then has nothing to do.
pub fn mysql_or_say() -> Option<&'static Server> {
    if let Err(place) = launch::mysql() {
        println!("not run: there is no MySQL server in {place}, and none is installed");
    }
    mysql()
}

/// The server of this kind with these options, started when it is first asked for.
fn shared(kind: &str, options: &[&str], start: impl FnOnce() -> Server) -> &'static Server {
    static SERVERS: LazyLock<Mutex<BTreeMap<String, &'static Server>>> =
        LazyLock::new(Mutex::default);
    let mut servers = SERVERS
        .lock()
        .expect("no test panics while it starts a server");
    servers
        .entry(format!("{kind}\0{}", options.join("\0")))
        .or_insert_with(|| Box::leak(Box::new(start())))
}

/// What makes the account that may do everything.
pub(crate) fn accounts(create: &str) -> String {
    format!(
        "{create} {USER}@'%' IDENTIFIED BY '{PASSWORD}';\n\
         GRANT ALL ON *.* TO {USER}@'%' WITH GRANT OPTION;\n"
    )
}

impl Server {
    pub(crate) fn new(launched: Launched, vendor: Vendor) -> Self {
        Self { launched, vendor }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.launched.port
    }

    /// The Unix socket.
    pub fn socket(&self) -> &Path {
        &self.launched.socket
    }

    /// The URL of a database on it, with the account that may do everything.
    pub fn url(&self, database: &str) -> String {
        self.url_as(
            &Account {
                name: USER.to_owned(),
                password: PASSWORD.to_owned(),
            },
            database,
        )
    }

    /// The URL of a database for another account.
    pub fn url_as(&self, account: &Account, database: &str) -> String {
        let Account { name, password } = account;
        format!(
            "{}://{name}:{password}@127.0.0.1:{}/{database}",
            match self.vendor {
                Vendor::MariaDb => "mariadb",
                Vendor::MySql => "mysql",
            },
            self.port()
        )
    }

    /// Whose server it is.
    pub(crate) fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// The password in [`Self::url`], to look for where it must not be.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// A new database, utf8mb4 and `utf8mb4_unicode_ci`, dropped with the value.
    pub fn database(&'static self) -> TestDatabase {
        self.database_with("CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    }

    /// A new database with other options in its CREATE DATABASE.
    pub fn database_with(&'static self, options: &str) -> TestDatabase {
        let name = unique("realign_test");
        self.client("", &format!("CREATE DATABASE {name} {options}"));
        TestDatabase::new(self, name)
    }

    /// A new account with these privileges: `user(&["SELECT ON shop.*"])`.
    pub fn user(&self, privileges: &[&str]) -> Account {
        let account = Account {
            name: unique("u"),
            password: PASSWORD.to_owned(),
        };
        let mut script = format!(
            "CREATE USER {}@'%' IDENTIFIED BY '{PASSWORD}';\n",
            account.name
        );
        for privilege in privileges {
            let _ = writeln!(script, "GRANT {privilege} TO {}@'%';", account.name);
        }
        self.client("", &script);
        account
    }

    /// Runs a script with the `mariadb` client and returns its output: a line a row, tabs between
    /// fields, the names of the columns first.
    ///
    /// # Panics
    /// With the client's message when a statement fails.
    pub fn client(&self, database: &str, script: &str) -> String {
        self.try_client(database, script)
            .unwrap_or_else(|error| panic!("mariadb client: {error}\nin: {}", cut(script)))
    }

    /// As [`Self::client`]; the error is what the client said.
    pub fn try_client(&self, database: &str, script: &str) -> Result<String, String> {
        self.pipe(database, script, &[])
    }

    /// Rows of one query, without the names of the columns. NULL reads `NULL`.
    pub fn rows(&self, database: &str, query: &str) -> Vec<Vec<String>> {
        self.pipe(database, query, &["--skip-column-names"])
            .unwrap_or_else(|error| panic!("mariadb client: {error}\nin: {query}"))
            .lines()
            .map(|line| line.split('\t').map(unescape).collect())
            .collect()
    }

    fn pipe(&self, database: &str, script: &str, more: &[&str]) -> Result<String, String> {
        let options = [&["--batch"], more].concat();
        self.program(client_program(), database, &options, script)
    }

    /// All of a database, bytes as digits.
    pub(crate) fn dumped(&self, database: &str) -> String {
        let program = need("mariadb-dump", "mariadb-client");
        let options = ["--hex-blob", "--routines", "--events"];
        self.program(program, database, &options, "")
            .unwrap_or_else(|error| panic!("mariadb-dump: {error}"))
    }

    fn program(
        &self,
        program: PathBuf,
        database: &str,
        options: &[&str],
        input: &str,
    ) -> Result<String, String> {
        let port = format!("--port={}", self.port());
        let user = format!("--user={USER}");
        let mut arguments = vec!["--no-defaults", "--host=127.0.0.1", &port, &user];
        arguments.push("--default-character-set=utf8mb4");
        arguments.extend(options);
        if !database.is_empty() {
            arguments.push(database);
        }
        run(program, &arguments, &[("MYSQL_PWD", PASSWORD)], input)
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server(127.0.0.1:{})", self.port())
    }
}

fn client_program() -> PathBuf {
    need("mariadb", "mariadb-client")
}

/// A name that no other test has.
pub(crate) fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let moment = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    format!("{prefix}_{}_{count}_{:x}", std::process::id(), moment)
}

fn cut(script: &str) -> String {
    script.chars().take(2000).collect()
}
