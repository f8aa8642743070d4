//! ALTER TABLE.

use realign_model::Ident;

use super::constraint::{exclusion_named, has_constraint};
use super::partition::{bound, change_options};
use super::stage::{Relation, Stage, missing};
use super::table::no_column;
use crate::keeping;
use crate::parse::{ConstraintKind, Cursor, Reading, Trouble};
use crate::render::{catalog_name, ident};

/// The table of a statement, and whether its children are left alone.
#[derive(Debug, Clone, Copy)]
struct Subject {
    at: usize,
    only: bool,
}

impl Stage {
    /// What follows `ALTER TABLE`.
    pub(super) fn alter_table(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        if cursor.take_all(&["all", "in", "tablespace"]) {
            cursor.rest();
            return Ok(());
        }
        let may_miss = cursor.if_exists();
        let only = cursor.take("only");
        let path = cursor.path()?;
        cursor.take_symbol("*");
        match self.relation(&path) {
            Some(Relation::Table(at)) => {
                if cursor.sees("rename") {
                    return self.rename_in_table(cursor, at, only);
                }
                if cursor.take_all(&["set", "schema"]) {
                    return self.move_table(cursor, at);
                }
                self.touched();
                loop {
                    self.action(cursor, Subject { at, only })?;
                    if !cursor.take_symbol(",") {
                        return cursor.expect_end();
                    }
                }
            }
            // Old dumps say ALTER TABLE of sequences and views.
            Some(Relation::Sequence(at)) => {
                if cursor.take_all(&["rename", "to"]) {
                    let place = cursor.place();
                    let new = cursor.text_name()?;
                    self.rename_sequence(at, &new, place)?;
                    return cursor.expect_end();
                }
                if cursor.take_all(&["set", "schema"]) {
                    return self.move_sequence(cursor, at);
                }
                cursor.rest();
                Ok(())
            }
            Some(Relation::View(at)) => self.alter_view_at(cursor, at),
            Some(Relation::Index(table, index)) => {
                if cursor.take_all(&["rename", "to"]) {
                    let place = cursor.place();
                    let new = cursor.ident()?;
                    let to = Self::beside(&self.db.tables[table].name, &catalog_name(&new));
                    self.is_free(&to, place)?;
                    self.unnote_names_at(table);
                    self.db.tables[table].indexes[index].name = Some(new);
                    self.note_names_at(table);
                }
                cursor.rest();
                Ok(())
            }
            Some(Relation::Opaque(_)) => Err(Trouble::NotUnderstood {
                at: path.at,
                what: format!(
                    "{} is kept as text, so that it can't be altered",
                    path.render()
                ),
            }),
            Some(Relation::Passing) => {
                if cursor.take_all(&["rename", "to"]) {
                    let to = cursor.text_name()?;
                    self.rename_passing(&path, to);
                }
                cursor.rest();
                Ok(())
            }
            None if may_miss => {
                cursor.rest();
                Ok(())
            }
            None => Err(missing("table", &path)),
        }
    }

