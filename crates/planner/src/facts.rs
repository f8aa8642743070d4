//! What is known of the server that a plan is for.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Profile;

/// A server's version: three numbers and the text they were read from
/// (`10.11.6-MariaDB-log` is not semver).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ServerVersion {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number, zero when there is none.
    pub patch: u32,
    /// As the server says it.
    pub text: String,
}

impl ServerVersion {
    /// Reads up to three dotted numbers from the start of a text; missing ones are 0.
    pub fn parse(text: &str) -> Self {
        let mut numbers = text
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .next()
            .unwrap_or_default()
            .split('.')
            .map(|part| part.parse().unwrap_or(0));
        Self {
            major: numbers.next().unwrap_or(0),
            minor: numbers.next().unwrap_or(0),
            patch: numbers.next().unwrap_or(0),
            text: text.to_owned(),
        }
    }

    /// True from that version on.
    pub fn at_least(&self, major: u32, minor: u32, patch: u32) -> bool {
        (self.major, self.minor, self.patch) >= (major, minor, patch)
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Facts about a server, from the server itself or, offline, from its declared version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Facts {
    /// The dialect's name.
    pub dialect: String,
    /// Which of the dialect's engines it is, in that dialect's own words.
    pub vendor: String,
    /// The server's version.
    pub version: ServerVersion,
    /// Settings that change the meaning of SQL, by the engine's own names.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Whose spelling generated SQL follows.
    #[serde(default)]
    pub doctrine: Profile,
}

impl Facts {
    /// A setting's value, empty when it is not known.
    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", String::as_str)
    }
}
