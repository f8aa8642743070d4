//! What a statement's text says about how it can be run on PostgreSQL.

use realign_planner::script::{
    self, LexKind, Lexeme, Line, Nature, ObjectKind, ObjectRef, Rules, Script, Scripts, Setting,
    StatementKind,
};
use realign_planner::{Diagnostic, Facts};

use crate::Postgres;
use crate::copy::{self, Exchange};
use crate::facts::SCHEMA;
use crate::split::{Reading, lexemes};

static RULES: Rules = Rules {
    definitions_commit: false,
    indexes_are_objects: true,
    calls_commit: false,
    truncate_defines: false,
    fold: |name, quoted| {
        if quoted {
            name.to_owned()
        } else {
            name.to_lowercase()
        }
    },
    maintenance: &[
        "ANALYZE",
        "CLUSTER",
        "REINDEX",
        "REFRESH",
        "CHECKPOINT",
        "VACUUM",
    ],
    own: |_| None,
    alone,
    plain_setting,
};

/// Settings that change nothing of what a definition makes; the search path is followed.
const PLAIN: [&str; 14] = [
    "application_name",
    "check_function_bodies",
    "client_encoding",
    "client_min_messages",
    "deadlock_timeout",
    "idle_in_transaction_session_timeout",
    "lock_timeout",
    "maintenance_work_mem",
    "row_security",
    "search_path",
    "statement_timeout",
    "synchronous_commit",
    "transaction_timeout",
    "work_mem",
];

/// Settings that change something, and the value that is every session's own.
const USUAL: [(&str, &str); 5] = [
    ("default_table_access_method", "heap"),
    ("default_tablespace", ""),
    ("default_with_oids", "false"),
    ("standard_conforming_strings", "on"),
    ("xmloption", "content"),
];

fn plain_setting(setting: &Setting<'_>) -> bool {
    let name = setting.name.as_str();
    let is_usual = |(usual, value): &(&str, &str)| {
        let [only] = setting.value else {
            return false;
        };
        *usual == name && only.text.trim_matches('\'').eq_ignore_ascii_case(value)
    };
    PLAIN.contains(&name) || USUAL.iter().any(is_usual)
}

