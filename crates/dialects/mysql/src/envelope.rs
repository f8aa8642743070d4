//! What a session needs around generated statements.

use realign_model::{Column, DataType, Database};
use realign_planner::{Envelope, Facts, Statement, Step};

use crate::facts::is_mariadb;

/// Seconds that a statement waits for a table that others use.
pub(crate) const LOCK_WAIT_SECONDS: u32 = 10;

/// What every session is given before anything else, whatever the server or its `init_connect` sets:
/// the encoding of all that is said, and answers that are whole. A limit of rows would hide what a
/// migration has done already; without `autocommit` a renewed lease would not stand; a `COMMIT` that
/// goes on or hangs up, and updates that are refused for want of a key, are meant for other clients.
pub(crate) const SESSION: &str = "SET NAMES utf8mb4, SESSION autocommit = 1, \
    SESSION completion_type = 'NO_CHAIN', SESSION sql_select_limit = 18446744073709551615, \
    SESSION sql_big_selects = 1, SESSION sql_safe_updates = 0";

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

/// Modes by which a server refuses any change of a table that has a zero date in a default or a
/// row, whatever is changed. Strict modes refuse what is no date without them.
const ZERO_DATES: [&str; 2] = ["NO_ZERO_DATE", "NO_ZERO_IN_DATE"];

/// The modes of a server made fit for generated statements: strict, with the usual meaning of
/// quotes and backslashes, and with zero dates left alone. What else the server has on stays on.
pub(crate) fn strict_mode(current: &str) -> String {
    let mut modes: Vec<&str> = current
        .split(',')
        .map(str::trim)
        .filter(|mode| !mode.is_empty())
        .filter(|mode| !FOREIGN_MODES.contains(mode) && !ZERO_DATES.contains(mode))
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

/// The modes for a script with a zero date among its defaults: MySQL refuses those by default since
/// 5.7, MariaDB takes them.
pub(crate) fn script_opening(database: &Database, facts: &Facts) -> Vec<Statement> {
    let refuses = !is_mariadb(facts) && facts.version.at_least(5, 7, 0);
    let mut columns = database.tables.iter().flat_map(|table| &table.columns);
    if !refuses || !columns.any(has_zero_date) {
        return Vec::new();
    }
    let modes = strict_mode(facts.setting("sql_mode"));
    vec![Statement::new(format!("SET SESSION sql_mode = '{modes}'"))]
}

/// True for a default with a month or a day that is zero.
fn has_zero_date(column: &Column) -> bool {
    let is_moment = matches!(
        column.data_type,
        DataType::Date | DataType::DateTime { .. } | DataType::Timestamp { .. }
    );
    let default = column.default.as_ref();
    is_moment && default.is_some_and(|default| default.text.contains("-00"))
}

#[cfg(test)]
mod tests {
    use realign_model::{Expr, Ident, ObjectName, Table};

    use super::*;

    #[test]
    fn strict_keeps_the_servers_modes() {
        assert_eq!(
            strict_mode(
                "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO"
            ),
            "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,STRICT_ALL_TABLES"
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

    #[test]
    fn a_script_with_a_zero_date_says_in_which_modes_it_loads() {
        let column = |default: &str| {
            let data_type = DataType::DateTime { precision: None };
            let mut column = Column::new(Ident::new("seen"), data_type);
            column.default = Some(Expr::new(default));
            let mut table = Table::new(ObjectName::new(None, Ident::new("t")));
            table.columns.push(column);
            let mut database = Database::default();
            database.tables.push(table);
            database
        };
        let opening = |database: &Database, server: &str| {
            script_opening(database, &crate::facts::offline(server).unwrap()).len()
        };
        let (zero, usual) = (
            column("'0000-00-00 00:00:00'"),
            column("'2026-01-01 00:00:00'"),
        );
        assert_eq!(opening(&zero, "mysql-8.0"), 1);
        assert_eq!(opening(&zero, "mariadb-10.11"), 0);
        assert_eq!(opening(&usual, "mysql-8.0"), 0);
    }
}
