//! `realign unlock`: who holds the lock, and the way to free a dead one.

use std::fmt::Write as _;

use realign::runtime::kernel::{Guard, Holder, LockState, Owner, RunRow};
use serde::Serialize;

use super::last_run::{half_way, is_at_work};
use super::locked;
use super::migrations::way_on;
use super::schema::context::Live;
use crate::args::UnlockArgs;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::style::duration;
use crate::settings::Settings;

/// `unlock --format json`.
#[derive(Debug, Serialize)]
struct UnlockDocument {
    command: &'static str,
    /// `free`, `held`, `freed`.
    state: &'static str,
    owner: Option<Owner>,
    /// Whether its process lives, where that can be seen from here.
    lives: Option<bool>,
    /// Seconds until it is free without another word of the holder.
    seconds_left: Option<u64>,
    /// The run that has to be gone on with.
    unfinished: Option<RunRow>,
    exit_code: u8,
}

/// Shows who holds the lock; frees it when the holder is dead, or when that is asked for.
pub(crate) fn run(args: &UnlockArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let mut live = Live::configured(settings)?;
    let facts = live.facts(settings)?;
    let site = live.site(&facts);
    let state = Guard::look(&site, &mut live.connection)?;
    let unfinished = locked::unfinished(&mut live.connection, &site)?;
    let at_work = unfinished
        .as_ref()
        .is_some_and(|run| is_at_work(run, &state));
    let mut lives = None;
    let (word, holder, exit) = match state {
        LockState::Free => {
            out.text("The lock is free.")?;
            ("free", None, Exit::Done)
        }
        LockState::Held(holder) if !args.force => {
            out.text(&shown(&holder, "is held"))?;
            if holder.left.is_some() {
                out.notice(
                    "It is freed by itself when its run ends or dies; --force ends its sessions on the server and frees it now",
                )?;
            }
            lives = holder.owner.lives();
            ("held", Some(holder), Exit::Locked)
        }
        LockState::Held(holder) | LockState::Dead(holder) => {
            // Who is asked for after that has no process any more.
            let (told, lived) = (shown(&holder, "was held"), holder.owner.lives());
            Guard::free(&site, &mut live.connection, args.force)?;
            lives = lived;
            out.text(&told)?;
            out.text("It is free now.")?;
            ("freed", Some(holder), Exit::Done)
        }
    };
    if let Some(run) = unfinished.as_ref().filter(|_| !at_work || word == "freed") {
        out.text(&format!(
            "Run {} ({}) did not come to its end: {}. Next: {}",
            run.id,
            run.command,
            half_way(run),
            way_on(run, settings)
        ))?;
    }
    out.json(&UnlockDocument {
        command: "unlock",
        state: word,
        lives,
        seconds_left: holder
            .as_ref()
            .and_then(|holder| Some(holder.left?.as_secs())),
        owner: holder.map(|holder| holder.owner),
        unfinished,
        exit_code: exit.code(),
    })?;
    Ok(exit)
}

fn shown(holder: &Holder, how: &str) -> String {
    let owner = &holder.owner;
    let mut text = if owner.host.is_empty() {
        format!("The lock {how} by somebody who left no name")
    } else {
        let lives = match owner.lives() {
            Some(true) => "its process lives",
            Some(false) => "its process is gone",
            None => "its process is on another system",
        };
        format!("The lock {how} by {owner}: `{}`; {lives}", owner.command)
    };
    if let Some(left) = holder.left.filter(|left| !left.is_zero()) {
        let _ = write!(text, ", its lease runs for {}", duration(left));
    }
    text.push('.');
    text
}