/// `SELECT pg_catalog.set_config('search_path', '', false)`.
fn sets_path(lexemes: &[Lexeme<'_>]) -> bool {
    let rest = match lexemes {
        [first, schema, dot, rest @ ..] if schema.is("pg_catalog") && dot.is_mark(".") => {
            first.is("SELECT").then_some(rest)
        }
        [first, rest @ ..] => first.is("SELECT").then_some(rest),
        [] => None,
    };
    let is_text = |lexeme: &Lexeme<'_>| lexeme.kind == LexKind::Text;
    match rest {
        Some([function, open, name, _, value, _, local, close]) => {
            function.is("set_config")
                && open.is_mark("(")
                && is_text(name)
                && name.text == "'search_path'"
                && is_text(value)
                && local.is_one_of(&["true", "false"])
                && close.is_mark(")")
        }
        _ => false,
    }
}

/// What the server refuses within a transaction block.
fn alone(lexemes: &[Lexeme<'_>]) -> bool {
    let is = |at: usize, words: &[&str]| {
        words.iter().enumerate().all(|(offset, word)| {
            lexemes
                .get(at + offset)
                .is_some_and(|lexeme| lexeme.is(word))
        })
    };
    let has = |word: &str| lexemes.iter().any(|lexeme| lexeme.is(word));
    let two = |first: &str, seconds: &[&str]| {
        is(0, &[first]) && seconds.iter().any(|second| is(1, &[second]))
    };
    is(0, &["VACUUM"])
        || is(0, &["ALTER", "SYSTEM"])
        || two("CREATE", &["DATABASE", "TABLESPACE", "SUBSCRIPTION"])
        || two("DROP", &["DATABASE", "TABLESPACE", "SUBSCRIPTION"])
        || is(0, &["CREATE", "INDEX", "CONCURRENTLY"])
        || is(0, &["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"])
        || is(0, &["DROP", "INDEX", "CONCURRENTLY"])
        || (is(0, &["REINDEX"])
            && (has("CONCURRENTLY") || has("DATABASE") || has("SYSTEM") || has("SCHEMA")))
        || (is(0, &["CLUSTER"]) && lexemes.len() == 1)
        || (is(0, &["ALTER", "TABLE"]) && has("DETACH") && has("CONCURRENTLY"))
        || (is(0, &["ALTER", "DATABASE"]) && has("TABLESPACE"))
}

/// The index, table or schema of a `REINDEX … CONCURRENTLY`: one that is cut off leaves an
/// unfinished twin of an index.
fn reindexed(lexemes: &[Lexeme<'_>]) -> Vec<ObjectRef> {
    const KINDS: [&str; 3] = ["INDEX", "TABLE", "SCHEMA"];
    let [first, rest @ ..] = lexemes else {
        return Vec::new();
    };
    if !first.is("REINDEX") {
        return Vec::new();
    }
    let word = |text: &'static str| Lexeme {
        text: text.into(),
        ..first.clone()
    };
    let found = rest.windows(2).enumerate().find_map(|(at, pair)| {
        let kind = KINDS.into_iter().find(|kind| pair[0].is(kind))?;
        pair[1].is("CONCURRENTLY").then_some((at, kind))
    });
    let Some((at, kind)) = found else {
        return Vec::new();
    };
    // It is named as one that is dropped.
    let mut named = vec![word("DROP"), word(kind)];
    named.extend_from_slice(&rest[at + 2..]);
    script::nature(&named, &RULES).touches
}

/// `ALTER TYPE … ADD VALUE`, in a transaction only since version 12.
fn adds_value(lexemes: &[Lexeme<'_>]) -> bool {
    lexemes.first().is_some_and(|lexeme| lexeme.is("ALTER"))
        && lexemes.get(1).is_some_and(|lexeme| lexeme.is("TYPE"))
        && lexemes
            .windows(2)
            .any(|pair| pair[0].is("ADD") && pair[1].is("VALUE"))
}

/// `SELECT pg_catalog.set_config(…)`, and nothing else.
fn sets_config(lexemes: &[Lexeme<'_>]) -> bool {
    let [select, rest @ ..] = lexemes else {
        return false;
    };
    let rest = match rest {
        [schema, dot, rest @ ..] if schema.is("pg_catalog") && dot.is_mark(".") => rest,
        rest => rest,
    };
    let [name, open, .., close] = rest else {
        return false;
    };
    let nested = rest.iter().filter(|lexeme| lexeme.is_mark("(")).count();
    select.is("SELECT")
        && name.is("set_config")
        && open.is_mark("(")
        && close.is_mark(")")
        && nested == 1
}

impl Scripts for Postgres {
    fn split(&self, script: &str, _: &Facts) -> Script {
        let mut found = script::split(script, &Reading);
        for statement in &found.statements {
            let refused = match copy::exchange(&statement.sql) {
                Some(Exchange::BinaryIn) => (
                    "the rows of a COPY in binary can't stand in a script",
                    "write them as text or CSV: leave out FORMAT binary",
                ),
                Some(Exchange::Out) => (
                    "nobody takes the rows of a COPY … TO STDOUT",
                    "leave it out, or write a file of the server's: COPY … TO '/path'",
                ),
                Some(Exchange::In) | None => continue,
            };
            found.problems.push(
                Diagnostic::error("M003", refused.0)
                    .at(statement.origin(""))
                    .with_help(refused.1),
            );
        }
        found
    }

    fn lines(&self, script: &str, _: &Facts, ask: &mut dyn FnMut(usize) -> Line) -> Option<usize> {
        script::lines(script, &Reading, ask)
    }

    fn nature(&self, sql: &str, facts: &Facts) -> Nature {
        // Its rows may stand behind it.
        let lexemes = lexemes(copy::alone(sql).unwrap_or(sql));
        let mut nature = script::nature(&lexemes, &RULES);
        if adds_value(&lexemes) && !facts.version.at_least(12, 0, 0) {
            nature.alone = true;
        }
        nature.touches.extend(reindexed(&lexemes));
        if sets_config(&lexemes) {
            nature.kind = StatementKind::Session;
        }
        nature.plain_setting |= sets_path(&lexemes);
        nature
    }

    /// A session stays in the database that it was begun in; paths are taken back.
    fn leaves_for(&self, _: &str, _: &Facts) -> Option<String> {
        None
    }

    fn takes_books(&self, sql: &str, nature: &Nature, facts: &Facts) -> Option<String> {
        let home = facts.setting(SCHEMA);
        let is_home = |object: &ObjectRef| object.kind == ObjectKind::Schema && object.name == home;
        let is_told = nature.touches.iter().any(is_home);
        (is_told && lexemes(sql).first()?.is("DROP")).then(|| format!("the schema {home}"))
    }

    /// The client knows the bodies itself.
    fn for_client(&self, _: &str, _: &Facts) -> Option<String> {
        None
    }

    fn ends_client_at_errors(&self) -> Option<&'static str> {
        Some("\\set ON_ERROR_STOP on")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nature(sql: &str) -> Nature {
        let facts = Facts {
            version: realign_planner::ServerVersion::parse("15.3"),
            ..Facts::default()
        };
        Postgres.nature(sql, &facts)
    }

    #[test]
    fn the_schema_of_the_books_stays() {
        let facts = crate::facts::offline("postgresql-15").unwrap();
        let takes = |sql: &str| Postgres.takes_books(sql, &nature(sql), &facts).is_some();
        for sql in [
            "DROP SCHEMA public CASCADE",
            "drop schema if exists a, Public",
        ] {
            assert!(takes(sql), "{sql}");
        }
        for sql in [
            "DROP SCHEMA other",
            "CREATE SCHEMA public",
            "DROP TABLE public",
            "",
        ] {
            assert!(!takes(sql), "{sql}");
        }
    }

    #[test]
    fn definitions_share_transactions_except_those_that_cannot() {
        let made = nature("CREATE TABLE \"A\".B (id int)");
        assert!(!made.commits && !made.alone && made.quick);
        for sql in [
            "CREATE TABLE t AS SELECT 1",
            "CREATE TABLE t PARTITION OF u DEFAULT",
            "CREATE TABLE t (a int) INHERITS (u)",
            "CREATE INDEX i ON t (a)",
        ] {
            assert!(!nature(sql).quick, "{sql}");
        }
        assert_eq!(
            (
                made.touches[0].schema.as_deref(),
                made.touches[0].name.as_str()
            ),
            (Some("A"), "b")
        );
        for sql in [
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)",
            "DROP INDEX CONCURRENTLY i",
            "VACUUM",
            "REINDEX TABLE CONCURRENTLY t",
            "CREATE DATABASE x",
            "ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
        ] {
            assert!(nature(sql).alone, "{sql}");
        }
        let index = nature("CREATE INDEX CONCURRENTLY i ON s.t (a)");
        assert_eq!(index.touches[0].kind, ObjectKind::Index);
        assert_eq!(index.touches[0].schema.as_deref(), Some("s"));
        let again = nature("REINDEX (VERBOSE) INDEX CONCURRENTLY s.\"I\"");
        assert!(again.repeatable && again.alone);
        assert_eq!(again.touches[0].kind, ObjectKind::Index);
        assert_eq!(again.touches[0].schema.as_deref(), Some("s"));
        assert_eq!(again.touches[0].name, "I");
        let table = nature("REINDEX (VERBOSE, TABLESPACE x) TABLE CONCURRENTLY s.t");
        assert!(table.repeatable && table.alone && table.effects.is_empty());
        assert_eq!(table.touches[0].kind, ObjectKind::Table);
        assert_eq!(table.touches[0].name, "t");
        let schema = nature("REINDEX SCHEMA CONCURRENTLY s");
        assert_eq!(schema.touches[0].kind, ObjectKind::Schema);
        for sql in [
            "REINDEX TABLE t",
            "REINDEX SCHEMA s",
            "REINDEX DATABASE CONCURRENTLY d",
        ] {
            assert_eq!(nature(sql).touches, [], "{sql}");
        }
        assert!(!nature("ALTER TYPE mood ADD VALUE 'x'").alone);
        let old = Facts {
            version: realign_planner::ServerVersion::parse("11.2"),
            ..Facts::default()
        };
        assert!(Postgres.nature("ALTER TYPE mood ADD VALUE 'x'", &old).alone);
    }

    #[test]
    fn rows_and_queries() {
        for (sql, kind) in [
            ("TRUNCATE t", StatementKind::Data),
            ("COPY t FROM STDIN", StatementKind::Data),
            ("COPY t FROM stdin;\nit's\tTO\n\\.", StatementKind::Data),
            (
                "SELECT pg_catalog.set_config('search_path', '', false)",
                StatementKind::Session,
            ),
            (
                "SELECT set_config('a.b', 'x', false)",
                StatementKind::Session,
            ),
            (
                "SELECT pg_catalog.setval('public.t_id_seq', 3, true)",
                StatementKind::Query,
            ),
            ("COPY (SELECT 1) TO STDOUT", StatementKind::Other),
            (
                "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
                StatementKind::Data,
            ),
            ("SELECT * INTO n FROM t", StatementKind::Definition),
            ("COMMENT ON TABLE t IS 'x'", StatementKind::Definition),
            ("DO $$ BEGIN END $$", StatementKind::Other),
            ("SET search_path = a", StatementKind::Session),
            ("UPDATE ONLY t SET a = 1", StatementKind::Data),
        ] {
            assert_eq!(nature(sql).kind, kind, "{sql}");
        }
    }

    #[test]
    fn settings_are_known_or_not() {
        for (sql, plain) in [
            ("SET search_path = a, \"B\", public", true),
            ("SET LOCAL statement_timeout TO 0", true),
            ("RESET search_path", true),
            ("SET default_tablespace = ''", true),
            (
                "SELECT pg_catalog.set_config('search_path', '', false)",
                true,
            ),
            ("SELECT set_config('search_path', a.b, false) FROM a", false),
            (
                "SELECT set_config('default_tablespace', 'fast', false)",
                false,
            ),
            ("SET default_tablespace = fast", false),
            ("SET ROLE other", false),
            ("SET TIME ZONE 'UTC'", false),
            ("RESET ALL", false),
            ("DISCARD ALL", false),
        ] {
            assert_eq!(nature(sql).plain_setting, plain, "{sql}");
        }
    }
}
