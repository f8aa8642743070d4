//! `[migrations]`, resolved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use realign::planner::migration::Placeholders;
use realign::planner::{HISTORY_TABLE, OWN_TABLES};
use realign::runtime::migrate::{Folder, HistoryColumns};
use realign::runtime::{Error, ErrorKind};

use super::Text;
use crate::args::ConfiguredOptions;
use crate::config::{self, Config, Late, Organize, Transaction};

/// `[migrations]`, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Migrations {
    /// Their folders.
    pub(crate) folders: Vec<Folder>,
    /// The history table; empty when it is not named.
    pub(crate) table: String,
    /// Doctrine's columns.
    pub(crate) columns: HistoryColumns,
    /// What one transaction holds.
    pub(crate) transaction: Transaction,
    /// Folders that new ones go to.
    pub(crate) organize: Option<Organize>,
    /// What happens to late arrivals.
    pub(crate) late: Late,
    /// The folder of re-runnable scripts.
    pub(crate) repeatable: PathBuf,
    /// Values of placeholders.
    pub(crate) placeholders: Placeholders,
}

/// What was typed and what the configuration says.
pub(super) fn resolve(
    typed: &ConfiguredOptions,
    config: Option<&Config>,
    written: &config::Migrations,
    text: Text<'_>,
) -> Result<Migrations, Error> {
    let base = config
        .map(|config| config.folder.clone())
        .unwrap_or_default();
    let folders = folders(typed, &base, written, text)?;
    let repeatable = match text(&written.repeatable, "migrations.repeatable")? {
        Some(said) => base.join(said.value),
        None => folders
            .first()
            .map(|folder| folder.path.join("repeatable"))
            .unwrap_or_default(),
    };
    let mut placeholders = BTreeMap::new();
    for (name, value) in written.placeholders.iter().flatten() {
        let key = format!("migrations.placeholders.{name}");
        if let Some(said) = text(&Some(value.clone()), &key)? {
            placeholders.insert(name.clone(), said.value);
        }
    }
    let usual = HistoryColumns::default();
    let columns = written.columns.clone().unwrap_or_default();
    Ok(Migrations {
        folders,
        table: table(typed, written, text)?,
        columns: HistoryColumns {
            version: columns.version.unwrap_or(usual.version),
            length: columns.length.unwrap_or(usual.length),
            executed_at: columns.executed_at.unwrap_or(usual.executed_at),
            execution_time: columns.execution_time.unwrap_or(usual.execution_time),
        },
        transaction: written.transaction.unwrap_or_default(),
        organize: written.organize,
        late: written.late.unwrap_or_default(),
        repeatable,
        placeholders,
    })
}

/// The history's table. Realign's own tables have their names, and hold something else.
fn table(
    typed: &ConfiguredOptions,
    written: &config::Migrations,
    text: Text<'_>,
) -> Result<String, Error> {
    let said = match &typed.migrations_table {
        Some(table) => Some((table.clone(), "--migrations-table".to_owned())),
        None => {
            text(&written.table, "migrations.table")?.map(|said| (said.value, said.place.clone()))
        }
    };
    let Some((table, place)) = said else {
        return Ok(String::new());
    };
    let mut own = OWN_TABLES.iter().filter(|own| **own != HISTORY_TABLE);
    if own.any(|own| own.eq_ignore_ascii_case(&table)) {
        let message = format!("{table} is a table of Realign's own, and no history of migrations");
        return Err(Error::new(ErrorKind::Usage, message)
            .with_note(format!("at {place}"))
            .with_help(format!("name another, or none: it is {HISTORY_TABLE} then")));
    }
    Ok(table)
}

fn folders(
    typed: &ConfiguredOptions,
    base: &Path,
    written: &config::Migrations,
    text: Text<'_>,
) -> Result<Vec<Folder>, Error> {
    let namespace = written.namespace.clone();
    if let Some(dir) = &typed.migrations_dir {
        return Ok(vec![Folder {
            namespace,
            path: dir.clone(),
        }]);
    }
    let dir = text(&written.dir, "migrations.dir")?;
    let Some(paths) = written.paths.as_ref().filter(|paths| !paths.is_empty()) else {
        let dir = dir.map_or_else(|| "migrations".to_owned(), |said| said.value);
        return Ok(vec![Folder {
            namespace,
            path: base.join(dir),
        }]);
    };
    if let Some(dir) = dir {
        return Err(
            Error::new(ErrorKind::Usage, "[migrations] says both `dir` and `paths`")
                .with_note(format!("at {}", dir.place))
                .with_help("put the folder into `paths`, with its namespace"),
        );
    }
    let mut folders = Vec::new();
    for (namespace, path) in paths {
        let key = format!("migrations.paths.{namespace}");
        if let Some(said) = text(&Some(path.clone()), &key)? {
            folders.push(Folder {
                namespace: Some(namespace.trim_matches('\\').to_owned()),
                path: base.join(said.value),
            });
        }
    }
    Ok(folders)
}
