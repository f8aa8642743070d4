//! Running a plan: one statement a call, every answer looked at.

use std::time::{Duration, Instant};

use realign_planner::{Expectation, Plan, Statement, Step};
use serde::{Deserialize, Serialize};

use crate::precheck::samples;
use crate::{Answer, Connection, Error, ErrorKind, ServerWarning, Stop};

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

/// Runs a plan. Nothing here asks for consent: that comes before.
pub fn apply(
    connection: &mut Connection,
    plan: &Plan,
    observer: &mut dyn Observer,
    stop: &Stop,
) -> Result<Applied, Failure> {
    let began = Instant::now();
    let mut run = Run {
        connection,
        plan,
        done: Vec::new(),
        warnings: Vec::new(),
    };
    for statement in &plan.opening {
        run.statement(statement)
            .map_err(|trouble| run.fail(trouble, Place::Opening, statement))?;
    }
    let total = plan.steps.len();
    let mut statements = 0;
    for (index, step) in plan.steps.iter().enumerate() {
        let number = index + 1;
        observer.event(&Event::Started {
            number,
            total,
            step,
        });
        let step_began = Instant::now();
        let mut affected = 0;
        for (part, statement) in step.statements.iter().enumerate() {
            let place = Place::Step {
                number,
                part,
                parts: step.statements.len(),
            };
            let outcome = match stop.signal() {
                Some(signal) => Err(Trouble::Stopped(signal)),
                None => run.statement(statement),
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

/// Where in a plan something went wrong.
#[derive(Debug, Clone, Copy)]
enum Place {
    Opening,
    Step {
        number: usize,
        part: usize,
        parts: usize,
    },
    Closing,
}

/// What went wrong with one statement.
#[derive(Debug)]
enum Trouble {
    /// The server said no.
    Refused(Error),
    /// It ran, and its answer is not what has to come back.
    Unexpected(Error),
    /// The connection is gone: nobody knows whether it ran.
    Lost(Error),
    /// It was not sent: a signal asked to stop.
    Stopped(u8),
}

struct Run<'a> {
    connection: &'a mut Connection,
    plan: &'a Plan,
    done: Vec<StepDone>,
    warnings: Vec<String>,
}

impl Run<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<Answer, Trouble> {
        let answer = self
            .connection
            .run(&statement.sql)
            .map_err(Trouble::Lost)?
            .map_err(|refusal| {
                Trouble::Refused(Error::new(ErrorKind::Refused, refusal.to_string()))
            })?;
        if let Some(cut) = answer.warnings.iter().find(|warning| warning.truncation) {
            return Err(Trouble::Unexpected(Error::new(
                ErrorKind::Refused,
                format!("a value was cut: {} ({})", cut.message, cut.code),
            )));
        }
        let unexpected = match statement.expect {
            Expectation::Done => None,
            Expectation::NoRows => (!answer.rows.rows.is_empty()).then(|| {
                let count = answer.rows.rows.len();
                let mut error = Error::new(
                    ErrorKind::Refused,
                    format!(
                        "a check found {count} row{}",
                        if count == 1 { "" } else { "s" }
                    ),
                );
                for sample in samples(&answer.rows) {
                    error = error.with_note(sample);
                }
                error
            }),
            Expectation::True => {
                let value = answer.rows.rows.first().and_then(|row| row.first());
                (value.and_then(realign_planner::Value::as_int).unwrap_or(0) == 0)
                    .then(|| Error::new(ErrorKind::Refused, "a check did not hold"))
            }
        };
        match unexpected {
            Some(error) => Err(Trouble::Unexpected(error)),
            None => Ok(answer),
        }
    }

    /// Ends the session's work and says what stands.
    fn fail(&mut self, trouble: Trouble, place: Place, statement: &Statement) -> Failure {
        let lost = matches!(trouble, Trouble::Lost(_));
        let stopped = match trouble {
            Trouble::Stopped(signal) => Some(signal),
            Trouble::Refused(_) | Trouble::Unexpected(_) | Trouble::Lost(_) => None,
        };
        let total = self.plan.steps.len();
        let step = match place {
            Place::Step { number, .. } => self.plan.steps.get(number - 1),
            Place::Opening | Place::Closing => None,
        };
        let whereabouts = match place {
            Place::Opening => "before the first step".to_owned(),
            Place::Step { number, .. } => format!("step {number} of {total}"),
            Place::Closing => "after the last step".to_owned(),
        };
        let mut error = match trouble {
            Trouble::Stopped(signal) => Error::new(
                ErrorKind::Failed,
                format!(
                    "stopped by {} before {whereabouts}",
                    match signal {
                        2 => "SIGINT".to_owned(),
                        15 => "SIGTERM".to_owned(),
                        other => format!("signal {other}"),
                    }
                ),
            ),
            Trouble::Refused(inner) | Trouble::Unexpected(inner) | Trouble::Lost(inner) => {
                let object = step.map_or(String::new(), |step| format!("{}: ", step.object));
                Error {
                    message: format!("{object}{whereabouts} failed: {}", inner.message),
                    ..inner
                }
            }
        };
        if stopped.is_none() {
            if let Some(step) = step
                && matches!(step.origin, realign_model::Origin::File { .. })
            {
                error = error.with_note(format!("declared at {}", step.origin));
            }
            error = error.with_note(format!("statement: {}", statement.sql));
        }
        if !lost {
            error = self.abort(error);
        }
        let done = self.account(&mut error, place, lost);
        error.help = Some(if lost {
            "`realign schema validate` shows how the database stands now".to_owned()
        } else if self.plan.atomic && stopped.is_some() {
            "run the same command again".to_owned()
        } else {
            "`realign schema update --dump-sql` prints what is left to do".to_owned()
        });
        Failure {
            error: Box::new(error),
            done,
            step: match place {
                Place::Step { number, .. } => Some(number),
                Place::Opening | Place::Closing => None,
            },
            signal: stopped,
        }
    }

    /// Sends what has to follow a failure. A transaction that can't be rolled back by
    /// command is by the end of its session.
    fn abort(&mut self, mut error: Error) -> Error {
        for statement in &self.plan.abort {
            match self.connection.run(&statement.sql) {
                Ok(Ok(_)) => {}
                Ok(Err(refusal)) => {
                    // The server may have rolled back by itself already.
                    if !self.plan.atomic {
                        error = error
                            .with_note(format!("then {} was refused: {refusal}", statement.sql));
                    }
                }
                Err(lost) => return error.with_note(format!("then: {}", lost.message)),
            }
        }
        error
    }

    /// Says which steps stand, and gives them.
    fn account(&mut self, error: &mut Error, place: Place, lost: bool) -> Vec<StepDone> {
        let total = self.plan.steps.len();
        let done = std::mem::take(&mut self.done);
        if self.plan.atomic {
            if lost && matches!(place, Place::Closing) {
                error.notes.push(
                    "the connection was lost while the transaction ended: either everything was \
                     done or nothing"
                        .to_owned(),
                );
                return Vec::new();
            }
            error
                .notes
                .push("nothing was changed: all steps are one transaction, rolled back".to_owned());
            return Vec::new();
        }
        match place {
            Place::Opening => error.notes.push("nothing was changed".to_owned()),
            Place::Step {
                number,
                part,
                parts,
            } => {
                if done.is_empty() && part == 0 && !lost {
                    error.notes.push("nothing was changed".to_owned());
                } else {
                    error.notes.push(match done.len() {
                        0 => "no step is done".to_owned(),
                        1 => "step 1 is done".to_owned(),
                        n => format!("steps 1 to {n} are done"),
                    });
                }
                if part > 0 {
                    error.notes.push(format!(
                        "of step {number}, {part} of {parts} statements were executed"
                    ));
                }
                if lost {
                    error.notes.push(
                        "the connection was lost while this statement ran: the server may have \
                         finished it, or may still be at it"
                            .to_owned(),
                    );
                }
                match total - number {
                    0 => {}
                    1 => error.notes.push(format!("step {total} was not begun")),
                    _ => error
                        .notes
                        .push(format!("steps {} to {total} were not begun", number + 1)),
                }
            }
            Place::Closing => error.notes.push("all steps are done".to_owned()),
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use realign_planner::{Expectation, Phase, Plan, Statement, Step};

    use super::{Event, Observer, apply};
    use crate::Stop;
    use crate::fake::{self, Script};

    fn plan(atomic: bool) -> Plan {
        let steps = ["a", "b", "c"]
            .map(|object| {
                Step::new(
                    Phase::Alter,
                    object,
                    vec![
                        Statement::new(format!("{object} 1")),
                        Statement::new(format!("{object} 2")),
                    ],
                )
            })
            .to_vec();
        let mut plan = fake::plan(steps);
        plan.atomic = atomic;
        plan.opening = vec![Statement::new("OPEN")];
        plan.closing = vec![
            Statement::expecting("CHECK", Expectation::NoRows),
            Statement::new("CLOSE"),
        ];
        plan.abort = vec![Statement::new("ABORT")];
        plan
    }

    #[derive(Default)]
    struct Log(Vec<String>);

    impl Observer for Log {
        fn event(&mut self, event: &Event<'_>) {
            self.0.push(match event {
                Event::Started { number, .. } => format!("start {number}"),
                Event::Finished { number, .. } => format!("finish {number}"),
                Event::Failed { number, .. } => format!("fail {number}"),
                Event::Warned { warning, .. } => warning.message.clone(),
            });
        }
    }

    #[test]
    fn every_statement_is_sent_once_in_order() {
        let script = Script::new();
        let mut log = Log::default();
        let applied = apply(&mut script.open(), &plan(true), &mut log, &Stop::new()).unwrap();
        assert_eq!(applied.statements, 6);
        assert_eq!(
            script.sent(),
            [
                "OPEN", "a 1", "a 2", "b 1", "b 2", "c 1", "c 2", "CHECK", "CLOSE"
            ]
        );
        assert_eq!(log.0[0..2], ["start 1", "finish 1"]);
    }

    #[test]
    fn a_refusal_in_a_transaction_leaves_nothing() {
        let script = Script::new().refuse("b 2", "Duplicate entry");
        let failure = apply(&mut script.open(), &plan(true), &mut (), &Stop::new()).unwrap_err();
        assert_eq!(script.sent().last().unwrap(), "ABORT");
        assert!(failure.done.is_empty());
        assert_eq!(failure.step, Some(2));
        assert_eq!(
            failure.error.message,
            "b: step 2 of 3 failed: Duplicate entry (1062)"
        );
        assert!(failure.error.notes.contains(&"statement: b 2".to_owned()));
        assert!(
            failure
                .error
                .notes
                .iter()
                .any(|n| n.starts_with("nothing was changed"))
        );
    }

    #[test]
    fn without_a_transaction_what_stands_is_told() {
        let script = Script::new().refuse("b 2", "Duplicate entry");
        let failure = apply(&mut script.open(), &plan(false), &mut (), &Stop::new()).unwrap_err();
        assert_eq!(failure.done.len(), 1);
        let notes = failure.error.notes.join("\n");
        assert!(notes.contains("step 1 is done"), "{notes}");
        assert!(
            notes.contains("of step 2, 1 of 2 statements were executed"),
            "{notes}"
        );
        assert!(notes.contains("step 3 was not begun"), "{notes}");
    }

    #[test]
    fn a_lost_connection_is_not_taken_for_a_refusal() {
        let script = Script::new().lose("a 1");
        let failure = apply(&mut script.open(), &plan(false), &mut (), &Stop::new()).unwrap_err();
        let notes = failure.error.notes.join("\n");
        assert!(notes.contains("may have"), "{notes}");
        assert_eq!(script.sent().last().unwrap(), "a 1");
    }

    #[test]
    fn a_cut_value_fails_and_another_warning_does_not() {
        let script = Script::new().warn("a 1", "Data truncated for column 'x'", true);
        let failure = apply(&mut script.open(), &plan(true), &mut (), &Stop::new()).unwrap_err();
        assert!(failure.error.message.contains("a value was cut"));
        let script = Script::new().warn("a 1", "Integer display width is deprecated", false);
        let mut log = Log::default();
        let applied = apply(&mut script.open(), &plan(true), &mut log, &Stop::new()).unwrap();
        assert_eq!(applied.warnings.len(), 1);
        assert_eq!(applied.steps[0].affected, 3);
        assert_eq!(log.0[1], "Integer display width is deprecated");
    }

    #[test]
    fn a_check_that_finds_rows_rolls_back() {
        let script = Script::new().answer("CHECK", fake::scalar(1));
        let failure = apply(&mut script.open(), &plan(true), &mut (), &Stop::new()).unwrap_err();
        assert!(failure.error.message.contains("a check found 1 row"));
        assert!(!script.sent().contains(&"CLOSE".to_owned()));
        assert_eq!(script.sent().last().unwrap(), "ABORT");
    }

    #[test]
    fn a_signal_stops_before_the_next_statement() {
        struct AskAt(Stop);
        impl Observer for AskAt {
            fn event(&mut self, event: &Event<'_>) {
                if matches!(event, Event::Finished { number: 1, .. }) {
                    self.0.ask(15);
                }
            }
        }
        let stop = Stop::new();
        let script = Script::new();
        let failure = apply(
            &mut script.open(),
            &plan(false),
            &mut AskAt(stop.clone()),
            &stop,
        )
        .unwrap_err();
        assert_eq!(failure.signal, Some(15));
        assert_eq!(
            failure.error.message,
            "stopped by SIGTERM before step 2 of 3"
        );
        assert_eq!(script.sent(), ["OPEN", "a 1", "a 2", "ABORT"]);
    }
}
