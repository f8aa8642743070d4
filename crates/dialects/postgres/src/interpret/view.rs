//! Views.

use realign_model::{Expr, ObjectName, View};

use super::drop::reads_of;
use super::stage::{Relation, Stage, missing};
use super::table::there_already;
use crate::lexer::{TokenKind, tokens};
use crate::parse::{Cursor, Path, Reading};
use crate::render::{catalog_name, ident, live_object};

impl Stage {
    /// What follows `CREATE [RECURSIVE] VIEW`.
    pub(super) fn create_view(
        &mut self,
        cursor: &mut Cursor<'_>,
        temporary: bool,
        replace: bool,
    ) -> Reading<()> {
        let recursive = cursor.take_all(&["recursive", "view"]);
        let path = cursor.path()?;
        let columns = if cursor.sees_symbol("(") {
            cursor.names()?
        } else {
            Vec::new()
        };
        let mut with = if cursor.take("with") {
            cursor.options()?
        } else {
            Vec::new()
        };
        cursor.expect("as")?;
        let mut query = cursor.rest();
        if query.is_empty() {
            return Err(cursor.expected("a query"));
        }
        if let Some((rest, how)) = check_option(query) {
            query = rest;
            with.push(format!("check_option={how}"));
        }
        if temporary {
            self.push_passing(&path);
            return Ok(());
        }
        let name = self.new_name(&path);
        self.touched();
        let mut query = self.qualified(query);
        if recursive {
            let own = live_object(&name);
            let list: Vec<String> = columns.iter().map(|c| c.text.clone()).collect();
            let list = list.join(", ");
            query = format!("WITH RECURSIVE {own}({list}) AS ({query}) SELECT {list} FROM {own}");
        }
        let options = if with.is_empty() {
            Vec::new()
        } else {
            vec![format!("WITH ({})", with.join(", "))]
        };
        let mut view = View {
            name,
            query: Expr::new(query),
            columns,
            materialized: false,
            options,
            source_text: None,
            settings: realign_model::SessionSettings::new(),
            origin: self.origin_at(path.at),
        };
        match self.relation_named(&view.name) {
            None => self.push_view(view),
            Some(Relation::View(at)) if replace && !self.db.views[at].materialized => {
                // Owner, rights and comment stay.
                view.options
                    .extend(crate::dependents::legacy(&self.db.views[at], &view));
                self.db.views[at] = view;
            }
            Some(_) => return Err(there_already(&path)),
        }
        Ok(())
    }

    fn push_view(&mut self, view: View) {
        let key = self.key(&view.name);
        self.note_relation(key, None);
        self.db.views.push(view);
    }

