//! What is known of a server, and what it can therefore do.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use realign_planner::{CatalogQuery, Facts, Profile, Rows, ServerVersion};

/// The dialect's name.
pub(crate) const DIALECT: &str = "mysql";
/// Vendor of MySQL itself and of its close relatives.
pub(crate) const MYSQL: &str = "mysql";
/// Vendor of MariaDB.
pub(crate) const MARIADB: &str = "mariadb";

/// Stands for the third number of a version that was declared without one: `8.0` means the
/// newest 8.0, not the first.
const NEWEST_PATCH: u32 = 999;

/// What MariaDB puts before its version so that old clients of MySQL's replication accept it.
const REPLICATION_PREFIX: &str = "5.5.5-";

/// Settings that change the meaning of SQL or what the server does with it. All of them exist
/// on every supported server: an unknown one would fail the whole query.
const SETTINGS: &[&str] = &[
    "sql_mode",
    "lower_case_table_names",
    "character_set_database",
    "collation_database",
    "character_set_server",
    "collation_server",
    "default_storage_engine",
    "explicit_defaults_for_timestamp",
    "innodb_strict_mode",
    "max_allowed_packet",
    "read_only",
    "version_comment",
];

/// A setting of MySQL 8.4 and newer: foreign keys refer to whole unique keys only.
pub(crate) const RESTRICT_KEYS: &str = "restrict_fk_on_non_standard_key";

/// True on MariaDB.
pub(crate) fn is_mariadb(facts: &Facts) -> bool {
    facts.vendor == MARIADB
}

/// What a server may be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capability {
    /// `ALTER TABLE … RENAME INDEX`.
    RenameIndex,
    /// `ALTER TABLE … RENAME COLUMN`.
    RenameColumn,
    /// CHECK constraints are kept and enforced.
    Checks,
    /// `ALTER TABLE … DROP CONSTRAINT` for checks.
    DropConstraint,
    /// Descending index parts.
    DescendingIndex,
    /// Index parts that are expressions.
    ExpressionIndex,
    /// Indexes that the optimizer does not see: `INVISIBLE`, on MariaDB `IGNORED`.
    InvisibleIndex,
    /// Columns that `SELECT *` leaves out.
    InvisibleColumn,
    /// Expressions as defaults.
    ExpressionDefault,
    /// Literal defaults on TEXT and BLOB.
    TextDefault,
    /// `information_schema.CHECK_CONSTRAINTS`.
    CheckCatalog,
    /// A type `JSON` that is more than an alias.
    NativeJson,
    /// Sequences.
    Sequences,
    /// `ALGORITHM=INSTANT`.
    InstantAlter,
    /// A type `UUID`.
    Uuid,
    /// Spatial columns of one reference system, and the catalogue's column for it.
    SpatialReference,
    /// Types are printed without display widths, that of `tinyint(1)` aside.
    NoDisplayWidths,
    /// Foreign keys are refused that don't name all columns of a unique key in its own order.
    WholeKeysOnly,
}

/// The first version that can do something; none is never.
type Since = Option<(u32, u32, u32)>;

/// Each capability with the versions of MySQL and of MariaDB from which it holds.
const CAPABILITIES: &[(Capability, Since, Since)] = &[
    (Capability::RenameIndex, Some((5, 7, 0)), Some((10, 5, 2))),
    (Capability::RenameColumn, Some((8, 0, 3)), Some((10, 5, 2))),
    (Capability::Checks, Some((8, 0, 16)), Some((10, 2, 1))),
    (
        Capability::DropConstraint,
        Some((8, 0, 19)),
        Some((10, 2, 1)),
    ),
    (
        Capability::DescendingIndex,
        Some((8, 0, 1)),
        Some((10, 8, 1)),
    ),
    (Capability::ExpressionIndex, Some((8, 0, 13)), None),
    (
        Capability::InvisibleIndex,
        Some((8, 0, 0)),
        Some((10, 6, 0)),
    ),
    (
        Capability::InvisibleColumn,
        Some((8, 0, 23)),
        Some((10, 3, 3)),
    ),
    (
        Capability::ExpressionDefault,
        Some((8, 0, 13)),
        Some((10, 2, 1)),
    ),
    (Capability::TextDefault, None, Some((10, 2, 1))),
    (
        Capability::CheckCatalog,
        Some((8, 0, 16)),
        Some((10, 3, 10)),
    ),
    (Capability::NativeJson, Some((5, 7, 8)), None),
    (Capability::Sequences, None, Some((10, 3, 0))),
    (Capability::InstantAlter, Some((8, 0, 12)), Some((10, 3, 2))),
    (Capability::Uuid, None, Some((10, 7, 0))),
    (Capability::SpatialReference, Some((8, 0, 3)), None),
    (Capability::NoDisplayWidths, Some((8, 0, 19)), None),
    (Capability::WholeKeysOnly, Some((8, 4, 0)), None),
];

