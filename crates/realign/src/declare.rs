//! What the declared sources declare, put together.

use std::path::{Path, PathBuf};

use realign_model::Database;
use realign_planner::{Diagnostic, Dialect, Facts, Scope, Severity};
use realign_runtime::{Connection, Error, ErrorKind, Target, inspect};
use realign_sources::{ClassReport, DoctrineOptions, SourceFile, load_doctrine_xml, merge};

use crate::{SchemaDocument, engine, files};

/// Kinds of sources that have a word of their own and no reader yet.
const PLANNED: [&str; 6] = ["sql", "doctrine-php", "exec", "migrations", "git", "rust"];

/// Something that yields a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Doctrine XML mapping: a folder or one file.
    DoctrineXml {
        /// As the person gave it.
        path: PathBuf,
        /// Where it starts when it is relative.
        folder: PathBuf,
    },
    /// A schema document; `-` is standard input.
    Document(PathBuf),
    /// A live database.
    Database(Target),
}

impl Source {
    /// Reads a source that is not a database's address: `doctrine-xml:database/xml`,
    /// `json:schema.json`. A relative path starts at `folder`.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Error> {
        const POSSIBLE: &str = "write doctrine-xml:PATH, json:FILE, or the URL of a live database";
        let Some((kind, path)) = text.split_once(':') else {
            let error = Error::new(
                ErrorKind::Usage,
                format!("`{text}` does not say what kind of source it is"),
            );
            return Err(if folder.join(text).exists() {
                error.with_help(format!("write doctrine-xml:{text}"))
            } else {
                error.with_help(POSSIBLE)
            });
        };
        match kind {
            "doctrine-xml" | "json" if path.is_empty() => Err(Error::new(
                ErrorKind::Usage,
                format!("after `{kind}:` the path is missing"),
            )),
            "doctrine-xml" => Ok(Self::DoctrineXml {
                path: PathBuf::from(path),
                folder: folder.to_path_buf(),
            }),
            "json" if path == "-" => Ok(Self::Document(PathBuf::from("-"))),
            "json" => Ok(Self::Document(folder.join(path))),
            kind if PLANNED.contains(&kind) => Err(Error::new(
                ErrorKind::Usage,
                format!("sources of the kind `{kind}:` are planned, not in this version"),
            )
            .with_help(POSSIBLE)),
            kind => Err(
                Error::new(ErrorKind::Usage, format!("`{kind}:` is no kind of source"))
                    .with_help(POSSIBLE),
            ),
        }
    }

    fn scope(&self) -> Scope {
        match self {
            Self::DoctrineXml { .. } => Scope::MAPPING,
            Self::Document(_) | Self::Database(_) => Scope::ALL,
        }
    }
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
}

impl Declared {
    /// True when nothing may be built on it.
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Reads all sources and merges them in order.
pub fn declared(
    sources: &[Source],
    options: &DoctrineOptions,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Result<Declared, Error> {
    let mut result = Declared {
        database: Database::default(),
        classes: Vec::new(),
        diagnostics: Vec::new(),
        scope: sources.iter().map(Source::scope).fold(
            Scope {
                routines: false,
                sequences: false,
            },
            |all, one| Scope {
                routines: all.routines || one.routines,
                sequences: all.sequences || one.sequences,
            },
        ),
    };
    let mut parts = Vec::new();
    // Mapped classes refer to each other across folders: neighbours are read as one mapping.
    let mut mapping: Vec<SourceFile> = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        match source {
            Source::DoctrineXml { path, folder } => {
                let (files, remarks) = files::mapping_files(path, folder)?;
                mapping.extend(files);
                result.diagnostics.extend(remarks);
                if matches!(sources.get(index + 1), Some(Source::DoctrineXml { .. })) {
                    continue;
                }
                let read = load_doctrine_xml(
                    std::mem::take(&mut mapping),
                    options,
                    dialect.doctrine(),
                    facts,
                );
                result.diagnostics.extend(read.diagnostics);
                result.classes.extend(read.classes);
                parts.push(read.database);
            }
            Source::Document(path) => {
                let text = files::text(path)?;
                let document = SchemaDocument::read(&text, &path.to_string_lossy())?;
                if let Some(other) = document.facts.filter(|f| f.dialect != facts.dialect) {
                    result.diagnostics.push(foreign(
                        &path.to_string_lossy(),
                        &other.dialect,
                        dialect,
                    ));
                }
                parts.push(document.database);
            }
            Source::Database(target) => {
                let other = engine(target)?;
                if other.dialect.name() != dialect.name() {
                    result.diagnostics.push(foreign(
                        &target.to_string(),
                        other.dialect.name(),
                        dialect,
                    ));
                    continue;
                }
                let connect = other.connect(target)?;
                let mut connection = Connection::open(connect.as_ref())?;
                let found = inspect(&mut connection, other.dialect, facts.doctrine)?;
                result.diagnostics.extend(found.remarks);
                parts.push(found.database);
            }
        }
    }
    let (database, remarks) = merge(parts);
    result.database = database;
    result.diagnostics.extend(remarks);
    Ok(result)
}

fn foreign(source: &str, engine: &str, dialect: &dyn Dialect) -> Diagnostic {
    Diagnostic::error(
        "D002",
        format!(
            "{source} is a schema of {engine}, and can't be compared with one of {}",
            dialect.name()
        ),
    )
    .with_help("schemas of two engines can't be compared in this version")
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use realign_runtime::ErrorKind;

    use super::Source;

    #[test]
    fn a_source_says_its_kind() {
        assert_eq!(
            Source::parse("doctrine-xml:database/xml", Path::new("/app")).unwrap(),
            Source::DoctrineXml {
                path: PathBuf::from("database/xml"),
                folder: PathBuf::from("/app")
            }
        );
        assert_eq!(
            Source::parse("json:-", Path::new("/app")).unwrap(),
            Source::Document(PathBuf::from("-"))
        );
    }

    #[test]
    fn what_is_planned_is_said_to_be() {
        for text in ["sql:schema/", "git:v4.6.0#doctrine-xml:x", "exec:make ddl"] {
            let error = Source::parse(text, Path::new("")).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage);
            assert!(error.message.contains("planned, not in this version"));
            assert!(error.help.unwrap().contains("doctrine-xml:PATH"));
        }
        let error = Source::parse("src", Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_err();
        assert_eq!(error.help.as_deref(), Some("write doctrine-xml:src"));
        assert!(Source::parse("doctrine-xml:", Path::new("")).is_err());
        assert!(Source::parse("yaml:x", Path::new("")).is_err());
    }
}
