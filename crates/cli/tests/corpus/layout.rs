//! Where things are in the corpus.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Releases of IXP Manager, oldest first.
pub(crate) const IXP_MANAGER: [&str; 7] = [
    "v4.4.8", "v4.6.0", "v4.7.0", "v4.7.3", "v4.8.0", "v4.9.0", "v4.9.3",
];
/// Releases of Mautic, oldest first.
pub(crate) const MAUTIC: [&str; 2] = ["5.0.4", "5.1.1"];

/// The corpus.
#[derive(Debug, Clone)]
pub(crate) struct Corpus {
    root: PathBuf,
}

impl Corpus {
    /// The corpus, if it is here.
    pub(crate) fn found() -> Option<Self> {
        realign_testkit::corpus().map(|root| Self { root })
    }

    /// The releases of an application that it holds, oldest first.
    pub(crate) fn releases(&self, application: &str) -> Vec<String> {
        let mut names: Vec<String> = folders(&self.root.join(application));
        names.sort();
        names
    }

    /// A release's mapping files as they are.
    pub(crate) fn mapping(&self, application: &str, release: &str) -> PathBuf {
        self.root.join(application).join(release).join("mappings")
    }

    /// A release's mapping files with those in place that give every index a name of its own.
    pub(crate) fn portable_mapping(&self, application: &str, release: &str) -> TempDir {
        let folder = TempDir::with_prefix("mapping-").expect("the temporary folder can be written");
        let release = self.root.join(application).join(release);
        for name in ["mappings", "mappings-portable"] {
            for file in fs::read_dir(release.join(name))
                .into_iter()
                .flatten()
                .flatten()
            {
                fs::copy(file.path(), folder.path().join(file.file_name())).expect("a copy");
            }
        }
        folder
    }

    /// A release's mapping files with a length for the one index that MySQL refuses without.
    pub(crate) fn mapping_for_mysql(&self, application: &str, release: &str) -> TempDir {
        const INDEX: &str = r#"columns="url"/>"#;
        const WITH_LENGTH: &str = r#"columns="url"><options><option name="lengths"><option>191</option></option></options></index>"#;
        let folder = TempDir::with_prefix("mapping-").expect("the temporary folder can be written");
        let mapping = self.mapping(application, release);
        for file in fs::read_dir(&mapping).into_iter().flatten().flatten() {
            let text = read(&file.path()).replace(INDEX, WITH_LENGTH);
            fs::write(folder.path().join(file.file_name()), text).expect("a copy");
        }
        folder
    }

    /// What was recorded of a release on a platform.
    pub(crate) fn expected(&self, application: &str, release: &str, platform: &str) -> PathBuf {
        self.root
            .join(application)
            .join(release)
            .join("expected")
            .join(platform)
    }

    /// A file of a release.
    pub(crate) fn file(&self, application: &str, release: &str, file: &str) -> String {
        read(&self.root.join(application).join(release).join(file))
    }
}

/// The names of the folders in a folder.
pub(crate) fn folders(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The statements of a recording: one a line. A line break after a comment in a statement was
/// recorded as a backslash and an n.
pub(crate) fn recorded(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with("-- "))
        .map(|line| line.replace("\\n", "\n"))
        .map(|line| line.trim_end_matches(';').to_owned())
        .collect()
}

/// The statements that we print: each ends with a semicolon at the end of a line.
pub(crate) fn printed(text: &str) -> Vec<String> {
    text.split(";\n")
        .filter(|part| !part.trim().is_empty())
        .map(str::to_owned)
        .collect()
}
