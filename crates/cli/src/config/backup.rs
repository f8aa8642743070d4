//! `[backup]`.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

/// `[backup]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Backup {
    /// The folder that backups go to. Without it they go to a folder of Realign's own, outside of
    /// the application.
    #[schemars(with = "Option<String>")]
    pub(crate) dir: Option<Spanned<String>>,
    /// How many backups of a database are kept there; older ones are removed when a new one is
    /// whole. Without it all are kept.
    #[schemars(range(min = 1))]
    pub(crate) keep: Option<u32>,
}
