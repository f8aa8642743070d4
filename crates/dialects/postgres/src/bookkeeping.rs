//! Realign's own tables and sessions on PostgreSQL.

use std::fmt::Write as _;
use std::time::Duration;

use realign_model::Ident;
use realign_planner::{
    BookColumn, BookType, Bookkeeping, Facts, LOCK_TABLE, LockKind, ObjectKind, ObjectRef, Removal,
};

use crate::Postgres;
use crate::render::{ident, quote_ident};

/// How long a statement waits for a lock that others hold, unless a migration says otherwise.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Settings of a session for generated statements: what a literal means. A pooler keeps these for
/// each of its clients; any other setting would stay in a session that the next client gets.
pub(crate) const SETTINGS: [&str; 3] = [
    "SET standard_conforming_strings = on",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
];

impl Bookkeeping for Postgres {
    fn lock_kind(&self) -> LockKind {
        LockKind::Lease
    }

    fn text(&self, value: &str) -> String {
        // The server takes no NUL in a text at all.
        let value = value.replace('\0', "").replace('\'', "''");
        if value.contains('\\') {
            format!("E'{}'", value.replace('\\', "\\\\"))
        } else {
            format!("'{value}'")
        }
    }

    fn limits_text(&self) -> bool {
        true
    }

    fn encoding(&self, facts: &Facts) -> Option<String> {
        let encoding = facts.setting("server_encoding");
        let takes_all = matches!(encoding, "" | "UTF8" | "SQL_ASCII");
        (!takes_all).then(|| encoding.to_owned())
    }

    fn joined(&self, first: &str, second: &str) -> String {
        format!("{first} || {second}")
    }

    fn create_table(&self, name: &str, columns: &[BookColumn], key: &str, _: &Facts) -> String {
        let mut sql = format!("CREATE TABLE IF NOT EXISTS {name} (");
        for column in columns {
            let data_type = match column.data_type {
                BookType::Text(length) => format!("VARCHAR({length})"),
                BookType::Long => "TEXT".to_owned(),
                BookType::Number => "BIGINT".to_owned(),
            };
            let null = if column.nullable { "NULL" } else { "NOT NULL" };
            let _ = write!(sql, "{} {data_type} {null}, ", column.name);
        }
        let _ = write!(sql, "PRIMARY KEY ({key}))");
        sql
    }

    fn tables_exist(&self, names: &[&str]) -> String {
        let is_there = |name: &&str| {
            // As it is named in every other statement: it may have a schema before it.
            let name = self.text(&ident(&Ident::new(*name)));
            format!("CASE WHEN to_regclass({name}) IS NULL THEN 0 ELSE 1 END")
        };
        let values: Vec<String> = names.iter().map(is_there).collect();
        format!("SELECT {}", values.join(", "))
    }

    /// To order rows, a session that has just begun first reads from the catalogue what orders
    /// them, which takes it longer than to send some thousand short rows.
    fn with_newest(&self, table: &str, columns: &[&str], _: &str) -> String {
        format!("SELECT {} FROM {table}", columns.join(", "))
    }

    fn insert_missing(&self, table: &str, columns: &[&str], values: &[String]) -> String {
        format!(
            "INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT DO NOTHING",
            columns.join(", "),
            values.join(", ")
        )
    }

