//! Routines and triggers.

use std::collections::HashMap;

use realign_model::{Expr, ObjectName, Routine, RoutineKind, Trigger};

use super::stage::{Relation, Stage, missing};
use super::table::there_already;
use crate::parse::{Cursor, Path, Reading, RoutineText, TriggerText, Trouble, types_of};
use crate::render::catalog_name;

impl Stage {
    /// A whole CREATE FUNCTION and its like.
    pub(super) fn create_routine(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let mut text = cursor.routine()?;
        self.touched();
        let name = self.new_name(&text.name);
        let at = text.name.at;
        self.put_in_full(&mut text, &name);
        let routine = Routine {
            name,
            kind: text.kind,
            signature: Some(text.signature()),
            source_text: Expr::new(text.render()),
            settings: realign_model::SessionSettings::new(),
            legacy: Vec::new(),
            origin: self.origin_at(at),
        };
        let alike = self.routines_named(&routine.name);
        let present =
            (alike.into_iter()).find(|at| self.db.routines[*at].signature == routine.signature);
        match present {
            Some(found) if text.replace => self.db.routines[found] = routine,
            Some(_) => return Err(there_already(&text.name)),
            None => {
                let (key, at) = (self.key(&routine.name), self.db.routines.len());
                if let Some(known) = &mut self.routines {
                    known.entry(key).or_default().push(at);
                }
                self.db.routines.push(routine);
            }
        }
        Ok(())
    }

    /// Where the routines of a full name stand.
    fn routines_named(&mut self, name: &ObjectName) -> Vec<usize> {
        let known = self.routines.take().unwrap_or_else(|| {
            let mut known: HashMap<String, Vec<usize>> = HashMap::new();
            for (at, routine) in self.db.routines.iter().enumerate() {
                known.entry(self.key(&routine.name)).or_default().push(at);
            }
            known
        });
        let found = known.get(&self.key(name)).cloned().unwrap_or_default();
        self.routines = Some(known);
        found
    }

    /// Names of types and of the routine itself with their schemas.
    fn put_in_full(&self, text: &mut RoutineText, name: &ObjectName) {
        text.name.schema = name.schema.as_ref().map(catalog_name);
        for argument in &mut text.arguments {
            argument.data_type = self.resolve_type(argument.data_type.clone());
        }
        if let Some((_, data_type)) = &mut text.returns {
            *data_type = self.resolve_type(data_type.clone());
        }
        for (_, data_type) in &mut text.table {
            *data_type = self.resolve_type(data_type.clone());
        }
    }

    /// The full name of a routine of that name.
    pub(super) fn routine_name(&mut self, path: &Path) -> Option<ObjectName> {
        self.candidates(path)
            .into_iter()
            .find(|name| !self.routines_named(name).is_empty())
    }

    /// A routine by name and, when they are written, the types of its arguments.
    pub(super) fn routine_at(&mut self, path: &Path, signature: Option<&str>) -> Option<usize> {
        self.candidates(path).into_iter().find_map(|name| {
            self.routines_named(&name).into_iter().find(|at| {
                let own = self.db.routines[*at].signature.as_deref();
                signature.is_none_or(|s| own == Some(s))
            })
        })
    }

    /// Types of arguments in parentheses, when there are any; those of results are left out.
    pub(super) fn signature(&self, cursor: &mut Cursor<'_>) -> Reading<Option<String>> {
        if !cursor.sees_symbol("(") {
            return Ok(None);
        }
        let arguments = cursor.arguments()?;
        let types: Vec<_> = arguments
            .into_iter()
            .filter(|a| a.mode != "OUT")
            .map(|a| self.resolve_type(a.data_type))
            .collect();
        Ok(Some(types_of(&types)))
    }

    /// What follows `ALTER`, of a routine.
    pub(super) fn alter_routine(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let word = cursor.text_name()?;
        let path = cursor.path()?;
        let signature = self.signature(cursor)?;
        let Some(at) = self.routine_at(&path, signature.as_deref()) else {
            return Err(missing(&word, &path));
        };
        self.touched();
        if cursor.take_all(&["owner", "to"]) {
            cursor.skip();
            return cursor.expect_end();
        }
        if cursor.sees_any(&["no", "depends"]) && !cursor.sees_all(&["not", "leakproof"]) {
            cursor.rest();
            return Ok(());
        }
        let Some(mut text) = RoutineText::read(self.db.routines[at].source_text.as_str()) else {
            return Err(cursor.unknown());
        };
        let from = self.db.routines[at].name.clone();
        let mut to = from.clone();
        if cursor.take_all(&["rename", "to"]) {
            let new = cursor.text_name()?;
            to = Self::beside(&from, &new);
        } else if cursor.take_all(&["set", "schema"]) {
            let schema = cursor.text_name()?;
            to = self.new_name(&Path {
                schema: Some(schema),
                name: catalog_name(&from.name),
                at: 0,
            });
        } else {
            while !cursor.is_done() && !cursor.sees("restrict") {
                if cursor.take("reset") {
                    let name = cursor.text_name()?;
                    let start = format!("{name}=");
                    text.settings
                        .retain(|s| name != "all" && !s.starts_with(&start));
                } else {
                    cursor.routine_clause(&mut text)?;
                }
            }
            cursor.take("restrict");
            text.forget_defaults();
        }
        cursor.expect_end()?;
        text.name.name = catalog_name(&to.name);
        text.name.schema = to.schema.as_ref().map(catalog_name);
        self.routines = None;
        let routine = &mut self.db.routines[at];
        routine.name = to.clone();
        routine.source_text = Expr::new(text.render());
        if from != to {
            self.rename_function_of_triggers(&from, &to);
        }
        Ok(())
    }

