//! What a session needs around generated statements.

use realign_planner::{Envelope, Facts, Statement, Step};

/// Seconds that a statement waits for a table that others use.
const LOCK_WAIT_SECONDS: u32 = 10;

/// Modes that change what generated SQL means: quoting, escaping and grammar. The
/// combinations would switch the single ones on again.
const FOREIGN_MODES: [&str; 9] = [
    "ANSI_QUOTES",
    "NO_BACKSLASH_ESCAPES",
    "ANSI",
    "DB2",
    "MAXDB",
    "MSSQL",
    "ORACLE",
    "POSTGRESQL",
    "EMPTY_STRING_IS_NULL",
];

/// The modes of a server made fit for generated statements: strict, and with the usual
/// meaning of quotes and backslashes. What else the server has on stays on.
pub(crate) fn strict_mode(current: &str) -> String {
    let mut modes: Vec<&str> = current
        .split(',')
        .map(str::trim)
        .filter(|mode| !mode.is_empty() && !FOREIGN_MODES.contains(mode))
        .collect();
    if !modes.contains(&"STRICT_ALL_TABLES") {
        modes.push("STRICT_ALL_TABLES");
    }
    modes.join(",")
}

/// The settings of a session for generated statements, given the server's modes.
pub(crate) fn session_statements(current_modes: &str) -> [String; 4] {
    [
        format!("SET SESSION sql_mode = '{}'", strict_mode(current_modes)),
        format!("SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}"),
        format!("SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}"),
        "SET SESSION foreign_key_checks = 1".to_owned(),
    ]
}

/// The statements around these steps. Definition statements commit by themselves here,
/// so nothing could be taken back as a whole.
pub(crate) fn envelope(steps: &[Step], facts: &Facts) -> Envelope {
    if steps.is_empty() {
        return Envelope::default();
    }
    let modes = facts
        .settings
        .get("sql_mode")
        .map_or("NO_ENGINE_SUBSTITUTION", String::as_str);
    let mut opening = vec![Statement::new("SET NAMES utf8mb4")];
    opening.extend(session_statements(modes).into_iter().map(Statement::new));
    Envelope {
        opening,
        ..Envelope::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_keeps_the_servers_modes() {
        assert_eq!(
            strict_mode("STRICT_TRANS_TABLES,NO_ZERO_DATE"),
            "STRICT_TRANS_TABLES,NO_ZERO_DATE,STRICT_ALL_TABLES"
        );
        assert_eq!(strict_mode(""), "STRICT_ALL_TABLES");
    }

    #[test]
    fn strict_takes_away_what_changes_the_meaning_of_literals() {
        assert_eq!(
            strict_mode(
                "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ANSI,NO_BACKSLASH_ESCAPES"
            ),
            "REAL_AS_FLOAT,PIPES_AS_CONCAT,IGNORE_SPACE,STRICT_ALL_TABLES"
        );
    }

    #[test]
    fn nothing_to_do_needs_no_session() {
        assert_eq!(envelope(&[], &Facts::default()), Envelope::default());
    }
}
