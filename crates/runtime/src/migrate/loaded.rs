//! A migration read, split and ready to run.

use std::ops::Range;

use realign_model::{Origin, Span};
use realign_planner::migration::{
    Check, CheckKind, Condition, Direction, MigrationFile, Phase, Placeholders, Section, Version,
    checksum, fill,
};
use realign_planner::{
    Diagnostic, LOCK_TABLE, Nature, OWN_TABLES, ObjectKind, RUNS_TABLE, ScriptStatement, Severity,
    StatementKind,
};

use super::kept::joined;
use super::{Directory, Entry};
use crate::kernel::{Site, Unit, UnitRows, UnitStatement};
use crate::{Error, ErrorKind};

/// A migration that can run in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Its version.
    pub version: Version,
    /// What it is for.
    pub description: String,
    /// Which way.
    pub direction: Direction,
    /// Its statements, those before and after it included.
    pub unit: Unit,
    /// Which of them are the migration itself.
    pub main: Range<usize>,
    /// Its checks, with the phase that each belongs to.
    pub checks: Vec<(Phase, Check)>,
    /// What is said once it has run.
    pub closing: Vec<Check>,
    /// Why there is no such way.
    pub no_way: Option<String>,
    /// The checksum of its file.
    pub checksum: String,
    /// What `up` runs, as one text; of long statements what the books keep of them.
    pub up_sql: String,
    /// The same of what `down` runs, when there is a way back.
    pub down_sql: Option<String>,
    /// What has to be executed before it.
    pub requires: Vec<Version>,
    /// What an earlier run has done of it is left out here, and stands.
    pub begun: bool,
}

impl Loaded {
    /// Leaves out the statements that an earlier run has done, and the checks that it has passed.
    pub fn go_on_from(&mut self, done: usize) {
        if done > 0 {
            let done = done.min(self.unit.statements.len());
            self.begun = !self.unit.statements.drain(..done).all(|one| one.is_aside());
            self.main = self.main.start.saturating_sub(done)..self.main.end.saturating_sub(done);
            self.checks.clear();
        }
    }

    /// Leaves out everything that it would send: only the history changes.
    pub fn only_recorded(&mut self) {
        self.unit.statements.clear();
        self.main = 0..0;
        self.checks.clear();
        self.closing.clear();
        self.no_way = None;
        self.down_sql = None;
    }
}

/// Reads migrations for a database.
#[derive(Debug, Clone, Copy)]
pub struct Loader<'a> {
    /// The database.
    pub site: &'a Site,
    /// Where the files are.
    pub directory: &'a Directory,
    /// Values of placeholders.
    pub placeholders: &'a Placeholders,
    /// Migrations may share a transaction at all.
    pub transactions: bool,
}

