//! What surrounds the steps of a plan in a session.

use realign_planner::{Envelope, Facts, Statement, Step};

use crate::facts::{FOREIGN_KEYS, LEGACY_ALTER_TABLE};

/// One transaction, and around it the settings that a table made anew needs.
///
/// With foreign keys enforced, dropping the old table would delete or refuse rows of other
/// tables; the setting can't be changed inside a transaction. With the new way of renaming,
/// views and triggers would follow the old table to its temporary name.
pub(crate) fn around(steps: &[Step], facts: &Facts) -> Envelope {
    let settings = steps
        .iter()
        .flat_map(|step| &step.statements)
        .any(|statement| needs_settings(&statement.sql));
    let mut opening = Vec::new();
    let mut back = Vec::new();
    if settings {
        opening.push(set(FOREIGN_KEYS, false));
        opening.push(set(LEGACY_ALTER_TABLE, true));
        back.push(set(
            LEGACY_ALTER_TABLE,
            facts.setting(LEGACY_ALTER_TABLE) == "1",
        ));
        back.push(set(FOREIGN_KEYS, facts.setting(FOREIGN_KEYS) != "0"));
    }
    opening.push(Statement::new("BEGIN IMMEDIATE"));
    let ending = |end: &str| {
        std::iter::once(Statement::new(end))
            .chain(back.iter().cloned())
            .collect()
    };
    Envelope {
        opening,
        closing: ending("COMMIT"),
        abort: ending("ROLLBACK"),
        atomic: true,
    }
}

fn needs_settings(sql: &str) -> bool {
    sql.starts_with("DROP TABLE ") || (sql.starts_with("ALTER TABLE ") && sql.contains(" RENAME "))
}

/// A setting of the session.
pub(crate) fn set(name: &str, on: bool) -> Statement {
    let value = if on { "ON" } else { "OFF" };
    Statement::new(format!("PRAGMA {name} = {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use realign_planner::Phase;

    fn step(sql: &str) -> Step {
        Step::new(Phase::Alter, "t", vec![Statement::new(sql)])
    }

    fn texts(statements: &[Statement]) -> Vec<&str> {
        statements.iter().map(|s| s.sql.as_str()).collect()
    }

    #[test]
    fn settings_come_back_as_they_were() {
        let mut facts = Facts::default();
        facts
            .settings
            .insert(FOREIGN_KEYS.to_owned(), "0".to_owned());
        let envelope = around(&[step("ALTER TABLE t RENAME TO x")], &facts);
        assert_eq!(
            texts(&envelope.opening),
            [
                "PRAGMA foreign_keys = OFF",
                "PRAGMA legacy_alter_table = ON",
                "BEGIN IMMEDIATE"
            ]
        );
        assert_eq!(
            texts(&envelope.closing),
            [
                "COMMIT",
                "PRAGMA legacy_alter_table = OFF",
                "PRAGMA foreign_keys = OFF"
            ]
        );
        assert_eq!(texts(&envelope.abort)[0], "ROLLBACK");
        assert!(envelope.atomic);
    }

    #[test]
    fn plain_steps_need_only_the_transaction() {
        let envelope = around(&[step("CREATE INDEX i ON t (a)")], &Facts::default());
        assert_eq!(texts(&envelope.opening), ["BEGIN IMMEDIATE"]);
        assert_eq!(texts(&envelope.closing), ["COMMIT"]);
    }
}
