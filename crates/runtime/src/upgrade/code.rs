//! The release's code in the checkout, and what a checkout that broke off has left of it.
//!
//! Git moves on to the new commit, and ends well, when some of its files could not be written or
//! taken away; and one that is killed leaves files of both releases. Before git begins, the commit
//! that it leaves is therefore written down: whoever finds that knows which files are git's own
//! doing, and gets the whole of one release.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::perform::changed_by_hand;
use super::store::kept;
use super::{Ground, State, Status, Store, Work};
use crate::git::{Blob, Git};
use crate::process::Channel;
use crate::{Error, ErrorKind};

/// What to do about files in conflict.
pub const TORN: &str = "finish it by a commit, or take it back (`git merge --abort`, `git rebase --abort`, else `git checkout --force HEAD`), then go on";
/// Larger files of a release are told from others by their size alone.
const LARGE: u64 = 16 * 1024 * 1024;

/// A checkout to be brought to a commit.
pub(super) struct Code<'a> {
    pub(super) ground: &'a Ground,
    pub(super) store: &'a Store,
    pub(super) state: &'a State,
    /// By what git and its hooks are known.
    pub(super) mark: String,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Brought {
    /// It was there.
    Already,
    /// It is there; what else was changed by hand is kept in this file.
    There(Option<PathBuf>),
}

impl Code<'_> {
    /// Forward, to the release of a step. `interrupted`: the step was begun before, and nobody
    /// heard how it ended.
    pub(super) fn forward(
        &self,
        at: usize,
        interrupted: bool,
        lines: &mut dyn FnMut(Channel, &str),
    ) -> Result<Brought, Error> {
        let hop = &self.state.hops[self.state.entries[at].hop];
        let (git, commit) = (&self.ground.git, hop.commit.as_str());
        if interrupted {
            git.unlock()?;
        }
        let left = self.left(at);
        let head = git.head()?.commit;
        let changed = git.changed()?;
        let whole = match &left {
            Some(before) => git.left_over(before, commit)?.is_empty(),
            None => true,
        };
        if head == commit && changed.is_empty() && whole {
            return Ok(Brought::Already);
        }
        let Some(before) = left else {
            if !changed.is_empty() {
                let torn = git.unmerged()?;
                return Err(if torn.is_empty() {
                    changed_by_hand(&changed)
                } else {
                    in_conflict(&torn)
                });
            }
            let covered = git.in_the_way(&head, commit)?;
            if !covered.is_empty() {
                return Err(in_the_way(&covered));
            }
            self.store.write(&self.name(at), head.as_bytes())?;
            return match self.check_out(&head, commit, false, lines) {
                Ok(()) => Ok(Brought::There(None)),
                Err(error) => {
                    // Git refused before it had touched anything: what lies there is a person's.
                    if self.is_untouched(&head, commit).unwrap_or(false) {
                        self.store.forget(&self.name(at))?;
                    }
                    Err(error)
                }
            };
        };
        let kept = self.keep(at, &before, commit, !changed.is_empty())?;
        // Git takes away what its index has: the files of both are in the tree.
        git.index_as(&before)?;
        self.check_out(&before, commit, true, lines)?;
        Ok(Brought::There(kept))
    }

    /// Back to a commit, whatever has happened since.
    pub(super) fn back(
        &self,
        stay: usize,
        lines: &mut dyn FnMut(Channel, &str),
    ) -> Result<Brought, Error> {
        let state = self.state;
        let git = &self.ground.git;
        let commit = state.boundary_commit(stay);
        git.unlock()?;
        let head = git.head()?.commit;
        let changed = git.changed()?;
        let broken = state.entries.iter().enumerate().find_map(|(at, entry)| {
            let open = matches!(entry.status, Status::Running | Status::Failed)
                && matches!(entry.step.work, Work::Checkout {});
            let before = self.left(at).filter(|_| open)?;
            Some((before, state.hops.get(entry.hop)?.commit.as_str()))
        });
        let whole = match &broken {
            Some((before, next)) => git.left_over(next, before)?.is_empty(),
            None => true,
        };
        if head == commit && changed.is_empty() && whole {
            return Ok(Brought::Already);
        }
        let number = state.entries.len();
        let kept = match &broken {
            Some((before, next)) => {
                let kept = self.keep(number, before, next, !changed.is_empty())?;
                git.index_as(next)?;
                kept
            }
            None if changed.is_empty() => None,
            None => Some(self.patch(number)?),
        };
        self.check_out(&head, commit, true, lines)?;
        Ok(Brought::There(kept))
    }

    fn name(&self, at: usize) -> String {
        kept(self.state, at, "checkout")
    }

    /// The commit that a checkout of this step has left, or was about to.
    fn left(&self, at: usize) -> Option<String> {
        let text = fs::read_to_string(self.store.folder().join(self.name(at))).ok()?;
        Some(text.trim().to_owned()).filter(|commit| !commit.is_empty())
    }

    fn is_untouched(&self, head: &str, commit: &str) -> Result<bool, Error> {
        let git = &self.ground.git;
        Ok(git.head()?.commit == head
            && git.changed()?.is_empty()
            && git.in_the_way(head, commit)?.is_empty())
    }

    /// Runs git, and looks whether it has done what it says.
    fn check_out(
        &self,
        from: &str,
        commit: &str,
        force: bool,
        lines: &mut dyn FnMut(Channel, &str),
    ) -> Result<(), Error> {
        let stop = &self.ground.stop;
        let git = self
            .ground
            .git
            .known(self.mark.as_str(), self.store.programs());
        let complaints = match git.checkout(commit, force, stop, lines) {
            Ok(finished) => complaints(finished.output.iter().map(|(_, line)| line)),
            Err(error) => {
                let refused = !force && self.is_untouched(from, commit).unwrap_or(false);
                let complains = !complaints(error.notes.iter()).is_empty();
                if refused || !complains || error.kind != ErrorKind::Failed {
                    return Err(error);
                }
                error.notes
            }
        };
        if complaints.is_empty()
            || git.changed()?.is_empty()
                && git.left_over(from, commit)?.is_empty()
                && git.head()?.commit == commit
        {
            return Ok(());
        }
        let error = Error::new(
            ErrorKind::Failed,
            "git could not write all files of the release, or not take all others away",
        );
        Err(complaints
            .into_iter()
            .fold(error, Error::with_note)
            .with_help(format!(
                "see that {} may write in {} and that its disk has room, then go on",
                git.account()
                    .map_or("this user", |account| account.name.as_str()),
                git.root().display()
            )))
    }

    fn patch(&self, at: usize) -> Result<PathBuf, Error> {
        let patch = self.ground.git.patch()?;
        let name = format!("kept/{}/{at:03}-{}.patch", self.state.id, stamp());
        self.store.write(&name, &patch)
    }

    /// Keeps what a forced checkout would write over: changes of files as a patch, and files that
    /// lie where `to` brings some and are not its own, whole or in part. Gives where the patch is.
    fn keep(
        &self,
        at: usize,
        from: &str,
        to: &str,
        changed: bool,
    ) -> Result<Option<PathBuf>, Error> {
        let git = &self.ground.git;
        let patch = changed.then(|| self.patch(at)).transpose()?;
        let there = git.in_the_way(from, to)?;
        if there.is_empty() {
            return Ok(patch);
        }
        let brought: BTreeMap<String, Blob> = git
            .blobs(to, Path::new("."))?
            .into_iter()
            .map(|blob| (blob.path.clone(), blob))
            .collect();
        let folder = format!("kept/{}/{at:03}-{}", self.state.id, stamp());
        let mut first = patch;
        for name in there {
            let path = git.root().join(&name);
            if !path.symlink_metadata().is_ok_and(|there| there.is_file()) {
                continue;
            }
            let content = fs::read(&path).map_err(|error| {
                Error::new(
                    ErrorKind::File,
                    format!("can't read {}: {error}", path.display()),
                )
            })?;
            if is_part_of(git, brought.get(&name), &content)? {
                continue;
            }
            let kept = self.store.write(&format!("{folder}/{name}"), &content)?;
            first.get_or_insert(kept);
        }
        Ok(first)
    }
}

