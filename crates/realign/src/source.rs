//! What a person can write where a schema is asked for.

use std::path::{Path, PathBuf};

use realign_planner::Scope;
use realign_runtime::{Error, ErrorKind, Target};

/// Kinds of sources that have a word of their own and no reader yet.
const PLANNED: [&str; 2] = ["doctrine-php", "rust"];
const POSSIBLE: &str = "write sql:PATH, doctrine-xml:PATH, migrations:DIR, exec:COMMAND, json:FILE, git:REV#SOURCE, or the URL of a live database";

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
    /// SQL of the database's own dialect: files, and folders that are read in the order of names.
    /// `-` is standard input.
    Sql(Vec<PathBuf>),
    /// A folder of migrations: what going up through all of them makes.
    Migrations(PathBuf),
    /// A program that prints SQL or a schema document.
    Program {
        /// The program and its arguments.
        words: Vec<String>,
        /// Where it runs.
        folder: PathBuf,
    },
    /// A schema document; `-` is standard input.
    Document(PathBuf),
    /// A live database.
    Database(Target),
    /// A source of files as it stands at a revision in git.
    Git {
        /// A tag, a branch, a commit.
        revision: String,
        /// The source.
        source: Box<Source>,
    },
}

impl Source {
    /// Reads a source that is not a database's address: `doctrine-xml:database/xml`,
    /// `sql:schema/`. A relative path starts at `folder`.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Error> {
        let Some((kind, rest)) = text.split_once(':') else {
            let error = Error::new(
                ErrorKind::Usage,
                format!("`{text}` does not say what kind of source it is"),
            );
            return Err(if folder.join(text).exists() {
                error.with_help(format!("write {}:{text}", likely(text)))
            } else {
                error.with_help(POSSIBLE)
            });
        };
        let rest = rest.trim();
        if rest.is_empty()
            && matches!(
                kind,
                "doctrine-xml" | "json" | "sql" | "migrations" | "exec"
            )
        {
            let missing = if kind == "exec" { "program" } else { "path" };
            return Err(Error::new(
                ErrorKind::Usage,
                format!("after `{kind}:` the {missing} is missing"),
            ));
        }
        let standard = rest == "-";
        match kind {
            "doctrine-xml" => Ok(Self::DoctrineXml {
                path: PathBuf::from(rest),
                folder: folder.to_path_buf(),
            }),
            "sql" | "json" if standard => Ok(match kind {
                "sql" => Self::Sql(vec![PathBuf::from(rest)]),
                _ => Self::Document(PathBuf::from(rest)),
            }),
            "json" => Ok(Self::Document(folder.join(rest))),
            "sql" => Ok(Self::Sql(paths(rest, folder))),
            "migrations" => Ok(Self::Migrations(folder.join(rest))),
            "exec" => match shlex::split(rest) {
                Some(words) if !words.is_empty() => Ok(Self::Program {
                    words,
                    folder: folder.to_path_buf(),
                }),
                _ => Err(Error::new(
                    ErrorKind::Usage,
                    format!("`{rest}` can't be taken apart into a program and its arguments"),
                )
                .with_help(
                    "a quote is not closed; no shell is involved, quotes only hold words together",
                )),
            },
            "git" => at_revision(rest, folder),
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

    /// What it can declare at all.
    pub fn scope(&self) -> Scope {
        match self {
            Self::DoctrineXml { .. } => Scope::MAPPING,
            Self::Sql(_)
            | Self::Migrations(_)
            | Self::Program { .. }
            | Self::Document(_)
            | Self::Database(_) => Scope::ALL,
            Self::Git { source, .. } => source.scope(),
        }
    }

    /// The same source at a revision in git, where it is one of files.
    #[must_use]
    pub fn at(self, revision: &str) -> Self {
        if self.files().is_empty() {
            return self;
        }
        Self::Git {
            revision: revision.to_owned(),
            source: Box::new(self),
        }
    }

    /// The files and folders that it is read from; empty for a source of another kind.
    pub fn files(&self) -> Vec<PathBuf> {
        match self {
            Self::DoctrineXml { path, folder } => vec![folder.join(path)],
            Self::Sql(paths) if paths.iter().any(|path| path.as_os_str() == "-") => Vec::new(),
            Self::Sql(paths) => paths.clone(),
            Self::Document(path) if path.as_os_str() == "-" => Vec::new(),
            Self::Migrations(path) | Self::Document(path) => vec![path.clone()],
            Self::Program { .. } | Self::Database(_) | Self::Git { .. } => Vec::new(),
        }
    }
}

/// `REV#SOURCE`.
fn at_revision(text: &str, folder: &Path) -> Result<Source, Error> {
    let usage = |message: String| {
        Error::new(ErrorKind::Usage, message)
            .with_help("write git:REVISION#SOURCE, e.g. git:v4.6.0#doctrine-xml:database/xml")
    };
    let Some((revision, inner)) = text.split_once('#') else {
        return Err(usage(format!("`git:{text}` names no source after a `#`")));
    };
    if revision.is_empty() || revision.starts_with('-') {
        return Err(usage(format!("`{revision}` is no name of a revision")));
    }
    let source = Source::parse(inner, folder)?;
    if source.files().is_empty() {
        return Err(usage(format!("`{inner}` is no source of files")));
    }
    Ok(source.at(revision))
}

/// The kind of source that a path looks like.
fn likely(path: &str) -> &'static str {
    let ends = |ending: &str| {
        Path::new(path)
            .extension()
            .is_some_and(|found| found.eq_ignore_ascii_case(ending))
    };
    if ends("sql") {
        "sql"
    } else if ends("json") {
        "json"
    } else {
        "doctrine-xml"
    }
}