    fn action(&mut self, cursor: &mut Cursor<'_>, subject: Subject) -> Reading<()> {
        let at = subject.at;
        if cursor.take("add") {
            return self.add(cursor, subject);
        }
        if cursor.take_all(&["drop", "constraint"]) {
            let may_miss = cursor.if_exists();
            let place = cursor.place();
            let name = cursor.ident()?;
            let cascade = behaviour(cursor);
            return self.drop_constraint(subject, &name, may_miss, cascade, place);
        }
        if cursor.take("drop") {
            cursor.take("column");
            let may_miss = cursor.if_exists();
            let place = cursor.place();
            let name = cursor.ident()?;
            let cascade = behaviour(cursor);
            for table in self.family(at, subject.only) {
                match self.column_in(table, &name) {
                    Some(column) => self.drop_column(table, column, cascade),
                    None if may_miss || table != at => {}
                    None => return Err(no_column(place, &self.db.tables[at].name, &name)),
                }
            }
            return Ok(());
        }
        if cursor.take_all(&["alter", "constraint"]) {
            let place = cursor.place();
            let name = cursor.ident()?;
            let timing = cursor.timing();
            let wanted = catalog_name(&name);
            let table = &mut self.db.tables[at];
            let key = table
                .foreign_keys
                .iter_mut()
                .find(|k| k.name.as_ref().map(catalog_name).as_ref() == Some(&wanted))
                .ok_or_else(|| Trouble::DoesNotFit {
                    at: place,
                    what: format!("{} has no foreign key {name}", table.name),
                })?;
            key.deferrable = timing.deferrable;
            key.initially_deferred = timing.deferred;
            return Ok(());
        }
        if cursor.take("alter") {
            cursor.take("column");
            let place = cursor.place();
            let name = cursor.ident()?;
            let mark = cursor.mark();
            for table in self.family(at, subject.only) {
                let Some(column) = self.column_in(table, &name) else {
                    if table == at {
                        return Err(no_column(place, &self.db.tables[at].name, &name));
                    }
                    continue;
                };
                cursor.back(mark);
                self.alter_column(cursor, table, column)?;
            }
            return Ok(());
        }
        if cursor.take_all(&["validate", "constraint"]) {
            let name = cursor.ident()?;
            let wanted = [
                format!("FOREIGN KEY {name} is NOT VALID"),
                format!("CHECK {name} is NOT VALID"),
            ];
            self.db.tables[at]
                .opaque
                .retain(|line| !wanted.iter().any(|w| line.starts_with(w)));
            return Ok(());
        }
        if cursor.take_all(&["attach", "partition"]) {
            let path = cursor.path()?;
            let bound = bound(cursor)?;
            return self.attach(at, &path, bound);
        }
        if cursor.take_all(&["detach", "partition"]) {
            let path = cursor.path()?;
            if !cursor.take("concurrently") {
                cursor.take("finalize");
            }
            return self.detach(at, &path);
        }
        if cursor.take("inherit") {
            let path = cursor.path()?;
            let Some(Relation::Table(parent)) = self.relation(&path) else {
                return Err(missing("table", &path));
            };
            let parent = self.db.tables[parent].name.clone();
            self.note_parent(&parent);
            change_options(&mut self.db.tables[at], |o| o.inherits.push(parent));
            return Ok(());
        }
        if cursor.take_all(&["no", "inherit"]) {
            let path = cursor.path()?;
            let keys: Vec<String> = self.candidates(&path).iter().map(|n| self.key(n)).collect();
            let mut table = self.db.tables[at].clone();
            change_options(&mut table, |options| {
                options.inherits.retain(|p| !keys.contains(&self.key(p)));
            });
            self.db.tables[at] = table;
            return Ok(());
        }
        self.table_option(cursor, at)
    }

    /// Actions that change neither columns nor constraints.
    fn table_option(&mut self, cursor: &mut Cursor<'_>, at: usize) -> Reading<()> {
        let table = &mut self.db.tables[at];
        if cursor.sees_all(&["set", "unlogged"]) || cursor.sees_all(&["set", "logged"]) {
            cursor.skip();
            let unlogged = cursor.take("unlogged");
            if !unlogged {
                cursor.expect("logged")?;
            }
            change_options(table, |options| options.unlogged = unlogged);
            let name = table.name.clone();
            self.follow_logging(&name, unlogged);
        } else if cursor.sees("set") && cursor.ahead(1).is_some_and(|t| t.is_symbol("(")) {
            cursor.skip();
            let set = cursor.options()?;
            change_options(table, |options| {
                for option in set {
                    forget(&mut options.storage, &option);
                    options.storage.push(option);
                }
            });
        } else if cursor.sees("reset") {
            cursor.skip();
            let reset = cursor.options()?;
            change_options(table, |options| {
                for option in reset {
                    forget(&mut options.storage, &option);
                }
            });
        } else if cursor.take_all(&["enable", "row", "level", "security"]) {
            security(table, SECURE, true);
        } else if cursor.take_all(&["disable", "row", "level", "security"]) {
            security(table, SECURE, false);
        } else if cursor.take_all(&["force", "row", "level", "security"]) {
            security(table, FORCED, true);
        } else if cursor.take_all(&["no", "force", "row", "level", "security"]) {
            security(table, FORCED, false);
        } else if cursor.take_all(&["cluster", "on"]) {
            let index = cursor.ident()?;
            say(table, "CLUSTER ON ", Some(&ident(&index)));
        } else if cursor.take_all(&["set", "without", "cluster"]) {
            say(table, "CLUSTER ON ", None);
        } else if cursor.take_all(&["replica", "identity"]) {
            let how = if cursor.take_all(&["using", "index"]) {
                Some(format!("USING INDEX {}", ident(&cursor.ident()?)))
            } else {
                let word = cursor.text_name()?.to_uppercase();
                (word != "DEFAULT").then_some(word)
            };
            say(table, "REPLICA IDENTITY ", how.as_deref());
        } else if cursor.take_all(&["owner", "to"])
            || cursor.take_all(&["set", "tablespace"])
            || cursor.take_all(&["set", "access", "method"])
            || cursor.take_all(&["set", "without"])
        {
            cursor.skip();
        } else if cursor.sees_any(&["enable", "disable"]) {
            self.enable(cursor, at)?;
        } else {
            return Err(cursor.unknown());
        }
        Ok(())
    }

