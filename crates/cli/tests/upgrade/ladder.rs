//! The ladder on an application as Mautic is one: migrations that stop half-way, drift made by
//! hand, custom fields on a table. Each rung in its order until all is in sync, nothing lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use realign_testkit::{Live as _, TestDatabase, mariadb};

use crate::app::{Answer, is_root};

const MIGRATION: &str = "\
CREATE TABLE tag (id INT AUTO_INCREMENT NOT NULL, tag VARCHAR(32) NOT NULL, PRIMARY KEY(id));
ALTER TABLE port ADD status VARCHAR(16) DEFAULT 'up' NOT NULL;
ALTER TABLE tag ADD description VARCHAR(255) DEFAULT NULL;
";

struct Mautic {
    folder: tempfile::TempDir,
    database: TestDatabase,
}

impl Mautic {
    /// At 1.0.0, with rows, a custom field, and a column that somebody has added by hand.
    fn new(migration: &str) -> Self {
        let site = Self {
            folder: tempfile::tempdir().expect("a folder"),
            database: mariadb().database(),
        };
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(site.path(""), open).expect("ours");
        fs::create_dir(site.path("app")).expect("made");
        site.git(&["init", "-q", "-b", "main"]);
        for (tag, release) in [("1.0.0", "1.0"), ("1.1.0", "2.0")] {
            site.mapping(release);
            site.write("app/var/cache/.gitkeep", "");
            site.write("app/migrations/.gitkeep", "");
            if tag == "1.1.0" {
                site.write("app/migrations/20260101000000_tags.sql", migration);
            }
            site.git(&["add", "-A"]);
            site.git(&["commit", "-q", "-m", tag]);
            site.git(&["tag", tag]);
        }
        site.git(&["checkout", "-q", "--detach", "1.0.0"]);
        site.write("app/var/cache/prod/x.php", "stale");
        let user = if is_root() {
            site.program("chown", &["-R", "nobody", "."]);
            "user = \"nobody\"\n"
        } else {
            ""
        };
        site.write(
            "realign.toml",
            &format!(
                "[database]\nurl = {:?}\n\n[schema]\nsources = [\"doctrine-xml:app/mapping\"]\n\
                 doctrine = \"orm-2.14/dbal-3.6\"\nignore = [\"contact.cf_*\"]\n\n\
                 [migrations]\ndir = \"app/migrations\"\n\n\
                 [upgrade]\napp = \"mautic\"\nroot = \"app\"\nstate = \"state\"\n{user}",
                site.database.url()
            ),
        );
        site.run("schema create --force").ended(0);
        site.database.client(
            "INSERT INTO customer (name, asn) VALUES ('Acme', 64500), ('Lonap', 64501);
             INSERT INTO contact (name, customer_id) SELECT name, id FROM customer;
             ALTER TABLE contact ADD cf_birthday DATE NOT NULL DEFAULT '2000-01-01';
             UPDATE contact SET cf_birthday = '1999-12-31';
             ALTER TABLE port ADD status VARCHAR(3) DEFAULT NULL;
             INSERT INTO port (name, speed, customer_id, status) SELECT 'ge-0', 1000, id, 'up' FROM customer;
             CREATE TABLE old_stuff (id INT PRIMARY KEY, text VARCHAR(20));
             INSERT INTO old_stuff VALUES (1, 'kept');",
        );
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn mapping(&self, release: &str) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("demo")
            .join(release);
        for entry in fs::read_dir(from).expect("the demo's mappings") {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let text = fs::read_to_string(&path).expect("readable");
            self.write(&format!("app/mapping/{name}"), &text);
        }
    }

    fn program(&self, program: &str, words: &[&str]) {
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
        self.program("git", &[&who[..], words].concat());
    }

    fn run(&self, line: &str) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(line.split_whitespace())
            .current_dir(self.path(""))
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL")
            .stdin(Stdio::null())
            .output();
        Answer::of(&output.expect("realign runs"))
    }

    /// What must not be lost.
    #[track_caller]
    fn keeps_its_rows(&self, others: bool) {
        let rows = |query: &str| self.database.rows(query).concat().join(" ");
        assert_eq!(rows("SELECT name FROM customer ORDER BY id"), "Acme Lonap");
        assert_eq!(
            rows("SELECT cf_birthday FROM contact"),
            "1999-12-31 1999-12-31"
        );
        assert_eq!(rows("SELECT status FROM port"), "up up");
        if others {
            assert_eq!(rows("SELECT text FROM old_stuff"), "kept");
        }
    }
}

