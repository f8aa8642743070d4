//! SIGKILL in a command of which nothing tells whether it ran.

use crate::app::App;

/// An upgrade that was killed in a command, whose recipe says nothing that begins with these words.
fn killed_without(words: &[&str]) -> App {
    let app = App::with_recipe("");
    let recipe = app.read("recipe.toml");
    let lines: Vec<&str> = recipe
        .lines()
        .filter(|line| !words.iter().any(|word| line.starts_with(word)))
        .collect();
    app.write("recipe.toml", &lines.join("\n"));
    killed(&app, "upgrade run --ack-all", "move");
    app
}

/// Kills a command of ours while it is at this program.
fn killed(app: &App, words: &str, program: &str) {
    // It counts as begun once it has written itself down there.
    let _ = std::fs::remove_file(app.path("standin/log"));
    let hangs = app.path(&format!("standin/hang-{program}"));
    std::fs::write(&hangs, "").expect("own folder");
    let mut child = app.command(words).spawn().expect("runs");
    app.waits_for(program, &mut child);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    std::fs::remove_file(hangs).expect("own folder");
}

#[test]
fn a_command_that_nobody_heard_of_is_asked_about() {
    let app = killed_without(&["done = "]);
    app.run("upgrade resume")
        .ended(1)
        .says("whether its command ran can't be told")
        .says("--settle ran");
    // Asked again until somebody says it; the ways on are those that lead on.
    let asked = app.run("upgrade resume").ended(1);
    let (_, ways) = asked.err.split_once("in this order:\n").expect("ways on");
    let first = ways.lines().next().expect("the first");
    let command = first.trim().split("  ").next().expect("a command");
    assert_eq!(command, "realign upgrade resume --settle did-not-run");
    app.run("upgrade status").ended(0).says(command);
    app.types(command).ended(0);
    assert_eq!(app.read("app/moved.txt"), "moved\n");
}

#[test]
fn a_command_that_nobody_heard_of_is_undone_and_runs_again() {
    let app = killed_without(&["done = "]);
    let undo = "upgrade resume --settle undo";
    app.run("upgrade resume").ended(1).says(undo);
    // An answer that leads nowhere is none: it is asked again.
    app.write("standin/fail-unmove", "");
    app.run(undo).ended(1).says("no unmove today");
    std::fs::remove_file(app.path("standin/fail-unmove")).unwrap();
    app.run("upgrade resume").ended(1).says("can't be told");
    killed(&app, undo, "unmove");
    app.run("upgrade resume").ended(1).says("can't be told");
    app.run(undo).ended(0);
    assert_eq!(app.read("app/moved.txt"), "moved\n");
    let log = app.read("standin/log");
    let did: Vec<&str> = log
        .lines()
        .filter_map(|line| line.rsplit('|').next())
        .filter(|word| word.ends_with("move"))
        .collect();
    assert_eq!(did, ["unmove", "unmove", "move"]);
}

#[test]
fn a_command_without_its_undo_is_not_undone() {
    let app = killed_without(&["done = ", "undo = "]);
    let asked = app.run("upgrade resume").ended(1);
    assert!(!asked.err.contains("--settle undo"), "{}", asked.err);
    app.run("upgrade resume --settle undo")
        .ended(1)
        .says("names no command for that")
        .says("--settle did-not-run");
    app.run("upgrade resume").ended(1).says("can't be told");
    app.run("upgrade resume --settle ran").ended(0);
}
