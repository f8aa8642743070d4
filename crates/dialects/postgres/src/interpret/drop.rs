//! DROP.

use realign_model::ObjectName;

use super::Meaning;
use super::alter::behaviour;
use super::alter_index::IndexPlace;
use super::stage::{Relation, Stage, missing};
use crate::lexer::{TokenKind, tokens};
use crate::parse::{Cursor, Path, Reading, Trouble};
use crate::render::catalog_name;

impl Stage {
    /// A whole DROP.
    pub(super) fn drop(&mut self, cursor: &mut Cursor<'_>) -> Reading<Meaning> {
        cursor.skip();
        self.touched();
        if cursor.take("table") || cursor.take_all(&["foreign", "table"]) {
            self.each(cursor, |stage, path, miss, cascade| {
                stage.drop_table(path, miss, cascade)
            })?;
        } else if cursor.take("index") {
            cursor.take("concurrently");
            self.each(cursor, |stage, path, miss, _| stage.drop_index(path, miss))?;
        } else if cursor.take("view") || cursor.take_all(&["materialized", "view"]) {
            self.each(cursor, |stage, path, miss, cascade| {
                stage.drop_view(path, miss, cascade)
            })?;
        } else if cursor.take("sequence") {
            self.each(cursor, |stage, path, miss, cascade| {
                stage.drop_sequence(path, miss, cascade)
            })?;
        } else if cursor.take("type") || cursor.take("domain") {
            self.each(cursor, |stage, path, miss, cascade| {
                stage.drop_type(path, miss, cascade)
            })?;
        } else if cursor.take("schema") {
            self.each(cursor, |stage, path, miss, cascade| {
                stage.drop_schema(path, miss, cascade)
            })?;
        } else if cursor.take("extension") {
            self.each(cursor, |stage, path, miss, _| {
                let before = stage.db.extensions.len();
                stage
                    .db
                    .extensions
                    .retain(|e| catalog_name(&e.name) != path.name);
                found(stage.db.extensions.len() < before, miss, "extension", path)
            })?;
        } else if cursor.sees_any(&["function", "procedure", "routine", "aggregate"]) {
            self.drop_routines(cursor)?;
        } else if cursor.take("trigger") {
            let miss = cursor.if_exists();
            let place = cursor.place();
            let name = cursor.text_name()?;
            cursor.expect("on")?;
            let path = cursor.path()?;
            behaviour(cursor);
            cursor.expect_end()?;
            match self.trigger_at(&name, &path) {
                Some(at) => {
                    let gone = self.db.triggers.remove(at);
                    let start = format!("TRIGGER {} is ", gone.name.name);
                    for table in self.db.tables.iter_mut().filter(|t| t.name == gone.table) {
                        table.opaque.retain(|line| !line.starts_with(&start));
                    }
                }
                None if miss || self.relation(&path) == Some(Relation::Passing) => {}
                None => {
                    return Err(Trouble::DoesNotFit {
                        at: place,
                        what: format!("{} has no trigger {name}", path.render()),
                    });
                }
            }
        } else if cursor.sees_any(&["role", "user", "group", "database", "tablespace", "owned"])
            && !cursor.sees_all(&["user", "mapping"])
        {
            return Ok(Meaning::Nothing);
        } else {
            self.drop_opaque(cursor)?;
        }
        Ok(Meaning::Definition)
    }

    /// `[IF EXISTS] name, … [CASCADE]`, each name by itself.
    pub(super) fn each(
        &mut self,
        cursor: &mut Cursor<'_>,
        mut one: impl FnMut(&mut Self, &Path, bool, bool) -> Reading<()>,
    ) -> Reading<()> {
        let miss = cursor.if_exists();
        let mut paths = vec![cursor.path()?];
        while cursor.take_symbol(",") {
            paths.push(cursor.path()?);
        }
        let cascade = behaviour(cursor);
        cursor.expect_end()?;
        for path in &paths {
            one(self, path, miss, cascade)?;
        }
        Ok(())
    }

