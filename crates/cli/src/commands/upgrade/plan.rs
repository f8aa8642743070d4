//! `realign upgrade plan`: the whole way, before any of it is gone. Writes nothing.

mod document;

use std::fmt::Write as _;

use realign::planner::Statement;
use realign::runtime::upgrade::{
    Entry, Hop, Moment, Release, State, Turn, Work, entries, ladder, recorded, route,
};
use realign::runtime::{Error, ErrorKind, Inspection, Stop};

use super::forecast::{Forecast, forecasts};
use super::obstacles;
use super::outfit::{Outfit, Stand};
use crate::args::{PlanArgs, WayArgs};
use crate::commands::schema::context::Live;
use crate::exit::{Exit, Shown};
use crate::report::style::{BAD, CARE, DIM, STRONG, count, duration, paint};
use crate::report::{self, Out, file};
use crate::settings::Settings;
pub(super) use document::document;

/// The whole way, looked at.
pub(super) struct Way {
    /// What it stands on.
    pub(super) outfit: Outfit,
    /// Where the application is.
    pub(super) stand: Stand,
    /// The releases.
    pub(super) hops: Vec<Hop>,
    /// Newer ones that were left out as they are no final ones.
    pub(super) left_out: Vec<Release>,
    /// The steps.
    pub(super) entries: Vec<Entry>,
    /// What each release changes in the database.
    pub(super) forecasts: Vec<Forecast>,
    /// The source that says what a release declares only once that is checked out.
    unforeseen: Option<String>,
    /// The configuration names the recipe.
    is_named: bool,
    /// What stands in the way.
    pub(super) obstacles: Vec<Error>,
    /// The command that goes the way, with the consents that are missing.
    next: String,
    /// The server, as texts have it.
    pub(super) server: String,
    /// How long it takes, by what the same steps took in the last upgrade.
    pub(super) estimate: Option<std::time::Duration>,
}

impl Way {
    /// Looks at everything. Only reads.
    pub(super) fn look(
        mut outfit: Outfit,
        args: &WayArgs,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        for step in &mut outfit.recipe.steps {
            if let Work::Schema { complete } = &mut step.work {
                *complete |= args.complete;
            }
        }
        let mut live = Live::configured(settings)?;
        let inspection: Inspection = live.inspect(settings)?;
        let site = live.site(&inspection.facts);
        let record = recorded(&mut live.connection, &site)?;
        let stand = outfit.stand(settings, record.map(|record| record.release))?;
        let way = route(
            &outfit.known,
            &stand.current,
            args.to.as_deref(),
            settings.upgrade.way,
            args.allow_major,
        )?;
        let hops = way
            .stops
            .into_iter()
            .map(|release| {
                let commit = outfit.ground.git.tag(&release.tag)?;
                Ok(Hop { release, commit })
            })
            .collect::<Result<Vec<Hop>, Error>>()?;
        let entries = entries(&outfit.recipe, &stand.current, &hops, &outfit.ground.git)?;
        let schema = entries
            .iter()
            .any(|entry| matches!(entry.step.work, Work::Schema { .. }));
        let unforeseen = settings
            .sources
            .iter()
            .map(|source| source.text.clone())
            .find(|source| obstacles::is_program(source));
        let forecasts = if schema && !settings.sources.is_empty() && unforeseen.is_none() {
            forecasts(settings, &mut live, &inspection, &outfit.recipe, &hops)?
        } else {
            Vec::new()
        };
        let mut obstacles = obstacles::of_the_way(&outfit, &stand);
        let closed = outfit.ground.maintenance.is_some() && is_closed(&entries);
        let next = command(&hops, &forecasts, args, closed);
        if !hops.is_empty() {
            obstacles.extend(obstacles::of_the_machine(
                &outfit, &hops, &entries, settings,
            ));
            obstacles.extend(obstacles::of_the_database(&mut live, &entries, settings)?);
            obstacles.extend(obstacles::of_the_schema(&hops, &forecasts, args, closed));
        }
        let estimate = outfit
            .store
            .last()?
            .and_then(|last| estimate(&last, &entries));
        Ok(Self {
            estimate,
            server: live.shown(&inspection.facts),
            outfit,
            stand,
            hops,
            left_out: way.left_out,
            entries,
            forecasts,
            unforeseen,
            is_named: settings.upgrade.app.is_some(),
            obstacles,
            next,
        })
    }