impl Loader<'_> {
    /// Reads these, in this order. Every mistake in any of them is told at once, and then none
    /// is given.
    pub fn load(
        &self,
        versions: &[Version],
        direction: Direction,
    ) -> Result<Result<Vec<Loaded>, Vec<Diagnostic>>, Error> {
        let mut loaded = Vec::with_capacity(versions.len());
        let mut problems = Vec::new();
        for version in versions {
            let entry = self.directory.entries.get(version).ok_or_else(|| {
                Error::new(ErrorKind::Failed, format!("there is no file of {version}"))
            })?;
            loaded.push(self.one(version, entry, direction, &mut problems)?);
        }
        let wrong = problems.iter().any(|p| p.severity == Severity::Error);
        Ok(if wrong { Err(problems) } else { Ok(loaded) })
    }

    /// The checksum of a version's file, and everything that is wrong with it.
    pub fn checksum(&self, entry: &Entry) -> Result<(String, Vec<Diagnostic>), Error> {
        let (file, problems) = self.read(entry)?;
        Ok((
            checksum(&file, self.site.dialect.scripts(), &self.site.facts),
            problems,
        ))
    }

    /// What a file says to this engine, and everything that is wrong with it.
    fn read(&self, entry: &Entry) -> Result<(MigrationFile, Vec<Diagnostic>), Error> {
        entry.read_for(self.site.dialect.scripts(), &self.site.facts)
    }

    fn one(
        &self,
        version: &Version,
        entry: &Entry,
        direction: Direction,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<Loaded, Error> {
        let (file, found) = self.read(entry)?;
        problems.extend(found);
        let (phases, main_phase) = match direction {
            Direction::Up => ([Phase::PreUp, Phase::Up, Phase::PostUp], Phase::Up),
            Direction::Down => ([Phase::PreDown, Phase::Down, Phase::PostDown], Phase::Down),
        };
        let mut statements = Vec::new();
        let mut checks = Vec::new();
        let mut closing = Vec::new();
        let mut main = 0..0;
        for phase in phases {
            let start = statements.len();
            if let Some(section) = file.section(phase) {
                statements.extend(self.statements(&file, section, problems));
                for check in self.checks(&file, section, problems) {
                    if matches!(phase, Phase::PostUp | Phase::PostDown) {
                        refuse_late(&check, problems);
                        closing.push(check);
                    } else {
                        checks.push((phase, check));
                    }
                }
            }
            if phase == main_phase {
                main = start..statements.len();
            }
        }
        let mut other = Vec::new();
        let mut text = |phase: Phase| {
            file.section(phase).map(|section| {
                let statements = self.statements(&file, section, &mut other);
                joined(&statements)
            })
        };
        let down_sql = text(Phase::Down).filter(|_| file.irreversible.is_none());
        let up_sql = text(Phase::Up).unwrap_or_default();
        Ok(Loaded {
            no_way: match (direction, &file.irreversible, file.section(Phase::Down)) {
                (Direction::Down, Some(why), _) => Some(why.clone()),
                (Direction::Down, None, None) => {
                    Some(format!("No down() migration implemented for \"{version}\""))
                }
                _ => None,
            },
            checksum: checksum(
                &self.said(&file, entry),
                self.site.dialect.scripts(),
                &self.site.facts,
            ),
            description: file.description.clone().unwrap_or_else(|| entry.title()),
            begun: false,
            requires: file.requires.iter().map(|r| r.value.clone()).collect(),
            unit: Unit {
                name: version.to_string(),
                statements,
                transaction: self.transactions && file.transaction,
                lock_timeout: file.lock_timeout,
                statement_timeout: file.statement_timeout,
            },
            version: version.clone(),
            direction,
            main,
            checks,
            closing,
            up_sql,
            down_sql,
        })
    }

    /// What a file says. Of a script that runs again the values of its placeholders are a part of
    /// that.
    fn said(&self, file: &MigrationFile, entry: &Entry) -> MigrationFile {
        let mut said = file.clone();
        if entry.is_versioned() {
            return said;
        }
        let filled = said.sections.iter_mut().filter(|s| s.text.contains("${"));
        for section in filled {
            section.text = joined(&self.statements(file, section, &mut Vec::new()));
        }
        said
    }

    /// The statements of a section, placeholders filled.
    fn statements(
        &self,
        file: &MigrationFile,
        section: &Section,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<UnitStatement> {
        let scripts = self.site.dialect.scripts();
        let script = scripts.split(&section.text, &self.site.facts);
        problems.extend(script.problems.into_iter().map(|mut problem| {
            problem.origin = moved(file, section, problem.origin);
            problem
        }));
        let mut statements = Vec::with_capacity(script.statements.len());
        for statement in script.statements {
            let filled = if file.placeholders {
                fill(&statement.sql, self.placeholders)
            } else {
                Ok(statement.sql.clone())
            };
            // Several would be sent, and recorded, as one.
            let parts = |sql: &str| scripts.split(sql, &self.site.facts).statements.len();
            match filled {
                Ok(sql) if sql != statement.sql && parts(&sql) > parts(&statement.sql) => {
                    let message =
                        "the values of its placeholders make several statements of this one";
                    let problem = Diagnostic::error("M002", message).at(moved(
                        file,
                        section,
                        statement.origin(""),
                    ));
                    problems.push(problem.with_help(
                        "a value is a part of one statement: write the others into the file",
                    ));
                }
                Ok(sql) => statements.push(UnitStatement {
                    nature: self.nature(
                        &sql,
                        || moved(file, section, statement.origin("")),
                        problems,
                    ),
                    sql,
                    origin: moved(file, section, statement.origin("")),
                    rows: statement.rows.map(|rows| UnitRows {
                        line: u32::try_from(section.line - 1 + rows.line).unwrap_or(u32::MAX),
                        // Rows are data: what looks like a placeholder is none.
                        text: rows.text,
                    }),
                }),
                Err((at, name)) => {
                    problems.push(no_value(&name).at(place_in(file, section, &statement, at)));
                }
            }
        }
        statements
    }

    /// The nature of a statement. One that changes the books that are kept while it runs, or leads
    /// away from them, is not run.
    fn nature(
        &self,
        sql: &str,
        origin: impl FnOnce() -> Origin,
        problems: &mut Vec<Diagnostic>,
    ) -> Nature {
        let (scripts, facts) = (self.site.dialect.scripts(), &self.site.facts);
        let nature = scripts.nature(sql, facts);
        if nature.kind == StatementKind::Session
            && let Some(other) = scripts.leaves_for(sql, facts)
        {
            let message = format!(
                "this leads into the database {other}, and what comes behind it would not be recorded: Realign's own tables are not there"
            );
            problems.push(Diagnostic::error("M005", message).at(origin()).with_help(format!(
                "take it out, and name what is there in full: {other}.TABLE; a program that writes dumps leaves it out when it is asked for one database alone"
            )));
            return nature;
        }
        if let Some(place) = scripts.takes_books(sql, &nature, facts) {
            let message = format!("this takes {place} away, and Realign's own tables with it");
            problems.push(Diagnostic::error("M004", message).at(origin()).with_help(
                "take it out, and drop by name what is to go: a migration begins with what is there",
            ));
            return nature;
        }
        let written = match nature.kind {
            StatementKind::Definition => &OWN_TABLES[..],
            StatementKind::Data | StatementKind::Other => &[LOCK_TABLE, RUNS_TABLE],
            StatementKind::Query | StatementKind::Session | StatementKind::Transaction => &[],
        };
        let own = nature.touches.iter().find(|object| {
            object.kind == ObjectKind::Table && written.contains(&object.name.as_str())
        });
        if let Some(own) = own {
            let message = format!("{} is a table of Realign's own", own.name);
            problems.push(Diagnostic::error("M004", message).at(origin()).with_help(
                "take it out of the migration; programs that write dumps have an option that leaves a table out",
            ));
        }
        nature
    }

    fn checks(
        &self,
        file: &MigrationFile,
        section: &Section,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Check> {
        let mut checks = Vec::with_capacity(section.checks.len());
        for check in &section.checks {
            let filled = if file.placeholders {
                check.condition.filled(self.placeholders)
            } else {
                Ok(check.condition.clone())
            };
            match filled {
                Ok(condition) => {
                    if let Condition::Query(sql) = &condition
                        && let Some(why) = self.no_query(sql)
                    {
                        let message = format!("`{}` {why}", check.kind.word());
                        let problem = Diagnostic::error("M001", message).at(check.origin.clone());
                        problems.push(problem.with_help("write one query that only reads"));
                    }
                    checks.push(Check {
                        condition,
                        ..check.clone()
                    });
                }
                Err(name) => problems.push(no_value(&name).at(check.origin.clone())),
            }
        }
        checks
    }
}

impl Loader<'_> {
    /// Why a text is not asked as a check, which only reads, in a dry run as well.
    fn no_query(&self, sql: &str) -> Option<&'static str> {
        let scripts = self.site.dialect.scripts();
        let script = scripts.split(sql, &self.site.facts);
        let [only] = script.statements.as_slice() else {
            return Some("asks more than one query");
        };
        if !script.problems.is_empty() {
            return Some("can't be read: something in it is never closed");
        }
        let changes = match scripts.nature(&only.sql, &self.site.facts).kind {
            StatementKind::Query | StatementKind::Other => false,
            // What is only looked at has no value.
            StatementKind::Session => only.sql.contains('='),
            StatementKind::Definition | StatementKind::Data | StatementKind::Transaction => true,
        };
        changes.then_some("would change something")
    }
}

