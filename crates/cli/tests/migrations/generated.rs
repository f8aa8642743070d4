//! Generated migrations as up and down.

use std::path::Path;

/// Statements up and statements down.
pub(crate) type Ways = (Vec<String>, Vec<String>);

/// The newest file that a command has written.
pub(crate) fn ours(folder: &Path) -> Option<Ways> {
    let mut newest: Vec<std::path::PathBuf> = Vec::new();
    let mut folders = vec![folder.join("migrations")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).ok()?.flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if *entry.file_name().to_string_lossy() > *"Version2026" {
                newest.push(entry.path());
            }
        }
    }
    newest.sort();
    let text = std::fs::read_to_string(newest.last()?).ok()?;
    let (up, down) = text.split_once("-- realign:down")?;
    let (_, up) = up.split_once("-- realign:up")?;
    Some((statements(up), statements(down)))
}

/// A recorded class.
pub(crate) fn theirs(text: &str) -> Ways {
    let (up, down) = text.split_once("-- down\n").unwrap_or((text, ""));
    let up = up.split_once("-- up\n").map_or("", |(_, up)| up);
    (statements(up), statements(down))
}

fn statements(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("-- "))
        .collect();
    lines
        .join("\n")
        .split(";\n")
        .map(|sql| {
            sql.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .trim_end_matches(';')
                .to_owned()
        })
        .filter(|sql| !sql.is_empty())
        .collect()
}
