//! What a statement's text says about how it can be run on MySQL and MariaDB.

use realign_planner::Facts;
use realign_planner::script::{self, Lexeme, Nature, Rules, Script, Scripts, StatementKind};

use crate::MySql;
use crate::create::for_the_client;
use crate::split::Reading;

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
};

/// `LOAD INDEX INTO CACHE` changes no rows, `HANDLER` keeps something open in the session, and
/// `XA` has transactions of its own.
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
    if first.is("XA") {
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

    fn nature(&self, sql: &str, facts: &Facts) -> Nature {
        let lexemes = Reading::of(facts).lexemes(sql);
        let mut nature = script::nature(&lexemes, &RULES);
        nature.repeatable |= switches_keys(&lexemes);
        nature
    }

    fn for_client(&self, sql: &str, facts: &Facts) -> Option<String> {
        let lexemes = Reading::of(facts).lexemes(sql);
        let has_parts = lexemes.iter().any(|lexeme| lexeme.is_mark(";"));
        has_parts.then(|| for_the_client(sql)).flatten()
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
    use realign_planner::script::{Effect, ObjectKind, ObjectRef};

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
