//! A statement of which nobody knows whether it ran, on a server whose definitions are not atomic,
//! and what a person's answer makes of it.

use realign_testkit::{Live, mariadb_with};

use crate::app::{App, MARIADB, Way};
use crate::program::Ended;

/// MariaDB that says it is of a version that carries out half of a definition when it is killed.
fn old() -> Box<dyn Live> {
    Box::new(mariadb_with(&["--version=10.5.27-MariaDB"]).database())
}

fn app(way: Way) -> App {
    App::new(MARIADB.name, old(), way)
}

/// The number of the first place with these words that a command passes.
fn place(app: &App, command: &str, words: &str) -> usize {
    let file = app.path("places.txt");
    let _ = std::fs::remove_file(&file);
    app.program(command).counting_into(&file).run().with(0);
    let passed = std::fs::read_to_string(&file).expect("the program writes its places down");
    let at = passed.lines().position(|line| line.contains(words));
    at.unwrap_or_else(|| panic!("no place `{words}` in\n{passed}")) + 1
}

/// Kills a run of this command at a place with these words.
fn killed(app: &App, command: &str, number: usize) {
    let mut running = app.program(command).halting_at(number).start();
    assert!(running.halted(), "{}", running.said());
    assert!(running.kill(), "it was there to be killed");
}

fn says(ended: &Ended, words: &str) {
    assert!(
        ended.text.contains(words),
        "no `{words}` in\n{}",
        ended.text
    );
}

/// A table that is half made is taken away on a person's word, once it holds no row; whatever
/// else was killed on the way.
fn half_made(way: Way, command: &str, table: &str) {
    let undisturbed = app(way);
    let create = place(
        &undisturbed,
        command,
        &format!("before CREATE TABLE {table} "),
    );
    let wanted = undisturbed.state();

    let app = app(way);
    killed(&app, command, create);
    // What the server might have left of it.
    let half = format!("CREATE TABLE {table} (half INT); INSERT INTO {table} VALUES (1)");
    app.database.client(&half);
    let asked = app.program(command).run().with(1);
    says(&asked, "can't be told");
    says(&asked, "--settle ran");
    says(&asked, "--settle did-not-run");
    says(&asked, "--settle undo");

    let undo = format!("{command} --settle undo");
    let refused = app.program(&undo).run().with(1);
    says(&refused, "holds rows");
    says(&refused, "--settle did-not-run");
    let rows = app.database.rows(&format!("SELECT * FROM {table}"));
    assert_eq!(rows, [["1"]], "{}", refused.text);

    app.database.client(&format!("DELETE FROM {table}"));
    // Killed in the middle of the answer, it is asked again.
    let file = app.path("again.txt");
    let drop = format!("DROP TABLE `{table}`");
    let mut halted = false;
    for number in 1..40 {
        let mut running = app
            .program(&undo)
            .counting_into(&file)
            .halting_at(number)
            .start();
        assert!(running.halted(), "{}", running.said());
        assert!(running.kill(), "it was there to be killed");
        let passed = std::fs::read_to_string(&file).expect("its places");
        let _ = std::fs::remove_file(&file);
        if passed.contains(&format!("before {drop}")) {
            halted = true;
            break;
        }
    }
    assert!(halted, "it did not come to {drop}");
    app.program(command).run().with(1);
    let done = app.program(&undo).run().with(0);
    says(&done, &drop);
    app.arrives();
    app.stands_as(&wanted, &|| app.outputs());
}

#[test]
fn what_is_half_made_is_taken_away_on_mariadb() {
    half_made(Way::Migrate, "migrate -n", "city");
}

#[test]
fn what_a_plan_half_made_is_taken_away_on_mariadb() {
    half_made(Way::Update, "schema update --force", "payment");
}

/// What changes something that was there before can't be taken back: nothing is touched.
#[test]
fn what_is_half_changed_is_left_to_a_person_on_mariadb() {
    let command = "migrate -n";
    let undisturbed = app(Way::Migrate);
    let alter = place(
        &undisturbed,
        command,
        "before ALTER TABLE person ADD COLUMN country",
    );
    let wanted = undisturbed.state();
    let app = app(Way::Migrate);
    killed(&app, command, alter);
    app.database
        .client("ALTER TABLE person ADD COLUMN country VARCHAR(2)");
    let asked = app.program(command).run().with(1);
    says(&asked, "--settle ran");
    assert!(!asked.text.contains("--settle undo"), "{}", asked.text);
    let refused = app.program("migrate -n --settle undo").run().with(1);
    says(&refused, "can't be undone");
    says(&refused, "realign migrate --settle ran");
    app.program("migrate -n --settle ran").run().with(0);
    app.arrives();
    app.stands_as(&wanted, &|| app.outputs());
}
