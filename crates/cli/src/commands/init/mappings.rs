//! Finds folders of Doctrine XML mappings.

use std::path::{Path, PathBuf};

use super::Found;

/// How deep an application is searched.
const DEPTH: usize = 8;

/// Folders that never hold an application's own mappings.
const SKIPPED: &[&str] = &[
    "vendor",
    "node_modules",
    "bower_components",
    "var",
    "cache",
    "storage",
    "public",
    "build",
    "target",
];

pub(super) fn look(root: &Path, found: &mut Found) {
    let mut folders = Vec::new();
    walk(root, Path::new(""), 0, &mut folders);
    folders.sort();
    // Fixtures of the application's tests are no part of its schema, unless there is nothing else.
    let is_test = |path: &PathBuf| {
        path.components().any(|part| {
            let part = part.as_os_str().to_string_lossy().to_ascii_lowercase();
            matches!(part.as_str(), "test" | "tests" | "fixtures")
        })
    };
    if folders.iter().any(|(path, _)| !is_test(path)) {
        folders.retain(|(path, _)| !is_test(path));
    }
    // A source is read with its subfolders, so only the topmost is named.
    let mut kept: Vec<(PathBuf, usize)> = Vec::new();
    for (path, count) in folders {
        match kept.iter_mut().find(|(above, _)| path.starts_with(above)) {
            Some((_, sum)) => *sum += count,
            None => kept.push((path, count)),
        }
    }
    for (path, count) in kept {
        let name = match path.to_string_lossy().replace('\\', "/") {
            name if name.is_empty() => ".".to_owned(),
            name => name,
        };
        let files = if count == 1 { "mapping" } else { "mappings" };
        found.tell(&name, format!("{count} Doctrine XML {files}"));
        found.mappings.push((format!("doctrine-xml:{name}"), count));
    }
}

fn walk(root: &Path, relative: &Path, depth: usize, folders: &mut Vec<(PathBuf, usize)>) {
    let Ok(entries) = std::fs::read_dir(root.join(relative)) else {
        return;
    };
    let mut count = 0;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link may lead anywhere, also back.
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            let skipped = name.starts_with('.') || SKIPPED.contains(&name.as_str());
            if depth < DEPTH && !skipped {
                walk(root, &relative.join(&name), depth + 1, folders);
            }
        } else if name.ends_with(".dcm.xml") || name.ends_with(".orm.xml") {
            count += 1;
        }
    }
    if count > 0 {
        folders.push((relative.to_path_buf(), count));
    }
}
