//! The table of runs: every run that wrote, and how far it came.

use realign_planner::{BookColumn, BookType, RUNS_TABLE, Rows, Value};
use serde::{Deserialize, Serialize};

use super::{Intent, Owner, Site, foreign};
use crate::{Connection, Error, ErrorKind};

const COLUMNS: [BookColumn; 14] = [
    BookColumn::new("id", BookType::Number),
    BookColumn::new("kind", BookType::Text(32)),
    BookColumn::new("command", BookType::Long),
    BookColumn::new("owner", BookType::Long),
    BookColumn::new("started", BookType::Text(32)),
    BookColumn::nullable("finished", BookType::Text(32)),
    BookColumn::new("outcome", BookType::Text(16)),
    BookColumn::nullable("error", BookType::Long),
    BookColumn::nullable("work", BookType::Long),
    BookColumn::new("unit", BookType::Number),
    BookColumn::nullable("unit_name", BookType::Long),
    BookColumn::nullable("unit_work", BookType::Long),
    BookColumn::new("done", BookType::Number),
    BookColumn::nullable("open", BookType::Long),
];

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// A plan that makes a schema.
    Create,
    /// A plan that changes one.
    Update,
    /// A plan that drops one.
    Drop,
    /// A plan that was saved.
    Apply,
    /// Migrations.
    Migrate,
}

impl RunKind {
    const ALL: [Self; 5] = [
        Self::Create,
        Self::Update,
        Self::Drop,
        Self::Apply,
        Self::Migrate,
    ];

