//! `realign schema update`: the plan, and the way to run it.

use realign::planner::{Diagnostic, Plan, Severity, diff, plan};
use realign::runtime::kernel::RunKind;
use realign::runtime::{Prechecked, precheck, unknown_letters};

use super::context::{self, Live};
use super::execute::{Goal, Job, execute, hold};
use super::{resume, scratch};
use crate::args::UpdateArgs;
use crate::commands::locked::Locked;
use crate::exit::{self, Exit};
use crate::report::doctrine::{Mode, Work};
use crate::report::document::{DatabaseDocument, Outcome, RunDocument};
use crate::report::{self, Out, file};
use crate::settings::Settings;

const COMMAND: &str = "schema update";
const NOTHING: &str =
    "Nothing to update - your database is already in sync with the current entity metadata.";

/// Brings the database in line, or shows how.
pub(super) fn run(args: &UpdateArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    if args.rehearse {
        return Err(exit::usage(
            "--rehearse is planned, not in this version",
            "`realign schema update --dump-sql` prints what would run",
        ));
    }
    let out = out.reserving_sql(args.dump_sql);
    let mode = Mode {
        dump: args.dump_sql,
        force: args.force,
    };
    if out.speech.is_some_and(|speech| speech.clean) {
        out.notice("--clean removes nothing here: what is not declared goes only with --complete")?;
    }
    let mut live = Live::configured(settings)?;
    match turn(args, settings, out, mode, &mut live, None)? {
        Turn::Over(exit) => Ok(exit),
        Turn::Again(locked) => match turn(args, settings, out, mode, &mut live, Some(locked))? {
            Turn::Over(exit) => Ok(exit),
            Turn::Again(_) => Err(exit::usage(
                "the database changes while it is locked: somebody else alters it",
                "find out who changes the schema outside of Realign, then run this again",
            )),
        },
    }
}

/// What one turn of planning and running came to.
enum Turn {
    /// It is over.
    Over(Exit),
    /// The plan no longer fitted once the lock was held: once more, under the lock.
    Again(Locked),
}

/// Plans, and runs the plan when that was asked for.
fn turn(
    args: &UpdateArgs,
    settings: &Settings,
    out: Out,
    mode: Mode,
    live: &mut Live,
    locked: Option<Locked>,
) -> anyhow::Result<Turn> {
    let (found, mut declared) = live.inspect_and_declare(settings)?;
    scratch::settle(settings, Some(live), &found.facts, &mut declared, out)?;
    let dialect = live.engine.dialect;
    out.diagnostics(&found.remarks)?;
    out.diagnostics(&declared.diagnostics)?;
    let left = locked.is_none() && resume::notice(live, &found.facts, out)?;
    let database = live.document(&found.facts);
    let said = [&*found.remarks, &*declared.diagnostics].concat();
    if declared.has_errors() {
        return refuse(
            out,
            database,
            declared.diagnostics,
            "the mapping has errors",
        )
        .map(Turn::Over);
    }
    let policy = context::policy(settings, args.complete, &found.database, &declared);
    let changes = diff(
        &found.database,
        &declared.database,
        dialect,
        &found.facts,
        &policy,
    );
    let plan = plan(
        &changes,
        &found.database,
        &declared.database,
        dialect,
        &found.facts,
        &found.sizes,
        &policy,
    );
    if plan.is_empty() && plan.refusals.is_empty() && !(left && args.force) {
        if !changes.in_sync() {
            return Err(no_steps(&changes).into());
        }
        write(args, &plan)?;
        match out.speech {
            Some(speech) => out.spoken(speech, &speech.nothing(Work::Update, mode))?,
            None => out.chatter(NOTHING)?,
        }
        let mut document = RunDocument::planned(COMMAND, Some(database), &plan, &[]);
        document.outcome = Outcome::NothingToDo;
        document.diagnostics = said;
        out.json(&document)?;
        return Ok(Turn::Over(Exit::Done));
    }
    let held = match locked {
        Some(locked) => Some(locked),
        None if args.force && (left || plan.refusals.is_empty()) => {
            match hold(live, &plan, COMMAND, settings, out)? {
                (locked, true) => Some(locked),
                (locked, false) => return Ok(Turn::Again(locked)),
            }
        }
        None => None,
    };
    if args.dump_sql {
        out.dump(Work::Update, mode, plan.statements())?;
    }
    write(args, &plan)?;
    if args.force {
        let job = Job {
            command: COMMAND,
            work: Work::Update,
            mode,
            plan: &plan,
            consent: context::consent(&args.allow, args.no_quarantine),
            kind: RunKind::Update,
            goal: Goal::Declared,
            out,
        };
        return execute(&job, live, held.as_ref(), settings).map(Turn::Over);
    }
    show(args, settings, out, live, (database, said), &plan).map(Turn::Over)
}

