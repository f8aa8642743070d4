//! SIGKILL of an upgrade at each of its places: around each step, around each write of its
//! journal, in its programs. Going on ends where an undisturbed upgrade does, and going back
//! where it began.

use std::fmt::Write as _;
use std::process::{Child, Stdio};

use crate::program::Program;
use crate::site::App;
use crate::tally::{self, Chance};

const FORWARD: &str = "upgrade run --ack-all";
const BACK: &str = "upgrade rollback --into-same";

/// How many places are tried in a run that is not a full one.
const SAMPLE: usize = 4;

/// Places of steps and journals; those of statements as well where they are wanted.
fn program(app: &App, line: &str, statements: bool) -> Program {
    let program = Program::new(&app.path(""), line);
    if statements {
        program
    } else {
        program.without_statements()
    }
}

/// The application in its first release, with what that release's own installation has made.
fn installed() -> App {
    let app = App::with_recipe("");
    std::fs::remove_dir_all(app.path("app/cache/x")).expect("it was there");
    app.write_as_owner("app/vendor.txt", "built for v1.0.0\n");
    app
}

/// The places that a command passes.
fn places(app: &App, line: &str, statements: bool) -> Vec<String> {
    let file = app.path("places.txt");
    program(app, line, statements)
        .counting_into(&file)
        .run()
        .with(0);
    let passed = std::fs::read_to_string(&file).expect("the program writes its places down");
    passed.lines().map(str::to_owned).collect()
}

/// Halts a command at a place and kills it there.
fn kill_at(app: &App, line: &str, statements: bool, number: usize) {
    let mut running = program(app, line, statements).halting_at(number).start();
    assert!(running.halted(), "place {number}: {}", running.said());
    assert!(running.kill(), "it was there to be killed");
}

/// Goes on with it, or begins where it was killed before it had written that it began.
#[track_caller]
fn goes_on(app: &App, told: &str) {
    let resumed = program(app, "upgrade resume", false).run();
    if resumed.text.contains("there is no upgrade to go on with") {
        // It was killed before it had written that it began.
        program(app, FORWARD, false).run().with(0);
        return;
    }
    assert_eq!(resumed.code(), 0, "{told}: {}", resumed.text);
}

/// Compares with what a run that nobody disturbed has left.
#[track_caller]
fn stands_as(app: &App, wanted: &[String], told: &str) {
    let now = app.condition();
    let only = |a: &[String], b: &[String], sign: &str| -> String {
        let mut text = String::new();
        for line in a.iter().filter(|line| !b.contains(line)) {
            let _ = writeln!(text, "{sign} {line}");
        }
        text
    };
    let differs = only(wanted, &now, "-") + &only(&now, wanted, "+");
    assert!(differs.is_empty(), "{told}\n{differs}");
    assert!(
        !app.path("state/upgrade.hold").exists(),
        "{told}: visitors are held out"
    );
}

fn journal(app: &App) -> serde_json::Value {
    serde_json::from_str(&app.read("state/upgrade.json")).expect("a journal")
}

#[test]
fn an_upgrade_goes_on_from_each_of_its_places() {
    let undisturbed = App::with_recipe("");
    let passed = places(&undisturbed, FORWARD, false);
    assert!(passed.len() > 150, "few places: {passed:?}");
    let wanted = undisturbed.condition();
    let numbers = tally::sample(passed.len(), SAMPLE);
    for number in &numbers {
        let app = App::with_recipe("");
        let told = format!("killed at {}", passed[number - 1]);
        kill_at(&app, FORWARD, false, *number);
        goes_on(&app, &told);
        stands_as(&app, &wanted, &told);
    }
    tally::tell("sqlite", "upgrade", passed.len(), numbers.len());
}

#[test]
fn an_upgrade_goes_on_from_a_statement_of_its_own() {
    let undisturbed = App::with_recipe("");
    let passed = places(&undisturbed, FORWARD, true);
    let wanted = undisturbed.condition();
    let some = if tally::full() { 60 } else { 2 };
    let numbers = tally::some(passed.len(), some);
    for number in &numbers {
        let app = App::with_recipe("");
        let told = format!("killed at {}", passed[number - 1]);
        kill_at(&app, FORWARD, true, *number);
        goes_on(&app, &told);
        stands_as(&app, &wanted, &told);
    }
    tally::tell(
        "sqlite",
        "upgrade's statements",
        passed.len(),
        numbers.len(),
    );
}

