//! Which release the code is, and which the database: for commands that only tell of it.

use realign::runtime::Connection;
use realign::runtime::git::Git;
use realign::runtime::kernel::Site;
use realign::runtime::upgrade::{Naming, Release, State, Store, recorded};
use serde::Serialize;

use crate::settings::Settings;

/// The release of the code beside that of the database.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Standing {
    /// The newest release that the checkout contains.
    pub(crate) code: Option<String>,
    /// The release that the database has recorded.
    pub(crate) recorded: Option<String>,
    /// They are two.
    pub(crate) mismatch: bool,
}

impl Standing {
    /// What is to be said of it, when something is.
    pub(crate) fn warning(&self) -> Option<String> {
        match (&self.code, &self.recorded) {
            (Some(code), Some(recorded)) if self.mismatch => Some(format!(
                "the code is {code}, and the database is recorded at {recorded}: `realign upgrade plan` shows the way"
            )),
            _ => None,
        }
    }
}

/// Looks at both. None where no release is known of either, or no application is configured.
pub(crate) fn standing(
    settings: &Settings,
    connection: &mut Connection,
    site: &Site,
) -> anyhow::Result<Option<Standing>> {
    let recorded = recorded(connection, site)?.map(|recorded| recorded.release);
    if recorded.is_none() && settings.upgrade.app.is_none() {
        return Ok(None);
    }
    let naming = Naming::parse(settings.upgrade.versions.as_deref().unwrap_or("git-tags"))?;
    // A folder without git has a database all the same.
    let code: Option<Release> = Git::open(&settings.upgrade.checkout())
        .and_then(|git| git.tags_within())
        .ok()
        .and_then(|tags| naming.releases(&tags).pop());
    let meant = recorded.as_ref().and_then(|text| naming.release(text));
    let mismatch = match (&code, &meant) {
        (Some(code), Some(recorded)) => code.version != recorded.version,
        _ => false,
    };
    if code.is_none() && recorded.is_none() {
        return Ok(None);
    }
    Ok(Some(Standing {
        code: code.map(|release| release.tag),
        recorded,
        mismatch,
    }))
}

/// The last upgrade by its journal, and whether it is at work. None where no application is
/// configured.
pub(crate) fn last(settings: &Settings) -> anyhow::Result<Option<(State, bool)>> {
    let Some(store) = store(settings) else {
        return Ok(None);
    };
    Ok(store.last()?.map(|state| (state, store.is_held())))
}

/// Where the journal of the application's upgrades lies.
pub(crate) fn store(settings: &Settings) -> Option<Store> {
    settings.config.as_ref()?;
    let folder = settings.state();
    Some(Store::new(std::path::absolute(&folder).unwrap_or(folder)))
}
