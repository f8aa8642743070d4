//! IXP Manager from v4.4.8 to v4.9.3 in one command: a repository made of its mappings, MariaDB
//! with rows in every table, memcached and Redis with keys, an unprivileged web user. Stand-ins
//! only for what can't be had: composer, bower, artisan and systemctl.

mod kills;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use realign_testkit::{Live as _, TestDatabase, fill, mariadb, need, rows, rows_lost};

use crate::app::{Answer, is_root};

const TAGS: [&str; 7] = [
    "v4.4.8", "v4.6.0", "v4.7.0", "v4.7.3", "v4.8.0", "v4.9.0", "v4.9.3",
];

/// The application, its database and its caches.
struct Ixp {
    folder: tempfile::TempDir,
    corpus: PathBuf,
    database: TestDatabase,
    memcached: Service,
    redis: Service,
}

/// A service of the test's own, ended with the value.
struct Service {
    child: Child,
    port: u16,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    fn start(name: &str, package: &str, arguments: &dyn Fn(u16) -> Vec<String>) -> Self {
        let program = need(name, package);
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let child = Command::new(program)
            .args(arguments(port))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let service = Self { child, port };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return service;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("{name} does not listen");
    }

    /// The first line of the answer.
    fn ask(&self, words: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        write!(stream, "{words}\r\n").expect("it reads");
        let mut line = String::new();
        BufReader::new(stream)
            .read_line(&mut line)
            .expect("it answers");
        line.trim().to_owned()
    }
}

