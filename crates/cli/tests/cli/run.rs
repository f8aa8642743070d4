//! Running a session.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use realign_testkit::Live;
use regex::Regex;
use tempfile::TempDir;

use crate::script::{Block, Printed};
use crate::words::words;

/// Runs every command of a session, in a folder and on a database of its own.
pub(crate) fn session(blocks: &[Block], database: &dyn Live) -> Vec<Printed> {
    let folder = TempDir::with_prefix("session-").expect("a folder");
    let mut printed = Vec::new();
    for block in blocks {
        match block {
            Block::File { path, text } => {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().expect("a folder")).expect("made");
                fs::write(path, text).expect("written");
            }
            Block::Commands(commands) => {
                for command in commands {
                    printed.push(typed(&command.typed, folder.path(), database));
                }
            }
        }
    }
    printed
}

fn typed(line: &str, folder: &Path, database: &dyn Live) -> Printed {
    let (input, line) = match line.split_once(" | ") {
        Some((first, rest)) => (first.strip_prefix("echo ").unwrap_or_default(), rest),
        None => ("", line),
    };
    let mut words = words(line);
    let name = words.remove(0);
    let (code, text) = match name.as_str() {
        "realign" => realign(&words, input, folder, database),
        "sql" => answer(&words.join(" "), database),
        "client" => match database.try_client(&words.join(" ")) {
            Ok(text) => (0, text),
            Err(_) => (1, "refused\n".to_owned()),
        },
        "pipe" => match database.try_client(&piped(&folder.join(&words[0]), database)) {
            Ok(_) => (0, String::new()),
            Err(_) => (1, "refused\n".to_owned()),
        },
        "ls" => (0, listed(&folder.join(&words[0]))),
        "cat" => match fs::read_to_string(newest(folder, &words[0])) {
            Ok(text) => (0, text),
            Err(_) => (1, "no such file\n".to_owned()),
        },
        "rm" => match fs::remove_file(newest(folder, &words[0])) {
            Ok(()) => (0, String::new()),
            Err(_) => (1, "no such file\n".to_owned()),
        },
        other => panic!("`{other}` is no command of a session"),
    };
    let text = plain(&text, folder, database);
    Printed {
        code,
        lines: text
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect(),
    }
}

/// A script for the engine's own client, which goes on behind an error as it does by itself.
fn piped(path: &Path, database: &dyn Live) -> String {
    let text = fs::read_to_string(path).expect("a script");
    let goes_on = match database.url().split(':').next() {
        Some("postgres") => "\\set ON_ERROR_STOP off\n",
        Some("sqlite") => ".bail off\n",
        _ => "",
    };
    format!("{goes_on}{text}")
}

fn realign(words: &[String], input: &str, folder: &Path, database: &dyn Live) -> (i32, String) {
    let mut child = Process::new(env!("CARGO_BIN_EXE_realign"))
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("REALIGN_DATABASE_URL", database.url())
        .env("COLUMNS", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("realign runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    // A command that asks nothing closes it.
    let _ = writeln!(pipe, "{input}");
    drop(pipe);
    let output = child.wait_with_output().expect("it ends");
    // What a person sees below each other; the order between the two is not kept.
    let text = [output.stdout, output.stderr]
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    (output.status.code().unwrap_or(-1), text)
}

/// The rows of a query. The database's own sentence about a bad one is another on each engine.
fn answer(query: &str, database: &dyn Live) -> (i32, String) {
    if database.try_client(query).is_err() {
        return (1, "refused\n".to_owned());
    }
    let rows = database.rows(query);
    (0, lines(rows.iter().map(|row| row.join(" | "))))
}

fn listed(folder: &Path) -> String {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    lines(names)
}

fn lines(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().map(|line| line + "\n").collect()
}

/// A file, or the last one of a folder whose name begins and ends as before and after `*`.
fn newest(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    let Some((before, after)) = name.split_once('*') else {
        return path;
    };
    let (inner, before) = before.rsplit_once('/').unwrap_or(("", before));
    let inner = folder.join(inner);
    let name = listed(&inner)
        .lines()
        .rfind(|name| name.starts_with(before) && name.ends_with(after))
        .unwrap_or("none")
        .to_owned();
    inner.join(name)
}

/// The text with what differs from run to run taken out.
fn plain(text: &str, folder: &Path, database: &dyn Live) -> String {
    let url = database.url();
    let name = url.rsplit('/').next().unwrap_or_default();
    let mut text = text
        .replace(&folder.display().to_string(), "[FOLDER]")
        .replace(&url, "[URL]")
        .replace(name, "[DATABASE]");
    for (pattern, with) in [
        (r"\bprocess \d+ on \S+", "process [PID] on [HOST]"),
        (r"\b20[2-9]\d-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ?\b", "[TIME]"),
        (
            r"202[6-9](?:0[1-9]|1[0-2])[0-3]\d[012]\d[0-5]\d[0-5]\d",
            "[NOW]",
        ),
        (r"\b(\d+\.\d+(ms|s)|\d+(\.\d+)? (ms|s))\b", "[TOOK]"),
        (r"\bused \d+M", "used [MEMORY]"),
        (r"\bpid \d+", "pid [PID]"),
        (r#""(pid|milliseconds)": \d+"#, "\"$1\": [NUMBER]"),
        (r#""(who|host)": "[^"]*""#, "\"$1\": [NAME]"),
    ] {
        text = Regex::new(pattern)
            .expect("an expression")
            .replace_all(&text, with)
            .into_owned();
    }
    text
}
