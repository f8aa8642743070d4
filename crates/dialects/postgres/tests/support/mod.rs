//! A throw-away PostgreSQL server, and the whole way from a wish to a proven database.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use realign_model::Database;
use realign_planner::{Diff, Plan, Policy, Profile, Weight, diff, plan};
use realign_postgres::POSTGRES;
use realign_runtime::{Connection, Inspection, Stop, Target, apply, inspect, precheck, verify};

/// The server of this test program. It ends with it: its parent waits for the end of a pipe.
pub(crate) struct Server {
    pub(crate) port: u16,
    bin: PathBuf,
    folder: tempfile::TempDir,
    _pipe: Mutex<Option<ChildStdin>>,
    _watchdog: Mutex<Child>,
}

const WATCHDOG: &str = r#"
"$@" </dev/null >/dev/null 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server"
wait "$server"
"#;

fn bin() -> PathBuf {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    versions
        .pop()
        .filter(|bin| bin.join("postgres").is_file())
        .expect("PostgreSQL is needed: apt-get install -y postgresql")
}

/// A command as a plain user: the server refuses root.
fn as_user(program: &Path) -> Command {
    let root =
        fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
    if root {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"])
            .arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn start() -> Server {
    let bin = bin();
    let folder = tempfile::Builder::new()
        .prefix("realign-pg-")
        .tempdir_in("/tmp")
        .expect("a temporary folder");
    let path = folder.path();
    // The server's user owns its data.
    let mut mode = fs::metadata(path).expect("there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o777);
    fs::set_permissions(path, mode).expect("ours");
    let data = path.join("data");
    let done = as_user(&bin.join("initdb"))
        .args([
            "-U",
            "realign",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
            "-D",
        ])
        .arg(&data)
        .current_dir(path)
        .output()
        .expect("initdb starts");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    certify(path);
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a free port")
        .port();
    let mut server = as_user(&bin.join("postgres"));
    server
        .arg("-D")
        .arg(&data)
        .args(["-F", "-c", "listen_addresses=127.0.0.1", "-c"])
        .arg(format!("port={port}"))
        .args(["-c", "ssl=on", "-c"])
        .arg(format!(
            "ssl_cert_file={}",
            path.join("server.crt").display()
        ))
        .arg("-c")
        .arg(format!(
            "ssl_key_file={}",
            path.join("server.key").display()
        ))
        .arg("-c")
        .arg(format!("unix_socket_directories={}", path.display()));
    let mut watchdog = Command::new("sh");
    watchdog.arg("-c").arg(WATCHDOG).arg("watchdog");
    watchdog.arg(server.get_program());
    watchdog.args(server.get_args());
    let mut child = watchdog
        .current_dir(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("sh starts");
    let pipe = child.stdin.take();
    let server = Server {
        port,
        bin,
        folder,
        _pipe: Mutex::new(pipe),
        _watchdog: Mutex::new(child),
    };
    let began = Instant::now();
    while server.psql("postgres", "SELECT 1").is_err() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "the server did not start"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    server
}

/// An authority, a certificate of it for `localhost`, and another authority.
fn certify(folder: &Path) {
    const SCRIPT: &str = r"
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=authority -days 2
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=other -days 2
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
echo subjectAltName=DNS:localhost > ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile ext
chmod 600 server.key
chmod 644 *.crt
";
    let done = as_user(Path::new("sh"))
        .args(["-e", "-c", SCRIPT])
        .current_dir(folder)
        .output()
        .expect("sh starts");
    assert!(
        done.status.success(),
        "openssl is needed: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// The server of this program.
pub(crate) fn server() -> &'static Server {
    static SERVER: LazyLock<Server> = LazyLock::new(start);
    &SERVER
}

impl Server {
    /// A file of its folder: `ca.crt`, `other.crt`.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command
            .args(["-h", "127.0.0.1", "-U", "realign", "-p"])
            .arg(self.port.to_string());
        command
    }

    /// Runs a script; the error is what the client said.
    pub(crate) fn psql(&self, database: &str, script: &str) -> Result<String, String> {
        self.pipe(database, script, "ON_ERROR_STOP=1")
    }

    /// The same, going on after an error.
    pub(crate) fn psql_lenient(&self, database: &str, script: &str) -> Result<String, String> {
        self.pipe(database, script, "ON_ERROR_STOP=0")
    }

    fn pipe(&self, database: &str, script: &str, stop: &str) -> Result<String, String> {
        let mut child = self
            .client("psql")
            .args(["-X", "-q", "-t", "-A", "-v", stop, "-d", database])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql starts");
        let mut stdin = child.stdin.take().expect("piped");
        let script = script.to_owned();
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(script.as_bytes());
        });
        let done = child.wait_with_output().expect("psql ends");
        writer.join().expect("written");
        if done.status.success() {
            Ok(String::from_utf8_lossy(&done.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&done.stderr).into_owned())
        }
    }

    /// The schema as the engine's own tool prints it, in an order that no history shows.
    pub(crate) fn dump(&self, database: &str) -> Vec<String> {
        let done = self
            .client("pg_dump")
            .args(["-s", "-O", "--no-comments", "-d", database])
            .output()
            .expect("pg_dump starts");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let mut parts: Vec<String> = text
            .split(";\n")
            .map(|statement| {
                let mut lines: Vec<String> = statement
                    .lines()
                    .filter(|l| {
                        !l.starts_with("--") && !l.trim().is_empty() && !l.starts_with('\\')
                    })
                    .map(|l| l.trim().trim_end_matches(',').to_owned())
                    .collect();
                // The order of columns is none.
                if lines.first().is_some_and(|l| l.starts_with("CREATE TABLE")) {
                    lines[1..].sort();
                }
                lines.join("\n")
            })
            .filter(|s| {
                // Rights, and how values are stored and counted, are the administrator's.
                !s.is_empty()
                    && !s.starts_with("GRANT ")
                    && !s.starts_with("REVOKE ")
                    && !s.contains(" SET STORAGE ")
                    && !s.starts_with("SET ")
                    && !s.starts_with("SELECT pg_catalog")
                    && !s.contains(" SET STATISTICS ")
            })
            .collect();
        parts.sort();
        parts
    }
}

fn next_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// A database of its own.
pub(crate) struct TestDatabase {
    pub(crate) name: String,
}

impl TestDatabase {
    pub(crate) fn new() -> Self {
        let name = next_name();
        server()
            .psql("postgres", &format!("CREATE DATABASE {name}"))
            .expect("a new database");
        Self { name }
    }

    /// A copy, faster than making it again.
    pub(crate) fn copy_of(other: &Self) -> Self {
        let database = Self { name: next_name() };
        let sql = format!("CREATE DATABASE {} TEMPLATE {}", database.name, other.name);
        // The end of an earlier connection may take the server a moment.
        for _ in 0..100 {
            if server().psql("postgres", &sql).is_ok() {
                return database;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{} can't be copied", other.name);
    }

    pub(crate) fn with(script: &str) -> Self {
        let database = Self::new();
        database.run(script);
        database
    }

    pub(crate) fn run(&self, script: &str) -> String {
        server().psql(&self.name, script).unwrap_or_else(|e| {
            panic!("{e}\nin: {}", script.chars().take(2000).collect::<String>())
        })
    }

    pub(crate) fn dump(&self) -> Vec<String> {
        server().dump(&self.name)
    }

    pub(crate) fn target(&self) -> Target {
        Target {
            scheme: "postgres".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: Some(server().port),
            user: Some("realign".to_owned()),
            database: self.name.clone(),
            ..Target::default()
        }
    }

    pub(crate) fn open(&self) -> Connection {
        let connect = realign_postgres::live::connect(&self.target()).expect("a complete address");
        Connection::open(connect.as_ref()).expect("the server is up")
    }

    pub(crate) fn inspect(&self) -> Inspection {
        inspect(&mut self.open(), &POSTGRES, Profile::default()).expect("readable")
    }

    /// What differs from a wish.
    pub(crate) fn diff(&self, wish: &Database, policy: &Policy) -> Diff {
        let found = self.inspect();
        diff(&found.database, wish, &POSTGRES, &found.facts, policy)
    }

    /// The plan towards a wish.
    pub(crate) fn plan(&self, wish: &Database, policy: &Policy) -> Plan {
        let found = self.inspect();
        let diff = diff(&found.database, wish, &POSTGRES, &found.facts, policy);
        plan(
            &diff,
            &found.database,
            wish,
            &POSTGRES,
            &found.facts,
            &found.sizes,
            policy,
        )
    }

    /// Goes the whole way; the error is what stood in the way, or what is left.
    pub(crate) fn update(&self, wish: &Database, policy: &Policy) -> Result<Plan, String> {
        let plan = self.plan(wish, policy);
        let mut connection = self.open();
        let checked = precheck(&mut connection, &plan).map_err(|e| format!("{e:?}"))?;
        let hard: Vec<_> = checked.refusals.iter().filter(|r| !r.lossy).collect();
        if !hard.is_empty() {
            return Err(format!("refused: {hard:#?}"));
        }
        apply(&mut connection, &plan, &mut (), &Stop::default())
            .map_err(|failure| format!("{:?}\n{}", failure.error, script(&plan)))?;
        verify(&mut connection, &POSTGRES, &plan)
            .map_err(|e| format!("{e:?}\n{}", script(&plan)))?;
        Ok(plan)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let _ = server().psql(
            "postgres",
            &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
        );
    }
}

/// Every statement of a plan.
pub(crate) fn script(plan: &Plan) -> String {
    let lines: Vec<String> = plan.statements().map(|s| format!("{};\n", s.sql)).collect();
    lines.concat()
}

/// The wish that a database is: as if it had been declared, marks included.
pub(crate) fn wish_of(database: &TestDatabase) -> Database {
    let mut wish = database.inspect().database;
    for table in &mut wish.tables {
        for column in &mut table.columns {
            column.type_mark.get_or_insert_with(String::new);
        }
    }
    wish
}

/// The lines of a diff that weigh something.
pub(crate) fn differences(diff: &Diff) -> Vec<String> {
    diff.of(Weight::Differs)
        .map(|f| format!("{} {:?}", f.object, f.aspect))
        .collect()
}

/// The mapping of these folders; a file of a later one replaces that of an earlier one.
pub(crate) fn mapping(folders: &[&Path]) -> Database {
    use realign_planner::Dialect as _;
    use realign_sources::{DoctrineOptions, SourceFile, load_doctrine_xml};
    let mut files = std::collections::BTreeMap::new();
    for entry in folders
        .iter()
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| fs::read_dir(folder).expect("mappings").flatten())
    {
        let path = entry.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(entry.path()).expect("text");
        files.insert(path.clone(), SourceFile { path, text });
    }
    let facts = POSTGRES.offline_facts("postgresql-15").expect("known");
    let files: Vec<SourceFile> = files.into_values().collect();
    let read = load_doctrine_xml(
        &files,
        &DoctrineOptions::default(),
        POSTGRES.doctrine(),
        &facts,
    );
    assert!(!read.has_errors(), "{:#?}", read.diagnostics);
    read.database
}
