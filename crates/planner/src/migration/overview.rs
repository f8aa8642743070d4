//! What is there, what was executed, and the four counts of the two.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Version;

/// A migration that was executed, as the history has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Executed {
    /// What it is called now.
    pub version: Version,
    /// What its row says, where that differs: histories of Doctrine 1 and 2 have short names.
    pub recorded: String,
    /// When: `2026-11-22 09:30:00`; none when the history does not say.
    pub at: Option<String>,
    /// How long it took, in milliseconds.
    pub milliseconds: Option<i64>,
}

impl Executed {
    /// A row that says only this.
    pub fn named(name: &str) -> Self {
        Self {
            version: Version::new(name),
            recorded: name.to_owned(),
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
    /// What was executed, in order.
    pub executed: BTreeMap<Version, Executed>,
}

impl Overview {
    /// Puts both together. `short` says that the history has the short names of Doctrine 1 and
    /// 2: each means the first available version that ends with it.
    pub fn new(mut available: Vec<Version>, rows: Vec<Executed>, short: bool) -> Self {
        available.sort();
        let mut executed = BTreeMap::new();
        for mut row in rows {
            if available.binary_search(&row.version).is_err() {
                let short_name = Version::new(row.version.short());
                if short
                    && let Some(whole) = available
                        .iter()
                        .find(|version| version.as_str().ends_with(row.version.as_str()))
                {
                    row.version = whole.clone();
                } else if available.binary_search(&short_name).is_ok() {
                    // A class of Doctrine's whose namespace nobody declared.
                    row.version = short_name;
                }
            }
            executed.insert(row.version.clone(), row);
        }
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
        self.executed.contains_key(version)
    }

    /// What is there and was not executed, in order.
    pub fn fresh(&self) -> impl Iterator<Item = &Version> {
        self.available
            .iter()
            .filter(|version| !self.is_executed(version))
    }

    /// What was executed and is not there any more, in order.
    pub fn unavailable(&self) -> impl Iterator<Item = &Executed> {
        self.executed
            .values()
            .filter(|row| !self.is_available(&row.version))
    }

    /// The last in order of the executed ones, whenever it was executed.
    pub fn current(&self) -> Option<&Version> {
        self.executed.keys().next_back()
    }

    /// The executed one so many places before the current one.
    pub fn before_current(&self, places: usize) -> Option<&Version> {
        self.executed.keys().rev().nth(places)
    }

    /// Every version, available or executed, in order.
    pub fn all(&self) -> Vec<&Version> {
        let mut all: Vec<&Version> = self.available.iter().chain(self.executed.keys()).collect();
        all.sort();
        all.dedup();
        all
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
