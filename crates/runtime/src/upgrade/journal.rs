//! What is known of an upgrade: where it goes, and how far it came.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Closed, Hop, Made, Moment, Release, Step};
use crate::Error;
use crate::git::Head;
use crate::kernel::Owner;

/// The layout of the journal.
const FORMAT: u32 = 1;

/// An upgrade, as its journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The journal's layout.
    pub format: u32,
    /// What it is called: the time it began, `20261122-031200`.
    pub id: String,
    /// The checkout.
    pub root: PathBuf,
    /// The recipe's name.
    pub recipe: String,
    /// Maintenance mode, as the recipe has it.
    pub maintenance: Option<Closed>,
    /// The configuration as it was read, so that what a release brings along can't change it.
    pub configuration: Option<String>,
    /// The release that it began with.
    pub from: Release,
    /// Where the checkout stood then.
    pub head: Head,
    /// The releases on the way.
    pub hops: Vec<Hop>,
    /// Maintenance was on before it began.
    pub was_down: bool,
    /// Who is at work, or was last.
    pub owner: Owner,
    /// When it began, UTC.
    pub begun: String,
    /// When it ended, UTC.
    pub finished: Option<String>,
    /// How it stands.
    pub outcome: Outcome,
    /// The steps, in order.
    pub entries: Vec<Entry>,
    /// Notes that a person has acknowledged, by their keys; `*` for all.
    pub acknowledged: Vec<String>,
    /// Kinds of risk that were agreed to by name.
    pub allowed: Vec<String>,
    /// What goes is not kept aside; agreed to by name.
    #[serde(default)]
    pub no_quarantine: bool,
    /// The way back that was begun.
    pub retreat: Option<Retreat>,
}

/// How an upgrade stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// At work, or killed.
    Running,
    /// A step failed.
    Failed,
    /// A signal asked to stop.
    Stopped,
    /// The target is reached.
    Done,
    /// It went back to a release.
    RolledBack,
}

impl Outcome {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::RolledBack => "rolled back",
        }
    }
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Not begun.
    Open,
    /// At work, or killed in it.
    Running,
    /// Done.
    Done,
    /// There was nothing to do.
    Skipped,
    /// It failed.
    Failed,
}

/// A step of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The release that it belongs to, by its place on the way.
    pub hop: usize,
    /// What it is called, unlike all others: `v4.8.0/schema update`.
    pub key: String,
    /// What it does.
    pub step: Step,
    /// How it stands.
    pub status: Status,
    /// When it was begun last, UTC.
    pub begun: Option<String>,
    /// How long it took, in milliseconds, all tries together.
    pub took: u64,
    /// What a person is told of it.
    pub told: Option<String>,
    /// What its programs printed.
    pub log: Option<PathBuf>,
    /// Why it failed.
    pub trouble: Option<Trouble>,
    /// The backup that it made.
    pub backup: Option<Made>,
    /// What it keeps for the way back.
    pub kept: Option<PathBuf>,
}

/// Why a step failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What happened, to what.
    pub message: String,
    /// Further lines.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
}

impl From<&Error> for Trouble {
    fn from(error: &Error) -> Self {
        Self {
            message: error.message.clone(),
            notes: error.notes.clone(),
            help: error.help.clone(),
        }
    }
}

/// A way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retreat {
    /// The boundary: how many releases of the way stay.
    pub stay: usize,
    /// When it was begun, UTC.
    pub begun: String,
    /// True when it came to its end.
    pub done: bool,
    /// The database has to be put back from this backup.
    pub backup: Option<Made>,
    /// All has been done but letting visitors in again.
    #[serde(default)]
    pub settled: bool,
}

impl Entry {
    pub(super) fn new(hop: usize, key: String, step: Step) -> Self {
        Self {
            hop,
            key,
            step,
            status: Status::Open,
            begun: None,
            took: 0,
            told: None,
            log: None,
            trouble: None,
            backup: None,
            kept: None,
        }
    }

    /// True when it is behind.
    pub fn is_over(&self) -> bool {
        matches!(self.status, Status::Done | Status::Skipped)
    }

    /// As if it had never been begun.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.hop, std::mem::take(&mut self.key), self.step.clone());
    }
}

impl State {
    /// An upgrade that is about to begin.
    pub fn new(id: String, root: PathBuf, recipe: String, from: Release, head: Head) -> Self {
        let begun = now();
        Self {
            format: FORMAT,
            owner: Owner::this("realign upgrade run", &begun),
            id,
            root,
            recipe,
            maintenance: None,
            configuration: None,
            from,
            head,
            hops: Vec::new(),
            was_down: false,
            begun,
            finished: None,
            outcome: Outcome::Running,
            entries: Vec::new(),
            acknowledged: Vec::new(),
            allowed: Vec::new(),
            no_quarantine: false,
            retreat: None,
        }
    }

    /// True for a journal that this version understands.
    pub fn is_known(&self) -> bool {
        self.format == FORMAT
    }

    /// True when it has neither reached its target nor gone back, or is on its way back.
    pub fn is_unfinished(&self) -> bool {
        match self.outcome {
            Outcome::Running | Outcome::Failed | Outcome::Stopped => true,
            Outcome::Done | Outcome::RolledBack => self.is_going_back(),
        }
    }

    /// True when a way back was begun and has not come to its end.
    pub fn is_going_back(&self) -> bool {
        self.retreat.as_ref().is_some_and(|retreat| !retreat.done)
    }

    /// The release that it leads to.
    pub fn target(&self) -> &Release {
        self.hops.last().map_or(&self.from, |hop| &hop.release)
    }

    /// The release that the database is at: the last one whose steps are all behind.
    pub fn reached(&self) -> &Release {
        let at = self.boundary();
        self.boundary_release(at)
    }

    /// How many releases of the way are behind.
    pub fn boundary(&self) -> usize {
        (0..self.hops.len())
            .take_while(|hop| {
                self.entries
                    .iter()
                    .filter(|entry| entry.hop == *hop && entry.step.common.at == Moment::Release)
                    .all(Entry::is_over)
            })
            .count()
    }

    /// The release of a boundary: 0 is where it began.
    pub fn boundary_release(&self, boundary: usize) -> &Release {
        match boundary.checked_sub(1).and_then(|at| self.hops.get(at)) {
            Some(hop) => &hop.release,
            None => &self.from,
        }
    }

    /// The commit of a boundary.
    pub fn boundary_commit(&self, boundary: usize) -> &str {
        match boundary.checked_sub(1).and_then(|at| self.hops.get(at)) {
            Some(hop) => &hop.commit,
            None => &self.head.commit,
        }
    }

    /// The first step that is not behind.
    pub fn next(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| !entry.is_over())
    }
}

/// The time now, UTC.
pub fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}
