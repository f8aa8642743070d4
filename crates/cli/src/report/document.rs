//! What `--format json` prints. Names of fields stay; new ones may come.

use std::io::Write as _;

use realign::model::Origin;
use realign::planner::{Diagnostic, Finding, Plan, Reason, Risk, Step};
use realign::runtime::{Applied, Failure, LossCount, StepDone};
use serde::Serialize;

use crate::exit::{self, Exit};

/// The database that a command worked on.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DatabaseDocument {
    /// Its URL without password.
    pub(crate) url: String,
    /// The server: `MariaDB 10.11.6`.
    pub(crate) server: String,
}

/// `schema validate`.
#[derive(Debug, Serialize)]
pub(crate) struct ValidateDocument {
    /// `schema validate`.
    pub(crate) command: &'static str,
    /// None when no database was asked.
    pub(crate) database: Option<DatabaseDocument>,
    /// The declaration by itself.
    pub(crate) mapping: MappingDocument,
    /// The declaration against the database.
    pub(crate) sync: SyncDocument,
    /// The exit code: 0 fine, 1 mapping invalid, 2 not in sync, 3 both.
    pub(crate) exit_code: u8,
}

/// Whether a check was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CheckStatus {
    /// It was.
    Ok,
    /// It was not.
    Fail,
    /// It was not made.
    Skipped,
}

/// The declaration by itself.
#[derive(Debug, Serialize)]
pub(crate) struct MappingDocument {
    /// The outcome.
    pub(crate) status: CheckStatus,
    /// How many classes are mapped.
    pub(crate) classes: usize,
    /// How many tables they make.
    pub(crate) tables: usize,
    /// Classes with failed checks.
    pub(crate) invalid: Vec<ClassDocument>,
    /// Classes with failed checks on which nothing depends.
    pub(crate) warned: Vec<ClassDocument>,
    /// Everything else to be said of the sources.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A class with failed checks.
#[derive(Debug, Serialize)]
pub(crate) struct ClassDocument {
    /// The class.
    pub(crate) class: String,
    /// Where it is mapped.
    #[serde(skip_serializing_if = "Origin::is_none")]
    pub(crate) origin: Origin,
    /// The failed checks.
    pub(crate) problems: Vec<Diagnostic>,
}

/// The declaration against the database.
#[derive(Debug, Serialize)]
pub(crate) struct SyncDocument {
    /// The outcome.
    pub(crate) status: CheckStatus,
    /// What differs.
    pub(crate) differences: Vec<Finding>,
    /// What is there, undeclared and harmless.
    pub(crate) notes: Vec<Finding>,
    /// What only the engine could decide.
    pub(crate) cannot_tell: Vec<Finding>,
    /// Declarations that nothing can be planned for, and what the inspection remarked.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// `schema diff`.
#[derive(Debug, Serialize)]
pub(crate) struct DiffDocument {
    /// `schema diff`.
    pub(crate) command: &'static str,
    /// The first source.
    pub(crate) from: String,
    /// The second.
    pub(crate) to: String,
    /// Whether the two are equal, as far as that can be told.
    pub(crate) equal: bool,
    /// What differs; `declared` is the second source, `database` the first.
    pub(crate) differences: Vec<Finding>,
    /// What is only in the first and counts only with `--complete`.
    pub(crate) notes: Vec<Finding>,
    /// What only the engine could decide.
    pub(crate) cannot_tell: Vec<Finding>,
    /// The statements that lead from the first to the second.
    pub(crate) statements: Vec<String>,
    /// Statements of both sources that change rows, and were left out.
    pub(crate) data_statements: usize,
    /// Bytes of both sources that were not understood.
    pub(crate) skipped_bytes: usize,
    /// Remarks about the sources.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The exit code.
    pub(crate) exit_code: u8,
}

/// How a command that writes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// There was nothing to do.
    NothingToDo,
    /// It was shown or written to a file, and not run.
    Planned,
    /// It ran, and the database is as declared.
    Executed,
    /// It was refused before the first statement.
    Refused,
    /// It failed on the way, or something is left.
    Failed,
    /// A signal stopped it.
    Stopped,
}

/// `schema create`, `drop`, `update`, `apply`.
#[derive(Debug, Serialize)]
pub(crate) struct RunDocument {
    /// `schema update`.
    pub(crate) command: &'static str,
    /// None when it was planned without one.
    pub(crate) database: Option<DatabaseDocument>,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The plan's steps.
    pub(crate) steps: Vec<StepDocument>,
    /// Statements of the session before the first step.
    pub(crate) opening: Vec<String>,
    /// Statements after the last.
    pub(crate) closing: Vec<String>,
    /// The steps are one transaction.
    pub(crate) atomic: bool,
    /// Why it was refused, and remarks.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) applied: Option<AppliedDocument>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<FailureDocument>,
    /// The exit code.
    pub(crate) exit_code: u8,
}

/// A step of a plan.
#[derive(Debug, Serialize)]
pub(crate) struct StepDocument {
    /// Its number, the first is 1.
    pub(crate) number: usize,
    /// Its class.
    pub(crate) risk: Risk,
    /// What it works on.
    pub(crate) object: String,
    /// What it does.
    pub(crate) title: String,
    /// What is sent.
    pub(crate) statements: Vec<String>,
    /// Why it has its class.
    pub(crate) reasons: Vec<Reason>,
    /// What it takes away, counted.
    pub(crate) losses: Vec<LossCount>,
    /// Where its object is declared.
    #[serde(skip_serializing_if = "Origin::is_none")]
    pub(crate) origin: Origin,
}

/// A run that came to its end.
#[derive(Debug, Serialize)]
pub(crate) struct AppliedDocument {
    /// Its steps.
    pub(crate) steps: Vec<StepDone>,
    /// Statements of its steps.
    pub(crate) statements: usize,
    /// Warnings of the server.
    pub(crate) warnings: Vec<String>,
    /// What the whole took.
    pub(crate) milliseconds: u64,
}

/// A failure.
#[derive(Debug, Serialize)]
pub(crate) struct FailureDocument {
    /// What happened, to what.
    pub(crate) message: String,
    /// The statement, the place, what stands.
    pub(crate) notes: Vec<String>,
    /// What to do next.
    pub(crate) help: Option<String>,
    /// The step.
    pub(crate) step: Option<usize>,
    /// Steps whose work stands.
    pub(crate) done: Vec<StepDone>,
}

/// A command that could not do its work at all.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorDocument {
    /// What happened.
    pub(crate) error: FailureDocument,
    /// The exit code.
    pub(crate) exit_code: u8,
}

