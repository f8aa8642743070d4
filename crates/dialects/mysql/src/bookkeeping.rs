//! Realign's own tables and sessions on MySQL and MariaDB.

use std::fmt::Write as _;
use std::time::Duration;

use realign_planner::{
    BookColumn, BookType, Bookkeeping, Facts, LOCK_TABLE, LockKind, ObjectKind, ObjectRef, Removal,
};

use crate::MySql;
use crate::envelope::LOCK_WAIT_SECONDS;
use crate::facts::is_mariadb;
use crate::render::quote_ident;

impl Bookkeeping for MySql {
    fn lock_kind(&self) -> LockKind {
        LockKind::Lease
    }

    fn text(&self, value: &str) -> String {
        let plain = value
            .bytes()
            .all(|b| (b' '..=b'~').contains(&b) && b != b'\'' && b != b'\\');
        if plain {
            return format!("'{value}'");
        }
        // Whether a backslash means itself hangs on the session's mode; digits mean the same
        // in all of them.
        let mut digits = String::with_capacity(value.len() * 2);
        for byte in value.bytes() {
            let _ = write!(digits, "{byte:02X}");
        }
        format!("CONVERT(X'{digits}' USING utf8mb4)")
    }

    fn limits_text(&self) -> bool {
        true
    }

    /// Realign's own tables are in utf8mb4, and a statement is taken as it is.
    fn encoding(&self, _: &Facts) -> Option<String> {
        None
    }

    fn joined(&self, first: &str, second: &str) -> String {
        format!("CONCAT({first}, {second})")
    }

    fn create_table(&self, name: &str, columns: &[BookColumn], key: &str, _: &Facts) -> String {
        let mut sql = format!("CREATE TABLE IF NOT EXISTS {name} (");
        for column in columns {
            let data_type = match column.data_type {
                BookType::Text(length) => format!("VARCHAR({length})"),
                BookType::Long => "LONGTEXT".to_owned(),
                BookType::Number => "BIGINT".to_owned(),
            };
            let null = if column.nullable { "NULL" } else { "NOT NULL" };
            let _ = write!(sql, "{} {data_type} {null}, ", column.name);
        }
        let _ = write!(
            sql,
            "PRIMARY KEY ({key})) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        );
        sql
    }

    /// A question for each: MariaDB looks for one name by itself, and for any of several in the
    /// names of all tables.
    fn tables_exist(&self, names: &[&str]) -> String {
        let count = |name: &&str| {
            format!(
                "(SELECT COUNT(*) FROM information_schema.tables \
                 WHERE table_schema = DATABASE() AND table_name = {})",
                self.text(name)
            )
        };
        let counts: Vec<String> = names.iter().map(count).collect();
        format!("SELECT {}", counts.join(", "))
    }

    fn insert_missing(&self, table: &str, columns: &[&str], values: &[String]) -> String {
        format!(
            "INSERT IGNORE INTO {table} ({}) VALUES ({})",
            columns.join(", "),
            values.join(", ")
        )
    }

    fn now_ms(&self) -> &'static str {
        // Of UTC, so that no hour comes twice.
        "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)"
    }