    /// `ENABLE` and `DISABLE` of triggers and rules: the switch is kept as a line of the table.
    fn enable(&mut self, cursor: &mut Cursor<'_>, at: usize) -> Reading<()> {
        let off = cursor.take("disable");
        if !off {
            cursor.skip();
        }
        let how = if off {
            Some("DISABLED")
        } else if cursor.take("always") {
            Some("ENABLED ALWAYS")
        } else if cursor.take("replica") {
            Some("ENABLED ON A REPLICA")
        } else {
            None
        };
        if cursor.take("rule") {
            cursor.skip();
            return Ok(());
        }
        cursor.expect("trigger")?;
        let place = cursor.place();
        let name = cursor.ident()?;
        let table = &mut self.db.tables[at];
        let key = table.name.clone();
        let all = matches!(name.text.as_str(), "all" | "user") && !name.quoted;
        let names: Vec<Ident> = self
            .db
            .triggers
            .iter()
            .filter(|t| t.table == key && (all || t.name.name.text == name.text))
            .map(|t| t.name.name.clone())
            .collect();
        if names.is_empty() && !all {
            return Err(Trouble::DoesNotFit {
                at: place,
                what: format!("{key} has no trigger {name}"),
            });
        }
        let table = &mut self.db.tables[at];
        for name in names {
            let start = format!("TRIGGER {name} is ");
            if let Some(rare) = table.rare.said_mut() {
                rare.opaque.retain(|line| !line.starts_with(&start));
            }
            if let Some(how) = how {
                table.opaque.push(format!("{start}{how}"));
            }
        }
        Ok(())
    }

    fn add(&mut self, cursor: &mut Cursor<'_>, subject: Subject) -> Reading<()> {
        let at = subject.at;
        if cursor.sees_table_constraint() {
            let constraint = cursor.table_constraint()?;
            return self.add_to_table(at, constraint);
        }
        cursor.take("column");
        let may_exist = cursor.if_not_exists();
        let place = cursor.place();
        let text = cursor.column()?;
        for table in self.family(at, subject.only) {
            if self.column_in(table, &text.name).is_some() {
                if may_exist || table != at {
                    continue;
                }
                return Err(Trouble::DoesNotFit {
                    at: place,
                    what: format!(
                        "{} has a column {} already",
                        self.db.tables[at].name, text.name
                    ),
                });
            }
            let name = self.db.tables[table].name.clone();
            let mut constraints = Vec::new();
            let column = if table == at {
                self.make_column(&name, text.clone(), &mut constraints)
            } else {
                // Children take the column as the parent has it, without its keys.
                match self.column_in(at, &text.name) {
                    Some(own) => self.db.tables[at].columns[own].clone(),
                    None => continue,
                }
            };
            self.db.tables[table].columns.push(column);
            for constraint in constraints {
                self.add_to_table(table, constraint)?;
            }
        }
        Ok(())
    }

