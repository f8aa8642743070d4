//! `realign cache clear`.

use realign::runtime::Stop;
use realign::runtime::cache;
use realign::runtime::process::Channel;
use serde::Serialize;

use crate::args::{CacheClearArgs, CacheCommand};
use crate::exit::Exit;
use crate::report::Out;
use crate::report::style::{count, duration};
use crate::settings::Settings;

/// `cache clear --format json`.
#[derive(Debug, Serialize)]
struct ClearDocument<'a> {
    command: &'static str,
    cleared: &'a [ClearedDocument],
    exit_code: u8,
}

#[derive(Debug, Serialize)]
struct ClearedDocument {
    what: String,
    /// Keys or files that went, where that is known.
    removed: Option<u64>,
}

/// Runs one of them.
pub(crate) fn run(command: &CacheCommand, settings: &Settings) -> anyhow::Result<Exit> {
    match command {
        CacheCommand::Clear(args) => clear(args, settings),
    }
}

/// Empties one cache after the other; the first that fails ends it.
fn clear(args: &CacheClearArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let caches = settings.caches(&args.caches)?;
    let stop = Stop::on_signals()?;
    let mut cleared = Vec::new();
    let mut told = Ok(());
    cache::clear(
        &caches,
        &stop,
        &mut |_: Channel, line: &str| drop(out.chatter(line)),
        &mut |done| {
            let removed = match done.removed {
                Some(number) => {
                    let number = usize::try_from(number).unwrap_or(usize::MAX);
                    format!(", {} removed", count(number, "entry"))
                }
                None => String::new(),
            };
            if told.is_ok() {
                told = out.text(&format!("{}{removed}, {}", done.what, duration(done.took)));
            }
            cleared.push(ClearedDocument {
                what: done.what.clone(),
                removed: done.removed,
            });
        },
    )?;
    told?;
    out.json(&ClearDocument {
        command: "cache clear",
        cleared: &cleared,
        exit_code: Exit::Done.code(),
    })?;
    Ok(Exit::Done)
}
