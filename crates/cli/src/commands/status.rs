//! `realign status`: release, schema, migrations, the last run and the next command, on one page.
//! Writes nothing.

use realign::planner::{Weight, diff};
use realign::runtime::kernel::{Guard, LockState, RunRow, last_run};
use realign::runtime::upgrade::{State, ladder};
use serde::Serialize;

use super::last_run::{half_way, is_at_work, words_of};
use super::migrations;
use super::schema::context::{self, Live};
use super::upgrade::{self, Standing};
use crate::exit::Exit;
use crate::report::Out;
use crate::report::document::DatabaseDocument;
use crate::report::style::{STRONG, count, paint};
use crate::settings::Settings;

#[derive(Debug, Serialize)]
struct StatusDocument {
    command: &'static str,
    database: DatabaseDocument,
    release: Option<Standing>,
    /// Differences between database and declaration; none when nothing is declared.
    differences: Option<usize>,
    declaration_errors: usize,
    migrations: Option<migrations::Standing>,
    upgrade: Option<UpgradeDocument>,
    last_run: Option<RunRow>,
    /// The process of that run is at work on it.
    #[serde(skip)]
    at_work: bool,
    locked: bool,
    next: String,
    exit_code: u8,
}

#[derive(Debug, Serialize)]
struct UpgradeDocument {
    from: String,
    to: String,
    outcome: &'static str,
    at: Option<String>,
    at_work: bool,
}

/// Says how everything stands.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let mut live = Live::configured(settings)?;
    let found = live.inspect(settings)?;
    let site = live.site(&found.facts);
    let (mut differences, mut declaration_errors) = (None, 0);
    if !settings.sources.is_empty() {
        let declared = context::declare(settings, live.engine, &found.facts)?;
        if declared.has_errors() {
            declaration_errors = declared
                .diagnostics
                .iter()
                .filter(|d| d.severity == realign::planner::Severity::Error)
                .count();
        } else {
            let policy = context::policy(settings, false, &found.database, &declared);
            let changes = diff(
                &found.database,
                &declared.database,
                live.engine.dialect,
                &found.facts,
                &policy,
            );
            let number = changes.of(Weight::Differs).count();
            differences = Some(if changes.in_sync() { 0 } else { number.max(1) });
        }
    }
    let standing = upgrade::standing(settings, &mut live.connection, &site)?;
    let last = last_run(&mut live.connection, &site)?;
    let lock = Guard::look(&site, &mut live.connection)?;
    let migrations = migrations::standing(settings, out)?;
    let state = upgrade::last(settings)?;
    let unfinished = last.as_ref().filter(|run| run.is_unfinished());
    let next = next(
        state.as_ref().map(|(state, _)| state),
        unfinished.map(|run| migrations::way_on(run, settings)),
        differences,
        declaration_errors,
        migrations.as_ref(),
        standing.as_ref(),
    );
    let document = StatusDocument {
        command: "status",
        database: live.document(&found.facts),
        release: standing,
        differences,
        declaration_errors,
        migrations,
        upgrade: state.as_ref().map(|(state, at_work)| UpgradeDocument {
            from: state.from.tag.clone(),
            to: state.target().tag.clone(),
            outcome: state.outcome.word(),
            at: state.next().map(|entry| entry.key.clone()),
            at_work: *at_work,
        }),
        at_work: last.as_ref().is_some_and(|last| is_at_work(last, &lock)),
        last_run: last,
        locked: matches!(lock, LockState::Held(_)),
        next,
        exit_code: Exit::Done.code(),
    };
    out.text(&page(&document))?;
    out.json(&document)?;
    Ok(Exit::Done)
}

/// The one command that is due.
fn next(
    state: Option<&State>,
    way_on: Option<String>,
    differences: Option<usize>,
    declaration_errors: usize,
    migrations: Option<&migrations::Standing>,
    standing: Option<&Standing>,
) -> String {
    if let Some(state) = state.filter(|state| state.is_unfinished())
        && let Some(rung) = ladder(state).into_iter().next()
    {
        return rung.command;
    }
    if let Some(way_on) = way_on {
        return way_on;
    }
    if declaration_errors > 0 || differences.is_some_and(|number| number > 0) {
        return "realign schema validate".to_owned();
    }
    if migrations.is_some_and(|migrations| migrations.new > 0) {
        return "realign migrate".to_owned();
    }
    if standing.is_some() {
        return "realign upgrade plan".to_owned();
    }
    "nothing is due".to_owned()
}

fn page(document: &StatusDocument) -> String {
    let mut lines: Vec<(&str, String, &str)> = Vec::new();
    match &document.release {
        None => {}
        Some(standing) => {
            let code = standing.code.as_deref().unwrap_or("unknown");
            let database = standing.recorded.as_deref().unwrap_or("not recorded yet");
            lines.push((
                "Release",
                format!("code {code} (git), database {database}"),
                if standing.mismatch { "they differ" } else { "" },
            ));
        }
    }
    lines.push((
        "Schema",
        match (document.differences, document.declaration_errors) {
            (_, errors) if errors > 0 => {
                format!("the declaration has {}", count(errors, "error"))
            }
            (None, _) => "none is declared".to_owned(),
            (Some(0), _) => "in sync".to_owned(),
            (Some(number), _) => count(number, "difference"),
        },
        match (document.differences, document.declaration_errors) {
            (Some(0) | None, 0) => "",
            _ => "realign schema validate",
        },
    ));
    if let Some(standing) = &document.migrations {
        lines.push((
            "Migrations",
            format!(
                "Executed {}   Executed unavailable {}   Available {}   New {}",
                standing.executed, standing.unavailable, standing.available, standing.new
            ),
            "",
        ));
        if standing.unavailable > 0 {
            lines.push((
                "",
                "Unavailable ones were removed by a later release; that is normal.".to_owned(),
                "",
            ));
        }
    }
    if let Some(upgrade) = &document.upgrade {
        let at = match (&upgrade.at, upgrade.outcome) {
            (Some(at), "running" | "failed" | "stopped") => format!(" at {at}"),
            _ => String::new(),
        };
        let outcome = if upgrade.at_work {
            "at work"
        } else {
            upgrade.outcome
        };
        lines.push((
            "Upgrade",
            format!("{} -> {}, {outcome}{at}", upgrade.from, upgrade.to),
            "realign upgrade status",
        ));
    }
    if let Some(run) = &document.last_run {
        lines.push((
            "Last run",
            format!(
                "{}, {} UTC, {}, {}",
                run.kind.word(),
                run.started,
                run.owner.host,
                words_of(run, document.at_work)
            ),
            "",
        ));
        if run.is_unfinished() && !document.locked {
            lines.push(("", half_way(run), ""));
        }
    }
    if document.locked {
        lines.push(("Lock", "somebody is at work".to_owned(), "realign unlock"));
    }
    lines.push(("Next", document.next.clone(), ""));
    lines
        .iter()
        .map(|(name, text, note)| {
            let name = if name.is_empty() {
                " ".repeat(13)
            } else {
                format!("{}{}", paint(STRONG, name), " ".repeat(13 - name.len()))
            };
            if note.is_empty() {
                format!("{name}{text}")
            } else {
                let blanks = " ".repeat(57_usize.saturating_sub(text.chars().count()));
                format!("{name}{text}{blanks}{note}")
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}
