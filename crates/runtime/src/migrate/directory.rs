//! The folders of migrations and the files in them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use realign_model::{Origin, Span};
use realign_planner::migration::{MigrationFile, Version, file_name, line_and_column};
use realign_planner::script::utf16;
use realign_planner::{Diagnostic, Facts, Scripts};

use crate::process::quoted;
use crate::{Error, ErrorKind};

/// A folder of migrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The namespace of its classes, for a history that is Doctrine's.
    pub namespace: Option<String>,
    /// Where it is.
    pub path: PathBuf,
}

/// A migration's file. A folder may have thousands: what only a few are asked for is made of the
/// name when it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    folder: Arc<Path>,
    name: OsString,
    /// The name begins with a version, and a title may follow.
    versioned: bool,
}

impl Entry {
    /// A script of no version, whose name is no title.
    pub fn script(path: &Path) -> Self {
        Self {
            folder: path.parent().unwrap_or(Path::new("")).into(),
            name: path.file_name().unwrap_or_default().to_owned(),
            versioned: false,
        }
    }

    /// False for a script that may run again.
    pub fn is_versioned(&self) -> bool {
        self.versioned
    }

    /// Its path, as the person would name it.
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// What its name says beside the version; empty when that is nothing.
    pub fn title(&self) -> String {
        let name = self.name.to_string_lossy();
        match file_name(&name, None).filter(|_| self.versioned) {
            Some(read) => read.title(),
            None => String::new(),
        }
    }

    /// What the file says, and everything that is wrong with it.
    pub fn read(&self) -> Result<(MigrationFile, String, Vec<Diagnostic>), Error> {
        let path = self.path();
        let shown = path.display().to_string();
        let trouble = |why: &dyn std::fmt::Display| {
            Error::new(ErrorKind::File, format!("can't read {shown}: {why}"))
        };
        // A pipe would be waited for without end, and a device has none.
        let endless = |found: fs::Metadata| !found.is_file() && !found.is_dir();
        if fs::metadata(&path).is_ok_and(endless) {
            return Err(trouble(&"it is a pipe or a device, and no file"));
        }
        let bytes = fs::read(&path).map_err(|error| trouble(&error))?;
        let problem = if let Some(encoding) = utf16(&bytes) {
            of_two_bytes(&shown, encoding)
        } else {
            match String::from_utf8(bytes) {
                Ok(text) if text.contains('\0') => {
                    let at = text.find('\0').unwrap_or_default();
                    no_text(&shown, "a zero byte stands here", text.as_bytes(), at)
                }
                Ok(text) => {
                    let (file, problems) = MigrationFile::read(&shown, &text);
                    return Ok((file, text, problems));
                }
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    no_text(&shown, "this is not UTF-8", error.as_bytes(), at)
                }
            }
        };
        let (file, _) = MigrationFile::read(&shown, "");
        Ok((file, String::new(), vec![problem]))
    }

    /// What the file says to an engine, and everything that is wrong with it.
    pub fn read_for(
        &self,
        scripts: &dyn Scripts,
        facts: &Facts,
    ) -> Result<(MigrationFile, Vec<Diagnostic>), Error> {
        let (file, text, problems) = self.read()?;
        if text.is_empty() {
            return Ok((file, problems));
        }
        Ok(MigrationFile::read_for(&file.path, &text, scripts, facts))
    }

    /// What it is for: the description that an engine finds in it, else what its name says.
    pub fn description(&self, scripts: &dyn Scripts, facts: &Facts) -> Result<String, Error> {
        let (file, _) = self.read_for(scripts, facts)?;
        Ok(file.description.unwrap_or_else(|| self.title()))
    }
}

