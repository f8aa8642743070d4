//! What was typed, what the environment says and what the configuration says, resolved
//! once, in that order of rank. Nothing later looks at flags or reads a variable.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use realign::planner::Profile;
use realign::runtime::{Error, ErrorKind, Secret, Target};
use toml::Spanned;

use crate::args::{Color, Format, IndexNames, Naming, Options};
use crate::config::{Config, Transaction, Upgrade};
use crate::{address, dotenv};

/// Variables that name the database, the first that is set.
pub(crate) const URL_VARIABLES: [&str; 2] = ["REALIGN_DATABASE_URL", "DATABASE_URL"];

/// How to talk to the person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// What is printed.
    pub(crate) format: Format,
    /// Only results and errors.
    pub(crate) quiet: bool,
    /// More; 2 is everything.
    pub(crate) verbose: u8,
    /// When to colour.
    pub(crate) color: Color,
    /// Questions may be asked.
    pub(crate) interactive: bool,
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

/// `[migrations]`, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Migrations {
    /// Their folder.
    pub(crate) dir: PathBuf,
    /// The history table.
    pub(crate) table: String,
    /// What one transaction holds.
    pub(crate) transaction: Transaction,
}

/// Everything a command needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    /// How to talk.
    pub(crate) output: Output,
    /// The configuration file that was read.
    pub(crate) config: Option<PathBuf>,
    /// Where relative paths of typed sources start: `sources` of a file start at its folder.
    pub(crate) folder: PathBuf,
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
    /// How index names are taken.
    pub(crate) index_names: IndexNames,
    /// Renames.
    pub(crate) renames: Renames,
    /// The server to plan for without a connection.
    pub(crate) server_version: Option<Said<String>>,
    /// Migrations.
    pub(crate) migrations: Migrations,
    /// Upgrades, as written.
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
        let typed = &options.configured;
        let path = match &options.global.config {
            Some(path) => Some(path.clone()),
            None => Config::find(&environment.folder),
        };
        let env = options.global.env.as_deref();
        let config = match &path {
            Some(path) => Some(Config::read(path, env)?),
            None if env.is_some() => {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "--env needs a configuration, and no realign.toml was found from here upwards",
                )
                .with_help("`realign init` writes one"));
            }
            None => None,
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
            read: OnceCell::new(),
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
        let migrations = &document.migrations;
        let dir = match (
            &typed.migrations_dir,
            text(&migrations.dir, "migrations.dir")?,
            said,
        ) {
            (Some(dir), ..) => dir.clone(),
            (None, Some(dir), Some(config)) => config.folder.join(dir.value),
            (None, _, Some(config)) => config.folder.join("migrations"),
            (None, _, None) => PathBuf::from("migrations"),
        };
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
                color: options.global.color.unwrap_or_default(),
                interactive: !options.global.no_interaction,
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
            index_names: typed.index_names.or(schema.index_names).unwrap_or_default(),
            renames: renames(said, &document.renames)?,
            server_version: match &typed.server_version {
                Some(value) => Some(Said {
                    value: value.clone(),
                    place: "--server-version".to_owned(),
                }),
                None => text(&document.database.server_version, "database.server_version")?,
            },
            migrations: Migrations {
                dir,
                table: match &typed.migrations_table {
                    Some(table) => table.clone(),
                    None => from_file(text(&migrations.table, "migrations.table")?)
                        .unwrap_or_else(|| "realign_migrations".to_owned()),
                },
                transaction: migrations.transaction.unwrap_or_default(),
            },
            upgrade: document.upgrade.clone(),
            database: Login::find(options, environment, said),
            folder: PathBuf::new(),
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

    /// A database that was typed as a URL in place of a source.
    pub(crate) fn target_of(&self, url: &str) -> Result<Target, Error> {
        Login::typed(url, "the command line").target(&self.variables)
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

/// The process's environment, taken once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    /// Variables.
    pub(crate) variables: BTreeMap<String, String>,
    /// The working folder, absolute.
    pub(crate) folder: PathBuf,
}

