//! Other names, and everything that has to follow them.

use realign_model::{Expr, Ident, IndexTarget, ObjectName};

use super::stage::{Relation, Stage};
use super::table::no_column;
use crate::lexer::{TokenKind, tokens};
use crate::parse::{Cursor, Path, Reading, TriggerText, Trouble};
use crate::render::{catalog_name, ident, live_ident};

impl Stage {
    /// `RENAME …` of a table's statement.
    pub(super) fn rename_in_table(
        &mut self,
        cursor: &mut Cursor<'_>,
        at: usize,
        only: bool,
    ) -> Reading<()> {
        cursor.expect("rename")?;
        self.touched();
        if cursor.take("to") {
            let place = cursor.place();
            let new = cursor.text_name()?;
            cursor.expect_end()?;
            return self.rename_table(at, &new, place);
        }
        if cursor.take("constraint") {
            let place = cursor.place();
            let old = cursor.ident()?;
            cursor.expect("to")?;
            let new = cursor.ident()?;
            cursor.expect_end()?;
            return self.rename_constraint(at, &old, &new, place);
        }
        cursor.take("column");
        let place = cursor.place();
        let old = cursor.ident()?;
        cursor.expect("to")?;
        let new = cursor.ident()?;
        cursor.expect_end()?;
        for table in self.family(at, only) {
            if self.column_in(table, &old).is_some() {
                self.rename_column(table, &old, &new);
            } else if table == at {
                return Err(no_column(place, &self.db.tables[at].name, &old));
            }
        }
        Ok(())
    }

    fn rename_table(&mut self, at: usize, new: &str, place: usize) -> Reading<()> {
        let from = self.db.tables[at].name.clone();
        let to = Self::beside(&from, new);
        self.is_free(&to, place)?;
        self.unnote_names_at(at);
        self.db.tables[at].name = to.clone();
        self.rename_relation(&from, &to);
        self.note_names_at(at);
        Ok(())
    }

    /// `SET SCHEMA` of a table.
    pub(super) fn move_table(&mut self, cursor: &mut Cursor<'_>, at: usize) -> Reading<()> {
        let place = cursor.place();
        let schema = cursor.text_name()?;
        cursor.expect_end()?;
        self.touched();
        let from = self.db.tables[at].name.clone();
        let to = self.in_schema(&from, &schema);
        // To where it is already it may go.
        if to != from {
            self.is_free(&to, place)?;
        }
        self.db.tables[at].name = to.clone();
        self.rename_relation(&from, &to);
        // Its own sequences go along, and so does what takes its values from them.
        for sequence in 0..self.db.sequences.len() {
            let its = &self.db.sequences[sequence];
            let own = its.owned_by.as_ref().is_some_and(|(t, _)| *t == to);
            if own && !its.loose {
                let from = its.name.clone();
                let moved = ObjectName::new(to.schema.clone(), from.name.clone());
                self.replace_sequence(sequence, &from, moved);
            }
        }
        self.forget_places();
        Ok(())
    }

    fn in_schema(&self, name: &ObjectName, schema: &str) -> ObjectName {
        self.new_name(&Path {
            schema: Some(schema.to_owned()),
            name: catalog_name(&name.name),
            at: 0,
        })
    }

    /// Another name of a sequence.
    pub(super) fn rename_sequence(&mut self, at: usize, new: &str, place: usize) -> Reading<()> {
        let from = self.db.sequences[at].name.clone();
        let to = Self::beside(&from, new);
        self.is_free(&to, place)?;
        self.replace_sequence(at, &from, to);
        Ok(())
    }

    /// `SET SCHEMA` of a sequence.
    pub(super) fn move_sequence(&mut self, cursor: &mut Cursor<'_>, at: usize) -> Reading<()> {
        let place = cursor.place();
        let schema = cursor.text_name()?;
        cursor.expect_end()?;
        let from = self.db.sequences[at].name.clone();
        let to = self.in_schema(&from, &schema);
        if to != from {
            self.is_free(&to, place)?;
        }
        self.replace_sequence(at, &from, to);
        Ok(())
    }

    fn replace_sequence(&mut self, at: usize, from: &ObjectName, to: ObjectName) {
        self.touched();
        let old = crate::serials::taking_from(from);
        let new = crate::serials::taking_from(&to);
        for table in &mut self.db.tables {
            for column in &mut table.columns {
                if column.default.as_ref() == Some(&old) {
                    column.default = Some(new.clone());
                }
            }
        }
        self.name_sequence(at, to);
    }