    fn begin(&self) -> &'static str {
        "START TRANSACTION"
    }

    /// A change of the row, and not only a lock on it: the nodes of a cluster compare what
    /// transactions have changed, and nothing else.
    fn fence(&self, token: i64) -> String {
        format!(
            "UPDATE {LOCK_TABLE} SET expires = expires + IF(expires MOD 2 = 0, 1, -1) \
             WHERE name = 'holder' AND token = {token} AND owner IS NOT NULL"
        )
    }

    /// The largest number there is and one more is refused in every mode.
    fn insisting_fence(&self, token: i64) -> Option<Vec<String>> {
        Some(vec![
            self.fence(token),
            "SET @realign_held = 18446744073709551615 + (1 - ROW_COUNT())".to_owned(),
        ])
    }

    /// A statement's warnings can be asked for only before the next one.
    fn transaction_clock(&self) -> Option<&'static str> {
        None
    }

    fn transactional_definitions(&self) -> bool {
        false
    }

    /// MySQL since its dictionary of 8.0, MariaDB since 10.6.
    fn atomic_definitions(&self, facts: &Facts) -> bool {
        if is_mariadb(facts) {
            facts.version.at_least(10, 6, 0)
        } else {
            facts.version.at_least(8, 0, 0)
        }
    }

    fn definition(&self, object: &ObjectRef, facts: &Facts) -> Vec<String> {
        let name = qualified(object);
        let what = match object.kind {
            ObjectKind::Table => "TABLE",
            ObjectKind::View => "VIEW",
            ObjectKind::Trigger => "TRIGGER",
            ObjectKind::Procedure => "PROCEDURE",
            ObjectKind::Function => "FUNCTION",
            ObjectKind::Event => "EVENT",
            ObjectKind::Schema => "DATABASE",
            ObjectKind::Sequence if is_mariadb(facts) => "SEQUENCE",
            ObjectKind::Sequence | ObjectKind::Index | ObjectKind::Type | ObjectKind::Extension => {
                return Vec::new();
            }
        };
        vec![format!("SHOW CREATE {what} {name}")]
    }

    fn plain_definition(&self, text: &str) -> String {
        const COUNTER: &str = " AUTO_INCREMENT=";
        // Only the table's options have it; a comment or a default stands in quotes before.
        let Some(options) = text.rfind("\n)") else {
            return text.to_owned();
        };
        let Some(at) = text[options..].find(COUNTER).map(|at| at + options) else {
            return text.to_owned();
        };
        let rest = text[at + COUNTER.len()..].trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{}{rest}", &text[..at])
    }

    fn leftover(&self, _: &ObjectRef) -> Option<String> {
        None
    }

    fn removal(&self, object: &ObjectRef) -> Option<Removal> {
        let what = match object.kind {
            ObjectKind::Table => "TABLE",
            ObjectKind::View => "VIEW",
            ObjectKind::Trigger => "TRIGGER",
            ObjectKind::Procedure => "PROCEDURE",
            ObjectKind::Function => "FUNCTION",
            ObjectKind::Event => "EVENT",
            ObjectKind::Sequence => "SEQUENCE",
            ObjectKind::Schema | ObjectKind::Index | ObjectKind::Type | ObjectKind::Extension => {
                return None;
            }
        };
        let name = qualified(object);
        Some(Removal {
            sql: format!("DROP {what} {name}"),
            holds: (object.kind == ObjectKind::Table)
                .then(|| format!("SELECT 1 FROM {name} LIMIT 1")),
            // The server's own file of the table is there, and the engine knows of none.
            hollow: &["1146", "1932"],
        })
    }

    fn unsafe_tables(&self, tables: &[ObjectRef]) -> Option<String> {
        if tables.is_empty() {
            return None;
        }
        let conditions: Vec<String> = tables
            .iter()
            .map(|table| {
                let schema = table
                    .schema
                    .as_ref()
                    .map_or_else(|| "DATABASE()".to_owned(), |schema| self.text(schema));
                format!(
                    "(table_schema = {schema} AND table_name = {})",
                    self.text(&table.name)
                )
            })
            .collect();
        Some(format!(
            "SELECT table_name, engine FROM information_schema.tables \
             WHERE ({}) AND table_type LIKE '%TABLE' \
             AND UPPER(engine) NOT IN ('INNODB', 'NDBCLUSTER', 'ROCKSDB', 'TOKUDB')",
            conditions.join(" OR ")
        ))
    }

    fn mark_session(&self, _: i64) -> Vec<String> {
        Vec::new()
    }

    fn mark_statement(&self, _: i64) -> String {
        String::new()
    }

    fn server_identity(&self, facts: &Facts) -> Option<String> {
        let status = if is_mariadb(facts) {
            "information_schema.global_status"
        } else {
            "performance_schema.global_status"
        };
        Some(format!(
            "SELECT CONCAT(@@hostname, ':', @@port), \
             {} DIV 1000 - CAST(variable_value AS SIGNED) \
             FROM {status} WHERE UPPER(variable_name) = 'UPTIME'",
            self.now_ms()
        ))
    }

    fn sessions_of(&self, _: i64, recorded: &[u64]) -> Option<String> {
        let ids: Vec<String> = recorded.iter().map(u64::to_string).collect();
        let ids = if ids.is_empty() {
            "0".to_owned()
        } else {
            ids.join(", ")
        };
        Some(format!(
            "SELECT id, CONCAT(command, ' ', COALESCE(info, '')) \
             FROM information_schema.processlist WHERE id IN ({ids}) \
             AND id <> CONNECTION_ID()"
        ))
    }

    fn end_session(&self, id: u64) -> String {
        format!("KILL {id}")
    }

    /// Without PROCESS an account sees its own sessions only; a number does not come twice while
    /// a server runs.
    fn end_unseen(&self, id: u64) -> Option<(String, &'static str)> {
        Some((self.end_session(id), "1095"))
    }

    fn cancel(&self, _: i64, id: u64) -> String {
        format!("KILL QUERY {id}")
    }

    /// MySQL has no limit of its own for a statement that writes: there the kernel cancels it.
    fn limits(
        &self,
        lock: Option<Duration>,
        statement: Option<Duration>,
        facts: &Facts,
    ) -> Vec<String> {
        let mut settings = Vec::new();
        if let Some(lock) = lock {
            let seconds = lock.as_secs().max(1);
            settings.push(format!("SET SESSION lock_wait_timeout = {seconds}"));
            settings.push(format!("SET SESSION innodb_lock_wait_timeout = {seconds}"));
        }
        if let Some(statement) = statement
            && is_mariadb(facts)
        {
            settings.push(format!(
                "SET SESSION max_statement_time = {:.3}",
                statement.as_secs_f64()
            ));
        }
        settings
    }

    fn idle_limit(&self, seconds: Option<u64>) -> Option<String> {
        let value = seconds.map_or_else(
            || "@@GLOBAL.wait_timeout".to_owned(),
            |seconds| seconds.to_string(),
        );
        Some(format!("SET SESSION wait_timeout = {value}"))
    }

    /// A `USE` of another database is refused before anything runs.
    fn own_names(&self, _: bool) -> &'static [&'static str] {
        &[]
    }

    fn needs_alone(&self, _: &str) -> bool {
        true
    }

    /// Not every dump puts back what it sets. Without `autocommit` the end of the run would not
    /// stand.
    fn settings_back(&self, facts: &Facts) -> Vec<String> {
        let mut settings = vec![
            "SET SESSION autocommit = 1, sql_mode = @@GLOBAL.sql_mode, foreign_key_checks = 1, \
             unique_checks = 1, sql_notes = 1, time_zone = @@GLOBAL.time_zone"
                .to_owned(),
            format!(
                "SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}, \
                 innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}"
            ),
            "SET NAMES utf8mb4".to_owned(),
        ];
        if is_mariadb(facts) {
            settings
                .push("SET SESSION max_statement_time = @@GLOBAL.max_statement_time".to_owned());
        }
        settings
    }

    fn utf8(&self) -> Option<&'static str> {
        Some("SET NAMES utf8mb4")
    }

    fn hand_written(&self) -> Vec<String> {
        vec!["SET SESSION sql_mode = @@GLOBAL.sql_mode".to_owned()]
    }

    fn weak_durability(&self) -> Option<&'static str> {
        Some(
            "SELECT 'innodb_flush_log_at_trx_commit' AS name, \
             CAST(@@innodb_flush_log_at_trx_commit AS CHAR) AS value \
             FROM DUAL WHERE @@innodb_flush_log_at_trx_commit <> 1 \
             UNION ALL SELECT 'innodb_doublewrite', CAST(@@innodb_doublewrite AS CHAR) \
             FROM DUAL WHERE CAST(@@innodb_doublewrite AS CHAR) IN ('0', 'OFF', 'DETECT_ONLY')",
        )
    }

    fn blockers(&self, _: &[ObjectRef]) -> Option<String> {
        Some(
            "SELECT p.id, CONCAT(p.user, '@', p.host, ', ', p.command, ' for ', p.time, ' s, ', \
             COALESCE(p.info, 'a transaction left open')) \
             FROM information_schema.innodb_trx t \
             JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id \
             WHERE p.id <> CONNECTION_ID() ORDER BY p.time DESC LIMIT 5"
                .to_owned(),
        )
    }
}

