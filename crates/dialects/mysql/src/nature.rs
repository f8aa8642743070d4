//! What a statement's text says about how it can be run on MySQL and MariaDB.

use realign_planner::script::{
    self, LexKind, Lexeme, Line, Nature, ObjectKind, ObjectRef, Rules, Script, Scripts, Setting,
    StatementKind,
};
use realign_planner::{Compare as _, Facts, NameKind};

use crate::MySql;
use crate::compare::COMPARE;
use crate::create::for_the_client;
use crate::split::Reading;
use crate::split::bodies::COMPOUND;

static RULES: Rules = Rules {
    definitions_commit: true,
    indexes_are_objects: false,
    calls_commit: true,
    truncate_defines: true,
    fold: |name, _| name.to_owned(),
    maintenance: &[
        "ANALYZE",
        "OPTIMIZE",
        "REPAIR",
        "CHECK",
        "FLUSH",
        "CACHE",
        "INSTALL",
        "UNINSTALL",
        "PURGE",
        "STOP",
        "CHANGE",
    ],
    own,
    alone: |_| false,
    plain_setting,
};

/// Settings that change nothing of what a definition makes, and those that are followed.
const PLAIN: [&str; 17] = [
    "character set",
    "character_set_client",
    "character_set_connection",
    "character_set_results",
    "collation_connection",
    "foreign_key_checks",
    "innodb_lock_wait_timeout",
    "lock_wait_timeout",
    "max_execution_time",
    "max_statement_time",
    "names",
    "net_read_timeout",
    "net_write_timeout",
    "sql_notes",
    "sql_safe_updates",
    "sql_warnings",
    "unique_checks",
];

fn plain_setting(setting: &Setting<'_>) -> bool {
    let name = setting.name.as_str();
    name.starts_with('@')
        || PLAIN.contains(&name)
        || (name == crate::settings::MODE && setting.value.iter().all(is_usual_mode))
}

/// False for what is computed, and for a mode that gives a type another meaning.
fn is_usual_mode(lexeme: &Lexeme<'_>) -> bool {
    let usual = |mode: &str| {
        let mode = mode.trim().to_ascii_uppercase();
        mode != "REAL_AS_FLOAT" && !crate::settings::COMBINED.contains(&mode.as_str())
    };
    match lexeme.kind {
        LexKind::Text => lexeme.text.split(',').all(usual),
        LexKind::Word | LexKind::Name => usual(&lexeme.text),
        LexKind::Mark => !lexeme.is_mark("("),
        LexKind::Number | LexKind::Blank | LexKind::Comment | LexKind::Bracket => true,
    }
}

/// `LOAD INDEX INTO CACHE` changes no rows, `HANDLER` keeps something open in the session, `XA` has
/// transactions of its own, and so may a compound statement.
fn own(lexemes: &[Lexeme<'_>]) -> Option<Nature> {
    let first = lexemes.first()?;
    let second = |word: &str| lexemes.get(1).is_some_and(|lexeme| lexeme.is(word));
    if first.is("LOAD") && second("INDEX") {
        return Some(Nature {
            commits: true,
            repeatable: true,
            ..Nature::of(StatementKind::Other)
        });
    }
    if first.is("HANDLER") {
        return Some(Nature::of(StatementKind::Session));
    }
    if first.is("XA") || first.is_one_of(&COMPOUND) {
        return Some(Nature {
            alone: true,
            ..Nature::of(StatementKind::Other)
        });
    }
    None
}

impl Scripts for MySql {
    fn split(&self, script: &str, facts: &Facts) -> Script {
        script::split(script, &Reading::of(facts))
    }

    fn lines(
        &self,
        script: &str,
        facts: &Facts,
        ask: &mut dyn FnMut(usize) -> Line,
    ) -> Option<usize> {
        script::lines(script, &Reading::of(facts), ask)
    }

    fn nature(&self, sql: &str, facts: &Facts) -> Nature {
        let lexemes = Reading::of(facts).lexemes(sql);
        let mut nature = script::nature(&lexemes, &RULES);
        nature.repeatable |= switches_keys(&lexemes);
        nature
    }

    fn leaves_for(&self, sql: &str, facts: &Facts) -> Option<String> {
        let lexemes = Reading::of(facts).lexemes(sql);
        let [first, database, ..] = lexemes.as_slice() else {
            return None;
        };
        let (here, there) = (facts.setting("current_database"), database.name()?);
        let folded = |name: &str| COMPARE.fold(NameKind::Table, name, facts);
        let leaves = first.is("USE") && !here.is_empty() && folded(there) != folded(here);
        leaves.then(|| there.to_owned())
    }

    fn takes_books(&self, sql: &str, nature: &Nature, facts: &Facts) -> Option<String> {
        let home = facts.setting("current_database");
        let folded = |name: &str| COMPARE.fold(NameKind::Table, name, facts);
        let is_home = |object: &ObjectRef| {
            object.kind == ObjectKind::Schema && folded(&object.name) == folded(home)
        };
        if !nature.touches.iter().any(is_home) {
            return None;
        }
        let lexemes = Reading::of(facts).lexemes(sql);
        let [first, second, ..] = lexemes.as_slice() else {
            return None;
        };
        let goes = first.is("DROP") || (first.is("CREATE") && second.is("OR"));
        goes.then(|| format!("the database {home}"))
    }

    fn for_client(&self, sql: &str, facts: &Facts) -> Option<String> {
        let lexemes = Reading::of(facts).lexemes(sql);
        let has_parts = lexemes.iter().any(|lexeme| lexeme.is_mark(";"));
        has_parts.then(|| for_the_client(sql)).flatten()
    }

    fn ends_client_at_errors(&self) -> Option<&'static str> {
        None
    }
}