impl RunDocument {
    /// The document of a plan that nothing has happened to yet.
    pub(crate) fn planned(
        command: &'static str,
        database: Option<DatabaseDocument>,
        plan: &Plan,
        losses: &[LossCount],
    ) -> Self {
        let sql = |statements: &[realign::planner::Statement]| {
            statements.iter().map(|s| s.sql.clone()).collect()
        };
        Self {
            command,
            database,
            outcome: Outcome::Planned,
            steps: plan
                .steps
                .iter()
                .enumerate()
                .map(|(index, step)| StepDocument::of(index + 1, step, losses))
                .collect(),
            opening: sql(&plan.opening),
            closing: sql(&plan.closing),
            atomic: plan.atomic,
            diagnostics: Vec::new(),
            applied: None,
            failure: None,
            exit_code: Exit::Done.code(),
        }
    }
}

impl StepDocument {
    fn of(number: usize, step: &Step, losses: &[LossCount]) -> Self {
        Self {
            number,
            risk: step.risk,
            object: step.object.clone(),
            title: step.title.clone(),
            statements: step.statements.iter().map(|s| s.sql.clone()).collect(),
            reasons: step.reasons.clone(),
            losses: losses
                .iter()
                .filter(|loss| loss.step == number)
                .cloned()
                .collect(),
            origin: step.origin.clone(),
        }
    }
}

impl From<&Applied> for AppliedDocument {
    fn from(applied: &Applied) -> Self {
        Self {
            steps: applied.steps.clone(),
            statements: applied.statements,
            warnings: applied.warnings.clone(),
            milliseconds: u64::try_from(applied.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl From<&Failure> for FailureDocument {
    fn from(failure: &Failure) -> Self {
        Self {
            step: failure.step,
            done: failure.done.clone(),
            ..Self::from(failure.error.as_ref())
        }
    }
}

impl From<&realign::runtime::Error> for FailureDocument {
    fn from(error: &realign::runtime::Error) -> Self {
        Self {
            message: error.message.clone(),
            notes: error.notes.clone(),
            help: error.help.clone(),
            step: None,
            done: Vec::new(),
        }
    }
}

impl ErrorDocument {
    /// Prints it; a reader that went away needs none.
    pub(crate) fn print(&self) {
        let mut stdout = std::io::stdout().lock();
        if serde_json::to_writer_pretty(&mut stdout, self).is_ok() {
            let _ = stdout.write_all(b"\n");
        }
    }

    /// The document of an error that ended the command.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        let known = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<realign::runtime::Error>());
        let mut failure = known.map_or(
            FailureDocument {
                message: String::new(),
                notes: Vec::new(),
                help: None,
                step: None,
                done: Vec::new(),
            },
            FailureDocument::from,
        );
        for note in &mut failure.notes {
            *note = exit::plain(note);
        }
        failure.message = error
            .chain()
            .map(|cause| exit::plain(&cause.to_string()))
            .fold(Vec::new(), |mut parts: Vec<String>, part| {
                if !parts.iter().any(|known| known.contains(&part)) {
                    parts.push(part);
                }
                parts
            })
            .join(": ");
        Self {
            error: failure,
            exit_code: Exit::of(error).code(),
        }
    }
}
