//! Releases: how they are named, and which lie on the way from one to another.

use std::fmt;

use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// A release of the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The name as it stands in git: `v4.8.0`.
    pub tag: String,
    /// What the name means.
    pub version: Version,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tag)
    }
}

/// Which releases lie on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Each minor at its latest patch, then the target.
    #[default]
    EachMinor,
    /// Every release.
    EachRelease,
    /// The target alone.
    Direct,
}

/// How tags name releases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    before: String,
    after: String,
}

impl Naming {
    /// `git-tags`, or `git-tags:release-{version}` where tags carry more than a `v`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = || {
            Error::new(
                ErrorKind::Usage,
                format!("`{text}` is no place where versions are found"),
            )
            .with_help("write versions = \"git-tags\", or \"git-tags:release-{version}\"")
        };
        match text.split_once(':') {
            None if text == "git-tags" => Ok(Self::default()),
            Some(("git-tags", pattern)) => {
                let (before, after) = pattern.split_once("{version}").ok_or_else(bad)?;
                Ok(Self {
                    before: before.to_owned(),
                    after: after.to_owned(),
                })
            }
            _ => Err(bad()),
        }
    }

    /// The release that a tag names; none for a tag of another kind.
    pub fn release(&self, tag: &str) -> Option<Release> {
        if tag.starts_with('-') {
            return None;
        }
        let inner = tag
            .strip_prefix(self.before.as_str())?
            .strip_suffix(self.after.as_str())?;
        Some(Release {
            tag: tag.to_owned(),
            version: version(inner)?,
        })
    }

    /// The releases among these tags, the oldest first; of several names for one version the
    /// first by name.
    pub fn releases(&self, tags: &[String]) -> Vec<Release> {
        let mut found: Vec<Release> = tags.iter().filter_map(|tag| self.release(tag)).collect();
        found.sort_by(|a, b| a.version.cmp(&b.version).then_with(|| a.tag.cmp(&b.tag)));
        found.dedup_by(|a, b| a.version == b.version);
        found
    }
}

/// `v4.8.0`, `5.1.1`, `v4.9`.
pub fn version(text: &str) -> Option<Version> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    if let Ok(version) = Version::parse(text) {
        return Some(version);
    }
    let (major, minor) = text.split_once('.')?;
    let number = |text: &str| -> Option<u64> {
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())?
    };
    Some(Version::new(number(major)?, number(minor)?, 0))
}

/// A way from one release to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The releases to go through, the target last.
    pub stops: Vec<Release>,
    /// Newer releases that were left out as they are no final ones.
    pub left_out: Vec<Release>,
}

/// The way from a release to another, or to the newest that may be reached.
pub fn route(
    known: &[Release],
    from: &Release,
    to: Option<&str>,
    way: Way,
    allow_major: bool,
) -> Result<Route, Error> {
    let newer = |release: &&Release| release.version > from.version;
    let left_out: Vec<Release> = known
        .iter()
        .filter(newer)
        .filter(|release| !release.version.pre.is_empty())
        .cloned()
        .collect();
    let finals: Vec<&Release> = known
        .iter()
        .filter(newer)
        .filter(|release| release.version.pre.is_empty())
        .collect();
    let target = if let Some(named) = to {
        named_target(known, named)?
    } else {
        let reachable = finals
            .iter()
            .rev()
            .find(|release| allow_major || release.version.major == from.version.major);
        match reachable {
            Some(release) => (*release).clone(),
            None => {
                return Ok(Route {
                    stops: Vec::new(),
                    left_out,
                });
            }
        }
    };
    if target.version < from.version {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("{target} is older than {from}, which is there"),
        )
        .with_help("`realign upgrade rollback` goes back to a release of the last upgrade"));
    }
    if target.version == from.version {
        return Ok(Route {
            stops: Vec::new(),
            left_out,
        });
    }
    if target.version.major != from.version.major && !allow_major {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("from {from} to {target} is another major release"),
        )
        .with_note("what its notes ask for is not in a minor's recipe")
        .with_help("read the release's notes, then say so by name: --allow-major"));
    }
    let mut stops: Vec<Release> = match way {
        Way::Direct => Vec::new(),
        Way::EachRelease => finals
            .iter()
            .filter(|release| release.version < target.version)
            .map(|release| (*release).clone())
            .collect(),
        Way::EachMinor => minors(&finals, from, &target),
    };
    stops.push(target);
    Ok(Route { stops, left_out })
}

fn named_target(known: &[Release], named: &str) -> Result<Release, Error> {
    let meant = version(named);
    let found = known
        .iter()
        .find(|release| release.tag == named)
        .or_else(|| {
            known
                .iter()
                .find(|release| Some(&release.version) == meant.as_ref())
        });
    found.cloned().ok_or_else(|| {
        let newest: Vec<&str> = known
            .iter()
            .rev()
            .filter(|release| release.version.pre.is_empty())
            .take(5)
            .map(|release| release.tag.as_str())
            .collect();
        let error = Error::new(
            ErrorKind::Usage,
            format!("there is no release `{named}` among the tags"),
        );
        if newest.is_empty() {
            error.with_help("`git fetch --tags` brings what is new")
        } else {
            error
                .with_note(format!("the newest are {}", newest.join(", ")))
                .with_help("`git fetch --tags` brings what is new")
        }
    })
}

