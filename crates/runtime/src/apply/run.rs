//! A plan that is running: what an answer means, and what stands after a failure.

use std::time::Duration;

use realign_planner::{Expectation, Nature, Plan, Statement, StatementKind, Step};

use super::{Failure, StepDone};
use crate::error::{AGAIN, LOOKS};
use crate::kernel::{Journal, RunOutcome, Standing, blockers};
use crate::precheck::samples;
use crate::stop::signal_name;
use crate::{Answer, Connection, Error, ErrorKind, SqlError, Stop, statement_note};

/// How often a statement is tried that others stand in the way of.
const TRIES: u32 = 3;
/// How long is waited between two tries, times the number of tries.
const PAUSE: Duration = Duration::from_millis(500);

/// Somebody who is told of a statement that has to wait: the refusal, and who stands in the way.
pub(super) type Waits<'a> = &'a mut dyn FnMut(&SqlError, &[String]);

/// Where in a plan something went wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// Before the first step.
    Opening,
    /// In a step.
    Step {
        /// Its number.
        number: usize,
        /// How many of its statements were executed.
        part: usize,
        /// How many it has.
        parts: usize,
    },
    /// After the last step.
    Closing,
}

/// What went wrong with one statement.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server said no.
    Refused(Error),
    /// It ran, and its answer is not what has to come back.
    Unexpected(Error),
    /// The connection is gone: nobody knows whether it ran.
    Lost(Error),
    /// It was not sent: a signal asked to stop.
    Stopped(u8),
}

impl Trouble {
    fn refused(refusal: SqlError) -> Self {
        Self::Refused(Error::refused(refusal))
    }

    /// The server's refusal, when that is what it was.
    pub(super) fn refusal(&self) -> Option<SqlError> {
        match self {
            Self::Refused(error) => error.refusal().cloned(),
            Self::Unexpected(_) | Self::Lost(_) | Self::Stopped(_) => None,
        }
    }
}

/// A record that could not be written.
fn unrecorded(error: Error) -> Trouble {
    if error.kind == ErrorKind::Unreachable {
        Trouble::Lost(error)
    } else if error.refusal().is_some() {
        Trouble::Refused(error)
    } else {
        Trouble::Unexpected(error)
    }
}

/// A statement that was cancelled because a signal asked for it was stopped, not refused.
fn given_up(trouble: Trouble, stop: &Stop) -> Trouble {
    match stop.signal() {
        Some(signal) if trouble.refusal().is_some_and(|r| r.interrupted) => {
            Trouble::Stopped(signal)
        }
        _ => trouble,
    }
}

/// A plan that is running.
pub(super) struct Run<'a, 'g> {
    connection: &'a mut Connection,
    plan: &'a Plan,
    journal: Option<&'a mut Journal<'g>>,
    /// Steps that are done.
    pub(super) done: Vec<StepDone>,
    /// What the server warned of.
    pub(super) warnings: Vec<String>,
}