/// `ALTER TABLE t DISABLE KEYS`, and nothing else.
fn switches_keys(lexemes: &[Lexeme<'_>]) -> bool {
    let [first, .., switch, keys] = lexemes else {
        return false;
    };
    first.is("ALTER")
        && switch.is_one_of(&["DISABLE", "ENABLE"])
        && keys.is("KEYS")
        && !lexemes.iter().any(|lexeme| lexeme.is_mark(","))
}

#[cfg(test)]
mod tests {
    use realign_planner::script::Effect;

    use super::*;

    fn nature(sql: &str) -> Nature {
        let facts = crate::facts::offline("mariadb-10.11").unwrap();
        MySql.nature(sql, &facts)
    }

    fn table(name: &str) -> ObjectRef {
        ObjectRef {
            kind: ObjectKind::Table,
            schema: None,
            name: name.to_owned(),
        }
    }

    #[test]
    fn definitions_commit_and_say_what_they_touch() {
        let made = nature("/*!50003 CREATE */ TABLE `a b` (id INT)");
        assert!(made.commits && made.kind == StatementKind::Definition);
        assert_eq!(made.touches, [table("a b")]);
        assert_eq!(made.effects, [Effect::Object(table("a b"), true)]);
        assert!(made.quick && nature("CREATE TABLE t LIKE u").quick);
        assert!(!nature("CREATE TABLE t (a INT) SELECT 1 AS a").quick);
        assert!(!nature("CREATE TABLE t TABLE u").quick);
        let changed = nature("ALTER TABLE t ADD COLUMN a INT, DROP b, MODIFY c INT");
        assert_eq!(changed.effects, []);
        assert_eq!(changed.touches, [table("t")]);
        let told = nature("ALTER TABLE t ADD a DECIMAL(5, 2), DROP INDEX i");
        assert_eq!(told.effects.len(), 2);
        let index = nature("CREATE UNIQUE INDEX i ON d.t (a)");
        assert_eq!(index.touches[0].schema.as_deref(), Some("d"));
        let renamed = nature("RENAME TABLE a TO b, b TO c");
        assert_eq!(
            renamed.effects,
            [
                Effect::Object(table("a"), false),
                Effect::Object(table("b"), false),
                Effect::Object(table("c"), true)
            ]
        );
        assert!(nature("CREATE OR REPLACE VIEW v AS SELECT 1").repeatable);
        assert!(nature("DROP TABLE IF EXISTS a, b").repeatable);
        assert!(nature("/*!40000 ALTER TABLE `t` DISABLE KEYS */").repeatable);
        assert!(!nature("ALTER TABLE t ADD a INT, DISABLE KEYS").repeatable);
        let definer =
            nature("CREATE DEFINER=root@localhost SQL SECURITY INVOKER VIEW v AS SELECT 1");
        assert_eq!(definer.touches[0].kind, ObjectKind::View);
    }

    #[test]
    fn the_database_of_the_books_stays() {
        let mut facts = crate::facts::offline("mariadb-10.11").unwrap();
        let home = ("current_database".to_owned(), "app".to_owned());
        facts.settings.extend([home]);
        let takes = |sql: &str| {
            let nature = MySql.nature(sql, &facts);
            MySql.takes_books(sql, &nature, &facts).is_some()
        };
        for sql in [
            "/*!40000 DROP DATABASE IF EXISTS `app`*/",
            "DROP SCHEMA app",
            "CREATE OR REPLACE DATABASE app",
        ] {
            assert!(takes(sql), "{sql}");
        }
        for sql in [
            "USE `app`",
            "DROP DATABASE other",
            "CREATE DATABASE IF NOT EXISTS app",
            "DROP TABLE app",
            "ALTER DATABASE app CHARACTER SET utf8mb4",
        ] {
            assert!(!takes(sql), "{sql}");
        }
    }

    #[test]
    fn a_body_has_delimiters_of_its_own_for_the_client() {
        let facts = crate::facts::offline("mariadb-10.11").unwrap();
        let lines = |sql: &str| MySql.for_client(sql, &facts);
        assert_eq!(lines("INSERT INTO t VALUES (';') /* ; */"), None);
        assert_eq!(
            lines("CREATE PROCEDURE p() BEGIN SELECT ';;'; END").as_deref(),
            Some("DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT ';;'; END\n$$\nDELIMITER ;")
        );
    }

    #[test]
    fn rows_are_told_from_definitions() {
        for (sql, tables) in [
            ("INSERT INTO t (a) VALUES (1)", vec!["t"]),
            ("INSERT IGNORE t SET a = 1", vec!["t"]),
            ("REPLACE INTO t SELECT * FROM u", vec!["t"]),
            ("UPDATE a JOIN b ON a.x = b.x SET a.y = 1", vec!["a", "b"]),
            (
                "DELETE a FROM a JOIN b ON a.x = b.x WHERE 1",
                vec!["a", "b"],
            ),
            ("WITH q AS (SELECT 1) UPDATE t SET a = 1", vec!["t"]),
            ("LOAD DATA INFILE 'f' INTO TABLE t", vec!["t"]),
        ] {
            let nature = nature(sql);
            assert_eq!(nature.kind, StatementKind::Data, "{sql}");
            assert!(!nature.commits && !nature.alone, "{sql}");
            let names: Vec<&str> = nature.touches.iter().map(|t| t.name.as_str()).collect();
            assert_eq!(names, tables, "{sql}");
        }
        assert!(nature("TRUNCATE t").commits);
    }

    #[test]
    fn settings_are_known_or_not() {
        for sql in [
            "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
            "SET FOREIGN_KEY_CHECKS = 0, @@session.unique_checks := 0",
            "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
            "SET SESSION sql_mode = @old_sql_mode",
            "SET CHARACTER SET utf8mb4",
            "SET @a = (SELECT 1, 2)",
        ] {
            assert!(nature(sql).plain_setting, "{sql}");
        }
        for sql in [
            "SET default_storage_engine = MyISAM",
            "SET sql_mode = CONCAT(@@sql_mode, ',ANSI')",
            "SET sql_mode = 'STRICT_ALL_TABLES,REAL_AS_FLOAT'",
            "SET foreign_key_checks = 0, GLOBAL innodb_strict_mode = 0",
            "SET foreign_key_checks = 0, default_tmp_storage_engine = MyISAM",
            "SET TRANSACTION READ ONLY",
            "USE other",
            "SELECT 1 INTO @a",
            "CREATE TEMPORARY TABLE x (a INT)",
            "CREATE TABLE x (a INT)",
        ] {
            assert!(!nature(sql).plain_setting, "{sql}");
        }
    }

    #[test]
    fn another_database_is_told_from_the_own_one() {
        let mut facts = crate::facts::offline("mariadb-10.11").unwrap();
        let leaves = |sql: &str, facts: &Facts| MySql.leaves_for(sql, facts);
        assert_eq!(leaves("USE other", &facts), None);
        let mut set = |name: &str, value: &str| {
            facts.settings.insert(name.to_owned(), value.to_owned());
            facts.clone()
        };
        let facts = set("current_database", "app");
        assert_eq!(leaves("use `other`", &facts).as_deref(), Some("other"));
        assert_eq!(
            leaves("/*!40000 USE other */", &facts).as_deref(),
            Some("other")
        );
        assert_eq!(leaves("USE app", &facts), None);
        assert_eq!(leaves("USE APP", &facts).as_deref(), Some("APP"));
        assert_eq!(leaves("UPDATE other SET a = 1", &facts), None);
        let facts = set("lower_case_table_names", "1");
        assert_eq!(leaves("USE APP", &facts), None);
    }

    #[test]
    fn the_rest_is_what_it_is() {
        for (sql, kind) in [
            ("SELECT 1 FROM t FOR UPDATE", StatementKind::Query),
            ("(SELECT 1) UNION (SELECT 2)", StatementKind::Query),
            ("SELECT 1 INTO @a", StatementKind::Session),
            ("SET NAMES utf8", StatementKind::Session),
            ("SET GLOBAL x = 1", StatementKind::Other),
            ("START TRANSACTION", StatementKind::Transaction),
            ("CREATE TEMPORARY TABLE x (a INT)", StatementKind::Session),
            ("CALL p()", StatementKind::Other),
            ("GRANT SELECT ON a.* TO b", StatementKind::Other),
        ] {
            assert_eq!(nature(sql).kind, kind, "{sql}");
        }
        assert!(nature("CALL p()").alone);
        assert!(nature("GRANT SELECT ON a.* TO b").commits);
        assert!(!nature("CREATE TEMPORARY TABLE x (a INT)").commits);
    }
}
