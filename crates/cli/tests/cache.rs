//! Caches are emptied for real: memcached, Redis, folders, programs.

mod session;

use std::fs;
use std::os::unix::fs::symlink;

use realign_testkit::{memcached, redis};
use session::Session;

#[test]
fn memcached_is_flushed() {
    let server = memcached(&[]);
    assert_eq!(
        server.talk(&["set k 0 0 1", "x", "get k"]),
        ["STORED", "VALUE k 0 1", "x", "END"]
    );
    let app = Session::new();
    let address = format!("memcached://127.0.0.1:{}", server.port());
    let done = app.run(&format!("cache clear {address}")).ended(0);
    assert!(
        done.out.contains("flushed memcached at 127.0.0.1:"),
        "{}",
        done.shown()
    );
    assert_eq!(server.talk(&["get k"]), ["END"]);
}

#[test]
fn a_memcached_that_may_not_be_flushed_or_is_down_says_so() {
    let mut server = memcached(&["-F"]);
    let app = Session::new();
    let line = format!("cache clear memcached://127.0.0.1:{}", server.port());
    let refused = app.run(&line).ended(1);
    assert!(refused.err.contains("restart"), "{}", refused.shown());
    server.kill();
    let down = app.run(&line).ended(69);
    assert!(
        down.err.contains("can't reach memcached"),
        "{}",
        down.shown()
    );
}

#[test]
fn redis_loses_the_keys_with_the_prefix_alone() {
    let server = redis(&[]);
    let mut lines: Vec<String> = (0..2500).map(|n| format!("SET ixp:{n} x")).collect();
    lines.extend(["SET other:1 x", "SET ixq x", "SELECT 1", "SET ixp:1 x"].map(str::to_owned));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    server.talk(&lines);
    let app = Session::new();
    let done = app
        .run(&format!(
            "cache clear redis://127.0.0.1:{}/0?prefix=ixp:",
            server.port()
        ))
        .ended(0);
    assert!(done.out.contains("2500 entries"), "{}", done.shown());
    let left = server.talk(&["DBSIZE", "EXISTS other:1 ixq", "SELECT 1", "DBSIZE"]);
    assert_eq!(left[..4], [":2", ":2", "+OK", ":1"]);
    // A prefix is text, not a pattern.
    server.talk(&["SET a*b x", "SET axb x"]);
    app.run(&format!(
        "cache clear redis+unix://{}?db=0&prefix=a*",
        server.socket().display()
    ))
    .ended(0);
    assert_eq!(
        server.talk(&["EXISTS a*b", "EXISTS axb"])[..2],
        [":0", ":1"]
    );
    app.run(&format!(
        "cache clear redis://127.0.0.1:{}/0",
        server.port()
    ))
    .ended(0);
    assert_eq!(
        server.talk(&["DBSIZE", "SELECT 1", "DBSIZE"])[..3],
        [":0", "+OK", ":1"]
    );
}

#[test]
fn a_redis_with_a_password_never_shows_it() {
    let server = redis(&["--requirepass", "geheim"]);
    let mut app = Session::new();
    app.variable("CACHE_PASSWORD", "geheim");
    let port = server.port();
    app.write("realign.toml", &format!(
        "[cache]\nclear = [\"redis://:${{CACHE_PASSWORD}}@127.0.0.1:{port}/0\", {{ command = [\"touch\", \"cleared\"] }}]\n"
    ));
    server.talk(&["AUTH geheim", "SET k x"]);
    let done = app.run("cache clear").ended(0);
    assert!(!done.all().contains("geheim"), "{}", done.shown());
    assert_eq!(server.talk(&["AUTH geheim", "DBSIZE"])[1], ":0");
    assert!(app.path("cleared").exists());
    let wrong = app.run(&format!("cache clear redis://:falsch@127.0.0.1:{port}/0"));
    assert_ne!(wrong.code, 0);
    assert!(!wrong.all().contains("falsch"), "{}", wrong.shown());
}

#[test]
fn a_folder_is_emptied_and_nothing_beside_it() {
    let app = Session::new();
    app.write("cache/data/a/b", "x");
    app.write("cache/data/.gitignore", "*");
    app.write("cache/kept", "x");
    app.write("outside/kept", "x");
    symlink(app.path("outside"), app.path("cache/data/link")).expect("links");
    app.write(
        "realign.toml",
        "[upgrade]\ncache = [\"files:cache/data\"]\n",
    );
    app.run("cache clear").ended(0);
    let left: Vec<_> = fs::read_dir(app.path("cache/data"))
        .expect("is there")
        .collect();
    assert_eq!(left.len(), 1);
    assert!(app.path("cache/kept").exists() && app.path("outside/kept").exists());
    for (folder, code) in [("files:..", 64), ("files:/", 64), ("files:.", 64)] {
        app.run(&format!("cache clear {folder}")).ended(code);
    }
    symlink(app.path("outside"), app.path("way")).expect("links");
    app.run("cache clear files:way").ended(1);
    assert!(app.path("outside/kept").exists());
}

#[test]
fn the_first_that_fails_ends_it() {
    let app = Session::new();
    app.write("realign.toml", "[cache]\nclear = [{ command = [\"touch\", \"one\"] }, { restart = [\"false\"] }, { command = [\"touch\", \"two\"] }]\n");
    let failed = app.run("cache clear").ended(1);
    assert!(failed.out.contains("touch one"), "{}", failed.shown());
    assert!(
        failed.err.contains("`false` ended with exit code 1"),
        "{}",
        failed.shown()
    );
    assert!(app.path("one").exists() && !app.path("two").exists());
    app.write("realign.toml", "");
    let none = app.run("cache clear").ended(64);
    assert!(none.err.contains("no cache is named"), "{}", none.shown());
}