    fn rename_function_of_triggers(&mut self, from: &ObjectName, to: &ObjectName) {
        for trigger in &mut self.db.triggers {
            let Some(mut text) = TriggerText::read(trigger.source_text.as_str()) else {
                continue;
            };
            let schema = from.schema.as_ref().map(catalog_name);
            if text.function.name == catalog_name(&from.name) && text.function.schema == schema {
                text.function.name = catalog_name(&to.name);
                text.function.schema = to.schema.as_ref().map(catalog_name);
                trigger.source_text = Expr::new(text.render());
            }
        }
    }

    /// A whole CREATE TRIGGER.
    pub(super) fn create_trigger(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let mut text = cursor.trigger()?;
        let table = match self.relation(&text.table) {
            Some(Relation::Table(at)) => self.db.tables[at].name.clone(),
            Some(Relation::View(at)) => self.db.views[at].name.clone(),
            Some(Relation::Passing) => return Ok(()),
            _ => return Err(missing("table", &text.table)),
        };
        self.touched();
        if let Some(function) = self.routine_name(&text.function) {
            text.function.schema = function.schema.as_ref().map(catalog_name);
        } else if text.function.schema.as_deref() == Some("pg_catalog") {
            text.function.schema = None;
        }
        text.table.schema = table.schema.as_ref().map(catalog_name);
        let name = Self::beside(&table, &text.name);
        let trigger = Trigger {
            name,
            table,
            source_text: Expr::new(text.render()),
            settings: realign_model::SessionSettings::new(),
            origin: self.origin(),
        };
        let seen = self.triggers.get_or_insert_with(|| {
            let all = self.db.triggers.iter();
            all.map(|t| (t.table.clone(), t.name.clone())).collect()
        });
        // Most are new.
        let new = seen.insert((trigger.table.clone(), trigger.name.clone()));
        let mut others = self.db.triggers.iter();
        let present = (!new)
            .then(|| others.position(|t| t.name == trigger.name && t.table == trigger.table))
            .flatten();
        match present {
            Some(found) if text.replace => self.db.triggers[found] = trigger,
            Some(_) => {
                return Err(Trouble::DoesNotFit {
                    at: 0,
                    what: format!(
                        "{} has a trigger {} already",
                        trigger.table, trigger.name.name
                    ),
                });
            }
            None => self.db.triggers.push(trigger),
        }
        Ok(())
    }

    /// What follows `ALTER TRIGGER`.
    pub(super) fn alter_trigger(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let place = cursor.place();
        let name = cursor.ident()?;
        cursor.expect("on")?;
        let path = cursor.path()?;
        let Some(at) = self.trigger_at(&name.text, &path) else {
            return Err(Trouble::DoesNotFit {
                at: place,
                what: format!("{} has no trigger {name}", path.render()),
            });
        };
        if !cursor.take_all(&["rename", "to"]) {
            cursor.rest();
            return Ok(());
        }
        self.touched();
        let new = cursor.text_name()?;
        cursor.expect_end()?;
        self.triggers = None;
        let trigger = &mut self.db.triggers[at];
        if let Some(mut text) = TriggerText::read(trigger.source_text.as_str()) {
            text.name.clone_from(&new);
            trigger.source_text = Expr::new(text.render());
        }
        trigger.name = Self::beside(&trigger.table, &new);
        Ok(())
    }

    /// A trigger of that name on a written table.
    pub(super) fn trigger_at(&mut self, name: &str, path: &Path) -> Option<usize> {
        let table = match self.relation(path)? {
            Relation::Table(at) => self.db.tables[at].name.clone(),
            Relation::View(at) => self.db.views[at].name.clone(),
            _ => return None,
        };
        self.db
            .triggers
            .iter()
            .position(|t| t.table == table && t.name.name.text == name)
    }

    /// The kind of a routine for `DROP` and `COMMENT`: any for `ROUTINE`.
    pub(super) fn routine_kind(word: &str) -> Option<RoutineKind> {
        match word {
            "function" => Some(RoutineKind::Function),
            "procedure" => Some(RoutineKind::Procedure),
            "aggregate" => Some(RoutineKind::Aggregate),
            _ => None,
        }
    }
}
