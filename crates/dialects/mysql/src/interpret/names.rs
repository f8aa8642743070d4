//! Names that something other than a table has or had.

use std::collections::HashSet;

use realign_model::{Database, ObjectName};
use realign_planner::{Compare as _, Facts, NameKind};

use crate::compare::COMPARE;

/// A list of the model that is searched by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    View,
    Opaque,
    Trigger,
    Routine,
    Event,
    Sequence,
}

impl Sort {
    fn kind(self) -> NameKind {
        match self {
            Self::View | Self::Opaque | Self::Sequence => NameKind::Table,
            Self::Trigger => NameKind::Trigger,
            Self::Routine | Self::Event => NameKind::Other,
        }
    }

    /// The form of a name in that list which every spelling of it shares.
    pub(super) fn key(self, name: &ObjectName, facts: &Facts) -> String {
        COMPARE.fold(self.kind(), &name.to_string(), facts)
    }
}

/// What is not among them is free: a long script makes many names, and nearly all are new, so
/// that the lists themselves are seldom searched.
#[derive(Debug, Default)]
pub(super) struct Names {
    seen: [HashSet<String>; 6],
}

impl Names {
    /// All names of a database.
    pub(super) fn of(database: &Database, facts: &Facts) -> Self {
        let all = (database.views.iter().map(|v| (Sort::View, &v.name)))
            .chain(database.opaque.iter().map(|o| (Sort::Opaque, &o.name)))
            .chain(database.triggers.iter().map(|t| (Sort::Trigger, &t.name)))
            .chain(database.routines.iter().map(|r| (Sort::Routine, &r.name)))
            .chain(database.events.iter().map(|e| (Sort::Event, &e.name)))
            .chain(database.sequences.iter().map(|s| (Sort::Sequence, &s.name)));
        let mut names = Self::default();
        for (sort, name) in all {
            names.add(sort, sort.key(name, facts));
        }
        names
    }

    /// Adds a name in the form that all its spellings share.
    pub(super) fn add(&mut self, sort: Sort, key: String) {
        self.seen[sort as usize].insert(key);
    }

    /// True when something of that sort has or had the name.
    pub(super) fn has(&self, sort: Sort, key: &str) -> bool {
        self.seen[sort as usize].contains(key)
    }
}
