//! SIGKILL in a command of which nothing tells whether it ran.

use crate::app::App;

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
