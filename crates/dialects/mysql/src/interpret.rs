//! A schema written in this engine's SQL, onto the model.
//!
//! Statements are read by [`crate::parse`] and carried out here as the server would: with the
//! names, indexes and collations that it fills in.

mod alter;
mod charset;
mod column;
mod keys;
mod leaving;
mod names;
mod objects;
mod partitions;
mod places;
mod session;
mod table;
mod views;
mod wide;

use std::collections::{HashMap, HashSet};

use realign_model::{Database, ObjectName, Origin, Table};
use realign_planner::schema_script::{DOES_NOT_FIT, NOT_UNDERSTOOD};
use realign_planner::script::{self, Cutter as _, LexKind};
use realign_planner::{
    Diagnostic, Facts, Interpret, Interpreted, NameKind, SchemaScript, ScriptStatement, Scripts,
    StatementKind,
};

use crate::MySql;
use crate::parse::{self, Plain, Statement};
use crate::split::Reading;
use names::{Names, Sort, folded};
use places::Places;
use session::Session;
pub(crate) use table::{WITH_PERIODS, is_shown_table};
use wide::LastWide;

impl Interpret for MySql {
    fn interpret(&self, script: &SchemaScript<'_>, onto: Database, facts: &Facts) -> Interpreted {
        let mut run = Run::new(script, onto, facts);
        let reading = Reading::of(facts);
        let problems = script::each(script.text, &reading, |statement| {
            run.statement(*self, &statement);
        });
        let problems = problems.into_iter().map(|problem| script.placed(problem));
        run.out.diagnostics.splice(0..0, problems);
        run.finish()
    }
}

/// The table that the statements of one that is only shown make; none when they are not
/// understood.
pub(crate) fn shown_table(text: &str, facts: &Facts) -> Option<Table> {
    let mut facts = facts.clone();
    let (off, zero) = ("foreign_key_checks".to_owned(), "0".to_owned());
    facts.settings.insert(off, zero);
    let script = SchemaScript { path: "", text };
    let mut run = Run::new(&script, Database::default(), &facts);
    run.sees_all = true;
    for statement in &MySql.split(text, &facts).statements {
        run.statement(MySql, statement);
    }
    let understood = run.out.diagnostics.is_empty();
    run.database.tables.pop().filter(|_| understood)
}

/// A script that is being carried out.
struct Run<'s> {
    text: &'s str,
    places: Places,
    session: Session,
    database: Database,
    /// A file declares the character set of the database.
    database_declared: bool,
    /// Tables that are only shown are read as others are.
    sees_all: bool,
    /// Where a table stands, by its folded name.
    at: HashMap<String, usize>,
    /// Tables that this script changed: every column is as the server has it.
    settled: HashSet<usize>,
    /// Where the columns of the table that was altered last stand.
    wide: LastWide,
    /// Names of everything else.
    names: Names,
    /// Tables with a foreign key to the table of a folded name, and some that had one; none until
    /// it is asked.
    referring: Option<HashMap<String, HashSet<usize>>>,
    /// Folded names of tables that have triggers, or had.
    with_triggers: HashSet<String>,
    out: Interpreted,
}

/// Why a statement can't be carried out, and where in its plain text.
struct Misfit {
    message: String,
    at: Option<usize>,
}

impl Misfit {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            at: None,
        }
    }
}

type Done = Result<(), Misfit>;

impl<'s> Run<'s> {
    fn new(script: &SchemaScript<'s>, onto: Database, facts: &Facts) -> Self {
        let mut run = Self {
            text: script.text,
            places: Places::new(script.path),
            session: Session::new(facts),
            names: Names::of(&onto, facts),
            database: onto,
            database_declared: false,
            sees_all: false,
            at: HashMap::new(),
            settled: HashSet::new(),
            wide: LastWide::default(),
            referring: None,
            with_triggers: HashSet::new(),
            out: Interpreted::default(),
        };
        run.database.tables.reserve(script.tables());
        run.at.reserve(script.tables());
        run.index_tables();
        let triggers = run.database.triggers.iter();
        run.with_triggers = triggers.map(|t| run.key(&t.table)).collect();
        run
    }

    fn index_tables(&mut self) {
        let keys: Vec<String> = self
            .database
            .tables
            .iter()
            .map(|table| self.key(&table.name))
            .collect();
        self.at
            .extend(keys.into_iter().enumerate().map(|(at, key)| (key, at)));
    }