    /// `v4.7.3 -> v4.8.0 -> v4.9.3`
    pub(super) fn line(&self) -> String {
        line(&self.stand.current, &self.hops)
    }
}

/// What the steps of these names took in another upgrade, summed up; none where fewer than half of
/// them were in it.
fn estimate(last: &State, entries: &[Entry]) -> Option<std::time::Duration> {
    let took = |name: &str| {
        last.entries
            .iter()
            .filter(|entry| entry.is_over() && entry.step.name() == name)
            .map(|entry| entry.took)
            .max()
    };
    let known: Vec<u64> = entries
        .iter()
        .filter_map(|entry| took(&entry.step.name()))
        .collect();
    let enough = !known.is_empty() && known.len() * 2 >= entries.len();
    enough.then(|| std::time::Duration::from_millis(known.iter().sum()))
}

/// `v4.7.3 -> v4.8.0 -> v4.9.3`
pub(super) fn line(from: &Release, hops: &[Hop]) -> String {
    let mut text = from.to_string();
    for hop in hops {
        text.push_str(" -> ");
        text.push_str(&hop.release.tag);
    }
    text
}

/// True when visitors are kept out before the first change of the schema.
fn is_closed(entries: &[Entry]) -> bool {
    let place =
        |wanted: &dyn Fn(&Work) -> bool| entries.iter().position(|entry| wanted(&entry.step.work));
    let on = place(&|work| matches!(work, Work::Maintenance { turn: Turn::On }));
    let schema = place(&|work| matches!(work, Work::Schema { .. }));
    on.is_some_and(|on| schema.is_none_or(|schema| on < schema))
}

/// Shows it.
pub(super) fn run(args: &PlanArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let out = out.reserving_sql(args.dump_sql);
    let outfit = Outfit::read(settings, Stop::new())?;
    let mut way = Way::look(outfit, &args.way, settings)?;
    if let Some(state) = way.outfit.store.last()?.filter(State::is_unfinished) {
        way.obstacles.insert(0, super::run::unfinished(&state));
        if let Some(rung) = ladder(&state).into_iter().next() {
            way.next = rung.command;
        }
    }
    let exit = if way.obstacles.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    };
    let document = document(&way, exit);
    if let Some(path) = &args.write_plan {
        file::write(path, &serde_json::to_string_pretty(&document)?)?;
        out.notice(&format!("Written: {}", path.display()))?;
    }
    if args.dump_sql {
        if let Some(source) = &way.unforeseen {
            out.notice(&unforeseen(source))?;
        }
        out.sql(&script(&way))?;
    } else {
        out.text(&page(&way, settings.output.verbose > 0))?;
    }
    out.json(&document)?;
    Ok(exit)
}

fn unforeseen(source: &str) -> String {
    format!(
        "what the releases change in the schema can't be told before: `{source}` is a program of the release that is checked out"
    )
}

fn script(way: &Way) -> String {
    let mut text = String::new();
    for (hop, forecast) in way.hops.iter().zip(&way.forecasts) {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "-- {}", hop.release);
        let statements: Vec<&Statement> = forecast.plan.statements().collect();
        text.push_str(&report::plan::script(statements));
    }
    text
}

