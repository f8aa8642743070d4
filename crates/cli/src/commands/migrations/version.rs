//! `realign migrations version`, `rollup`, `forget`, `sync-metadata-storage`: the history itself.

use realign::planner::migration::Version;
use realign::runtime::kernel::{RunOutcome, Unit, UnitStatement};
use realign::runtime::migrate::{Begun, MigrationOutcome, Planned, Record};
use realign::runtime::{Error, ErrorKind};
use serde::Serialize;

use super::context::Context;
use super::migrate::{aborted, meant, question, senseless};
use super::obstacles;
use super::writing::{journal, natures};
use crate::args::{ForgetArgs, VersionArgs};
use crate::commands::locked::Locked;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::console::Reply;
use crate::settings::Settings;

const WARNING: &str = "WARNING! You are about to add, delete or synchronize migration versions from the version \
    table that could result in data lost. Are you sure you wish to continue?";
const NO_FILE: &str = "WARNING! You are about to delete a migration version from the version table that has no \
    corresponding migration file.Do you want to delete this migration from the migrations table?";
const NOT_INITIALIZED: &str = "The metadata storage is not initialized, please run the sync-metadata-storage \
    command to fix this issue.";
/// The unit of a history that is brought up to date.
pub(in crate::commands) const SYNC: &str = "sync-metadata-storage";

#[derive(Debug, Serialize)]
struct HistoryDocument<'a> {
    command: &'static str,
    added: &'a [Version],
    deleted: &'a [Version],
}

/// Adds versions to the history or deletes them, without executing anything.
pub(super) fn run(args: &VersionArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    sensible(args)?;
    let mut context = Context::reading(settings, out)?;
    if context.spoken() {
        match context.console.ask(WARNING)? {
            Reply::Yes => {}
            Reply::No => {
                context.console.bad("Migration cancelled!")?;
                return Ok(Exit::Done);
            }
            Reply::Gone => return aborted(),
        }
    }
    let versions = match chosen(&context, args)? {
        Chosen::Versions(versions) => versions,
        Chosen::Unknown(word) => return unknown(&context, &word),
    };
    if versions.is_empty() {
        if !context.spoken() {
            let state = if args.add { "added" } else { "deleted" };
            context.out.chatter(&format!(
                "No version is left to be {state}; `realign migrations list` shows what is there."
            ))?;
        }
        context.out.json(&document(&[], args.add))?;
        return Ok(Exit::Done);
    }
    if context.spoken() && args.add && !context.history.exists {
        return Err(Error::new(ErrorKind::Failed, NOT_INITIALIZED).into());
    }
    if args.delete && !asked(&mut context, &versions)? {
        return Ok(Exit::Done);
    }
    let locked = context.lock("migrations version")?;
    if args.add {
        obstacles::room(&mut context, &versions)?;
    }
    let mut statements = Vec::new();
    for version in &versions {
        statements.extend(if args.add {
            added(&mut context, &locked, version)?
        } else {
            deleted(&mut context, version)?
        });
    }
    context.write(&locked, &statements)?;
    for version in &versions {
        let done = if args.add { "added to" } else { "deleted from" };
        let text = format!("{version} {done} the version table.");
        if context.spoken() {
            context.console.text(&[&text])?;
            context.console.line()?;
        } else {
            context.out.chatter(&text)?;
        }
    }
    context.out.json(&document(&versions, args.add))?;
    Ok(Exit::Done)
}

fn document(versions: &[Version], add: bool) -> HistoryDocument<'_> {
    let (added, deleted): (&[Version], &[Version]) = if add {
        (versions, &[])
    } else {
        (&[], versions)
    };
    HistoryDocument {
        command: "migrations version",
        added,
        deleted,
    }
}

fn sensible(args: &VersionArgs) -> anyhow::Result<()> {
    if !args.add && !args.delete {
        return Err(senseless(
            "neither --add nor --delete is given",
            "write: realign migrations version VERSION --add",
        ));
    }
    if args.range_from.is_some() != args.range_to.is_some() {
        return Err(senseless(
            "--range-from and --range-to belong together",
            "give both ends; both are part of the range",
        ));
    }
    if args.version.is_none() && !args.all && args.range_from.is_none() {
        return Err(senseless("no version is named", "name one, or give --all"));
    }
    Ok(())
}

enum Chosen {
    Versions(Vec<Version>),
    Unknown(String),
}

