//! Sameness of two databases, told by what the engines themselves print.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::database::{Live, is_book};
use crate::tokens::tokens;

/// Every object of a database as its engine prints it, without what has no meaning: the order
/// of columns and keys, the AUTO_INCREMENT counter, blanks, and quotes around names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    objects: BTreeMap<String, Vec<String>>,
}

impl Shape {
    /// The shape of a database as it is now. Realign's own books are no part of it.
    pub fn of(database: &(impl Live + ?Sized)) -> Self {
        let objects = database.definitions().into_iter();
        Self {
            objects: objects.filter(|(name, _)| !is_book(bare(name))).collect(),
        }
    }

    /// The names of all objects, with their kind: `table cust`, `index idx_name`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().map(String::as_str)
    }

    /// This shape without the objects of these names.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.objects.retain(|name, _| !names.contains(&bare(name)));
        self
    }

    /// What differs, a line each: `-` stands only in `self`, `+` only in `other`. Empty when
    /// both are the same.
    pub fn differences(&self, other: &Self) -> String {
        let mut text = String::new();
        let names: std::collections::BTreeSet<&String> =
            self.objects.keys().chain(other.objects.keys()).collect();
        for name in names {
            match (self.objects.get(name), other.objects.get(name)) {
                (Some(_), None) => drop(writeln!(text, "- {name}")),
                (None, Some(_)) => drop(writeln!(text, "+ {name}")),
                (Some(here), Some(there)) if here != there => {
                    let _ = writeln!(text, "  {name}");
                    for part in here.iter().filter(|part| !there.contains(part)) {
                        let _ = writeln!(text, "-     {part}");
                    }
                    for part in there.iter().filter(|part| !here.contains(part)) {
                        let _ = writeln!(text, "+     {part}");
                    }
                }
                _ => {}
            }
        }
        text
    }
}

/// The name of an object without its kind.
fn bare(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(_, bare)| bare)
}

/// `SHOW CREATE` of every table, view, trigger, routine and event, with the modes that bodies
/// run in.
pub(crate) fn mariadb(database: &impl Live) -> Vec<(String, Vec<String>)> {
    let listed = database.rows("SHOW FULL TABLES");
    let mut script = String::new();
    for row in &listed {
        let kind = match row[1].as_str() {
            kind @ ("VIEW" | "SEQUENCE") => kind,
            _ => "TABLE",
        };
        let _ = writeln!(script, "SHOW CREATE {kind} `{}`;", row[0]);
    }
    let triggers = database.rows("SHOW TRIGGERS");
    for row in &triggers {
        let _ = writeln!(script, "SHOW CREATE TRIGGER `{}`;", row[0]);
    }
    let schema = database.rows("SELECT DATABASE()")[0][0].clone();
    let routines = database.rows(
        "SELECT routine_name, routine_type FROM information_schema.routines \
         WHERE routine_schema = DATABASE() AND routine_type IN ('FUNCTION', 'PROCEDURE')",
    );
    for row in &routines {
        let _ = writeln!(script, "SHOW CREATE {} `{}`;", row[1], row[0]);
    }
    let events = database.rows("SHOW EVENTS");
    for row in &events {
        let _ = writeln!(script, "SHOW CREATE EVENT `{}`;", row[1]);
    }
    if script.is_empty() {
        return Vec::new();
    }
    let printed = database.rows(&script);
    let kinds = listed
        .iter()
        .map(|row| match row[1].as_str() {
            "VIEW" => "view",
            "SEQUENCE" => "sequence",
            _ => "table",
        })
        .chain(triggers.iter().map(|_| "trigger"))
        .chain(routines.iter().map(|row| match row[1].as_str() {
            "FUNCTION" => "function",
            _ => "procedure",
        }))
        .chain(events.iter().map(|_| "event"));
    printed
        .iter()
        .zip(kinds)
        .map(|(row, kind)| {
            let parts = match kind {
                "table" => mariadb_table(&row[1]),
                "view" => vec![row[1].replace(&format!("`{schema}`."), "")],
                "sequence" => vec![row[1].clone()],
                "event" => vec![
                    format!("{} {}", row[1], row[2]),
                    said(&without_start(&row[3])),
                ],
                _ => vec![row[1].clone(), said(&row[2])],
            };
            (format!("{kind} {}", row[0]), parts)
        })
        .collect()
}

