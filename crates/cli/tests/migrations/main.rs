//! The migration commands against recorded runs of Doctrine Migrations 3.8, step by step, on three
//! engines, through Doctrine's own command lines.
//!
//! Every step is held to the recording: what is printed, the exit code, the rows of the history
//! and the tables. Where Realign does otherwise on purpose, [`differences`] names the row of the
//! book's table that says so; such a step must then really differ.

#![allow(
    clippy::print_stdout,
    reason = "the number of steps and differences is there to be read"
)]

mod classes;
mod compare;
mod differences;
mod generated;
mod layouts;
mod replay;
mod scenario;
mod state;
mod world;

use replay::replay;
use world::Engine;

#[test]
fn recorded_runs_on_sqlite() {
    replay(&Engine::SQLITE, realign_testkit::sqlite_file);
}

#[test]
fn recorded_runs_on_mariadb() {
    replay(&Engine::MARIADB, || realign_testkit::mariadb().database());
}

#[test]
fn recorded_runs_on_postgresql() {
    replay(&Engine::POSTGRESQL, || {
        realign_testkit::postgres().database()
    });
}

#[test]
fn old_histories_on_sqlite() {
    layouts::taken_over(&Engine::SQLITE, realign_testkit::sqlite_file);
}

#[test]
fn old_histories_on_mariadb() {
    layouts::taken_over(&Engine::MARIADB, || realign_testkit::mariadb().database());
}

#[test]
fn old_histories_on_postgresql() {
    layouts::taken_over(&Engine::POSTGRESQL, || {
        realign_testkit::postgres().database()
    });
}

/// Every difference is a row of the book's table, with a reason.
#[test]
fn the_book_has_every_difference() {
    let book = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/book/src/differences.md"
    );
    let book = std::fs::read_to_string(book).expect("the book");
    for row in differences::rows() {
        let anchor = format!("<a id=\"{row}\"></a>");
        let line = book.lines().find(|line| line.contains(&anchor));
        let line = line.unwrap_or_else(|| panic!("the book has no row `{row}`"));
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 4, "{line}");
        assert!(
            cells.iter().all(|cell| !cell.trim().is_empty()),
            "a cell of `{row}` says nothing"
        );
    }
}
