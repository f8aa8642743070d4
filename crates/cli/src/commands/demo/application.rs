//! The demo's application: its files, its rows, its accident.

use std::path::Path;

use realign::runtime::{Error, ErrorKind};

use crate::config::FILE_NAME;

/// The release that the demo ends with.
pub(super) const LATEST: &str = "3.0";
/// Rows of the first release.
pub(super) const ROWS_1: &str = include_str!("../../../demo/rows-1.0.sql");
/// Rows that the second release adds.
pub(super) const ROWS_2: &str = include_str!("../../../demo/rows-2.0.sql");
/// What somebody does by hand.
pub(super) const DRIFT: &str = include_str!("../../../demo/drift.sql");

/// Commands to try next, and what each shows.
pub(super) const NEXT: &[(&str, &str)] = &[
    ("realign schema validate", "in sync"),
    (
        "realign schema validate --complete",
        "and the table that nobody declared",
    ),
    (
        "realign --env 2.0 schema update",
        "the plan of a way back: what it would cost",
    ),
    (
        "realign schema diff doctrine-xml:releases/1.0 doctrine-xml:releases/3.0",
        "two releases",
    ),
    ("realign schema inspect", "the database as it is"),
    ("realign doctor", "is all well with it?"),
];

/// First line of the demo's own configuration: how a folder is known as its own.
pub(super) const MARK: &str = "# Made by `realign demo`; run it again and it starts over.";

/// The database's file.
pub(super) const DATABASE: &str = "portside.db";

macro_rules! mapping {
    ($release:literal, $($class:literal),+) => {
        &[$((
            concat!("Portside.", $class, ".dcm.xml"),
            include_str!(concat!("../../../demo/", $release, "/Portside.", $class, ".dcm.xml")),
        )),+]
    };
}

/// A mapping file: its name and its text.
pub(super) type File = (&'static str, &'static str);

pub(super) const RELEASES: &[(&str, &[File])] = &[
    (
        "1.0",
        mapping!("1.0", "Customer", "Contact", "Vlan", "Port"),
    ),
    (
        "2.0",
        mapping!("2.0", "Customer", "Contact", "Vlan", "Port", "Tag"),
    ),
    (
        "3.0",
        mapping!(
            "3.0", "Customer", "Contact", "Vlan", "Port", "Tag", "Traffic"
        ),
    ),
];

/// Writes the application into a new or empty folder, or over an earlier demo.
pub(super) fn write(dir: &Path) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::File,
            format!("can't write into {}: {error}", dir.display()),
        )
    };
    if dir.exists() {
        clear(dir)?;
    }
    std::fs::create_dir_all(dir).map_err(failed)?;
    std::fs::write(dir.join(FILE_NAME), configuration()).map_err(failed)?;
    for (release, files) in RELEASES {
        let folder = dir.join("releases").join(release);
        std::fs::create_dir_all(&folder).map_err(failed)?;
        for (name, text) in *files {
            std::fs::write(folder.join(name), text).map_err(failed)?;
        }
    }
    Ok(())
}

/// Removes an earlier demo's database; refuses a folder that holds anything else.
fn clear(dir: &Path) -> Result<(), Error> {
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::File,
            format!("can't use {}: {error}", dir.display()),
        )
    };
    if std::fs::read_dir(dir).map_err(failed)?.next().is_none() {
        return Ok(());
    }
    let own = std::fs::read_to_string(dir.join(FILE_NAME)).is_ok_and(|text| text.starts_with(MARK));
    if !own {
        return Err(Error::new(
            ErrorKind::Failed,
            format!("{} is not empty, and no demo made it", dir.display()),
        )
        .with_help("give another folder: realign demo DIR"));
    }
    for suffix in ["", "-wal", "-shm", "-journal"] {
        match std::fs::remove_file(dir.join(format!("{DATABASE}{suffix}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn configuration() -> String {
    let mut text = format!(
        "{MARK}\n\n[database]\nurl = \"sqlite:{DATABASE}\"\n\n[schema]\n\
         sources = [\"doctrine-xml:releases/{LATEST}\"]\n\
         doctrine = \"orm-2.14/dbal-3.6\"\n"
    );
    for (release, _) in RELEASES.iter().filter(|(release, _)| *release != LATEST) {
        for line in [
            format!("\n# realign --env {release} …"),
            format!("[env.\"{release}\".schema]"),
            format!("sources = [\"doctrine-xml:releases/{release}\"]"),
        ] {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// The statements of one of the demo's own scripts, which end with `;` at a line's end.
pub(super) fn statements(script: &str) -> impl Iterator<Item = &str> {
    script
        .split(";\n")
        .map(|statement| statement.trim().trim_end_matches(';'))
        .filter(|statement| !statement.is_empty())
}

/// A text as one word of a shell.
pub(super) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,~".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_scripts_are_split() {
        assert_eq!(statements(ROWS_1).count(), 4);
        assert!(statements(DRIFT).all(|statement| !statement.ends_with(';')));
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path()).expect("an empty folder is fine");
        write(folder.path()).expect("its own folder is fine");
        let other = tempfile::tempdir().expect("a folder");
        std::fs::write(other.path().join("realign.toml"), "[schema]\n").expect("written");
        let error = write(other.path()).expect_err("not its own");
        assert!(error.message.contains("is not empty"), "{error}");
        assert!(!other.path().join("releases").exists());
    }

    #[test]
    fn folders_in_a_shell() {
        assert_eq!(shell_word("realign-demo"), "realign-demo");
        assert_eq!(shell_word("my demo's"), r"'my demo'\''s'");
    }
}
