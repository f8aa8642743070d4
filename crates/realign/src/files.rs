//! Files from the disk, with limits, as text.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use realign_model::{Origin, Span};
use realign_planner::Diagnostic;
use realign_runtime::{Error, ErrorKind};
use realign_sources::{MAX_FILE_BYTES, SourceFile};

/// How a mapping file is called.
const ENDINGS: [&str; 2] = [".dcm.xml", ".orm.xml"];

/// Reads the mapping files of a folder and all folders below it, or one file, in the order
/// of their paths. What can't be read as text is a diagnostic, so that all are told at once.
///
/// `folder` is where a relative path starts; messages show the path as it was given.
pub fn mapping_files(
    path: &Path,
    folder: &Path,
) -> Result<(Vec<SourceFile>, Vec<Diagnostic>), Error> {
    let start = folder.join(path);
    let mut found = Vec::new();
    if start.is_dir() {
        collect(&start, &mut HashSet::new(), &mut found)?;
        found.sort();
        if found.is_empty() {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("no mapping file is under {}", start.display()),
            )
            .with_help("mapping files are called *.dcm.xml or *.orm.xml"));
        }
    } else {
        found.push(start);
    }
    let mut files = Vec::new();
    let mut remarks = Vec::new();
    for path in found {
        match read(&path)? {
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
    seen: &mut HashSet<PathBuf>,
    found: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    // A link may lead back up; every real folder is visited once.
    let real = fs::canonicalize(folder).map_err(|error| unreadable(folder, &error))?;
    if !seen.insert(real) {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        if path.is_dir() {
            collect(&path, seen, found)?;
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    Ok(())
}

/// The text of a file, or why it is none. Never reads past the limit.
fn read(path: &Path) -> Result<Result<String, Diagnostic>, Error> {
    let origin = Origin::File {
        path: path.to_string_lossy().into(),
        line: 1,
        column: 1,
        span: Span { start: 0, end: 0 },
    };
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(path, &error))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Ok(Err(Diagnostic::error(
            "D001",
            format!(
                "the file is larger than {} MiB",
                MAX_FILE_BYTES / 1024 / 1024
            ),
        )
        .at(origin)
        .with_help("no mapping is that large; it is not read")));
    }
    Ok(String::from_utf8(bytes).map_err(|error| {
        Diagnostic::error(
            "D001",
            format!(
                "the file is no UTF-8 text (byte {})",
                error.utf8_error().valid_up_to() + 1
            ),
        )
        .at(origin)
        .with_help("save it as UTF-8")
    }))
}

/// The text around an origin, for a picture: none when it can't be read any more.
pub fn picture(origin: &Origin) -> Option<String> {
    let Origin::File { path, .. } = origin else {
        return None;
    };
    read(Path::new(&**path)).ok()?.ok()
}

/// Reads a whole text file or, for `-`, standard input.
pub(crate) fn text(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| unreadable(Path::new("standard input"), &error))?;
    } else {
        text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    }
    Ok(text)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::NotFound => ErrorKind::Usage,
        _ => ErrorKind::File,
    };
    Error::new(kind, format!("can't read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use realign_runtime::ErrorKind;

    use super::{MAX_FILE_BYTES, mapping_files};

    #[test]
    fn mappings_are_found_in_the_order_of_their_paths() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("b/Z.orm.xml"), "<z/>").unwrap();
        fs::write(folder.path().join("A.dcm.xml"), "<a/>").unwrap();
        fs::write(folder.path().join("A.xml"), "<no/>").unwrap();
        let (files, remarks) = mapping_files(Path::new(""), folder.path()).unwrap();
        let texts: Vec<&str> = files.iter().map(|file| file.text.as_str()).collect();
        assert_eq!(texts, ["<a/>", "<z/>"]);
        assert!(remarks.is_empty());
    }

    #[test]
    fn what_is_no_mapping_is_told_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = mapping_files(Path::new("."), folder.path()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        let error = mapping_files(Path::new("gone.orm.xml"), folder.path()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        fs::write(folder.path().join("A.dcm.xml"), [0xff, 0xfe, 0]).unwrap();
        let big = fs::File::create(folder.path().join("B.dcm.xml")).unwrap();
        big.set_len(MAX_FILE_BYTES as u64 + 1).unwrap();
        let (files, remarks) = mapping_files(Path::new("."), folder.path()).unwrap();
        assert!(files.is_empty());
        assert!(remarks[0].message.contains("no UTF-8"), "{remarks:?}");
        assert!(remarks[1].message.contains("larger than"), "{remarks:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_back_ends() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("A.dcm.xml"), "<a/>").unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        let (files, _) = mapping_files(Path::new("."), folder.path()).unwrap();
        assert_eq!(files.len(), 1);
    }
}
