//! The one way in which a plan is run: asked, agreed to, applied, verified.

use realign::model::{Fingerprint, ObjectName};
use realign::planner::{Diagnostic, NameKind, Plan};
use realign::runtime::kernel::{Journal, RunKind, RunOutcome};
use realign::runtime::{self, Applied, Connection, Consent, Failure, Prechecked};

use super::context::Live;
use crate::commands::locked::Locked;
use crate::exit::{Exit, Shown};
use crate::report::doctrine::{Mode, Work};
use crate::report::document::{AppliedDocument, FailureDocument, Outcome, RunDocument};
use crate::report::progress::Progress;
use crate::report::style::{count, duration};
use crate::report::{Out, unless_gone};
use crate::settings::Settings;

/// What has to be true after the run.
pub(super) enum Goal {
    /// The database is as the plan declares it.
    Declared,
    /// These are gone.
    Gone(Vec<ObjectName>),
}

/// A plan and everything that decides whether and how it runs.
pub(super) struct Job<'a> {
    /// `schema update`.
    pub(super) command: &'static str,
    /// What is done.
    pub(super) work: Work,
    /// What was asked for.
    pub(super) mode: Mode,
    /// The plan.
    pub(super) plan: &'a Plan,
    /// What was agreed to.
    pub(super) consent: Consent,
    /// What kind of run it is in the journal.
    pub(super) kind: RunKind,
    /// What has to be true then.
    pub(super) goal: Goal,
    /// Where output goes.
    pub(super) out: Out,
}

/// Runs a plan under the lock, or says why not; a plan that is refused needs no lock.
pub(super) fn execute(
    job: &Job<'_>,
    live: &mut Live,
    locked: Option<&Locked>,
    settings: &Settings,
) -> anyhow::Result<Exit> {
    let out = job.out;
    let plan = job.plan;
    let found = if plan.refusals.is_empty() {
        runtime::precheck(&mut live.connection, plan)?
    } else {
        Prechecked::default()
    };
    let mut document = RunDocument::planned(
        job.command,
        Some(live.document(&plan.facts)),
        plan,
        &found.losses,
    );
    let mut refusals = refusals(job, &found);
    let site = live.site(&plan.facts);
    refusals.extend(runtime::unknown_letters(&mut live.connection, &site, plan)?);
    let Some(locked) = locked.filter(|_| refusals.is_empty()) else {
        out.diagnostics(&refusals)?;
        document.outcome = Outcome::Refused;
        document.diagnostics = refusals;
        document.exit_code = Exit::Failed.code();
        out.json(&document)?;
        return Ok(Exit::Failed);
    };
    match out.speech {
        Some(speech) => out.spoken(speech, &speech.begin(job.work, job.mode))?,
        None => out.chatter(&format!(
            "{} {}, {}",
            doing(job.work),
            live.shown(&plan.facts),
            count(plan.steps.len(), "step")
        ))?,
    }
    let work = super::resume::kept(plan);
    let mut journal = Journal::begin(&locked.guard, &mut live.connection, job.kind, Some(&work))?;
    let ran = {
        let mut progress = Progress::new(out, &locked.stop);
        runtime::apply_recorded(
            &mut live.connection,
            plan,
            &mut journal,
            &mut progress,
            &locked.stop,
        )
    };
    let closed = close(journal, &mut live.connection, plan, ran.as_ref().err());
    match ran {
        Ok(applied) => {
            closed?;
            finish(job, live, settings, document, &applied)
        }
        Err(failure) => fail(out, document, failure),
    }
}

/// Records how a run ended, where its last commit has not.
pub(super) fn close(
    journal: Journal<'_>,
    connection: &mut Connection,
    plan: &Plan,
    failure: Option<&Failure>,
) -> Result<(), runtime::Error> {
    let (outcome, error) = match failure {
        None if plan.atomic => return Ok(()),
        None => (RunOutcome::Done, None),
        Some(failure) if failure.error.kind == runtime::ErrorKind::Unreachable => return Ok(()),
        Some(failure) => (
            if failure.signal.is_some() {
                RunOutcome::Stopped
            } else {
                RunOutcome::Failed
            },
            Some(failure.error.message.as_str()),
        ),
    };
    journal.end(connection, outcome, error)
}

