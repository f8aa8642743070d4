//! What is known of the engine.

use std::collections::BTreeMap;

use realign_planner::{CatalogQuery, Facts, Profile, Rows, ServerVersion, Value};

/// The dialect's name, also its only vendor.
pub(crate) const DIALECT: &str = "sqlite";

/// Whether foreign keys are enforced in this session: `0` or `1`.
pub(crate) const FOREIGN_KEYS: &str = "foreign_keys";

/// Whether a rename leaves other objects alone: `0` or `1`.
pub(crate) const LEGACY_ALTER_TABLE: &str = "legacy_alter_table";

/// The queries, in the order that [`from_answers`] takes their answers in.
pub(crate) fn queries() -> Vec<CatalogQuery> {
    [
        ("version", "SELECT sqlite_version()"),
        (FOREIGN_KEYS, "PRAGMA foreign_keys"),
        (LEGACY_ALTER_TABLE, "PRAGMA legacy_alter_table"),
        ("encoding", "PRAGMA encoding"),
    ]
    .into_iter()
    .map(|(name, sql)| CatalogQuery {
        name,
        sql: sql.to_owned(),
        optional: false,
        setting: false,
    })
    .collect()
}

/// The facts from the answers to [`queries`].
pub(crate) fn from_answers(answers: &[Rows]) -> Facts {
    let first = |at: usize| {
        answers
            .get(at)
            .and_then(|rows| rows.rows.first())
            .and_then(|row| row.first())
            .map(Value::display)
            .unwrap_or_default()
    };
    let settings: BTreeMap<String, String> = [FOREIGN_KEYS, LEGACY_ALTER_TABLE, "encoding"]
        .iter()
        .enumerate()
        .map(|(at, name)| ((*name).to_owned(), first(at + 1)))
        .collect();
    with_version(&first(0), settings)
}

/// Facts from `sqlite` or `sqlite-3.40`.
pub(crate) fn offline(server_version: &str) -> Option<Facts> {
    let lower = server_version.trim().to_ascii_lowercase();
    let rest = lower
        .strip_prefix("sqlite3")
        .filter(|rest| !rest.starts_with('.'))
        .or_else(|| lower.strip_prefix(DIALECT))?;
    let version = rest.trim_start_matches(['-', ' ', ':']);
    let plain = version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !plain {
        return None;
    }
    let version = if version.is_empty() { "3.37" } else { version };
    Some(with_version(version, BTreeMap::new()))
}

fn with_version(text: &str, settings: BTreeMap<String, String>) -> Facts {
    Facts {
        dialect: DIALECT.to_owned(),
        vendor: DIALECT.to_owned(),
        version: ServerVersion::parse(text),
        settings,
        doctrine: Profile::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_offline() {
        for (text, expected) in [
            ("sqlite", Some((3, 37))),
            ("sqlite-3.40.1", Some((3, 40))),
            ("SQLite 3.45", Some((3, 45))),
            ("sqlite3", Some((3, 37))),
            ("mariadb-10.11", None),
            ("3.40", None),
            ("sqlite-next", None),
        ] {
            let found = offline(text).map(|f| (f.version.major, f.version.minor));
            assert_eq!(found, expected, "{text}");
        }
    }
}
