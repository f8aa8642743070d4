//! The report of an upgrade: JSON for a program, Markdown for the file of the change.

use std::fmt::Write as _;

use realign::runtime::upgrade::{Entry, Outcome, Rung, State, Status, Store, ladder};
use realign::runtime::{Error, ErrorKind};
use serde::Serialize;

/// An upgrade as it stands.
#[derive(Debug, Serialize)]
pub(super) struct UpgradeDocument<'a> {
    command: &'static str,
    id: &'a str,
    recipe: &'a str,
    outcome: Outcome,
    from: &'a str,
    to: &'a str,
    reached: &'a str,
    begun: &'a str,
    finished: Option<&'a str>,
    owner: String,
    /// Whether its process is at work right now.
    at_work: bool,
    releases: Vec<&'a str>,
    steps: Vec<StepDocument<'a>>,
    next: Vec<Rung>,
    exit_code: u8,
}

#[derive(Debug, Serialize)]
struct StepDocument<'a> {
    key: &'a str,
    status: Status,
    what: &'static str,
    begun: Option<&'a str>,
    milliseconds: u64,
    told: Option<&'a str>,
    log: Option<String>,
    backup: Option<String>,
    error: Option<&'a str>,
    notes: &'a [String],
}

/// The document of an upgrade.
pub(super) fn document<'a>(
    command: &'static str,
    state: &'a State,
    at_work: bool,
    exit_code: u8,
) -> UpgradeDocument<'a> {
    UpgradeDocument {
        command,
        id: &state.id,
        recipe: &state.recipe,
        outcome: state.outcome,
        from: &state.from.tag,
        to: &state.target().tag,
        reached: &state.reached().tag,
        begun: &state.begun,
        finished: state.finished.as_deref(),
        owner: state.owner.to_string(),
        at_work,
        releases: state.hops.iter().map(|h| h.release.tag.as_str()).collect(),
        steps: state.entries.iter().map(step).collect(),
        next: ladder(state),
        exit_code,
    }
}

fn step(entry: &Entry) -> StepDocument<'_> {
    let trouble = entry.trouble.as_ref();
    StepDocument {
        key: &entry.key,
        status: entry.status,
        what: entry.step.work.word(),
        begun: entry.begun.as_deref(),
        milliseconds: entry.took,
        told: entry.told.as_deref(),
        log: entry.log.as_ref().map(|path| path.display().to_string()),
        backup: entry
            .backup
            .as_ref()
            .map(|made| made.file.display().to_string()),
        error: trouble.map(|trouble| trouble.message.as_str()),
        notes: trouble.map_or(&[], |trouble| trouble.notes.as_slice()),
    }
}

/// Writes both reports beside the journal; gives the path of the one for persons.
pub(super) fn write(
    store: &Store,
    state: &State,
    exit_code: u8,
) -> Result<std::path::PathBuf, Error> {
    let json = serde_json::to_vec_pretty(&document("upgrade", state, false, exit_code))
        .map_err(|error| Error::new(ErrorKind::Failed, error.to_string()))?;
    store.write(&format!("reports/{}.json", state.id), &json)?;
    store.write(
        &format!("reports/{}.md", state.id),
        markdown(state).as_bytes(),
    )
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn markdown(state: &State) -> String {
    let mut text = format!(
        "# Upgrade {} to {}: {}\n\n",
        state.from,
        state.target(),
        state.outcome.word()
    );
    let rows = [
        ("Application", state.root.display().to_string()),
        ("Recipe", state.recipe.clone()),
        ("Run by", state.owner.to_string()),
        ("Begun", format!("{} UTC", state.begun)),
        (
            "Ended",
            state
                .finished
                .as_ref()
                .map_or_else(|| "not yet".to_owned(), |at| format!("{at} UTC")),
        ),
        ("Release reached", state.reached().to_string()),
    ];
    text.push_str("| | |\n| --- | --- |\n");
    for (name, value) in rows {
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(text, "| {name} | {} |", cell(&value));
    }
    text.push_str("\n| step | outcome | seconds | |\n| --- | --- | ---: | --- |\n");
    for entry in &state.entries {
        let word = match entry.status {
            Status::Open => "not begun",
            Status::Running => "begun",
            Status::Done => "done",
            Status::Skipped => "nothing to do",
            Status::Failed => "failed",
        };
        let told = match (&entry.trouble, &entry.told) {
            (Some(trouble), _) => trouble.message.as_str(),
            (None, Some(told)) => told.as_str(),
            (None, None) => "",
        };
        let _ = writeln!(
            text,
            "| {} | {word} | {}.{:03} | {} |",
            cell(&entry.key),
            entry.took / 1000,
            entry.took % 1000,
            cell(told)
        );
    }
    let next = ladder(state);
    if !next.is_empty() {
        text.push_str("\nThe ways on, in this order:\n\n");
        for rung in next {
            let _ = writeln!(text, "1. `{}`: {}", rung.command, rung.what);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_stays_one_cell() {
        assert_eq!(cell("a | b\nc \\ d"), "a \\| b c \\\\ d");
    }
}
