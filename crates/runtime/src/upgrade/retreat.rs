//! The way back to a release: its code, its database, its caches.

use std::time::Instant;

use super::code::{Brought, Code};
use super::journal::now;
use super::owners::Owners;
use super::perform::{Hands, OWNERS};
use super::store::kept;
use super::{
    Answers, Crew, Entry, Ground, Made, Moment, Outcome, Retreat, State, Status, Step, Store,
    Watcher, Work,
};
use crate::maintenance::Hold;
use crate::{Error, ErrorKind, point};

impl State {
    /// The backup that holds the database of a boundary; none when nothing has changed there
    /// since.
    pub fn backup_of(&self, stay: usize) -> Result<Option<&Made>, Error> {
        let after = |entry: &&Entry| {
            entry.step.common.at != Moment::Start && entry.hop >= stay || {
                stay == 0 && entry.step.common.at == Moment::Start
            }
        };
        let made = self
            .entries
            .iter()
            .filter(after)
            .find(|entry| entry.hop == stay && entry.backup.is_some())
            .and_then(|entry| entry.backup.as_ref());
        if made.is_some() {
            return Ok(made);
        }
        let touched = self.entries.iter().filter(after).find(|entry| {
            entry.status != Status::Open && entry.status != Status::Skipped && writes(&entry.step)
        });
        match touched {
            None => Ok(None),
            Some(entry) => Err(Error::new(
                ErrorKind::Failed,
                format!(
                    "there is no backup of {}, and {} may have changed the database since",
                    self.boundary_release(stay),
                    entry.key
                ),
            )
            .with_help("`realign backup list` shows what there is; restore one by hand")),
        }
    }
}

/// Whether a step may change the database.
fn writes(step: &Step) -> bool {
    match &step.work {
        Work::Schema { .. }
        | Work::Migrate { .. }
        | Work::Repeatable { .. }
        | Work::Command { .. }
        | Work::Install { .. } => true,
        Work::Check { .. }
        | Work::Maintenance { .. }
        | Work::Backup {}
        | Work::Checkout {}
        | Work::Cache { .. }
        | Work::Permissions { .. }
        | Work::Verify { .. }
        | Work::Note { .. } => false,
    }
}

/// Goes back to a boundary: `stay` releases of the way are kept. Whoever calls it has asked for
/// the rows that were written since. Each part can be done again, so that a killed way back is
/// gone from its beginning.
pub fn retreat(
    state: &mut State,
    stay: usize,
    ground: &Ground,
    store: &Store,
    crew: &mut dyn Crew,
    watcher: &mut dyn Watcher,
) -> Result<(), Error> {
    let (backup, settled) = match &state.retreat {
        // What was found then counts: the database may hold half of it by now.
        Some(begun) if !begun.done && begun.stay == stay => (begun.backup.clone(), begun.settled),
        _ => (state.backup_of(stay)?.cloned(), false),
    };
    state.retreat = Some(Retreat {
        stay,
        begun: now(),
        done: false,
        backup: backup.clone(),
        settled,
    });
    store.save(state)?;
    Hold {
        what: format!("the way back to {}", state.boundary_release(stay)),
        next: "realign upgrade rollback --into-same".to_owned(),
    }
    .keep(store.folder())?;
    point::at("after", "the hold");
    let mut back = Back {
        stay,
        ground,
        store,
        crew,
        watcher,
        answers: Answers {
            acknowledge_all: true,
            ..Answers::default()
        },
    };
    let release = state.boundary_release(stay).tag.clone();
    back.watcher.release(Some(&release));
    if !settled {
        back.all(state, backup.as_ref())?;
    }
    // From here on visitors may come in: a killed way back must not take from them what they write.
    let was_down = state.was_down;
    back.part("maintenance off", |back| back.open(was_down))?;
    Hold::release(store.folder())?;
    point::at("after the end of", "the hold");
    state.outcome = Outcome::RolledBack;
    state.finished = Some(now());
    if let Some(retreat) = &mut state.retreat {
        retreat.done = true;
    }
    back.crew.record(state)?;
    point::at("after", "the last record");
    store.save(state)
}

struct Back<'a> {
    stay: usize,
    ground: &'a Ground,
    store: &'a Store,
    crew: &'a mut dyn Crew,
    watcher: &'a mut dyn Watcher,
    answers: Answers,
}

