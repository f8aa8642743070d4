//! COMMENT ON.

use realign_model::{Comment, split_mark};

use super::Meaning;
use super::alter_index::IndexPlace;
use super::stage::{Relation, Stage, missing};
use super::table::no_column;
use crate::parse::{Cursor, Reading};
use crate::render::{ident, live_object, string_literal};

impl Stage {
    /// A whole COMMENT ON.
    pub(super) fn comment(&mut self, cursor: &mut Cursor<'_>) -> Reading<Meaning> {
        cursor.expect("comment")?;
        cursor.expect("on")?;
        self.touched();
        if cursor.take("column") {
            self.comment_column(cursor)?;
        } else if cursor.take("table") {
            let path = cursor.path()?;
            let text = comment_text(cursor)?;
            if let Some(at) = self.table(&path, false)? {
                self.db.tables[at].comment = text;
            }
        } else if cursor.take("index") {
            let path = cursor.path()?;
            let text = comment_text(cursor)?;
            match self.index_at(&path) {
                Some(IndexPlace::Index(table, index)) => {
                    self.db.tables[table].indexes[index].comment = text;
                }
                Some(IndexPlace::Key(_) | IndexPlace::Line(..)) => {
                    self.set_comment(format!("INDEX {}", path.render()), text);
                }
                None => return Err(missing("index", &path)),
            }
        } else {
            self.comment_other(cursor)?;
        }
        Ok(Meaning::Definition)
    }

    fn comment_column(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let (path, column) = cursor.column_path()?;
        let text = comment_text(cursor)?;
        match self.relation(&path) {
            Some(Relation::Table(at)) => {
                let Some(found) = self.column_in(at, &column) else {
                    return Err(no_column(path.at, &self.db.tables[at].name, &column));
                };
                let (comment, mark) = split_mark(text.as_deref().unwrap_or_default());
                let own = &mut self.db.tables[at].columns[found];
                own.comment = comment;
                own.type_mark = mark;
            }
            Some(Relation::View(at)) => {
                let view = live_object(&self.db.views[at].name);
                self.set_comment(format!("COLUMN {view}.{}", ident(&column)), text);
            }
            Some(Relation::Passing | Relation::Opaque(_)) => {}
            _ => {
                // The attribute of a composite type, which is kept as text.
                let names = self.candidates(&path);
                let is_type = self.db.opaque.iter().find(|o| {
                    o.kind == "composite type" && names.iter().any(|n| self.same(n, &o.name))
                });
                let Some(owner) = is_type.map(|o| live_object(&o.name)) else {
                    return Err(missing("table", &path));
                };
                self.set_comment(format!("COLUMN {owner}.{}", ident(&column)), text);
            }
        }
        Ok(())
    }

