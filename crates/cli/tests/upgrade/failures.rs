//! Each failure stops cleanly, keeps visitors out, and names a next command that works.

use std::fs;

use crate::app::App;

/// The way on that a failure names first, without `realign`.
fn next(text: &str) -> String {
    let line = text
        .lines()
        .skip_while(|line| !line.contains("the ways on"))
        .nth(1)
        .unwrap_or_else(|| panic!("no way on in\n{text}"));
    let command = line.trim().strip_prefix("realign ").expect("a command");
    command.split("  ").next().expect("a command").to_owned()
}

#[test]
fn what_is_known_before_is_refused_before() {
    let app = App::with_recipe("");
    let before = app.condition();
    app.write("app/VERSION", "mine");
    let changed = app.files();
    app.run("upgrade run --ack-all")
        .ended(1)
        .says("changed by hand")
        .says("nothing was changed");
    let mut after = app.files();
    after.retain(|path, _| !path.starts_with(app.path("state")));
    assert_eq!(after, changed);
    app.git(&["checkout", "VERSION"]);
    assert!(app.condition() == before);
    app.run("upgrade run --to v7")
        .ended(64)
        .says("there is no release");
    app.run("upgrade resume")
        .ended(1)
        .says("no upgrade to go on with");
    app.run("upgrade rollback")
        .ended(1)
        .says("no upgrade to go back from");
}

#[test]
fn one_failure_after_the_other() {
    let app = App::with_recipe("cache = [\"memcached://127.0.0.1:1\"]\n");
    let standin = |name: &str| app.path(&format!("standin/{name}"));
    let down = || {
        assert!(
            app.path("app/maintenance.flag").exists(),
            "visitors come in"
        );
    };

    fs::write(standin("fail-install"), "").unwrap();
    let failed = app
        .run("upgrade run")
        .ended(1)
        .says("the upgrade stopped at v1.1.0/install")
        .says("ended with exit code 3")
        .says("no install today")
        .says("maintenance mode is on, and stays on");
    down();
    assert_eq!(next(&failed.err), "upgrade resume");
    app.run("upgrade run")
        .ended(1)
        .says("did not come to its end");
    app.run("upgrade plan")
        .ended(1)
        .says("did not come to its end");
    app.run("upgrade status")
        .ended(0)
        .says("FAIL  install")
        .says("failed, not at work");

    fs::remove_file(standin("fail-install")).unwrap();
    fs::write(standin("hang-install"), "").unwrap();
    app.run("upgrade resume")
        .ended(1)
        .says("was ended after 5 seconds");
    down();
    fs::remove_file(standin("hang-install")).unwrap();

    // The configuration counts as it was, unless a person says otherwise.
    app.run("upgrade resume")
        .ended(69)
        .says("stopped at v1.1.0/caches");
    down();
    let text = app.read("realign.toml");
    app.write(
        "realign.toml",
        &text.replace("memcached://127.0.0.1:1", "files:cache"),
    );
    app.run("upgrade resume")
        .ended(69)
        .says("The configuration has changed since")
        .says("stopped at v1.1.0/caches");
    app.sql("CREATE TABLE kept AS SELECT id, shortname FROM customer; UPDATE customer SET shortname = 'same'");
    let failed = app
        .run("upgrade resume --reread")
        .ended(1)
        .says("stopped at v1.1.0/schema update")
        .says("shortname");
    down();
    assert_eq!(next(&failed.err), "upgrade resume");
    assert!(failed.err.contains("upgrade resume --mend complete"));
    app.sql("UPDATE customer SET shortname = (SELECT shortname FROM kept WHERE kept.id = customer.id); DROP TABLE kept");

    fs::write(standin("fail-health"), "").unwrap();
    app.run("upgrade resume --reread")
        .ended(1)
        .says("stopped at v1.1.0/verify");
    down();
    fs::remove_file(standin("fail-health")).unwrap();

    app.git(&["tag", "-d", "v1.2.0"]);
    app.run("upgrade resume")
        .ended(1)
        .says("stopped at v1.2.0/checkout: there is no tag `v1.2.0`");
    down();
    app.git(&["tag", "v1.2.0", "v1.1.0"]);
    app.run("upgrade resume")
        .ended(1)
        .says("no longer means the commit that was planned");
    app.git(&["tag", "-f", "v1.2.0", "v1.2.1-rc1"]);

    app.write("app/only-v1.2.0.txt", "mine");
    app.run("upgrade resume")
        .ended(1)
        .says("would be written over")
        .says("only-v1.2.0.txt");
    fs::remove_file(app.path("app/only-v1.2.0.txt")).unwrap();
    app.write("app/VERSION", "mine");
    app.run("upgrade resume").ended(1).says("changed by hand");
    down();
    app.git(&["checkout", "VERSION"]);

    let failed = app
        .run("upgrade resume")
        .ended(1)
        .says("stopped at v1.2.0/read this")
        .says("Tell the customers of the new page.");
    down();
    let way = next(&failed.err);
    assert_eq!(way, "upgrade resume --ack 'v1.2.0/read this'");
    app.run("upgrade resume").ended(1);
    app.run("upgrade resume --ack-all")
        .ended(0)
        .says("v1.2.0 is reached");
    assert!(!app.path("app/maintenance.flag").exists());
    app.run("schema validate").ended(0);
}

