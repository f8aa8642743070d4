//! A recipe laid out over a way: every step of every release, in order, before any of it runs.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Entry, Moment, Recipe, Release, Step};
use crate::Error;
use crate::git::Git;

/// One release on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The release that it leads to.
    pub release: Release,
    /// That release's commit.
    pub commit: String,
}

/// Every step of the way. A step whose file the release does not have is left out: the releases'
/// own trees are asked, and files that lie in the checkout beside them.
pub fn entries(
    recipe: &Recipe,
    from: &Release,
    hops: &[Hop],
    git: &Git,
) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    let (Some(first), Some(last)) = (hops.first(), hops.last()) else {
        return Ok(entries);
    };
    let head = git.head()?.commit;
    let mut add = |at: Moment, hop: usize, before: &Release, to: &Hop, commit: &str| {
        for step in recipe.steps.iter().filter(|step| step.common.at == at) {
            if !step.belongs(&before.version, &to.release.version) {
                continue;
            }
            if let Some(file) = &step.common.if_file
                && !has(git, commit, file)?
            {
                continue;
            }
            entries.push(Entry::new(
                hop,
                unique(&entries, key(at, &to.release, step)),
                step.clone(),
            ));
        }
        Ok::<(), Error>(())
    };
    add(Moment::Start, 0, from, first, &head)?;
    let mut before = from;
    for (at, hop) in hops.iter().enumerate() {
        add(Moment::Release, at, before, hop, &hop.commit)?;
        before = &hop.release;
    }
    add(Moment::End, hops.len() - 1, from, last, &last.commit)?;
    Ok(entries)
}

fn has(git: &Git, commit: &str, file: &str) -> Result<bool, Error> {
    if !git.blobs(commit, Path::new(file))?.is_empty() {
        return Ok(true);
    }
    let path = git.root().join(file);
    Ok(path.exists() && !git.tracks(Path::new(file)))
}

/// How a step is called where it has to be told from all others: `v4.8.0/schema update`.
fn key(at: Moment, release: &Release, step: &Step) -> String {
    let place = match at {
        Moment::Release => release.tag.as_str(),
        Moment::Start => "start",
        Moment::End => "end",
    };
    format!("{place}/{}", step.name())
}

fn unique(entries: &[Entry], key: String) -> String {
    let taken = |key: &str| entries.iter().any(|entry| entry.key == key);
    if !taken(&key) {
        return key;
    }
    (2..=entries.len() + 2)
        .map(|number| format!("{key} {number}"))
        .find(|key| !taken(key))
        .unwrap_or(key)
}
