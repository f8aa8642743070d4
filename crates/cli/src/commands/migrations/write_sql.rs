//! `--write-sql`: the file with what would run.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use realign::planner::migration::Direction;
use realign::runtime::kernel::Took;
use realign::runtime::migrate::{Loaded, MigrationDone, MigrationOutcome, Record, now};

use super::context::Context;
use crate::args::RunArgs;
use crate::report::file;

/// What nothing has run yet.
const NO_TIME: Took = Took::Known(Duration::ZERO);

/// The path that was asked for, when nothing can be written there.
pub(super) fn unwritable(run: &RunArgs) -> Option<String> {
    let path = run.write_sql.as_ref()?;
    let folder = if path.as_os_str().is_empty() || path.is_dir() {
        return None;
    } else {
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    };
    (!folder.is_dir()).then(|| path.display().to_string())
}

/// Writes the file; gives its path when one was asked for.
pub(super) fn write(
    context: &mut Context<'_>,
    run: &RunArgs,
    loaded: &[Loaded],
    done: &[MigrationDone],
) -> anyhow::Result<Option<PathBuf>> {
    let Some(path) = &run.write_sql else {
        return Ok(None);
    };
    let at = now();
    let path = if path.as_os_str().is_empty() || path.is_dir() {
        let digits: String = at.chars().filter(char::is_ascii_digit).collect();
        path.join(format!("doctrine_migration_{digits}.sql"))
    } else {
        path.clone()
    };
    let text = text(context, loaded, done, &at)?;
    file::write(&path, &text)?;
    Ok(Some(path))
}

fn text(
    context: &mut Context<'_>,
    loaded: &[Loaded],
    done: &[MigrationDone],
    at: &str,
) -> anyhow::Result<String> {
    let mut text = format!("-- Doctrine Migration File Generated on {at}\n");
    let history = context.history.clone();
    let site = &context.site()?;
    let scripts = site.dialect.scripts();
    let line = |text: &mut String, sql: &str| {
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(text, "{};", sql.trim_end().trim_end_matches(';'));
    };
    // A client that is set to another character set would turn the letters into others.
    let letters = loaded.iter().any(|migration| {
        let mut statements = migration.unit.statements.iter();
        // The history keeps the file's text, comments included.
        let kept = [Some(&migration.up_sql), migration.down_sql.as_ref()];
        statements.any(|statement| !statement.script().is_ascii())
            || kept.into_iter().flatten().any(|text| !text.is_ascii())
    });
    let utf8 = site.book().utf8().filter(|_| letters);
    if let Some(sql) = utf8 {
        line(&mut text, sql);
    }
    let beside = loaded
        .iter()
        .any(|migration| history.doubled.contains(&migration.version));
    if !history.exists || (beside && !history.own_exists) {
        text.push_str("\n-- History\n");
        for sql in history.preparation(site)? {
            line(&mut text, &sql);
        }
    }
    for (migration, done) in loaded.iter().zip(done) {
        let _ = writeln!(text, "\n-- Version {}", migration.version);
        if done.outcome == MigrationOutcome::Skipped {
            continue;
        }
        let included = done.outcome == MigrationOutcome::Included;
        if included {
            text.push_str("-- all that it makes is there: it is only recorded\n");
        }
        let sent = migration.unit.statements.iter().filter(|_| !included);
        for statement in sent {
            let lines = scripts.for_client(&statement.sql, &site.facts);
            let _ = writeln!(text, "{}", lines.unwrap_or_else(|| statement.script()));
        }
        let _ = writeln!(
            text,
            "-- Version {} update table metadata;",
            migration.version
        );
        // As a run does: names of the history's tables may lead elsewhere by now.
        if migration.unit.changes_session() && !included {
            let back = site.book().settings_back(&site.facts);
            let again = utf8.filter(|sql| !back.iter().any(|other| other == sql));
            for sql in back.iter().map(String::as_str).chain(again) {
                line(&mut text, sql);
            }
        }
        for sql in records(&history, site, (migration, done.outcome), at) {
            line(&mut text, &sql);
        }
    }
    Ok(text)
}

fn records(
    history: &realign::runtime::migrate::History,
    site: &realign::runtime::kernel::Site,
    (migration, outcome): (&Loaded, MigrationOutcome),
    at: &str,
) -> Vec<String> {
    let version = &migration.version;
    let ran = outcome != MigrationOutcome::Included;
    match (migration.direction, history.doctrine_holds(version)) {
        (Direction::Up, true) => {
            vec![history.doctrine_insert(site, version, Some(at), ran.then_some(NO_TIME))]
        }
        (Direction::Up, false) => history.insert(
            site,
            &Record {
                version,
                outcome,
                at: Some(at),
                took: ran.then_some(NO_TIME),
                checksum: Some(&migration.checksum),
                who: "",
                host: "",
                note: None,
                up_sql: ran.then_some(migration.up_sql.as_str()),
                down_sql: migration.down_sql.as_deref(),
            },
        ),
        (Direction::Down, true) => {
            let recorded = if history.is_short() {
                version.short()
            } else {
                version.as_str()
            };
            vec![history.doctrine_delete(site, recorded)]
        }
        (Direction::Down, false) => history.delete(site, version, version.as_str()),
    }
}
