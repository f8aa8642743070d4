//! `realign schema create`: everything that is declared, in a database that has none of it.

use realign::planner::{Diagnostic, NameKind, Plan, create_plan};
use realign::runtime::kernel::RunKind;
use realign::runtime::verify;

use super::context::{self, Live, Server};
use super::execute::{Goal, Job, changed_meanwhile, execute, hold};
use super::resume;
use super::update::{queries, refuse_as};
use crate::args::CreateArgs;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::{Mode, Work};
use crate::report::document::RunDocument;
use crate::report::style::count;
use crate::settings::Settings;

const COMMAND: &str = "schema create";

/// Creates what is declared, or shows how.
pub(super) fn run(args: &CreateArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let out = out.reserving_sql(args.dump_sql);
    let mode = Mode {
        dump: args.dump_sql,
        force: args.force,
    };
    let mut server = if args.force {
        let mut live = Live::configured_or_new(settings)?;
        Server {
            engine: live.engine,
            facts: live.facts(settings)?,
            live: Some(live),
        }
    } else {
        Server::of(settings)?
    };
    let declared = context::declare(settings, server.engine, &server.facts)?;
    out.diagnostics(&declared.diagnostics)?;
    let database = server
        .live
        .as_ref()
        .map(|live| live.document(&server.facts));
    if declared.has_errors() {
        return refuse_as(
            COMMAND,
            out,
            database,
            declared.diagnostics,
            "the mapping has errors",
        );
    }
    let mut plan = create_plan(&declared.database, server.engine.dialect, &server.facts);
    if args.dump_sql {
        let statements = plan.steps.iter().flat_map(|step| &step.statements);
        out.dump(Work::Create, mode, statements)?;
    }
    if let (true, Some(live)) = (args.force, &mut server.live) {
        let found = live.inspect(settings)?;
        out.diagnostics(&found.remarks)?;
        plan.policy = context::policy(settings, false, &found.database, &declared);
        plan.before = realign::model::Fingerprint::of(&found.database);
        let left = resume::notice(live, &found.facts, out)?;
        let there = there_already(live, &found, &declared);
        let locked = if left || (plan.refusals.is_empty() && there.is_none()) {
            match hold(live, &plan, COMMAND, settings, out)? {
                (locked, true) => Some(locked),
                (_, false) if left => return after(live, &plan, out),
                (_, false) => return Err(changed_meanwhile().into()),
            }
        } else {
            None
        };
        plan.refusals.extend(there);
        let job = Job {
            command: COMMAND,
            work: Work::Create,
            mode,
            plan: &plan,
            consent: context::consent(&[], false),
            kind: RunKind::Create,
            goal: Goal::Declared,
            out,
        };
        return execute(&job, live, locked.as_ref(), settings);
    }
    let exit = if args.dump_sql || plan.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    };
    out.diagnostics(&plan.refusals)?;
    if let Some(speech) = out.speech.filter(|_| !args.dump_sql) {
        let text = speech.planned(Work::Create, mode, queries(&plan));
        out.spoken(speech, &text)?;
    } else if !args.dump_sql {
        let place = match &server.live {
            Some(live) => live.shown(&server.facts),
            None => realign::product(&server.facts),
        };
        out.text(&format!(
            "Would execute {} in {place}: {}.\n\nNothing is executed yet.   --force runs it   --dump-sql prints it",
            count(queries(&plan), "query"),
            count(declared.database.tables.len(), "table"),
        ))?;
    }
    let mut document = RunDocument::planned(COMMAND, database, &plan, &[]);
    document.diagnostics = [declared.diagnostics, plan.refusals].concat();
    document.exit_code = exit.code();
    out.json(&document)?;
    Ok(exit)
}

/// The run before has been gone on with: what it has made is looked at.
fn after(live: &mut Live, plan: &Plan, out: Out) -> anyhow::Result<Exit> {
    verify(&mut live.connection, live.engine.dialect, plan)?;
    out.text("Database schema created; the database is in sync.")?;
    let document = RunDocument::planned(COMMAND, Some(live.document(&plan.facts)), plan, &[]);
    out.json(&document)?;
    Ok(Exit::Done)
}

/// Declared tables whose names are taken in the database.
fn there_already(
    live: &Live,
    found: &realign::runtime::Inspection,
    declared: &realign::Declared,
) -> Option<Diagnostic> {
    let compare = live.engine.dialect.compare();
    let fold = |name: &realign::model::ObjectName| {
        compare.fold(NameKind::Table, &name.to_string(), &found.facts)
    };
    let taken: std::collections::BTreeSet<String> = found
        .database
        .tables
        .iter()
        .map(|table| fold(&table.name))
        .chain(found.database.views.iter().map(|view| fold(&view.name)))
        .collect();
    let there: Vec<String> = declared
        .database
        .tables
        .iter()
        .filter(|table| taken.contains(&fold(&table.name)))
        .map(|table| table.name.to_string())
        .collect();
    if there.is_empty() {
        return None;
    }
    let shown = there.len().min(5);
    let mut list = there[..shown].join(", ");
    if there.len() > shown {
        list = format!("{list} and {} more", there.len() - shown);
    }
    Some(
        Diagnostic::error(
            "R002",
            format!(
                "{} of what is declared {} there already: {list}",
                count(there.len(), "table"),
                if there.len() == 1 { "is" } else { "are" },
            ),
        )
        .with_note("nothing was changed")
        .with_help("`realign schema update` brings an existing database in line"),
    )
}