    /// What has to follow when a table or view gets another name.
    pub(super) fn rename_relation(&mut self, from: &ObjectName, to: &ObjectName) {
        let meant = self.is_referred_to(from) || self.is_parent(from);
        for table in self.db.tables.iter_mut().filter(|_| meant) {
            for key in &mut table.foreign_keys {
                if key.ref_table == *from {
                    key.ref_table = to.clone();
                }
            }
            if super::partition::parents_of(table).next().is_some() {
                super::partition::change_options(table, |options| {
                    for parent in &mut options.inherits {
                        if parent == from {
                            *parent = to.clone();
                        }
                    }
                    if let Some(part) = &mut options.partition_of
                        && part.parent == *from
                    {
                        part.parent = to.clone();
                    }
                });
            }
        }
        for sequence in &mut self.db.sequences {
            if let Some((table, _)) = &mut sequence.owned_by
                && table == from
            {
                *table = to.clone();
            }
        }
        for trigger in &mut self.db.triggers {
            if trigger.table != *from {
                continue;
            }
            trigger.table = to.clone();
            trigger.name.schema.clone_from(&to.schema);
            if let Some(mut text) = TriggerText::read(trigger.source_text.as_str()) {
                text.table.name = catalog_name(&to.name);
                text.table.schema = to.schema.as_ref().map(catalog_name);
                trigger.source_text = Expr::new(text.render());
            }
        }
        for view in &mut self.db.views {
            let text = replace_relation(view.query.as_str(), from, to);
            view.query = Expr::new(text);
        }
        for opaque in &mut self.db.opaque {
            if opaque.table.is_some() {
                opaque.text = replace_relation(&opaque.text, from, to);
            }
            if opaque.table.as_ref() == Some(from) {
                opaque.table = Some(to.clone());
                opaque.name.schema.clone_from(&to.schema);
            }
        }
        if from.schema == to.schema {
            self.moved_name(from, to);
        } else {
            self.forget_places();
        }
    }

    fn rename_column(&mut self, table: usize, old: &Ident, new: &Ident) {
        let wanted = catalog_name(old);
        let own = &mut self.db.tables[table];
        let swap = |name: &mut Ident| {
            if catalog_name(name) == wanted {
                *name = new.clone();
            }
        };
        let follow = |expr: &mut Expr| {
            *expr = Expr::new(replace_word(expr.as_str(), &wanted, new));
        };
        for column in &mut own.columns {
            swap(&mut column.name);
            if let Some(rare) = column.rare.said_mut()
                && let Some(generated) = &mut rare.generated
            {
                follow(&mut generated.expr);
            }
        }
        let parts = own
            .indexes
            .iter_mut()
            .flat_map(|index| index.parts.iter_mut())
            .chain(own.primary_key.iter_mut().flat_map(|k| k.parts.iter_mut()));
        for part in parts {
            match &mut part.target {
                IndexTarget::Column(name) => swap(name),
                IndexTarget::Expr(expr) => follow(expr),
            }
        }
        for index in &mut own.indexes {
            index.include.iter_mut().for_each(swap);
            index.predicate.iter_mut().for_each(follow);
        }
        for key in &mut own.foreign_keys {
            key.columns.iter_mut().for_each(swap);
            key.set_columns.iter_mut().for_each(swap);
        }
        for check in &mut own.checks {
            check.column.iter_mut().for_each(swap);
            follow(&mut check.expr);
        }
        super::partition::change_options(own, |options| {
            crate::keeping::rename_column(&mut options.clauses, old, new);
        });
        if let Some(rare) = own.rare.said_mut() {
            if let Some(partitioning) = &mut rare.partitioning {
                follow(&mut partitioning.clause);
            }
            for line in &mut rare.opaque {
                if line.starts_with("CONSTRAINT ") {
                    *line = replace_word(line, &wanted, new);
                }
            }
        }
        let owner = own.name.clone();
        for other in &mut self.db.tables {
            for key in &mut other.foreign_keys {
                if key.ref_table == owner {
                    key.ref_columns.iter_mut().for_each(swap);
                }
            }
        }
        for sequence in &mut self.db.sequences {
            if let Some((table, column)) = &mut sequence.owned_by
                && *table == owner
            {
                swap(column);
            }
        }
        for trigger in &mut self.db.triggers {
            if trigger.table != owner {
                continue;
            }
            if let Some(mut text) = TriggerText::read(trigger.source_text.as_str()) {
                for column in &mut text.columns {
                    if *column == wanted {
                        column.clone_from(&new.text);
                    }
                }
                if let Some(when) = &mut text.when {
                    *when = replace_word(when, &wanted, new);
                }
                trigger.source_text = Expr::new(text.render());
            }
        }
    }