/// A command that nothing tells of is known to have run or not wherever it was not at work itself.
#[test]
fn an_upgrade_goes_on_around_a_command_without_a_question() {
    let without_a_look = || {
        let app = App::with_recipe("");
        let recipe = app.read("recipe.toml");
        let lines = recipe.lines().filter(|line| !line.starts_with("done = "));
        app.write("recipe.toml", &lines.collect::<Vec<_>>().join("\n"));
        app
    };
    let undisturbed = without_a_look();
    let passed = places(&undisturbed, FORWARD, false);
    let wanted = undisturbed.condition();
    let around: Vec<usize> = (1..=passed.len())
        .filter(|number| passed[number - 1].ends_with("v1.1.0/move"))
        .collect();
    assert_eq!(around.len(), 2, "{passed:?}");
    for number in &around {
        let app = without_a_look();
        let told = format!("killed at {}", passed[number - 1]);
        kill_at(&app, FORWARD, false, *number);
        goes_on(&app, &told);
        stands_as(&app, &wanted, &told);
    }
    tally::tell("sqlite", "around a command", around.len(), around.len());
}

/// Killed, gone on with and killed again: places of the first run and of those that go on.
#[test]
fn an_upgrade_that_is_killed_again_goes_on_again() {
    let undisturbed = App::with_recipe("");
    let passed = places(&undisturbed, FORWARD, false);
    let wanted = undisturbed.condition();
    let mut chance = Chance::new(11);
    let (mut killed, mut again) = (0, 0);
    for _ in 0..if tally::full() { 40 } else { 2 } {
        let app = App::with_recipe("");
        let mut told = String::new();
        // What is left shrinks with each try, so that the numbers do as well.
        let mut left = passed.len();
        for line in [FORWARD, "upgrade resume", "upgrade resume"] {
            let number = chance.below(left.max(2)) + 1;
            let mut running = program(&app, line, false).halting_at(number).start();
            if !running.halted() {
                break;
            }
            assert!(running.kill(), "it was there to be killed");
            killed += 1;
            again += usize::from(line != FORWARD);
            let _ = write!(told, "{line} killed at its place {number}; ");
            left = left.saturating_sub(number);
        }
        goes_on(&app, &told);
        stands_as(&app, &wanted, &told);
    }
    assert!(killed > 0, "none was killed");
    // Two tries may both be killed late in their first run.
    assert!(!tally::full() || again > 0, "none was killed twice");
    tally::tell("sqlite", "upgrade, again and again", passed.len(), killed);
}

/// Killed anywhere, the way back leads to the release whose steps were all behind.
#[test]
fn a_killed_upgrade_goes_back_from_each_of_its_places() {
    let undisturbed = installed();
    let start = undisturbed.condition();
    undisturbed
        .run("upgrade run --ack-all --to v1.1.0")
        .ended(0);
    let middle = undisturbed.condition();
    let counted = installed();
    let passed = places(&counted, FORWARD, false);
    let numbers = tally::sample(passed.len(), SAMPLE);
    for number in &numbers {
        let app = installed();
        let told = format!("killed at {}", passed[number - 1]);
        kill_at(&app, FORWARD, false, *number);
        let back = program(&app, BACK, false).run();
        if back.text.contains("there is no upgrade to go back from") {
            stands_as(&app, &start, &told);
            continue;
        }
        assert_eq!(back.code(), 0, "{told}: {}", back.text);
        let to = if back.text.contains("Back at v1.0.0") {
            &start
        } else {
            assert!(back.text.contains("Back at v1.1.0"), "{}", back.text);
            &middle
        };
        stands_as(&app, to, &told);
    }
    tally::tell(
        "sqlite",
        "rollback after a kill",
        passed.len(),
        numbers.len(),
    );
}

