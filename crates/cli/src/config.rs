//! `realign.toml`: what it may say, and where in it something was said.

mod application;
mod backup;
mod explain;
mod migrations;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use realign::runtime::upgrade::{Step, Way};
use realign::runtime::{Error, ErrorKind};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::args::{IndexNames, Naming};

pub(crate) use application::{Cache, CacheEntry, Flag, Maintenance};
pub(crate) use backup::Backup;
pub(crate) use explain::nearest;
use explain::{explain, line};
pub(crate) use migrations::{Late, Migrations, Organize, Transaction};
pub(crate) use types::CustomType;

/// The file's usual name.
pub(crate) const FILE_NAME: &str = "realign.toml";

/// The configuration of an application: what realign.toml may say. `${NAME}` in a text
/// stands for a variable of the environment or of `database.env_file`; paths are relative to
/// the file's folder.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "realign.toml")]
pub(crate) struct Document {
    /// The database and how to log in.
    pub(crate) database: Database,
    /// The declared schema.
    pub(crate) schema: Schema,
    /// Declared renames: `old_table = "new_table"`, `"table.old_column" = "new_column"`.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(crate) renames: BTreeMap<String, Spanned<String>>,
    /// Migrations.
    pub(crate) migrations: Migrations,
    /// The lock that all who write wait for.
    pub(crate) lock: Lock,
    /// Upgrades of the application.
    pub(crate) upgrade: Upgrade,
    /// Backups of the database.
    pub(crate) backup: Backup,
    /// Maintenance mode of the application.
    pub(crate) maintenance: Maintenance,
    /// Caches of the application.
    pub(crate) cache: Cache,
    /// Overrides by name, chosen with `--env NAME`.
    pub(crate) env: BTreeMap<String, Overrides>,
}

/// What `[env.NAME]` may say: the same sections; what it leaves out stays as it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Overrides {
    /// The database and how to log in.
    pub(crate) database: Database,
    /// The declared schema.
    pub(crate) schema: Schema,
    /// Declared renames, in addition.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(crate) renames: BTreeMap<String, Spanned<String>>,
    /// Migrations.
    pub(crate) migrations: Migrations,
    /// The lock that all who write wait for.
    pub(crate) lock: Lock,
    /// Upgrades of the application.
    pub(crate) upgrade: Upgrade,
    /// Backups of the database.
    pub(crate) backup: Backup,
    /// Maintenance mode of the application.
    pub(crate) maintenance: Maintenance,
    /// Caches of the application.
    pub(crate) cache: Cache,
}

/// `[database]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// Its URL: `mysql://user:${DB_PASSWORD}@host/name`, `mariadb://…`, `sqlite:file.db`. A variable
    /// inside is percent-encoded by itself; one that is the whole URL is taken as it stands.
    #[schemars(with = "Option<String>")]
    pub(crate) url: Option<Spanned<String>>,
    /// The password; better a variable than the text itself.
    #[schemars(with = "Option<String>")]
    pub(crate) password: Option<Spanned<String>>,
    /// A file whose first line is the password.
    #[schemars(with = "Option<String>")]
    pub(crate) password_file: Option<Spanned<String>>,
    /// A program and its arguments that print the password; no shell.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) password_command: Option<Spanned<Vec<String>>>,
    /// The application's own `.env`, or several, later ones first in rank: where `${NAME}` is looked
    /// up when the environment does not have it.
    #[schemars(with = "Option<OneOrMany>")]
    pub(crate) env_file: Option<Spanned<OneOrMany>>,
    /// TLS: `disable`, `prefer`, `require`, `verify-ca`, `verify-full`.
    #[schemars(with = "Option<String>")]
    pub(crate) sslmode: Option<Spanned<String>>,
    /// File with the authority that signed the server's certificate.
    #[schemars(with = "Option<String>")]
    pub(crate) sslrootcert: Option<Spanned<String>>,
    /// The server, for work without a connection: `mariadb-10.11`.
    #[schemars(with = "Option<String>")]
    pub(crate) server_version: Option<Spanned<String>>,
}