/// The latest patch of each minor between the two; the present minor's own only before another
/// major, which begins at the last of the old one.
fn minors(finals: &[&Release], from: &Release, target: &Release) -> Vec<Release> {
    let minor = |release: &Release| (release.version.major, release.version.minor);
    let mut stops: Vec<Release> = Vec::new();
    for release in finals {
        if release.version >= target.version || minor(release) == minor(target) {
            continue;
        }
        match stops.last_mut() {
            Some(last) if minor(last) == minor(release) => *last = (*release).clone(),
            _ => stops.push((*release).clone()),
        }
    }
    let last_of_its_major = |at: usize| {
        let next = stops.get(at + 1).unwrap_or(target);
        next.version.major != stops[at].version.major
    };
    let keep: Vec<bool> = (0..stops.len())
        .map(|at| minor(&stops[at]) != minor(from) || last_of_its_major(at))
        .collect();
    let mut keep = keep.into_iter();
    stops.retain(|_| keep.next().unwrap_or(true));
    stops
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(tags: &[&str]) -> Vec<Release> {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Naming::default().releases(&tags)
    }

    fn way(
        tags: &[&str],
        from: &str,
        to: Option<&str>,
        way: Way,
        major: bool,
    ) -> Result<Vec<String>, Error> {
        let known = known(tags);
        let from = Naming::default().release(from).expect("a release");
        let route = route(&known, &from, to, way, major)?;
        Ok(route.stops.iter().map(ToString::to_string).collect())
    }

    const TAGS: [&str; 11] = [
        "v4.5.0",
        "v4.5.1",
        "v4.6.0",
        "v4.7.0",
        "v4.7.3",
        "v4.8.0",
        "v4.8.1-rc1",
        "v4.9.0",
        "v4.9.3",
        "v5.0.0",
        "nightly",
    ];

    #[test]
    fn each_minor_at_its_latest_patch_then_the_target() {
        let minors = |from, to| way(&TAGS, from, to, Way::EachMinor, false).unwrap();
        assert_eq!(
            minors("v4.5.0", Some("v4.9.3")),
            ["v4.6.0", "v4.7.3", "v4.8.0", "v4.9.3"]
        );
        assert_eq!(minors("v4.7.0", Some("4.8.0")), ["v4.8.0"]);
        assert_eq!(minors("v4.7.0", Some("v4.7.3")), ["v4.7.3"]);
        assert_eq!(minors("v4.8.0", None), ["v4.9.3"]);
        assert_eq!(minors("v4.9.3", None), [] as [&str; 0]);
        assert_eq!(
            minors("v4.8.0", Some("v4.8.1-rc1")),
            ["v4.8.1-rc1"],
            "named, it is taken"
        );
    }

    #[test]
    fn another_major_is_asked_for_by_name_and_begins_at_the_last_of_the_old_one() {
        let error = way(&TAGS, "v4.8.0", Some("v5.0.0"), Way::EachMinor, false).unwrap_err();
        assert!(error.help.unwrap().contains("--allow-major"));
        assert_eq!(
            way(&TAGS, "v4.9.0", Some("v5.0.0"), Way::EachMinor, true).unwrap(),
            ["v4.9.3", "v5.0.0"]
        );
        assert_eq!(
            way(&TAGS, "v4.9.3", None, Way::EachMinor, true).unwrap(),
            ["v5.0.0"]
        );
    }

    #[test]
    fn other_ways() {
        assert_eq!(
            way(&TAGS, "v4.7.0", Some("v4.9.0"), Way::EachRelease, false).unwrap(),
            ["v4.7.3", "v4.8.0", "v4.9.0"]
        );
        assert_eq!(
            way(&TAGS, "v4.5.0", Some("v4.9.0"), Way::Direct, false).unwrap(),
            ["v4.9.0"]
        );
    }

    #[test]
    fn what_can_not_be_reached_is_said() {
        let error = way(&TAGS, "v4.8.0", Some("v4.7.3"), Way::EachMinor, false).unwrap_err();
        assert_eq!(error.message, "v4.7.3 is older than v4.8.0, which is there");
        let error = way(&TAGS, "v4.8.0", Some("v4.8.9"), Way::EachMinor, false).unwrap_err();
        assert!(error.notes[0].contains("v5.0.0, v4.9.3"), "{error:?}");
        let known = known(&TAGS);
        let from = &known[4];
        let route = route(&known, from, None, Way::EachMinor, false).unwrap();
        assert_eq!(route.left_out[0].tag, "v4.8.1-rc1");
    }

    #[test]
    fn names_of_releases() {
        let text = |tag: &str| {
            Naming::default()
                .release(tag)
                .map(|release| release.version.to_string())
        };
        assert_eq!(text("5.1.1").as_deref(), Some("5.1.1"));
        assert_eq!(text("v4.9").as_deref(), Some("4.9.0"));
        assert_eq!(text("v4.7.0-rc1").as_deref(), Some("4.7.0-rc1"));
        for tag in ["--upload-pack=x", "-v1.0.0", "main", "v4.x", "4.+1", ""] {
            assert_eq!(text(tag), None, "{tag}");
        }
        let naming = Naming::parse("git-tags:release-{version}-final").unwrap();
        let release = naming.release("release-1.2.3-final").unwrap();
        assert_eq!(release.version, Version::new(1, 2, 3));
        assert!(naming.release("v1.2.3").is_none());
        assert!(Naming::parse("svn").is_err() && Naming::parse("git-tags:x").is_err());
    }
}