impl Environment {
    /// That of this process. Variables that are no Unicode are left out.
    pub(crate) fn of_process() -> Self {
        Self {
            variables: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            folder: std::env::current_dir().unwrap_or_default(),
        }
    }
}

/// Where `${NAME}` is looked up: the environment, then the application's `.env` files,
/// which are read when they are first needed.
#[derive(Debug)]
struct Variables {
    process: BTreeMap<String, String>,
    files: Vec<(PathBuf, String)>,
    read: OnceCell<BTreeMap<String, String>>,
}

impl Variables {
    fn get(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(value) = self.process.get(name) {
            return Ok(Some(value.clone()));
        }
        if self.read.get().is_none() {
            let mut known = BTreeMap::new();
            for (path, place) in &self.files {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Error::new(
                        ErrorKind::Usage,
                        format!("can't read the env_file {}: {error}", path.display()),
                    )
                    .with_note(format!("named at {place}"))
                })?;
                let found = dotenv::read(&text, &known);
                known.extend(found);
            }
            // Only this function fills the cell.
            let _ = self.read.set(known);
        }
        Ok(self.read.get().and_then(|known| known.get(name)).cloned())
    }

    /// Puts variables in; `write` shapes each value for its surroundings. `$${` is a literal `${`.
    fn expand(
        &self,
        text: &str,
        key: &str,
        place: &str,
        write: fn(&str) -> String,
    ) -> Result<String, Error> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                out.push_str(&rest[..at]);
                out.push('{');
                rest = &rest[at + 2..];
                continue;
            }
            out.push_str(&rest[..at]);
            let Some((name, tail)) = rest[at + 2..].split_once('}') else {
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!("`{key}` has a `${{` without `}}`"),
                )
                .with_note(format!("at {place}")));
            };
            match self.get(name)? {
                Some(value) => out.push_str(&write(&value)),
                None => return Err(self.missing(name, key, place)),
            }
            rest = tail;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn missing(&self, name: &str, key: &str, place: &str) -> Error {
        let mut error = Error::new(
            ErrorKind::Usage,
            format!("`{key}` needs the variable {name}, which is not set"),
        )
        .with_note(format!("at {place}"));
        for (path, _) in &self.files {
            error = error.with_note(format!("nor does {} have it", path.display()));
        }
        error.with_help(format!("set it for this run: {name}=… realign …"))
    }
}

/// How to reach the database, not yet put together.
#[derive(Debug)]
struct Login {
    url: String,
    /// Where the URL was said.
    place: String,
    /// Relative paths start here.
    folder: PathBuf,
    password: Option<Password>,
    parameters: Vec<(&'static str, String, String)>,
}

/// Where the password comes from when it is not in the URL, and where that was said.
#[derive(Debug)]
enum Password {
    Text(Secret, String),
    File(String, String),
    Command(Vec<String>, String),
}

impl Login {
    fn typed(url: &str, place: &str) -> Self {
        Self {
            url: url.to_owned(),
            place: place.to_owned(),
            folder: PathBuf::new(),
            password: None,
            parameters: Vec::new(),
        }
    }

