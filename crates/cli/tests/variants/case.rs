//! Cases: two variants of a mapping in one file.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// Whose classes are kept: those before the change, or those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

/// A mapping and what becomes of it.
///
/// In its file a line `<!-- before -->`, `<!-- after -->` or `<!-- both -->` says whose the classes
/// below it are; `<!-- on: … -->` names the only engines that it makes sense on,
/// `<!-- with: … -->` more options of the program, and `<!-- rows: none -->` says that nobody can
/// make up values of its types.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    text: String,
}

const CLASSES: [&str; 3] = ["entity", "mapped-superclass", "embeddable"];

impl Case {
    /// All cases in a folder, by name; `REALIGN_CASE` is the only one if it is set.
    pub(crate) fn all(folder: &Path) -> Vec<Self> {
        let only = std::env::var("REALIGN_CASE").ok();
        let entries = fs::read_dir(folder).expect("the cases are here");
        let mut cases: Vec<Self> = entries
            .map(|entry| entry.expect("a file").path())
            .map(|path| Self {
                name: path
                    .file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned())
                    .unwrap_or_default(),
                text: fs::read_to_string(&path).expect("a case is text"),
            })
            .filter(|case| only.as_ref().is_none_or(|name| *name == case.name))
            .collect();
        cases.sort_by(|one, other| one.name.cmp(&other.name));
        assert!(!cases.is_empty(), "there are no cases");
        cases
    }

    /// The words of a line `<!-- KEY: … -->`.
    fn words(&self, key: &str) -> Option<Vec<&str>> {
        let line = self.text.lines().find_map(|line| {
            let inner = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
            inner.strip_prefix(key)?.strip_prefix(": ")
        })?;
        Some(line.split_whitespace().collect())
    }

    /// True when it makes sense on this engine.
    pub(crate) fn is_for(&self, engine: &str) -> bool {
        self.words("on").is_none_or(|names| names.contains(&engine))
    }

    /// True when its tables can be filled.
    pub(crate) fn has_rows(&self) -> bool {
        self.words("rows") != Some(vec!["none"])
    }

    /// More options of the program.
    pub(crate) fn options(&self) -> Vec<&str> {
        self.words("with").unwrap_or_default()
    }

    /// One side of it as a folder of mapping files.
    pub(crate) fn written(&self, side: Side) -> TempDir {
        let folder = TempDir::with_prefix("variant-").expect("the temporary folder can be written");
        let mut taken = false;
        let mut class: Option<(&str, String)> = None;
        for line in self.text.lines() {
            match line {
                "<!-- both -->" => taken = true,
                "<!-- before -->" => taken = side == Side::Before,
                "<!-- after -->" => taken = side == Side::After,
                _ => {}
            }
            if class.is_none() && taken {
                class = CLASSES
                    .into_iter()
                    .find(|tag| line.starts_with(&format!("<{tag} ")))
                    .map(|tag| (tag, String::new()));
            }
            let Some((tag, text)) = &mut class else {
                continue;
            };
            text.push_str(line);
            text.push('\n');
            if line
                .strip_prefix("</")
                .and_then(|rest| rest.strip_suffix('>'))
                == Some(*tag)
            {
                let name = text.split('"').nth(1).expect("a class has a name");
                let file = format!("{}.dcm.xml", name.replace('\\', "."));
                fs::write(folder.path().join(file), mapping(text)).expect("own folder");
                class = None;
            }
        }
        assert!(class.is_none(), "{}: a class does not end", self.name);
        folder
    }
}

fn mapping(class: &str) -> String {
    format!(
        "<doctrine-mapping xmlns=\"http://doctrine-project.org/schemas/orm/doctrine-mapping\">\n{class}</doctrine-mapping>\n"
    )
}