impl Ixp {
    fn found() -> Option<Self> {
        let corpus = realign_testkit::corpus()?;
        let user = if is_root() {
            &["-u", "nobody"][..]
        } else {
            &[]
        };
        let memcached = Service::start("memcached", "memcached", &|port| {
            let mut words = vec!["-l".to_owned(), "127.0.0.1".to_owned()];
            words.extend(["-p".to_owned(), port.to_string()]);
            words.extend(user.iter().map(|word| (*word).to_owned()));
            words
        });
        let redis = Service::start("redis-server", "redis-server", &|port| {
            let words = format!("--port {port} --bind 127.0.0.1 --appendonly no --dir /tmp --save");
            let mut words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            words.push(String::new());
            words
        });
        let site = Self {
            folder: tempfile::tempdir().expect("a folder"),
            corpus: corpus.join("ixp-manager"),
            database: mariadb().database(),
            memcached,
            redis,
        };
        site.build();
        Some(site)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn shell(&self, program: &str, words: &[&str]) {
        let output = Command::new(program)
            .args(words)
            .current_dir(self.path("app"))
            .output()
            .expect("it runs");
        let answer = Answer::of(&output);
        assert_eq!(answer.code, 0, "{program} {words:?}: {}", answer.all());
    }

    fn git(&self, words: &[&str]) {
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        self.shell("git", &[&who[..], words].concat());
    }

    fn build(&self) {
        let open = |name: &str, mode: u32| {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            fs::set_permissions(self.path(name), mode).expect("ours");
        };
        open("", 0o755);
        fs::create_dir(self.path("app")).expect("made");
        self.git(&["init", "-q", "-b", "main"]);
        for tag in TAGS {
            let _ = fs::remove_dir_all(self.path("app/database"));
            copy(
                &self.corpus.join(tag).join("mappings"),
                &self.path("app/database/xml"),
            );
            let views = fs::read_to_string(self.corpus.join(tag).join("views.sql"));
            self.write(
                "app/tools/sql/views.sql",
                &views.expect("the corpus has it"),
            );
            self.write("app/VERSION", tag);
            for name in ["composer.json", "bower.json", "artisan", "storage/.gitkeep"] {
                self.write(&format!("app/{name}"), "{}");
            }
            self.git(&["add", "-A"]);
            self.git(&["commit", "-q", "-m", tag]);
            self.git(&["tag", tag]);
        }
        self.git(&["tag", "v4.7.1-rc1", "v4.7.0"]);
        self.git(&["checkout", "-q", "--detach", "v4.4.8"]);
        self.write("app/storage/framework/cache/data/x", "stale");
        self.write("app/storage/logs/laravel.log", "log");

        let create = self.corpus.join("v4.4.8/expected/mariadb/create.sql");
        self.database
            .client(&fs::read_to_string(create).expect("the corpus has it"));
        fill(&self.database, 3);
        let views = fs::read_to_string(self.corpus.join("v4.4.8/views.sql"));
        self.database.client(&views.expect("the corpus has it"));

        let url = self.database.url();
        let rest = url.split_once("://").expect("a URL").1;
        let (login, place) = rest.split_once('@').expect("a login");
        let (user, password) = login.split_once(':').expect("a password");
        let (host, name) = place.split_once('/').expect("a name");
        let name = name.split('?').next().expect("a name");
        let (host, port) = host.split_once(':').expect("a port");
        let client =
            format!("mariadb --no-defaults -h{host} -P{port} -u{user} -p{password} {name}");
        let tool = include_str!("ixp.sh")
            .replace("ROOT", &self.path("app").display().to_string())
            .replace("LOG", &self.path("log/programs").display().to_string())
            .replace("CLIENT", &client);
        for program in ["composer", "bower", "php", "systemctl"] {
            self.write(&format!("bin/{program}"), &tool);
            open(&format!("bin/{program}"), 0o755);
        }
        self.write("log/programs", "");
        open("log/programs", 0o666);
        self.write("home/.keep", "");
        open("home", 0o777);
        let web = if is_root() {
            self.shell("chown", &["-R", "nobody", "."]);
            self.shell("chown", &["-R", "root", "storage"]);
            self.shell("chmod", &["700", "storage/logs"]);
            format!(
                "user = \"nobody\"\nhome = {:?}\n",
                self.path("home").display().to_string()
            )
        } else {
            String::new()
        };
        self.write(
            "realign.toml",
            &format!(
                "[database]\nurl = {url:?}\n\n[schema]\nsources = [\"doctrine-xml:app/database/xml\"]\n\
                 doctrine = \"orm-2.14/dbal-3.6\"\ncharset = \"utf8mb4\"\ncollation = \"utf8mb4_unicode_ci\"\n\n\
                 [upgrade]\napp = \"ixp-manager\"\nroot = \"app\"\nstate = \"state\"\n\
                 cache = [\"memcached://127.0.0.1:{}\", \"redis://127.0.0.1:{}/0?prefix=ixp:\", \
                 \"files:storage/framework/cache/data\"]\nservices = [\"memcached\"]\n{web}",
                self.memcached.port, self.redis.port
            ),
        );
        self.memcached.ask("set entities 0 0 1\r\nx");
        self.redis.ask("SET ixp:a 1");
        self.redis.ask("SET other:a 1");
    }

    fn command(&self, line: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(env!("CARGO_BIN_EXE_realign"));
        command
            .args(line.split_whitespace())
            .current_dir(self.path(""))
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, line: &str) -> Answer {
        Answer::of(&self.command(line).output().expect("realign runs"))
    }

    /// What the stand-ins wrote down: release, program, user, HOME, visitors, words.
    fn programs(&self) -> Vec<Vec<String>> {
        let text = fs::read_to_string(self.path("log/programs")).expect("a log");
        let mut last = 0_u128;
        text.lines()
            .map(|line| {
                let fields: Vec<String> = line.splitn(7, '|').map(str::to_owned).collect();
                let at: u128 = fields[0].parse().expect("a time");
                assert!(at >= last, "out of order: {line}");
                last = at;
                fields[1..].to_vec()
            })
            .collect()
    }

    /// Views and triggers as the engine prints them, in words that have no order: `SELECT *`
    /// follows the order in which columns came.
    fn views(database: &TestDatabase) -> Vec<(String, Vec<String>)> {
        let mut found = database.definitions();
        found.retain(|(name, _)| name.starts_with("view ") || name.starts_with("trigger "));
        for (_, parts) in &mut found {
            let mut words: Vec<String> = parts
                .iter()
                .flat_map(|part| part.split([',', ' ', '(', ')']))
                .map(str::to_owned)
                .collect();
            words.sort();
            *parts = words;
        }
        found
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("the corpus has it") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
    }
}

/// What the manual does between two minors, as the stand-ins see it.
fn expected(release: &str) -> Vec<String> {
    let mut words = vec![
        "composer install --no-dev --prefer-dist --no-interaction --no-progress",
        "bower prune --config.interactive=false",
        "bower update --config.interactive=false",
        "systemctl restart -- memcached",
        "php artisan cache:clear",
        "systemctl restart -- memcached",
    ];
    match release {
        "v4.8.0" => {
            words.push("php artisan ixp-manager:upgrade:split-conservers --no-interaction");
        }
        "v4.9.3" => words.extend([
            "php artisan ixp-manager:upgrade:copy-contact-names --no-interaction",
            "php artisan migrate --force --no-interaction",
        ]),
        _ => {}
    }
    words.extend([
        "php artisan config:clear",
        "php artisan doctrine:clear:metadata:cache",
        "php artisan doctrine:clear:query:cache",
        "php artisan doctrine:clear:result:cache",
        "php artisan route:clear",
        "php artisan view:clear",
    ]);
    words
        .iter()
        .map(|words| format!("{release} {words}"))
        .collect()
}

#[test]
fn ixp_manager_over_all_releases_in_one_command() {
    let Some(site) = Ixp::found() else {
        return;
    };
    let before = rows(&site.database);
    let plan = site.run("upgrade plan").ended(0);
    assert!(
        plan.out
            .starts_with("v4.4.8 -> v4.6.0 -> v4.7.3 -> v4.8.0 -> v4.9.3"),
        "{}",
        plan.out
    );
    assert!(site.programs().is_empty());
    let tables = site.database.rows("SHOW TABLES LIKE 'realign%'");
    assert!(tables.is_empty(), "a plan makes no table: {tables:?}");

    let run = site.run("upgrade run").ended(0);
    assert!(run.out.contains("v4.9.3 is reached"), "{}", run.out);
    assert!(!run.all().contains("open-sesame"), "a password is shown");
    site.run("schema validate").ended(0);

    let programs = site.programs();
    let told: Vec<String> = programs
        .iter()
        .map(|fields| format!("{} {} {}", fields[0], fields[1], fields[5]))
        .collect();
    let releases = ["v4.6.0", "v4.7.3", "v4.8.0", "v4.9.3"];
    let due: Vec<String> = releases
        .iter()
        .flat_map(|release| expected(release))
        .collect();
    assert_eq!(told, due);
    for fields in &programs {
        assert_eq!(fields[4], "out", "visitors were let in: {fields:?}");
        if is_root() {
            let systems_own = fields[1] == "systemctl";
            assert_eq!(fields[2], if systems_own { "root" } else { "nobody" });
            if !systems_own {
                assert_eq!(fields[3], site.path("home").display().to_string());
            }
        }
    }
    assert!(!site.path("app/storage/framework/down").exists());
    assert_eq!(site.memcached.ask("get entities"), "END");
    assert_eq!(site.redis.ask("EXISTS ixp:a"), ":0");
    assert_eq!(site.redis.ask("EXISTS other:a"), ":1");
    assert!(!site.path("app/storage/framework/cache/data/x").exists());
    let storage = fs::metadata(site.path("app/storage/logs")).expect("is there");
    let mode = std::os::unix::fs::MetadataExt::mode(&storage);
    assert_eq!(mode & 0o777, 0o755);
    if is_root() {
        let log = fs::metadata(site.path("app/storage/logs/laravel.log")).expect("is there");
        assert_eq!(std::os::unix::fs::MetadataExt::uid(&log), 65534);
    }
    assert_eq!(rows_lost(&before, &rows(&site.database)), "");

    // The views are those of the last release, and each can be read.
    let fresh = mariadb().database();
    let create = site.corpus.join("v4.9.3/expected/mariadb/create.sql");
    fresh.client(&fs::read_to_string(create).expect("the corpus has it"));
    let views = fs::read_to_string(site.corpus.join("v4.9.3/views.sql"));
    fresh.client(&views.expect("the corpus has it"));
    let views = Ixp::views(&site.database);
    assert_eq!(views, Ixp::views(&fresh));
    assert!(views.len() >= 4, "{views:?}");
    for (name, _) in views.iter().filter(|(name, _)| name.starts_with("view ")) {
        let name = name.trim_start_matches("view ");
        site.database.rows(&format!("SELECT * FROM `{name}`"));
    }
}

#[test]
fn a_release_that_drops_the_column_comes_after_the_step_that_needs_it() {
    let Some(site) = Ixp::found() else {
        return;
    };
    let words = "--complete --allow destructive --no-quarantine --to v4.9.3";
    site.run("upgrade run --complete --to v4.9.3")
        .ended(1)
        .says("needs --allow destructive and --no-quarantine");
    assert!(site.programs().is_empty());
    site.run(&format!("upgrade run {words}")).ended(0);
    let columns = site
        .database
        .rows("SHOW COLUMNS FROM switch LIKE 'switchtype'");
    assert!(columns.is_empty(), "v4.9 drops it");
    site.run("schema validate").ended(0);
    // Straight to v4.9.3 the same step has nothing to work on any more: left out, not run blindly.
    let ran = site
        .programs()
        .iter()
        .filter(|fields| fields[5].contains("split-conservers"))
        .count();
    assert_eq!(ran, 1);
}

#[test]
fn an_upgrade_that_is_killed_in_the_schema_of_a_release_goes_on() {
    let Some(site) = Ixp::found() else {
        return;
    };
    let before = rows(&site.database);
    // No release before v4.8.0 alters this table, so that it is there that the upgrade has to wait.
    let table = "patch_panel_port_history";
    let held = site
        .database
        .holding(&format!("BEGIN; SELECT COUNT(*) FROM {table};"));
    let mut child = site
        .command("upgrade run")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("runs");
    let waits = site
        .database
        .is_waiting(&format!("ALTER TABLE {table}"), &mut || {
            child.try_wait().expect("looks").is_none()
        });
    assert!(waits, "it did not wait for {table}");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    drop(held);
    site.run("upgrade status")
        .ended(0)
        .says("..  schema update");
    site.run("upgrade resume")
        .ended(0)
        .says("going on at v4.8.0/schema update");
    site.run("schema validate").ended(0);
    assert_eq!(rows_lost(&before, &rows(&site.database)), "");
    let views = Ixp::views(&site.database).len();
    site.run("upgrade rollback --to v4.4.8 --into-same")
        .ended(0);
    assert!(views >= 4 && Ixp::views(&site.database).len() >= 3);
    let after = rows(&site.database);
    assert_eq!(after, before, "the rows of the start are back");
    assert_eq!(
        fs::read_to_string(site.path("app/VERSION")).expect("is there"),
        "v4.4.8"
    );
}
