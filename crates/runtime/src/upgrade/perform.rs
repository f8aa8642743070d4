//! What each kind of step does, whether it is done already, and what it keeps for the way back.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use super::code::{Brought, Code};
use super::http;
use super::owners::Owners;
use super::store::kept;
use super::{Answers, Common, Crew, Ground, Made, State, Store, Turn, Watcher, Work};
use crate::cache::Cache;
use crate::kernel::Answered;
use crate::permissions::{self, Permissions};
use crate::process::{Channel, Process};
use crate::{Error, ErrorKind};

/// What came of a step.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// What a person is told.
    pub(super) told: Option<String>,
    /// There was nothing to do.
    pub(super) skipped: bool,
    /// The backup that was made.
    pub(super) backup: Option<Made>,
    /// What is kept for the way back.
    pub(super) kept: Option<PathBuf>,
}

impl Done {
    fn told(text: impl Into<String>) -> Self {
        Self {
            told: Some(text.into()),
            ..Self::default()
        }
    }

    fn nothing(why: impl Into<String>) -> Self {
        Self {
            told: Some(why.into()),
            skipped: true,
            ..Self::default()
        }
    }
}

/// Everything that a step works with.
pub(super) struct Hands<'a> {
    pub(super) ground: &'a Ground,
    pub(super) store: &'a Store,
    pub(super) crew: &'a mut dyn Crew,
    pub(super) watcher: &'a mut dyn Watcher,
    pub(super) answers: &'a Answers,
    /// Where the output of programs goes.
    pub(super) log: File,
    /// By what all that this step starts is known.
    pub(super) mark: String,
}

