//! What was typed, what the environment says and what the configuration says, resolved
//! once, in that order of rank. Nothing later looks at flags or reads a variable.

pub(crate) mod account;
mod application;
mod backup;
mod login;
mod migrations;
#[cfg(test)]
mod tests;
pub(crate) mod types;
mod upgrade;
mod variables;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use realign::planner::Profile;
use realign::runtime::kernel::{Answered, LockOptions};
use realign::runtime::{Error, ErrorKind, Target, state_folder};
use toml::Spanned;

use crate::args::{Format, IndexNames, Naming, Options, Settle};
use crate::config::{Config, CustomType, Lock};
use crate::report::doctrine::Speech;

use application::Application;
pub(crate) use backup::Backup;
pub(crate) use migrations::Migrations;
pub(crate) use upgrade::Upgrade;
pub(crate) use variables::Environment;

use login::Login;
use variables::Variables;

/// Variables that name the database, the first that is set.
pub(crate) const URL_VARIABLES: [&str; 2] = ["REALIGN_DATABASE_URL", "DATABASE_URL"];

/// How long a program may run that is a source, when nobody said.
const EXEC_SECONDS: u64 = 300;

/// How to talk to the person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// What is printed.
    pub(crate) format: Format,
    /// Only results and errors.
    pub(crate) quiet: bool,
    /// More; 2 is everything.
    pub(crate) verbose: u8,
    /// Questions may be asked.
    pub(crate) interactive: bool,
    /// The voice of the alias that was typed, when it was one.
    pub(crate) speech: Option<Speech>,
}

/// A value and where it was said.
#[derive(Debug, Clone)]
pub(crate) struct Said<T> {
    /// The value.
    pub(crate) value: T,
    /// `--schema`, `realign.toml:7`, `REALIGN_DATABASE_URL`, or `default`.
    pub(crate) place: String,
}

/// Declared renames.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Renames {
    /// Tables: present name, new name.
    pub(crate) tables: Vec<(String, String)>,
    /// Columns: table (its new name), present column, new column.
    pub(crate) columns: Vec<(String, String, String)>,
}

/// Everything a command needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    /// How to talk.
    pub(crate) output: Output,
    /// The configuration file that was read.
    pub(crate) config: Option<PathBuf>,
    /// Sources of the declared schema, in order; the folder each is relative to.
    pub(crate) sources: Vec<Source>,
    /// Whose rules name and type things.
    pub(crate) profile: Said<Profile>,
    /// Naming strategy.
    pub(crate) naming: Naming,
    /// In front of every table.
    pub(crate) table_prefix: String,
    /// Patterns that are nobody's business.
    pub(crate) ignore: Vec<String>,
    /// Declared character set.
    pub(crate) charset: Option<String>,
    /// Declared collation.
    pub(crate) collation: Option<String>,
    /// Types of the application's own.
    pub(crate) types: BTreeMap<String, CustomType>,
    /// How index names are taken.
    pub(crate) index_names: IndexNames,
    /// How long a program may run that is a source.
    pub(crate) exec_timeout: Duration,
    /// Where an engine reads the declared expressions: `auto` or a URL.
    pub(crate) scratch: Option<String>,
    /// Renames.
    pub(crate) renames: Renames,
    /// The server to plan for without a connection.
    pub(crate) server_version: Option<Said<String>>,
    /// Migrations.
    pub(crate) migrations: Migrations,
    /// How the lock is asked for.
    pub(crate) lock: LockOptions,
    /// What the person says of an open statement.
    pub(crate) settle: Option<Answered>,
    /// Backups.
    pub(crate) backup: Backup,
    /// The application around the database.
    application: Application,
    /// Upgrades.
    pub(crate) upgrade: Upgrade,
    database: Option<Login>,
    variables: Variables,
}

/// A source as it was said.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// `doctrine-xml:database/xml`, variables put in.
    pub(crate) text: String,
    /// Where its relative path starts.
    pub(crate) folder: PathBuf,
    /// Where it was said.
    pub(crate) place: String,
}

impl Settings {
    /// Resolves what was typed with the environment and the configuration.
    pub(crate) fn resolve(options: &Options, environment: &Environment) -> Result<Self, Error> {
        Self::resolve_as(options, environment, None)
    }

