//! Which migrations a run executes, in which direction, in which order.

use serde::Serialize;

use super::{Overview, Target, Version};

/// The way a migration is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// It is applied.
    Up,
    /// It is taken back.
    Down,
}

impl Direction {
    /// `up`, `down`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// What a run executes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// The way they are taken.
    pub direction: Direction,
    /// In the order of their execution.
    pub versions: Vec<Version>,
}

/// What leads to a target. The error is the target when no file of it is there.
///
/// Up: everything up to the target that was not executed, late arrivals too. Down: everything
/// executed from the end down to the target, which stays.
pub fn schedule(target: &Target, overview: &Overview) -> Result<Schedule, Version> {
    let Target::Version(to) = target else {
        let mut versions: Vec<Version> = applied(overview).cloned().collect();
        versions.reverse();
        return Ok(Schedule {
            direction: Direction::Down,
            versions,
        });
    };
    if !overview.is_available(to) {
        return Err(to.clone());
    }
    let direction = direction(to, overview);
    let versions = match direction {
        Direction::Up => overview
            .available
            .iter()
            .take_while(|version| *version <= to)
            .filter(|version| !overview.is_executed(version))
            .cloned()
            .collect(),
        Direction::Down => {
            let mut later: Vec<Version> = applied(overview)
                .filter(|version| *version > to)
                .cloned()
                .collect();
            later.reverse();
            later
        }
    };
    Ok(Schedule {
        direction,
        versions,
    })
}

/// Exactly these versions, each once, in order.
pub fn only(versions: &[Version], direction: Direction) -> Schedule {
    let mut versions = versions.to_vec();
    versions.sort();
    versions.dedup();
    if direction == Direction::Down {
        versions.reverse();
    }
    Schedule {
        direction,
        versions,
    }
}

/// Executed and still there, in order.
fn applied(overview: &Overview) -> impl Iterator<Item = &Version> {
    overview
        .available
        .iter()
        .filter(|version| overview.is_executed(version))
}

fn direction(to: &Version, overview: &Overview) -> Direction {
    let gap = overview
        .available
        .iter()
        .take_while(|version| *version < to)
        .any(|version| !overview.is_executed(version));
    if !gap && overview.is_executed(to) && overview.current() != Some(to) {
        Direction::Down
    } else {
        Direction::Up
    }
}

#[cfg(test)]
mod tests {
    use super::super::Executed;
    use super::*;

    fn to(word: &str, executed: &[&str]) -> Result<(Direction, String), Version> {
        let overview = Overview::new(
            ["A1", "A2", "A3", "A4"].map(Version::new).to_vec(),
            executed.iter().copied().map(Executed::named).collect(),
            false,
        );
        let target = match word {
            "0" => Target::Zero,
            word => Target::Version(Version::new(word)),
        };
        schedule(&target, &overview).map(|found| {
            let names: Vec<&str> = found.versions.iter().map(Version::as_str).collect();
            (found.direction, names.join(" "))
        })
    }

    #[test]
    fn up_fills_gaps_and_down_leaves_the_target() {
        use Direction::{Down, Up};
        for (word, executed, direction, names) in [
            ("A4", &[][..], Up, "A1 A2 A3 A4"),
            ("A3", &["A1"], Up, "A2 A3"),
            ("A3", &["A2", "A3", "A4"], Up, "A1"),
            ("A2", &["A1", "A2", "A3", "A4"], Down, "A4 A3"),
            ("A4", &["A1", "A2", "A3", "A4"], Up, ""),
            ("0", &["A1", "A3", "Gone"], Down, "A3 A1"),
            // The current one is gone: nothing after the target can be taken back.
            ("A2", &["A1", "A2", "Gone"], Down, ""),
        ] {
            assert_eq!(
                to(word, executed),
                Ok((direction, names.to_owned())),
                "{word} of {executed:?}"
            );
        }
        assert_eq!(to("Gone", &["Gone"]), Err(Version::new("Gone")));
    }

    #[test]
    fn named_ones_are_sorted() {
        let versions = ["B", "A", "B"].map(Version::new);
        let names = |direction| {
            let found = only(&versions, direction).versions;
            found
                .iter()
                .map(|v| v.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Direction::Up), ["A", "B"]);
        assert_eq!(names(Direction::Down), ["B", "A"]);
    }
}