/// The versions that are meant. A single one has to be in the state that makes sense; of several
/// those that are.
fn chosen(context: &Context<'_>, args: &VersionArgs) -> anyhow::Result<Chosen> {
    let overview = &context.overview;
    let fits = |version: &Version| overview.is_executed(version) != args.add;
    if args.all {
        let all: Vec<Version> = overview
            .all()
            .into_iter()
            .filter(|version| fits(version) && (args.delete || overview.is_available(version)))
            .cloned()
            .collect();
        return Ok(Chosen::Versions(all));
    }
    if let (Some(from), Some(to)) = (&args.range_from, &args.range_to) {
        let (from, to) = (Version::new(from.as_str()), Version::new(to.as_str()));
        // Doctrine takes none then, and says nothing.
        if from > to && !context.spoken() {
            return Err(senseless(
                "the range ends before it begins",
                "give the older version with --range-from",
            ));
        }
        let range = overview
            .available
            .iter()
            .filter(|version| **version >= from && **version <= to && fits(version));
        return Ok(Chosen::Versions(range.cloned().collect()));
    }
    let word = args.version.clone().unwrap_or_default();
    let version = Version::new(word.as_str());
    if args.add && !overview.is_available(&version) {
        return Ok(Chosen::Unknown(word));
    }
    if fits(&version) {
        return Ok(Chosen::Versions(vec![version]));
    }
    Err(Error::new(
        ErrorKind::Refused,
        if args.add {
            format!("The version \"{version}\" already exists in the version table.")
        } else {
            format!("The version \"{version}\" does not exist in the version table.")
        },
    )
    .into())
}

fn unknown(context: &Context<'_>, word: &str) -> anyhow::Result<Exit> {
    let error = Error::new(
        ErrorKind::Failed,
        format!("Could not find migration version {word}"),
    )
    .with_help(meant(context, word).unwrap_or_else(|| {
        "`realign migrations list` shows them all; the whole name is needed".to_owned()
    }));
    if context.spoken() {
        Out::failed(&error.into())?;
        return Ok(Exit::Doctrine(5));
    }
    Err(error.into())
}

/// Versions without a file are asked about, and a no is a no.
fn asked(context: &mut Context<'_>, versions: &[Version]) -> anyhow::Result<bool> {
    for version in versions {
        if !context.spoken() || context.overview.is_available(version) {
            continue;
        }
        match context.console.ask(NO_FILE)? {
            Reply::Yes => {}
            Reply::No => {
                context.console.bad("Migration cancelled!")?;
                return Ok(false);
            }
            Reply::Gone => {
                aborted()?;
            }
        }
    }
    Ok(true)
}

fn added(
    context: &mut Context<'_>,
    locked: &Locked,
    version: &Version,
) -> anyhow::Result<Vec<String>> {
    let history = context.history.clone();
    let owner = locked.guard.owner();
    let record = Record {
        version,
        outcome: MigrationOutcome::Baselined,
        at: None,
        took: None,
        checksum: None,
        who: &owner.user,
        host: &owner.host,
        note: None,
        up_sql: None,
        down_sql: None,
    };
    Ok(history.insert(&context.base()?.site, &record))
}

fn deleted(context: &mut Context<'_>, version: &Version) -> anyhow::Result<Vec<String>> {
    let history = context.history.clone();
    let recorded = context
        .overview
        .row(version)
        .map_or_else(|| version.to_string(), |row| row.recorded.to_string());
    Ok(history.delete(&context.base()?.site, version, &recorded))
}

/// Makes the one migration that is there the whole history.
pub(super) fn rollup(settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    if context.spoken() {
        match context.console.ask(&question(&context.database_name()))? {
            Reply::Yes => {}
            Reply::No => {
                context.console.bad("Migration cancelled!")?;
                return Ok(Exit::Doctrine(3));
            }
            Reply::Gone => return aborted(),
        }
    }
    let version = match context.overview.available.as_slice() {
        [] => {
            return Err(Error::new(ErrorKind::Failed, "No migrations found.")
                .with_help("`realign migrations dump-schema` writes the one that a history is rolled up into")
                .into());
        }
        [only] => only.clone(),
        _ => {
            return Err(Error::new(ErrorKind::Failed, "Too many migrations.")
                .with_help(
                    "a history is rolled up into one: take the others out of the folder first",
                )
                .into());
        }
    };
    let locked = context.lock("migrations rollup")?;
    obstacles::room(&mut context, [&version])?;
    let executed: Vec<Version> = context.overview.executed_versions().cloned().collect();
    let mut statements = Vec::new();
    for old in &executed {
        statements.extend(deleted(&mut context, old)?);
    }
    statements.extend(added(&mut context, &locked, &version)?);
    context.write(&locked, &statements)?;
    let text = format!("Rolled up migrations to version {version}");
    if context.spoken() {
        context.console.good(&text)?;
    } else {
        context.out.chatter(&text)?;
    }
    context.out.json(&HistoryDocument {
        command: "migrations rollup",
        added: std::slice::from_ref(&version),
        deleted: &executed,
    })?;
    Ok(Exit::Done)
}