    /// The same with what the configuration said at another time in place of what it says now.
    pub(crate) fn resolve_as(
        options: &Options,
        environment: &Environment,
        text: Option<String>,
    ) -> Result<Self, Error> {
        let typed = &options.configured;
        let path = match &options.global.config {
            Some(path) => Some(path.clone()),
            None => Config::find(&environment.folder),
        };
        let env = options.global.env.as_deref();
        let config = match (&path, text) {
            (Some(path), Some(text)) => Some(Config::parse(text, path, env)?),
            (Some(path), None) => Some(Config::read(path, env)?),
            (None, _) if env.is_some() => {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "--env needs a configuration, and no realign.toml was found from here upwards",
                )
                .with_help("`realign init` writes one"));
            }
            (None, _) => None,
        };
        let said = config.as_ref();
        let document = said.map(|c| c.document.clone()).unwrap_or_default();
        let variables = Variables {
            process: environment.variables.clone(),
            files: match (said, &document.database.env_file) {
                (Some(config), Some(files)) => files
                    .get_ref()
                    .list()
                    .iter()
                    .map(|file| (config.folder.join(file), config.place(files)))
                    .collect(),
                _ => Vec::new(),
            },
            read: OnceLock::new(),
        };
        let text =
            |value: &Option<Spanned<String>>, key: &str| -> Result<Option<Said<String>>, Error> {
                match (value, said) {
                    (Some(value), Some(config)) => Ok(Some(Said {
                        value: variables.expand(
                            value.get_ref(),
                            key,
                            &config.place(value),
                            str::to_owned,
                        )?,
                        place: config.place(value),
                    })),
                    _ => Ok(None),
                }
            };
        let schema = &document.schema;

        let mut sources: Vec<Source> = typed
            .schema
            .iter()
            .map(|text| Source {
                text: text.clone(),
                folder: PathBuf::new(),
                place: "--schema".to_owned(),
            })
            .collect();
        if let (true, Some(config), Some(listed)) = (sources.is_empty(), said, &schema.sources) {
            for source in listed {
                let place = config.place(source);
                sources.push(Source {
                    text: variables.expand(
                        source.get_ref(),
                        "schema.sources",
                        &place,
                        str::to_owned,
                    )?,
                    folder: config.folder.clone(),
                    place,
                });
            }
        }

        let doctrine = match &typed.doctrine {
            Some(value) => Some(Said {
                value: value.clone(),
                place: "--doctrine".to_owned(),
            }),
            None => text(&schema.doctrine, "schema.doctrine")?,
        };
        let profile = match doctrine {
            None => Said {
                value: Profile::default(),
                place: "default".to_owned(),
            },
            Some(said) => Said {
                value: said.value.parse().map_err(|message: String| {
                    Error::new(ErrorKind::Usage, message).with_note(format!("at {}", said.place))
                })?,
                place: said.place,
            },
        };

        let from_file = |value: Option<Said<String>>| value.map(|said| said.value);
        let migrations = migrations::resolve(typed, said, &document.migrations, &text)?;
        let upgrade = upgrade::resolve(said, &document.upgrade, &|text, key| {
            let place = path.as_ref().map(|path| path.display().to_string());
            variables.expand(text, key, &place.unwrap_or_default(), str::to_owned)
        })?;
        let root = environment.folder.join(&upgrade.root);
        let state = match &upgrade.state {
            Some(folder) => environment.folder.join(folder),
            None => state_folder(&root),
        };
        let backup = backup::resolve(said, &document.backup, &state, &text)?;
        let ignore = if typed.ignore.is_empty() {
            schema.ignore.clone().unwrap_or_default()
        } else {
            typed.ignore.clone()
        };
        let settings = Self {
            output: Output {
                format: options.global.format.unwrap_or(Format::Text),
                quiet: options.global.quiet,
                verbose: options.global.verbose,
                // What is not shown can't be answered.
                interactive: !options.global.no_interaction && !options.global.quiet,
                speech: None,
            },
            sources,
            profile,
            naming: typed.naming.or(schema.naming).unwrap_or_default(),
            table_prefix: match &typed.table_prefix {
                Some(prefix) => prefix.clone(),
                None => from_file(text(&schema.table_prefix, "schema.table_prefix")?)
                    .unwrap_or_default(),
            },
            ignore,
            charset: typed.charset.clone().or(schema.charset.clone()),
            collation: typed.collation.clone().or(schema.collation.clone()),
            scratch: match &typed.scratch {
                Some(scratch) => Some(scratch.clone()),
                None => from_file(text(&schema.scratch, "schema.scratch")?),
            },
            exec_timeout: Duration::from_secs(
                typed
                    .exec_timeout
                    .or(schema.exec_timeout)
                    .unwrap_or(EXEC_SECONDS)
                    .max(1),
            ),
            index_names: typed.index_names.or(schema.index_names).unwrap_or_default(),
            types: types::checked(&schema.types)?,
            renames: renames(said, &document.renames)?,
            server_version: match &typed.server_version {
                Some(value) => Some(Said {
                    value: value.clone(),
                    place: "--server-version".to_owned(),
                }),
                None => text(&document.database.server_version, "database.server_version")?,
            },
            migrations,
            lock: lock(typed.lock_wait, &document.lock),
            settle: typed.settle.map(|answer| match answer {
                Settle::Ran => Answered::Ran,
                Settle::DidNotRun => Answered::DidNotRun,
                Settle::Undo => Answered::Undo,
            }),
            backup,
            application: Application {
                root,
                state: document.upgrade.state.as_ref().map(|state| {
                    let folder = said.map(|config| config.folder.clone());
                    folder.unwrap_or_default().join(state)
                }),
                maintenance: document.maintenance.clone(),
                cache: document.cache.clone(),
                upgrade_cache: document.upgrade.cache.clone().unwrap_or_default(),
                user: document.upgrade.user.clone(),
            },
            upgrade,
            database: Login::find(options, environment, said),
            config: path,
            variables,
        };
        Ok(settings)
    }

    /// Where the database's URL was said, when it was.
    pub(crate) fn database_place(&self) -> Option<&str> {
        self.database.as_ref().map(|login| login.place.as_str())
    }

    /// The database. Reads password files and runs password commands only now, when a
    /// command really needs the database.
    pub(crate) fn target(&self) -> Result<Target, Error> {
        let Some(login) = &self.database else {
            return Err(Error::new(ErrorKind::Usage, "no database is named").with_help(
                "give --database-url URL, set REALIGN_DATABASE_URL, or write [database] url in realign.toml",
            ));
        };
        login.target(&self.variables)
    }

    /// A text of the configuration with its variables put in.
    fn expanded(&self, text: &str, key: &str) -> Result<String, Error> {
        let place = match &self.config {
            Some(path) => path.display().to_string(),
            None => "the command line".to_owned(),
        };
        self.variables.expand(text, key, &place, str::to_owned)
    }

    /// A database that was typed as a URL in place of a source.
    pub(crate) fn target_of(&self, url: &str) -> Result<Target, Error> {
        Login::typed(url, "the command line").target(&self.variables)
    }
}