impl Back<'_> {
    /// Everything but letting visitors in again.
    fn all(&mut self, state: &mut State, backup: Option<&Made>) -> Result<(), Error> {
        self.part("maintenance on", Back::close)?;
        self.undo(state)?;
        if let Some(made) = backup {
            self.part("database", |back| {
                let watcher = &mut *back.watcher;
                back.crew
                    .restore(&made.file, &mut |text| watcher.says(text))
            })?;
        }
        self.part("checkout", |back| back.checkout(state))?;
        self.part("owners and modes", |back| back.owners(state))?;
        self.again(state)?;
        for entry in &mut state.entries {
            let once = match entry.step.common.at {
                Moment::Start => self.stay == 0,
                Moment::Release => entry.hop >= self.stay,
                Moment::End => true,
            };
            if once {
                entry.reset();
            }
        }
        if let Some(retreat) = &mut state.retreat {
            retreat.settled = true;
        }
        self.store.save(state)
    }

    fn part(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Self) -> Result<String, Error>,
    ) -> Result<(), Error> {
        if let Some(signal) = self.ground.stop.signal() {
            return Err(Error::new(
                ErrorKind::Stopped(signal),
                format!("stopped on the way back, before: {name}"),
            )
            .with_help("go on with it: realign upgrade rollback --into-same"));
        }
        self.watcher.begun(name);
        let begun = Instant::now();
        point::at("before the way back's", name);
        let done = work(self);
        point::at("after the way back's", name);
        match done {
            Ok(told) => {
                let told = Some(told.as_str()).filter(|told| !told.is_empty());
                self.watcher.done(name, told, false, begun.elapsed());
                Ok(())
            }
            Err(error) => {
                self.watcher.failed(name, begun.elapsed());
                let help =
                    "mend it, then go on with the way back: realign upgrade rollback --into-same";
                let help = match &error.help {
                    Some(known) => format!("{known}\n{help}"),
                    None => help.to_owned(),
                };
                Err(error
                    .with_note(format!("on the way back, at: {name}"))
                    .with_help(help))
            }
        }
    }

    fn close(&mut self) -> Result<String, Error> {
        match &self.ground.maintenance {
            None => Ok("no maintenance mode is configured".to_owned()),
            Some(maintenance) => {
                let watcher = &mut *self.watcher;
                let lines = &mut |_, line: &str| watcher.says(line);
                maintenance
                    .down(&self.ground.stop, lines)
                    .map(|_| String::new())
            }
        }
    }

    fn open(&mut self, was_down: bool) -> Result<String, Error> {
        match &self.ground.maintenance {
            Some(maintenance) if !was_down => {
                let watcher = &mut *self.watcher;
                let lines = &mut |_, line: &str| watcher.says(line);
                maintenance
                    .up(&self.ground.stop, lines)
                    .map(|_| String::new())
            }
            Some(_) => Ok("it was on before the upgrade, and stays on".to_owned()),
            None => Ok("no maintenance mode is configured".to_owned()),
        }
    }

    /// Commands that say how they are taken back, the last one first.
    fn undo(&mut self, state: &State) -> Result<(), Error> {
        for (at, entry) in state.entries.iter().enumerate().rev() {
            let Work::Command {
                undo: Some(undo),
                env,
                ..
            } = &entry.step.work
            else {
                continue;
            };
            let begun = !matches!(entry.status, Status::Open | Status::Skipped);
            if entry.hop < self.stay || !begun {
                continue;
            }
            self.part(&format!("undo of {}", entry.key), |back| {
                back.hands(state, at, |hands| {
                    hands.command(undo, &entry.step.common, env)
                })
                .map(|()| String::new())
            })?;
        }
        Ok(())
    }

    fn hands(
        &mut self,
        state: &State,
        at: usize,
        work: impl FnOnce(&mut Hands<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (_, log) = self.store.log(&state.id, at + 1)?;
        work(&mut Hands {
            ground: self.ground,
            store: self.store,
            crew: &mut *self.crew,
            watcher: &mut *self.watcher,
            answers: &self.answers,
            log,
            mark: self.store.mark_back(state),
        })
    }

    /// Owners and modes as they were before the steps that changed them, the last one first.
    fn owners(&mut self, state: &State) -> Result<String, Error> {
        let mut changed = 0;
        for (at, entry) in state.entries.iter().enumerate().rev() {
            if entry.hop < self.stay || !matches!(entry.step.work, Work::Permissions { .. }) {
                continue;
            }
            let kept = self.store.folder().join(kept(state, at, OWNERS));
            if let Some(owners) = Owners::read(&kept)? {
                changed += owners.restore(self.ground.root(), &self.ground.stop)?;
            }
        }
        Ok(format!("{changed} changed"))
    }

    fn checkout(&mut self, state: &State) -> Result<String, Error> {
        let git = &self.ground.git;
        let commit = state.boundary_commit(self.stay);
        let code = Code {
            ground: self.ground,
            store: self.store,
            state,
            mark: self.store.mark_back(state),
        };
        let watcher = &mut *self.watcher;
        let told = match code.back(self.stay, &mut |_, line: &str| watcher.says(line))? {
            Brought::Already | Brought::There(None) => String::new(),
            Brought::There(Some(kept)) => {
                format!("what was changed by hand is kept in {}", kept.display())
            }
        };
        if self.stay == 0
            && let Some(branch) = &state.head.branch
            && git.commit(&format!("refs/heads/{branch}")).ok().as_deref() == Some(commit)
        {
            git.attach(branch)?;
        }
        Ok(told)
    }

    /// What the release that is gone back to depends on, and its caches.
    fn again(&mut self, state: &State) -> Result<(), Error> {
        let release = state.boundary_release(self.stay).version.clone();
        let mut told = Vec::new();
        for (at, entry) in state.entries.iter().enumerate() {
            let common = &entry.step.common;
            let is_here =
                common.at == Moment::Release && entry.hop == self.stay.min(state.hops.len() - 1);
            let has = common
                .if_file
                .as_ref()
                .is_none_or(|file| self.ground.root().join(file).exists());
            let again = matches!(entry.step.work, Work::Install { .. } | Work::Cache { .. });
            let name = entry.step.name();
            if !is_here || !has || !again || !entry.step.belongs(&release, &release) {
                continue;
            }
            if told.contains(&name) {
                continue;
            }
            told.push(name.clone());
            self.part(&name, |back| {
                let mut done = None;
                back.hands(state, at, |hands| {
                    done = hands.step(state, at, false)?.told;
                    Ok(())
                })?;
                Ok(done.unwrap_or_default())
            })?;
        }
        Ok(())
    }
}
