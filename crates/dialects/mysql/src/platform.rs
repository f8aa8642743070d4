//! Which of DBAL's platform classes a server gets.

use realign_planner::{Facts, Profile};

use crate::facts::is_mariadb;

/// DBAL's platform class, as far as it makes a difference to SQL: keyword lists and JSON.
/// What a newer MariaDB class adds (10.4.3, 10.5.2, 10.6, 10.10) is asked of the server's
/// version where it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlatformClass {
    /// The oldest, for whatever DBAL does not know: MariaDB before DBAL 2.7.
    MySql,
    /// MySQL 5.7, and MySQL as such in DBAL 4.
    MySql57,
    /// MySQL 8.0.
    MySql80,
    /// MySQL 8.4 and later.
    MySql84,
    /// MariaDB.
    MariaDb,
}

impl PlatformClass {
    /// The class that the profile's DBAL chooses for the server.
    pub(crate) fn of(facts: &Facts) -> Self {
        let Facts {
            version, doctrine, ..
        } = facts;
        if is_mariadb(facts) {
            return if doctrine.dbal_at_least(2, 7) && version.at_least(10, 2, 7) {
                Self::MariaDb
            } else {
                Self::MySql
            };
        }
        if version.at_least(8, 4, 0) && knows_mysql_84(*doctrine) {
            Self::MySql84
        } else if version.at_least(8, 0, 0) && doctrine.dbal_at_least(2, 8) {
            Self::MySql80
        } else if version.at_least(5, 7, 9) || doctrine.dbal_at_least(4, 0) {
            Self::MySql57
        } else {
            Self::MySql
        }
    }

    /// True for the classes that `hasNativeJsonType` (DBAL 2 and 3).
    pub(crate) fn has_native_json(self) -> bool {
        match self {
            Self::MySql57 | Self::MySql80 | Self::MySql84 => true,
            Self::MySql | Self::MariaDb => false,
        }
    }
}

/// The class came with DBAL 3.9 and 4.1; 4.0 is older than 3.9.
fn knows_mysql_84(profile: Profile) -> bool {
    profile.dbal_at_least(3, 9) && profile.dbal != (4, 0)
}
