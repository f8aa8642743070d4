//! `realign migrations generate`, and what every command does that writes a migration.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use realign::planner::migration::{Version, file_name};
use realign::runtime::migrate::{Directory, Folder, in_seconds};
use realign::runtime::{Error, ErrorKind};
use serde::Serialize;

use super::context::whole;
use super::migrate::nobody;
use crate::args::GenerateArgs;
use crate::config::{Organize, Transaction};
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::console::Console;
use crate::settings::Settings;

/// A migration that is to be written.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Checks and other directives in front of both ways.
    pub(super) guard: String,
    /// What `up` runs.
    pub(super) up: Vec<String>,
    /// What `down` runs; none when there is no way back.
    pub(super) down: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
struct FileDocument {
    command: &'static str,
    version: Version,
    path: PathBuf,
}

/// Writes an empty migration.
pub(super) fn run(args: &GenerateArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut console = Console::new(out, settings.output.interactive);
    let folder = folder(settings, &mut console, args.namespace.as_deref())?;
    let draft = Draft {
        down: Some(Vec::new()),
        ..Draft::default()
    };
    let (version, path) = write(settings, &folder, args.name.as_deref(), &draft)?;
    tell(
        out,
        &mut console,
        Told {
            command: "migrations generate",
            doctrine: "Generated new migration class to",
            doubled: false,
            further: None,
        },
        version,
        &path,
    )?;
    Ok(Exit::Done)
}

/// The folder of a namespace. Without one it is the first, and under Doctrine's names the one that
/// is chosen.
pub(super) fn folder(
    settings: &Settings,
    console: &mut Console,
    namespace: Option<&str>,
) -> anyhow::Result<Folder> {
    let folders = &settings.migrations.folders;
    let namespace = namespace.filter(|name| !name.is_empty());
    let named: Vec<&str> = folders
        .iter()
        .filter_map(|folder| folder.namespace.as_deref())
        .collect();
    let chosen = match namespace {
        None if named.len() > 1 && console.speaks() => {
            let question = "Please choose a namespace (defaults to the first one)";
            let Some(place) = console.choose(question, &named)? else {
                return Err(nobody());
            };
            console.text(&[&format!(
                "You have selected the \"{}\" namespace",
                named[place]
            )])?;
            Some(named[place])
        }
        given => given,
    };
    let found = match chosen {
        None => folders.first(),
        Some(wanted) => folders
            .iter()
            .find(|folder| folder.namespace.as_deref() == Some(wanted.trim_matches('\\'))),
    };
    found.cloned().ok_or_else(|| {
        let error = Error::new(
            ErrorKind::Failed,
            format!(
                "Path not defined for the namespace \"{}\"",
                namespace.unwrap_or_default()
            ),
        );
        if named.is_empty() {
            error
                .with_help("[migrations] names no namespace: leave --namespace out")
                .into()
        } else {
            error
                .with_help(format!("there are: {}", named.join(", ")))
                .into()
        }
    })
}

/// Writes a migration under a new version.
pub(super) fn write(
    settings: &Settings,
    folder: &Folder,
    name: Option<&str>,
    draft: &Draft,
) -> anyhow::Result<(Version, PathBuf)> {
    let there = Directory::read(&settings.migrations.folders)?;
    let mut later = 0;
    let (digits, version, file) = loop {
        let moment = in_seconds(later);
        let digits: String = moment.chars().filter(char::is_ascii_digit).collect();
        let file = match &folder.namespace {
            Some(_) => format!("Version{digits}.sql"),
            None => format!("{digits}{}.sql", title(name.unwrap_or_default())),
        };
        let read = file_name(&file, folder.namespace.as_deref());
        let Some(read) = read else {
            return Err(Error::new(
                ErrorKind::Failed,
                format!("`{file}` is no name of a migration"),
            )
            .into());
        };
        if !there.entries.contains_key(&read.version) {
            break (digits, read.version, file);
        }
        // A version is a moment: after a second 59 comes a minute.
        later += 1;
    };
    let folder = match settings.migrations.organize {
        None => folder.path.clone(),
        Some(Organize::Year) => folder.path.join(&digits[..4]),
        Some(Organize::YearAndMonth) => folder.path.join(&digits[..4]).join(&digits[4..6]),
    };
    let path = folder.join(file);
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::File,
            format!("can't write {}: {error}", path.display()),
        )
    };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let text = text(settings, name, draft);
    anew(&path, &text).map_err(failed)?;
    Ok((version, path))
}

/// Writes a file that is not there yet. Half of one would be run as a migration.
fn anew(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        // What failed is what has to be told.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// A name as part of a file's: `_add_customer`.
fn title(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() {
        String::new()
    } else {
        format!("_{}", words.join("_"))
    }
}

fn text(settings: &Settings, name: Option<&str>, draft: &Draft) -> String {
    let mut text = String::new();
    let description = name.unwrap_or_default().trim();
    // Writing into a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}",
        format!("-- realign:description {description}").trim_end()
    );
    if settings.migrations.transaction == Transaction::None {
        text.push_str("-- realign:transaction off\n");
    }
    if draft.down.is_none() {
        text.push_str("-- realign:irreversible\n");
    }
    let mut section = |word: &str, statements: &[String]| {
        let _ = write!(text, "\n-- realign:{word}\n{}", draft.guard);
        for sql in statements {
            let sql = sql.trim_end().trim_end_matches(';');
            // What stands for itself must not be taken for a placeholder.
            let _ = writeln!(text, "{};", sql.replace("${", "$${"));
        }
    };
    section("up", &draft.up);
    if let Some(down) = &draft.down {
        section("down", down);
    }
    text
}

/// How a written migration is told.
pub(super) struct Told {
    /// The command, for a program.
    pub(super) command: &'static str,
    /// How Doctrine's sentence begins.
    pub(super) doctrine: &'static str,
    /// Doctrine doubles the backslashes of the class.
    pub(super) doubled: bool,
    /// Doctrine's further hint.
    pub(super) further: Option<&'static str>,
}

/// Tells where it is and how to try it.
pub(super) fn tell(
    out: Out,
    console: &mut Console,
    told: Told,
    version: Version,
    path: &Path,
) -> anyhow::Result<()> {
    if out.speech.is_some() {
        let class = if told.doubled {
            version.as_str().replace('\\', "\\\\")
        } else {
            version.to_string()
        };
        let written = format!("{} \"{}\"", told.doctrine, whole(path));
        let up = format!(
            "To run just this migration for testing purposes, you can use migrations:execute --up '{class}'"
        );
        let down =
            format!("To revert the migration you can use migrations:execute --down '{class}'");
        let mut lines = vec![written.as_str(), "", &up, "", &down, ""];
        if let Some(further) = told.further {
            lines.extend([further, ""]);
        }
        console.text(&lines)?;
    } else {
        out.text(&format!(
            "Written: {}\n\nNext: look through it, then realign migrate --dry-run",
            path.display()
        ))?;
    }
    out.json(&FileDocument {
        command: told.command,
        version,
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::anew;

    #[test]
    fn a_file_that_is_there_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("20260101000000.sql");
        anew(&path, "one").unwrap();
        assert!(anew(&path, "other").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
    }
}