    fn rename_constraint(
        &mut self,
        at: usize,
        old: &Ident,
        new: &Ident,
        place: usize,
    ) -> Reading<()> {
        let wanted = catalog_name(old);
        self.unnote_names_at(at);
        let table = &mut self.db.tables[at];
        let mut found = false;
        let mut swap = |name: &mut Option<Ident>| {
            if name.as_ref().map(catalog_name).as_ref() == Some(&wanted) {
                *name = Some(new.clone());
                found = true;
            }
        };
        if let Some(key) = &mut table.primary_key {
            swap(&mut key.name);
        }
        for index in table.indexes.iter_mut().filter(|i| i.constraint) {
            swap(&mut index.name);
        }
        for key in &mut table.foreign_keys {
            swap(&mut key.name);
        }
        for check in &mut table.checks {
            swap(&mut check.name);
        }
        let opaque = table.rare.said_mut().map(|rare| &mut rare.opaque);
        for line in opaque.into_iter().flatten() {
            if super::constraint::exclusion_named(line, &wanted) {
                let mut cursor = Cursor::new(line);
                cursor.skip();
                cursor.skip();
                *line = format!("CONSTRAINT {} {}", ident(new), cursor.rest());
                found = true;
            }
        }
        super::partition::change_options(table, |options| {
            crate::keeping::rename_index(&mut options.clauses, old, Some(new));
        });
        self.note_names_at(at);
        if found {
            Ok(())
        } else {
            Err(Trouble::DoesNotFit {
                at: place,
                what: format!("{} has no constraint {old}", self.db.tables[at].name),
            })
        }
    }

    /// What follows `ALTER SCHEMA`.
    pub(super) fn alter_schema(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let place = cursor.place();
        let old = cursor.text_name()?;
        if cursor.take_all(&["owner", "to"]) {
            return Ok(());
        }
        cursor.expect("rename")?;
        cursor.expect("to")?;
        let new = live_ident(&cursor.text_name()?);
        self.touched();
        let Some(schema) = self
            .db
            .namespaces
            .iter_mut()
            .find(|n| catalog_name(&n.name) == old)
        else {
            return Err(Trouble::DoesNotFit {
                at: place,
                what: format!("there is no schema {old}"),
            });
        };
        schema.name = new.clone();
        let tables: Vec<usize> = (0..self.db.tables.len()).collect();
        let is_old = |name: &ObjectName| {
            name.schema.as_ref().map(catalog_name).as_deref() == Some(old.as_str())
        };
        for at in tables {
            let from = self.db.tables[at].name.clone();
            if is_old(&from) {
                let to = ObjectName::new(Some(new.clone()), from.name.clone());
                self.db.tables[at].name = to.clone();
                self.rename_relation(&from, &to);
            }
        }
        for at in 0..self.db.sequences.len() {
            let from = self.db.sequences[at].name.clone();
            if is_old(&from) {
                let to = ObjectName::new(Some(new.clone()), from.name.clone());
                self.replace_sequence(at, &from, to);
            }
        }
        let db = &mut self.db;
        let names = db
            .views
            .iter_mut()
            .map(|v| &mut v.name)
            .chain(db.enums.iter_mut().map(|e| &mut e.name))
            .chain(db.domains.iter_mut().map(|d| &mut d.name))
            .chain(db.routines.iter_mut().map(|r| &mut r.name))
            .chain(
                db.opaque
                    .iter_mut()
                    .flat_map(|o| [Some(&mut o.name), o.table.as_mut()])
                    .flatten(),
            );
        for name in names {
            if is_old(name) {
                name.schema = Some(new.clone());
            }
        }
        self.gather_types();
        self.forget_places();
        Ok(())
    }

    /// True when something of that name is a relation.
    pub(super) fn is_relation(&mut self, path: &Path) -> bool {
        self.relation(path)
            .is_some_and(|found| found != Relation::Passing)
    }
}

/// True when a text has this name as a word of its own that is not called.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    places(text, name).next().is_some()
}

/// A text with a name replaced, where it is a column.
pub(crate) fn replace_word(text: &str, old: &str, new: &Ident) -> String {
    let mut made = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in places(text, old) {
        made.push_str(&text[done..start]);
        made.push_str(&ident(new));
        done = end;
    }
    made.push_str(&text[done..]);
    made
}

fn places(text: &str, name: &str) -> impl Iterator<Item = (usize, usize)> {
    let all = tokens(text);
    let mut found = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let is = match token.kind {
            TokenKind::Word => token.text.eq_ignore_ascii_case(name),
            TokenKind::Quoted => token.text == name,
            TokenKind::String | TokenKind::Number | TokenKind::Symbol => false,
        };
        let calls =
            token.kind == TokenKind::Word && all.get(at + 1).is_some_and(|t| t.is_symbol("("));
        let casts = at > 0 && all[at - 1].is_symbol("::");
        if is && !calls && !casts {
            found.push((token.start, token.end));
        }
    }
    found.into_iter()
}

/// A text with the name of a relation replaced, wherever rows are taken from it.
fn replace_relation(text: &str, from: &ObjectName, to: &ObjectName) -> String {
    let old = catalog_name(&from.name);
    if !text.to_lowercase().contains(&old.to_lowercase()) {
        return text.to_owned();
    }
    replace_word(text, &old, &to.name)
}
