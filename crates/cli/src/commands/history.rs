//! `realign history`: every run that wrote, who ran it, what, and how it ended.

use std::fmt::Write as _;
use std::time::Duration;

use realign::planner::Plan;
use realign::planner::script::ends_with_rows;
use realign::runtime::kernel::{Guard, LockState, RunOutcome, RunRow, list_runs, one_run};
use realign::runtime::migrate::{Planned, is_shortened};
use realign::runtime::{Error, ErrorKind};
use serde::Serialize;

use super::last_run::{is_at_work, words_of};
use super::schema::context::Live;
use crate::args::HistoryArgs;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::style::{BAD, CARE, GOOD, count, pad};
use crate::settings::Settings;

/// `history --format json`.
#[derive(Debug, Serialize)]
struct HistoryDocument {
    command: &'static str,
    runs: Vec<Told>,
}

/// A run with what it was to do.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    row: RunRow,
    #[serde(skip)]
    at_work: bool,
    /// Steps of its plan, or migrations.
    parts: Vec<Part>,
}

/// A step or a migration.
#[derive(Debug, Serialize)]
struct Part {
    name: String,
    sql: Vec<String>,
}

/// Shows the runs of a database, the newest first.
pub(crate) fn run(args: &HistoryArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let mut live = Live::configured(settings)?;
    let facts = live.facts(settings)?;
    let site = live.site(&facts);
    let whole = out.is_json() || out.verbose > 0;
    let rows = match args.run {
        Some(number) => match one_run(&mut live.connection, &site, number)? {
            Some(row) => vec![row],
            None => {
                return Err(Error::new(
                    ErrorKind::Failed,
                    format!("there is no run {number} in this database"),
                )
                .with_help("`realign history` lists them")
                .into());
            }
        },
        None => list_runs(&mut live.connection, &site, args.limit, whole)?,
    };
    let unended = rows.iter().any(|row| row.outcome == RunOutcome::Running);
    let state = if unended {
        Guard::look(&site, &mut live.connection)?
    } else {
        LockState::Free
    };
    let runs: Vec<Told> = rows
        .into_iter()
        .map(|row| Told {
            parts: parts(&row),
            at_work: is_at_work(&row, &state),
            row,
        })
        .collect();
    if runs.is_empty() {
        out.text("Realign has written nothing here yet.")?;
    }
    for told in &runs {
        let text = if whole || args.run.is_some() {
            page(told)
        } else {
            line(told)
        };
        out.text(&text)?;
    }
    if args.run.is_none() && !whole && !runs.is_empty() {
        out.notice("`realign history RUN` shows the SQL of one")?;
    }
    out.json(&HistoryDocument {
        command: "history",
        runs,
    })?;
    Ok(Exit::Done)
}

/// What a run was to do, as its kind wrote it down.
fn parts(row: &RunRow) -> Vec<Part> {
    let Some(work) = row.work.as_deref() else {
        return Vec::new();
    };
    if row.kind.is_plan() {
        let plan: Option<Plan> = serde_json::from_str(work).ok();
        return plan
            .into_iter()
            .flat_map(|plan| plan.steps)
            .map(|step| Part {
                name: step.object,
                sql: step.statements.into_iter().map(|s| s.sql).collect(),
            })
            .collect();
    }
    Planned::read(work)
        .into_iter()
        .map(|planned| Part {
            name: format!("{} {}", planned.version, planned.direction),
            sql: planned.statements,
        })
        .collect()
}

fn shown(told: &Told) -> String {
    let style = match told.row.outcome {
        RunOutcome::Done => GOOD,
        RunOutcome::Failed => BAD,
        RunOutcome::Running | RunOutcome::Stopped | RunOutcome::Abandoned => CARE,
    };
    pad(style, words_of(&told.row, told.at_work), 9)
}

/// A run on a line, and why it failed on the next.
fn line(told: &Told) -> String {
    let row = &told.row;
    let mut text = format!(
        "{:>5}  {} UTC  {}  {:>8}  {}@{}  {}",
        row.id,
        row.started,
        shown(told),
        took(row).unwrap_or_default(),
        row.owner.user,
        row.owner.host,
        row.command,
    );
    if let Some(error) = &row.error {
        let _ = write!(text, "\n       {}", error.replace('\n', "\n       "));
    }
    text
}

/// A run with its SQL.
fn page(told: &Told) -> String {
    let row = &told.row;
    let mut text = format!("Run {}  {}\n", row.id, row.command);
    let _ = writeln!(
        text,
        "  who      {}@{}, process {}",
        row.owner.user, row.owner.host, row.owner.pid
    );
    let _ = writeln!(
        text,
        "  when     {} UTC{}",
        row.started,
        match (&row.finished, took(row)) {
            (Some(finished), Some(took)) => format!(" to {finished} UTC, {took}"),
            _ => String::new(),
        }
    );
    let _ = writeln!(text, "  outcome  {}", shown(told).trim_end());
    if let Some(error) = &row.error {
        let _ = writeln!(text, "  error    {}", error.replace('\n', "\n           "));
    }
    if row.outcome != RunOutcome::Done {
        let noun = if row.kind.is_plan() {
            "step"
        } else {
            "migration"
        };
        let _ = write!(text, "  done     {}", count(row.unit, noun));
        if let Some(name) = &row.unit_name {
            let _ = write!(text, ", {} of {name}", count(row.done, "statement"));
        }
        text.push('\n');
    }
    for part in &told.parts {
        let _ = writeln!(text, "\n  {}", part.name);
        for sql in &part.sql {
            // Rows hold what stands in front of them for a part of their first value.
            let _ = if is_shortened(sql) {
                writeln!(text, "    {sql}")
            } else if ends_with_rows(sql) {
                writeln!(text, "{sql}")
            } else {
                writeln!(text, "    {};", sql.replace('\n', "\n    "))
            };
        }
    }
    text
}

/// How long it took, to the second as it is recorded.
fn took(row: &RunRow) -> Option<String> {
    let seconds = Duration::from_secs(row.seconds()?).as_secs();
    Some(if seconds == 0 {
        "under 1 s".to_owned()
    } else {
        format!("{seconds} s")
    })
}
