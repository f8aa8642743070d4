//! Realign's own table of migrations: the history itself, or what a history of Doctrine's can't
//! hold.

use std::collections::{BTreeMap, BTreeSet};

use realign_planner::migration::{Executed, Version};
use realign_planner::{BookColumn, BookType, Rows, Value};
use serde::{Deserialize, Serialize};

use super::Record;
use crate::kernel::{Site, Took};
use crate::{Connection, Error};

/// Its columns.
const COLUMNS: [BookColumn; 10] = [
    BookColumn::new("version", BookType::Text(191)),
    BookColumn::new("outcome", BookType::Text(16)),
    BookColumn::nullable("executed_at", BookType::Text(19)),
    BookColumn::nullable("milliseconds", BookType::Number),
    BookColumn::nullable("checksum", BookType::Text(64)),
    BookColumn::nullable("who", BookType::Text(191)),
    BookColumn::nullable("host", BookType::Text(191)),
    BookColumn::nullable("note", BookType::Long),
    BookColumn::nullable("up_sql", BookType::Long),
    BookColumn::nullable("down_sql", BookType::Long),
];

/// How a migration came into the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MigrationOutcome {
    /// Its statements ran.
    Executed,
    /// A check of its own said that it is not needed.
    Skipped,
    /// Everything it would make was there already.
    Included,
    /// A person said that the database has it.
    Baselined,
    /// A re-runnable script ran.
    Repeatable,
}

impl MigrationOutcome {
    const ALL: [Self; 5] = [
        Self::Executed,
        Self::Skipped,
        Self::Included,
        Self::Baselined,
        Self::Repeatable,
    ];

    /// Its word in the table and in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Skipped => "skipped",
            Self::Included => "included",
            Self::Baselined => "baselined",
            Self::Repeatable => "repeatable",
        }
    }
}

/// A row, without its SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// How it came into the history.
    pub outcome: MigrationOutcome,
    /// When, UTC.
    pub at: Option<String>,
    /// How long it took.
    pub milliseconds: Option<i64>,
    /// The checksum of its file.
    pub checksum: Option<String>,
    /// Who ran it.
    pub who: Option<String>,
    /// Where.
    pub host: Option<String>,
    /// Why it was skipped.
    pub note: Option<String>,
}

/// The SQL that was recorded of a migration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecordedSql {
    /// What ran.
    pub up: Option<String>,
    /// The way back.
    pub down: Option<String>,
}

/// The columns that tell it from any other table.
const OWN: [&str; 3] = ["version", "outcome", "checksum"];

/// True when these are the names of its columns.
pub(super) fn is_own(columns: &[String]) -> bool {
    OWN.iter()
        .all(|name| columns.iter().any(|c| c.eq_ignore_ascii_case(name)))
}

/// The statement that makes it.
pub(super) fn create(site: &Site, name: &str) -> String {
    site.book()
        .create_table(&site.quote(name), &COLUMNS, "version", &site.facts)
}

/// Its rows.
pub(super) fn read(
    connection: &mut Connection,
    site: &Site,
    name: &str,
) -> Result<BTreeMap<String, Detail>, Error> {
    let rows = connection.query(&format!(
        "SELECT version, outcome, executed_at, milliseconds, checksum, who, host, note FROM {}",
        site.quote(name)
    ))?;
    Ok(rows.rows.iter().filter_map(|row| understood(row)).collect())
}

fn understood(row: &[Value]) -> Option<(String, Detail)> {
    let text = |at: usize| row.get(at).and_then(Value::as_str).map(str::to_owned);
    Some((
        text(0)?,
        Detail {
            outcome: outcome(row.get(1)?.as_str()?),
            at: text(2),
            milliseconds: row.get(3).and_then(Value::as_int),
            checksum: text(4),
            who: text(5),
            host: text(6),
            note: text(7),
        },
    ))
}

fn outcome(word: &str) -> MigrationOutcome {
    MigrationOutcome::ALL
        .into_iter()
        .find(|known| known.word() == word)
        .unwrap_or(MigrationOutcome::Executed)
}

/// The query for its rows as the overview wants them.
pub(super) fn executed_query(site: &Site, name: &str) -> String {
    format!(
        "SELECT version, outcome, executed_at, milliseconds FROM {}",
        site.quote(name)
    )
}

/// The query for no more of them than their versions and how they came there. It is refused by a
/// table that is no history, as it names the columns that [`is_own`] looks for.
pub(super) fn versions_query(site: &Site, name: &str) -> String {
    let columns = OWN.join(", ");
    format!(
        "SELECT version, outcome FROM (SELECT {columns} FROM {}) AS history",
        site.quote(name)
    )
}

/// The rows that the answer to either holds.
pub(super) fn executed(rows: Rows) -> Vec<(MigrationOutcome, Executed)> {
    let row = |mut row: Vec<Value>| {
        let mut text = |at: usize| {
            let value = std::mem::replace(row.get_mut(at)?, Value::Null);
            match value {
                Value::Text(text) => Some(text),
                _ => None,
            }
        };
        let version = Version::new(text(0)?);
        let outcome = text(1).map_or(MigrationOutcome::Executed, |word| outcome(&word));
        let executed = Executed {
            recorded: version.clone(),
            version,
            at: text(2),
            milliseconds: row.get(3).and_then(Value::as_int),
        };
        Some((outcome, executed))
    };
    rows.rows.into_iter().filter_map(row).collect()
}

/// The statement that writes a row down, where there is none of its version.
pub(super) fn insert(site: &Site, name: &str, record: &Record<'_>) -> String {
    let book = site.book();
    let text =
        |value: Option<&str>| value.map_or_else(|| "NULL".to_owned(), |value| book.text(value));
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    let values = [
        book.text(record.version.as_str()),
        book.text(record.outcome.word()),
        text(record.at),
        record.took.map_or_else(|| "NULL".to_owned(), Took::sql),
        text(record.checksum),
        text(Some(record.who)),
        text(Some(record.host)),
        text(record.note),
        text(record.up_sql),
        text(record.down_sql),
    ];
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        site.quote(name),
        names.join(", "),
        values.join(", ")
    )
}

/// The versions that it has a row of.
pub(super) fn versions(
    connection: &mut Connection,
    site: &Site,
    name: &str,
) -> Result<BTreeSet<String>, Error> {
    let rows = connection.query(&format!("SELECT version FROM {}", site.quote(name)))?;
    let version = |row: Vec<Value>| row.first().map(Value::display);
    Ok(rows.rows.into_iter().filter_map(version).collect())
}

/// The statement that takes a row away.
pub(super) fn delete(site: &Site, name: &str, version: &str) -> String {
    format!(
        "DELETE FROM {} WHERE version = {}",
        site.quote(name),
        site.book().text(version)
    )
}

/// The statements that ran for a version, up and down, as they were recorded.
pub(super) fn recorded_sql(
    connection: &mut Connection,
    site: &Site,
    name: &str,
    version: &str,
) -> Result<Option<RecordedSql>, Error> {
    let rows = connection.query(&format!(
        "SELECT up_sql, down_sql FROM {} WHERE version = {}",
        site.quote(name),
        site.book().text(version)
    ))?;
    let text = |row: &[Value], at: usize| row.get(at).and_then(Value::as_str).map(str::to_owned);
    Ok(rows.rows.first().map(|row| RecordedSql {
        up: text(row, 0),
        down: text(row, 1),
    }))
}
