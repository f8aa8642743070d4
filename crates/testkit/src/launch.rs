//! One server per run, shared by all test processes.
//!
//! Test runners like one process per test, and a server per process would cost a second each.
//! So a server lives in a folder named after its settings. Whoever needs it holds a shared
//! lock on `users.lock` for the life of its process; the kernel lets go of it however the
//! process ends. A small watchdog is the server's parent: it stops the server, by its own
//! process id, when nobody held that lock for ten seconds. Should the watchdog be killed, the
//! kernel kills the server (`setpriv --pdeathsig`).

mod galera;
mod mariadb;
mod mysql;
mod own;
mod pgbouncer;
mod postgres;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::client::need;
pub(crate) use galera::Galera;
pub(crate) use mariadb::MariaDb;
pub(crate) use mysql::{MySql, mysql};
pub(crate) use own::Own;
pub(crate) use pgbouncer::PgBouncer;
pub(crate) use postgres::{Postgres, program as postgres_program};

/// Stops the server when nobody used it for ten seconds.
const WATCHDOG: &str = r#"
folder=$1
shift
"$@" >"$folder/server.log" 2>&1 </dev/null &
server=$!
idle=0
while kill -0 "$server" 2>/dev/null; do
    sleep 1
    if flock -n -x "$folder/users.lock" true; then idle=$((idle + 1)); else idle=0; fi
    [ "$idle" -ge 10 ] || continue
    idle=0
    exec 9>>"$folder/start.lock"
    flock -x 9
    if flock -n -x "$folder/users.lock" true; then
        rm -f "$folder/ready"
        kill "$server"
        wait "$server"
        rm -rf "$folder/data"
        exit 0
    fi
    exec 9>&-
done
"#;

/// A running server that this process keeps alive.
pub(crate) struct Launched {
    pub(crate) port: u16,
    pub(crate) socket: PathBuf,
    /// Held, never read: the lock ends with the process.
    user: File,
}

impl Launched {
    /// The same server once more.
    pub(crate) fn again(&self) -> Self {
        Self {
            port: self.port,
            socket: self.socket.clone(),
            user: self.user.try_clone().expect("a file can be shared"),
        }
    }

    /// What the server has written into its log.
    pub(crate) fn log(&self) -> String {
        // The socket is in the data folder, and the log beside that.
        let folder = self.socket.ancestors().nth(2).unwrap_or(Path::new(""));
        let log = fs::read(folder.join("server.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }
}

/// The account that servers run under when the tests run as root.
const UNPRIVILEGED: &str = "nobody";

/// How a server of one kind is set up and started.
pub(crate) trait Recipe {
    /// Its kind, as it names folders.
    fn kind(&self) -> &'static str;

    /// What makes it another server than one of the same kind.
    fn settings(&self) -> String;

    /// Fills the empty data folder. Commands that write there come from [`Place::command`].
    fn install(&self, place: &Place) -> Result<(), String>;

    /// The program and its arguments. It has to listen on [`Self::socket`] and on the port.
    fn server(&self, place: &Place, port: u16) -> Vec<OsString>;

    /// The socket that it listens on when it is ready.
    fn socket(&self, place: &Place, _port: u16) -> PathBuf {
        place.socket()
    }

    /// What it writes into its log when it is ready.
    fn ready(&self) -> &'static str {
        "ready for connections"
    }
}

/// Where a server lives.
pub(crate) struct Place {
    folder: PathBuf,
    drop_rights: Vec<String>,
}

impl Place {
    /// An empty data folder in here, of the account that servers run under.
    fn empty(folder: &Path) -> Result<Self, String> {
        let mut place = Self {
            folder: folder.to_owned(),
            drop_rights: vec!["--pdeathsig".to_owned(), "KILL".to_owned()],
        };
        let data = place.data();
        let _ = fs::remove_dir_all(&data);
        fs::create_dir(&data).map_err(|error| format!("{}: {error}", data.display()))?;
        if let Some((uid, gid)) = server_account() {
            chown(&data, Some(uid), Some(gid)).map_err(|error| error.to_string())?;
            place.drop_rights.extend([
                format!("--reuid={uid}"),
                format!("--regid={gid}"),
                "--clear-groups".to_owned(),
            ]);
        }
        Ok(place)
    }

    /// Its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.data().join("s")
    }

    /// The options that say where everything is, which the servers of both vendors share.
    fn options(&self, port: u16) -> Vec<OsString> {
        let (data, socket) = (self.data(), self.socket());
        let file = self.folder.join("init.sql");
        [
            format!("--datadir={}", data.display()),
            format!("--socket={}", socket.display()),
            format!("--pid-file={}", data.join("pid").display()),
            format!("--tmpdir={}", data.display()),
            format!("--init-file={}", file.display()),
            format!("--port={port}"),
        ]
        .map(OsString::from)
        .to_vec()
    }

    /// Writes a file beside the data.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }

    /// A command under the server's account.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, program: S) -> Command {
        let mut command = Command::new(need("setpriv", "util-linux"));
        command
            .args(&self.drop_rights)
            .arg(program)
            .stdin(Stdio::null());
        command
    }
}

