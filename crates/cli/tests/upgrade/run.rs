//! `upgrade run`, from the first release to the last, and what is left of it.

use crate::app::{App, is_root};

#[test]
fn the_whole_way_in_one_command() {
    let app = App::with_recipe("");
    let customers = count(&app, "customer");
    let run = app.run("upgrade run --ack-all").ended(0);
    for text in [
        "v1.0.0 -> v1.1.0 -> v1.2.0   2 releases",
        "restored and compared",
        "ok  checkout",
        "the schema is in sync",
        "v1.2.0 is reached",
    ] {
        assert!(run.out.contains(text), "no `{text}` in\n{}", run.out);
    }
    assert_eq!(app.read("app/VERSION"), "v1.2.0\n");
    assert_eq!(app.read("app/vendor.txt"), "built for v1.2.0\n");
    assert!(!app.path("app/maintenance.flag").exists());
    assert!(!app.path("app/cache/x").exists());
    app.run("schema validate").ended(0);
    assert_eq!(count(&app, "customer"), customers);
    let view: String = app
        .open()
        .query_row("SELECT DISTINCT release FROM names", [], |row| row.get(0))
        .expect("the view is there");
    assert_eq!(view, "v1.2.0");
    let who = if is_root() { "nobody" } else { &whoami() };
    let home = if is_root() {
        app.shown("standin")
    } else {
        std::env::var("HOME").expect("a home")
    };
    let log = app.read("standin/log");
    let expected: Vec<String> = [
        ("v1.1.0", "hello; world", "install a b $(id)"),
        ("v1.1.0", "", "moved"),
        ("v1.1.0", "", "move"),
        ("v1.1.0", "", "health"),
        ("v1.2.0", "hello; world", "install a b $(id)"),
        ("v1.2.0", "", "health"),
    ]
    .iter()
    .map(|(version, greeting, words)| format!("{who}|{home}|{version}|{greeting}|{words}"))
    .collect();
    assert_eq!(log.lines().collect::<Vec<_>>(), expected);
    for ending in ["md", "json"] {
        let reports = std::fs::read_dir(app.path("state/reports")).expect("reports");
        let found = reports
            .flatten()
            .any(|entry| entry.path().extension().is_some_and(|e| e == ending));
        assert!(found, "no report.{ending}");
    }
    app.run("upgrade run")
        .ended(0)
        .says("there is no newer release");
    app.run("upgrade resume")
        .ended(0)
        .says("nothing to go on with");
    let status = app.run("upgrade status").ended(0);
    assert!(status.out.contains("Reached      v1.2.0"), "{}", status.out);
    assert!(!status.out.contains("The ways on"), "{}", status.out);
    let before = app.files();
    app.run("upgrade status").ended(0);
    app.run("upgrade plan")
        .ended(0)
        .says("recorded in the database");
    assert_eq!(app.files(), before, "looking writes nothing");
    app.git(&["checkout", "-q", "v1.1.0"]);
    app.run("upgrade plan")
        .ended(0)
        .says("the code is v1.1.0, and the database is recorded at v1.2.0");
}

#[test]
fn a_program_reads_it_as_one_document() {
    let app = App::with_recipe("");
    let json = app.run("upgrade run --ack-all --format json").ended(0).out;
    let document: serde_json::Value = serde_json::from_str(&json).expect("one document");
    assert_eq!(document["outcome"], "done");
    assert_eq!(document["reached"], "v1.2.0");
    assert_eq!(document["steps"][0]["key"], "v1.1.0/maintenance on");
    assert_eq!(document["next"].as_array().map(Vec::len), Some(0));
}

fn count(app: &App, table: &str) -> i64 {
    app.open()
        .query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| {
            row.get(0)
        })
        .expect("counted")
}

fn whoami() -> String {
    let output = std::process::Command::new("id").arg("-un").output();
    let text = String::from_utf8(output.expect("id runs").stdout).expect("a name");
    text.trim().to_owned()
}