impl<'a, 'g> Run<'a, 'g> {
    /// A run that has not begun.
    pub(super) fn new(
        connection: &'a mut Connection,
        plan: &'a Plan,
        journal: Option<&'a mut Journal<'g>>,
    ) -> Self {
        Self {
            connection,
            plan,
            journal,
            done: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// A step begins.
    pub(super) fn begin(&mut self, step: &Step) {
        if let Some(journal) = &mut self.journal {
            journal.begin_unit(&step.object, None);
        }
    }

    /// A step is done.
    pub(super) fn end(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.next_unit();
        }
    }

    /// Sends a statement of a step. Where it stands as soon as it ran, the journal says so
    /// before and after it, and it is tried again when others stood in its way; in a transaction
    /// of all it stands with the end.
    pub(super) fn recorded(
        &mut self,
        part: usize,
        statement: &Statement,
        stop: &Stop,
        waits: Waits<'_>,
    ) -> Result<Answer, Trouble> {
        let Some(journal) = &mut self.journal else {
            return self.statement(statement);
        };
        if self.plan.atomic {
            journal.guard().check().map_err(Trouble::Unexpected)?;
            return self.statement(statement).map_err(|t| given_up(t, stop));
        }
        let site = journal.guard().site();
        let nature = site.dialect.scripts().nature(&statement.sql, &site.facts);
        let mut tries = 1;
        loop {
            match self.once(part, statement, &nature, stop)? {
                Ok(answer) => return Ok(answer),
                Err(refusal) if refusal.retryable && tries < TRIES && stop.signal().is_none() => {
                    let blockers = self.blockers(&nature)?;
                    waits(&refusal, &blockers);
                    std::thread::sleep(PAUSE * tries);
                    tries += 1;
                }
                Err(refusal) => {
                    return Err(given_up(Trouble::refused(refusal), stop));
                }
            }
        }
    }

    /// Sends a statement of a run before once more, when it only set up the session.
    pub(super) fn again(&mut self, statement: &Statement) -> Result<(), Trouble> {
        let session = self.journal.as_ref().is_some_and(|journal| {
            let site = journal.guard().site();
            let scripts = site.dialect.scripts();
            scripts.nature(&statement.sql, &site.facts).kind == StatementKind::Session
        });
        if session {
            self.statement(statement)?;
        }
        Ok(())
    }

    /// One try. The inner error is a refusal of which nothing stands.
    fn once(
        &mut self,
        part: usize,
        statement: &Statement,
        nature: &Nature,
        stop: &Stop,
    ) -> Result<Result<Answer, SqlError>, Trouble> {
        let Some(journal) = &mut self.journal else {
            return self.statement(statement).map(Ok);
        };
        let outcome = journal
            .before(self.connection, part, &statement.sql, nature)
            .map_err(unrecorded)
            .and_then(|()| self.statement(statement));
        let Some(journal) = &mut self.journal else {
            return outcome.map(Ok);
        };
        let outcome = outcome.and_then(|answer| {
            journal.after(self.connection, part).map_err(unrecorded)?;
            Ok(answer)
        });
        let trouble = match outcome {
            Ok(answer) => return Ok(Ok(answer)),
            Err(lost @ Trouble::Lost(_)) => return Err(lost),
            Err(trouble) => trouble,
        };
        let refusal = trouble.refusal();
        let unheard = SqlError::default();
        let stands = journal
            .refused(
                self.connection,
                nature,
                refusal.as_ref().unwrap_or(&unheard),
            )
            .map_err(unrecorded)?;
        match (stands, refusal) {
            (Standing::Everything, _) => {
                journal.after(self.connection, part).map_err(unrecorded)?;
                Ok(Ok(Answer::default()))
            }
            (Standing::Nothing, Some(refusal)) => Ok(Err(refusal)),
            (Standing::Nothing | Standing::Unknown, _) => Err(given_up(trouble, stop)),
        }
    }

    /// Who stands in the way, as far as the server tells.
    pub(super) fn blockers(&mut self, nature: &Nature) -> Result<Vec<String>, Trouble> {
        match &self.journal {
            Some(journal) => blockers(self.connection, journal.guard().site(), &nature.touches)
                .map_err(unrecorded),
            None => Ok(Vec::new()),
        }
    }

    /// Within the transaction of all, before it is committed: the lock is still ours, and the
    /// end of the run is written down.
    pub(super) fn conclude(&mut self) -> Result<(), Trouble> {
        match &self.journal {
            Some(journal) if self.plan.atomic => {
                journal.guard().fence(self.connection).map_err(unrecorded)?;
                let ending = journal.ending(RunOutcome::Done, None);
                self.connection
                    .query(&ending)
                    .map(|_| ())
                    .map_err(unrecorded)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Sends a statement and looks at its answer.
    pub(super) fn statement(&mut self, statement: &Statement) -> Result<Answer, Trouble> {
        let answer = self
            .connection
            .run(&statement.sql)
            .map_err(Trouble::Lost)?
            .map_err(Trouble::refused)?;
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
    pub(super) fn fail(
        &mut self,
        trouble: Trouble,
        place: Place,
        statement: &Statement,
    ) -> Failure {
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
                    "stopped by {} {} {whereabouts}",
                    signal_name(signal),
                    match place {
                        Place::Step { part: 1.., .. } => "within",
                        _ => "before",
                    },
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
            let told = statement_note(&statement.sql);
            // A line that broke has told it.
            error.notes.retain(|note| *note != told);
            error = error.with_note(told);
        }
        if !lost {
            error = self.abort(error);
        }
        let done = self.account(&mut error, place, lost, stopped.is_some());
        let again = error.refusal().is_some_and(|refusal| refusal.retryable);
        error.help = Some(if lost && self.journal.is_some() {
            LOOKS.to_owned()
        } else if again {
            AGAIN.to_owned()
        } else if lost {
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
    fn account(
        &mut self,
        error: &mut Error,
        place: Place,
        lost: bool,
        stopped: bool,
    ) -> Vec<StepDone> {
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
            if let Some(journal) = &mut self.journal {
                journal.taken_back();
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
                // An earlier run may have done some of them.
                let before = number - 1;
                if before == 0 && part == 0 && !lost {
                    error.notes.push("nothing was changed".to_owned());
                } else {
                    error.notes.push(match before {
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
                // A step that was stopped before its first statement was not begun either.
                let first = if stopped && part == 0 {
                    number
                } else {
                    number + 1
                };
                match (total + 1).saturating_sub(first) {
                    0 => {}
                    1 => error.notes.push(format!("step {total} was not begun")),
                    _ => error
                        .notes
                        .push(format!("steps {first} to {total} were not begun")),
                }
            }
            Place::Closing => error.notes.push("all steps are done".to_owned()),
        }
        done
    }
}