/// One text or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a text in quotes, or a list of them, belongs here"
)]
pub(crate) enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    pub(crate) fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// `[schema]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Schema {
    /// Where the schema is declared, in order: `doctrine-xml:database/xml`.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) sources: Option<Vec<Spanned<String>>>,
    /// Whose rules name and type things: `2`, `3`, `4`, or exactly `orm-2.14/dbal-3.6`.
    #[schemars(with = "Option<String>")]
    pub(crate) doctrine: Option<Spanned<String>>,
    /// Naming strategy of the mapping.
    pub(crate) naming: Option<Naming>,
    /// Put in front of every table that the mapping names.
    #[schemars(with = "Option<String>")]
    pub(crate) table_prefix: Option<Spanned<String>>,
    /// Patterns of tables, columns and indexes that are nobody's business: `tmp_*`, `leads.cf_*`.
    pub(crate) ignore: Option<Vec<String>>,
    /// Character set of tables whose mapping names none.
    pub(crate) charset: Option<String>,
    /// Collation of tables whose mapping names none.
    pub(crate) collation: Option<String>,
    /// Index names as declared, or with the table's name in front where one is used twice.
    pub(crate) index_names: Option<IndexNames>,
    /// `auto`, or the URL of a server: lets an engine read the declared expressions.
    #[schemars(with = "Option<String>")]
    pub(crate) scratch: Option<Spanned<String>>,
    /// How long a program of an `exec:` source may run, in seconds (300).
    #[schemars(range(min = 1))]
    pub(crate) exec_timeout: Option<u64>,
    /// Types of the application's own: `money = { type = "decimal", precision = 12, scale = 4 }`.
    pub(crate) types: BTreeMap<String, CustomType>,
}

/// `[lock]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Lock {
    /// How long to wait for another run that writes, in seconds (60).
    pub(crate) wait: Option<u64>,
    /// How long a run that says nothing any more keeps the lock, in seconds (30).
    #[schemars(range(min = 1))]
    pub(crate) lease: Option<u64>,
}

/// `[upgrade]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Upgrade {
    /// A shipped recipe (`ixp-manager`, `mautic`, `generic`), or a file.
    pub(crate) app: Option<String>,
    /// The application's checkout.
    pub(crate) root: Option<String>,
    /// Where versions are found: `git-tags`, or `git-tags:release-{version}`.
    pub(crate) versions: Option<String>,
    /// Which versions lie on the way: `each-minor`, `each-release`, `direct`.
    pub(crate) path: Option<Way>,
    /// Where the present release is found when the database does not have it recorded: `git`, or
    /// `file:VERSION` with a file of the application.
    pub(crate) current: Option<String>,
    /// A command that prints the present release.
    pub(crate) current_command: Option<Vec<String>>,
    /// The user that the application runs as.
    pub(crate) user: Option<String>,
    /// That user's home, when another than the system says.
    pub(crate) home: Option<String>,
    /// Variables for every command.
    pub(crate) env: Option<BTreeMap<String, String>>,
    /// Folder of version-specific steps: `*.toml`.
    pub(crate) steps: Option<String>,
    /// Caches to flush.
    pub(crate) cache: Option<Vec<String>>,
    /// Services that are restarted wherever caches are emptied, by `systemctl`.
    pub(crate) services: Option<Vec<String>>,
    /// Folder for the journal, outside of the checkout.
    pub(crate) state: Option<String>,
    /// Whether `run` fetches first; by itself it does where there is a remote.
    pub(crate) fetch: Option<bool>,
    /// A page that has to answer with 200 once a release is verified.
    pub(crate) health: Option<String>,
    /// Further steps, in place of a file of them.
    pub(crate) step: Option<Vec<Step>>,
}

