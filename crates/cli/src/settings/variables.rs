//! The environment, and variables in texts of the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use realign::runtime::{Error, ErrorKind};

use crate::dotenv;

/// The process's environment, taken once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    /// Variables.
    pub(crate) variables: BTreeMap<String, String>,
    /// The working folder, absolute.
    pub(crate) folder: PathBuf,
}

impl Environment {
    /// That of this process. Variables that are no Unicode are left out.
    pub(crate) fn of_process() -> Self {
        Self {
            variables: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            folder: std::env::current_dir().unwrap_or_default(),
        }
    }
}

/// Where `${NAME}` is looked up: the environment, then the application's `.env` files,
/// which are read when they are first needed.
#[derive(Debug)]
pub(super) struct Variables {
    pub(super) process: BTreeMap<String, String>,
    /// The `.env` files, and where each was named.
    pub(super) files: Vec<(PathBuf, String)>,
    pub(super) read: OnceLock<BTreeMap<String, String>>,
}

impl Variables {
    fn get(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(value) = self.process.get(name) {
            return Ok(Some(value.clone()));
        }
        if self.read.get().is_none() {
            let mut known = BTreeMap::new();
            for (path, place) in &self.files {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Error::new(
                        ErrorKind::Usage,
                        format!("can't read the env_file {}: {error}", path.display()),
                    )
                    .with_note(format!("named at {place}"))
                })?;
                let found = dotenv::read(&text, &known);
                known.extend(found);
            }
            // Only this function fills the cell.
            let _ = self.read.set(known);
        }
        Ok(self.read.get().and_then(|known| known.get(name)).cloned())
    }

    /// Puts variables in; `write` shapes each value for its surroundings. `$${` is a literal `${`.
    pub(super) fn expand(
        &self,
        text: &str,
        key: &str,
        place: &str,
        write: fn(&str) -> String,
    ) -> Result<String, Error> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                out.push_str(&rest[..at]);
                out.push('{');
                rest = &rest[at + 2..];
                continue;
            }
            out.push_str(&rest[..at]);
            let Some((name, tail)) = rest[at + 2..].split_once('}') else {
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!("`{key}` has a `${{` without `}}`"),
                )
                .with_note(format!("at {place}")));
            };
            match self.get(name)? {
                Some(value) => out.push_str(&write(&value)),
                None => return Err(self.missing(name, key, place)),
            }
            rest = tail;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn missing(&self, name: &str, key: &str, place: &str) -> Error {
        let mut error = Error::new(
            ErrorKind::Usage,
            format!("`{key}` needs the variable {name}, which is not set"),
        )
        .with_note(format!("at {place}"));
        for (path, _) in &self.files {
            error = error.with_note(format!("nor does {} have it", path.display()));
        }
        error.with_help(format!("set it for this run: {name}=… realign …"))
    }
}
