//! A schema written in this engine's SQL, onto the model.
//!
//! The engine keeps the text of what is made, so that a statement is read by the very reader of
//! stored texts: what a script makes of the model is what an inspection would find. Whether a
//! text is SQL at all is asked of the grammar first, since no engine has read it yet.

mod alter;
mod make;

pub(crate) use make::inner_name;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use realign_model::{Database, Origin, Span};
use realign_planner::schema_script::{DOES_NOT_FIT, NOT_UNDERSTOOD};
use realign_planner::{
    Diagnostic, Facts, Interpret, Interpreted, SchemaScript, ScriptStatement, Scripts,
    StatementKind,
};

use crate::catalog;
use crate::lower::fold;
use crate::reader::{Reader, Unreadable};
use crate::{Sqlite, plain, tokens};

/// First words of statements that define something.
const DEFINING: [&str; 3] = ["CREATE", "ALTER", "DROP"];

/// Statements of upkeep: they declare nothing.
const UPKEEP: [&str; 3] = ["ANALYZE", "REINDEX", "VACUUM"];

impl Interpret for Sqlite {
    fn interpret(&self, script: &SchemaScript<'_>, onto: Database, facts: &Facts) -> Interpreted {
        let cut = self.split(script.text, facts);
        let mut work = Work {
            path: script.path.into(),
            names: names(&onto),
            tables: HashMap::new(),
            triggers: HashSet::new(),
            database: onto,
            temporary: HashSet::new(),
            unknown: HashMap::new(),
            texts_follow: true,
            found: cut.problems,
            data_statements: 0,
            skipped_bytes: 0,
        };
        work.number_tables();
        work.number_triggers();
        for statement in cut.statements {
            // What begins so is never anything else, and there is much of it.
            let kind = if DEFINING.iter().any(|word| begins(&statement.sql, word)) {
                StatementKind::Definition
            } else {
                self.nature(&statement.sql, facts).kind
            };
            work.statement(&statement, kind);
        }
        work.report_unknown();
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
struct Work {
    /// That of the script, for all places in it.
    path: Arc<str>,
    database: Database,
    /// Where a table stands, by its folded name.
    tables: HashMap<String, usize>,
    /// Folded names of triggers, which have a list of their own.
    triggers: HashSet<String>,
    /// Folded names that something has or had: what is not among them is free.
    names: HashSet<String>,
    /// Folded names of temporary tables and views: no part of the schema, but statements name
    /// them.
    temporary: HashSet<String>,
    /// Tables made from queries, by their folded names, and where: what columns they have only the
    /// engine knows. They pass like temporary ones when they are dropped again.
    unknown: HashMap<String, Origin>,
    /// Views and triggers follow a renamed table.
    texts_follow: bool,
    found: Vec<Diagnostic>,
    data_statements: usize,
    skipped_bytes: usize,
}

impl Work {
    fn statement(&mut self, statement: &ScriptStatement, kind: StatementKind) {
        let sql = statement.sql.as_str();
        match kind {
            StatementKind::Data => self.data_statements += 1,
            StatementKind::Query | StatementKind::Transaction => {}
            StatementKind::Session => self.session(sql),
            StatementKind::Other if UPKEEP.iter().any(|word| begins(sql, word)) => {}
            StatementKind::Definition | StatementKind::Other => {
                let Err(refusal) = self.definition(statement) else {
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
                        .at(self.origin(statement))
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
        if !plain::is_plain(&mut reader) {
            tokens::check(&statement.sql)?;
        }
        reader.back(0);
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

    /// Tables made from queries that are still there at the end.
    fn report_unknown(&mut self) {
        let mut left: Vec<(String, Origin)> = self.unknown.drain().collect();
        left.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, origin) in left {
            let message =
                format!("the columns that table {name} gets from its query are not known");
            self.found.push(
                Diagnostic::error(NOT_UNDERSTOOD, message)
                    .at(origin)
                    .with_help("write them out in CREATE TABLE"),
            );
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
            self.unknown.remove(&folded);
            return Ok(());
        }
        if name.temporary {
            return Ok(());
        }
        // A dump drops what it is about to make, which most often is not there.
        let held = if kind == "TRIGGER" {
            self.triggers.contains(&folded)
        } else {
            self.names.contains(&folded)
        };
        if held && self.remove(kind, &folded) {
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

    /// Takes away what has that folded name, and whatever goes with it; false when nothing has.
    fn remove(&mut self, kind: &str, folded: &str) -> bool {
        let same = |other: &str| other.eq_ignore_ascii_case(folded);
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
        if count(database) == before {
            return false;
        }
        if matches!(kind, "TABLE" | "VIEW") {
            database.triggers.retain(|t| !same(&t.table.name.text));
            self.number_tables();
        }
        self.number_triggers();
        true
    }

    /// Notes where each table stands.
    fn number_tables(&mut self) {
        let tables = self.database.tables.iter().enumerate();
        self.tables = tables
            .map(|(at, table)| (fold(&table.name.name.text), at))
            .collect();
    }

    /// Notes how the triggers are called.
    fn number_triggers(&mut self) {
        let triggers = self.database.triggers.iter();
        self.triggers = triggers.map(|t| fold(&t.name.name.text)).collect();
    }

    /// Where the table of that name stands.
    fn table_at(&self, name: &str) -> Option<usize> {
        self.tables.get(&fold(name)).copied()
    }

    /// The place of a statement.
    fn origin(&self, statement: &ScriptStatement) -> Origin {
        Origin::File {
            path: Arc::clone(&self.path),
            line: cut(statement.line),
            column: cut(statement.column),
            span: Span {
                start: statement.span.start,
                end: statement.span.end,
            },
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
        if self.table_at(name).is_some() || database.opaque.iter().any(|o| same(&o.name.name.text))
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

fn cut(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Places in a statement, one behind the other.
struct Along<'s> {
    statement: &'s ScriptStatement,
    path: &'s Arc<str>,
    at: usize,
    line: usize,
    column: usize,
}

impl<'s> Along<'s> {
    fn new(statement: &'s ScriptStatement, path: &'s Arc<str>) -> Self {
        Self {
            statement,
            path,
            at: 0,
            line: statement.line,
            column: statement.column,
        }
    }

    /// The place of a byte, which is not before the one that was asked for last.
    fn to(&mut self, at: usize) -> Origin {
        for c in self
            .statement
            .sql
            .get(self.at..at)
            .unwrap_or_default()
            .chars()
        {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.at = at;
        let start = self.statement.span.start + at;
        Origin::File {
            path: Arc::clone(self.path),
            line: cut(self.line),
            column: cut(self.column),
            span: Span { start, end: start },
        }
    }
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