    /// The URL of the highest rank: option, environment, file.
    fn find(options: &Options, environment: &Environment, config: Option<&Config>) -> Option<Self> {
        if let Some(url) = &options.global.database_url {
            return Some(Self::typed(url, "--database-url"));
        }
        for name in URL_VARIABLES {
            if let Some(url) = environment
                .variables
                .get(name)
                .filter(|url| !url.is_empty())
            {
                return Some(Self::typed(url, name));
            }
        }
        let config = config?;
        let database = &config.document.database;
        let url = database.url.as_ref()?;
        let place = |value: &Spanned<String>| config.place(value);
        let password = if let Some(command) = &database.password_command {
            Some(Password::Command(
                command.get_ref().clone(),
                config.place(command),
            ))
        } else if let Some(file) = &database.password_file {
            Some(Password::File(file.get_ref().clone(), place(file)))
        } else {
            database
                .password
                .as_ref()
                .map(|text| Password::Text(Secret::new(text.get_ref()), place(text)))
        };
        let parameters = [
            ("sslmode", &database.sslmode),
            ("sslrootcert", &database.sslrootcert),
        ]
        .into_iter()
        .filter_map(|(name, value)| {
            value
                .as_ref()
                .map(|value| (name, value.get_ref().clone(), place(value)))
        })
        .collect();
        Some(Self {
            url: url.get_ref().clone(),
            place: config.place(url),
            folder: config.folder.clone(),
            password,
            parameters,
        })
    }

    fn target(&self, variables: &Variables) -> Result<Target, Error> {
        let text = self.url.trim();
        // A variable that is the whole URL is one; a variable inside is a piece of text.
        let whole = text.starts_with("${") && text.find('}') == Some(text.len() - 1);
        let write = if whole {
            str::to_owned
        } else {
            address::encode
        };
        let url = variables.expand(text, "database.url", &self.place, write)?;
        // Symfony's own word for the application's folder, in its .env.
        let url = url.replace("%kernel.project_dir%", &absolute(&self.folder));
        let mut target = address::parse(&url, &self.folder)
            .map_err(|error| error.with_note(format!("url from {}", self.place)))?;
        for (name, value, place) in &self.parameters {
            let value =
                variables.expand(value, &format!("database.{name}"), place, str::to_owned)?;
            let value = if *name == "sslrootcert" {
                self.folder.join(value).to_string_lossy().into_owned()
            } else {
                value
            };
            target.parameters.entry((*name).to_owned()).or_insert(value);
        }
        if let (None, Some(password)) = (&target.password, &self.password) {
            target.password = Some(password.get(&self.folder, variables)?);
        }
        Ok(target)
    }
}

impl Password {
    fn get(&self, folder: &Path, variables: &Variables) -> Result<Secret, Error> {
        let failed = |what: String, place: &str| {
            Error::new(ErrorKind::Usage, what).with_note(format!("at {place}"))
        };
        match self {
            Self::Text(text, place) => Ok(Secret::new(variables.expand(
                text.expose(),
                "database.password",
                place,
                str::to_owned,
            )?)),
            Self::File(file, place) => {
                let file =
                    variables.expand(file, "database.password_file", place, str::to_owned)?;
                let path = folder.join(file);
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    failed(
                        format!("can't read the password_file {}: {error}", path.display()),
                        place,
                    )
                })?;
                Ok(Secret::new(text.lines().next().unwrap_or_default()))
            }
            Self::Command(words, place) => {
                let Some((program, arguments)) = words.split_first() else {
                    return Err(failed("password_command is empty".to_owned(), place));
                };
                let mut command = std::process::Command::new(program);
                command
                    .args(arguments)
                    .stdin(std::process::Stdio::null())
                    .stderr(std::process::Stdio::inherit());
                if !folder.as_os_str().is_empty() {
                    command.current_dir(folder);
                }
                let output = command.output().map_err(|error| {
                    failed(
                        format!("can't run the password_command `{program}`: {error}"),
                        place,
                    )
                })?;
                if !output.status.success() {
                    return Err(failed(
                        format!("the password_command `{program}` failed: {}", output.status),
                        place,
                    ));
                }
                let text = String::from_utf8_lossy(&output.stdout);
                Ok(Secret::new(text.lines().next().unwrap_or_default()))
            }
        }
    }
}

fn absolute(folder: &Path) -> String {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    std::fs::canonicalize(folder)
        .unwrap_or_else(|_| folder.to_path_buf())
        .to_string_lossy()
        .into_owned()
}
