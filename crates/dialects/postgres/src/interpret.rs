//! A schema written in this engine's SQL, onto the model.
//!
//! Statement by statement, each carried out as the server would: with the names that it chooses,
//! the objects that it makes along, the search path that holds. What the server rewrites when it
//! prints an expression stays as written; comparing takes it away again.

mod alter;
mod alter_column;
mod alter_index;
mod block;
mod choose;
mod code;
mod comment;
mod constraint;
mod domain;
mod drop;
mod index;
mod opaque;
mod partition;
mod places;
mod rename;
mod sequence;
mod stage;
mod table;
mod types;
mod view;

use realign_model::Database;
use realign_planner::schema_script::{DOES_NOT_FIT, NOT_UNDERSTOOD, ROWS_LEFT_OUT};
use realign_planner::{
    Diagnostic, Facts, Interpret, Interpreted, SchemaScript, ScriptStatement, script,
};

use crate::lexer::{TokenKind, tokens};
use crate::parse::{Cursor, Reading, Trouble};
use crate::{Postgres, split};
pub(crate) use alter::{FORCED, SECURE};
pub(crate) use choose::put_together;
pub(crate) use rename::{mentions, replace_word};
use stage::Stage;
pub(crate) use types::{composite_text, range_text};

impl Interpret for Postgres {
    fn interpret(&self, script: &SchemaScript<'_>, onto: Database, facts: &Facts) -> Interpreted {
        let mut read = Interpreted::default();
        let mut stage = Stage::new(onto, facts);
        stage.db.tables.reserve(script.tables());
        let mut rows = None;
        let problems = script::each(script.text, &split::Reading, |statement| {
            stage.stand_at(script, &statement);
            match stage.statement(&statement.sql) {
                Ok(Meaning::Definition | Meaning::Nothing) => {}
                Ok(Meaning::Unseen) => {
                    let found = Diagnostic::warning(
                        NOT_UNDERSTOOD,
                        "what this statement runs can't be told from its text",
                    );
                    let found = found.with_note("tables that it makes or changes are not seen");
                    read.diagnostics.push(found.at(script.origin(&statement)));
                }
                Ok(Meaning::Rows) => {
                    read.data_statements += 1;
                    rows.get_or_insert_with(|| script.origin(&statement));
                }
                Err(trouble) => {
                    let (found, skipped) = report(trouble, &statement, &stage);
                    read.skipped_bytes += skipped;
                    read.diagnostics.push(found);
                }
            }
        });
        let problems = problems.into_iter().map(|problem| script.placed(problem));
        read.diagnostics.splice(0..0, problems);
        if let Some(first) = rows {
            let message = match read.data_statements {
                1 => "1 statement changes rows and declares nothing: it is left out".to_owned(),
                n => format!("{n} statements change rows and declare nothing: they are left out"),
            };
            let note = Diagnostic::note(ROWS_LEFT_OUT, message);
            read.diagnostics.push(note.at(first));
        }
        for (name, origin) in stage.unknown() {
            let message =
                format!("the columns that table {name} gets from its query are not known");
            let found = Diagnostic::error(NOT_UNDERSTOOD, message).at(origin);
            read.diagnostics
                .push(found.with_help("write them out in CREATE TABLE"));
        }
        read.database = stage.finish(facts);
        read
    }
}

/// What a statement was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It declares something, and that is done.
    Definition,
    /// It changes rows.
    Rows,
    /// It runs a routine, which may define something.
    Unseen,
    /// It says nothing about the schema.
    Nothing,
}

/// A trouble with its place, and the bytes of the statement that were not understood.
fn report(trouble: Trouble, statement: &ScriptStatement, stage: &Stage) -> (Diagnostic, usize) {
    match trouble {
        Trouble::NotUnderstood { at, what } => {
            let found = Diagnostic::error(NOT_UNDERSTOOD, what)
                .at(stage.origin_at(at))
                .with_note(format!("in: {}", beginning(&statement.sql)));
            (found, statement.sql.len())
        }
        Trouble::DoesNotFit { at, what } => {
            let found = Diagnostic::error(DOES_NOT_FIT, what).at(stage.origin_at(at));
            (found, 0)
        }
    }
}

