//! `realign migrations status`

use realign::planner::migration::{Target, Version, resolve};
use realign::runtime::kernel::{Guard, RunKind};
use serde::Serialize;

use super::context::{Context, layout, whole};
use super::list::{self, Item};
use super::way_on::way_on;
use crate::args::StatusArgs;
use crate::commands::last_run::{goes_on_with, is_at_work};
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::table::{Row, table};
use crate::report::style::{STRONG, count, paint};
use crate::settings::Settings;

const STORAGE: &str = "Doctrine\\Migrations\\Metadata\\Storage\\TableMetadataStorageConfiguration";

/// What the command says, for a program.
#[derive(Debug, Serialize)]
struct StatusDocument {
    command: &'static str,
    history: HistoryDocument,
    previous: Option<Version>,
    current: Option<Version>,
    next: Option<Version>,
    latest: Option<Version>,
    executed: usize,
    executed_unavailable: usize,
    available: usize,
    new: usize,
    folders: Vec<FolderDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    half_way: Option<HalfWayDocument>,
    /// All of them, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    migrations: Option<Vec<Item>>,
}

#[derive(Debug, Serialize)]
struct HalfWayDocument {
    /// What helps.
    #[serde(skip)]
    way_on: String,
    /// The command that does.
    goes_on_with: String,
    /// Its own process holds the lock: it is still at work.
    at_work: bool,
    run: i64,
    command: String,
    version: Option<String>,
    done: usize,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct HistoryDocument {
    table: String,
    layout: realign::runtime::migrate::Layout,
    exists: bool,
}

#[derive(Debug, Serialize)]
struct FolderDocument {
    namespace: Option<String>,
    path: String,
}

/// Says how migrations stand. Writes nothing.
pub(super) fn run(args: &StatusArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = if args.show_versions {
        Context::reading(settings, out)?
    } else {
        Context::counting(settings, out)?
    };
    context.without_folder()?;
    let migrations = args.show_versions.then(|| list::all(&mut context));
    let document = StatusDocument {
        migrations: migrations.transpose()?,
        half_way: half_way(&mut context)?,
        ..document(&context)
    };
    if context.spoken() {
        let text = spoken(&context, &document);
        context.console.table(&text)?;
    } else {
        out.text(&page(&context, &document))?;
    }
    if let Some(migrations) = &document.migrations {
        if context.spoken() {
            context.console.line()?;
        } else {
            out.text("")?;
        }
        list::tell(&mut context, migrations)?;
    }
    out.json(&document)?;
    context.leave();
    Ok(Exit::Done)
}

fn document(context: &Context<'_>) -> StatusDocument {
    let overview = &context.overview;
    let word = |word: &str| {
        resolve(word, overview, false)
            .ok()
            .and_then(|target: Target| target.version().cloned())
    };
    StatusDocument {
        command: "migrations status",
        history: HistoryDocument {
            table: context.history.table.clone(),
            layout: context.history.layout,
            exists: context.history.exists,
        },
        previous: word("prev"),
        current: word("current"),
        next: word("next"),
        latest: word("latest"),
        executed: overview.executed.len(),
        executed_unavailable: overview.unavailable().count(),
        available: overview.available.len(),
        new: overview.fresh().count(),
        folders: context
            .settings
            .migrations
            .folders
            .iter()
            .map(|folder| FolderDocument {
                namespace: folder.namespace.clone(),
                path: folder.path.display().to_string(),
            })
            .collect(),
        half_way: None,
        migrations: None,
    }
}

/// A run that is not at its end: one at work, or one that the next one goes on with.
fn half_way(context: &mut Context<'_>) -> anyhow::Result<Option<HalfWayDocument>> {
    let Some(row) = context.last.take() else {
        return Ok(None);
    };
    let at_work = match &mut context.base {
        Some(base) => {
            let state = Guard::look(&base.site, &mut base.live.connection)?;
            is_at_work(&row, &state)
        }
        None => false,
    };
    if !at_work && !row.is_unfinished() {
        return Ok(None);
    }
    Ok(Some(HalfWayDocument {
        at_work,
        run: row.id,
        way_on: way_on(&row, context.settings),
        goes_on_with: goes_on_with(&row),
        command: row.command,
        version: row.unit_name,
        done: row.done,
        error: row.error,
    }))
}

/// The command that is due.
fn next(document: &StatusDocument) -> Option<String> {
    let migrate = RunKind::Migrate;
    let Some(stand) = &document.half_way else {
        return (document.new > 0).then(|| migrate.command().to_owned());
    };
    if stand.at_work {
        return Some("wait, or realign unlock, which tells who holds the lock".to_owned());
    }
    Some(stand.way_on.clone())
}

fn page(context: &Context<'_>, document: &StatusDocument) -> String {
    let version = |version: &Option<Version>| {
        version
            .as_ref()
            .map_or_else(|| "none".to_owned(), ToString::to_string)
    };
    let history = if document.history.exists {
        format!("{} ({})", document.history.table, layout(&context.history))
    } else {
        format!("{} (not there yet)", document.history.table)
    };
    let folders: Vec<String> = document
        .folders
        .iter()
        .map(|folder| match &folder.namespace {
            Some(namespace) => format!("{} ({namespace})", folder.path),
            None => folder.path.clone(),
        })
        .collect();
    let mut lines = vec![
        (
            "Migrations",
            format!(
                "Executed {}   Executed unavailable {}   Available {}   New {}",
                document.executed, document.executed_unavailable, document.available, document.new
            ),
        ),
        ("Current", version(&document.current)),
        (
            "Next",
            match &document.next {
                Some(next) => next.to_string(),
                None => "nothing is left to execute".to_owned(),
            },
        ),
        ("Latest", version(&document.latest)),
        ("History", history),
        ("Folder", folders.join(", ")),
    ];
    if document.executed_unavailable > 0 {
        lines.insert(
            1,
            (
                "",
                "Unavailable ones were removed by a later release; that is normal.".to_owned(),
            ),
        );
    }
    if let Some(stand) = &document.half_way {
        let done = count(stand.done, "statement");
        lines.push((
            if stand.at_work { "At work" } else { "Half-way" },
            match &stand.version {
                Some(version) => format!("{version}, {done} done by run {}", stand.run),
                None => format!("{}, run {}", stand.command, stand.run),
            },
        ));
        if let Some(error) = &stand.error {
            lines.push(("", format!("it ended with: {error}")));
        }
    }
    if let Some(next) = next(document) {
        lines.push(("", String::new()));
        lines.push(("Next:", next));
    }
    lines
        .iter()
        .map(|(name, text)| {
            if name.ends_with(':') || (name.is_empty() && text.is_empty()) {
                format!("{name} {text}").trim().to_owned()
            } else {
                let blanks = " ".repeat(13 - name.len());
                format!("{}{blanks}{text}", paint(STRONG, name))
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn spoken(context: &Context<'_>, document: &StatusDocument) -> String {
    let version = |version: &Option<Version>| {
        version
            .as_ref()
            .map_or_else(|| "0".to_owned(), ToString::to_string)
    };
    let mut body = Vec::new();
    let mut group = |name: &str, items: Vec<(&str, String)>| {
        if !body.is_empty() {
            body.push(Row::Rule);
        }
        for (at, (title, value)) in items.into_iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            body.push(Row::Cells(vec![name.to_owned(), title.to_owned(), value]));
        }
    };
    group(
        "Storage",
        vec![
            ("Type", STORAGE.to_owned()),
            ("Table Name", document.history.table.clone()),
            ("Column Name", context.history.columns.version.clone()),
        ],
    );
    group(
        "Database",
        vec![
            ("Driver", driver(context)),
            ("Name", context.database_name()),
        ],
    );
    group(
        "Versions",
        vec![
            ("Previous", version(&document.previous)),
            ("Current", version(&document.current)),
            (
                "Next",
                document.next.as_ref().map_or_else(
                    || "Already at latest version".to_owned(),
                    ToString::to_string,
                ),
            ),
            ("Latest", version(&document.latest)),
        ],
    );
    group(
        "Migrations",
        vec![
            ("Executed", document.executed.to_string()),
            (
                "Executed Unavailable",
                document.executed_unavailable.to_string(),
            ),
            ("Available", document.available.to_string()),
            ("New", document.new.to_string()),
        ],
    );
    let folders = &context.settings.migrations.folders;
    group(
        "Migration Namespaces",
        folders
            .iter()
            .map(|folder| {
                (
                    folder.namespace.as_deref().unwrap_or_default(),
                    whole(&folder.path),
                )
            })
            .collect(),
    );
    let head = Row::Wide("Configuration".to_owned(), 3);
    table(&[head], &body)
}

/// The class of DBAL's driver for this engine, which scripts may know.
fn driver(context: &Context<'_>) -> String {
    let name = context
        .settings
        .target()
        .and_then(|target| realign::engine(&target))
        .map_or("", |engine| engine.dialect.name());
    let class = match name {
        "sqlite" => "SQLite",
        "mysql" => "MySQL",
        "postgresql" => "PgSQL",
        other => other,
    };
    format!("Doctrine\\DBAL\\Driver\\PDO\\{class}\\Driver")
}
