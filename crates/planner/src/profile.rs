//! Which releases of Doctrine a declaration follows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A pair of ORM and DBAL releases. What hangs on a minor version switches on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(with = "String"))]
#[serde(into = "String", try_from = "String")]
pub struct Profile {
    /// ORM major and minor.
    pub orm: (u32, u32),
    /// DBAL major and minor.
    pub dbal: (u32, u32),
}

impl Profile {
    /// True from that ORM release on.
    pub fn orm_at_least(self, major: u32, minor: u32) -> bool {
        self.orm >= (major, minor)
    }

    /// True from that DBAL release on.
    pub fn dbal_at_least(self, major: u32, minor: u32) -> bool {
        self.dbal >= (major, minor)
    }
}

impl Default for Profile {
    /// ORM 2.14 with DBAL 3.6: the pair that most installations of today's
    /// long-term distributions run.
    fn default() -> Self {
        Self {
            orm: (2, 14),
            dbal: (3, 6),
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    /// Reads a family (`2`, `3`, `4`: the DBAL generation, each standing for its newest
    /// described release) or an exact pair (`orm-2.14/dbal-3.6`).
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || {
            format!(
                "`{text}` is no Doctrine version: write 2, 3 or 4, or an exact pair like orm-2.14/dbal-3.6"
            )
        };
        match text.trim() {
            "2" => {
                return Ok(Self {
                    orm: (2, 8),
                    dbal: (2, 13),
                });
            }
            "3" => {
                return Ok(Self {
                    orm: (2, 20),
                    dbal: (3, 9),
                });
            }
            "4" => {
                return Ok(Self {
                    orm: (3, 3),
                    dbal: (4, 2),
                });
            }
            _ => {}
        }
        let (orm, dbal) = text.trim().split_once('/').ok_or_else(bad)?;
        let pair = |part: &str, prefix: &str| -> Option<(u32, u32)> {
            let mut numbers = part.strip_prefix(prefix)?.splitn(3, '.');
            let major = numbers.next()?.parse().ok()?;
            let minor = numbers.next()?.parse().ok()?;
            Some((major, minor))
        };
        let orm = pair(orm, "orm-").ok_or_else(bad)?;
        let dbal = pair(dbal, "dbal-").ok_or_else(bad)?;
        if !(2..=3).contains(&orm.0) || !(2..=4).contains(&dbal.0) {
            return Err(bad());
        }
        Ok(Self { orm, dbal })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "orm-{}.{}/dbal-{}.{}",
            self.orm.0, self.orm.1, self.dbal.0, self.dbal.1
        )
    }
}

impl From<Profile> for String {
    fn from(profile: Profile) -> Self {
        profile.to_string()
    }
}

impl TryFrom<String> for Profile {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