/// The first words of a statement.
fn beginning(sql: &str) -> String {
    const LONGEST: usize = 60;
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

impl Stage {
    /// Carries one statement out.
    pub(super) fn statement(&mut self, sql: &str) -> Reading<Meaning> {
        let head: String = sql
            .trim_start_matches('(')
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect::<String>()
            .to_ascii_lowercase();
        // Rows may be long: they are not even cut into tokens.
        match head.as_str() {
            "insert" | "update" | "delete" | "merge" | "truncate" => return Ok(Meaning::Rows),
            "copy" => {
                let reads = sql.to_ascii_lowercase().contains(" to std");
                return Ok(if reads {
                    Meaning::Nothing
                } else {
                    Meaning::Rows
                });
            }
            "with" => return Ok(with(sql)),
            "rollback" | "abort" => return self.roll_back(),
            "begin" | "start" => {
                self.begin();
                return Ok(Meaning::Nothing);
            }
            "commit" | "end" => {
                self.commit();
                return Ok(Meaning::Nothing);
            }
            "savepoint" | "release" | "prepare" | "execute" | "deallocate" | "declare"
            | "fetch" | "move" | "close" | "show" | "explain" | "values" | "table" | "lock"
            | "analyze" | "vacuum" | "cluster" | "reindex" | "refresh" | "checkpoint"
            | "discard" | "listen" | "unlisten" | "notify" | "load" | "grant" | "revoke"
            | "reassign" | "security" => return Ok(Meaning::Nothing),
            _ => {}
        }
        let mut cursor = Cursor::new(sql);
        match head.as_str() {
            "set" | "reset" => {
                self.set(&mut cursor)?;
                Ok(Meaning::Nothing)
            }
            "select" => self.select(&mut cursor),
            "create" => self.create(sql, &mut cursor),
            "alter" => self.alter(&mut cursor),
            "drop" => self.drop(&mut cursor),
            "comment" => self.comment(&mut cursor),
            "do" => self.block(&mut cursor),
            "call" => Ok(Meaning::Unseen),
            _ => Err(cursor.unknown()),
        }
    }

    fn create(&mut self, sql: &str, cursor: &mut Cursor<'_>) -> Reading<Meaning> {
        let start = cursor.mark();
        cursor.skip();
        let replace = cursor.take_all(&["or", "replace"]);
        if !cursor.take("global") {
            cursor.take("local");
        }
        let temporary = cursor.take("temporary") || cursor.take("temp");
        let unlogged = cursor.take("unlogged");
        if cursor.take("table") {
            self.create_table(cursor, temporary, unlogged)?;
        } else if cursor.take_all(&["unique", "index"]) {
            self.create_index(cursor, true)?;
        } else if cursor.take("index") {
            self.create_index(cursor, false)?;
        } else if cursor.take("sequence") {
            self.create_sequence(cursor, temporary, unlogged)?;
        } else if cursor.take("view") || cursor.sees_all(&["recursive", "view"]) {
            self.create_view(cursor, temporary, replace)?;
        } else if cursor.take_all(&["materialized", "view"]) {
            self.create_stored_view(cursor)?;
        } else if cursor.sees_any(&["function", "procedure", "aggregate"]) {
            cursor.back(start);
            self.create_routine(cursor)?;
        } else if cursor.sees("trigger") || cursor.sees_all(&["constraint", "trigger"]) {
            cursor.back(start);
            self.create_trigger(cursor)?;
        } else if cursor.take("type") {
            self.create_type(cursor)?;
        } else if cursor.take("domain") {
            self.create_domain(cursor)?;
        } else if cursor.take("extension") {
            self.create_extension(cursor)?;
        } else if cursor.take("schema") {
            self.create_schema(cursor)?;
        } else if cursor.sees_any(&["role", "user", "group", "database", "tablespace"]) {
            // They belong to the server, not to the schema.
            return Ok(Meaning::Nothing);
        } else {
            self.create_opaque(sql, cursor, replace)?;
        }
        Ok(Meaning::Definition)
    }

    fn alter(&mut self, cursor: &mut Cursor<'_>) -> Reading<Meaning> {
        cursor.skip();
        if cursor.take("table") || cursor.take_all(&["foreign", "table"]) {
            self.alter_table(cursor)?;
        } else if cursor.take("index") {
            self.alter_index(cursor)?;
        } else if cursor.take("sequence") {
            self.alter_sequence(cursor)?;
        } else if cursor.take("view") || cursor.take_all(&["materialized", "view"]) {
            self.alter_view(cursor)?;
        } else if cursor.take("type") {
            self.alter_type(cursor)?;
        } else if cursor.take("domain") {
            self.alter_domain(cursor)?;
        } else if cursor.sees_any(&["function", "procedure", "routine", "aggregate"]) {
            self.alter_routine(cursor)?;
        } else if cursor.take("trigger") {
            self.alter_trigger(cursor)?;
        } else if cursor.take("schema") {
            self.alter_schema(cursor)?;
        } else if cursor.take("extension") {
            self.alter_extension(cursor)?;
        } else if cursor.sees_any(&["role", "user", "group", "database", "tablespace", "system"])
            || cursor.sees_all(&["default", "privileges"])
        {
            return Ok(Meaning::Nothing);
        } else {
            self.alter_opaque(cursor)?;
        }
        Ok(Meaning::Definition)
    }

    /// A query declares nothing, but for one that sets the search path or makes a table.
    fn select(&mut self, cursor: &mut Cursor<'_>) -> Reading<Meaning> {
        let start = cursor.mark();
        cursor.skip();
        if let Ok(path) = cursor.path()
            && path.name == "set_config"
            && cursor.take_symbol("(")
            && cursor.string().is_ok_and(|name| name == "search_path")
            && cursor.take_symbol(",")
        {
            let value = cursor.string()?;
            self.search(&value);
            return Ok(Meaning::Nothing);
        }
        cursor.back(start);
        if self.runs_what_defines(cursor) {
            return Ok(Meaning::Unseen);
        }
        cursor.back(start);
        while !cursor.is_done() {
            if cursor.sees_symbol("(") {
                cursor.skip_group()?;
            } else if cursor.sees("into") {
                return Err(cursor.unknown());
            } else if cursor.sees("from") {
                break;
            } else {
                cursor.skip();
            }
        }
        Ok(Meaning::Nothing)
    }
}

impl Stage {
    /// True for `SELECT f()` of a function of the schema whose body holds definitions.
    fn runs_what_defines(&mut self, cursor: &mut Cursor<'_>) -> bool {
        cursor.skip();
        let Ok(path) = cursor.path() else {
            return false;
        };
        cursor.sees_symbol("(")
            && self
                .routine_at(&path, None)
                .and_then(|at| self.db.routines.get(at))
                .is_some_and(|routine| {
                    let mut tokens = tokens(&routine.source_text.text).into_iter();
                    tokens.any(|t| t.kind == TokenKind::String && block::defines(&t.text))
                })
    }
}

/// A query with parts of its own changes rows when one of them does.
fn with(sql: &str) -> Meaning {
    let cursor = Cursor::new(sql);
    if cursor.has_word(&["insert", "update", "delete", "merge"]) {
        Meaning::Rows
    } else {
        Meaning::Nothing
    }
}

#[cfg(test)]
mod tests;
