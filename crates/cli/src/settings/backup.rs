//! `[backup]`, resolved.

use std::path::{Path, PathBuf};

use realign::runtime::{Error, ErrorKind};

use super::Text;
use crate::config::{self, Config};

/// `[backup]`, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Backup {
    /// The folder that backups go to.
    pub(crate) folder: PathBuf,
    /// How many of a database are kept.
    pub(crate) keep: Option<usize>,
}

/// What the configuration says; `state` is the folder of what is known of the application.
pub(super) fn resolve(
    config: Option<&Config>,
    written: &config::Backup,
    state: &Path,
    text: Text<'_>,
) -> Result<Backup, Error> {
    let folder = match (text(&written.dir, "backup.dir")?, config) {
        (Some(said), Some(config)) => config.folder.join(said.value),
        _ => state.join("backups"),
    };
    if written.keep == Some(0) {
        return Err(Error::new(
            ErrorKind::Usage,
            "`keep` of [backup] is 0, and the newest backup is always kept",
        )
        .with_help("write how many are to be kept, or leave it out to keep all"));
    }
    Ok(Backup {
        folder,
        keep: written.keep.and_then(|keep| usize::try_from(keep).ok()),
    })
}