#[test]
fn each_rung_in_its_order_until_it_is_in_sync() {
    let site = Mautic::new(MIGRATION);
    let failed = site
        .run("upgrade run")
        .ended(1)
        .says("stopped at 1.1.0/migrations")
        .says("Duplicate column");
    let rungs: Vec<&str> = failed
        .err
        .lines()
        .skip_while(|line| !line.contains("the ways on"))
        .skip(1)
        .map(|line| line.trim().split("  ").next().unwrap_or_default())
        .collect();
    assert_eq!(
        rungs,
        [
            "realign upgrade resume",
            "realign upgrade resume --mend migrations",
            "realign upgrade resume --mend schema",
            "realign upgrade resume --mend complete --allow destructive --no-quarantine",
            "realign upgrade rollback",
        ]
    );
    assert!(site.path("app/var/maintenance.lock").exists());
    assert!(!site.path("app/var/cache/prod").exists());
    site.run("upgrade resume").ended(1).says("Duplicate column");
    site.run("upgrade resume --mend migrations")
        .ended(1)
        .says("Duplicate column");
    site.run("upgrade resume --mend schema")
        .ended(0)
        .says("20260101000000 counts as executed")
        .says("1.1.0 is reached");
    site.run("schema validate").ended(0);
    site.run("migrations up-to-date").ended(0);
    assert!(!site.path("app/var/maintenance.lock").exists());
    site.keeps_its_rows(true);
}

/// What the server refused is mended by hand, and the first way on goes on at that statement.
#[test]
fn what_the_server_refused_is_gone_on_with_once_it_is_mended() {
    let site = Mautic::new(MIGRATION);
    let failed = site.run("upgrade run").ended(1).says("Duplicate column");
    site.database.client("ALTER TABLE port DROP status");
    let first = failed
        .err
        .lines()
        .skip_while(|line| !line.contains("the ways on"))
        .nth(1)
        .and_then(|line| line.trim().strip_prefix("realign "))
        .and_then(|line| line.split("  ").next())
        .expect("a command");
    site.run(first).ended(0).says("1.1.0 is reached");
    site.run("schema validate").ended(0);
    site.run("migrations up-to-date").ended(0);
}

#[test]
fn rows_that_a_migration_would_change_are_for_a_person() {
    let site = Mautic::new(&format!("{MIGRATION}UPDATE customer SET asn = asn + 1;\n"));
    site.run("upgrade run").ended(1);
    site.run("upgrade resume --mend schema")
        .ended(1)
        .says("would still change rows")
        .says("UPDATE customer SET asn = asn + 1")
        .says("realign migrations version 20260101000000 --add");
    let asn = || {
        site.database
            .rows("SELECT asn FROM customer")
            .concat()
            .join(" ")
    };
    assert_eq!(asn(), "64500 64501");
    site.run("upgrade rollback --into-same")
        .ended(0)
        .says("Back at 1.0.0");
    assert!(site.database.rows("SHOW TABLES LIKE 'tag'").is_empty());
    site.keeps_its_rows(true);
}

#[test]
fn the_last_rung_asks_by_name_and_makes_a_backup_first() {
    let site = Mautic::new(MIGRATION);
    site.run("upgrade run").ended(1);
    site.run("upgrade resume --mend complete")
        .ended(1)
        .says("needs --allow destructive and --no-quarantine");
    site.keeps_its_rows(true);
    let backups = || fs::read_dir(site.path("state/backups")).map_or(0, Iterator::count);
    let before = backups();
    site.run("upgrade resume --mend complete --allow destructive --no-quarantine")
        .ended(0)
        .says("restored and compared");
    assert!(backups() > before, "no backup was made");
    site.run("schema validate --complete").ended(0);
    assert!(
        site.database
            .rows("SHOW TABLES LIKE 'old_stuff'")
            .is_empty()
    );
    site.keeps_its_rows(false);
}
