//! `[upgrade]`, resolved.

use std::collections::BTreeMap;
use std::path::PathBuf;

use realign::runtime::Error;
use realign::runtime::upgrade::{Step, Way};

use crate::config::{self, Config};

/// `[upgrade]`, resolved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upgrade {
    /// A shipped recipe, or a file.
    pub(crate) app: Option<String>,
    /// Where relative paths of it start.
    pub(crate) folder: PathBuf,
    /// The application's checkout.
    pub(crate) root: PathBuf,
    /// How tags name releases.
    pub(crate) versions: Option<String>,
    /// Which releases lie on the way.
    pub(crate) way: Way,
    /// Where the present release is found.
    pub(crate) current: Option<String>,
    /// A command that prints it.
    pub(crate) current_command: Option<Vec<String>>,
    /// The user that the application runs as.
    pub(crate) user: Option<String>,
    /// That user's home.
    pub(crate) home: Option<PathBuf>,
    /// Variables for every command.
    pub(crate) env: BTreeMap<String, String>,
    /// Folder of version-specific steps.
    pub(crate) steps: Option<PathBuf>,
    /// Services to restart.
    pub(crate) services: Vec<String>,
    /// Folder for the journal.
    pub(crate) state: Option<PathBuf>,
    /// Whether `run` fetches first.
    pub(crate) fetch: Option<bool>,
    /// A page that has to answer once a release is verified.
    pub(crate) health: Option<String>,
    /// Values that came from variables: never shown.
    pub(crate) secrets: Vec<String>,
    /// Further steps.
    pub(crate) step: Vec<Step>,
    /// The configuration's own text.
    pub(crate) text: Option<String>,
}

impl Upgrade {
    /// The folder of the application's checkout.
    pub(crate) fn checkout(&self) -> PathBuf {
        if self.root.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            self.root.clone()
        }
    }
}

/// What the configuration says.
pub(super) fn resolve(
    config: Option<&Config>,
    written: &config::Upgrade,
    expand: &dyn Fn(&str, &str) -> Result<String, Error>,
) -> Result<Upgrade, Error> {
    let folder = config
        .map(|config| config.folder.clone())
        .unwrap_or_default();
    let one = |value: &Option<String>, key: &str| -> Result<Option<String>, Error> {
        value.as_ref().map(|text| expand(text, key)).transpose()
    };
    let all = |values: &Option<Vec<String>>, key: &str| -> Result<Vec<String>, Error> {
        let values = values.iter().flatten();
        values.map(|text| expand(text, key)).collect()
    };
    let mut env = BTreeMap::new();
    let mut secrets = Vec::new();
    for (name, value) in written.env.iter().flatten() {
        let expanded = expand(value, "upgrade.env")?;
        // Anything shorter would be found in half of all words.
        if value.contains("${") && expanded.len() >= 6 {
            secrets.push(expanded.clone());
        }
        env.insert(name.clone(), expanded);
    }
    Ok(Upgrade {
        app: one(&written.app, "upgrade.app")?,
        root: folder.join(one(&written.root, "upgrade.root")?.unwrap_or_default()),
        versions: one(&written.versions, "upgrade.versions")?,
        way: written.path.unwrap_or_default(),
        current: one(&written.current, "upgrade.current")?,
        current_command: written.current_command.clone(),
        user: one(&written.user, "upgrade.user")?,
        home: one(&written.home, "upgrade.home")?.map(PathBuf::from),
        env,
        steps: one(&written.steps, "upgrade.steps")?.map(|steps| folder.join(steps)),
        services: all(&written.services, "upgrade.services")?,
        state: one(&written.state, "upgrade.state")?.map(|state| folder.join(state)),
        fetch: written.fetch,
        health: one(&written.health, "upgrade.health")?,
        secrets,
        step: written.step.clone().unwrap_or_default(),
        text: config.map(|config| config.text.clone()),
        folder,
    })
}
