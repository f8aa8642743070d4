//! Rules of the house that a compiler doesn't know.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Crates that hold only functions over data.
const PURE: [&str; 3] = ["crates/model", "crates/planner", "crates/sources"];
/// Crates that know no engine.
const SHARED: [&str; 4] = [
    "crates/model",
    "crates/planner",
    "crates/sources",
    "crates/runtime",
];
/// What pure code may not name.
const WORLD: [&str; 8] = [
    "fs",
    "net",
    "process",
    "env",
    "thread",
    "time::Instant",
    "time::SystemTime",
    "os",
];
/// Names of engines, in any spelling.
const ENGINES: [&str; 8] = [
    "mysql", "mariadb", "sqlite", "postgres", "pgsql", "innodb", "myisam", "percona",
];
/// Licences that may come in; `deny.toml` says the same.
const LICENCES: [&str; 14] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "0BSD",
];
/// Packages that the lock file may list.
const MOST_PACKAGES: usize = 320;
/// Lines that a source file may have.
const MOST_LINES: usize = 500;

fn root() -> PathBuf {
    realign_testkit::checkout().expect("tests run in a checkout")
}

/// Files of the repository below a folder, build results left out.
fn files(below: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() {
                if name != "target" && name != ".git" {
                    walk(&path, found);
                }
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(below), &mut found);
    found.sort();
    found
}

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    files(below)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            (
                path.strip_prefix(root())
                    .expect("below the root")
                    .to_owned(),
                path,
            )
        })
        .map(|(name, path)| (name, fs::read_to_string(path).expect("sources are UTF-8")))
        .collect()
}

/// The code of a crate's files: no comments, no unit tests, no module that only tests have.
/// Each line with its file and number.
fn code(below: &str) -> Vec<(PathBuf, usize, String)> {
    let files = sources(below);
    let mut for_tests = Vec::new();
    for (path, text) in &files {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            let name = pair[1]
                .trim_end_matches(';')
                .rsplit(' ')
                .next()
                .unwrap_or_default();
            if pair[1].ends_with(';') {
                let folder = match path.file_name().and_then(|name| name.to_str()) {
                    Some("lib.rs" | "main.rs" | "mod.rs") => path.with_file_name(""),
                    _ => path.with_extension(""),
                };
                for_tests.extend([folder.join(format!("{name}.rs")), folder.join(name)]);
            }
        }
    }
    let mut code = Vec::new();
    for (path, text) in files {
        if for_tests.iter().any(|module| path.starts_with(module)) {
            continue;
        }
        let mut lines = text.lines().enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let next = lines.peek().map(|(_, next)| *next).unwrap_or_default();
            if line.starts_with("#[cfg(test)]") && next.ends_with('{') {
                break;
            }
            let line = line.split("//").next().unwrap_or_default();
            code.push((path.clone(), number + 1, line.trim().to_owned()));
        }
    }
    code
}

/// The code of everything that is not there for tests alone.
fn shipped() -> Vec<(PathBuf, usize, String)> {
    let for_tests = ["/tests/", "/benches/", "crates/testkit/"];
    let mut code = code("crates");
    code.retain(|(path, _, _)| {
        let path = path.display().to_string();
        !for_tests.iter().any(|part| path.contains(part))
    });
    code
}

fn report(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}:\n{}", faults.join("\n"));
}

#[test]
fn pure_crates_touch_nothing_of_the_world() {
    let dialects = fs::read_dir(root().join("crates/dialects")).expect("dialects");
    let dialects = dialects
        .flatten()
        .map(|entry| format!("crates/dialects/{}", entry.file_name().to_string_lossy()));
    let mut faults = Vec::new();
    for folder in PURE.map(str::to_owned).into_iter().chain(dialects) {
        for (path, number, line) in code(&format!("{folder}/src")) {
            // The one file of a dialect that talks to a server, and its parts.
            let mut parts = path
                .components()
                .map(|part| part.as_os_str().to_string_lossy());
            if parts.any(|part| part.starts_with("live")) {
                continue;
            }
            if WORLD.iter().any(|word| names_of_the_world(&line, word)) {
                faults.push(format!("{}:{number}: {line}", path.display()));
            }
        }
    }
    report(
        "pure code opens no file, socket or process, reads no clock and no environment",
        &faults,
    );
}

