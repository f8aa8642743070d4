//! What a run did, or would do, for a program.

use realign::planner::migration::{Direction, Version};
use realign::runtime::Error;
use realign::runtime::migrate::{Loaded, MigrationDone, MigrationOutcome};
use serde::Serialize;

/// What ran, for a program.
#[derive(Debug, Serialize)]
pub(super) struct RunDocument<'a> {
    command: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    direction: Option<Direction>,
    dry_run: bool,
    migrations: Vec<One<'a>>,
    /// The file of `--write-sql`.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

#[derive(Debug, Serialize)]
struct One<'a> {
    #[serde(flatten)]
    done: &'a MigrationDone,
    /// What would be sent; of a run that has sent it the history knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<Vec<&'a str>>,
}

impl<'a> RunDocument<'a> {
    /// Nothing was to be done.
    pub(super) fn nothing(command: &'a str, message: &str) -> Self {
        Self {
            message: Some(message.to_owned()),
            ..Self::of(command, "nothing-to-do", Vec::new())
        }
    }

    /// It came to its end.
    pub(super) fn done(
        command: &'a str,
        direction: Direction,
        done: &'a [MigrationDone],
        written: Option<String>,
    ) -> Self {
        let ran = done.iter().map(|done| One { done, sql: None });
        Self {
            direction: Some(direction),
            written,
            ..Self::of(command, "done", ran.collect())
        }
    }

    /// It only looked.
    pub(super) fn planned(self, loaded: &'a [Loaded]) -> Self {
        let outcome = match self.outcome {
            "done" => "planned",
            other => other,
        };
        let would_run = |(mut one, migration): (One<'a>, &'a Loaded)| {
            let statements = migration.unit.statements.iter();
            one.sql = match one.done.outcome {
                MigrationOutcome::Skipped | MigrationOutcome::Included => None,
                MigrationOutcome::Executed
                | MigrationOutcome::Baselined
                | MigrationOutcome::Repeatable => {
                    Some(statements.map(|statement| statement.sql.as_str()).collect())
                }
            };
            one
        };
        Self {
            outcome,
            dry_run: true,
            // What is told comes in their order, and may end before them.
            migrations: self
                .migrations
                .into_iter()
                .zip(loaded)
                .map(would_run)
                .collect(),
            ..self
        }
    }

    /// It did not come to its end.
    pub(super) fn failed(self, version: Option<Version>, error: &Error) -> Self {
        Self {
            outcome: "failed",
            failed: version,
            error: Some(error.message.clone()),
            notes: error.notes.clone(),
            help: error.help.clone(),
            ..self
        }
    }

    fn of(command: &'a str, outcome: &'static str, migrations: Vec<One<'a>>) -> Self {
        Self {
            command,
            outcome,
            message: None,
            direction: None,
            dry_run: false,
            migrations,
            written: None,
            failed: None,
            error: None,
            notes: Vec::new(),
            help: None,
        }
    }
}
