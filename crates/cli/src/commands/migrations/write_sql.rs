//! `--write-sql`: the file with what would run.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use realign::planner::migration::Direction;
use realign::runtime::kernel::{Framed, Took};
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
    together: bool,
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
    let text = text(context, together, loaded, done, &at)?;
    file::write(&path, &text)?;
    Ok(Some(path))
}

fn text(
    context: &mut Context<'_>,
    together: bool,
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
    let executes = done
        .iter()
        .any(|done| done.outcome == MigrationOutcome::Executed);
    // What fails is not to be recorded as if it had run.
    if let Some(stops) = scripts.ends_client_at_errors().filter(|_| executes) {
        let _ = writeln!(text, "{stops}");
    }
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
    let book = site.book();
    let shared = together
        && loaded.iter().all(|migration| {
            let mut statements = migration.unit.statements.iter();
            statements.all(|one| {
                !one.nature.alone && (book.transactional_definitions() || !one.nature.commits)
            })
        });
    if shared {
        text.push('\n');
        line(&mut text, book.begin());
    }
    for (migration, done) in loaded.iter().zip(done) {
        let _ = writeln!(text, "\n-- Version {}", migration.version);
        let ran = !matches!(
            done.outcome,
            MigrationOutcome::Skipped | MigrationOutcome::Included
        );
        if done.outcome == MigrationOutcome::Included {
            text.push_str("-- all that it makes is there: it is only recorded\n");
        }
        for check in &done.later {
            let check = check.replace(['\r', '\n'], " ");
            let _ = writeln!(
                text,
                "-- not asked here, as those ahead of it may change the answer: {check}"
            );
        }
        // As a run does: on some engines names of the history's tables may lead elsewhere by now.
        let unit = &migration.unit;
        let limited = unit.lock_timeout.is_some() || unit.statement_timeout.is_some();
        let changes = unit.changes_session() || (limited && !book.transactional_definitions());
        let mut back: Vec<String> = Vec::new();
        if ran && changes {
            back = book.settings_back(&site.facts);
            let again = utf8.filter(|sql| !back.iter().any(|other| other == sql));
            back.extend(again.map(str::to_owned));
        }
        let mut own = records(&history, site, (migration, done.outcome), at);
        if own.is_empty() {
            continue;
        }
        let first = format!("-- Version {} update table metadata", migration.version);
        if !book.own_names(true).is_empty() {
            own.splice(0..0, std::mem::take(&mut back));
        }
        own.insert(0, first);
        let lines = if ran {
            unit.framed(site, own, shared)?
        } else {
            own.into_iter().map(Framed::Beside).collect()
        };
        for one in lines {
            match one {
                Framed::Own(statement) => {
                    let lines = scripts.for_client(&statement.sql, &site.facts);
                    let _ = writeln!(text, "{}", lines.unwrap_or_else(|| statement.script()));
                }
                Framed::Beside(sql) => line(&mut text, &sql),
            }
        }
        for sql in &back {
            line(&mut text, sql);
        }
    }
    if shared {
        text.push('\n');
        line(&mut text, "COMMIT");
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
    if outcome == MigrationOutcome::Skipped {
        return match migration.direction {
            Direction::Up if !history.is_doctrine() => history.insert(
                site,
                &Record {
                    version,
                    outcome,
                    at: Some(at),
                    took: None,
                    checksum: Some(&migration.checksum),
                    who: "",
                    host: "",
                    note: None,
                    up_sql: None,
                    down_sql: None,
                },
            ),
            // Doctrine's table holds none, and one that is skipped down stays as it is.
            Direction::Up | Direction::Down => Vec::new(),
        };
    }
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