    /// Where in a list of that sort something of that name stands.
    fn find<'n>(
        &self,
        sort: Sort,
        name: &ObjectName,
        all: impl Iterator<Item = &'n ObjectName> + Clone,
    ) -> Option<usize> {
        let facts = &self.session.facts;
        let key = sort.key(name, facts);
        let place = self.names.place(sort, &key)?;
        let is_it = |other: &ObjectName| sort.key(other, facts) == key;
        if all.clone().nth(place).is_some_and(is_it) {
            return Some(place);
        }
        // Letters of ASCII are folded as they are everywhere.
        let may_be = |other: &ObjectName| {
            let (other, name) = (&other.name.text, &name.name.text);
            other.eq_ignore_ascii_case(name) || !other.is_ascii() || !name.is_ascii()
        };
        all.into_iter()
            .position(|other| may_be(other) && is_it(other))
    }

    /// Remembers the name of something that stands at a place of its list, or will.
    fn note(&mut self, sort: Sort, name: &ObjectName, at: usize) {
        let key = sort.key(name, &self.session.facts);
        self.names.add(sort, key, at);
    }

    /// What went has left a place without a name, so that those of others stay what they are.
    fn finish(mut self) -> Interpreted {
        let database = &mut self.database;
        database.tables.retain(|t| !t.name.name.text.is_empty());
        database.views.retain(|v| !v.name.name.text.is_empty());
        database.triggers.retain(|t| !t.name.name.text.is_empty());
        self.out.database = self.database;
        self.out
    }

    /// The form of a table's or view's name that every spelling of it shares.
    fn key(&self, name: &ObjectName) -> String {
        folded(NameKind::Table, name, &self.session.facts)
    }

    fn statement(&mut self, dialect: MySql, statement: &ScriptStatement) {
        self.places.stand_at(self.text, statement.span.start);
        let first = first_word(&statement.sql, &Reading::of(&self.session.facts));
        match first.to_ascii_uppercase().as_str() {
            "CREATE" | "ALTER" | "DROP" | "RENAME" | "USE" | "SET" => {}
            "INSERT" | "REPLACE" | "UPDATE" | "DELETE" | "TRUNCATE" => {
                self.out.data_statements += 1;
                return;
            }
            "CALL" | "EXECUTE" => {
                self.remark_program(statement);
                return;
            }
            _ => {
                if dialect.nature(&statement.sql, &self.session.facts).kind == StatementKind::Data {
                    self.out.data_statements += 1;
                }
                return;
            }
        }
        let plain = parse::plain(&statement.sql, &Reading::of(&self.session.facts));
        match parse::statement(&plain.text, &self.session.facts) {
            Ok(read) => {
                let origins = Origins {
                    start: statement.span.start,
                    sql: &statement.sql,
                    plain: &plain,
                };
                if let Err(misfit) = self.carry_out(read, &origins) {
                    let origin = self.origin(&origins, misfit.at.unwrap_or(0));
                    let problem = Diagnostic::error(DOES_NOT_FIT, misfit.message);
                    self.out.diagnostics.push(problem.at(origin));
                }
            }
            Err(problem) => {
                self.out.skipped_bytes += statement.sql.len();
                let at = statement.span.start + plain.source(problem.at);
                let origin = self.places.at(self.text, at);
                let problem = Diagnostic::error(NOT_UNDERSTOOD, problem.message);
                self.out.diagnostics.push(problem.at(origin));
            }
        }
    }

    /// Nobody can tell from the text of a CALL what it defines.
    fn remark_program(&mut self, statement: &ScriptStatement) {
        let origin = self.places.at(self.text, statement.span.start);
        self.out.diagnostics.push(
            Diagnostic::warning(
                NOT_UNDERSTOOD,
                "what this statement runs can't be told from its text",
            )
            .with_note("tables that it makes or changes are not seen")
            .at(origin),
        );
    }

    /// The place of a byte of a statement's plain text.
    fn origin(&mut self, origins: &Origins<'_>, at: usize) -> Origin {
        let at = origins.start + origins.plain.source(at);
        self.places.at(self.text, at)
    }

    fn carry_out(&mut self, statement: Statement, origins: &Origins<'_>) -> Done {
        match statement {
            Statement::CreateTable(create) => self.create_table(*create, origins),
            Statement::AlterTable(alter) => self.alter_table(alter, origins),
            Statement::DropTables(dropped) => self.drop_tables(dropped),
            Statement::RenameTables(pairs) => {
                for (from, to) in pairs {
                    self.rename_table(from, to)?;
                }
                Ok(())
            }
            Statement::CreateView(create) => self.create_view(*create, origins),
            Statement::DropViews(dropped) => self.drop_views(dropped),
            Statement::CreateTrigger(create) => self.create_trigger(create, origins),
            Statement::DropTrigger(dropped) => self.drop_trigger(&dropped),
            Statement::CreateRoutine(create) => self.create_routine(create, origins),
            Statement::AlterRoutine(alter) => self.alter_routine(&alter),
            Statement::DropRoutine { function, dropped } => self.drop_routine(function, &dropped),
            Statement::CreateEvent(create) => self.create_event(create, origins),
            Statement::AlterEvent(alter) => self.alter_event(&alter),
            Statement::DropEvent(dropped) => self.drop_event(&dropped),
            Statement::CreateSequence(create) => self.create_sequence(create, origins),
            Statement::AlterSequence {
                name,
                if_exists,
                clauses,
            } => self.alter_sequence(name, if_exists, &clauses),
            Statement::DropSequences(dropped) => self.drop_sequences(&dropped),
            Statement::Database { name, options } => {
                self.set_defaults(name.as_deref(), options);
                Ok(())
            }
            Statement::DropDatabase { name } => {
                self.drop_database(&name);
                Ok(())
            }
            Statement::Use(name) => {
                self.session.use_database(&name);
                Ok(())
            }
            Statement::Set(settings) => {
                for setting in settings {
                    self.session.set(setting);
                }
                Ok(())
            }
            Statement::Nothing => Ok(()),
        }
    }
}

/// What leads from a byte of a statement's plain text to its place in the file.
struct Origins<'p> {
    start: usize,
    sql: &'p str,
    plain: &'p Plain<'p>,
}

/// The first word of a statement that means something to the server.
fn first_word<'t>(sql: &'t str, reading: &Reading<'_>) -> &'t str {
    let mut at = 0;
    while at < sql.len() {
        let (kind, length) = reading.piece(sql, at);
        let end = (at + length.max(1)).min(sql.len());
        match kind {
            LexKind::Blank | LexKind::Comment | LexKind::Bracket => at = end,
            LexKind::Word => return sql.get(at..end).unwrap_or_default(),
            LexKind::Name | LexKind::Text | LexKind::Number | LexKind::Mark => return "",
        }
    }
    ""
}

#[cfg(test)]
mod tests;
