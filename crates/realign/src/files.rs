//! Files of sources, with limits, as text.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use realign_model::{Origin, Span};
use realign_planner::Diagnostic;
use realign_planner::script::utf16;
use realign_runtime::{Error, ErrorKind};
use realign_sources::{MAX_FILE_BYTES, SourceFile};

use crate::tree::{Disk, Node, Tree, unreadable};

/// How a mapping file is called.
const MAPPINGS: [&str; 2] = [".dcm.xml", ".orm.xml"];
/// How a script is called.
const SCRIPTS: [&str; 1] = [".sql"];
/// The largest script that is read: dumps with rows are large, and all of it is held in memory.
const MAX_SCRIPT_BYTES: usize = 512 * 1024 * 1024;

/// A kind of file: how it is called, how large it may be.
#[derive(Clone, Copy)]
struct Kind {
    /// What a person calls one.
    word: &'static str,
    endings: &'static [&'static str],
    most: usize,
    /// Code of a file that can't be taken.
    code: &'static str,
    /// What is said of a larger one.
    larger: &'static str,
}

const MAPPING: Kind = Kind {
    word: "mapping file",
    endings: &MAPPINGS,
    most: MAX_FILE_BYTES,
    code: "D001",
    larger: "no mapping is that large; it is not read",
};

const SCRIPT: Kind = Kind {
    word: "SQL file",
    endings: &SCRIPTS,
    most: MAX_SCRIPT_BYTES,
    code: "S004",
    larger: "leave the rows out of it: `mysqldump --no-data`, `pg_dump --schema-only`, `.schema`",
};

/// Reads the mapping files of a folder and all folders below it, or one file, in the order
/// of their paths. What can't be read as text is a diagnostic, so that all are told at once.
///
/// `folder` is where a relative path starts; messages show the path as it was given.
pub fn mapping_files(
    path: &Path,
    folder: &Path,
    tree: &dyn Tree,
) -> Result<(Vec<SourceFile>, Vec<Diagnostic>), Error> {
    read_all(&folder.join(path), tree, MAPPING)
}

/// The same for scripts: `*.sql`, or one file of any name.
pub(crate) fn script_files(
    path: &Path,
    tree: &dyn Tree,
) -> Result<(Vec<SourceFile>, Vec<Diagnostic>), Error> {
    read_all(path, tree, SCRIPT)
}

fn read_all(
    start: &Path,
    tree: &dyn Tree,
    kind: Kind,
) -> Result<(Vec<SourceFile>, Vec<Diagnostic>), Error> {
    let mut found = Vec::new();
    if tree.node(start)? == Some(Node::Folder) {
        collect(start, tree, kind.endings, &mut HashSet::new(), &mut found)?;
        found.sort();
        if found.is_empty() {
            let endings: Vec<String> = kind.endings.iter().map(|e| format!("*{e}")).collect();
            return Err(Error::new(
                ErrorKind::Usage,
                format!("no {} is under {}", kind.word, start.display()),
            )
            .with_help(format!(
                "{}s are called {}",
                kind.word,
                endings.join(" or ")
            )));
        }
    } else {
        found.push(start.to_path_buf());
    }
    let mut files = Vec::new();
    let mut remarks = Vec::new();
    for path in found {
        match read(&path, tree, kind)? {
            Ok(text) => files.push(SourceFile {
                path: path.to_string_lossy().into_owned(),
                text,
            }),
            Err(remark) => remarks.push(remark),
        }
    }
    Ok((files, remarks))
}

fn collect(
    folder: &Path,
    tree: &dyn Tree,
    endings: &[&str],
    seen: &mut HashSet<PathBuf>,
    found: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    // A link may lead back up; every real folder is visited once.
    if !seen.insert(tree.identity(folder)?) {
        return Ok(());
    }
    for (path, node) in tree.within(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match node {
            Node::Folder => collect(&path, tree, endings, seen, found)?,
            Node::File if endings.iter().any(|ending| name.ends_with(ending)) => found.push(path),
            // Opening a pipe waits for somebody to write, and a device may never end.
            Node::Endless if endings.iter().any(|ending| name.ends_with(ending)) => {
                let told = format!(
                    "{} is a pipe, a socket or a device, no file",
                    path.display()
                );
                return Err(Error::new(ErrorKind::File, told));
            }
            Node::File | Node::Endless => {}
        }
    }
    Ok(())
}

/// The text of a file, or why it is none. Never reads past the limit.
fn read(path: &Path, tree: &dyn Tree, kind: Kind) -> Result<Result<String, Diagnostic>, Error> {
    let bytes = tree.read(path, kind.most as u64 + 1)?;
    Ok(as_text(bytes, &path.to_string_lossy(), kind))
}