/// Reads a value of the configuration with its variables put in, by its key.
type Text<'a> = &'a dyn Fn(&Option<Spanned<String>>, &str) -> Result<Option<Said<String>>, Error>;

fn lock(wait: Option<u64>, written: &Lock) -> LockOptions {
    let usual = LockOptions::default();
    let seconds = |value: Option<u64>| value.map(std::time::Duration::from_secs);
    LockOptions {
        wait: seconds(wait.or(written.wait)).unwrap_or(usual.wait),
        lease: seconds(written.lease.map(|lease| lease.max(1))).unwrap_or(usual.lease),
    }
}

fn renames(
    config: Option<&Config>,
    written: &BTreeMap<String, Spanned<String>>,
) -> Result<Renames, Error> {
    let mut renames = Renames::default();
    for (from, to) in written {
        let new = to.get_ref();
        match (from.split_once('.'), new.split_once('.')) {
            (None, None) => renames.tables.push((from.clone(), new.clone())),
            (Some((table, column)), None) => {
                renames
                    .columns
                    .push((table.to_owned(), column.to_owned(), new.clone()));
            }
            (Some((table, column)), Some((same, new))) if table == same => {
                renames
                    .columns
                    .push((table.to_owned(), column.to_owned(), new.to_owned()));
            }
            _ => {
                let place = config.map(|c| c.place(to)).unwrap_or_default();
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!("the rename of `{from}` to `{new}` makes no sense"),
                )
                .with_note(format!("at {place}"))
                .with_help(
                    "write old_table = \"new_table\" or \"table.old_column\" = \"new_column\"",
                ));
            }
        }
    }
    Ok(renames)
}
