//! The plan of an upgrade as JSON.

use realign::runtime::Error;
use realign::runtime::upgrade::Moment;
use serde::Serialize;

use super::Way;
use crate::exit::Exit;
use crate::report;

#[derive(Debug, Serialize)]
pub(in crate::commands::upgrade) struct PlanDocument<'a> {
    command: &'static str,
    recipe: &'a str,
    from: &'a str,
    found: &'a str,
    code: Option<&'a str>,
    recorded: Option<&'a str>,
    database: &'a str,
    releases: Vec<ReleaseDocument<'a>>,
    start: Vec<&'a str>,
    end: Vec<&'a str>,
    left_out: Vec<&'a str>,
    obstacles: Vec<ObstacleDocument<'a>>,
    exit_code: u8,
}

#[derive(Debug, Serialize)]
struct ReleaseDocument<'a> {
    release: &'a str,
    commit: &'a str,
    steps: Vec<&'a str>,
    statements: Vec<&'a str>,
    schema: Vec<StepDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct StepDocument<'a> {
    object: &'a str,
    risk: &'static str,
    what: String,
    reasons: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct ObstacleDocument<'a> {
    message: &'a str,
    notes: &'a [String],
    help: Option<&'a str>,
}

impl<'a> ObstacleDocument<'a> {
    fn of(error: &'a Error) -> Self {
        Self {
            message: &error.message,
            notes: &error.notes,
            help: error.help.as_deref(),
        }
    }
}

pub(in crate::commands::upgrade) fn document(way: &Way, exit: Exit) -> PlanDocument<'_> {
    let names = |at: Moment, hop: Option<usize>| -> Vec<&str> {
        way.entries
            .iter()
            .filter(|entry| entry.step.common.at == at && hop.is_none_or(|hop| entry.hop == hop))
            .map(|entry| entry.key.as_str())
            .collect()
    };
    let releases = way
        .hops
        .iter()
        .enumerate()
        .map(|(at, hop)| {
            let plan = way.forecasts.get(at).map(|forecast| &forecast.plan);
            ReleaseDocument {
                release: &hop.release.tag,
                commit: &hop.commit,
                steps: names(Moment::Release, Some(at)),
                statements: plan
                    .into_iter()
                    .flat_map(|plan| plan.statements().map(|statement| statement.sql.as_str()))
                    .collect(),
                schema: plan
                    .into_iter()
                    .flat_map(|plan| &plan.steps)
                    .map(|step| StepDocument {
                        object: &step.object,
                        risk: step.risk.word(),
                        what: report::plan::describe(step),
                        reasons: step.reasons.iter().map(|r| r.text.as_str()).collect(),
                    })
                    .collect(),
            }
        })
        .collect();
    PlanDocument {
        command: "upgrade plan",
        recipe: &way.outfit.recipe.name,
        from: &way.stand.current.tag,
        found: &way.stand.place,
        code: way.stand.code.as_ref().map(|release| release.tag.as_str()),
        recorded: way.stand.recorded.as_deref(),
        database: &way.server,
        releases,
        start: names(Moment::Start, None),
        end: names(Moment::End, None),
        left_out: way.left_out.iter().map(|r| r.tag.as_str()).collect(),
        obstacles: way.obstacles.iter().map(ObstacleDocument::of).collect(),
        exit_code: exit.code(),
    }
}
