//! `upgrade rollback`: code, database, owners and caches as they were.

use std::fs;

use crate::app::App;

/// What differs between two conditions, for a message.
pub(crate) fn differences(before: &[String], after: &[String]) -> String {
    let only = |a: &[String], b: &[String], sign: &str| -> String {
        let lines: Vec<String> = a
            .iter()
            .filter(|line| !b.contains(line))
            .map(|line| format!("{sign} {line}"))
            .collect();
        lines.join("\n")
    };
    only(before, after, "-") + &only(after, before, "+")
}

#[test]
fn from_each_boundary_everything_is_as_before() {
    let app = App::with_recipe("");
    app.git(&["checkout", "-q", "-B", "live", "v1.0.0"]);
    fs::remove_dir_all(app.path("app/cache/x")).unwrap();
    app.write("app/vendor.txt", "built for v1.0.0\n");
    if crate::app::is_root() {
        let owned = std::process::Command::new("chown")
            .args(["-R", "nobody"])
            .arg(app.path("app"))
            .status();
        assert!(owned.expect("chown runs").success());
    }
    let start = app.condition();
    fs::write(app.path("standin/fail-health"), "").unwrap();
    app.run("upgrade run --ack-all")
        .ended(1)
        .says("stopped at v1.1.0/verify");
    // Somebody writes after the backup: named, and lost only when that is said.
    app.sql("INSERT INTO customer SELECT * FROM customer WHERE 0");
    app.sql("DELETE FROM contact WHERE id = (SELECT MAX(id) FROM contact)");
    let refused = app
        .run("upgrade rollback")
        .ended(1)
        .says("going back to v1.0.0")
        .says("contact")
        .says("--into-same");
    assert!(refused.err.contains("nothing was changed"));
    app.run("upgrade rollback --into-same")
        .ended(0)
        .says("Back at v1.0.0");
    assert_eq!(differences(&start, &app.condition()), "");
    assert_eq!(app.git(&["symbolic-ref", "--short", "HEAD"]), "live\n");
    app.run("upgrade rollback --into-same")
        .ended(64)
        .says("is back there already");

    fs::remove_file(app.path("standin/fail-health")).unwrap();
    app.run("upgrade run --ack-all --to v1.1.0").ended(0);
    let middle = app.condition();
    app.run("upgrade run --ack-all").ended(0);
    let end = app.condition();
    app.run("upgrade rollback --into-same")
        .ended(0)
        .says("Back at v1.1.0");
    assert_eq!(differences(&middle, &app.condition()), "");
    app.run("upgrade run --ack-all").ended(0);
    assert_eq!(differences(&end, &app.condition()), "");
}

#[test]
fn over_both_releases_at_once() {
    let app = App::with_recipe("");
    fs::remove_dir_all(app.path("app/cache/x")).unwrap();
    app.write("app/vendor.txt", "built for v1.0.0\n");
    if crate::app::is_root() {
        let owned = std::process::Command::new("chown")
            .args(["-R", "nobody"])
            .arg(app.path("app"))
            .status();
        assert!(owned.expect("chown runs").success());
    }
    let start = app.condition();
    app.run("upgrade run --ack-all").ended(0);
    app.run("upgrade rollback --to v9 --into-same").ended(64);
    app.run("upgrade rollback --to v1.0.0 --into-same")
        .ended(0)
        .says("Back at v1.0.0");
    assert_eq!(differences(&start, &app.condition()), "");
    app.run("schema validate").ended(0);
}
