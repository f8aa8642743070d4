//! Going the way: step by step, each written down before it begins.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use super::journal::now;
use super::perform::Hands;
use super::store::kept;
use super::{
    Crew, Entry, Ground, Moment, Outcome, State, Status, Store, Trouble, Turn, Watcher, Work,
    ladder,
};
use crate::kernel::{Answered, Owner};
use crate::maintenance::Hold;
use crate::{Error, ErrorKind, point};

/// What a person has said before it began.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// What became of a command of a killed run.
    pub settle: Option<Answered>,
    /// Notes that are acknowledged, by key.
    pub acknowledged: Vec<String>,
    /// All notes are.
    pub acknowledge_all: bool,
}

impl Answers {
    pub(super) fn acknowledges(&self, key: &str) -> bool {
        self.acknowledge_all
            || self
                .acknowledged
                .iter()
                .any(|known| known == key || key.rsplit('/').next() == Some(known.as_str()))
    }
}

/// An upgrade that stopped on its way.
#[derive(Debug)]
pub struct Stopped {
    /// Why.
    pub error: Box<Error>,
    /// The step.
    pub key: Option<String>,
    /// What its programs printed.
    pub log: Option<PathBuf>,
    /// Visitors are kept out.
    pub closed: bool,
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self {
            error: Box::new(error),
            key: None,
            log: None,
            closed: false,
        }
    }
}

/// Goes on from the first step that is not behind, to the end or to a step that fails. What is
/// done and what begins is on the disk, and in the database, before it begins.
pub fn drive(
    state: &mut State,
    ground: &Ground,
    store: &Store,
    crew: &mut dyn Crew,
    watcher: &mut dyn Watcher,
    answers: &Answers,
) -> Result<(), Stopped> {
    state.outcome = Outcome::Running;
    state.finished = None;
    // The journal first: what holds visitors out has to name an upgrade that can be gone on with.
    store.save(state)?;
    hold(state).keep(store.folder())?;
    point::at("after", "the hold");
    let mut told: Option<(Moment, usize)> = None;
    for at in 0..state.entries.len() {
        if state.entries[at].is_over() {
            continue;
        }
        let entry = &state.entries[at];
        let place = (entry.step.common.at, entry.hop);
        if told != Some(place) {
            told = Some(place);
            watcher.release(match place.0 {
                Moment::Release => Some(state.hops[place.1].release.tag.as_str()),
                Moment::Start | Moment::End => None,
            });
        }
        step(state, at, ground, store, crew, watcher, answers)?;
    }
    // The journal last: as long as it says that the upgrade is at work, the next run ends it.
    Hold::release(store.folder())?;
    point::at("after the end of", "the hold");
    state.outcome = Outcome::Done;
    state.finished = Some(now());
    crew.record(state)?;
    point::at("after", "the last record");
    store.save(state)?;
    Ok(())
}

fn hold(state: &State) -> Hold {
    Hold {
        what: format!("the upgrade from {} to {}", state.from, state.target()),
        next: "realign upgrade resume".to_owned(),
    }
}

fn step(
    state: &mut State,
    at: usize,
    ground: &Ground,
    store: &Store,
    crew: &mut dyn Crew,
    watcher: &mut dyn Watcher,
    answers: &Answers,
) -> Result<(), Stopped> {
    let interrupted = state.entries[at].status == Status::Running;
    let opened = store.log(&state.id, at + 1);
    let entry = &mut state.entries[at];
    entry.status = Status::Running;
    entry.begun = Some(now());
    entry.trouble = None;
    let name = entry.step.name();
    let begun = Instant::now();
    watcher.begun(&name);
    // Written before the step is looked at: whatever happens now, it is known to have begun.
    let begun_with = match opened {
        Ok((path, log)) => {
            entry.log = Some(path);
            record(state, store, crew).map(|()| log)
        }
        Err(error) => Err(error),
    };
    let done = match begun_with {
        Ok(log) => {
            if let Some(signal) = ground.stop.signal() {
                Err(Error::new(
                    ErrorKind::Stopped(signal),
                    format!("stopped before {}", state.entries[at].key),
                ))
            } else {
                point::at("before", &state.entries[at].key);
                Hands {
                    ground,
                    store,
                    crew: &mut *crew,
                    watcher: &mut *watcher,
                    answers,
                    log,
                    mark: store.mark(state, at),
                }
                .step(state, at, interrupted)
            }
        }
        Err(error) => Err(error),
    };
    point::at("after", &state.entries[at].key);
    let took = begun.elapsed();
    let entry = &mut state.entries[at];
    entry.took += u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match done {
        Ok(done) => {
            entry.status = if done.skipped {
                Status::Skipped
            } else {
                Status::Done
            };
            entry.told = done.told;
            entry.backup = done.backup.or(entry.backup.take());
            entry.kept = done.kept.or(entry.kept.take());
            watcher.done(&name, entry.told.as_deref(), done.skipped, took);
            Ok(())
        }
        Err(error) => {
            watcher.failed(&name, took);
            // An answer that led nowhere is none.
            let answered = match answers.settle {
                None => false,
                Some(Answered::Undo) => !store.has(&kept(state, at, "begun")),
                Some(Answered::Ran | Answered::DidNotRun) => true,
            };
            let asked = interrupted && !answered && is_unknowable(&state.entries[at]);
            let stopped = stopped(state, at, ground, store, crew, error);
            if asked {
                // Nobody has said it yet: it is asked again until somebody does.
                state.entries[at].status = Status::Running;
                store.save(state)?;
            }
            Err(stopped)
        }
    }
}