fn qualified(object: &ObjectRef) -> String {
    match &object.schema {
        Some(schema) => format!("{}.{}", quote_ident(schema), quote_ident(&object.name)),
        None => quote_ident(&object.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_means_the_same_in_every_mode() {
        let book: &dyn Bookkeeping = &MySql;
        assert_eq!(book.text("plain"), "'plain'");
        assert_eq!(book.text("it's"), "CONVERT(X'69742773' USING utf8mb4)");
        assert_eq!(book.text("a\\b"), "CONVERT(X'615C62' USING utf8mb4)");
    }

    #[test]
    fn the_counter_is_no_part_of_a_definition() {
        let book: &dyn Bookkeeping = &MySql;
        let with = "CREATE TABLE `t` (\n  `a` int COMMENT ' AUTO_INCREMENT=7'\n) ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT CHARSET=utf8mb4";
        assert_eq!(
            book.plain_definition(with),
            "CREATE TABLE `t` (\n  `a` int COMMENT ' AUTO_INCREMENT=7'\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
        );
        assert_eq!(book.plain_definition("no table"), "no table");
    }

    #[test]
    fn atomic_since() {
        let facts = |version: &str| crate::facts::offline(version).unwrap();
        let book: &dyn Bookkeeping = &MySql;
        assert!(!book.atomic_definitions(&facts("mysql-5.7")));
        assert!(book.atomic_definitions(&facts("mysql-8.0")));
        assert!(!book.atomic_definitions(&facts("mariadb-10.5")));
        assert!(book.atomic_definitions(&facts("mariadb-10.6")));
    }
}
