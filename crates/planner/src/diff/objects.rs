//! Sequences, views, triggers and all other objects.

use std::collections::{HashMap, HashSet};

use realign_model::{Database, ObjectName, Origin, Sequence, Table, Trigger};

use super::Walk;
use crate::{Aspect, Change, Finding, NameKind, Namespacing, Object, Side, Verdict, Weight};

impl Walk<'_> {
    pub(super) fn sequences(&mut self, is: &Database, wish: &Database) {
        let key = |walk: &Self, name: &ObjectName| walk.fold(NameKind::Other, &name.to_string());
        let live: HashMap<String, &Sequence> = is
            .sequences
            .iter()
            .map(|s| (key(self, &s.name), s))
            .collect();
        let declared: HashSet<String> = wish.sequences.iter().map(|s| key(self, &s.name)).collect();
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
                Some(present) => {
                    let differences = self.compare.sequence(present, sequence, self.facts);
                    if differences.is_empty() {
                        continue;
                    }
                    for difference in differences {
                        self.find(Finding {
                            object: format!("sequence {}", sequence.name),
                            weight: Weight::Differs,
                            aspect: difference.aspect,
                            declared: Some(difference.declared),
                            database: Some(difference.database),
                            reason: String::new(),
                            origin: sequence.origin.clone(),
                        });
                    }
                    self.out.changes.push(Change::AlterSequence {
                        is: (*present).clone(),
                        wish: sequence.clone(),
                    });
                }
            }
        }
        for sequence in &is.sequences {
            let name = sequence.name.to_string();
            // One that a column owns is part of that column.
            if declared.contains(&key(self, &sequence.name))
                || self.is_of_column(sequence, wish)
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

    /// True when a live sequence is part of its column. One that the column only takes its
    /// values from is, unless the table was declared in words that name sequences, or goes: then
    /// the sequence would stay behind.
    fn is_of_column(&self, sequence: &Sequence, wish: &Database) -> bool {
        let Some((table, _)) = &sequence.owned_by else {
            return false;
        };
        if !sequence.loose {
            return true;
        }
        let key = self.table_key(table);
        let declared = wish.tables.iter().find(|t| self.table_key(&t.name) == key);
        declared.map_or_else(
            || !self.policy.complete || self.policy.leaves_table(&table.to_string()),
            |table| !table.is_in_own_words(),
        )
    }

    pub(super) fn routines(&mut self, is: &Database, wish: &Database) {
        self.objects(is, wish);
        self.views(is, wish);
        self.triggers(is, wish);
    }

    /// What tells an object apart from all others.
    fn object_key(&self, object: &Object) -> String {
        let name = self.fold(NameKind::Other, &object.name().to_string());
        let arguments = match object {
            Object::Routine(routine) => routine.signature.clone().unwrap_or_default(),
            Object::Opaque(opaque) => opaque.table.as_ref().map_or_else(String::new, |table| {
                self.fold(NameKind::Table, &table.to_string())
            }),
            Object::Event(_) | Object::Enum(_) | Object::Domain(_) | Object::Extension(_) => {
                String::new()
            }
        };
        format!("{} {name} {arguments}", object.word())
    }

    /// True for what is nobody's business, by its own name or by its table's.
    fn leaves(&self, object: &Object) -> bool {
        self.policy.leaves_table(&object.name().to_string())
            || object
                .table()
                .is_some_and(|table| self.policy.leaves_table(&table.to_string()))
    }

    fn objects(&mut self, is: &Database, wish: &Database) {
        let (live, declared) = (Object::all(is), Object::all(wish));
        let by_key: HashMap<String, &Object> = live
            .iter()
            .map(|object| (self.object_key(object), object))
            .collect();
        for object in &declared {
            if self.leaves(object) {
                continue;
            }
            let Some(present) = by_key.get(&self.object_key(object)) else {
                self.existence(object, true, false);
                self.out.changes.push(Change::CreateObject(object.clone()));
                continue;
            };
            let verdict = self.compare.object(present, object, self.facts);
            if let Some(weight) = weight_of(verdict) {
                self.find(Finding {
                    object: format!("{} {}", object.word(), object.title()),
                    weight,
                    aspect: match object {
                        Object::Routine(_) | Object::Event(_) => Aspect::Body,
                        Object::Enum(_) | Object::Domain(_) => Aspect::Type,
                        Object::Extension(_) => Aspect::Options,
                        Object::Opaque(_) => Aspect::Opaque,
                    },
                    declared: Some(Side::plain(object.text(self.dialect, self.facts))),
                    database: Some(Side::plain(present.text(self.dialect, self.facts))),
                    reason: String::new(),
                    origin: object.origin().clone(),
                });
            }
            if verdict == Verdict::Different {
                self.out.changes.push(Change::ReplaceObject {
                    is: (*present).clone(),
                    wish: object.clone(),
                });
            }
        }
        let declared: HashSet<String> = declared.iter().map(|o| self.object_key(o)).collect();
        let tables: HashSet<String> = wish
            .tables
            .iter()
            .map(|table| self.table_key(&table.name))
            .collect();
        for object in &live {
            let name = object.name();
            // A declared table that is something else here is told with the tables.
            let is_told = matches!(object, Object::Opaque(opaque) if opaque.table.is_none())
                && tables.contains(&self.table_key(&name));
            if is_told || declared.contains(&self.object_key(object)) || self.leaves(object) {
                continue;
            }
            let within = self.policy.scope.routines;
            let belongs_to_others = match object {
                Object::Enum(_) | Object::Domain(_) | Object::Extension(_) => !within,
                Object::Routine(_) | Object::Event(_) | Object::Opaque(_) => false,
            };
            if belongs_to_others {
                continue;
            }
            let may_go = match object {
                Object::Opaque(opaque) => self.compare.lets_go(opaque, self.facts),
                Object::Routine(_)
                | Object::Event(_)
                | Object::Enum(_)
                | Object::Domain(_)
                | Object::Extension(_) => true,
            };
            let asked = self.policy.complete && within;
            let goes = asked && may_go;
            self.existence(object, false, goes);
            if asked
                && !may_go
                && let Some(finding) = self.out.findings.last_mut()
            {
                finding
                    .reason
                    .push_str(", and is not dropped: nothing here could make it again");
            }
            if goes {
                self.out.changes.push(Change::DropObject(object.clone()));
            }
        }
    }

    fn views(&mut self, is: &Database, wish: &Database) {
        let live: HashMap<String, _> = is
            .views
            .iter()
            .map(|v| (self.table_key(&v.name), v))
            .collect();
        let tables: HashMap<String, &Table> = is
            .tables
            .iter()
            .map(|table| (self.table_key(&table.name), table))
            .collect();
        for view in &wish.views {
            let key = self.table_key(&view.name);
            if self.policy.leaves_table(&view.name.to_string()) {
                continue;
            }
            let Some(present) = live.get(&key) else {
                if let Some(table) = tables.get(&key) {
                    self.table_instead(table, &view.origin);
                    if !self.policy.complete {
                        continue;
                    }
                } else {
                    self.object("view", &view.name, true, false, &view.origin);
                }
                self.out.changes.push(Change::CreateView(view.clone()));
                continue;
            };
            let verdict = self.compare.view((present, is), (view, wish), self.facts);
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
        let declared: HashSet<String> = wish
            .views
            .iter()
            .map(|view| self.table_key(&view.name))
            .chain(wish.tables.iter().map(|table| self.table_key(&table.name)))
            .collect();
        for view in &is.views {
            let left = self.policy.leaves_table(&view.name.to_string());
            if left || declared.contains(&self.table_key(&view.name)) {
                continue;
            }
            let goes = self.policy.complete && self.policy.scope.routines;
            self.object("view", &view.name, false, goes, &view.origin);
            if goes {
                self.out.changes.push(Change::DropView(view.clone()));
            }
        }
    }

    /// A declared view that is a plain table in the database, as some dumps leave it. Its rows
    /// may be somebody's: it goes only with everything that is not declared.
    fn table_instead(&mut self, table: &Table, origin: &Origin) {
        let complete = self.policy.complete;
        self.find(Finding {
            object: table.name.to_string(),
            weight: if complete {
                Weight::Differs
            } else {
                Weight::Note
            },
            aspect: Aspect::Kind,
            declared: Some(Side::plain("view")),
            database: Some(Side::plain("table")),
            reason: if complete {
                "is a table in the database and gives way to the declared view".to_owned()
            } else {
                "is a table in the database where a view is declared; --complete puts the view in its place"
                    .to_owned()
            },
            origin: origin.clone(),
        });
        if complete {
            self.out.changes.push(Change::DropTable(table.clone()));
        }
    }

    fn triggers(&mut self, is: &Database, wish: &Database) {
        let of_table = self.compare.trigger_names(self.facts) == Namespacing::Table;
        let key = |walk: &Self, trigger: &Trigger| {
            let name = walk.fold(NameKind::Trigger, &trigger.name.name.text);
            if of_table {
                format!("{name} {}", walk.table_key(&trigger.table))
            } else {
                let schema = trigger
                    .name
                    .schema
                    .as_ref()
                    .map(realign_model::Ident::as_str);
                let schema = walk.fold(NameKind::Other, schema.unwrap_or_default());
                format!("{name} {schema}")
            }
        };
        let live: HashMap<String, _> = is.triggers.iter().map(|t| (key(self, t), t)).collect();
        for trigger in &wish.triggers {
            let Some(present) = live.get(&key(self, trigger)) else {
                self.object("trigger", &trigger.name, true, false, &trigger.origin);
                self.out
                    .changes
                    .push(Change::CreateTrigger(trigger.clone()));
                continue;
            };
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
        let declared: HashSet<String> = wish.triggers.iter().map(|t| key(self, t)).collect();
        for trigger in &is.triggers {
            let left = self.policy.leaves_table(&trigger.name.to_string());
            if left || declared.contains(&key(self, trigger)) {
                continue;
            }
            let goes = self.policy.complete && self.policy.scope.routines;
            self.object("trigger", &trigger.name, false, goes, &trigger.origin);
            if goes {
                self.out.changes.push(Change::DropTrigger(trigger.clone()));
            }
        }
    }

    /// One finding on the existence of an object of any other kind.
    fn existence(&mut self, object: &Object, missing: bool, goes: bool) {
        self.exists(
            object.word(),
            &object.title(),
            missing,
            goes,
            object.origin(),
        );
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
        self.exists(kind, &name.to_string(), missing, goes, origin);
    }

    fn exists(&mut self, kind: &str, name: &str, missing: bool, goes: bool, origin: &Origin) {
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