/// Once the statements stand there is nothing left to skip or to stop.
fn refuse_late(check: &Check, problems: &mut Vec<Diagnostic>) {
    if matches!(check.kind, CheckKind::SkipIf | CheckKind::AbortIf) {
        problems.push(
            Diagnostic::error(
                "M001",
                format!("`{}` comes too late here", check.kind.word()),
            )
            .at(check.origin.clone())
            .with_help("move it before the statements"),
        );
    }
}

fn no_value(name: &str) -> Diagnostic {
    Diagnostic::error("M002", format!("nothing is said for the placeholder ${{{name}}}")).with_help(
        format!("give --set {name}=VALUE, or `{name}` in [migrations.placeholders]; $${{ stands for ${{ itself, and with `-- realign:placeholders off` every ${{ of the file does"),
    )
}

fn place_in(
    file: &MigrationFile,
    section: &Section,
    statement: &ScriptStatement,
    at: usize,
) -> Origin {
    let from = statement.span.start + at;
    section.place(&file.path, from, from + 2)
}

/// A place within a section's text as one of its file.
fn moved(file: &MigrationFile, section: &Section, origin: Origin) -> Origin {
    match origin {
        Origin::File {
            line, column, span, ..
        } => Origin::File {
            path: file.path.clone(),
            line: line.saturating_add(u32::try_from(section.line - 1).unwrap_or(u32::MAX)),
            column,
            span: Span::new(span.start() + section.start, span.end() + section.start),
        },
        Origin::None | Origin::Server => section.place(&file.path, 0, 0),
    }
}
