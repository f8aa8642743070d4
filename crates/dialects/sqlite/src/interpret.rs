//! A schema written in this engine's SQL, onto the model.
//!
//! The engine keeps the text of what is made, so that a statement is read by the very reader of
//! stored texts: what a script makes of the model is what an inspection would find. Whether a
//! text is SQL at all is asked of the grammar first, since no engine has read it yet.

mod alter;
mod make;

pub(crate) use make::inner_name;

use std::collections::HashSet;

use realign_model::{Database, Origin, Span};
use realign_planner::schema_script::{DOES_NOT_FIT, NOT_UNDERSTOOD};
use realign_planner::{
    Diagnostic, Facts, Interpret, Interpreted, SchemaScript, ScriptStatement, Scripts,
    StatementKind,
};

use crate::catalog;
use crate::lower::fold;
use crate::reader::{Reader, Unreadable};
use crate::{Sqlite, tokens};

/// Statements of upkeep: they declare nothing.
const UPKEEP: [&str; 3] = ["ANALYZE", "REINDEX", "VACUUM"];

impl Interpret for Sqlite {
    fn interpret(&self, script: &SchemaScript<'_>, onto: Database, facts: &Facts) -> Interpreted {
        let cut = self.split(script.text, facts);
        let mut work = Work {
            script,
            names: names(&onto),
            database: onto,
            temporary: HashSet::new(),
            texts_follow: true,
            found: cut.problems,
            data_statements: 0,
            skipped_bytes: 0,
        };
        for statement in &cut.statements {
            let kind = self.nature(&statement.sql, facts).kind;
            work.statement(statement, kind);
        }
        catalog::resolve_targets(&mut work.database);
        Interpreted {
            database: work.database,
            diagnostics: work.found,
            data_statements: work.data_statements,
            skipped_bytes: work.skipped_bytes,
        }
    }
}

/// Why a statement was not carried out.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// Its text is not understood.
    NotUnderstood(String),
    /// It does not fit the schema so far.
    DoesNotFit(String),
}

impl From<Unreadable> for Refusal {
    fn from(reason: Unreadable) -> Self {
        Self::NotUnderstood(reason)
    }
}

/// What one statement comes to.
type Carried = Result<(), Refusal>;

/// A script at work.
struct Work<'a> {
    script: &'a SchemaScript<'a>,
    database: Database,
    /// Folded names that something has or had: what is not among them is free.
    names: HashSet<String>,
    /// Folded names of temporary tables and views: no part of the schema, but statements name
    /// them.
    temporary: HashSet<String>,
    /// Views and triggers follow a renamed table.
    texts_follow: bool,
    found: Vec<Diagnostic>,
    data_statements: usize,
    skipped_bytes: usize,
}

