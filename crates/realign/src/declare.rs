//! What the declared sources declare, put together.

use std::time::Duration;

use realign_model::{Database, Origin, Span};
use realign_planner::migration::Placeholders;
use realign_planner::schema_script::ROWS_LEFT_OUT;
use realign_planner::{Diagnostic, Dialect, Facts, SchemaScript, Scope, Severity, long_names};
use realign_runtime::process::Account;
use realign_runtime::{Connection, Error, Stop, Target, inspect};
use realign_sources::{ClassReport, DoctrineOptions, SourceFile, load_doctrine_xml, merge};

use crate::revision::Revision;
use crate::tree::{Disk, Tree};
use crate::{SchemaDocument, Source, engine, files, program, replay};

/// How sources are read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What a Doctrine mapping leaves to the configuration.
    pub doctrine: DoctrineOptions,
    /// What stands for the placeholders of migrations.
    pub placeholders: Placeholders,
    /// How long a program may run that is a source.
    pub program_limit: Duration,
    /// Who such a program runs as; this very user where none is named.
    pub program_account: Option<Account>,
    /// The wish to stop, which ends such a program.
    pub stop: Stop,
}

/// A declared schema.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The schema. With errors among the diagnostics it is what could be understood.
    pub database: Database,
    /// What Doctrine's own validation says, class by class.
    pub classes: Vec<ClassReport>,
    /// Everything that is to be said of the sources.
    pub diagnostics: Vec<Diagnostic>,
    /// What these sources can declare at all.
    pub scope: Scope,
    /// Statements of scripts that change rows: they declare nothing and were left out.
    pub data_statements: usize,
    /// Bytes of scripts that were not understood; each has a diagnostic.
    pub skipped_bytes: usize,
}

impl Declared {
    /// True when nothing may be built on it.
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Reads all sources in order. Each is put beside those before it; a script is carried out on
/// what they declare, so that it can alter it.
pub fn declared(
    sources: &[Source],
    reading: &Reading,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Result<Declared, Error> {
    let none = Scope {
        routines: false,
        sequences: false,
    };
    let scope = sources
        .iter()
        .map(Source::scope)
        .fold(none, |all, one| Scope {
            routines: all.routines || one.routines,
            sequences: all.sequences || one.sequences,
        });
    let mut declaring = Declaring {
        reading,
        dialect,
        facts,
        mapping: Vec::new(),
        result: Declared {
            database: Database::default(),
            classes: Vec::new(),
            diagnostics: Vec::new(),
            scope,
            data_statements: 0,
            skipped_bytes: 0,
        },
    };
    for (index, source) in sources.iter().enumerate() {
        let next = sources.get(index + 1);
        declaring.source(source, next, &Disk)?;
    }
    let mut declared = declaring.result;
    // What an engine refuses is told with the plan: the SQL can be printed all the same.
    let cut = long_names(&declared.database, dialect, facts)
        .into_iter()
        .filter(|remark| remark.severity == Severity::Warning);
    declared.diagnostics.extend(cut);
    Ok(declared)
}

/// What has been declared so far.
struct Declaring<'a> {
    reading: &'a Reading,
    dialect: &'a dyn Dialect,
    facts: &'a Facts,
    /// Files of a mapping whose neighbour is one, too: mapped classes refer to each other
    /// across folders, so that neighbours are read as one mapping.
    mapping: Vec<SourceFile>,
    result: Declared,
}

impl Declaring<'_> {
    /// Adds a source, whose files are those of a tree.
    fn source(
        &mut self,
        source: &Source,
        next: Option<&Source>,
        tree: &dyn Tree,
    ) -> Result<(), Error> {
        match source {
            Source::DoctrineXml { path, folder } => {
                let (files, remarks) = files::mapping_files(path, folder, tree)?;
                self.mapping.extend(files);
                self.result.diagnostics.extend(remarks);
                if !next.is_some_and(is_mapping) {
                    self.mapping();
                }
            }
            Source::Sql(paths) => {
                for path in paths {
                    if path.as_os_str() == "-" {
                        self.printed(files::standard_input()?, "standard input");
                        continue;
                    }
                    let (files, remarks) = files::script_files(path, tree)?;
                    self.result.diagnostics.extend(remarks);
                    for file in files {
                        self.script(&file.path, &file.text);
                    }
                }
            }
            Source::Migrations(path) => {
                let (files, remarks) = files::script_files(path, tree)?;
                self.result.diagnostics.extend(remarks);
                let values = &self.reading.placeholders;
                let scripts = self.dialect.scripts();
                let (files, remarks) = replay::ways_up(files, values, scripts, self.facts);
                self.result.diagnostics.extend(remarks);
                for file in files {
                    self.script(&file.path, &file.text);
                }
            }
            Source::Program { words, folder } => {
                let (limit, stop) = (self.reading.program_limit, &self.reading.stop);
                let account = self.reading.program_account.as_ref();
                let bytes = program::output(words, folder, account, limit, stop)?;
                let shown = format!("exec:{}", words.join(" "));
                if bytes.trim_ascii_start().starts_with(b"{") {
                    let text = String::from_utf8_lossy(&bytes);
                    self.document(&text, &shown)?;
                } else {
                    self.printed(bytes, &shown);
                }
            }
            Source::Document(path) => {
                let text = files::text(path, tree)?;
                self.document(&text, &path.to_string_lossy())?;
            }
            Source::Database(target) => self.live(target)?,
            Source::Git { revision, source } => {
                let revision = Revision::of(revision, &source.files())?;
                self.source(source, next, &revision)?;
            }
        }
        Ok(())
    }