fn as_text(bytes: Vec<u8>, shown: &str, kind: Kind) -> Result<String, Diagnostic> {
    let at = |before: &[u8]| {
        let lines = before.split(|byte| *byte == b'\n');
        let last = lines.clone().next_back().unwrap_or_default();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Origin::File {
            path: shown.into(),
            line: number(lines.count()),
            column: number(String::from_utf8_lossy(last).chars().count() + 1),
            span: Span::new(before.len(), before.len()),
        }
    };
    if bytes.len() > kind.most {
        return Err(Diagnostic::error(
            kind.code,
            format!("the file is larger than {} MiB", kind.most / 1024 / 1024),
        )
        .at(at(&[]))
        .with_help(kind.larger));
    }
    if utf16(&bytes).is_some() {
        let what = "the file is UTF-16, and only UTF-8 is read";
        let problem = Diagnostic::error(kind.code, what).at(at(&[]));
        return Err(problem.with_help("save it as UTF-8"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let read = error.utf8_error().valid_up_to();
        let what = format!("the file is no UTF-8 text (byte {})", read + 1);
        Diagnostic::error(kind.code, what)
            .at(at(&error.as_bytes()[..read]))
            .with_help("save it as UTF-8")
    })
}

/// What a program printed, or standard input gave, as the text of a script.
pub(crate) fn script_text(bytes: Vec<u8>, shown: &str) -> Result<String, Diagnostic> {
    as_text(bytes, shown, SCRIPT)
}

/// The most bytes that a script may have.
pub(crate) fn most_script_bytes() -> usize {
    SCRIPT.most
}

/// The first `most` bytes of a file, to draw a picture of a line: none when it can't be read any
/// more, or is no text.
pub fn picture(path: &str, most: usize) -> Option<String> {
    let most = most.min(SCRIPT.most) as u64;
    let bytes = Disk.read(Path::new(path), most).ok()?;
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            // Only a character that was cut at the end is forgiven.
            let fault = error.utf8_error();
            let mut bytes = error.into_bytes();
            bytes.truncate(fault.valid_up_to());
            let cut = fault.error_len().is_none();
            cut.then(|| String::from_utf8(bytes).ok()).flatten()
        }
    }
}

/// Everything that standard input gives.
pub(crate) fn standard_input() -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(SCRIPT.most as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(Path::new("standard input"), &error))?;
    Ok(bytes)
}

/// Reads a whole text file or, for `-`, standard input.
pub(crate) fn text(path: &Path, tree: &dyn Tree) -> Result<String, Error> {
    let bytes = if path == Path::new("-") {
        standard_input()?
    } else {
        tree.read(path, u64::MAX)?
    };
    String::from_utf8(bytes).map_err(|_| {
        Error::new(
            ErrorKind::File,
            format!("can't read {}: it is no UTF-8 text", path.display()),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use realign_model::Origin;
    use realign_runtime::ErrorKind;

    use super::{MAX_FILE_BYTES, mapping_files};
    use crate::tree::Disk;

    #[test]
    fn mappings_are_found_in_the_order_of_their_paths() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("b/Z.orm.xml"), "<z/>").unwrap();
        fs::write(folder.path().join("A.dcm.xml"), "<a/>").unwrap();
        fs::write(folder.path().join("A.xml"), "<no/>").unwrap();
        let (files, remarks) = mapping_files(Path::new(""), folder.path(), &Disk).unwrap();
        let texts: Vec<&str> = files.iter().map(|file| file.text.as_str()).collect();
        assert_eq!(texts, ["<a/>", "<z/>"]);
        assert!(remarks.is_empty());
    }

    #[test]
    fn what_is_no_mapping_is_told_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = mapping_files(Path::new("."), folder.path(), &Disk).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        let error = mapping_files(Path::new("gone.orm.xml"), folder.path(), &Disk).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        fs::write(folder.path().join("A.dcm.xml"), [0xff, 0xfe, 0]).unwrap();
        let big = fs::File::create(folder.path().join("B.dcm.xml")).unwrap();
        big.set_len(MAX_FILE_BYTES as u64 + 1).unwrap();
        let (files, remarks) = mapping_files(Path::new("."), folder.path(), &Disk).unwrap();
        assert!(files.is_empty());
        assert!(remarks[0].message.contains("is UTF-16"), "{remarks:?}");
        assert!(remarks[1].message.contains("larger than"), "{remarks:?}");
        fs::write(folder.path().join("A.dcm.xml"), b"<\0a\0/\0>\0").unwrap();
        let (_, remarks) = mapping_files(Path::new("."), folder.path(), &Disk).unwrap();
        assert!(remarks[0].message.contains("is UTF-16"), "{remarks:?}");
        fs::write(folder.path().join("A.dcm.xml"), b"<a>\n \xc3\xa9\xff").unwrap();
        let (_, remarks) = mapping_files(Path::new("."), folder.path(), &Disk).unwrap();
        assert!(remarks[0].message.contains("no UTF-8"), "{remarks:?}");
        assert!(remarks[0].origin.to_string().ends_with("A.dcm.xml:2"));
        assert!(matches!(remarks[0].origin, Origin::File { column: 3, .. }));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_told_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::net::UnixListener::bind(folder.path().join("A.xml")).unwrap();
        fs::write(folder.path().join("A.dcm.xml"), "<a/>").unwrap();
        mapping_files(Path::new("."), folder.path(), &Disk).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("Z.dcm.xml")).unwrap();
        let error = mapping_files(Path::new("."), folder.path(), &Disk).unwrap_err();
        assert!(error.to_string().contains("Z.dcm.xml is a pipe"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_back_ends() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("A.dcm.xml"), "<a/>").unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        let (files, _) = mapping_files(Path::new("."), folder.path(), &Disk).unwrap();
        assert_eq!(files.len(), 1);
    }
}
