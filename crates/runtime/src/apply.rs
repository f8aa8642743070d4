//! Running a plan: one statement a call, every answer looked at.

mod run;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use realign_planner::{Plan, Step};
use serde::{Deserialize, Serialize};

use self::run::{Place, Run, Trouble};
use crate::kernel::Journal;
use crate::{Connection, Error, ServerWarning, SqlError, Stop};

/// What happens while a plan runs. Numbers of steps begin at 1.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A step begins.
    Started {
        /// Its number.
        number: usize,
        /// How many there are.
        total: usize,
        /// The step.
        step: &'a Step,
    },
    /// A step is done.
    Finished {
        /// Its number.
        number: usize,
        /// How many there are.
        total: usize,
        /// The step.
        step: &'a Step,
        /// What it took.
        elapsed: Duration,
        /// Rows changed.
        affected: u64,
    },
    /// A step failed; what is undone by it is said in the error.
    Failed {
        /// Its number.
        number: usize,
        /// How many there are.
        total: usize,
        /// The step.
        step: &'a Step,
    },
    /// Others stand in the way; the statement is tried again.
    Waiting {
        /// The step's number.
        number: usize,
        /// The server's words.
        refusal: &'a SqlError,
        /// Who stands in the way, as far as the server tells.
        blockers: &'a [String],
    },
    /// The server warned, and the step goes on.
    Warned {
        /// The step's number.
        number: usize,
        /// The warning.
        warning: &'a ServerWarning,
    },
}

/// Somebody who watches a run.
pub trait Observer {
    /// Takes an event.
    fn event(&mut self, event: &Event<'_>);
}

/// Nobody.
impl Observer for () {
    fn event(&mut self, _event: &Event<'_>) {}
}

/// A step that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    /// Its number, the first is 1.
    pub step: usize,
    /// What it worked on.
    pub object: String,
    /// Rows changed.
    pub affected: u64,
    /// What it took.
    pub milliseconds: u64,
}

/// A plan that ran to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Its steps.
    pub steps: Vec<StepDone>,
    /// Statements of its steps.
    pub statements: usize,
    /// Warnings of the server that changed no value.
    pub warnings: Vec<String>,
    /// What the whole took.
    pub elapsed: Duration,
}

/// A plan that did not.
#[derive(Debug)]
pub struct Failure {
    /// What happened, to what, and what to do now.
    pub error: Box<Error>,
    /// Steps whose work stands. Empty when the plan was one transaction.
    pub done: Vec<StepDone>,
    /// The step that failed or was not begun; none before the first and after the last.
    pub step: Option<usize>,
    /// The signal that asked to stop, when that was the reason.
    pub signal: Option<u8>,
}

/// Runs a plan without a lock and without a record: for a database that nobody else has.
/// Nothing here asks for consent: that comes before.
pub fn apply(
    connection: &mut Connection,
    plan: &Plan,
    observer: &mut dyn Observer,
    stop: &Stop,
) -> Result<Applied, Failure> {
    apply_from(connection, plan, None, observer, stop)
}

/// Runs a plan from where its journal stands: from the beginning, or from the exact statement
/// that an earlier run has not done.
pub fn apply_recorded(
    connection: &mut Connection,
    plan: &Plan,
    journal: &mut Journal<'_>,
    observer: &mut dyn Observer,
    stop: &Stop,
) -> Result<Applied, Failure> {
    apply_from(connection, plan, Some(journal), observer, stop)
}

fn apply_from(
    connection: &mut Connection,
    plan: &Plan,
    journal: Option<&mut Journal<'_>>,
    observer: &mut dyn Observer,
    stop: &Stop,
) -> Result<Applied, Failure> {
    let began = Instant::now();
    let (first, done) = journal
        .as_ref()
        .map_or((0, 0), |journal| journal.position());
    let mut run = Run::new(connection, plan, journal);
    for statement in &plan.opening {
        run.statement(statement)
            .map_err(|trouble| run.fail(trouble, Place::Opening, statement))?;
    }
    let total = plan.steps.len();
    let mut statements = 0;
    for (index, step) in plan.steps.iter().enumerate().skip(first) {
        let number = index + 1;
        let skipped = if index == first { done } else { 0 };
        run.begin(step);
        observer.event(&Event::Started {
            number,
            total,
            step,
        });
        let step_began = Instant::now();
        let mut affected = 0;
        // What set the session up ended with it.
        for statement in step.statements.iter().take(skipped) {
            let place = Place::Step {
                number,
                part: skipped,
                parts: step.statements.len(),
            };
            if let Err(trouble) = run.again(statement) {
                observer.event(&Event::Failed {
                    number,
                    total,
                    step,
                });
                return Err(run.fail(trouble, place, statement));
            }
        }
        for (part, statement) in step.statements.iter().enumerate().skip(skipped) {
            let place = Place::Step {
                number,
                part,
                parts: step.statements.len(),
            };
            let outcome = match stop.signal() {
                Some(signal) => Err(Trouble::Stopped(signal)),
                None => run.recorded(part, statement, stop, &mut |refusal, blockers| {
                    observer.event(&Event::Waiting {
                        number,
                        refusal,
                        blockers,
                    });
                }),
            };
            match outcome {
                Ok(answer) => {
                    statements += 1;
                    affected += answer.affected;
                    for warning in &answer.warnings {
                        observer.event(&Event::Warned { number, warning });
                        run.warnings.push(format!(
                            "{}: {} ({})",
                            step.object, warning.message, warning.code
                        ));
                    }
                }
                Err(trouble) => {
                    observer.event(&Event::Failed {
                        number,
                        total,
                        step,
                    });
                    return Err(run.fail(trouble, place, statement));
                }
            }
        }
        run.end();
        let elapsed = step_began.elapsed();
        observer.event(&Event::Finished {
            number,
            total,
            step,
            elapsed,
            affected,
        });
        run.done.push(StepDone {
            step: number,
            object: step.object.clone(),
            affected,
            milliseconds: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        });
    }
    if let Some(statement) = plan.closing.first() {
        run.conclude()
            .map_err(|trouble| run.fail(trouble, Place::Closing, statement))?;
    }
    for statement in &plan.closing {
        run.statement(statement)
            .map_err(|trouble| run.fail(trouble, Place::Closing, statement))?;
    }
    Ok(Applied {
        steps: run.done,
        statements,
        warnings: run.warnings,
        elapsed: began.elapsed(),
    })
}
