//! Objects that are kept as text: shown, compared by text, never dropped by accident.

use realign_model::{ObjectName, Opaque};

use super::stage::{Stage, missing};
use super::table::there_already;
use crate::parse::{Cursor, Path, Reading, Trouble};
use crate::render::{live_ident, live_object};

/// Kinds that have a name in a schema, by the words of their statements.
const NAMED: &[(&[&str], &str)] = &[
    (&["collation"], "collation"),
    (&["statistics"], "statistics"),
    (
        &["text", "search", "configuration"],
        "text search configuration",
    ),
    (&["text", "search", "dictionary"], "text search dictionary"),
    (&["text", "search", "parser"], "text search parser"),
    (&["text", "search", "template"], "text search template"),
    (&["default", "conversion"], "conversion"),
    (&["conversion"], "conversion"),
    (&["foreign", "table"], "foreign table"),
    (&["foreign", "data", "wrapper"], "foreign data wrapper"),
    (&["server"], "server"),
    (&["publication"], "publication"),
    (&["subscription"], "subscription"),
    (&["event", "trigger"], "event trigger"),
    (&["access", "method"], "access method"),
    (&["operator", "class"], "operator class"),
    (&["operator", "family"], "operator family"),
];

/// The kind that a statement names, its words taken.
fn kind(cursor: &mut Cursor<'_>) -> Option<&'static str> {
    NAMED
        .iter()
        .find(|(words, _)| cursor.take_all(words))
        .map(|(_, kind)| *kind)
}

/// Languages that every database has.
fn is_usual_language(name: &str) -> bool {
    matches!(name, "plpgsql" | "sql" | "c" | "internal")
}

impl Stage {
    /// What follows `CREATE` of anything that has no part in the model.
    pub(super) fn create_opaque(
        &mut self,
        sql: &str,
        cursor: &mut Cursor<'_>,
        replace: bool,
    ) -> Reading<()> {
        let may_exist;
        let (kind, name, at);
        let mut stands_on = None;
        if cursor.sees_any(&["rule", "policy"]) {
            kind = if cursor.take("rule") {
                "rule"
            } else {
                cursor.skip();
                "policy"
            };
            may_exist = false;
            at = cursor.place();
            let own = cursor.text_name()?;
            let table = self.table_after(cursor, kind)?;
            let Some(table) = table else { return Ok(()) };
            name = Self::beside(&table, &own);
            stands_on = Some(table);
        } else if cursor.take("cast") {
            kind = "cast";
            may_exist = false;
            at = cursor.place();
            let text = cursor.group()?;
            name = ObjectName::bare(self.cast_name(text));
        } else if cursor.take("operator") && !cursor.sees_any(&["class", "family"]) {
            kind = "operator";
            may_exist = false;
            at = cursor.place();
            name = self.operator(cursor)?;
        } else if cursor.take("trusted") || cursor.sees_any(&["procedural", "language"]) {
            cursor.take("procedural");
            cursor.expect("language")?;
            kind = "language";
            may_exist = true;
            at = cursor.place();
            let own = cursor.text_name()?;
            if is_usual_language(&own) {
                return Ok(());
            }
            name = ObjectName::bare(own);
        } else {
            kind = if cursor.take("class") {
                "operator class"
            } else if cursor.take("family") {
                "operator family"
            } else {
                self::kind(cursor).ok_or_else(|| cursor.unknown())?
            };
            may_exist = cursor.if_not_exists();
            let path = cursor.path()?;
            at = path.at;
            name = self.new_name(&path);
        }
        let present = self.opaque_on(kind, &name, stands_on.as_ref());
        if present.is_some() && may_exist {
            return Ok(());
        }
        self.touched();
        let opaque = Opaque {
            kind: kind.to_owned(),
            name,
            table: stands_on,
            text: crate::opaque::canonical(kind, sql, self),
            origin: self.origin_at(at),
        };
        match present {
            Some(found) if replace => self.db.opaque[found] = opaque,
            Some(_) => {
                return Err(there_already(&Path {
                    schema: None,
                    name: opaque.name.name.text,
                    at,
                }));
            }
            None => self.db.opaque.push(opaque),
        }
        Ok(())
    }

    fn opaque_at(&self, kind: &str, name: &ObjectName) -> Option<usize> {
        self.opaque_on(kind, name, None)
    }

    /// The same for what has its name on a table alone.
    fn opaque_on(&self, kind: &str, name: &ObjectName, on: Option<&ObjectName>) -> Option<usize> {
        self.db
            .opaque
            .iter()
            .position(|o| o.kind == kind && o.table.as_ref() == on && self.same(&o.name, name))
    }

    /// The table of a rule (`TO table`) or a policy (`ON table`); none when it passes.
    fn table_after(&mut self, cursor: &mut Cursor<'_>, kind: &str) -> Reading<Option<ObjectName>> {
        let word = if kind == "rule" { "to" } else { "on" };
        while !cursor.is_done() && !cursor.sees(word) {
            cursor.skip();
        }
        cursor.expect(word)?;
        let path = cursor.path()?;
        self.relation_name(&path)
    }

    /// The full name of a table or view; none when it passes.
    pub(super) fn relation_name(&mut self, path: &Path) -> Reading<Option<ObjectName>> {
        use super::stage::Relation;
        match self.relation(path) {
            Some(Relation::Table(at)) => Ok(Some(self.db.tables[at].name.clone())),
            Some(Relation::View(at)) => Ok(Some(self.db.views[at].name.clone())),
            Some(Relation::Sequence(at)) => Ok(Some(self.db.sequences[at].name.clone())),
            Some(Relation::Opaque(at)) => Ok(Some(self.db.opaque[at].name.clone())),
            Some(Relation::Passing) => Ok(None),
            Some(Relation::Index(..)) | None => Err(missing("table", path)),
        }
    }

    fn cast_name(&self, text: &str) -> String {
        let mut cursor = Cursor::new(text);
        let shown = |cursor: &mut Cursor<'_>| -> Option<String> {
            let data_type = self.resolve_type(cursor.data_type().ok()?);
            Some(crate::types::render(&data_type).to_lowercase())
        };
        let from = shown(&mut cursor);
        cursor.take("as");
        let to = shown(&mut cursor);
        match (from, to) {
            (Some(from), Some(to)) => format!("{from} AS {to}"),
            _ => text.to_owned(),
        }
    }

    /// An operator with the types on both its sides, as its name.
    fn operator(&mut self, cursor: &mut Cursor<'_>) -> Reading<ObjectName> {
        let mut schema = None;
        if cursor.ahead(1).is_some_and(|t| t.is_symbol(".")) {
            schema = Some(cursor.text_name()?);
            cursor.skip();
        }
        let sign = cursor.peek().map(|t| t.text.clone()).unwrap_or_default();
        cursor.skip();
        let options = cursor.options()?;
        let side = |name: &str| {
            let value = options
                .iter()
                .find_map(|o| o.strip_prefix(name)?.strip_prefix('='));
            value.map_or_else(
                || "none".to_owned(),
                |text| {
                    let data_type = self.resolve_type(crate::types::parse(text));
                    crate::types::render(&data_type).to_lowercase()
                },
            )
        };
        let name = format!("{sign} ({}, {})", side("leftarg"), side("rightarg"));
        Ok(self.new_name(&Path {
            schema,
            name,
            at: 0,
        }))
    }

    /// What follows `ALTER` of anything that has no part in the model.
    pub(super) fn alter_opaque(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let start = cursor.mark();
        if cursor.sees_any(&["policy", "rule"]) {
            let kind = cursor.text_name()?;
            let own = cursor.text_name()?;
            cursor.expect("on")?;
            let path = cursor.path()?;
            let Some(table) = self.relation_name(&path)? else {
                return Ok(());
            };
            let name = Self::beside(&table, &own);
            let Some(at) = self.opaque_on(&kind, &name, Some(&table)) else {
                return Err(missing(&kind, &path));
            };
            cursor.expect("rename")?;
            cursor.expect("to")?;
            let new = cursor.ident()?;
            self.touched();
            let text = super::rename::replace_word(&self.db.opaque[at].text, &own, &new);
            self.db.opaque[at].text = text;
            self.db.opaque[at].name.name = new;
            return cursor.expect_end();
        }
        if cursor.take("trusted")
            || cursor.take("procedural")
            || cursor.sees_any(&["language", "large", "operator", "cast"])
        {
            let place = cursor.place();
            while !cursor.is_done() && !cursor.sees_any(&["owner", "rename", "set", "add", "drop"])
            {
                cursor.skip();
            }
            if cursor.take_all(&["owner", "to"]) {
                return Ok(());
            }
            return Err(Trouble::NotUnderstood {
                at: place,
                what: "it is kept as text, so that it can't be altered".to_owned(),
            });
        }
        let Some(kind) = kind(cursor) else {
            cursor.back(start);
            return Err(cursor.unknown());
        };
        let path = cursor.path()?;
        let names = self.candidates(&path);
        let found = names.iter().find_map(|name| self.opaque_at(kind, name));
        if cursor.take_all(&["owner", "to"]) || cursor.take_all(&["refresh", "version"]) {
            return Ok(());
        }
        let Some(at) = found else {
            return Err(missing(kind, &path));
        };
        self.touched();
        let from = self.db.opaque[at].name.clone();
        if cursor.take_all(&["rename", "to"]) {
            let new = cursor.ident()?;
            let to = Self::beside(&from, &new.text);
            self.rename_opaque(at, &from, to);
            return cursor.expect_end();
        }
        if cursor.take_all(&["set", "schema"]) {
            let schema = cursor.text_name()?;
            let to = self.new_name(&Path {
                schema: Some(schema),
                name: from.name.text.clone(),
                at: 0,
            });
            self.rename_opaque(at, &from, to);
            return cursor.expect_end();
        }
        let kept = self.db.opaque[at].text.clone();
        match crate::opaque::altered(kind, &kept, cursor, self)? {
            Some(text) => {
                self.db.opaque[at].text = text;
                Ok(())
            }
            None => Err(cursor.unknown()),
        }
    }

    fn rename_opaque(&mut self, at: usize, from: &ObjectName, to: ObjectName) {
        let (old, new) = (live_object(from), live_object(&to));
        let opaque = &mut self.db.opaque[at];
        opaque.text = opaque.text.replacen(&old, &new, 1);
        opaque.name = to;
    }

    /// What follows `DROP` of anything that has no part in the model.
    pub(super) fn drop_opaque(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        if cursor.sees_any(&["policy", "rule"]) {
            let kind = cursor.text_name()?;
            let miss = cursor.if_exists();
            let own = cursor.text_name()?;
            cursor.expect("on")?;
            let path = cursor.path()?;
            super::alter::behaviour(cursor);
            cursor.expect_end()?;
            if miss && !self.is_relation(&path) {
                return Ok(());
            }
            let Some(table) = self.relation_name(&path)? else {
                return Ok(());
            };
            let name = Self::beside(&table, &own);
            let found = self.opaque_on(&kind, &name, Some(&table));
            if let Some(at) = found {
                self.db.opaque.remove(at);
            }
            return super::drop::found(found.is_some(), miss, &kind, &path);
        }
        if cursor.take("cast") {
            let miss = cursor.if_exists();
            let place = cursor.place();
            let text = cursor.group()?;
            let name = ObjectName::bare(self.cast_name(text));
            return match self.opaque_at("cast", &name) {
                Some(at) => {
                    self.db.opaque.remove(at);
                    Ok(())
                }
                None if miss => Ok(()),
                None => Err(Trouble::DoesNotFit {
                    at: place,
                    what: format!("there is no cast ({})", name.name),
                }),
            };
        }
        if cursor.take_all(&["operator", "class"]) || cursor.take_all(&["operator", "family"]) {
            let miss = cursor.if_exists();
            let path = cursor.path()?;
            let names = self.candidates(&path);
            let before = self.db.opaque.len();
            let mut opaque = std::mem::take(&mut self.db.opaque);
            opaque.retain(|o| {
                !o.kind.starts_with("operator ") || !names.iter().any(|n| self.same(n, &o.name))
            });
            self.db.opaque = opaque;
            cursor.rest();
            return super::drop::found(
                self.db.opaque.len() < before,
                miss,
                "operator class",
                &path,
            );
        }
        if cursor.take("operator") {
            return Err(cursor.unknown());
        }
        cursor.take("procedural");
        let kind = if cursor.take("language") {
            "language"
        } else {
            kind(cursor).ok_or_else(|| cursor.unknown())?
        };
        self.each(cursor, |stage, path, miss, _| {
            let names = match kind {
                "language" => vec![ObjectName::new(None, live_ident(&path.name))],
                _ => stage.candidates(path),
            };
            let found = names.iter().find_map(|name| stage.opaque_at(kind, name));
            if let Some(at) = found {
                stage.db.opaque.remove(at);
            }
            super::drop::found(found.is_some(), miss, kind, path)
        })
    }
}

impl crate::opaque::Names for Stage {
    fn relation_text(&mut self, cursor: &mut Cursor<'_>) -> Option<String> {
        let path = cursor.path().ok()?;
        let name = self.relation_name(&path).ok()??;
        Some(live_object(&name))
    }

    fn dictionary_text(&mut self, path: &Path) -> String {
        let names = self.candidates(path);
        let own = names
            .iter()
            .find(|name| self.opaque_at("text search dictionary", name).is_some());
        match own {
            Some(name) => live_object(name),
            None => path.name.clone(),
        }
    }
}