/// Takes what is recorded of versions out of the books, and what stands half-way of them.
pub(super) fn forget(args: &ForgetArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    let locked = context.lock("migrations forget")?;
    let half_way = context.half_way()?;
    let mut versions = Vec::new();
    let mut statements = Vec::new();
    for word in &args.versions {
        let named = Version::new(word.as_str());
        let found = context
            .overview
            .executed_versions()
            .find(|version| **version == named || version.short() == word.as_str())
            .cloned();
        let stands = half_way
            .as_ref()
            .is_some_and(|stand| stand.version == named);
        let Some(version) = found.or(stands.then_some(named)) else {
            return Err(
                Error::new(ErrorKind::Failed, format!("nothing is recorded of {word}"))
                    .with_note("nothing was changed")
                    .with_help("`realign migrations list` shows what is")
                    .into(),
            );
        };
        statements.extend(deleted(&mut context, &version)?);
        versions.push(version);
    }
    context.write(&locked, &statements)?;
    if let Some(stand) = half_way.filter(|stand| versions.contains(&stand.version)) {
        let base = context.base()?;
        let connection = &mut base.live.connection;
        let journal = journal(&locked, connection, Some(&stand), [])?;
        journal.end(connection, RunOutcome::Abandoned, None)?;
        context.out.notice(&format!(
            "{}; that is left as it is, and forgotten",
            stand.words()
        ))?;
    }
    for version in &versions {
        context.out.chatter(&format!(
            "{version} is forgotten; the database itself was not changed."
        ))?;
    }
    context.out.json(&HistoryDocument {
        command: "migrations forget",
        added: &[],
        deleted: &versions,
    })?;
    Ok(Exit::Done)
}

/// Makes the history table, or brings one of an older Doctrine to the layout of Doctrine 3.
pub(super) fn sync(settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    let locked = context.lock("migrations sync-metadata-storage")?;
    let stand = context
        .half_way()?
        .filter(|stand| stand.version.as_str() == SYNC);
    let (statements, from) = if let Some(stand) = &stand {
        (stand.begun.statements.clone(), stand.done)
    } else {
        let (history, overview) = (context.history.clone(), context.overview.clone());
        let base = context.base()?;
        let connection = &mut base.live.connection;
        (
            history.synchronisation(connection, &base.site, &overview)?,
            0,
        )
    };
    if !statements.is_empty() {
        let base = context.base()?;
        let natures = natures(base, &statements);
        let unit = Unit {
            name: SYNC.to_owned(),
            statements: statements
                .iter()
                .zip(natures)
                .map(|(sql, nature)| UnitStatement {
                    sql: sql.clone(),
                    nature,
                    origin: realign::model::Origin::None,
                    rows: None,
                })
                .collect(),
            transaction: true,
            lock_timeout: None,
            statement_timeout: None,
        };
        let begun = Begun {
            direction: "up".to_owned(),
            statements: statements.clone(),
        };
        let planned = Planned {
            version: SYNC.to_owned(),
            direction: begun.direction.clone(),
            statements: statements.clone(),
        };
        let connection = &mut base.live.connection;
        let mut journal = journal(&locked, connection, stand.as_ref(), [planned])?;
        journal.begin_unit(SYNC, serde_json::to_string(&begun).ok());
        let ran = journal.unit(
            connection,
            &unit,
            from,
            &mut |_| Vec::new(),
            &mut |_| {},
            &locked.stop,
        );
        match ran {
            Ok(_) => journal.end(connection, RunOutcome::Done, None)?,
            Err(failure) => {
                let text = failure.error.message.clone();
                if !failure.lost {
                    journal.end(connection, RunOutcome::Failed, Some(&text))?;
                }
                return Err((*failure.error).into());
            }
        }
    }
    if context.spoken() {
        context.console.good("Metadata storage synchronized")?;
    } else {
        context.out.chatter("The history is in order.")?;
    }
    context.out.json(&HistoryDocument {
        command: "migrations sync-metadata-storage",
        added: &[],
        deleted: &[],
    })?;
    Ok(Exit::Done)
}
