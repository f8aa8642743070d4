//! `realign schema apply PLAN`: that very plan, or nothing.

use std::path::Path;

use realign::model::Fingerprint;
use realign::planner::{Facts, PLAN_FORMAT, Plan};
use realign::runtime::kernel::RunKind;
use realign::runtime::{Error, ErrorKind, inspect};

use super::context::{self, Live};
use super::execute::{Goal, Job, execute, hold};
use crate::args::ApplyArgs;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::{Mode, Work};
use crate::report::document::{Outcome, RunDocument};
use crate::settings::Settings;

const COMMAND: &str = "schema apply";

/// Runs a plan that was kept, if the database is still the one it was made for.
pub(super) fn run(args: &ApplyArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let plan = read(&args.plan)?;
    let mut live = Live::configured(settings)?;
    let found = inspect(
        &mut live.connection,
        live.engine.dialect,
        plan.facts.doctrine,
    )?;
    out.diagnostics(&found.remarks)?;
    if let Some(changed) = changed_facts(&plan.facts, &found.facts) {
        return Err(stale(&args.plan, &format!("the server is another one: {changed}")).into());
    }
    let now = Fingerprint::of(&found.database);
    if now != plan.before {
        return Err(stale(
            &args.plan,
            &format!(
                "the database has changed since: its fingerprint was {}, and is {}",
                short(&plan.before),
                short(&now)
            ),
        )
        .into());
    }
    if plan.is_empty() && plan.refusals.is_empty() {
        out.chatter("Nothing to update - the plan has no step.")?;
        let mut document =
            RunDocument::planned(COMMAND, Some(live.document(&found.facts)), &plan, &[]);
        document.outcome = Outcome::NothingToDo;
        out.json(&document)?;
        return Ok(Exit::Done);
    }
    let (locked, same) = hold(&mut live, &plan, COMMAND, settings, out)?;
    if !same {
        return Err(stale(&args.plan, "the database has changed meanwhile").into());
    }
    let job = Job {
        command: COMMAND,
        work: Work::Update,
        mode: Mode {
            dump: false,
            force: true,
        },
        plan: &plan,
        consent: context::consent(&args.allow, args.no_quarantine),
        kind: RunKind::Apply,
        goal: Goal::Declared,
        out,
    };
    execute(&job, &mut live, Some(&locked), settings)
}

fn read(path: &Path) -> Result<Plan, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(
            ErrorKind::Usage,
            format!("can't read {}: {error}", path.display()),
        )
    })?;
    let no_plan = |why: String| {
        Error::new(
            ErrorKind::Usage,
            format!("{} is no plan: {why}", path.display()),
        )
        .with_help("`realign schema update --write-plan plan.json` writes one")
    };
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| no_plan(error.to_string()))?;
    // The format decides before anything else is read: another one may hold other fields.
    let format = value
        .get("format")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| no_plan("it names no format".to_owned()))?;
    if format != u64::from(PLAN_FORMAT) {
        return Err(stale(
            path,
            &format!("it has format {format}, and this version reads {PLAN_FORMAT}"),
        ));
    }
    serde_json::from_value(value).map_err(|error| no_plan(error.to_string()))
}

fn stale(path: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::Stale,
        format!("{} no longer fits: {why}", path.display()),
    )
    .with_note("nothing was changed")
    .with_help(format!(
        "make it again: realign schema update --write-plan {}",
        path.display()
    ))
}

fn short(fingerprint: &Fingerprint) -> String {
    fingerprint.0.chars().take(12).collect()
}

/// The first fact in which two servers differ.
fn changed_facts(then: &Facts, now: &Facts) -> Option<String> {
    if then.dialect != now.dialect || then.vendor != now.vendor {
        return Some(format!(
            "it was {}, and is {}",
            realign::product(then),
            realign::product(now)
        ));
    }
    if then.version != now.version {
        return Some(format!(
            "its version was {}, and is {}",
            then.version, now.version
        ));
    }
    let names = then.settings.keys().chain(now.settings.keys());
    for name in names {
        if then.settings.get(name) != now.settings.get(name) {
            return Some(format!(
                "{name} was `{}`, and is `{}`",
                then.setting(name),
                now.setting(name)
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use realign::planner::Facts;

    use super::changed_facts;

    #[test]
    fn a_changed_setting_is_named() {
        let then = Facts::default();
        let mut now = then.clone();
        assert_eq!(changed_facts(&then, &now), None);
        now.settings
            .insert("sql_mode".to_owned(), "ANSI".to_owned());
        assert_eq!(
            changed_facts(&then, &now).as_deref(),
            Some("sql_mode was ``, and is `ANSI`")
        );
    }
}
