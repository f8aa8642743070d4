//! Settings of the server that matter: a list of questions, a row each.

use realign::planner::{Facts, Value};
use realign::runtime::Connection;

use super::{Report, State};

/// What an answer means: nothing to say, or a finding with its mend.
type Verdict = Option<(State, String, &'static str)>;

/// One question to the server.
struct Question {
    /// The vendors that are asked.
    vendors: &'static [&'static str],
    /// What it is about, for the line of all that is fine.
    name: &'static str,
    /// A query whose first value is the answer; a server that refuses it has no such setting.
    sql: &'static str,
    /// What the answer means.
    judge: fn(&str) -> Verdict,
}

const SERVERS: &[&str] = &["mysql", "mariadb"];
const POSTGRES: &[&str] = &["postgresql"];
const FILES: &[&str] = &["sqlite"];

const QUESTIONS: &[Question] = &[
    Question {
        vendors: SERVERS,
        name: "sql_mode",
        sql: "SELECT @@GLOBAL.sql_mode",
        judge: |modes| {
            let strict = ["STRICT_ALL_TABLES", "STRICT_TRANS_TABLES", "TRADITIONAL"];
            if strict.iter().any(|mode| modes.contains(mode)) {
                return None;
            }
            Some((
                State::Note,
                "sql_mode is not strict: the application's own statements, migrations and repeatable scripts may cut values unseen; statements that realign generates are strict by themselves".to_owned(),
                "SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',STRICT_TRANS_TABLES'), and in my.cnf; test the application first",
            ))
        },
    },
    Question {
        vendors: SERVERS,
        name: "lower_case_table_names",
        sql: "SELECT @@lower_case_table_names",
        judge: |value| match value {
            "0" => None,
            other => Some((
                State::Note,
                format!(
                    "lower_case_table_names is {other}: table names are compared without their case"
                ),
                "nothing to do, unless the database moves to a server where it is 0",
            )),
        },
    },
    Question {
        vendors: SERVERS,
        name: "innodb_flush_log_at_trx_commit",
        sql: "SELECT @@innodb_flush_log_at_trx_commit",
        judge: |value| match value {
            "1" => None,
            other => Some((
                State::Note,
                format!(
                    "innodb_flush_log_at_trx_commit is {other}: a crash of the machine can lose the last second, a step that was reported done included"
                ),
                "SET GLOBAL innodb_flush_log_at_trx_commit = 1, at least during an upgrade",
            )),
        },
    },
    Question {
        vendors: SERVERS,
        name: "innodb_doublewrite",
        sql: "SELECT CAST(@@innodb_doublewrite AS CHAR)",
        judge: |value| match value {
            "0" | "OFF" | "DETECT_ONLY" => Some((
                State::Note,
                format!(
                    "innodb_doublewrite is {value}: a crash of the machine can leave half-written pages, which no journal mends"
                ),
                "innodb_doublewrite = ON in my.cnf, then restart the server",
            )),
            _ => None,
        },
    },
    Question {
        vendors: SERVERS,
        name: "sync_binlog",
        sql: "SELECT IF(@@log_bin = 1 AND @@sync_binlog <> 1, @@sync_binlog, 'fine')",
        judge: |value| match value {
            "fine" => None,
            other => Some((
                State::Note,
                format!("sync_binlog is {other}: after a crash of the machine replicas may differ"),
                "SET GLOBAL sync_binlog = 1, at least during an upgrade",
            )),
        },
    },
    Question {
        vendors: SERVERS,
        name: "read_only",
        sql: "SELECT @@read_only",
        judge: |value| match value {
            "0" | "OFF" => None,
            _ => Some((
                State::Note,
                "the server is read-only: it is a replica, or was set so".to_owned(),
                "name the primary in the URL to apply changes; validate works here as well",
            )),
        },
    },
    Question {
        vendors: POSTGRES,
        name: "fsync",
        sql: "SELECT current_setting('fsync')",
        judge: |value| match value {
            "on" => None,
            _ => Some((
                State::Note,
                "fsync is off: a crash of the machine can damage every database of this server"
                    .to_owned(),
                "fsync = on in postgresql.conf, then SELECT pg_reload_conf()",
            )),
        },
    },
    Question {
        vendors: POSTGRES,
        name: "full_page_writes",
        sql: "SELECT current_setting('full_page_writes')",
        judge: |value| match value {
            "on" => None,
            _ => Some((
                State::Note,
                "full_page_writes is off: a crash of the machine can leave half-written pages"
                    .to_owned(),
                "full_page_writes = on in postgresql.conf, then SELECT pg_reload_conf()",
            )),
        },
    },
    Question {
        vendors: POSTGRES,
        name: "synchronous_commit",
        sql: "SELECT current_setting('synchronous_commit')",
        judge: |value| {
            match value {
            "off" => Some((
                State::Note,
                "synchronous_commit is off: a crash can lose the last commits, a step that was reported done included".to_owned(),
                "ALTER DATABASE … SET synchronous_commit = on, at least during an upgrade",
            )),
            _ => None,
        }
        },
    },
    Question {
        vendors: POSTGRES,
        name: "writable",
        sql: "SELECT (pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on')::int",
        judge: |value| match value {
            "0" => None,
            _ => Some((
                State::Note,
                "the server is read-only: it is a replica, or was set so".to_owned(),
                "name the primary in the URL to apply changes; validate works here as well",
            )),
        },
    },
    Question {
        vendors: POSTGRES,
        name: "encoding",
        sql: "SELECT current_setting('server_encoding')",
        judge: |value| match value {
            "UTF8" => None,
            other => Some((
                State::Note,
                format!("the database's encoding is {other}: it can't hold every text"),
                "a database can't change it: dump, and restore into one made WITH ENCODING 'UTF8'",
            )),
        },
    },
    Question {
        vendors: FILES,
        name: "integrity",
        sql: "PRAGMA quick_check(1)",
        judge: |value| match value {
            "ok" => None,
            other => Some((
                State::Failed,
                format!("the file is damaged: {other}"),
                "restore a backup, or: sqlite3 FILE .recover | sqlite3 NEW",
            )),
        },
    },
    Question {
        vendors: FILES,
        name: "foreign keys hold",
        sql: "SELECT COUNT(*) FROM pragma_foreign_key_check",
        judge: |value| match value {
            "0" => None,
            many => Some((
                State::Failed,
                format!("{many} rows refer to rows that are not there"),
                "PRAGMA foreign_key_check lists them; mend or delete them before an update",
            )),
        },
    },
    Question {
        vendors: FILES,
        name: "journal",
        sql: "PRAGMA journal_mode",
        judge: |value| match value {
            "off" | "memory" => Some((
                State::Note,
                format!("journal_mode is {value}: a crash in a statement can damage the file"),
                "PRAGMA journal_mode = wal",
            )),
            _ => None,
        },
    },
];

pub(super) fn check(
    connection: &mut Connection,
    facts: &Facts,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut fine = Vec::new();
    for question in QUESTIONS {
        if !question.vendors.contains(&facts.vendor.as_str()) {
            continue;
        }
        // A refusal: this server has no such setting, or this account may not see it.
        let Ok(answer) = connection.run(question.sql)? else {
            continue;
        };
        let value = answer
            .rows
            .rows
            .first()
            .and_then(|row| row.first())
            .map(Value::display)
            .unwrap_or_default();
        match (question.judge)(&value) {
            None => fine.push(question.name),
            Some((state, text, mend)) => {
                report.say("settings", state, text, Some(mend.to_owned()))?;
            }
        }
    }
    if !fine.is_empty() {
        report.fine("settings", fine.join(", "))?;
    }
    Ok(())
}