/// The lines of a printed CREATE TABLE, sorted.
fn mariadb_table(printed: &str) -> Vec<String> {
    let mut lines: Vec<String> = printed
        .lines()
        .skip(1)
        .map(|line| {
            let line = line.trim().trim_end_matches(',').trim_end();
            if line.starts_with(')') {
                without_counter(line)
            } else if line.starts_with("CONSTRAINT") {
                without_defaults(line)
            } else {
                line.to_owned()
            }
        })
        .collect();
    lines.sort();
    lines
}

/// What a statement says; clients may leave comments out when they send it.
fn said(printed: &str) -> String {
    let comment = |token: &String| ["--", "/*"].iter().any(|mark| token.starts_with(mark));
    let tokens = tokens(printed);
    let said = tokens.iter().filter(|token| !comment(token));
    said.cloned().collect::<Vec<_>>().join(" ")
}

/// An event that says nothing starts when it is made.
fn without_start(printed: &str) -> String {
    match printed.split_once(" STARTS '") {
        Some((before, after)) => {
            let after = after.split_once('\'').map_or("", |(_, after)| after);
            format!("{before}{after}")
        }
        None => printed.to_owned(),
    }
}

fn without_counter(line: &str) -> String {
    line.split(' ')
        .filter(|word| !word.starts_with("AUTO_INCREMENT="))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The rows of `sqlite_schema` that hold SQL.
pub(crate) fn sqlite(database: &impl Live) -> Vec<(String, Vec<String>)> {
    database
        .rows("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL;")
        .into_iter()
        .filter(|row| !row[1].starts_with("sqlite_"))
        .map(|row| {
            let parts = if row[0] == "table" {
                sqlite_table(&row[2])
            } else {
                vec![tokens(&row[2]).join(" ")]
            };
            (format!("{} {}", row[0], row[1]), parts)
        })
        .collect()
}

/// The parts of a stored CREATE TABLE between its commas, sorted. A part's comments come last
/// in it, wherever the comma stands.
fn sqlite_table(sql: &str) -> Vec<String> {
    let mut parts = vec![Vec::new()];
    let mut depth = 0;
    for token in tokens(sql) {
        match token.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        let part: &mut Vec<String> = parts.last_mut().expect("there is a first part");
        let at_an_end = match token.as_str() {
            "(" | "," => depth == 1,
            ")" => depth == 0,
            _ => false,
        };
        if at_an_end {
            parts.push(Vec::new());
        } else {
            part.push(token);
        }
    }
    // What stands before the first parenthesis names the table.
    let mut lines: Vec<String> = parts
        .into_iter()
        .skip(1)
        .filter(|part| !part.is_empty())
        .map(|part| without_defaults(&part.join(" ")))
        .collect();
    lines.sort();
    lines
}

/// What a foreign key does anyway is the same said and unsaid. RESTRICT is that where keys are
/// checked at once; MySQL prints it, MariaDB does not.
fn without_defaults(part: &str) -> String {
    part.replace(" ON UPDATE NO ACTION", "")
        .replace(" ON DELETE NO ACTION", "")
        .replace(" ON UPDATE RESTRICT", "")
        .replace(" ON DELETE RESTRICT", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_counters_make_no_difference() {
        let one = "CREATE TABLE `t` (\n  `a` int(11),\n  `b` int(11)\n) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4";
        let two = "CREATE TABLE `t` (\n  `b` int(11),\n  `a` int(11)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";
        assert_eq!(mariadb_table(one), mariadb_table(two));
        assert_ne!(
            mariadb_table(one),
            mariadb_table(&two.replace("utf8mb4", "latin1"))
        );
    }

    #[test]
    fn a_stored_table_is_cut_at_its_own_commas() {
        let one = "CREATE TABLE t (a NUMERIC(10, 2), b CLOB --(DC2Type:json)\n, PRIMARY KEY(a, b))";
        let two =
            "CREATE TABLE \"t\" (b CLOB --(DC2Type:json)\n,PRIMARY KEY (a,b), a NUMERIC(10,2))";
        assert_eq!(sqlite_table(one), sqlite_table(two));
        assert_eq!(sqlite_table(one).len(), 3);
        assert_ne!(
            sqlite_table(one),
            sqlite_table(&two.replace("10,2", "10,3"))
        );
    }
}
