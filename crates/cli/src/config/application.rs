//! `[maintenance]` and `[cache]`.

use schemars::JsonSchema;
use serde::Deserialize;

/// `[maintenance]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Maintenance {
    /// Who looks for the file that says it. Without one, and without commands, a Laravel
    /// application is known by its `artisan`.
    pub(crate) flag: Option<Flag>,
    /// Where that file is, from the application's root, when not at its usual place.
    pub(crate) file: Option<String>,
    /// What those who come meanwhile are told.
    pub(crate) message: Option<String>,
    /// When they are to come again, in seconds.
    pub(crate) retry: Option<u32>,
    /// Addresses and networks that are let in.
    pub(crate) allow: Option<Vec<String>>,
    /// A program and its arguments that begin maintenance, in place of a file; no shell.
    pub(crate) down: Option<Vec<String>>,
    /// The same that end it.
    pub(crate) up: Option<Vec<String>>,
    /// The user that these run as; `user` of [upgrade] when it is not given.
    pub(crate) user: Option<String>,
}

/// Who looks for the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Flag {
    /// Laravel: `storage/framework/down`.
    Laravel,
    /// A Symfony application: `var/maintenance.lock`.
    Symfony,
    /// The web server: `maintenance.flag`; a page when its name ends in `.html`.
    File,
}

/// `[cache]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Cache {
    /// What `realign cache clear` empties, in this order. Without it those of `cache` in [upgrade].
    pub(crate) clear: Option<Vec<CacheEntry>>,
}

/// A cache.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum CacheEntry {
    /// `memcached://HOST:PORT`, `redis://HOST/DB?prefix=app:`, `files:FOLDER`.
    Address(String),
    /// A program that clears something.
    Command(CacheProgram),
    /// A program that restarts a service.
    Restart(CacheRestart),
}

/// A program that clears something, in the application's root.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CacheProgram {
    /// The program and its arguments; no shell.
    pub(crate) command: Vec<String>,
    /// The user that it runs as; `user` of [upgrade] when it is not given.
    #[serde(default)]
    pub(crate) user: Option<String>,
}

/// A program that restarts a service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CacheRestart {
    /// The program and its arguments; no shell: `["systemctl", "restart", "memcached"]`.
    pub(crate) restart: Vec<String>,
}
