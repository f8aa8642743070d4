//! `--scratch`: the declared expressions in the engine's own words.

use std::sync::Arc;

use realign::Declared;
use realign::planner::Facts;
use realign::runtime::backup::Work;
use realign::runtime::scratch::{Scratch, read_back};
use realign::runtime::{Connect, Error, Stop};

use super::context::Live;
use crate::exit;
use crate::report::Out;
use crate::settings::Settings;

const AUTO: &str = "auto";

/// Lets an engine read what is declared, when that was asked for. A default scratch database that
/// can't be made becomes one line of warning; a named one fails.
pub(super) fn settle(
    settings: &Settings,
    live: Option<&Live>,
    facts: &Facts,
    declared: &mut Declared,
    out: Out,
) -> anyhow::Result<()> {
    let Some(said) = &settings.scratch else {
        return Ok(());
    };
    if declared.has_errors() {
        return Ok(());
    }
    let database = &declared.database;
    let settled = if said == AUTO {
        let Some(live) = live else {
            return Err(exit::usage(
                "--scratch auto makes its database beside another one, and none is named",
                "give --database-url URL, or --scratch URL",
            ));
        };
        if let Some(memory) = live.engine.in_memory() {
            read_back(database, memory?.as_ref(), live.engine.dialect, facts)?
        } else {
            let stop = Stop::new();
            match made(live, facts, &stop, |connect| {
                read_back(database, connect.as_ref(), live.engine.dialect, facts)
            }) {
                Made::Used(settled) => settled?,
                Made::Refused(error) => {
                    out.notice(&format!(
                        "warning: no scratch database could be made: {}{}",
                        error.message,
                        error
                            .help
                            .map(|help| format!("; {help}"))
                            .unwrap_or_default()
                    ))?;
                    return Ok(());
                }
            }
        }
    } else {
        let live = Live::open(settings.target_of(said)?)?;
        if live.engine.dialect.name() != facts.dialect {
            return Err(exit::usage(
                format!("{} is no server of {}", live.target, facts.dialect),
                "--scratch takes a server of the same engine",
            ));
        }
        let stop = Stop::new();
        match made(&live, facts, &stop, |connect| {
            read_back(database, connect.as_ref(), live.engine.dialect, facts)
        }) {
            Made::Used(settled) => settled?,
            Made::Refused(error) => return Err(error.into()),
        }
    };
    declared.database = settled;
    Ok(())
}

/// What became of a scratch database.
enum Made<T> {
    /// It was there; this is what was done with it.
    Used(Result<T, Error>),
    /// There was none.
    Refused(Error),
}

/// Does something with a scratch database, which is gone afterwards.
fn made<T>(
    live: &Live,
    facts: &Facts,
    stop: &Stop,
    work_with: impl FnOnce(&Arc<dyn Connect>) -> Result<T, Error>,
) -> Made<T> {
    let folder = std::env::temp_dir();
    let work = Work {
        folder: &folder,
        stop,
        facts,
    };
    let copier = match live.site(facts).connect.copier() {
        Ok(copier) => copier,
        Err(error) => return Made::Refused(error),
    };
    let scratch = match Scratch::make(copier.as_ref(), &work) {
        Ok(scratch) => scratch,
        Err(error) => return Made::Refused(error),
    };
    let done = work_with(&scratch.connect);
    Made::Used(done.and_then(|value| scratch.finish().map(|()| value)))
}