impl Hands<'_> {
    /// Does a step. `interrupted`: it was begun before and nobody heard how it ended.
    pub(super) fn step(
        &mut self,
        state: &State,
        at: usize,
        interrupted: bool,
    ) -> Result<Done, Error> {
        let entry = &state.entries[at];
        let common = &entry.step.common;
        match &entry.step.work {
            Work::Check {
                command,
                query,
                expect,
                help,
            } => self
                .check(
                    common,
                    command.as_deref(),
                    query.as_deref(),
                    expect.as_deref(),
                )
                .map_err(|error| match help {
                    Some(help) => error.with_help(help.clone()),
                    None => error,
                }),
            Work::Maintenance { turn } => self.maintenance(*turn, state),
            Work::Backup {} => {
                let release = state.boundary_release(entry.hop).tag.clone();
                let watcher = &mut *self.watcher;
                let made = self.crew.backup(&release, &mut |text| watcher.says(text))?;
                Ok(Done {
                    told: Some(made.told.clone()),
                    backup: Some(made),
                    ..Done::default()
                })
            }
            Work::Checkout {} => self.checkout(state, at, interrupted),
            Work::Install { command, env } => {
                self.command(command, common, env)?;
                Ok(Done::default())
            }
            Work::Cache {
                clear,
                command,
                restart,
            } => self.cache(
                common,
                clear.as_deref(),
                command.as_deref(),
                restart.as_deref(),
            ),
            Work::Schema { complete } => {
                let watcher = &mut *self.watcher;
                self.crew
                    .schema(*complete, &mut |text| watcher.says(text))
                    .map(Done::told)
            }
            Work::Migrate { command: None, .. } => {
                let watcher = &mut *self.watcher;
                self.crew
                    .migrate(&mut |text| watcher.says(text))
                    .map(Done::told)
            }
            Work::Migrate {
                command: Some(command),
                env,
            } => {
                self.command(command, common, env)?;
                Ok(Done::default())
            }
            Work::Repeatable { scripts } => {
                let root = self.ground.root();
                let scripts: Vec<PathBuf> = scripts.iter().map(|path| root.join(path)).collect();
                let watcher = &mut *self.watcher;
                self.crew
                    .repeatable(&scripts, &mut |text| watcher.says(text))
                    .map(Done::told)
            }
            Work::Command {
                command,
                env,
                again,
                done,
                undo,
            } => {
                if let Some(done) = done
                    && self.run(done, common, env)?.is_ok()
                {
                    return Ok(Done::nothing("was done already"));
                }
                let [begun, ran] = ["begun", "ran"].map(|what| kept(state, at, what));
                if interrupted && self.store.has(&ran) {
                    return Ok(Done::nothing("ran before"));
                }
                if interrupted && self.store.has(&begun) && done.is_none() && !again {
                    match self.answers.settle {
                        Some(Answered::Ran) => {
                            return Ok(Done::nothing("ran before, as a person has said"));
                        }
                        Some(Answered::DidNotRun) => {}
                        Some(Answered::Undo) => {
                            let undo = undo.as_ref().ok_or_else(|| no_undo(&entry.key))?;
                            self.command(undo, common, env)?;
                            self.store.forget(&begun)?;
                        }
                        None => return Err(nobody_knows(&entry.key, undo.is_some())),
                    }
                }
                // Between these two a kill leaves open whether it ran, and nowhere else.
                self.store.write(&begun, b"")?;
                let ended = self.command(command, common, env);
                match &ended {
                    Ok(()) => self.store.write(&ran, b"").map(|_| ())?,
                    Err(error) if matches!(error.kind, ErrorKind::Stopped(_)) => {}
                    Err(_) => self.store.forget(&begun)?,
                }
                ended.map(|()| Done::default())
            }
            Work::Permissions { .. } => self.permissions(state, at),
            Work::Verify {
                schema,
                url,
                command,
            } => {
                let mut told = Vec::new();
                if *schema {
                    told.push(self.crew.in_sync()?);
                }
                if let Some(url) = url {
                    let limit = common.timeout.map(std::time::Duration::from_secs);
                    told.push(http::healthy(url, limit, &self.ground.stop)?);
                }
                if let Some(command) = command {
                    self.command(command, common, &BTreeMap::new())?;
                }
                Ok(Done::told(told.join("; ")))
            }
            Work::Note { text } => self.note(&entry.key, text),
        }
    }

    fn check(
        &mut self,
        common: &Common,
        command: Option<&[String]>,
        query: Option<&str>,
        expect: Option<&str>,
    ) -> Result<Done, Error> {
        if let Some(command) = command {
            self.command(command, common, &BTreeMap::new())?;
        }
        if let Some(query) = query {
            let answer = self.crew.ask(query)?;
            if let Some(expect) = expect
                && answer.as_deref() != Some(expect)
            {
                return Err(Error::new(
                    ErrorKind::Failed,
                    format!(
                        "the database answers {} where {expect} has to be",
                        answer.as_deref().unwrap_or("nothing")
                    ),
                )
                .with_note(format!("query: {query}")));
            }
        }
        Ok(Done::default())
    }

    fn maintenance(&mut self, turn: Turn, state: &State) -> Result<Done, Error> {
        let Some(maintenance) = self.ground.maintenance.clone() else {
            return Ok(Done::nothing("no maintenance mode is configured"));
        };
        let ground = self.ground;
        let mut lines = self.lines();
        let turned = match turn {
            Turn::On => maintenance.down(&ground.stop, &mut lines)?,
            Turn::Off if state.was_down => {
                return Ok(Done::nothing("it was on before the upgrade, and stays on"));
            }
            Turn::Off => maintenance.up(&ground.stop, &mut lines)?,
        };
        Ok(Done {
            told: (!turned.changed).then(|| turned.what.clone()),
            skipped: !turned.changed,
            ..Done::default()
        })
    }

    fn checkout(&mut self, state: &State, at: usize, interrupted: bool) -> Result<Done, Error> {
        let entry = &state.entries[at];
        let hop = &state.hops[entry.hop];
        let git = &self.ground.git;
        let there = git.tag(&hop.release.tag)?;
        if there != hop.commit {
            return Err(Error::new(
                ErrorKind::Failed,
                format!(
                    "the tag {} no longer means the commit that was planned",
                    hop.release
                ),
            )
            .with_note(format!("planned {}", hop.commit))
            .with_note(format!("now     {there}"))
            .with_help("find out who moved the tag; `realign upgrade rollback` goes back"));
        }
        let (ground, store, mark) = (self.ground, self.store, self.mark.clone());
        let code = Code {
            ground,
            store,
            state,
            mark,
        };
        let mut lines = self.lines();
        match code.forward(at, interrupted, &mut lines)? {
            Brought::Already => Ok(Done::nothing("was there already")),
            Brought::There(kept) => Ok(Done {
                kept,
                ..Done::default()
            }),
        }
    }

    fn cache(
        &mut self,
        common: &Common,
        clear: Option<&[String]>,
        command: Option<&[String]>,
        restart: Option<&[String]>,
    ) -> Result<Done, Error> {
        let none = BTreeMap::new();
        if let Some(command) = command {
            self.command(command, common, &none)?;
            return Ok(Done::default());
        }
        if let Some(restart) = restart {
            let process = self.ground.own(restart, common)?;
            self.finish(&process)?;
            return Ok(Done::default());
        }
        let configured = clear.is_none();
        let ground = self.ground;
        let caches = match clear {
            None => ground.caches.clone(),
            Some(addresses) => addresses
                .iter()
                .map(|text| Cache::parse(text, ground.root()))
                .collect::<Result<Vec<Cache>, Error>>()?,
        };
        let mut told = Vec::new();
        for cache in &caches {
            let mut lines = self.lines();
            let cleared = cache.clear(&ground.stop, &mut lines)?;
            told.push(match cleared.removed {
                Some(removed) => format!("{} ({removed})", cleared.what),
                None => cleared.what,
            });
        }
        if configured {
            for service in self.ground.services.clone() {
                let words = ["systemctl", "restart", "--", service.as_str()].map(str::to_owned);
                let process = self.ground.own(&words, common)?;
                self.finish(&process)?;
                told.push(format!("restarted {service}"));
            }
        }
        if told.is_empty() {
            return Ok(Done::nothing("no caches are configured"));
        }
        Ok(Done::told(told.join(", ")))
    }

    /// Owners and modes, those of before kept for the way back.
    fn permissions(&mut self, state: &State, at: usize) -> Result<Done, Error> {
        let Work::Permissions {
            paths,
            owner,
            group,
            folders,
            files,
            recursive,
            optional,
        } = &state.entries[at].step.work
        else {
            return Ok(Done::default());
        };
        let ground = self.ground;
        let usual = ground.user.as_ref().map(|user| user.user);
        let wanted = Permissions {
            paths: paths.iter().map(PathBuf::from).collect(),
            recursive: *recursive,
            owner: match owner {
                Some(name) => Some(permissions::user(name)?),
                None => usual.filter(|_| rustix::process::geteuid().is_root()),
            },
            group: group.as_deref().map(permissions::group).transpose()?,
            folders: folders.as_deref().map(permissions::mode).transpose()?,
            files: files.as_deref().map(permissions::mode).transpose()?,
            optional: *optional,
        };
        let root = ground.root();
        let name = kept(state, at, OWNERS);
        let before = self.store.folder().join(&name);
        // A second try must not take what the first has changed for what was there before.
        if Owners::read(&before)?.is_none() {
            let owners = Owners::of(root, &wanted.paths, wanted.recursive, &ground.stop);
            self.store.write(&name, &owners.text())?;
        }
        let changed = permissions::apply(root, &wanted, &ground.stop)?;
        let right = changed.owned == 0 && changed.modes == 0;
        Ok(Done {
            told: Some(if right {
                format!("{} files, all right already", changed.seen)
            } else {
                format!(
                    "{} files: owner of {}, mode of {} changed",
                    changed.seen, changed.owned, changed.modes
                )
            }),
            skipped: false,
            kept: Some(before),
            ..Done::default()
        })
    }

    fn note(&mut self, key: &str, text: &str) -> Result<Done, Error> {
        if self.answers.acknowledges(key) || self.watcher.acknowledges(text.trim()) {
            return Ok(Done::told("acknowledged"));
        }
        Err(text
            .trim()
            .lines()
            .fold(
                Error::new(
                    ErrorKind::Refused,
                    "a note of the release has to be acknowledged",
                ),
                Error::with_note,
            )
            .with_help(
                "do what it asks for, then acknowledge it by its name with --ack, or all that are left with --ack-all",
            ))
    }

    /// A program of a recipe, to a good end.
    pub(super) fn command(
        &mut self,
        words: &[String],
        common: &Common,
        variables: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        self.run(words, common, variables)?
    }

    /// A program of a recipe: the outer error is one of starting it or a wish to stop, the inner
    /// its own.
    fn run(
        &mut self,
        words: &[String],
        common: &Common,
        variables: &BTreeMap<String, String>,
    ) -> Result<Result<(), Error>, Error> {
        let process = self.ground.process(words, common, variables)?;
        match self.finish(&process) {
            Ok(()) => Ok(Ok(())),
            Err(error) if matches!(error.kind, ErrorKind::Stopped(_)) => Err(error),
            Err(error) => Ok(Err(error)),
        }
    }

    fn finish(&mut self, process: &Process) -> Result<(), Error> {
        let ground = self.ground;
        let process = process.clone().known(&self.mark, self.store.programs());
        // A log that can't be written must not stop what it tells of.
        let _ = writeln!(self.log, "$ {}", process.shown());
        let mut lines = self.lines();
        process.run(&ground.stop, &mut lines)?.success().map(|_| ())
    }

    /// Every line goes to the log and to who watches.
    pub(super) fn lines(&mut self) -> impl FnMut(Channel, &str) {
        let log = &mut self.log;
        let watcher = &mut *self.watcher;
        move |_, line: &str| {
            let _ = writeln!(log, "{line}");
            watcher.says(line);
        }
    }
}

/// What the owners and modes from before a step are kept as.
pub(super) const OWNERS: &str = "owners.json";

pub(super) fn changed_by_hand(changed: &[String]) -> Error {
    let error = Error::new(
        ErrorKind::Failed,
        "files of the checkout were changed by hand, and a checkout would write over them",
    );
    let error = changed.iter().take(8).fold(error, Error::with_note);
    error.with_help("keep them (`git stash`, or a commit of your own), then go on")
}

fn no_undo(key: &str) -> Error {
    Error::new(
        ErrorKind::Refused,
        format!("{key} can't be undone: its recipe names no command for that"),
    )
    .with_help(
        "look whether its command ran, then say so: `realign upgrade resume --settle ran` or `--settle did-not-run`",
    )
}

fn nobody_knows(key: &str, can_be_undone: bool) -> Error {
    let mut help = "look whether it ran, then say so: `realign upgrade resume --settle ran` or \
                    `--settle did-not-run`"
        .to_owned();
    if can_be_undone {
        help.push_str("; `--settle undo` runs the command that undoes it, and then it again");
    }
    Error::new(
        ErrorKind::Failed,
        format!("the run before was killed in {key}, and whether its command ran can't be told"),
    )
    .with_help(help)
}
