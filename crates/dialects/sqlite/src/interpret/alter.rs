//! `ALTER TABLE …`: what it makes of the model.

use realign_model::{Ident, ObjectName, Table, View};
use realign_planner::ScriptStatement;

use super::stage::{Holder, Text};
use super::{Along, Carried, Refusal, Work, name};
use crate::assemble::{self, Known};
use crate::keywords::always;
use crate::lower::fold;
use crate::reader::Reader;
use crate::rebuild::rename_within;
use crate::stored::{self, StoredTable};
use crate::{conflicts, tokens};

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
        self.stage
            .table_at(name)
            .ok_or_else(|| Refusal::DoesNotFit(format!("there is no table {name} to alter")))
    }

    fn rename_table(&mut self, from: &str, to: &str) -> Carried {
        let quoted = always(to);
        if let Some(Holder::Virtual(at)) = self.stage.holder(from) {
            let opaque = &mut self.stage.database.opaque[at];
            opaque.text = tokens::rename(&opaque.text, from, &quoted);
            opaque.name = ObjectName::bare(to);
            self.stage.rename(from, to);
            return Ok(());
        }
        let at = self.altered(from)?;
        let same = from.eq_ignore_ascii_case(to);
        if let Some(holder) = self.stage.holder(to).filter(|_| !same) {
            return Err(Refusal::DoesNotFit(format!(
                "{from} can't be renamed: a {} is called {to} already",
                holder.kind()
            )));
        }
        self.stage.rename(from, to);
        for other in self.stage.referring_to(from) {
            for key in &mut self.stage.database.tables[other].foreign_keys {
                if key.ref_table.name.text.eq_ignore_ascii_case(from) {
                    key.ref_table = ObjectName::bare(to);
                }
            }
        }
        self.stage.refer_to(from, to);
        let texts = if self.texts_follow {
            self.stage.naming_all(&[from])
        } else {
            // Its own table is followed in any case.
            let own = self.stage.triggers_on(from);
            own.into_iter().map(Text::Trigger).collect()
        };
        let database = &mut self.stage.database;
        let table = &mut database.tables[at];
        table.name = ObjectName::bare(to);
        if let Some(text) = &mut table.source_text {
            *text = tokens::rename(text, from, &quoted);
        }
        for text in &texts {
            match *text {
                Text::Trigger(at) => {
                    let text = &mut database.triggers[at].source_text.text;
                    *text = tokens::rename(text, from, &quoted);
                }
                Text::View(at) => {
                    let view = &mut database.views[at];
                    let query = tokens::rename(&view.query.text, from, &quoted);
                    put_query(view, query, from, &quoted);
                }
            }
        }
        for trigger in self.stage.triggers_on(from) {
            self.stage.database.triggers[trigger].table = ObjectName::bare(to);
        }
        self.stage.move_triggers(from, to);
        if self.texts_follow && !same {
            self.stage.unnamed(from);
        }
        for text in texts {
            self.stage.names_now(text, to);
        }
        Ok(())
    }

    fn rename_column(&mut self, at: usize, from: &str, to: &str) -> Carried {
        let name = self.stage.database.tables[at].name.name.text.clone();
        self.column(at, from)?;
        if !from.eq_ignore_ascii_case(to) && self.column(at, to).is_ok() {
            return Err(Refusal::DoesNotFit(format!(
                "the table {name} has a column {to} already"
            )));
        }
        let (old, new) = (Ident::new(from), Ident::new(to));
        let table = &mut self.stage.database.tables[at];
        rename_within(table, &old, &new);
        table.source_text = None;
        self.stage.wide.rename(at, from, to);
        for other in self.stage.referring_to(&name) {
            for key in &mut self.stage.database.tables[other].foreign_keys {
                if key.ref_table.name.text.eq_ignore_ascii_case(&name) {
                    for column in &mut key.ref_columns {
                        if column.text.eq_ignore_ascii_case(from) {
                            *column = new.clone();
                        }
                    }
                }
            }
        }
        let quoted = always(to);
        let followed = |text: &str| tokens::rename_beside(text, &name, from, &quoted);
        for text in self.stage.naming_all(&[&name, from]) {
            let database = &mut self.stage.database;
            match text {
                Text::Trigger(at) => {
                    let sql = &mut database.triggers[at].source_text.text;
                    let Some(renamed) = followed(sql) else {
                        continue;
                    };
                    *sql = renamed;
                }
                Text::View(at) => {
                    let view = &mut database.views[at];
                    let Some(query) = followed(&view.query.text) else {
                        continue;
                    };
                    put_query(view, query, from, &quoted);
                }
            }
            self.stage.names_now(text, to);
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
        for column in &made.columns {
            if self.column(at, &column.name.text).is_ok() {
                return Err(Refusal::DoesNotFit(format!(
                    "the table {} has a column {} already",
                    self.stage.database.tables[at].name, column.name
                )));
            }
        }
        let table = &mut self.stage.database.tables[at];
        for mut column in std::mem::take(&mut made.columns) {
            column.origin = origin.clone();
            self.stage.wide.push(at, table, column);
        }
        let keys = table.foreign_keys.len();
        table.checks.extend(
            std::mem::take(&mut made.checks)
                .into_iter()
                .map(|mut check| {
                    check.origin = origin.clone();
                    check
                }),
        );
        table
            .foreign_keys
            .extend(
                std::mem::take(&mut made.foreign_keys)
                    .into_iter()
                    .map(|mut key| {
                        key.origin = origin.clone();
                        key
                    }),
            );
        conflicts::join(table, std::mem::take(&mut made.options));
        if !made.opaque.is_empty() {
            table.opaque.append(&mut made.opaque);
        }
        table.source_text = None;
        let refused = made.primary_key.is_some() || !made.indexes.is_empty();
        let refused = refused.then(|| {
            format!(
                "a column that is added to the table {} can't be a key",
                table.name
            )
        });
        self.stage.note_keys(at, keys);
        refused.map_or(Ok(()), |reason| Err(Refusal::DoesNotFit(reason)))
    }

    fn drop_column(&mut self, at: usize, name: &str) -> Carried {
        let place = self.column(at, name)?;
        let table = &mut self.stage.database.tables[at];
        let same = |column: &Ident| column.text.eq_ignore_ascii_case(name);
        let in_key = table
            .primary_key
            .as_deref()
            .is_some_and(|key| key.columns().any(same));
        let in_index = table.indexes.iter().any(|index| index.columns().any(same));
        if in_key || in_index {
            return Err(Refusal::DoesNotFit(format!(
                "the column {name} of the table {} is part of {}: the engine refuses to drop it",
                table.name,
                if in_key { "its key" } else { "an index" }
            )));
        }
        self.stage.wide.remove(at, table, place);
        conflicts::forget(table, name);
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
    /// Where a column of a table stands, or why there is none.
    fn column(&mut self, at: usize, name: &str) -> Result<usize, Refusal> {
        let table = &self.stage.database.tables[at];
        self.stage.wide.find(at, table, name).ok_or_else(|| {
            Refusal::DoesNotFit(format!("the table {} has no column {name}", table.name))
        })
    }
}

/// Gives a view its query with another name in it, and its text as well: the query is the end of
/// that, and need not be read twice.
fn put_query(view: &mut View, query: String, from: &str, to: &str) {
    if let Some(text) = &mut view.source_text {
        *text = match text.strip_suffix(&view.query.text) {
            Some(head) => tokens::rename(head, from, to) + &query,
            None => tokens::rename(text, from, to),
        };
    }
    view.query.text = query;
}
