//! A cluster of three MariaDB nodes on the loopback interface, with Debian's `galera-4`.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Launched, Place, free_port, lock_file, scratch, server_account, succeed};
use crate::client::need;

/// The library of Debian's package.
const PROVIDER: &str = "/usr/lib/galera/libgalera_smm.so";

/// How a node comes to its data: each has them from the beginning, so that only the position in
/// the cluster's history is handed over.
const TRANSFER: &str = r#"#!/bin/sh
role= gtid=
while [ $# -gt 0 ]; do
    case $1 in
    --role) role=$2 ;;
    --gtid) gtid=$2 ;;
    esac
    shift
done
if [ "$role" = joiner ]; then
    rm -f "$REALIGN_HAND/gtid"
    echo "ready 127.0.0.1:1/none"
    while [ ! -s "$REALIGN_HAND/gtid" ]; do sleep 0.05; done
    cat "$REALIGN_HAND/gtid"
else
    echo "$gtid" >"$REALIGN_HAND/gtid.part"
    mv "$REALIGN_HAND/gtid.part" "$REALIGN_HAND/gtid"
    echo "done $gtid"
fi
"#;

/// The nodes of a cluster that ends with the value.
pub(crate) struct Galera {
    nodes: Vec<Node>,
    folder: TempDir,
}

struct Node {
    place: Place,
    port: u16,
    group: u16,
    child: Option<Child>,
}

impl Galera {
    /// Starts three nodes with the accounts that `init` makes. `synced` says whether the node at
    /// this port takes part.
    ///
    /// # Panics
    /// When a node does not start, with what it said; without the library, with its package.
    pub(crate) fn start(init: &str, synced: &dyn Fn(&Launched) -> bool) -> Self {
        assert!(
            Path::new(PROVIDER).is_file(),
            "{PROVIDER} is missing: sudo apt-get install -y --no-install-recommends galera-4"
        );
        let folder = TempDir::with_prefix_in("realign-galera-", scratch())
            .expect("the temporary folder can be written");
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), open.clone()).expect("own folder");
        for name in ["hand", "bin", "0", "1", "2"] {
            fs::create_dir(folder.path().join(name)).expect("own folder");
        }
        if let Some((uid, gid)) = server_account() {
            chown(folder.path().join("hand"), Some(uid), Some(gid)).expect("own folder");
        }
        let transfer = folder.path().join("bin/wsrep_sst_realign");
        fs::write(&transfer, TRANSFER).expect("own folder");
        fs::set_permissions(&transfer, open).expect("own file");
        let nodes = (0..3)
            .map(|number| Node {
                place: Place::empty(&folder.path().join(number.to_string()))
                    .unwrap_or_else(|error| panic!("{error}")),
                port: free_port(),
                group: free_port(),
                child: None,
            })
            .collect();
        let mut cluster = Self { nodes, folder };
        cluster.install(init);
        cluster.begin(0);
        cluster.wait(0, synced);
        // Ended in order, it leaves a position that the copies share.
        cluster.end_first();
        let first = cluster.nodes[0].place.data();
        for name in ["galera.cache", "gvwstate.dat"] {
            let _ = fs::remove_file(first.join(name));
        }
        for number in [1, 2] {
            let data = cluster.nodes[number].place.data();
            fs::remove_dir(&data).expect("an empty folder");
            succeed(Command::new("cp").arg("-a").arg(&first).arg(&data))
                .unwrap_or_else(|error| panic!("{error}"));
        }
        for number in 0..3 {
            cluster.begin(number);
            cluster.wait(number, synced);
        }
        cluster
    }

    /// Where node `number` listens.
    pub(crate) fn launched(&self, number: usize) -> Launched {
        let node = &self.nodes[number];
        Launched {
            port: node.port,
            socket: node.place.socket(),
            user: lock_file(&self.folder.path().join("users.lock")),
        }
    }

    fn install(&self, init: &str) {
        let place = &self.nodes[0].place;
        let script = place
            .write("init.sql", &format!("FLUSH PRIVILEGES;\n{init}"))
            .unwrap_or_else(|error| panic!("{error}"));
        succeed(
            place
                .command(need("mariadb-install-db", "mariadb-server-core"))
                .arg("--no-defaults")
                .arg(format!("--datadir={}", place.data().display()))
                .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
                .arg(format!("--extra-file={}", script.display())),
        )
        .unwrap_or_else(|error| panic!("mariadb-install-db: {error}"));
    }

    fn log(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("{number}.log"))
    }

    fn begin(&mut self, number: usize) {
        let log = File::create(self.log(number)).expect("own folder");
        let node = &self.nodes[number];
        let (data, group) = (node.place.data(), node.group);
        let mut words: Vec<OsString> = vec!["--no-defaults".into()];
        let own = [
            format!("--datadir={}", data.display()),
            format!("--socket={}", node.place.socket().display()),
            format!("--pid-file={}", data.join("pid").display()),
            format!("--tmpdir={}", data.display()),
            format!("--port={}", node.port),
            format!("--wsrep-provider={PROVIDER}"),
            format!("--wsrep-node-name=node-{number}"),
            format!("--wsrep-node-address=127.0.0.1:{group}"),
            format!(
                "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{group};\
                 ist.recv_addr=127.0.0.1:{};gcache.size=16M",
                free_port()
            ),
            if number == 0 {
                "--wsrep-cluster-address=gcomm://".to_owned()
            } else {
                format!(
                    "--wsrep-cluster-address=gcomm://127.0.0.1:{}",
                    self.nodes[0].group
                )
            },
        ];
        words.extend(own.map(OsString::from));
        words.extend(SETTINGS.map(OsString::from));
        if number == 0 {
            words.push("--wsrep-new-cluster".into());
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders = vec![self.folder.path().join("bin")];
        folders.extend(std::env::split_paths(&path));
        let child = node
            .place
            .command(need("mariadbd", "mariadb-server-core"))
            .args(words)
            .env(
                "PATH",
                std::env::join_paths(folders).expect("folders of PATH"),
            )
            .env("REALIGN_HAND", self.folder.path().join("hand"))
            .current_dir("/")
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .expect("the server's program runs");
        self.nodes[number].child = Some(child);
    }

    fn wait(&mut self, number: usize, synced: &dyn Fn(&Launched) -> bool) {
        let begun = Instant::now();
        while !synced(&self.launched(number)) {
            let ended = match &mut self.nodes[number].child {
                Some(child) => child.try_wait().expect("a child").is_some(),
                None => true,
            };
            assert!(
                !ended && begun.elapsed() < Duration::from_mins(1),
                "node {number} of the cluster does not start: {}",
                fs::read_to_string(self.log(number)).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn end_first(&mut self) {
        if let Some(mut child) = self.nodes[0].child.take() {
            // A child that is not waited for: the number is still its own.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }
}

impl Drop for Galera {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            if let Some(child) = &mut node.child {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

/// As a cluster needs it; and quick, as nothing has to outlive a run.
const SETTINGS: [&str; 12] = [
    "--bind-address=127.0.0.1",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
    "--innodb-flush-method=nosync",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-log-file-size=48M",
    "--innodb-autoinc-lock-mode=2",
    "--binlog-format=ROW",
    "--max-connections=300",
    "--wsrep-on=ON",
    "--wsrep-cluster-name=realign",
    "--wsrep-sst-method=realign",
];
