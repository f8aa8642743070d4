//! `ALTER TABLE …`: what it makes of the model.

use realign_model::{Ident, ObjectName, Table};
use realign_planner::ScriptStatement;

use super::{Along, Carried, Refusal, Work, name};
use crate::assemble::{self, Known};
use crate::dependents::mentions;
use crate::keywords::always;
use crate::lower::fold;
use crate::reader::Reader;
use crate::rebuild::rename_within;
use crate::stored::{self, StoredTable};
use crate::tokens;

impl Work {
    pub(super) fn alter(
        &mut self,
        reader: &mut Reader<'_>,
        statement: &ScriptStatement,
    ) -> Carried {
        let name = name(reader)?;
        let temporary = name.temporary || self.temporary.contains(&fold(&name.text));
        if reader.take_all(&["RENAME", "TO"]) {
            let to = reader.name()?;
            if temporary {
                self.temporary.remove(&fold(&name.text));
                self.temporary.insert(fold(&to));
                if let Some(origin) = self.unknown.remove(&fold(&name.text)) {
                    self.unknown.insert(fold(&to), origin);
                }
                return Ok(());
            }
            return self.rename_table(&name.text, &to);
        }
        if temporary {
            return Ok(());
        }
        let at = self.altered(&name.text)?;
        if reader.take("RENAME") {
            // A column may be called COLUMN.
            if !reader.second().is_some_and(|next| next.is("TO")) {
                reader.take("COLUMN");
            }
            let from = reader.name()?;
            reader.expect("TO")?;
            let to = reader.name()?;
            return self.rename_column(at, &from, &to);
        }
        if reader.take("ADD") {
            reader.take("COLUMN");
            return self.add_column(at, reader, statement);
        }
        if reader.take("DROP") {
            reader.take("COLUMN");
            let column = reader.name()?;
            return self.drop_column(at, &column);
        }
        Err(reader.unexpected("RENAME, ADD or DROP").into())
    }

    fn altered(&self, name: &str) -> Result<usize, Refusal> {
        self.table_at(name)
            .ok_or_else(|| Refusal::DoesNotFit(format!("there is no table {name} to alter")))
    }

    fn rename_table(&mut self, from: &str, to: &str) -> Carried {
        self.names.insert(crate::lower::fold(to));
        if let Some(opaque) = self
            .database
            .opaque
            .iter_mut()
            .find(|o| o.name.name.text.eq_ignore_ascii_case(from))
        {
            opaque.text = tokens::rename(&opaque.text, from, &always(to));
            opaque.name = ObjectName::bare(to);
            return Ok(());
        }
        let at = self.altered(from)?;
        if let Some(holder) = self.holder(to).filter(|_| !from.eq_ignore_ascii_case(to)) {
            return Err(Refusal::DoesNotFit(format!(
                "{from} can't be renamed: a {holder} is called {to} already"
            )));
        }
        self.tables.remove(&fold(from));
        self.tables.insert(fold(to), at);
        let table = &mut self.database.tables[at];
        table.name = ObjectName::bare(to);
        table.source_text = table
            .source_text
            .take()
            .map(|text| tokens::rename(&text, from, &always(to)));
        for table in &mut self.database.tables {
            for key in &mut table.foreign_keys {
                if key.ref_table.name.text.eq_ignore_ascii_case(from) {
                    key.ref_table = ObjectName::bare(to);
                }
            }
        }
        for trigger in &mut self.database.triggers {
            if trigger.table.name.text.eq_ignore_ascii_case(from) {
                trigger.table = ObjectName::bare(to);
                // Its own table is followed in any case.
                trigger.source_text.text =
                    tokens::rename(&trigger.source_text.text, from, &always(to));
            } else if self.texts_follow {
                trigger.source_text.text =
                    tokens::rename(&trigger.source_text.text, from, &always(to));
            }
        }
        if self.texts_follow {
            for view in &mut self.database.views {
                view.query.text = tokens::rename(&view.query.text, from, &always(to));
                if let Some(text) = &mut view.source_text {
                    *text = tokens::rename(text, from, &always(to));
                }
            }
        }
        Ok(())
    }

