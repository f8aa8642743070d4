//! Each failure stops cleanly, keeps visitors out, and names a next command that works.

use std::fs;

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use realign_testkit::need;

use crate::app::{Answer, App, is_root};

/// The way on that a failure names first, as it is printed.
#[track_caller]
fn next(answer: &Answer) -> String {
    let text = answer.all();
    let line = text
        .lines()
        .skip_while(|line| !line.contains("the ways on"))
        .nth(1)
        .or_else(|| text.lines().find(|line| line.starts_with("Next")))
        .unwrap_or_else(|| panic!("no way on in\n{text}"));
    let at = line.find("realign ").expect("a command");
    let command = line[at..].split("  ").next().expect("a command");
    command.trim().to_owned()
}

#[test]
fn what_is_known_before_is_refused_before() {
    let app = App::with_recipe("");
    let before = app.condition();
    app.write("app/VERSION", "mine");
    let changed = app.files();
    let refused = app
        .run("upgrade run --ack-all")
        .ended(1)
        .says("changed by hand")
        .says("nothing was changed");
    let way = next(&refused);
    assert_eq!(way, "realign upgrade run --to v1.2.0");
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
    let failed = app.types(&way).ended(1).says("has to be acknowledged");
    app.types(&next(&failed)).ended(0);
}

/// A memcached on a port, where none has been so far.
struct Memcached(Child);

impl Memcached {
    fn at(port: u16) -> Self {
        let mut command = Command::new(need("memcached", "memcached"));
        command.args(["-l", "127.0.0.1", "-U", "0", "-p", &port.to_string()]);
        if is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command.stderr(Stdio::null()).spawn().expect("it starts");
        let mut service = Self(child);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = service.0.try_wait().expect("a child");
            assert!(ended.is_none(), "memcached ended: {ended:?}");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        service
    }
}

impl Drop for Memcached {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Each is mended, and then the very command is typed that the failure has named first.
#[test]
fn one_failure_after_the_other() {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port();
    let app = App::with_recipe(&format!("cache = [\"memcached://127.0.0.1:{port}\"]\n"));
    let standin = |name: &str| app.path(&format!("standin/{name}"));
    let down = || {
        assert!(
            app.path("app/maintenance.flag").exists(),
            "visitors come in"
        );
    };
    let resume = "realign upgrade resume";

    fs::write(standin("fail-install"), "").unwrap();
    let failed = app
        .run("upgrade run")
        .ended(1)
        .says("the upgrade stopped at v1.1.0/install")
        .says("ended with exit code 3")
        .says("no install today")
        .says("maintenance mode is on, and stays on");
    down();
    let way = next(&failed);
    assert_eq!(way, resume);
    for line in ["upgrade run", "upgrade plan"] {
        let refused = app.run(line).ended(1).says("did not come to its end");
        assert_eq!(next(&refused), way);
    }
    app.run("upgrade status")
        .ended(0)
        .says("FAIL  install")
        .says("failed, not at work");
    fs::remove_file(standin("fail-install")).unwrap();

    fs::write(standin("hang-install"), "").unwrap();
    let failed = app.types(&way).ended(1).says("was ended after 5 seconds");
    down();
    fs::remove_file(standin("hang-install")).unwrap();

    let failed = app
        .types(&next(&failed))
        .ended(69)
        .says("stopped at v1.1.0/caches");
    down();
    let _memcached = Memcached::at(port);
    app.sql("CREATE TABLE kept AS SELECT id, shortname FROM customer; UPDATE customer SET shortname = 'same'");

    let failed = app
        .types(&next(&failed))
        .ended(1)
        .says("stopped at v1.1.0/schema update")
        .says("shortname");
    down();
    assert!(failed.err.contains("upgrade resume --mend complete"));
    app.sql("UPDATE customer SET shortname = (SELECT shortname FROM kept WHERE kept.id = customer.id); DROP TABLE kept");

    fs::write(standin("fail-health"), "").unwrap();
    let failed = app
        .types(&next(&failed))
        .ended(1)
        .says("stopped at v1.1.0/verify");
    down();
    fs::remove_file(standin("fail-health")).unwrap();

    app.git(&["tag", "-d", "v1.2.0"]);
    let failed = app
        .types(&next(&failed))
        .ended(1)
        .says("stopped at v1.2.0/checkout: there is no tag `v1.2.0`");
    down();
    app.git(&["tag", "v1.2.0", "v1.1.0"]);
    let failed = app
        .types(&next(&failed))
        .ended(1)
        .says("no longer means the commit that was planned");
    app.git(&["tag", "-f", "v1.2.0", "v1.2.1-rc1"]);

    app.write("app/only-v1.2.0.txt", "mine");
    let failed = app
        .types(&next(&failed))
        .ended(1)
        .says("would be written over")
        .says("only-v1.2.0.txt");
    down();
    fs::remove_file(app.path("app/only-v1.2.0.txt")).unwrap();
    app.write("app/VERSION", "mine");
    let failed = app.types(&next(&failed)).ended(1).says("changed by hand");
    down();
    app.git(&["checkout", "VERSION"]);

    let failed = app
        .types(&next(&failed))
        .ended(1)
        .says("stopped at v1.2.0/read this")
        .says("Tell the customers of the new page.")
        .says("--ack-all");
    down();
    let way = next(&failed);
    assert_eq!(way, "realign upgrade resume --ack 'v1.2.0/read this'");
    app.types(&way).ended(0).says("v1.2.0 is reached");
    assert!(!app.path("app/maintenance.flag").exists());
    app.run("schema validate").ended(0);
}

/// The configuration counts as it was, unless a person says otherwise.
#[test]
fn a_changed_configuration_is_read_when_that_is_said() {
    let app = App::with_recipe("cache = [\"memcached://127.0.0.1:1\"]\n");
    app.run("upgrade run --ack-all").ended(69);
    let text = app.read("realign.toml");
    app.write(
        "realign.toml",
        &text.replace("memcached://127.0.0.1:1", "files:cache"),
    );
    app.run("upgrade resume")
        .ended(69)
        .says("The configuration has changed since")
        .says("stopped at v1.1.0/caches");
    app.run("upgrade resume --reread").ended(0);
}

/// On a terminal who sits there is asked.
#[test]
fn a_note_is_acknowledged_at_the_terminal() {
    for (typed, code) in [("no\n", 1), ("yes\n", 0)] {
        let app = App::with_recipe("");
        let program = env!("CARGO_BIN_EXE_realign");
        let mut child = Command::new("script")
            .args(["-qec", &format!("{program} upgrade run"), "/dev/null"])
            .current_dir(app.path(""))
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script runs");
        let mut input = child.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut input, typed.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        drop(input);
        let answer = Answer::of(&output);
        let answer = answer.ended(code).says("Is that done?");
        if code == 1 {
            let way = next(&answer);
            app.types(&way).ended(0);
        }
        assert_eq!(app.read("app/VERSION"), "v1.2.0\n");
    }
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
    drop(lock);
    app.types(&next(&failed)).ended(0);
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
    let failed = app
        .run("upgrade run --ack-all")
        .ended(1)
        .says("No space left on device");
    assert!(app.path("app/maintenance.flag").exists());
    fs::remove_file(app.path("standin/fill")).unwrap();
    fs::remove_file(disk.join("zeros")).unwrap();
    app.types(&next(&failed)).ended(0);
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
    fs::write(&healthy, "").unwrap();
    app.types(&next(&failed)).ended(0);
}
