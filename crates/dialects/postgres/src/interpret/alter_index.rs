//! ALTER INDEX.

use realign_model::Ident;

use super::constraint::exclusion_named;
use super::partition::change_options;
use super::stage::{Relation, Stage, missing};
use crate::keeping;
use crate::parse::{Cursor, Path, Reading};
use crate::render::catalog_name;

impl Stage {
    /// What follows `ALTER INDEX`.
    pub(super) fn alter_index(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        if cursor.take_all(&["all", "in", "tablespace"]) {
            cursor.rest();
            return Ok(());
        }
        let may_miss = cursor.if_exists();
        let path = cursor.path()?;
        let found = self.index_at(&path);
        if cursor.take_all(&["rename", "to"]) {
            let at = cursor.place();
            let new = cursor.ident()?;
            cursor.expect_end()?;
            self.touched();
            return match found {
                Some(place) => {
                    let owner = place.table();
                    let to = Self::beside(&self.db.tables[owner].name, &catalog_name(&new));
                    self.is_free(&to, at)?;
                    self.rename_index(place, new);
                    Ok(())
                }
                None if may_miss => Ok(()),
                None => Err(missing("index", &path)),
            };
        }
        if cursor.take_all(&["attach", "partition"]) {
            let part = cursor.path()?;
            // The part's index is the parent's from now on.
            if let Some(IndexPlace::Index(table, index)) = self.index_at(&part) {
                self.unnote_names_at(table);
                self.db.tables[table].indexes.remove(index);
                self.note_names_at(table);
            } else if let Some(IndexPlace::Key(table)) = self.index_at(&part) {
                self.unnote_names_at(table);
                self.db.tables[table].primary_key = None;
                self.note_names_at(table);
            }
            return Ok(());
        }
        if let Some(IndexPlace::Index(table, index)) = found {
            let index = &mut self.db.tables[table].indexes[index];
            if keep_index(cursor, &mut index.storage)? {
                return cursor.expect_end();
            }
        }
        // Where it lies is not the schema's.
        if !cursor.sees_any(&["set", "reset", "alter", "no", "depends"]) {
            return Err(cursor.unknown());
        }
        cursor.rest();
        Ok(())
    }

    fn rename_index(&mut self, place: IndexPlace, new: Ident) {
        let at = place.table();
        self.unnote_names_at(at);
        let table = &mut self.db.tables[at];
        let old = match place {
            IndexPlace::Index(_, index) => table.indexes[index].name.clone(),
            IndexPlace::Key(_) => table
                .primary_key
                .as_deref()
                .and_then(|key| key.name.clone()),
            IndexPlace::Line(..) => None,
        };
        change_options(table, |options| {
            if let Some(old) = &old {
                keeping::rename_index(&mut options.clauses, old, Some(&new));
            }
        });
        match place {
            IndexPlace::Index(table, index) => {
                self.db.tables[table].indexes[index].name = Some(new);
            }
            IndexPlace::Key(table) => {
                if let Some(key) = &mut self.db.tables[table].primary_key {
                    key.name = Some(new);
                }
            }
            IndexPlace::Line(table, line) => {
                let text = &mut self.db.tables[table].opaque[line];
                let mut cursor = Cursor::new(text);
                cursor.skip();
                cursor.skip();
                *text = format!(
                    "CONSTRAINT {} {}",
                    crate::render::ident(&new),
                    cursor.rest()
                );
            }
        }
        self.note_names_at(at);
    }

    /// The index, or the key, of a written name.
    pub(super) fn index_at(&mut self, path: &Path) -> Option<IndexPlace> {
        if let Some(Relation::Index(table, index)) = self.relation(path) {
            return Some(IndexPlace::Index(table, index));
        }
        let names = self.candidates(path);
        self.db.tables.iter().enumerate().find_map(|(at, table)| {
            let here = names.iter().any(|name| name.schema == table.name.schema);
            if !here {
                return None;
            }
            let key = table.primary_key.as_deref().and_then(|k| k.name.as_ref());
            if key.is_some_and(|name| catalog_name(name) == path.name) {
                return Some(IndexPlace::Key(at));
            }
            let line = (table.opaque.iter()).position(|l| exclusion_named(l, &path.name))?;
            Some(IndexPlace::Line(at, line))
        })
    }
}

/// Carries out what tells how an index is kept; false when it is something else.
fn keep_index(cursor: &mut Cursor<'_>, storage: &mut Vec<String>) -> Reading<bool> {
    let options = cursor.ahead(1).is_some_and(|t| t.is_symbol("("));
    if options && cursor.sees_any(&["set", "reset"]) {
        let set = cursor.take("set");
        if !set {
            cursor.expect("reset")?;
        }
        for option in cursor.options()? {
            super::alter::forget(storage, &option);
            if set {
                storage.push(option);
            }
        }
    } else if cursor.take("alter") {
        cursor.take("column");
        let column = cursor.integer()?.to_string();
        cursor.expect("set")?;
        cursor.expect("statistics")?;
        let target = cursor.integer()?;
        let option = keeping::index_statistics(&column, &target.to_string());
        super::alter::forget(storage, &option);
        if target >= 0 {
            storage.push(option);
        }
    } else {
        return Ok(false);
    }
    Ok(true)
}

impl IndexPlace {
    /// The place of its table.
    fn table(self) -> usize {
        match self {
            Self::Index(table, _) | Self::Key(table) | Self::Line(table, _) => table,
        }
    }
}

/// Where an index stands in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IndexPlace {
    /// Among a table's indexes.
    Index(usize, usize),
    /// As its primary key.
    Key(usize),
    /// In the line of an exclusion constraint.
    Line(usize, usize),
}