/// `std::fs`, or `fs` in the braces of `use std::{…}`.
fn names_of_the_world(line: &str, word: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let direct = format!("std::{word}");
    let named = line
        .match_indices(&direct)
        .any(|(at, _)| ends(&line[at + direct.len()..]));
    let braces = line.split_once("std::{").is_some_and(|(_, list)| {
        list.split([',', '{', '}'])
            .any(|part| part.trim() == word || part.trim().starts_with(&format!("{word}::")))
    });
    let clock = word
        .strip_prefix("time::")
        .is_some_and(|clock| line.contains("std::time::{") && line.contains(clock));
    named || braces || clock
}

#[test]
fn shared_crates_know_no_engine() {
    let mut faults = Vec::new();
    for folder in SHARED {
        for (path, number, line) in code(&format!("{folder}/src")) {
            let mut plain = line.clone();
            // Typed options of one engine are typed in the model, and named by their variants.
            for name in ["MySqlTable", "SqliteTable", "PostgresTable"] {
                plain = plain.replace(name, "");
            }
            for name in ["MySql", "Sqlite", "Postgres"] {
                plain = plain.replace(&format!("TableOptions::{name}"), "");
                plain = plain
                    .strip_prefix(&format!("{name}("))
                    .unwrap_or(&plain)
                    .to_owned();
            }
            let plain = plain.to_lowercase();
            if ENGINES.iter().any(|engine| plain.contains(engine)) {
                faults.push(format!("{}:{number}: {line}", path.display()));
            }
        }
    }
    report(
        "shared code names no engine; a question that differs is the dialect's",
        &faults,
    );
}

#[test]
fn source_files_have_one_idea_each() {
    let faults: Vec<String> = sources(".")
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines >= MOST_LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    report("source files stay under 500 lines", &faults);
}

