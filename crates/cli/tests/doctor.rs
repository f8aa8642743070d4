//! `realign doctor` on files and on servers that are not there.

mod session;

use session::Session;

const MAPPING: &str = r#"<doctrine-mapping>
  <entity name="Vlan" table="vlan">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="64"/>
  </entity>
</doctrine-mapping>
"#;

fn app() -> Session {
    let app = Session::new();
    app.write("m/Vlan.dcm.xml", MAPPING);
    app.write(
        "realign.toml",
        "[database]\nurl = \"sqlite:app.db\"\n[schema]\nsources = [\"doctrine-xml:m\"]\n",
    );
    app
}

#[test]
fn all_is_well() {
    let app = app();
    let missing = app.run("doctor").ended(0);
    assert!(
        missing.out.contains("app.db is not there yet"),
        "{}",
        missing.shown()
    );
    assert!(!app.path("app.db").exists());
    app.run("schema create --force").ended(0);
    let before = std::fs::read(app.path("app.db")).expect("a file");
    let well = app.run("doctor").ended(0);
    assert!(
        well.out.contains("integrity, foreign keys hold"),
        "{}",
        well.shown()
    );
    assert!(
        well.out.ends_with("Next: realign schema validate\n"),
        "{}",
        well.shown()
    );
    assert_eq!(std::fs::read(app.path("app.db")).expect("a file"), before);
}

#[test]
fn findings_come_with_their_mend() {
    let app = app();
    app.write("app.db", "this is no database at all");
    let mut all = app.run("doctor").ended(1).shown();
    all.push_str(
        &app.run("doctor --database-url mysql://u@127.0.0.1:1/d")
            .ended(1)
            .shown(),
    );
    all.push_str(
        &app.run("doctor --database-url mysql://u@/d?socket=/no/such.sock")
            .ended(1)
            .shown(),
    );
    all.push_str(
        &app.run("doctor --database-url oracle://u@h/d")
            .ended(1)
            .shown(),
    );
    all.push_str(
        &app.run("doctor --database-url sqlite:no/such/app.db")
            .ended(1)
            .shown(),
    );
    all.push_str(&app.run("doctor --config none.toml").ended(1).shown());
    insta::assert_snapshot!(mask(&all));
}

/// Sockets of servers that happen to run here are no part of the answer.
fn mask(text: &str) -> String {
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("a server on this machine"))
        .collect();
    kept.join("\n")
}

#[test]
fn a_broken_mapping_is_found() {
    let app = app();
    app.write(
        "m/Port.dcm.xml",
        "<doctrine-mapping><entity name=\"Port\" table=",
    );
    let broken = app.run("doctor").ended(1);
    assert!(broken.out.contains("FAIL sources"), "{}", broken.shown());
    app.write("realign.toml", "[database]\nurl = \"sqlite:app.db\"\n");
    let none = app.run("doctor").ended(1);
    assert!(
        none.out.contains("no source of the declared schema"),
        "{}",
        none.shown()
    );
}

#[test]
fn a_program_can_read_it() {
    let app = app();
    let answer = app.run("doctor --format json").ended(0);
    let document: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
    assert_eq!(document["fine"], true);
    assert_eq!(document["checks"][0]["check"], "configuration");
    assert_eq!(document["checks"][0]["state"], "fine");
}

/// Neither the bits of a file nor those of its folder say what this account may.
#[cfg(unix)]
#[test]
fn a_file_that_others_may_write() {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, chown};
    use std::os::unix::process::CommandExt as _;

    let app = app();
    app.run("schema create --force").ended(0);
    app.write(
        "migrations/20240101000000_a.sql",
        "CREATE TABLE a (id INT);",
    );
    let mode = |name: &str, mode: u32| {
        std::fs::set_permissions(app.path(name), Permissions::from_mode(mode)).expect("own");
    };
    // An administrator may write everything, and tries it as somebody who may not.
    let nobody = chown(app.path("app.db"), Some(0), None)
        .is_ok()
        .then_some(65534);
    let run = |line: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_realign"));
        command
            .args(line.split(' '))
            .current_dir(app.path(""))
            .env_clear();
        if let Some(user) = nobody {
            command.uid(user).gid(user);
        }
        let output = command.output().expect("realign runs");
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        text
    };
    mode("", 0o555);
    let told = run("doctor");
    assert!(
        told.contains("note privileges     this account may not write"),
        "{told}"
    );
    mode("", 0o777);
    if nobody.is_some() {
        let told = run("migrate");
        assert!(told.contains("run it as a user who may write"), "{told}");
        assert!(!told.contains("chmod"), "{told}");
    }
}
