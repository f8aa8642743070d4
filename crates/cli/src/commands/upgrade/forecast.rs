//! What each release would change in the database: its mapping read at its tag, compared with
//! what the release before it leaves.

use realign::Declared;
use realign::model::Database;
use realign::planner::{Change, Diagnostic, Plan, Policy, Risk, Severity, diff, plan};
use realign::runtime::upgrade::{Hop, Recipe, Step, Work};
use realign::runtime::{Connection, ErrorKind, Inspection, Prechecked, precheck};

use crate::args::Allow;
use crate::commands::schema::context::{self, Live};
use crate::settings::Settings;

/// What one release would change.
pub(super) struct Forecast {
    /// The plan.
    pub(super) plan: Plan,
    /// The differences that lead to it.
    pub(super) changes: Vec<Change>,
    /// What the data says to it.
    pub(super) found: Prechecked,
    /// Why it can't be planned.
    pub(super) errors: Vec<Diagnostic>,
}

/// What each of these releases would change, one after the other. Only reads.
pub(super) fn forecasts(
    settings: &Settings,
    live: &mut Live,
    inspection: &Inspection,
    recipe: &Recipe,
    hops: &[Hop],
) -> anyhow::Result<Vec<Forecast>> {
    let mut is = inspection.database.clone();
    let mut forecasts = Vec::new();
    let complete = recipe
        .steps
        .iter()
        .any(|step: &Step| matches!(step.work, Work::Schema { complete } if complete));
    for (at, hop) in hops.iter().enumerate() {
        let declared = context::declare_at(settings, live.engine, &inspection.facts, &hop.commit)?;
        let policy = context::policy(settings, complete, &is, &declared);
        let forecast = forecast(live, inspection, &is, &declared, &policy, at == 0)?;
        is = left_by(&is, &declared.database, &policy);
        forecasts.push(forecast);
    }
    Ok(forecasts)
}

fn forecast(
    live: &mut Live,
    inspection: &Inspection,
    is: &Database,
    declared: &Declared,
    policy: &Policy,
    first: bool,
) -> anyhow::Result<Forecast> {
    let dialect = live.engine.dialect;
    let facts = &inspection.facts;
    let changes = diff(is, &declared.database, dialect, facts, policy);
    let plan = plan(
        &changes,
        is,
        &declared.database,
        dialect,
        facts,
        &inspection.sizes,
        policy,
    );
    let mut errors: Vec<Diagnostic> = declared
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .cloned()
        .collect();
    errors.extend(plan.refusals.iter().cloned());
    let found = if first {
        precheck(&mut live.connection, &plan)?
    } else {
        asked_early(&mut live.connection, &plan)?
    };
    Ok(Forecast {
        plan,
        changes: changes.changes,
        found,
        errors,
    })
}

/// What the data says to a later release already: a question about something that only comes on
/// the way is left for then.
fn asked_early(connection: &mut Connection, plan: &Plan) -> anyhow::Result<Prechecked> {
    let mut all = Prechecked::default();
    for (at, step) in plan.steps.iter().enumerate() {
        let mut alone = plan.clone();
        alone.steps = vec![step.clone()];
        match precheck(connection, &alone) {
            Ok(found) => {
                all.refusals
                    .extend(found.refusals.into_iter().map(|mut refusal| {
                        refusal.step = at + 1;
                        refusal
                    }));
                all.losses.extend(found.losses.into_iter().map(|mut loss| {
                    loss.step = at + 1;
                    loss
                }));
            }
            Err(error) if error.kind == ErrorKind::Refused => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}

/// The database once a release's schema is applied: what is declared, and what was there beside
/// it and is left alone.
fn left_by(is: &Database, wish: &Database, policy: &Policy) -> Database {
    let mut after = wish.clone();
    let renamed = |name: &str| policy.renames.tables.iter().any(|(old, _)| old == name);
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    for table in &is.tables {
        let name = table.name.to_string();
        let known = after
            .tables
            .iter_mut()
            .find(|wished| same(&wished.name.to_string(), &name));
        match known {
            None if !policy.complete && !renamed(&name) => after.tables.push(table.clone()),
            None => {}
            Some(wished) if !policy.complete => {
                for column in &table.columns {
                    let there = wished
                        .columns
                        .iter()
                        .any(|known| same(&known.name.text, &column.name.text));
                    let moved = policy
                        .renames
                        .columns
                        .iter()
                        .any(|(of, old, _)| same(of, &name) && same(old, &column.name.text));
                    if !there && !moved {
                        let mut kept = column.clone();
                        kept.nullable = true;
                        wished.columns.push(kept);
                    }
                }
            }
            Some(_) => {}
        }
    }
    after.views.extend(is.views.iter().cloned());
    after.triggers.extend(is.triggers.iter().cloned());
    after.routines.extend(is.routines.iter().cloned());
    after
}

impl Forecast {
    /// The consents that it needs and does not have.
    pub(super) fn missing(
        &self,
        allowed: &[Allow],
        no_quarantine: bool,
        closed: bool,
    ) -> Vec<String> {
        let mut missing = Vec::new();
        let needs = |risk: Risk| self.plan.steps.iter().any(|step| step.risk == risk);
        if needs(Risk::Destructive) {
            if !allowed.contains(&Allow::Destructive) {
                missing.push("--allow destructive".to_owned());
            }
            if !no_quarantine {
                missing.push("--no-quarantine".to_owned());
            }
        }
        // With visitors kept out nothing of the old code is left to fail.
        if needs(Risk::Breaking) && !closed && !allowed.contains(&Allow::Breaking) {
            missing.push("--allow breaking".to_owned());
        }
        missing
    }
}