/// One path, or several with commas between them; a path that has a comma and is there is one.
fn paths(text: &str, folder: &Path) -> Vec<PathBuf> {
    let whole = folder.join(text);
    if whole.exists() {
        return vec![whole];
    }
    text.split(',')
        .map(str::trim)
        .filter(|path| !path.is_empty())
        .map(|path| folder.join(path))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use realign_runtime::ErrorKind;

    use super::Source;

    fn parse(text: &str) -> Source {
        Source::parse(text, Path::new("/app")).unwrap()
    }

    #[test]
    fn a_source_says_its_kind() {
        assert_eq!(
            parse("doctrine-xml:database/xml"),
            Source::DoctrineXml {
                path: PathBuf::from("database/xml"),
                folder: PathBuf::from("/app")
            }
        );
        assert_eq!(parse("json:-"), Source::Document(PathBuf::from("-")));
        assert_eq!(
            parse("sql:a.sql, b"),
            Source::Sql(vec![PathBuf::from("/app/a.sql"), PathBuf::from("/app/b")])
        );
        assert_eq!(parse("sql:-"), Source::Sql(vec![PathBuf::from("-")]));
        assert_eq!(
            parse("migrations:db"),
            Source::Migrations(PathBuf::from("/app/db"))
        );
    }

    #[test]
    fn a_program_is_taken_apart_without_a_shell() {
        let Source::Program { words, folder } = parse("exec:php 'a b' --x=\"$HOME;ls\"") else {
            panic!("no program");
        };
        assert_eq!(words, ["php", "a b", "--x=$HOME;ls"]);
        assert_eq!(folder, Path::new("/app"));
        assert!(Source::parse("exec:php 'a", Path::new("")).is_err());
        assert!(Source::parse("exec: ", Path::new("")).is_err());
    }

    #[test]
    fn a_source_at_a_revision() {
        assert_eq!(
            parse("git:v4.6.0#doctrine-xml:database/xml"),
            parse("doctrine-xml:database/xml").at("v4.6.0")
        );
        for text in [
            "git:v4.6.0",
            "git:#doctrine-xml:x",
            "git:--upload-pack=x#doctrine-xml:x",
            "git:a#git:b#doctrine-xml:x",
            "git:a#json:-",
            "git:a#exec:ls",
        ] {
            let error = Source::parse(text, Path::new("/app")).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{text}");
        }
    }

    #[test]
    fn what_is_planned_is_said_to_be() {
        for text in ["git:v4.6.0#doctrine-php:x", "doctrine-php:src"] {
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