    /// What follows `CREATE MATERIALIZED VIEW`.
    pub(super) fn create_stored_view(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let may_exist = cursor.if_not_exists();
        let path = cursor.path()?;
        let columns = if cursor.sees_symbol("(") {
            cursor.names()?
        } else {
            Vec::new()
        };
        let mut options = Vec::new();
        loop {
            if cursor.take("using") || cursor.take("tablespace") {
                cursor.text_name()?;
            } else if cursor.take("with") {
                options.push(format!("WITH ({})", cursor.options()?.join(", ")));
            } else {
                break;
            }
        }
        cursor.expect("as")?;
        let mut query = cursor.rest();
        let words = tokens(query);
        let ends = |last: &[&str]| {
            words.len() > last.len()
                && words[words.len() - last.len()..]
                    .iter()
                    .zip(last)
                    .all(|(token, word)| token.is_word(word))
        };
        let cut = if ends(&["with", "no", "data"]) {
            options.push("WITH NO DATA".to_owned());
            3
        } else if ends(&["with", "data"]) {
            2
        } else {
            0
        };
        if let Some(token) = words.get(words.len() - cut) {
            query = query[..token.start].trim_end();
        }
        if query.is_empty() {
            return Err(cursor.expected("a query"));
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
        let view = View {
            name,
            query: Expr::new(self.qualified(query)),
            columns,
            materialized: true,
            options,
            source_text: None,
            settings: realign_model::SessionSettings::new(),
            origin: self.origin_at(path.at),
        };
        self.push_view(view);
        Ok(())
    }

    /// A query that means the same on the usual search path: names of other schemas in full.
    fn qualified(&mut self, query: &str) -> String {
        let usual = self.schemas().next().map(str::to_owned);
        if usual.is_none() || self.key(&self.new_name(&bare("x"))) == "x" {
            return query.to_owned();
        }
        let words = tokens(query);
        let mut text = String::with_capacity(query.len());
        let mut done = 0;
        for (at, token) in words.iter().enumerate() {
            let name = match token.kind {
                TokenKind::Word => token.text.to_lowercase(),
                TokenKind::Quoted => token.text.to_string(),
                TokenKind::String | TokenKind::Number | TokenKind::Symbol => continue,
            };
            let before = at.checked_sub(1).and_then(|at| words.get(at));
            let after = words.get(at + 1);
            let calls = after.is_some_and(|t| t.is_symbol("("));
            let stands_for_rows = before.is_some_and(|t| {
                t.is_word("from") || t.is_word("join") || t.is_word("only") || t.is_symbol(",")
            });
            let in_full =
                before.is_some_and(|t| t.is_symbol(".")) || after.is_some_and(|t| t.is_symbol("."));
            if in_full || !(calls || stands_for_rows) {
                continue;
            }
            let found = if calls {
                self.routine_name(&bare(&name))
            } else {
                let candidates = self.candidates(&bare(&name));
                candidates
                    .into_iter()
                    .find(|name| self.relation_named(name).is_some())
            };
            if let Some(full) = found.filter(|full| full.schema.is_some()) {
                text.push_str(&query[done..token.start]);
                text.push_str(&live_object(&full));
                done = token.end;
            }
        }
        text.push_str(&query[done..]);
        text
    }

    /// What follows `ALTER VIEW`.
    pub(super) fn alter_view(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let may_miss = cursor.if_exists();
        let path = cursor.path()?;
        match self.relation(&path) {
            Some(Relation::View(at)) => self.alter_view_at(cursor, at),
            Some(Relation::Passing) => Ok(()),
            None if may_miss => Ok(()),
            _ => Err(missing("view", &path)),
        }
    }

    pub(super) fn alter_view_at(&mut self, cursor: &mut Cursor<'_>, at: usize) -> Reading<()> {
        self.touched();
        if cursor.take_all(&["rename", "to"]) {
            let place = cursor.place();
            let new = cursor.text_name()?;
            let from = self.db.views[at].name.clone();
            let to = Self::beside(&from, &new);
            self.is_free(&to, place)?;
            self.db.views[at].name = to.clone();
            self.rename_relation(&from, &to);
        } else if cursor.take_all(&["set", "schema"]) {
            let schema = cursor.text_name()?;
            let from = self.db.views[at].name.clone();
            let to = self.new_name(&Path {
                schema: Some(schema),
                name: catalog_name(&from.name),
                at: 0,
            });
            self.db.views[at].name = to.clone();
            self.rename_relation(&from, &to);
        } else if cursor.sees("set") && cursor.ahead(1).is_some_and(|t| t.is_symbol("(")) {
            cursor.skip();
            let set = cursor.options()?;
            self.change_view_options(at, &set, &[]);
        } else if cursor.sees("reset") && cursor.ahead(1).is_some_and(|t| t.is_symbol("(")) {
            cursor.skip();
            let gone = cursor.options()?;
            self.change_view_options(at, &[], &gone);
        } else if cursor.sees("alter") {
            self.alter_view_column(cursor, at)?;
        } else if cursor.take_all(&["owner", "to"]) {
            cursor.skip();
        } else if cursor.sees("rename") {
            // The view's text is the server's own from then on.
            return Err(cursor.unknown());
        } else {
            cursor.rest();
        }
        cursor.expect_end()
    }

    /// `SET (…)` and `RESET (…)` of a view.
    fn change_view_options(&mut self, at: usize, set: &[String], gone: &[String]) {
        let view = &mut self.db.views[at];
        let key = |option: &str| option.split('=').next().unwrap_or_default().to_owned();
        let changed: Vec<String> = set.iter().chain(gone).map(|o| key(o)).collect();
        let mut kept = crate::compare::view::options(view);
        kept.retain(|option| !changed.contains(&key(option)));
        kept.extend(set.iter().cloned());
        view.options.retain(|option| !option.starts_with("WITH ("));
        if !kept.is_empty() {
            let with = format!("WITH ({})", kept.join(", "));
            view.options.insert(0, with);
        }
    }

    /// `ALTER COLUMN` of a view: what is said of the column is said again when it is made.
    fn alter_view_column(&mut self, cursor: &mut Cursor<'_>, at: usize) -> Reading<()> {
        let view = &mut self.db.views[at];
        let kind = if view.materialized {
            "MATERIALIZED VIEW"
        } else {
            "VIEW"
        };
        let name = live_object(&view.name);
        cursor.skip();
        cursor.take("column");
        let column = ident(&cursor.ident()?);
        let start = format!("ALTER {kind} {name} ALTER COLUMN {column} SET ");
        let (what, value) = if cursor.take_all(&["set", "default"]) {
            ("DEFAULT ", Some(cursor.rest().to_owned()))
        } else if cursor.take_all(&["drop", "default"]) {
            ("DEFAULT ", None)
        } else if cursor.take_all(&["set", "statistics"]) {
            let target = cursor.integer()?;
            ("STATISTICS ", (target >= 0).then(|| target.to_string()))
        } else if cursor.take_all(&["set", "storage"]) {
            ("STORAGE ", Some(cursor.text_name()?.to_uppercase()))
        } else if cursor.take_all(&["set", "compression"]) {
            ("COMPRESSION ", Some(cursor.text_name()?))
        } else {
            return Err(cursor.unknown());
        };
        let start = format!("{start}{what}");
        view.options.retain(|option| !option.starts_with(&start));
        view.options
            .extend(value.map(|value| format!("{start}{value}")));
        Ok(())
    }

    /// Forgets the name of a view that goes, and those of its indexes.
    pub(super) fn unnote_view(&mut self, view: &View) {
        let key = self.key(&view.name);
        self.unnote_relation(&key);
        for (index, _) in crate::compare::view::indexes(view) {
            let key = self.key(&Self::beside(&view.name, index.name_str()));
            self.unnote_relation(&key);
        }
    }

    /// Takes views away that read a relation, or one of its columns, and views that read those.
    pub(super) fn drop_readers(&mut self, name: &ObjectName, column: Option<&str>) {
        let gone: Vec<ObjectName> = self
            .db
            .views
            .iter()
            .filter(|view| view.name != *name && reads_of(view.query.as_str(), name, column))
            .map(|view| view.name.clone())
            .collect();
        for view in gone {
            let Some(at) = self.db.views.iter().position(|other| other.name == view) else {
                continue;
            };
            let removed = self.db.views.remove(at);
            self.unnote_view(&removed);
            self.db.triggers.retain(|t| t.table != view);
            self.drop_readers(&view, None);
        }
    }
}

fn bare(name: &str) -> Path {
    Path {
        schema: None,
        name: name.to_owned(),
        at: 0,
    }
}

/// `WITH … CHECK OPTION` at the end of a query: the query, and how far it reaches.
fn check_option(query: &str) -> Option<(&str, &'static str)> {
    let words = tokens(query);
    let from_end = |n: usize| words.len().checked_sub(n).and_then(|at| words.get(at));
    if !from_end(1)?.is_word("option") || !from_end(2)?.is_word("check") {
        return None;
    }
    let third = from_end(3)?;
    let (start, how) = if third.is_word("with") {
        (third.start, "cascaded")
    } else if third.is_word("cascaded") {
        (from_end(4)?.start, "cascaded")
    } else if third.is_word("local") {
        (from_end(4)?.start, "local")
    } else {
        return None;
    };
    Some((query[..start].trim_end(), how))
}
