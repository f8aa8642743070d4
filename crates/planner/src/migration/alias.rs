//! Words for a version: `latest`, `prev`, `current+2`.

use std::fmt;

use serde::Serialize;

use super::{Overview, Version};

/// Where a run leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Target {
    /// Nothing is applied.
    Zero,
    /// This one is the last.
    Version(Version),
}

impl Target {
    /// The version that is the last one, none for zero.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Zero => None,
            Self::Version(version) => Some(version),
        }
    }

    fn of(version: Option<&Version>) -> Self {
        version.map_or(Self::Zero, |version| Self::Version(version.clone()))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero => f.write_str("0"),
            Self::Version(version) => version.fmt(f),
        }
    }
}

/// Why a word means no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasError {
    /// Neither a version nor an alias.
    Unknown,
    /// An alias for something that is not there: `next` when nothing is left.
    Unreachable,
}

/// What a word means: an alias, or the whole name of an available version. With `lenient` also a
/// name that exactly one of them ends with.
pub fn resolve(word: &str, overview: &Overview, lenient: bool) -> Result<Target, AliasError> {
    match word {
        "first" | "0" => return Ok(Target::Zero),
        "current" => return Ok(Target::of(overview.current())),
        "prev" => return Ok(Target::of(overview.before_current(1))),
        "next" => {
            let next = overview.fresh().next().ok_or(AliasError::Unreachable)?;
            return Ok(Target::Version(next.clone()));
        }
        "latest" => {
            let latest = overview.available.last().or(overview.current());
            return Ok(Target::of(latest));
        }
        _ => {}
    }
    let version = Version::new(word);
    if overview.is_available(&version) {
        return Ok(Target::Version(version));
    }
    if let Some(delta) = word.strip_prefix("current") {
        return by_delta(delta, overview);
    }
    if lenient && !word.is_empty() {
        let mut ending = overview
            .available
            .iter()
            .filter(|version| version.as_str().ends_with(word));
        if let (Some(only), None) = (ending.next(), ending.next()) {
            return Ok(Target::Version(only.clone()));
        }
    }
    Err(AliasError::Unknown)
}

fn by_delta(delta: &str, overview: &Overview) -> Result<Target, AliasError> {
    let number = |digits: &str| digits.parse::<usize>().map_err(|_| AliasError::Unknown);
    let found = if let Some(digits) = delta.strip_prefix('+') {
        match number(digits)?.checked_sub(1) {
            Some(index) => overview.fresh().nth(index),
            None => overview.current(),
        }
    } else if let Some(digits) = delta.strip_prefix('-') {
        overview.before_current(number(digits)?)
    } else {
        return Err(AliasError::Unknown);
    };
    found
        .map(|version| Target::Version(version.clone()))
        .ok_or(AliasError::Unreachable)
}

#[cfg(test)]
mod tests {
    use super::super::Executed;
    use super::*;

    fn overview(executed: &[&str]) -> Overview {
        Overview::new(
            ["A1", "A2", "A3", "A4"].map(Version::new).to_vec(),
            executed.iter().copied().map(Executed::named).collect(),
            false,
        )
    }

    fn meant(word: &str, executed: &[&str]) -> Result<String, AliasError> {
        resolve(word, &overview(executed), false).map(|target| target.to_string())
    }

    #[test]
    fn words_mean_versions() {
        let some = ["A1", "A3"];
        for (word, version) in [
            ("first", "0"),
            ("0", "0"),
            ("current", "A3"),
            ("prev", "A1"),
            ("next", "A2"),
            ("latest", "A4"),
            ("current+1", "A2"),
            ("current+2", "A4"),
            ("current-1", "A1"),
            ("current+0", "A3"),
            ("A2", "A2"),
        ] {
            assert_eq!(meant(word, &some).as_deref(), Ok(version), "{word}");
        }
        for word in ["current+3", "current-2"] {
            assert_eq!(meant(word, &some), Err(AliasError::Unreachable), "{word}");
        }
        for word in ["A9", "newest", "2", "current*1", "current+x", ""] {
            assert_eq!(meant(word, &some), Err(AliasError::Unknown), "{word}");
        }
    }

    #[test]
    fn at_the_ends() {
        assert_eq!(meant("current", &[]).as_deref(), Ok("0"));
        assert_eq!(meant("prev", &["A1"]).as_deref(), Ok("0"));
        assert_eq!(meant("current-1", &["A1"]), Err(AliasError::Unreachable));
        assert_eq!(
            meant("next", &["A1", "A2", "A3", "A4"]),
            Err(AliasError::Unreachable)
        );
        let none = Overview::default();
        assert_eq!(resolve("latest", &none, false), Ok(Target::Zero));
    }

    #[test]
    fn a_short_name_only_where_that_is_wanted() {
        let all = overview(&[]);
        assert_eq!(
            resolve("3", &all, true),
            Ok(Target::Version(Version::new("A3")))
        );
        assert_eq!(resolve("3", &all, false), Err(AliasError::Unknown));
    }
}
