//! The ways on from a step that failed, from the mildest to the last.

use serde::Serialize;

use super::run::is_unknowable;
use super::{Entry, State, Status, Work};

/// A way on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// The command to type.
    pub command: String,
    /// What it does.
    pub what: &'static str,
}

fn rung(command: impl Into<String>, what: &'static str) -> Rung {
    Rung {
        command: command.into(),
        what,
    }
}

/// The ways on from where an upgrade stands, in the order in which they are tried.
pub fn ladder(state: &State) -> Vec<Rung> {
    if !state.is_unfinished() {
        return Vec::new();
    }
    if state.is_going_back() {
        return vec![rung(
            "realign upgrade rollback --into-same",
            "goes on with the way back",
        )];
    }
    let Some(entry) = state.next() else {
        return vec![rung("realign upgrade resume", "ends it")];
    };
    if entry.status == Status::Running && is_unknowable(entry) {
        let mut rungs = vec![
            rung(
                "realign upgrade resume --settle did-not-run",
                "runs its command and goes on",
            ),
            rung("realign upgrade resume --settle ran", "goes on after it"),
        ];
        if matches!(entry.step.work, Work::Command { undo: Some(_), .. }) {
            rungs.push(rung(
                "realign upgrade resume --settle undo",
                "runs the command that undoes it, then it again",
            ));
        }
        rungs.push(rung(
            "realign upgrade rollback",
            "goes back to the release before",
        ));
        return rungs;
    }
    let mut rungs = vec![first(entry)];
    let database = match &entry.step.work {
        Work::Schema { .. }
        | Work::Migrate { .. }
        | Work::Repeatable { .. }
        | Work::Command { .. }
        | Work::Verify { .. }
        | Work::Check { .. } => true,
        Work::Maintenance { .. }
        | Work::Backup {}
        | Work::Checkout {}
        | Work::Install { .. }
        | Work::Cache { .. }
        | Work::Permissions { .. }
        | Work::Note { .. } => false,
    };
    if database && entry.status != Status::Open {
        rungs.extend([
            rung(
                "realign upgrade resume --mend migrations",
                "executes outstanding migrations first",
            ),
            rung(
                "realign upgrade resume --mend schema",
                "brings the schema to what is declared first",
            ),
            rung(
                "realign upgrade resume --mend complete --allow destructive --no-quarantine",
                "the same, and what is not declared goes; a backup is made before",
            ),
        ]);
    }
    rungs.push(rung(
        "realign upgrade rollback",
        "goes back to the release before",
    ));
    rungs
}

fn first(entry: &Entry) -> Rung {
    match &entry.step.work {
        Work::Note { .. } if entry.status == Status::Failed => rung(
            // The name is the recipe's: whatever is in it has to reach us as one word.
            format!(
                "realign upgrade resume --ack '{}'",
                entry.key.replace('\'', "'\\''")
            ),
            "goes on, the note acknowledged (--ack-all: all that are left)",
        ),
        _ => rung(
            "realign upgrade resume",
            "tries this step again and goes on",
        ),
    }
}
