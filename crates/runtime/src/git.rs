//! The application's checkout, through the `git` command line, run as the user that the tree
//! belongs to: credentials, hooks and submodules are as the operator set them up, and nothing of
//! a release runs with more rights than its own user has.
//!
//! No name of a tag or revision can be an option: what begins with `-` is refused, and what is
//! asked for is a whole reference or stands after `--end-of-options`.

mod files;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use files::Blob;
use serde::{Deserialize, Serialize};

use crate::process::{Account, Finished, Lines, Process};
use crate::{Error, ErrorKind, Stop};

/// How long a command that only looks may take.
const LOOK: Duration = Duration::from_mins(2);

/// A checkout.
#[derive(Debug, Clone)]
pub struct Git {
    root: PathBuf,
    account: Option<Account>,
    known: Option<(String, PathBuf)>,
}

/// Where a checkout stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The commit, whole.
    pub commit: String,
    /// The branch, when it is on one.
    pub branch: Option<String>,
}

impl Git {
    /// The checkout that a folder is in.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let folder = folder.canonicalize().map_err(|error| {
            Error::new(
                ErrorKind::Usage,
                format!("can't look into {}: {error}", folder.display()),
            )
            .with_help("check `root` of [upgrade]: the application's checkout")
        })?;
        let mut git = Self {
            account: Account::of(&folder)?,
            root: folder,
            known: None,
        };
        let top = git.look(["rev-parse", "--show-toplevel"])?.text();
        git.root = PathBuf::from(top.trim_end_matches('\n'));
        git.account = Account::of(&git.root)?;
        Ok(git)
    }

    /// The folder of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The user that the tree belongs to, where this process is another.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// The same, with all that a checkout starts known by a mark: see [`Process::known`].
    #[must_use]
    pub fn known(&self, mark: impl Into<String>, record: impl Into<PathBuf>) -> Self {
        Self {
            known: Some((mark.into(), record.into())),
            ..self.clone()
        }
    }

    fn process<S: Into<OsString>>(&self, arguments: impl IntoIterator<Item = S>) -> Process {
        let mut process = Process::new("git")
            .args(arguments)
            .folder(&self.root)
            .variable("GIT_TERMINAL_PROMPT", "0")
            .variable("GIT_LITERAL_PATHSPECS", "1")
            .variable("GIT_ADVICE", "0")
            .variable("LC_ALL", "C");
        if let Some(account) = &self.account {
            process = process.account(account.clone());
        }
        process
    }

    /// Runs a command that writes nothing, also no refreshed index.
    fn look<S: Into<OsString>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Finished, Error> {
        let process = self
            .process(arguments)
            .variable("GIT_OPTIONAL_LOCKS", "0")
            .keeping(16 * 1024 * 1024)
            .limit(Some(LOOK));
        process
            .run(&Stop::new(), &mut |_, _| {})?
            .success()
            .map_err(|error| self.explained(error))
    }

    fn explained(&self, error: Error) -> Error {
        if error
            .notes
            .iter()
            .any(|note| note.contains("dubious ownership"))
        {
            return error.with_help(format!(
                "run realign as root or as the owner of {}",
                self.root.display()
            ));
        }
        error
    }

    /// The commit that a revision means.
    pub fn commit(&self, revision: &str) -> Result<String, Error> {
        let named = named(revision)?;
        let asked = format!("{named}^{{commit}}");
        let found = self.look([
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            asked.as_str(),
        ]);
        match found {
            Ok(finished) => Ok(finished.text().trim().to_owned()),
            Err(error) if error.notes.is_empty() => Err(Error::new(
                ErrorKind::Usage,
                format!(
                    "there is no revision `{revision}` in {}",
                    self.root.display()
                ),
            )
            .with_help("`git fetch --tags` brings what is new; `git tag` lists what is there")),
            Err(error) => Err(error),
        }
    }

    /// The commit of a tag.
    pub fn tag(&self, tag: &str) -> Result<String, Error> {
        named(tag)?;
        self.commit(&format!("refs/tags/{tag}"))
            .map_err(|error| match error.kind {
                ErrorKind::Usage => Error::new(
                    ErrorKind::Usage,
                    format!("there is no tag `{tag}` in {}", self.root.display()),
                )
                .with_help("`git fetch --tags` brings what is new; `git tag` lists what is there"),
                _ => error,
            })
    }

    /// The names of all tags.
    pub fn tags(&self) -> Result<Vec<String>, Error> {
        self.references(&[])
    }

    /// The names of the tags that the checkout contains.
    pub fn tags_within(&self) -> Result<Vec<String>, Error> {
        self.references(&["--merged=HEAD"])
    }

    /// The names of the tags of the very commit that is checked out.
    pub fn tags_here(&self) -> Result<Vec<String>, Error> {
        self.references(&["--points-at=HEAD"])
    }

    fn references(&self, conditions: &[&str]) -> Result<Vec<String>, Error> {
        let mut words = vec!["for-each-ref", "--format=%(refname)"];
        words.extend(conditions);
        words.push("refs/tags/");
        let text = self.look(words)?.text();
        Ok(text
            .lines()
            .filter_map(|line| line.strip_prefix("refs/tags/"))
            .map(str::to_owned)
            .collect())
    }

    /// Where the checkout stands.
    pub fn head(&self) -> Result<Head, Error> {
        let commit = self.commit("HEAD")?;
        let branch = self
            .look(["symbolic-ref", "--quiet", "--short", "HEAD"])
            .ok()
            .map(|finished| finished.text().trim().to_owned());
        Ok(Head { commit, branch })
    }

    /// Files under version control that were changed by hand, as git names them.
    pub fn changed(&self) -> Result<Vec<String>, Error> {
        let output = self.bytes(
            [
                "status",
                "--porcelain=v1",
                "-z",
                "--no-renames",
                "--untracked-files=no",
                "--ignore-submodules=none",
            ],
            None,
        )?;
        Ok(listed(&output)
            .map(|entry| entry.get(3..).unwrap_or(entry))
            .map(shown)
            .collect())
    }

    /// Files that a merge, a rebase or a stash has left in conflict.
    pub fn unmerged(&self) -> Result<Vec<String>, Error> {
        // `git diff` would tell it as well, and write a refreshed index.
        let output = self.bytes(["ls-files", "--unmerged", "-z"], None)?;
        let names: BTreeSet<String> = listed(&output)
            .filter_map(|entry| entry.split(|byte| *byte == b'\t').nth(1))
            .map(shown)
            .collect();
        Ok(names.into_iter().collect())
    }

    /// What lies where a commit has files that another has not: a checkout of `to` would write over
    /// it. A file in the place of a folder is named itself.
    pub fn in_the_way(&self, from: &str, to: &str) -> Result<Vec<String>, Error> {
        let mut found = BTreeSet::new();
        for path in self.only_in(to, from)? {
            // Git may replace what is its own.
            match self.blocked(&path) {
                Some(above) if self.tracks(&above) => {}
                Some(above) => {
                    found.insert(above);
                }
                None if self.root.join(&path).symlink_metadata().is_ok() => {
                    found.insert(path);
                }
                None => {}
            }
        }
        Ok(found
            .iter()
            .map(|path| shown(path.as_os_str().as_bytes()))
            .collect())
    }

    /// Files of a commit that another has not, and that are there all the same: a checkout of `to`
    /// has not taken them away.
    pub fn left_over(&self, from: &str, to: &str) -> Result<Vec<String>, Error> {
        let mut found = self.only_in(from, to)?;
        found.retain(|path| {
            let there = self.root.join(path).symlink_metadata();
            self.blocked(path).is_none() && there.is_ok_and(|there| !there.is_dir())
        });
        Ok(found
            .iter()
            .map(|path| shown(path.as_os_str().as_bytes()))
            .collect())
    }

    /// The paths that one commit has and another has not.
    fn only_in(&self, commit: &str, other: &str) -> Result<Vec<PathBuf>, Error> {
        let output = self.bytes(
            [
                "diff",
                "--name-only",
                "-z",
                "--no-renames",
                "--no-ext-diff",
                "--diff-filter=A",
                "--end-of-options",
                named(other)?,
                named(commit)?,
                "--",
            ],
            None,
        )?;
        Ok(listed(&output)
            .map(|name| PathBuf::from(OsStr::from_bytes(name)))
            .collect())
    }

    /// What is no folder, and lies where a path needs one.
    fn blocked(&self, path: &Path) -> Option<PathBuf> {
        let above: Vec<&Path> = path.ancestors().skip(1).collect();
        above
            .into_iter()
            .rev()
            .filter(|above| !above.as_os_str().is_empty())
            .find(|above| {
                let there = self.root.join(above).symlink_metadata();
                there.is_ok_and(|there| !there.is_dir())
            })
            .map(Path::to_owned)
    }

    /// True when a file is under version control.
    pub fn tracks(&self, path: &Path) -> bool {
        let words: [OsString; 4] = [
            "ls-files".into(),
            "--error-unmatch".into(),
            "--".into(),
            path.into(),
        ];
        self.look(words).is_ok()
    }

    /// The remotes.
    pub fn remotes(&self) -> Result<Vec<String>, Error> {
        let text = self.look(["remote"])?.text();
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Fetches what is new, tags included.
    pub fn fetch(
        &self,
        remote: &str,
        limit: Option<Duration>,
        stop: &Stop,
        lines: &mut Lines<'_>,
    ) -> Result<Finished, Error> {
        let words = [
            "fetch",
            "--tags",
            "--no-auto-gc",
            "--end-of-options",
            named(remote)?,
        ];
        self.process(words).limit(limit).run(stop, lines)?.success()
    }

    /// Checks a commit out, with no branch. What was changed by hand is an error, unless `force`.
    pub fn checkout(
        &self,
        commit: &str,
        force: bool,
        stop: &Stop,
        lines: &mut Lines<'_>,
    ) -> Result<Finished, Error> {
        let mut words = vec!["-c", "advice.detachedHead=false", "checkout", "--detach"];
        if force {
            words.push("--force");
        }
        words.extend([named(commit)?, "--"]);
        let mut process = self.process(words);
        if let Some((mark, record)) = &self.known {
            process = process.known(mark, record);
        }
        process
            .run(stop, lines)?
            .success()
            .map_err(|error| self.explained(error))
    }

    /// Puts the checkout back on a branch that points at the commit it stands at.
    pub fn attach(&self, branch: &str) -> Result<(), Error> {
        let reference = format!("refs/heads/{}", named(branch)?);
        self.process(["symbolic-ref", "HEAD", reference.as_str()])
            .run(&Stop::new(), &mut |_, _| {})?
            .success()
            .map(|_| ())
    }

    /// What was changed by hand, as a patch.
    pub fn patch(&self) -> Result<Vec<u8>, Error> {
        self.bytes(
            [
                "diff",
                "--binary",
                "--no-color",
                "--no-ext-diff",
                "--no-textconv",
                "--src-prefix=a/",
                "--dst-prefix=b/",
                "HEAD",
                "--",
            ],
            None,
        )
    }

    /// Makes the index that of a commit, and leaves all files alone: what a checkout takes away is
    /// what its index has.
    pub fn index_as(&self, commit: &str) -> Result<(), Error> {
        self.process(["read-tree", named(commit)?])
            .run(&Stop::new(), &mut |_, _| {})?
            .success()
            .map(|_| ())
    }

    /// Takes away the lock that a killed git has left. Only for who knows that it was killed.
    pub fn unlock(&self) -> Result<(), Error> {
        let text = self.look(["rev-parse", "--git-path", "index.lock"])?.text();
        let path = self.root.join(text.trim_end_matches('\n'));
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::new(
                ErrorKind::File,
                format!("can't remove {}: {error}", path.display()),
            )),
        }
    }
}

/// The names of a list that zero bytes end.
fn listed(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
}

/// A name in one line, whatever is in it.
fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    if text.contains(char::is_control) {
        text.escape_debug().to_string()
    } else {
        text.into_owned()
    }
}

/// A name that can be no option and no other line.
fn named(name: &str) -> Result<&str, Error> {
    if name.is_empty() || name.starts_with('-') || name.contains(['\0', '\n', '\r']) {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("`{}` is no name of a revision", name.escape_debug()),
        )
        .with_help("name a tag, a branch or a commit"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests;
