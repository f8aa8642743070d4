//! Sequences, views and triggers.

use std::collections::HashMap;

use realign_model::{Database, ObjectName, Origin, Sequence};

use super::Walk;
use crate::{Aspect, Change, Finding, NameKind, Side, Verdict, Weight};

impl Walk<'_> {
    pub(super) fn sequences(&mut self, is: &Database, wish: &Database) {
        let key = |walk: &Self, name: &ObjectName| walk.fold(NameKind::Other, &name.to_string());
        let live: HashMap<String, &Sequence> = is
            .sequences
            .iter()
            .map(|s| (key(self, &s.name), s))
            .collect();
        let declared: HashMap<String, &Sequence> = wish
            .sequences
            .iter()
            .map(|s| (key(self, &s.name), s))
            .collect();
        for sequence in &wish.sequences {
            match live.get(&key(self, &sequence.name)) {
                // One that a column owns is made along with it.
                None if sequence.owned_by.is_some() => {}
                None => {
                    self.object("sequence", &sequence.name, true, false, &sequence.origin);
                    self.out
                        .changes
                        .push(Change::CreateSequence(sequence.clone()));
                }
                Some(present)
                    if present.increment != sequence.increment
                        || present.start != sequence.start =>
                {
                    let side = |s: &Sequence| {
                        Side::plain(format!("INCREMENT BY {} START {}", s.increment, s.start))
                    };
                    self.find(Finding {
                        object: format!("sequence {}", sequence.name),
                        weight: Weight::Differs,
                        aspect: Aspect::Options,
                        declared: Some(side(sequence)),
                        database: Some(side(present)),
                        reason: String::new(),
                        origin: sequence.origin.clone(),
                    });
                    self.out.changes.push(Change::AlterSequence {
                        is: (*present).clone(),
                        wish: sequence.clone(),
                    });
                }
                Some(_) => {}
            }
        }
        for sequence in &is.sequences {
            let name = sequence.name.to_string();
            // One that a column owns is part of that column.
            if declared.contains_key(&key(self, &sequence.name))
                || sequence.owned_by.is_some()
                || self.policy.leaves_table(&name)
            {
                continue;
            }
            let goes = self.policy.complete && self.policy.scope.sequences;
            self.object("sequence", &sequence.name, false, goes, &sequence.origin);
            if goes {
                self.out
                    .changes
                    .push(Change::DropSequence(sequence.clone()));
            }
        }
    }

    pub(super) fn routines(&mut self, is: &Database, wish: &Database) {
        self.views(is, wish);
        self.triggers(is, wish);
        let goes = false;
        for (kind, name, origin) in is
            .routines
            .iter()
            .map(|r| ("routine", &r.name, &r.origin))
            .chain(is.events.iter().map(|e| ("event", &e.name, &e.origin)))
            .chain(
                is.opaque
                    .iter()
                    .map(|o| (o.kind.as_str(), &o.name, &o.origin)),
            )
        {
            let known = wish.routines.iter().any(|r| &r.name == name)
                || wish.events.iter().any(|e| &e.name == name)
                || wish.opaque.iter().any(|o| &o.name == name)
                || wish
                    .tables
                    .iter()
                    .any(|t| self.table_key(&t.name) == self.table_key(name));
            if !known && !self.policy.leaves_table(&name.to_string()) {
                self.object(kind, name, false, goes, origin);
            }
        }
    }

    fn views(&mut self, is: &Database, wish: &Database) {
        let live: HashMap<String, _> = is
            .views
            .iter()
            .map(|v| (self.table_key(&v.name), v))
            .collect();
        for view in &wish.views {
            match live.get(&self.table_key(&view.name)) {
                None => {
                    self.object("view", &view.name, true, false, &view.origin);
                    self.out.changes.push(Change::CreateView(view.clone()));
                }
                Some(present) => {
                    let verdict = self.compare.view(present, view, self.facts);
                    if let Some(weight) = weight_of(verdict) {
                        self.body(
                            "view",
                            &view.name,
                            weight,
                            present.query.as_str(),
                            view.query.as_str(),
                            &view.origin,
                        );
                    }
                    if verdict == Verdict::Different {
                        self.out.changes.push(Change::ReplaceView {
                            is: (*present).clone(),
                            wish: view.clone(),
                        });
                    }
                }
            }
        }
        for view in &is.views {
            let key = self.table_key(&view.name);
            let declared = wish.views.iter().any(|v| self.table_key(&v.name) == key)
                || wish.tables.iter().any(|t| self.table_key(&t.name) == key);
            if declared || self.policy.leaves_table(&view.name.to_string()) {
                continue;
            }
            let goes = self.policy.complete && self.policy.scope.routines;
            self.object("view", &view.name, false, goes, &view.origin);
            if goes {
                self.out.changes.push(Change::DropView(view.clone()));
            }
        }
    }

    fn triggers(&mut self, is: &Database, wish: &Database) {
        let key = |walk: &Self, name: &ObjectName| walk.fold(NameKind::Trigger, &name.to_string());
        let live: HashMap<String, _> = is
            .triggers
            .iter()
            .map(|t| (key(self, &t.name), t))
            .collect();
        for trigger in &wish.triggers {
            match live.get(&key(self, &trigger.name)) {
                None => {
                    self.object("trigger", &trigger.name, true, false, &trigger.origin);
                    self.out
                        .changes
                        .push(Change::CreateTrigger(trigger.clone()));
                }
                Some(present) => {
                    let verdict = self.compare.trigger(present, trigger, self.facts);
                    if let Some(weight) = weight_of(verdict) {
                        self.body(
                            "trigger",
                            &trigger.name,
                            weight,
                            present.source_text.as_str(),
                            trigger.source_text.as_str(),
                            &trigger.origin,
                        );
                    }
                    if verdict == Verdict::Different {
                        self.out.changes.push(Change::ReplaceTrigger {
                            is: (*present).clone(),
                            wish: trigger.clone(),
                        });
                    }
                }
            }
        }
        for trigger in &is.triggers {
            let declared = wish
                .triggers
                .iter()
                .any(|t| key(self, &t.name) == key(self, &trigger.name));
            if declared || self.policy.leaves_table(&trigger.name.to_string()) {
                continue;
            }
            let goes = self.policy.complete && self.policy.scope.routines;
            self.object("trigger", &trigger.name, false, goes, &trigger.origin);
            if goes {
                self.out.changes.push(Change::DropTrigger(trigger.clone()));
            }
        }
    }

    /// One finding on the existence of an object that is no table.
    fn object(
        &mut self,
        kind: &str,
        name: &ObjectName,
        missing: bool,
        goes: bool,
        origin: &Origin,
    ) {
        let side = Some(Side::plain(kind));
        self.find(Finding {
            object: format!("{kind} {name}"),
            weight: if missing || goes {
                Weight::Differs
            } else {
                Weight::Note
            },
            aspect: Aspect::Existence,
            declared: if missing { side.clone() } else { None },
            database: if missing { None } else { side },
            reason: if missing {
                format!("{kind} is missing")
            } else {
                format!("{kind} is not declared")
            },
            origin: origin.clone(),
        });
    }

    fn body(
        &mut self,
        kind: &str,
        name: &ObjectName,
        weight: Weight,
        is: &str,
        wish: &str,
        origin: &Origin,
    ) {
        self.find(Finding {
            object: format!("{kind} {name}"),
            weight,
            aspect: Aspect::Body,
            declared: Some(Side::plain(wish)),
            database: Some(Side::plain(is)),
            reason: String::new(),
            origin: origin.clone(),
        });
    }
}

/// What a verdict weighs; nothing for the same.
fn weight_of(verdict: Verdict) -> Option<Weight> {
    match verdict {
        Verdict::Same => None,
        Verdict::Different => Some(Weight::Differs),
        Verdict::Unknown => Some(Weight::CannotTell),
    }
}