/// What is wrong with bytes that are text up to a place.
fn no_text(shown: &str, message: &str, bytes: &[u8], at: usize) -> Diagnostic {
    let good = String::from_utf8_lossy(&bytes[..at]);
    let (line, column) = line_and_column(&good, good.len());
    let problem = Diagnostic::error("M001", message).at(Origin::File {
        path: shown.into(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        span: Span::new(at, at),
    });
    problem.with_help(
        "save it as UTF-8; the program that wrote a dump can write bytes as digits (--hex-blob)",
    )
}

/// Bytes that are no UTF-8, or look like it and mean something else.
fn of_two_bytes(shown: &str, encoding: &str) -> Diagnostic {
    let name = quoted(shown);
    let problem = Diagnostic::error("M001", "this is UTF-16, and only UTF-8 is read").with_help(format!(
        "save it as UTF-8, or convert it: iconv -f {encoding} -t UTF-8 {name} > utf8.tmp && mv utf8.tmp {name}"
    ));
    problem.at(Origin::File {
        path: shown.into(),
        line: 1,
        column: 1,
        span: Span::new(0, 0),
    })
}

/// All migrations that are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// By version.
    pub entries: BTreeMap<Version, Entry>,
    /// SQL files whose names are not those of migrations.
    pub strangers: Vec<PathBuf>,
    /// Folders that are not there.
    pub missing: Vec<PathBuf>,
}

impl Directory {
    /// Looks into folders; the files themselves are not opened. Two files of one version are an
    /// error that names both.
    pub fn read(folders: &[Folder]) -> Result<Self, Error> {
        let mut found = Self::default();
        let mut entries = Vec::new();
        for folder in folders {
            if folder.path.is_dir() {
                found.folder(
                    &Arc::from(folder.path.as_path()),
                    folder.namespace.as_deref(),
                    0,
                    &mut entries,
                )?;
            } else {
                found.missing.push(folder.path.clone());
            }
        }
        // They come in order, folder by folder: to sort what is sorted costs next to nothing.
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        for pair in entries.windows(2) {
            if pair[0].0 == pair[1].0 {
                return Err(twice(&pair[0], &pair[1]));
            }
        }
        found.entries = entries.into_iter().collect();
        Ok(found)
    }

    /// The versions that are there, in order.
    pub fn versions(&self) -> Vec<Version> {
        self.entries.keys().cloned().collect()
    }

    fn folder(
        &mut self,
        path: &Arc<Path>,
        namespace: Option<&str>,
        depth: u8,
        entries: &mut Vec<(Version, Entry)>,
    ) -> Result<(), Error> {
        let trouble = |error: std::io::Error| {
            Error::new(
                ErrorKind::File,
                format!("can't read {}: {error}", path.display()),
            )
        };
        // Names sort as their paths would, and in a tenth of the time.
        let mut names = fs::read_dir(path)
            .and_then(|entries| {
                entries
                    .map(|entry| Ok(entry?.file_name()))
                    .collect::<Result<Vec<_>, std::io::Error>>()
            })
            .map_err(trouble)?;
        names.sort_unstable();
        for name in names {
            let shown = name.to_string_lossy();
            if let Some(read) = file_name(&shown, namespace) {
                let version = read.version;
                let entry = Entry {
                    folder: Arc::clone(path),
                    name,
                    versioned: true,
                };
                entries.push((version, entry));
            } else if is_date(&shown, depth) && path.join(&name).is_dir() {
                let inner = path.join(&name).into();
                self.folder(&inner, namespace, depth + 1, entries)?;
            } else if is_sql(&shown) && !path.join(&name).is_dir() {
                self.strangers.push(path.join(&name));
            }
        }
        Ok(())
    }
}

fn twice(one: &(Version, Entry), other: &(Version, Entry)) -> Error {
    Error::new(ErrorKind::Usage, format!("two files are version {}", one.0))
        .with_note(one.1.path().display().to_string())
        .with_note(other.1.path().display().to_string())
        .with_help("give one of them another time in its name")
}

fn is_sql(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
}