impl Work<'_> {
    fn statement(&mut self, statement: &ScriptStatement, kind: StatementKind) {
        let sql = statement.sql.as_str();
        match kind {
            StatementKind::Data => self.data_statements += 1,
            StatementKind::Query | StatementKind::Transaction => {}
            // Also what makes something temporary is the session's.
            StatementKind::Session if !begins(sql, "CREATE") => self.session(sql),
            StatementKind::Other if UPKEEP.iter().any(|word| begins(sql, word)) => {}
            StatementKind::Definition | StatementKind::Session | StatementKind::Other => {
                let carried = tokens::check(sql)
                    .map_err(Refusal::NotUnderstood)
                    .and_then(|()| self.definition(statement));
                let Err(refusal) = carried else {
                    return;
                };
                let (code, message, help) = match refusal {
                    Refusal::NotUnderstood(reason) => {
                        self.skipped_bytes += sql.len();
                        (
                            NOT_UNDERSTOOD,
                            format!("this statement is not understood: {reason}"),
                            "the rest of the file is read all the same",
                        )
                    }
                    Refusal::DoesNotFit(reason) => (
                        DOES_NOT_FIT,
                        reason,
                        "statements are carried out in order, on what earlier sources declare",
                    ),
                };
                self.found.push(
                    Diagnostic::error(code, message)
                        .at(self.script.origin(statement))
                        .with_help(help),
                );
            }
        }
    }

    /// A setting that changes what later statements do.
    fn session(&mut self, sql: &str) {
        let names = crate::dependents::names_in(sql);
        if names.iter().any(|name| name == "legacy_alter_table") {
            let on = sql.trim_end().ends_with('1')
                || names
                    .iter()
                    .any(|name| matches!(name.as_str(), "on" | "true" | "yes"));
            self.texts_follow = !on;
        }
    }

    fn definition(&mut self, statement: &ScriptStatement) -> Carried {
        let mut reader = Reader::new(&statement.sql)?;
        if reader.take("CREATE") {
            self.create(&mut reader, statement)
        } else if reader.take("ALTER") {
            reader.expect("TABLE")?;
            self.alter(&mut reader, statement)
        } else if reader.take("DROP") {
            self.drop(&mut reader)
        } else {
            Err(reader.unexpected("CREATE, ALTER or DROP").into())
        }
    }

    fn drop(&mut self, reader: &mut Reader<'_>) -> Carried {
        let kind = ["TABLE", "VIEW", "INDEX", "TRIGGER"]
            .into_iter()
            .find(|kind| reader.take(kind))
            .ok_or_else(|| reader.unexpected("TABLE, VIEW, INDEX or TRIGGER"))?;
        let lenient = reader.take_all(&["IF", "EXISTS"]);
        let name = name(reader)?;
        let folded = fold(&name.text);
        if matches!(kind, "TABLE" | "VIEW") && self.temporary.remove(&folded) {
            return Ok(());
        }
        if name.temporary {
            return Ok(());
        }
        let same = |other: &str| fold(other) == folded;
        let database = &mut self.database;
        let before = count(database);
        match kind {
            "TABLE" => {
                database.tables.retain(|t| !same(&t.name.name.text));
                database.opaque.retain(|o| !same(&o.name.name.text));
            }
            "VIEW" => database.views.retain(|v| !same(&v.name.name.text)),
            "TRIGGER" => database.triggers.retain(|t| !same(&t.name.name.text)),
            _ => {
                for table in &mut database.tables {
                    table
                        .indexes
                        .retain(|i| i.constraint || !same(i.name_str()));
                }
            }
        }
        if count(database) < before {
            if matches!(kind, "TABLE" | "VIEW") {
                database.triggers.retain(|t| !same(&t.table.name.text));
            }
            return Ok(());
        }
        // Triggers and indexes of temporary tables are not kept track of.
        if lenient || (!self.temporary.is_empty() && matches!(kind, "INDEX" | "TRIGGER")) {
            return Ok(());
        }
        Err(Refusal::DoesNotFit(format!(
            "there is no {} {} to drop",
            kind.to_ascii_lowercase(),
            name.text
        )))
    }

    /// The place of a byte of a statement.
    fn place(&self, statement: &ScriptStatement, at: usize) -> Origin {
        let before = statement.sql.get(..at).unwrap_or_default();
        let lines = before.matches('\n').count();
        let in_line = before.rsplit('\n').next().unwrap_or_default();
        let column = in_line.chars().count() + if lines == 0 { statement.column } else { 1 };
        let cut = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let start = statement.span.start + at;
        Origin::File {
            path: self.script.path.into(),
            line: cut(statement.line + lines),
            column: cut(column),
            span: Span { start, end: start },
        }
    }

    /// True when a table, a view or an index has that name.
    fn holder(&self, name: &str) -> Option<&'static str> {
        // A long script makes many names, and nearly all of them are new.
        if !self.names.contains(&fold(name)) {
            return None;
        }
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        let database = &self.database;
        if database.tables.iter().any(|t| same(&t.name.name.text))
            || database.opaque.iter().any(|o| same(&o.name.name.text))
        {
            return Some("table");
        }
        if database.views.iter().any(|v| same(&v.name.name.text)) {
            return Some("view");
        }
        let mut indexes = database.tables.iter().flat_map(|t| &t.indexes);
        indexes
            .any(|i| !i.constraint && same(i.name_str()))
            .then_some("index")
    }
}

/// The folded names of everything that shares one list of names.
fn names(database: &Database) -> HashSet<String> {
    let tables = database.tables.iter().map(|t| t.name.name.text.as_str());
    let opaque = database.opaque.iter().map(|o| o.name.name.text.as_str());
    let views = database.views.iter().map(|v| v.name.name.text.as_str());
    let indexes = database.tables.iter().flat_map(|t| &t.indexes);
    tables
        .chain(opaque)
        .chain(views)
        .chain(indexes.map(realign_model::Index::name_str))
        .map(fold)
        .collect()
}

/// A name of a statement.
struct Name {
    text: String,
    /// It says `temp.` in front.
    temporary: bool,
}

/// A name, with the schema that may stand in front of it.
fn name(reader: &mut Reader<'_>) -> Result<Name, Refusal> {
    let first = reader.name()?;
    if !reader.take_symbol(".") {
        return Ok(Name {
            text: first,
            temporary: false,
        });
    }
    let temporary = first.eq_ignore_ascii_case("temp");
    if !temporary && !first.eq_ignore_ascii_case("main") {
        return Err(Refusal::DoesNotFit(format!(
            "{first} is another database: only the main one is declared here"
        )));
    }
    Ok(Name {
        text: reader.name()?,
        temporary,
    })
}

fn begins(sql: &str, word: &str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default();
    first.eq_ignore_ascii_case(word)
}

fn count(database: &Database) -> usize {
    database.tables.len()
        + database.views.len()
        + database.triggers.len()
        + database.opaque.len()
        + database
            .tables
            .iter()
            .map(|table| table.indexes.len())
            .sum::<usize>()
}

#[cfg(test)]
mod tests;