/// Runs a command that has to succeed; the error is what it said.
pub(crate) fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Starts a server, or joins the one that runs.
pub(crate) fn launch(recipe: &impl Recipe) -> Launched {
    let folder = folder(recipe);
    let start = lock_file(&folder.join("start.lock"));
    start.lock().expect("a lock file can be locked");
    let user = lock_file(&folder.join("users.lock"));
    user.lock_shared().expect("a lock file can be locked");
    let socket = folder.join("data/s");
    if let Some(port) = running(&folder) {
        return Launched { port, socket, user };
    }
    let mut failure = String::new();
    // The port is free when it is chosen; another process may be quicker.
    for _ in 0..3 {
        match begin(&folder, recipe) {
            Ok(port) => {
                return Launched { port, socket, user };
            }
            Err(error) => failure = error,
        }
    }
    panic!("{} does not start: {failure}", recipe.kind());
}

/// The folder of a server with these options: short, because a socket's path is limited.
fn folder(recipe: &impl Recipe) -> PathBuf {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let version = env!("CARGO_PKG_VERSION");
    for byte in recipe
        .settings()
        .bytes()
        .chain(version.bytes())
        .chain(WATCHDOG.bytes())
    {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let folder = base().join(format!("{}-{:08x}", recipe.kind(), hash >> 32));
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("own folder");
    folder
}

/// The folder of everything that the tests of this account share.
pub(crate) fn base() -> PathBuf {
    let base = scratch().join(format!("realign-testkit-{}", own_user()));
    fs::create_dir_all(&base).expect("the temporary folder can be written");
    fs::set_permissions(&base, fs::Permissions::from_mode(0o755)).expect("own folder");
    base
}

/// Where databases of tests live: `TMPDIR`, else memory where there is plenty of it, else the
/// temporary folder. In memory the tests take half the time.
pub(crate) fn scratch() -> PathBuf {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let memory = Path::new("/dev/shm");
        let free = Command::new("df")
            .args(["-k", "--output=avail"])
            .arg(memory)
            .output()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let free = free
            .ok()
            .and_then(|text| text.lines().nth(1)?.trim().parse::<u64>().ok());
        let plenty = free.is_some_and(|kilobytes| kilobytes > 2 * 1024 * 1024);
        if std::env::var_os("TMPDIR").is_none() && plenty {
            return memory.to_owned();
        }
        std::env::temp_dir()
    });
    FOLDER.clone()
}

/// The user id of this process, as the kernel shows it.
fn own_user() -> u32 {
    fs::metadata("/proc/self").map_or(0, |own| own.uid())
}

pub(crate) fn lock_file(path: &Path) -> File {
    File::options()
        .create(true)
        .append(true)
        .open(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The port of the server that runs in this folder, if one does.
fn running(folder: &Path) -> Option<u16> {
    let port = fs::read_to_string(folder.join("ready"))
        .ok()?
        .trim()
        .parse()
        .ok()?;
    std::net::TcpStream::connect(("127.0.0.1", port))
        .ok()
        .map(|_| port)
}

fn begin(folder: &Path, recipe: &impl Recipe) -> Result<u16, String> {
    let place = Place::empty(folder)?;
    recipe.install(&place)?;
    let port = free_port();
    let mut watchdog = Command::new(need("setsid", "util-linux"))
        .args(["--fork", "sh", "-c", WATCHDOG, "realign-testkit-watchdog"])
        .arg(folder)
        .arg(need("setpriv", "util-linux"))
        .args(&place.drop_rights)
        .args(recipe.server(&place, port))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let _ = watchdog.wait();
    let socket = recipe.socket(&place, port);
    await_ready(&socket, &folder.join("server.log"), recipe.ready())?;
    File::create(folder.join("ready"))
        .and_then(|mut ready| writeln!(ready, "{port}"))
        .map_err(|error| error.to_string())?;
    Ok(port)
}

/// Waits until the server listens on its socket, which it does when it is ready.
fn await_ready(socket: &Path, log: &Path, ready: &str) -> Result<(), String> {
    let begun = Instant::now();
    let told = || fs::read_to_string(log).unwrap_or_default();
    while begun.elapsed() < Duration::from_mins(1) {
        if std::os::unix::net::UnixStream::connect(socket).is_ok() && told().contains(ready) {
            return Ok(());
        }
        if told().contains("Aborting") || told().contains("[ERROR]") && !socket.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    Err(told())
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("the loopback interface has a free port")
        .port()
}

/// User and group id that servers get, where they can't run as this process does.
///
/// # Panics
/// When the tests run as root and there is no account without rights.
pub(crate) fn server_account() -> Option<(u32, u32)> {
    if own_user() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = accounts
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.len() > 3 && fields[0] == UNPRIVILEGED)
        .and_then(|fields| Some((fields[2].parse().ok()?, fields[3].parse().ok()?)));
    assert!(
        found.is_some(),
        "there is no account {UNPRIVILEGED} to run a server under"
    );
    found
}
