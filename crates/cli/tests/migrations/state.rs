//! What a database holds after a step, as far as the recordings tell.

use realign_testkit::Live;
use regex::Regex;

/// The history and the tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// How many characters the version column holds, and the names of the columns; none without
    /// a history.
    pub(crate) history: Option<(u32, Vec<String>)>,
    /// The rows of the history.
    pub(crate) rows: Vec<Vec<String>>,
    /// All tables.
    pub(crate) tables: Vec<String>,
}

impl State {
    /// Reads a live database, with the engine's query for columns. Realign's own tables are not
    /// part of it.
    pub(crate) fn of(live: &impl Live, columns: &str, history: &str) -> Self {
        let mut state = Self::default();
        for row in live.rows(columns) {
            let [table, column, holds] = row.as_slice() else {
                panic!("three cells: {row:?}");
            };
            if table == history {
                let length = digits(holds);
                let known = state.history.get_or_insert((length, Vec::new()));
                known.1.push(column.clone());
            }
            let ours = table.starts_with("realign_") || table == "sqlite_sequence";
            if !ours && state.tables.last() != Some(table) {
                state.tables.push(table.clone());
            }
        }
        state.tables.sort();
        if state.history.is_some() {
            state.rows = live.rows(&format!("SELECT * FROM {}", live.quoted(history)));
            state.rows.sort();
        }
        state
    }

    /// Takes what a recorded step changed.
    pub(crate) fn recorded(&mut self, history: Option<&str>, tables: Option<&str>) {
        if let Some(text) = tables {
            self.tables = text
                .lines()
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect();
            self.tables.sort();
        }
        let Some(text) = history else { return };
        if text.starts_with("-- no history") {
            self.history = None;
            self.rows.clear();
            return;
        }
        let names = columns(text);
        let versions = names.first().is_some_and(|name| name.starts_with("ver"));
        self.history = Some((if versions { number(text) } else { 0 }, names));
        self.rows = text
            .lines()
            .filter(|line| line.starts_with("INSERT"))
            .map(values)
            .collect();
        self.rows.sort();
    }

    /// True when the rows are those recorded: moments and durations of our own aside.
    pub(crate) fn same_rows(&self, recorded: &Self) -> bool {
        let moment = Regex::new(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$").expect("an expression");
        let same = |ours: &String, theirs: &String| match theirs.as_str() {
            "<DATE>" => moment.is_match(ours),
            "<MS>" => ours.bytes().all(|b| b.is_ascii_digit()) && !ours.is_empty(),
            exact => ours == exact,
        };
        self.history == recorded.history
            && self.rows.len() == recorded.rows.len()
            && self.rows.iter().zip(&recorded.rows).all(|(ours, theirs)| {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
            })
    }
}

/// The number in `191`, `VARCHAR(191)`.
fn digits(text: &str) -> u32 {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// The first number in brackets.
fn number(text: &str) -> u32 {
    let found = Regex::new(r"\((\d+)\)").expect("an expression");
    found
        .captures(text)
        .and_then(|found| found[1].parse().ok())
        .unwrap_or(0)
}

/// The names of the columns of a recorded table.
fn columns(text: &str) -> Vec<String> {
    let mariadb = Regex::new(r"(?m)^  `(\w+)` ").expect("an expression");
    let postgresql = Regex::new(r"(?m)^--\s+(\w+)\s+\| [a-z]").expect("an expression");
    for pattern in [mariadb, postgresql] {
        let names: Vec<String> = pattern
            .captures_iter(text)
            .map(|found| found[1].to_owned())
            .collect();
        if !names.is_empty() {
            return names;
        }
    }
    let Some((_, inner)) = text.split_once('(') else {
        return Vec::new();
    };
    let mut names = Vec::new();
    let mut depth = 0;
    let mut part = String::new();
    for c in inner
        .lines()
        .take_while(|line| !line.starts_with("INSERT"))
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
    {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    names.push(part);
    names
        .iter()
        .map(|part| {
            part.split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .filter(|word| !word.starts_with("PRIMARY") && !word.is_empty() && word != ");")
        .collect()
}

/// The values of a recorded INSERT.
fn values(line: &str) -> Vec<String> {
    let inner = line
        .split_once("VALUES")
        .map_or("", |(_, rest)| rest)
        .trim();
    let inner = inner
        .trim_start_matches('(')
        .trim_end_matches(';')
        .trim_end_matches(')');
    let mut values = Vec::new();
    let mut value = String::new();
    let mut quoted = false;
    for c in inner.chars() {
        match c {
            '\'' => quoted = !quoted,
            ',' if !quoted => values.push(std::mem::take(&mut value).trim().to_owned()),
            _ => value.push(c),
        }
    }
    values.push(value.trim().to_owned());
    values
        .into_iter()
        .map(|value| value.replace("\\\\", "\\"))
        .collect()
}
