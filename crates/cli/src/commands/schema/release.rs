//! The schema step of an upgrade: the same plan, lock and journal as `schema update --force`,
//! told to whoever asked instead of being printed.

use realign::planner::{Diagnostic, Plan, Risk, Severity, Weight, diff, name_collisions, plan};
use realign::runtime::kernel::{Journal, RunKind};
use realign::runtime::{self, Consent, Error, ErrorKind, Event, Observer, precheck};

use super::context::{self, Live};
use super::execute::{close, hold};
use super::{resume, update};
use crate::report::Out;
use crate::report::findings::sides;
use crate::report::plan::describe;
use crate::report::style::{count, one_line};
use crate::report::warnings::Warnings;
use crate::settings::Settings;

const COMMAND: &str = "upgrade: schema update";
/// How often a plan is made anew because somebody changed the database meanwhile.
const TURNS: usize = 3;

/// What a schema step may do.
pub(in crate::commands) struct Terms {
    /// What is not declared goes as well.
    pub(in crate::commands) complete: bool,
    /// What was agreed to.
    pub(in crate::commands) consent: Consent,
    /// Visitors are kept out: nothing of the old code is left to fail.
    pub(in crate::commands) closed: bool,
}

/// Brings the schema to what is declared, and proves it. Gives what a person is told.
pub(in crate::commands) fn align(
    settings: &Settings,
    terms: &Terms,
    out: Out,
    say: &mut dyn FnMut(&str),
) -> anyhow::Result<String> {
    let mut live = Live::configured(settings)?;
    for _ in 0..TURNS {
        if let Some(told) = turn(settings, terms, out, &mut live, say)? {
            return Ok(told);
        }
    }
    Err(super::execute::changed_meanwhile().into())
}

/// One turn; none when the database was another under the lock than the plan was made for.
fn turn(
    settings: &Settings,
    terms: &Terms,
    out: Out,
    live: &mut Live,
    say: &mut dyn FnMut(&str),
) -> anyhow::Result<Option<String>> {
    let (found, declared) = live.inspect_and_declare(settings)?;
    if declared.has_errors() {
        return Err(of_diagnostics("the mapping has errors", &declared.diagnostics).into());
    }
    let left = resume::notice(live, &found.facts, out)?;
    let dialect = live.engine.dialect;
    let policy = context::policy(settings, terms.complete, &found.database, &declared);
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
    if plan.is_empty() && plan.refusals.is_empty() && !left {
        if !changes.in_sync() {
            return Err(update::no_steps(&changes).into());
        }
        return Ok(Some("nothing to do".to_owned()));
    }
    let (locked, fits) = hold(live, &plan, COMMAND, settings, out)?;
    if !fits {
        return Ok(None);
    }
    let data = if plan.refusals.is_empty() {
        precheck(&mut live.connection, &plan)?
    } else {
        runtime::Prechecked::default()
    };
    let mut refusals = plan.refusals.clone();
    refusals.extend(terms.consent.refusals(&plan, &data));
    let site = live.site(&plan.facts);
    refusals.extend(runtime::unknown_letters(
        &mut live.connection,
        &site,
        &plan,
    )?);
    if !refusals.is_empty() {
        return Err(of_diagnostics("the schema can't be updated as it is", &refusals).into());
    }
    breaking(&plan, terms)?;
    let work = resume::kept(&plan);
    let mut journal = Journal::begin(
        &locked.guard,
        &mut live.connection,
        RunKind::Update,
        Some(&work),
    )?;
    let mut saying = Saying {
        say,
        warnings: Warnings::default(),
    };
    let ran = runtime::apply_recorded(
        &mut live.connection,
        &plan,
        &mut journal,
        &mut saying,
        &locked.stop,
    );
    for line in saying.warnings.repeated() {
        (saying.say)(&line);
    }
    let closed = close(journal, &mut live.connection, &plan, ran.as_ref().err());
    let applied = ran.map_err(|failure| *failure.error)?;
    closed?;
    runtime::verify(&mut live.connection, dialect, &plan)?;
    Ok(Some(format!(
        "{}, {}",
        count(applied.steps.len(), "step"),
        count(applied.statements, "statement")
    )))
}

fn breaking(plan: &Plan, terms: &Terms) -> Result<(), Error> {
    let steps = || plan.steps.iter().filter(|step| step.risk == Risk::Breaking);
    if terms.closed || terms.consent.allow.contains(&Risk::Breaking) || steps().next().is_none() {
        return Ok(());
    }
    Err(steps()
        .fold(
            Error::new(
                ErrorKind::Refused,
                "old code fails once these steps ran, and no maintenance mode keeps it out",
            ),
            |error, step| error.with_note(describe(step)),
        )
        .with_help("say so by name: --allow breaking"))
}

/// Fails when the database does not fit what is declared.
pub(in crate::commands) fn fits(settings: &Settings) -> anyhow::Result<()> {
    let mut live = Live::configured(settings)?;
    let (found, declared) = live.inspect_and_declare(settings)?;
    if declared.has_errors() {
        return Err(of_diagnostics("the mapping has errors", &declared.diagnostics).into());
    }
    let policy = context::policy(settings, false, &found.database, &declared);
    let dialect = live.engine.dialect;
    let differences = diff(
        &found.database,
        &declared.database,
        dialect,
        &found.facts,
        &policy,
    );
    let mut errors = differences.errors.clone();
    errors.extend(name_collisions(&declared.database, dialect, &found.facts));
    if differences.in_sync() && errors.is_empty() {
        return Ok(());
    }
    let mut error = Error::new(
        ErrorKind::Failed,
        "the database schema is not in sync with what the release declares",
    );
    for finding in differences.of(Weight::Differs).take(10) {
        error = error.with_note(format!("{}: {}", finding.object, sides(finding)));
    }
    for diagnostic in errors.iter().take(10) {
        error = error.with_note(diagnostic.message.clone());
    }
    Err(error
        .with_help("`realign schema validate` shows all of it")
        .into())
}

/// The errors among diagnostics as one.
fn of_diagnostics(what: &str, diagnostics: &[Diagnostic]) -> Error {
    let mut error = Error::new(ErrorKind::Refused, what);
    let mut help = None;
    for diagnostic in diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .take(10)
    {
        error = error.with_note(format!("{} ({})", diagnostic.message, diagnostic.code));
        for note in &diagnostic.notes {
            error = error.with_note(format!("  {note}"));
        }
        help = help.or(diagnostic.help.clone());
    }
    match help {
        Some(help) => error.with_help(help),
        None => error,
    }
}

/// Tells of each step as it begins.
struct Saying<'a> {
    say: &'a mut dyn FnMut(&str),
    warnings: Warnings,
}

impl Observer for Saying<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Started {
                number,
                total,
                step,
            } => (self.say)(&format!(
                "{number} of {total}   {}",
                one_line(&describe(step), 100)
            )),
            Event::Warned { number, warning } if self.warnings.is_new(warning) => {
                (self.say)(&format!(
                    "step {number}: {} ({})",
                    warning.message, warning.code
                ));
            }
            _ => {}
        }
    }
}
