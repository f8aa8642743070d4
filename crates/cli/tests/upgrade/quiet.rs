//! `plan` and `status` on a server: its own log shows that they only read.

use std::process::{Command, Stdio};

use realign_testkit::{Live as _, mariadb_with};

use crate::app::Answer;

#[test]
fn the_servers_log_has_nothing_but_questions() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = mariadb_with(&["--general-log=1", "--log-output=TABLE"]).database();
    let app = folder.path().join("app");
    std::fs::create_dir(&app).expect("made");
    let git = |words: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(words)
            .current_dir(&app)
            .output();
        let answer = Answer::of(&output.expect("git runs"));
        assert_eq!(answer.code, 0, "{words:?}: {}", answer.all());
    };
    git(&["init", "-q", "-b", "main"]);
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    for (tag, release) in [("v1.0.0", "1.0"), ("v1.1.0", "2.0"), ("v1.2.0", "3.0")] {
        std::fs::create_dir_all(app.join("mapping")).expect("made");
        for entry in std::fs::read_dir(demo.join(release)).expect("the demo's mappings") {
            let path = entry.expect("an entry").path();
            let to = app.join("mapping").join(path.file_name().expect("a name"));
            std::fs::copy(&path, to).expect("copied");
        }
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", tag]);
        git(&["tag", tag]);
    }
    git(&["checkout", "-q", "v1.0.0"]);
    let config = format!(
        "[database]\nurl = {:?}\n[schema]\nsources = [\"doctrine-xml:app/mapping\"]\n\
         doctrine = \"orm-2.14/dbal-3.6\"\n[upgrade]\nroot = \"app\"\nstate = \"state\"\n",
        database.url()
    );
    std::fs::write(folder.path().join("realign.toml"), config).expect("written");
    let run = |line: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(line.split_whitespace())
            .current_dir(folder.path())
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL")
            .stdin(Stdio::null())
            .output();
        Answer::of(&output.expect("realign runs"))
    };
    run("schema create --force").ended(0);
    database.client("INSERT INTO customer (name, shortname, asn) VALUES ('Acme', 'acme', 64500)");
    let mark = database.rows("SELECT NOW(6)").concat().concat();
    for line in [
        "upgrade plan",
        "upgrade status",
        "status",
        "upgrade plan --dump-sql",
    ] {
        run(line).ended(0);
    }
    let said = database.rows(&format!(
        "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE event_time > '{mark}' \
         AND command_type NOT IN ('Connect', 'Quit') AND argument NOT LIKE '%general_log%'"
    ));
    assert!(said.len() > 10, "the log is on: {said:?}");
    for row in said {
        let word = row[0]
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_uppercase();
        let reads = ["SELECT", "SHOW", "SET", "USE", "PING", ""];
        assert!(
            reads.contains(&word.trim_end_matches('(')),
            "not only read: {}",
            row[0]
        );
    }
    assert!(database.rows("SHOW TABLES LIKE 'realign%'").concat().len() <= 2);
    run("upgrade run").ended(0).says("v1.2.0 is reached");
    run("status")
        .ended(0)
        .says("code v1.2.0 (git), database v1.2.0");
}