/// Folders by year, and by month within.
fn is_date(name: &str, depth: u8) -> bool {
    let digits = if depth == 0 { 4 } else { 2 };
    depth < 2 && name.len() == digits && name.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn read(folder: &tempfile::TempDir) -> Result<Directory, Error> {
        Directory::read(&[Folder {
            namespace: None,
            path: folder.path().to_owned(),
        }])
    }

    #[test]
    fn files_by_version() {
        let folder = folder(&[
            ("20260102000000_b.sql", "SELECT 1"),
            (
                "20260101000000_add_a.sql",
                "\u{feff}-- realign:up\r\nSELECT 1;\r\n",
            ),
            ("2025/11/20251101000000.sql", ""),
            ("notes.sql", ""),
            ("readme.md", ""),
            ("views/v.sql", ""),
        ]);
        let found = read(&folder).unwrap();
        let versions: Vec<String> = found.versions().iter().map(ToString::to_string).collect();
        assert_eq!(
            versions,
            ["20251101000000", "20260101000000", "20260102000000"]
        );
        assert_eq!(found.strangers.len(), 1);
        let entry = &found.entries[&Version::new("20260101000000")];
        assert_eq!(entry.title(), "add a");
        let (_, _, problems) = entry.read().unwrap();
        assert_eq!(problems, []);
    }

    #[test]
    fn an_extension_in_capitals_is_one() {
        let files = [("20260101000000_a.SQL", ""), ("notes.SQL", "")];
        let found = read(&folder(&files)).unwrap();
        assert_eq!(found.versions(), [Version::new("20260101000000")]);
        assert_eq!(found.strangers.len(), 1);
        let error = read(&folder(&[files[0], ("20260101000000_b.sql", "")])).unwrap_err();
        assert_eq!(error.message, "two files are version 20260101000000");
    }

    #[test]
    fn two_files_of_one_version() {
        let folder = folder(&[("20260101000000_a.sql", ""), ("20260101000000_b.sql", "")]);
        let error = read(&folder).unwrap_err();
        assert_eq!(error.message, "two files are version 20260101000000");
        assert_eq!(error.notes.len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("20260101000000.sql");
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        let found = read(&folder).unwrap();
        let entry = found.entries.values().next().unwrap();
        let error = entry.read().unwrap_err();
        assert!(error.message.ends_with("no file"), "{}", error.message);
    }

    #[test]
    fn text_that_is_none_has_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("20260101000000.sql");
        fs::write(&path, b"SELECT 1;\nSELECT '\xff';").unwrap();
        let entry = Entry::script(&path);
        assert_eq!(entry.path(), path);
        assert_eq!(entry.title(), "");
        let (_, _, problems) = entry.read().unwrap();
        let Origin::File { line, column, .. } = &problems[0].origin else {
            panic!("no place");
        };
        assert_eq!((*line, *column), (2, 9));
        assert_eq!(problems[0].message, "this is not UTF-8");
        // A server, or its driver, takes no statement with one: it broke off in the middle of a run.
        fs::write(&path, "SELECT 1;\nSELECT 'a\0';").unwrap();
        let (_, _, problems) = entry.read().unwrap();
        assert_eq!(problems[0].message, "a zero byte stands here");
    }

    #[test]
    fn text_of_two_bytes_a_letter_is_told_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("20260101000000 a.sql");
        let marked = "\u{feff}-- realign:up\r\nSELECT 'ä';\r\n";
        let bare = "-- realign:up\r\nSELECT 'Łódź', 'a';\r\n";
        let plain = "SELECT 1;\n";
        let (le, be) = (u16::to_le_bytes, u16::to_be_bytes);
        for (text, bytes, encoding) in [
            (marked, le as fn(u16) -> [u8; 2], "UTF-16"),
            (marked, be, "UTF-16"),
            (bare, le, "UTF-16LE"),
            (bare, be, "UTF-16BE"),
            (plain, le, "UTF-16LE"),
            (plain, be, "UTF-16BE"),
        ] {
            let written: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
            fs::write(&path, written).unwrap();
            let (_, read, problems) = Entry::script(&path).read().unwrap();
            assert_eq!(read, "");
            let [problem] = problems.as_slice() else {
                panic!("one problem: {problems:?}");
            };
            assert!(problem.message.contains("UTF-16"), "{}", problem.message);
            let name = format!("'{}'", path.display());
            let command =
                format!("iconv -f {encoding} -t UTF-8 {name} > utf8.tmp && mv utf8.tmp {name}");
            let help = problem.help.as_deref().unwrap_or_default();
            assert!(help.ends_with(&command), "{help}");
        }
    }
}
