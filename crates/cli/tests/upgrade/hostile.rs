//! Names and links that somebody has made to be taken for something else.

use std::fs;

use crate::app::{App, is_root};

const ODD: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<doctrine-mapping xmlns="https://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Portside\Odd" table="odd'; DROP TABLE customer; --">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="text" column="a&quot;b`c;d" type="string" length="20">
      <options><option name="default">x'; DELETE FROM customer; --</option></options>
    </field>
  </entity>
</doctrine-mapping>
"#;

/// The application with one more release, made by a change of the last one.
fn with_release(tag: &str, change: impl FnOnce(&App)) -> App {
    let app = App::with_recipe("");
    app.git(&["checkout", "-q", "-f", "v1.2.0"]);
    change(&app);
    // What lies beside the release stays beside it.
    for folder in ["mapping", "upgrade"] {
        if app.path("app").join(folder).exists() {
            app.git(&["add", "-A", folder]);
        }
    }
    app.git(&["commit", "-q", "-m", tag]);
    app.git(&["tag", tag]);
    app.git(&["checkout", "-q", "-f", "--detach", "v1.0.0"]);
    app
}

#[test]
fn names_with_quotes_and_semicolons_are_text() {
    let app = with_release("v1.2.5", |app| {
        app.write_as_owner("app/mapping/Portside.Odd.dcm.xml", ODD);
    });
    let customers = |app: &App| -> i64 {
        let count = "SELECT COUNT(*) FROM customer";
        app.open()
            .query_row(count, [], |row| row.get(0))
            .expect("there")
    };
    let before = customers(&app);
    app.run("upgrade plan --to v1.2.5").ended(0).says("odd'");
    app.run("upgrade run --to v1.2.5 --ack-all").ended(0);
    assert_eq!(customers(&app), before);
    let there: i64 = app
        .open()
        .query_row(
            "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'odd''; DROP TABLE customer; --'",
            [],
            |row| row.get(0),
        )
        .expect("asked");
    assert_eq!(there, 1);
    app.run("schema validate").ended(0);
}

#[test]
fn a_link_out_of_the_tree_changes_nothing_behind_it() {
    let app = App::with_recipe("");
    let secret = app.path("secret");
    app.write("secret", "not the application's");
    std::os::unix::fs::symlink(&secret, app.path("app/storage/link")).expect("made");
    let mode = || std::os::unix::fs::MetadataExt::mode(&fs::metadata(&secret).expect("there"));
    let before = mode();
    app.run("upgrade run --ack-all")
        .ended(1)
        .says("stopped at v1.1.0/permissions")
        .says("link");
    assert_eq!(mode(), before);
    assert!(app.path("app/maintenance.flag").exists());
    fs::remove_file(app.path("app/storage/link")).expect("removed");
    app.run("upgrade resume").ended(0);
}

#[test]
fn what_a_release_brings_along_decides_nothing_as_root() {
    let app = with_release("v1.2.5", |app| {
        app.write_as_owner(
            "app/upgrade/steps.toml",
            "[[step]]\nname = 'mine'\ndo = 'command'\ncommand = ['id']\nas = 'root'\nafter = 'install'\n",
        );
    });
    app.git(&["checkout", "-q", "-f", "v1.2.5"]);
    let text = app.read("realign.toml");
    app.write("realign.toml", &format!("{text}steps = \"app/upgrade\"\n"));
    let plan = app.run("upgrade plan");
    if is_root() {
        plan.ended(64).says("asks for something to run as root");
    } else {
        plan.says("mine");
    }
}

#[test]
fn the_tree_of_root_is_nobodys_to_run() {
    if !is_root() {
        return;
    }
    let app = App::with_recipe("");
    let text = app.read("realign.toml");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("user"))
        .collect();
    app.write("realign.toml", &lines.join("\n"));
    let owned = std::process::Command::new("chown")
        .args(["-R", "root"])
        .arg(app.path("app"))
        .status();
    assert!(owned.expect("chown runs").success());
    app.run("upgrade run --ack-all")
        .ended(64)
        .says("would run as root")
        .says("[upgrade] user");
    assert!(!app.path("standin/log").exists());
    // Neither for what only looks, nor for what only closes the doors.
    let recipe = app.read("recipe.toml");
    let closing = format!(
        "down = [{tool:?}, 'down']\nup = [{tool:?}, 'up']\n\n[[step]]\ndo = \"maintenance\"\nturn = \"on\"\n",
        tool = app.shown("tool")
    );
    app.write(
        "recipe.toml",
        &format!("name = \"closing\"\n\n[maintenance]\n{closing}\n[[step]]\ndo = \"checkout\"\n"),
    );
    app.run("upgrade run")
        .ended(64)
        .says("the recipe's command for maintenance mode");
    app.write("recipe.toml", &recipe);
    let text = app.read("realign.toml");
    let asks = format!(
        "{text}\ncurrent_command = [{:?}, 'version']\n",
        app.shown("tool")
    );
    app.write("realign.toml", &asks);
    app.run("upgrade plan")
        .ended(64)
        .says("would run as root")
        .says("current_command");
    assert!(!app.path("standin/log").exists());
}