/// True for a command of which nothing tells whether it ran.
pub(super) fn is_unknowable(entry: &Entry) -> bool {
    matches!(
        entry.step.work,
        Work::Command {
            again: false,
            done: None,
            ..
        }
    )
}

fn record(state: &State, store: &Store, crew: &mut dyn Crew) -> Result<(), Error> {
    store.save(state)?;
    point::at("before", "the record");
    crew.record(state)?;
    point::at("after", "the record");
    Ok(())
}

/// Writes down why it stopped, keeps visitors out, and says what to do.
fn stopped(
    state: &mut State,
    at: usize,
    ground: &Ground,
    store: &Store,
    crew: &mut dyn Crew,
    error: Error,
) -> Stopped {
    let by_signal = matches!(error.kind, ErrorKind::Stopped(_));
    let entry = &mut state.entries[at];
    // After a signal the step counts as one that nobody heard of: what it began may stand.
    entry.status = if by_signal {
        Status::Running
    } else {
        Status::Failed
    };
    entry.trouble = Some(Trouble::from(&error));
    let (key, log) = (entry.key.clone(), entry.log.clone());
    state.outcome = if by_signal {
        Outcome::Stopped
    } else {
        Outcome::Failed
    };
    let mut error = error;
    let closed = match keep_closed(state, ground) {
        Ok(closed) => closed,
        Err(other) => {
            error = error.with_note(format!("visitors can't be kept out: {other}"));
            false
        }
    };
    if let Err(other) = store.save(state) {
        error = error.with_note(format!("it could not be written down: {other}"));
    }
    // The file has it; a database that can't be reached may be the very reason.
    let _ = crew.record(state);
    Stopped {
        error: Box::new(error),
        key: Some(key),
        log: log.filter(|path| path.metadata().is_ok_and(|file| file.len() > 0)),
        closed,
    }
}

/// Maintenance stays on, or is turned on again: an application that is half upgraded is nobody's
/// to see.
fn keep_closed(state: &State, ground: &Ground) -> Result<bool, Error> {
    let begun = state.entries.iter().any(|entry| {
        matches!(entry.step.work, Work::Maintenance { turn: Turn::On }) && entry.is_over()
    });
    match &ground.maintenance {
        Some(maintenance) if begun => {
            // A wish to stop must not keep it from being turned on.
            maintenance.down(&crate::Stop::new(), &mut |_, _| {})?;
            Ok(true)
        }
        Some(_) | None => Ok(false),
    }
}

impl Stopped {
    /// The whole as one error: what happened, to what, and the ways on.
    pub fn explained(self, state: &State) -> Error {
        let cause = *self.error;
        let message = match &self.key {
            Some(key) => format!("the upgrade stopped at {key}: {}", cause.message),
            None => cause.message,
        };
        // What makes no sense in the middle of an upgrade was no slip of the command line.
        let kind = match (cause.kind, &self.key) {
            (ErrorKind::Usage, Some(_)) => ErrorKind::Failed,
            (kind, _) => kind,
        };
        let mut error = Error::new(kind, message);
        for note in cause.notes {
            error = error.with_note(note);
        }
        if let Some(log) = &self.log {
            error = error.with_note(format!("the output of its programs: {}", log.display()));
        }
        if self.closed {
            error = error.with_note("maintenance mode is on, and stays on");
        }
        let mut help = cause
            .help
            .map(|help| format!("{help}\n"))
            .unwrap_or_default();
        help.push_str("the ways on, in this order:");
        for rung in ladder(state) {
            // Writing into a String cannot fail.
            let _ = write!(help, "\n  {:<42}  {}", rung.command, rung.what);
        }
        error.with_help(help)
    }
}

impl State {
    /// This process goes on with it.
    pub fn taken_over(&mut self, command: &str) {
        self.owner = Owner::this(command, &now());
    }
}
