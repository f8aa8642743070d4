//! Who the application's programs run as, and who may say so.

use std::path::Path;

use realign::runtime::git::Git;
use realign::runtime::process::Account;
use realign::runtime::{Error, ErrorKind};

use super::Settings;

/// The user that `[upgrade] user` names, unless a file of a release's own asks for root there.
pub(crate) fn named(settings: &Settings) -> Result<Option<Account>, Error> {
    let Some(name) = &settings.upgrade.user else {
        return Ok(None);
    };
    known(settings, name, "[upgrade] user").map(Some)
}

/// A user that the configuration names, by the same rule.
pub(super) fn known(settings: &Settings, name: &str, place: &str) -> Result<Account, Error> {
    let account =
        Account::named(name).map_err(|error| error.with_note(format!("named by {place}")))?;
    if let Some(config) = &settings.config {
        no_releases_own(config, &account)?;
    }
    Ok(account)
}

/// Who the program of an `exec:` source runs as: the application's user where one is named, else
/// whoever its checkout belongs to. A release's own files are nobody's to run as root.
pub(crate) fn of_programs(settings: &Settings) -> Result<Option<Account>, Error> {
    // Nobody else can run it as another, and needs not.
    if !Account::is_root() {
        return Ok(None);
    }
    let said = &settings.upgrade;
    let account = match named(settings)? {
        Some(account) => Some(account),
        None => owner(&[&said.checkout(), &said.folder])?,
    };
    Ok(account.map(|mut account| {
        if let Some(home) = &said.home {
            account.home.clone_from(home);
        }
        account
    }))
}

/// Whom the first of these folders belongs to that is there and not root's.
pub(super) fn owner(folders: &[&Path]) -> Result<Option<Account>, Error> {
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let found = Account::of(folder).map_err(|error| {
            error.with_help("name who it runs as: [upgrade] user = \"www-data\"")
        })?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The same question for a file in whatever checkout it lies.
fn no_releases_own(path: &Path, account: &Account) -> Result<(), Error> {
    if account.user != 0 || !Account::is_root() {
        return Ok(());
    }
    let Ok(path) = path.canonicalize() else {
        return Ok(());
    };
    let checkouts = path.ancestors().skip(1);
    for folder in checkouts.filter(|folder| folder.join(".git").exists()) {
        operators_own(&path, account, &Git::open(folder)?)?;
    }
    Ok(())
}

/// A file that a release brings along may not decide what runs as root.
pub(crate) fn operators_own(path: &Path, account: &Account, git: &Git) -> Result<(), Error> {
    let Ok(path) = path.canonicalize() else {
        return Ok(());
    };
    let Ok(inside) = path.strip_prefix(git.root()) else {
        return Ok(());
    };
    if account.user == 0 && git.account().is_some() && git.tracks(inside) {
        return Err(Error::new(
            ErrorKind::Usage,
            format!(
                "{} is one of the release's own files, and asks for something to run as root",
                path.display()
            ),
        )
        .with_help("say that in a file outside of the checkout, or outside of version control"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(folder: &Path, words: &[&str]) {
        let ran = Command::new("git")
            .args(["-c", "safe.directory=*"])
            .args(words)
            .current_dir(folder)
            .output()
            .expect("git runs");
        assert!(ran.status.success(), "{ran:?}");
    }

    #[test]
    fn what_a_release_tracks_names_no_root() {
        if !Account::is_root() {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("below");
        std::fs::create_dir(&below).expect("writes");
        let config = below.join("realign.toml");
        std::fs::write(&config, "").expect("writes");
        let (root, nobody) = (
            Account::named("root").expect("is there"),
            Account::named("nobody").expect("is there"),
        );
        // In no checkout, and in one that nobody but root has written.
        no_releases_own(&config, &root).expect("the operator's");
        git(folder.path(), &["init", "--quiet"]);
        git(folder.path(), &["add", "below"]);
        no_releases_own(&config, &root).expect("the operator's");
        let given = Command::new("chown")
            .args(["-R", "nobody"])
            .arg(folder.path())
            .status();
        assert!(given.expect("chown runs").success());
        let error = no_releases_own(&config, &root).expect_err("a release's own");
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(
            error.message.contains("asks for something to run as root"),
            "{error}"
        );
        no_releases_own(&config, &nobody).expect("not root");
        git(folder.path(), &["rm", "--quiet", "--cached", "-r", "below"]);
        no_releases_own(&config, &root).expect("under no version control");
    }
}
