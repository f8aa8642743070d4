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