    fn rename_column(&mut self, at: usize, from: &str, to: &str) -> Carried {
        let table = &mut self.database.tables[at];
        let name = table.name.name.text.clone();
        self::column(table, from)?;
        if !from.eq_ignore_ascii_case(to) && table.column_ignoring_case(to).is_some() {
            return Err(Refusal::DoesNotFit(format!(
                "the table {name} has a column {to} already"
            )));
        }
        let (old, new) = (Ident::new(from), Ident::new(to));
        rename_within(table, &old, &new);
        table.source_text = None;
        for other in &mut self.database.tables {
            for key in &mut other.foreign_keys {
                if key.ref_table.name.text.eq_ignore_ascii_case(&name) {
                    for column in &mut key.ref_columns {
                        if column.text.eq_ignore_ascii_case(from) {
                            *column = new.clone();
                        }
                    }
                }
            }
        }
        let follow = |text: &mut String| {
            if mentions(text, &name) {
                *text = tokens::rename(text, from, &always(to));
            }
        };
        for trigger in &mut self.database.triggers {
            follow(&mut trigger.source_text.text);
        }
        for view in &mut self.database.views {
            if mentions(&view.query.text, &name) {
                follow(&mut view.query.text);
                if let Some(text) = &mut view.source_text {
                    follow(text);
                }
            }
        }
        Ok(())
    }

    fn add_column(
        &mut self,
        at: usize,
        reader: &mut Reader<'_>,
        statement: &ScriptStatement,
    ) -> Carried {
        let start = reader.peek().map_or(0, |token| token.start);
        let origin = Along::new(statement, &self.path).to(start);
        let mut read = StoredTable::default();
        let column = stored::column(reader, &mut read)?;
        if !reader.at_end() {
            return Err(reader.unexpected("a clause of a column").into());
        }
        read.columns.push(column);
        let mut made = Table::new(ObjectName::bare(""));
        assemble::from_text(&mut made, &read, &Known::told(&read));
        let notes = std::mem::take(&mut made.opaque);
        let table = &mut self.database.tables[at];
        // A list that doubles would hold as much again for nothing.
        table.columns.reserve_exact(made.columns.len());
        for mut column in made.columns {
            if table.column_ignoring_case(&column.name.text).is_some() {
                return Err(Refusal::DoesNotFit(format!(
                    "the table {} has a column {} already",
                    table.name, column.name
                )));
            }
            column.origin = origin.clone();
            table.columns.push(column);
        }
        table
            .checks
            .extend(made.checks.into_iter().map(|mut check| {
                check.origin = origin.clone();
                check
            }));
        table
            .foreign_keys
            .extend(made.foreign_keys.into_iter().map(|mut key| {
                key.origin = origin.clone();
                key
            }));
        table.opaque.extend(notes);
        table.source_text = None;
        if made.primary_key.is_some() || !made.indexes.is_empty() {
            return Err(Refusal::DoesNotFit(format!(
                "a column that is added to the table {} can't be a key",
                table.name
            )));
        }
        Ok(())
    }

    fn drop_column(&mut self, at: usize, name: &str) -> Carried {
        let table = &mut self.database.tables[at];
        self::column(table, name)?;
        let same = |column: &Ident| column.text.eq_ignore_ascii_case(name);
        let in_key = table
            .primary_key
            .as_ref()
            .is_some_and(|key| key.columns().any(same));
        let in_index = table.indexes.iter().any(|index| index.columns().any(same));
        if in_key || in_index {
            return Err(Refusal::DoesNotFit(format!(
                "the column {name} of the table {} is part of {}: the engine refuses to drop it",
                table.name,
                if in_key { "its key" } else { "an index" }
            )));
        }
        table.columns.retain(|column| !same(&column.name));
        // Checks and keys that were written at the column go with it.
        table
            .checks
            .retain(|check| !check.column.as_ref().is_some_and(same));
        table
            .foreign_keys
            .retain(|key| !(key.columns.len() == 1 && key.columns.iter().any(same)));
        table.source_text = None;
        Ok(())
    }
}

/// The column of a table, or why there is none.
fn column(table: &Table, name: &str) -> Carried {
    if table.column_ignoring_case(name).is_some() {
        return Ok(());
    }
    Err(Refusal::DoesNotFit(format!(
        "the table {} has no column {name}",
        table.name
    )))
}
