//! What a migration is called.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The identity of a migration: 14 digits, or the name that Doctrine gives its class. Versions
/// are ordered byte by byte over the whole. One is in many places at once: a clone is cheap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(Arc<str>);

/// How Doctrine's classes begin.
const CLASS: &str = "Version";
/// How the names of files end.
const SQL: &str = ".sql";
/// Year, month, day, hour, minute, second.
const DIGITS: usize = 14;

impl Version {
    /// A version of this text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What histories of Doctrine Migrations 1 and 2 call it: the class without its namespace
    /// and without the word in front.
    pub fn short(&self) -> &str {
        let class = self.0.rsplit('\\').next().unwrap_or_default();
        class.strip_prefix(CLASS).unwrap_or(class)
    }

    /// Its namespace, when it is a class.
    pub fn namespace(&self) -> Option<&str> {
        self.0.rsplit_once('\\').map(|(namespace, _)| namespace)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the name of a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName<'a> {
    /// Its version.
    pub version: Version,
    /// What follows the digits, as it stands.
    rest: &'a str,
}

impl FileName<'_> {
    /// What follows the digits, with blanks: `add customer`.
    pub fn title(&self) -> String {
        self.rest.replace(['_', '-'], " ").trim().to_owned()
    }
}

/// Reads the name of a file: `20261122093000_add_customer.sql`, or `Version20261122093000.sql`
/// of a history that was Doctrine's. None when it is not the name of a migration.
///
/// Within a namespace the version is the class that Doctrine would look for. The extension may be
/// in capitals, as some systems write it.
pub fn file_name<'a>(name: &'a str, namespace: Option<&str>) -> Option<FileName<'a>> {
    let (stem, extension) = name.split_at_checked(name.len().checked_sub(SQL.len())?)?;
    if !extension.eq_ignore_ascii_case(SQL) {
        return None;
    }
    let (short, rest) = if let Some(rest) = stem.strip_prefix(CLASS) {
        // Applications name classes in their own ways (`Version0…`, `Versionzz…`).
        if rest.is_empty() || !rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return None;
        }
        (rest, "")
    } else {
        let digits = stem.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = stem.split_at(digits);
        if digits.len() != DIGITS {
            return None;
        }
        match rest.strip_prefix(['_', '-', ' ']) {
            Some(rest) => (digits, rest),
            None if rest.is_empty() => (digits, ""),
            None => return None,
        }
    };
    let version = match namespace {
        Some(namespace) => {
            let namespace = namespace.trim_matches('\\');
            Version::new(format!("{namespace}\\{CLASS}{short}"))
        }
        None => Version::new(short),
    };
    Some(FileName { version, rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(name: &str, namespace: Option<&str>) -> Option<String> {
        file_name(name, namespace).map(|read| read.version.to_string())
    }

    #[test]
    fn names_of_files() {
        let read = file_name("20261122093000_add_customer.sql", None).unwrap();
        assert_eq!(read.version.as_str(), "20261122093000");
        assert_eq!(read.title(), "add customer");
        assert_eq!(
            version("20261122093000_x.sql", Some("App\\Migrations")).as_deref(),
            Some("App\\Migrations\\Version20261122093000")
        );
        assert_eq!(
            version("Versionzz20230929183000.sql", Some("M")).as_deref(),
            Some("M\\Versionzz20230929183000")
        );
        assert_eq!(
            version("Version20240101000000.sql", None).as_deref(),
            Some("20240101000000")
        );
        for name in ["20261122093000_x.SQL", "Version20261122093000.Sql"] {
            assert_eq!(version(name, None).as_deref(), Some("20261122093000"));
        }
        for name in [
            "2026.sql",
            "2026.SQL",
            "20261122093000_xsql",
            "ql",
            "aéql",
            "20261122093000x.sql",
            "readme.sql",
            "Version.sql",
            "20261122093000_x.txt",
            "202611220930001_x.sql",
        ] {
            assert_eq!(version(name, None), None, "{name}");
        }
    }

    #[test]
    fn the_short_name_is_that_of_old_histories() {
        let version = Version::new("Mautic\\Migrations\\Version020230615115326");
        assert_eq!(version.short(), "020230615115326");
        assert_eq!(version.namespace(), Some("Mautic\\Migrations"));
        assert_eq!(Version::new("20240101000000").short(), "20240101000000");
    }

    #[test]
    fn the_order_is_that_of_bytes() {
        let mut versions = [
            "B\\Version1",
            "A\\Version2",
            "20240101000000",
            "not a version",
        ]
        .map(Version::new);
        versions.sort();
        assert_eq!(
            versions.each_ref().map(Version::as_str),
            [
                "20240101000000",
                "A\\Version2",
                "B\\Version1",
                "not a version"
            ]
        );
    }
}
