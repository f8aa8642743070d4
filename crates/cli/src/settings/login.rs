//! How the database is reached: its URL, its password, its TLS, from wherever they were said.

use std::path::Path;
use std::path::PathBuf;

use realign::runtime::{Error, ErrorKind, Secret, Target};
use toml::Spanned;

use super::URL_VARIABLES;
use super::variables::{Environment, Variables};
use crate::address;
use crate::args::Options;
use crate::config::Config;

/// How to reach the database, not yet put together.
#[derive(Debug)]
pub(super) struct Login {
    url: String,
    /// Where the URL was said.
    pub(super) place: String,
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
    pub(super) fn typed(url: &str, place: &str) -> Self {
        Self {
            url: url.to_owned(),
            place: place.to_owned(),
            folder: PathBuf::new(),
            password: None,
            parameters: Vec::new(),
        }
    }

    /// The URL of the highest rank: option, environment, file.
    pub(super) fn find(
        options: &Options,
        environment: &Environment,
        config: Option<&Config>,
    ) -> Option<Self> {
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

    pub(super) fn target(&self, variables: &Variables) -> Result<Target, Error> {
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