/// True when the server of these facts can do it.
pub(crate) fn can(facts: &Facts, capability: Capability) -> bool {
    CAPABILITIES
        .iter()
        .find(|(known, ..)| *known == capability)
        .and_then(|(_, mysql, mariadb)| if is_mariadb(facts) { *mariadb } else { *mysql })
        .is_some_and(|(major, minor, patch)| facts.version.at_least(major, minor, patch))
}

/// The facts of a declared version. Understood are the vendor with or without a version
/// (`mariadb-10.11`, `mysql:8.0`, `mysql`) and a server's own words (`10.11.6-MariaDB`).
pub(crate) fn offline(server_version: &str) -> Option<Facts> {
    let text = server_version.trim().to_ascii_lowercase();
    let vendor = if text.contains(MARIADB) {
        MARIADB
    } else if text.contains(MYSQL) {
        MYSQL
    } else {
        return None;
    };
    let numbers = text.strip_prefix(REPLICATION_PREFIX).unwrap_or(&text);
    let numbers = numbers
        .strip_prefix(vendor)
        .unwrap_or(numbers)
        .trim_start_matches(['-', ':', ' ', '/', '@']);
    let mut version = ServerVersion::parse(numbers);
    let given = numbers
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .next()
        .unwrap_or_default()
        .split('.')
        .filter(|part| !part.is_empty())
        .count();
    if given < 2 {
        (version.major, version.minor) = usual_series(vendor, version.major, given);
    }
    if given < 3 {
        version.patch = NEWEST_PATCH;
    }
    version.text = if given == 0 {
        format!("{}.{}", version.major, version.minor)
    } else {
        numbers.to_owned()
    };
    Some(Facts {
        dialect: DIALECT.to_owned(),
        vendor: vendor.to_owned(),
        version,
        settings: BTreeMap::new(),
        doctrine: Profile::default(),
    })
}

/// The series that most people mean by a vendor alone, or by a vendor and one number.
fn usual_series(vendor: &str, major: u32, given: usize) -> (u32, u32) {
    match (vendor == MARIADB, major, given) {
        (true, _, 0) | (true, 10, _) => (10, 11),
        (true, 11, _) => (11, 8),
        (false, _, 0) => (8, 0),
        (false, 5, _) => (5, 7),
        (_, other, _) => (other, 0),
    }
}

/// The one query that tells the facts: the version and the settings, each under its own name.
pub(crate) fn queries() -> Vec<CatalogQuery> {
    let mut sql = "SELECT VERSION() AS version, DATABASE() AS current_database".to_owned();
    for name in SETTINGS {
        sql.push_str(", @@");
        sql.push_str(name);
        sql.push_str(" AS ");
        sql.push_str(name);
    }
    // For those that know it; every other server passes over the comment.
    let _ = write!(sql, " /*!80400 , @@{RESTRICT_KEYS} AS {RESTRICT_KEYS} */");
    vec![CatalogQuery {
        name: "server",
        sql,
        optional: false,
        setting: false,
    }]
}

/// The facts from its answer. A server that says nothing is taken for the oldest MySQL.
pub(crate) fn from_answers(answers: &[Rows]) -> Facts {
    let mut settings = BTreeMap::new();
    if let Some((answer, row)) = answers
        .first()
        .and_then(|answer| Some((answer, answer.rows.first()?)))
    {
        for (name, value) in answer.columns.iter().zip(row) {
            if !value.is_null() {
                settings.insert(name.to_ascii_lowercase(), value.display());
            }
        }
    }
    let text = settings.remove("version").unwrap_or_default();
    let comment = settings.get("version_comment").map_or("", String::as_str);
    let vendor = if names_mariadb(&text) || names_mariadb(comment) {
        MARIADB
    } else {
        MYSQL
    };
    let mut version = ServerVersion::parse(match vendor {
        MARIADB => text.strip_prefix(REPLICATION_PREFIX).unwrap_or(&text),
        _ => &text,
    });
    version.text = text;
    Facts {
        dialect: DIALECT.to_owned(),
        vendor: vendor.to_owned(),
        version,
        settings,
        doctrine: Profile::default(),
    }
}

fn names_mariadb(text: &str) -> bool {
    text.to_ascii_lowercase().contains(MARIADB)
}

#[cfg(test)]
mod tests {
    use realign_planner::{Rows, Value};

    use super::{Capability, can, from_answers, offline, queries};

