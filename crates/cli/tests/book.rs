//! The book says what is there: every code, every page, every command that it names.

mod session;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use session::Session;

/// Sections of the codes that belong to one engine, and its folder.
const ENGINES: [(&str, &str); 3] = [
    ("SQLite", "crates/dialects/sqlite/src"),
    ("MySQL and MariaDB", "crates/dialects/mysql/src"),
    ("PostgreSQL", "crates/dialects/postgres/src"),
];
/// Sections of the codes that belong to all.
const GENERAL: [&str; 4] = [
    "Every engine",
    "The declaration",
    "The database",
    "Scripts and migrations",
];
/// Folders that belong to all engines.
const SHARED: [&str; 5] = [
    "crates/planner/src",
    "crates/sources/src",
    "crates/runtime/src",
    "crates/realign/src",
    "crates/cli/src",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn page(name: &str) -> String {
    read(&root().join("docs/book/src").join(name))
}

/// Rust files below a folder, tests left out.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "tests" {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// `"R204"` in the text: a letter and three digits between quotes.
fn quoted_codes(text: &str) -> BTreeSet<String> {
    text.split('"')
        .filter(|word| is_code(word))
        .map(str::to_owned)
        .collect()
}

fn is_code(word: &str) -> bool {
    let digits = word.strip_prefix(['R', 'D', 'C', 'M', 'S']);
    digits.is_some_and(|d| d.len() == 3 && d.bytes().all(|b| b.is_ascii_digit()))
}

/// The codes that a folder's own code uses.
fn used(folder: &str) -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&root().join(folder), &mut files);
    let own = |path: &PathBuf| {
        let text = read(path);
        quoted_codes(
            text.split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default(),
        )
    };
    files.iter().flat_map(own).collect()
}

/// The codes of the tables below a heading.
fn documented(heading: &str) -> BTreeSet<String> {
    let text = page("risk-codes.md");
    let below = text
        .split("\n#")
        .find(|part| {
            part.trim_start_matches('#')
                .lines()
                .next()
                .unwrap_or_default()
                .trim()
                == heading
        })
        .unwrap_or_else(|| panic!("no heading `{heading}`"));
    let rows = below.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| row.split(' ').next())
        .filter(|word| is_code(word))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_code_has_an_entry() {
    let general: BTreeSet<String> = GENERAL.iter().flat_map(|name| documented(name)).collect();
    let mut everywhere: BTreeSet<String> = SHARED.iter().flat_map(|folder| used(folder)).collect();
    let missing: Vec<&String> = everywhere.difference(&general).collect();
    assert!(
        missing.is_empty(),
        "no entry in risk-codes.md for {missing:?}"
    );
    for (heading, folder) in ENGINES {
        let own = documented(heading);
        let codes = used(folder);
        let known: BTreeSet<String> = own.union(&general).cloned().collect();
        let missing: Vec<&String> = codes.difference(&known).collect();
        assert!(
            missing.is_empty(),
            "no entry below `{heading}` for {missing:?}"
        );
        let stale: Vec<&String> = own.difference(&codes).collect();
        assert!(stale.is_empty(), "below `{heading}` nothing uses {stale:?}");
        everywhere.extend(codes);
    }
    let stale: Vec<&String> = general.difference(&everywhere).collect();
    assert!(stale.is_empty(), "nothing uses {stale:?}");
}

#[test]
fn every_page_is_listed_and_every_link_leads_somewhere() {
    let folder = root().join("docs/book/src");
    let summary = page("SUMMARY.md");
    for entry in std::fs::read_dir(&folder).expect("the book") {
        let name = entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned();
        assert!(
            name == "SUMMARY.md" || summary.contains(&format!("({name})")),
            "{name} is not in SUMMARY.md"
        );
        let text = page(&name);
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let file = link.split('#').next().unwrap_or_default();
            assert!(
                link.contains("://") || folder.join(file).is_file(),
                "{name}: {link} leads nowhere"
            );
        }
    }
}

/// Each command line of the book is one that the program takes.
#[test]
fn every_command_is_accepted() {
    let app = Session::new();
    let mut lines = 0;
    for entry in std::fs::read_dir(root().join("docs/book/src")).expect("the book") {
        let name = entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned();
        for block in page(&name).split("```sh\n").skip(1) {
            let block = block.split("```").next().unwrap_or_default();
            for line in block
                .lines()
                .filter_map(|line| line.strip_prefix("realign "))
            {
                let line = line.split('#').next().unwrap_or_default();
                // Help is given only when everything before it was understood.
                let answer = app.run(&format!("{line} --help"));
                assert_eq!(answer.code, 0, "{name}: {}", answer.shown());
                lines += 1;
            }
        }
    }
    assert!(lines > 20, "{lines}");
}

#[test]
fn every_key_of_the_configuration_has_its_place() {
    let text = read(&root().join("docs/realign.schema.json"));
    let schema: serde_json::Value = serde_json::from_str(&text).expect("the schema is JSON");
    let rows = page("configuration.md");
    let sections = schema["properties"].as_object().expect("sections");
    assert!(sections.len() > 8);
    for (section, described) in sections {
        let heading = match section.as_str() {
            "env" => "| `[env.NAME]` |".to_owned(),
            section => format!("| `[{section}]` |"),
        };
        let row = rows
            .lines()
            .find(|line| line.starts_with(&heading))
            .unwrap_or_else(|| panic!("no row {heading}"));
        let Some(name) = described["$ref"].as_str() else {
            continue;
        };
        let name = name.trim_start_matches("#/$defs/");
        let keys = schema["$defs"][name]["properties"].as_object();
        for key in keys.expect("keys").keys() {
            assert!(row.contains(&format!("`{key}`")), "{section}.{key}");
        }
    }
}

#[test]
fn the_first_command_of_the_readme_knows_what_to_run() {
    let readme = read(&root().join("README.md"));
    assert!(readme.contains("cargo run --release -- demo"));
    let package = read(&root().join("crates/cli/Cargo.toml"));
    let programs = package.matches("[[bin]]").count();
    assert!(programs > 1, "one program needs no default");
    assert!(package.contains("default-run = \"realign\""), "{package}");
}