    fn now_ms(&self) -> &'static str {
        "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint"
    }

    fn begin(&self) -> &'static str {
        "BEGIN"
    }

    fn fence(&self, token: i64) -> String {
        format!(
            "SELECT token FROM {LOCK_TABLE} \
             WHERE name = 'holder' AND token = {token} AND owner IS NOT NULL FOR SHARE"
        )
    }

    /// Without the row it divides by zero.
    fn insisting_fence(&self, token: i64) -> Option<Vec<String>> {
        Some(vec![format!(
            "SELECT 1 / COUNT(*) FROM ({}) held",
            self.fence(token)
        )])
    }

    fn transaction_clock(&self) -> Option<&'static str> {
        Some("(EXTRACT(EPOCH FROM clock_timestamp() - transaction_timestamp()) * 1000)::bigint")
    }

    fn transactional_definitions(&self) -> bool {
        true
    }

    fn atomic_definitions(&self, _: &Facts) -> bool {
        true
    }

    fn definition(&self, object: &ObjectRef, _: &Facts) -> Vec<String> {
        let name = self.text(&qualified(object));
        match object.kind {
            ObjectKind::Index => vec![format!(
                "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index \
                 WHERE indexrelid = to_regclass({name})"
            )],
            ObjectKind::Table | ObjectKind::View | ObjectKind::Sequence => vec![
                format!(
                    "SELECT attname, format_type(atttypid, atttypmod), attnotnull, atthasdef \
                     FROM pg_attribute WHERE attrelid = to_regclass({name}) \
                     AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
                ),
                format!(
                    "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index \
                     WHERE indrelid = to_regclass({name}) ORDER BY indexrelid"
                ),
                format!(
                    "SELECT pg_get_constraintdef(oid) FROM pg_constraint \
                     WHERE conrelid = to_regclass({name}) ORDER BY conname"
                ),
                format!(
                    "SELECT inhparent::regclass::text FROM pg_inherits \
                     WHERE inhrelid = to_regclass({name}) AND NOT inhdetachpending"
                ),
            ],
            ObjectKind::Type => vec![format!(
                "SELECT enumlabel FROM pg_enum WHERE enumtypid = to_regtype({name}) \
                 ORDER BY enumsortorder"
            )],
            ObjectKind::Schema => vec![
                format!(
                    "SELECT datname FROM pg_database WHERE datname = {}",
                    self.text(&object.name)
                ),
                format!(
                    "SELECT nspname FROM pg_namespace WHERE nspname = {}",
                    self.text(&object.name)
                ),
            ],
            ObjectKind::Extension => vec![format!(
                "SELECT extversion FROM pg_extension WHERE extname = {}",
                self.text(&object.name)
            )],
            ObjectKind::Trigger
            | ObjectKind::Procedure
            | ObjectKind::Function
            | ObjectKind::Event => Vec::new(),
        }
    }

    fn plain_definition(&self, text: &str) -> String {
        text.to_owned()
    }

    /// A CREATE INDEX CONCURRENTLY that did not come to its end leaves an INVALID index; a REINDEX
    /// leaves one beside the index, named after it as far as a name has room. Of a table or a
    /// schema what others build right now is left out: who builds one holds a lock on the table,
    /// who builds one anew on the index as well.
    fn leftover(&self, object: &ObjectRef) -> Option<String> {
        const BUILT: &str = "EXISTS (SELECT 1 FROM pg_locks l WHERE l.mode = 'ShareUpdateExclusiveLock' \
             AND l.locktype = 'relation' AND l.pid <> pg_backend_pid() AND l.database = \
             (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.relation";
        const TWIN: &str = "c.relname ~ '_cc(new|old)[0-9]*$'";
        let name = self.text(&qualified(object));
        let condition = match object.kind {
            ObjectKind::Index => format!(
                "(i.indexrelid = to_regclass({name}) OR (i.indrelid = \
                 (SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass({name})) \
                 AND substring(c.relname from '^(.*)_cc(?:new|old)[0-9]*$') \
                 IN ({plain}, left({plain}, greatest(50, length(c.relname) - 7)))))",
                plain = self.text(&object.name)
            ),
            // With its partitions and what each keeps of long values.
            ObjectKind::Table => format!(
                "i.indrelid IN (WITH RECURSIVE part(id) AS (SELECT to_regclass({name})::oid \
                 UNION SELECT h.inhrelid FROM pg_inherits h JOIN part ON h.inhparent = part.id \
                 JOIN pg_class p ON p.oid = part.id AND p.relkind = 'p') \
                 SELECT id FROM part UNION ALL \
                 SELECT t.reltoastrelid FROM pg_class t JOIN part ON t.oid = part.id) \
                 AND NOT {BUILT} = i.indexrelid) AND ({TWIN} OR NOT {BUILT} = i.indrelid))"
            ),
            ObjectKind::Schema => format!(
                "i.indrelid IN (SELECT t.oid FROM pg_class t JOIN pg_namespace n \
                 ON n.oid = t.relnamespace WHERE n.nspname = {plain} UNION ALL \
                 SELECT t.reltoastrelid FROM pg_class t JOIN pg_namespace n \
                 ON n.oid = t.relnamespace WHERE n.nspname = {plain}) \
                 AND {TWIN} AND NOT {BUILT} = i.indexrelid)",
                plain = self.text(&object.name)
            ),
            ObjectKind::View
            | ObjectKind::Trigger
            | ObjectKind::Procedure
            | ObjectKind::Function
            | ObjectKind::Event
            | ObjectKind::Sequence
            | ObjectKind::Type
            | ObjectKind::Extension => return None,
        };
        Some(format!(
            "SELECT 'DROP INDEX CONCURRENTLY IF EXISTS ' || i.indexrelid::regclass \
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
             WHERE {condition} AND NOT i.indisvalid AND c.relkind = 'i'"
        ))
    }

    fn removal(&self, object: &ObjectRef) -> Option<Removal> {
        let what = match object.kind {
            ObjectKind::Table => "TABLE",
            ObjectKind::View => "VIEW",
            ObjectKind::Index => "INDEX",
            ObjectKind::Sequence => "SEQUENCE",
            ObjectKind::Type => "TYPE",
            ObjectKind::Schema
            | ObjectKind::Extension
            | ObjectKind::Trigger
            | ObjectKind::Procedure
            | ObjectKind::Function
            | ObjectKind::Event => return None,
        };
        let name = qualified(object);
        Some(Removal {
            sql: format!("DROP {what} {name}"),
            holds: (object.kind == ObjectKind::Table)
                .then(|| format!("SELECT 1 FROM {name} LIMIT 1")),
            hollow: &[],
        })
    }

    fn unsafe_tables(&self, _: &[ObjectRef]) -> Option<String> {
        None
    }

    fn mark_session(&self, token: i64) -> Vec<String> {
        vec![format!("SET application_name = 'realign {token}'")]
    }

    /// A pooler may run the statement in a session that carries no mark.
    fn mark_statement(&self, token: i64) -> String {
        format!("/* realign {token} */ ")
    }

    fn server_identity(&self, _: &Facts) -> Option<String> {
        Some(
            "SELECT COALESCE(host(inet_server_addr()), 'local') || ':' || \
             current_setting('port'), EXTRACT(EPOCH FROM pg_postmaster_start_time())::bigint"
                .to_owned(),
        )
    }

    fn sessions_of(&self, token: i64, _: &[u64]) -> Option<String> {
        Some(format!(
            "SELECT pid, state || ' ' || query FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid() \
             AND (application_name = 'realign {token}' \
             OR (state <> 'idle' AND query LIKE '/* realign {token} */%'))"
        ))
    }

    fn end_session(&self, id: u64) -> String {
        format!("SELECT pg_terminate_backend({id})")
    }

    /// Every account sees which sessions there are, and their marks.
    fn end_unseen(&self, _: u64) -> Option<(String, &'static str)> {
        None
    }

    /// By its mark: behind a pooler the server's process of that number may be at work for
    /// somebody else.
    fn cancel(&self, token: i64, _: u64) -> String {
        format!(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' \
             AND (application_name = 'realign {token}' OR query LIKE '/* realign {token} */%')"
        )
    }

    /// Settings of the transaction, since behind a pooler the session belongs to others too.
    fn limits(
        &self,
        lock: Option<Duration>,
        statement: Option<Duration>,
        _: &Facts,
    ) -> Vec<String> {
        let lock = lock.unwrap_or(LOCK_TIMEOUT);
        let mut settings = vec![format!("SET LOCAL lock_timeout = {}", lock.as_millis())];
        if let Some(statement) = statement {
            settings.push(format!(
                "SET LOCAL statement_timeout = {}",
                statement.as_millis()
            ));
        }
        settings
    }

    fn idle_limit(&self, _: Option<u64>) -> Option<String> {
        None
    }

    /// A dump empties the path, and means all its names in full. What is to belong to another role
    /// is made as that role.
    fn own_names(&self, for_good: bool) -> &'static [&'static str] {
        if for_good {
            &["RESET search_path", "RESET SESSION AUTHORIZATION"]
        } else {
            &[
                "SET LOCAL search_path TO DEFAULT",
                "SET LOCAL SESSION AUTHORIZATION DEFAULT",
            ]
        }
    }

    /// Behind a pooler nothing holds outside of a transaction but for all of its clients.
    fn needs_alone(&self, setting: &str) -> bool {
        let empties = setting.contains("search_path") && setting.contains("''");
        !empties
    }

    fn settings_back(&self, _: &Facts) -> Vec<String> {
        let all = ["RESET SESSION AUTHORIZATION", "RESET ALL"];
        let own = all.iter().chain(&SETTINGS);
        own.map(|setting| (*setting).to_owned()).collect()
    }

    fn utf8(&self) -> Option<&'static str> {
        Some("SET client_encoding = 'UTF8'")
    }

    fn hand_written(&self) -> Vec<String> {
        Vec::new()
    }

    fn weak_durability(&self) -> Option<&'static str> {
        Some(
            "SELECT name, setting FROM pg_settings \
             WHERE (name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off') \
             ORDER BY name",
        )
    }

    fn blockers(&self, objects: &[ObjectRef]) -> Option<String> {
        let relations: Vec<String> = objects
            .iter()
            .filter(|object| {
                matches!(
                    object.kind,
                    ObjectKind::Table | ObjectKind::View | ObjectKind::Index
                )
            })
            .map(|object| format!("to_regclass({})", self.text(&qualified(object))))
            .collect();
        if relations.is_empty() {
            return None;
        }
        Some(format!(
            "SELECT DISTINCT a.pid, COALESCE(a.usename, '') || ', ' || COALESCE(a.state, '') || \
             ' since ' || COALESCE(date_trunc('second', a.state_change)::text, '') || ', ' || \
             a.query FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
             WHERE l.granted AND a.pid <> pg_backend_pid() AND l.relation IN ({}) LIMIT 5",
            relations.join(", ")
        ))
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
    fn text_means_the_same_in_every_session() {
        let book: &dyn Bookkeeping = &Postgres;
        assert_eq!(book.text("it's"), "'it''s'");
        assert_eq!(book.text("a\\'b"), "E'a\\\\''b'");
        assert_eq!(book.text("a\0b"), "'ab'");
    }
}
