//! Damaged schemas: whatever a text holds, reading it ends, says where it stopped, and never
//! panics. Seeded, so that a failure comes back; `REALIGN_FUZZ_SECONDS` goes on for as long.

use std::time::{Duration, Instant};

use realign_model::{Database, Origin};
use realign_mysql::MYSQL;
use realign_planner::{Dialect as _, Facts, Policy, SchemaScript, diff};

/// A schema with a bit of everything.
const SCHEMA: &str = include_str!("fixtures/everything.sql");

/// Numbers that look random, the same ones each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or(0) % sides.max(1)
    }
}

/// Pieces that readers trip over.
const SPLINTERS: &[&str] = &[
    "(",
    ")",
    ",",
    ";",
    "'",
    "\"",
    "`",
    "/*!",
    "*/",
    "/*M!100100",
    "--",
    "#",
    "\\",
    "\0",
    "é",
    "CREATE",
    "ALTER TABLE",
    "PARTITION BY",
    "CHECK",
    "DEFAULT",
    "AS",
    "REFERENCES",
    "SELECT",
    "999999999999999999999999",
    "-",
    ".",
    "@",
    "DELIMITER //\n",
    "\r\n",
    "IF NOT EXISTS",
    "NULL",
    "LIKE",
    "FIRST",
    "AFTER",
    "CONSTRAINT",
    "KEY",
    "UNION",
    "CASE",
    "INTERVAL",
    "NOT",
    "((((((((",
];

fn damaged(text: &str, dice: &mut Dice) -> String {
    let mut pieces: Vec<&str> = text
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .collect();
    for _ in 0..=dice.roll(4) {
        if pieces.is_empty() {
            pieces.push("x");
        }
        let at = dice.roll(pieces.len());
        let other = dice.roll(pieces.len());
        match dice.roll(6) {
            0 => drop(pieces.remove(at)),
            1 => pieces.insert(at, SPLINTERS[dice.roll(SPLINTERS.len())]),
            2 => pieces[at] = SPLINTERS[dice.roll(SPLINTERS.len())],
            3 => pieces.swap(at, other),
            4 => pieces.insert(at, pieces[other]),
            _ => pieces.truncate(at.max(1)),
        }
    }
    pieces.concat()
}

/// Reads a text, holds what came out to what has to hold of anything, and compares it.
fn survives(text: &str, whole: &Database, facts: &Facts) {
    let script = SchemaScript {
        path: "damaged.sql",
        text,
    };
    let read = MYSQL
        .interpret()
        .interpret(&script, Database::default(), facts);
    assert!(read.skipped_bytes <= text.len());
    for problem in &read.diagnostics {
        if let Origin::File { line, span, .. } = &problem.origin {
            assert!(span.start() <= text.len(), "{problem:?}");
            assert!(*line as usize <= text.lines().count() + 1, "{problem:?}");
        }
    }
    for (is, wish) in [(whole, &read.database), (&read.database, whole)] {
        drop(diff(is, wish, &MYSQL, facts, &Policy::default()));
    }
    drop(MYSQL.create(&read.database, facts));
}

#[test]
fn no_damage_makes_it_panic() {
    let seconds = std::env::var("REALIGN_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut versions: Vec<(Facts, Database)> = Vec::new();
    for version in ["mariadb-10.11", "mysql-5.7.40", "mysql-9.4"] {
        let facts = MYSQL.offline_facts(version).expect("this engine");
        let script = SchemaScript {
            path: "whole.sql",
            text: SCHEMA,
        };
        let whole = MYSQL
            .interpret()
            .interpret(&script, Database::default(), &facts);
        versions.push((facts, whole.database));
    }
    // Statement by statement, so that one damage does not hide the rest.
    let statements: Vec<&str> = SCHEMA.split(";\n").collect();
    let mut dice = Dice(0x5EED_0001);
    let mut tries = 0;
    loop {
        let (facts, whole) = &versions[tries % versions.len()];
        let from = dice.roll(statements.len());
        let until_here = (from + 1 + dice.roll(4)).min(statements.len());
        let text = damaged(&statements[from..until_here].join(";\n"), &mut dice);
        survives(&text, whole, facts);
        tries += 1;
        let over = match until {
            Some(until) => Instant::now() >= until,
            None => tries >= 600,
        };
        if over {
            break;
        }
    }
}