    #[test]
    fn a_declared_version_names_vendor_and_numbers() {
        for (text, vendor, numbers) in [
            ("mariadb-10.11", "mariadb", (10, 11, 999)),
            ("mariadb-10.11.6", "mariadb", (10, 11, 6)),
            ("MariaDB:11.8.2", "mariadb", (11, 8, 2)),
            ("10.11.6-MariaDB-log", "mariadb", (10, 11, 6)),
            ("5.5.5-10.6.12-MariaDB", "mariadb", (10, 6, 12)),
            ("mariadb", "mariadb", (10, 11, 999)),
            ("mariadb-11", "mariadb", (11, 8, 999)),
            ("mysql-5.7.40", "mysql", (5, 7, 40)),
            ("mysql-8.0.31", "mysql", (8, 0, 31)),
            ("mysql:8", "mysql", (8, 0, 999)),
            ("mysql-5", "mysql", (5, 7, 999)),
            ("mysql-9", "mysql", (9, 0, 999)),
            ("mysql", "mysql", (8, 0, 999)),
        ] {
            let facts = offline(text).unwrap();
            let version = &facts.version;
            assert_eq!(facts.vendor, vendor, "{text}");
            assert_eq!(
                (version.major, version.minor, version.patch),
                numbers,
                "{text}"
            );
        }
        assert!(offline("sqlite-3.45").is_none());
        assert!(offline("8.0.31").is_none());
        assert!(offline("").is_none());
    }

    fn answer(version: &str, comment: &str) -> Vec<Rows> {
        vec![Rows {
            columns: ["version", "current_database", "SQL_MODE", "version_comment"]
                .map(str::to_owned)
                .to_vec(),
            rows: vec![vec![
                Value::Text(version.to_owned()),
                Value::Null,
                Value::Text("STRICT_TRANS_TABLES".to_owned()),
                Value::Text(comment.to_owned()),
            ]],
        }]
    }

    #[test]
    fn a_server_tells_its_facts() {
        let facts = from_answers(&answer("10.11.6-MariaDB-0+deb12u1", "Debian 12"));
        assert_eq!(facts.vendor, "mariadb");
        assert!(facts.version.at_least(10, 11, 6) && !facts.version.at_least(10, 11, 7));
        assert_eq!(facts.version.text, "10.11.6-MariaDB-0+deb12u1");
        assert_eq!(facts.setting("sql_mode"), "STRICT_TRANS_TABLES");
        assert_eq!(facts.setting("current_database"), "");

        let facts = from_answers(&answer("5.5.5-10.6.12-MariaDB-log", ""));
        assert_eq!((facts.version.major, facts.version.minor), (10, 6));

        let facts = from_answers(&answer("8.0.36-28", "Percona Server (GPL), Release 28"));
        assert_eq!(facts.vendor, "mysql");
        assert_eq!((facts.version.minor, facts.version.patch), (0, 36));
    }

    #[test]
    fn no_answer_is_no_panic() {
        assert_eq!(from_answers(&[]).vendor, "mysql");
        assert_eq!(from_answers(&[Rows::default()]).vendor, "mysql");
    }

    #[test]
    fn one_query_asks_for_everything() {
        let queries = queries();
        assert_eq!(queries.len(), 1);
        assert!(
            queries[0]
                .sql
                .starts_with("SELECT VERSION() AS version, DATABASE()")
        );
        assert!(
            queries[0]
                .sql
                .contains("@@lower_case_table_names AS lower_case_table_names")
        );
    }

    #[test]
    fn capabilities_hang_on_vendor_and_version() {
        for (capability, version, expected) in [
            (Capability::RenameIndex, "mysql-5.7.40", true),
            (Capability::RenameIndex, "mariadb-10.5.1", false),
            (Capability::RenameColumn, "mysql-5.7.40", false),
            (Capability::RenameColumn, "mariadb-10.6", true),
            (Capability::Checks, "mysql-8.0.15", false),
            (Capability::Checks, "mysql-8.0.16", true),
            (Capability::ExpressionIndex, "mariadb-11.8", false),
            (Capability::TextDefault, "mysql-9.4", false),
            (Capability::TextDefault, "mariadb-10.6", true),
            (Capability::DropConstraint, "mysql-8.0.18", false),
            (Capability::DescendingIndex, "mariadb-10.6", false),
            (Capability::InvisibleIndex, "mariadb-10.6", true),
            (Capability::InvisibleColumn, "mysql-8.0.22", false),
            (Capability::ExpressionDefault, "mysql-8.0.13", true),
            (Capability::CheckCatalog, "mysql-5.7.40", false),
            (Capability::NativeJson, "mysql-5.7.40", true),
            (Capability::Sequences, "mariadb", true),
            (Capability::InstantAlter, "mysql-5.7.40", false),
            (Capability::Uuid, "mariadb-10.6", false),
            (Capability::SpatialReference, "mysql-5.7.40", false),
            (Capability::NoDisplayWidths, "mysql-8.0.18", false),
            (Capability::NoDisplayWidths, "mysql-8.0.19", true),
            (Capability::NoDisplayWidths, "mariadb-11.8", false),
        ] {
            let facts = offline(version).unwrap();
            assert_eq!(
                can(&facts, capability),
                expected,
                "{capability:?} {version}"
            );
        }
    }
}