/// Takes the lock for a plan and goes on with what the run before has left. True when the plan
/// still fits: nobody has changed the database between its making and the lock.
pub(super) fn hold(
    live: &mut Live,
    plan: &Plan,
    command: &str,
    settings: &Settings,
    out: Out,
) -> anyhow::Result<(Locked, bool)> {
    let site = live.site(&plan.facts);
    let locked = Locked::take(&site, &mut live.connection, command, settings, out)?;
    if super::resume::go_on(live, &locked, settings, out)? {
        return Ok((locked, false));
    }
    let now = runtime::inspect_known(
        &mut live.connection,
        live.engine.dialect,
        plan.facts.clone(),
    )?;
    let same = Fingerprint::of(&now.database) == plan.before;
    Ok((locked, same))
}

/// Somebody changed the database while the plan was made.
pub(super) fn changed_meanwhile() -> runtime::Error {
    runtime::Error::new(
        runtime::ErrorKind::Stale,
        "the database was changed by somebody else while the plan was made; nothing was changed by this run",
    )
    .with_help("run the same command again")
}

fn doing(work: Work) -> &'static str {
    match work {
        Work::Create => "Creating database schema in",
        Work::Update => "Updating database schema of",
        Work::Drop => "Dropping database schema of",
    }
}

fn refusals(job: &Job<'_>, found: &Prechecked) -> Vec<Diagnostic> {
    let mut refusals = job.plan.refusals.clone();
    refusals.extend(match job.goal {
        Goal::Declared => job.consent.refusals(job.plan, found),
        Goal::Gone(_) => job.consent.drop_refusals(job.plan, found),
    });
    refusals
}

fn finish(
    job: &Job<'_>,
    live: &mut Live,
    settings: &Settings,
    mut document: RunDocument,
    applied: &Applied,
) -> anyhow::Result<Exit> {
    document.applied = Some(AppliedDocument::from(applied));
    let proof = match &job.goal {
        Goal::Declared => {
            runtime::verify(&mut live.connection, live.engine.dialect, job.plan).map(|_| ())
        }
        Goal::Gone(names) => gone(live, settings, names),
    };
    if let Err(error) = proof {
        document.outcome = Outcome::Failed;
        document.failure = Some(FailureDocument::from(&error));
        document.exit_code = Exit::Failed.code();
        return end(job.out, &document, error.into());
    }
    document.outcome = Outcome::Executed;
    job.out.json(&document)?;
    if let Some(speech) = job.out.speech {
        job.out
            .spoken(speech, &speech.done(job.work, applied.statements))?;
        return Ok(Exit::Done);
    }
    job.out.text(&format!(
        "Database schema {}: {} executed in {}{}.",
        job.work.done(),
        if applied.statements == 1 {
            "1 query was".to_owned()
        } else {
            format!("{} queries were", applied.statements)
        },
        duration(applied.elapsed),
        match job.goal {
            Goal::Declared => "; the database is in sync",
            Goal::Gone(_) => "",
        }
    ))?;
    Ok(Exit::Done)
}

/// Looks whether these are gone.
fn gone(live: &mut Live, settings: &Settings, names: &[ObjectName]) -> Result<(), runtime::Error> {
    let dialect = live.engine.dialect;
    let found = runtime::inspect(&mut live.connection, dialect, settings.profile.value)?;
    let fold = |name: &ObjectName| {
        dialect
            .compare()
            .fold(NameKind::Table, &name.to_string(), &found.facts)
    };
    let left: Vec<String> = found
        .database
        .tables
        .iter()
        .map(|table| &table.name)
        .chain(found.database.views.iter().map(|view| &view.name))
        .filter(|name| names.iter().any(|dropped| fold(dropped) == fold(name)))
        .map(ToString::to_string)
        .collect();
    if left.is_empty() {
        Ok(())
    } else {
        Err(runtime::Error::new(
            runtime::ErrorKind::Failed,
            format!(
                "the plan ran, and these are still there: {}",
                left.join(", ")
            ),
        ))
    }
}

fn fail(out: Out, mut document: RunDocument, failure: Failure) -> anyhow::Result<Exit> {
    document.outcome = if failure.signal.is_some() {
        Outcome::Stopped
    } else {
        Outcome::Failed
    };
    document.failure = Some(FailureDocument::from(&failure));
    let signal = failure.signal;
    let error = anyhow::Error::from(*failure.error);
    let exit = match signal {
        Some(signal) => Exit::by_signal(signal),
        None => Exit::of(&error),
    };
    document.exit_code = exit.code();
    end(out, &document, error)?;
    Ok(exit)
}

/// Prints a failure where it belongs.
fn end(out: Out, document: &RunDocument, error: anyhow::Error) -> anyhow::Result<Exit> {
    if out.is_json() {
        out.json(document)?;
    } else {
        use std::io::Write as _;
        unless_gone(writeln!(anstream::stderr(), "{}", Shown(&error)))?;
    }
    Ok(Exit::of(&error))
}
