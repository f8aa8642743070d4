//! Names that something other than a table has or had.

use std::collections::HashMap;

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
        folded(self.kind(), name, facts)
    }
}

/// The form of a name that every spelling of it shares.
pub(super) fn folded(kind: NameKind, name: &ObjectName, facts: &Facts) -> String {
    match &name.schema {
        None => COMPARE.fold(kind, &name.name.text, facts),
        Some(_) => COMPARE.fold(kind, &name.to_string(), facts),
    }
}

/// What is not among them is free: a long script makes many names, and nearly all are new. What is
/// stands where it was put, unless something before it went.
#[derive(Debug, Default)]
pub(super) struct Names {
    seen: [HashMap<String, usize>; 6],
}

impl Names {
    /// All names of a database.
    pub(super) fn of(database: &Database, facts: &Facts) -> Self {
        let mut names = Self::default();
        let mut all = |sort: Sort, list: &mut dyn Iterator<Item = &ObjectName>| {
            for (at, name) in list.enumerate() {
                names.add(sort, sort.key(name, facts), at);
            }
        };
        all(Sort::View, &mut database.views.iter().map(|v| &v.name));
        all(Sort::Opaque, &mut database.opaque.iter().map(|o| &o.name));
        all(
            Sort::Trigger,
            &mut database.triggers.iter().map(|t| &t.name),
        );
        all(
            Sort::Routine,
            &mut database.routines.iter().map(|r| &r.name),
        );
        all(Sort::Event, &mut database.events.iter().map(|e| &e.name));
        all(
            Sort::Sequence,
            &mut database.sequences.iter().map(|s| &s.name),
        );
        names
    }

    /// Adds a name in the form that all its spellings share, and where it stands in its list.
    pub(super) fn add(&mut self, sort: Sort, key: String, at: usize) {
        self.seen[sort as usize].insert(key, at);
    }

    /// Where what has or had the name was put in its list.
    pub(super) fn place(&self, sort: Sort, key: &str) -> Option<usize> {
        self.seen[sort as usize].get(key).copied()
    }

    /// Nothing of that sort has the name any more.
    pub(super) fn forget(&mut self, sort: Sort, key: &str) {
        self.seen[sort as usize].remove(key);
    }
}