/// The application with one more source: a program of the release's own.
fn with_a_program_as_source() -> App {
    let app = App::with_recipe("");
    app.write_as_owner(
        "app/declare.sh",
        &format!(
            "id -u >>{}\necho 'CREATE TABLE extra (id INTEGER PRIMARY KEY);'\n",
            app.shown("standin/who")
        ),
    );
    let text = app.read("realign.toml");
    let sources = "\"doctrine-xml:app/mapping\", \"exec:sh app/declare.sh\"";
    app.write(
        "realign.toml",
        &text.replace("\"doctrine-xml:app/mapping\"", sources),
    );
    app
}

#[test]
fn a_program_that_is_a_source_runs_as_who_it_belongs_to() {
    let app = with_a_program_as_source();
    app.run("upgrade plan")
        .ended(0)
        .says("can't be told before: `exec:sh app/declare.sh`");
    assert!(!app.path("standin/who").exists(), "a plan runs nothing");
    app.run("upgrade run --ack-all").ended(0);
    app.run("schema validate").ended(0);
    let without_user: String = app
        .read("realign.toml")
        .lines()
        .filter(|line| !line.starts_with("user"))
        .flat_map(|line| [line, "\n"])
        .collect();
    app.write("realign.toml", &without_user);
    app.run("schema validate").ended(0);
    let who = app.read("standin/who");
    let owner = std::fs::metadata(app.path("app")).expect("there");
    let owner = std::os::unix::fs::MetadataExt::uid(&owner).to_string();
    assert!(who.lines().count() >= 4, "{who}");
    assert!(who.lines().all(|line| line == owner), "{who}");
    assert!(!is_root() || owner != "0");
}

#[test]
fn a_program_of_a_tree_of_roots_is_no_source() {
    if !is_root() {
        return;
    }
    let app = with_a_program_as_source();
    let recipe = app.read("recipe.toml");
    let quiet: Vec<&str> = recipe
        .split("\n[[step]]")
        .filter(|step| !step.contains("TOOL") && !step.contains(&app.shown("tool")))
        .collect();
    app.write("recipe.toml", &quiet.join("\n[[step]]"));
    let owned = std::process::Command::new("chown")
        .args(["-R", "root"])
        .arg(app.path("app"))
        .status();
    assert!(owned.expect("chown runs").success());
    let text = app.read("realign.toml");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("user"))
        .collect();
    app.write("realign.toml", &lines.join("\n"));
    app.run("upgrade run --ack-all")
        .ended(64)
        .says("would run as root")
        .says("the source `exec:sh app/declare.sh`");
    assert!(!app.path("standin/who").exists());
}

/// Neither maintenance mode nor the emptying of caches gives a release's programs more than their
/// owner has.
#[test]
fn what_closes_the_doors_runs_as_who_it_belongs_to() {
    let app = App::with_recipe("");
    let tool = app.shown("tool");
    let text: String = app
        .read("realign.toml")
        .lines()
        .filter(|line| !line.starts_with("user"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let commands = format!(
        "{text}[maintenance]\ndown = [{tool:?}, 'down']\nup = [{tool:?}, 'up']\n\
         [cache]\nclear = [{{ command = [{tool:?}, 'clear'] }}]\n"
    );
    app.write("realign.toml", &commands);
    for line in ["down", "up", "cache clear"] {
        app.run(line).ended(0);
    }
    let owner = if is_root() { "nobody|" } else { "" };
    let log = app.read("standin/log");
    assert_eq!(log.lines().count(), 3, "{log}");
    assert!(log.lines().all(|line| line.starts_with(owner)), "{log}");
    if !is_root() {
        return;
    }
    // A release's own file names neither root nor what is restarted as root.
    let inside = commands
        .replace("root = \"app\"", "root = \".\"")
        .replace("state = \"state\"", "state = \"../state\"")
        .replace("doctrine-xml:app/", "doctrine-xml:")
        .replace("recipe.toml", "generic");
    let asks = [
        inside.replace("[cache]", "user = 'root'\n[cache]"),
        inside.replace("clear = [{ command", "clear = [{ restart"),
    ];
    for (text, line) in asks.iter().zip(["down", "cache clear"]) {
        app.write_as_owner("app/realign.toml", text);
        app.git(&["add", "realign.toml"]);
        app.run(&format!("{line} --config app/realign.toml"))
            .ended(64)
            .says("asks for something to run as root");
    }
    assert_eq!(app.read("standin/log").lines().count(), 3);
}