fn page(way: &Way, verbose: bool) -> String {
    let mut text = String::new();
    let stand = &way.stand;
    if way.hops.is_empty() {
        let _ = writeln!(
            text,
            "{} is {}: there is no newer release to go to.",
            stand.current, stand.place
        );
        notes(&mut text, way);
        return text;
    }
    let _ = writeln!(
        text,
        "{}   {}, recipe {}{}",
        paint(STRONG, &way.line()),
        count(way.hops.len(), "release"),
        way.outfit.recipe.name,
        way.estimate.map_or_else(String::new, |time| {
            format!(", about {} by the last upgrade", duration(time))
        })
    );
    let _ = writeln!(
        text,
        "{} is {}; database {}",
        stand.current, stand.place, way.server
    );
    notes(&mut text, way);
    let once = |at: Moment| way.entries.iter().filter(move |e| e.step.common.at == at);
    for entry in once(Moment::Start) {
        step(&mut text, way, entry, 1);
    }
    for (at, hop) in way.hops.iter().enumerate() {
        let _ = writeln!(text, "\n  {}", paint(STRONG, &hop.release.tag));
        for entry in once(Moment::Release).filter(|entry| entry.hop == at) {
            step(&mut text, way, entry, 2);
            if let (Work::Schema { .. }, Some(forecast)) = (&entry.step.work, way.forecasts.get(at))
            {
                for line in
                    report::plan::steps(&forecast.plan, &forecast.found.losses, verbose).lines()
                {
                    let _ = writeln!(text, "      {line}");
                }
            }
        }
    }
    text.push('\n');
    for entry in once(Moment::End) {
        step(&mut text, way, entry, 1);
    }
    text.push('\n');
    if way.obstacles.is_empty() {
        let _ = writeln!(text, "Nothing stands in the way. Nothing is executed yet.");
        let _ = writeln!(text, "Next: {}", way.next);
    } else {
        text.push_str(&in_the_way(way));
    }
    text
}

/// The command that goes this way: with what was typed, and the consents that are missing.
fn command(hops: &[Hop], forecasts: &[Forecast], args: &WayArgs, closed: bool) -> String {
    let mut text = "realign upgrade run".to_owned();
    if let Some(hop) = hops.last() {
        // Writing into a String cannot fail.
        let _ = write!(text, " --to {}", hop.release);
    }
    let mut more: Vec<String> = Vec::new();
    for (said, word) in [
        (args.complete, "--complete"),
        (args.allow_major, "--allow-major"),
        (args.no_quarantine, "--no-quarantine"),
    ] {
        if said {
            more.push(word.to_owned());
        }
    }
    let said = args
        .allow
        .iter()
        .map(|kind| format!("--allow {}", super::run::word(*kind)));
    more.extend(said);
    more.extend(
        forecasts
            .iter()
            .flat_map(|forecast| forecast.missing(&args.allow, args.no_quarantine, closed)),
    );
    let mut told = Vec::new();
    for word in more {
        if !told.contains(&word) {
            text.push(' ');
            text.push_str(&word);
            told.push(word);
        }
    }
    text
}

/// What stands in the way, one after the other, and the command for when it does no more.
pub(super) fn in_the_way(way: &Way) -> String {
    let obstacles = &way.obstacles;
    let mut text = format!(
        "{}\n",
        paint(
            BAD,
            &format!(
                "{} in the way; nothing was changed",
                count(obstacles.len(), "thing")
            )
        )
    );
    for error in obstacles {
        let copy = error.notes.iter().fold(
            Error::new(ErrorKind::Failed, error.message.clone()),
            |copy, note| copy.with_note(note.clone()),
        );
        let copy = match &error.help {
            Some(help) => copy.with_help(help.clone()),
            None => copy,
        };
        let _ = writeln!(text, "{}", Shown(&anyhow::Error::from(copy)));
    }
    let _ = writeln!(text, "Next, once that is mended: {}", way.next);
    text
}