#[test]
fn nothing_is_left_unfinished_or_out_of_place() {
    // Written in halves, so that this file doesn't find itself.
    let unfinished = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[ig", "nore"),
        concat!("work in pro", "gress"),
    ];
    let elsewhere = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("crates", ".io"),
        concat!("clau", "de"),
        concat!("anthr", "opic"),
        concat!("chat", "gpt"),
        concat!("co-auth", "ored-by"),
    ];
    let text_files = ["rs", "toml", "md", "sql", "xml", "sh", "json"];
    let scripts = [root().join("test"), root().join(".ci/run")];
    let mut faults = Vec::new();
    for path in files(".") {
        let known = path.extension().is_some_and(|ending| {
            text_files
                .iter()
                .any(|known| ending.eq_ignore_ascii_case(known))
        });
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        if !known && !scripts.contains(&path) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let small = line.to_lowercase();
            if unfinished.iter().any(|word| line.contains(word))
                || elsewhere.iter().any(|word| small.contains(word))
            {
                let name = path.strip_prefix(root()).unwrap_or(&path);
                faults.push(format!(
                    "{}:{}: {}",
                    name.display(),
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    report(
        "what is here is finished, and speaks of the project alone",
        &faults,
    );
}

#[test]
fn nothing_panics_on_purpose() {
    // Clippy's `unwrap_used` sees to the rest.
    let words = ["panic!(", "unreachable!(", ".expect(\"\")"];
    let mut faults = Vec::new();
    for (path, number, line) in shipped() {
        if words.iter().any(|word| line.contains(word)) {
            faults.push(format!("{}:{number}: {line}", path.display()));
        }
    }
    report("no input makes Realign panic", &faults);
}

#[test]
fn the_corpus_is_for_tests_alone() {
    let words = ["shared/corpus", "REALIGN_CORPUS", "drift-", "create.sql"];
    let mut faults = Vec::new();
    for (path, number, line) in shipped() {
        if words.iter().any(|word| line.contains(word)) {
            faults.push(format!("{}:{number}: {line}", path.display()));
        }
    }
    report("the program looks nothing up in the corpus", &faults);
}

#[test]
fn the_lock_file_stays_small() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the lock file");
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    println!("{packages} packages");
    assert!(
        packages <= MOST_PACKAGES,
        "{packages} packages, {MOST_PACKAGES} are the limit"
    );
}

#[test]
fn licences_and_sources_are_allowed() {
    let host = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc runs");
    let host = String::from_utf8_lossy(&host.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .expect("rustc names its host");
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--all-features",
            "--filter-platform",
            &host,
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages: BTreeMap<&str, &serde_json::Value> = metadata["packages"]
        .as_array()
        .expect("a list of packages")
        .iter()
        .map(|package| (package["id"].as_str().unwrap_or_default(), package))
        .collect();
    let mut faults = Vec::new();
    for node in metadata["resolve"]["nodes"]
        .as_array()
        .expect("a resolved graph")
    {
        let package = packages[node["id"].as_str().unwrap_or_default()];
        let name = &package["name"];
        let licence = package["license"].as_str().unwrap_or("none");
        if !allowed(licence) && !isc_by_its_file(package) {
            faults.push(format!("{name}: licence {licence}"));
        }
        match package["source"].as_str() {
            None => {}
            Some(source) if source.starts_with("registry+") => {}
            Some(source) => faults.push(format!("{name}: comes from {source}")),
        }
    }
    report(
        "every crate has an allowed licence and comes from the registry",
        &faults,
    );
}

/// Whether a package that names no licence comes with the text of the ISC licence.
fn isc_by_its_file(package: &serde_json::Value) -> bool {
    let (Some(manifest), Some(file)) = (
        package["manifest_path"].as_str(),
        package["license_file"].as_str(),
    ) else {
        return false;
    };
    let text = fs::read_to_string(Path::new(manifest).with_file_name(file)).unwrap_or_default();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    words
        .join(" ")
        .contains("Permission to use  copy  modify  and or distribute this software")
}

/// Whether an SPDX expression leaves a choice that is allowed.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let inner = expression.trim();
    // Alternatives at the outermost level, then what they all ask for.
    let parts = |text: &str, word: &str| -> Vec<String> {
        let (mut parts, mut depth) = (vec![String::new()], 0_i32);
        for token in text
            .replace('(', " ( ")
            .replace(')', " ) ")
            .split_whitespace()
        {
            depth += i32::from(token == "(") - i32::from(token == ")");
            if token == word && depth == 0 {
                parts.push(String::new());
            } else if let Some(part) = parts.last_mut() {
                part.push_str(token);
                part.push(' ');
            }
        }
        parts
    };
    for (word, every) in [("OR", false), ("AND", true)] {
        let found = parts(inner, word);
        if found.len() > 1 {
            let mut verdicts = found.iter().map(|part| allowed(part));
            return if every {
                verdicts.all(|v| v)
            } else {
                verdicts.any(|v| v)
            };
        }
    }
    match inner
        .strip_prefix('(')
        .and_then(|inner| inner.trim_end().strip_suffix(')'))
    {
        Some(inner) => allowed(inner),
        None => LICENCES.contains(&inner),
    }
}

#[test]
fn licence_expressions_are_read() {
    assert!(allowed("MIT OR GPL-3.0"));
    assert!(allowed("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(allowed("Apache-2.0 WITH LLVM-exception OR MIT"));
    assert!(!allowed("MIT AND GPL-3.0"));
    assert!(!allowed("none"));
}
