//! The proof of a backup: it is loaded into a scratch database and compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use realign_model::{Database, Expr, Fingerprint};

use super::create::{tallied, work};
use super::file::{Dump, Told};
use super::manifest::objects;
use super::{Backup, Copier, Load, Manifest, Tally, Tell, Work, store};
use crate::kernel::Site;
use crate::scratch::Scratch;
use crate::{Connect, Connection, Error, ErrorKind, Stop, inspect_known};

/// A backup that was loaded and compared.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The backup.
    pub backup: Backup,
    /// What could not be compared, and why.
    pub remarks: Vec<String>,
}

/// Loads a backup into a scratch database beside this one and compares every table's rows and the
/// schema with what was backed up. This database itself is not touched.
pub fn verify(
    site: &Site,
    path: &Path,
    stop: &Stop,
    tell: &mut Tell<'_>,
) -> Result<Verified, Error> {
    tell(&format!("reading {}", path.display()));
    let backup = super::check(path, stop)?;
    let remarks = prove(site, &backup, stop, tell)?;
    Ok(Verified { backup, remarks })
}

/// The same for a file that was read already.
pub(super) fn prove(
    site: &Site,
    backup: &Backup,
    stop: &Stop,
    tell: &mut Tell<'_>,
) -> Result<Vec<String>, Error> {
    is_of(site, &backup.manifest)?;
    let copier = site.connect.copier()?;
    let folder = room(&backup.path);
    let work = work(&folder, &site.facts, stop);
    // Best effort: what can't be swept now harms nobody.
    let _ = store::sweep(site, &folder, stop);
    let scratch = Scratch::make(copier.as_ref(), &work)?;
    tell("loading it into a scratch database");
    let inside = scratch.connect.copier()?;
    load(inside.as_ref(), backup, Load::Scratch, &work)?;
    tell("comparing rows and schema");
    let remarks = compare(site, scratch.connect.as_ref(), backup, Load::Scratch, &work)?;
    scratch.finish()?;
    Ok(remarks)
}

/// Only the engine that wrote a dump reads it.
pub(super) fn is_of(site: &Site, manifest: &Manifest) -> Result<(), Error> {
    if manifest.dialect == site.dialect.name() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Usage,
        format!(
            "the backup is of {} ({}), and {} is none",
            manifest.source,
            manifest.vendor,
            site.connect.display()
        ),
    )
    .with_help("name a database of the same engine"))
}

/// Where a copier may put files: beside the backup, else where temporary files go.
pub(super) fn room(path: &Path) -> std::path::PathBuf {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok() {
        folder.to_owned()
    } else {
        std::env::temp_dir()
    }
}

/// Reads the dump into a database. A backup whose bytes are wrong fails here, too.
pub(super) fn load(
    copier: &dyn Copier,
    backup: &Backup,
    load: Load,
    work: &Work<'_>,
) -> Result<(), Error> {
    let told = Told::default();
    let dump = Dump::open(backup, work.stop, &told)?;
    copier
        .read(load, work, Box::new(dump))
        .map_err(|error| told.take().unwrap_or(error))
}

/// Compares a loaded database with what was backed up; gives what could not be compared.
pub(super) fn compare(
    site: &Site,
    loaded: &dyn Connect,
    backup: &Backup,
    how: Load,
    work: &Work<'_>,
) -> Result<Vec<String>, Error> {
    let manifest = &backup.manifest;
    let copier = loaded.copier()?;
    let mut remarks = Vec::new();
    let tally = tallied(copier.as_ref(), work)?;
    let wrong = if copier.tool(work)? == manifest.tool {
        differing(&manifest.tables, &tally)
    } else {
        remarks.push(format!(
            "the rows were counted, not compared: {} wrote them, and here is {}",
            manifest.tool,
            copier.tool(work)?
        ));
        let (then, now) = (manifest.tables.counted(), tally.counted());
        if then == now {
            Vec::new()
        } else {
            differing(&manifest.tables, &tally)
        }
    };
    if !wrong.is_empty() {
        let error = Error::new(
            ErrorKind::Failed,
            format!(
                "{} does not give back what was backed up",
                backup.path.display()
            ),
        );
        return Err(wrong.into_iter().fold(error, Error::with_note));
    }
    let mut connection = Connection::open(loaded)?;
    let found = inspect_known(&mut connection, site.dialect, site.facts.clone())?;
    let same = match how {
        Load::Scratch => at_rest(&found.database) == manifest.schema_at_rest,
        Load::Empty | Load::Replace => {
            Fingerprint::of(&found.database) == manifest.schema
                || at_rest(&found.database) == manifest.schema_at_rest
        }
    };
    if !same {
        let same_server =
            manifest.vendor == site.facts.vendor && manifest.server == site.facts.version.text;
        let why = format!(
            "the schema reads differently than on {} {}",
            manifest.vendor, manifest.server
        );
        if same_server {
            let error = Error::new(
                ErrorKind::Failed,
                format!(
                    "{} does not give back the schema that was backed up",
                    backup.path.display()
                ),
            );
            let wrong = others(&manifest.objects, &objects(&found.database));
            return Err(wrong.into_iter().fold(error, Error::with_note));
        }
        remarks.push(why);
    }
    Ok(remarks)
}

/// The fingerprint of a schema in a scratch database, where nothing acts by itself: of events only
/// the names count. Of views the words count and not the parentheses: servers print the same
/// joins with others once they have read their own text again.
pub(super) fn at_rest(database: &Database) -> Fingerprint {
    let mut same = database.clone();
    for view in &mut same.views {
        view.query = Expr::new(words(view.query.as_str()));
        view.source_text = view.source_text.as_deref().map(words);
    }
    for event in &mut same.events {
        event.source_text = Expr::new("");
    }
    Fingerprint::of(&same)
}

/// Objects that are not the same on both sides, a line each.
fn others(then: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    names
        .into_iter()
        .filter(|name| then.get(*name) != now.get(*name))
        .map(|name| match (then.get(name), now.get(name)) {
            (Some(_), None) => format!("{name} is missing"),
            (None, _) => format!("{name} is new"),
            (Some(_), Some(_)) => format!("{name} is another"),
        })
        .collect()
}

/// A text without blanks and parentheses.
fn words(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')'))
        .collect()
}

/// What differs between two tallies, a line for each table.
fn differing(then: &Tally, now: &Tally) -> Vec<String> {
    super::restore::since(then, now)
        .into_iter()
        .map(|since| since.to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use realign_model::{ObjectName, Origin, View};

    use super::*;

    fn database(query: &str) -> Database {
        let mut database = Database::default();
        database.views.push(View {
            name: ObjectName::bare("v"),
            query: Expr::new(query),
            columns: Vec::new(),
            materialized: false,
            options: Vec::new(),
            source_text: None,
            settings: realign_model::SessionSettings::new(),
            origin: Origin::None,
        });
        database
    }

    #[test]
    fn parentheses_of_a_joined_view_do_not_count_and_its_words_do() {
        let printed = database("select 1 from a join b join (c left join d on(x))");
        let again = database("select 1 from ((a join b) join (c left join d on(x)))");
        assert_eq!(at_rest(&printed), at_rest(&again));
        assert_ne!(at_rest(&printed), at_rest(&database("select 1 from a")));
    }
}
