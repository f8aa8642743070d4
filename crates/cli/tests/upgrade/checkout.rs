//! A checkout that git can't bring to its end, and what lies in its way.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::app::App;

/// At v1.2.5, which has a folder of which the next release changes a file, takes one away and
/// brings one.
fn with_a_folder() -> App {
    let app = App::with_recipe("");
    app.git(&["checkout", "-q", "-f", "v1.2.0"]);
    app.write_as_owner("app/extra/changed", "one\n");
    app.write_as_owner("app/extra/gone", "one\n");
    app.git(&["add", "-A", "extra"]);
    app.git(&["commit", "-q", "-m", "v1.2.5"]);
    app.git(&["tag", "v1.2.5"]);
    app.write_as_owner("app/extra/changed", "two\n");
    app.write_as_owner("app/extra/brought", "two\n");
    app.git(&["rm", "-q", "extra/gone"]);
    app.git(&["add", "-A", "extra"]);
    app.git(&["commit", "-q", "-m", "v1.2.6"]);
    app.git(&["tag", "v1.2.6"]);
    app.git(&["checkout", "-q", "-f", "--detach", "v1.2.5"]);
    app.write_as_owner("app/vendor.txt", "built for v1.2.0\n");
    fs::remove_dir_all(app.path("app/cache/x")).expect("it was there");
    app
}

fn set(app: &App, name: &str, mode: u32) {
    fs::set_permissions(app.path(name), fs::Permissions::from_mode(mode)).expect("ours");
}

/// Every file that an upgrade has put aside.
fn kept(app: &App) -> Vec<String> {
    app.files()
        .into_iter()
        .filter(|(path, _)| path.starts_with(app.path("state/kept")))
        .map(|(_, content)| String::from_utf8_lossy(&content).into_owned())
        .collect()
}

const RUN: &str = "upgrade run --to v1.2.6 --ack-all";

/// Git itself ends well when it could not write or remove a file.
#[test]
fn half_of_a_release_is_none() {
    let wanted = with_a_folder();
    wanted.run(RUN).ended(0);
    for back in [false, true] {
        let app = with_a_folder();
        let start = app.condition();
        set(&app, "app/extra", 0o555);
        let half = |line: &str| {
            app.run(line)
                .ended(1)
                .says("stopped at v1.2.6/checkout: git could not write all files")
                .says("extra/changed")
                .says("maintenance mode is on");
        };
        half(RUN);
        half("upgrade resume");
        // What is done by hand meanwhile is not lost.
        set(&app, "app/extra", 0o755);
        app.write_as_owner("app/extra/brought", "mine");
        app.write_as_owner("app/views.sql", "-- mine\n");
        if back {
            app.run("upgrade rollback --into-same")
                .ended(0)
                .says("Back at v1.2.5")
                .says("is kept in");
            assert_eq!(app.condition(), start);
        } else {
            app.run("upgrade resume").ended(0);
            assert_eq!(app.condition(), wanted.condition());
        }
        let kept = kept(&app);
        assert!(kept.iter().any(|text| text == "mine"), "{kept:?}");
        assert!(
            kept.iter().any(|text| text.contains("+-- mine")),
            "{kept:?}"
        );
    }
}

/// Git writes over what it is told to ignore, without a word.
#[test]
fn what_is_ignored_is_somebodys_all_the_same() {
    let app = with_a_folder();
    app.git(&["checkout", "-q", "-f", "v1.2.6"]);
    app.write_as_owner("app/local/caf\u{e9} 'x'.txt", "theirs");
    app.write("app/conf/deep/a", "theirs");
    app.write_as_owner("app/conf/b", "theirs");
    app.git(&["add", "-A", "-f", "local", "conf"]);
    app.git(&["commit", "-q", "-m", "v1.2.7"]);
    app.git(&["tag", "v1.2.7"]);
    app.git(&["checkout", "-q", "-f", "--detach", "v1.2.5"]);
    app.write("app/.git/info/exclude", "local\nconf\n");
    app.write_as_owner("app/local/caf\u{e9} 'x'.txt", "mine");
    // A file where the release has a folder.
    app.write("app/conf", "mine");
    let before = app.condition();
    app.run("upgrade plan --to v1.2.7")
        .ended(1)
        .says("2 files that a release brings lie there already")
        .says("local/caf\u{e9} 'x'.txt")
        .says("  conf\n");
    app.run("upgrade run --to v1.2.7 --ack-all").ended(1);
    assert_eq!(app.condition(), before);
    fs::remove_file(app.path("app/conf")).expect("ours");
    fs::remove_dir_all(app.path("app/local")).expect("ours");
    app.run("upgrade run --to v1.2.7 --ack-all").ended(0);
    assert_eq!(app.read("app/conf/deep/a"), "theirs");
}

/// A merge that somebody has begun is theirs to end, and the command that was named works then.
#[test]
fn a_conflict_is_told_as_one() {
    let app = App::with_recipe("");
    app.git(&["checkout", "-q", "-b", "own"]);
    app.write_as_owner("app/VERSION", "own");
    app.git(&["commit", "-q", "-a", "-m", "own"]);
    app.git(&["-c", "alias.torn=!git merge v1.1.0 || true", "torn"]);
    let before = app.condition();
    let refused = app
        .run("upgrade run --ack-all")
        .ended(1)
        .says("1 file of the checkout is in conflict")
        .says("  VERSION\n")
        .says("git merge --abort")
        .says("nothing was changed");
    assert!(
        !refused.all().contains("lies there already"),
        "{}",
        refused.all()
    );
    assert_eq!(app.condition(), before);
    app.git(&["merge", "--abort"]);
    let (_, next) = refused
        .out
        .split_once("Next, once that is mended: ")
        .expect("a command");
    app.types(&format!("{} --ack-all", next.trim())).ended(0);
}
