//! What is there, what was executed, and the four counts of the two.

use std::cmp::Ordering;

use serde::Serialize;

use super::Version;

/// A migration that was executed, as the history has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Executed {
    /// What it is called now.
    pub version: Version,
    /// What its row says, where that differs: histories of Doctrine 1 and 2 have short names.
    pub recorded: Version,
    /// When: `2026-11-22 09:30:00`; none when the history does not say.
    pub at: Option<String>,
    /// How long it took, in milliseconds.
    pub milliseconds: Option<i64>,
}

impl Executed {
    /// A row that says only this.
    pub fn named(name: &str) -> Self {
        let version = Version::new(name);
        Self {
            recorded: version.clone(),
            version,
            at: None,
            milliseconds: None,
        }
    }
}

/// The migrations of an application and of its database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// What is there, in order.
    pub available: Vec<Version>,
    /// What was executed, in order and each once.
    pub executed: Vec<Executed>,
}

impl Overview {
    /// Puts both together. `short` says that the history has the short names of Doctrine 1 and
    /// 2: each means the first available version that ends with it.
    pub fn new(mut available: Vec<Version>, mut executed: Vec<Executed>, short: bool) -> Self {
        available.sort();
        // The rows of most histories come in order: then each is the next one that is there.
        let mut next = 0;
        let mut known = |version: &Version| {
            let at = match available.get(next) {
                Some(there) if there == version => Ok(next),
                _ => available.binary_search(version),
            };
            next = at.map_or(next, |at| at + 1);
            at.is_ok()
        };
        for row in &mut executed {
            if !known(&row.version) {
                let short_name = Version::new(row.version.short());
                if short
                    && let Some(whole) = available
                        .iter()
                        .find(|version| version.as_str().ends_with(row.version.as_str()))
                {
                    row.version = whole.clone();
                } else if known(&short_name) {
                    // A class of Doctrine's whose namespace nobody declared.
                    row.version = short_name;
                }
            }
        }
        executed.sort_by(|one, other| one.version.cmp(&other.version));
        // Of rows of the same version the last one counts.
        executed.dedup_by(|row, before| {
            let same = row.version == before.version;
            if same {
                std::mem::swap(row, before);
            }
            same
        });
        Self {
            available,
            executed,
        }
    }

    /// True when there is such a migration.
    pub fn is_available(&self, version: &Version) -> bool {
        self.available.binary_search(version).is_ok()
    }

    /// True when it was executed.
    pub fn is_executed(&self, version: &Version) -> bool {
        self.row(version).is_some()
    }

    /// Its row in the history, when it was executed.
    pub fn row(&self, version: &Version) -> Option<&Executed> {
        let find = |row: &Executed| row.version.cmp(version);
        let at = self.executed.binary_search_by(find).ok()?;
        self.executed.get(at)
    }

    /// The versions of what was executed, in order.
    pub fn executed_versions(&self) -> impl DoubleEndedIterator<Item = &Version> {
        self.executed.iter().map(|row| &row.version)
    }

    /// What is there and was not executed, in order.
    pub fn fresh(&self) -> impl Iterator<Item = &Version> {
        let mut is_executed = among(self.executed_versions());
        self.available
            .iter()
            .filter(move |version| !is_executed(version))
    }

    /// What was executed and is not there any more, in order.
    pub fn unavailable(&self) -> impl Iterator<Item = &Executed> {
        let mut is_available = among(self.available.iter());
        self.executed
            .iter()
            .filter(move |row| !is_available(&row.version))
    }

    /// The last in order of the executed ones, whenever it was executed.
    pub fn current(&self) -> Option<&Version> {
        self.executed_versions().next_back()
    }

    /// The executed one so many places before the current one.
    pub fn before_current(&self, places: usize) -> Option<&Version> {
        self.executed_versions().rev().nth(places)
    }

    /// Every version, available or executed, in order.
    pub fn all(&self) -> Vec<&Version> {
        let mut all: Vec<&Version> = self.available.iter().collect();
        all.extend(self.executed_versions());
        all.sort();
        all.dedup();
        all
    }
}

/// Says of versions that are asked for in order whether they are among these, which are in order
/// as well.
fn among<'a>(versions: impl Iterator<Item = &'a Version>) -> impl FnMut(&Version) -> bool {
    let mut versions = versions.peekable();
    move |version| {
        while let Some(next) = versions.peek() {
            match (*next).cmp(version) {
                Ordering::Less => versions.next(),
                Ordering::Equal => return true,
                Ordering::Greater => return false,
            };
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overview(available: &[&str], executed: &[&str], short: bool) -> Overview {
        Overview::new(
            available.iter().copied().map(Version::new).collect(),
            executed.iter().copied().map(Executed::named).collect(),
            short,
        )
    }

    fn names<'a>(versions: impl Iterator<Item = &'a Version>) -> Vec<&'a str> {
        versions.map(Version::as_str).collect()
    }

    #[test]
    fn the_four_counts() {
        let all = overview(
            &["A\\Version3", "A\\Version1"],
            &["A\\Version1", "Gone"],
            false,
        );
        assert_eq!(names(all.fresh()), ["A\\Version3"]);
        assert_eq!(names(all.unavailable().map(|row| &row.version)), ["Gone"]);
        assert_eq!(all.current().map(Version::as_str), Some("Gone"));
        assert_eq!(names(all.all().into_iter()).len(), 3);
    }

    #[test]
    fn rows_in_any_order_and_twice_count_once() {
        let all = overview(&["2", "1", "4", "3"], &["3", "9", "1", "3", "0"], false);
        assert_eq!(names(all.fresh()), ["2", "4"]);
        assert_eq!(names(all.unavailable().map(|row| &row.version)), ["0", "9"]);
        assert_eq!(names(all.executed_versions()), ["0", "1", "3", "9"]);
        assert_eq!(names(overview(&["1"], &[], false).fresh()), ["1"]);
        assert_eq!(overview(&[], &["1"], false).unavailable().count(), 1);
    }

    #[test]
    fn a_short_name_means_the_first_that_ends_with_it() {
        let both = ["Extra\\Version20240101000000", "App\\Version20240101000000"];
        let all = overview(&both, &["20240101000000", "2011"], true);
        assert!(all.is_executed(&Version::new("App\\Version20240101000000")));
        assert!(!all.is_executed(&Version::new("Extra\\Version20240101000000")));
        assert_eq!(names(all.unavailable().map(|row| &row.version)), ["2011"]);
        let all = overview(&["20240101000000"], &["App\\Version20240101000000"], false);
        assert_eq!(all.fresh().count(), 0);
        // A history of Doctrine 3 has whole names: its short ones are nobody's.
        let all = overview(&both, &["20240101000000"], false);
        assert_eq!(all.fresh().count(), 2);
    }
}
