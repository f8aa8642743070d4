//! `realign down` and `up`: maintenance mode.

use realign::runtime::maintenance::{Turned, unfinished_upgrade};
use realign::runtime::process::Channel;
use realign::runtime::{Error, ErrorKind, Stop};
use serde::Serialize;

use crate::args::DownArgs;
use crate::exit::Exit;
use crate::report::Out;
use crate::settings::Settings;

/// `down` and `up` with `--format json`.
#[derive(Debug, Serialize)]
struct MaintenanceDocument<'a> {
    command: &'static str,
    /// False when it was so already.
    changed: bool,
    what: &'a str,
    exit_code: u8,
}

/// Begins maintenance.
pub(crate) fn down(args: &DownArgs, settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let maintenance = settings.maintenance(args)?;
    let stop = Stop::on_signals()?;
    let turned = maintenance.down(&stop, &mut |_: Channel, line: &str| drop(out.chatter(line)))?;
    told("down", &turned, "Maintenance mode is on", out)?;
    out.chatter("Next: realign up ends it")?;
    Ok(Exit::Done)
}

/// Ends maintenance, unless an upgrade is unfinished.
pub(crate) fn up(settings: &Settings) -> anyhow::Result<Exit> {
    let out = Out::new(settings.output);
    let maintenance = settings.maintenance(&DownArgs::default())?;
    if let Some(hold) = unfinished_upgrade(&settings.state())? {
        return Err(Error::new(
            ErrorKind::Refused,
            format!("maintenance mode stays on: {} is unfinished", hold.what),
        )
        .with_help(format!("{} ends it", hold.next))
        .into());
    }
    let stop = Stop::on_signals()?;
    let turned = maintenance.up(&stop, &mut |_: Channel, line: &str| drop(out.chatter(line)))?;
    told("up", &turned, "Maintenance mode is off", out)?;
    Ok(Exit::Done)
}

fn told(command: &'static str, turned: &Turned, state: &str, out: Out) -> anyhow::Result<()> {
    out.text(&format!("{state}: {}.", turned.what))?;
    out.json(&MaintenanceDocument {
        command,
        changed: turned.changed,
        what: &turned.what,
        exit_code: Exit::Done.code(),
    })
}