    fn drop_table(&mut self, path: &Path, miss: bool, cascade: bool) -> Reading<()> {
        match self.relation(path) {
            Some(Relation::Table(at)) => {
                // Parts go with the whole; heirs only when everything goes.
                let mut family = self.family(at, false);
                family.retain(|child| {
                    *child == at || cascade || self.db.tables[*child].is_partition()
                });
                let mut names: Vec<ObjectName> = family
                    .iter()
                    .map(|at| self.db.tables[*at].name.clone())
                    .collect();
                names.reverse();
                for name in names {
                    self.take_table(&name);
                }
                Ok(())
            }
            Some(Relation::Opaque(at)) => {
                self.db.opaque.remove(at);
                Ok(())
            }
            Some(Relation::Passing) => {
                self.drop_passing(path);
                Ok(())
            }
            None if miss => Ok(()),
            _ => Err(missing("table", path)),
        }
    }

    /// Takes one table away with all that hangs on it.
    pub(super) fn take_table(&mut self, name: &ObjectName) {
        if let Some(Relation::Table(at)) = self.relation_named(name) {
            self.remove_table(at);
        }
        let all = self.db.tables.len();
        let referring = if self.is_referred_to(name) { all } else { 0 };
        for at in 0..referring {
            let mut keys = self.db.tables[at].foreign_keys.iter();
            if keys.any(|key| key.ref_table == *name) {
                self.unnote_names_at(at);
                let keys = &mut self.db.tables[at].foreign_keys;
                keys.retain(|key| key.ref_table != *name);
                self.note_names_at(at);
            }
        }
        self.db.triggers.retain(|t| t.table != *name);
        let owner = |s: &realign_model::Sequence| {
            s.owned_by.as_ref().is_some_and(|(table, _)| table == name)
        };
        self.remove_sequences(|s| !s.loose && owner(s));
        for sequence in &mut self.db.sequences {
            if owner(sequence) {
                sequence.owned_by = None;
                sequence.loose = false;
            }
        }
        let own = crate::render::live_object(name);
        self.db.opaque.retain(|o| o.table.as_ref() != Some(name));
        self.drop_readers(name, None);
        self.forget_comments(&[format!("TABLE {own}")]);
    }

    fn drop_index(&mut self, path: &Path, miss: bool) -> Reading<()> {
        if let Some(IndexPlace::Index(table, index)) = self.index_at(path) {
            self.unnote_names_at(table);
            self.db.tables[table].indexes.remove(index);
            self.note_names_at(table);
            return Ok(());
        }
        let own = crate::render::ident(&crate::render::live_ident(&path.name));
        let line = format!(" INDEX {own} ON ");
        let mut gone = false;
        for view in &mut self.db.views {
            let before = view.options.len();
            view.options.retain(|option| !option.contains(&line));
            gone |= view.options.len() < before;
        }
        if gone {
            for name in self.candidates(path) {
                let key = self.key(&name);
                self.unnote_relation(&key);
            }
        }
        found(gone, miss, "index", path)
    }

    fn drop_view(&mut self, path: &Path, miss: bool, cascade: bool) -> Reading<()> {
        match self.relation(path) {
            Some(Relation::View(at)) => {
                let view = self.db.views.remove(at);
                self.unnote_view(&view);
                self.db.triggers.retain(|t| t.table != view.name);
                if cascade {
                    self.drop_readers(&view.name, None);
                }
                Ok(())
            }
            Some(Relation::Passing) => {
                self.drop_passing(path);
                Ok(())
            }
            None if miss => Ok(()),
            _ => Err(missing("view", path)),
        }
    }

    fn drop_sequence(&mut self, path: &Path, miss: bool, cascade: bool) -> Reading<()> {
        let Some(at) = self.sequence_at(path) else {
            let passes = self.relation(path) == Some(Relation::Passing);
            self.drop_passing(path);
            return found(passes, miss, "sequence", path);
        };
        let sequence = self.remove_sequence(at);
        if cascade && let Some((table, column)) = &sequence.owned_by {
            for own in self.db.tables.iter_mut().filter(|t| t.name == *table) {
                for column in own.columns.iter_mut().filter(|c| c.name == *column) {
                    column.identity = None;
                    column.default = None;
                }
            }
        }
        Ok(())
    }

    fn drop_type(&mut self, path: &Path, miss: bool, cascade: bool) -> Reading<()> {
        let names = self.candidates(path);
        for name in names {
            let key = self.key(&name);
            if !self.types.remove(&key) {
                continue;
            }
            let before = self.db.enums.len() + self.db.domains.len() + self.db.opaque.len();
            let mut db = std::mem::take(&mut self.db);
            db.enums.retain(|e| self.key(&e.name) != key);
            db.domains.retain(|d| self.key(&d.name) != key);
            db.opaque
                .retain(|o| !o.kind.ends_with(" type") || self.key(&o.name) != key);
            self.db = db;
            if self.db.enums.len() + self.db.domains.len() + self.db.opaque.len() < before {
                if cascade {
                    self.drop_columns_of_type(&crate::render::live_object(&name));
                }
                return Ok(());
            }
        }
        found(false, miss, "type", path)
    }

