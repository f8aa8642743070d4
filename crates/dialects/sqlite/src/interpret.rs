//! A schema written in this engine's SQL, onto the model.
//!
//! The engine keeps the text of what is made, so that a statement is read by the very reader of
//! stored texts: what a script makes of the model is what an inspection would find. Whether a
//! text is SQL at all is asked of the grammar first, since no engine has read it yet.

mod alter;
mod dumped;
mod make;
mod stage;
mod wide;

pub(crate) use make::inner_name;

use std::collections::{HashMap, HashSet};

use realign_model::{Database, FileName, Origin, Span};
use realign_planner::schema_script::{DOES_NOT_FIT, NOT_UNDERSTOOD};
use realign_planner::{
    Diagnostic, Facts, Interpret, Interpreted, SchemaScript, ScriptStatement, Scripts,
    StatementKind, script,
};

use crate::catalog;
use crate::lower::fold;
use crate::reader::{Reader, Unreadable};
use crate::split::Reading;
use crate::{Sqlite, plain, tokens};
use stage::Stage;

/// First words of statements that define something.
const DEFINING: [&str; 3] = ["CREATE", "ALTER", "DROP"];

/// Statements of upkeep: they declare nothing.
const UPKEEP: [&str; 3] = ["ANALYZE", "REINDEX", "VACUUM"];

impl Interpret for Sqlite {
    fn interpret(&self, script: &SchemaScript<'_>, onto: Database, facts: &Facts) -> Interpreted {
        let mut work = Work {
            path: script.path.into(),
            stage: Stage::new(onto, script.tables()),
            temporary: HashSet::new(),
            unknown: HashMap::new(),
            texts_follow: true,
            found: Vec::new(),
            data_statements: 0,
            skipped_bytes: 0,
        };
        let problems = script::each(script.text, &Reading, |statement| {
            // What begins so is never anything else, and there is much of it.
            let kind = if DEFINING.iter().any(|word| begins(&statement.sql, word)) {
                StatementKind::Definition
            } else {
                self.nature(&statement.sql, facts).kind
            };
            work.statement(&statement, kind);
        });
        work.found.splice(0..0, problems);
        work.report_unknown();
        let mut database = work.stage.finish();
        catalog::resolve_targets(&mut database);
        Interpreted {
            database,
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
    path: FileName,
    stage: Stage,
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
            StatementKind::Data => match dumped::statement_in_row(sql) {
                Some(sql) => {
                    let inner = ScriptStatement {
                        sql,
                        ..statement.clone()
                    };
                    self.statement(&inner, StatementKind::Definition);
                }
                None => self.data_statements += 1,
            },
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
        if self.stage.remove(kind, &folded) {
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

    /// The place of a statement.
    fn origin(&self, statement: &ScriptStatement) -> Origin {
        Origin::File {
            path: self.path.clone(),
            line: cut(statement.line),
            column: cut(statement.column),
            span: Span::new(statement.span.start, statement.span.end),
        }
    }
}

fn cut(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Places in a statement, one behind the other.
struct Along<'s> {
    statement: &'s ScriptStatement,
    path: &'s FileName,
    at: usize,
    line: usize,
    column: usize,
}

impl<'s> Along<'s> {
    fn new(statement: &'s ScriptStatement, path: &'s FileName) -> Self {
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
        let sql = self.statement.sql.as_bytes();
        let mut passed = sql.get(self.at..at).unwrap_or_default();
        if let Some(end) = passed.iter().rposition(|byte| *byte == b'\n') {
            self.line += passed.split(|byte| *byte == b'\n').count() - 1;
            self.column = 1;
            passed = &passed[end + 1..];
        }
        // Bytes that continue a character are none of their own.
        self.column += passed.iter().filter(|byte| (**byte & 0xC0) != 0x80).count();
        self.at = at;
        let start = self.statement.span.start + at;
        Origin::File {
            path: self.path.clone(),
            line: cut(self.line),
            column: cut(self.column),
            span: Span::new(start, start),
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

#[cfg(test)]
mod tests;
