//! CREATE INDEX.

use realign_model::{Index, IndexPart, IndexRest, IndexTarget};

use super::stage::{Relation, Stage, column_of, missing};
use super::table::{no_column, there_already};
use crate::parse::{Cursor, Path, Reading};
use crate::render::{self, catalog_name};

impl Stage {
    /// What follows `CREATE [UNIQUE] INDEX`.
    pub(super) fn create_index(&mut self, cursor: &mut Cursor<'_>, unique: bool) -> Reading<()> {
        let place = cursor.place();
        let text = cursor.index(unique)?;
        let owner = match self.relation(&text.table) {
            Some(Relation::Passing) => return Ok(()),
            Some(Relation::Table(at)) => Relation::Table(at),
            Some(Relation::View(at)) if self.db.views[at].materialized => Relation::View(at),
            _ => return Err(missing("table", &text.table)),
        };
        let owner_name = match owner {
            Relation::View(at) => self.db.views[at].name.clone(),
            Relation::Table(at) => self.db.tables[at].name.clone(),
            _ => return Err(missing("table", &text.table)),
        };
        if let Some(name) = &text.name {
            let full = Self::beside(&owner_name, &name.text);
            if self.relation_named(&full).is_some() {
                return if text.if_not_exists {
                    Ok(())
                } else {
                    Err(there_already(&Path {
                        schema: None,
                        name: name.text.clone(),
                        at: place,
                    }))
                };
            }
        }
        self.touched();
        let parts = text
            .parts
            .into_iter()
            .map(|mut part: IndexPart| {
                if let Some(name) = &part.collation {
                    part.collation = Some(self.resolve_collation(name));
                }
                part
            })
            .collect();
        let mut index = Index {
            name: text.name,
            parts,
            unique: text.unique,
            constraint: false,
            source_text: None,
            rare: IndexRest {
                kind: text.kind,
                predicate: text.predicate,
                include: text.include,
                nulls_not_distinct: text.nulls_not_distinct,
                storage: text.storage,
                ..IndexRest::default()
            }
            .into(),
            origin: self.origin_at(place),
        };
        if let Relation::Table(at) = owner {
            let table = &self.db.tables[at];
            for part in &mut index.parts {
                if let IndexTarget::Column(name) = &mut part.target {
                    let found = column_of(table, name)
                        .ok_or_else(|| no_column(place, &table.name, name))?;
                    name.clone_from(&table.columns[found].name);
                    // The collation of the column is none of the part's own.
                    if part.collation == table.columns[found].collation {
                        part.rare.put(None, |rare| &mut rare.collation);
                    }
                }
            }
        }
        let index = self.named_index(&owner_name, index);
        match owner {
            Relation::Table(at) => self.db.tables[at].indexes.push(index),
            Relation::View(at) => {
                let line = render::make_index(&owner_name, &index);
                self.db.views[at].options.push(line);
            }
            _ => {}
        }
        Ok(())
    }

    /// The name of a collation, with its schema when it is one of the application's own that is
    /// not in the usual one.
    pub(super) fn resolve_collation(&self, name: &str) -> String {
        let mut cursor = Cursor::new(name);
        let path = match cursor.path() {
            Ok(path) if cursor.is_done() && name.ends_with('"') => path,
            // A name of the server's own may have any sign in it.
            _ => Path {
                schema: None,
                name: name.to_owned(),
                at: 0,
            },
        };
        let known = |full: &realign_model::ObjectName| {
            self.db
                .opaque
                .iter()
                .any(|o| o.kind == "collation" && self.same(&o.name, full))
        };
        let found = self.candidates(&path).into_iter().find(known);
        match found.and_then(|full| full.schema) {
            Some(schema) => format!(
                "{}.{}",
                catalog_name(&schema),
                render::quote_ident(&path.name)
            ),
            None => path.name,
        }
    }
}