    fn drop_columns_of_type(&mut self, name: &str) {
        for at in 0..self.db.tables.len() {
            while let Some(column) = self.db.tables[at].columns.iter().position(|c| {
                let inner = match &c.data_type {
                    realign_model::DataType::Array(inner) => inner,
                    other => other,
                };
                matches!(inner, realign_model::DataType::Native(text) if text == name)
            }) {
                self.drop_column(at, column, true);
            }
        }
    }

    fn drop_schema(&mut self, path: &Path, miss: bool, cascade: bool) -> Reading<()> {
        let before = self.db.namespaces.len();
        self.db
            .namespaces
            .retain(|n| catalog_name(&n.name) != path.name);
        let usual = self.key(&self.new_name(&Path {
            schema: Some(path.name.clone()),
            name: "x".to_owned(),
            at: 0,
        })) == "x";
        found(
            usual || self.db.namespaces.len() < before,
            miss,
            "schema",
            path,
        )?;
        if !cascade {
            return Ok(());
        }
        let within = |name: &ObjectName| match &name.schema {
            Some(schema) => catalog_name(schema) == path.name,
            None => usual,
        };
        let tables: Vec<ObjectName> = self.db.tables.iter().map(|t| t.name.clone()).collect();
        for name in tables.iter().filter(|name| within(name)) {
            self.take_table(name);
        }
        let db = &mut self.db;
        db.views.retain(|v| !within(&v.name));
        db.sequences.retain(|s| !within(&s.name));
        db.enums.retain(|e| !within(&e.name));
        db.domains.retain(|d| !within(&d.name));
        db.routines.retain(|r| !within(&r.name));
        db.triggers.retain(|t| !within(&t.table));
        db.opaque.retain(|o| !within(&o.name));
        self.gather_types();
        self.forget_places();
        Ok(())
    }

    fn drop_routines(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let word = cursor.text_name()?;
        let miss = cursor.if_exists();
        let mut gone = Vec::new();
        loop {
            let path = cursor.path()?;
            let signature = self.signature(cursor)?;
            gone.push((path, signature));
            if !cursor.take_symbol(",") {
                break;
            }
        }
        let cascade = behaviour(cursor);
        cursor.expect_end()?;
        for (path, signature) in gone {
            match self.routine_at(&path, signature.as_deref()) {
                Some(at)
                    if Self::routine_kind(&word).is_none_or(|k| k == self.db.routines[at].kind) =>
                {
                    let routine = self.db.routines.remove(at);
                    self.routines = None;
                    let last = self.routine_at(&path, None).is_none();
                    if cascade && last {
                        self.db.triggers.retain(|trigger| {
                            crate::parse::TriggerText::read(trigger.source_text.as_str())
                                .is_none_or(|text| {
                                    text.function.name != catalog_name(&routine.name.name)
                                })
                        });
                    }
                }
                _ => found(false, miss, &word, &path)?,
            }
        }
        Ok(())
    }
}

/// Nothing when something was found or may be missing.
pub(super) fn found(found: bool, miss: bool, kind: &str, path: &Path) -> Reading<()> {
    if found || miss {
        Ok(())
    } else {
        Err(missing(kind, path))
    }
}

/// True when a query takes rows from this relation, and names this column when one is asked for.
pub(super) fn reads_of(query: &str, relation: &ObjectName, column: Option<&str>) -> bool {
    let wanted = catalog_name(&relation.name);
    if !query.to_lowercase().contains(&wanted.to_lowercase()) {
        return false;
    }
    let all = tokens(query);
    let is = |token: &crate::lexer::Token<'_>, name: &str| match token.kind {
        TokenKind::Word => token.text.eq_ignore_ascii_case(name),
        TokenKind::Quoted => token.text == name,
        TokenKind::String | TokenKind::Number | TokenKind::Symbol => false,
    };
    all.iter().any(|token| is(token, &wanted))
        && column.is_none_or(|column| {
            all.iter()
                .any(|token| is(token, column) || token.is_symbol("*"))
        })
}
