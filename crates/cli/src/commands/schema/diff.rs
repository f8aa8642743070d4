//! `realign schema diff FROM TO`: what leads from one source to another.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use realign::planner::{Finding, Policy, Weight, diff, printed_changes};
use realign::{Declared, Source};

use super::choose::chosen;
use super::context::{self, Live, Server};
use super::scratch;
use super::update::refuse_as;
use crate::address;
use crate::args::DiffArgs;
use crate::exit::Exit;
use crate::report::document::DiffDocument;
use crate::report::style::count;
use crate::report::{Out, findings, tree};
use crate::settings::Settings;

/// Compares two sources.
pub(super) fn run(args: &DiffArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let out = out.reserving_sql(args.sql);
    let from = context::source(settings, &args.from, Path::new(""))?;
    let to = context::source(settings, &args.to, Path::new(""))?;
    let server = server(settings, &from, &to)?;
    let (engine, facts) = (server.engine, &server.facts);
    let live = server.live.as_ref();
    let read = |source: Source| -> anyhow::Result<Declared> {
        let is_live = matches!(source, Source::Database(_));
        let mut declared = context::read(settings, &[source], engine, facts)?;
        if !is_live {
            scratch::settle(settings, live, facts, &mut declared, out)?;
        }
        declared.database = chosen(declared.database, &args.choosing);
        Ok(declared)
    };
    let is = read(from)?;
    let wish = read(to)?;
    let mut diagnostics = is.diagnostics.clone();
    diagnostics.extend(wish.diagnostics.iter().cloned());
    out.diagnostics(&diagnostics)?;
    if is.has_errors() || wish.has_errors() {
        return refuse_as("schema diff", out, None, diagnostics, "a source has errors");
    }
    let data_statements = is.data_statements + wish.data_statements;
    let skipped_bytes = is.skipped_bytes + wish.skipped_bytes;
    let policy = context::policy(settings, args.complete, &is.database, &wish);
    let Declared { database: wish, .. } = wish;
    let changes = diff(&is.database, &wish, engine.dialect, facts, &policy);
    let plan = printed_changes(
        &changes,
        &is.database,
        &wish,
        engine.dialect,
        facts,
        &BTreeMap::new(),
    );
    out.diagnostics(&changes.errors)?;
    diagnostics.extend(changes.errors.iter().cloned());
    let of = |weight: Weight| -> Vec<Finding> { changes.of(weight).cloned().collect() };
    // Equal is what is so in both directions, whatever the statements are asked to leave alone.
    let everything = Policy {
        complete: true,
        ..policy.clone()
    };
    let equal = changes.in_sync()
        && changes.errors.is_empty()
        && (args.complete
            || diff(&is.database, &wish, engine.dialect, facts, &everything).in_sync());
    let cannot_tell = of(Weight::CannotTell);
    let exit = match (args.exit_code, equal, cannot_tell.is_empty()) {
        (false, ..) | (true, true, true) => Exit::Done,
        (true, false, _) => Exit::Failed,
        (true, true, false) => Exit::NotInSync,
    };
    if args.sql {
        out.statements(plan.statements())?;
    } else {
        let mut text = tree::tree(&changes.changes, engine.dialect, facts);
        if text.is_empty() && equal {
            text.push_str("No difference.\n");
        }
        if !cannot_tell.is_empty() {
            // Writing into a String cannot fail, here and below.
            let _ = writeln!(
                text,
                "\n{} can't be told without asking the engine (--scratch auto asks it):",
                count(cannot_tell.len(), "thing")
            );
            findings::list(&mut text, &cannot_tell);
        }
        let undeclared = changes.of(Weight::Note).count();
        if undeclared > 0 && !args.complete {
            let _ = writeln!(
                text,
                "\n{} noted and left alone (--complete lists what is only in the first, and the statements drop it).",
                count(undeclared, "thing")
            );
        }
        if data_statements > 0 {
            let _ = writeln!(
                text,
                "\n{} of the sources: they only change rows, and were left out.",
                count(data_statements, "statement"),
            );
        }
        out.text(&text)?;
    }
    out.json(&DiffDocument {
        command: "schema diff",
        from: address::shown(&args.from),
        to: address::shown(&args.to),
        equal,
        differences: of(Weight::Differs),
        notes: of(Weight::Note),
        cannot_tell,
        statements: plan.statements().map(|s| s.sql.clone()).collect(),
        data_statements,
        skipped_bytes,
        diagnostics,
        exit_code: exit.code(),
    })?;
    Ok(exit)
}

/// The server whose rules decide: that of a live source, else the configured one.
fn server(settings: &Settings, from: &Source, to: &Source) -> anyhow::Result<Server> {
    for source in [to, from] {
        if let Source::Database(target) = source {
            let mut live = Live::open(target.clone())?;
            return Ok(Server {
                engine: live.engine,
                facts: live.facts(settings)?,
                live: Some(live),
            });
        }
    }
    Server::of(settings)
}
