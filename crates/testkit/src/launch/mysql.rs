//! MySQL, which Debian ships in its unstable suite alone.
//!
//! It is unpacked with everything that it needs into a folder (`./test --full` does that), and
//! runs from there with its own loader and libraries: no chroot, and no rights but those of a user.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Place, Recipe, succeed};

/// Where unpacked servers are, unless `REALIGN_SERVERS` says otherwise.
const SERVERS: &str = "/var/cache/realign";
/// The folder of MySQL in there, unless `REALIGN_MYSQL` says otherwise.
const FOLDER: &str = "sid-mysql";

/// A MySQL server with these options; `init` runs at its start.
pub(crate) struct MySql<'a> {
    pub(crate) program: Program,
    pub(crate) options: &'a [&'a str],
    pub(crate) init: &'a str,
}

/// The server's program.
#[derive(Debug, Clone)]
pub(crate) enum Program {
    /// One that is installed.
    Installed(PathBuf),
    /// One in a folder that holds a whole system.
    Unpacked(PathBuf),
}

/// MySQL, where it is; else where it was looked for.
pub(crate) fn mysql() -> Result<Program, String> {
    let folder = |variable: &str, usual: &str| {
        let set = std::env::var_os(variable).filter(|value| !value.is_empty());
        PathBuf::from(set.unwrap_or_else(|| usual.into()))
    };
    let root = folder("REALIGN_SERVERS", SERVERS).join(folder("REALIGN_MYSQL", FOLDER));
    if root.join("usr/sbin/mysqld").is_file() {
        return Ok(Program::Unpacked(root));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/libexec"].map(PathBuf::from))
        .map(|folder| folder.join("mysqld"))
        .find(|program| program.is_file() && is_mysql(program))
        .map(Program::Installed)
        .ok_or_else(|| root.display().to_string())
}

/// MariaDB answers to the same name.
fn is_mysql(program: &Path) -> bool {
    Command::new(program)
        .args(["--no-defaults", "--version"])
        .output()
        .is_ok_and(|output| {
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            output.status.success() && !told.contains("MariaDB")
        })
}

impl Program {
    /// The program with the words that start it.
    fn words(&self) -> Vec<OsString> {
        let root = match self {
            Self::Installed(program) => {
                return vec![program.into(), "--no-defaults".into()];
            }
            Self::Unpacked(root) => root,
        };
        let share = root.join("usr/share/mysql");
        vec![
            loader(root).into(),
            "--library-path".into(),
            libraries(root).into(),
            root.join("usr/sbin/mysqld").into(),
            "--no-defaults".into(),
            format!("--lc-messages-dir={}", share.display()).into(),
            format!("--character-sets-dir={}", share.join("charsets").display()).into(),
            format!(
                "--plugin-dir={}",
                root.join("usr/lib/mysql/plugin").display()
            )
            .into(),
        ]
    }
}

/// The loader of the unpacked system: that of this one may be too old for its libraries.
fn loader(root: &Path) -> PathBuf {
    ["lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"]
        .iter()
        .map(|name| root.join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| root.join("lib64/ld-linux-x86-64.so.2"))
}

/// The folder of its libraries.
fn libraries(root: &Path) -> PathBuf {
    ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        .iter()
        .map(|name| root.join("usr/lib").join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| root.join("usr/lib"))
}

impl Recipe for MySql<'_> {
    fn kind(&self) -> &'static str {
        "mysql"
    }

    fn settings(&self) -> String {
        format!("{:?}\0{}", self.program, self.options.join("\0"))
    }

    fn install(&self, place: &Place) -> Result<(), String> {
        place.write("init.sql", self.init)?;
        let words = self.program.words();
        // Options that decide how the data folder is laid out are needed here as well.
        let layout = self.options.iter().filter(|option| {
            option.contains("lower_case_table_names") || option.contains("lower-case-table-names")
        });
        succeed(
            place
                .command(&words[0])
                .args(&words[1..])
                .arg("--initialize-insecure")
                .arg(format!("--datadir={}", place.data().display()))
                .args(SETTINGS)
                .args(layout),
        )
    }

    fn server(&self, place: &Place, port: u16) -> Vec<OsString> {
        let mut words = self.program.words();
        words.extend(place.options(port));
        words.extend(SETTINGS.map(OsString::from));
        words.extend(self.options.iter().map(OsString::from));
        words
    }
}

/// As it is by itself, where that matters to SQL; and quick, as nothing has to outlive a run.
const SETTINGS: [&str; 11] = [
    "--bind-address=127.0.0.1",
    "--mysqlx=OFF",
    "--secure-file-priv=NULL",
    "--innodb-flush-method=nosync",
    "--innodb-flush-log-at-trx-commit=0",
    // Each statement that changes a table waits for the log: without threads of its own for that
    // the wait is a third shorter on two cores.
    "--innodb-log-writer-threads=OFF",
    "--innodb-doublewrite=OFF",
    "--innodb-redo-log-capacity=64M",
    "--max-connections=300",
    "--skip-log-bin",
    "--performance-schema=OFF",
];
