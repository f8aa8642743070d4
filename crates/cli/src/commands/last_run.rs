//! What the run before came to, told before anything else is done.

use std::fmt::Write as _;

use realign::planner::migration::Direction;
use realign::runtime::kernel::{LockState, RunKind, RunOutcome, RunRow};
use realign::runtime::migrate::Begun;
use realign::runtime::process::quoted;

use super::migrations;
use crate::report::style::{CARE, DIM, GOOD, count, one_line, paint};

/// How many statements are shown around the one that is gone on at.
const AROUND: usize = 4;

/// How the run before ended, when it did not come to its end: one or more lines.
pub(crate) fn words(row: &RunRow) -> Option<String> {
    let how = match row.outcome {
        RunOutcome::Done | RunOutcome::Abandoned => return None,
        RunOutcome::Running => "was cut off",
        RunOutcome::Failed => "failed",
        RunOutcome::Stopped => "was stopped by a signal",
    };
    let mut text = format!(
        "The last run {how}: {} of {} UTC, process {} on {}",
        row.command, row.started, row.owner.pid, row.owner.host
    );
    if let (Some(open), Some(name)) = (&row.open, &row.unit_name) {
        let _ = write!(text, ", in statement {} of {name}", open.part + 1);
    }
    if let Some(error) = &row.error {
        let _ = write!(text, "\n  {}", error.replace('\n', "\n  "));
    }
    Some(text)
}

/// True when the process of a run is at work on it: nobody else holds the lock meanwhile.
pub(crate) fn is_at_work(row: &RunRow, state: &LockState) -> bool {
    let own = |held: &realign::runtime::kernel::Holder| {
        let (held, own) = (&held.owner, &row.owner);
        (held.pid, &held.host, &held.since) == (own.pid, &own.host, &own.since)
    };
    row.outcome == RunOutcome::Running && matches!(state, LockState::Held(held) if own(held))
}

/// How a run stands, in a word: one that has no end and is nobody's work was cut off.
pub(crate) fn words_of(row: &RunRow, at_work: bool) -> &'static str {
    match row.outcome {
        RunOutcome::Running if !at_work => "cut off",
        outcome => outcome.word(),
    }
}

/// The command that goes on with a run that did not come to its end.
pub(crate) fn goes_on_with(row: &RunRow) -> String {
    // Without a version `realign migrate` only goes up.
    let begun = row
        .unit_work
        .as_deref()
        .filter(|_| row.kind == RunKind::Migrate)
        .and_then(|work| serde_json::from_str::<Begun>(work).ok());
    match (&row.unit_name, begun) {
        (Some(script), Some(_)) if script.starts_with(migrations::SCRIPTS) => {
            "realign repeatable run".to_owned()
        }
        (Some(name), Some(_)) if name == migrations::SYNC => {
            format!("realign migrations {name}")
        }
        (Some(version), Some(begun)) if begun.direction == Direction::Down.word() => {
            format!("realign migrations execute {} --down", quoted(version))
        }
        _ => row.kind.command().to_owned(),
    }
}

/// How far a run has come that is not at its end.
pub(crate) fn half_way(run: &RunRow) -> String {
    match &run.unit_name {
        Some(version) if !run.kind.is_plan() => {
            let begun = run.open.as_ref().map_or_else(String::new, |open| {
                format!(", statement {} begun", open.part + 1)
            });
            format!(
                "{version} stands half-way, {} done{begun}",
                count(run.done, "statement")
            )
        }
        _ => format!("it stands half-way, {} done", count(run.unit, "step")),
    }
}

/// The statements of what stands half-way, and the place that is gone on at. `settled` is the
/// number of the statement whose end nobody had heard of, when the catalogue has told it.
pub(crate) fn listing(statements: &[String], done: usize, settled: Option<usize>) -> String {
    let from = done.saturating_sub(AROUND);
    let to = (done + AROUND).min(statements.len());
    let mut text = String::new();
    if from > 0 {
        let _ = writeln!(text, "  {:>3}    {}", "…", paint(GOOD, "done"));
    }
    for (index, sql) in statements.iter().enumerate().take(to).skip(from) {
        let state = if index < done {
            paint(GOOD, "done")
        } else {
            paint(CARE, "open")
        };
        let how = match settled {
            Some(number) if number == index && index < done => "   not recorded, but it stands",
            Some(number) if number == index => "   was begun, and nothing of it stands",
            _ => "",
        };
        let _ = writeln!(
            text,
            "  {:>3} {state}   {}{}",
            index + 1,
            one_line(sql, 80),
            paint(DIM, how)
        );
    }
    if to < statements.len() {
        let _ = writeln!(text, "  {:>3}    {}", "…", paint(CARE, "open"));
    }
    if done < statements.len() {
        let _ = write!(text, "Going on at statement {}.", done + 1);
    } else {
        let _ = write!(
            text,
            "All {} stand; only the record of it is missing.",
            statements.len()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::plain;

    #[test]
    fn a_long_migration_is_shown_around_its_place() {
        let statements: Vec<String> = (1..=12).map(|n| format!("S{n}")).collect();
        let text = plain(&listing(&statements, 6, Some(5)));
        assert!(
            text.contains("  6 done   S6   not recorded, but it stands"),
            "{text}"
        );
        assert!(text.contains("  7 open   S7"), "{text}");
        assert!(!text.contains("S2\n") && !text.contains("S11"), "{text}");
        assert!(text.ends_with("Going on at statement 7."), "{text}");
    }
}