    /// Adds a constraint to a table of the schema.
    fn add_to_table(&mut self, at: usize, constraint: crate::parse::ConstraintText) -> Reading<()> {
        // Names are gathered while the table is still in its place.
        self.gather_names();
        if let ConstraintKind::PrimaryKey { columns, .. } = &constraint.kind {
            for child in self.family(at, false) {
                for column in columns {
                    if let Some(found) = self.column_in(child, column) {
                        self.db.tables[child].columns[found].nullable = false;
                    }
                }
            }
        }
        let placeholder = realign_model::Table::new(self.db.tables[at].name.clone());
        let mut table = std::mem::replace(&mut self.db.tables[at], placeholder);
        let done = self.add_constraint(&mut table, constraint);
        self.note_names(&table);
        self.db.tables[at] = table;
        done
    }

    fn drop_constraint(
        &mut self,
        subject: Subject,
        name: &Ident,
        may_miss: bool,
        cascade: bool,
        place: usize,
    ) -> Reading<()> {
        let at = subject.at;
        let wanted = catalog_name(name);
        let table = &mut self.db.tables[at];
        if !has_constraint(table, name) {
            return if may_miss {
                Ok(())
            } else {
                Err(Trouble::DoesNotFit {
                    at: place,
                    what: format!("{} has no constraint {name}", table.name),
                })
            };
        }
        let is = |other: &Option<Ident>| other.as_ref().map(catalog_name).as_ref() == Some(&wanted);
        self.unnote_names_at(at);
        let table = &mut self.db.tables[at];
        let mut key_gone = None;
        if table.primary_key.as_deref().is_some_and(|k| is(&k.name)) {
            let key = table.primary_key.take();
            key_gone = key.map(|k| k.columns().map(catalog_name).collect::<Vec<_>>());
        }
        if let Some(found) = table
            .indexes
            .iter()
            .position(|i| i.constraint && is(&i.name))
        {
            let index = table.indexes.remove(found);
            key_gone = Some(index.columns().map(catalog_name).collect());
        }
        table.foreign_keys.retain(|k| !is(&k.name));
        table.checks.retain(|c| !is(&c.name));
        let lines = [
            format!("FOREIGN KEY {name} is "),
            format!("CHECK {name} is "),
            format!("PRIMARY KEY {name} INCLUDE "),
            format!("PRIMARY KEY {name} WITH "),
        ];
        if let Some(rare) = table.rare.said_mut() {
            rare.opaque.retain(|line| {
                !exclusion_named(line, &wanted) && !lines.iter().any(|l| line.starts_with(l))
            });
        }
        let owner = table.name.clone();
        if let (true, Some(columns)) = (cascade, key_gone) {
            for other in &mut self.db.tables {
                other.foreign_keys.retain(|key| {
                    let mut refers: Vec<String> =
                        key.ref_columns.iter().map(catalog_name).collect();
                    let mut columns = columns.clone();
                    refers.sort();
                    columns.sort();
                    key.ref_table != owner || refers != columns
                });
            }
            self.names = None;
        }
        let name = name.clone();
        change_options(&mut self.db.tables[at], |options| {
            keeping::rename_index(&mut options.clauses, &name, None);
        });
        self.note_names_at(at);
        Ok(())
    }
}

/// `CASCADE` or `RESTRICT`: true for the first.
pub(super) fn behaviour(cursor: &mut Cursor<'_>) -> bool {
    let cascade = cursor.take("cascade");
    if !cascade {
        cursor.take("restrict");
    }
    cascade
}

/// What a table says of itself when its rows are guarded.
pub(crate) const SECURE: &str = "ROW LEVEL SECURITY is enabled";
/// The same, for its owner too.
pub(crate) const FORCED: &str = "ROW LEVEL SECURITY is forced";

/// Puts a clause into a table, in the place of another that begins alike.
fn say(table: &mut realign_model::Table, start: &str, what: Option<&str>) {
    let clause = what.map(|what| format!("{start}{what}"));
    change_options(table, |options| {
        options.clauses.retain(|other| !other.starts_with(start));
        options.clauses.extend(clause);
        options.clauses.sort();
    });
}

fn security(table: &mut realign_model::Table, line: &str, on: bool) {
    if let Some(rare) = table.rare.said_mut() {
        rare.opaque.retain(|other| other != line);
    }
    if on {
        table.opaque.push(line.to_owned());
    }
}

/// Takes the option of that name out of a list.
pub(super) fn forget(storage: &mut Vec<String>, option: &str) {
    let name = option.split('=').next().unwrap_or(option);
    storage.retain(|other| other.split('=').next() != Some(name));
}