fn notes(text: &mut String, way: &Way) {
    let mut note = |line: String| {
        let _ = writeln!(text, "{}", paint(CARE, &line));
    };
    if let Some(mismatch) = way.stand.mismatch() {
        note(format!(
            "{mismatch}; the way begins at what the database is at"
        ));
    } else if !way.stand.exact && way.stand.recorded.is_none() {
        note(format!(
            "the checkout is no release: {} is the newest that it contains",
            way.stand.current
        ));
    }
    if let Some(source) = &way.unforeseen {
        note(unforeseen(source));
    }
    if !way.is_named {
        note(format!(
            "[upgrade] names no `app`: the recipe {} knows nothing of what else this application needs",
            way.outfit.recipe.name
        ));
    }
    let names = |releases: &[Release]| {
        let names: Vec<&str> = releases
            .iter()
            .map(|release| release.tag.as_str())
            .collect();
        names.join(", ")
    };
    let skipped: Vec<Release> = way
        .left_out
        .iter()
        .filter(|release| way.hops.iter().all(|hop| hop.release != **release))
        .cloned()
        .collect();
    if !skipped.is_empty() {
        note(format!(
            "left out, as they are no final releases: {}",
            names(&skipped)
        ));
    }
    if !way.outfit.odd.is_empty() {
        let odd: Vec<String> = way
            .outfit
            .odd
            .iter()
            .map(|tag| format!("`{}`", tag.escape_debug()))
            .collect();
        note(format!(
            "never used, as their names are those of options: {}",
            odd.join(", ")
        ));
    }
}

fn step(text: &mut String, way: &Way, entry: &Entry, depth: usize) {
    let common = &entry.step.common;
    let mut line = format!("{}{}", "  ".repeat(depth), entry.step);
    let ground = &way.outfit.ground;
    for words in entry.step.work.commands().iter().take(1) {
        let Ok(process) = ground.process(words, common, &std::collections::BTreeMap::new()) else {
            continue;
        };
        let account = ground.account(common).ok().flatten();
        let who = account.map_or_else(String::new, |account| format!(" (as {})", account.name));
        let _ = write!(line, "{who}   {}", paint(DIM, &process.shown()));
    }
    match &entry.step.work {
        Work::Checkout {} => {
            if let Some(hop) = way.hops.get(entry.hop) {
                let _ = write!(line, " {}", hop.release);
            }
        }
        Work::Note { text } => {
            let _ = write!(line, ": {}", report::style::one_line(text, 100));
        }
        Work::Schema { .. } if way.unforeseen.is_some() => {
            line.push_str(": known once the release is checked out");
        }
        Work::Schema { .. } if way.forecasts.is_empty() => {
            line.push_str(": no schema is declared, so nothing is done");
        }
        Work::Schema { .. } => {
            if let Some(forecast) = way.forecasts.get(entry.hop) {
                let _ = write!(line, ": {}", forecast_words(forecast));
            }
        }
        Work::Check { .. }
        | Work::Maintenance { .. }
        | Work::Backup {}
        | Work::Install { .. }
        | Work::Cache { .. }
        | Work::Migrate { .. }
        | Work::Repeatable { .. }
        | Work::Command { .. }
        | Work::Permissions { .. }
        | Work::Verify { .. } => {}
    }
    let _ = writeln!(text, "{line}");
}

/// `3 steps: 1 table comes, 2 change`
fn forecast_words(forecast: &Forecast) -> String {
    use realign::planner::Change;
    let (mut comes, mut goes, mut changes) = (0, 0, 0);
    for change in &forecast.changes {
        match change {
            Change::CreateTable(_) => comes += 1,
            Change::DropTable(_) => goes += 1,
            _ => changes += 1,
        }
    }
    let steps = count(forecast.plan.steps.len(), "step");
    if forecast.plan.steps.is_empty() {
        return "nothing to do".to_owned();
    }
    let parts: Vec<String> = [(comes, "new"), (changes, "changed"), (goes, "removed")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    format!("{steps}; {}", parts.join(", "))
}
