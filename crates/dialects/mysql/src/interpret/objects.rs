//! Triggers, routines, events and sequences.

use realign_model::{Event, Expr, ObjectName, Routine, RoutineKind, Sequence, Trigger};

use super::{Done, Misfit, Origins, Run, Sort};
use crate::parse::{
    self, AlterEvent, AlterRoutine, CreateEvent, CreateRoutine, CreateSequence, CreateTrigger,
    Dropped, Limit, SequenceClauses, Statement,
};
use crate::program;
use crate::settings::{self, CLIENT, COLLATION, KEPT, MODE};
use crate::split::Reading;

impl Run<'_> {
    fn find_trigger(&self, name: &ObjectName) -> Option<usize> {
        let triggers = self.database.triggers.iter();
        self.find(Sort::Trigger, name, triggers.map(|trigger| &trigger.name))
    }

    /// A body as it was written: with its comments, and in the quotes of the modes that the
    /// server keeps with it.
    fn body(&self, body: &str, origins: &Origins<'_>) -> String {
        let plain = origins
            .plain
            .text
            .trim_end()
            .trim_end_matches(';')
            .trim_end();
        if !plain.ends_with(body) {
            return body.to_owned();
        }
        let from = origins.plain.source(plain.len() - body.len());
        settings::as_written(origins.sql, from, &Reading::of(&self.session.facts))
    }

    pub(super) fn create_trigger(
        &mut self,
        mut create: CreateTrigger,
        origins: &Origins<'_>,
    ) -> Done {
        create.body = self.body(&create.body, origins);
        let name = self.session.resolve(create.name.clone());
        let table = self.session.resolve(create.table.clone());
        let known = self.find_table(&table).is_some() || self.find_opaque(&table).is_some();
        if !known {
            return Err(Misfit::new(format!(
                "trigger {name}: there is no table {table}"
            )));
        }
        if let Some(at) = self.find_trigger(&name) {
            if create.if_not_exists {
                return Ok(());
            }
            if !create.or_replace {
                return Err(Misfit::new(format!("trigger {name} is there already")));
            }
            self.database.triggers.remove(at);
        }
        let place = match &create.order {
            Some((behind, other)) => {
                let other = ObjectName::new(name.schema.clone(), other.clone());
                match self.find_trigger(&other) {
                    Some(at) => at + usize::from(*behind),
                    None => return Err(Misfit::new(format!("there is no trigger {other}"))),
                }
            }
            None => self.database.triggers.len(),
        };
        let trigger = Trigger {
            source_text: Expr::new(program::trigger(&create)),
            settings: self.session.kept(&[MODE, CLIENT, COLLATION]),
            name,
            table,
            origin: self.origin(origins, 0),
        };
        self.note(Sort::Trigger, &trigger.name, place);
        let key = self.key(&trigger.table);
        self.with_triggers.insert(key);
        self.database.triggers.insert(place, trigger);
        Ok(())
    }

    pub(super) fn drop_trigger(&mut self, dropped: &Dropped) -> Done {
        for name in &dropped.names {
            let name = self.session.resolve(name.clone());
            match self.find_trigger(&name) {
                Some(at) => {
                    let trigger = &mut self.database.triggers[at];
                    trigger.name = ObjectName::bare("");
                    trigger.table = ObjectName::bare("");
                    trigger.source_text = Expr::new("");
                    let key = Sort::Trigger.key(&name, &self.session.facts);
                    self.names.forget(Sort::Trigger, &key);
                }
                None if dropped.if_exists => {}
                None => return Err(Misfit::new(format!("there is no trigger {name}"))),
            }
        }
        Ok(())
    }

    /// Triggers follow their table, in their text as well.
    pub(super) fn move_triggers(&mut self, source: &str, to: &ObjectName) {
        if !self.with_triggers.remove(source) {
            return;
        }
        let key = self.key(to);
        self.with_triggers.insert(key);
        let facts = self.session.facts.clone();
        let mut triggers = std::mem::take(&mut self.database.triggers);
        for trigger in &mut triggers {
            if self.key(&trigger.table) != source {
                continue;
            }
            trigger.table = to.clone();
            if let Ok(Statement::CreateTrigger(mut said)) =
                parse::statement(&trigger.source_text.text, &facts)
            {
                said.table = to.clone();
                trigger.source_text = Expr::new(program::trigger(&said));
            }
        }
        self.database.triggers = triggers;
    }

    fn find_routine(&self, function: bool, name: &ObjectName) -> Option<usize> {
        let facts = &self.session.facts;
        let key = Sort::Routine.key(name, facts);
        self.names.place(Sort::Routine, &key)?;
        self.database.routines.iter().position(|routine| {
            (routine.kind == RoutineKind::Function) == function
                && Sort::Routine.key(&routine.name, facts) == key
        })
    }

    pub(super) fn create_routine(
        &mut self,
        mut create: CreateRoutine,
        origins: &Origins<'_>,
    ) -> Done {
        create.body = self.body(&create.body, origins);
        let name = self.session.resolve(create.name.clone());
        if let Some(at) = self.find_routine(create.function, &name) {
            if create.if_not_exists {
                return Ok(());
            }
            if !create.or_replace {
                return Err(Misfit::new(format!("routine {name} is there already")));
            }
            self.database.routines.remove(at);
        }
        let origin = self.origin(origins, 0);
        self.note(Sort::Routine, &name, self.database.routines.len());
        self.database.routines.push(Routine {
            kind: if create.function {
                RoutineKind::Function
            } else {
                RoutineKind::Procedure
            },
            source_text: Expr::new(program::routine(&create)),
            settings: self.session.kept(&[MODE, CLIENT, COLLATION]),
            name,
            signature: None,
            legacy: Vec::new(),
            origin,
        });
        Ok(())
    }

    pub(super) fn alter_routine(&mut self, alter: &AlterRoutine) -> Done {
        let name = self.session.resolve(alter.name.clone());
        let Some(at) = self.find_routine(alter.function, &name) else {
            return Err(Misfit::new(format!("there is no routine {name}")));
        };
        let facts = self.session.facts.clone();
        let routine = &mut self.database.routines[at];
        let Ok(Statement::CreateRoutine(mut said)) =
            parse::statement(&routine.source_text.text, &facts)
        else {
            return Err(Misfit::new(format!(
                "the text of routine {name} is not understood"
            )));
        };
        let (now, new) = (&mut said.characteristics, &alter.characteristics);
        now.deterministic = new.deterministic.or(now.deterministic);
        now.data_access = new.data_access.or(now.data_access);
        now.security = new.security.or(now.security);
        if new.comment.is_some() {
            now.comment.clone_from(&new.comment);
        }
        routine.source_text = Expr::new(program::routine(&said));
        Ok(())
    }

    pub(super) fn drop_routine(&mut self, function: bool, dropped: &Dropped) -> Done {
        for name in &dropped.names {
            let name = self.session.resolve(name.clone());
            match self.find_routine(function, &name) {
                Some(at) => drop(self.database.routines.remove(at)),
                None if dropped.if_exists => {}
                None => return Err(Misfit::new(format!("there is no routine {name}"))),
            }
        }
        Ok(())
    }

    fn find_event(&self, name: &ObjectName) -> Option<usize> {
        let events = self.database.events.iter();
        self.find(Sort::Event, name, events.map(|event| &event.name))
    }

    pub(super) fn create_event(&mut self, mut create: CreateEvent, origins: &Origins<'_>) -> Done {
        let said = create.clauses.body.as_deref();
        create.clauses.body = said.map(|body| self.body(body, origins));
        let name = self.session.resolve(create.name);
        if let Some(at) = self.find_event(&name) {
            if create.if_not_exists {
                return Ok(());
            }
            if !create.or_replace {
                return Err(Misfit::new(format!("event {name} is there already")));
            }
            self.database.events.remove(at);
        }
        let origin = self.origin(origins, 0);
        self.note(Sort::Event, &name, self.database.events.len());
        self.database.events.push(Event {
            source_text: Expr::new(program::event(&name.name.text, &create.clauses)),
            settings: self.session.kept(&KEPT),
            name,
            origin,
        });
        Ok(())
    }

    pub(super) fn alter_event(&mut self, alter: &AlterEvent) -> Done {
        let name = self.session.resolve(alter.name.clone());
        let Some(at) = self.find_event(&name) else {
            return Err(Misfit::new(format!("there is no event {name}")));
        };
        let text = self.database.events[at].source_text.text.clone();
        let Ok(Statement::CreateEvent(mut said)) = parse::statement(&text, &self.session.facts)
        else {
            return Err(Misfit::new(format!(
                "the text of event {name} is not understood"
            )));
        };
        let (now, new) = (&mut said.clauses, &alter.clauses);
        for (now, new) in [
            (&mut now.definer, &new.definer),
            (&mut now.comment, &new.comment),
            (&mut now.body, &new.body),
        ] {
            if new.is_some() {
                now.clone_from(new);
            }
        }
        if new.schedule.is_some() {
            now.schedule.clone_from(&new.schedule);
        }
        now.preserve = new.preserve.or(now.preserve);
        now.status = new.status.or(now.status);
        let renamed = alter.rename_to.clone().map(|to| self.session.resolve(to));
        let settings = self.session.kept(&KEPT);
        let name = renamed.unwrap_or(name);
        self.note(Sort::Event, &name, self.database.events.len());
        let event = &mut self.database.events[at];
        // An event that is altered runs as the session does that altered it.
        event.settings.extend(settings);
        event.name = name;
        event.source_text = Expr::new(program::event(&event.name.name.text, &said.clauses));
        Ok(())
    }

    pub(super) fn drop_event(&mut self, dropped: &Dropped) -> Done {
        for name in &dropped.names {
            let name = self.session.resolve(name.clone());
            match self.find_event(&name) {
                Some(at) => drop(self.database.events.remove(at)),
                None if dropped.if_exists => {}
                None => return Err(Misfit::new(format!("there is no event {name}"))),
            }
        }
        Ok(())
    }

    fn find_sequence(&self, name: &ObjectName) -> Option<usize> {
        let sequences = self.database.sequences.iter();
        self.find(Sort::Sequence, name, sequences.map(|s| &s.name))
    }

    pub(super) fn create_sequence(
        &mut self,
        create: CreateSequence,
        origins: &Origins<'_>,
    ) -> Done {
        let name = self.session.resolve(create.name);
        if let Some(at) = self.find_sequence(&name) {
            if create.if_not_exists {
                return Ok(());
            }
            if !create.or_replace {
                return Err(Misfit::new(format!("sequence {name} is there already")));
            }
            self.database.sequences.remove(at);
        }
        let said = &create.clauses;
        let increment = said.increment.unwrap_or(1);
        let (min, max) = (
            said.min.and_then(Limit::number),
            said.max.and_then(Limit::number),
        );
        let start = said.start.unwrap_or(if increment < 0 {
            max.unwrap_or(-1)
        } else {
            min.unwrap_or(1)
        });
        let sequence = Sequence {
            name,
            data_type: None,
            start,
            increment,
            min,
            max,
            cache: said.cache,
            cycle: said.cycle.unwrap_or(false),
            unlogged: false,
            owned_by: None,
            loose: false,
            origin: self.origin(origins, 0),
        };
        self.note(
            Sort::Sequence,
            &sequence.name,
            self.database.sequences.len(),
        );
        self.database.sequences.push(sequence);
        Ok(())
    }

    pub(super) fn alter_sequence(
        &mut self,
        name: ObjectName,
        if_exists: bool,
        said: &SequenceClauses,
    ) -> Done {
        let name = self.session.resolve(name);
        let Some(at) = self.find_sequence(&name) else {
            return if if_exists || self.find_opaque(&name).is_some() {
                Ok(())
            } else {
                Err(Misfit::new(format!("there is no sequence {name}")))
            };
        };
        let now = &mut self.database.sequences[at];
        now.start = said.start.unwrap_or(now.start);
        now.increment = said.increment.unwrap_or(now.increment);
        now.min = said.min.map_or(now.min, Limit::number);
        now.max = said.max.map_or(now.max, Limit::number);
        now.cache = said.cache.or(now.cache);
        now.cycle = said.cycle.unwrap_or(now.cycle);
        Ok(())
    }

    pub(super) fn drop_sequences(&mut self, dropped: &Dropped) -> Done {
        for name in &dropped.names {
            let name = self.session.resolve(name.clone());
            if let Some(at) = self.find_sequence(&name) {
                self.database.sequences.remove(at);
            } else if let Some(at) = self.find_opaque(&name) {
                self.database.opaque.remove(at);
            } else if !dropped.if_exists {
                return Err(Misfit::new(format!("there is no sequence {name}")));
            }
        }
        Ok(())
    }
}
