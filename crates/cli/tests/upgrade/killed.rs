//! SIGKILL at the boundaries of steps and within them: going on ends in the same state.

use std::time::{Duration, Instant};

use crate::app::App;

/// Runs a command and kills it once the journal says that a step has begun, after a pause. False
/// when it was quicker.
fn kill_in(app: &App, line: &str, key: &str, pause: Duration) -> bool {
    let mut child = app
        .command(line)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("runs");
    let begun = Instant::now();
    loop {
        let here = app.journal().is_some_and(|journal| {
            let entries = journal["entries"].as_array();
            entries.is_some_and(|entries| {
                entries
                    .iter()
                    .any(|entry| entry["key"] == key && entry["status"] == "running")
            })
        });
        if here {
            std::thread::sleep(pause);
            let _ = child.kill();
            return child.wait().expect("ends").code().is_none();
        }
        if child.try_wait().expect("looks").is_some() {
            return false;
        }
        assert!(begun.elapsed() < Duration::from_mins(2), "{key} never came");
        std::thread::sleep(Duration::from_micros(300));
    }
}

fn reference() -> (Vec<String>, Vec<String>) {
    let app = App::with_recipe("");
    app.run("upgrade run --ack-all").ended(0);
    (app.keys(), app.condition())
}

fn is_full() -> bool {
    std::env::var_os("REALIGN_PAIRS").is_some()
}

#[test]
fn a_killed_upgrade_goes_on_to_the_same_end() {
    let (keys, expected) = reference();
    // Everything with --full; otherwise one of each kind, and each at another moment.
    let sample = [
        "v1.1.0/backup",
        "v1.1.0/checkout",
        "v1.1.0/install",
        "v1.1.0/schema update",
        "v1.1.0/move",
        "v1.2.0/permissions",
        "end/maintenance off",
    ];
    let pauses: &[u64] = if is_full() { &[0, 3, 15, 60] } else { &[0] };
    let mut killed = 0;
    for (at, key) in keys.iter().enumerate() {
        if !is_full() && !sample.contains(&key.as_str()) {
            continue;
        }
        for pause in pauses {
            let app = App::with_recipe("");
            std::fs::write(app.path("standin/slow"), "").unwrap();
            let pause = pause + at as u64 % 4 * 5 * u64::from(!is_full());
            killed += i32::from(kill_in(
                &app,
                "upgrade run --ack-all",
                key,
                Duration::from_millis(pause),
            ));
            std::fs::remove_file(app.path("standin/slow")).unwrap();
            app.run("upgrade resume").ended(0);
            assert_eq!(
                app.condition(),
                expected,
                "killed in {key} after {pause} ms"
            );
        }
    }
    assert!(killed >= 4, "only {killed} runs were killed");
}

#[test]
fn a_command_that_nobody_heard_of_is_asked_about() {
    let app = App::with_recipe("");
    let recipe = app.read("recipe.toml");
    let lines: Vec<&str> = recipe
        .lines()
        .filter(|line| !line.starts_with("done = "))
        .collect();
    app.write("recipe.toml", &lines.join("\n"));
    std::fs::write(app.path("standin/hang-move"), "").unwrap();
    let mut child = app.command("upgrade run --ack-all").spawn().expect("runs");
    app.waits_for("move", &mut child);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    std::fs::remove_file(app.path("standin/hang-move")).unwrap();
    app.run("upgrade resume")
        .ended(1)
        .says("whether its command ran can't be told")
        .says("--settle ran");
    // Asked again until somebody says it.
    app.run("upgrade resume")
        .ended(1)
        .says("--settle did-not-run");
    app.run("upgrade resume --settle did-not-run").ended(0);
    assert_eq!(app.read("app/moved.txt"), "moved\n");
}
