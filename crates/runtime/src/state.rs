//! Where Realign keeps what it knows of an application: outside of the application's own tree.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::process::Account;

/// The folder in which Realign keeps what it knows of the application in this root: below
/// `/var/lib/realign` for root, below the state folder of its home for anybody else. It is not
/// made here.
pub fn state_folder(root: &Path) -> PathBuf {
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let root = root.canonicalize().unwrap_or(root);
    let name: String = root
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let digest = Sha256::digest(root.to_string_lossy().as_bytes());
    let mark = digest[..4].iter().fold(String::new(), |mut mark, byte| {
        // Writing into a String cannot fail.
        let _ = write!(mark, "{byte:02x}");
        mark
    });
    base().join(format!("{name}-{mark}"))
}

fn base() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/realign");
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    match (variable("XDG_STATE_HOME"), variable("HOME")) {
        (Some(state), _) => PathBuf::from(state).join("realign"),
        (None, Some(home)) => PathBuf::from(home).join(".local/state/realign"),
        (None, None) => Account::own()
            .map_or_else(|| PathBuf::from("/var/tmp"), |own| own.home)
            .join(".local/state/realign"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_applications_of_one_name_are_told_apart() {
        let folder = tempfile::tempdir().expect("folder");
        let roots = ["a/app", "b/app"].map(|name| folder.path().join(name));
        let [a, b] = roots.map(|root| state_folder(&root));
        assert_ne!(a, b);
        for state in [a, b] {
            let name = state
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            assert!(name.starts_with("app-"), "{name}");
        }
    }
}