/// True for a file that git has written, or begun to.
fn is_part_of(git: &Git, blob: Option<&Blob>, content: &[u8]) -> Result<bool, Error> {
    let Some(blob) = blob else {
        return Ok(false);
    };
    if blob.size > LARGE {
        return Ok(content.len() as u64 <= blob.size);
    }
    let whole = git.contents(std::slice::from_ref(blob))?;
    Ok(whole.iter().any(|whole| whole.starts_with(content)))
}

/// What git says of files that it could not write or take away.
fn complaints<'a>(lines: impl Iterator<Item = &'a String>) -> Vec<String> {
    lines
        .filter(|line| line.starts_with("error: ") || line.starts_with("warning: unable to unlink"))
        .take(8)
        .cloned()
        .collect()
}

fn in_conflict(torn: &[String]) -> Error {
    let error = Error::new(
        ErrorKind::Failed,
        "files of the checkout are in conflict: a merge, a rebase or a stash in it is not finished",
    );
    let error = torn.iter().take(8).fold(error, Error::with_note);
    error.with_help(TORN)
}

fn in_the_way(covered: &[String]) -> Error {
    covered
        .iter()
        .take(8)
        .fold(
            Error::new(
                ErrorKind::Failed,
                "files that the release brings lie there already and would be written over",
            ),
            |error, file| error.with_note(file.clone()),
        )
        .with_help("move them away, then go on")
}

fn stamp() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
