//! Maintenance mode begins and ends, and does not end in the middle of an upgrade.

mod session;

use session::Session;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("a document")
}

#[test]
fn laravel_is_known_by_its_files() {
    let app = Session::new();
    app.write("artisan", "<?php");
    app.write("storage/framework/.gitignore", "");
    let done = app
        .run("down --message Upgrading --retry 60 --allow 10.0.0.0/8 --allow ::1")
        .ended(0);
    assert!(done.out.contains("is on"), "{}", done.shown());
    let flag = json(&app.read("storage/framework/down"));
    assert_eq!(flag["message"], "Upgrading");
    assert_eq!(flag["retry"], 60);
    assert_eq!(flag["allowed"], serde_json::json!(["10.0.0.0/8", "::1"]));
    assert!(flag["time"].as_i64().expect("a time") > 1_700_000_000);
    // Twice is as good as once.
    app.run("down --message Upgrading --retry 60 --allow 10.0.0.0/8 --allow ::1")
        .ended(0);
    app.run("up").ended(0);
    assert!(!app.path("storage/framework/down").exists());
    let again = app.run("up").ended(0);
    assert!(again.out.contains("was not there"), "{}", again.shown());
}

#[test]
fn symfony_a_page_and_commands() {
    let app = Session::new();
    app.write("var/.gitkeep", "");
    app.write(
        "realign.toml",
        "[maintenance]\nflag = \"symfony\"\nmessage = \"Soon\"\nretry = 30\n",
    );
    app.run("down").ended(0);
    assert_eq!(json(&app.read("var/maintenance.lock"))["retry_after"], 30);
    app.run("up").ended(0);
    assert!(!app.path("var/maintenance.lock").exists());

    app.write(
        "realign.toml",
        "[maintenance]\nflag = \"file\"\nfile = \"public/down.html\"\nmessage = \"<b>Soon</b>\"\n",
    );
    app.write("public/index.php", "");
    app.run("down").ended(0);
    let page = app.read("public/down.html");
    assert!(page.contains("&lt;b&gt;Soon"), "{page}");
    app.run("up").ended(0);

    app.write(
        "realign.toml",
        "[maintenance]\ndown = [\"touch\", \"closed\"]\nup = [\"rm\", \"closed\"]\n",
    );
    app.run("down").ended(0);
    assert!(app.path("closed").exists());
    app.run("up").ended(0);
    assert!(!app.path("closed").exists());
    let failed = app.run("up").ended(1);
    assert!(
        failed.err.contains("`rm closed` ended with exit code 1"),
        "{}",
        failed.shown()
    );
}

#[test]
fn without_a_word_it_is_not_guessed() {
    let app = Session::new();
    for command in ["down", "up"] {
        let refused = app.run(command).ended(64);
        assert!(refused.err.contains("[maintenance]"), "{}", refused.shown());
    }
    app.write("realign.toml", "[maintenance]\ndown = [\"true\"]\n");
    app.run("down").ended(64);
}

#[test]
fn up_refuses_while_an_upgrade_is_unfinished() {
    let app = Session::new();
    app.write("var/.gitkeep", "");
    app.write(
        "realign.toml",
        "[maintenance]\nflag = \"symfony\"\n[upgrade]\nstate = \"state\"\n",
    );
    app.run("down").ended(0);
    let folder = app.path("state");
    let hold = realign::runtime::maintenance::Hold {
        what: "the upgrade from v4.7.3 to v4.9.3".to_owned(),
        next: "realign upgrade resume".to_owned(),
    };
    hold.keep(&folder).expect("kept");
    let refused = app.run("up").ended(1);
    assert!(
        refused.err.contains("from v4.7.3 to v4.9.3"),
        "{}",
        refused.shown()
    );
    assert!(
        refused.err.contains("realign upgrade resume"),
        "{}",
        refused.shown()
    );
    assert!(app.path("var/maintenance.lock").exists());
    realign::runtime::maintenance::Hold::release(&folder).expect("released");
    app.run("up").ended(0);
}