#[test]
fn a_way_back_goes_on_from_each_of_its_places() {
    let undisturbed = installed();
    let start = undisturbed.condition();
    undisturbed.run(FORWARD).ended(0);
    let line = format!("{BACK} --to v1.0.0");
    let passed = places(&undisturbed, &line, false);
    assert!(passed.len() > 20, "few places: {passed:?}");
    stands_as(&undisturbed, &start, "undisturbed");
    let numbers = tally::sample(passed.len(), 3);
    for number in &numbers {
        let app = installed();
        app.run(FORWARD).ended(0);
        let told = format!("killed at {}", passed[number - 1]);
        kill_at(&app, &line, false, *number);
        let journal = journal(&app);
        if journal["retreat"]["done"] == false {
            app.run("upgrade run").ended(1).says(BACK);
            app.run("upgrade resume").ended(1).says(BACK);
            app.run(BACK).ended(0).says("Back at v1.0.0");
        } else if journal["outcome"] == "done" {
            // Killed before it had written that it goes back.
            app.run(&line).ended(0);
        }
        stands_as(&app, &start, &told);
    }
    tally::tell("sqlite", "rollback", passed.len(), numbers.len());
}

/// Killed while a program of the application is at work, its children and all.
#[test]
fn an_upgrade_that_is_killed_in_a_program_goes_on_and_goes_back() {
    let undisturbed = installed();
    let start = undisturbed.condition();
    undisturbed.run(FORWARD).ended(0);
    let wanted = undisturbed.condition();
    for (word, back) in [("install", false), ("move", false), ("health", true)] {
        let app = installed();
        std::fs::write(app.path(&format!("standin/hang-{word}")), "").expect("own folder");
        killed_in(&app, word);
        std::fs::remove_file(app.path(&format!("standin/hang-{word}"))).expect("own file");
        if back {
            app.run(BACK).ended(0).says("Back at v1.0.0");
            stands_as(&app, &start, word);
        }
        let line = if back { FORWARD } else { "upgrade resume" };
        app.run(line).ended(0);
        stands_as(&app, &wanted, word);
    }
}

/// A program that dies with the upgrade leaves children that do not: who goes on ends them first.
#[test]
fn what_a_killed_upgrade_has_left_at_work_is_ended() {
    for (line, ended) in [("upgrade resume", "v1.2.0"), (BACK, "v1.0.0")] {
        let app = installed();
        for word in ["hang", "fork"] {
            std::fs::write(app.path(&format!("standin/{word}-install")), "").expect("own folder");
        }
        killed_in(&app, "install");
        let children = || -> Vec<String> {
            let text = std::fs::read_to_string(app.path("standin/forked")).unwrap_or_default();
            text.lines().map(str::to_owned).collect()
        };
        let children = children();
        assert_eq!(children.len(), 2);
        assert!(children.iter().all(|pid| lives(pid)), "{children:?}");
        for word in ["hang", "fork"] {
            let path = app.path(&format!("standin/{word}-install"));
            std::fs::remove_file(path).expect("own file");
        }
        let gone = app
            .run(line)
            .ended(0)
            .says("`sleep 300`")
            .says("was still at work: it has been ended")
            .says(ended);
        assert!(!children.iter().any(|pid| lives(pid)), "{}", gone.all());
    }
}

/// True while a process is there, as anything but a zombie.
fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default().trim();
    !state.is_empty() && !state.starts_with('Z')
}

/// A filter of git's keeps the checkout from coming to its end, half of its files written.
#[test]
fn an_upgrade_that_is_killed_in_a_checkout_goes_on_and_goes_back() {
    let undisturbed = installed();
    let start = undisturbed.condition();
    undisturbed.run(FORWARD).ended(0);
    let wanted = undisturbed.condition();
    for (line, wanted) in [("upgrade resume", wanted), (BACK, start)] {
        let app = installed();
        let filter = format!("{} smudge", app.shown("tool"));
        app.git(&["config", "filter.slow.smudge", &filter]);
        app.write_as_owner("app/.git/info/attributes", "views.sql filter=slow\n");
        std::fs::write(app.path("standin/hang-smudge"), "").expect("own folder");
        killed_in(&app, "smudge");
        assert!(app.path("app/only-v1.1.0.txt").exists(), "not half of it");
        std::fs::remove_file(app.path("standin/hang-smudge")).expect("own file");
        app.run(line).ended(0);
        stands_as(&app, &wanted, line);
    }
}

/// Kills a run once a stand-in is at work with this word.
fn killed_in(app: &App, word: &str) {
    let mut child: Child = app
        .command(FORWARD)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("realign runs");
    app.waits_for(word, &mut child);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}