#[test]
fn another_upgrade_or_another_writer_is_waited_for_or_named() {
    let app = App::with_recipe("");
    fs::write(app.path("standin/hang-health"), "").unwrap();
    let mut first = app.command("upgrade run --ack-all").spawn().expect("runs");
    app.waits_for("health", &mut first);
    app.run("upgrade resume")
        .ended(75)
        .says("realign upgrade run");
    app.run("upgrade status").ended(0).says("at work");
    let pid = first.id().to_string();
    let stopped = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(stopped.expect("kill runs").success());
    assert_eq!(first.wait().expect("ends").code(), Some(143));
    fs::remove_file(app.path("standin/hang-health")).unwrap();
    app.run("upgrade resume").ended(0);
}

#[test]
fn a_locked_database_is_waited_for_and_then_named() {
    let app = App::with_recipe("");
    fs::write(app.path("standin/fail-install"), "").unwrap();
    app.run("upgrade run --ack-all").ended(1);
    fs::remove_file(app.path("standin/fail-install")).unwrap();
    let lock = fs::File::create(app.path("app.db-realign-lock")).unwrap();
    lock.lock().unwrap();
    let failed = app
        .run("upgrade resume --lock-wait 0")
        .ended(75)
        .says("stopped at v1.1.0/schema update")
        .says("maintenance mode is on");
    assert_eq!(next(&failed.err), "upgrade resume");
    drop(lock);
    app.run("upgrade resume").ended(0);
}

#[test]
fn a_disk_that_fills_up_in_the_middle_stops_it_and_nothing_is_lost() {
    let app = App::with_recipe("");
    let disk = app.path("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=24m,mode=777", "realign-test"])
        .arg(&disk)
        .stderr(std::process::Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("not run: only root can mount a small disk");
        return;
    }
    let full = Unmounted(disk.clone());
    let text = app.read("realign.toml");
    app.write("realign.toml", &text.replace("\"state\"", "\"disk/state\""));
    let tool = app.read("tool");
    let fill = format!(
        "install) [ -e FOLDER/fill ] && cat /dev/zero >{}/zeros;",
        disk.display()
    );
    let fill = fill.replace("FOLDER", &app.shown("standin"));
    app.write("tool", &tool.replace("install)", &fill));
    fs::write(app.path("standin/fill"), "").unwrap();
    app.run("upgrade run --ack-all")
        .ended(1)
        .says("No space left on device")
        .says("realign upgrade resume");
    assert!(app.path("app/maintenance.flag").exists());
    fs::remove_file(app.path("standin/fill")).unwrap();
    fs::remove_file(disk.join("zeros")).unwrap();
    app.run("upgrade resume").ended(0);
    app.run("schema validate").ended(0);
    drop(full);
}

/// A disk that is taken away again.
struct Unmounted(std::path::PathBuf);

impl Drop for Unmounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_sick_page_stops_it_before_visitors_come_in() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let app = App::with_recipe(&format!("health = \"http://127.0.0.1:{port}/up\"\n"));
    let healthy = app.path("healthy");
    let serving = healthy.clone();
    std::thread::spawn(move || {
        use std::io::{BufRead as _, Write as _};
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut lines = std::io::BufReader::new(stream.try_clone().expect("a stream"));
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            let status = if serving.exists() {
                "200 OK"
            } else {
                "503 Sick"
            };
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let failed = app
        .run("upgrade run --ack-all")
        .ended(1)
        .says("stopped at v1.1.0/health check")
        .says("answers with 503");
    assert!(app.path("app/maintenance.flag").exists());
    assert_eq!(next(&failed.err), "upgrade resume");
    fs::write(&healthy, "").unwrap();
    app.run("upgrade resume").ended(0);
}