/// Shows a plan that is not run, with what was said of the database and its declaration.
fn show(
    args: &UpdateArgs,
    settings: &Settings,
    out: Out,
    live: &mut Live,
    (database, said): (DatabaseDocument, Vec<Diagnostic>),
    plan: &Plan,
) -> anyhow::Result<Exit> {
    let kept = args.dump_sql || args.write_sql.is_some() || args.write_plan.is_some();
    // Printing for later asks nothing of the data; looking does.
    let found = if kept || !plan.refusals.is_empty() {
        Prechecked::default()
    } else {
        precheck(&mut live.connection, plan)?
    };
    let mut problems = plan.refusals.clone();
    problems.extend(
        found
            .refusals
            .iter()
            .map(realign::runtime::Refusal::diagnostic),
    );
    if !kept {
        let site = live.site(&plan.facts);
        let letters = unknown_letters(&mut live.connection, &site, plan)?;
        problems.extend(letters);
    }
    let exit = if kept { Exit::Done } else { Exit::Failed };
    match out.speech {
        _ if kept => {}
        Some(speech) => {
            let mode = Mode {
                dump: false,
                force: false,
            };
            let text = speech.planned(Work::Update, mode, queries(plan));
            out.spoken(speech, &text)?;
        }
        None => out.text(&report::plan::overview(
            plan,
            &live.shown(&plan.facts),
            &found.losses,
            settings.output.verbose > 0,
        ))?,
    }
    out.diagnostics(&problems)?;
    for path in [&args.write_sql, &args.write_plan].into_iter().flatten() {
        out.notice(&format!("Written: {}", path.display()))?;
    }
    if let Some(path) = &args.write_plan {
        out.notice(&format!("Next: realign schema apply {}", path.display()))?;
    }
    let mut document = RunDocument::planned(COMMAND, Some(database), plan, &found.losses);
    document.diagnostics = [said, problems].concat();
    document.exit_code = exit.code();
    out.json(&document)?;
    Ok(exit)
}

/// How many statements the steps of a plan have.
pub(super) fn queries(plan: &Plan) -> usize {
    plan.steps.iter().map(|step| step.statements.len()).sum()
}

fn write(args: &UpdateArgs, plan: &Plan) -> anyhow::Result<()> {
    if let Some(path) = &args.write_sql {
        file::write(path, &report::plan::script(plan.statements()))?;
    }
    if let Some(path) = &args.write_plan {
        file::write(path, &serde_json::to_string_pretty(plan)?)?;
    }
    Ok(())
}

/// A declaration that nothing can be built on.
pub(super) fn refuse(
    out: Out,
    database: DatabaseDocument,
    diagnostics: Vec<Diagnostic>,
    why: &str,
) -> anyhow::Result<Exit> {
    refuse_as(COMMAND, out, Some(database), diagnostics, why)
}

/// The same for another command.
pub(super) fn refuse_as(
    command: &'static str,
    out: Out,
    database: Option<DatabaseDocument>,
    diagnostics: Vec<Diagnostic>,
    why: &str,
) -> anyhow::Result<Exit> {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .count();
    if !out.is_json() {
        use std::io::Write as _;
        report::unless_gone(writeln!(
            anstream::stderr(),
            "error: {why} ({}); nothing was changed\nhelp: realign schema validate",
            report::style::count(errors, "error")
        ))?;
    }
    out.json(&RunDocument {
        command,
        database,
        outcome: Outcome::Refused,
        steps: Vec::new(),
        opening: Vec::new(),
        closing: Vec::new(),
        atomic: false,
        diagnostics,
        applied: None,
        failure: None,
        exit_code: Exit::Failed.code(),
    })?;
    Ok(Exit::Failed)
}

/// Differences for which no step was found: never silently taken for being in sync.
pub(super) fn no_steps(changes: &realign::planner::Diff) -> realign::runtime::Error {
    let mut error = realign::runtime::Error::new(
        realign::runtime::ErrorKind::Failed,
        "the database differs, and no step is known that mends it",
    );
    for finding in changes.of(realign::planner::Weight::Differs) {
        error = error.with_note(format!(
            "{}: {}",
            finding.object,
            report::findings::sides(finding)
        ));
    }
    error.with_help("change these by hand; please report this")
}
