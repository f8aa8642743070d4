//! `realign upgrade status`: the last upgrade, step by step. Writes nothing.

use std::fmt::Write as _;

use realign::runtime::Stop;
use realign::runtime::upgrade::{Entry, Moment, State, Status, ladder};

use super::outfit::Outfit;
use super::plan::line;
use super::report;
use super::run as running;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::style::{BAD, DIM, GOOD, STRONG, duration, paint};
use crate::settings::Settings;

/// Shows it.
pub(super) fn run(settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let outfit = Outfit::read(settings, Stop::new())?;
    let Some(state) = running::known(&outfit.store, settings)? else {
        out.text("There was no upgrade yet. `realign upgrade plan` shows where one could go.")?;
        return Ok(Exit::Done);
    };
    let at_work = outfit.store.is_held();
    let mut text = page(&state, at_work);
    let path = running::report_path(&outfit.store, &state);
    if path.exists() {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "Report       {}", path.display());
    }
    out.text(&text)?;
    out.json(&report::document(
        "upgrade status",
        &state,
        at_work,
        Exit::Done.code(),
    ))?;
    Ok(Exit::Done)
}

fn page(state: &State, at_work: bool) -> String {
    let mut text = format!("{}\n", paint(STRONG, &line(&state.from, &state.hops)));
    let put = |text: &mut String, name: &str, value: &str| {
        let blanks = " ".repeat(13 - name.len());
        let _ = writeln!(text, "{}{blanks}{value}", paint(STRONG, name));
    };
    let way_back = state.retreat.as_ref().filter(|retreat| !retreat.done);
    let outcome = if at_work {
        "at work".to_owned()
    } else if let Some(retreat) = way_back {
        let to = state.boundary_release(retreat.stay);
        format!("on its way back to {to}, not at work")
    } else if state.is_unfinished() {
        format!("{}, not at work", state.outcome.word())
    } else {
        state.outcome.word().to_owned()
    };
    put(&mut text, "Outcome", &outcome);
    put(&mut text, "Reached", &state.reached().tag);
    put(&mut text, "Recipe", &state.recipe);
    put(&mut text, "Begun", &format!("{} UTC", state.begun));
    if let Some(finished) = &state.finished {
        put(&mut text, "Ended", &format!("{finished} UTC"));
    }
    put(&mut text, "Run by", &state.owner.to_string());
    let mut place = None;
    for entry in &state.entries {
        let here = (entry.step.common.at, entry.hop);
        if place != Some(here) {
            place = Some(here);
            let name = match here.0 {
                Moment::Start => "before the first release",
                Moment::Release => state.hops[here.1].release.tag.as_str(),
                Moment::End => "after the last release",
            };
            let _ = writeln!(text, "  {}", paint(STRONG, name));
        }
        let _ = writeln!(text, "{}", step(entry));
    }
    let rungs = ladder(state);
    if !at_work && !rungs.is_empty() {
        text.push_str("The ways on, in this order:\n");
        for rung in rungs {
            let _ = writeln!(text, "  {:<42}  {}", rung.command, rung.what);
        }
    }
    text
}

fn step(entry: &Entry) -> String {
    let mark = match entry.status {
        Status::Open => "  ".to_owned(),
        Status::Running => "..".to_owned(),
        Status::Done => paint(GOOD, "ok"),
        Status::Skipped => paint(DIM, "--"),
        Status::Failed => paint(BAD, "FAIL"),
    };
    let mut line = format!("    {mark}  {}", entry.step);
    if let Some(told) = &entry.told {
        let _ = write!(line, "   {told}");
    }
    if entry.took > 0 {
        let took = std::time::Duration::from_millis(entry.took);
        let _ = write!(line, "   {}", duration(took));
    }
    if let Some(trouble) = &entry.trouble {
        let _ = write!(line, "\n          {}", trouble.message);
        for note in &trouble.notes {
            let _ = write!(line, "\n          {note}");
        }
        if let Some(log) = &entry.log {
            let _ = write!(line, "\n          log: {}", log.display());
        }
    }
    line
}