    /// Puts a part beside what there is.
    fn add(&mut self, part: Database) {
        let so_far = std::mem::take(&mut self.result.database);
        let (database, remarks) = merge(vec![so_far, part]);
        self.result.database = database;
        self.result.diagnostics.extend(remarks);
    }

    fn mapping(&mut self) {
        let read = load_doctrine_xml(
            std::mem::take(&mut self.mapping),
            &self.reading.doctrine,
            self.dialect.doctrine(),
            self.facts,
        );
        self.result.diagnostics.extend(read.diagnostics);
        self.result.classes.extend(read.classes);
        self.add(read.database);
    }

    /// Carries a script out on what there is.
    fn script(&mut self, path: &str, text: &str) {
        let script = SchemaScript { path, text };
        let so_far = std::mem::take(&mut self.result.database);
        let read = self
            .dialect
            .interpret()
            .interpret(&script, so_far, self.facts);
        self.result.database = read.database;
        self.result.diagnostics.extend(read.diagnostics);
        self.result.data_statements += read.data_statements;
        self.result.skipped_bytes += read.skipped_bytes;
        if read.data_statements > 0 {
            let (count, verb) = match read.data_statements {
                1 => ("1 statement".to_owned(), "changes rows and was"),
                many => (format!("{many} statements"), "change rows and were"),
            };
            let origin = Origin::File {
                path: path.into(),
                line: 1,
                column: 1,
                span: Span::new(0, 0),
            };
            self.result.diagnostics.push(
                Diagnostic::note(
                    ROWS_LEFT_OUT,
                    format!("{path}: {count} {verb} left out: a schema declares no rows"),
                )
                .at(origin),
            );
        }
    }

    /// The same for what a program or a pipe gave.
    fn printed(&mut self, bytes: Vec<u8>, shown: &str) {
        match files::script_text(bytes, shown) {
            Ok(mut text) => {
                let said = program::without_preamble(&mut text);
                if said > 0 {
                    self.result.diagnostics.push(Diagnostic::note(
                        ROWS_LEFT_OUT,
                        format!("{shown}: {said} lines before the first statement were left out"),
                    ));
                }
                self.script(shown, &text);
            }
            Err(remark) => self.result.diagnostics.push(remark),
        }
    }

    fn document(&mut self, text: &str, shown: &str) -> Result<(), Error> {
        let document = SchemaDocument::read(text, shown)?;
        if let Some(other) = document
            .facts
            .filter(|facts| facts.dialect != self.facts.dialect)
        {
            let remark = foreign(shown, &other.dialect, self.dialect);
            self.result.diagnostics.push(remark);
        }
        self.add(document.database);
        Ok(())
    }

    fn live(&mut self, target: &Target) -> Result<(), Error> {
        let other = engine(target)?;
        if other.dialect.name() != self.dialect.name() {
            let remark = foreign(&target.to_string(), other.dialect.name(), self.dialect);
            self.result.diagnostics.push(remark);
            return Ok(());
        }
        let connect = other.connect(target)?;
        let mut connection = Connection::open(connect.as_ref())?;
        let found = inspect(&mut connection, other.dialect, self.facts.doctrine)?;
        self.result.diagnostics.extend(found.remarks);
        self.add(found.database);
        Ok(())
    }
}

/// True for a mapping, whatever its tree is.
fn is_mapping(source: &Source) -> bool {
    match source {
        Source::DoctrineXml { .. } => true,
        Source::Git { source, .. } => is_mapping(source),
        Source::Sql(_)
        | Source::Migrations(_)
        | Source::Program { .. }
        | Source::Document(_)
        | Source::Database(_) => false,
    }
}

fn foreign(source: &str, engine: &str, dialect: &dyn Dialect) -> Diagnostic {
    Diagnostic::error(
        "D095",
        format!(
            "{source} is a schema of {engine}, and can't be compared with one of {}",
            dialect.name()
        ),
    )
    .with_help("schemas of two engines can't be compared in this version")
}
