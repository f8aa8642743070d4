//! What a statement's text says about how it can be run on SQLite.

use realign_planner::Facts;
use realign_planner::script::{self, Lexeme, Line, Nature, Rules, Script, Scripts, StatementKind};

use crate::Sqlite;
use crate::split::{Reading, lexemes};

static RULES: Rules = Rules {
    definitions_commit: false,
    indexes_are_objects: true,
    calls_commit: false,
    truncate_defines: false,
    fold: |name, _| name.to_ascii_lowercase(),
    maintenance: &["ANALYZE", "REINDEX", "VACUUM"],
    own: |lexemes| {
        let first = lexemes.first()?;
        first
            .is_one_of(&["PRAGMA", "ATTACH", "DETACH"])
            .then(|| Nature::of(StatementKind::Session))
    },
    alone,
    plain_setting: |setting| PLAIN.contains(&setting.name.as_str()),
};

/// Settings that change nothing of what a definition makes; that of renames is followed.
const PLAIN: [&str; 16] = [
    "busy_timeout",
    "cache_size",
    "cache_spill",
    "defer_foreign_keys",
    "foreign_key_check",
    "foreign_keys",
    "ignore_check_constraints",
    "integrity_check",
    "legacy_alter_table",
    "mmap_size",
    "quick_check",
    "recursive_triggers",
    "secure_delete",
    "synchronous",
    "temp_store",
    "threads",
];

/// What the engine refuses within a transaction, or takes no notice of.
fn alone(lexemes: &[Lexeme<'_>]) -> bool {
    let Some(first) = lexemes.first() else {
        return false;
    };
    if first.is_one_of(&["VACUUM", "ATTACH", "DETACH"]) {
        return true;
    }
    // A question changes nothing; a setting may be one that only counts outside.
    first.is("PRAGMA")
        && lexemes
            .iter()
            .any(|lexeme| lexeme.is_mark("=") || lexeme.is_mark("("))
        && !lexemes
            .iter()
            .any(|lexeme| lexeme.is_one_of(&["foreign_key_check", "defer_foreign_keys"]))
}

impl Scripts for Sqlite {
    fn split(&self, script: &str, _: &Facts) -> Script {
        script::split(script, &Reading)
    }

    fn lines(&self, script: &str, _: &Facts, ask: &mut dyn FnMut(usize) -> Line) -> Option<usize> {
        script::lines(script, &Reading, ask)
    }

    fn nature(&self, sql: &str, _: &Facts) -> Nature {
        script::nature(&lexemes(sql), &RULES)
    }

    /// What is attached comes after the session's own file.
    fn leaves_for(&self, _: &str, _: &Facts) -> Option<String> {
        None
    }

    fn takes_books(&self, _: &str, _: &Nature, _: &Facts) -> Option<String> {
        None
    }

    /// The client knows the bodies itself.
    fn for_client(&self, _: &str, _: &Facts) -> Option<String> {
        None
    }

    fn ends_client_at_errors(&self) -> Option<&'static str> {
        Some(".bail on")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_shares_transactions() {
        let nature = |sql: &str| Sqlite.nature(sql, &Facts::default());
        let made = nature("CREATE TABLE IF NOT EXISTS [A] (id)");
        assert!(made.repeatable && !made.commits && !made.alone);
        assert_eq!(made.touches[0].name, "a");
        for sql in ["VACUUM", "PRAGMA foreign_keys = OFF", "ATTACH 'x' AS y"] {
            assert!(nature(sql).alone, "{sql}");
        }
        assert!(!nature("PRAGMA foreign_key_check").alone);
        assert_eq!(
            nature("INSERT OR IGNORE INTO t VALUES (1)").touches[0].name,
            "t"
        );
        assert_eq!(
            nature("PRAGMA user_version = 3").kind,
            StatementKind::Session
        );
        for (sql, plain) in [
            ("PRAGMA foreign_keys = OFF", true),
            ("PRAGMA main.foreign_keys(0)", true),
            ("PRAGMA foreign_key_check", true),
            ("PRAGMA user_version = 3", false),
            ("PRAGMA encoding = 'UTF-16'", false),
            ("ATTACH 'x' AS y", false),
        ] {
            assert_eq!(nature(sql).plain_setting, plain, "{sql}");
        }
    }
}
