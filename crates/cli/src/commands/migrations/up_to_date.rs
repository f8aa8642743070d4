//! `realign migrations up-to-date`

use realign::planner::migration::Version;
use serde::Serialize;

use super::context::Context;
use super::list::{self, Item};
use crate::args::UpToDateArgs;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::style::count;
use crate::settings::Settings;

#[derive(Debug, Serialize)]
struct UpToDateDocument {
    command: &'static str,
    up_to_date: bool,
    new: usize,
    executed_unavailable: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    migrations: Vec<Item>,
}

/// Says whether anything is left to execute. Writes nothing.
pub(super) fn run(args: &UpToDateArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let mut context = Context::reading(settings, out)?;
    context.without_folder()?;
    let new = context.overview.fresh().count();
    let gone = context.overview.unavailable().count();
    let mut listed: Vec<Version> = context.overview.fresh().cloned().collect();
    listed.extend(
        context
            .overview
            .unavailable()
            .map(|row| row.version.clone()),
    );
    listed.sort();
    let items = if args.list_migrations {
        list::items(&mut context, &listed)?
    } else {
        Vec::new()
    };
    if context.spoken() {
        spoken(&mut context, new, gone, &items)?;
    } else {
        plain(out, new, gone, &items)?;
    }
    out.json(&UpToDateDocument {
        command: "migrations up-to-date",
        up_to_date: new == 0,
        new,
        executed_unavailable: gone,
        migrations: items,
    })?;
    Ok(if gone > 0 && args.fail_on_unregistered {
        context.ends(2, Exit::Failed)
    } else if new > 0 {
        Exit::Failed
    } else {
        Exit::Done
    })
}

fn plain(out: Out, new: usize, gone: usize, items: &[Item]) -> anyhow::Result<()> {
    if new == 0 {
        out.chatter("Up to date: no migration is left to execute.")?;
    } else {
        let is = if new == 1 { "is" } else { "are" };
        out.text(&format!(
            "{} {is} left to execute.",
            count(new, "migration")
        ))?;
    }
    if gone > 0 {
        let have = if gone == 1 { "has" } else { "have" };
        out.chatter(&format!(
            "{} {have} no file any more; a later release may have removed them.",
            count(gone, "executed migration")
        ))?;
    }
    if items.is_empty() {
        return Ok(());
    }
    out.text(&list::page(items))
}

fn spoken(
    context: &mut Context<'_>,
    new: usize,
    gone: usize,
    items: &[Item],
) -> anyhow::Result<()> {
    let console = &mut context.console;
    if new == 0 && gone == 0 {
        return console.good("Up-to-date! No migrations to execute.");
    }
    if new > 0 {
        let migrations = if new == 1 {
            "migration is"
        } else {
            "migrations are"
        };
        console.bad(&format!(
            "Out-of-date! {new} {migrations} available to execute."
        ))?;
    }
    if gone > 0 {
        let (migrations, is) = if gone == 1 {
            ("migration", "is not a registered migration")
        } else {
            ("migrations", "are not registered migrations")
        };
        console.bad(&format!(
            "You have {gone} previously executed {migrations} in the database that {is}."
        ))?;
    }
    if !items.is_empty() {
        console.table(&list::spoken(items))?;
        console.line()?;
    }
    Ok(())
}
