//! Going on with a plan that was killed half-way.

use realign::planner::{Facts, Plan};
use realign::runtime::kernel::{Journal, RunRow, Settled};
use realign::runtime::{self, Error, ErrorKind};

use super::context::Live;
use crate::commands::last_run::{self, goes_on_with};
use crate::commands::locked::{self, Locked};
use crate::report::Out;
use crate::report::progress::Progress;
use crate::report::style::count;
use crate::settings::Settings;

/// A plan as the journal keeps it: its statements, without the schema that it leads to
/// and without what was asked before it began.
pub(super) fn kept(plan: &Plan) -> String {
    let mut kept = plan.clone();
    kept.after = realign::model::Database::default();
    for step in &mut kept.steps {
        step.prechecks.clear();
        step.reasons.clear();
        step.losses.clear();
        step.undo.clear();
    }
    serde_json::to_string(&kept).unwrap_or_default()
}

/// Says that there is a run to go on with, for a command that writes nothing.
pub(super) fn notice(live: &mut Live, facts: &Facts, out: Out) -> anyhow::Result<bool> {
    let site = live.site(facts);
    let Some(row) = locked::unfinished(&mut live.connection, &site)? else {
        return Ok(false);
    };
    out.notice(&format!(
        "{}; {} goes on with it",
        words(&row),
        goes_on_with(&row)
    ))?;
    Ok(true)
}

fn words(row: &RunRow) -> String {
    format!(
        "Run {} ({}) of {} UTC did not come to its end: {} done",
        row.id,
        row.command,
        row.started,
        count(row.unit, "step"),
    )
}

/// Goes on with the run before, when it did not come to its end: from the exact statement that
/// it has not done. True when there was one.
pub(super) fn go_on(
    live: &mut Live,
    locked: &Locked,
    settings: &Settings,
    out: Out,
) -> anyhow::Result<bool> {
    let site = locked.guard.site();
    let Some(row) = locked::unfinished(&mut live.connection, site)? else {
        return Ok(false);
    };
    if !row.kind.is_plan() {
        return Err(another_kind(&row).into());
    }
    let plan: Plan = row
        .work
        .as_deref()
        .and_then(|work| serde_json::from_str(work).ok())
        .ok_or_else(|| unreadable(&row))?;
    let (mut unit, mut done) = (row.unit, row.done);
    if let Some(intent) = &row.open {
        unit = intent.unit;
        done = intent.part;
        match locked::settled(&mut live.connection, site, &row, intent, settings, out)? {
            Settled::Ran => done += 1,
            Settled::DidNotRun | Settled::Undone(_) => {}
            Settled::Unknown(why) => {
                return Err(locked::open_question(site, intent, &why, row.kind.command()).into());
            }
        }
    }
    let total = plan.steps.len();
    out.notice(&format!("{}; going on with it", words(&row)))?;
    if let Some(step) = plan.steps.get(unit) {
        let statements: Vec<String> = step.statements.iter().map(|s| s.sql.clone()).collect();
        out.notice(&format!(
            "Step {} of {total}, {}:\n{}",
            unit + 1,
            step.object,
            last_run::listing(&statements, done, row.open.as_ref().map(|open| open.part))
        ))?;
    }
    let mut journal = Journal::resume(
        &locked.guard,
        &mut live.connection,
        &row,
        (unit, done),
        None,
    )?;
    let ran = {
        let mut progress = Progress::new(out, &locked.stop);
        runtime::apply_recorded(
            &mut live.connection,
            &plan,
            &mut journal,
            &mut progress,
            &locked.stop,
        )
    };
    match ran {
        Ok(applied) => {
            super::execute::close(journal, &mut live.connection, &plan, None)?;
            out.notice(&format!(
                "Run {} is done: {} of {total} were left",
                row.id,
                count(applied.steps.len(), "step"),
            ))?;
            Ok(true)
        }
        Err(failure) => {
            super::execute::close(journal, &mut live.connection, &plan, Some(&failure))?;
            Err((*failure.error).into())
        }
    }
}

fn another_kind(row: &RunRow) -> Error {
    Error::new(
        ErrorKind::Failed,
        format!("{}, and nothing else can be written before", words(row)),
    )
    .with_help(format!("go on with it: {}", goes_on_with(row)))
}

fn unreadable(row: &RunRow) -> Error {
    Error::new(
        ErrorKind::Failed,
        format!("{}, and its plan can't be read by this version", words(row)),
    )
    .with_help("go on with the version of Realign that began it")
}
