//! Sequences, and the columns that take their values from one.

use realign_model::{Column, Expr, Ident, Identity, ObjectName, Sequence, Table};

use super::stage::{Relation, Stage, missing};
use super::table::there_already;
use crate::defaults;
use crate::parse::{Cursor, Path, Reading, Said, SequenceText};
use crate::render::catalog_name;
use crate::serials::{is_unlogged, taking_from};

impl Stage {
    /// What follows `CREATE SEQUENCE`.
    pub(super) fn create_sequence(
        &mut self,
        cursor: &mut Cursor<'_>,
        temporary: bool,
        unlogged: bool,
    ) -> Reading<()> {
        let may_exist = cursor.if_not_exists();
        let path = cursor.path()?;
        let text = cursor.sequence_options()?;
        cursor.expect_end()?;
        if temporary {
            self.push_passing(&path);
            return Ok(());
        }
        let name = self.new_name(&path);
        if self.relation_named(&name).is_some() {
            return if may_exist {
                Ok(())
            } else {
                Err(there_already(&path))
            };
        }
        self.touched();
        let mut sequence = text.make(name, self.origin());
        sequence.unlogged = unlogged;
        self.own(&mut sequence, &text)?;
        self.push_sequence(sequence);
        Ok(())
    }

    /// What follows `ALTER SEQUENCE`.
    pub(super) fn alter_sequence(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let may_miss = cursor.if_exists();
        let path = cursor.path()?;
        let at = match self.relation(&path) {
            Some(Relation::Sequence(at)) => at,
            Some(Relation::Passing) => return Ok(()),
            None if may_miss => return Ok(()),
            _ => return Err(missing("sequence", &path)),
        };
        if cursor.take_all(&["rename", "to"]) {
            let place = cursor.place();
            let new = cursor.text_name()?;
            self.rename_sequence(at, &new, place)?;
            return cursor.expect_end();
        }
        if cursor.take_all(&["set", "schema"]) {
            return self.move_sequence(cursor, at);
        }
        if cursor.take_all(&["owner", "to"]) {
            return Ok(());
        }
        if cursor.take("set") {
            let unlogged = cursor.take("unlogged");
            if !unlogged {
                cursor.expect("logged")?;
            }
            self.touched();
            self.db.sequences[at].unlogged = unlogged;
            return cursor.expect_end();
        }
        let text = cursor.sequence_options()?;
        cursor.expect_end()?;
        self.touched();
        let mut sequence = self.db.sequences[at].clone();
        text.apply(&mut sequence);
        self.own(&mut sequence, &text)?;
        self.db.sequences[at] = sequence;
        Ok(())
    }

    /// Carries `OWNED BY` out.
    fn own(&mut self, sequence: &mut Sequence, text: &SequenceText) -> Reading<()> {
        match &text.owned_by {
            Said::Nothing => {}
            Said::None => {
                sequence.loose = sequence.owned_by.is_some();
            }
            Said::Is((path, column)) => {
                let Some(table) = self.table(path, false)? else {
                    return Ok(());
                };
                let table = &self.db.tables[table];
                sequence.owned_by = Some((table.name.clone(), column.clone()));
                sequence.loose = false;
            }
        }
        Ok(())
    }

    /// The name that the sequence of a column gets.
    pub(super) fn choose_sequence(&mut self, table: &ObjectName, column: &Ident) -> ObjectName {
        let own = catalog_name(&table.name);
        let middle = catalog_name(column);
        let name = self.choose_relation(table, &own, Some(&middle), "seq", false);
        ObjectName::new(table.schema.clone(), name)
    }

    /// Makes the sequence that belongs to a column.
    pub(super) fn own_sequence(
        &mut self,
        table: &ObjectName,
        column: &Column,
        name: ObjectName,
        options: &SequenceText,
    ) {
        let mut text = options.clone();
        text.data_type
            .get_or_insert_with(|| column.data_type.clone());
        let mut sequence = text.make(name, column.origin.clone());
        sequence.owned_by = Some((table.clone(), column.name.clone()));
        let mut tables = self.db.tables.iter();
        let holder = tables.find(|own| own.name == *table);
        let like_table =
            self.unlogged_sequences && holder.is_some_and(|own| is_unlogged(&own.options));
        sequence.unlogged = options.unlogged.unwrap_or(like_table);
        self.push_sequence(sequence);
    }

    /// Lets the sequences of a table's columns be logged as the table is.
    pub(super) fn follow_logging(&mut self, table: &ObjectName, unlogged: bool) {
        if !self.unlogged_sequences {
            return;
        }
        for sequence in &mut self.db.sequences {
            let owner = sequence.owned_by.as_ref().map(|(owner, _)| owner);
            if !sequence.loose && owner == Some(table) {
                sequence.unlogged = unlogged;
            }
        }
    }

    /// The default that takes its values from the sequence of a column.
    pub(super) fn sequence_of(&self, table: &Table, column: &Column) -> Option<Expr> {
        let owner = (table.name.clone(), column.name.clone());
        let found = self
            .db
            .sequences
            .iter()
            .find(|s| s.owned_by.as_ref() == Some(&owner))?;
        Some(taking_from(&found.name))
    }

    /// Gives a column its default. One that takes its values from a sequence makes the column
    /// count, as the catalogue's reader sees it.
    pub(super) fn set_default(&mut self, table: &ObjectName, column: &mut Column, default: Expr) {
        let sequence = defaults::sequence_path(default.as_str())
            .and_then(|text| Cursor::new(&text).path().ok());
        let Some(path) = sequence.filter(|_| column.data_type.is_integer()) else {
            column.default = Some(default);
            return;
        };
        column.identity = Some(Identity::Serial);
        let name = match self.relation(&path) {
            Some(Relation::Sequence(at)) => {
                let key = (table.clone(), column.name.clone());
                let sequence = &mut self.db.sequences[at];
                if sequence.owned_by.is_none() {
                    sequence.owned_by = Some(key);
                    sequence.loose = true;
                }
                sequence.name.clone()
            }
            _ => self.new_name(&path),
        };
        // A name that is looked up each time is kept as it is written.
        let late = default.as_str().contains("::text");
        column.default = Some(if late { default } else { taking_from(&name) });
    }

    /// Takes a column's default away, whatever it was.
    pub(super) fn drop_default(&mut self, table: &ObjectName, column: &mut Column) {
        column.default = None;
        if column.identity == Some(Identity::Serial) {
            column.identity = None;
            let owner = (table.clone(), column.name.clone());
            for sequence in &mut self.db.sequences {
                if sequence.loose && sequence.owned_by.as_ref() == Some(&owner) {
                    sequence.owned_by = None;
                    sequence.loose = false;
                }
            }
        }
    }

    /// A sequence of a written name.
    pub(super) fn sequence_at(&mut self, path: &Path) -> Option<usize> {
        match self.relation(path) {
            Some(Relation::Sequence(at)) => Some(at),
            _ => None,
        }
    }
}
