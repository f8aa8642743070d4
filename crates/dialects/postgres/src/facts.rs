//! What is known of a server, and what it can therefore do.

use realign_planner::{CatalogQuery, Facts, Profile, Rows, ServerVersion, Value};

/// The dialect's name, and that of its one vendor.
pub(crate) const DIALECT: &str = "postgresql";
/// The schema of names without one: the first that exists on the search path.
pub(crate) const SCHEMA: &str = "current_schema";

/// The newest version that offline plans assume when none is given.
const USUAL: &str = "15";

/// The facts of a declared version: `postgresql-15`, `postgres-15.4`, `pgsql`.
pub(crate) fn offline(server_version: &str) -> Option<Facts> {
    let text = server_version.trim().to_ascii_lowercase();
    let rest = ["postgresql", "postgres", "pgsql"]
        .iter()
        .find_map(|name| text.strip_prefix(name))?;
    let version = match rest.strip_prefix(['-', ':', ' ']) {
        Some(version) if version.starts_with(|c: char| c.is_ascii_digit()) => version,
        None if rest.is_empty() => USUAL,
        _ => return None,
    };
    Some(Facts {
        dialect: DIALECT.to_owned(),
        vendor: DIALECT.to_owned(),
        version: ServerVersion::parse(version),
        settings: [(SCHEMA.to_owned(), "public".to_owned())].into(),
        doctrine: Profile::default(),
    })
}

/// The one query that tells the facts.
pub(crate) fn queries() -> Vec<CatalogQuery> {
    vec![CatalogQuery {
        name: "facts",
        sql: "SELECT current_setting('server_version'), coalesce(current_schema(), 'public'), \
              current_setting('standard_conforming_strings'), current_setting('server_encoding'), \
              current_setting('TimeZone')"
            .to_owned(),
        optional: false,
        setting: false,
    }]
}

/// The facts from its answer.
pub(crate) fn from_answers(answers: &[Rows]) -> Facts {
    let row = answers.first().and_then(|rows| rows.rows.first());
    let text = |at: usize| -> String {
        row.and_then(|row| row.get(at))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let settings = [
        (SCHEMA, text(1)),
        ("standard_conforming_strings", text(2)),
        ("server_encoding", text(3)),
        ("TimeZone", text(4)),
    ];
    Facts {
        dialect: DIALECT.to_owned(),
        vendor: DIALECT.to_owned(),
        version: ServerVersion::parse(&text(0)),
        settings: settings
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        doctrine: Profile::default(),
    }
}

/// The schema that a name without one means.
pub(crate) fn default_schema(facts: &Facts) -> &str {
    match facts.setting(SCHEMA) {
        "" => "public",
        schema => schema,
    }
}

/// True from that major version on.
pub(crate) fn since(facts: &Facts, major: u32) -> bool {
    facts.version.at_least(major, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::{default_schema, offline};

    #[test]
    fn a_declared_version_names_the_engine_or_not() {
        let facts = offline("postgres-15.4").expect("known");
        assert_eq!((facts.version.major, facts.version.minor), (15, 4));
        assert_eq!(offline("postgresql").expect("known").version.major, 15);
        assert_eq!(offline("PostgreSQL-18").expect("known").version.major, 18);
        assert_eq!(default_schema(&facts), "public");
        for other in ["mysql-8.0", "postgresqlx-15", "postgresql-new", ""] {
            assert!(offline(other).is_none(), "{other}");
        }
    }
}