    /// Its word in the table and in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Drop => "drop",
            Self::Apply => "apply",
            Self::Migrate => "migrate",
        }
    }

    /// The command that goes on with a run of this kind.
    pub fn command(self) -> &'static str {
        match self {
            Self::Create => "realign schema create --force",
            Self::Update => "realign schema update --force",
            Self::Drop => "realign schema drop --force",
            Self::Apply => "realign schema apply PLAN",
            Self::Migrate => "realign migrate",
        }
    }

    /// True when its work is a plan of steps.
    pub fn is_plan(self) -> bool {
        self != Self::Migrate
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutcome {
    /// It has not: it is at work, or it was killed.
    Running,
    /// It did what it was for.
    Done,
    /// A statement was refused.
    Failed,
    /// A signal asked it to stop.
    Stopped,
    /// It was killed, and there was nothing left of it to go on with.
    Abandoned,
}

impl RunOutcome {
    const ALL: [Self; 5] = [
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Stopped,
        Self::Abandoned,
    ];

    /// True when nothing is left of it to tell or to go on with.
    pub fn is_over(self) -> bool {
        match self {
            Self::Done | Self::Abandoned => true,
            Self::Running | Self::Failed | Self::Stopped => false,
        }
    }

    /// Its word in the table and in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Abandoned => "abandoned",
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRow {
    /// Its number.
    pub id: i64,
    /// What it was for.
    pub kind: RunKind,
    /// The command line, without secrets.
    pub command: String,
    /// Who ran it last.
    pub owner: Owner,
    /// When it began, UTC.
    pub started: String,
    /// When it ended, UTC.
    pub finished: Option<String>,
    /// How it ended.
    pub outcome: RunOutcome,
    /// Why it ended so.
    pub error: Option<String>,
    /// What it was to do, as its kind writes it down. Not read in listings.
    #[serde(skip)]
    pub work: Option<String>,
    /// How many of its units are done: steps of a plan, migrations.
    pub unit: usize,
    /// The unit that was begun.
    pub unit_name: Option<String>,
    /// The statements of that unit, as its kind writes them down. Not read in listings.
    #[serde(skip)]
    pub unit_work: Option<String>,
    /// How many of that unit's statements are done.
    pub done: usize,
    /// The statement of which nobody has heard how it ended.
    #[serde(skip)]
    pub open: Option<Intent>,
}

impl RunRow {
    /// How long it took, in seconds; none while it has not ended.
    pub fn seconds(&self) -> Option<u64> {
        let moment = |text: &str| {
            jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text)
                .ok()?
                .to_zoned(jiff::tz::TimeZone::UTC)
                .ok()
        };
        let (began, ended) = (moment(&self.started)?, moment(self.finished.as_ref()?)?);
        let seconds = ended.timestamp().as_second() - began.timestamp().as_second();
        u64::try_from(seconds).ok()
    }

    /// True when something of it stands that another run has to go on from.
    pub fn is_unfinished(&self) -> bool {
        let begun = self.open.is_some() || self.done > 0 || (self.kind.is_plan() && self.unit > 0);
        begun && !self.outcome.is_over()
    }
}

/// Makes the table where it is missing.
pub(super) fn prepare(connection: &mut Connection, site: &Site) -> Result<(), Error> {
    if site.has_table(connection, RUNS_TABLE)? {
        return Ok(());
    }
    let create = site
        .book()
        .create_table(RUNS_TABLE, &COLUMNS, "id", &site.facts);
    connection.query(&create).map(drop).map_err(|mut error| {
        error.help.get_or_insert_with(|| {
            "Realign keeps its journal in a table of this database, and has to be able to make it with this account".to_owned()
        });
        error
    })
}

/// The run that has to be gone on with before anything else is written, and the one that failed
/// last when nothing else has run since. Writes nothing.
pub fn last(connection: &mut Connection, site: &Site) -> Result<Option<RunRow>, Error> {
    if !site.has_table(connection, RUNS_TABLE)? {
        return Ok(None);
    }
    let sql = last_query(site);
    let rows = foreign::own(connection, site, (RUNS_TABLE, &COLUMNS), &sql)?;
    rows.rows.first().map(|row| understood(row)).transpose()
}

/// The query for no more of it than how it ended, on some servers with those before it.
pub(crate) fn last_outcome_query(site: &Site) -> String {
    site.book()
        .with_newest(RUNS_TABLE, &["id", "outcome"], "id")
}

/// True when its answer says that there is nothing left of the last run, or that there is none.
pub(crate) fn is_over(answer: &Rows) -> bool {
    let last = answer
        .rows
        .iter()
        .max_by_key(|row| row.first().and_then(Value::as_int));
    let outcome = last.and_then(|row| row.get(1));
    let over = |word: &str| {
        RunOutcome::ALL
            .into_iter()
            .any(|outcome| outcome.is_over() && outcome.word() == word)
    };
    outcome.is_none_or(|outcome| outcome.as_str().is_some_and(over))
}

/// The query for that run.
fn last_query(site: &Site) -> String {
    // What a run that is over was to do may be long, and nobody goes on with it.
    let ended = [RunOutcome::Done, RunOutcome::Abandoned].map(|o| site.book().text(o.word()));
    let columns: Vec<String> = COLUMNS
        .iter()
        .map(|column| match column.name {
            "work" | "unit_work" => format!(
                "CASE WHEN outcome IN ({}) THEN NULL ELSE {} END",
                ended.join(", "),
                column.name
            ),
            name => name.to_owned(),
        })
        .collect();
    format!(
        "SELECT {} FROM {RUNS_TABLE} ORDER BY id DESC LIMIT 1",
        columns.join(", ")
    )
}

/// The newest runs, the last first, with what they were to do when `whole`. Writes nothing.
pub fn list(
    connection: &mut Connection,
    site: &Site,
    limit: usize,
    whole: bool,
) -> Result<Vec<RunRow>, Error> {
    select(
        connection,
        site,
        whole,
        &format!("ORDER BY id DESC LIMIT {limit}"),
    )
}

/// One run with what it was to do. Writes nothing.
pub fn one(connection: &mut Connection, site: &Site, id: i64) -> Result<Option<RunRow>, Error> {
    let rows = select(connection, site, true, &format!("WHERE id = {id}"))?;
    Ok(rows.into_iter().next())
}

fn select(
    connection: &mut Connection,
    site: &Site,
    whole: bool,
    which: &str,
) -> Result<Vec<RunRow>, Error> {
    if !site.has_table(connection, RUNS_TABLE)? {
        return Ok(Vec::new());
    }
    let columns: Vec<&str> = COLUMNS
        .iter()
        .map(|column| match column.name {
            "work" if !whole => "NULL",
            "unit_work" => "NULL",
            name => name,
        })
        .collect();
    let sql = format!("SELECT {} FROM {RUNS_TABLE} {which}", columns.join(", "));
    let rows = foreign::own(connection, site, (RUNS_TABLE, &COLUMNS), &sql)?;
    rows.rows.iter().map(|row| understood(row)).collect()
}

fn understood(row: &[Value]) -> Result<RunRow, Error> {
    let text = |at: usize| row.get(at).and_then(Value::as_str).map(str::to_owned);
    let number = |at: usize| row.get(at).and_then(Value::as_int);
    let size = |at: usize| {
        number(at)
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(0)
    };
    let id = number(0).unwrap_or_default();
    let unreadable = |what: &str| {
        Error::new(
            ErrorKind::Failed,
            format!("run {id} of {RUNS_TABLE} has {what} that this version does not know"),
        )
        .with_help("use the version of Realign that wrote it, or a newer one")
    };
    let kind = text(1).unwrap_or_default();
    let outcome = text(6).unwrap_or_default();
    let open = match text(13) {
        None => None,
        Some(text) => {
            Some(serde_json::from_str(&text).map_err(|_| unreadable("an open statement"))?)
        }
    };
    Ok(RunRow {
        id,
        kind: RunKind::ALL
            .into_iter()
            .find(|known| known.word() == kind)
            .ok_or_else(|| unreadable("a kind"))?,
        command: text(2).unwrap_or_default(),
        owner: text(3)
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
        started: text(4).unwrap_or_default(),
        finished: text(5),
        outcome: RunOutcome::ALL
            .into_iter()
            .find(|known| known.word() == outcome)
            .ok_or_else(|| unreadable("an outcome"))?,
        error: text(7),
        work: text(8),
        unit: size(9),
        unit_name: text(10),
        unit_work: text(11),
        done: size(12),
        open,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: &[(i64, &str)]) -> Rows {
        let row = |(id, outcome): &(i64, &str)| {
            vec![
                Value::Text(id.to_string()),
                Value::Text((*outcome).to_owned()),
            ]
        };
        Rows {
            columns: vec!["id".to_owned(), "outcome".to_owned()],
            rows: rows.iter().map(row).collect(),
        }
    }

    #[test]
    fn of_runs_in_any_order_the_newest_counts() {
        let [done, failed] = [RunOutcome::Done, RunOutcome::Failed].map(RunOutcome::word);
        assert!(is_over(&answer(&[])));
        assert!(is_over(&answer(&[(9, failed), (10, done), (8, failed)])));
        assert!(!is_over(&answer(&[(9, done), (10, failed), (8, done)])));
        assert!(!is_over(&answer(&[(1, "of a later version")])));
    }
}