/// A configuration file that was read.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The file, as a person would name it from here.
    pub(crate) path: PathBuf,
    /// Its folder: relative paths start there.
    pub(crate) folder: PathBuf,
    /// What it says, overrides put in.
    pub(crate) document: Document,
    /// The text itself.
    pub(crate) text: String,
}

impl Config {
    /// Looks for the usual file in a folder and all above it.
    pub(crate) fn find(from: &Path) -> Option<PathBuf> {
        let mut up = PathBuf::new();
        for folder in from.ancestors() {
            if folder.join(FILE_NAME).is_file() {
                return Some(up.join(FILE_NAME));
            }
            up.push("..");
        }
        None
    }

    /// Reads a file and puts the overrides of one environment in.
    pub(crate) fn read(path: &Path, env: Option<&str>) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|error| {
            let shown = format!("can't read {}: {error}", path.display());
            let told = Error::new(ErrorKind::Usage, shown);
            match error.kind() {
                std::io::ErrorKind::NotFound => told.with_help("`realign init` writes one"),
                _ => told,
            }
        })?;
        let text = String::from_utf8(bytes).map_err(|_| {
            let shown = format!("can't read {}: it is no UTF-8 text", path.display());
            Error::new(ErrorKind::Usage, shown)
        })?;
        Self::parse(text, path, env)
    }

    /// The same from a text.
    pub(crate) fn parse(text: String, path: &Path, env: Option<&str>) -> Result<Self, Error> {
        let document: Document =
            toml::from_str(&text).map_err(|error| explain(&error, &text, path))?;
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let mut config = Self {
            path: path.to_path_buf(),
            folder,
            document,
            text,
        };
        if let Some(name) = env {
            let Some(overrides) = config.document.env.remove(name) else {
                let known: Vec<&str> = config.document.env.keys().map(String::as_str).collect();
                let message = format!("{} has no [env.{name}]", path.display());
                return Err(Error::new(ErrorKind::Usage, message).with_help(
                    match (nearest(name, known.iter().copied()), known.is_empty()) {
                        (Some(near), _) => format!("did you mean `{near}`?"),
                        (None, true) => "it has no [env.…] section at all".to_owned(),
                        (None, false) => format!("it has {}", known.join(", ")),
                    },
                ));
            };
            config.document.overridden_by(overrides);
        }
        Ok(config)
    }

    /// `realign.toml:7` for a value.
    pub(crate) fn place<T>(&self, value: &Spanned<T>) -> String {
        format!(
            "{}:{}",
            self.path.display(),
            line(&self.text, value.span().start)
        )
    }
}

impl Document {
    fn overridden_by(&mut self, over: Overrides) {
        /// Takes each named field from the overrides where they have it.
        macro_rules! take {
            ($section:ident: $($field:ident),*) => {
                $(if over.$section.$field.is_some() {
                    self.$section.$field = over.$section.$field;
                })*
            };
        }
        // A login belongs together: a new way to the password replaces the old one.
        if over.database.password.is_some()
            || over.database.password_file.is_some()
            || over.database.password_command.is_some()
            || over.database.url.is_some()
        {
            self.database.password = None;
            self.database.password_file = None;
            self.database.password_command = None;
        }
        take!(database: url, password, password_file, password_command, env_file, sslmode,
            sslrootcert, server_version);
        take!(schema: sources, doctrine, naming, table_prefix, ignore, charset, collation,
            index_names, scratch, exec_timeout);
        take!(migrations: dir, namespace, paths, table, columns, transaction, organize, late,
            repeatable, placeholders);
        take!(lock: wait, lease);
        take!(backup: dir, keep);
        take!(maintenance: flag, file, message, retry, allow, down, up, user);
        take!(cache: clear);
        take!(upgrade: app, root, versions, path, current, current_command, user, home, env, steps,
            cache, services, state, fetch, health, step);
        self.schema.types.extend(over.schema.types);
        self.renames.extend(over.renames);
    }
}

/// The published description of the file, as JSON.
pub(crate) fn json_schema() -> String {
    let schema = schemars::schema_for!(Document);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
