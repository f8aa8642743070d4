//! A session's file: Markdown with blocks of commands, and of files that lie there before.
//!
//! ```text
//! What this shows.
//!
//! ~~~file migrations/20260101000000_a.sql
//! CREATE TABLE a (id INTEGER);
//! ~~~
//!
//! ~~~
//! $ realign migrate
//! ? 0
//! whatever is printed
//! ~~~
//! ```
//!
//! `[..]` in a printed line stands for anything; a line `...` for any lines.

use regex::Regex;

const FENCE: &str = "```";

/// A block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// A file to be there from here on.
    File { path: String, text: String },
    /// Commands.
    Commands(Vec<Command>),
}

/// A command with what it prints.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Its line in the file.
    pub(crate) line: usize,
    /// What is typed.
    pub(crate) typed: String,
    /// The exit code.
    pub(crate) code: i32,
    /// What is printed, line by line.
    pub(crate) printed: Vec<String>,
}

/// Reads a session.
pub(crate) fn read(text: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix(FENCE) else {
            continue;
        };
        let mut inner = Vec::new();
        loop {
            match lines.next() {
                Some((_, FENCE)) => break,
                Some((number, line)) => inner.push((number + 1, line)),
                None => return Err(format!("the block of line {} has no end", number + 1)),
            }
        }
        blocks.push(match info.strip_prefix("file ") {
            Some(path) => Block::File {
                path: path.to_owned(),
                text: inner.iter().flat_map(|(_, line)| [*line, "\n"]).collect(),
            },
            None => Block::Commands(commands(&inner)?),
        });
    }
    Ok(blocks)
}

fn commands(lines: &[(usize, &str)]) -> Result<Vec<Command>, String> {
    let mut commands: Vec<Command> = Vec::new();
    for (number, line) in lines {
        if let Some(typed) = line.strip_prefix("$ ") {
            commands.push(Command {
                line: *number,
                typed: typed.to_owned(),
                code: 0,
                printed: Vec::new(),
            });
            continue;
        }
        let last = commands
            .last_mut()
            .ok_or_else(|| format!("line {number} is before the first command"))?;
        match line.strip_prefix("? ") {
            Some(code) if last.printed.is_empty() => {
                last.code = code
                    .parse()
                    .map_err(|_| format!("no code in line {number}"))?;
            }
            _ => last.printed.push((*line).to_owned()),
        }
    }
    Ok(commands)
}

/// What a command really printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) code: i32,
    pub(crate) lines: Vec<String>,
}

/// Every command whose output is not the one in the file.
pub(crate) fn differences(blocks: &[Block], printed: &[Printed]) -> Vec<String> {
    every(blocks)
        .zip(printed)
        .filter(|(command, printed)| {
            command.code != printed.code || !same(&command.printed, &printed.lines)
        })
        .map(|(command, printed)| {
            format!(
                "line {}: $ {}\n--- expected, exit {}\n{}\n--- printed, exit {}\n{}",
                command.line,
                command.typed,
                command.code,
                command.printed.join("\n"),
                printed.code,
                printed.lines.join("\n")
            )
        })
        .collect()
}

fn every(blocks: &[Block]) -> impl Iterator<Item = &Command> {
    blocks.iter().flat_map(|block| match block {
        Block::File { .. } => [].as_slice(),
        Block::Commands(commands) => commands.as_slice(),
    })
}

fn same(expected: &[String], printed: &[String]) -> bool {
    match (expected.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "..." => {
            same(rest, printed)
                || printed
                    .split_first()
                    .is_some_and(|(_, others)| same(expected, others))
        }
        (Some((first, rest)), Some((line, others))) => matches(first, line) && same(rest, others),
        _ => false,
    }
}

fn matches(pattern: &str, line: &str) -> bool {
    if !pattern.contains("[..]") {
        return pattern == line;
    }
    let parts: Vec<String> = pattern.split("[..]").map(regex::escape).collect();
    Regex::new(&format!("^{}$", parts.join(".*"))).is_ok_and(|wanted| wanted.is_match(line))
}

/// The file with what is printed now; an output that matches stays as it is written.
pub(crate) fn written(text: &str, printed: &[Printed]) -> String {
    let blocks = read(text).expect("read before");
    let mut printed = every(&blocks).zip(printed);
    let mut out: Vec<String> = Vec::new();
    let (mut inside, mut file) = (false, false);
    for line in text.lines() {
        if let Some(info) = line.strip_prefix(FENCE) {
            inside = !inside;
            file = inside && info.starts_with("file ");
        } else if inside && !file {
            if line.starts_with("$ ") {
                let (command, now) = printed.next().expect("a command");
                out.push(line.to_owned());
                if now.code != 0 {
                    out.push(format!("? {}", now.code));
                }
                let kept = same(&command.printed, &now.lines);
                out.extend_from_slice(if kept { &command.printed } else { &now.lines });
            }
            continue;
        }
        out.push(line.to_owned());
    }
    out.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_match_with_gaps() {
        let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
        for (expected, printed, agree) in [
            ("a\nb", "a\nb", true),
            ("a", "a\nb", false),
            ("...\nc", "a\nb\nc", true),
            ("a\n...", "a", true),
            ("took [..] ms", "took 3.5 ms", true),
            ("took [..] ms", "took 3.5 s", false),
        ] {
            assert_eq!(same(&lines(expected), &lines(printed)), agree, "{expected}");
        }
    }

    #[test]
    fn a_session_is_read_and_written() {
        let text = "Words.\n```file a.sql\nSELECT 1;\n```\n\n```\n$ x\n? 1\nold\n```\n";
        let blocks = read(text).unwrap();
        assert_eq!(blocks.len(), 2);
        let printed = [Printed {
            code: 0,
            lines: vec!["new".to_owned()],
        }];
        assert_eq!(differences(&blocks, &printed).len(), 1);
        assert!(written(text, &printed).ends_with("```\n$ x\nnew\n```\n"));
        assert!(read("```\nnothing").is_err());
    }
}