    /// Comments of everything else are kept by the name of their object.
    fn comment_other(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let object;
        if cursor.sees_any(&["view", "sequence", "type", "domain"])
            || cursor.sees_all(&["materialized", "view"])
            || cursor.sees_all(&["foreign", "table"])
        {
            let mut word = cursor.text_name()?;
            if matches!(word.as_str(), "materialized" | "foreign") {
                word = format!("{word} {}", cursor.text_name()?);
            }
            let path = cursor.path()?;
            if let Some(Relation::View(at)) = self.relation(&path) {
                let text = comment_text(cursor)?;
                let start = format!(
                    "COMMENT ON {} {} IS ",
                    word.to_uppercase(),
                    live_object(&self.db.views[at].name)
                );
                let options = &mut self.db.views[at].options;
                options.retain(|option| !option.starts_with("COMMENT ON "));
                options.extend(text.map(|text| format!("{start}{}", string_literal(&text))));
                return Ok(());
            }
            let name = self.full_name(&path);
            let is_domain = self.db.domains.iter().any(|d| self.same(&d.name, &name));
            if is_domain {
                "domain".clone_into(&mut word);
            }
            object = format!("{} {}", word.to_uppercase(), live_object(&name));
        } else if cursor.sees_any(&["function", "procedure", "aggregate", "routine"]) {
            let word = cursor.text_name()?;
            let path = cursor.path()?;
            let signature = self.signature(cursor)?;
            let Some(at) = self.routine_at(&path, signature.as_deref()) else {
                return Err(missing(&word, &path));
            };
            let routine = &self.db.routines[at];
            object = format!(
                "{} {}({})",
                word.to_uppercase(),
                live_object(&routine.name),
                routine.signature.as_deref().unwrap_or_default()
            );
        } else if cursor.sees_any(&["constraint", "trigger", "policy", "rule"]) {
            let word = cursor.text_name()?;
            let name = cursor.ident()?;
            cursor.expect("on")?;
            let domain = cursor.take("domain");
            let path = cursor.path()?;
            let owner = if domain {
                format!("DOMAIN {}", live_object(&self.full_name(&path)))
            } else {
                match self.relation_name(&path)? {
                    Some(owner) => live_object(&owner),
                    None => return Ok(()),
                }
            };
            object = format!("{} {} ON {owner}", word.to_uppercase(), ident(&name));
        } else if cursor.take("schema") {
            let name = cursor.ident()?;
            object = format!("SCHEMA {}", ident(&name));
            if !self.db.namespaces.iter().any(|n| n.name == name) {
                comment_text(cursor)?;
                return Ok(());
            }
        } else if cursor.sees_any(&[
            "extension",
            "database",
            "role",
            "tablespace",
            "language",
            "procedural",
            "cast",
            "operator",
            "large",
            "access",
            "conversion",
            "transform",
        ]) {
            // The extension brings its own, the others belong to the server.
            while !cursor.is_done() && !cursor.sees("is") {
                cursor.skip();
            }
            comment_text(cursor)?;
            return Ok(());
        } else {
            let start = cursor.mark();
            let mut words = 0;
            while !cursor.is_done() && !cursor.sees("is") {
                cursor.skip();
                words += 1;
            }
            if words < 2 {
                return Err(cursor.unknown());
            }
            let written = cursor.since(start).to_owned();
            let (kind, name) = written.rsplit_once(' ').unwrap_or((&written, ""));
            let path = Cursor::new(name).path()?;
            let full = self.full_name(&path);
            object = format!("{} {}", kind.to_uppercase(), live_object(&full));
        }
        let text = comment_text(cursor)?;
        self.set_comment(object, text);
        Ok(())
    }

    /// The full name of something that is there, or would be made.
    fn full_name(&mut self, path: &crate::parse::Path) -> realign_model::ObjectName {
        if let Ok(Some(name)) = self.relation_name(path) {
            return name;
        }
        let names = self.candidates(path);
        let known = |name: &realign_model::ObjectName| {
            let key = self.key(name);
            self.db.enums.iter().any(|e| self.key(&e.name) == key)
                || self.db.domains.iter().any(|d| self.key(&d.name) == key)
                || self.db.opaque.iter().any(|o| self.key(&o.name) == key)
        };
        names
            .into_iter()
            .find(known)
            .unwrap_or_else(|| self.new_name(path))
    }

    fn set_comment(&mut self, on: String, text: Option<String>) {
        self.db.comments.retain(|c| c.on != on);
        if let Some(text) = text {
            let origin = self.origin();
            self.db.comments.push(Comment { on, text, origin });
        }
    }

    /// Forgets the comments of objects that are gone.
    pub(super) fn forget_comments(&mut self, gone: &[String]) {
        self.db.comments.retain(|c| !gone.contains(&c.on));
    }
}

/// `IS 'text'`, `IS NULL`.
fn comment_text(cursor: &mut Cursor<'_>) -> Reading<Option<String>> {
    cursor.expect("is")?;
    if cursor.take("null") {
        cursor.expect_end()?;
        return Ok(None);
    }
    let text = cursor.string()?;
    cursor.expect_end()?;
    Ok((!text.is_empty()).then_some(text))
}
