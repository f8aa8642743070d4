//! `realign migrations list`

use realign::planner::migration::Version;
use realign::runtime::migrate::MigrationOutcome;
use serde::Serialize;

use super::context::Context;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::table::{Row, table};
use crate::report::style::{CARE, DIM, GOOD, pad};
use crate::settings::Settings;

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// Executed.
    Migrated,
    /// Left out by a check of its own.
    Skipped,
    /// Not run: all that it makes was there already.
    Included,
    /// Executed, and its file is gone.
    NotAvailable,
    /// Not executed.
    New,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Migrated => "migrated",
            Self::Skipped => "skipped",
            Self::Included => "included",
            Self::NotAvailable => "migrated, not available",
            Self::New => "not migrated",
        }
    }
}

/// One migration.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Item {
    version: Version,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    executed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<MigrationOutcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

#[derive(Debug, Serialize)]
struct ListDocument<'a> {
    command: &'static str,
    migrations: &'a [Item],
}

/// Lists migrations. Writes nothing.
pub(super) fn run(settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    context.without_folder()?;
    let items = all(&mut context)?;
    tell(&mut context, &items)?;
    out.json(&ListDocument {
        command: "migrations list",
        migrations: &items,
    })?;
    Ok(Exit::Done)
}

/// What is known of all versions.
pub(super) fn all(context: &mut Context<'_>) -> anyhow::Result<Vec<Item>> {
    let all: Vec<Version> = context.overview.all().into_iter().cloned().collect();
    items(context, &all)
}

/// The list for a person.
pub(super) fn tell(context: &mut Context<'_>, items: &[Item]) -> anyhow::Result<()> {
    if context.spoken() {
        context.console.table(&spoken(items))
    } else if items.is_empty() {
        context.out.text("There are no migrations.")
    } else {
        context.out.text(&page(items))
    }
}

/// What is known of these versions.
pub(super) fn items(context: &mut Context<'_>, versions: &[Version]) -> anyhow::Result<Vec<Item>> {
    let details = match &mut context.base {
        Some(base) => context
            .history
            .details(&mut base.live.connection, &base.site)?,
        None => std::collections::BTreeMap::new(),
    };
    let mut items = Vec::with_capacity(versions.len());
    for version in versions {
        let row = context.overview.row(version);
        let detail = details.get(version.as_str()).filter(|_| row.is_some());
        let state = match row {
            None => State::New,
            Some(_) if detail.is_some_and(|d| d.outcome == MigrationOutcome::Skipped) => {
                State::Skipped
            }
            Some(_) if !context.overview.is_available(version) => State::NotAvailable,
            Some(_) if detail.is_some_and(|d| d.outcome == MigrationOutcome::Included) => {
                State::Included
            }
            Some(_) => State::Migrated,
        };
        items.push(Item {
            version: version.clone(),
            state,
            executed_at: row.and_then(|row| row.at.clone()),
            milliseconds: row.and_then(|row| row.milliseconds),
            outcome: detail.map(|detail| detail.outcome),
            who: detail.and_then(|detail| detail.who.clone()),
            host: detail.and_then(|detail| detail.host.clone()),
            checksum: detail.and_then(|detail| detail.checksum.clone()),
            description: context.description(version)?,
            path: context
                .entry(version)
                .map(|entry| entry.path().display().to_string()),
        });
    }
    Ok(items)
}

/// As Doctrine lists them.
pub(super) fn spoken(items: &[Item]) -> String {
    let cells = |cells: [String; 5]| Row::Cells(cells.to_vec());
    let head = [
        Row::Wide("Migration Versions".to_owned(), 4),
        cells(
            [
                "Migration",
                "Status",
                "Migrated At",
                "Execution Time",
                "Description",
            ]
            .map(str::to_owned),
        ),
    ];
    let body: Vec<Row> = items
        .iter()
        .map(|item| {
            cells([
                item.version.to_string(),
                item.state.word().to_owned(),
                item.executed_at.clone().unwrap_or_default(),
                item.milliseconds.map(seconds).unwrap_or_default(),
                item.description.clone(),
            ])
        })
        .collect();
    table(&head, &body)
}

/// Milliseconds as Doctrine shows them: a PHP float of seconds.
fn seconds(milliseconds: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "nothing runs for so long")]
    let seconds = milliseconds as f64 / 1000.0;
    format!("{seconds}s")
}

/// A line each, for a person.
pub(super) fn page(items: &[Item]) -> String {
    let width = |of: fn(&Item) -> usize| items.iter().map(of).max().unwrap_or(0);
    let versions = width(|item| item.version.as_str().chars().count());
    let states = width(|item| item.state.word().chars().count());
    let moments = width(|item| item.executed_at.as_ref().map_or(0, String::len));
    let lines: Vec<String> = items
        .iter()
        .map(|item| {
            let style = match item.state {
                State::Migrated => GOOD,
                State::Skipped | State::Included | State::NotAvailable => DIM,
                State::New => CARE,
            };
            format!(
                "{:versions$}  {}  {:moments$}  {}",
                item.version.as_str(),
                pad(style, item.state.word(), states),
                item.executed_at.as_deref().unwrap_or_default(),
                item.description
            )
            .trim_end()
            .to_owned()
        })
        .collect();
    lines.join("\n")
}
