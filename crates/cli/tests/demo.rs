//! `realign demo`, and the commands that it tells to try next.

mod session;

use session::Session;

#[test]
fn the_whole_demo() {
    let app = Session::new();
    let demo = app.run("demo play").ended(0);
    assert!(demo.err.is_empty(), "{}", demo.shown());
    for text in [
        "release 1.0",
        "Release 2.0",
        "Release 3.0",
        "by hand",
        "v1.0.0 -> v1.1.0 -> v1.2.0",
        "v1.2.0 is reached",
        "realign status",
        "Done in",
        "cd play",
    ] {
        assert!(demo.out.contains(text), "{text}: {}", demo.shown());
    }
    let files = |name: &str| app.path(&format!("play/{name}")).exists();
    assert!(files("realign.toml") && files("portside.db") && files("releases/3.0"));
}

#[test]
fn what_it_says_to_try_works_when_typed() {
    let app = Session::new();
    let out = app.run("demo play").ended(0).out;
    let commands: Vec<&str> = out
        .lines()
        .filter_map(|line| line.strip_prefix("  realign "))
        .filter_map(|line| line.split(" # ").next())
        .collect();
    assert!(commands.len() >= 5, "{out}");
    for command in commands {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(command.split_whitespace())
            .current_dir(app.path("play"))
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL")
            .output()
            .expect("realign runs");
        let expected: &[i32] = match command.trim() {
            "schema validate" | "schema inspect" | "doctor" => &[0],
            // Something is undeclared; a plan without --force is a negative answer.
            "schema validate --complete" => &[2],
            _ => &[0, 1],
        };
        let code = output.status.code().unwrap_or(-1);
        assert!(
            expected.contains(&code),
            "{command}: {code}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!output.stdout.is_empty(), "{command}");
    }
}

#[test]
fn it_starts_over_in_its_own_folder_and_refuses_another() {
    let app = Session::new();
    app.run("demo play").ended(0);
    app.write("play/notes.txt", "mine");
    app.run("demo play").ended(0);
    assert_eq!(app.read("play/notes.txt"), "mine");
    app.write("work/thesis.txt", "mine");
    let refused = app.run("demo work").ended(1);
    insta::assert_snapshot!(refused.shown());
    assert!(!app.path("work/realign.toml").exists());
}

#[test]
fn the_environment_does_not_lead_it_to_another_database() {
    let mut app = Session::new();
    app.variable("DATABASE_URL", "mysql://root@127.0.0.1:1/production");
    let demo = app.run("demo play").ended(0);
    assert!(
        demo.out
            .contains("DATABASE_URL is set and outranks realign.toml"),
        "{}",
        demo.shown()
    );
}
